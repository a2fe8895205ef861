-- Programs of institutions that are told of events (C124). Address and secret are sealed under the institution's key.
CREATE TABLE webhook_endpoint (
    institution_id BLOB NOT NULL REFERENCES institution (id),
    id BLOB NOT NULL,
    address BLOB NOT NULL,
    secret BLOB NOT NULL,
    events TEXT NOT NULL,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    ended_by BLOB,
    ended_at INTEGER,
    PRIMARY KEY (institution_id, id)
) STRICT;

-- What they are told: an event and the id of what it is about, written in the transaction that it tells of. The processes
-- that send look for what is due in all institutions.
CREATE TABLE webhook_delivery (
    institution_id BLOB NOT NULL,
    id BLOB NOT NULL,
    endpoint_id BLOB NOT NULL,
    event TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    occurred_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    tried_at INTEGER,
    -- What the receiver answered last; none when it did not.
    status INTEGER,
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, endpoint_id) REFERENCES webhook_endpoint (institution_id, id)
) STRICT;
CREATE INDEX webhook_delivery_due ON webhook_delivery (state, due_at);
CREATE INDEX webhook_delivery_endpoint ON webhook_delivery (institution_id, endpoint_id, id);
