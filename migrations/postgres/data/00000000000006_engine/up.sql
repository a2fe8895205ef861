-- The engine's own tables: kept replies, jobs, ends of keys and the audit log.

-- Replies that are kept for repeated requests of accounts and of API tokens.
CREATE TABLE idempotency (
    actor_id BYTEA NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    status INTEGER NOT NULL,
    location TEXT,
    revision INTEGER,
    created_ids TEXT,
    PRIMARY KEY (actor_id, idempotency_key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);

CREATE TABLE job (
    id BYTEA NOT NULL PRIMARY KEY,
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    -- In whose name, at that institution.
    user_id BYTEA NOT NULL,
    kind TEXT NOT NULL,
    lease_until BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Keys that end, and when: here and not in the key store, so that one transaction decides both that something is over and
-- that its key ends. A row goes when the key was destroyed.
CREATE TABLE key_end (
    institution_id BYTEA NOT NULL,
    kind TEXT NOT NULL,
    subject_id BYTEA NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (institution_id, kind, subject_id)
);
CREATE INDEX key_end_time ON key_end (ends_at);

-- The audit log: one append-only Merkle tree for each institution. The nil id is the platform's own tree. The time is
-- that of the last entry: no later one is earlier.
CREATE TABLE audit_tree (
    institution_id BYTEA NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    frontier BYTEA NOT NULL,
    last_at BIGINT NOT NULL
);

-- With a rowid on SQLite, so that the entries of all institutions are written one behind the other. Everything but
-- institution, sequence and leaf hash is the entry's body, which may end: it is there as a whole or not at all.
CREATE TABLE audit_entry (
    institution_id BYTEA NOT NULL,
    sequence BIGINT NOT NULL,
    occurred_at BIGINT,
    actor_kind TEXT,
    actor_id BYTEA,
    session_id BYTEA,
    address BYTEA,
    trace_id BYTEA,
    span_id BYTEA,
    activity TEXT,
    operation TEXT,
    objects BYTEA,
    outcome TEXT,
    change_digest BYTEA,
    detail BYTEA,
    leaf_hash BYTEA NOT NULL,
    PRIMARY KEY (institution_id, sequence)
);

-- Which entries name an object, in blocks of 256 entries: what is written together stands together
-- (docs/adr/0022-the-index-of-the-audit-log-is-in-blocks.md). The kind is its number in ObjectKind. It is part of the
-- entry's body.
CREATE TABLE audit_object (
    institution_id BYTEA NOT NULL,
    block BIGINT NOT NULL,
    kind INTEGER NOT NULL,
    object_id BYTEA NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (institution_id, block, kind, object_id, sequence)
);

-- An entry is never changed or taken away. Its body may end two years after, as a whole.
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.institution_id = OLD.institution_id AND NEW.sequence = OLD.sequence AND NEW.leaf_hash = OLD.leaf_hash
        AND num_nonnulls(NEW.occurred_at, NEW.actor_kind, NEW.actor_id, NEW.session_id, NEW.address, NEW.trace_id,
            NEW.span_id, NEW.activity, NEW.operation, NEW.objects, NEW.outcome, NEW.change_digest,
            NEW.detail) = 0
        AND coalesce(OLD.occurred_at, 0) < extract(epoch FROM clock_timestamp() - interval '2 years') * 1000000
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit_entry is append-only';
END $$;
CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entry_whole BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_audit_object_loss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM audit_entry
        WHERE institution_id = OLD.institution_id AND sequence = OLD.sequence AND objects IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'audit_object is append-only';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER audit_object_unchanged BEFORE UPDATE ON audit_object
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_object_kept BEFORE DELETE ON audit_object
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_object_loss();
CREATE TRIGGER audit_object_whole BEFORE TRUNCATE ON audit_object
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_audit_tree_loss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.institution_id = OLD.institution_id AND NEW.size >= OLD.size AND NEW.last_at >= OLD.last_at THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit_tree only grows';
END $$;
CREATE TRIGGER audit_tree_grows BEFORE UPDATE ON audit_tree
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_tree_loss();
CREATE TRIGGER audit_tree_kept BEFORE DELETE ON audit_tree
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_tree_whole BEFORE TRUNCATE ON audit_tree
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

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

ALTER TABLE audit_object ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_object FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON audit_object
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));
