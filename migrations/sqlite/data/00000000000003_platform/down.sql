DROP TABLE security_event;
DROP TABLE staff_right_change;
DROP TABLE confidentiality_statement;
DROP TABLE processor_staff;
