-- Looks of the processor's staff into an institution, and what they rest on.

-- What users allow the processor's staff to see of them (C012, C050). Like the other tables here it is looked at before it
-- is known which institution a session is of, so it has no policy. The code to look along is sealed under the user's own
-- key; the member of the helpdesk who used it first keeps it.
CREATE TABLE support_consent (
    institution_id BLOB NOT NULL,
    id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    withdrawn_at INTEGER,
    code BLOB NOT NULL,
    staff_id BLOB REFERENCES processor_staff (id),
    PRIMARY KEY (institution_id, id),
    FOREIGN KEY (institution_id, user_id) REFERENCES users (institution_id, id)
) STRICT;
CREATE INDEX support_consent_user ON support_consent (institution_id, user_id, kind, ends_at);

-- Advisers who work for an institution from one day up to and including another, in Amsterdam (C100, C101). What was
-- agreed is sealed under the institution's key. Until an administrator of the institution approves one, nothing rests on
-- it (C099).
CREATE TABLE coupling (
    id BLOB NOT NULL PRIMARY KEY,
    institution_id BLOB NOT NULL REFERENCES institution (id),
    adviser_id BLOB NOT NULL REFERENCES processor_staff (id),
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,
    report TEXT NOT NULL,
    agreement BLOB NOT NULL,
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    approved_by BLOB,
    approved_at INTEGER,
    decoupled_by BLOB,
    decoupled_at INTEGER
) STRICT;
CREATE INDEX coupling_adviser ON coupling (adviser_id, institution_id, ends_on);
CREATE INDEX coupling_institution ON coupling (institution_id, id);

-- What institutions ask an adviser (C010, C146): made by a user, or recorded by the processor's staff from a letter or a
-- call, and then approved by an administrator. The question and who asked it are sealed under a key of the request's own.
-- No child that was ever in a group is forgotten with it, so a group that is named here may be gone.
CREATE TABLE support_request (
    id BLOB NOT NULL PRIMARY KEY,
    institution_id BLOB NOT NULL REFERENCES institution (id),
    made_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    question BLOB NOT NULL,
    asked_by BLOB NOT NULL,
    channel TEXT,
    received_on TEXT,
    group_id BLOB,
    parts TEXT NOT NULL,
    approved_by BLOB,
    approved_at INTEGER,
    closed_by BLOB,
    closed_at INTEGER,
    UNIQUE (institution_id, id)
) STRICT;
CREATE INDEX support_request_institution ON support_request (institution_id, made_by, id);

-- The children whom a request names: those that an adviser is shown.
CREATE TABLE support_request_pupil (
    institution_id BLOB NOT NULL,
    request_id BLOB NOT NULL,
    pupil_id BLOB NOT NULL,
    PRIMARY KEY (institution_id, request_id, pupil_id),
    FOREIGN KEY (institution_id, request_id) REFERENCES support_request (institution_id, id),
    FOREIGN KEY (institution_id, pupil_id) REFERENCES pupil (institution_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX support_request_pupil_pupil ON support_request_pupil (institution_id, pupil_id);

-- Looks of the processor's staff into an institution: what a session of theirs is for and what it may see (C010–C013).
-- The reason, and why free text is needed if it is, are sealed under the institution's key.
CREATE TABLE support_session (
    id BLOB NOT NULL PRIMARY KEY REFERENCES session (id),
    institution_id BLOB NOT NULL REFERENCES institution (id),
    staff_id BLOB NOT NULL REFERENCES processor_staff (id),
    kind TEXT NOT NULL,
    user_id BLOB,
    case_id TEXT,
    consent_id BLOB,
    coupling_id BLOB REFERENCES coupling (id),
    request_id BLOB,
    reason BLOB NOT NULL,
    free_text INTEGER NOT NULL,
    free_text_reason BLOB NOT NULL,
    parts TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    -- That the service wrote what decides where and how far it looks.
    proof BLOB NOT NULL,
    FOREIGN KEY (institution_id, user_id) REFERENCES users (institution_id, id),
    FOREIGN KEY (institution_id, consent_id) REFERENCES support_consent (institution_id, id),
    FOREIGN KEY (institution_id, request_id) REFERENCES support_request (institution_id, id)
) STRICT;
CREATE INDEX support_session_institution ON support_session (institution_id, id);
CREATE INDEX support_session_staff ON support_session (staff_id, id);
