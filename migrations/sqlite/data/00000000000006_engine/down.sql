DROP TABLE audit_object;
DROP TABLE audit_entry;
DROP TABLE audit_tree;
DROP TABLE job;
DROP TABLE idempotency;
