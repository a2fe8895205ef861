//! The letter that tells of an account that was blocked (C060).
use groeilijn_domain::values::email::EmailAddress;
use uuid::Uuid;

use crate::letter::Letter;

impl Letter {
    /// That an account is blocked after three wrong passwords.
    pub fn account_blocked(id: Uuid, to: EmailAddress, name: &str) -> Self {
        let paragraphs = [
            "Uw account bij Groeilijn is geblokkeerd, omdat er drie keer een verkeerd wachtwoord is ingevuld."
                .to_owned(),
            "De beheerder van uw instelling kan de blokkade opheffen. U krijgt dan een e-mail waarmee u een \
             nieuw wachtwoord kiest."
                .to_owned(),
            "Hebt u dit niet zelf gedaan? Vertel het dan aan de beheerder: misschien probeert iemand anders in te \
             loggen."
                .to_owned(),
        ];
        Self::write(id, to, "Uw account bij Groeilijn is geblokkeerd", name, &paragraphs)
    }
}
