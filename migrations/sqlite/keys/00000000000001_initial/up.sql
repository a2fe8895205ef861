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

-- The key of one owner of a kind, such as a pupil or a user; the one of the kind 'shared' is for what belongs to nobody
-- in particular, and its owner is the institution itself.
CREATE TABLE subject_key (
    key_id BLOB NOT NULL PRIMARY KEY,
    institution_id BLOB NOT NULL REFERENCES institution_key (institution_id),
    kind TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    wrapped BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (institution_id, kind, subject_id)
) STRICT;
