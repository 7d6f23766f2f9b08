-- Submissions to the Chair (III.4.b).

CREATE OR REPLACE FUNCTION proposal_in_time(p proposals) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT local_date(p.submitted_at) <= proposal_limit(p.campaign, p.year) $$;
COMMENT ON FUNCTION proposal_in_time IS
    'III.4.b, by the date that the conference has now, for it can move. Null while it has none, or while nothing is submitted.';

CREATE OR REPLACE FUNCTION proposal_json(p proposals) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
    rules text := evaluation_rules(p.evaluation_id);
BEGIN
    RETURN json_build_object('id', p.id, 'campaign', p.campaign, 'year', p.year, 'state', p.state,
        'evaluation_id', p.evaluation_id, 'letter_number', p.letter_number, 'letter_date', p.letter_date,
        'submitted_at', p.submitted_at, 'submitted_source', p.submitted_source,
        'in_time', proposal_in_time(p),
        'proposal_deadline', proposal_limit(p.campaign, p.year), 'reason', p.reason, 'created_at', p.created_at,
        'units', (SELECT coalesce(json_agg(json_build_object('unit_id', u.unit_id, 'unit_label', unit_label(u.unit_id, make_date(p.year, 12, 31)),
                          'initiative_id', u.initiative_id, 'form', u.form,
                          'form_label', form_label(rules, u.form), 'tier', u.tier) ORDER BY u.unit_id), '[]'::json)
                  FROM proposal_units u WHERE u.proposal_id = p.id),
        'warnings', balance_warnings(rules, p.campaign, p.year,
            ARRAY(SELECT u.unit_id FROM proposal_units u WHERE u.proposal_id = p.id)));
END $$;

-- ---- what the Chair is given ----

CREATE OR REPLACE FUNCTION proposal_nominees(p proposals) RETURNS SETOF jsonb LANGUAGE sql STABLE AS $$
    WITH nominee AS MATERIALIZED (
        SELECT u.unit_id FROM proposal_units u WHERE u.proposal_id = p.id
        UNION
        SELECT n.unit_id FROM nominations n WHERE n.campaign = p.campaign AND n.year = p.year AND n.standing
    )
    SELECT jsonb_build_object('unit_id', x.unit_id, 'label', named.label, 'group', c.group_name, 'cluster', c.cluster,
        'printed', unit_printed(x.unit_id, named.day), 'nominator', unit_printed(d.nominator_id, named.day),
        'proposed', u.unit_id IS NOT NULL, 'form', u.form, 'form_label', form_label(evaluation_rules(p.evaluation_id), u.form),
        'tier_label', tier_label(evaluation_rules(p.evaluation_id), u.form, u.tier), 'achievement', i.summary,
        'initiative', i.title, 'recognised_by', i.decision_number, 'recognised_on', i.recognised_on,
        'votes', CASE WHEN n.votes_for IS NOT NULL THEN jsonb_build_object('for', n.votes_for, 'against', n.votes_against,
            'abstain', n.votes_abstain, 'present', n.members_present, 'total', n.members_total, 'written', n.written_opinions,
            'percent_for', percent_of(n.votes_for, n.members_total)) END,
        'late', dossier_is_late(nomination_received_at(n), p.campaign, p.year), 'late_accepted', d.late_accepted,
        'warnings', f.shown -> 'warnings')
    FROM nominee x CROSS JOIN LATERAL (SELECT day, unit_label(x.unit_id, day) AS label FROM make_date(p.year, 12, 31) AS day) named
    LEFT JOIN contestants c ON c.campaign = p.campaign AND c.year = p.year AND c.unit_id = x.unit_id
    LEFT JOIN proposal_units u ON u.proposal_id = p.id AND u.unit_id = x.unit_id
    LEFT JOIN nominations n ON n.campaign = p.campaign AND n.year = p.year AND n.unit_id = x.unit_id AND n.standing
    LEFT JOIN dossiers d ON d.id = n.dossier_id
    LEFT JOIN findings_shown(p.campaign, p.year, ARRAY(SELECT unit_id FROM nominee)) f ON f.unit_id = x.unit_id
    LEFT JOIN LATERAL (
        SELECT i.title, i.summary, r.decision_number, r.recognised_on FROM initiatives i
        CROSS JOIN LATERAL (SELECT * FROM initiative_recognitions c WHERE c.initiative_id = i.id AND c.outcome = 'RECOGNISED'
                                AND c.council::text = ANY (round_councils(p.campaign, p.year)) ORDER BY c.council DESC LIMIT 1) r
        WHERE i.unit_id = x.unit_id AND CASE WHEN u.initiative_id IS NOT NULL THEN i.id = u.initiative_id
                   ELSE i.id IN (SELECT m FROM merits_of(p.campaign, p.year, x.unit_id, coalesce(local_date(p.submitted_at), today())) m)
                        AND NOT EXISTS (SELECT FROM initiative_uses s WHERE s.initiative_id = i.id AND (s.campaign, s.year) <> (p.campaign, p.year)) END
        ORDER BY r.recognised_on, i.id LIMIT 1) i ON true
    ORDER BY c.group_name, c.cluster, named.label, x.unit_id LIMIT 2001
$$;
COMMENT ON FUNCTION proposal_nominees IS
    'Who is proposed, and who else a standing dossier of the round nominates, as the summary for the Chair says it now. The initiative is the one
    that is to earn the award, or the first that could (III.1.c). Their indices are those of the evaluation.';

CREATE OR REPLACE FUNCTION proposal_summary_sha256(nominees jsonb) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT encode(sha256(convert_to(nominees::text, 'UTF8')), 'hex') $$;
COMMENT ON FUNCTION proposal_summary_sha256 IS 'For the journal, as closed_round_sha256.';
