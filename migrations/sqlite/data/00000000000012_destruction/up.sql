-- How long an institution keeps what it has about children, and what was destroyed.

-- The institution's own term, and the last day on which it was looked at what had to go.
CREATE TABLE retention_policy (
    institution_id BLOB NOT NULL PRIMARY KEY REFERENCES institution (id),
    -- Calendar months; none for the contract's term.
    months INTEGER,
    revision INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    -- The day in Amsterdam, as text.
    looked_on TEXT
) STRICT;

-- The terms by law that an institution registered (C108).
CREATE TABLE statutory_term (
    institution_id BLOB NOT NULL REFERENCES institution (id),
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    months INTEGER NOT NULL,
    provision TEXT NOT NULL,
    PRIMARY KEY (institution_id, position)
) STRICT, WITHOUT ROWID;

-- A destruction: by a rule, or asked for. It has no sealed column but the reasons, so that it outlives what it destroyed.
CREATE TABLE destruction (
    institution_id BLOB NOT NULL REFERENCES institution (id),
    id BLOB NOT NULL,
    state TEXT NOT NULL,
    -- Who asked for it; none when a rule did.
    requested_by BLOB,
    reason BLOB,
    created_at INTEGER NOT NULL,
    -- When it begins without a second administrator; none when one has to approve it.
    begins_at INTEGER,
    approved_by BLOB,
    stopped_by BLOB,
    stop_reason BLOB,
    begun_at INTEGER,
    -- The audit log as it began.
    before_size INTEGER,
    before_root BLOB,
    -- Until when a process carries it out: another one leaves it alone.
    lease_until INTEGER NOT NULL,
    destroyed_at INTEGER,
    -- The day on which the last backup with its keys is gone.
    complete_on TEXT,
    certificate TEXT,
    completion TEXT,
    revision INTEGER NOT NULL,
    PRIMARY KEY (institution_id, id)
) STRICT;
CREATE INDEX destruction_state ON destruction (state, begins_at);
CREATE INDEX destruction_incomplete ON destruction (complete_on) WHERE completion IS NULL;

CREATE TABLE destruction_item (
    institution_id BLOB NOT NULL,
    destruction_id BLOB NOT NULL,
    subject_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    rule TEXT NOT NULL,
    months INTEGER,
    basis TEXT,
    due_on TEXT NOT NULL,
    -- The rows that went by table, and the ids of the keys, as JSON; none until it is destroyed.
    outcome TEXT,
    PRIMARY KEY (institution_id, destruction_id, subject_id),
    FOREIGN KEY (institution_id, destruction_id) REFERENCES destruction (institution_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX destruction_item_subject ON destruction_item (institution_id, subject_id);

-- What was destroyed stays so, and its certificate too.
CREATE TRIGGER destruction_kept BEFORE DELETE ON destruction
BEGIN SELECT RAISE(ABORT, 'a destruction is never taken away'); END;

CREATE TRIGGER destruction_unchanged BEFORE UPDATE ON destruction
WHEN (OLD.certificate IS NOT NULL AND NEW.certificate IS NOT OLD.certificate)
    OR (OLD.completion IS NOT NULL AND NEW.completion IS NOT OLD.completion)
    OR (OLD.state IN ('done', 'stopped') AND NEW.state <> OLD.state)
    OR (OLD.state = 'running' AND NEW.state <> 'done' AND NEW.state <> 'running')
BEGIN SELECT RAISE(ABORT, 'a destruction is never taken away'); END;

CREATE TRIGGER destruction_item_kept BEFORE DELETE ON destruction_item
BEGIN SELECT RAISE(ABORT, 'a destruction is never taken away'); END;
