-- Looks of the processor's staff into an institution, and what they rest on.

-- What users allow the processor's staff to see of them (C012, C050). Like the other tables here it is looked at before it
-- is known which institution a session is of, so it has no policy. The code to look along is sealed under the user's own
-- key; the member of the helpdesk who used it first keeps it.
CREATE TABLE support_consent (
    institution_id BYTEA NOT NULL,
    id BYTEA NOT NULL,
    user_id BYTEA NOT NULL,
    kind TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    code BYTEA NOT NULL,
    staff_id BYTEA REFERENCES processor_staff (id),
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, user_id) REFERENCES users (institution_id, id)
);
CREATE INDEX support_consent_user ON support_consent (institution_id, user_id, kind, ends_at);

-- Advisers who work for an institution from one day up to and including another, in Amsterdam (C100, C101). What was
-- agreed is sealed under the institution's key. Until an administrator of the institution approves one, nothing rests on
-- it (C099).
CREATE TABLE coupling (
    id BYTEA NOT NULL PRIMARY KEY,
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    adviser_id BYTEA NOT NULL REFERENCES processor_staff (id),
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,
    report TEXT NOT NULL,
    agreement BYTEA NOT NULL,
    created_by BYTEA NOT NULL REFERENCES account (id),
    created_at BIGINT NOT NULL,
    approved_by BYTEA REFERENCES account (id),
    approved_at BIGINT,
    decoupled_by BYTEA REFERENCES account (id),
    decoupled_at BIGINT
);
CREATE INDEX coupling_adviser ON coupling (adviser_id, institution_id, ends_on);
CREATE INDEX coupling_institution ON coupling (institution_id, id);

-- Looks of the processor's staff into an institution: what a session of theirs is for and what it may see (C010–C013).
-- The reason is sealed under the institution's key.
CREATE TABLE support_session (
    id BYTEA NOT NULL PRIMARY KEY REFERENCES session (id),
    institution_id BYTEA NOT NULL REFERENCES institution (id),
    staff_id BYTEA NOT NULL REFERENCES processor_staff (id),
    kind TEXT NOT NULL,
    user_id BYTEA,
    case_id TEXT,
    consent_id BYTEA,
    coupling_id BYTEA REFERENCES coupling (id),
    reason BYTEA NOT NULL,
    parts TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    FOREIGN KEY (institution_id, user_id) REFERENCES users (institution_id, id),
    FOREIGN KEY (institution_id, consent_id) REFERENCES support_consent (institution_id, id)
);
CREATE INDEX support_session_institution ON support_session (institution_id, id);
CREATE INDEX support_session_staff ON support_session (staff_id, id);
