//! The letters that tell that a licence was cancelled, and that it was not after all (C106).
use groeilijn_domain::values::email::EmailAddress;
use jiff::civil::Date;
use uuid::Uuid;

use crate::letter::Letter;
use crate::moment::day;

impl Letter {
    /// That the licence was cancelled, and which day is its last.
    pub fn licence_cancelled(id: Uuid, to: EmailAddress, name: &str, last_day: Date) -> Self {
        let paragraphs = [
            format!("De licentie van uw instelling voor Groeilijn is opgezegd. De laatste dag is {}.", day(last_day)),
            "Tot en met die dag verandert er niets. Daarna kunnen beheerders de gegevens nog inzien en meenemen, en \
             kan niemand meer iets invoeren. Als die termijn voorbij is, worden alle gegevens van uw instelling vernietigd. \
             Wat wanneer verdwijnt, leest een beheerder in Groeilijn onder bewaren en vernietigen."
                .to_owned(),
            "Is dit niet de bedoeling? Een beheerder kan de opzegging tot en met die dag intrekken.".to_owned(),
        ];
        Self::write(id, to, "De licentie voor Groeilijn is opgezegd", name, &paragraphs)
    }

    /// That the licence goes on.
    pub fn cancellation_withdrawn(id: Uuid, to: EmailAddress, name: &str) -> Self {
        let paragraphs = [
            "De opzegging van de licentie van uw instelling voor Groeilijn is ingetrokken. De licentie loopt door."
                .to_owned(),
        ];
        Self::write(id, to, "De licentie voor Groeilijn loopt door", name, &paragraphs)
    }
}
