-- The processor's own staff, and what may be an attack.

-- The processor's own staff; each sealed under a key of their own.
CREATE TABLE processor_staff (
    id BYTEA NOT NULL PRIMARY KEY REFERENCES account (id),
    name BYTEA NOT NULL,
    email BYTEA NOT NULL,
    revision INTEGER NOT NULL,
    created_at BIGINT NOT NULL
);

-- Signed confidentiality statements: without one no account of the processor's staff is activated (C045).
CREATE TABLE confidentiality_statement (
    id BYTEA NOT NULL PRIMARY KEY,
    staff_id BYTEA NOT NULL REFERENCES processor_staff (id),
    signed_on TEXT NOT NULL,
    document_sha256 BYTEA NOT NULL,
    recorded_by BYTEA NOT NULL,
    recorded_at BIGINT NOT NULL
);
CREATE INDEX confidentiality_statement_staff ON confidentiality_statement (staff_id, recorded_at);

-- The register of rights of the processor's staff: what a member might do before and may do now, and why, sealed under
-- their own key (C067, C146). Whoever made the first account is nobody with an account.
CREATE TABLE staff_right_change (
    id BYTEA NOT NULL PRIMARY KEY,
    staff_id BYTEA NOT NULL REFERENCES processor_staff (id),
    changed_by BYTEA NOT NULL,
    changed_at BIGINT NOT NULL,
    content BYTEA NOT NULL
);
CREATE INDEX staff_right_change_staff ON staff_right_change (staff_id, id);

CREATE TRIGGER staff_right_change_kept BEFORE UPDATE OR DELETE ON staff_right_change
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER staff_right_change_whole BEFORE TRUNCATE ON staff_right_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What may be an attack (C079). Without an institution it concerns none in particular.
CREATE TABLE security_event (
    id BYTEA NOT NULL PRIMARY KEY,
    institution_id BYTEA REFERENCES institution (id),
    occurred_at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    -- A user of that institution, or a member of the processor's staff.
    user_id BYTEA,
    address TEXT NOT NULL
);
CREATE INDEX security_event_institution ON security_event (institution_id, id);
CREATE INDEX security_event_kind ON security_event (kind, occurred_at);
