-- Archiving and leaving (C104, C105), holds on destruction (C109), and children who are being destroyed.

-- The last day at the institution is departed_on; destination is sealed. A child with destroying_at is nowhere any more.
ALTER TABLE pupil ADD COLUMN archived_at BIGINT;
ALTER TABLE pupil ADD COLUMN departed_on TEXT;
ALTER TABLE pupil ADD COLUMN departure_kind TEXT;
ALTER TABLE pupil ADD COLUMN destination BYTEA;
ALTER TABLE pupil ADD COLUMN destroying_at BIGINT;

ALTER TABLE groups ADD COLUMN archived_at BIGINT;

-- The last day of the child whose departure ended this placement, so that undoing the departure can restore it.
ALTER TABLE placement ADD COLUMN departed_on TEXT;

-- The subject is a child or the institution itself. The reason is sealed under the subject's own key.
CREATE TABLE retention_hold (
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    id BYTEA NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id BYTEA NOT NULL,
    reason BYTEA NOT NULL,
    author_id BYTEA NOT NULL,
    review_on TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    lifted_at BIGINT,
    lifted_by BYTEA,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, author_id) REFERENCES users (institution_id, id),
    FOREIGN KEY (institution_id, lifted_by) REFERENCES users (institution_id, id)
);
CREATE INDEX retention_hold_subject ON retention_hold (institution_id, subject_kind, subject_id, id);
CREATE INDEX retention_hold_author ON retention_hold (institution_id, author_id);
CREATE INDEX retention_hold_lifted_by ON retention_hold (institution_id, lifted_by);

ALTER TABLE retention_hold ENABLE ROW LEVEL SECURITY;
ALTER TABLE retention_hold FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON retention_hold
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

-- A final registration goes with its child, and never otherwise (C070).
CREATE FUNCTION refuse_registration_version_loss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM registration JOIN pupil
            ON pupil.institution_id = registration.institution_id AND pupil.id = registration.pupil_id
        WHERE registration.institution_id = OLD.institution_id AND registration.id = OLD.registration_id
            AND pupil.destroying_at IS NOT NULL
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
DROP TRIGGER registration_version_kept ON registration_version;
CREATE TRIGGER registration_version_unchanged BEFORE UPDATE ON registration_version
    FOR EACH ROW WHEN (OLD.state = 'final') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER registration_version_kept BEFORE DELETE ON registration_version
    FOR EACH ROW WHEN (OLD.state = 'final') EXECUTE FUNCTION refuse_registration_version_loss();

CREATE FUNCTION refuse_registration_loss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM pupil
        WHERE institution_id = OLD.institution_id AND id = OLD.pupil_id AND destroying_at IS NOT NULL
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
DROP TRIGGER registration_kept ON registration;
CREATE TRIGGER registration_kept BEFORE DELETE ON registration
    FOR EACH ROW WHEN (OLD.final_version IS NOT NULL) EXECUTE FUNCTION refuse_registration_loss();
