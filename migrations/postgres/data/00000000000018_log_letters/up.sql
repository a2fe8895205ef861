-- The first day of the month in which the institution was last sent the newest checkpoint of its log.
ALTER TABLE institution ADD COLUMN checkpoint_told_in TEXT;

-- The keys that sign checkpoints, each from when on, and why it was begun: also those that are gone from the key store, so
-- that what they signed is checked later. Of a key there is one row, and a second one when it took the place of one that was
-- lost or stolen and another process had entered it before.
CREATE TABLE audit_log_key (
    public_key BYTEA NOT NULL,
    because TEXT NOT NULL,
    since_at BIGINT NOT NULL,
    reason TEXT,
    PRIMARY KEY (public_key, because)
);

CREATE TRIGGER audit_log_key_unchanged BEFORE UPDATE OR DELETE ON audit_log_key
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_log_key_whole BEFORE TRUNCATE ON audit_log_key
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
