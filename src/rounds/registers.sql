-- name: register_get read ({code}, {year}, {register}, @offices, @unit, @roles) -> body, version
-- A unit sees what is declared for all and for its own subtree; the Initiative Council sees its own register whole.
SELECT json_build_object('campaign', g.campaign, 'year', g.year, 'register', g.register, 'declarations', (
    SELECT coalesce(json_agg(json_build_object('unit_id', d.unit_id,
               'unit', unit_label(d.unit_id, make_date(d.year, 12, 31)), 'complete', d.complete,
               'complete_through', d.complete_through, 'source', d.source, 'recorded_at', d.recorded_at)
               ORDER BY d.unit_id NULLS FIRST), '[]'::json)
    FROM register_declarations d
    WHERE d.campaign = g.campaign AND d.year = g.year AND d.register = g.register
      AND (d.unit_id IS NULL OR (g.register = 'initiatives' AND has_role(:roles::integer, 'initiative_council'))
           OR subtree_visible(d.unit_id, :offices::boolean, :unit::uuid))))::text, g.version
FROM registers g WHERE g.campaign = :code AND g.year = :year::integer AND g.register = :register

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
SELECT head.version, json_build_object('campaign', d.campaign, 'year', d.year, 'register', d.register, 'unit_id', d.unit_id,
    'complete', d.complete, 'complete_through', d.complete_through, 'source', d.source, 'recorded_at', d.recorded_at)::text AS json
FROM head, declared d

-- name: register_stake stake ({code}, {year}, @body, @unit) -> unit_id, year
SELECT (b ->> 'unit_id')::uuid AS unit_id, :year::integer AS year FROM (SELECT :body::jsonb AS b) body WHERE b ->> 'unit_id' IS NOT NULL
UNION ALL
SELECT c.unit_id, c.year FROM contestants c, (SELECT :body::jsonb AS b) body
WHERE b ->> 'unit_id' IS NULL AND c.campaign = :code AND c.year = :year::integer
  AND c.unit_id IN (SELECT own_units(:unit::uuid, duty_since(:year::integer)))
