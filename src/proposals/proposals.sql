-- name: proposal_create
-- Only units that the evaluation found eligible may be proposed; a unit it does not know is not. The initiative that earns the
-- award is kept with the unit (the first recognised one that counts where none is named): it cannot serve again (III.1.c).
WITH body AS (
    SELECT * FROM jsonb_to_record($3::jsonb) AS b(evaluation_id uuid, letter_number text, letter_date date, units jsonb)
), named AS (
    SELECT u.unit_id, u.initiative_id FROM body, jsonb_to_recordset(body.units) AS u(unit_id uuid, initiative_id uuid)
), proposal AS (
    INSERT INTO proposals (campaign, year, evaluation_id, letter_number, letter_date, created_by)
    SELECT e.campaign, e.year, e.id, body.letter_number, body.letter_date, $4::uuid
    FROM body JOIN evaluations e ON e.id = body.evaluation_id AND e.campaign = $1 AND e.year = $2::integer
    WHERE (SELECT count(*) FROM named) = (SELECT count(DISTINCT unit_id) FROM named) OR refuse('proposal_unit_twice')
    RETURNING *
), entered AS (
    INSERT INTO proposal_units (proposal_id, unit_id, initiative_id)
    SELECT proposal.id, named.unit_id, coalesce(merit.id, named.initiative_id)
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

-- name: proposal_standings
-- Did the evaluation (or, where none is named, the newest) rank the whole round, so that it says who has a sure place? And which is
-- the newest that did.
WITH newest AS (
    SELECT e.id FROM evaluations e
    WHERE e.campaign = $1 AND e.year = $2::integer AND e.standings IS NOT NULL AND NOT e.warnings @> '[{"code": "PARTIAL"}]'
    ORDER BY e.position DESC LIMIT 1)
SELECT named.standings IS NOT NULL, named.warnings @> '[{"code": "PARTIAL"}]', newest.id
FROM (SELECT 1) one LEFT JOIN newest ON true LEFT JOIN evaluations named ON named.id = coalesce($3::uuid, newest.id)

-- name: proposal_named
SELECT u.unit_id, unit_label(u.unit_id, make_date($2::integer, 12, 31)) FROM proposal_units u WHERE u.proposal_id = $1::uuid ORDER BY u.unit_id

-- name: proposal_show read one ({id}) -> body, version
SELECT proposal_json(p)::text, p.version FROM proposals p WHERE p.id = :id::uuid

-- name: proposal_list read ({code}, {year}, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT p.created_at, p.id, proposal_json(p) AS item FROM proposals p
    WHERE p.campaign = :code AND p.year = :year::integer
      AND (:cursor::text IS NULL OR (p.created_at, p.id) > ((cursor_key(:cursor))[1]::timestamptz, (cursor_key(:cursor))[2]::uuid))
    ORDER BY p.created_at, p.id LIMIT :limit::integer + 1)
SELECT answer.* FROM rounds r, page_json((SELECT array_agg(item ORDER BY created_at, id) FROM page),
                                         (SELECT array_agg(cursor_of(created_at::text, id::text) ORDER BY created_at, id) FROM page),
                                         :limit::integer) answer
WHERE r.campaign = :code AND r.year = :year::integer

-- name: proposal_lock
SELECT p.state, p.version, p.campaign, p.year, r.conference_on, p.letter_number, proposal_json(p)::text,
       (SELECT k.clauses FROM campaigns k WHERE k.code = p.campaign), r.proposal_days
FROM proposals p JOIN rounds r USING (campaign, year) WHERE p.id = $1::uuid FOR UPDATE OF p

-- name: proposal_own
SELECT unit_id FROM proposal_units WHERE proposal_id = $1::uuid AND own_unit(unit_id, $2::uuid) LIMIT 1

-- name: proposal_step
UPDATE proposals SET state = $2, version = version + 1, reason = coalesce($3, reason) WHERE id = $1::uuid
RETURNING version, proposal_json(proposals)::text

-- name: proposal_submit
UPDATE proposals SET state = 'SUBMITTED', version = version + 1, reason = coalesce($2, reason),
    letter_number = coalesce($3, letter_number), letter_date = coalesce($4::date, letter_date),
    submitted_at = coalesce($5::timestamptz, clock_now()), submitted_source = $6, submitted_by = $7::uuid
WHERE id = $1::uuid
RETURNING version, proposal_json(proposals)::text

-- name: clock_text
SELECT to_json(coalesce($1::timestamptz, clock_now())) #>> '{}', to_json(clock_now()) #>> '{}', today()
