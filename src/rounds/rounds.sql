-- name: round_list read ({code}) -> body
SELECT json_build_object('items', (SELECT coalesce(json_agg(round_json(r) ORDER BY r.year), '[]'::json) FROM rounds r
                                   WHERE r.campaign = c.code), 'next', NULL)::text
FROM campaigns c WHERE c.code = :code

-- name: round_get read maybe ({code}, {year}) -> body, version
SELECT round_json(r)::text, r.version FROM rounds r WHERE r.campaign = :code AND r.year = :year::integer

-- name: round_hold
-- For writes that change the round itself or what is counted over the whole of it.
SELECT version, state, today() >= cut_off, round_json(rounds)::text, quota_version,
       (SELECT k.clauses FROM campaigns k WHERE k.code = campaign) FROM rounds
WHERE campaign = $1 AND year = $2::integer FOR UPDATE

-- name: round_share
-- For writes beside one another inside a round that must not be closed meanwhile.
SELECT version, state, today() >= cut_off, NULL, quota_version,
       (SELECT k.clauses FROM campaigns k WHERE k.code = campaign) FROM rounds
WHERE campaign = $1 AND year = $2::integer FOR SHARE

-- name: round_campaign
SELECT plan->>'award_years', clauses FROM campaigns WHERE code = $1

-- name: round_patch
UPDATE rounds SET version = version + 1,
    conference_on = CASE WHEN $3::jsonb ? 'conference_on' THEN ($3::jsonb->>'conference_on')::date ELSE conference_on END
WHERE campaign = $1 AND year = $2::integer RETURNING version, round_json(rounds)::text

-- name: round_step
UPDATE rounds SET version = version + 1, state = $3 WHERE campaign = $1 AND year = $2::integer
RETURNING version, round_json(rounds)::text

-- name: round_reached
SELECT EXISTS (SELECT FROM proposals p WHERE p.campaign = $1 AND p.year = $2::integer AND p.state IN ('SUBMITTED', 'DECIDED')),
       EXISTS (SELECT FROM decisions d WHERE d.campaign = $1 AND d.year = $2::integer AND d.kind = 'AWARD'
               AND d.state IN ('SIGNED', 'PUBLISHED'))

-- name: plan_group_list
SELECT coalesce(json_agg(code ORDER BY position), '[]'::json)::text, string_agg(code, ', ' ORDER BY position)
FROM campaign_groups WHERE campaign = $1
