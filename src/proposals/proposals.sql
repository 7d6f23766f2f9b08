-- name: proposal_create maybe (campaign, year, body, created_by) -> id
-- Only units that the evaluation found eligible may be proposed; a unit it does not know is not. The initiative that earns the
-- award is kept with the unit (the first recognised one that counts where none is named): it cannot serve again (III.1.c).
WITH body AS (
    SELECT * FROM jsonb_to_record(:body::jsonb) AS b(evaluation_id uuid, letter_number text, letter_date date, units jsonb)
), named AS (
    SELECT u.unit_id, u.initiative_id, u.form, u.tier FROM body, jsonb_to_recordset(body.units) AS u(unit_id uuid, initiative_id uuid, form text, tier text)
), proposal AS (
    INSERT INTO proposals (campaign, year, evaluation_id, letter_number, letter_date, created_by)
    SELECT e.campaign, e.year, e.id, body.letter_number, body.letter_date, :created_by::uuid
    FROM body JOIN evaluations e ON e.id = body.evaluation_id AND e.campaign = :campaign AND e.year = :year::integer
    WHERE (SELECT count(*) FROM named) = (SELECT count(DISTINCT unit_id) FROM named) OR refuse('proposal_unit_twice')
    RETURNING *
), entered AS (
    INSERT INTO proposal_units (proposal_id, unit_id, initiative_id, form, tier)
    SELECT proposal.id, named.unit_id, coalesce(merit.id, named.initiative_id), named.form, named.tier
    FROM proposal CROSS JOIN named LEFT JOIN LATERAL (
        SELECT i.id FROM merits_of(proposal.campaign, proposal.year, named.unit_id, today()) WITH ORDINALITY AS i(id, turn)
        WHERE (named.initiative_id IS NULL OR named.initiative_id = i.id)
          AND NOT EXISTS (SELECT FROM initiative_uses u WHERE u.initiative_id = i.id)
        ORDER BY i.turn LIMIT 1) merit ON true
    WHERE (named.initiative_id IS NULL OR merit.id IS NOT NULL OR refuse('proposal_initiative_not_recognised'))
      AND (EXISTS (SELECT FROM verdicts v WHERE v.evaluation_id = proposal.evaluation_id AND v.unit_id = named.unit_id
                  AND v.overall = 'ELIGIBLE') OR refuse('proposal_unit_not_eligible'))
    RETURNING unit_id
)
SELECT proposal.id FROM proposal WHERE (SELECT count(*) FROM entered) > 0

-- name: proposal_standings one (campaign, year, evaluation_id) -> ranked bool, partial bool, newest
-- Did the evaluation rank the whole round, so that it says who has a sure place? Where none is named, it is the newest that did.
WITH newest AS (
    SELECT e.id FROM evaluations e
    WHERE e.campaign = :campaign AND e.year = :year::integer AND e.standings IS NOT NULL AND NOT e.warnings @> '[{"code": "PARTIAL"}]'
    ORDER BY e.position DESC LIMIT 1)
SELECT named.standings IS NOT NULL AS ranked, named.warnings @> '[{"code": "PARTIAL"}]' AS partial, newest.id AS newest
FROM (SELECT 1) one LEFT JOIN newest ON true LEFT JOIN evaluations named ON named.id = coalesce(:evaluation_id::uuid, newest.id)

-- name: proposal_named many (id, year) -> proposed_unit: place int, unit_id, label, why, overall, form
-- The units of a stored one: nothing is said against them here.
SELECT NULL::integer AS place, u.unit_id, unit_label(u.unit_id, make_date(:year::integer, 12, 31)) AS label, NULL::text AS why,
       NULL::text AS overall, u.form
FROM proposal_units u WHERE u.proposal_id = :id::uuid ORDER BY u.unit_id

-- name: proposal_asked many (campaign, year, body) -> proposed_unit: place int, unit_id, label, why, overall, form
-- The units that a new one names, in its order, each with what stands against it, if anything. No rows where the round has no such
-- evaluation.
WITH named AS (
    SELECT (u.item ->> 'unit_id')::uuid AS unit_id, (u.item ->> 'initiative_id')::uuid AS initiative_id, u.item ->> 'form' AS form, u.place,
           row_number() OVER (PARTITION BY (u.item ->> 'unit_id')::uuid ORDER BY u.place) > 1 AS repeated
    FROM jsonb_array_elements(:body::jsonb -> 'units') WITH ORDINALITY AS u(item, place)
)
SELECT n.place - 1 AS place, n.unit_id, unit_label(n.unit_id, make_date(e.year, 12, 31)) AS label, CASE
    WHEN n.repeated THEN 'repeated'
    WHEN NOT EXISTS (SELECT FROM units u WHERE u.id = n.unit_id) THEN 'unknown'
    WHEN v.unit_id IS NULL THEN 'not_evaluated'
    WHEN v.overall <> 'ELIGIBLE' THEN 'not_eligible'
    WHEN n.initiative_id IS NULL THEN NULL
    WHEN NOT EXISTS (SELECT FROM initiatives i WHERE i.id = n.initiative_id) THEN 'initiative_unknown'
    WHEN EXISTS (SELECT FROM initiative_uses i WHERE i.initiative_id = n.initiative_id) THEN 'initiative_used'
    WHEN n.initiative_id NOT IN (SELECT merits_of(e.campaign, e.year, n.unit_id, today())) THEN 'initiative_counts_not'
    END AS why, v.overall, n.form
