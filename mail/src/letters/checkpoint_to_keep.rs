//! The letter of each month with the newest checkpoint of the institution's audit log (C090).
use groeilijn_domain::values::email::EmailAddress;
use uuid::Uuid;

use crate::letter::Letter;

impl Letter {
    /// The newest checkpoint of the audit log, as a signed note, and what to do with it.
    pub fn checkpoint_to_keep(id: Uuid, to: EmailAddress, name: &str, note: &str) -> Self {
        let paragraphs = [
            "Hieronder staat het nieuwste controlepunt van het logboek van uw instelling in Groeilijn: hoeveel regels het \
             had, en een handtekening daaronder. Bewaar dit bericht buiten Groeilijn, waar de verwerker er niet bij kan."
                .to_owned(),
            note.trim_end().to_owned(),
            "Met dit controlepunt kan een deskundige later aantonen of er vóór dat moment iets in het logboek is gewijzigd \
             of weggelaten; hoe, staat in de documentatie van Groeilijn (docs/auditing.md). Blijft dit bericht een maand \
             uit, vraag dan waarom."
                .to_owned(),
        ];
        Self::write(id, to, "Bewaren: controlepunt van het logboek van Groeilijn", name, &paragraphs)
    }
}
