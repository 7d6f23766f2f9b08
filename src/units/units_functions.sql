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
    IF unit IS NULL THEN
        RETURN NULL; -- else PostgreSQL makes a plan of its own for it, each time
    END IF;
    RETURN (SELECT unit_label_of(p.name, p.kind, parent.name)
            FROM unit_period_on(unit, day) p LEFT JOIN LATERAL unit_period_on(p.parent_id, day) parent ON true);
END $$;
COMMENT ON FUNCTION unit_label IS 'See unit_label_of.';

CREATE OR REPLACE FUNCTION unit_named(unit uuid, day date) RETURNS SETOF text ROWS 1 LANGUAGE sql STABLE AS $$
    SELECT unit_label_of(p.name, p.kind, parent.name)
    FROM unit_period_on(unit, day) p LEFT JOIN LATERAL unit_period_on(p.parent_id, day) parent ON true
$$;
COMMENT ON FUNCTION unit_named IS 'unit_label for FROM, of many units: becomes part of the query.';

CREATE OR REPLACE FUNCTION unit_place(name text) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT regexp_replace(name, '^(Huyện|Thị xã|Thành phố|Xã|Phường|Thị trấn|Đặc khu) ', '') $$;
COMMENT ON FUNCTION unit_place IS '"Lộc Ninh" of "Huyện Lộc Ninh": the place name that papers are dated with.';

CREATE OR REPLACE FUNCTION unit_agency(name text, kind unit_kind) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN kind IN ('DISTRICT', 'COMMUNE') AND name <> unit_place(name)
                THEN 'Ủy ban nhân dân ' || lower(left(name, 1)) || substr(name, 2) ELSE name END
$$;
COMMENT ON FUNCTION unit_agency IS 'The office that acts for a unit: "Ủy ban nhân dân huyện Lộc Ninh" for "Huyện Lộc Ninh".';

CREATE OR REPLACE FUNCTION unit_printed(unit uuid, day date) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT unit_agency(p.name, p.kind) || CASE
                WHEN p.kind = 'COMMUNE' THEN coalesce(', ' || CASE WHEN parent.name ~ '^(Huyện|Thị xã|Thành phố|Tỉnh) '
                                                                   THEN lower(left(parent.name, 1)) || substr(parent.name, 2) ELSE parent.name END, '')
                WHEN p.kind IN ('PROVINCIAL_SUBUNIT', 'DISTRICT_SUBUNIT') THEN coalesce(', ' || unit_agency(parent.name, parent.kind), '')
                ELSE '' END
            FROM unit_period_on(unit, day) p LEFT JOIN LATERAL unit_period_on(p.parent_id, day) parent ON true);
END $$;
COMMENT ON FUNCTION unit_printed IS 'As papers name it: "Phòng Nội vụ, Ủy ban nhân dân huyện Lộc Ninh", "Ủy ban nhân dân xã Tân Lợi, huyện Đồng Phú". It is the People''s Committee
    that competes and is awarded (II.1.b), while registers of units have the name of the place.';

CREATE OR REPLACE FUNCTION unit_issuing(unit uuid, day date, province text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT jsonb_build_object(
                'superior', CASE WHEN p.kind = 'PROVINCIAL_BODY' THEN province
                                 WHEN p.kind IN ('PROVINCIAL_SUBUNIT', 'DISTRICT_SUBUNIT') THEN unit_agency(parent.name, parent.kind) END,
                'agency', unit_agency(p.name, p.kind),
                'capacity', CASE WHEN p.kind IN ('DISTRICT', 'COMMUNE') THEN 'Chủ tịch' ELSE 'Thủ trưởng đơn vị' END,
                'place', CASE WHEN p.kind IN ('DISTRICT', 'COMMUNE') THEN unit_place(p.name)
                              WHEN p.kind = 'DISTRICT_SUBUNIT' THEN unit_place(parent.name) END)
            FROM unit_period_on(unit, day) p LEFT JOIN LATERAL unit_period_on(p.parent_id, day) parent ON true);
