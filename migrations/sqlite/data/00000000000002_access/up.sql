-- Accounts and what goes with logging in, API tokens, and the users of institutions.

-- In this file a row that decides who gets in carries a proof that the service wrote it (engine/src/authentic.rs). One
-- that is spent, ended or revoked has an empty one: it cannot be brought back.

-- What a person logs in with, at whatever institutions.
CREATE TABLE account (
    id BLOB NOT NULL PRIMARY KEY,
    email_index BLOB NOT NULL UNIQUE,
    -- The same under the key that is coming into use, while the key of the index is rotated.
    next_email_index BLOB UNIQUE,
    -- What a member of the processor's staff does; none for the users of institutions.
    processor_function TEXT,
    state TEXT NOT NULL,
    password_hash TEXT,
    password_set_at INTEGER,
    -- Since when a second factor is in use; none when there is none.
    second_factor_at INTEGER,
    created_at INTEGER NOT NULL,
    -- Wrong passwords since the last right one (C060).
    strikes INTEGER NOT NULL DEFAULT 0,
    -- The reminder that was last sent of the present password's end (C059).
    reminded TEXT,
    proof BLOB NOT NULL
) STRICT;

-- For reminders of passwords that expire.
CREATE INDEX account_password_set ON account (password_set_at);

-- What a person is at one institution.
CREATE TABLE membership (
    institution_id BLOB NOT NULL REFERENCES institution (id),
    user_id BLOB NOT NULL,
    account_id BLOB NOT NULL REFERENCES account (id),
    function TEXT NOT NULL,
    state TEXT NOT NULL,
    -- When the person accepted it.
    accepted_at INTEGER,
    -- The rights of a user where they are not those of the function: see access::UserRights (C066).
    rights TEXT,
    -- The last day of a leaver's rights, in Amsterdam (C067).
    last_day TEXT,
    proof BLOB NOT NULL,
    PRIMARY KEY (institution_id, user_id),
    UNIQUE (account_id, institution_id)
) STRICT;

-- To choose a password, or to become a user of another institution. Of the token only the SHA-256 is kept.
CREATE TABLE invitation (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES account (id),
    -- The institution that invites; none for the processor's own staff.
    institution_id BLOB REFERENCES institution (id),
    kind TEXT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    proof BLOB NOT NULL
) STRICT;
CREATE INDEX invitation_account ON invitation (account_id);

CREATE TABLE session (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES account (id),
    -- The institution that its user acts in; none for the processor's own staff.
    institution_id BLOB REFERENCES institution (id),
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    end_reason TEXT,
    proof BLOB NOT NULL
) STRICT;
CREATE INDEX session_account ON session (account_id);

