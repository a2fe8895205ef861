//! The second key store: what of the keys it has, and what in one of two key stores is news for the other.

use crate::database::mirror::MirroredTable;

/// The tables of the key store. A version of an institution's key that only one of two has is no news: each store has the
/// versions that open what stands in it.
pub(crate) const TABLES: &[MirroredTable] = &[
    MirroredTable {
        name: "system_key",
        key: "key_id",
        news: "NOT EXISTS (SELECT 1 FROM ours AS own WHERE own.key_id = theirs.key_id
                   AND (own.retired_at IS NOT NULL OR theirs.retired_at IS NULL))",
    },
    MirroredTable { name: "institution_key", key: "key_id, version", news: "FALSE" },
    MirroredTable {
        name: "subject_key",
        key: "key_id",
        news: "NOT EXISTS (SELECT 1 FROM ours AS own WHERE own.key_id = theirs.key_id
                   AND (own.wrapped IS NULL OR theirs.wrapped IS NOT NULL))",
    },
];
