-- name: unit_create later (id, body)
WITH body AS (
    SELECT * FROM jsonb_to_record(:body::jsonb)
        AS b(name text, kind unit_kind, parent_id uuid, valid_from date, valid_to date, legal_basis text, codes jsonb,
              confirm_duplicate boolean)
), unit AS (
    INSERT INTO units (id) SELECT :id::uuid FROM body
    WHERE (confirm_duplicate OR unit_is_single(name, kind, parent_id, daterange(valid_from, valid_to, '[]'), NULL))
      AND unit_parent_stands(parent_id, daterange(valid_from, valid_to, '[]'))
    RETURNING *
), period AS (
    INSERT INTO unit_periods (unit_id, valid, name, kind, parent_id, legal_basis)
    SELECT unit.id, daterange(valid_from, valid_to, '[]'), name, kind, parent_id, legal_basis FROM unit, body
), codes AS (
    INSERT INTO unit_codes (unit_id, scheme, value, valid)
    SELECT unit.id, c.scheme, c.value, daterange(valid_from, valid_to, '[]')
    FROM unit, body, jsonb_to_recordset(coalesce(codes, '[]')) AS c(scheme code_scheme, value text)
)
SELECT FROM unit

-- name: unit_lock one (id) -> version
-- Locks have one order: that of names, the rows of units, that of parents. A file of units holds all names first, and then wants parents' rows.
WITH names AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(hashtext('unit names')))
SELECT version FROM names, units WHERE id = :id::uuid FOR NO KEY UPDATE OF units

-- name: unit_tagged one (id) -> version, label
SELECT version, unit_label(id, today()) AS label FROM units WHERE id = :id::uuid

-- name: unit_find_leaving maybe (id) -> version, json
-- Of a unit that is about to go: whoever refers to it waits, and is then told that it is gone.
SELECT u.version, shown::text AS json FROM units u, unit_shown(u.id, today()) shown WHERE u.id = :id::uuid FOR UPDATE OF u

-- name: unit_list_rests many (id) -> kind
SELECT rests AS kind FROM unit_rests(:id::uuid) rests

-- name: unit_delete exec (id)
SELECT FROM unit_withdraw(:id::uuid)

-- name: unit_withdraw_stake stake ({id}) -> unit_id, campaign, year
SELECT :id::uuid AS unit_id, NULL AS campaign, NULL::integer AS year

-- name: unit_alter exec (id, body)
SELECT FROM unit_change(:id::uuid, :body::jsonb)

-- name: unit_give_way exec (predecessors, kind, effective_on)
SELECT FROM unit_yield(ARRAY(SELECT jsonb_array_elements_text(:predecessors::jsonb)::uuid), :kind::succession_kind, :effective_on::date)

-- name: unit_children_hold exec (predecessors, day)
-- Before the first of them is moved, which takes the lock of parents.
SELECT FROM units WHERE id IN (SELECT moved FROM jsonb_array_elements_text(:predecessors::jsonb) p, units_moved(p::uuid, :day::date) moved)
ORDER BY id FOR NO KEY UPDATE

-- name: unit_children_left many (predecessors, day) -> id, label, from
-- What is still below those that end: from their end on, or from a later day.
SELECT p.unit_id AS id, unit_label(p.unit_id, greatest(lower(p.valid), :day::date)) AS label, greatest(lower(p.valid), :day::date) AS from
FROM unit_periods p
WHERE p.parent_id = ANY (ARRAY(SELECT jsonb_array_elements_text(:predecessors::jsonb)::uuid)) AND p.valid && daterange(:day::date, NULL)
ORDER BY label, id, lower(p.valid) LIMIT 201

-- name: successions_hold exec ()
-- Two lists whose units are the same in another order would wait for one another.
SELECT FROM pg_advisory_xact_lock(hashtext('lists of successions'))

