DROP TABLE support_session;
DROP TABLE coupling;
DROP TABLE support_consent;