-- A token is used once; from where and by which program, as a keyed hash, is for knowing who uses it again.
CREATE TABLE refresh_token (
    token_hash BLOB NOT NULL PRIMARY KEY,
    session_id BLOB NOT NULL REFERENCES session (id),
    issued_at INTEGER NOT NULL,
    used_at INTEGER,
    used_from BLOB,
    proof BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_token_session ON refresh_token (session_id);

-- The hashes of passwords that were used before (C059).
CREATE TABLE old_password (
    account_id BLOB NOT NULL REFERENCES account (id),
    set_at INTEGER NOT NULL,
    password_hash TEXT NOT NULL,
    PRIMARY KEY (account_id, set_at)
) STRICT, WITHOUT ROWID;

-- The second factor of an account: a secret that its authenticator app has too, sealed under the person's own key. It
-- is active once a code of it was shown; of the codes that were shown the last time step is remembered. One that is
-- pending stands beside an active one until it takes its place.
CREATE TABLE second_factor (
    account_id BLOB NOT NULL REFERENCES account (id),
    state TEXT NOT NULL,
    secret BLOB NOT NULL,
    last_step INTEGER,
    created_at INTEGER NOT NULL,
    proof BLOB NOT NULL,
    PRIMARY KEY (account_id, state)
) STRICT;

-- Codes that are good for one login without the app; only their SHA-256. They are pending or active as the secret that
-- they came with.
CREATE TABLE recovery_code (
    account_id BLOB NOT NULL REFERENCES account (id),
    code_hash BLOB NOT NULL,
    state TEXT NOT NULL,
    used_at INTEGER,
    proof BLOB NOT NULL,
    PRIMARY KEY (account_id, code_hash)
) STRICT, WITHOUT ROWID;

-- Logins that failed, and those whose password is being checked: who tries is a keyed hash, of the e-mail address, of the
-- IPv4 address or IPv6 /64, and of the IPv6 /48. One that made a limit look like an attack says so.
CREATE TABLE login_failure (
    id BLOB NOT NULL PRIMARY KEY,
    occurred_at INTEGER NOT NULL,
    email_index BLOB NOT NULL,
    address_index BLOB NOT NULL,
    site_index BLOB,
    settled INTEGER NOT NULL,
    alerted INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX login_failure_email ON login_failure (email_index, occurred_at);
CREATE INDEX login_failure_address ON login_failure (address_index, occurred_at, email_index);
CREATE INDEX login_failure_site ON login_failure (site_index, occurred_at, email_index);

-- Requests of those who forgot their password, whether or not there is such an account: counted by e-mail address and by
-- network, both as keyed hashes, and carried out a moment later.
CREATE TABLE password_reset (
    id BLOB NOT NULL PRIMARY KEY,
    requested_at INTEGER NOT NULL,
    email_index BLOB NOT NULL,
    address_index BLOB NOT NULL,
    site_index BLOB,
    carried_out INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX password_reset_email ON password_reset (email_index, requested_at);
CREATE INDEX password_reset_address ON password_reset (address_index, requested_at);
CREATE INDEX password_reset_site ON password_reset (site_index, requested_at);
CREATE INDEX password_reset_waiting ON password_reset (carried_out, id);

-- Letters that wait to be sent: what each is about, sealed under its addressee's own key.
CREATE TABLE letter (
    id BLOB NOT NULL PRIMARY KEY,
    -- The institution that knows the addressee; none for the processor's own staff.
    institution_id BLOB REFERENCES institution (id),
    user_id BLOB NOT NULL,
    content BLOB NOT NULL,
    attempts INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX letter_due ON letter (due_at, id);

-- Tokens of programs and auditors. Of the token itself only the SHA-256 is kept; it is found before anybody knows whose
-- it is. The name is sealed under the institution's key; for the rights see api_token::ApiTokenScopes; the networks are
-- text with commas, none is any.
CREATE TABLE api_token (
    id BLOB NOT NULL PRIMARY KEY,
    institution_id BLOB NOT NULL REFERENCES institution (id),
    name BLOB NOT NULL,
    kind TEXT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    rights TEXT NOT NULL,
    networks TEXT NOT NULL,
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_on TEXT NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER,
    proof BLOB NOT NULL,
    UNIQUE (institution_id, id),
    FOREIGN KEY (institution_id, created_by) REFERENCES membership (institution_id, user_id)
) STRICT;

CREATE TABLE users (
    institution_id BLOB NOT NULL,
    id BLOB NOT NULL,
    name BLOB NOT NULL,
    gender BLOB NOT NULL,
    email BLOB NOT NULL,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, id) REFERENCES membership (institution_id, user_id)
) STRICT;

-- The register of rights: what a user might do before and may do now, who changed it and why, sealed under the user's
-- own key (C067).
CREATE TABLE right_change (
    institution_id BLOB NOT NULL,
    id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    changed_by BLOB NOT NULL,
    changed_at INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, user_id) REFERENCES users (institution_id, id)
) STRICT;
CREATE INDEX right_change_user ON right_change (institution_id, user_id, id);

CREATE TRIGGER right_change_unchanged BEFORE UPDATE ON right_change
BEGIN SELECT RAISE(ABORT, 'right_change is append-only'); END;

CREATE TRIGGER right_change_kept BEFORE DELETE ON right_change
BEGIN SELECT RAISE(ABORT, 'right_change is append-only'); END;
