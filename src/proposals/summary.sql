-- name: summary_head one (proposal_id, language) -> evaluation_id, json, clauses
-- What stands above and below the summary of a proposal. The language is vi or en. Cap and allocation are those of the evaluation, and
-- once it is decided, other awards those that were signed before: what the Chair was given says the same for ever.
SELECT p.evaluation_id, json_build_object(
    'wording', paper_wording(p.campaign, p.year, coalesce(p.letter_date, today())), 'printed_number', k.plan ->> 'printed_number', 'issuer', k.plan ->> 'issuer', 'issued_on', k.plan ->> 'issued_on',
    'year', p.year::text, 'title', k.plan -> 'title' ->> :language, 'letter_number', p.letter_number, 'letter_date', p.letter_date, 'cap', e.cap,
    'awarded_by_others', (SELECT count(*) FROM awards a JOIN decisions d ON d.id = a.decision_id
                          WHERE a.campaign = p.campaign AND a.year = p.year AND d.proposal_id <> p.id
                            AND (own.signed_at IS NULL OR d.signed_at < own.signed_at)),
    'proposed', (SELECT count(*) FROM proposal_units u WHERE u.proposal_id = p.id),
    'conference_on', r.conference_on, 'deadline', proposal_limit(p.campaign, p.year),
    'submitted_at', p.submitted_at, 'in_time', proposal_in_time(p), 'counts', e.counts, 'as_of', e.as_of, 'warnings', e.warnings,
    'rule_set', e.rule_set_name, 'rule_set_version', e.rule_set_version, 'input_hash', e.input_hash, 'result_hash', e.result_hash,
    'quota', (SELECT json_agg(json_build_object('group', q.group_name, 'cluster', q.cluster, 'slots', q.slots,
                                                'form', form_label(evaluation_rules(e.id), q.form))
                              ORDER BY form_place(evaluation_rules(e.id), q.form, NULL), q.group_name, q.cluster)
              FROM quota_shares q WHERE q.campaign = p.campaign AND q.year = p.year AND q.version = e.quota_version),
    'forms', (SELECT json_agg(json_build_object('form', form_label(evaluation_rules(e.id), f.key), 'places', coalesce(c.of_form -> 'count', f.value #> '{places,count}'),
                                                'most', c.of_form -> 'most', 'of', f.value #>> '{places,of}',
                                                'counted', coalesce(c.of_form -> 'counted', f.value #> '{places,counted}'),
                                                'counted_most', c.of_form -> 'counted_most', 'share', f.value #>> '{places,share}')
                              ORDER BY form_place(evaluation_rules(e.id), f.key, NULL))
              FROM jsonb_each(e.inputs #> '{standings,forms}') f
              CROSS JOIN LATERAL (SELECT e.counted_places -> f.key AS of_form) c),
    'asked', (SELECT json_build_object('index', s.document #> '{facts,index_achieved}' IS NOT NULL,
                                       'initiatives', s.document #> '{registers,initiatives}' IS NOT NULL)
              FROM criteria_sets s WHERE s.sha256 = evaluation_rules(e.id)))::text AS json,
    k.clauses
FROM proposals p JOIN rounds r USING (campaign, year) JOIN round_plans k USING (campaign, year) JOIN evaluations e ON e.id = p.evaluation_id
LEFT JOIN LATERAL (SELECT d.signed_at FROM decisions d WHERE d.campaign = p.campaign AND d.year = p.year AND d.proposal_id = p.id
                     AND d.kind = 'AWARD' AND d.state IN ('SIGNED', 'PUBLISHED')) own ON true
WHERE p.id = :proposal_id::uuid

-- name: summary_nominees many (proposal_id) -> unit_id, about
-- Who is proposed, and who else a standing dossier of the round nominates. The initiative is the one that is to earn the award, or
-- the first that could (III.1.c).
WITH proposal AS (
    SELECT * FROM proposals WHERE id = :proposal_id::uuid
), nominee AS (
    SELECT u.unit_id FROM proposal_units u WHERE u.proposal_id = :proposal_id::uuid
    UNION
    SELECT n.unit_id FROM proposal p JOIN nominations n ON n.campaign = p.campaign AND n.year = p.year AND n.standing
)
SELECT x.unit_id, json_build_object('label', unit_label(x.unit_id, make_date(p.year, 12, 31)), 'group', c.group_name, 'cluster', c.cluster,
    'printed', unit_printed(x.unit_id, make_date(p.year, 12, 31)), 'nominator', unit_printed(d.nominator_id, make_date(p.year, 12, 31)),
    'proposed', u.unit_id IS NOT NULL, 'form', u.form, 'form_label', form_label(evaluation_rules(p.evaluation_id), u.form),
    'tier_label', tier_label(evaluation_rules(p.evaluation_id), u.form, u.tier), 'achievement', i.summary,
    'index', (SELECT percent_text(t.achieved, t.maximum) FROM scorecards s, appraised_total(s) t
              WHERE s.unit_id = x.unit_id AND s.year = p.year AND s.state IN ('APPROVED', 'PUBLISHED')),
    'initiative', i.title, 'recognised_by', i.decision_number, 'recognised_on', i.recognised_on,
    'votes', CASE WHEN n.votes_for IS NOT NULL THEN json_build_object('for', n.votes_for, 'against', n.votes_against,
        'abstain', n.votes_abstain, 'present', n.members_present, 'total', n.members_total, 'written', n.written_opinions,
        'percent_for', percent_of(n.votes_for, n.members_total)) END,
    'awarded_by', (SELECT e.number FROM awards a JOIN decisions e ON e.id = a.decision_id
                   WHERE a.campaign = p.campaign AND a.year = p.year AND a.unit_id = x.unit_id AND a.revoked_by IS NULL
                     AND e.proposal_id IS DISTINCT FROM p.id LIMIT 1),
    'revoked_by', (SELECT r.number FROM awards a JOIN decisions r ON r.id = a.revoked_by
                   WHERE a.campaign = p.campaign AND a.year = p.year AND a.unit_id = x.unit_id),
    'late', dossier_is_late(nomination_received_at(n), p.campaign, p.year), 'late_accepted', d.late_accepted,
    'warnings', (SELECT finding_json(f) -> 'warnings' FROM findings f
                 WHERE f.campaign = p.campaign AND f.year = p.year AND f.unit_id = x.unit_id))::text AS about
FROM nominee x CROSS JOIN proposal p
LEFT JOIN contestants c ON c.campaign = p.campaign AND c.year = p.year AND c.unit_id = x.unit_id
LEFT JOIN proposal_units u ON u.proposal_id = p.id AND u.unit_id = x.unit_id
LEFT JOIN nominations n ON n.campaign = p.campaign AND n.year = p.year AND n.unit_id = x.unit_id AND n.standing
LEFT JOIN dossiers d ON d.id = n.dossier_id
LEFT JOIN LATERAL (
    SELECT i.title, i.summary, r.decision_number, r.recognised_on FROM initiatives i
    CROSS JOIN LATERAL (SELECT * FROM initiative_recognitions c WHERE c.initiative_id = i.id AND c.outcome = 'RECOGNISED'
                            AND c.council::text = ANY (round_councils(p.campaign, p.year)) ORDER BY c.council DESC LIMIT 1) r
    WHERE i.unit_id = x.unit_id AND CASE WHEN u.initiative_id IS NOT NULL THEN i.id = u.initiative_id
               ELSE i.id IN (SELECT merits_of(p.campaign, p.year, x.unit_id, coalesce(local_date(p.submitted_at), today())))
                    AND NOT EXISTS (SELECT FROM initiative_uses s WHERE s.initiative_id = i.id AND (s.campaign, s.year) <> (p.campaign, p.year)) END
    ORDER BY r.recognised_on, i.id LIMIT 1) i ON true
ORDER BY c.group_name, c.cluster, unit_label(x.unit_id, make_date(p.year, 12, 31)), x.unit_id LIMIT 2001
