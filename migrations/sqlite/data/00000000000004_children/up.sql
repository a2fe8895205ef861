-- Frameworks, groups, children, and what is written about them.

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
    name BLOB NOT NULL,
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

-- A final version is never changed or taken away (C070), nor what it is about; nor does a registration that was made
-- final lose its final version, or go back to an earlier one.
CREATE TRIGGER registration_version_unchanged BEFORE UPDATE ON registration_version
WHEN OLD.state = 'final'
BEGIN SELECT RAISE(ABORT, 'a final registration is never changed'); END;

CREATE TRIGGER registration_version_kept BEFORE DELETE ON registration_version
WHEN OLD.state = 'final'
BEGIN SELECT RAISE(ABORT, 'a final registration is never changed'); END;

CREATE TRIGGER registration_unchanged BEFORE UPDATE ON registration
WHEN OLD.final_version IS NOT NULL AND NOT (
    NEW.institution_id = OLD.institution_id AND NEW.id = OLD.id AND NEW.pupil_id = OLD.pupil_id
    AND NEW.group_id = OLD.group_id AND NEW.framework_id = OLD.framework_id AND NEW.half_year = OLD.half_year
    AND NEW.registered_on = OLD.registered_on
    AND coalesce(NEW.final_version, 0) >= OLD.final_version
)
BEGIN SELECT RAISE(ABORT, 'a final registration is never changed'); END;

CREATE TRIGGER registration_kept BEFORE DELETE ON registration
WHEN OLD.final_version IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a final registration is never changed'); END;

-- Whose key protects the report of an import is named by its report id: it outlives the file.
CREATE TABLE import (
    institution_id BLOB NOT NULL REFERENCES institution (id),
    id BLOB NOT NULL,
    format TEXT NOT NULL,
    state TEXT NOT NULL,
    author_id BLOB NOT NULL,
    lines_total INTEGER NOT NULL,
    lines_done INTEGER NOT NULL,
    counts TEXT NOT NULL,
    report_id BLOB NOT NULL,
    failure TEXT,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    PRIMARY KEY (institution_id, id),
    UNIQUE (institution_id, report_id),
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