-- name: succession_record exec (predecessors, successors, kind, effective_on, legal_basis)
SELECT FROM unit_succeed(ARRAY(SELECT jsonb_array_elements_text(:predecessors::jsonb)::uuid),
                         ARRAY(SELECT jsonb_array_elements_text(:successors::jsonb)::uuid), :kind::succession_kind,
                         :effective_on::date, :legal_basis)

-- name: succession_list read one ({id}, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT s.effective_on, s.id, succession_json(s) AS item FROM successions s
    WHERE (s.predecessor_id = :id::uuid OR s.successor_id = :id::uuid)
      AND (:cursor::text IS NULL OR (s.effective_on, s.id) > ((cursor_key(:cursor))[1]::date, (cursor_key(:cursor))[2]::uuid))
    ORDER BY s.effective_on, s.id LIMIT :limit::integer + 1)
SELECT answer.* FROM units, page_json((SELECT array_agg(item ORDER BY effective_on, id) FROM page),
                                      (SELECT cursor_of(effective_on::text, id::text) FROM (SELECT * FROM page ORDER BY effective_on, id OFFSET :limit::integer - 1 LIMIT 1) last),
                                      :limit::integer) answer
WHERE units.id = :id::uuid

-- name: unit_history read ({id}, ?on) -> body, version
SELECT json_build_object('id', u.id, 'on', asked.day,
    'periods', (SELECT json_agg(json_build_object('name', p.name, 'label', unit_label_of(p.name, p.kind, parent.name),
                                    'kind', p.kind, 'parent_id', p.parent_id, 'valid_from', lower(p.valid),
                                    'valid_to', last_day(p.valid), 'legal_basis', p.legal_basis) ORDER BY p.valid)
                FROM unit_periods p LEFT JOIN LATERAL unit_period_on(p.parent_id, lower(p.valid)) parent ON true
                WHERE p.unit_id = u.id),
    'codes', (SELECT coalesce(json_agg(code_json(c) ORDER BY c.scheme, c.valid, c.value), '[]'::json)
              FROM unit_codes c WHERE c.unit_id = u.id),
    'predecessors', (SELECT coalesce(json_agg(succession_json(s) ORDER BY s.effective_on, s.id), '[]'::json)
                     FROM successions s WHERE s.successor_id = u.id),
    'successors', (SELECT coalesce(json_agg(succession_json(s) ORDER BY s.effective_on, s.id), '[]'::json)
                   FROM successions s WHERE s.predecessor_id = u.id),
    'holders_now', unit_holders_json(u.id, asked.day))::text, u.version
FROM units u, (SELECT coalesce(:on::date, today()) AS day OFFSET 0) asked WHERE u.id = :id::uuid

-- name: unit_get read maybe ({id}, ?on) -> body, version
-- OFFSET 0: the day is worked out once, not at every place where unit_shown asks for it.
SELECT shown::text, u.version
FROM units u, (SELECT coalesce(:on::date, today()) AS day OFFSET 0) asked, unit_shown(u.id, asked.day) shown
WHERE u.id = :id::uuid

