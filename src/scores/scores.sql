-- name: card_get read ({unit_id}, {year}, @offices, @roles, @unit) -> body, version
SELECT scorecard_json(c, :offices::boolean OR acts_for(:roles::integer, :unit::uuid, c.unit_id))::text, c.version
FROM scorecards c
WHERE c.unit_id = :unit_id::uuid AND c.year = :year::integer
  AND (c.state = 'PUBLISHED' OR :offices::boolean OR acts_for(:roles::integer, :unit::uuid, c.unit_id))

-- name: card_list read (?year, ?unit_id, ?state, @offices, @roles, ?cursor, ?limit, @unit) -> body, version, next
WITH page AS (
    SELECT c.year, c.unit_id, scorecard_head_json(c)::json AS item FROM scorecards c
    WHERE (:year::integer IS NULL OR c.year = :year::integer)
      AND (:unit_id::uuid IS NULL OR c.unit_id = :unit_id::uuid)
      AND (:state::scorecard_state IS NULL OR c.state = :state::scorecard_state)
      AND (:cursor::text IS NULL OR (c.year, c.unit_id) > ((cursor_key(:cursor))[1]::integer, (cursor_key(:cursor))[2]::uuid))
      AND (c.state = 'PUBLISHED' OR :offices::boolean OR acts_for(:roles::integer, :unit::uuid, c.unit_id))
    ORDER BY c.year, c.unit_id LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY year, unit_id) FROM page),
                        (SELECT array_agg(cursor_of(year::text, unit_id::text) ORDER BY year, unit_id) FROM page),
                        :limit::integer)

-- name: card_lock
SELECT version, state, frame, scorecard_record(c)::text, scorecard_head_json(c)::text,
       EXISTS (SELECT FROM score_leaves l WHERE l.unit_id = c.unit_id AND l.year = c.year
               AND num_nonnulls(l.appraised_applies, l.appraised_points, l.survey_points, l.comment) > 0)
FROM scorecards c WHERE unit_id = $1::uuid AND year = $2::integer FOR UPDATE

-- name: card_frame
-- Before card_create, in a statement of its own: whoever changes the frame at this moment is waited for (frame_unused).
SELECT tier FROM score_frames WHERE name = $1 AND year = $2::integer FOR SHARE

-- name: card_create
INSERT INTO scorecards (unit_id, year, frame)
SELECT $1::uuid, $2::integer, name FROM score_frames
WHERE name = $3 AND year = $2::integer
  AND (unit_in_year($1::uuid, $2::integer) OR refuse('scorecard_unit_in_year'))
  AND (tier IS NOT DISTINCT FROM scorecard_tier($1::uuid, $2::integer) OR refuse('scorecard_tier'))
RETURNING version

-- name: card_fill
INSERT INTO score_leaves (unit_id, year, frame, code, kind, maximum)
SELECT c.unit_id, c.year, c.frame, n.code, n.kind, n.maximum
FROM scorecards c JOIN score_nodes n ON (n.frame, n.year) = (c.frame, c.year)
WHERE c.unit_id = $1::uuid AND c.year = $2::integer AND n.leaf

-- name: card_leaves
SELECT code, kind, maximum FROM score_leaves WHERE unit_id = $1::uuid AND year = $2::integer

-- name: card_self
UPDATE score_leaves l
SET self_applies = coalesce(b.applies, true), self_points = hundredths_of(b.self_points), self_proof = b.self_proof,
    self_explanation = b.self_explanation
FROM score_leaves o LEFT JOIN jsonb_to_recordset($3::jsonb -> 'leaves')
     AS b(code text, applies boolean, self_points text, self_proof text, self_explanation text) ON b.code = o.code
WHERE o.unit_id = $1::uuid AND o.year = $2::integer AND (l.unit_id, l.year, l.code) = (o.unit_id, o.year, o.code)

-- name: card_appraisal
UPDATE score_leaves l
SET appraised_applies = b.applies, appraised_points = hundredths_of(b.appraised_points), comment = b.comment,
    survey_points = hundredths_of(b.survey_points)
FROM score_leaves o LEFT JOIN jsonb_to_recordset($3::jsonb -> 'leaves')
     AS b(code text, applies boolean, appraised_points text, comment text, survey_points text) ON b.code = o.code
WHERE o.unit_id = $1::uuid AND o.year = $2::integer AND (l.unit_id, l.year, l.code) = (o.unit_id, o.year, o.code)

-- name: card_touch
UPDATE scorecards c SET version = version + 1, changed_at = clock_now()
WHERE unit_id = $1::uuid AND year = $2::integer
RETURNING version, scorecard_json(c, true)::text, scorecard_record(c)::text

-- name: card_missing
SELECT array_to_string(missing, ', '), maximum > 0
FROM scorecards c, LATERAL (SELECT (CASE $3 WHEN 'self' THEN self_total(c) ELSE appraised_total(c) END).*) total
WHERE unit_id = $1::uuid AND year = $2::integer

-- name: card_move
UPDATE scorecards c
SET state = $3::scorecard_state, version = version + 1, changed_at = clock_now(),
    explanation = CASE WHEN $3 = 'EXPLAINED' THEN $4 ELSE explanation END,
    decision_number = coalesce($5, decision_number), decision_date = coalesce($6::date, decision_date)
WHERE unit_id = $1::uuid AND year = $2::integer
  AND ($6::date IS NULL OR $6::date <= today() OR refuse('scorecard_decided_in_future'))
  AND ($6::date IS NULL OR $6::date > make_date($2::integer, 12, 31) OR refuse('scorecard_decided_in_year'))
RETURNING version, scorecard_json(c, true)::text, scorecard_head_json(c)::text
