-- What turned out wrong and was put right (C070, C071).

-- What is withdrawn stays readable and counts nowhere. The reason is sealed under the child's key.
ALTER TABLE registration ADD COLUMN withdrawn_at BIGINT;
ALTER TABLE registration ADD COLUMN withdrawn_by BYTEA;
ALTER TABLE registration ADD COLUMN withdrawal_reason BYTEA;

ALTER TABLE note ADD COLUMN withdrawn_at BIGINT;
ALTER TABLE note ADD COLUMN withdrawn_by BYTEA;
ALTER TABLE note ADD COLUMN withdrawal_reason BYTEA;

-- The note about the right child that was made of this one, and the note about the wrong child that this one was made of.
ALTER TABLE note ADD COLUMN moved_to BYTEA;
ALTER TABLE note ADD COLUMN moved_from BYTEA;

-- What is withdrawn stays so, and has no new version.
CREATE TRIGGER registration_withdrawn BEFORE UPDATE ON registration
    FOR EACH ROW WHEN (OLD.withdrawn_at IS NOT NULL AND (
        NEW.withdrawn_at IS DISTINCT FROM OLD.withdrawn_at OR NEW.withdrawn_by IS DISTINCT FROM OLD.withdrawn_by
        OR NEW.withdrawal_reason IS DISTINCT FROM OLD.withdrawal_reason
        OR NEW.draft_version IS DISTINCT FROM OLD.draft_version OR NEW.final_version IS DISTINCT FROM OLD.final_version
    )) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER note_withdrawn BEFORE UPDATE ON note
    FOR EACH ROW WHEN (OLD.withdrawn_at IS NOT NULL) EXECUTE FUNCTION refuse_change();

-- The birth date that a child had at an earlier revision, copied as it was sealed. Who corrected it is absent where a school
-- file or a program did.
CREATE TABLE earlier_birth_date (
    institution_id BYTEA NOT NULL,
    pupil_id BYTEA NOT NULL,
    revision INTEGER NOT NULL,
    birth_date BYTEA NOT NULL,
    corrected_by BYTEA,
    corrected_at BIGINT NOT NULL,
    PRIMARY KEY (institution_id, pupil_id, revision),
    FOREIGN KEY (institution_id, pupil_id) REFERENCES pupil (institution_id, id)
);

ALTER TABLE earlier_birth_date ENABLE ROW LEVEL SECURITY;
ALTER TABLE earlier_birth_date FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON earlier_birth_date
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

-- How many weeks before its time a child was born. It is sealed, and absent where nothing was written since it is asked.
ALTER TABLE pupil ADD COLUMN weeks_premature BYTEA;
