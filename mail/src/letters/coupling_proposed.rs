//! The letter that asks an institution to approve the coupling of an adviser (C099).
use groeilijn_domain::values::email::EmailAddress;
use jiff::civil::Date;
use uuid::Uuid;

use crate::letter::Letter;
use crate::moment::day;

impl Letter {
    /// That the processor proposes to couple an adviser, from which day up to and including which.
    pub fn coupling_proposed(id: Uuid, to: EmailAddress, name: &str, from: Date, until: Date) -> Self {
        let paragraphs = [
            "De verwerker stelt voor om een onderwijsadviseur aan uw instelling te koppelen in Groeilijn.".to_owned(),
            format!("De koppeling zou gelden van {} tot en met {}.", day(from), day(until)),
            "Zolang een beheerder van uw instelling haar niet goedkeurt, ziet de adviseur niets. Waarvoor de \
             koppeling is, staat bij uw instelling in Groeilijn onder ondersteuning. Daar keurt u haar goed of \
             wijst u haar af; u kunt haar ook later op elk moment beëindigen."
                .to_owned(),
        ];
        Self::write(id, to, "Voorstel voor een koppeling in Groeilijn", name, &paragraphs)
    }
}
