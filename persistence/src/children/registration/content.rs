//! What a version of a registration holds, as it is sealed: one document, not a row for each milestone.

use groeilijn_domain::values::ids::RegistrationId;
use groeilijn_engine::error::{Error, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The table whose rows hold the documents.
pub(crate) const TABLE: &str = "registration_version";

/// The column that holds them.
pub(crate) const COLUMN: &str = "judgements";

/// The document. `J` is as much of the judgements as is read: all of them, their lines, or nothing.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Content<J> {
    /// The child's age in completed months on the day it was registered, by the birth date that was known when it was sealed
    /// (C026). Shown is what follows from the one that is known now.
    pub(crate) age_months: u16,
    /// What was judged.
    pub(crate) judgements: J,
}

/// The id that a version is sealed under, so that no version can take the place of another.
pub(crate) fn sealed_row(registration: RegistrationId, version: i32) -> Result<Uuid> {
    let digest =
        Sha256::new().chain_update(registration.as_bytes()).chain_update(version.to_be_bytes()).finalize();
    let id = digest.get(..16).ok_or(Error::Unreadable(TABLE))?;
    Uuid::from_slice(id).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use groeilijn_domain::children::registration::{Judgements, LineJudgements};
    use serde::de::IgnoredAny;

    use super::*;

    #[test]
    fn as_much_is_read_as_is_asked_for() {
        let judgements: Judgements =
            serde_json::from_str(r#"{"scales":{"well-being":3},"lines":{"gross-motor":{"attention":true}}}"#)
                .unwrap();
        let stored = serde_json::to_vec(&Content { age_months: 50, judgements: &judgements }).unwrap();

        let all: Content<Judgements> = serde_json::from_slice(&stored).unwrap();
        assert!(all.judgements == judgements);
        let lines: Content<LineJudgements<'_>> = serde_json::from_slice(&stored).unwrap();
        assert!(lines.judgements == LineJudgements::from(&judgements));
        let nothing: Content<IgnoredAny> = serde_json::from_slice(&stored).unwrap();
        assert_eq!(nothing.age_months, 50);
    }

    #[test]
    fn each_version_has_a_row_of_its_own() {
        let id = |number| RegistrationId::from_uuid(Uuid::from_u128(number));
        let rows = [(1, 1), (1, 2), (2, 1)].map(|(number, version)| sealed_row(id(number), version).unwrap());
        assert!(rows[0] != rows[1] && rows[0] != rows[2] && rows[1] != rows[2]);
    }
}
