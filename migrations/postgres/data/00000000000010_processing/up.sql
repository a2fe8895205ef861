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

-- Contact persons of institutions, and, under the nil id, of the processor (C019). Name and address are sealed under a key of
-- their own. One is ended and never changed.
CREATE TABLE contact_person (
    institution_id BYTEA NOT NULL,
    id BYTEA NOT NULL,
    name BYTEA NOT NULL,
    email BYTEA NOT NULL,
    created_by BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    ended_by BYTEA,
    ended_at BIGINT,
    PRIMARY KEY (institution_id, id)
);

-- Instructions of institutions (C038): who of the institution's contact persons gave it, and who of the processor's took it.
-- The text, and why it was declined, are sealed under the institution's key.
CREATE TABLE instruction (
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    id BYTEA NOT NULL,
    contact_person_id BYTEA NOT NULL,
    processing TEXT NOT NULL,
    content BYTEA NOT NULL,
    given_on TEXT NOT NULL,
    state TEXT NOT NULL,
    made_by BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    -- Which contact person of the processor accepted it.
    processor_contact_id BYTEA,
    answer BYTEA NOT NULL,
    answered_by BYTEA,
    answered_at BIGINT,
    withdrawn_by BYTEA,
    withdrawn_at BIGINT,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, contact_person_id) REFERENCES contact_person (institution_id, id)
);

-- Extra processings that are switched on, each by an instruction; what is not here is off.
CREATE TABLE extra_processing (
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    processing TEXT NOT NULL,
    switched_on_by BYTEA NOT NULL,
    switched_on_at BIGINT NOT NULL,
    PRIMARY KEY (institution_id, processing)
);

ALTER TABLE contact_person ENABLE ROW LEVEL SECURITY;
ALTER TABLE contact_person FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON contact_person
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

ALTER TABLE instruction ENABLE ROW LEVEL SECURITY;
ALTER TABLE instruction FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON instruction
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

ALTER TABLE extra_processing ENABLE ROW LEVEL SECURITY;
ALTER TABLE extra_processing FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON extra_processing
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

-- Processing that a law forced upon the processor (C039), sealed under the platform's key: what may not be told to an
-- institution is not under its own.
CREATE TABLE forced_processing (
    id BYTEA NOT NULL PRIMARY KEY,
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    provision BYTEA NOT NULL,
    content BYTEA NOT NULL,
    told_on TEXT,
    not_told_because BYTEA NOT NULL,
    recorded_by BYTEA NOT NULL,
    recorded_at BIGINT NOT NULL
);
CREATE INDEX forced_processing_institution ON forced_processing (institution_id, id);
