//! The letter that announces a subprocessor, to which an institution may object (C135).
use groeilijn_domain::values::email::EmailAddress;
use jiff::civil::Date;
use uuid::Uuid;

use crate::letter::{Letter, on_one_line};
use crate::moment::day;

impl Letter {
    /// That the processor wants to engage a firm, and until which day the institution may object.
    pub fn subprocessor_announced(id: Uuid, to: EmailAddress, name: &str, firm: &str, until: Date) -> Self {
        let paragraphs = [
            format!(
                "De verwerker wil een nieuwe of gewijzigde subverwerker inschakelen voor Groeilijn: {}.",
                on_one_line(firm)
            ),
            format!(
                "Uw instelling kan daartegen bezwaar maken tot en met {}. Zolang die termijn loopt of uw bezwaar \
                 staat, verwerkt deze subverwerker geen gegevens van uw instelling.",
                day(until)
            ),
            "Wat de subverwerker doet, waar dat gebeurt en waartoe hij toegang krijgt, leest een beheerder in \
             Groeilijn onder subverwerkers. Daar maakt u ook bezwaar."
                .to_owned(),
        ];
        Self::write(id, to, "Nieuwe subverwerker voor Groeilijn", name, &paragraphs)
    }
}
