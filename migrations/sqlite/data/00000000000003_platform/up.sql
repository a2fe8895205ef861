-- The processor's own staff, and what may be an attack.

-- The processor's own staff; each sealed under a key of their own.
CREATE TABLE processor_staff (
    id BLOB NOT NULL PRIMARY KEY REFERENCES account (id),
    name BLOB NOT NULL,
    email BLOB NOT NULL,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Signed confidentiality statements: without one no account of the processor's staff is activated (C045).
CREATE TABLE confidentiality_statement (
    id BLOB NOT NULL PRIMARY KEY,
    staff_id BLOB NOT NULL REFERENCES processor_staff (id),
    signed_on TEXT NOT NULL,
    document_sha256 BLOB NOT NULL,
    recorded_by BLOB NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX confidentiality_statement_staff ON confidentiality_statement (staff_id, recorded_at);

-- The register of rights of the processor's staff: what a member might do before and may do now, and why, sealed under
-- their own key (C067, C146). Whoever made the first account is nobody with an account.
CREATE TABLE staff_right_change (
    id BLOB NOT NULL PRIMARY KEY,
    staff_id BLOB NOT NULL REFERENCES processor_staff (id),
    changed_by BLOB NOT NULL,
    changed_at INTEGER NOT NULL,
    content BLOB NOT NULL
) STRICT;
CREATE INDEX staff_right_change_staff ON staff_right_change (staff_id, id);

CREATE TRIGGER staff_right_change_unchanged BEFORE UPDATE ON staff_right_change
BEGIN SELECT RAISE(ABORT, 'staff_right_change is append-only'); END;

CREATE TRIGGER staff_right_change_kept BEFORE DELETE ON staff_right_change
BEGIN SELECT RAISE(ABORT, 'staff_right_change is append-only'); END;

-- What may be an attack (C079). Without an institution it concerns none in particular.
CREATE TABLE security_event (
    id BLOB NOT NULL PRIMARY KEY,
    institution_id BLOB REFERENCES institution (id),
    occurred_at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    -- A user of that institution, or a member of the processor's staff.
    user_id BLOB,
    address TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX security_event_institution ON security_event (institution_id, id);
CREATE INDEX security_event_kind ON security_event (kind, occurred_at);
