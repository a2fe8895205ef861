ALTER TABLE institution DROP COLUMN framework_choices;
