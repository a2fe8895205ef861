-- Who enters children (C141), and where children and users are from when until when.

ALTER TABLE institution ADD COLUMN children_entered_by TEXT NOT NULL DEFAULT 'administrators';
