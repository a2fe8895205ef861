-- Who enters children (C141), and where children and users are from when until when.

ALTER TABLE institution ADD COLUMN children_entered_by TEXT NOT NULL DEFAULT 'administrators';

ALTER TABLE placement ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;

-- What a placement was before it was put right, and why: sealed under the child's key. Who did it may be a token.
CREATE TABLE placement_change (
    institution_id BLOB NOT NULL,
    id BLOB NOT NULL,
    pupil_id BLOB NOT NULL,
    placement_id BLOB NOT NULL,
    changed_by BLOB NOT NULL,
    changed_at INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, pupil_id) REFERENCES pupil (institution_id, id)
) STRICT;
CREATE INDEX placement_change_pupil ON placement_change (institution_id, pupil_id, id);

-- From which day and until which a user is given a group; for good where there is none.
ALTER TABLE user_group ADD COLUMN first_day TEXT;
ALTER TABLE user_group ADD COLUMN last_day TEXT;

-- The year level (jaargroep) that a child is in, sealed.
ALTER TABLE pupil ADD COLUMN year_level BLOB;
