DROP TABLE audit_witness;
DROP TABLE audit_cosignature;
