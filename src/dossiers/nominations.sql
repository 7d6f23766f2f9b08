-- name: nomination_get read ({id}, {unit_id}, @unit, @roles) -> body, version
SELECT nomination_json(n, dossier_votes_shown(d, :unit::uuid, :roles::integer))::text, d.version
FROM nominations n JOIN dossiers d ON d.id = n.dossier_id
WHERE n.dossier_id = :id::uuid AND n.unit_id = :unit_id::uuid AND dossier_shown(d, :unit::uuid, :roles::integer)

-- name: nomination_stand
SELECT nomination_json(n, true)::text FROM nominations n WHERE n.dossier_id = $1::uuid AND n.unit_id = $2::uuid

-- name: nomination_put
INSERT INTO nominations (dossier_id, campaign, year, unit_id, votes_for, votes_against, votes_abstain, members_present,
                         members_total)
SELECT d.id, d.campaign, d.year, $2::uuid, votes_for, votes_against, votes_abstain, members_present, members_total
FROM dossiers d, jsonb_to_record($3::jsonb) AS b(votes_for integer, votes_against integer, votes_abstain integer,
                                                 members_present integer, members_total integer)
WHERE d.id = $1::uuid
ON CONFLICT (dossier_id, unit_id) DO UPDATE SET
    votes_for = EXCLUDED.votes_for, votes_against = EXCLUDED.votes_against, votes_abstain = EXCLUDED.votes_abstain,
    members_present = EXCLUDED.members_present, members_total = EXCLUDED.members_total
RETURNING nomination_json(nominations, true)::text

-- name: nomination_delete
WITH papers AS (
    UPDATE documents SET superseded_at = clock_now()
    WHERE dossier_id = $1::uuid AND unit_id = $2::uuid AND superseded_at IS NULL
)
DELETE FROM nominations WHERE dossier_id = $1::uuid AND unit_id = $2::uuid
