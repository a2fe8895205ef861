-- What the service signs of each audit log, so that it can be shown later that nothing before was altered or left out: how
-- many entries there were, and the root of their tree. The note holds both, and the signature.
CREATE TABLE audit_checkpoint (
    institution_id BYTEA NOT NULL,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    signed_at BIGINT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (institution_id, size)
);

-- Hashes inside the trees: the root of each whole tile of 256 hashes, by its level and its number there. On level 0 these
-- are the leaves of entries, on the next one the roots of 256 tiles.
CREATE TABLE audit_tile (
    institution_id BYTEA NOT NULL,
    level INTEGER NOT NULL,
    number BIGINT NOT NULL,
    root BYTEA NOT NULL,
    PRIMARY KEY (institution_id, level, number)
);

-- Both are only added to.
CREATE TRIGGER audit_checkpoint_unchanged BEFORE UPDATE OR DELETE ON audit_checkpoint
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_checkpoint_whole BEFORE TRUNCATE ON audit_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_tile_unchanged BEFORE UPDATE OR DELETE ON audit_tile
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_tile_whole BEFORE TRUNCATE ON audit_tile
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE audit_checkpoint ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_checkpoint FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON audit_checkpoint
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));

ALTER TABLE audit_tile ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_tile FORCE ROW LEVEL SECURITY;
CREATE POLICY own_institution ON audit_tile
    USING (institution_id = decode(current_setting('groeilijn.institution', true), 'hex'));
