-- Programs of institutions that are told of events (C124). Address and secret are sealed under the institution's key.
CREATE TABLE webhook_endpoint (
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    id BYTEA NOT NULL,
    address BYTEA NOT NULL,
    secret BYTEA NOT NULL,
    events TEXT NOT NULL,
    made_by BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    ended_by BYTEA,
    ended_at BIGINT,
    PRIMARY KEY (institution_id, id)
);

-- What they are told: an event and the id of what it is about, written in the transaction that it tells of. The processes
-- that send look for what is due in all institutions.
CREATE TABLE webhook_delivery (
    institution_id BYTEA NOT NULL,
    id BYTEA NOT NULL,
    endpoint_id BYTEA NOT NULL,
    event TEXT NOT NULL,
    subject_id BYTEA NOT NULL,
    occurred_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    tried_at BIGINT,
    -- What the receiver answered last; none when it did not.
    status INTEGER,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, endpoint_id) REFERENCES webhook_endpoint (institution_id, id)
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (state, due_at);
CREATE INDEX webhook_delivery_endpoint ON webhook_delivery (institution_id, endpoint_id, id);

ALTER TABLE webhook_endpoint ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_endpoint FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON webhook_endpoint
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));
