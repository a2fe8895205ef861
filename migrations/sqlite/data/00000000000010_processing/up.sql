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

-- Contact persons of institutions, and, under the nil id, of the processor (C019). Name and address are sealed under a key of
-- their own. One is ended and never changed.
CREATE TABLE contact_person (
    institution_id BLOB NOT NULL,
    id BLOB NOT NULL,
    name BLOB NOT NULL,
    email BLOB NOT NULL,
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    ended_by BLOB,
    ended_at INTEGER,
    PRIMARY KEY (institution_id, id)
) STRICT;

-- Instructions of institutions (C038): who of the institution's contact persons gave it, and who of the processor's took it.
-- The text, and why it was declined, are sealed under the institution's key.
CREATE TABLE instruction (
    institution_id BLOB NOT NULL REFERENCES institution (id),
    id BLOB NOT NULL,
    contact_person_id BLOB NOT NULL,
    processing TEXT NOT NULL,
    content BLOB NOT NULL,
    given_on TEXT NOT NULL,
    state TEXT NOT NULL,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    -- Which contact person of the processor accepted it.
    processor_contact_id BLOB,
    answer BLOB NOT NULL,
    answered_by BLOB,
    answered_at INTEGER,
    withdrawn_by BLOB,
    withdrawn_at INTEGER,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, contact_person_id) REFERENCES contact_person (institution_id, id)
) STRICT;

-- Extra processings that are switched on, each by an instruction; what is not here is off.
CREATE TABLE extra_processing (
    institution_id BLOB NOT NULL REFERENCES institution (id),
    processing TEXT NOT NULL,
    switched_on_by BLOB NOT NULL,
    switched_on_at INTEGER NOT NULL,
    PRIMARY KEY (institution_id, processing)
) STRICT;

-- Processing that a law forced upon the processor (C039), sealed under the platform's key: what may not be told to an
-- institution is not under its own.
CREATE TABLE forced_processing (
    id BLOB NOT NULL PRIMARY KEY,
    institution_id BLOB NOT NULL REFERENCES institution (id),
    provision BLOB NOT NULL,
    content BLOB NOT NULL,
    told_on TEXT,
    not_told_because BLOB NOT NULL,
    recorded_by BLOB NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX forced_processing_institution ON forced_processing (institution_id, id);
