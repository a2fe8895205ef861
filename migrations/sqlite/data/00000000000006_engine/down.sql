DROP TABLE audit_object;
DROP TABLE audit_entry;
DROP TABLE audit_tree;
DROP TABLE key_end;
DROP TABLE job;
DROP TABLE idempotency;
