DROP TABLE audit_stage;
DROP TABLE evidence_record;
