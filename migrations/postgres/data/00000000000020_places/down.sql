ALTER TABLE pupil DROP COLUMN year_level;
ALTER TABLE user_group DROP COLUMN last_day;
ALTER TABLE user_group DROP COLUMN first_day;
DROP TABLE placement_change;
ALTER TABLE placement DROP COLUMN revision;
ALTER TABLE institution DROP COLUMN children_entered_by;
