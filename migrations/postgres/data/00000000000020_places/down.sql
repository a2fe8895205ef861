DROP TABLE placement_change;
ALTER TABLE placement DROP COLUMN revision;
ALTER TABLE institution DROP COLUMN children_entered_by;
