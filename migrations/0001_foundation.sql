-- Roles, clock, cursors, refusals, the journal and the keys: what every other table stands on.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'thidua_app') THEN
        RAISE EXCEPTION 'the role thidua_app is missing: create it (LOGIN, without CREATE rights) before migrating';
    END IF;
END $$;

CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO thidua_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE ON TABLES TO thidua_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO thidua_app;
GRANT SELECT ON schema_migrations TO thidua_app;

-- ---- clock ----

CREATE FUNCTION clock_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting('thidua.now', true), '')::timestamptz, now()) $$;
COMMENT ON FUNCTION clock_now IS 'The service''s clock: the transaction''s time, or the fixed one of tests and replays.';

CREATE FUNCTION local_date(instant timestamptz) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (instant AT TIME ZONE 'Asia/Ho_Chi_Minh')::date $$;
COMMENT ON FUNCTION local_date IS 'The civil date of an instant as the law reads it.';

CREATE FUNCTION today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT local_date(clock_now()) $$;

-- ---- refusals, cursors, pages ----

CREATE FUNCTION refuse(rule text) RETURNS boolean LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'TH001', CONSTRAINT = rule; END $$;
COMMENT ON FUNCTION refuse IS 'Refuses by a named rule; the service turns the name into a problem for the caller.';

