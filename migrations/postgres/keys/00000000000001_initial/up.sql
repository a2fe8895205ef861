-- The key store. It is a database of its own, with backups that live no longer than a week: a destroyed
-- key must be gone everywhere. Every key is wrapped by the key above it, and names the version of it that it is wrapped
-- by; see docs/architecture.md.

CREATE TABLE system_key (
    key_id BYTEA NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    -- The root key that wraps it.
    parent_id BYTEA NOT NULL,
    parent_version INTEGER NOT NULL,
    wrapped BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT
);

-- The versions of an institution's key. The newest wraps; an older one stays as long as a key names it.
CREATE TABLE institution_key (
    key_id BYTEA NOT NULL,
    version INTEGER NOT NULL,
    institution_id BYTEA NOT NULL,
    -- The root key that wraps it.
    parent_id BYTEA NOT NULL,
    parent_version INTEGER NOT NULL,
    wrapped BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (key_id, version),
    UNIQUE (institution_id, version)
);

-- The key of one owner of a kind, such as a pupil or a user; the one of the kind 'shared' is for what belongs to nobody
-- in particular, and its owner is the institution itself. Of a destroyed key the row stays, without the key.
CREATE TABLE subject_key (
    key_id BYTEA NOT NULL PRIMARY KEY,
    institution_id BYTEA NOT NULL,
    kind TEXT NOT NULL,
    subject_id BYTEA NOT NULL,
    -- The version of the institution's key that wraps it.
    parent_id BYTEA,
    parent_version INTEGER,
    wrapped BYTEA,
    created_at BIGINT NOT NULL,
    destroyed_at BIGINT,
    UNIQUE (institution_id, kind, subject_id),
    FOREIGN KEY (parent_id, parent_version) REFERENCES institution_key (key_id, version),
    CHECK ((destroyed_at IS NULL) = (wrapped IS NOT NULL)),
    CHECK ((wrapped IS NULL) = (parent_id IS NULL) AND (wrapped IS NULL) = (parent_version IS NULL))
);
CREATE INDEX subject_key_parent ON subject_key (parent_id, parent_version);
CREATE INDEX subject_key_subject ON subject_key (institution_id, subject_id);
CREATE INDEX subject_key_age ON subject_key (created_at);
CREATE INDEX subject_key_destroyed ON subject_key (destroyed_at);
