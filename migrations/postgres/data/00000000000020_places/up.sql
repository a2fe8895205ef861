-- Who enters children (C141), and where children and users are from when until when.

ALTER TABLE institution ADD COLUMN children_entered_by TEXT NOT NULL DEFAULT 'administrators';

ALTER TABLE placement ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;

-- What a placement was before it was put right, and why: sealed under the child's key. Who did it may be a token.
CREATE TABLE placement_change (
    institution_id BYTEA NOT NULL,
    id BYTEA NOT NULL,
    pupil_id BYTEA NOT NULL,
    placement_id BYTEA NOT NULL,
    changed_by BYTEA NOT NULL,
    changed_at BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, pupil_id) REFERENCES pupil (institution_id, id)
);
CREATE INDEX placement_change_pupil ON placement_change (institution_id, pupil_id, id);

ALTER TABLE placement_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE placement_change FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON placement_change
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

-- From which day and until which a user is given a group; for good where there is none.
ALTER TABLE user_group ADD COLUMN first_day TEXT;
ALTER TABLE user_group ADD COLUMN last_day TEXT;

-- The year level (jaargroep) that a child is in, sealed.
ALTER TABLE pupil ADD COLUMN year_level BYTEA;
