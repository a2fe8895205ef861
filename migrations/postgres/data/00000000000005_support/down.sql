DROP TABLE support_session;
DROP TABLE support_request_pupil;
DROP TABLE support_request;
DROP TABLE coupling;
DROP TABLE support_consent;
