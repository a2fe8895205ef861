-- What witnesses, who do not keep the logs, signed of checkpoints (C090): each its line of the note. Only added.
CREATE TABLE audit_cosignature (
    institution_id BLOB NOT NULL,
    size INTEGER NOT NULL,
    -- The name of the witness.
    witness TEXT NOT NULL,
    -- When the witness says that it signed.
    cosigned_at INTEGER NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (institution_id, size, witness)
) STRICT, WITHOUT ROWID;

-- How each witness stands to each log: how many entries it saw, how often it was asked in vain since, when it is asked
-- again, and until when a process is asking it.
CREATE TABLE audit_witness (
    institution_id BLOB NOT NULL,
    witness TEXT NOT NULL,
    size INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    PRIMARY KEY (institution_id, witness)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_cosignature_unchanged BEFORE UPDATE ON audit_cosignature
BEGIN SELECT RAISE(ABORT, 'audit_cosignature is append-only'); END;
CREATE TRIGGER audit_cosignature_kept BEFORE DELETE ON audit_cosignature
BEGIN SELECT RAISE(ABORT, 'audit_cosignature is append-only'); END;
