-- What a dashboard shows of a round, cut by what the caller may read where it is kept.

CREATE OR REPLACE FUNCTION board_phase(r rounds, offices boolean) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT CASE
            WHEN EXISTS (SELECT FROM decisions d WHERE d.campaign = r.campaign AND d.year = r.year AND d.kind = 'AWARD' AND d.state = 'PUBLISHED')
                THEN 'PUBLISHED'
            WHEN round_state_shown(r, offices) IN ('PROPOSED', 'DECIDED') THEN round_state_shown(r, offices)
            WHEN today() >= r.cut_off THEN 'APPRAISAL'
            ELSE 'OPEN' END);
END $$;
COMMENT ON FUNCTION board_phase IS
    'How far the round has come by its facts: beside its state, intake ends by the date, and what is published shows.';

CREATE OR REPLACE FUNCTION board_deadlines_json(r rounds) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT json_agg(json_build_object('kind', d.kind, 'clause', plan_clause(r.campaign, r.year, d.clause), 'due_on', d.due_on,
                                          'days_left', d.due_on - today(),
                                          'missing', CASE WHEN d.kind = 'PROPOSAL' THEN proposal_due_missing(r) END) ORDER BY d.place)
        FROM round_deadlines(r) d);
END $$;
COMMENT ON FUNCTION board_deadlines_json IS 'days_left is 0 on the last day in time, and below it afterwards.';

