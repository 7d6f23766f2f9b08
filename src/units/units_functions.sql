-- Units as they stood on a day, who belongs to whom, and dated changes (domain, section 8).

-- ---- reading ----

-- These are written for speed. A set-returning SQL function in FROM becomes part of the plan of the calling query. A scalar one that cannot
-- be inlined is planned anew by every query that calls it, which costs more than the look-up: so scalars are PL/pgSQL, whose plans last.

CREATE OR REPLACE FUNCTION last_day(valid daterange) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN upper_inf(valid) THEN NULL ELSE upper(valid) - 1 END $$;
COMMENT ON FUNCTION last_day IS 'The last day of a period, as people write it; NULL while it has no end.';

CREATE OR REPLACE FUNCTION unit_period_on(unit uuid, day date) RETURNS SETOF unit_periods ROWS 1 LANGUAGE sql STABLE AS $$
    SELECT * FROM unit_periods WHERE unit_id = unit
    ORDER BY CASE WHEN lower(valid) <= day THEN lower(valid) END DESC NULLS LAST, lower(valid) LIMIT 1
$$;
COMMENT ON FUNCTION unit_period_on IS
    'The period that holds on that day; else the last one before it; else the first one after. For FROM: becomes part of the query.';

CREATE OR REPLACE FUNCTION unit_period(unit uuid, day date) RETURNS unit_periods LANGUAGE plpgsql STABLE AS $$
DECLARE
    period unit_periods;
BEGIN
    SELECT * INTO period FROM unit_period_on(unit, day);
    RETURN period;
END $$;
COMMENT ON FUNCTION unit_period IS 'unit_period_on as one value.';

CREATE OR REPLACE FUNCTION unit_label_of(name text, kind unit_kind, parent_name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT name || CASE WHEN kind IN ('COMMUNE', 'PROVINCIAL_SUBUNIT', 'DISTRICT_SUBUNIT')
                        THEN coalesce(' (' || parent_name || ')', '') ELSE '' END
$$;
COMMENT ON FUNCTION unit_label_of IS 'A name alone is no key: seven commune names occur twice. "Xã Tân Lợi (Huyện Đồng Phú)".';

CREATE OR REPLACE FUNCTION unit_label(unit uuid, day date) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT unit_label_of(p.name, p.kind, parent.name)
            FROM unit_period_on(unit, day) p LEFT JOIN LATERAL unit_period_on(p.parent_id, day) parent ON true);
END $$;
COMMENT ON FUNCTION unit_label IS 'See unit_label_of.';

CREATE OR REPLACE FUNCTION unit_codes_on(unit uuid, day date, period daterange) RETURNS SETOF unit_codes ROWS 1 LANGUAGE sql STABLE AS $$
    SELECT * FROM unit_codes WHERE unit_id = unit AND (valid @> day OR (NOT period @> day AND valid && period))
$$;
COMMENT ON FUNCTION unit_codes_on IS 'The codes held on that day. Where the unit does not exist then, those of the period that is shown.';

CREATE OR REPLACE FUNCTION code_json(c unit_codes) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('scheme', c.scheme, 'value', c.value, 'valid_from', lower(c.valid), 'valid_to', last_day(c.valid))
$$;

CREATE OR REPLACE FUNCTION unit_in_period(p unit_periods, day date) RETURNS SETOF json ROWS 1 LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', p.unit_id, 'name', p.name, 'label', unit_label_of(p.name, p.kind, parent.name),
        'kind', p.kind, 'parent_id', p.parent_id, 'valid_from', lower(p.valid), 'valid_to', last_day(p.valid),
        'exists', p.valid @> day, 'on', day, 'legal_basis', p.legal_basis,
        'codes', (SELECT coalesce(json_agg(code_json(c) ORDER BY c.scheme, c.value), '[]'::json)
                  FROM unit_codes_on(p.unit_id, day, p.valid) c))
    FROM (SELECT) one LEFT JOIN LATERAL unit_period_on(p.parent_id, day) parent ON true
$$;