END $$;
COMMENT ON FUNCTION unit_issuing IS
    'How the head of a paper calls a unit that issues it: itself, and the agency over it. A People''s Committee has none over it, and is in
    a place of its own; null where that is the place of the province.';

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

CREATE OR REPLACE FUNCTION succession_json(s successions) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', s.id, 'kind', s.kind, 'effective_on', s.effective_on, 'legal_basis', s.legal_basis,
        'predecessor_unit_id', s.predecessor_id, 'predecessor_unit_label', unit_label(s.predecessor_id, s.effective_on - 1),
        'successor_unit_id', s.successor_id, 'successor_unit_label', unit_label(s.successor_id, s.effective_on), 'recorded_at', s.recorded_at)
$$;
COMMENT ON FUNCTION succession_json IS 'With labels of the time: the predecessor''s on its last day, the successor''s on its first.';

-- ---- who belongs to whom ----

CREATE OR REPLACE FUNCTION unit_within(unit uuid, top uuid, day date DEFAULT today()) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF unit = top THEN
        RETURN true; -- the common case: a unit acts for itself
    END IF;
    RETURN EXISTS (
        WITH RECURSIVE up(id) AS (
            SELECT unit
            UNION
            SELECT next.id FROM up CROSS JOIN LATERAL (
                SELECT p.parent_id AS id FROM unit_period_on(up.id, day) p WHERE p.parent_id IS NOT NULL
                UNION ALL
                SELECT s.successor_id FROM successions s
                WHERE s.predecessor_id = up.id AND s.successor_id IS NOT NULL AND s.kind <> 'TRANSFER'
                  AND s.effective_on <= day) next
        ) SELECT FROM up WHERE id = top);
END $$;
COMMENT ON FUNCTION unit_within IS
    'Was the unit `top` itself on that day, below it, or ended and taken over by it (a dissolved body acts through its successor)?';

CREATE OR REPLACE FUNCTION units_within(top uuid) RETURNS SETOF uuid LANGUAGE plpgsql STABLE ROWS 10 AS $$
BEGIN
    RETURN QUERY WITH RECURSIVE down(id) AS (
        SELECT top WHERE top IS NOT NULL
        UNION
        SELECT next.id FROM down CROSS JOIN LATERAL (
            SELECT p.unit_id AS id FROM unit_periods p CROSS JOIN LATERAL unit_period_on(p.unit_id, today()) x
            WHERE p.parent_id = down.id AND x.parent_id = down.id
            UNION ALL
            SELECT s.predecessor_id FROM successions s
            WHERE s.successor_id = down.id AND s.kind <> 'TRANSFER' AND s.effective_on <= today() OFFSET 0) next
    ) SELECT id FROM down;
END $$;
COMMENT ON FUNCTION units_within IS
    'All units for which unit_within() is true of `top`: for lists, which then begin with what the caller may see, and do not ask it of each row.';

