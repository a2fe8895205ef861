DROP TABLE audit_tile;
DROP TABLE audit_checkpoint;
