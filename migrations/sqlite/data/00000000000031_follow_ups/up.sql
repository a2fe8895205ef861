-- What is planned for a line of a registration that needs extra attention, and when somebody looks again (C025); once that is
-- done, what came of it. The line and the texts are sealed under the child's key. It goes with its registration, also when a
-- version of the program that knows nothing of it takes that away.
CREATE TABLE follow_up (
    institution_id BLOB NOT NULL,
    id BLOB NOT NULL,
    pupil_id BLOB NOT NULL,
    registration_id BLOB NOT NULL,
    author_id BLOB NOT NULL,
    follow_up_on TEXT NOT NULL,
    line BLOB NOT NULL,
    plan BLOB NOT NULL,
    outcome BLOB,
    finished_at INTEGER,
    finished_by BLOB,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, pupil_id) REFERENCES pupil (institution_id, id) ON DELETE CASCADE,
    FOREIGN KEY (institution_id, registration_id) REFERENCES registration (institution_id, id) ON DELETE CASCADE,
    FOREIGN KEY (institution_id, author_id) REFERENCES users (institution_id, id),
    FOREIGN KEY (institution_id, finished_by) REFERENCES users (institution_id, id)
) STRICT;
CREATE INDEX follow_up_day ON follow_up (institution_id, follow_up_on, id);
CREATE INDEX follow_up_registration ON follow_up (institution_id, registration_id, id);
CREATE INDEX follow_up_pupil ON follow_up (institution_id, pupil_id);
