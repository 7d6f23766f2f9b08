-- name: bundle_head one (id, unit, roles int) -> version, metadata, votes_shown bool, bytes int, file_name
SELECT d.version, bundle_json(d, shown.votes)::text AS metadata, shown.votes AS votes_shown,
       (SELECT coalesce(sum(f.size), 0)::bigint FROM bundle_files(d, shown.votes) f) AS bytes,
       format('dossier-%s-%s.zip', d.year, left(d.id::text, 8)) AS file_name
FROM dossiers d, LATERAL (SELECT dossier_votes_shown(d, :unit::uuid, :roles::integer) AS votes) shown
WHERE d.id = :id::uuid AND dossier_shown(d, :unit::uuid, :roles::integer)

-- name: bundle_documents many (id, unit, roles int) -> id, name, size int
SELECT f.id, f.name, f.size FROM dossiers d, bundle_files(d, dossier_votes_shown(d, :unit::uuid, :roles::integer)) f
WHERE d.id = :id::uuid ORDER BY f.name

-- name: bundle_piece one (document, number int) -> bytes bytes
SELECT bytes FROM document_chunks WHERE document_id = :document::uuid AND number = :number::integer
