-- Reviews of an institution's log (C090). What was found is sealed under the institution's key.
CREATE TABLE log_review (
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    id BYTEA NOT NULL,
    reviewed_until BIGINT NOT NULL,
    findings BYTEA NOT NULL,
    next_due_on TEXT NOT NULL,
    reviewed_by BYTEA NOT NULL,
    reviewed_at BIGINT NOT NULL,
    PRIMARY KEY (institution_id, id)
);
CREATE INDEX log_review_until ON log_review (institution_id, reviewed_until);

CREATE TRIGGER log_review_kept BEFORE UPDATE OR DELETE ON log_review
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_review_whole BEFORE TRUNCATE ON log_review
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What was released to third parties (C046, C047, C148). To whom, what, about whom and on what it rests is sealed under the
-- institution's key. An export by the operator's program is entered by nobody with an account.
CREATE TABLE disclosure (
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    id BYTEA NOT NULL,
    ground TEXT NOT NULL,
    disclosed_at BIGINT NOT NULL,
    content BYTEA NOT NULL,
    recorded_by BYTEA,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (institution_id, id)
);

CREATE TRIGGER disclosure_kept BEFORE UPDATE OR DELETE ON disclosure
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER disclosure_whole BEFORE TRUNCATE ON disclosure
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE log_review ENABLE ROW LEVEL SECURITY;
ALTER TABLE log_review FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON log_review
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

ALTER TABLE disclosure ENABLE ROW LEVEL SECURITY;
ALTER TABLE disclosure FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON disclosure
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));
