-- Which location a group is at, and to which of them a user is limited (C143).

ALTER TABLE groups ADD COLUMN location_id BLOB;

-- Whether a user reaches no further than the locations that she is given: the proof of the row covers it.
ALTER TABLE membership ADD COLUMN limited_to_locations INTEGER NOT NULL DEFAULT 0;

CREATE TABLE user_location (
    institution_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    location_id BLOB NOT NULL,
    first_day TEXT,
    last_day TEXT,
    PRIMARY KEY (institution_id, user_id, location_id),
    FOREIGN KEY (institution_id, user_id) REFERENCES users (institution_id, id),
    FOREIGN KEY (institution_id, location_id) REFERENCES location (institution_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_location_location ON user_location (institution_id, location_id);
