DROP TABLE support_session;
DROP TABLE coupling;
DROP TABLE support_consent;
CREATE TABLE new_idempotency (
    account_id BLOB NOT NULL REFERENCES account (id),
    idempotency_key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    status INTEGER NOT NULL,
    location TEXT,
    revision INTEGER,
    body BLOB NOT NULL,
    PRIMARY KEY (account_id, idempotency_key)
) STRICT;
INSERT INTO new_idempotency SELECT * FROM idempotency WHERE actor_id IN (SELECT id FROM account);
DROP TABLE idempotency;
ALTER TABLE new_idempotency RENAME TO idempotency;
CREATE INDEX idempotency_age ON idempotency (created_at);
DROP TABLE api_token;
DROP TABLE right_change;
DROP TABLE security_event;
DROP TABLE login_failure;
DROP TABLE letter;
ALTER TABLE account DROP COLUMN reminded;
DROP TABLE confidentiality_statement;
DROP TABLE processor_staff;
ALTER TABLE institution DROP COLUMN login_networks;
ALTER TABLE institution DROP COLUMN administrators_need_second_factor;
DROP TABLE recovery_code;
DROP TABLE second_factor;
DROP TABLE old_password;
ALTER TABLE account DROP COLUMN last_day;
ALTER TABLE account DROP COLUMN rights;
ALTER TABLE account DROP COLUMN strikes;
