-- How licences end, and the optional services that they include (C041, C106, C107).

-- Licences from before services were told apart keep what they use; those that the program enters name theirs.
ALTER TABLE licence ADD COLUMN services TEXT NOT NULL DEFAULT 'advice,api-tokens,imports,overviews';
-- When it was cancelled, and by whom: a user of the institution or a member of the processor's staff. Its end date is
-- then the last day that was given, and this the one that it had before.
ALTER TABLE licence ADD COLUMN cancelled_at INTEGER;
ALTER TABLE licence ADD COLUMN cancelled_by BLOB;
ALTER TABLE licence ADD COLUMN agreed_end_date TEXT;
-- When the institution's data was destroyed.
ALTER TABLE licence ADD COLUMN destroyed_at INTEGER;

-- The grace is counted from the last day, which a licence that was ended did not need to have.
UPDATE licence SET end_date = date('now'), revision = revision + 1 WHERE state = 'ended' AND end_date IS NULL;