CREATE OR REPLACE FUNCTION unit_part_of(unit uuid, top uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (WITH RECURSIVE up(id) AS (
                SELECT $1
                UNION
                SELECT p.parent_id FROM up CROSS JOIN LATERAL unit_period_on(up.id, today()) p WHERE p.parent_id IS NOT NULL
            ) SELECT EXISTS (SELECT FROM up WHERE id = $2));
END $$;
COMMENT ON FUNCTION unit_part_of IS 'Is the unit `top` itself or below it, or was it so until it ended? Unlike in unit_within(), successors do not count.';

CREATE OR REPLACE FUNCTION unit_reaches(units uuid[], OUT unit_id uuid, OUT reach text) RETURNS SETOF record LANGUAGE sql STABLE AS $$
    WITH RECURSIVE asked AS MATERIALIZED (SELECT today() AS day), up(unit_id, id) AS (
        SELECT DISTINCT u, u FROM unnest(units) u WHERE u IS NOT NULL
        UNION
        SELECT up.unit_id, next.id FROM up CROSS JOIN asked
        LEFT JOIN LATERAL unit_period_on(up.id, asked.day) p ON true
        LEFT JOIN successions s ON s.predecessor_id = up.id AND s.kind <> 'TRANSFER' AND s.effective_on <= asked.day
        CROSS JOIN LATERAL (VALUES (p.parent_id), (s.successor_id)) next(id) WHERE next.id IS NOT NULL
    ) SELECT up.unit_id, string_agg(up.id::text, ' ') FROM up GROUP BY up.unit_id
$$;
COMMENT ON FUNCTION unit_reaches IS
    'For each of them all units for which unit_within() is true of it: itself, those above it, and those that took over from it. UUIDs with
    blanks between; all at once, which is several times cheaper than one by one.';

CREATE OR REPLACE FUNCTION unit_holders(unit uuid, day date) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    WITH RECURSIVE on_to(id) AS (
        SELECT unit
        UNION
        SELECT s.successor_id FROM on_to CROSS JOIN LATERAL (
            SELECT x.successor_id FROM successions x
            WHERE x.predecessor_id = on_to.id AND x.successor_id IS NOT NULL AND x.kind <> 'TRANSFER' AND x.effective_on <= day OFFSET 0) s)
    -- OFFSET 0: asked of each by its key. Joined, all successions and the periods of all units on that day would be read, since none knows how
    -- many they are.
    SELECT id FROM on_to WHERE EXISTS (SELECT FROM unit_periods p WHERE p.unit_id = on_to.id AND p.valid @> day OFFSET 0)
$$;
COMMENT ON FUNCTION unit_holders IS
    'Who stands for the unit on that day: itself, or those that took over from it. None: it was dissolved into nothing.';

CREATE OR REPLACE FUNCTION unit_origins(unit uuid, OUT unit_id uuid, OUT succeeded_on date) RETURNS SETOF record LANGUAGE sql STABLE AS $$
    WITH RECURSIVE back(id, gone) AS (
        SELECT unit, NULL::date
        UNION
        SELECT s.predecessor_id, s.effective_on FROM back JOIN successions s ON s.successor_id = back.id
        WHERE s.kind <> 'TRANSFER' AND s.effective_on <= today())
    SELECT id, max(gone) FROM back GROUP BY id
$$;
COMMENT ON FUNCTION unit_origins IS
    'The unit itself, and the bodies that it took over from until today, each with the day on which it gave way: unit_holders() backwards.';

CREATE OR REPLACE FUNCTION unit_holders_json(unit uuid, day date) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(json_agg(json_build_object('unit_id', h, 'unit_label', label) ORDER BY label, h), '[]'::json)
            FROM unit_holders(unit, day) h LEFT JOIN LATERAL unit_named(h, day) label ON true);
END $$;
COMMENT ON FUNCTION unit_holders_json(uuid, date) IS 'Who holds on that day what the unit earned (domain, section 8), by its name of that day.';

-- ---- search ----

CREATE OR REPLACE FUNCTION sought(words text, OUT folded text, OUT typed text, OUT full_phrase text, OUT typed_phrase text, OUT accented text[])
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    spelt text := spelling(words);
    in_full text := spelling_in_full(spelt);
    unfinished text := in_full;
BEGIN
    IF words !~ '[.]\s*$' THEN
        unfinished := concat_ws(' ', spelling_in_full(nullif(substring(spelt FROM '^(.*) '), '')), substring(spelt FROM '[^ ]*$'));
    END IF;
    folded := '%' || translate(spelling_plain(in_full), 'y', 'i') || '%';
    typed := '%' || translate(spelling_plain(unfinished), 'y', 'i') || '%';
    full_phrase := '%' || in_full || '%';
    typed_phrase := '%' || unfinished || '%';
    accented := ARRAY(SELECT '% ' || word || '%' FROM unnest(string_to_array(in_full, ' ')) word
                      WHERE word ~ '[^ -~]' AND spelt ~ '[^ -~]');
END $$;
COMMENT ON FUNCTION sought IS
    'The patterns by which names are searched: what unit_periods.search holds (`folded`), and `written` where the caller wrote diacritics:
    the whole, or the words that have any. A letter at the end may be an abbreviation or the beginning of a word: `typed` is the latter.';

