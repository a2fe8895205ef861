-- Evidence records: what was examined or stated outside the software. The documents themselves are kept elsewhere. A record is
-- only added; a later one takes the place of an earlier one.
CREATE TABLE evidence_record (
    id BYTEA NOT NULL PRIMARY KEY,
    replaces_id BYTEA UNIQUE REFERENCES evidence_record (id),
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    -- Days in Amsterdam, as text.
    dated_on TEXT NOT NULL,
    valid_until TEXT,
    document_sha256 BYTEA NOT NULL,
    document_bytes BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    owner_id BYTEA NOT NULL,
    review_on TEXT NOT NULL,
    -- The numbers of the clauses that it is evidence for, as JSON.
    clauses TEXT NOT NULL,
    -- The institution that it concerns; none for all of them.
    institution_id BYTEA REFERENCES institution (id),
    recorded_by BYTEA NOT NULL,
    recorded_at BIGINT NOT NULL
);

CREATE TRIGGER evidence_record_kept BEFORE UPDATE OR DELETE ON evidence_record
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evidence_record_whole BEFORE TRUNCATE ON evidence_record
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Audits of the processor: what was put on record of each stage. The documents themselves are with both parties.
CREATE TABLE audit_stage (
    audit_id BYTEA NOT NULL,
    stage TEXT NOT NULL,
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    -- The day in Amsterdam, as text, that the stage is about.
    on_day TEXT NOT NULL,
    document_sha256 BYTEA NOT NULL,
    document_bytes BIGINT NOT NULL,
    -- Of a report: whether it finds major faults of the processor, 0 or 1.
    major_faults INTEGER,
    -- Of what was agreed.
    paid_by TEXT,
    taken_by BYTEA NOT NULL,
    taken_at BIGINT NOT NULL,
    PRIMARY KEY (audit_id, stage)
);
CREATE INDEX audit_stage_institution ON audit_stage (institution_id, audit_id);

CREATE TRIGGER audit_stage_kept BEFORE UPDATE OR DELETE ON audit_stage
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_stage_whole BEFORE TRUNCATE ON audit_stage
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
