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
