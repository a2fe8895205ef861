-- Accounts and what goes with logging in, API tokens, and the users of institutions.

-- In this file a row that decides who gets in carries a proof that the service wrote it (engine/src/authentic.rs). One
-- that is spent, ended or revoked has an empty one: it cannot be brought back.

-- What a person logs in with, at whatever institutions.
CREATE TABLE account (
    id BYTEA NOT NULL PRIMARY KEY,
    email_index BYTEA NOT NULL UNIQUE,
    -- The same under the key that is coming into use, while the key of the index is rotated.
    next_email_index BYTEA UNIQUE,
    -- What a member of the processor's staff does; none for the users of institutions.
    processor_function TEXT,
    state TEXT NOT NULL,
    password_hash TEXT,
    password_set_at BIGINT,
    -- Since when a second factor is in use; none when there is none.
    second_factor_at BIGINT,
    created_at BIGINT NOT NULL,
    -- Wrong passwords since the last right one (C060).
    strikes INTEGER NOT NULL DEFAULT 0,
    -- The reminder that was last sent of the present password's end (C059).
    reminded TEXT,
    proof BYTEA NOT NULL
);

-- For reminders of passwords that expire.
CREATE INDEX account_password_set ON account (password_set_at);

-- What a person is at one institution.
CREATE TABLE membership (
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    user_id BYTEA NOT NULL,
    account_id BYTEA NOT NULL REFERENCES account (id),
    function TEXT NOT NULL,
    state TEXT NOT NULL,
    -- When the person accepted it.
    accepted_at BIGINT,
    -- The rights of a user where they are not those of the function: see access::UserRights (C066).
    rights TEXT,
    -- The last day of a leaver's rights, in Amsterdam (C067).
    last_day TEXT,
    proof BYTEA NOT NULL,
    PRIMARY KEY (institution_id, user_id),
    UNIQUE (account_id, institution_id)
);

-- To choose a password, or to become a user of another institution. Of the token only the SHA-256 is kept.
CREATE TABLE invitation (
    id BYTEA NOT NULL PRIMARY KEY,
    account_id BYTEA NOT NULL REFERENCES account (id),
    -- The institution that invites; none for the processor's own staff.
    institution_id BYTEA REFERENCES institution (id),
    kind TEXT NOT NULL,
    token_hash BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    proof BYTEA NOT NULL
);
CREATE INDEX invitation_account ON invitation (account_id);

CREATE TABLE session (
    id BYTEA NOT NULL PRIMARY KEY,
    account_id BYTEA NOT NULL REFERENCES account (id),
    -- The institution that its user acts in; none for the processor's own staff.
    institution_id BYTEA REFERENCES institution (id),
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    end_reason TEXT,
    proof BYTEA NOT NULL
);
CREATE INDEX session_account ON session (account_id);

-- A token is used once; from where and by which program, as a keyed hash, is for knowing who uses it again.
CREATE TABLE refresh_token (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    session_id BYTEA NOT NULL REFERENCES session (id),
    issued_at BIGINT NOT NULL,
    used_at BIGINT,
    used_from BYTEA,
    proof BYTEA NOT NULL
);
CREATE INDEX refresh_token_session ON refresh_token (session_id);

-- The hashes of passwords that were used before (C059).
CREATE TABLE old_password (
    account_id BYTEA NOT NULL REFERENCES account (id),
    set_at BIGINT NOT NULL,
    password_hash TEXT NOT NULL,
    PRIMARY KEY (account_id, set_at)
);

-- The second factor of an account: a secret that its authenticator app has too, sealed under the person's own key. It
-- is active once a code of it was shown; of the codes that were shown the last time step is remembered. One that is
-- pending stands beside an active one until it takes its place.
CREATE TABLE second_factor (
    account_id BYTEA NOT NULL REFERENCES account (id),
    state TEXT NOT NULL,
    secret BYTEA NOT NULL,
    last_step BIGINT,
    created_at BIGINT NOT NULL,
    proof BYTEA NOT NULL,
    PRIMARY KEY (account_id, state)
);

