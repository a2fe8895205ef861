-- Security incidents, of which some are a datalek, and everything that was added to them. Neither is ever changed or taken
-- away (C122); what is sealed is under a key of the incident's own, which ends.

CREATE TABLE incident (
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    id BYTEA NOT NULL UNIQUE,
    -- The same for what happened to several institutions at once.
    case_id BYTEA NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    channel TEXT,
    -- When the clock began.
    known_at BIGINT NOT NULL,
    occurred_at BIGINT,
    reported_at BIGINT NOT NULL,
    -- On which side who reported it stands, and who that was.
    reporter_kind TEXT NOT NULL,
    reporter_id BYTEA NOT NULL,
    security_event_id BYTEA,
    content BYTEA NOT NULL,
    PRIMARY KEY (institution_id, id)
);
CREATE INDEX incident_case ON incident (case_id);

CREATE TABLE incident_record (
    institution_id BYTEA NOT NULL,
    id BYTEA NOT NULL,
    incident_id BYTEA NOT NULL,
    -- From 1, without gaps.
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    -- Which of its kind, as the stage.
    code TEXT,
    at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    author_kind TEXT NOT NULL,
    -- None for the service itself.
    author_id BYTEA,
    content BYTEA NOT NULL,
    PRIMARY KEY (institution_id, id),
    UNIQUE (institution_id, incident_id, number),
    FOREIGN KEY (institution_id, incident_id) REFERENCES incident (institution_id, id)
);

CREATE TRIGGER incident_kept BEFORE UPDATE OR DELETE ON incident
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER incident_whole BEFORE TRUNCATE ON incident
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER incident_record_kept BEFORE UPDATE OR DELETE ON incident_record
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER incident_record_whole BEFORE TRUNCATE ON incident_record
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE incident_record ENABLE ROW LEVEL SECURITY;
ALTER TABLE incident_record FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON incident_record
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));
