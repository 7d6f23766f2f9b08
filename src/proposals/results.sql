-- name: results_head one (proposal_id, nominator_id) -> evaluation_id, json, clauses
-- Of a proposal, and one who nominated in its round, in the words and names of the day on which it was told of all its nominees; until then of today.
SELECT p.evaluation_id, json_build_object('proposal_id', p.id, 'campaign', p.campaign, 'year', p.year,
    'nominator_unit_id', :nominator_id::uuid, 'nominator_unit_label', unit_label(:nominator_id::uuid, told.day),
    'nominator', unit_printed(:nominator_id::uuid, told.day), 'wording', paper_wording(p.campaign, p.year, told.day))::text AS json,
    k.clauses
FROM proposals p JOIN round_plans k USING (campaign, year)
CROSS JOIN LATERAL (SELECT coalesce(CASE WHEN bool_and(n.notified_on IS NOT NULL) THEN max(n.notified_on) END, today()) AS day
                    FROM dossiers d JOIN nominations n ON n.dossier_id = d.id
                    WHERE d.campaign = p.campaign AND d.year = p.year AND d.nominator_id = :nominator_id::uuid AND n.standing) told
WHERE p.id = :proposal_id::uuid AND EXISTS (
    SELECT FROM dossiers d JOIN nominations n ON n.dossier_id = d.id
    WHERE d.campaign = p.campaign AND d.year = p.year AND d.nominator_id = :nominator_id::uuid AND n.standing)

-- name: results_nominees many (proposal_id, nominator_id) -> printed, json
-- How each of its nominees came out: as it is signed, whether the nominator was told or not.
SELECT unit_printed(n.unit_id, make_date(n.year, 12, 31)) AS printed, json_build_object(
    'unit_id', n.unit_id, 'unit_label', unit_label(n.unit_id, make_date(n.year, 12, 31)), 'result', r.result,
    'decision_number', a.number, 'signed_on', a.signed_on,
    'revocation_number', a.revocation_number, 'revoked_on', a.revoked_on, 'form', a.form, 'form_label', form_label(evaluation_rules(a.evaluation_id), a.form),
    'tier', a.tier, 'tier_label', tier_label(evaluation_rules(a.evaluation_id), a.form, a.tier))::text AS json
FROM proposals p JOIN dossiers d ON d.campaign = p.campaign AND d.year = p.year AND d.nominator_id = :nominator_id::uuid
JOIN nominations n ON n.dossier_id = d.id AND n.standing
CROSS JOIN LATERAL nomination_result(n) r
LEFT JOIN LATERAL (SELECT e.number, e.signed_on, e.evaluation_id, w.form, w.tier, x.number AS revocation_number, x.signed_on AS revoked_on
                   FROM awards w JOIN decisions e ON e.id = w.decision_id LEFT JOIN decisions x ON x.id = w.revoked_by
                   WHERE w.campaign = n.campaign AND w.year = n.year AND w.unit_id = n.unit_id LIMIT 1) a ON true
WHERE p.id = :proposal_id::uuid
ORDER BY unit_label(n.unit_id, make_date(n.year, 12, 31)), n.unit_id LIMIT 2001
