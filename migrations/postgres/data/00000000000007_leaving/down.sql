DROP TRIGGER registration_kept ON registration;
CREATE TRIGGER registration_kept BEFORE DELETE ON registration
    FOR EACH ROW WHEN (OLD.final_version IS NOT NULL) EXECUTE FUNCTION refuse_change();
DROP FUNCTION refuse_registration_loss;

DROP TRIGGER registration_version_unchanged ON registration_version;
DROP TRIGGER registration_version_kept ON registration_version;
CREATE TRIGGER registration_version_kept BEFORE UPDATE OR DELETE ON registration_version
    FOR EACH ROW WHEN (OLD.state = 'final') EXECUTE FUNCTION refuse_change();
DROP FUNCTION refuse_registration_version_loss;

DROP TABLE retention_hold;
ALTER TABLE placement DROP COLUMN departed_on;
ALTER TABLE groups DROP COLUMN archived_at;
ALTER TABLE pupil DROP COLUMN destroying_at;
ALTER TABLE pupil DROP COLUMN destination;
ALTER TABLE pupil DROP COLUMN departure_kind;
ALTER TABLE pupil DROP COLUMN departed_on;
ALTER TABLE pupil DROP COLUMN archived_at;