CREATE OR REPLACE FUNCTION unit_names_found(words text, day date, OUT period unit_periods, OUT former unit_periods, OUT rank integer)
RETURNS SETOF record LANGUAGE sql STABLE AS $$
    WITH asked AS MATERIALIZED (SELECT * FROM sought($1)), told AS (
        SELECT p AS period, NULL::unit_periods AS former FROM unit_periods p
        WHERE (p.search LIKE (SELECT folded FROM asked) OR p.search LIKE (SELECT typed FROM asked)) AND coalesce(p.valid @> $2, false)
        UNION ALL
        SELECT p, f.at FROM (
            SELECT DISTINCT ON (n.unit_id) n AS at, n.unit_id FROM unit_periods n
            WHERE (n.search LIKE (SELECT folded FROM asked) OR n.search LIKE (SELECT typed FROM asked))
              AND NOT upper_inf(n.valid) AND upper(n.valid) <= $2
            ORDER BY n.unit_id, n.valid DESC) f
        CROSS JOIN LATERAL unit_period_on(f.unit_id, $2) p
        WHERE NOT (p.valid @> $2 AND (p.search LIKE (SELECT folded FROM asked) OR p.search LIKE (SELECT typed FROM asked)))
    )
    SELECT t.period, t.former, CASE WHEN t.former IS NULL THEN 0 ELSE 3 END + CASE
        WHEN cardinality(a.accented) = 0 OR name.written LIKE a.full_phrase OR name.written LIKE a.typed_phrase THEN 0
        WHEN ' ' || name.written LIKE ALL (a.accented) THEN 1 ELSE 2 END
    FROM told t CROSS JOIN asked a
    CROSS JOIN LATERAL (SELECT coalesce((t.former).written, (t.period).written) AS written) name
$$;
COMMENT ON FUNCTION unit_names_found IS
    'Units that are called so on that day, or were before (`former`), with the period that holds then. Lower ranks are nearer: names of the
    day first; among them those with the diacritics that were written, then those with some of them. A unit has one period on a day, so only
    former names are sorted to find the newest of each. coalesce() keeps PostgreSQL from looking up all periods of the day as well.';

CREATE OR REPLACE FUNCTION unit_found_json(shown json, former unit_periods, day date) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
    held daterange;
BEGIN
    -- A name may outlive a parent or a kind: it is told with all its days.
    SELECT run INTO held FROM unnest((SELECT range_agg(p.valid) FROM unit_periods p
                                      WHERE p.unit_id = former.unit_id AND p.name = former.name)) run WHERE run @> former.valid;
    RETURN (left(shown::text, -1) || ', "matched_former_name": '
            || json_build_object('name', former.name, 'valid_from', lower(held), 'valid_to', last_day(held))
            || CASE WHEN NOT (shown ->> 'exists')::boolean THEN ', "holders_now": ' || unit_holders_json(former.unit_id, day) ELSE '' END
            || '}')::json;
END $$;
COMMENT ON FUNCTION unit_found_json IS
    'A unit in a list of what was sought that was found by a former name: it says so, and names who stands for it where it has ended.';

CREATE OR REPLACE FUNCTION unit_cells(p unit_periods, former unit_periods, day date)
RETURNS TABLE (label text, name text, kind unit_kind, codes json, valid_from date, valid_to date, legal_basis text, id uuid, parent_id uuid,
               matched_former_name text, holders_now json) ROWS 1 LANGUAGE sql STABLE AS $$
    SELECT unit_label_of(p.name, p.kind, parent.name), p.name, p.kind,
        (SELECT json_agg(json_build_object('scheme', c.scheme, 'value', c.value) ORDER BY c.scheme, c.value)
         FROM unit_codes_on(p.unit_id, day, p.valid) c),
        lower(p.valid), last_day(p.valid), p.legal_basis, p.unit_id, p.parent_id, former.name,
        CASE WHEN former.unit_id IS NOT NULL AND NOT p.valid @> day THEN unit_holders_json(former.unit_id, day) END
    FROM (SELECT) one LEFT JOIN LATERAL unit_period_on(p.parent_id, day) parent ON true
