-- The address that somebody is going to log in with, sealed under her own key: in the invitation that confirms it (C055).

ALTER TABLE invitation ADD COLUMN address BLOB;

-- Why a user has to log in with another address before she does anything else; nothing for one whose address is in order.
-- It follows from her address, the domains of the institution and the exception below, and is settled again each hour.
ALTER TABLE membership ADD COLUMN address_due TEXT;

-- That a user has an address of another organisation, such as an agency's: why and by whose leave, sealed under her own key,
-- and the last day (C055).
ALTER TABLE users ADD COLUMN address_exception BLOB;
ALTER TABLE users ADD COLUMN address_exception_until TEXT;