CREATE OR REPLACE FUNCTION unit_shown(unit uuid, day date) RETURNS SETOF json ROWS 1 LANGUAGE sql STABLE AS
$$ SELECT shown FROM unit_period_on(unit, day) p, unit_in_period(p, day) shown $$;
COMMENT ON FUNCTION unit_shown IS 'The unit as it stood on that day, as the API shows it. For FROM: becomes part of the query.';

CREATE OR REPLACE FUNCTION unit_reference(unit uuid, day date) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN unit IS NOT NULL THEN json_build_object('id', unit, 'label', unit_label(unit, day)) END;
END $$;

CREATE OR REPLACE FUNCTION succession_json(s successions) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', s.id, 'kind', s.kind, 'effective_on', s.effective_on, 'legal_basis', s.legal_basis,
        'predecessor', unit_reference(s.predecessor_id, s.effective_on - 1),
        'successor', unit_reference(s.successor_id, s.effective_on), 'recorded_at', s.recorded_at)
$$;
COMMENT ON FUNCTION succession_json IS 'With labels of the time: the predecessor''s on its last day, the successor''s on its first.';

-- ---- who belongs to whom ----

CREATE OR REPLACE FUNCTION unit_within(unit uuid, top uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF unit = top THEN
        RETURN true; -- the common case: a unit acts for itself
    END IF;
    RETURN EXISTS (
        WITH RECURSIVE up(id) AS (
            SELECT unit
            UNION
            SELECT next.id FROM up CROSS JOIN LATERAL (
                SELECT p.parent_id AS id FROM unit_period_on(up.id, today()) p WHERE p.parent_id IS NOT NULL
                UNION ALL
                SELECT s.successor_id FROM successions s
                WHERE s.predecessor_id = up.id AND s.successor_id IS NOT NULL AND s.kind <> 'TRANSFER'
                  AND s.effective_on <= today()) next
        ) SELECT FROM up WHERE id = top);
END $$;
COMMENT ON FUNCTION unit_within IS
    'Is the unit `top` itself, below it, or ended and taken over by it (a dissolved body acts through its successor)?';

CREATE OR REPLACE FUNCTION unit_part_of(unit uuid, top uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH RECURSIVE up(id) AS (
        SELECT $1
        UNION
        SELECT p.parent_id FROM up CROSS JOIN LATERAL unit_period_on(up.id, today()) p WHERE p.parent_id IS NOT NULL
    ) SELECT EXISTS (SELECT FROM up WHERE id = $2)
$$;
COMMENT ON FUNCTION unit_part_of IS 'Is the unit `top` itself or below it, or was it so until it ended? Unlike in unit_within(), successors do not count.';

CREATE OR REPLACE FUNCTION unit_reach(unit uuid) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        WITH RECURSIVE up(id) AS (
            SELECT unit WHERE unit IS NOT NULL
            UNION
            SELECT next.id FROM up CROSS JOIN LATERAL (
                SELECT p.parent_id AS id FROM unit_period_on(up.id, today()) p WHERE p.parent_id IS NOT NULL
                UNION ALL
                SELECT s.successor_id FROM successions s
                WHERE s.predecessor_id = up.id AND s.successor_id IS NOT NULL AND s.kind <> 'TRANSFER'
                  AND s.effective_on <= today()) next
        ) SELECT string_agg(id::text, ' ') FROM up);
END $$;
COMMENT ON FUNCTION unit_reach IS
    'All units for which unit_within() is true of this one: itself, those above it, and those that took over from it.';

CREATE OR REPLACE FUNCTION unit_holders(unit uuid, day date) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    WITH RECURSIVE on_to(id) AS (
        SELECT unit
        UNION
        SELECT s.successor_id FROM on_to JOIN successions s ON s.predecessor_id = on_to.id
        WHERE s.successor_id IS NOT NULL AND s.kind <> 'TRANSFER' AND s.effective_on <= day)
    SELECT id FROM on_to WHERE EXISTS (SELECT FROM unit_periods p WHERE p.unit_id = on_to.id AND p.valid @> day)
$$;
COMMENT ON FUNCTION unit_holders IS
    'Who stands for the unit on that day: itself, or those that took over from it. None: it was dissolved into nothing.';

-- ---- how long a unit is there ----

CREATE OR REPLACE FUNCTION unit_life_end(unit uuid) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN bool_or(upper_inf(valid)) THEN NULL ELSE max(upper(valid)) END FROM unit_periods WHERE unit_id = unit
$$;
COMMENT ON FUNCTION unit_life_end IS 'The first day on which the unit is no longer there; NULL while it has no end.';

CREATE OR REPLACE FUNCTION unit_ended(unit uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS
$$ BEGIN RETURN coalesce(unit_life_end(unit) <= today(), false); END $$;
COMMENT ON FUNCTION unit_ended IS
    'Has it ended by today? Then its keys can only read: its successor goes on with what it began, with a key of its own (unit_within).';

CREATE OR REPLACE FUNCTION unit_in_year(unit uuid, year integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM unit_periods p WHERE p.unit_id = $1 AND p.valid && daterange(make_date($2, 1, 1), make_date($2 + 1, 1, 1)))
$$;
COMMENT ON FUNCTION unit_in_year IS 'Does it exist on any day of the year?';

-- ---- changes ----

CREATE OR REPLACE FUNCTION unit_end(unit uuid, day date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM unit_periods WHERE unit_id = unit AND valid @> (day - 1)) THEN
        PERFORM refuse('unit_not_there');
    END IF;
    DELETE FROM unit_periods WHERE unit_id = unit AND lower(valid) >= day;
    UPDATE unit_periods SET valid = daterange(lower(valid), day) WHERE unit_id = unit AND valid @> day;
    DELETE FROM unit_codes WHERE unit_id = unit AND lower(valid) >= day;
    UPDATE unit_codes SET valid = daterange(lower(valid), day) WHERE unit_id = unit AND valid @> day;
END $$;
COMMENT ON FUNCTION unit_end IS 'From that day on the unit exists no longer, and its codes are free.';

CREATE OR REPLACE FUNCTION unit_parent_check(unit uuid, parent uuid, day date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- One at a time: of two changes at once each could add half of a circle that neither sees.
    PERFORM pg_advisory_xact_lock(hashtext('unit parents'));
    IF NOT EXISTS (SELECT FROM unit_periods WHERE unit_id = parent AND valid @> day) THEN
        PERFORM refuse('unit_parent_not_there');
    END IF;
    IF EXISTS (WITH RECURSIVE up(id) AS (
                   SELECT parent
                   UNION
                   SELECT p.parent_id FROM up CROSS JOIN LATERAL unit_period_on(up.id, day) p WHERE p.parent_id IS NOT NULL)
               SELECT FROM up WHERE id = unit) THEN
        PERFORM refuse('unit_parent_below');
    END IF;
END $$;
COMMENT ON FUNCTION unit_parent_check IS 'Refuses a parent that does not exist on that day or that is the unit itself or below it.';

CREATE OR REPLACE FUNCTION unit_levels_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    most CONSTANT integer := 8;
BEGIN
    IF NOT EXISTS (SELECT FROM made WHERE parent_id IS NOT NULL) THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('unit parents')); -- as in unit_parent_check()
    -- Levels that stand on one day. Above and below are counted apart: on no day are there more than their sum.
    IF EXISTS (
        WITH RECURSIVE above(parent, id, valid, levels) AS (
            SELECT DISTINCT parent_id, parent_id, valid, 1 FROM made WHERE parent_id IS NOT NULL
            UNION ALL
            SELECT a.parent, p.parent_id, p.valid * a.valid, a.levels + 1
            FROM above a JOIN unit_periods p ON p.unit_id = a.id AND p.valid && a.valid
            WHERE p.parent_id IS NOT NULL AND a.levels <= most
        ), below(unit, id, valid, levels) AS (
            SELECT unit_id, unit_id, valid, 1 FROM made WHERE parent_id IS NOT NULL
            UNION ALL
            SELECT b.unit, p.unit_id, p.valid * b.valid, b.levels + 1
            FROM below b JOIN unit_periods p ON p.parent_id = b.id AND p.valid && b.valid
            WHERE b.levels <= most
        )
        SELECT FROM made m JOIN (SELECT parent, max(levels) AS levels FROM above GROUP BY parent) a ON a.parent = m.parent_id
                    JOIN (SELECT unit, max(levels) AS levels FROM below GROUP BY unit) b ON b.unit = m.unit_id
        WHERE a.levels + b.levels > most) THEN
        PERFORM refuse('unit_levels');
    END IF;
    -- A unit that has ended still belongs to whom it belonged last (unit_period_on), so levels may outlive their days.
    IF EXISTS (
        WITH RECURSIVE days(day) AS (VALUES (today()), (date 'infinity')),
        above(parent, day, id, levels) AS (
            SELECT DISTINCT m.parent_id, d.day, m.parent_id, 1 FROM made m, days d WHERE m.parent_id IS NOT NULL
            UNION ALL
            SELECT a.parent, a.day, p.parent_id, a.levels + 1 FROM above a CROSS JOIN LATERAL unit_period_on(a.id, a.day) p
            WHERE p.parent_id IS NOT NULL AND a.levels <= most
        ), below(unit, day, id, levels) AS (
            SELECT m.unit_id, d.day, m.unit_id, 1 FROM made m, days d WHERE m.parent_id IS NOT NULL
            UNION ALL
            SELECT b.unit, b.day, c.unit_id, b.levels + 1
            FROM below b JOIN unit_periods c ON c.parent_id = b.id
            CROSS JOIN LATERAL unit_period_on(c.unit_id, b.day) p
            WHERE p.valid = c.valid AND b.levels <= most
        )
        SELECT FROM made m JOIN (SELECT parent, max(levels) AS levels FROM above GROUP BY parent) a ON a.parent = m.parent_id
                    JOIN (SELECT unit, max(levels) AS levels FROM below GROUP BY unit) b ON b.unit = m.unit_id
        WHERE a.levels + b.levels > most) THEN
        PERFORM refuse('unit_levels');
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION unit_levels_check IS
    'Whatever asks who belongs to whom climbs level by level, for every row that it shows. So there are at most eight of them.';
CREATE OR REPLACE TRIGGER unit_levels_made AFTER INSERT ON unit_periods REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION unit_levels_check();
CREATE OR REPLACE TRIGGER unit_levels_changed AFTER UPDATE ON unit_periods REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION unit_levels_check();

CREATE OR REPLACE FUNCTION same_name(a text, b text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT spelling(a) = spelling(b)
        OR (search_form(a) = search_form(b) AND (spelling(a) = search_form(a) OR spelling(b) = search_form(b)))
$$;
COMMENT ON FUNCTION same_name IS
    'Is it the same name, spelt otherwise (see spelling())? One that is written without any diacritics may be each that it stands for.';

CREATE OR REPLACE FUNCTION unit_has_twin(name text, kind unit_kind, parent uuid, days daterange) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM unit_periods p
                   WHERE p.search = search_form($1) AND same_name(p.name, $1) AND p.kind = $2
                     AND p.parent_id IS NOT DISTINCT FROM $3 AND p.valid && $4)
$$;
COMMENT ON FUNCTION unit_has_twin IS 'Is a body of the same name, kind and parent known on any of those days? See same_name().';

CREATE OR REPLACE FUNCTION unit_change(unit uuid, change jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    day date := (change ->> 'valid_from')::date;
    held unit_periods;
    changed unit_periods;
    code record;
BEGIN
    SELECT * INTO held FROM unit_periods WHERE unit_id = unit AND valid @> day;
    IF NOT FOUND THEN
        PERFORM refuse('unit_not_there_then');
    END IF;
    IF change ->> 'parent_id' IS NOT NULL THEN
        PERFORM unit_parent_check(unit, (change ->> 'parent_id')::uuid, day);
    END IF;
    IF change ?| ARRAY['name', 'kind', 'parent_id', 'legal_basis'] THEN
        changed := held;
        changed.name := coalesce(change ->> 'name', held.name);
        changed.kind := coalesce((change ->> 'kind')::unit_kind, held.kind);
        changed.parent_id := CASE WHEN change ? 'parent_id' THEN (change ->> 'parent_id')::uuid ELSE held.parent_id END;
        IF lower(held.valid) = day THEN -- the correction of a period
            changed.legal_basis := CASE WHEN change ? 'legal_basis' THEN change ->> 'legal_basis' ELSE held.legal_basis END;
            DELETE FROM unit_periods WHERE unit_id = unit AND valid = held.valid;
        ELSE -- a new period stands on its own legal basis, never on that of the one before it
            changed.legal_basis := change ->> 'legal_basis';
            changed.valid := daterange(day, upper(held.valid));
            UPDATE unit_periods SET valid = daterange(lower(valid), day) WHERE unit_id = unit AND valid = held.valid;
        END IF;
        INSERT INTO unit_periods (unit_id, valid, name, kind, parent_id, legal_basis)
        VALUES (unit, changed.valid, changed.name, changed.kind, changed.parent_id, changed.legal_basis);
    END IF;
    FOR code IN SELECT * FROM jsonb_to_recordset(change -> 'codes_end') AS c(scheme code_scheme, value text) LOOP
        PERFORM FROM unit_codes c WHERE c.unit_id = unit AND c.scheme = code.scheme AND c.value = code.value AND c.valid @> day;
        IF NOT FOUND THEN
            PERFORM refuse('unit_code_not_held');
        END IF;
        DELETE FROM unit_codes c
        WHERE c.unit_id = unit AND c.scheme = code.scheme AND c.value = code.value AND lower(c.valid) = day;
        UPDATE unit_codes c SET valid = daterange(lower(c.valid), day)
        WHERE c.unit_id = unit AND c.scheme = code.scheme AND c.value = code.value AND c.valid @> day;
    END LOOP;
    INSERT INTO unit_codes (unit_id, scheme, value, valid)
    SELECT unit, c.scheme, c.value, daterange(day, unit_life_end(unit))
    FROM jsonb_to_recordset(change -> 'codes_add') AS c(scheme code_scheme, value text);
    UPDATE units SET version = version + 1 WHERE id = unit;
END $$;
COMMENT ON FUNCTION unit_change IS
    'A dated change, of codes too: ends the period that holds and begins another on that day, or corrects the one that begins then.';

CREATE OR REPLACE FUNCTION unit_yield(predecessors uuid[], succession succession_kind, day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    unit uuid;
BEGIN
    FOREACH unit IN ARRAY ARRAY(SELECT DISTINCT p FROM unnest(predecessors) p ORDER BY p) LOOP
        PERFORM FROM units WHERE id = unit FOR NO KEY UPDATE;
        IF NOT EXISTS (SELECT FROM unit_periods WHERE unit_id = unit AND valid @> (day - 1)) THEN
            PERFORM refuse('unit_not_there');
        END IF;
        IF succession <> 'TRANSFER' THEN
            IF EXISTS (SELECT FROM successions s
                       WHERE s.predecessor_id = unit AND s.kind <> 'TRANSFER' AND s.effective_on <> day) THEN
                PERFORM refuse('successions_one_end');
            END IF;
            PERFORM unit_end(unit, day);
        END IF;
        UPDATE units SET version = version + 1 WHERE id = unit;
    END LOOP;
END $$;
COMMENT ON FUNCTION unit_yield IS
    'What a succession does to the predecessors: they end on that day and their codes are free. After a TRANSFER they go on.';

CREATE OR REPLACE FUNCTION unit_succeed(predecessors uuid[], successors uuid[], succession succession_kind, day date, basis text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF succession = 'RENAME' AND (cardinality(predecessors) <> 1 OR cardinality(successors) <> 1) THEN
        PERFORM refuse('successions_rename_one');
    END IF;
    PERFORM FROM units WHERE id = ANY (successors) ORDER BY id FOR SHARE;
    IF EXISTS (SELECT FROM unnest(successors) s
               WHERE NOT EXISTS (SELECT FROM unit_periods p WHERE p.unit_id = s AND p.valid @> day)) THEN
        PERFORM refuse('successions_successor_not_there');
    END IF;
    INSERT INTO successions (predecessor_id, successor_id, kind, effective_on, legal_basis)
    SELECT p, s, succession, day, basis FROM unnest(predecessors) p LEFT JOIN unnest(successors) s ON true;
END $$;
COMMENT ON FUNCTION unit_succeed IS 'Records that every successor takes over from every predecessor. All successors must exist on that day.';
