-- name: card_get read ({unit_id}, {year}, @offices, @roles, @unit) -> body, version
SELECT scorecard_json(c, scorecard_whole_visible(c, :offices::boolean, :roles::integer, :unit::uuid))::text, c.version
FROM scorecards c
WHERE c.unit_id = :unit_id::uuid AND c.year = :year::integer
  AND scorecard_visible(c, :offices::boolean, :roles::integer, :unit::uuid)

-- name: card_list read (?year, ?unit_id, ?state, @offices, @roles, ?cursor, ?limit, @unit) -> body, version, next
WITH page AS (
    SELECT c.year, c.unit_id, (scorecard_head_json(c) || jsonb_build_object('version', c.version::text))::json AS item
    FROM scorecards c
    WHERE (:year::integer IS NULL OR c.year = :year::integer)
      AND (:unit_id::uuid IS NULL OR c.unit_id = :unit_id::uuid)
      AND (:state::scorecard_state IS NULL OR c.state = :state::scorecard_state)
      AND (:cursor::text IS NULL OR (c.year, c.unit_id) > ((cursor_key(:cursor))[1]::integer, (cursor_key(:cursor))[2]::uuid))
      AND scorecard_visible(c, :offices::boolean, :roles::integer, :unit::uuid)
    ORDER BY CASE WHEN :state::scorecard_state IS NULL THEN c.year END, c.year NULLS FIRST, c.unit_id LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY year, unit_id) FROM page),
                        (SELECT cursor_of(year::text, unit_id::text) FROM (SELECT * FROM page ORDER BY year, unit_id OFFSET :limit::integer - 1 LIMIT 1) last),
                        :limit::integer)

-- name: card_lock later (unit_id, year)
-- Apart from card_stand: a statement that waited for the lock still sees other tables as they were before.
SELECT FROM scorecards WHERE unit_id = :unit_id::uuid AND year = :year::integer FOR NO KEY UPDATE

-- name: card_stand maybe (unit_id, year, whole bool) -> version, state, frame, before, appraised bool
-- `before` is what the journal keeps of the card as it stood: with its leaves where those are written, else its head.
SELECT version, state, frame,
       (CASE WHEN :whole::boolean THEN scorecard_record(c) ELSE scorecard_head_json(c) END)::text AS before,
       EXISTS (SELECT FROM score_leaves l WHERE l.unit_id = c.unit_id AND l.year = c.year
               AND num_nonnulls(l.appraised_applies, l.appraised_points, l.survey_points, l.comment) > 0) AS appraised
FROM scorecards c WHERE unit_id = :unit_id::uuid AND year = :year::integer

-- name: card_frame maybe (frame, year) -> tier
-- Before card_create, in a statement of its own: whoever changes the frame at this moment is waited for (frame_unused).
SELECT tier FROM score_frames WHERE name = :frame AND year = :year::integer FOR SHARE

-- name: card_create exec (unit_id, year, frame)
INSERT INTO scorecards (unit_id, year, frame)
SELECT :unit_id::uuid, :year::integer, name FROM score_frames
WHERE name = :frame AND year = :year::integer
  AND (unit_in_year(:unit_id::uuid, :year::integer) OR refuse('scorecard_unit_in_year'))
  AND (tier IS NOT DISTINCT FROM scorecard_tier(:unit_id::uuid, :year::integer) OR refuse('scorecard_tier'))

-- name: card_fill exec (unit_id, year)
INSERT INTO score_leaves (unit_id, year, frame, code, kind, maximum)
SELECT c.unit_id, c.year, c.frame, n.code, n.kind, n.maximum
FROM scorecards c JOIN score_nodes n ON (n.frame, n.year) = (c.frame, c.year)
WHERE c.unit_id = :unit_id::uuid AND c.year = :year::integer AND n.leaf

-- name: card_leaves many (unit_id, year) -> code, kind, maximum int
SELECT code, kind, maximum FROM score_leaves WHERE unit_id = :unit_id::uuid AND year = :year::integer

-- name: card_self exec (unit_id, year, body)
UPDATE score_leaves l
SET self_applies = coalesce(b.applies, true), self_points = hundredths_of(b.self_points), self_proof = b.self_proof,
    self_explanation = b.self_explanation
FROM score_leaves o LEFT JOIN jsonb_to_recordset(:body::jsonb -> 'leaves')
     AS b(code text, applies boolean, self_points text, self_proof text, self_explanation text) ON b.code = o.code
WHERE o.unit_id = :unit_id::uuid AND o.year = :year::integer AND (l.unit_id, l.year, l.code) = (o.unit_id, o.year, o.code)

-- name: card_appraisal exec (unit_id, year, body)
UPDATE score_leaves l
SET appraised_applies = b.applies, appraised_points = hundredths_of(b.appraised_points), comment = b.comment,
    survey_points = hundredths_of(b.survey_points)
FROM score_leaves o LEFT JOIN jsonb_to_recordset(:body::jsonb -> 'leaves')
     AS b(code text, applies boolean, appraised_points text, comment text, survey_points text) ON b.code = o.code
WHERE o.unit_id = :unit_id::uuid AND o.year = :year::integer AND (l.unit_id, l.year, l.code) = (o.unit_id, o.year, o.code)

-- name: card_touch one (unit_id, year, whole bool) -> version, json, record
-- `json` is the card with its leaves where it is asked for whole, else its head.
UPDATE scorecards c SET version = version + 1, changed_at = clock_now()
WHERE unit_id = :unit_id::uuid AND year = :year::integer
RETURNING version, (CASE WHEN :whole::boolean THEN scorecard_json(c, true) ELSE scorecard_head_json(c) END)::text AS json,
          scorecard_record(c)::text AS record

-- name: card_missing one (unit_id, year, side) -> codes, applies bool
SELECT array_to_string(missing, ', ') AS codes, maximum > 0 AS applies
FROM scorecards c, LATERAL (SELECT (CASE :side WHEN 'self' THEN self_total(c) ELSE appraised_total(c) END).*) total
WHERE unit_id = :unit_id::uuid AND year = :year::integer

-- name: card_move one (unit_id, year, state, reason, decision_number, decision_date, whole bool) -> version, json, head
-- `json` is the card with its leaves where it is asked for whole, else its head.
WITH moved AS (
    UPDATE scorecards c
    SET state = :state::scorecard_state, version = version + 1, changed_at = clock_now(),
        explanation = CASE WHEN :state = 'EXPLAINED' THEN :reason ELSE explanation END,
        decision_number = CASE WHEN :state IN ('APPROVED', 'PUBLISHED') THEN coalesce(:decision_number, decision_number) END,
        decision_date = CASE WHEN :state IN ('APPROVED', 'PUBLISHED') THEN coalesce(:decision_date::date, decision_date) END
    WHERE unit_id = :unit_id::uuid AND year = :year::integer
    RETURNING version, scorecard_head_json(c) AS head, CASE WHEN :whole::boolean THEN scorecard_json(c, true) END AS whole)
SELECT version, coalesce(whole, head)::text AS json, head::text AS head FROM moved
