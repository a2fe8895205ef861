-- What one party to an audit says of a stage that the other put on record, or of what was agreed (C092–C095): only added.
CREATE TABLE audit_confirmation (
    audit_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    institution_id BLOB NOT NULL REFERENCES institution (id),
    -- The document with objections to a report, which both parties have.
    objections_sha256 BLOB,
    objections_bytes INTEGER,
    confirmed_by BLOB NOT NULL,
    confirmed_at INTEGER NOT NULL,
    PRIMARY KEY (audit_id, kind)
) STRICT;

CREATE TRIGGER audit_confirmation_unchanged BEFORE UPDATE ON audit_confirmation
BEGIN SELECT RAISE(ABORT, 'audit_confirmation is append-only'); END;

CREATE TRIGGER audit_confirmation_kept BEFORE DELETE ON audit_confirmation
BEGIN SELECT RAISE(ABORT, 'audit_confirmation is append-only'); END;
