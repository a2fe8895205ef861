-- Whom the processor lets process data, and what institutions have to say about it (C134–C137). They belong to the platform:
-- what is announced is announced to everybody.

-- Nothing in it is about a person. The passages are a JSON document: which duty, the text, and the SHA-256 of the contract.
CREATE TABLE subprocessor (
    id BLOB NOT NULL PRIMARY KEY,
    -- The one whose place it takes when it may be used.
    replaces_id BLOB REFERENCES subprocessor (id),
    name TEXT NOT NULL,
    place TEXT NOT NULL,
    country TEXT NOT NULL,
    task TEXT NOT NULL,
    access TEXT NOT NULL,
    safeguard TEXT,
    passages TEXT NOT NULL,
    announced_by BLOB NOT NULL,
    announced_at INTEGER NOT NULL,
    -- When it was taken back or was used no longer.
    ended_by BLOB,
    ended_at INTEGER
) STRICT;

-- Yearly checks, as evidence (C136). The report itself is kept elsewhere.
CREATE TABLE subprocessor_check (
    id BLOB NOT NULL PRIMARY KEY,
    subprocessor_id BLOB NOT NULL REFERENCES subprocessor (id),
    checked_on TEXT NOT NULL,
    outcome TEXT NOT NULL,
    document_sha256 BLOB NOT NULL,
    recorded_by BLOB NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX subprocessor_check_subprocessor ON subprocessor_check (subprocessor_id, id);

-- Objections of institutions; one stands until it is withdrawn. The reason is sealed under the institution's key (C135).
CREATE TABLE subprocessor_objection (
    id BLOB NOT NULL PRIMARY KEY,
    institution_id BLOB NOT NULL REFERENCES institution (id),
    subprocessor_id BLOB NOT NULL REFERENCES subprocessor (id),
    reason BLOB NOT NULL,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    withdrawn_by BLOB,
    withdrawn_at INTEGER
) STRICT;
CREATE INDEX subprocessor_objection_subprocessor ON subprocessor_objection (subprocessor_id, id);

-- Consents of institutions to a country outside the European Economic Area, with the safeguard that they state (C137). One
-- holds until it is withdrawn.
CREATE TABLE transfer_consent (
    id BLOB NOT NULL PRIMARY KEY,
    institution_id BLOB NOT NULL REFERENCES institution (id),
    subprocessor_id BLOB NOT NULL REFERENCES subprocessor (id),
    country TEXT NOT NULL,
    safeguard TEXT NOT NULL,
    given_by BLOB NOT NULL,
    given_at INTEGER NOT NULL,
    withdrawn_by BLOB,
    withdrawn_at INTEGER
) STRICT;
CREATE INDEX transfer_consent_subprocessor ON transfer_consent (subprocessor_id, institution_id);

-- Institutions whose contract has ended: what survives it stays tracked (C113). It outlives the institution, so it refers
-- to none.
CREATE TABLE institution_ending (
    institution_id BLOB NOT NULL PRIMARY KEY,
    ended_on TEXT NOT NULL,
    asked_at INTEGER NOT NULL
) STRICT;

-- What each subprocessor has to confirm: that it destroyed what it had of the institution (C112). The confirmation itself is
-- kept elsewhere.
CREATE TABLE destruction_confirmation (
    id BLOB NOT NULL PRIMARY KEY,
    institution_id BLOB NOT NULL REFERENCES institution_ending (institution_id),
    subprocessor_id BLOB NOT NULL REFERENCES subprocessor (id),
    due_on TEXT NOT NULL,
    confirmed_on TEXT,
    document_sha256 BLOB,
    recorded_by BLOB,
    recorded_at INTEGER,
    UNIQUE (institution_id, subprocessor_id)
) STRICT;
