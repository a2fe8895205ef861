ALTER TABLE licence DROP COLUMN destroyed_at;
ALTER TABLE licence DROP COLUMN agreed_end_date;
ALTER TABLE licence DROP COLUMN cancelled_by;
ALTER TABLE licence DROP COLUMN cancelled_at;
ALTER TABLE licence DROP COLUMN services;
