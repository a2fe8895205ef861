ALTER TABLE users DROP COLUMN address_exception_until;
ALTER TABLE users DROP COLUMN address_exception;
ALTER TABLE membership DROP COLUMN address_due;
-- Links that confirm an address are of no use without it, and a program from before knows none.
DELETE FROM invitation WHERE kind LIKE '%-address%';
ALTER TABLE invitation DROP COLUMN address;
