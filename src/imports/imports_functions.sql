-- What is wrong with a file as a whole.

CREATE OR REPLACE FUNCTION import_units_faults(body jsonb, confirmed boolean) RETURNS TABLE ("row" integer, name text, reason text, total integer)
LANGUAGE plpgsql STABLE SET enable_nestloop = off SET enable_seqscan = on AS $$
    #variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH RECURSIVE given AS MATERIALIZED (
        SELECT r.* FROM jsonb_to_recordset(body) AS r("row" integer, id uuid, gso_code text, agency_code text, agency_legacy_code text,
            name text, kind unit_kind, parent_id uuid, parent_gso_code text, parent_agency_code text, valid_from date, valid_to date, bad boolean)
    ), code AS MATERIALIZED (
        SELECT g.row, g.valid_from, g.valid_to, c.* FROM given g CROSS JOIN LATERAL (
            VALUES ('GSO'::code_scheme, g.gso_code, 'gso_code'), ('AGENCY', g.agency_code, 'agency_code'),
                   ('AGENCY_LEGACY', g.agency_legacy_code, 'agency_legacy_code')) c(scheme, value, name)
        WHERE c.value IS NOT NULL
    ), holder AS MATERIALIZED (
        -- The first of those that have it: the others repeat it and are named for that. All of them would be as many parents of each row.
        SELECT DISTINCT ON (scheme, value) * FROM code ORDER BY scheme, value, valid_from NULLS FIRST
    ), parent AS MATERIALIZED (
        SELECT g.row, c.name, f.row AS parent_row, h.unit_id, f.valid_to AS parent_to, g.valid_to
        FROM given g CROSS JOIN LATERAL (
            VALUES ('GSO'::code_scheme, g.parent_gso_code, 'parent_gso_code'),
                   ('AGENCY', g.parent_agency_code, 'parent_agency_code')) c(scheme, value, name)
        LEFT JOIN holder f ON f.scheme = c.scheme AND f.value = c.value AND (f.valid_from <= g.valid_from) IS NOT FALSE
        LEFT JOIN unit_codes h ON h.scheme = c.scheme AND h.value = c.value AND h.valid @> g.valid_from
        WHERE c.value IS NOT NULL
        UNION ALL
        SELECT g.row, 'parent_id', f.row, p.unit_id, f.valid_to, g.valid_to
        FROM given g
        LEFT JOIN (SELECT DISTINCT ON (id) * FROM given WHERE id IS NOT NULL ORDER BY id, valid_from NULLS FIRST) f
            ON f.id = g.parent_id AND (f.valid_from <= g.valid_from) IS NOT FALSE
        LEFT JOIN unit_periods p ON p.unit_id = g.parent_id AND p.valid @> g.valid_from
        WHERE g.parent_id IS NOT NULL
    ), ended AS MATERIALIZED ( -- unit_life_end() of all at once
        SELECT unit_id, CASE WHEN bool_or(upper_inf(valid)) THEN NULL ELSE max(upper(valid)) END AS day
        FROM unit_periods WHERE unit_id IN (SELECT unit_id FROM parent) GROUP BY unit_id
    ), above AS (
        SELECT row, min(coalesce(parent_row::text, unit_id::text)) AS parent,
               (array_agg(unit_id) FILTER (WHERE parent_row IS NULL))[1] AS unit_id
        FROM parent GROUP BY row
    ), spelt AS MATERIALIZED (
        SELECT g.row, g.name, spelling(g.name) AS spelling, plain_form(g.name) AS plain, g.kind, g.valid_from, a.parent, a.unit_id
        FROM given g LEFT JOIN above a ON a.row = g.row WHERE g.bad IS NULL AND NOT confirmed
    ), alike AS (
        -- same_name() with an earlier row, by windows: one that is spelt so, or any that is found alike where one of them has no diacritics.
        SELECT s.row, row_number() OVER (PARTITION BY s.plain, s.kind, s.parent, s.spelling ORDER BY s.row) > 1
                   OR (row_number() OVER found > 1 AND bool_or(s.spelling = s.plain) OVER found) AS in_file,
               unit_has_twin(s.name, s.kind, s.unit_id, daterange(s.valid_from, NULL), NULL)
                   AND (s.parent IS NULL OR s.unit_id IS NOT NULL) AS known
        FROM spelt s WINDOW found AS (PARTITION BY s.plain, s.kind, s.parent ORDER BY s.row)
    ), settled(row) AS (
        SELECT g.row FROM given g WHERE NOT EXISTS (SELECT FROM parent p WHERE p.row = g.row AND p.parent_row IS NOT NULL)
        UNION
        SELECT p.row FROM settled s JOIN parent p ON p.parent_row = s.row
    ), wrong AS (
        SELECT row, name, 'form' AS reason FROM code WHERE NOT code_is_valid(scheme, value)
        UNION ALL
        SELECT row, name, 'repeated' FROM (SELECT *, row_number() OVER (PARTITION BY scheme, value ORDER BY row) AS time FROM code) c
        WHERE time > 1
        UNION ALL
        SELECT c.row, c.name, 'taken' FROM code c
        WHERE EXISTS (SELECT FROM unit_codes h
                      WHERE h.scheme = c.scheme AND h.value = c.value AND h.valid && daterange(c.valid_from, c.valid_to, '[]'))
        UNION ALL
        SELECT g.row, 'id', 'exists' FROM given g JOIN units u ON u.id = g.id
        UNION ALL
        SELECT row, 'id', 'repeated' FROM (SELECT row, row_number() OVER (PARTITION BY id ORDER BY row) AS time FROM given WHERE id IS NOT NULL) i
        WHERE time > 1
        UNION ALL
        SELECT row, name, 'no_parent' FROM parent WHERE parent_row IS NULL AND unit_id IS NULL
        UNION ALL
        SELECT p.row, p.name, 'unit_parent_ends' FROM parent p LEFT JOIN ended e ON e.unit_id = p.unit_id
        WHERE NOT daterange(NULL, p.valid_to, '[]') <@ CASE WHEN p.parent_row IS NULL THEN daterange(NULL, e.day)
                                                            ELSE daterange(NULL, p.parent_to, '[]') END
        UNION ALL
        SELECT DISTINCT ON (a.row) a.row, a.name, 'two_parents' FROM parent a JOIN parent g ON g.row = a.row
        WHERE a.name < g.name
          AND coalesce(a.parent_row::text, a.unit_id::text) <> coalesce(g.parent_row::text, g.unit_id::text)
        UNION ALL
        SELECT row, 'name', 'twice' FROM alike WHERE in_file OR known
        UNION ALL
        SELECT p.row, p.name, 'circle' FROM parent p
        WHERE p.parent_row IS NOT NULL AND NOT EXISTS (SELECT FROM settled s WHERE s.row = p.row)
    )
    SELECT row, wrong.name, reason, count(*) OVER ()::integer AS total FROM wrong JOIN given g USING (row) WHERE g.bad IS NULL ORDER BY row, wrong.name, reason LIMIT 64;
END $$;
COMMENT ON FUNCTION import_units_faults IS
    'Every code and every parent named in a file of units, each with its column, so that what is wrong can be pointed at. A row with bad cells
    is named already: it is here for what other rows say of it, and where its day is bad it is taken to be there. Without nested loops:
    PostgreSQL takes any file for 100 rows, and a plan that it kept from when there were few units would read all of them for each row.';
