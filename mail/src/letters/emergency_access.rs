//! The letter that tells an institution of emergency access to its data (C013).
use groeilijn_domain::values::email::EmailAddress;
use jiff::Timestamp;
use uuid::Uuid;

use crate::letter::Letter;
use crate::moment::moment;

impl Letter {
    /// That the platform's administrator, who works for the processor, opened emergency access.
    pub fn emergency_access(
        id: Uuid,
        to: EmailAddress,
        name: &str,
        from: Timestamp,
        until: Timestamp,
    ) -> Self {
        let paragraphs = [
            "Een platformbeheerder van de verwerker heeft noodtoegang geopend tot de gegevens van uw instelling \
             in Groeilijn."
                .to_owned(),
            format!("De noodtoegang geldt van {} tot {}.", moment(from), moment(until)),
            "De noodtoegang en de reden ervan staan in het auditlogboek van uw instelling, en ook alles wat er \
             in die tijd mee wordt gedaan."
                .to_owned(),
            "Weet u niet waarom dit nodig is? Neem dan contact op met de verwerker.".to_owned(),
        ];
        Self::write(id, to, "Noodtoegang tot uw instelling in Groeilijn", name, &paragraphs)
    }
}
