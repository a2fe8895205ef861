//! The letter that tells of an administrator who is about to be let in (C006, C007).
use groeilijn_domain::institutions::administrator_recovery::RecoveryKind;
use groeilijn_domain::values::email::EmailAddress;
use jiff::Timestamp;
use uuid::Uuid;

use crate::letter::Letter;
use crate::moment::moment;

impl Letter {
    /// That the licence holder asked for something, and from when it is carried out.
    pub fn recovery_announced(
        id: Uuid,
        to: EmailAddress,
        name: &str,
        kind: RecoveryKind,
        from: Timestamp,
    ) -> Self {
        let asked = match kind {
            RecoveryKind::NewAdministrator => {
                "Namens de licentiehouder is gevraagd om een nieuwe beheerder voor uw instelling in Groeilijn."
            }
            RecoveryKind::SecondFactor => {
                "Namens de licentiehouder is gevraagd om de beheerder van uw instelling in Groeilijn een nieuwe tweede \
                 factor te laten instellen."
            }
        };
        let paragraphs = [
            asked.to_owned(),
            format!("De leverancier voert dit uit vanaf {}.", moment(from)),
            "Is dit niet de bedoeling? Een beheerder kan het tot dan in Groeilijn tegenhouden. De licentiehouder belt \
             daarvoor de helpdesk."
                .to_owned(),
        ];
        Self::write(id, to, "Een beheerder voor uw instelling in Groeilijn", name, &paragraphs)
    }
}