-- name: unit_list read (?on, ?q, ?kind, ?parent_id, ?code, ?cursor, ?limit) -> body, version, next
-- Without words to search for, pages are read off the index. What was found is sorted: nearest first (unit_names_found).
-- There coalesce() hides the day from PostgreSQL, which believes of one that it does not know that few units are in it, and sorts them all.
WITH asked AS MATERIALIZED (
    SELECT coalesce(:on::date, today()) AS day, (k.key)[1]::integer AS rank, (k.key)[2] AS plain, (k.key)[3]::uuid AS id
    FROM (SELECT cursor_key(:cursor) AS key) k
), page AS (
    (SELECT p AS period, NULL::unit_periods AS former, 0 AS rank, p.plain, p.unit_id
     FROM unit_periods p
     WHERE :q::text IS NULL AND coalesce(p.valid @> coalesce(:on::date, today()), false)
       AND (:kind::unit_kind IS NULL OR p.kind = :kind::unit_kind)
       AND (:parent_id::uuid IS NULL OR p.parent_id = :parent_id::uuid)
       AND (:code::text IS NULL OR p.unit_id = ANY (ARRAY(SELECT c.unit_id FROM unit_codes c
                                                        WHERE c.value = upper(:code) AND c.valid @> (SELECT day FROM asked))))
       AND (:cursor::text IS NULL OR (p.plain, p.unit_id) > ((SELECT plain FROM asked), (SELECT id FROM asked)))
     ORDER BY CASE WHEN :kind::unit_kind IS NULL THEN p.plain END, p.plain NULLS FIRST, p.unit_id LIMIT :limit::integer + 1)
    UNION ALL
    (SELECT f.period, f.former, f.rank, (f.period).plain, (f.period).unit_id
     FROM unit_names_found(:q, (SELECT day FROM asked)) f
     WHERE :q::text IS NOT NULL
       AND (:kind::unit_kind IS NULL OR (f.period).kind = :kind::unit_kind)
       AND (:parent_id::uuid IS NULL OR (f.period).parent_id = :parent_id::uuid)
       AND (:code::text IS NULL OR (f.period).unit_id IN (SELECT c.unit_id FROM unit_codes c
                                                       WHERE c.value = upper(:code) AND c.valid @> (SELECT day FROM asked)))
       AND (:cursor::text IS NULL OR (f.rank, (f.period).plain, (f.period).unit_id)
                                   > ((SELECT rank FROM asked), (SELECT plain FROM asked), (SELECT id FROM asked)))
     ORDER BY f.rank, (f.period).plain, (f.period).unit_id LIMIT :limit::integer + 1)
)
SELECT * FROM page_json((SELECT array_agg(CASE WHEN former IS NULL THEN shown ELSE unit_found_json(shown, former, asked.day) END ORDER BY page.rank, page.plain, page.unit_id)
                         FROM page, asked, unit_in_period(period, asked.day) shown),
                        (SELECT cursor_of(rank::text, plain, unit_id::text) FROM (SELECT * FROM page ORDER BY rank, plain, unit_id OFFSET :limit::integer - 1 LIMIT 1) last),
                        :limit::integer)
-- cells: label, name, kind, codes, valid_from, valid_to, legal_basis, id, parent_id, matched_former_name, holders_now
SELECT cells.* FROM page, asked, unit_cells(period, former, asked.day) cells ORDER BY page.rank, page.plain, page.unit_id

-- name: unit_list_by_start read (?on, ?q, ?kind, ?parent_id, ?code, ?cursor, ?limit) -> body, version, next
-- The same by the day from which each unit is as it is shown, whatever was searched for. By that day alone: the end of a period comes later, and moves
-- nobody in the list.
WITH asked AS MATERIALIZED (
    SELECT coalesce(:on::date, today()) AS day, (k.key)[1]::date AS since, (k.key)[2]::uuid AS id
    FROM (SELECT cursor_key(:cursor) AS key) k
), page AS (
    (SELECT p AS period, NULL::unit_periods AS former, lower(p.valid) AS since, p.unit_id
     FROM unit_periods p
     WHERE :q::text IS NULL AND coalesce(p.valid @> coalesce(:on::date, today()), false)
       AND (:kind::unit_kind IS NULL OR p.kind = :kind::unit_kind)
       AND (:parent_id::uuid IS NULL OR p.parent_id = :parent_id::uuid)
       AND (:code::text IS NULL OR p.unit_id = ANY (ARRAY(SELECT c.unit_id FROM unit_codes c
                                                        WHERE c.value = upper(:code) AND c.valid @> (SELECT day FROM asked))))
       AND (:cursor::text IS NULL OR (lower(p.valid), p.unit_id) > ((SELECT since FROM asked), (SELECT id FROM asked)))
     ORDER BY lower(p.valid), p.unit_id LIMIT :limit::integer + 1)
    UNION ALL
    (SELECT f.period, f.former, lower((f.period).valid), (f.period).unit_id
     FROM unit_names_found(:q, (SELECT day FROM asked)) f
     WHERE :q::text IS NOT NULL
       AND (:kind::unit_kind IS NULL OR (f.period).kind = :kind::unit_kind)
       AND (:parent_id::uuid IS NULL OR (f.period).parent_id = :parent_id::uuid)
       AND (:code::text IS NULL OR (f.period).unit_id IN (SELECT c.unit_id FROM unit_codes c
                                                       WHERE c.value = upper(:code) AND c.valid @> (SELECT day FROM asked)))
       AND (:cursor::text IS NULL OR (lower((f.period).valid), (f.period).unit_id) > ((SELECT since FROM asked), (SELECT id FROM asked)))
     ORDER BY lower((f.period).valid), (f.period).unit_id LIMIT :limit::integer + 1)
)
SELECT * FROM page_json((SELECT array_agg(CASE WHEN former IS NULL THEN shown ELSE unit_found_json(shown, former, asked.day) END ORDER BY page.since, page.unit_id)
                         FROM page, asked, unit_in_period(period, asked.day) shown),
                        (SELECT cursor_of(since::text, unit_id::text) FROM (SELECT * FROM page ORDER BY since, unit_id OFFSET :limit::integer - 1 LIMIT 1) last),
                        :limit::integer)
