-- A key gets a new secret while the old one goes on for a while, so that a caller can be moved over without a gap.

ALTER TABLE keys
    ADD COLUMN previous_hash bytea CONSTRAINT keys_previous_hash UNIQUE,
    ADD COLUMN previous_until timestamptz,
    ADD CONSTRAINT keys_previous_whole CHECK ((previous_hash IS NULL) = (previous_until IS NULL));
COMMENT ON COLUMN keys.previous_hash IS 'SHA-256 of the secret before the last rotation, good until previous_until.';

CREATE OR REPLACE FUNCTION key_json(k keys) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', k.id, 'name', k.name, 'roles', k.roles, 'unit_id', k.unit_id,
        'created_at', k.created_at, 'created_by', k.created_by, 'expires_at', k.expires_at, 'revoked_at', k.revoked_at,
        'previous_until', k.previous_until)
$$;
COMMENT ON FUNCTION key_json IS 'A key as callers see it: never a secret, nor its hash.';
