-- The journal outward by webhooks (Standard Webhooks): who wants to be told of what, and how far they were told. The journal itself is
-- the outbox: a webhook is a position in its gapless numbers.

CREATE TABLE webhooks (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    version bigint NOT NULL DEFAULT 1,
    owner uuid NOT NULL REFERENCES keys,
    url text NOT NULL,
    description text,
    types text[] CONSTRAINT webhooks_types CHECK (
        array_to_string(types, ' ', '-') ~ '^thidua(\.[a-z_]+)*(\.\*)?( thidua(\.[a-z_]+)*(\.\*)?)*$'),
    campaign text CONSTRAINT webhooks_campaign REFERENCES campaigns,
    unit_id uuid CONSTRAINT webhooks_unit REFERENCES units,
    state text NOT NULL DEFAULT 'ACTIVE' CONSTRAINT webhooks_state CHECK (state IN ('ACTIVE', 'PAUSED', 'GONE')),
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    secret_key text NOT NULL,
    generation integer NOT NULL DEFAULT 1,
    previous_until timestamptz,
    position bigint NOT NULL,
    due_from timestamptz NOT NULL DEFAULT now(),
    failures integer NOT NULL DEFAULT 0,
    failing_since timestamptz,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    last_status integer,
    last_error text,
    leased_by uuid,
    leased_until timestamptz,
    CONSTRAINT webhooks_failing_whole CHECK ((failures = 0) = (failing_since IS NULL))
);
COMMENT ON TABLE webhooks IS
    'Where events go. A webhook hears of what the key that owns it may read in /v1/events, while that key is in force.';
COMMENT ON COLUMN webhooks.types IS 'Types of events, or their beginnings as in thidua.dossier.*; null for all.';
COMMENT ON COLUMN webhooks.secret_key IS
    'Which master key its secrets are derived from (the beginning of a digest of it). The secrets themselves are stored nowhere.';
COMMENT ON COLUMN webhooks.generation IS 'Number of its secret; the one before also signs until previous_until.';
COMMENT ON COLUMN webhooks.position IS 'journal.seq of the last event that was delivered, parked, or not wanted.';
COMMENT ON COLUMN webhooks.due_from IS 'Since when it has been open: no event counts as overdue by time that it was not.';
COMMENT ON COLUMN webhooks.failures IS 'Attempts that failed since the last good one: the pause to the next one grows with them.';
COMMENT ON COLUMN webhooks.leased_by IS 'The running instance that sends to it, until leased_until: one at a time.';
CREATE INDEX webhooks_of_owner ON webhooks (owner);
CREATE INDEX webhooks_due ON webhooks (next_attempt_at) WHERE state = 'ACTIVE';
GRANT DELETE ON webhooks TO thidua_app;

CREATE TABLE webhook_deliveries (
    webhook_id uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    seq bigint NOT NULL,
    state text NOT NULL CONSTRAINT webhook_deliveries_state CHECK (state IN ('PENDING', 'DELIVERED', 'PARKED')),
    resend boolean NOT NULL DEFAULT false,
    attempts integer NOT NULL,
    first_attempt_at timestamptz,
    last_attempt_at timestamptz,
    status integer,
    error text,
    CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (webhook_id, seq)
);
COMMENT ON TABLE webhook_deliveries IS
    'What became of single events: the one being tried, all that were parked, and the latest that were delivered.';
COMMENT ON COLUMN webhook_deliveries.resend IS 'Wanted once more, whatever the position of the webhook.';
CREATE INDEX webhook_deliveries_resend ON webhook_deliveries (webhook_id, seq) WHERE resend;
CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (webhook_id, state, seq);
GRANT DELETE ON webhook_deliveries TO thidua_app;

CREATE FUNCTION webhook_message(webhook uuid, seq bigint) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT 'msg_' || replace(webhook::text, '-', '') || '_' || seq $$;
COMMENT ON FUNCTION webhook_message IS 'The header webhook-id: the same whenever the same event goes to the same webhook.';

CREATE FUNCTION webhook_json(w webhooks) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', w.id, 'url', w.url, 'description', w.description, 'types', w.types, 'campaign', w.campaign,
        'unit_id', w.unit_id, 'owner', json_build_object('key_id', k.id, 'name', k.name),
        'state', CASE WHEN k.revoked_at IS NOT NULL OR k.expires_at <= clock_now() THEN 'UNOWNED' ELSE w.state END,
        'created_at', w.created_at, 'previous_secret_until', CASE WHEN w.previous_until > now() THEN w.previous_until END,
        'delivery', json_build_object('position', w.position, 'failures', w.failures, 'failing_since', w.failing_since,
            'next_attempt_at', CASE WHEN w.failures > 0 THEN w.next_attempt_at END, 'last_status', w.last_status,
            'last_error', w.last_error,
            'parked', (SELECT count(*) FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.state = 'PARKED')))
    FROM keys k WHERE k.id = w.owner
$$;
COMMENT ON FUNCTION webhook_json IS 'A webhook as its owner sees it: never a secret.';

CREATE FUNCTION webhook_delivery_json(d webhook_deliveries) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('seq', d.seq, 'message_id', webhook_message(d.webhook_id, d.seq), 'state', d.state, 'attempts', d.attempts,
        'first_attempt_at', d.first_attempt_at, 'last_attempt_at', d.last_attempt_at, 'status', d.status, 'error', d.error)
$$;
COMMENT ON FUNCTION webhook_delivery_json IS
    'What became of an event, by its number alone: an operator who may not read the event learns nothing of it.';
