-- Public holidays, for deadlines that are counted in working days.

CREATE OR REPLACE FUNCTION holiday_json(h public_holidays) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT h.text || jsonb_build_object('date', h.day, 'kind', h.kind)
$$;

CREATE OR REPLACE FUNCTION working_days_before(day date, days integer) RETURNS date LANGUAGE plpgsql STABLE AS $$
DECLARE
    left_over integer := days;
BEGIN
    WHILE left_over > 0 LOOP
        day := day - 1;
        IF NOT EXISTS (SELECT FROM holiday_years h WHERE h.year = extract(year FROM working_days_before.day)) THEN
            RETURN NULL;
        END IF;
        left_over := left_over - (EXISTS (SELECT FROM public_holidays h WHERE h.day = working_days_before.day
                                          AND h.kind = CASE WHEN extract(isodow FROM h.day) > 5 THEN 'WORKED' ELSE 'OFF' END)
                                  = (extract(isodow FROM day) > 5))::integer;
    END LOOP;
    RETURN day;
END $$;
COMMENT ON FUNCTION working_days_before IS
    'The day itself is not counted, as the engine counts it (date_add_working_days). Null where nobody knows which days are worked.';

CREATE OR REPLACE FUNCTION holidays_load(document jsonb, OUT change text, OUT before text) LANGUAGE plpgsql AS $$
DECLARE
    years integer[] := ARRAY(SELECT jsonb_array_elements_text(document->'years')::integer ORDER BY 1);
    known integer[] := ARRAY(SELECT h.year FROM holiday_years h WHERE h.year = ANY (years) ORDER BY 1);
    old jsonb := (SELECT coalesce(jsonb_agg(holiday_json(h) ORDER BY h.day), '[]') FROM public_holidays h WHERE h.year = ANY (years));
    new jsonb := (SELECT coalesce(jsonb_agg(d ORDER BY d->>'date'), '[]') FROM jsonb_array_elements(document->'days') d);
BEGIN
    before := CASE WHEN cardinality(known) > 0 THEN old::text END;
    change := CASE WHEN known = years AND old = new THEN 'unchanged' WHEN cardinality(known) > 0 THEN 'updated' ELSE 'created' END;
    IF change <> 'unchanged' THEN
        -- Whoever fixes a conference meanwhile counts by these days, or is counted for below.
        PERFORM FROM rounds r ORDER BY r.campaign, r.year FOR NO KEY UPDATE;
        DELETE FROM public_holidays h WHERE h.year = ANY (years);
        INSERT INTO holiday_years (year) SELECT unnest(years) ON CONFLICT (year) DO UPDATE SET loaded_at = clock_now();
        INSERT INTO public_holidays (day, kind, year, text)
        SELECT (d->>'date')::date, d->>'kind', left(d->>'date', 4)::integer, d - '{date,kind}'::text[] FROM jsonb_array_elements(new) d;
        UPDATE rounds r SET version = r.version + 1, cut_offs_moved = r.cut_offs_moved + 1, cut_offs_moved_at = clock_now()
        WHERE r.state <> 'CLOSED' AND r.proposal_in_working_days AND proposal_due(r) IS DISTINCT FROM r.proposal_due_on;
        PERFORM pg_notify('thidua', 'data');
    END IF;
END $$;
COMMENT ON FUNCTION holidays_load IS
    'The days in the document replace all that was known of its years. A deadline in working days may move by it (rounds_note_moves),
    which calendars are told; that of a closed round does not.';

CREATE OR REPLACE FUNCTION working_calendar(award_year integer) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (WITH islands AS (
                SELECT h.year, h.year - row_number() OVER (ORDER BY h.year) AS island FROM holiday_years h
            ), span AS (
                -- greatest() and least() pass over nulls: of no years they would make known ones.
                SELECT CASE WHEN count(*) > 0 THEN greatest(min(i.year), $1 - 1) END AS first,
                       CASE WHEN count(*) > 0 THEN least(max(i.year), $1 + 3) END AS last
                FROM islands i WHERE i.island = (SELECT island FROM islands WHERE year = $1)
            ), days AS (
                SELECT h.day, h.kind FROM span JOIN public_holidays h ON h.year BETWEEN span.first AND span.last
            )
            SELECT jsonb_build_object('holidays', (SELECT coalesce(jsonb_agg(day ORDER BY day), '[]') FROM days WHERE kind = 'OFF'),
                'worked_weekends', (SELECT coalesce(jsonb_agg(day ORDER BY day), '[]') FROM days WHERE kind = 'WORKED'),
                'holidays_known', (SELECT jsonb_build_object('from', make_date(coalesce(first, $1), 1, 1),
                                                             'through', make_date(coalesce(last, $1 - 1), 12, 31)) FROM span)));
END $$;
COMMENT ON FUNCTION working_calendar IS
    'For the parameters of the engine: holidays around the award year, and the span of years for which they are known. Empty where those
    of the award year are not.';
