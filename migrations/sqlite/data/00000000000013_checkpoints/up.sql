-- What the service signs of each audit log, so that it can be shown later that nothing before was altered or left out: how
-- many entries there were, and the root of their tree. The note holds both, and the signature.
CREATE TABLE audit_checkpoint (
    institution_id BLOB NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    signed_at INTEGER NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (institution_id, size)
) STRICT, WITHOUT ROWID;

-- Hashes inside the trees: the root of each whole tile of 256 hashes, by its level and its number there. On level 0 these
-- are the leaves of entries, on the next one the roots of 256 tiles.
CREATE TABLE audit_tile (
    institution_id BLOB NOT NULL,
    level INTEGER NOT NULL,
    number INTEGER NOT NULL,
    root BLOB NOT NULL,
    PRIMARY KEY (institution_id, level, number)
) STRICT, WITHOUT ROWID;

-- Both are only added to.
CREATE TRIGGER audit_checkpoint_unchanged BEFORE UPDATE ON audit_checkpoint
BEGIN SELECT RAISE(ABORT, 'audit_checkpoint is append-only'); END;
CREATE TRIGGER audit_checkpoint_kept BEFORE DELETE ON audit_checkpoint
BEGIN SELECT RAISE(ABORT, 'audit_checkpoint is append-only'); END;
CREATE TRIGGER audit_tile_unchanged BEFORE UPDATE ON audit_tile
BEGIN SELECT RAISE(ABORT, 'audit_tile is append-only'); END;
CREATE TRIGGER audit_tile_kept BEFORE DELETE ON audit_tile
BEGIN SELECT RAISE(ABORT, 'audit_tile is append-only'); END;
