//! The letter that invites somebody with a login to become a user of another institution.
use groeilijn_domain::access::invitation::INVITATION_LIFE;
use groeilijn_domain::values::email::EmailAddress;
use jiff::Timestamp;
use uuid::Uuid;

use crate::letter::{Letter, on_one_line, one_word};
use crate::moment::moment;

impl Letter {
    /// To become a user of an institution, by its name, with the login that one has.
    pub fn join_institution(
        id: Uuid,
        to: EmailAddress,
        name: &str,
        (institution, link): (&str, &str),
        until: Timestamp,
    ) -> Self {
        let paragraphs = [
            format!(
                "{} heeft u ingevoerd als gebruiker van Groeilijn. Met deze link neemt u die uitnodiging aan:",
                on_one_line(institution)
            ),
            one_word(link),
            format!(
                "De link werkt één keer en {} uur lang, tot {}. Uw wachtwoord blijft zoals het is: u logt in zoals u \
                 gewend bent, en kiest voor welke instelling u werkt.",
                INVITATION_LIFE.as_hours(),
                moment(until)
            ),
            "Verwacht u geen uitnodiging? Dan hoeft u niets te doen. De instellingen waarvoor u werkt, zien niets van \
             elkaar."
                .to_owned(),
        ];
        Self::write(id, to, "Uitnodiging van een instelling in Groeilijn", name, &paragraphs)
    }
}