-- cells: label, name, kind, codes, valid_from, valid_to, legal_basis, id, parent_id, matched_former_name, holders_now
SELECT cells.* FROM page, asked, unit_cells(period, former, asked.day) cells ORDER BY page.since, page.unit_id

-- name: unit_new_stake stake (@body, @unit) -> unit_id, campaign, year
-- A new unit takes nothing from anybody unless it succeeds others. Then those come to where it stands.
SELECT p.id::uuid AS unit_id, NULL AS campaign, NULL::integer AS year FROM jsonb_array_elements_text(:body::jsonb #> '{succeeds,predecessors}') p(id)
UNION ALL
SELECT (b ->> 'parent_id')::uuid, NULL, NULL FROM (SELECT :body::jsonb AS b) body
WHERE b ? 'succeeds' AND unit_within((b ->> 'parent_id')::uuid, :unit::uuid)
UNION ALL
SELECT m.unit_id, NULL, NULL FROM (SELECT :body::jsonb AS b) body
CROSS JOIN LATERAL jsonb_array_elements_text(b #> '{succeeds,predecessors}') p(id)
CROSS JOIN LATERAL units_moved(p.id::uuid, (b ->> 'valid_from')::date) m(unit_id)
WHERE (b #>> '{succeeds,move_children}')::boolean

-- name: unit_change_stake stake ({id}, @body, @unit) -> unit_id, campaign, year
-- Of what changes where a unit belongs or what it is: the unit, and a new parent inside the caller's own subtree.
SELECT stake.unit_id, NULL AS campaign, NULL::integer AS year
FROM (SELECT :body::jsonb AS b) body
CROSS JOIN LATERAL (SELECT :id::uuid AS unit_id
                    UNION ALL
                    SELECT (b ->> 'parent_id')::uuid WHERE unit_within((b ->> 'parent_id')::uuid, :unit::uuid)) stake
WHERE b ?| ARRAY['parent_id', 'kind']

-- name: succession_stake stake ({id}, @body) -> unit_id, campaign, year
SELECT :id::uuid AS unit_id, NULL AS campaign, NULL::integer AS year
UNION ALL
SELECT s.id::uuid, NULL, NULL FROM jsonb_array_elements_text(:body::jsonb -> 'successors') s(id)
UNION ALL -- as a file names it
SELECT (:body::jsonb ->> 'successor_unit_id')::uuid, NULL, NULL WHERE :body::jsonb ? 'successor_unit_id'
UNION ALL
SELECT (:body::jsonb ->> 'move_children_to')::uuid, NULL, NULL WHERE :body::jsonb ? 'move_children_to'
UNION ALL
SELECT m.unit_id, NULL, NULL FROM (SELECT :body::jsonb AS b) body
CROSS JOIN LATERAL units_moved(:id::uuid, (b ->> 'effective_on')::date) m(unit_id) WHERE b ? 'move_children_to'
