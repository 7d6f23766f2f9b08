-- Public holidays as data: for deadlines that are counted in working days.

CREATE TABLE holiday_years (
    year integer PRIMARY KEY CONSTRAINT holiday_years_from CHECK (year BETWEEN 1900 AND 2999),
    loaded_at timestamptz NOT NULL DEFAULT clock_now()
);
COMMENT ON TABLE holiday_years IS
    'The years whose holidays are known, all of them. Of any other year nobody knows which days are worked: what depends on it is undetermined.';

CREATE TABLE public_holidays (
    day date PRIMARY KEY,
    kind text NOT NULL CONSTRAINT public_holidays_kind CHECK (kind IN ('OFF', 'WORKED')),
    year integer NOT NULL CONSTRAINT public_holidays_year REFERENCES holiday_years,
    text jsonb NOT NULL,
    CONSTRAINT public_holidays_in_year CHECK (extract(year FROM day) = year),
    CONSTRAINT public_holidays_worked CHECK (kind = 'OFF' OR extract(isodow FROM day) > 5)
);
COMMENT ON TABLE public_holidays IS 'OFF: not worked. WORKED: a weekend day that is worked for another one.';
GRANT DELETE ON holiday_years, public_holidays TO thidua_app;

CREATE FUNCTION holiday_json(h public_holidays) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT h.text || jsonb_build_object('date', h.day, 'kind', h.kind)
$$;

CREATE FUNCTION holidays_load(document jsonb, OUT change text, OUT before text) LANGUAGE plpgsql AS $$
DECLARE
    years integer[] := ARRAY(SELECT jsonb_array_elements_text(document->'years')::integer ORDER BY 1);
    known integer[] := ARRAY(SELECT h.year FROM holiday_years h WHERE h.year = ANY (years) ORDER BY 1);
    old jsonb := (SELECT coalesce(jsonb_agg(holiday_json(h) ORDER BY h.day), '[]') FROM public_holidays h WHERE h.year = ANY (years));
    new jsonb := (SELECT coalesce(jsonb_agg(d ORDER BY d->>'date'), '[]') FROM jsonb_array_elements(document->'days') d);
BEGIN
    before := CASE WHEN cardinality(known) > 0 THEN old::text END;
    change := CASE WHEN known = years AND old = new THEN 'unchanged' WHEN cardinality(known) > 0 THEN 'updated' ELSE 'created' END;
    IF change <> 'unchanged' THEN
        DELETE FROM public_holidays h WHERE h.year = ANY (years);
        INSERT INTO holiday_years (year) SELECT unnest(years) ON CONFLICT (year) DO UPDATE SET loaded_at = clock_now();
        INSERT INTO public_holidays (day, kind, year, text)
        SELECT (d->>'date')::date, d->>'kind', left(d->>'date', 4)::integer, d - '{date,kind}'::text[] FROM jsonb_array_elements(new) d;
        PERFORM pg_notify('thidua', 'data');
    END IF;
END $$;
COMMENT ON FUNCTION holidays_load IS 'What a file says of its years takes the place of what was known of them.';

CREATE FUNCTION working_calendar(award_year integer) RETURNS jsonb LANGUAGE sql STABLE AS $$
    WITH islands AS (
        SELECT h.year, h.year - row_number() OVER (ORDER BY h.year) AS island FROM holiday_years h
    ), span AS (
        SELECT greatest(min(i.year), $1 - 1) AS first, least(max(i.year), $1 + 3) AS last
        FROM islands i WHERE i.island = (SELECT island FROM islands WHERE year = $1)
    ), days AS (
        SELECT h.day, h.kind FROM span JOIN public_holidays h ON h.year BETWEEN span.first AND span.last
    )
    SELECT jsonb_build_object('holidays', (SELECT coalesce(jsonb_agg(day ORDER BY day), '[]') FROM days WHERE kind = 'OFF'),
        'worked_weekends', (SELECT coalesce(jsonb_agg(day ORDER BY day), '[]') FROM days WHERE kind = 'WORKED'),
        'holidays_known', (SELECT jsonb_build_object('from', make_date(coalesce(first, $1), 1, 1),
                                                     'through', make_date(coalesce(last, $1 - 1), 12, 31)) FROM span))
$$;
COMMENT ON FUNCTION working_calendar IS
    'For the engine''s parameters: the days around the award year, and the span of them whose holidays are known; empty where the year''s are not.';
