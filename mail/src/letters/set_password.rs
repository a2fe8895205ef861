//! The letter with the link to choose a password: for a new account, and to reset one that was forgotten or blocked.
use groeilijn_domain::access::invitation::INVITATION_LIFE;
use groeilijn_domain::values::email::EmailAddress;
use jiff::Timestamp;
use uuid::Uuid;

use crate::letter::{Letter, one_word};
use crate::moment::moment;

impl Letter {
    /// To choose a password, for a new account or for one whose password was forgotten or blocked.
    pub fn set_password(id: Uuid, to: EmailAddress, name: &str, link: &str, until: Timestamp) -> Self {
        let paragraphs = [
            "Met deze link kiest u een wachtwoord voor uw account bij Groeilijn:".to_owned(),
            one_word(link),
            format!(
                "De link werkt één keer en {} uur lang, tot {}.",
                INVITATION_LIFE.as_hours(),
                moment(until)
            ),
            "Stuur deze e-mail niet door: wie de link heeft, kan uw wachtwoord kiezen. Is de link verlopen, vraag \
             dan een nieuwe aan op de inlogpagina of bij de beheerder van uw instelling."
                .to_owned(),
            "Hebt u hier niet om gevraagd en verwacht u geen account? Dan hoeft u niets te doen.".to_owned(),
        ];
        Self::write(id, to, "Kies uw wachtwoord voor Groeilijn", name, &paragraphs)
    }
}
