-- Which framework an institution follows children of which age by: JSON, without any person.

ALTER TABLE institution ADD COLUMN framework_choices TEXT NOT NULL DEFAULT '[]';
