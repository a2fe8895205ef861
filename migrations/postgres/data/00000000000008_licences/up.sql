-- How licences end, and the optional services that they include (C041, C106, C107).

-- Licences from before services were told apart keep what they use; those that the program enters name theirs.
ALTER TABLE licence ADD COLUMN services TEXT NOT NULL DEFAULT 'advice,api-tokens,imports,overviews';
-- When it was cancelled, and by whom: a user of the institution or a member of the processor's staff. Its end date is
-- then the last day that was given, and this the one that it had before.
ALTER TABLE licence ADD COLUMN cancelled_at BIGINT;
ALTER TABLE licence ADD COLUMN cancelled_by BYTEA;
ALTER TABLE licence ADD COLUMN agreed_end_date TEXT;
-- When the institution's data was destroyed.
ALTER TABLE licence ADD COLUMN destroyed_at BIGINT;

-- The grace is counted from the last day, which a licence that was ended did not need to have.
UPDATE licence SET end_date = to_char(now() AT TIME ZONE 'Europe/Amsterdam', 'YYYY-MM-DD'), revision = revision + 1 WHERE state = 'ended' AND end_date IS NULL;

-- The number of the institution in the national register of childcare (LRK).
ALTER TABLE institution ADD COLUMN childcare_number TEXT;

-- The person with whom the licence was agreed, sealed under a key of her own (C007, C021).
CREATE TABLE licence_holder (
    institution_id BYTEA NOT NULL PRIMARY KEY REFERENCES institution (id),
    id BYTEA NOT NULL,
    name BYTEA NOT NULL,
    address BYTEA NOT NULL,
    email BYTEA NOT NULL,
    revision INTEGER NOT NULL,
    created_at BIGINT NOT NULL
);

-- Where an institution is, and its numbers in the registers, sealed under the institution's key as groups are.
CREATE TABLE location (
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    id BYTEA NOT NULL,
    name BYTEA NOT NULL,
    brin BYTEA NOT NULL,
    childcare_number BYTEA NOT NULL,
    archived_at BIGINT,
    revision INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (institution_id, id)
);

-- The documents that contracts are made of, in versions that never change (C139).
CREATE TABLE contract_document (
    id BYTEA NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    version TEXT NOT NULL,
    language TEXT NOT NULL,
    summary TEXT NOT NULL,
    text TEXT,
    sha256 BYTEA NOT NULL,
    published_by BYTEA NOT NULL,
    published_at BIGINT NOT NULL,
    UNIQUE (kind, version, language)
);

-- What an institution was asked to agree upon, and what it decided (C139, C140, C149). Why it deviates from a document, and
-- what a change means to it, are sealed under the institution's key.
CREATE TABLE agreement (
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    id BYTEA NOT NULL,
    subject TEXT NOT NULL,
    -- Of terms and of parts.
    version TEXT,
    document_id BYTEA REFERENCES contract_document (id),
    contract_profile TEXT,
    content BYTEA NOT NULL,
    proposed_by BYTEA NOT NULL,
    proposed_at BIGINT NOT NULL,
    decided_by BYTEA,
    decided_at BIGINT,
    -- 1 when it was accepted.
    accepted INTEGER,
    PRIMARY KEY (institution_id, id)
);

CREATE TRIGGER contract_document_kept BEFORE UPDATE OR DELETE ON contract_document
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER contract_document_whole BEFORE TRUNCATE ON contract_document
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE licence_holder ENABLE ROW LEVEL SECURITY;
ALTER TABLE licence_holder FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON licence_holder
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

ALTER TABLE location ENABLE ROW LEVEL SECURITY;
ALTER TABLE location FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON location
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

ALTER TABLE agreement ENABLE ROW LEVEL SECURITY;
ALTER TABLE agreement FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON agreement
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

-- To whom a letter is: nothing for a person with an account, or the kind of whoever has none.
ALTER TABLE letter ADD COLUMN addressee TEXT;

-- That a licence holder asks for an administrator who can log in, and what came of it (C006, C007). Who it is to be, how it
-- was checked who asks, and why it was stopped, are sealed under the institution's key.
CREATE TABLE administrator_recovery (
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    id BYTEA NOT NULL,
    -- The sole administrator, who lost her second factor.
    user_id BYTEA,
    channel TEXT NOT NULL,
    received_on TEXT NOT NULL,
    content BYTEA NOT NULL,
    recorded_by BYTEA NOT NULL,
    recorded_at BIGINT NOT NULL,
    checked_by BYTEA,
    checked_at BIGINT,
    approved_by BYTEA,
    approved_at BIGINT,
    stopped_by BYTEA,
    stopped_at BIGINT,
    carried_out_by BYTEA,
    carried_out_at BIGINT,
    PRIMARY KEY (institution_id, id)
);

ALTER TABLE administrator_recovery ENABLE ROW LEVEL SECURITY;
ALTER TABLE administrator_recovery FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON administrator_recovery
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));
