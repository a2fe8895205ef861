-- The first day of the month in which the institution was last sent the newest checkpoint of its log.
ALTER TABLE institution ADD COLUMN checkpoint_told_in TEXT;
