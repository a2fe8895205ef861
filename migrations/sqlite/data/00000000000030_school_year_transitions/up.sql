-- That a school year was begun in one act: which groups were made and which moves there were. The outcome is JSON that names
-- groups and numbers, and no child. Which child it placed says the placement, by the act and the move's place in it.
CREATE TABLE school_year_transition (
    institution_id BLOB NOT NULL REFERENCES institution (id),
    id BLOB NOT NULL,
    first_day TEXT NOT NULL,
    outcome TEXT NOT NULL,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    undone_by BLOB,
    undone_at INTEGER,
    PRIMARY KEY (institution_id, id)
) STRICT, WITHOUT ROWID;

ALTER TABLE placement ADD COLUMN transition_id BLOB;
ALTER TABLE placement ADD COLUMN transition_move INTEGER;
-- When it ended as the act made it, for telling whether it stands as it was made.
ALTER TABLE placement ADD COLUMN transition_ended_on TEXT;
CREATE INDEX placement_transition ON placement (institution_id, transition_id) WHERE transition_id IS NOT NULL;
