-- name: initiative_get quick
-- Reasons of refusals: for those who may read what nobody has recognised.
SELECT initiative_json(i, $2::boolean, $2::boolean OR $3::integer & 8 <> 0 OR acts_for($3::integer, $4::uuid, i.unit_id))::text, i.version
FROM initiatives i
WHERE i.id = $1::uuid
  AND ($2::boolean OR $3::integer & 8 <> 0 OR initiative_recognised(i.id) OR acts_for($3::integer, $4::uuid, i.unit_id))

-- name: initiative_list quick
WITH page AS (
    SELECT i.id, initiative_json(i, $7::boolean, $7::boolean OR $8::integer & 8 <> 0 OR acts_for($8::integer, $9::uuid, i.unit_id)) AS item
    FROM initiatives i
    WHERE ($1::uuid IS NULL OR i.unit_id = $1::uuid)
      AND ($2::initiative_state IS NULL OR i.state = $2::initiative_state)
      AND ($3::initiative_kind IS NULL OR i.kind = $3::initiative_kind)
      AND ($4::integer IS NULL OR daterange(i.applied_from, i.applied_to, '[]')
                                  && daterange(make_date($4::integer, 1, 1), make_date($4::integer, 12, 31), '[]'))
      AND ($5::text IS NULL OR i.id > (cursor_key($5))[1]::uuid)
      AND ($7::boolean OR $8::integer & 8 <> 0 OR initiative_recognised(i.id) OR acts_for($8::integer, $9::uuid, i.unit_id))
    ORDER BY i.id LIMIT $6::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY id) FROM page),
                        (SELECT array_agg(cursor_of(id::text) ORDER BY id) FROM page), $6::integer)

-- name: initiative_create
INSERT INTO initiatives (unit_id, title, summary, kind, applied_from, applied_to)
SELECT unit_id, title, summary, kind, applied_from, applied_to FROM jsonb_to_record($1::jsonb)
    AS b(unit_id uuid, title text, summary text, kind initiative_kind, applied_from date, applied_to date)
RETURNING id, version, initiative_json(initiatives)::text

-- name: initiative_lock
-- What the caller may not read does not exist for it: $2, $3, $4 as in initiative_get.
SELECT version, state, unit_id, initiative_json(i)::text, EXISTS (SELECT FROM initiative_recognitions r WHERE r.initiative_id = i.id)
FROM initiatives i
WHERE i.id = $1::uuid
  AND ($2::boolean OR $3::integer & 8 <> 0 OR initiative_recognised(i.id) OR acts_for($3::integer, $4::uuid, i.unit_id))
FOR UPDATE

-- name: initiative_change
UPDATE initiatives i
SET version = version + 1, changed_at = clock_now(), title = coalesce(b.title, i.title), summary = coalesce(b.summary, i.summary),
    kind = coalesce(b.kind, i.kind), applied_from = coalesce(b.applied_from, i.applied_from),
    applied_to = CASE WHEN $2::jsonb ? 'applied_to' THEN b.applied_to ELSE i.applied_to END
FROM jsonb_to_record($2::jsonb)
    AS b(title text, summary text, kind initiative_kind, applied_from date, applied_to date)
WHERE i.id = $1::uuid RETURNING version, initiative_json(i)::text

-- name: initiative_recognise
INSERT INTO initiative_recognitions (initiative_id, council, outcome, recognised_on, decision_number, scope, reason)
SELECT $1::uuid, council, coalesce(outcome, 'RECOGNISED'), recognised_on, decision_number, scope, reason
FROM jsonb_to_record($2::jsonb) AS b(council initiative_council, outcome initiative_state, recognised_on date,
                                     decision_number text, scope text, reason text)
WHERE recognised_on IS NULL OR recognised_on <= today() OR refuse('initiative_recognised_in_future')

-- name: initiative_decide
UPDATE initiatives i SET version = version + 1, changed_at = clock_now(), state = coalesce($2::initiative_state, state)
WHERE i.id = $1::uuid RETURNING version, initiative_json(i)::text
