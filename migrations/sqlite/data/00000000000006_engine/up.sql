-- The engine's own tables: kept replies, jobs, ends of keys and the audit log.

-- Replies that are kept for repeated requests of accounts and of API tokens.
CREATE TABLE idempotency (
    actor_id BLOB NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    status INTEGER NOT NULL,
    location TEXT,
    revision INTEGER,
    created_ids TEXT,
    PRIMARY KEY (actor_id, idempotency_key)
) STRICT;
CREATE INDEX idempotency_age ON idempotency (created_at);

CREATE TABLE job (
    id BLOB NOT NULL PRIMARY KEY,
    institution_id BLOB NOT NULL REFERENCES institution (id),
    -- In whose name, at that institution.
    user_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    lease_until INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Keys that end, and when: here and not in the key store, so that one transaction decides both that something is over and
-- that its key ends. A row goes when the key was destroyed.
CREATE TABLE key_end (
    institution_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    ends_at INTEGER NOT NULL,
    PRIMARY KEY (institution_id, kind, subject_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX key_end_time ON key_end (ends_at);

-- The audit log: one append-only Merkle tree for each institution. The nil id is the platform's own tree. The time is
-- that of the last entry: no later one is earlier.
CREATE TABLE audit_tree (
    institution_id BLOB NOT NULL PRIMARY KEY,
    size INTEGER NOT NULL,
    frontier BLOB NOT NULL,
    last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- With a rowid on SQLite, so that the entries of all institutions are written one behind the other. Everything but
-- institution, sequence and leaf hash is the entry's body, which may end: it is there as a whole or not at all.
CREATE TABLE audit_entry (
    institution_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    occurred_at INTEGER,
    actor_kind TEXT,
    actor_id BLOB,
    session_id BLOB,
    address BLOB,
    trace_id BLOB,
    span_id BLOB,
    activity TEXT,
    operation TEXT,
    objects BLOB,
    outcome TEXT,
    change_digest BLOB,
    detail BLOB,
    leaf_hash BLOB NOT NULL,
    PRIMARY KEY (institution_id, sequence)
) STRICT;

-- Which entries name an object, in blocks of 256 entries: what is written together stands together
-- (docs/adr/0022-the-index-of-the-audit-log-is-in-blocks.md). The kind is its number in ObjectKind. It is part of the
-- entry's body.
CREATE TABLE audit_object (
    institution_id BLOB NOT NULL,
    block INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    object_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (institution_id, block, kind, object_id, sequence)
) STRICT, WITHOUT ROWID;

-- An entry is never changed or taken away. Its body may end two years after, as a whole.
CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry
WHEN NOT (
    NEW.institution_id = OLD.institution_id AND NEW.sequence = OLD.sequence AND NEW.leaf_hash = OLD.leaf_hash
    AND coalesce(NEW.occurred_at, NEW.actor_kind, NEW.actor_id, NEW.session_id, NEW.address, NEW.trace_id,
        NEW.span_id, NEW.activity, NEW.operation, NEW.objects, NEW.outcome, NEW.change_digest,
        NEW.detail) IS NULL
    AND coalesce(OLD.occurred_at, 0) < (unixepoch('now', '-2 years')) * 1000000
)
BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END;

CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END;

CREATE TRIGGER audit_object_unchanged BEFORE UPDATE ON audit_object
BEGIN SELECT RAISE(ABORT, 'audit_object is append-only'); END;

CREATE TRIGGER audit_object_kept BEFORE DELETE ON audit_object
WHEN EXISTS (
    SELECT 1 FROM audit_entry
    WHERE institution_id = OLD.institution_id AND sequence = OLD.sequence AND objects IS NOT NULL
)
BEGIN SELECT RAISE(ABORT, 'audit_object is append-only'); END;

CREATE TRIGGER audit_tree_grows BEFORE UPDATE ON audit_tree
WHEN NOT (NEW.institution_id = OLD.institution_id AND NEW.size >= OLD.size AND NEW.last_at >= OLD.last_at)
BEGIN SELECT RAISE(ABORT, 'audit_tree only grows'); END;

CREATE TRIGGER audit_tree_kept BEFORE DELETE ON audit_tree
BEGIN SELECT RAISE(ABORT, 'audit_tree only grows'); END;
