-- How many entries of a log, from the first one on, its index has what they name of. Absent where a program from before
-- wrote all of them: that one enters what an entry names together with it.
ALTER TABLE audit_tree ADD COLUMN indexed INTEGER;

DROP TRIGGER audit_tree_grows;
CREATE TRIGGER audit_tree_grows BEFORE UPDATE ON audit_tree
WHEN NOT (
    NEW.institution_id = OLD.institution_id AND NEW.size >= OLD.size AND NEW.last_at >= OLD.last_at
    AND coalesce(NEW.indexed, 0) BETWEEN coalesce(OLD.indexed, 0) AND NEW.size
)
BEGIN SELECT RAISE(ABORT, 'audit_tree only grows'); END;
