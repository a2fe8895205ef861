-- Institutions, their mail domains and their licences. They belong to the platform.
--
-- In every migration: times are microseconds since 1970 in UTC, dates are ISO 8601 text, ids are the 16 bytes of a UUID.
-- A column of type BYTEA that is no id holds a sealed value, a digest or the hash of a token: see docs/architecture.md.
-- A table of one institution has its id in every key and every reference.

-- For triggers on what is only added to.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

-- Boards of several institutions, which share their mail domains (C055).
CREATE TABLE organisation (
    id BYTEA NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    revision INTEGER NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE institution (
    id BYTEA NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    brin TEXT,
    contract_profile TEXT NOT NULL,
    revision INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    -- The networks that its users log in from, as text with commas; none is any (C065).
    login_networks TEXT NOT NULL DEFAULT '',
    -- 1 when its administrators need a second factor.
    administrators_need_second_factor INTEGER NOT NULL DEFAULT 0,
    -- How often its pupils, groups or placements were changed.
    children_edition BIGINT NOT NULL DEFAULT 0,
    -- 1 when it wants no couplings of advisers (C099).
    couplings_forbidden INTEGER NOT NULL DEFAULT 0,
    organisation_id BYTEA REFERENCES organisation (id)
);
CREATE INDEX institution_organisation ON institution (organisation_id);

CREATE TABLE institution_domain (
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    domain TEXT NOT NULL,
    PRIMARY KEY (institution_id, domain)
);
CREATE INDEX institution_domain_domain ON institution_domain (domain);

CREATE TABLE licence (
    institution_id BYTEA NOT NULL PRIMARY KEY REFERENCES institution (id),
    products TEXT NOT NULL,
    start_date TEXT NOT NULL,
    end_date TEXT,
    state TEXT NOT NULL,
    terms_version TEXT,
    terms_accepted_by BYTEA,
    terms_accepted_at BIGINT,
    revision INTEGER NOT NULL,
    created_at BIGINT NOT NULL
);
