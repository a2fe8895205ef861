-- Which location a group is at, and to which of them a user is limited (C143).

ALTER TABLE groups ADD COLUMN location_id BYTEA;

-- Whether a user reaches no further than the locations that she is given: the proof of the row covers it.
ALTER TABLE membership ADD COLUMN limited_to_locations INTEGER NOT NULL DEFAULT 0;

CREATE TABLE user_location (
    institution_id BYTEA NOT NULL,
    user_id BYTEA NOT NULL,
    location_id BYTEA NOT NULL,
    first_day TEXT,
    last_day TEXT,
    PRIMARY KEY (institution_id, user_id, location_id),
    FOREIGN KEY (institution_id, user_id) REFERENCES users (institution_id, id),
    FOREIGN KEY (institution_id, location_id) REFERENCES location (institution_id, id)
);
CREATE INDEX user_location_location ON user_location (institution_id, location_id);

ALTER TABLE user_location ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_location FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON user_location
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));
