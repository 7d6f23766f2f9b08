-- Webhooks as their owners see them (Standard Webhooks).

CREATE OR REPLACE FUNCTION webhook_message(webhook uuid, seq bigint) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT 'msg_' || replace(webhook::text, '-', '') || '_' || seq $$;
COMMENT ON FUNCTION webhook_message IS 'The header webhook-id: the same whenever the same event goes to the same webhook.';

CREATE OR REPLACE FUNCTION webhook_visible(w webhooks, caller_key uuid, operator boolean) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT w.owner = caller_key OR operator $$;
COMMENT ON FUNCTION webhook_visible IS 'A webhook is for its owner and for operators.';

CREATE OR REPLACE FUNCTION webhook_host(url text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT substring(url FROM '^[^:]+://[^/?#]+') $$;
COMMENT ON FUNCTION webhook_host IS 'Scheme, host and port of a URL. Its path and query often hold what lets in whoever knows them.';

CREATE OR REPLACE FUNCTION webhook_json(w webhooks, reader uuid) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT json_build_object('id', w.id, 'url', CASE WHEN w.owner = reader THEN w.url ELSE webhook_host(w.url) END, 'description', w.description, 'types', w.types, 'campaign', w.campaign,
                'unit_id', w.unit_id, 'unit_label', unit_label(w.unit_id, today()), 'owner', json_build_object('key_id', k.id, 'name', k.name),
                'state', CASE WHEN key_in_force(k) THEN w.state ELSE 'UNOWNED' END,
                'created_at', w.created_at, 'previous_secret_until', CASE WHEN w.previous_until > now() THEN w.previous_until END,
                'delivery', json_build_object('position', w.position, 'failures', w.failures, 'failing_since', w.failing_since,
                    'next_attempt_at', CASE WHEN w.failures > 0 THEN w.next_attempt_at END, 'last_status', w.last_status,
                    'last_error', w.last_error,
                    'parked', (SELECT count(*) FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.state = 'PARKED')))
            FROM keys k WHERE k.id = w.owner);
END $$;
COMMENT ON FUNCTION webhook_json IS
    'A webhook as its reader sees it: never a secret, and the whole URL for its owner alone. The journal keeps what no owner reads (null).';

CREATE OR REPLACE FUNCTION webhook_delivery_json(d webhook_deliveries) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('seq', d.seq, 'message_id', webhook_message(d.webhook_id, d.seq), 'state', d.state, 'attempts', d.attempts,
        'first_attempt_at', d.first_attempt_at, 'last_attempt_at', d.last_attempt_at, 'status', d.status, 'error', d.error)
$$;
COMMENT ON FUNCTION webhook_delivery_json IS
    'What became of an event, by its number alone: an operator who may not read the event learns nothing about it.';

-- A timer of the database is an instant of its clock, which can be set back: then it would be over much later than was meant.
CREATE OR REPLACE FUNCTION webhook_timed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.timed_at := now();
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER webhook_timed BEFORE UPDATE OF next_attempt_at, leased_until ON webhooks
    FOR EACH ROW EXECUTE FUNCTION webhook_timed();
