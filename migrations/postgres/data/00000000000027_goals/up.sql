-- What a group works towards on one line in one period (C142). The line and the text are sealed under the institution's key:
-- they tell of the group, and name no child.
CREATE TABLE goal (
    institution_id BYTEA NOT NULL,
    id BYTEA NOT NULL,
    group_id BYTEA NOT NULL,
    framework_id BYTEA NOT NULL REFERENCES framework (id),
    author_id BYTEA NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    line BYTEA NOT NULL,
    text BYTEA NOT NULL,
    revision INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, group_id) REFERENCES groups (institution_id, id),
    FOREIGN KEY (institution_id, author_id) REFERENCES users (institution_id, id)
);
CREATE INDEX goal_group ON goal (institution_id, group_id, id);

-- The children that a goal is meant for.
CREATE TABLE goal_pupil (
    institution_id BYTEA NOT NULL,
    goal_id BYTEA NOT NULL,
    pupil_id BYTEA NOT NULL,
    PRIMARY KEY (institution_id, goal_id, pupil_id),
    FOREIGN KEY (institution_id, goal_id) REFERENCES goal (institution_id, id),
    FOREIGN KEY (institution_id, pupil_id) REFERENCES pupil (institution_id, id)
);
CREATE INDEX goal_pupil_pupil ON goal_pupil (institution_id, pupil_id);

-- What was offered for a goal on one day. It is added to, and goes with its goal.
CREATE TABLE goal_offer (
    institution_id BYTEA NOT NULL,
    id BYTEA NOT NULL,
    goal_id BYTEA NOT NULL,
    author_id BYTEA NOT NULL,
    offered_on TEXT NOT NULL,
    text BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, goal_id) REFERENCES goal (institution_id, id),
    FOREIGN KEY (institution_id, author_id) REFERENCES users (institution_id, id)
);
CREATE INDEX goal_offer_goal ON goal_offer (institution_id, goal_id, offered_on, id);

ALTER TABLE goal ENABLE ROW LEVEL SECURITY;
ALTER TABLE goal FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON goal
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

ALTER TABLE goal_pupil ENABLE ROW LEVEL SECURITY;
ALTER TABLE goal_pupil FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON goal_pupil
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

ALTER TABLE goal_offer ENABLE ROW LEVEL SECURITY;
ALTER TABLE goal_offer FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON goal_offer
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));
