-- name: proposed_dossiers_hold exec (proposal_id) -> id
-- Until the proposal is submitted nobody takes them back; and of two proposals that share one, the second sees what became of it.
SELECT d.id FROM dossiers d
WHERE d.id IN (SELECT dossier_of(p.campaign, p.year, u.unit_id) FROM proposals p JOIN proposal_units u ON u.proposal_id = p.id
               WHERE p.id = :proposal_id::uuid)
ORDER BY d.id FOR NO KEY UPDATE

-- name: proposed_units_unaccepted many (proposal_id) -> unit_id, label
-- Its units whose dossier Sở Nội vụ has not accepted.
SELECT u.unit_id, unit_label(u.unit_id, make_date(p.year, 12, 31)) AS label
FROM proposals p JOIN proposal_units u ON u.proposal_id = p.id LEFT JOIN dossiers d ON d.id = dossier_of(p.campaign, p.year, u.unit_id)
WHERE p.id = :proposal_id::uuid AND (d.state IN ('ACCEPTED', 'IN_PROPOSAL', 'DECIDED')) IS NOT TRUE
ORDER BY u.unit_id

-- name: proposed_dossiers_gone many (decision_id) -> unit_id, label, dossier_state
-- Units of the decision whose dossier is not before the Chair.
SELECT u.unit_id, unit_label(u.unit_id, make_date(e.year, 12, 31)) AS label, d.state AS dossier_state
FROM decisions e JOIN decision_units u ON u.decision_id = e.id LEFT JOIN dossiers d ON d.id = dossier_of(e.campaign, e.year, u.unit_id)
WHERE e.id = :decision_id::uuid AND (d.state IN ('IN_PROPOSAL', 'DECIDED')) IS NOT TRUE
ORDER BY u.unit_id

-- name: proposed_dossiers_move many (proposal_id, from_state, to_state, reason) -> id, nominator_id, campaign, year, before, after
WITH held AS MATERIALIZED (
    SELECT d.id, dossier_json(d, false) AS before FROM dossiers d
    WHERE d.state = :from_state::dossier_state
      AND d.id IN (SELECT dossier_of(p.campaign, p.year, u.unit_id) FROM proposals p JOIN proposal_units u ON u.proposal_id = p.id
                   WHERE p.id = :proposal_id::uuid)
      AND (:to_state::dossier_state <> 'ACCEPTED' OR NOT EXISTS (
           SELECT FROM nominations n JOIN proposal_units u ON u.unit_id = n.unit_id JOIN proposals o ON o.id = u.proposal_id
           WHERE n.dossier_id = d.id AND n.standing AND o.campaign = d.campaign AND o.year = d.year
             AND o.state IN ('SUBMITTED', 'DECIDED') AND o.id <> :proposal_id::uuid))
    ORDER BY d.id FOR NO KEY UPDATE)
UPDATE dossiers d SET state = :to_state::dossier_state, state_reason = coalesce(:reason, state_reason), version = version + 1 FROM held WHERE d.id = held.id
RETURNING d.id, d.nominator_id, d.campaign, d.year, held.before::text, dossier_json(d, false)::text AS after

-- name: proposed_nominees_touch one (proposal_id) -> touched
-- V.3: a signature changes the facts of who is awarded, and its verdict is stale. So is that of each other nominee who is before the Chair, and
-- it tells nobody who was awarded.
SELECT facts_touch(ARRAY(
    SELECT n.unit_id FROM proposals p
    JOIN dossiers d ON d.campaign = p.campaign AND d.year = p.year AND d.state = 'IN_PROPOSAL'
    JOIN nominations n ON n.dossier_id = d.id
    WHERE p.id = :proposal_id::uuid))::text AS touched
