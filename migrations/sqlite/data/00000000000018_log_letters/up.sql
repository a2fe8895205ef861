-- The first day of the month in which the institution was last sent the newest checkpoint of its log.
ALTER TABLE institution ADD COLUMN checkpoint_told_in TEXT;

-- The keys that sign checkpoints, each from when on, and why it was begun: also those that are gone from the key store, so
-- that what they signed is checked later. Of a key there is one row, and a second one when it took the place of one that was
-- lost or stolen and another process had entered it before.
CREATE TABLE audit_log_key (
    public_key BLOB NOT NULL,
    because TEXT NOT NULL,
    since_at INTEGER NOT NULL,
    reason TEXT,
    PRIMARY KEY (public_key, because)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_log_key_unchanged BEFORE UPDATE ON audit_log_key
BEGIN SELECT RAISE(ABORT, 'audit_log_key is append-only'); END;
CREATE TRIGGER audit_log_key_kept BEFORE DELETE ON audit_log_key
BEGIN SELECT RAISE(ABORT, 'audit_log_key is append-only'); END;
