DROP TRIGGER audit_tree_grows;
CREATE TRIGGER audit_tree_grows BEFORE UPDATE ON audit_tree
WHEN NOT (NEW.institution_id = OLD.institution_id AND NEW.size >= OLD.size AND NEW.last_at >= OLD.last_at)
BEGIN SELECT RAISE(ABORT, 'audit_tree only grows'); END;

ALTER TABLE audit_tree DROP COLUMN indexed;
