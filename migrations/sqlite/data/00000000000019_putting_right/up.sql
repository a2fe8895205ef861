-- What turned out wrong and was put right (C070, C071).

-- What is withdrawn stays readable and counts nowhere. The reason is sealed under the child's key.
ALTER TABLE registration ADD COLUMN withdrawn_at INTEGER;
ALTER TABLE registration ADD COLUMN withdrawn_by BLOB;
ALTER TABLE registration ADD COLUMN withdrawal_reason BLOB;

ALTER TABLE note ADD COLUMN withdrawn_at INTEGER;
ALTER TABLE note ADD COLUMN withdrawn_by BLOB;
ALTER TABLE note ADD COLUMN withdrawal_reason BLOB;

-- The note about the right child that was made of this one, and the note about the wrong child that this one was made of.
ALTER TABLE note ADD COLUMN moved_to BLOB;
ALTER TABLE note ADD COLUMN moved_from BLOB;

-- What is withdrawn stays so, and has no new version.
CREATE TRIGGER registration_withdrawn BEFORE UPDATE ON registration
WHEN OLD.withdrawn_at IS NOT NULL AND NOT (
    NEW.withdrawn_at IS OLD.withdrawn_at AND NEW.withdrawn_by IS OLD.withdrawn_by
    AND NEW.withdrawal_reason IS OLD.withdrawal_reason AND NEW.draft_version IS OLD.draft_version
    AND NEW.final_version IS OLD.final_version
)
BEGIN SELECT RAISE(ABORT, 'what is withdrawn is never changed'); END;

CREATE TRIGGER note_withdrawn BEFORE UPDATE ON note
WHEN OLD.withdrawn_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'what is withdrawn is never changed'); END;

-- The birth date that a child had at an earlier revision, copied as it was sealed. Who corrected it is absent where a school
-- file or a program did.
CREATE TABLE earlier_birth_date (
    institution_id BLOB NOT NULL,
    pupil_id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    birth_date BLOB NOT NULL,
    corrected_by BLOB,
    corrected_at INTEGER NOT NULL,
    PRIMARY KEY (institution_id, pupil_id, revision),
    FOREIGN KEY (institution_id, pupil_id) REFERENCES pupil (institution_id, id)
) STRICT, WITHOUT ROWID;

-- How many weeks before its time a child was born. It is sealed, and absent where nothing was written since it is asked.
ALTER TABLE pupil ADD COLUMN weeks_premature BLOB;
