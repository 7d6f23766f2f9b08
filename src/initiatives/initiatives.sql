-- name: initiative_get read ({id}, @offices, @roles, @unit) -> body, version
-- Reasons of refusals: for those who may read what nobody has recognised.
SELECT initiative_json(i, :offices::boolean, initiative_reasons_visible(i, :offices::boolean, :roles::integer, :unit::uuid))::text, i.version
FROM initiatives i
WHERE i.id = :id::uuid
  AND initiative_visible(i, :offices::boolean, :roles::integer, :unit::uuid)

-- name: initiative_list read (?unit_id, ?state, ?kind, ?year, ?cursor, ?limit, @offices, @roles, @unit) -> body, version, next
WITH page AS (
    SELECT i.id, initiative_json(i, :offices::boolean, initiative_reasons_visible(i, :offices::boolean, :roles::integer, :unit::uuid)) AS item
    FROM initiatives i
    WHERE (:unit_id::uuid IS NULL OR i.unit_id = :unit_id::uuid)
      AND (:state::initiative_state IS NULL OR i.state = :state::initiative_state)
      AND (:kind::initiative_kind IS NULL OR i.kind = :kind::initiative_kind)
      AND (:year::integer IS NULL OR daterange(i.applied_from, i.applied_to, '[]')
                                  && daterange(make_date(:year::integer, 1, 1), make_date(:year::integer, 12, 31), '[]'))
      AND (:cursor::text IS NULL OR i.id > (cursor_key(:cursor))[1]::uuid)
      AND initiative_visible(i, :offices::boolean, :roles::integer, :unit::uuid)
    ORDER BY i.id LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY id) FROM page),
                        (SELECT cursor_of(id::text) FROM (SELECT * FROM page ORDER BY id OFFSET :limit::integer - 1 LIMIT 1) last), :limit::integer)

-- name: initiative_create one (body) -> id, version, json
INSERT INTO initiatives (unit_id, title, summary, kind, applied_from, applied_to)
SELECT unit_id, title, summary, kind, applied_from, applied_to FROM jsonb_to_record(:body::jsonb)
    AS b(unit_id uuid, title text, summary text, kind initiative_kind, applied_from date, applied_to date)
RETURNING id, version, initiative_json(initiatives)::text AS json

-- name: initiative_twin one (id) -> known bool
-- Is it there already: of the unit, with that title and first day, neither refused nor annulled? After it was entered, so that it waits for another one who
-- enters one of the unit (unit_entry_place).
SELECT EXISTS (SELECT FROM initiatives o WHERE o.unit_id = i.unit_id AND o.id <> i.id AND o.applied_from = i.applied_from AND o.state NOT IN ('REFUSED', 'ANNULLED')
                                               AND lower(o.title) = lower(i.title)) AS known
FROM initiatives i WHERE i.id = :id::uuid

-- name: initiative_lock later (id)
-- Apart from initiative_stand: a statement that waited for the lock still sees other tables as they were before.
SELECT FROM initiatives WHERE id = :id::uuid FOR NO KEY UPDATE

-- name: initiative_stand one (id, offices bool, roles int, unit) -> version, state, unit_id, json, decided bool
-- What the caller may not read does not exist for it, as in initiative_get.
SELECT version, state, unit_id, initiative_json(i)::text AS json,
       EXISTS (SELECT FROM initiative_recognitions r WHERE r.initiative_id = i.id) AS decided
FROM initiatives i
WHERE i.id = :id::uuid
  AND initiative_visible(i, :offices::boolean, :roles::integer, :unit::uuid)

-- name: initiative_change one (id, body) -> version, json
UPDATE initiatives i
SET version = version + 1, changed_at = clock_now(), title = coalesce(b.title, i.title), summary = coalesce(b.summary, i.summary),
    kind = coalesce(b.kind, i.kind), applied_from = coalesce(b.applied_from, i.applied_from),
    applied_to = CASE WHEN :body::jsonb ? 'applied_to' THEN b.applied_to ELSE i.applied_to END
FROM jsonb_to_record(:body::jsonb)
    AS b(title text, summary text, kind initiative_kind, applied_from date, applied_to date)
WHERE i.id = :id::uuid RETURNING version, initiative_json(i)::text AS json

-- name: initiative_recognise exec (id, body)
INSERT INTO initiative_recognitions (initiative_id, council, outcome, recognised_on, decision_number, scope, reason)
SELECT :id::uuid, council, coalesce(outcome, 'RECOGNISED'), recognised_on, decision_number, scope, reason
FROM jsonb_to_record(:body::jsonb) AS b(council initiative_council, outcome initiative_state, recognised_on date,
                                     decision_number text, scope text, reason text)

-- name: initiative_annul maybe (id, council, reason) -> council
-- What it had recognised, and why that ends. Why it had been recognised the journal keeps.
UPDATE initiative_recognitions SET outcome = 'ANNULLED', reason = :reason, annulled_at = clock_now()
WHERE initiative_id = :id::uuid AND council = :council::initiative_council AND outcome = 'RECOGNISED' RETURNING council

-- name: initiative_decide one (id, state, offices bool) -> version, json, shown
-- `json` as the journal keeps it, `shown` as who decides may read it: councils decide after an award, too, which may not be published.
UPDATE initiatives i SET version = version + 1, changed_at = clock_now(), state = coalesce(:state::initiative_state, state)
WHERE i.id = :id::uuid RETURNING version, initiative_json(i)::text AS json, initiative_json(i, :offices::boolean)::text AS shown

-- name: initiative_stake stake ({id}) -> unit_id, campaign, year
SELECT unit_id, NULL AS campaign, NULL::integer AS year FROM initiatives WHERE id = :id::uuid
