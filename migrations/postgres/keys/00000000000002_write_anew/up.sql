-- Destroyed keys leave bytes in the pages of their tables, until PostgreSQL writes over them some day. This writes the
-- table anew, without them. Only the owner of a table may do that, so the function does it in the owner's name.
CREATE FUNCTION write_keys_anew() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN CLUSTER subject_key USING subject_key_pkey; END $$;
REVOKE EXECUTE ON FUNCTION write_keys_anew() FROM PUBLIC;
