-- Frameworks, groups, children, and what is written about them.

CREATE TABLE framework (
    id BYTEA NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    version INTEGER NOT NULL,
    locale TEXT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    document TEXT NOT NULL,
    revision INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    published_at BIGINT,
    UNIQUE (code, version, locale)
);

CREATE TABLE groups (
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    id BYTEA NOT NULL,
    name BYTEA NOT NULL,
    location BYTEA NOT NULL,
    school_key BYTEA NOT NULL,
    school_year TEXT NOT NULL,
    revision INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (institution_id, id)
);

CREATE TABLE user_group (
    institution_id BYTEA NOT NULL,
    user_id BYTEA NOT NULL,
    group_id BYTEA NOT NULL,
    PRIMARY KEY (institution_id, user_id, group_id),
    FOREIGN KEY (institution_id, user_id) REFERENCES users (institution_id, id),
    FOREIGN KEY (institution_id, group_id) REFERENCES groups (institution_id, id)
);
CREATE INDEX user_group_group ON user_group (institution_id, group_id);

CREATE TABLE pupil (
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    id BYTEA NOT NULL,
    name BYTEA NOT NULL,
    gender BYTEA NOT NULL,
    home_language BYTEA NOT NULL,
    birth_date BYTEA NOT NULL,
    vve BYTEA NOT NULL,
    day_parts_per_week BYTEA NOT NULL,
    particulars BYTEA NOT NULL,
    eck_id BYTEA NOT NULL,
    school_key BYTEA NOT NULL,
    revision INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (institution_id, id)
);

CREATE TABLE placement (
    institution_id BYTEA NOT NULL,
    id BYTEA NOT NULL,
    pupil_id BYTEA NOT NULL,
    group_id BYTEA NOT NULL,
    placed_on TEXT NOT NULL,
    ended_on TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, pupil_id) REFERENCES pupil (institution_id, id),
    FOREIGN KEY (institution_id, group_id) REFERENCES groups (institution_id, id)
);
CREATE UNIQUE INDEX placement_open ON placement (institution_id, pupil_id) WHERE ended_on IS NULL;
CREATE INDEX placement_pupil ON placement (institution_id, pupil_id, placed_on, ended_on, group_id);
CREATE INDEX placement_group ON placement (institution_id, group_id, pupil_id);

CREATE TABLE note (
    institution_id BYTEA NOT NULL,
    id BYTEA NOT NULL,
    pupil_id BYTEA NOT NULL,
    author_id BYTEA NOT NULL,
    observed_on TEXT NOT NULL,
    text BYTEA NOT NULL,
    lines BYTEA NOT NULL,
    revision INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, pupil_id) REFERENCES pupil (institution_id, id),
    FOREIGN KEY (institution_id, author_id) REFERENCES users (institution_id, id)
);
CREATE INDEX note_pupil ON note (institution_id, pupil_id, id);
CREATE INDEX note_author ON note (institution_id, author_id);

-- How a note read before it was changed (C071).
CREATE TABLE note_revision (
    institution_id BYTEA NOT NULL,
    note_id BYTEA NOT NULL,
    revision INTEGER NOT NULL,
    observed_on TEXT NOT NULL,
    text BYTEA NOT NULL,
    lines BYTEA NOT NULL,
    written_at BIGINT NOT NULL,
    PRIMARY KEY (institution_id, note_id, revision),
    FOREIGN KEY (institution_id, note_id) REFERENCES note (institution_id, id)
);

CREATE TABLE registration (
    institution_id BYTEA NOT NULL,
    id BYTEA NOT NULL,
    pupil_id BYTEA NOT NULL,
    group_id BYTEA NOT NULL,
    framework_id BYTEA NOT NULL REFERENCES framework (id),
    half_year TEXT NOT NULL,
    registered_on TEXT NOT NULL,
    draft_version INTEGER,
    final_version INTEGER,
    revision INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, pupil_id) REFERENCES pupil (institution_id, id),
    FOREIGN KEY (institution_id, group_id) REFERENCES groups (institution_id, id)
);
CREATE INDEX registration_pupil ON registration (institution_id, pupil_id, registered_on, id);
CREATE INDEX registration_group ON registration (institution_id, group_id);

