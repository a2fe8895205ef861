-- What one party to an audit says of a stage that the other put on record, or of what was agreed (C092–C095): only added.
CREATE TABLE audit_confirmation (
    audit_id BYTEA NOT NULL,
    kind TEXT NOT NULL,
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    -- The document with objections to a report, which both parties have.
    objections_sha256 BYTEA,
    objections_bytes BIGINT,
    confirmed_by BYTEA NOT NULL,
    confirmed_at BIGINT NOT NULL,
    PRIMARY KEY (audit_id, kind)
);

CREATE TRIGGER audit_confirmation_kept BEFORE UPDATE OR DELETE ON audit_confirmation
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_confirmation_whole BEFORE TRUNCATE ON audit_confirmation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
