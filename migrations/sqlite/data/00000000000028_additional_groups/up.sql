-- That a child is in a group beside its main one, for some days of one school year (C023). How many day-parts a week it is there
-- is sealed under the child's key. What its departure ended says until when it would have lasted otherwise. It goes with the
-- child, also when a version of the program that knows nothing of it takes the child away.
CREATE TABLE additional_group (
    institution_id BLOB NOT NULL,
    id BLOB NOT NULL,
    pupil_id BLOB NOT NULL,
    group_id BLOB NOT NULL,
    placed_on TEXT NOT NULL,
    ended_on TEXT NOT NULL,
    ended_on_otherwise TEXT,
    day_parts_per_week BLOB NOT NULL,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, pupil_id) REFERENCES pupil (institution_id, id) ON DELETE CASCADE,
    FOREIGN KEY (institution_id, group_id) REFERENCES groups (institution_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX additional_group_pupil ON additional_group (institution_id, pupil_id, placed_on, ended_on, group_id);
CREATE INDEX additional_group_group ON additional_group (institution_id, group_id, pupil_id, placed_on, ended_on);

-- A child's days in a group, whether that is its main one or one beside it.
CREATE VIEW stay AS
SELECT institution_id, pupil_id, group_id, placed_on, ended_on FROM placement
UNION ALL
SELECT institution_id, pupil_id, group_id, placed_on, ended_on FROM additional_group;
