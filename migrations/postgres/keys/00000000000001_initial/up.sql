-- The key store. It is a database of its own, with backups that live no longer than a week: a destroyed
-- key must be gone everywhere. Every key is wrapped by the key above it; see docs/architecture.md.

CREATE TABLE system_key (
    key_id BYTEA NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    wrapped BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT
);

CREATE TABLE institution_key (
    key_id BYTEA NOT NULL PRIMARY KEY,
    institution_id BYTEA NOT NULL UNIQUE,
    wrapped BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

-- The key of a pupil or a user; the one whose subject is the institution itself is the tenant key.
CREATE TABLE subject_key (
    key_id BYTEA NOT NULL PRIMARY KEY,
    institution_id BYTEA NOT NULL REFERENCES institution_key (institution_id),
    subject_id BYTEA NOT NULL,
    wrapped BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (institution_id, subject_id)
);
