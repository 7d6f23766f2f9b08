-- Units: an immutable id; names, kinds, parents and codes are dated attributes (domain, section 8).

CREATE TYPE unit_kind AS ENUM ('PROVINCE', 'PROVINCIAL_BODY', 'PROVINCIAL_SUBUNIT', 'DISTRICT', 'DISTRICT_SUBUNIT', 'COMMUNE',
                               'PARTY_BODY', 'MASS_ORGANISATION', 'OTHER');
CREATE TYPE code_scheme AS ENUM ('GSO', 'AGENCY', 'AGENCY_LEGACY');
CREATE TYPE succession_kind AS ENUM ('MERGE', 'SPLIT', 'RENAME', 'DISSOLVE', 'TRANSFER');

CREATE TABLE units (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_now()
);
COMMENT ON TABLE units IS 'Bodies that can be judged. What they were called and to whom they belonged is dated: see unit_periods.';
ALTER TABLE keys ADD CONSTRAINT keys_unit FOREIGN KEY (unit_id) REFERENCES units;

CREATE TABLE unit_periods (
    unit_id uuid NOT NULL REFERENCES units,
    valid daterange NOT NULL CONSTRAINT unit_periods_from CHECK (NOT lower_inf(valid) AND NOT isempty(valid)),
    name text NOT NULL CONSTRAINT unit_periods_name CHECK (btrim(name, E' \n\t') <> ''),
    kind unit_kind NOT NULL,
    parent_id uuid CONSTRAINT unit_periods_parent REFERENCES units CONSTRAINT unit_periods_not_own_parent CHECK (parent_id <> unit_id),
    legal_basis text,
    search text GENERATED ALWAYS AS (search_form(name)) STORED,
    PRIMARY KEY (unit_id, valid),
    CONSTRAINT unit_periods_one_at_a_time EXCLUDE USING gist (unit_id WITH =, valid WITH &&)
);
COMMENT ON TABLE unit_periods IS 'What a unit was called, was and belonged to, from … until (exclusive upper bound).';
CREATE INDEX unit_periods_parent_index ON unit_periods (parent_id);
CREATE INDEX unit_periods_search ON unit_periods USING gin (search gin_trgm_ops);
CREATE INDEX unit_periods_order ON unit_periods (search, unit_id);

CREATE FUNCTION code_is_valid(scheme code_scheme, value text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE scheme
        WHEN 'GSO' THEN value ~ '^([0-9]{2}|[0-9]{3}|[0-9]{5})$'
        WHEN 'AGENCY' THEN length(value) <= 35 AND value ~ '^[A-Z][0-9]{2}(\.[0-9A-Z]{2,3}){0,8}$'
        ELSE value ~ '^[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2}$' END
$$;

CREATE TABLE unit_codes (
    unit_id uuid NOT NULL REFERENCES units,
    scheme code_scheme NOT NULL,
    value text NOT NULL,
    valid daterange NOT NULL CONSTRAINT unit_codes_from CHECK (NOT lower_inf(valid) AND NOT isempty(valid)),
    CONSTRAINT unit_codes_form CHECK (code_is_valid(scheme, value)),
    CONSTRAINT unit_codes_one_holder EXCLUDE USING gist (scheme WITH =, value WITH =, valid WITH &&)
);
COMMENT ON TABLE unit_codes IS 'Codes of units. A code is reused for other bodies over time, but has one holder on any day.';
CREATE INDEX unit_codes_unit ON unit_codes (unit_id);
CREATE INDEX unit_codes_value ON unit_codes (value);

CREATE TABLE successions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    predecessor_id uuid NOT NULL REFERENCES units,
    successor_id uuid CONSTRAINT successions_successor REFERENCES units
        CONSTRAINT successions_not_itself CHECK (successor_id <> predecessor_id),
    kind succession_kind NOT NULL,
    effective_on date NOT NULL,
    legal_basis text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT successions_dissolved_into_nothing CHECK (successor_id IS NOT NULL OR kind = 'DISSOLVE'),
    CONSTRAINT successions_once UNIQUE NULLS NOT DISTINCT (predecessor_id, successor_id, effective_on)
);
COMMENT ON TABLE successions IS
    'Who took over from whom, n:m. What a body earned stays with it; the holder now is found through these rows.';
