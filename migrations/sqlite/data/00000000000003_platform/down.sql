DROP TABLE security_event;
DROP TABLE confidentiality_statement;
DROP TABLE processor_staff;
