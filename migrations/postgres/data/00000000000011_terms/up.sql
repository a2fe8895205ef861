-- When what was known of a person ended: of a user who left, of a member of the processor's staff who left, and of a login
-- that no institution has a user of any more. The row stays, without a name, for what refers to it.
ALTER TABLE users ADD COLUMN ended_at BIGINT;
ALTER TABLE processor_staff ADD COLUMN ended_at BIGINT;
ALTER TABLE account ADD COLUMN ended_at BIGINT;