$$;
COMMENT ON FUNCTION unit_cells IS 'What unit_in_period and unit_found_json show, as the cells of a table. For FROM: becomes part of the query.';

-- ---- how long a unit is there ----

CREATE OR REPLACE FUNCTION unit_life_end(unit uuid) RETURNS date LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT CASE WHEN bool_or(upper_inf(valid)) THEN NULL ELSE max(upper(valid)) END FROM unit_periods WHERE unit_id = unit);
END $$;
COMMENT ON FUNCTION unit_life_end IS 'The first day on which the unit is no longer there; NULL while it has no end.';

CREATE OR REPLACE FUNCTION unit_ended(unit uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS
$$ BEGIN RETURN coalesce(unit_life_end(unit) <= today(), false); END $$;
COMMENT ON FUNCTION unit_ended IS
    'Has it ended by today? Then its keys can only read: its successor goes on with what it began, with a key of its own (unit_within).';

CREATE OR REPLACE FUNCTION unit_in_year(unit uuid, year integer) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM unit_periods p WHERE p.unit_id = $1 AND (p.valid && daterange(make_date($2, 1, 1), make_date($2 + 1, 1, 1))
                   OR EXISTS (SELECT FROM rounds r WHERE r.year = $2 AND p.valid && award_year_days(r.campaign, r.year))));
END $$;
COMMENT ON FUNCTION unit_in_year IS
    'Does it exist on any day of the year? What is kept by its number serves all plans, so a day of any award year of that number is one of it.
    What belongs to a round goes by award_year_days().';

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

-- VOLATILE: it sees what was committed while the unit's row was waited for.
CREATE OR REPLACE FUNCTION unit_rests(unit uuid) RETURNS SETOF text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    reference record;
    found boolean;
BEGIN
    FOR reference IN
        SELECT c.conrelid::regclass AS place, r.relname::text AS name,
               string_agg(format('%I = $1', a.attname), ' OR ' ORDER BY a.attname) AS condition
        FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f' AND c.confrelid = 'units'::regclass AND c.conparentid = 0
          AND (r.relname, a.attname) NOT IN (('unit_periods', 'unit_id'), ('unit_codes', 'unit_id'), ('unit_stamps', 'unit_id'))
        GROUP BY c.conrelid, r.relname ORDER BY r.relname
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE %s)', reference.place, reference.condition) INTO found USING unit;
        IF found THEN
            RETURN NEXT reference.name;
        END IF;
    END LOOP;
    -- They have no foreign key and no index by unit, but few evaluations of whole rounds are looked through.
    IF EXISTS (SELECT FROM evaluation_units s WHERE s.unit_id = unit)
       OR EXISTS (SELECT FROM evaluations e WHERE NOT e.warnings @> '[{"code": "PARTIAL"}]'
                  AND EXISTS (SELECT FROM verdicts v WHERE v.evaluation_id = e.id AND v.unit_id = unit)) THEN
        RETURN NEXT 'verdicts';
    END IF;
END $$;
COMMENT ON FUNCTION unit_rests IS
    'The tables of which a row refers to the unit, apart from its own periods, codes and stamp. The catalog is asked for them, so that no new
    table is forgotten. The journal is history, and rests on nothing.';

