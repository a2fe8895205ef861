-- Whom the processor lets process data, and what institutions have to say about it (C134–C137). They belong to the platform:
-- what is announced is announced to everybody.

-- Nothing in it is about a person. The passages are a JSON document: which duty, the text, and the SHA-256 of the contract.
CREATE TABLE subprocessor (
    id BYTEA NOT NULL PRIMARY KEY,
    -- The one whose place it takes when it may be used.
    replaces_id BYTEA REFERENCES subprocessor (id),
    name TEXT NOT NULL,
    place TEXT NOT NULL,
    country TEXT NOT NULL,
    task TEXT NOT NULL,
    access TEXT NOT NULL,
    safeguard TEXT,
    passages TEXT NOT NULL,
    announced_by BYTEA NOT NULL,
    announced_at BIGINT NOT NULL,
    -- When it was taken back or was used no longer.
    ended_by BYTEA,
    ended_at BIGINT
);

-- Yearly checks, as evidence (C136). The report itself is kept elsewhere.
CREATE TABLE subprocessor_check (
    id BYTEA NOT NULL PRIMARY KEY,
    subprocessor_id BYTEA NOT NULL REFERENCES subprocessor (id),
    checked_on TEXT NOT NULL,
    outcome TEXT NOT NULL,
    document_sha256 BYTEA NOT NULL,
    recorded_by BYTEA NOT NULL,
    recorded_at BIGINT NOT NULL
);
CREATE INDEX subprocessor_check_subprocessor ON subprocessor_check (subprocessor_id, id);

-- Objections of institutions; one stands until it is withdrawn. The reason is sealed under the institution's key (C135).
CREATE TABLE subprocessor_objection (
    id BYTEA NOT NULL PRIMARY KEY,
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    subprocessor_id BYTEA NOT NULL REFERENCES subprocessor (id),
    reason BYTEA NOT NULL,
    made_by BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    withdrawn_by BYTEA,
    withdrawn_at BIGINT
);
CREATE INDEX subprocessor_objection_subprocessor ON subprocessor_objection (subprocessor_id, id);

-- Consents of institutions to a country outside the European Economic Area, with the safeguard that they state (C137). One
-- holds until it is withdrawn.
CREATE TABLE transfer_consent (
    id BYTEA NOT NULL PRIMARY KEY,
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    subprocessor_id BYTEA NOT NULL REFERENCES subprocessor (id),
    country TEXT NOT NULL,
    safeguard TEXT NOT NULL,
    given_by BYTEA NOT NULL,
    given_at BIGINT NOT NULL,
    withdrawn_by BYTEA,
    withdrawn_at BIGINT
);
CREATE INDEX transfer_consent_subprocessor ON transfer_consent (subprocessor_id, institution_id);

-- Institutions whose contract has ended: what survives it stays tracked (C113). It outlives the institution, so it refers
-- to none.
CREATE TABLE institution_ending (
    institution_id BYTEA NOT NULL PRIMARY KEY,
    ended_on TEXT NOT NULL,
    asked_at BIGINT NOT NULL
);

-- What each subprocessor has to confirm: that it destroyed what it had of the institution (C112). The confirmation itself is
-- kept elsewhere.
CREATE TABLE destruction_confirmation (
    id BYTEA NOT NULL PRIMARY KEY,
    institution_id BYTEA NOT NULL REFERENCES institution_ending (institution_id),
    subprocessor_id BYTEA NOT NULL REFERENCES subprocessor (id),
    due_on TEXT NOT NULL,
    confirmed_on TEXT,
    document_sha256 BYTEA,
    recorded_by BYTEA,
    recorded_at BIGINT,
    UNIQUE (institution_id, subprocessor_id)
);
