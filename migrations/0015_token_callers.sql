-- Callers with a token of the identity provider have an id of their own, made of issuer and subject, and no row in keys.

ALTER TABLE keys DROP CONSTRAINT keys_created_by_fkey;
COMMENT ON COLUMN keys.created_by IS 'Who made it: a key, or a caller known by a token; null for the command line.';
