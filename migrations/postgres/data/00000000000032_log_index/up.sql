-- How many entries of a log, from the first one on, its index has what they name of. Absent where a program from before
-- wrote all of them: that one enters what an entry names together with it.
ALTER TABLE audit_tree ADD COLUMN indexed BIGINT;

CREATE OR REPLACE FUNCTION refuse_audit_tree_loss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.institution_id = OLD.institution_id AND NEW.size >= OLD.size AND NEW.last_at >= OLD.last_at
        AND coalesce(NEW.indexed, 0) BETWEEN coalesce(OLD.indexed, 0) AND NEW.size THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit_tree only grows';
END $$;
