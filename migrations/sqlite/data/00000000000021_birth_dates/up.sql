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
