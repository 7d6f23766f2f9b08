-- Writes that can be sent again: what was answered to an Idempotency-Key.

CREATE TABLE idempotency_answers (
    caller text NOT NULL,
    key text NOT NULL CONSTRAINT idempotency_answers_key_bounded CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint bytea NOT NULL CONSTRAINT idempotency_answers_sha256 CHECK (length(fingerprint) = 32),
    expires_at timestamptz NOT NULL,
    status integer NOT NULL,
    content_type text,
    etag text,
    location text,
    cache_control text,
    sealed boolean NOT NULL,
    body bytea NOT NULL,
    CONSTRAINT idempotency_answers_pkey PRIMARY KEY (caller, key)
);
COMMENT ON TABLE idempotency_answers IS
    'What a write answered, stored in its own transaction, so that the same request sent again gets the same answer and writes nothing
    (draft-ietf-httpapi-idempotency-key-header). Good for 24 hours; each new row sweeps a few that have expired.';
COMMENT ON COLUMN idempotency_answers.fingerprint IS 'SHA-256 of method, target, content type and body.';
COMMENT ON COLUMN idempotency_answers.sealed IS
    'The body holds a secret that is shown once: it is encrypted under the caller''s own credential, which is not stored anywhere.';
CREATE INDEX idempotency_answers_expired ON idempotency_answers (expires_at);
GRANT DELETE ON idempotency_answers TO thidua_app;
