//! The letter that asks an institution to approve a request that the processor recorded for it (C146).
use groeilijn_domain::values::email::EmailAddress;
use uuid::Uuid;

use crate::letter::Letter;

impl Letter {
    /// That the processor's staff recorded a request of the institution, from a letter or a call.
    pub fn request_recorded(id: Uuid, to: EmailAddress, name: &str) -> Self {
        let paragraphs = [
            "De verwerker heeft een vraag van uw instelling vastgelegd, die per brief of in een gesprek is gesteld.".to_owned(),
            "Zolang een beheerder van uw instelling die vraag niet goedkeurt, ziet de adviseur niets. U leest de vraag \
             bij uw instelling in Groeilijn onder ondersteuning. Daar keurt u haar goed, en zegt u over welke kinderen of \
             welke groep zij gaat, of sluit u haar af."
                .to_owned(),
            "Heeft niemand van uw instelling deze vraag gesteld? Neem dan contact op met de verwerker.".to_owned(),
        ];
        Self::write(id, to, "Vraag van uw instelling in Groeilijn", name, &paragraphs)
    }
}