CREATE INDEX successions_successor_index ON successions (successor_id);

CREATE FUNCTION last_day(valid daterange) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN upper_inf(valid) THEN NULL ELSE upper(valid) - 1 END $$;
COMMENT ON FUNCTION last_day IS 'The last day of a period, as people write it; NULL while it has no end.';

-- The reads below are written for speed. A set-returning SQL function in FROM becomes part of the calling query's plan; a scalar
-- one is planned anew by every query that calls it, which costs more than the look-up, so scalars are PL/pgSQL, whose plans last.

CREATE FUNCTION unit_period_on(unit uuid, day date) RETURNS SETOF unit_periods ROWS 1 LANGUAGE sql STABLE AS $$
    SELECT * FROM unit_periods WHERE unit_id = unit
    ORDER BY CASE WHEN lower(valid) <= day THEN lower(valid) END DESC NULLS LAST, lower(valid) LIMIT 1
$$;
COMMENT ON FUNCTION unit_period_on IS
    'The period that holds on that day; else the last one before it; else the first one after. For FROM: becomes part of the query.';

CREATE FUNCTION unit_period(unit uuid, day date) RETURNS unit_periods LANGUAGE plpgsql STABLE AS $$
DECLARE
    period unit_periods;
BEGIN
    SELECT * INTO period FROM unit_period_on(unit, day);
    RETURN period;
END $$;
COMMENT ON FUNCTION unit_period IS 'unit_period_on as one value.';

CREATE FUNCTION unit_label_of(name text, kind unit_kind, parent_name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT name || CASE WHEN kind IN ('COMMUNE', 'PROVINCIAL_SUBUNIT', 'DISTRICT_SUBUNIT')
                        THEN coalesce(' (' || parent_name || ')', '') ELSE '' END
$$;
COMMENT ON FUNCTION unit_label_of IS 'A name alone is no key: seven commune names occur twice. "Xã Tân Lợi (Huyện Đồng Phú)".';

CREATE FUNCTION unit_codes_on(unit uuid, day date, period daterange) RETURNS SETOF unit_codes ROWS 1 LANGUAGE sql STABLE AS $$
    SELECT * FROM unit_codes WHERE unit_id = unit AND (valid @> day OR (NOT period @> day AND valid && period))
$$;
COMMENT ON FUNCTION unit_codes_on IS 'The codes held on that day; where the unit does not exist then, those of the period that is shown.';

CREATE FUNCTION code_json(c unit_codes) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('scheme', c.scheme, 'value', c.value, 'valid_from', lower(c.valid), 'valid_to', last_day(c.valid))
$$;

CREATE FUNCTION unit_in_period(p unit_periods, day date) RETURNS SETOF json ROWS 1 LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', p.unit_id, 'name', p.name, 'label', unit_label_of(p.name, p.kind, parent.name),
        'kind', p.kind, 'parent_id', p.parent_id, 'valid_from', lower(p.valid), 'valid_to', last_day(p.valid),
        'exists', p.valid @> day, 'on', day, 'legal_basis', p.legal_basis,
        'codes', (SELECT coalesce(json_agg(code_json(c) ORDER BY c.scheme, c.value), '[]'::json)
                  FROM unit_codes_on(p.unit_id, day, p.valid) c))
    FROM (SELECT) one LEFT JOIN LATERAL unit_period_on(p.parent_id, day) parent ON true
$$;

CREATE FUNCTION unit_shown(unit uuid, day date) RETURNS SETOF json ROWS 1 LANGUAGE sql STABLE AS
$$ SELECT shown FROM unit_period_on(unit, day) p, unit_in_period(p, day) shown $$;
COMMENT ON FUNCTION unit_shown IS 'The unit as it stood on that day, as the API shows it. For FROM: becomes part of the query.';

CREATE FUNCTION unit_json(unit units, day date) RETURNS json LANGUAGE plpgsql STABLE AS
$$ BEGIN RETURN (SELECT s FROM unit_shown(unit.id, day) s); END $$;

