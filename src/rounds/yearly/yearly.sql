-- name: yearly_report one (campaign, year, offices bool) -> json
-- What a round came to (V.2): the numbers of its board. Offices see who owes a report and what stood in units' way, clause by clause;
-- where several criteria stand in one clause, each has its words too.
SELECT json_build_object('year', r.year, 'wording', paper_wording(r.campaign, r.year, coalesce(k.closed_on, today())),
    'funnel', board_funnel_json(r, :offices::boolean, :offices::boolean),
    'group_labels', (SELECT json_object_agg(g.code, g.text ->> 'vi') FROM jsonb_each(k.groups) AS g(code, text)),
    'cap', round_cap(r.campaign, r.year),
    'dossiers', CASE WHEN :offices::boolean THEN (
        SELECT json_build_object('count', count(*), 'late', count(*) FILTER (WHERE d.late))
        FROM dossiers d WHERE d.campaign = r.campaign AND d.year = r.year AND d.received_at IS NOT NULL AND d.state <> 'WITHDRAWN') END,
    'clauses', CASE WHEN :offices::boolean THEN (
        SELECT json_agg(json_build_object('clause', c.value ->> 'clause', 'text', CASE WHEN k.repeat THEN c.value #>> '{text,vi}' END,
                                          'P', n.passed, 'F', n.failed, 'O', n.open, 'D', n.deferred, 'N', n.not_asked) ORDER BY c.place)
        FROM latest_evaluation(r.campaign, r.year, true) e
        JOIN criteria_sets s ON s.sha256 = e.rule_set_hash
        CROSS JOIN LATERAL jsonb_array_elements(s.document -> 'criteria') WITH ORDINALITY c(value, place)
        CROSS JOIN LATERAL (SELECT count(DISTINCT x ->> 'clause') < count(*) AS repeat FROM jsonb_array_elements(s.document -> 'criteria') x) k
        CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE x.letter = 'P') AS passed, count(*) FILTER (WHERE x.letter = 'F') AS failed,
                                   count(*) FILTER (WHERE x.letter = 'O') AS open, count(*) FILTER (WHERE x.letter = 'D') AS deferred,
                                   count(*) FILTER (WHERE x.letter = 'N') AS not_asked
                            FROM (SELECT substr(v.outcomes, c.place::integer, 1) AS letter FROM verdicts v WHERE v.evaluation_id = e.id) x) n) END,
    'awards', (SELECT coalesce(json_agg(json_build_object('name', u.printed, 'number', d.number, 'signed_on', d.signed_on,
                          'form', form_label(evaluation_rules(d.evaluation_id), a.form) ->> 'vi',
                          'tier', tier_label(evaluation_rules(d.evaluation_id), a.form, a.tier) ->> 'vi', 'revoked_by', x.number)
                          ORDER BY d.signed_on, d.number, form_place(evaluation_rules(d.evaluation_id), a.form, a.tier), u.printed, u.unit_id), '[]')
               FROM awards a JOIN decisions d ON d.id = a.decision_id JOIN decision_units u ON (u.decision_id, u.unit_id) = (d.id, a.unit_id)
               LEFT JOIN decisions x ON x.id = a.revoked_by AND decision_visible(x, :offices::boolean)
               WHERE a.campaign = r.campaign AND a.year = r.year AND decision_visible(d, :offices::boolean)),
    'reports', CASE WHEN :offices::boolean THEN (
        SELECT json_build_object('owed', count(*), 'filed', count(f.unit_id),
            'late', count(*) FILTER (WHERE f.late),
            'owing', coalesce((json_agg(unit_printed(p.unit_id, r.report_cut_off - 1) ORDER BY unit_printed(p.unit_id, r.report_cut_off - 1))
                               FILTER (WHERE f.unit_id IS NULL)), '[]'))
        FROM report_owers(r) p LEFT JOIN reports f ON f.campaign = r.campaign AND f.year = r.year AND f.unit_id = p.unit_id) END)::text AS json
FROM rounds r JOIN round_plans k USING (campaign, year) WHERE r.campaign = :campaign AND r.year = :year::integer
