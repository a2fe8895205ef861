//! The letter that announces a change of the contract in plain language (C140).
use groeilijn_domain::values::email::EmailAddress;
use uuid::Uuid;

use crate::letter::{Letter, on_one_line};

/// A summary that is longer goes on in the system.
const MOST_CHARACTERS: usize = 2_000;

impl Letter {
    /// That the processor proposes a change of the contract, and what it means.
    pub fn change_proposed(id: Uuid, to: EmailAddress, name: &str, summary: &str) -> Self {
        let cut: String = summary.chars().take(MOST_CHARACTERS).collect();
        let lines = cut.lines().map(on_one_line).filter(|line| !line.is_empty());
        let paragraphs = [
            "De verwerker stelt een wijziging voor van wat met uw instelling is afgesproken over Groeilijn.".to_owned(),
            "Wat er verandert:".to_owned(),
            lines.collect::<Vec<_>>().join("\n"),
            "De wijziging geldt niet zolang een beheerder van uw instelling haar niet aanvaardt. In Groeilijn leest u \
             haar na, en aanvaardt of weigert u haar."
                .to_owned(),
        ];
        Self::write(id, to, "Voorstel voor een wijziging van de overeenkomst", name, &paragraphs)
    }
}