-- The units of a round as sets, each read once through its own keys. How many verdicts an evaluation has PostgreSQL does not know, and would look
-- each of them up; so joins are by hashing, whatever it believes.
CREATE OR REPLACE FUNCTION board_steps(campaign text, year integer, evaluation uuid, offices boolean, on_proposals uuid[], on_awards uuid[])
RETURNS TABLE (group_name text, registered bigint, nominated bigint, appraised bigint, eligible bigint, proposed bigint, awarded bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_nestloop = off AS $$
    #variable_conflict use_column
BEGIN
    RETURN QUERY WITH steps AS MATERIALIZED (
        SELECT c.group_name, n.unit_id IS NOT NULL AS nominated, NOT $4 OR f.unit_id IS NOT NULL AS appraised,
               NOT $4 OR v.unit_id IS NOT NULL AS eligible, NOT $4 OR p.unit_id IS NOT NULL AS proposed, a.unit_id IS NOT NULL AS awarded
        FROM contestants c
        LEFT JOIN (SELECT m.unit_id FROM nominations m WHERE m.campaign = $1 AND m.year = $2 AND m.standing -- once in a round
                     AND CASE WHEN m.added_later THEN m.received_at IS NOT NULL ELSE m.came_on IS NOT NULL END) n ON n.unit_id = c.unit_id
        LEFT JOIN findings f ON f.campaign = $1 AND f.year = $2 AND f.unit_id = c.unit_id
        LEFT JOIN (SELECT * FROM verdicts WHERE evaluation_id = $3 AND overall = 'ELIGIBLE') v ON v.unit_id = c.unit_id
        LEFT JOIN unnest($5) p(unit_id) ON p.unit_id = c.unit_id
        LEFT JOIN unnest($6) a(unit_id) ON a.unit_id = c.unit_id
        WHERE c.campaign = $1 AND c.year = $2)
    SELECT s.group_name, count(*), count(*) FILTER (WHERE s.nominated OR s.awarded),
        count(*) FILTER (WHERE s.nominated AND s.appraised OR s.awarded),
        count(*) FILTER (WHERE s.nominated AND s.appraised AND s.eligible OR s.awarded),
        count(*) FILTER (WHERE s.nominated AND s.appraised AND s.eligible AND s.proposed OR s.awarded),
        count(*) FILTER (WHERE s.awarded)
    FROM steps s GROUP BY s.group_name;
END $$;

CREATE OR REPLACE FUNCTION board_funnel(campaign text, year integer, offices boolean)
RETURNS TABLE (group_name text, registered bigint, nominated bigint, appraised bigint, eligible bigint, proposed bigint, awarded bigint)
LANGUAGE sql STABLE AS $$
    SELECT s.* FROM board_steps($1, $2, (SELECT id FROM latest_evaluation($1, $2, true)), offices, ARRAY(
        SELECT DISTINCT u.unit_id FROM proposals p JOIN proposal_units u ON u.proposal_id = p.id
        WHERE p.campaign = $1 AND p.year = $2 AND p.state IN ('SUBMITTED', 'DECIDED')
    ), ARRAY(
        SELECT a.unit_id FROM awards a JOIN decisions d ON d.id = a.decision_id LEFT JOIN decisions x ON x.id = a.revoked_by
        WHERE a.campaign = $1 AND a.year = $2 AND decision_visible(d, offices) AND (x.id IS NULL OR NOT decision_visible(x, offices))
    )) s
$$;
COMMENT ON FUNCTION board_funnel IS
    'Each number is of a part of the set before it. A step that the caller may not know of narrows nothing. Who has an award took every
    step by its signature, whatever a later evaluation finds. An award that was revoked, so far as the caller may know, is none here; it
    keeps its place in the quota all the same.';

CREATE OR REPLACE FUNCTION board_steps_json(registered numeric, nominated numeric, appraised numeric, eligible numeric, proposed numeric, awarded numeric,
                                            offices boolean) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('registered', registered, 'nominated', nominated, 'appraised', CASE WHEN offices THEN appraised END,
        'eligible', CASE WHEN offices THEN eligible END, 'proposed', CASE WHEN offices THEN proposed END, 'awarded', awarded)
$$;

CREATE OR REPLACE FUNCTION board_funnel_json(r rounds, offices boolean, member boolean) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (WITH f AS MATERIALIZED (SELECT * FROM board_funnel(r.campaign, r.year, offices))
        SELECT json_build_object(
            'total', (SELECT board_steps_json(coalesce(sum(registered), 0), coalesce(sum(nominated), 0), coalesce(sum(appraised), 0),
                             coalesce(sum(eligible), 0), coalesce(sum(proposed), 0), coalesce(sum(awarded), 0), offices) FROM f),
            'groups', CASE WHEN member THEN (
                SELECT coalesce(json_agg(json_build_object('group', f.group_name, 'steps', board_steps_json(f.registered,
                           CASE WHEN offices THEN f.nominated END, f.appraised, f.eligible, f.proposed, f.awarded, offices)) ORDER BY (k.groups #>> ARRAY[f.group_name, 'position'])::integer), '[]'::json)
                FROM f JOIN round_plans k ON k.campaign = r.campaign AND k.year = r.year) END));
END $$;

CREATE OR REPLACE FUNCTION board_quota_json(r rounds, offices boolean, member boolean) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (WITH awarded AS MATERIALIZED (
            SELECT c.group_name, c.cluster, a.form FROM awards a JOIN decisions d ON d.id = a.decision_id
            JOIN contestants c ON c.campaign = a.campaign AND c.year = a.year AND c.unit_id = a.unit_id
            WHERE a.campaign = r.campaign AND a.year = r.year AND decision_visible(d, offices)
        ), shares AS (
            SELECT g.code, jsonb_build_object('vi', g.text -> 'vi', 'en', g.text -> 'en') AS label, (g.text ->> 'position')::integer AS position, q.cluster, q.form, form_label(s.sha256, q.form) AS form_label, CASE WHEN q.form IS NOT NULL THEN form_place(s.sha256, q.form, NULL) END AS form_place, q.slots,
                   CASE WHEN member THEN (SELECT count(*) FROM awarded a WHERE a.group_name = g.code AND (q.cluster IS NULL OR a.cluster = q.cluster)
                                                                       AND (q.form IS NULL OR a.form = q.form)) END AS given
            FROM round_plans k CROSS JOIN LATERAL jsonb_each(k.groups) AS g(code, text)
            LEFT JOIN criteria_sets s ON (s.name, s.version) = (k.criteria_name, k.criteria_version)
            LEFT JOIN quota_current q ON q.campaign = r.campaign AND q.year = r.year AND q.group_name = g.code
            WHERE k.campaign = r.campaign AND k.year = r.year)
        SELECT json_build_object('version', r.quota_version, 'cap', r.cap,
            'allocated', (SELECT sum(q.slots) FROM quota_current q WHERE q.campaign = r.campaign AND q.year = r.year),
            'awarded', taken.n, 'left', r.cap - taken.n,
            'groups', (SELECT json_agg(json_build_object('group', s.code, 'group_label', s.label, 'cluster', s.cluster, 'form', s.form, 'form_label', s.form_label, 'slots', s.slots,
                                                         'secure', NULL, 'possible', NULL, 'awarded', s.given, 'left', s.slots - s.given)
                                       ORDER BY s.position, s.cluster, s.form_place, s.form) FROM shares s))
        FROM (SELECT count(*) AS n FROM awards a JOIN decisions d ON d.id = a.decision_id
              WHERE a.campaign = r.campaign AND a.year = r.year AND decision_visible(d, offices)) taken);
END $$;
COMMENT ON FUNCTION board_quota_json IS
    'Places by share of the allocation, and those that awards have taken for good (III.2.b). Who is in which group is not public.
    `secure` and `possible` are filled in from the standings. Of forms of award, each has shares of its own.';

CREATE OR REPLACE FUNCTION board_unfiled(r rounds) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_nestloop = off AS $$
DECLARE
    kinds unit_kind[] := report_kinds(r);
BEGIN
    RETURN QUERY SELECT c.unit_id FROM contestants c
    WHERE c.campaign = r.campaign AND c.year = r.year AND c.group_name = ANY (r.report_groups)
      AND NOT EXISTS (SELECT FROM reports f WHERE f.campaign = r.campaign AND f.year = r.year AND f.unit_id = c.unit_id)
    UNION ALL
    SELECT p.unit_id FROM unit_periods p
    WHERE p.kind = ANY (kinds) AND p.valid @> (r.report_cut_off - 1)
      AND NOT EXISTS (SELECT FROM contestants c WHERE c.campaign = r.campaign AND c.year = r.year AND c.unit_id = p.unit_id)
      AND NOT EXISTS (SELECT FROM reports f WHERE f.campaign = r.campaign AND f.year = r.year AND f.unit_id = p.unit_id);
END $$;
COMMENT ON FUNCTION board_unfiled IS
    'Those of report_owers() without a report, and contestants that did not exist on that day. The few that are left are looked at after the many
    that filed are taken away as a set.';

CREATE OR REPLACE FUNCTION board_overdue_json(r rounds, offices boolean, caller_unit uuid) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (WITH late AS MATERIALIZED (
            SELECT o.unit_id, p.name
            FROM (SELECT x AS unit_id FROM board_unfiled(r) x WHERE offices AND today() >= r.report_cut_off
                  UNION ALL
                  SELECT b FROM units_within(CASE WHEN NOT offices AND today() >= r.report_cut_off THEN caller_unit END) b
                  WHERE report_owed(r, b)
                    AND NOT EXISTS (SELECT FROM reports f WHERE f.campaign = r.campaign AND f.year = r.year AND f.unit_id = b)) o
            CROSS JOIN LATERAL (SELECT name FROM unit_periods WHERE unit_id = o.unit_id AND valid @> (r.report_cut_off - 1) OFFSET 0) p
        ), named AS MATERIALIZED (
            SELECT l.name, l.unit_id, unit_label(l.unit_id, r.report_cut_off - 1) AS label
            FROM (SELECT * FROM late ORDER BY name FETCH FIRST 20 ROWS WITH TIES) l)
        SELECT json_build_object('reports', json_build_object('clause', plan_clause(r.campaign, r.year, 'V.1'), 'count', (SELECT count(*) FROM late),
            'items', (SELECT coalesce(json_agg(json_build_object('unit_id', l.unit_id, 'unit_label', l.label) ORDER BY l.name, l.label, l.unit_id), '[]'::json)
                      FROM (SELECT * FROM named ORDER BY name, label, unit_id LIMIT 20) l))));
END $$;
COMMENT ON FUNCTION board_overdue_json IS 'Reports that are overdue, as the list of obligations says; its first twenty.';

-- Its plans are by keys, whatever the round, and they take longer to make than to run: a hundred subqueries, made anew for each board.
CREATE OR REPLACE FUNCTION board_json(r rounds, caller_roles integer, caller_unit uuid) RETURNS json
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    offices boolean := may_read_restricted(caller_roles);
    member boolean := offices OR has_role(caller_roles, 'unit');
BEGIN
    RETURN json_build_object('campaign', r.campaign, 'year', r.year, 'phase', board_phase(r, offices), 'state', round_state_shown(r, offices),
        'deadlines', board_deadlines_json(r),
        'funnel', board_funnel_json(r, offices, member), 'quota', board_quota_json(r, offices, member),
        'overdue', CASE WHEN member THEN board_overdue_json(r, offices, caller_unit) END,
        'proposal', CASE WHEN offices THEN (
            SELECT json_build_object('id', p.id, 'state', p.state, 'submitted_at', p.submitted_at, 'in_time', proposal_in_time(p),
                'units', (SELECT count(*) FROM proposal_units u WHERE u.proposal_id = p.id))
            FROM proposals p WHERE p.campaign = r.campaign AND p.year = r.year AND p.state <> 'WITHDRAWN' ORDER BY p.created_at DESC NULLS LAST, p.id LIMIT 1) END,
        'decision', (SELECT json_build_object('id', d.id, 'state', d.state, 'number', d.number, 'signed_on', d.signed_on,
                'published_at', d.published_at, 'units', (SELECT count(*) FROM decision_units u WHERE u.decision_id = d.id))
            FROM decisions d WHERE d.campaign = r.campaign AND d.year = r.year AND d.kind = 'AWARD' AND d.state <> 'CANCELLED'
              AND decision_visible(d, offices) ORDER BY d.created_at DESC NULLS LAST, d.id LIMIT 1),
        'latest_evaluation', latest_evaluation_json(r.campaign, r.year, caller_roles, caller_unit));
END $$;
COMMENT ON FUNCTION board_json IS 'The board without its matrix, which is read from verdicts.';
