-- Evidence records: what was examined or stated outside the software. The documents themselves are kept elsewhere. A record is
-- only added; a later one takes the place of an earlier one.
CREATE TABLE evidence_record (
    id BLOB NOT NULL PRIMARY KEY,
    replaces_id BLOB UNIQUE REFERENCES evidence_record (id),
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    -- Days in Amsterdam, as text.
    dated_on TEXT NOT NULL,
    valid_until TEXT,
    document_sha256 BLOB NOT NULL,
    document_bytes INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    owner_id BLOB NOT NULL,
    review_on TEXT NOT NULL,
    -- The numbers of the clauses that it is evidence for, as JSON.
    clauses TEXT NOT NULL,
    -- The institution that it concerns; none for all of them.
    institution_id BLOB REFERENCES institution (id),
    recorded_by BLOB NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT;

CREATE TRIGGER evidence_record_unchanged BEFORE UPDATE ON evidence_record
BEGIN SELECT RAISE(ABORT, 'evidence_record is append-only'); END;

CREATE TRIGGER evidence_record_kept BEFORE DELETE ON evidence_record
BEGIN SELECT RAISE(ABORT, 'evidence_record is append-only'); END;

-- Audits of the processor: what was put on record of each stage. The documents themselves are with both parties.
CREATE TABLE audit_stage (
    audit_id BLOB NOT NULL,
    stage TEXT NOT NULL,
    institution_id BLOB NOT NULL REFERENCES institution (id),
    -- The day in Amsterdam, as text, that the stage is about.
    on_day TEXT NOT NULL,
    document_sha256 BLOB NOT NULL,
    document_bytes INTEGER NOT NULL,
    -- Of a report: whether it finds major faults of the processor, 0 or 1.
    major_faults INTEGER,
    -- Of what was agreed.
    paid_by TEXT,
    taken_by BLOB NOT NULL,
    taken_at INTEGER NOT NULL,
    PRIMARY KEY (audit_id, stage)
) STRICT;
CREATE INDEX audit_stage_institution ON audit_stage (institution_id, audit_id);

CREATE TRIGGER audit_stage_unchanged BEFORE UPDATE ON audit_stage
BEGIN SELECT RAISE(ABORT, 'audit_stage is append-only'); END;

CREATE TRIGGER audit_stage_kept BEFORE DELETE ON audit_stage
BEGIN SELECT RAISE(ABORT, 'audit_stage is append-only'); END;
