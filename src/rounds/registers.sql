-- name: register_get read ({code}, {year}, {register}, @offices, @unit, @roles) -> body, version
-- A version moves with what is declared for any unit: it is for who sees them all.
SELECT register_json(g, :offices::boolean, :unit::uuid, :roles::integer)::text,
       CASE WHEN register_shown_whole(g, :offices::boolean, :roles::integer) THEN g.version END
FROM registers g WHERE g.campaign = :code AND g.year = :year::integer AND g.register = :register

-- name: register_list read ({code}, {year}, ?register, @offices, @unit, @roles, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT g.register, register_json(g, :offices::boolean, :unit::uuid, :roles::integer) AS item FROM registers g
    WHERE g.campaign = :code AND g.year = :year::integer
      AND (:register::text IS NULL OR g.register = :register)
      AND (:cursor::text IS NULL OR g.register > (cursor_key(:cursor))[1])
    ORDER BY g.register LIMIT :limit::integer + 1)
SELECT answer.* FROM rounds r, page_json((SELECT array_agg(item ORDER BY register) FROM page),
                                         (SELECT cursor_of(register) FROM (SELECT * FROM page ORDER BY register OFFSET :limit::integer - 1 LIMIT 1) last), :limit::integer) answer
WHERE r.campaign = :code AND r.year = :year::integer

-- name: declaration_list read ({code}, {year}, {register}, @offices, @unit, @roles, ?unit_id, ?cursor, ?limit) -> body, version, next
-- What is declared for single units: to each caller what the register shows of them (register_shown_whole).
WITH page AS (
    SELECT d.unit_id, declaration_json(d) AS item FROM register_declarations d
    WHERE d.campaign = :code AND d.year = :year::integer AND d.register = :register AND d.unit_id IS NOT NULL
      AND (:unit_id::uuid IS NULL OR d.unit_id = :unit_id::uuid)
      AND (:cursor::text IS NULL OR d.unit_id > (cursor_key(:cursor))[1]::uuid)
      AND (:offices::boolean OR (:register = 'initiatives' AND has_role(:roles::integer, 'initiative_council'))
           OR d.unit_id = ANY (ARRAY(SELECT units_within(:unit::uuid) WHERE has_role(:roles::integer, 'unit'))))
    ORDER BY d.unit_id LIMIT :limit::integer + 1)
SELECT answer.* FROM registers g, page_json((SELECT array_agg(item ORDER BY unit_id) FROM page),
                                            (SELECT cursor_of(unit_id::text) FROM (SELECT * FROM page ORDER BY unit_id OFFSET :limit::integer - 1 LIMIT 1) last), :limit::integer) answer
WHERE g.campaign = :code AND g.year = :year::integer AND g.register = :register

-- name: register_find one (campaign, year, name) -> version
SELECT version FROM registers WHERE campaign = :campaign AND year = :year::integer AND register = :name FOR NO KEY UPDATE

-- name: register_declared maybe (campaign, year, name, unit_id) -> json
SELECT to_json(d)::text AS json FROM register_declarations d
WHERE d.campaign = :campaign AND d.year = :year::integer AND d.register = :name AND d.unit_id IS NOT DISTINCT FROM :unit_id::uuid

-- name: register_declare one (campaign, year, name, body) -> version, json
WITH head AS (
    UPDATE registers SET version = version + 1 WHERE campaign = :campaign AND year = :year::integer AND register = :name RETURNING *
), declared AS (
    INSERT INTO register_declarations (campaign, year, register, unit_id, complete, complete_through, source)
    SELECT head.campaign, head.year, head.register, b.unit_id, b.complete, b.complete_through, b.source
    FROM head, jsonb_to_record(:body::jsonb) AS b(unit_id uuid, complete boolean, complete_through date, source text)
    ON CONFLICT (campaign, year, register, unit_id) DO UPDATE
        SET complete = EXCLUDED.complete, complete_through = EXCLUDED.complete_through, source = EXCLUDED.source,
            recorded_at = EXCLUDED.recorded_at
    RETURNING *
)
SELECT head.version, declaration_json(row(d.*)::register_declarations)::text AS json
FROM head, declared d

-- name: register_stake stake ({code}, {year}, @body, @unit) -> unit_id, campaign, year
SELECT (b ->> 'unit_id')::uuid AS unit_id, :code AS campaign, :year::integer AS year FROM (SELECT :body::jsonb AS b) body WHERE b ->> 'unit_id' IS NOT NULL
UNION ALL
SELECT c.unit_id, c.campaign, c.year FROM contestants c, (SELECT :body::jsonb AS b) body
WHERE b ->> 'unit_id' IS NULL AND c.campaign = :code AND c.year = :year::integer
  AND c.unit_id = ANY (ARRAY(SELECT own_units(:unit::uuid, duty_since(:code, :year::integer))))

-- name: registers_asked many (body) -> place int, register_name, unit_id, label, why, body
-- Declarations for several registers, those for all units first, each with what is wrong with it.
WITH named AS (
    SELECT d.item, d.place, d.item ->> 'register' AS register_name, (d.item ->> 'unit_id')::uuid AS unit_id,
           (d.item ->> 'complete')::boolean AS complete, (d.item ->> 'complete_through')::date AS through
    FROM jsonb_array_elements(:body::jsonb -> 'declarations') WITH ORDINALITY AS d(item, place)
)
SELECT n.place - 1 AS place, n.register_name, n.unit_id, unit_label(n.unit_id, today()) AS label, CASE
    WHEN EXISTS (SELECT FROM named o WHERE o.place < n.place AND o.register_name = n.register_name AND o.unit_id IS NOT DISTINCT FROM n.unit_id)
        THEN 'repeated'
    WHEN n.unit_id IS NOT NULL AND NOT EXISTS (SELECT FROM units u WHERE u.id = n.unit_id) THEN 'unknown'
    WHEN n.complete AND n.through IS NULL THEN 'through'
    WHEN n.through > today() THEN 'ahead'
    END AS why, n.item::text AS body
FROM named n ORDER BY n.unit_id NULLS FIRST, n.register_name, n.place

-- name: registers_hold exec (campaign, year, body) -> held
SELECT register AS held FROM registers
WHERE campaign = :campaign AND year = :year::integer
  AND register IN (SELECT d ->> 'register' FROM jsonb_array_elements(:body::jsonb -> 'declarations') d)
ORDER BY register FOR NO KEY UPDATE

-- name: registers_stake stake ({code}, {year}, @body, @unit) -> unit_id, campaign, year
WITH named AS MATERIALIZED (
    SELECT (d ->> 'unit_id')::uuid AS unit_id FROM jsonb_array_elements(:body::jsonb -> 'declarations') d
)
SELECT n.unit_id, :code AS campaign, :year::integer AS year FROM named n WHERE n.unit_id IS NOT NULL
UNION ALL
SELECT c.unit_id, c.campaign, c.year FROM contestants c
WHERE EXISTS (SELECT FROM named n WHERE n.unit_id IS NULL) AND c.campaign = :code AND c.year = :year::integer
  AND c.unit_id = ANY (ARRAY(SELECT own_units(:unit::uuid, duty_since(:code, :year::integer))))
