-- name: document_find quick
-- The current one of a kind (and nominee), or any version by its id.
SELECT x.id, x.sha256, x.size, lower(replace(x.kind::text, '_', '-')) || '-' || d.year || '-' || left(x.id::text, 8) || '.pdf'
FROM dossiers d JOIN documents x ON x.dossier_id = d.id
WHERE d.id = $1::uuid AND dossier_shown(d, $5::uuid, $6::integer)
  AND (x.kind <> 'MINUTES' OR dossier_votes_shown(d, $5::uuid, $6::integer)) -- the council's votes are in them
  AND CASE WHEN $4::uuid IS NOT NULL THEN x.id = $4::uuid
           ELSE x.kind = $2::document_kind AND x.unit_id IS NOT DISTINCT FROM $3::uuid AND x.superseded_at IS NULL END

-- name: document_piece quick binary
SELECT bytes FROM document_chunks WHERE document_id = $1::uuid AND number = $2::integer

-- name: document_list quick
SELECT json_build_object('items', (SELECT coalesce(json_agg(document_json(x) ORDER BY x.kind, x.unit_id, x.recorded_at, x.id), '[]')
                                   FROM documents x WHERE x.dossier_id = d.id), 'next', NULL)::text, d.version
FROM dossiers d WHERE d.id = $1::uuid AND dossier_shown(d, $2::uuid, $3::integer)

-- name: document_stand
SELECT x.id, x.kind, x.sha256, document_json(x)::text FROM documents x
WHERE x.dossier_id = $1::uuid AND x.superseded_at IS NULL
  AND CASE WHEN $4::uuid IS NOT NULL THEN x.id = $4::uuid
           ELSE x.kind = $2::document_kind AND x.unit_id IS NOT DISTINCT FROM $3::uuid END

-- name: document_supersede
UPDATE documents SET superseded_at = clock_now() WHERE id = $1::uuid

-- name: document_create
INSERT INTO documents (dossier_id, kind, unit_id, title, size, sha256, recorded_by)
VALUES ($1::uuid, $2::document_kind, $3::uuid, $4, $5::bigint, $6, $7::uuid)
RETURNING id, document_json(documents)::text

-- name: document_append
INSERT INTO document_chunks (document_id, number, bytes) VALUES ($1::uuid, $2::integer, $3::bytea)
