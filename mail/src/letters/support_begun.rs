//! The letter that tells an institution that the processor's staff looks into it (C010, C012, C013, C100).
use groeilijn_domain::support::SupportKind;
use groeilijn_domain::values::email::EmailAddress;
use jiff::Timestamp;
use uuid::Uuid;

use crate::letter::Letter;
use crate::moment::moment;

impl Letter {
    /// That somebody of the processor looks into the institution, from when until when.
    pub fn support_begun(
        id: Uuid,
        to: EmailAddress,
        name: &str,
        kind: SupportKind,
        from: Timestamp,
        until: Timestamp,
        free_text: bool,
    ) -> Self {
        let (subject, what) = match kind {
            SupportKind::LookAlong => (
                "Meekijken bij uw instelling in Groeilijn",
                "Een medewerker van de helpdesk kijkt mee met een gebruiker van uw instelling in Groeilijn, die \
                 daarvoor toestemming gaf.",
            ),
            SupportKind::Case => (
                "Een onderwijsadviseur kijkt in Groeilijn",
                "Een onderwijsadviseur van de verwerker bekijkt gegevens van uw instelling in Groeilijn, om een \
                 vraag van uw instelling te beantwoorden.",
            ),
            SupportKind::Coupling => (
                "Een gekoppelde adviseur kijkt in Groeilijn",
                "Een onderwijsadviseur die aan uw instelling is gekoppeld, bekijkt gegevens van uw instelling in \
                 Groeilijn.",
            ),
            SupportKind::Emergency => (
                "Noodtoegang tot uw instelling in Groeilijn",
                "Een platformbeheerder van de verwerker heeft noodtoegang geopend tot de gegevens van uw \
                 instelling in Groeilijn.",
            ),
        };
        let texts = if free_text {
            "De teksten van notities, bijzonderheden en correcties zijn daarbij te lezen, omdat dat voor dit doel \
             nodig is; waarom, staat erbij."
        } else {
            "De teksten van notities, bijzonderheden en correcties zijn daarbij niet te lezen."
        };
        let paragraphs = [
            what.to_owned(),
            format!("Dit duurt van {} tot uiterlijk {}.", moment(from), moment(until)),
            texts.to_owned(),
            "Wie het is en waarom staat bij uw instelling in Groeilijn onder ondersteuning, waar u het ook \
             meteen kunt beëindigen. Alles wat er in die tijd wordt bekeken, staat in het auditlogboek van uw \
             instelling."
                .to_owned(),
            "Weet u niet waarom dit nodig is? Neem dan contact op met de verwerker.".to_owned(),
        ];
        Self::write(id, to, subject, name, &paragraphs)
    }
}
