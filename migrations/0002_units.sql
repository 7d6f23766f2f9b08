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
    name text NOT NULL,
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

CREATE TABLE unit_codes (
    unit_id uuid NOT NULL REFERENCES units,
    scheme code_scheme NOT NULL,
    value text NOT NULL,
    valid daterange NOT NULL CONSTRAINT unit_codes_from CHECK (NOT lower_inf(valid) AND NOT isempty(valid)),
    CONSTRAINT unit_codes_form CHECK (CASE scheme
        WHEN 'GSO' THEN value ~ '^([0-9]{2}|[0-9]{3}|[0-9]{5})$'
        WHEN 'AGENCY' THEN length(value) <= 35 AND value ~ '^[A-Z][0-9]{2}(\.[0-9A-Z]{2,3}){0,8}$'
        ELSE value ~ '^[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2}$' END),
    CONSTRAINT unit_codes_one_holder EXCLUDE USING gist (scheme WITH =, value WITH =, valid WITH &&)
);
COMMENT ON TABLE unit_codes IS 'Codes of units. A code is reused for other bodies over time, but has one holder on any day.';
CREATE INDEX unit_codes_unit ON unit_codes (unit_id);

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

CREATE FUNCTION unit_period(unit uuid, day date) RETURNS unit_periods LANGUAGE sql STABLE AS $$
    SELECT * FROM unit_periods WHERE unit_id = unit
    ORDER BY valid @> day DESC, CASE WHEN lower(valid) <= day THEN lower(valid) END DESC NULLS LAST, lower(valid) LIMIT 1
$$;
COMMENT ON FUNCTION unit_period IS 'The period that holds on that day; else the last one before it; else the first one after.';

CREATE FUNCTION unit_name(unit uuid, day date) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT (unit_period(unit, day)).name $$;

CREATE FUNCTION unit_label(unit uuid, day date) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT p.name || CASE WHEN p.kind IN ('COMMUNE', 'PROVINCIAL_SUBUNIT', 'DISTRICT_SUBUNIT') AND p.parent_id IS NOT NULL
                          THEN ' (' || unit_name(p.parent_id, day) || ')' ELSE '' END
    FROM unit_period(unit, day) p
$$;
COMMENT ON FUNCTION unit_label IS 'A name alone is no key: seven commune names occur twice. "Xã Tân Lợi (Huyện Đồng Phú)".';

CREATE FUNCTION unit_within(unit uuid, top uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH RECURSIVE up(id) AS (
        SELECT unit
        UNION
        SELECT next.id FROM up CROSS JOIN LATERAL (
            SELECT p.parent_id AS id FROM unit_period(up.id, today()) p WHERE p.parent_id IS NOT NULL
            UNION ALL
            SELECT s.successor_id FROM successions s
            WHERE s.predecessor_id = up.id AND s.successor_id IS NOT NULL AND s.kind <> 'TRANSFER'
              AND s.effective_on <= today()) next
    ) SELECT EXISTS (SELECT FROM up WHERE id = top)
$$;
COMMENT ON FUNCTION unit_within IS
    'Is the unit `top` itself, below it, or ended and taken over by it (a dissolved body acts through its successor)?';

CREATE FUNCTION unit_json(unit units, day date) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', unit.id, 'name', p.name, 'label', unit_label(unit.id, day), 'kind', p.kind,
        'parent_id', p.parent_id, 'valid_from', lower(p.valid), 'valid_to', last_day(p.valid), 'exists', p.valid @> day,
        'on', day, 'legal_basis', p.legal_basis,
        'codes', (SELECT coalesce(json_agg(json_build_object('scheme', c.scheme, 'value', c.value, 'valid_from', lower(c.valid),
                         'valid_to', last_day(c.valid)) ORDER BY c.scheme, c.value), '[]'::json)
                  FROM unit_codes c WHERE c.unit_id = unit.id AND (c.valid @> day OR (NOT p.valid @> day AND c.valid && p.valid))))
    FROM unit_period(unit.id, day) p
$$;

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