CREATE OR REPLACE FUNCTION unit_withdraw(unit uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM unit_codes WHERE unit_id = unit;
    DELETE FROM unit_periods WHERE unit_id = unit;
    DELETE FROM unit_stamps WHERE unit_id = unit;
    DELETE FROM units WHERE id = unit;
END $$;
COMMENT ON FUNCTION unit_withdraw IS 'Takes back a body that was entered by mistake, with what is its own. Ask unit_rests() first.';

-- VOLATILE, after a lock that who ends a body takes too: it sees the end that was committed meanwhile.
CREATE OR REPLACE FUNCTION unit_parent_stands(parent uuid, days daterange) RETURNS boolean LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM FROM units WHERE id = parent FOR SHARE;
    IF NOT FOUND THEN
        RETURN true; -- a parent that nobody knows is the foreign key's
    END IF;
    IF NOT EXISTS (SELECT FROM unit_periods WHERE unit_id = parent AND valid @> lower(days)) THEN
        PERFORM refuse('unit_parent_not_there');
    END IF;
    IF NOT daterange(lower(days), unit_life_end(parent)) @> days THEN
        PERFORM refuse('unit_parent_ends');
    END IF;
    RETURN true;
END $$;
COMMENT ON FUNCTION unit_parent_stands IS
    'Refuses a parent that is not there on each of those days: no body goes on below one that has ended. Who ends the parent at the same time
    waits for its row, or is waited for.';

CREATE OR REPLACE FUNCTION units_moved(parent uuid, day date) RETURNS SETOF uuid LANGUAGE sql STABLE AS
$$ SELECT DISTINCT p.unit_id FROM unit_periods p WHERE p.parent_id = $1 AND p.valid && daterange($2, NULL) $$;
COMMENT ON FUNCTION units_moved IS 'Which units a succession moves that takes along what is below the parent, from that day on.';

CREATE OR REPLACE FUNCTION unit_parent_check(unit uuid, parent uuid, day date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- One at a time: of two changes at once each could add half of a circle that neither sees. The last lock of all: whoever has it waits for
    -- no unit.
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
    IF TG_OP = 'UPDATE' THEN -- what belongs to whom it did, on no other days, adds no level
        IF NOT EXISTS (SELECT FROM made n WHERE n.parent_id IS NOT NULL AND NOT EXISTS (
                           SELECT FROM gone o WHERE o.unit_id = n.unit_id AND o.parent_id = n.parent_id AND o.valid @> n.valid)) THEN
            RETURN NULL;
        END IF;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('unit parents')); -- as in unit_parent_check()
    -- Levels that stand on one day. Above and below are counted apart: on no day are there more than their sum.
    IF EXISTS (
        WITH RECURSIVE above(parent, id, valid, levels) AS (
            SELECT DISTINCT parent_id, parent_id, valid, 1 FROM made WHERE parent_id IS NOT NULL
            UNION ALL
            SELECT a.parent, p.parent_id, p.valid * a.valid, a.levels + 1
            FROM above a CROSS JOIN LATERAL (SELECT * FROM unit_periods WHERE unit_id = a.id OFFSET 0) p
            WHERE p.valid && a.valid AND p.parent_id IS NOT NULL AND a.levels <= most
        ), below(unit, id, valid, levels) AS (
            SELECT unit_id, unit_id, valid, 1 FROM made WHERE parent_id IS NOT NULL
            UNION ALL
            SELECT b.unit, p.unit_id, p.valid * b.valid, b.levels + 1
            FROM below b CROSS JOIN LATERAL (SELECT * FROM unit_periods WHERE parent_id = b.id OFFSET 0) p
            WHERE p.valid && b.valid AND b.levels <= most
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
            FROM below b CROSS JOIN LATERAL (SELECT * FROM unit_periods WHERE parent_id = b.id OFFSET 0) c
            WHERE (b.day <@ c.valid OR c.valid = (SELECT p.valid FROM unit_period_on(c.unit_id, b.day) p)) AND b.levels <= most
        )
        SELECT FROM made m JOIN (SELECT parent, max(levels) AS levels FROM above GROUP BY parent) a ON a.parent = m.parent_id
                    JOIN (SELECT unit, max(levels) AS levels FROM below GROUP BY unit) b ON b.unit = m.unit_id
        WHERE a.levels + b.levels > most) THEN
        PERFORM refuse('unit_levels');
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION unit_levels_check IS
    'Whatever asks who belongs to whom climbs level by level, for every row that it shows. So there are at most eight of them. Each unit is
    asked for its own (LATERAL … OFFSET 0): where few units are above most others, PostgreSQL would pass all periods for each.';
CREATE OR REPLACE TRIGGER unit_levels_made AFTER INSERT ON unit_periods REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION unit_levels_check();
CREATE OR REPLACE TRIGGER unit_levels_changed AFTER UPDATE ON unit_periods REFERENCING OLD TABLE AS gone NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION unit_levels_check();

CREATE OR REPLACE FUNCTION same_name(a text, b text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT spelling(a) = spelling(b)
        OR (plain_form(a) = plain_form(b) AND (spelling(a) = plain_form(a) OR spelling(b) = plain_form(b)))
$$;
COMMENT ON FUNCTION same_name IS
    'Is it the same name, spelt otherwise (see spelling())? One that is written without any diacritics may be each that it stands for.';

CREATE OR REPLACE FUNCTION unit_has_twin(name text, kind unit_kind, parent uuid, days daterange, apart uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
DECLARE
    sought CONSTANT text := plain_form(name);
BEGIN
    RETURN EXISTS (SELECT FROM ((SELECT * FROM unit_periods WHERE parent_id = $3 AND plain = sought OFFSET 0)
                                UNION ALL
                                (SELECT * FROM unit_periods WHERE $3 IS NULL AND parent_id IS NULL AND plain = sought OFFSET 0)) p
                   WHERE same_name(p.name, $1) AND p.kind = $2 AND (p.valid && $4) IS TRUE AND p.unit_id IS DISTINCT FROM $5);
END $$;
COMMENT ON FUNCTION unit_has_twin IS
    'Is a body of the same name, kind and parent known on any of those days, apart from one? See same_name(). Ask unit_names_hold() or
    unit_is_single() first: who enters the same one at the same time is not seen. By the index of who belongs to whom, one way for
    each (no index knows IS NOT DISTINCT FROM): thousands of bodies have a "Văn phòng". OFFSET 0: the index of kinds would seem as good. A plan that
    was made while there were few would read them all through, for each row of a file.';

CREATE OR REPLACE FUNCTION unit_names_hold() RETURNS void LANGUAGE sql AS
$$ SELECT pg_advisory_xact_lock(hashtext('unit names')) $$;
COMMENT ON FUNCTION unit_names_hold IS
    'Nobody else enters or renames units until the transaction ends. For files: a lock of each name would be too many. In a statement of its
    own, for the one after it sees what was committed meanwhile.';

-- VOLATILE: each statement in it sees what was committed before it began, so that who waited for the lock sees what it was held for.
CREATE OR REPLACE FUNCTION unit_is_single(name text, kind unit_kind, parent uuid, days daterange, apart uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('unit names'));
    PERFORM pg_advisory_xact_lock(hashtextextended(concat_ws(' ', kind, parent, plain_form(name)), 7468696478));
    IF unit_has_twin(name, kind, parent, days, apart) THEN
        PERFORM refuse('unit_entered_twice');
    END IF;
    RETURN true;
END $$;
COMMENT ON FUNCTION unit_is_single IS
    'Refuses a body that has a twin (unit_has_twin). Of several that are entered at once, the others wait until the first is there or given up.';

CREATE OR REPLACE FUNCTION unit_change(unit uuid, change jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    day date := (change ->> 'valid_from')::date;
    held unit_periods;
    changed unit_periods;
    code record;
    most_periods CONSTANT integer := 200; -- all of them are one answer (unit_history)
    most_codes CONSTANT integer := 100;
BEGIN
    SELECT * INTO held FROM unit_periods WHERE unit_id = unit AND valid @> day;
    IF NOT FOUND THEN
        PERFORM refuse('unit_not_there_then');
    END IF;
    changed := held;
    changed.name := coalesce(change ->> 'name', held.name);
    changed.kind := coalesce((change ->> 'kind')::unit_kind, held.kind);
    changed.parent_id := CASE WHEN change ? 'parent_id' THEN (change ->> 'parent_id')::uuid ELSE held.parent_id END;
    IF (changed.name, changed.kind, changed.parent_id) IS DISTINCT FROM (held.name, held.kind, held.parent_id)
       AND NOT coalesce((change ->> 'confirm_duplicate')::boolean, false) THEN
        PERFORM unit_is_single(changed.name, changed.kind, changed.parent_id, daterange(day, upper(held.valid)), unit);
    END IF;
    IF change ->> 'parent_id' IS NOT NULL THEN
        PERFORM unit_parent_stands(changed.parent_id, daterange(day, upper(held.valid)));
        PERFORM unit_parent_check(unit, changed.parent_id, day);
    END IF;
    IF change ?| ARRAY['name', 'kind', 'parent_id', 'legal_basis'] THEN
        IF lower(held.valid) = day THEN -- the correction of a period
            UPDATE unit_periods SET name = changed.name, kind = changed.kind, parent_id = changed.parent_id,
                legal_basis = CASE WHEN change ? 'legal_basis' THEN change ->> 'legal_basis' ELSE held.legal_basis END
            WHERE unit_id = unit AND valid = held.valid;
        ELSE -- a new period stands on its own legal basis, never on that of the one before it
            IF (SELECT count(*) FROM unit_periods WHERE unit_id = unit) >= most_periods THEN
                PERFORM refuse('unit_periods_most');
            END IF;
            UPDATE unit_periods SET valid = daterange(lower(valid), day) WHERE unit_id = unit AND valid = held.valid;
            INSERT INTO unit_periods (unit_id, valid, name, kind, parent_id, legal_basis)
            VALUES (unit, daterange(day, upper(held.valid)), changed.name, changed.kind, changed.parent_id, change ->> 'legal_basis');
        END IF;
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
    IF FOUND AND (SELECT count(*) FROM unit_codes WHERE unit_id = unit) > most_codes THEN
        PERFORM refuse('unit_codes_most');
    END IF;
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
DECLARE
    most CONSTANT integer := 500; -- all of them are one answer (unit_history)
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
    IF EXISTS (SELECT FROM unnest(predecessors) p WHERE (SELECT count(*) FROM successions x WHERE x.predecessor_id = p) > most)
       OR EXISTS (SELECT FROM unnest(successors) s WHERE (SELECT count(*) FROM successions x WHERE x.successor_id = s) > most) THEN
        PERFORM refuse('successions_of_unit_most');
    END IF;
END $$;
CREATE OR REPLACE FUNCTION succession_links_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    most CONSTANT integer := 16;
BEGIN
    IF NOT EXISTS (SELECT FROM made WHERE successor_id IS NOT NULL AND kind <> 'TRANSFER') THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('unit successions')); -- two writers must not each lengthen what the other one did
    IF EXISTS (
        WITH RECURSIVE links AS NOT MATERIALIZED (
            SELECT predecessor_id, successor_id FROM successions WHERE successor_id IS NOT NULL AND kind <> 'TRANSFER'
        ), before(id, at, count) AS ( -- UNION: bodies that were split and merged again are met once for each count
            SELECT predecessor_id, predecessor_id, 1 FROM made WHERE successor_id IS NOT NULL AND kind <> 'TRANSFER'
            UNION
            SELECT b.id, l.predecessor_id, b.count + 1 FROM before b JOIN links l ON l.successor_id = b.at WHERE b.count <= most
        ), after(id, at, count) AS (
            SELECT successor_id, successor_id, 0 FROM made WHERE successor_id IS NOT NULL AND kind <> 'TRANSFER'
            UNION
            SELECT a.id, l.successor_id, a.count + 1 FROM after a JOIN links l ON l.predecessor_id = a.at WHERE a.count <= most
        )
        SELECT FROM made m JOIN (SELECT id, max(count) AS count FROM before GROUP BY id) b ON b.id = m.predecessor_id
                    JOIN (SELECT id, max(count) AS count FROM after GROUP BY id) a ON a.id = m.successor_id
        WHERE m.kind <> 'TRANSFER' AND b.count + a.count > most) THEN
        PERFORM refuse('succession_links');
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION succession_links_check IS
    'Who acts for a body that has ended is found link by link (unit_within, unit_reaches), for every row that is shown. So a chain has at most
    sixteen links.';
CREATE OR REPLACE TRIGGER succession_links_made AFTER INSERT ON successions REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION succession_links_check();

COMMENT ON FUNCTION unit_succeed IS 'Records that every successor takes over from every predecessor. All successors must exist on that day.';
