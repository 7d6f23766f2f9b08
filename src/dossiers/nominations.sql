-- name: nomination_get read ({id}, {unit_id}, @unit, @roles) -> body, version
SELECT nomination_json(n, dossier_votes_shown(d, :unit::uuid, :roles::integer))::text, d.version
FROM nominations n JOIN dossiers d ON d.id = n.dossier_id
WHERE n.dossier_id = :id::uuid AND n.unit_id = :unit_id::uuid AND dossier_shown(d, :unit::uuid, :roles::integer)

-- name: nomination_stand maybe (dossier_id, unit_id) -> json
SELECT nomination_json(n, true)::text AS json FROM nominations n WHERE n.dossier_id = :dossier_id::uuid AND n.unit_id = :unit_id::uuid

-- name: nomination_put one (dossier_id, unit_id, body) -> json
INSERT INTO nominations (dossier_id, campaign, year, unit_id, votes_for, votes_against, votes_abstain, members_present,
                         members_total, written_opinions, confirmed_by, confirmed_on)
SELECT d.id, d.campaign, d.year, :unit_id::uuid, votes_for, votes_against, votes_abstain, members_present, members_total,
       CASE WHEN votes_for IS NULL THEN written_opinions ELSE coalesce(written_opinions, 0) END, confirmed_by,
       CASE WHEN confirmed_on IS NULL OR confirmed_on <= today() OR refuse('nominations_confirmed_ahead') THEN confirmed_on END
FROM dossiers d, jsonb_to_record(:body::jsonb) AS b(votes_for integer, votes_against integer, votes_abstain integer,
                                                 members_present integer, members_total integer, written_opinions integer,
                                                 confirmed_by text, confirmed_on date)
WHERE d.id = :dossier_id::uuid
ON CONFLICT (dossier_id, unit_id) DO UPDATE SET
    votes_for = EXCLUDED.votes_for, votes_against = EXCLUDED.votes_against, votes_abstain = EXCLUDED.votes_abstain,
    members_present = EXCLUDED.members_present, members_total = EXCLUDED.members_total,
    written_opinions = EXCLUDED.written_opinions,
    confirmed_by = EXCLUDED.confirmed_by, confirmed_on = EXCLUDED.confirmed_on
RETURNING nomination_json(nominations, true)::text AS json

-- name: nomination_delete exec (dossier_id, unit_id)
WITH papers AS (
    UPDATE documents SET superseded_at = clock_now()
    WHERE dossier_id = :dossier_id::uuid AND unit_id = :unit_id::uuid AND superseded_at IS NULL
)
DELETE FROM nominations WHERE dossier_id = :dossier_id::uuid AND unit_id = :unit_id::uuid
