DROP INDEX placement_transition;
ALTER TABLE placement DROP COLUMN transition_ended_on;
ALTER TABLE placement DROP COLUMN transition_move;
ALTER TABLE placement DROP COLUMN transition_id;
DROP TABLE school_year_transition;
