-- How licences end, and the optional services that they include (C041, C106, C107).

-- Licences from before services were told apart keep what they use; those that the program enters name theirs.
ALTER TABLE licence ADD COLUMN services TEXT NOT NULL DEFAULT 'advice,api-tokens,imports,overviews';
-- When it was cancelled, and by whom: a user of the institution or a member of the processor's staff. Its end date is
-- then the last day that was given, and this the one that it had before.
ALTER TABLE licence ADD COLUMN cancelled_at INTEGER;
ALTER TABLE licence ADD COLUMN cancelled_by BLOB;
ALTER TABLE licence ADD COLUMN agreed_end_date TEXT;
-- When the institution's data was destroyed.
ALTER TABLE licence ADD COLUMN destroyed_at INTEGER;

-- The grace is counted from the last day, which a licence that was ended did not need to have.
UPDATE licence SET end_date = date('now'), revision = revision + 1 WHERE state = 'ended' AND end_date IS NULL;

-- The number of the institution in the national register of childcare (LRK).
ALTER TABLE institution ADD COLUMN childcare_number TEXT;

-- The person with whom the licence was agreed, sealed under a key of her own (C007, C021).
CREATE TABLE licence_holder (
    institution_id BLOB NOT NULL PRIMARY KEY REFERENCES institution (id),
    id BLOB NOT NULL,
    name BLOB NOT NULL,
    address BLOB NOT NULL,
    email BLOB NOT NULL,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Where an institution is, and its numbers in the registers, sealed under the institution's key as groups are.
CREATE TABLE location (
    institution_id BLOB NOT NULL REFERENCES institution (id),
    id BLOB NOT NULL,
    name BLOB NOT NULL,
    brin BLOB NOT NULL,
    childcare_number BLOB NOT NULL,
    archived_at INTEGER,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (institution_id, id)
) STRICT;

-- The documents that contracts are made of, in versions that never change (C139).
CREATE TABLE contract_document (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    version TEXT NOT NULL,
    language TEXT NOT NULL,
    summary TEXT NOT NULL,
    text TEXT,
    sha256 BLOB NOT NULL,
    published_by BLOB NOT NULL,
    published_at INTEGER NOT NULL,
    UNIQUE (kind, version, language)
) STRICT;

-- What an institution was asked to agree upon, and what it decided (C139, C140, C149). Why it deviates from a document, and
-- what a change means to it, are sealed under the institution's key.
CREATE TABLE agreement (
    institution_id BLOB NOT NULL REFERENCES institution (id),
    id BLOB NOT NULL,
    subject TEXT NOT NULL,
    -- Of terms and of parts.
    version TEXT,
    document_id BLOB REFERENCES contract_document (id),
    contract_profile TEXT,
    content BLOB NOT NULL,
    proposed_by BLOB NOT NULL,
    proposed_at INTEGER NOT NULL,
    decided_by BLOB,
    decided_at INTEGER,
    -- 1 when it was accepted.
    accepted INTEGER,
    PRIMARY KEY (institution_id, id)
) STRICT;

CREATE TRIGGER contract_document_unchanged BEFORE UPDATE ON contract_document
BEGIN SELECT RAISE(ABORT, 'contract_document is append-only'); END;

CREATE TRIGGER contract_document_kept BEFORE DELETE ON contract_document
BEGIN SELECT RAISE(ABORT, 'contract_document is append-only'); END;

-- To whom a letter is: nothing for a person with an account, or the kind of whoever has none.
ALTER TABLE letter ADD COLUMN addressee TEXT;

-- That a licence holder asks for an administrator who can log in, and what came of it (C006, C007). Who it is to be, how it
-- was checked who asks, and why it was stopped, are sealed under the institution's key.
CREATE TABLE administrator_recovery (
    institution_id BLOB NOT NULL REFERENCES institution (id),
    id BLOB NOT NULL,
    -- The sole administrator, who lost her second factor.
    user_id BLOB,
    channel TEXT NOT NULL,
    received_on TEXT NOT NULL,
    content BLOB NOT NULL,
    recorded_by BLOB NOT NULL,
    recorded_at INTEGER NOT NULL,
    checked_by BLOB,
    checked_at INTEGER,
    approved_by BLOB,
    approved_at INTEGER,
    stopped_by BLOB,
    stopped_at INTEGER,
    carried_out_by BLOB,
    carried_out_at INTEGER,
    PRIMARY KEY (institution_id, id)
) STRICT;
