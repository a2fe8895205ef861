-- Reviews of an institution's log (C090). What was found is sealed under the institution's key.
CREATE TABLE log_review (
    institution_id BLOB NOT NULL REFERENCES institution (id),
    id BLOB NOT NULL,
    reviewed_until INTEGER NOT NULL,
    findings BLOB NOT NULL,
    next_due_on TEXT NOT NULL,
    reviewed_by BLOB NOT NULL,
    reviewed_at INTEGER NOT NULL,
    PRIMARY KEY (institution_id, id)
) STRICT;
CREATE INDEX log_review_until ON log_review (institution_id, reviewed_until);

CREATE TRIGGER log_review_unchanged BEFORE UPDATE ON log_review
BEGIN SELECT RAISE(ABORT, 'log_review is append-only'); END;

CREATE TRIGGER log_review_kept BEFORE DELETE ON log_review
BEGIN SELECT RAISE(ABORT, 'log_review is append-only'); END;

-- What was released to third parties (C046, C047, C148). To whom, what, about whom and on what it rests is sealed under the
-- institution's key. An export by the operator's program is entered by nobody with an account.
CREATE TABLE disclosure (
    institution_id BLOB NOT NULL REFERENCES institution (id),
    id BLOB NOT NULL,
    ground TEXT NOT NULL,
    disclosed_at INTEGER NOT NULL,
    content BLOB NOT NULL,
    recorded_by BLOB,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (institution_id, id)
) STRICT;

CREATE TRIGGER disclosure_unchanged BEFORE UPDATE ON disclosure
BEGIN SELECT RAISE(ABORT, 'disclosure is append-only'); END;

CREATE TRIGGER disclosure_kept BEFORE DELETE ON disclosure
BEGIN SELECT RAISE(ABORT, 'disclosure is append-only'); END;
