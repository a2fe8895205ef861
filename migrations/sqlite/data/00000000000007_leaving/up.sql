-- Archiving and leaving (C104, C105), holds on destruction (C109), and children who are being destroyed.

-- The last day at the institution is departed_on; destination is sealed. A child with destroying_at is nowhere any more.
ALTER TABLE pupil ADD COLUMN archived_at INTEGER;
ALTER TABLE pupil ADD COLUMN departed_on TEXT;
ALTER TABLE pupil ADD COLUMN departure_kind TEXT;
ALTER TABLE pupil ADD COLUMN destination BLOB;
ALTER TABLE pupil ADD COLUMN destroying_at INTEGER;

ALTER TABLE groups ADD COLUMN archived_at INTEGER;

-- The last day of the child whose departure ended this placement, so that undoing the departure can restore it.
ALTER TABLE placement ADD COLUMN departed_on TEXT;

-- The subject is a child or the institution itself. The reason is sealed under the subject's own key.
CREATE TABLE retention_hold (
    institution_id BLOB NOT NULL REFERENCES institution (id),
    id BLOB NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    reason BLOB NOT NULL,
    author_id BLOB NOT NULL,
    review_on TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    lifted_at INTEGER,
    lifted_by BLOB,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, author_id) REFERENCES users (institution_id, id),
    FOREIGN KEY (institution_id, lifted_by) REFERENCES users (institution_id, id)
) STRICT;
CREATE INDEX retention_hold_subject ON retention_hold (institution_id, subject_kind, subject_id, id);
CREATE INDEX retention_hold_author ON retention_hold (institution_id, author_id);
CREATE INDEX retention_hold_lifted_by ON retention_hold (institution_id, lifted_by);

-- A final registration goes with its child, and never otherwise (C070).
DROP TRIGGER registration_version_kept;
CREATE TRIGGER registration_version_kept BEFORE DELETE ON registration_version
WHEN OLD.state = 'final' AND NOT EXISTS (
    SELECT 1 FROM registration JOIN pupil
        ON pupil.institution_id = registration.institution_id AND pupil.id = registration.pupil_id
    WHERE registration.institution_id = OLD.institution_id AND registration.id = OLD.registration_id
        AND pupil.destroying_at IS NOT NULL
)
BEGIN SELECT RAISE(ABORT, 'a final registration is never changed'); END;

DROP TRIGGER registration_kept;
CREATE TRIGGER registration_kept BEFORE DELETE ON registration
WHEN OLD.final_version IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM pupil
    WHERE institution_id = OLD.institution_id AND id = OLD.pupil_id AND destroying_at IS NOT NULL
)
BEGIN SELECT RAISE(ABORT, 'a final registration is never changed'); END;
