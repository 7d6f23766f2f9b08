-- name: unit_scope
SELECT $2::uuid IS NOT NULL AND unit_within($1::uuid, $2::uuid) FROM units WHERE id = $1::uuid

-- name: unit_create
WITH body AS (
    SELECT * FROM jsonb_to_record($1::jsonb)
        AS b(name text, kind unit_kind, parent_id uuid, valid_from date, valid_to date, legal_basis text, codes jsonb)
), unit AS (
    INSERT INTO units DEFAULT VALUES RETURNING *
), period AS (
    INSERT INTO unit_periods (unit_id, valid, name, kind, parent_id, legal_basis)
    SELECT unit.id, daterange(valid_from, valid_to, '[]'), name, kind, parent_id, legal_basis FROM unit, body
), codes AS (
    INSERT INTO unit_codes (unit_id, scheme, value, valid)
    SELECT unit.id, c.scheme, c.value, daterange(valid_from, valid_to, '[]')
    FROM unit, body, jsonb_to_recordset(coalesce(codes, '[]')) AS c(scheme code_scheme, value text)
)
SELECT id, version FROM unit

-- name: unit_get quick
SELECT unit_json(u, coalesce($2::date, today()))::text, u.version FROM units u WHERE id = $1::uuid

-- name: unit_list quick
WITH page AS (
    SELECT p.search, u.id, unit_json(u, coalesce($1::date, today())) AS item
    FROM unit_periods p JOIN units u ON u.id = p.unit_id
    WHERE p.valid @> coalesce($1::date, today())
      AND ($2::text IS NULL OR p.search LIKE '%' || replace(replace(search_form($2), '\', '\\'), '%', '\%') || '%')
      AND ($3::unit_kind IS NULL OR p.kind = $3::unit_kind)
      AND ($4::uuid IS NULL OR p.parent_id = $4::uuid)
      AND ($5::text IS NULL OR EXISTS (SELECT FROM unit_codes c WHERE c.unit_id = u.id AND c.value = $5
                                       AND c.valid @> coalesce($1::date, today())))
      AND ($6::text IS NULL OR (p.search, u.id) > ((cursor_key($6))[1], (cursor_key($6))[2]::uuid))
    ORDER BY p.search, u.id LIMIT $7::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY search, id) FROM page),
                        (SELECT array_agg(cursor_of(search, id::text) ORDER BY search, id) FROM page), $7::integer)
