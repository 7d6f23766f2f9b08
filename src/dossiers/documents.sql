-- name: document_find stream ({id}, {document}, {unit_id}, @unit, @roles) -> id, sha256, size int, file_name
-- The current one of a component (and nominee), or any version by its id, which no code of a component can be.
SELECT x.id, x.sha256, x.size, lower(replace(x.kind, '_', '-')) || '-' || d.year || '-' || left(x.id::text, 8) || '.pdf' AS file_name
FROM dossiers d JOIN documents x ON x.dossier_id = d.id
WHERE d.id = :id::uuid AND dossier_shown(d, :unit::uuid, :roles::integer)
  AND (NOT EXISTS (SELECT FROM dossier_components c WHERE c.campaign = d.campaign AND c.code = x.kind AND c.restricted)
       OR dossier_votes_shown(d, :unit::uuid, :roles::integer)) -- as the council's votes in its minutes
  AND ((x.id::text = lower(:document) AND (:unit_id::uuid IS NULL OR x.unit_id = :unit_id::uuid))
       OR (x.kind = :document AND x.kind <> 'EVIDENCE' AND x.unit_id IS NOT DISTINCT FROM :unit_id::uuid AND x.superseded_at IS NULL))

-- name: document_piece quick binary
SELECT bytes FROM document_chunks WHERE document_id = $1::uuid AND number = $2::integer

-- name: document_list read ({id}, @unit, @roles) -> body, version
SELECT json_build_object('items', (SELECT coalesce(json_agg(document_json(x) ORDER BY component_place(d.campaign, x.kind), x.unit_id, x.recorded_at, x.id), '[]')
                                   FROM documents x WHERE x.dossier_id = d.id), 'next', NULL)::text, d.version
FROM dossiers d WHERE d.id = :id::uuid AND dossier_shown(d, :unit::uuid, :roles::integer)

-- name: document_stand
SELECT x.id, x.kind, x.sha256, document_json(x)::text FROM documents x
WHERE x.dossier_id = $1::uuid AND x.superseded_at IS NULL
  AND ((x.id::text = lower($2) AND ($3::uuid IS NULL OR x.unit_id = $3::uuid))
       OR (x.kind = $2 AND x.kind <> 'EVIDENCE' AND x.unit_id IS NOT DISTINCT FROM $3::uuid))

-- name: document_components
-- What the plan knows of that level, and whether it is one of them.
SELECT coalesce(bool_or(c.code = $3), false), coalesce(string_agg(c.code, ', ' ORDER BY c.position), '-')
FROM dossier_components c WHERE c.campaign = $1 AND c.of_nominee = $2::boolean

-- name: document_supersede
UPDATE documents SET superseded_at = clock_now() WHERE id = $1::uuid

-- name: document_create
INSERT INTO documents (dossier_id, kind, unit_id, title, size, sha256, recorded_by)
VALUES ($1::uuid, $2, $3::uuid, $4, $5::bigint, $6, $7::uuid)
RETURNING id, document_json(documents)::text

-- name: document_append
INSERT INTO document_chunks (document_id, number, bytes) VALUES ($1::uuid, $2::integer, $3::bytea)
