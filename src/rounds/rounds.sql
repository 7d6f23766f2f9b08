-- name: round_list read ({code}, @offices) -> body
SELECT json_build_object('items', (SELECT coalesce(json_agg(round_json(r, :offices::boolean) ORDER BY r.year), '[]'::json) FROM rounds r
                                   WHERE r.campaign = c.code), 'next', NULL)::text
FROM campaigns c WHERE c.code = :code

-- name: round_get read maybe ({code}, {year}, @roles, @unit) -> body, version
-- A version moves with what is signed and not yet published, and with parameters: it is for the offices, which change by it.
SELECT left(round_json(r, may_read_restricted(:roles::integer))::text, -1) || ', "latest_evaluation" : '
       || coalesce(latest_evaluation_json(r.campaign, r.year, :roles::integer, :unit::uuid)::text, 'null') || '}',
       CASE WHEN may_read_restricted(:roles::integer) THEN r.version END
FROM rounds r WHERE r.campaign = :code AND r.year = :year::integer

-- name: round_known maybe (campaign, year) -> version, state
SELECT r.version, r.state FROM rounds r WHERE r.campaign = :campaign AND r.year = :year::integer

-- name: round_hold_alone maybe (campaign, year) -> round_row: version, state, intake_over bool, quota_version, clauses
-- For writes that change the round itself or what is counted over the whole of it.
SELECT version, state, today() >= cut_off AS intake_over, quota_version,
       (SELECT k.clauses FROM round_plans k WHERE k.campaign = rounds.campaign AND k.year = rounds.year) AS clauses FROM rounds
WHERE campaign = :campaign AND year = :year::integer FOR NO KEY UPDATE

-- name: round_hold_shared maybe (campaign, year) -> round_row: version, state, intake_over bool, quota_version, clauses
-- For writes inside a round that run beside one another and that the round must not be closed under.
SELECT version, state, today() >= cut_off AS intake_over, quota_version,
       (SELECT k.clauses FROM round_plans k WHERE k.campaign = rounds.campaign AND k.year = rounds.year) AS clauses FROM rounds
WHERE campaign = :campaign AND year = :year::integer FOR SHARE

-- name: round_told one (campaign, year) -> json
-- As the journal keeps it, with all that is counted: for an event of the round itself.
SELECT round_json(r, true)::text AS json FROM rounds r WHERE r.campaign = :campaign AND r.year = :year::integer

-- name: round_kept one (campaign, year) -> json
-- The same after a step, with the hash of what a closing keeps; null where it is not closed.
SELECT (round_json(r, true)::jsonb || jsonb_build_object('kept_sha256', (
    SELECT closed_round_sha256(k) FROM closed_rounds k WHERE k.campaign = r.campaign AND k.year = r.year)))::text AS json
FROM rounds r WHERE r.campaign = :campaign AND r.year = :year::integer

-- name: round_campaign maybe (campaign) -> award_years, clauses
SELECT plan->>'award_years' AS award_years, clauses FROM campaigns WHERE code = :campaign

-- name: round_patch one (campaign, year, body) -> round_version: version, json
UPDATE rounds SET version = version + 1,
    conference_on = CASE WHEN :body::jsonb ? 'conference_on' THEN (:body::jsonb->>'conference_on')::date ELSE conference_on END
WHERE campaign = :campaign AND year = :year::integer RETURNING version, round_json(rounds, true)::text AS json

-- name: round_step one (campaign, year, state) -> round_version: version, json
UPDATE rounds SET version = version + 1, state = :state WHERE campaign = :campaign AND year = :year::integer
RETURNING version, round_json(rounds, true)::text AS json

-- name: round_reached one (campaign, year) -> waiting, decided bool, unpublished, conference_ahead
-- A proposal that is with the Chair, whether an award decision was signed, one of those that is not published, and the day of a
-- conference that is to come.
SELECT (SELECT min(p.id::text) FROM proposals p WHERE p.campaign = :campaign AND p.year = :year::integer AND p.state = 'SUBMITTED') AS waiting,
       EXISTS (SELECT FROM decisions d WHERE d.campaign = :campaign AND d.year = :year::integer AND d.kind = 'AWARD'
               AND d.state IN ('SIGNED', 'PUBLISHED')) AS decided,
       (SELECT min(d.id::text) FROM decisions d WHERE d.campaign = :campaign AND d.year = :year::integer AND d.kind = 'AWARD'
        AND d.state = 'SIGNED') AS unpublished,
       (SELECT r.conference_on FROM rounds r WHERE r.campaign = :campaign AND r.year = :year::integer AND r.conference_on > today())
           AS conference_ahead

-- name: plan_group_list one (campaign) -> codes, shown, shown_en
SELECT coalesce(json_agg(code ORDER BY position), '[]'::json)::text AS codes, 
       string_agg(format('"%s" (%s)', code, text ->> 'vi'), ', ' ORDER BY position) AS shown,
       string_agg(format('"%s" (%s)', code, text ->> 'en'), ', ' ORDER BY position) AS shown_en
FROM campaign_groups WHERE campaign = :campaign
