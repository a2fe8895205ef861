//! The second key store: what of the keys it has, what in one of two key stores is news for the other, and that what was
//! destroyed in one is destroyed in both.

use crate::database::mirror::{Mirrored, MirroredTable};

/// The key store. A version of an institution's key that only one of two has is no news: each store has the versions that
/// open what stands in it. No commit takes a key of the installation away, or brings back what was destroyed; keys of owners
/// who were not entered after all are taken away.
pub(crate) const KEYS: &Mirrored = &Mirrored {
    tables: &[
        MirroredTable {
            name: "system_key",
            key: "key_id",
            lasting: "NOT EXISTS (SELECT 1 FROM ours AS own WHERE own.key_id = theirs.key_id
                       AND (own.retired_at IS NOT NULL OR theirs.retired_at IS NULL))",
            passing: "FALSE",
        },
        MirroredTable {
            name: "institution_key",
            key: "key_id, version",
            lasting: "FALSE",
            passing: "FALSE",
        },
        MirroredTable {
            name: "subject_key",
            key: "key_id",
            lasting: "theirs.wrapped IS NULL AND EXISTS (SELECT 1 FROM ours AS own
                       WHERE own.key_id = theirs.key_id AND own.wrapped IS NOT NULL)",
            passing: "NOT EXISTS (SELECT 1 FROM ours AS own WHERE own.key_id = theirs.key_id)",
        },
    ],
    related: "SELECT EXISTS (SELECT 1 FROM main.system_key AS own JOIN second.system_key AS other
               ON own.key_id = other.key_id) AS count",
    // An institution's own key goes with the keys of the last of its owners.
    destroy: "UPDATE ours.subject_key AS own
            SET wrapped = NULL, parent_id = NULL, parent_version = NULL, destroyed_at = gone.destroyed_at
            FROM theirs.subject_key AS gone
            WHERE gone.key_id = own.key_id AND gone.wrapped IS NULL AND own.wrapped IS NOT NULL;
        INSERT OR IGNORE INTO ours.subject_key SELECT * FROM theirs.subject_key WHERE wrapped IS NULL
            AND key_id NOT IN (SELECT key_id FROM ours.subject_key);
        DELETE FROM ours.institution_key
            WHERE institution_id NOT IN (SELECT institution_id FROM theirs.institution_key)
            AND institution_id IN (SELECT institution_id FROM theirs.subject_key WHERE wrapped IS NULL)
            AND institution_id NOT IN (SELECT institution_id FROM ours.subject_key WHERE wrapped IS NOT NULL);",
};
