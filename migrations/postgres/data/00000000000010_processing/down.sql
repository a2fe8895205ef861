DROP TABLE destruction_confirmation;
DROP TABLE institution_ending;
DROP TABLE transfer_consent;
DROP TABLE subprocessor_objection;
DROP TABLE subprocessor_check;
DROP TABLE subprocessor;
