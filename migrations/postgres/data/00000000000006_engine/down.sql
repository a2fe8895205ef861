DROP TABLE audit_object;
DROP TABLE audit_entry;
DROP TABLE audit_tree;
DROP FUNCTION refuse_audit_tree_loss;
DROP FUNCTION refuse_audit_object_loss;
DROP FUNCTION refuse_audit_change;
DROP TABLE job;
DROP TABLE idempotency;