CREATE TABLE registration_version (
    institution_id BYTEA NOT NULL,
    registration_id BYTEA NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    author_id BYTEA NOT NULL,
    judgements BYTEA NOT NULL,
    reason BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    finalised_at BIGINT,
    PRIMARY KEY (institution_id, registration_id, version),
    FOREIGN KEY (institution_id, registration_id) REFERENCES registration (institution_id, id),
    FOREIGN KEY (institution_id, author_id) REFERENCES users (institution_id, id)
);

-- A final version is never changed or taken away (C070), nor what it is about; nor does a registration that was made
-- final lose its final version, or go back to an earlier one.
CREATE TRIGGER registration_version_kept BEFORE UPDATE OR DELETE ON registration_version
    FOR EACH ROW WHEN (OLD.state = 'final') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER registration_version_whole BEFORE TRUNCATE ON registration_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER registration_unchanged BEFORE UPDATE ON registration
    FOR EACH ROW WHEN (OLD.final_version IS NOT NULL AND NOT (
        NEW.institution_id = OLD.institution_id AND NEW.id = OLD.id AND NEW.pupil_id = OLD.pupil_id
        AND NEW.group_id = OLD.group_id AND NEW.framework_id = OLD.framework_id AND NEW.half_year = OLD.half_year
        AND NEW.registered_on = OLD.registered_on AND coalesce(NEW.final_version, 0) >= OLD.final_version
    )) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER registration_kept BEFORE DELETE ON registration
    FOR EACH ROW WHEN (OLD.final_version IS NOT NULL) EXECUTE FUNCTION refuse_change();

-- Whose key protects the report of an import is named by its report id: it outlives the file.
CREATE TABLE import (
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    id BYTEA NOT NULL,
    format TEXT NOT NULL,
    state TEXT NOT NULL,
    author_id BYTEA NOT NULL,
    lines_total INTEGER NOT NULL,
    lines_done INTEGER NOT NULL,
    counts TEXT NOT NULL,
    report_id BYTEA NOT NULL,
    failure TEXT,
    revision INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    PRIMARY KEY (institution_id, id),
    UNIQUE (institution_id, report_id),
    FOREIGN KEY (institution_id, author_id) REFERENCES users (institution_id, id)
);

CREATE TABLE import_part (
    institution_id BYTEA NOT NULL,
    id BYTEA NOT NULL,
    import_id BYTEA NOT NULL,
    kind TEXT NOT NULL,
    number INTEGER NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (institution_id, id),
    UNIQUE (institution_id, import_id, kind, number),
    FOREIGN KEY (institution_id, import_id) REFERENCES import (institution_id, id)
);

-- A second wall between institutions: whatever a query forgets, a connection sees the rows of the one institution that it
-- has named, and none before it has named one.

ALTER TABLE groups ENABLE ROW LEVEL SECURITY;
ALTER TABLE groups FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON groups
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

ALTER TABLE user_group ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_group FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON user_group
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

ALTER TABLE pupil ENABLE ROW LEVEL SECURITY;
ALTER TABLE pupil FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON pupil
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

ALTER TABLE placement ENABLE ROW LEVEL SECURITY;
ALTER TABLE placement FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON placement
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

ALTER TABLE note ENABLE ROW LEVEL SECURITY;
ALTER TABLE note FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON note
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

ALTER TABLE note_revision ENABLE ROW LEVEL SECURITY;
ALTER TABLE note_revision FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON note_revision
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

ALTER TABLE registration ENABLE ROW LEVEL SECURITY;
ALTER TABLE registration FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON registration
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

ALTER TABLE registration_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE registration_version FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON registration_version
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

ALTER TABLE import ENABLE ROW LEVEL SECURITY;
ALTER TABLE import FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON import
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

ALTER TABLE import_part ENABLE ROW LEVEL SECURITY;
ALTER TABLE import_part FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON import_part
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));
