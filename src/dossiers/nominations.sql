-- name: nomination_get read ({id}, {unit_id}, @unit, @roles) -> body, version
SELECT nomination_json(n, dossier_votes_shown(d, :unit::uuid, :roles::integer))::text, d.version
FROM nominations n JOIN dossiers d ON d.id = n.dossier_id
WHERE n.dossier_id = :id::uuid AND n.unit_id = :unit_id::uuid AND dossier_shown(d, :unit::uuid, :roles::integer)

-- name: nomination_stand maybe (dossier_id, unit_id) -> json
SELECT nomination_json(n, true)::text AS json FROM nominations n WHERE n.dossier_id = :dossier_id::uuid AND n.unit_id = :unit_id::uuid

-- name: nomination_put one (dossier_id, unit_id, votes_stay bool, body) -> json, shown
-- Votes stay where the caller may not read them and names none. `json` as the journal keeps it, `shown` without what stayed.
INSERT INTO nominations (dossier_id, campaign, year, unit_id, votes_for, votes_against, votes_abstain, members_present,
                         members_total, written_opinions, confirmed_by, confirmed_on)
SELECT d.id, d.campaign, d.year, :unit_id::uuid, votes_for, votes_against, votes_abstain, members_present, members_total,
       CASE WHEN votes_for IS NULL THEN written_opinions ELSE coalesce(written_opinions, 0) END, confirmed_by,
       confirmed_on
FROM dossiers d, jsonb_to_record(:body::jsonb) AS b(votes_for integer, votes_against integer, votes_abstain integer,
                                                 members_present integer, members_total integer, written_opinions integer,
                                                 confirmed_by text, confirmed_on date)
WHERE d.id = :dossier_id::uuid
ON CONFLICT (dossier_id, unit_id) DO UPDATE SET
    (votes_for, votes_against, votes_abstain, members_present, members_total, written_opinions) = (
        SELECT v.votes_for, v.votes_against, v.votes_abstain, v.members_present, v.members_total, v.written_opinions
        FROM (SELECT nominations.* WHERE :votes_stay::boolean UNION ALL SELECT EXCLUDED.* WHERE NOT :votes_stay::boolean) v),
    confirmed_by = EXCLUDED.confirmed_by, confirmed_on = EXCLUDED.confirmed_on
RETURNING nomination_json(nominations, true)::text AS json, nomination_json(nominations, NOT :votes_stay::boolean)::text AS shown

-- name: nomination_delete exec (dossier_id, unit_id)
WITH papers AS (
    UPDATE documents SET superseded_at = clock_now()
    WHERE dossier_id = :dossier_id::uuid AND unit_id = :unit_id::uuid AND superseded_at IS NULL
)
DELETE FROM nominations WHERE dossier_id = :dossier_id::uuid AND unit_id = :unit_id::uuid

-- name: nomination_paper one (id, unit_id, unit, roles int) -> json
-- The achievement report (form 08), with what is known of it to this caller: each part by the rule of the resource that shows it; of a closed
-- round with what was known then. `asked`: what the plan's rules read; of anything else the report says nothing.
SELECT (dossier_paper_facts(d, year_end, n.unit_id) || jsonb_build_object(
    'name', unit_printed(n.unit_id, year_end), 'confirmed_by', n.confirmed_by, 'confirmed_on', n.confirmed_on,
    'members_total', c.members_total, 'members_women', c.members_women,
    'contents', (SELECT coalesce(jsonb_agg(jsonb_build_object('text', k.text ->> 'vi', 'result', f.result, 'score', f.score::text,
                                                              'reason', f.reason) ORDER BY (k.text ->> 'position')::integer), '[]')
                 FROM jsonb_each(p.contents) AS k(content, text)
                 LEFT JOIN finding_contents f ON (f.campaign, f.year, f.unit_id, f.content) = (n.campaign, n.year, n.unit_id, k.content)
                      AND subtree_visible(n.unit_id, offices, :unit::uuid)),
    'index', (SELECT i.approved FROM (SELECT CASE WHEN p.closed_at IS NULL THEN approved_index(n.unit_id, n.year)
                                                  ELSE p.indices -> n.unit_id::text END AS approved) i
              WHERE (i.approved ->> 'published')::boolean OR offices OR acts_for(:roles::integer, :unit::uuid, n.unit_id)),
    'asked', (SELECT jsonb_build_object('index', s.document #> '{facts,index_achieved}' IS NOT NULL,
                                        'initiatives', s.document #> '{registers,initiatives}' IS NOT NULL)
              FROM criteria_sets s WHERE (s.name, s.version) = (p.criteria_name, p.criteria_version)),
    'initiatives', (SELECT coalesce(jsonb_agg(jsonb_build_object('title', i.title, 'decision_number', r.decision_number,
                                                                 'recognised_on', to_char(r.recognised_on, 'DD/MM/YYYY')) ORDER BY r.recognised_on, i.id), '[]')
                    FROM initiatives i CROSS JOIN LATERAL (
                        SELECT * FROM initiative_recognitions c
                        WHERE c.initiative_id = i.id AND (c.outcome = 'RECOGNISED' OR c.annulled_at > p.closed_at)
                            AND c.council::text = ANY (round_councils(n.campaign, n.year)) AND c.recorded_at <= coalesce(p.closed_at, 'infinity')
                        ORDER BY c.council DESC LIMIT 1) r
                    WHERE i.unit_id = n.unit_id AND daterange(i.applied_from, i.applied_to, '[]') && award_year_days(n.campaign, n.year)
                      AND initiative_visible(i, offices, :roles::integer, :unit::uuid))))::text AS json
FROM nominations n JOIN dossiers d ON d.id = n.dossier_id
JOIN round_plans p ON (p.campaign, p.year) = (n.campaign, n.year)
LEFT JOIN contestants c ON (c.campaign, c.year, c.unit_id) = (n.campaign, n.year, n.unit_id)
CROSS JOIN LATERAL (SELECT make_date(n.year, 12, 31) AS year_end, may_read_restricted(:roles::integer) AS offices) x
WHERE n.dossier_id = :id::uuid AND n.unit_id = :unit_id::uuid AND dossier_shown(d, :unit::uuid, :roles::integer)
