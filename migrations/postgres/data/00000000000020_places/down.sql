ALTER TABLE institution DROP COLUMN children_entered_by;
