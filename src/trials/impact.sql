-- name: impact_evaluations many (name, version, campaign, year, rules_hash) ->
--     id, campaign, year int, rule_set_name, rule_set_version int
-- The latest evaluation of each whole round by other rules: by an earlier version of them; in a campaign that is named, by any.
SELECT DISTINCT ON (e.campaign, e.year) e.id, e.campaign, e.year, e.rule_set_name, e.rule_set_version FROM evaluations e
WHERE e.state = 'DONE' AND e.result_hash IS NOT NULL AND NOT e.warnings @> '[{"code": "PARTIAL"}]' AND e.rule_set_hash <> :rules_hash
  AND (:year::integer IS NULL OR e.year = :year::integer)
  AND CASE WHEN :campaign::text IS NULL THEN e.rule_set_name = :name AND e.rule_set_version < :version::integer ELSE e.campaign = :campaign END
  AND (:campaign::text IS NULL OR (SELECT campaign_known('campaign_named', :campaign)))
ORDER BY e.campaign, e.year, e.position DESC LIMIT 101

-- name: impact_labels many (units) -> label
SELECT unit_label((u ->> 'unit_id')::uuid, make_date((u ->> 'year')::integer, 12, 31)) AS label
FROM jsonb_array_elements(:units::jsonb) WITH ORDINALITY AS l(u, place) ORDER BY place
