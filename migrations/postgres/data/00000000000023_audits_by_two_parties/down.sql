DROP TABLE audit_confirmation;
