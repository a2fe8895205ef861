-- What the role that serves may do with the data: read and write rows, and never make, change or empty a table. Given
-- anew after each migration, by the owner. Of what is only added to it changes nothing, but for the bodies of entries of
-- the audit log, which a trigger lets end only when their time has come.
DO $$
DECLARE
    server text := current_setting('groeilijn.serve_role');
BEGIN
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, %I', server);
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', server);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %I', server);
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON __diesel_schema_migrations FROM %I', server);
    EXECUTE format('REVOKE UPDATE, DELETE ON audit_entry, audit_object, audit_checkpoint, audit_tile, audit_log_key, right_change, staff_right_change, contract_document, incident, incident_record, evidence_record, audit_stage, log_review, disclosure, audit_confirmation, audit_cosignature FROM %I', server);
    EXECUTE format('REVOKE DELETE ON audit_tree FROM %I', server);
    EXECUTE format(
        'GRANT UPDATE (occurred_at, actor_kind, actor_id, session_id, address, trace_id, span_id, activity, operation, '
            'objects, outcome, change_digest, detail) ON audit_entry TO %I',
        server
    );
    EXECUTE format('GRANT DELETE ON audit_object TO %I', server);
END $$;
