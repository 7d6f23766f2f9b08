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
-- As the Chair was given it; of what is not submitted, or was returned, as it would be given now. What decisions came to since stands beside it.
WITH kept AS MATERIALIZED (
    SELECT s.nominees FROM proposals p JOIN proposal_summaries s ON s.proposal_id = p.id
    WHERE p.id = :proposal_id::uuid AND p.state <> 'RETURNED'
), said AS (
    SELECT n.about, n.place FROM kept CROSS JOIN LATERAL jsonb_array_elements(kept.nominees) WITH ORDINALITY AS n(about, place)
    UNION ALL
    SELECT n.about, n.place FROM proposals p CROSS JOIN LATERAL proposal_nominees(p) WITH ORDINALITY AS n(about, place)
    WHERE p.id = :proposal_id::uuid AND NOT EXISTS (SELECT FROM kept)
)
SELECT x.unit_id, (s.about || jsonb_build_object(
    'awarded_by', (SELECT e.number FROM awards a JOIN decisions e ON e.id = a.decision_id
                   WHERE a.campaign = p.campaign AND a.year = p.year AND a.unit_id = x.unit_id AND a.revoked_by IS NULL
                     AND e.proposal_id IS DISTINCT FROM p.id LIMIT 1),
    'revoked_by', (SELECT r.number FROM awards a JOIN decisions r ON r.id = a.revoked_by
                   WHERE a.campaign = p.campaign AND a.year = p.year AND a.unit_id = x.unit_id)))::text AS about
FROM said s CROSS JOIN LATERAL (SELECT (s.about ->> 'unit_id')::uuid AS unit_id) x JOIN proposals p ON p.id = :proposal_id::uuid
ORDER BY s.place

-- name: summary_keep exec (proposal_id)
INSERT INTO proposal_summaries AS s (proposal_id, nominees)
SELECT p.id, (SELECT coalesce(jsonb_agg(n.about ORDER BY n.place), '[]') FROM proposal_nominees(p) WITH ORDINALITY AS n(about, place))
FROM proposals p WHERE p.id = :proposal_id::uuid
ON CONFLICT (proposal_id) DO UPDATE SET nominees = EXCLUDED.nominees

-- name: summary_told one (proposal_id) -> json
-- The proposal as the journal keeps it when it is submitted.
SELECT (proposal_json(p)::jsonb || jsonb_build_object('summary_sha256', proposal_summary_sha256(s.nominees)))::text AS json
FROM proposals p JOIN proposal_summaries s ON s.proposal_id = p.id WHERE p.id = :proposal_id::uuid