CREATE FUNCTION cursor_of(VARIADIC keys text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT rtrim(translate(encode(convert_to(to_json(keys)::text, 'UTF8'), 'base64'), E'+/\n', '-_'), '=') $$;
COMMENT ON FUNCTION cursor_of IS 'An opaque cursor: the sort keys of the last row shown, base64url.';

CREATE FUNCTION cursor_key(cursor text) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF cursor IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN ARRAY(SELECT json_array_elements_text(convert_from(decode(
        translate(cursor, '-_', '+/') || repeat('=', (4 - length(cursor) % 4) % 4), 'base64'), 'UTF8')::json));
EXCEPTION WHEN OTHERS THEN
    PERFORM refuse('cursor_malformed');
END $$;

CREATE FUNCTION page_json(items json[], cursors text[], page_size integer, OUT body text, OUT version text, OUT next text)
LANGUAGE sql IMMUTABLE AS $$
    SELECT json_build_object('items', coalesce(to_json(items[1:page_size]), '[]'::json),
                             'next', CASE WHEN cardinality(items) > page_size THEN cursors[page_size] END)::text,
           NULL::text,
           CASE WHEN cardinality(items) > page_size THEN cursors[page_size] END
$$;
COMMENT ON FUNCTION page_json IS
    'A list''s answer from one row more than the page holds: {"items": […], "next": cursor or null}, and the cursor.';

CREATE FUNCTION search_form(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT lower(public.unaccent('public.unaccent', normalize(name, NFC))) $$;
COMMENT ON FUNCTION search_form IS
    'Lower case without diacritics: "dong xoai" finds Đồng Xoài, Hoà and Hòa are alike. For searching only.';

-- ---- journal ----

CREATE TABLE journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seq bigint CONSTRAINT journal_seq UNIQUE,
    hash bytea,
    at timestamptz NOT NULL DEFAULT clock_now(),
    actor_key uuid,
    actor_name text NOT NULL,
    actor_roles text[] NOT NULL,
    actor_unit uuid,
    request_id text NOT NULL,
    type text NOT NULL,
    resource text NOT NULL,
    campaign text,
    year integer,
    unit_id uuid,
    restricted boolean NOT NULL,
    reason text,
    before jsonb,
    after jsonb,
    CONSTRAINT journal_sealed_whole CHECK ((seq IS NULL) = (hash IS NULL))
);
COMMENT ON TABLE journal IS
    'Who did what to which resource, appended in the transaction that did it. Audit trail, event feed and outbox in one.';
COMMENT ON COLUMN journal.seq IS 'Gapless number given by the sealer after commit; null until then.';
COMMENT ON COLUMN journal.hash IS 'SHA-256 of the previous row''s hash followed by journal_canonical of this row.';
CREATE INDEX journal_unsealed ON journal (id) WHERE seq IS NULL;
CREATE INDEX journal_resource ON journal (resource, seq);
CREATE INDEX journal_unit ON journal (unit_id, seq);

CREATE FUNCTION journal_canonical(j journal) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(j.seq, to_char(j.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), j.actor_key,
        j.actor_name, j.actor_roles, j.actor_unit, j.request_id, j.type, j.resource, j.campaign, j.year, j.unit_id,
        j.restricted, j.reason, j.before, j.after)::text
$$;
COMMENT ON FUNCTION journal_canonical IS 'The text that is hashed: every column in a fixed order, independent of settings.';

CREATE FUNCTION journal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.seq IS NULL AND NEW.seq IS NOT NULL
       AND to_jsonb(OLD) - 'seq' - 'hash' = to_jsonb(NEW) - 'seq' - 'hash' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the journal is append-only';
END $$;
CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE ON journal FOR EACH ROW EXECUTE FUNCTION journal_guard();
CREATE TRIGGER journal_never_emptied BEFORE TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION journal_guard();

CREATE FUNCTION journal_unnumbered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq IS NOT NULL THEN
        RAISE EXCEPTION 'only the sealer numbers the journal';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER journal_numbered_by_sealer BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION journal_unnumbered();

CREATE FUNCTION journal_seal_batch(OUT sealed integer, OUT remaining bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    head journal;
    entry journal;
BEGIN
    sealed := 0;
    IF pg_try_advisory_xact_lock(7468696476) THEN
        SELECT * INTO head FROM journal WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1;
        FOR entry IN SELECT * FROM journal WHERE seq IS NULL ORDER BY id LIMIT 500 LOOP
            entry.seq := coalesce(head.seq, 0) + 1;
            entry.hash := sha256(coalesce(head.hash, ''::bytea) || convert_to(journal_canonical(entry), 'UTF8'));
            UPDATE journal SET seq = entry.seq, hash = entry.hash WHERE id = entry.id;
            head := entry;
            sealed := sealed + 1;
        END LOOP;
        IF sealed > 0 THEN
            PERFORM pg_notify('thidua', 'data');
        END IF;
    END IF;
    SELECT count(*) INTO remaining FROM journal WHERE seq IS NULL;
END $$;
COMMENT ON FUNCTION journal_seal_batch IS
    'Numbers and chains committed rows, one sealer at a time; rows that commit later simply get a later number.';

REVOKE UPDATE ON journal FROM thidua_app;

CREATE FUNCTION journal_json(j journal) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('seq', j.seq, 'hash', encode(j.hash, 'hex'), 'at', j.at, 'type', j.type,
        'resource', j.resource, 'campaign', j.campaign, 'year', j.year, 'unit_id', j.unit_id,
        'actor', json_build_object('key_id', j.actor_key, 'name', j.actor_name, 'roles', j.actor_roles, 'unit_id', j.actor_unit),
        'request_id', j.request_id, 'restricted', j.restricted, 'reason', j.reason, 'before', j.before, 'after', j.after)
$$;

-- ---- keys ----

CREATE TABLE keys (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    version bigint NOT NULL DEFAULT 1,
    hash bytea NOT NULL CONSTRAINT keys_hash UNIQUE,
    name text NOT NULL,
    roles text[] NOT NULL CONSTRAINT keys_roles CHECK (cardinality(roles) > 0 AND roles <@ ARRAY[
        'viewer', 'unit', 'home_affairs', 'initiative_council', 'chair_office', 'auditor', 'admin']),
    unit_id uuid,
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    created_by uuid REFERENCES keys,
    expires_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT keys_unit_role_has_unit CHECK (NOT 'unit' = ANY (roles) OR unit_id IS NOT NULL)
);
COMMENT ON TABLE keys IS 'Access keys. Only the SHA-256 of the key itself is stored; it was shown once, when it was made.';
COMMENT ON COLUMN keys.unit_id IS 'The unit whose subtree the key is bound to; needed for the role unit.';

CREATE FUNCTION key_json(k keys) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', k.id, 'name', k.name, 'roles', k.roles, 'unit_id', k.unit_id,
        'created_at', k.created_at, 'created_by', k.created_by, 'expires_at', k.expires_at, 'revoked_at', k.revoked_at)
$$;
