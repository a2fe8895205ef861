ALTER TABLE account DROP COLUMN ended_at;
ALTER TABLE processor_staff DROP COLUMN ended_at;
ALTER TABLE users DROP COLUMN ended_at;
