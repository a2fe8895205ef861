-- What a group works towards on one line in one period (C142). The line and the text are sealed under the institution's key:
-- they tell of the group, and name no child.
CREATE TABLE goal (
    institution_id BLOB NOT NULL,
    id BLOB NOT NULL,
    group_id BLOB NOT NULL,
    framework_id BLOB NOT NULL REFERENCES framework (id),
    author_id BLOB NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    line BLOB NOT NULL,
    text BLOB NOT NULL,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, group_id) REFERENCES groups (institution_id, id),
    FOREIGN KEY (institution_id, author_id) REFERENCES users (institution_id, id)
) STRICT;
CREATE INDEX goal_group ON goal (institution_id, group_id, id);

-- The children that a goal is meant for.
CREATE TABLE goal_pupil (
    institution_id BLOB NOT NULL,
    goal_id BLOB NOT NULL,
    pupil_id BLOB NOT NULL,
    PRIMARY KEY (institution_id, goal_id, pupil_id),
    FOREIGN KEY (institution_id, goal_id) REFERENCES goal (institution_id, id),
    FOREIGN KEY (institution_id, pupil_id) REFERENCES pupil (institution_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX goal_pupil_pupil ON goal_pupil (institution_id, pupil_id);

-- What was offered for a goal on one day. It is added to, and goes with its goal.
CREATE TABLE goal_offer (
    institution_id BLOB NOT NULL,
    id BLOB NOT NULL,
    goal_id BLOB NOT NULL,
    author_id BLOB NOT NULL,
    offered_on TEXT NOT NULL,
    text BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, goal_id) REFERENCES goal (institution_id, id),
    FOREIGN KEY (institution_id, author_id) REFERENCES users (institution_id, id)
) STRICT;
CREATE INDEX goal_offer_goal ON goal_offer (institution_id, goal_id, offered_on, id);