CREATE FUNCTION unit_name(unit uuid, day date) RETURNS text LANGUAGE plpgsql STABLE AS
$$ BEGIN RETURN (SELECT p.name FROM unit_period_on(unit, day) p); END $$;

CREATE FUNCTION unit_label(unit uuid, day date) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT unit_label_of(p.name, p.kind, parent.name)
            FROM unit_period_on(unit, day) p LEFT JOIN LATERAL unit_period_on(p.parent_id, day) parent ON true);
END $$;
COMMENT ON FUNCTION unit_label IS 'See unit_label_of.';

CREATE FUNCTION unit_within(unit uuid, top uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
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

CREATE FUNCTION unit_end(unit uuid, day date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM unit_periods WHERE unit_id = unit AND valid @> (day - 1)) THEN
        PERFORM refuse('unit_not_there');
    END IF;
    DELETE FROM unit_periods WHERE unit_id = unit AND lower(valid) >= day;
    UPDATE unit_periods SET valid = daterange(lower(valid), day) WHERE unit_id = unit AND valid @> day;
    DELETE FROM unit_codes WHERE unit_id = unit AND lower(valid) >= day;
    UPDATE unit_codes SET valid = daterange(lower(valid), day) WHERE unit_id = unit AND valid @> day;
END $$;
COMMENT ON FUNCTION unit_end IS 'The unit exists no longer from that day on; its codes are free.';
GRANT DELETE ON unit_periods, unit_codes TO thidua_app;

CREATE FUNCTION unit_life_end(unit uuid) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN bool_or(upper_inf(valid)) THEN NULL ELSE max(upper(valid)) END FROM unit_periods WHERE unit_id = unit
$$;
COMMENT ON FUNCTION unit_life_end IS 'The first day on which the unit is no longer there; NULL while it has no end.';

CREATE FUNCTION unit_parent_check(unit uuid, parent uuid, day date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Two changes at once could each add half of a circle that neither sees: one at a time.
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

CREATE FUNCTION unit_change(unit uuid, change jsonb) RETURNS void LANGUAGE plpgsql AS $$
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
    'A dated change: closes the period that holds and opens one from that day, or corrects the one that begins then; codes too.';

CREATE FUNCTION unit_yield(predecessors uuid[], succession succession_kind, day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    unit uuid;
BEGIN
    FOREACH unit IN ARRAY ARRAY(SELECT DISTINCT p FROM unnest(predecessors) p ORDER BY p) LOOP
        PERFORM FROM units WHERE id = unit FOR UPDATE;
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
    'The predecessors'' side of a succession: they end on that day and their codes are free; after a TRANSFER they go on.';

CREATE FUNCTION unit_succeed(predecessors uuid[], successors uuid[], succession succession_kind, day date, basis text)
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
COMMENT ON FUNCTION unit_succeed IS 'Records every predecessor''s succession by every successor, all of whom must be there that day.';

CREATE FUNCTION unit_holders(unit uuid, day date) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    WITH RECURSIVE on_to(id) AS (
        SELECT unit
        UNION
        SELECT s.successor_id FROM on_to JOIN successions s ON s.predecessor_id = on_to.id
        WHERE s.successor_id IS NOT NULL AND s.kind <> 'TRANSFER' AND s.effective_on <= day)
    SELECT id FROM on_to WHERE EXISTS (SELECT FROM unit_periods p WHERE p.unit_id = on_to.id AND p.valid @> day)
$$;
COMMENT ON FUNCTION unit_holders IS
    'Who stands for the unit on that day: itself, or those that took over from it. None: it was dissolved into nothing.';

CREATE FUNCTION unit_reference(unit uuid, day date) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN unit IS NOT NULL THEN json_build_object('id', unit, 'label', unit_label(unit, day)) END;
END $$;

CREATE FUNCTION succession_json(s successions) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', s.id, 'kind', s.kind, 'effective_on', s.effective_on, 'legal_basis', s.legal_basis,
        'predecessor', unit_reference(s.predecessor_id, s.effective_on - 1),
        'successor', unit_reference(s.successor_id, s.effective_on), 'recorded_at', s.recorded_at)
$$;
COMMENT ON FUNCTION succession_json IS 'With labels of the time: the predecessor''s on its last day, the successor''s on its first.';
