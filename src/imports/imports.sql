-- name: import_units_hold exec ()
SELECT FROM unit_names_hold()

-- name: import_units_check many (body, confirmed bool) -> row int, name, reason, total int
SELECT f."row", f.name, f.reason, f.total FROM import_units_faults(:body::jsonb, coalesce(:confirmed::boolean, false)) f

-- name: import_units_enter many (body) -> resource, id, codes, json
WITH given AS MATERIALIZED (
    SELECT coalesce(r.sent_id, gen_random_uuid()) AS id, r.*
    FROM (SELECT s.id AS sent_id, s.row, s.gso_code, s.agency_code, s.agency_legacy_code, s.name, s.kind, s.parent_id, s.parent_gso_code,
                 s.parent_agency_code, s.valid_from, daterange(s.valid_from, s.valid_to, '[]') AS valid, s.legal_basis
          FROM jsonb_to_recordset(:body::jsonb) AS s("row" integer, id uuid, gso_code text, agency_code text, agency_legacy_code text,
              name text, kind unit_kind, parent_id uuid, parent_gso_code text, parent_agency_code text, valid_from date, valid_to date,
              legal_basis text)) r
), unit AS (
    INSERT INTO units (id) SELECT id FROM given
), period AS (
    INSERT INTO unit_periods (unit_id, valid, name, kind, parent_id, legal_basis)
    SELECT g.id, g.valid, g.name, g.kind,
           coalesce(g.parent_id, fg.id, fa.id, hg.unit_id, ha.unit_id), g.legal_basis
    FROM given g
    LEFT JOIN given fg ON fg.gso_code = g.parent_gso_code AND fg.valid_from <= g.valid_from
    LEFT JOIN given fa ON fa.agency_code = g.parent_agency_code AND fa.valid_from <= g.valid_from
    LEFT JOIN unit_codes hg ON hg.scheme = 'GSO' AND hg.value = g.parent_gso_code AND hg.valid @> g.valid_from
    LEFT JOIN unit_codes ha ON ha.scheme = 'AGENCY' AND ha.value = g.parent_agency_code AND ha.valid @> g.valid_from
    -- Once more of a parent that is not in the file: one that was ended meanwhile is waited for.
    WHERE unit_parent_stands(CASE WHEN NOT EXISTS (SELECT FROM given f WHERE f.id = g.parent_id) THEN coalesce(g.parent_id, hg.unit_id, ha.unit_id) END, g.valid)
    RETURNING unit_id, parent_id
), code AS (
    INSERT INTO unit_codes (unit_id, scheme, value, valid)
    SELECT g.id, c.scheme, c.value, g.valid
    FROM given g CROSS JOIN LATERAL (VALUES ('GSO'::code_scheme, g.gso_code), ('AGENCY', g.agency_code),
                                            ('AGENCY_LEGACY', g.agency_legacy_code)) c(scheme, value)
    WHERE c.value IS NOT NULL
)
SELECT '/v1/units/' || g.id AS resource, g.id, codes::text AS codes,
       json_build_object('id', g.id, 'name', g.name, 'kind', g.kind, 'parent_id', p.parent_id, 'valid_from', g.valid_from, 'valid_to', upper(g.valid) - 1,
                         'legal_basis', g.legal_basis, 'codes', codes)::text AS json
FROM given g JOIN period p ON p.unit_id = g.id
CROSS JOIN LATERAL (SELECT json_strip_nulls(json_build_object('GSO', g.gso_code, 'AGENCY', g.agency_code, 'AGENCY_LEGACY', g.agency_legacy_code)) AS codes) c
ORDER BY g.row

-- name: import_report one (kind, dry_run bool, made) -> json
-- `made` is [[id, codes as text], …]. After a dry run there are no ids: nothing was made.
WITH made AS (
    SELECT item ->> 0 AS id, (item ->> 1)::json AS codes FROM json_array_elements(:made::json) item
), held AS (
    SELECT c.key AS scheme, c.value, made.id FROM made CROSS JOIN LATERAL json_each_text(made.codes) c
)
SELECT json_build_object('kind', :kind::text, 'dry_run', :dry_run::boolean, 'created', (SELECT count(*) FROM made),
    'codes', (SELECT count(*) FROM held),
    'ids', CASE WHEN :dry_run::boolean THEN '{}'::json ELSE
        (SELECT coalesce(json_object_agg(scheme, ids), '{}'::json)
         FROM (SELECT scheme, json_object_agg(value, id ORDER BY value) AS ids FROM held GROUP BY scheme) s) END)::text AS json

-- name: import_units_named many (body, day) -> row int, unit_id, name, reason
-- Which unit every row of the file names, in the file's order: by id, or by codes as they were held on that day, or on the row's own. Where it names
-- none: the column and why.
WITH given AS MATERIALIZED (
    SELECT r.* FROM jsonb_to_recordset(:body::jsonb) AS r("row" integer, unit_id uuid, gso_code text, agency_code text,
                                                       agency_legacy_code text, day date)
), named AS MATERIALIZED (
    SELECT g.row, c.place, c.name, coalesce(u.id, h.unit_id) AS unit
    FROM given g CROSS JOIN LATERAL (
        VALUES (1, 'unit_id', NULL::code_scheme, NULL::text, g.unit_id), (2, 'gso_code', 'GSO', g.gso_code, NULL),
               (3, 'agency_code', 'AGENCY', g.agency_code, NULL),
               (4, 'agency_legacy_code', 'AGENCY_LEGACY', g.agency_legacy_code, NULL)) c(place, name, scheme, value, id)
    LEFT JOIN units u ON u.id = c.id
    LEFT JOIN unit_codes h ON h.scheme = c.scheme AND h.value = c.value AND h.valid @> coalesce(g.day, :day::date)
    WHERE num_nonnulls(c.value, c.id) > 0
), judged AS (
    SELECT n.row, (array_agg(n.unit ORDER BY n.place))[1] AS unit, (array_agg(n.name ORDER BY n.place) FILTER (WHERE n.unit IS NULL))[1] AS unknown,
           (array_agg(n.name ORDER BY n.place) FILTER (WHERE n.unit IS DISTINCT FROM o.unit))[1] AS other
    FROM named n JOIN (SELECT DISTINCT ON (row) row, unit FROM named ORDER BY row, place) o ON o.row = n.row
    GROUP BY n.row
)
SELECT g.row, j.unit AS unit_id, coalesce(j.unknown, j.other, CASE WHEN j.row IS NULL THEN 'unit_id' END) AS name,
       CASE WHEN j.row IS NULL THEN 'which_unit' WHEN j.unknown IS NOT NULL THEN 'no_unit' WHEN j.other IS NOT NULL THEN 'two_units' END AS reason
FROM given g LEFT JOIN judged j ON j.row = g.row ORDER BY g.row
