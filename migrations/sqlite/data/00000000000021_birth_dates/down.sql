ALTER TABLE pupil DROP COLUMN weeks_premature;
DROP TABLE earlier_birth_date;
