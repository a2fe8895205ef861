CREATE OR REPLACE FUNCTION refuse_audit_tree_loss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.institution_id = OLD.institution_id AND NEW.size >= OLD.size AND NEW.last_at >= OLD.last_at THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit_tree only grows';
END $$;

ALTER TABLE audit_tree DROP COLUMN indexed;
