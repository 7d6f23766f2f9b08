-- name: document_find stream ({id}, {document}, {unit_id}, @unit, @roles) -> id, sha256, size int, file_name
-- The current one of a component (and nominee), or any version by its id, which no code of a component can be.
SELECT x.id, x.sha256, x.size, lower(replace(x.kind, '_', '-')) || '-' || d.year || '-' || left(x.id::text, 8) || '.pdf' AS file_name
FROM dossiers d JOIN documents x ON x.dossier_id = d.id
WHERE d.id = :id::uuid AND dossier_shown(d, :unit::uuid, :roles::integer)
  AND (NOT component_restricted(d.campaign, d.year, x.kind)
       OR dossier_votes_shown(d, :unit::uuid, :roles::integer)) -- as the council's votes in its minutes
  AND ((x.id::text = lower(:document) AND (:unit_id::uuid IS NULL OR x.unit_id = :unit_id::uuid))
       OR (x.kind = :document AND x.kind <> 'EVIDENCE' AND x.unit_id IS NOT DISTINCT FROM :unit_id::uuid AND x.superseded_at IS NULL))

-- name: document_piece quick (document, number) -> bytes bytes
SELECT bytes FROM document_chunks WHERE document_id = :document::uuid AND number = :number::integer

-- name: document_list read ({id}, @unit, @roles) -> body, version
SELECT json_build_object('items', (SELECT coalesce(json_agg(shown ORDER BY component_place(k.components, x.kind), x.unit_id, x.recorded_at, x.id), '[]')
                                   FROM documents x CROSS JOIN LATERAL document_shown(x, d.year, k.components) shown WHERE x.dossier_id = d.id), 'next', NULL)::text, d.version
FROM dossiers d JOIN round_plans k USING (campaign, year) WHERE d.id = :id::uuid AND dossier_shown(d, :unit::uuid, :roles::integer)

-- name: document_stand maybe (dossier_id, document, unit_id) -> id, kind, sha256, json, restricted bool
SELECT x.id, x.kind, x.sha256, document_json(x)::text AS json, component_restricted(d.campaign, d.year, x.kind) AS restricted
FROM documents x JOIN dossiers d ON d.id = x.dossier_id
WHERE x.dossier_id = :dossier_id::uuid AND x.superseded_at IS NULL
  AND ((x.id::text = lower(:document) AND (:unit_id::uuid IS NULL OR x.unit_id = :unit_id::uuid))
       OR (x.kind = :document AND x.kind <> 'EVIDENCE' AND x.unit_id IS NOT DISTINCT FROM :unit_id::uuid))

-- name: document_components one (campaign, of_nominee bool, code) -> known bool, codes, codes_en
-- What the plan knows of that level, and whether it is one of them.
SELECT coalesce(bool_or(c.code = :code), false) AS known, 
       coalesce(string_agg(format('"%s" (%s)', c.code, c.text ->> 'vi'), ', ' ORDER BY c.position), '–') AS codes,
       coalesce(string_agg(format('"%s" (%s)', c.code, c.text ->> 'en'), ', ' ORDER BY c.position), '–') AS codes_en
FROM dossier_components c WHERE c.campaign = :campaign AND c.of_nominee = :of_nominee::boolean

-- name: document_supersede exec (id)
UPDATE documents SET superseded_at = clock_now() WHERE id = :id::uuid

-- name: document_taken one (dossier_id, recorded_by) -> bytes int, documents int, uploads int
-- What the dossier holds, replaced and removed documents too, for they stay; and what the key uploaded in the last day.
SELECT coalesce(sum(size), 0)::bigint AS bytes, count(*) AS documents,
       (SELECT count(*) FROM documents WHERE recorded_by = :recorded_by::uuid AND recorded_at > clock_now() - interval '1 day'
        AND recorded_at <= clock_now() + interval '1 minute') AS uploads
FROM documents WHERE dossier_id = :dossier_id::uuid

-- name: document_create one (dossier_id, kind, unit_id, title, size int, sha256, recorded_by) -> id, json
INSERT INTO documents (dossier_id, kind, unit_id, title, size, sha256, recorded_by)
VALUES (:dossier_id::uuid, :kind, :unit_id::uuid, :title, :size::bigint, :sha256, :recorded_by::uuid)
RETURNING id, document_json(documents)::text AS json

-- name: document_append exec (document, number int, bytes bytes)
INSERT INTO document_chunks (document_id, number, bytes) VALUES (:document::uuid, :number::integer, :bytes::bytea)
