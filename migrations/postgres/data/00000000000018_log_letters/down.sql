ALTER TABLE institution DROP COLUMN checkpoint_told_in;
