-- The journal: append-only, numbered and chained by the sealer; and outward, as CloudEvents 1.0.

CREATE OR REPLACE FUNCTION journal_canonical(j journal) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(j.seq, to_char(j.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || CASE WHEN j.at < '0001-01-01Z' THEN ' BC' ELSE '' END, j.actor_kind, j.actor_key, j.actor_generation,
        j.actor_name, j.actor_roles, j.actor_unit, j.request_id, j.type, j.resource, j.campaign, j.year, j.unit_id,
        j.restricted, j.reason, j.before, j.after)::text || CASE WHEN j.before = 'null' THEN ' before' ELSE '' END
        || CASE WHEN j.after = 'null' THEN ' after' ELSE '' END || CASE WHEN j.actor_roles::text LIKE '[%' THEN ' roles' ELSE '' END
$$;
COMMENT ON FUNCTION journal_canonical IS
    'The text that is hashed: every column in a fixed order, independent of settings. What JSON would not tell from what is usual there is named
    at its end: a JSON null from none, and an array that does not begin with 1.';

-- Row images are compared, not JSON: that would be a sixth of the cost of sealing, and images are the stricter test.
CREATE OR REPLACE FUNCTION journal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.seq IS NULL AND NEW.seq IS NOT NULL THEN
        OLD.seq := NEW.seq;
        OLD.hash := NEW.hash;
        IF OLD *= NEW THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the journal is append-only';
END $$;
CREATE OR REPLACE TRIGGER journal_append_only BEFORE UPDATE OR DELETE ON journal FOR EACH ROW EXECUTE FUNCTION journal_guard();
CREATE OR REPLACE TRIGGER journal_never_emptied BEFORE TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION journal_guard();

CREATE OR REPLACE FUNCTION journal_unnumbered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'only the sealer numbers the journal';
END $$;
CREATE OR REPLACE TRIGGER journal_numbered_by_sealer BEFORE INSERT ON journal
    FOR EACH ROW WHEN (NEW.seq IS NOT NULL) EXECUTE FUNCTION journal_unnumbered();

CREATE OR REPLACE FUNCTION journal_lineage() RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    cluster text := '';
BEGIN
    IF has_function_privilege('pg_control_system()', 'EXECUTE') THEN
        cluster := (SELECT system_identifier FROM pg_control_system());
    END IF;
    RETURN concat_ws('/', cluster, left(pg_walfile_name(pg_current_wal_insert_lsn()), 8),
        (SELECT oid FROM pg_database WHERE datname = current_database()), 'journal'::regclass::oid);
END $$;
COMMENT ON FUNCTION journal_lineage IS
    'What a copy of the database does not share with it. A server of its own has another identifier; a recovery to a moment and a promoted
    standby begin a timeline (the head of a WAL file''s name, which is new at once, while pg_control_checkpoint() waits for a checkpoint); a
    dump makes another database and another table.';

CREATE OR REPLACE FUNCTION journal_seal_batch(OUT sealed integer, OUT remaining bigint, OUT resumed bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_bitmapscan = off AS $$
DECLARE
    head journal;
    entry journal;
    kinds text[] := '{}';
    known text;
    alone bigint; -- the row journal.resumed, which is numbered in a batch of its own
    gap bigint := 0;
BEGIN
    sealed := 0;
    IF NOT pg_is_in_recovery() AND pg_try_advisory_xact_lock(7468696476) THEN
        SELECT * INTO head FROM journal WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1;
        SELECT lineage INTO known FROM installation WHERE single;
        IF split_part(known, '#', 1) IS DISTINCT FROM journal_lineage() THEN
            IF known IS NOT NULL THEN
                gap := 1000000000 + (random() * 999000000000)::bigint;
                resumed := coalesce(head.seq, 0) + gap + 1;
                INSERT INTO journal (actor_kind, actor_name, actor_roles, request_id, type, resource, restricted, before, after)
                VALUES ('SERVICE', 'thidua', '{}', 'journal', 'journal.resumed', '/v1/journal', false,
                        jsonb_build_object('seq', coalesce(head.seq, 0), 'hash', encode(head.hash, 'hex')), jsonb_build_object('seq', resumed))
                RETURNING id INTO alone;
            END IF;
            UPDATE installation SET lineage = journal_lineage() || coalesce('#' || resumed, '') WHERE single;
        END IF;
        FOR entry IN SELECT * FROM journal WHERE seq IS NULL AND (alone IS NULL OR id = alone) ORDER BY id LIMIT 500 LOOP
            entry.seq := coalesce(head.seq, 0) + gap + 1;
            entry.hash := sha256(coalesce(head.hash, ''::bytea) || convert_to(journal_canonical(entry), 'UTF8'));
            UPDATE journal SET seq = entry.seq, hash = entry.hash WHERE id = entry.id;
            head := entry;
            kinds := array_append(array_remove(kinds, split_part(entry.type, '.', 1)), split_part(entry.type, '.', 1));
            sealed := sealed + 1;
        END LOOP;
        IF sealed > 0 THEN
            PERFORM pg_notify('thidua', 'data ' || array_to_string(kinds, ' ')); -- src/database/changes.h
        END IF;
    END IF;
    SELECT count(*) INTO remaining FROM (SELECT FROM journal WHERE seq IS NULL LIMIT 1000) few;
    IF remaining = 1000 THEN -- about: each batch would count all that wait
        remaining := (SELECT id FROM journal WHERE seq IS NULL ORDER BY id DESC LIMIT 1)
                     - (SELECT id FROM journal WHERE seq IS NULL ORDER BY id LIMIT 1) + 1;
    END IF;
END $$;
COMMENT ON FUNCTION journal_seal_batch IS
    'Numbers and chains committed rows, one sealer at a time; rows that commit later get a later number. By index scans alone: every row was
    once in journal_unsealed, and only an index scan marks the entries of rows that were sealed since, so that the next scan skips them. A
    bitmap scan would read them all again, each time, until the next vacuum.

    A copy of the database may be older than what its readers have heard. So it begins with a row journal.resumed at a random number far
    beyond: no number is ever given twice, also where one backup is restored twice. Where nothing was lost, nobody notices more than a gap.';

CREATE OR REPLACE FUNCTION journal_place(rule text, number text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF number::bigint > 0 THEN
        PERFORM refuse(rule) WHERE NOT EXISTS (SELECT FROM journal WHERE seq = number::bigint);
    END IF;
    RETURN number::bigint;
END $$;
COMMENT ON FUNCTION journal_place IS
    'A number after which somebody reads on. One that is no row''s is refused by that rule: they have rows that this journal does not have.';

CREATE OR REPLACE FUNCTION journal_json(j journal) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('seq', j.seq, 'hash', encode(j.hash, 'hex'), 'recorded_at', j.at, 'type', j.type,
        'resource', j.resource, 'campaign', j.campaign, 'year', j.year, 'unit_id', j.unit_id,
        'unit_label', unit_label(j.unit_id, today()),
        'actor', json_build_object('kind', j.actor_kind, 'key_id', j.actor_key, 'generation', j.actor_generation, 'name', j.actor_name, 'roles', j.actor_roles, 'unit_id', j.actor_unit,
            'unit_label', unit_label(j.actor_unit, today())),
        'request_id', j.request_id, 'restricted', j.restricted, 'reason', j.reason, 'before', j.before, 'after', j.after)
$$;

CREATE OR REPLACE FUNCTION event_json(j journal, installation uuid, unit_label text) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('specversion', '1.0', 'id', j.seq::text, 'source', 'urn:uuid:' || installation, 'type', 'thidua.' || j.type,
        'subject', j.resource, 'time', j.at, 'sequence', lpad(j.seq::text, 19, '0'), 'hash', encode(j.hash, 'hex'), 'datacontenttype', 'application/json',
        'data', CASE WHEN j.type IN ('deadline.due', 'deadline.overdue')
                      THEN json_build_object('campaign', j.campaign, 'year', j.year, 'unit_id', j.unit_id, 'unit_label', unit_label, 'deadline', j.after)
                      WHEN j.type = 'journal.resumed'
                      THEN json_build_object('campaign', NULL, 'year', NULL, 'unit_id', NULL, 'unit_label', NULL, 'resumed_after', j.before -> 'seq')
                      ELSE json_build_object('campaign', j.campaign, 'year', j.year, 'unit_id', j.unit_id, 'unit_label', unit_label) END)
$$;
COMMENT ON FUNCTION event_json IS
    'A sealed row of the journal as a CloudEvent. It says only that a resource changed; each caller reads the resource with its own rights.
    Where nothing changed but the day, it says which deadline came near; after a restore, which number was the last before it. With its hash
    whoever keeps events holds noted ends of the chain; it gives nothing of a row away, its own or the one before, for each that is not for
    everybody holds a random id: of the key, of the request, or of what it is about.';
