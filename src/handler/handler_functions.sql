-- What every feature uses: the day, refusals by name, cursors and pages of lists.

CREATE OR REPLACE FUNCTION today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT local_date(clock_now()) $$;
COMMENT ON FUNCTION today IS 'The civil date by the clock of the service.';

CREATE OR REPLACE FUNCTION idempotency_claim(caller text, key text, OUT claimed boolean, OUT before idempotency_answers)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    claimed := pg_try_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 7468696471));
    IF claimed THEN
        SELECT a.* INTO before FROM idempotency_answers a WHERE a.caller = $1 AND a.key = $2 AND a.expires_at > clock_now();
    END IF;
END $$;
COMMENT ON FUNCTION idempotency_claim IS
    'Holds the key to the end of the transaction, then looks for what was answered before. Each statement of a VOLATILE function has a
    snapshot of its own, so the second one sees what the holder before committed.';

CREATE OR REPLACE FUNCTION refuse(rule text) RETURNS boolean LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'TH001', CONSTRAINT = rule; END $$;
COMMENT ON FUNCTION refuse IS 'Refuses by a named rule; the service turns the name into a problem for the caller.';

-- Once for each page. PL/pgSQL keeps its plan, where a function in SQL that cannot be inlined is planned for each query.
CREATE OR REPLACE FUNCTION cursor_of(VARIADIC keys text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN rtrim(translate(encode(convert_to(to_json(keys)::text, 'UTF8'), 'base64'), E'+/\n', '-_'), '=');
END $$;
COMMENT ON FUNCTION cursor_of IS 'An opaque cursor: the sort keys of the last row shown, in base64url.';

CREATE OR REPLACE FUNCTION cursor_key(cursor text) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF cursor IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN ARRAY(SELECT json_array_elements_text(convert_from(decode(
        translate(cursor, '-_', '+/') || repeat('=', (4 - length(cursor) % 4) % 4), 'base64'), 'UTF8')::json));
EXCEPTION WHEN OTHERS THEN
    PERFORM refuse('cursor_malformed');
END $$;
COMMENT ON FUNCTION cursor_key IS 'The sort keys in a cursor; null without one. A cursor that the service never made is refused.';

CREATE OR REPLACE FUNCTION page_json(items json[], cursor text, page_size integer, OUT body text, OUT version text, OUT next text)
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF cardinality(items) > page_size THEN
        next := cursor;
    END IF;
    body := json_build_object('items', coalesce(to_json(items[1:page_size]), '[]'::json), 'next', next);
END $$;
COMMENT ON FUNCTION page_json IS
    'The answer of a list, from one row more than the page holds and the cursor of its last one: {"items": […], "next": cursor or null}, and
    the cursor.';
