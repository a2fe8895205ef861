-- What is planned for a line of a registration that needs extra attention, and when somebody looks again (C025); once that is
-- done, what came of it. The line and the texts are sealed under the child's key. It goes with its registration, also when a
-- version of the program that knows nothing of it takes that away.
CREATE TABLE follow_up (
    institution_id BYTEA NOT NULL,
    id BYTEA NOT NULL,
    pupil_id BYTEA NOT NULL,
    registration_id BYTEA NOT NULL,
    author_id BYTEA NOT NULL,
    follow_up_on TEXT NOT NULL,
    line BYTEA NOT NULL,
    plan BYTEA NOT NULL,
    outcome BYTEA,
    finished_at BIGINT,
    finished_by BYTEA,
    revision INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, pupil_id) REFERENCES pupil (institution_id, id) ON DELETE CASCADE,
    FOREIGN KEY (institution_id, registration_id) REFERENCES registration (institution_id, id) ON DELETE CASCADE,
    FOREIGN KEY (institution_id, author_id) REFERENCES users (institution_id, id),
    FOREIGN KEY (institution_id, finished_by) REFERENCES users (institution_id, id)
);
CREATE INDEX follow_up_day ON follow_up (institution_id, follow_up_on, id);
CREATE INDEX follow_up_registration ON follow_up (institution_id, registration_id, id);
CREATE INDEX follow_up_pupil ON follow_up (institution_id, pupil_id);

ALTER TABLE follow_up ENABLE ROW LEVEL SECURITY;
ALTER TABLE follow_up FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON follow_up
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));
