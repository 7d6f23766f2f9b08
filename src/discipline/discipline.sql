-- name: discipline_get read ({id}) -> body, version
SELECT discipline_json(d)::text, d.version FROM discipline_records d WHERE d.id = :id::uuid

-- name: discipline_list read (?unit_id, ?status, ?position, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT d.effective_from, d.id, discipline_json(d) AS item FROM discipline_records d
    WHERE (:unit_id::uuid IS NULL OR d.unit_id = :unit_id::uuid)
      AND (:status::discipline_status IS NULL OR d.status = :status::discipline_status)
      AND (:position::leader_position IS NULL OR d.position = :position::leader_position)
      AND (:cursor::text IS NULL OR (d.effective_from, d.id) > ((cursor_key(:cursor))[1]::date, (cursor_key(:cursor))[2]::uuid))
    ORDER BY CASE WHEN :status::discipline_status IS NULL AND :position::leader_position IS NULL THEN d.effective_from END, d.effective_from NULLS FIRST, d.id LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY effective_from, id) FROM page),
                        (SELECT cursor_of(effective_from::text, id::text) FROM (SELECT * FROM page ORDER BY effective_from, id OFFSET :limit::integer - 1 LIMIT 1) last),
                        :limit::integer)

-- name: discipline_create one (body) -> id, version, json
INSERT INTO discipline_records (unit_id, person_name, position, regime, level, decision_number, decision_date, issuer, effective_from,
                                effective_to)
SELECT unit_id, person_name, position, regime, level, decision_number, decision_date, issued_by, effective_from, effective_to
FROM jsonb_to_record(:body::jsonb) AS b(unit_id uuid, person_name text, position leader_position, regime text, level text,
    decision_number text, decision_date date, issued_by text, effective_from date, effective_to date)
RETURNING id, version, discipline_json(discipline_records)::text AS json

-- name: discipline_lock one (id) -> version, status, unit_id, json
SELECT version, status, unit_id, discipline_json(d)::text AS json FROM discipline_records d WHERE id = :id::uuid FOR NO KEY UPDATE

-- name: discipline_change one (id, body) -> version, json
UPDATE discipline_records d
SET version = version + 1, changed_at = clock_now(), reason = CASE WHEN :body::jsonb ? 'status' THEN :body::jsonb ->> 'reason' ELSE reason END,
    status = coalesce((:body::jsonb ->> 'status')::discipline_status, status),
    issuer = CASE WHEN NOT :body::jsonb ? 'issued_by' THEN issuer
                  WHEN issuer IS NULL OR issuer_key(issuer) = issuer_key(:body::jsonb ->> 'issued_by') OR refuse('discipline_issuer_stays')
                  THEN :body::jsonb ->> 'issued_by' END,
    effective_to = CASE WHEN :body::jsonb ? 'effective_to' THEN (:body::jsonb ->> 'effective_to')::date ELSE effective_to END
WHERE d.id = :id::uuid RETURNING version, discipline_json(d)::text AS json

-- name: proceeding_get read ({id}) -> body, version
SELECT proceeding_json(p)::text, p.version FROM proceedings p WHERE p.id = :id::uuid

-- name: proceeding_list read (?unit_id, ?state, ?kind, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT p.opened_on, p.id, proceeding_json(p) AS item FROM proceedings p
    WHERE (:unit_id::uuid IS NULL OR p.unit_id = :unit_id::uuid)
      AND (:state::proceeding_state IS NULL OR p.state = :state::proceeding_state)
      AND (:kind::proceeding_kind IS NULL OR p.kind = :kind::proceeding_kind)
      AND (:cursor::text IS NULL OR (p.opened_on, p.id) > ((cursor_key(:cursor))[1]::date, (cursor_key(:cursor))[2]::uuid))
    ORDER BY CASE WHEN :state::proceeding_state IS NULL AND :kind::proceeding_kind IS NULL THEN p.opened_on END, p.opened_on NULLS FIRST, p.id LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY opened_on, id) FROM page),
                        (SELECT cursor_of(opened_on::text, id::text) FROM (SELECT * FROM page ORDER BY opened_on, id OFFSET :limit::integer - 1 LIMIT 1) last),
                        :limit::integer)

-- name: proceeding_create one (body) -> id, version, json
INSERT INTO proceedings (unit_id, kind, subject, opened_on)
SELECT unit_id, kind, subject, opened_on
FROM jsonb_to_record(:body::jsonb) AS b(unit_id uuid, kind proceeding_kind, subject text, opened_on date)
RETURNING id, version, proceeding_json(proceedings)::text AS json

-- name: proceeding_lock one (id) -> version, state, unit_id, json
SELECT version, state, unit_id, proceeding_json(p)::text AS json FROM proceedings p WHERE id = :id::uuid FOR NO KEY UPDATE

-- name: proceeding_move one (id, state, conclusion, closed_on) -> version, json
-- One that is opened again is as it was before: how it had been closed, and why it is opened, the journal keeps.
UPDATE proceedings p
SET version = version + 1, changed_at = clock_now(), state = :state::proceeding_state,
    conclusion = CASE WHEN :state <> 'OPEN' THEN :conclusion END, closed_on = CASE WHEN :state <> 'OPEN' THEN coalesce(:closed_on::date, today()) END
WHERE p.id = :id::uuid
RETURNING version, proceeding_json(p)::text AS json

-- name: discipline_stake stake ({id}) -> unit_id, campaign, year
SELECT unit_id, NULL AS campaign, NULL::integer AS year FROM discipline_records WHERE id = :id::uuid

-- name: proceeding_stake stake ({id}) -> unit_id, campaign, year
SELECT unit_id, NULL AS campaign, NULL::integer AS year FROM proceedings WHERE id = :id::uuid