-- Codes that are good for one login without the app; only their SHA-256. They are pending or active as the secret that
-- they came with.
CREATE TABLE recovery_code (
    account_id BYTEA NOT NULL REFERENCES account (id),
    code_hash BYTEA NOT NULL,
    state TEXT NOT NULL,
    used_at BIGINT,
    proof BYTEA NOT NULL,
    PRIMARY KEY (account_id, code_hash)
);

-- Logins that failed, and those whose password is being checked: who tries is a keyed hash, of the e-mail address, of the
-- IPv4 address or IPv6 /64, and of the IPv6 /48. One that made a limit look like an attack says so.
CREATE TABLE login_failure (
    id BYTEA NOT NULL PRIMARY KEY,
    occurred_at BIGINT NOT NULL,
    email_index BYTEA NOT NULL,
    address_index BYTEA NOT NULL,
    site_index BYTEA,
    settled INTEGER NOT NULL,
    alerted INTEGER NOT NULL
);
CREATE INDEX login_failure_email ON login_failure (email_index, occurred_at);
CREATE INDEX login_failure_address ON login_failure (address_index, occurred_at, email_index);
CREATE INDEX login_failure_site ON login_failure (site_index, occurred_at, email_index);

-- Requests of those who forgot their password, whether or not there is such an account: counted by e-mail address and by
-- network, both as keyed hashes, and carried out a moment later.
CREATE TABLE password_reset (
    id BYTEA NOT NULL PRIMARY KEY,
    requested_at BIGINT NOT NULL,
    email_index BYTEA NOT NULL,
    address_index BYTEA NOT NULL,
    site_index BYTEA,
    carried_out INTEGER NOT NULL
);
CREATE INDEX password_reset_email ON password_reset (email_index, requested_at);
CREATE INDEX password_reset_address ON password_reset (address_index, requested_at);
CREATE INDEX password_reset_site ON password_reset (site_index, requested_at);
CREATE INDEX password_reset_waiting ON password_reset (carried_out, id);

-- Letters that wait to be sent: what each is about, sealed under its addressee's own key.
CREATE TABLE letter (
    id BYTEA NOT NULL PRIMARY KEY,
    -- The institution that knows the addressee; none for the processor's own staff.
    institution_id BYTEA REFERENCES institution (id),
    user_id BYTEA NOT NULL,
    content BYTEA NOT NULL,
    attempts INTEGER NOT NULL,
    due_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX letter_due ON letter (due_at, id);

-- Tokens of programs and auditors. Of the token itself only the SHA-256 is kept; it is found before anybody knows whose
-- it is. The name is sealed under the institution's key; for the rights see api_token::ApiTokenScopes; the networks are
-- text with commas, none is any.
CREATE TABLE api_token (
    id BYTEA NOT NULL PRIMARY KEY,
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    name BYTEA NOT NULL,
    kind TEXT NOT NULL,
    token_hash BYTEA NOT NULL UNIQUE,
    rights TEXT NOT NULL,
    networks TEXT NOT NULL,
    created_by BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    expires_on TEXT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT,
    proof BYTEA NOT NULL,
    UNIQUE (institution_id, id),
    FOREIGN KEY (institution_id, created_by) REFERENCES membership (institution_id, user_id)
);

CREATE TABLE users (
    institution_id BYTEA NOT NULL,
    id BYTEA NOT NULL,
    name BYTEA NOT NULL,
    gender BYTEA NOT NULL,
    email BYTEA NOT NULL,
    revision INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, id) REFERENCES membership (institution_id, user_id)
);

-- The register of rights: what a user might do before and may do now, who changed it and why, sealed under the user's
-- own key (C067).
CREATE TABLE right_change (
    institution_id BYTEA NOT NULL,
    id BYTEA NOT NULL,
    user_id BYTEA NOT NULL,
    changed_by BYTEA NOT NULL,
    changed_at BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, user_id) REFERENCES users (institution_id, id)
);
CREATE INDEX right_change_user ON right_change (institution_id, user_id, id);

CREATE TRIGGER right_change_kept BEFORE UPDATE OR DELETE ON right_change
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER right_change_whole BEFORE TRUNCATE ON right_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A second wall between institutions: whatever a query forgets, a connection sees the rows of the one institution that it
-- has named, and none before it has named one.

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON users
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

ALTER TABLE right_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE right_change FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON right_change
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));
