DROP TABLE audit_log_key;
ALTER TABLE institution DROP COLUMN checkpoint_told_in;
