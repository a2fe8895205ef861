//! The letter that reminds of a password that will expire (C059).
use groeilijn_domain::values::email::EmailAddress;
use jiff::civil::Date;
use uuid::Uuid;

use crate::letter::Letter;
use crate::moment::day;

impl Letter {
    /// A reminder to change a password before the day `on`. It has no link: whoever gets it can log in.
    pub fn password_expires(id: Uuid, to: EmailAddress, name: &str, on: Date) -> Self {
        let paragraphs = [
            format!("Uw wachtwoord voor Groeilijn verloopt op {}.", day(on)),
            "Log vóór die dag in zoals u gewend bent en kies bij uw account een nieuw wachtwoord. Daarna kunt u \
             niet meer inloggen met het oude."
                .to_owned(),
            "In deze e-mail staat met opzet geen link.".to_owned(),
        ];
        Self::write(id, to, "Uw wachtwoord voor Groeilijn verloopt", name, &paragraphs)
    }
}
