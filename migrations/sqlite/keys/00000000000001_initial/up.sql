-- The key store. It is a database of its own, with backups that live no longer than a week: a destroyed
-- key must be gone everywhere. Every key is wrapped by the key above it; see docs/architecture.md.

CREATE TABLE system_key (
    key_id BLOB NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    retired_at INTEGER
) STRICT;

CREATE TABLE institution_key (
    key_id BLOB NOT NULL PRIMARY KEY,
    institution_id BLOB NOT NULL UNIQUE,
    wrapped BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- The key of a pupil or a user; the one whose subject is the institution itself is the tenant key.
CREATE TABLE subject_key (
    key_id BLOB NOT NULL PRIMARY KEY,
    institution_id BLOB NOT NULL REFERENCES institution_key (institution_id),
    subject_id BLOB NOT NULL,
    wrapped BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (institution_id, subject_id)
) STRICT;
