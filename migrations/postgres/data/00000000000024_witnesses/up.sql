-- What witnesses, who do not keep the logs, signed of checkpoints (C090): each its line of the note. Only added.
CREATE TABLE audit_cosignature (
    institution_id BYTEA NOT NULL,
    size BIGINT NOT NULL,
    -- The name of the witness.
    witness TEXT NOT NULL,
    -- When the witness says that it signed.
    cosigned_at BIGINT NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (institution_id, size, witness)
);

-- How each witness stands to each log: how many entries it saw, how often it was asked in vain since, when it is asked
-- again, and until when a process is asking it.
CREATE TABLE audit_witness (
    institution_id BYTEA NOT NULL,
    witness TEXT NOT NULL,
    size BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    PRIMARY KEY (institution_id, witness)
);

CREATE TRIGGER audit_cosignature_unchanged BEFORE UPDATE OR DELETE ON audit_cosignature
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_cosignature_whole BEFORE TRUNCATE ON audit_cosignature
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE audit_cosignature ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_cosignature FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON audit_cosignature
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

ALTER TABLE audit_witness ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_witness FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON audit_witness
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));
