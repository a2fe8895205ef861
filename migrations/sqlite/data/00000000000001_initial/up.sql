-- Times are microseconds since 1970 in UTC, dates are ISO 8601 text, ids are the 16 bytes of a UUID.
-- A column of type BLOB that is no id holds a sealed value: see docs/architecture.md.

-- What belongs to the platform, not to one institution.

CREATE TABLE institution (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    brin TEXT,
    contract_profile TEXT NOT NULL,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE institution_domain (
    institution_id BLOB NOT NULL REFERENCES institution (id),
    domain TEXT NOT NULL,
    PRIMARY KEY (institution_id, domain)
) STRICT, WITHOUT ROWID;

CREATE TABLE licence (
    institution_id BLOB NOT NULL PRIMARY KEY REFERENCES institution (id),
    products TEXT NOT NULL,
    start_date TEXT NOT NULL,
    end_date TEXT,
    state TEXT NOT NULL,
    terms_version TEXT,
    terms_accepted_by BLOB,
    terms_accepted_at INTEGER,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE account (
    id BLOB NOT NULL PRIMARY KEY,
    institution_id BLOB REFERENCES institution (id),
    email_index BLOB NOT NULL UNIQUE,
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    password_hash TEXT,
    password_set_at INTEGER,
    created_at INTEGER NOT NULL,
    UNIQUE (institution_id, id)
) STRICT;

CREATE TABLE invitation (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES account (id),
    token_hash BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX invitation_account ON invitation (account_id);

CREATE TABLE session (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES account (id),
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;
CREATE INDEX session_account ON session (account_id);

CREATE TABLE refresh_token (
    token_hash BLOB NOT NULL PRIMARY KEY,
    session_id BLOB NOT NULL REFERENCES session (id),
    issued_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_token_session ON refresh_token (session_id);

CREATE TABLE framework (
    id BLOB NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    version INTEGER NOT NULL,
    locale TEXT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    document TEXT NOT NULL,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    published_at INTEGER,
    UNIQUE (code, version, locale)
) STRICT;

CREATE TABLE idempotency (
    account_id BLOB NOT NULL REFERENCES account (id),
    idempotency_key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    status INTEGER NOT NULL,
    location TEXT,
    revision INTEGER,
    body BLOB NOT NULL,
    PRIMARY KEY (account_id, idempotency_key)
) STRICT;
CREATE INDEX idempotency_age ON idempotency (created_at);

CREATE TABLE job (
    id BLOB NOT NULL PRIMARY KEY,
    institution_id BLOB NOT NULL REFERENCES institution (id),
    account_id BLOB NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL,
    lease_until INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- The audit log: one append-only Merkle tree per institution. The nil id is the platform's own tree.

CREATE TABLE audit_tree (
    institution_id BLOB NOT NULL PRIMARY KEY,
    size INTEGER NOT NULL,
    frontier BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- With a rowid, so that the entries of all institutions are written one behind the other.
CREATE TABLE audit_entry (
    institution_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id BLOB,
    session_id BLOB,
    address TEXT NOT NULL,
    trace_id BLOB NOT NULL,
    span_id BLOB NOT NULL,
    activity TEXT NOT NULL,
    operation TEXT NOT NULL,
    objects BLOB NOT NULL,
    outcome TEXT NOT NULL,
    change_digest BLOB,
    detail BLOB,
    leaf_hash BLOB NOT NULL,
    PRIMARY KEY (institution_id, sequence)
) STRICT;

-- What belongs to one institution: its id is in every key and every reference.

CREATE TABLE users (
    institution_id BLOB NOT NULL,
    id BLOB NOT NULL,
    first_name BLOB NOT NULL,
    infix BLOB NOT NULL,
    last_name BLOB NOT NULL,
    gender BLOB NOT NULL,
    email BLOB NOT NULL,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, id) REFERENCES account (institution_id, id)
) STRICT;

CREATE TABLE groups (
    institution_id BLOB NOT NULL REFERENCES institution (id),
    id BLOB NOT NULL,
    name BLOB NOT NULL,
    location BLOB NOT NULL,
    school_key BLOB NOT NULL,
    school_year TEXT NOT NULL,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (institution_id, id)
) STRICT;

CREATE TABLE user_group (
    institution_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    group_id BLOB NOT NULL,
    PRIMARY KEY (institution_id, user_id, group_id),
    FOREIGN KEY (institution_id, user_id) REFERENCES users (institution_id, id),
    FOREIGN KEY (institution_id, group_id) REFERENCES groups (institution_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_group_group ON user_group (institution_id, group_id);

CREATE TABLE pupil (
    institution_id BLOB NOT NULL REFERENCES institution (id),
    id BLOB NOT NULL,
    first_name BLOB NOT NULL,
    infix BLOB NOT NULL,
    last_name BLOB NOT NULL,
    gender BLOB NOT NULL,
    home_language BLOB NOT NULL,
    birth_date BLOB NOT NULL,
    vve BLOB NOT NULL,
    day_parts_per_week BLOB NOT NULL,
    particulars BLOB NOT NULL,
    eck_id BLOB NOT NULL,
    school_key BLOB NOT NULL,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (institution_id, id)
) STRICT;

CREATE TABLE placement (
    institution_id BLOB NOT NULL,
    id BLOB NOT NULL,
    pupil_id BLOB NOT NULL,
    group_id BLOB NOT NULL,
    placed_on TEXT NOT NULL,
    ended_on TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, pupil_id) REFERENCES pupil (institution_id, id),
    FOREIGN KEY (institution_id, group_id) REFERENCES groups (institution_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX placement_open ON placement (institution_id, pupil_id) WHERE ended_on IS NULL;
CREATE INDEX placement_pupil ON placement (institution_id, pupil_id, placed_on, ended_on, group_id);
CREATE INDEX placement_group ON placement (institution_id, group_id, pupil_id);

CREATE TABLE note (
    institution_id BLOB NOT NULL,
    id BLOB NOT NULL,
    pupil_id BLOB NOT NULL,
    author_id BLOB NOT NULL,
    observed_on TEXT NOT NULL,
    text BLOB NOT NULL,
    lines BLOB NOT NULL,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, pupil_id) REFERENCES pupil (institution_id, id),
    FOREIGN KEY (institution_id, author_id) REFERENCES users (institution_id, id)
) STRICT;
CREATE INDEX note_pupil ON note (institution_id, pupil_id, id);
CREATE INDEX note_author ON note (institution_id, author_id);

-- How a note read before it was changed (C071).
CREATE TABLE note_revision (
    institution_id BLOB NOT NULL,
    note_id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    observed_on TEXT NOT NULL,
    text BLOB NOT NULL,
    lines BLOB NOT NULL,
    written_at INTEGER NOT NULL,
    PRIMARY KEY (institution_id, note_id, revision),
    FOREIGN KEY (institution_id, note_id) REFERENCES note (institution_id, id)
) STRICT;

CREATE TABLE registration (
    institution_id BLOB NOT NULL,
    id BLOB NOT NULL,
    pupil_id BLOB NOT NULL,
    group_id BLOB NOT NULL,
    framework_id BLOB NOT NULL REFERENCES framework (id),
    half_year TEXT NOT NULL,
    registered_on TEXT NOT NULL,
    draft_version INTEGER,
    final_version INTEGER,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, pupil_id) REFERENCES pupil (institution_id, id),
    FOREIGN KEY (institution_id, group_id) REFERENCES groups (institution_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX registration_pupil ON registration (institution_id, pupil_id, registered_on, id);
CREATE INDEX registration_group ON registration (institution_id, group_id);

CREATE TABLE registration_version (
    institution_id BLOB NOT NULL,
    registration_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    author_id BLOB NOT NULL,
    judgements BLOB NOT NULL,
    reason BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    finalised_at INTEGER,
    PRIMARY KEY (institution_id, registration_id, version),
    FOREIGN KEY (institution_id, registration_id) REFERENCES registration (institution_id, id),
    FOREIGN KEY (institution_id, author_id) REFERENCES users (institution_id, id)
) STRICT;

CREATE TABLE import (
    institution_id BLOB NOT NULL REFERENCES institution (id),
    id BLOB NOT NULL,
    format TEXT NOT NULL,
    state TEXT NOT NULL,
    author_id BLOB NOT NULL,
    lines_total INTEGER NOT NULL,
    lines_done INTEGER NOT NULL,
    counts TEXT NOT NULL,
    failure TEXT,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, author_id) REFERENCES users (institution_id, id)
) STRICT;

CREATE TABLE import_part (
    institution_id BLOB NOT NULL,
    id BLOB NOT NULL,
    import_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    number INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (institution_id, id),
    UNIQUE (institution_id, import_id, kind, number),
    FOREIGN KEY (institution_id, import_id) REFERENCES import (institution_id, id)
) STRICT;
