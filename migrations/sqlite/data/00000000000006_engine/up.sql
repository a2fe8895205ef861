-- The engine's own tables: kept replies, jobs and the audit log.

-- Replies that are kept for repeated requests of accounts and of API tokens.
CREATE TABLE idempotency (
    actor_id BLOB NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    status INTEGER NOT NULL,
    location TEXT,
    revision INTEGER,
    body BLOB NOT NULL,
    PRIMARY KEY (actor_id, idempotency_key)
) STRICT;
CREATE INDEX idempotency_age ON idempotency (created_at);

CREATE TABLE job (
    id BLOB NOT NULL PRIMARY KEY,
    institution_id BLOB NOT NULL REFERENCES institution (id),
    account_id BLOB NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL,
    lease_until INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- The audit log: one append-only Merkle tree for each institution. The nil id is the platform's own tree.
CREATE TABLE audit_tree (
    institution_id BLOB NOT NULL PRIMARY KEY,
    size INTEGER NOT NULL,
    frontier BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- With a rowid on SQLite, so that the entries of all institutions are written one behind the other.
CREATE TABLE audit_entry (
    institution_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id BLOB,
    session_id BLOB,
    address TEXT NOT NULL,
    trace_id BLOB NOT NULL,
    span_id BLOB NOT NULL,
    activity TEXT NOT NULL,
    operation TEXT NOT NULL,
    objects BLOB NOT NULL,
    outcome TEXT NOT NULL,
    change_digest BLOB,
    detail BLOB,
    leaf_hash BLOB NOT NULL,
    PRIMARY KEY (institution_id, sequence)
) STRICT;
