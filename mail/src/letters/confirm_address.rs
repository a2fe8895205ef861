//! The letters with the links that confirm another address to log in with: one to each address (C055).
use groeilijn_domain::access::invitation::INVITATION_LIFE;
use groeilijn_domain::values::email::EmailAddress;
use jiff::Timestamp;
use uuid::Uuid;

use crate::letter::{Letter, one_word};
use crate::moment::moment;

impl Letter {
    /// To confirm that another address takes the place of the present one: to the present one, or to the `other`.
    pub fn confirm_address(
        id: Uuid,
        to: EmailAddress,
        name: &str,
        link: &str,
        until: Timestamp,
        other: bool,
    ) -> Self {
        let (what, otherwise) = if other {
            (
                "Iemand wil voortaan met dit e-mailadres inloggen bij Groeilijn. Bent u dat, bevestig het dan met deze link:",
                "Hebt u hier niet om gevraagd? Dan hoeft u niets te doen: er verandert niets.",
            )
        } else {
            (
                "U hebt gevraagd om voortaan met een ander e-mailadres in te loggen bij Groeilijn. Bevestig dat met deze link:",
                "Hebt u hier niet om gevraagd? Gebruik de link dan niet, kies meteen een ander wachtwoord en vertel het aan \
                 de beheerder van uw instelling: iemand anders kent uw wachtwoord.",
            )
        };
        let paragraphs = [
            what.to_owned(),
            one_word(link),
            format!(
                "De link werkt {} uur lang, tot {}. Uw adres verandert pas als het vanaf beide adressen is bevestigd.",
                INVITATION_LIFE.as_hours(),
                moment(until)
            ),
            otherwise.to_owned(),
        ];
        Self::write(id, to, "Bevestig uw e-mailadres voor Groeilijn", name, &paragraphs)
    }
}
