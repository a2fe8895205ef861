//! The letter that tells that the backup of the night could not be made.
use groeilijn_domain::values::email::EmailAddress;
use jiff::Timestamp;
use uuid::Uuid;

use crate::letter::Letter;
use crate::moment::moment;

impl Letter {
    /// That the backup of the night failed, and when.
    pub fn backup_failed(id: Uuid, to: EmailAddress, name: &str, at: Timestamp) -> Self {
        let paragraphs = [
            format!("De back-up van Groeilijn van {} is mislukt. Er is niets van bewaard.", moment(at)),
            "Waarom, staat in het logboek van de server. De server probeert het elk uur opnieuw; zolang dat niet lukt, is \
             de vorige back-up de nieuwste, en gaat wat daarna is ingevoerd verloren als er iets met de database gebeurt."
                .to_owned(),
            "Laat wie de server beheert hier vandaag naar kijken.".to_owned(),
        ];
        Self::write(id, to, "De back-up van Groeilijn is mislukt", name, &paragraphs)
    }
}
