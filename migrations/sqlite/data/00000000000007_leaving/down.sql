DROP TRIGGER registration_kept;
CREATE TRIGGER registration_kept BEFORE DELETE ON registration
WHEN OLD.final_version IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a final registration is never changed'); END;

DROP TRIGGER registration_version_kept;
CREATE TRIGGER registration_version_kept BEFORE DELETE ON registration_version
WHEN OLD.state = 'final'
BEGIN SELECT RAISE(ABORT, 'a final registration is never changed'); END;

DROP TABLE retention_hold;
ALTER TABLE placement DROP COLUMN departed_on;
ALTER TABLE groups DROP COLUMN archived_at;
ALTER TABLE pupil DROP COLUMN destroying_at;
ALTER TABLE pupil DROP COLUMN destination;
ALTER TABLE pupil DROP COLUMN departure_kind;
ALTER TABLE pupil DROP COLUMN departed_on;
ALTER TABLE pupil DROP COLUMN archived_at;
