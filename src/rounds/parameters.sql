-- name: round_parameters_get read ({code}, {year}) -> body, version
SELECT round_parameters_json(r)::text, r.parameters_version FROM rounds r WHERE r.campaign = :code AND r.year = :year::integer

-- name: round_parameters one (campaign, year) -> version, json, rules_hash
SELECT r.parameters_version AS version, round_parameters_json(r)::text AS json, s.sha256 AS rules_hash
FROM rounds r JOIN campaigns k ON k.code = r.campaign
LEFT JOIN criteria_sets s ON s.name = k.criteria_name AND s.version = k.criteria_version AND s.published_at IS NOT NULL
WHERE r.campaign = :campaign AND r.year = :year::integer

-- name: round_parameters_put one (campaign, year, body) -> version, json
UPDATE rounds r SET version = version + 1, parameters_version = parameters_version + 1, parameters = :body::jsonb -> 'parameters'
WHERE r.campaign = :campaign AND r.year = :year::integer
RETURNING r.parameters_version AS version, round_parameters_json(r)::text AS json