FROM named n JOIN evaluations e ON e.id = (:body::jsonb ->> 'evaluation_id')::uuid AND e.campaign = :campaign AND e.year = :year::integer
LEFT JOIN verdicts v ON v.evaluation_id = e.id AND v.unit_id = n.unit_id
ORDER BY n.place

-- name: proposal_show read one ({id}) -> body, version
SELECT proposal_json(p)::text, p.version FROM proposals p WHERE p.id = :id::uuid

-- name: proposal_list read ({code}, {year}, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT p.created_at, p.id, proposal_json(p) AS item FROM proposals p
    WHERE p.campaign = :code AND p.year = :year::integer
      AND (:cursor::text IS NULL OR (p.created_at, p.id) > ((cursor_key(:cursor))[1]::timestamptz, (cursor_key(:cursor))[2]::uuid))
    ORDER BY p.created_at NULLS FIRST, p.id LIMIT :limit::integer + 1)
SELECT answer.* FROM rounds r, page_json((SELECT array_agg(item ORDER BY created_at, id) FROM page),
                                         (SELECT cursor_of(created_at::text, id::text) FROM (SELECT * FROM page ORDER BY created_at, id OFFSET :limit::integer - 1 LIMIT 1) last),
                                         :limit::integer) answer
WHERE r.campaign = :code AND r.year = :year::integer

-- name: proposal_list_all read (?campaign, ?year, ?state, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT p.created_at, p.id, proposal_json(p) AS item FROM proposals p
    WHERE (:campaign::text IS NULL OR p.campaign = :campaign) AND (:year::integer IS NULL OR p.year = :year::integer)
      AND (:campaign::text IS NULL OR (SELECT campaign_known('campaign_filter', :campaign)))
      AND (:state::text IS NULL OR p.state = :state)
      AND (:cursor::text IS NULL OR (p.created_at, p.id) > ((cursor_key(:cursor))[1]::timestamptz, (cursor_key(:cursor))[2]::uuid))
    ORDER BY CASE WHEN :year::integer IS NULL AND :state::text IS NULL THEN p.created_at END, p.created_at NULLS FIRST, p.id LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY created_at, id) FROM page),
                        (SELECT cursor_of(created_at::text, id::text) FROM (SELECT * FROM page ORDER BY created_at, id OFFSET :limit::integer - 1 LIMIT 1) last), :limit::integer)

-- name: proposal_lock one (id) -> state, version, campaign, year, letter_number, json, clauses
SELECT p.state, p.version, p.campaign, p.year, p.letter_number, proposal_json(p)::text AS json,
       (SELECT k.clauses FROM round_plans k WHERE k.campaign = p.campaign AND k.year = p.year) AS clauses
FROM proposals p WHERE p.id = :id::uuid FOR NO KEY UPDATE

-- name: proposal_stake stake ({id}) -> unit_id, campaign, year
SELECT u.unit_id, p.campaign, p.year FROM proposals p JOIN proposal_units u ON u.proposal_id = p.id WHERE p.id = :id::uuid

-- name: proposal_new_stake stake ({code}, {year}, @body) -> unit_id, campaign, year
SELECT u.unit_id, :code AS campaign, :year::integer AS year FROM jsonb_to_recordset(:body::jsonb -> 'units') AS u(unit_id uuid)

-- name: proposal_step one (id, state, reason) -> proposal_now: version, json
UPDATE proposals SET state = :state, version = version + 1, reason = coalesce(:reason, reason) WHERE id = :id::uuid
RETURNING version, proposal_json(proposals)::text AS json

-- name: proposal_submit one (id, reason, letter_number, letter_date, submitted_at, source, submitted_by) -> proposal_now: version, json
UPDATE proposals SET state = 'SUBMITTED', version = version + 1, reason = coalesce(:reason, reason),
    letter_number = coalesce(:letter_number, letter_number),
    letter_date = CASE WHEN coalesce(:letter_date::date, letter_date) > local_date(:submitted_at::timestamptz) IS NOT TRUE OR refuse('proposal_letter_after')
                       THEN coalesce(:letter_date::date, letter_date) END,
    submitted_at = CASE WHEN :submitted_at::timestamptz IS NULL THEN clock_now()
                        WHEN local_date(:submitted_at::timestamptz) >= (SELECT r.cut_off FROM rounds r WHERE (r.campaign, r.year) = (proposals.campaign, proposals.year))
                             OR refuse('proposal_submitted_in_intake') THEN :submitted_at::timestamptz END,
    submitted_source = :source, submitted_by = :submitted_by::uuid
WHERE id = :id::uuid
RETURNING version, proposal_json(proposals)::text AS json

-- name: proposal_lateness one (id) -> late bool, days int, working bool
-- Of one that was submitted just now, in a round that is held: the conference may have moved while the round was waited for.
SELECT coalesce(NOT proposal_in_time(p), false) AS late, r.proposal_days AS days, r.proposal_in_working_days AS working
FROM proposals p JOIN rounds r USING (campaign, year) WHERE p.id = :id::uuid
