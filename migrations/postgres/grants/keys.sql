-- What the role that serves may do with the keys: read and write rows, and never make, change or empty a table. Given
-- anew after each migration, by the owner.
DO $$
DECLARE
    server text := current_setting('groeilijn.serve_role');
BEGIN
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, %I', server);
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', server);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %I', server);
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON __diesel_schema_migrations FROM %I', server);
    EXECUTE format('GRANT EXECUTE ON FUNCTION write_keys_anew() TO %I', server);
END $$;
