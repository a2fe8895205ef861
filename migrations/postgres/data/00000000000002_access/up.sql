-- Login, sessions and what is remembered of both.

-- Wrong passwords since the last right one (C060).
ALTER TABLE account ADD COLUMN strikes INTEGER NOT NULL DEFAULT 0;
-- The rights of a user where they are not those of the function: see access::UserRights (C066).
ALTER TABLE account ADD COLUMN rights TEXT;
-- The last day of a leaver's rights, in Amsterdam (C067).
ALTER TABLE account ADD COLUMN last_day TEXT;

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
    confirmed_at BIGINT,
    last_step BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, state)
);

-- Codes that are good for one login without the app; only their SHA-256. They are pending or active as the secret that
-- they came with.
CREATE TABLE recovery_code (
    account_id BYTEA NOT NULL REFERENCES account (id),
    code_hash BYTEA NOT NULL,
    state TEXT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (account_id, code_hash)
);

-- Whether an institution's administrators need a second factor: 1 for yes.
ALTER TABLE institution ADD COLUMN administrators_need_second_factor INTEGER NOT NULL DEFAULT 0;

-- The networks that an institution's users log in from, as text with commas; none is any (C065).
ALTER TABLE institution ADD COLUMN login_networks TEXT NOT NULL DEFAULT '';

-- The processor's own staff; each sealed under a key of their own.
CREATE TABLE processor_staff (
    id BYTEA NOT NULL PRIMARY KEY REFERENCES account (id),
    first_name BYTEA NOT NULL,
    infix BYTEA NOT NULL,
    last_name BYTEA NOT NULL,
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

-- The reminder that was last sent of the present password's end (C059).
ALTER TABLE account ADD COLUMN reminded TEXT;

-- Letters that wait to be sent: what each is about, sealed under its addressee's own key.
CREATE TABLE letter (
    id BYTEA NOT NULL PRIMARY KEY,
    account_id BYTEA NOT NULL REFERENCES account (id),
    content BYTEA NOT NULL,
    attempts INTEGER NOT NULL,
    due_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX letter_due ON letter (due_at, id);

-- Logins that failed, and those whose password is being checked: who tries is a keyed hash, of the e-mail address and
-- of the network address.
CREATE TABLE login_failure (
    id BYTEA NOT NULL PRIMARY KEY,
    occurred_at BIGINT NOT NULL,
    email_index BYTEA NOT NULL,
    address_index BYTEA NOT NULL,
    settled INTEGER NOT NULL
);
CREATE INDEX login_failure_email ON login_failure (email_index, occurred_at);
CREATE INDEX login_failure_address ON login_failure (address_index, occurred_at, email_index);

-- What may be an attack (C079). Without an institution it concerns none in particular.
CREATE TABLE security_event (
    id BYTEA NOT NULL PRIMARY KEY,
    institution_id BYTEA REFERENCES institution (id),
    occurred_at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    account_id BYTEA REFERENCES account (id),
    address TEXT NOT NULL
);
CREATE INDEX security_event_institution ON security_event (institution_id, id);
CREATE INDEX security_event_kind ON security_event (kind, occurred_at);

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

-- What users allow the processor's staff to see of them (C012, C050). Like the next two tables it is looked at before it
-- is known which institution a session is of.
CREATE TABLE support_consent (
    institution_id BYTEA NOT NULL,
    id BYTEA NOT NULL,
    user_id BYTEA NOT NULL,
    kind TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, user_id) REFERENCES users (institution_id, id)
);
CREATE INDEX support_consent_user ON support_consent (institution_id, user_id, kind, ends_at);

-- Advisers who work for an institution from one day up to and including another, in Amsterdam (C100, C101). What was
-- agreed is sealed under the institution's key.
CREATE TABLE coupling (
    id BYTEA NOT NULL PRIMARY KEY,
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    adviser_id BYTEA NOT NULL REFERENCES processor_staff (id),
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,
    agreement BYTEA NOT NULL,
    created_by BYTEA NOT NULL REFERENCES account (id),
    created_at BIGINT NOT NULL,
    decoupled_at BIGINT
);
CREATE INDEX coupling_adviser ON coupling (adviser_id, institution_id, ends_on);

-- Looks of the processor's staff into an institution: what a session of theirs is for and what it may see (C010–C013).
-- The reason is sealed under the institution's key.
CREATE TABLE support_session (
    id BYTEA NOT NULL PRIMARY KEY REFERENCES session (id),
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    staff_id BYTEA NOT NULL REFERENCES processor_staff (id),
    kind TEXT NOT NULL,
    user_id BYTEA,
    case_id TEXT,
    consent_id BYTEA,
    coupling_id BYTEA REFERENCES coupling (id),
    reason BYTEA NOT NULL,
    parts TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    FOREIGN KEY (institution_id, user_id) REFERENCES users (institution_id, id),
    FOREIGN KEY (institution_id, consent_id) REFERENCES support_consent (institution_id, id)
);
CREATE INDEX support_session_institution ON support_session (institution_id, id);
CREATE INDEX support_session_staff ON support_session (staff_id, id);

ALTER TABLE right_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE right_change FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON right_change
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

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
    UNIQUE (institution_id, id),
    FOREIGN KEY (institution_id, created_by) REFERENCES account (institution_id, id)
);

-- Replies are kept for tokens as well, which are no accounts.
ALTER TABLE idempotency DROP CONSTRAINT idempotency_account_id_fkey;
ALTER TABLE idempotency RENAME COLUMN account_id TO actor_id;
