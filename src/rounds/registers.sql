-- name: register_get read ({code}, {year}, {register}, @offices, @unit, @roles) -> body, version
-- A unit sees what is declared for all and for its own subtree; the Initiative Council (:roles & 8) its own register whole.
SELECT json_build_object('campaign', g.campaign, 'year', g.year, 'register', g.register, 'declarations', (
    SELECT coalesce(json_agg(json_build_object('unit_id', d.unit_id,
               'unit', unit_label(d.unit_id, make_date(d.year, 12, 31)), 'complete', d.complete,
               'complete_through', d.complete_through, 'source', d.source, 'recorded_at', d.recorded_at)
               ORDER BY d.unit_id NULLS FIRST), '[]'::json)
    FROM register_declarations d
    WHERE d.campaign = g.campaign AND d.year = g.year AND d.register = g.register
      AND (d.unit_id IS NULL OR :offices::boolean OR (g.register = 'initiatives' AND :roles::integer & 8 <> 0)
           OR (:unit::uuid IS NOT NULL AND unit_within(d.unit_id, :unit::uuid)))))::text, g.version
FROM registers g WHERE g.campaign = :code AND g.year = :year::integer AND g.register = :register

-- name: register_find
SELECT version FROM registers WHERE campaign = $1 AND year = $2::integer AND register = $3 FOR UPDATE

-- name: register_declared
SELECT to_json(d)::text FROM register_declarations d
WHERE d.campaign = $1 AND d.year = $2::integer AND d.register = $3 AND d.unit_id IS NOT DISTINCT FROM $4::uuid

-- name: register_declare
WITH head AS (
    UPDATE registers SET version = version + 1 WHERE campaign = $1 AND year = $2::integer AND register = $3 RETURNING *
), declared AS (
    INSERT INTO register_declarations (campaign, year, register, unit_id, complete, complete_through, source)
    SELECT head.campaign, head.year, head.register, b.unit_id, b.complete, b.complete_through, b.source
    FROM head, jsonb_to_record($4::jsonb) AS b(unit_id uuid, complete boolean, complete_through date, source text)
    ON CONFLICT (campaign, year, register, unit_id) DO UPDATE
        SET complete = EXCLUDED.complete, complete_through = EXCLUDED.complete_through, source = EXCLUDED.source,
            recorded_at = EXCLUDED.recorded_at
    RETURNING *
)
SELECT head.version, json_build_object('campaign', d.campaign, 'year', d.year, 'register', d.register, 'unit_id', d.unit_id,
    'complete', d.complete, 'complete_through', d.complete_through, 'source', d.source, 'recorded_at', d.recorded_at)::text
FROM head, declared d
