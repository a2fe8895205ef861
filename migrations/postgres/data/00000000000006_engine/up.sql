-- The engine's own tables: kept replies, jobs and the audit log.

-- Replies that are kept for repeated requests of accounts and of API tokens.
CREATE TABLE idempotency (
    actor_id BYTEA NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    status INTEGER NOT NULL,
    location TEXT,
    revision INTEGER,
    body BYTEA NOT NULL,
    PRIMARY KEY (actor_id, idempotency_key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);

CREATE TABLE job (
    id BYTEA NOT NULL PRIMARY KEY,
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    account_id BYTEA NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL,
    lease_until BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- The audit log: one append-only Merkle tree for each institution. The nil id is the platform's own tree.
CREATE TABLE audit_tree (
    institution_id BYTEA NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    frontier BYTEA NOT NULL
);

-- With a rowid on SQLite, so that the entries of all institutions are written one behind the other.
CREATE TABLE audit_entry (
    institution_id BYTEA NOT NULL,
    sequence BIGINT NOT NULL,
    occurred_at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id BYTEA,
    session_id BYTEA,
    address TEXT NOT NULL,
    trace_id BYTEA NOT NULL,
    span_id BYTEA NOT NULL,
    activity TEXT NOT NULL,
    operation TEXT NOT NULL,
    objects BYTEA NOT NULL,
    outcome TEXT NOT NULL,
    change_digest BYTEA,
    detail BYTEA,
    leaf_hash BYTEA NOT NULL,
    PRIMARY KEY (institution_id, sequence)
);

-- A second wall between institutions: whatever a query forgets, a connection sees the rows of the one institution that it
-- has named, and none before it has named one.

ALTER TABLE audit_tree ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_tree FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON audit_tree
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON audit_entry
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));
