-- Deadlines come to people: in their calendars, and as events.

CREATE OR REPLACE FUNCTION round_path(campaign text, year integer) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT format('/v1/campaigns/%s/rounds/%s', campaign, year) $$;

CREATE OR REPLACE FUNCTION open_obligations(r rounds) RETURNS TABLE (unit_id uuid, kind text, resource text, becomes_late boolean)
LANGUAGE sql STABLE AS $$
    SELECT o.unit_id, 'REPORTS', round_path(r.campaign, r.year) || '/reports/' || o.unit_id, true
    FROM report_owers(r) o
    WHERE NOT EXISTS (SELECT FROM reports f WHERE f.campaign = r.campaign AND f.year = r.year AND f.unit_id = o.unit_id)
    UNION ALL
    SELECT d.nominator_id, 'DOSSIERS', '/v1/dossiers/' || d.id, d.received_at IS NULL
    FROM dossiers d WHERE d.campaign = r.campaign AND d.year = r.year AND d.state IN ('DRAFT', 'RETURNED')
$$;
COMMENT ON FUNCTION open_obligations IS
    'What units have still to hand in, and the deadline that it is under: the yearly report (V.1), and a dossier that was begun or returned
    (III.4.a). Nobody owes a dossier, so one that nobody began is none; one that was returned came in time and does not become late.';

CREATE OR REPLACE FUNCTION own_obligations(r rounds, top uuid) RETURNS TABLE (unit_id uuid, kind text, resource text)
LANGUAGE sql STABLE AS $$
    SELECT o.* FROM units_within(top) below(id) CROSS JOIN LATERAL (
        SELECT below.id, 'REPORTS', round_path(r.campaign, r.year) || '/reports/' || below.id
        WHERE report_owed(r, below.id)
          AND NOT EXISTS (SELECT FROM reports f WHERE f.campaign = r.campaign AND f.year = r.year AND f.unit_id = below.id)
        UNION ALL
        SELECT d.nominator_id, 'DOSSIERS', '/v1/dossiers/' || d.id FROM dossiers d
        WHERE d.nominator_id = below.id AND d.campaign = r.campaign AND d.year = r.year AND d.state IN ('DRAFT', 'RETURNED')) o
$$;
COMMENT ON FUNCTION own_obligations IS 'Of open_obligations() those of a unit and what is below it, without looking at the rest of the round.';

-- ---- events ----

CREATE OR REPLACE FUNCTION deadline_step(days_left integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE WHEN days_left BETWEEN -30 AND -1 THEN -1
                ELSE (SELECT min(step) FROM unnest(ARRAY[14, 7, 3, 1, 0]) step WHERE days_left BETWEEN 0 AND step) END;
END $$;
COMMENT ON FUNCTION deadline_step IS
    'Of which day before a deadline is told now: the nearest that has come; -1 once it has passed. No plan says when to remind, so the days
    are here: two weeks to write, one for the council to meet, then the last days. Null: nothing is told, because it is far off, or because
    it passed so long ago that it is no news (a round of past years that is entered now).';

CREATE OR REPLACE FUNCTION deadlines_near()
RETURNS TABLE (type text, resource text, campaign text, year integer, unit_id uuid, restricted boolean, kind text, clause text, due_on date, step integer)
LANGUAGE sql STABLE AS $$
    WITH near AS MATERIALIZED (
        SELECT r, d.kind, d.clause, d.due_on, s.step
        FROM rounds r CROSS JOIN LATERAL round_deadlines(r) d CROSS JOIN LATERAL (SELECT deadline_step(d.due_on - today()) AS step) s
        WHERE r.state <> 'CLOSED' AND s.step IS NOT NULL
    ), wanted AS (
        SELECT n.*, round_path((n.r).campaign, (n.r).year) AS resource, NULL::uuid AS unit_id, n.kind = 'PROPOSAL' AS restricted
        FROM near n
        WHERE CASE WHEN n.kind = 'PROPOSAL'
                   THEN NOT EXISTS (SELECT FROM proposals p WHERE p.campaign = (n.r).campaign AND p.year = (n.r).year AND p.state IN ('SUBMITTED', 'DECIDED'))
                   ELSE n.step >= 0 END
        UNION ALL
        SELECT n.*, o.resource, o.unit_id, true
        FROM near n CROSS JOIN LATERAL open_obligations(n.r) o WHERE o.kind = n.kind AND (n.step >= 0 OR o.becomes_late))
    SELECT CASE WHEN w.step < 0 THEN 'deadline.overdue' ELSE 'deadline.due' END, w.resource, (w.r).campaign, (w.r).year, w.unit_id,
           w.restricted, w.kind, w.clause, w.due_on, w.step
    FROM wanted w
    WHERE NOT EXISTS (SELECT FROM deadline_notices t WHERE t.resource = w.resource AND t.kind = w.kind AND t.due_on = w.due_on AND t.step <= w.step)
$$;
COMMENT ON FUNCTION deadlines_near IS
    'What is to be told now, and was not. A nearer day that was told closes those before it, also where the clock goes back. Whether a
    proposal is there is for offices alone, so that its deadline is too. Dossiers and reports are overdue unit by unit, never as a whole.';

CREATE OR REPLACE FUNCTION deadlines_tell(most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    told integer := 0;
BEGIN
    IF pg_try_advisory_xact_lock(7468696479) THEN
        WITH near AS MATERIALIZED (
            SELECT n.* FROM deadlines_near() n ORDER BY n.due_on, n.resource, n.kind LIMIT most
        ), noticed AS (
            INSERT INTO deadline_notices (resource, kind, due_on, step) SELECT n.resource, n.kind, n.due_on, n.step FROM near n
            ON CONFLICT DO NOTHING RETURNING resource, kind)
        INSERT INTO journal (actor_kind, actor_name, actor_roles, request_id, type, resource, campaign, year, unit_id, restricted, after)
        SELECT 'SERVICE', 'thidua', '{}', 'deadlines-' || gen_random_uuid(), n.type, n.resource, n.campaign, n.year, n.unit_id, n.restricted,
               jsonb_build_object('kind', n.kind, 'clause', plan_clause(n.campaign, n.year, n.clause), 'due_on', n.due_on, 'days_left', n.due_on - today())
        FROM near n JOIN noticed USING (resource, kind) ORDER BY n.due_on, n.resource, n.kind;
        GET DIAGNOSTICS told = ROW_COUNT;
    END IF;
    RETURN told;
END $$;
COMMENT ON FUNCTION deadlines_tell IS
    'Writes the events of at most so many, by one instance at a time, and how many it wrote. The key of deadline_notices keeps them single even
    without the lock. Nothing else in such an event is random: whoever knows the hashes of the events before and after it (event_json) could
    try what it says, such as who has handed in no report.';
