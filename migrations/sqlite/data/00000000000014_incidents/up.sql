-- Security incidents, of which some are a datalek, and everything that was added to them. Neither is ever changed or taken
-- away (C122); what is sealed is under a key of the incident's own, which ends.

CREATE TABLE incident (
    institution_id BLOB NOT NULL REFERENCES institution (id),
    id BLOB NOT NULL UNIQUE,
    -- The same for what happened to several institutions at once.
    case_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    channel TEXT,
    -- When the clock began.
    known_at INTEGER NOT NULL,
    occurred_at INTEGER,
    reported_at INTEGER NOT NULL,
    -- On which side who reported it stands, and who that was.
    reporter_kind TEXT NOT NULL,
    reporter_id BLOB NOT NULL,
    security_event_id BLOB,
    content BLOB NOT NULL,
    PRIMARY KEY (institution_id, id)
) STRICT;
CREATE INDEX incident_case ON incident (case_id);

CREATE TABLE incident_record (
    institution_id BLOB NOT NULL,
    id BLOB NOT NULL,
    incident_id BLOB NOT NULL,
    -- From 1, without gaps.
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    -- Which of its kind, as the stage.
    code TEXT,
    at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    author_kind TEXT NOT NULL,
    -- None for the service itself.
    author_id BLOB,
    content BLOB NOT NULL,
    PRIMARY KEY (institution_id, id),
    UNIQUE (institution_id, incident_id, number),
    FOREIGN KEY (institution_id, incident_id) REFERENCES incident (institution_id, id)
) STRICT;

CREATE TRIGGER incident_unchanged BEFORE UPDATE ON incident
BEGIN SELECT RAISE(ABORT, 'incident is append-only'); END;

CREATE TRIGGER incident_kept BEFORE DELETE ON incident
BEGIN SELECT RAISE(ABORT, 'incident is append-only'); END;

CREATE TRIGGER incident_record_unchanged BEFORE UPDATE ON incident_record
BEGIN SELECT RAISE(ABORT, 'incident_record is append-only'); END;

CREATE TRIGGER incident_record_kept BEFORE DELETE ON incident_record
BEGIN SELECT RAISE(ABORT, 'incident_record is append-only'); END;
