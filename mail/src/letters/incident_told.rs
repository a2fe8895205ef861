//! Letters about security incidents: that there is one, and what became of it (C124, C125, C131).
use groeilijn_domain::incidents::IncidentNews;
use groeilijn_domain::values::email::EmailAddress;
use jiff::Timestamp;
use uuid::Uuid;

use crate::letter::Letter;
use crate::moment::moment;

impl Letter {
    /// What happened with an incident, and until when the authority is to be notified if it may have to be.
    pub fn incident_told(
        id: Uuid,
        to: EmailAddress,
        name: &str,
        news: IncidentNews,
        deadline: Option<Timestamp>,
    ) -> Self {
        let (subject, first) = match news {
            IncidentNews::Reported => (
                "Beveiligingsincident in Groeilijn",
                "Er is een beveiligingsincident gemeld dat uw instelling aangaat.",
            ),
            IncidentNews::HighRisk => (
                "Mogelijk hoog risico door een incident in Groeilijn",
                "Van een beveiligingsincident dat uw instelling aangaat, wordt vermoed dat het een hoog risico inhoudt \
                 voor de betrokkenen. Kijk er meteen naar.",
            ),
            IncidentNews::NoticeIntended => (
                "Melding van een incident in Groeilijn aan de toezichthouder",
                "De verwerker is van plan een incident dat uw instelling aangaat, na overleg voor meerdere instellingen \
                 samen bij de Autoriteit Persoonsgegevens te melden.",
            ),
            IncidentNews::AuthorityTold => (
                "Incident in Groeilijn gemeld aan de toezichthouder",
                "De Autoriteit Persoonsgegevens is ingelicht over een incident, of een eerdere melding is aangevuld of \
                 ingetrokken.",
            ),
            IncidentNews::Cost => (
                "Kosten door een incident in Groeilijn",
                "Bij een incident zijn kosten, een eis tot vergoeding van schade of een boete vastgelegd.",
            ),
            IncidentNews::Updated => (
                "Nieuws over een incident in Groeilijn",
                "Over een beveiligingsincident dat uw instelling aangaat, is iets nieuws vastgelegd.",
            ),
            IncidentNews::Classified => (
                "Incident in Groeilijn anders ingedeeld",
                "Een beveiligingsincident dat uw instelling aangaat, wordt voor iets anders gehouden dan eerst. Daarvan                  hangt af of het een datalek is en er een termijn loopt. Kijk of u het daarmee eens bent.",
            ),
            IncidentNews::Decided => (
                "Besluit over een incident in Groeilijn",
                "Over een beveiligingsincident dat uw instelling aangaat, is besloten of de Autoriteit Persoonsgegevens of                  de betrokkenen worden ingelicht. Kijk of u het daarmee eens bent.",
            ),
            IncidentNews::Unacknowledged => (
                "Niemand heeft bevestigd: incident in Groeilijn",
                "Een beveiligingsincident is vier uur geleden of langer gemeld, en de andere partij heeft niet bevestigd \
                 dat zij ervan weet. Neem zo nodig telefonisch contact op en leg dat vast.",
            ),
        };
        let asks = matches!(
            news,
            IncidentNews::Reported
                | IncidentNews::HighRisk
                | IncidentNews::Classified
                | IncidentNews::Decided
                | IncidentNews::Unacknowledged
        );
        let clock = deadline.filter(|_| asks).map(|deadline| {
            format!(
                "Het is mogelijk een datalek. Wie het moet melden bij de Autoriteit Persoonsgegevens, heeft daarvoor tot \
                 {}. Is de melding niet nodig, leg dan vast waarom.",
                moment(deadline)
            )
        });
        let more = "Wat er is gebeurd en wat eraan gedaan wordt, staat in Groeilijn onder incidenten. Dit bericht noemt \
                    geen personen en geen gegevens.";
        let paragraphs: Vec<String> =
            [Some(first.to_owned()), clock, Some(more.to_owned())].into_iter().flatten().collect();
        Self::write(id, to, subject, name, &paragraphs)
    }
}
