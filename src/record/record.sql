-- name: unit_record read ({id}, @offices, @roles, @unit) -> body
-- Each thing is shown to whom the resource by itself shows it: scorecard_visible, subtree_visible, dossier_shown, decision_visible.
WITH bodies AS MATERIALIZED (
    SELECT o.unit_id, o.succeeded_on, row_number() OVER (ORDER BY o.succeeded_on DESC NULLS FIRST, o.unit_id) AS place
    FROM unit_origins(:id::uuid) o
), its_scores AS (
    SELECT c.year, json_agg(scorecard_head_json(c) ORDER BY b.place) AS list
    FROM bodies b JOIN scorecards c USING (unit_id)
    WHERE scorecard_visible(c, :offices::boolean, :roles::integer, :unit::uuid) GROUP BY c.year
), its_findings AS (
    SELECT f.year, json_agg(finding_json(f) ORDER BY f.campaign, b.place) AS list
    FROM bodies b JOIN contestants c USING (unit_id) JOIN findings f ON (f.campaign, f.year, f.unit_id) = (c.campaign, c.year, c.unit_id)
    WHERE :offices::boolean OR acts_for(:roles::integer, :unit::uuid, f.unit_id) GROUP BY f.year
), its_nominations AS (
    SELECT n.year, json_agg(json_build_object('campaign', n.campaign, 'dossier_id', d.id, 'state', d.state, 'unit_id', n.unit_id,
               'unit_label', unit_label(n.unit_id, make_date(n.year, 12, 31)), 'nominator_unit_id', d.nominator_id,
               'nominator_unit_label', dossier_nominator_label(d), 'received_at', received.at,
               'late', dossier_is_late(received.at, n.campaign, n.year), 'result', n.notified_result, 'notified_on', n.notified_on)
               ORDER BY d.created_at, d.id, b.place) AS list
    FROM bodies b JOIN nominations n USING (unit_id) JOIN dossiers d ON d.id = n.dossier_id
    CROSS JOIN LATERAL (SELECT nomination_received_at(n) AS at) received
    WHERE dossier_shown(d, :unit::uuid, :roles::integer) GROUP BY n.year
), its_dossiers AS (
    SELECT d.year, json_agg(json_build_object('campaign', d.campaign, 'dossier_id', d.id, 'state', d.state, 'unit_id', d.nominator_id,
               'unit_label', unit_label(d.nominator_id, make_date(d.year, 12, 31)), 'received_at', d.received_at, 'late', d.late,
               'nominees', (SELECT count(*) FROM nominations n WHERE n.dossier_id = d.id)) ORDER BY d.created_at, d.id) AS list
    FROM bodies b JOIN dossiers d ON d.nominator_id = b.unit_id
    WHERE dossier_shown(d, :unit::uuid, :roles::integer) GROUP BY d.year
), its_awards AS (
    SELECT a.year, json_agg(award_json(a, :offices::boolean) ORDER BY d.signed_on, a.id) AS list
    FROM bodies b JOIN awards a USING (unit_id) JOIN decisions d ON d.id = a.decision_id
    WHERE decision_visible(d, :offices::boolean) GROUP BY a.year
), its_revocations AS (
    SELECT a.year, json_agg(json_build_object('campaign', a.campaign, 'award_id', a.id, 'decision_id', r.id, 'decision_number', r.number,
               'revoked_on', r.signed_on, 'ground', r.ground, 'unit_id', a.unit_id, 'unit_label', named.label)
               ORDER BY r.signed_on, a.id) AS list
    FROM bodies b JOIN awards a USING (unit_id) JOIN decisions r ON r.id = a.revoked_by
    JOIN decision_units named ON (named.decision_id, named.unit_id) = (a.decision_id, a.unit_id)
    WHERE decision_visible(r, :offices::boolean) GROUP BY a.year
), years AS (
    SELECT year, json_build_object('year', year, 'scores', coalesce(its_scores.list, '[]'), 'findings', coalesce(its_findings.list, '[]'),
               'dossiers', coalesce(its_dossiers.list, '[]'), 'nominations', coalesce(its_nominations.list, '[]'),
               'awards', coalesce(its_awards.list, '[]'), 'revocations', coalesce(its_revocations.list, '[]')) AS item
    FROM its_scores FULL JOIN its_findings USING (year) FULL JOIN its_dossiers USING (year) FULL JOIN its_nominations USING (year)
    FULL JOIN its_awards USING (year) FULL JOIN its_revocations USING (year)
)
SELECT json_build_object('unit_id', u.id, 'unit_label', unit_label(u.id, today()),
    'bodies', (SELECT json_agg(json_build_object('unit_id', b.unit_id,
                   'unit_label', unit_label(b.unit_id, coalesce(b.succeeded_on - 1, today())), 'succeeded_on', b.succeeded_on) ORDER BY b.place)
               FROM bodies b),
    'items', (SELECT coalesce(json_agg(y.item ORDER BY y.year DESC), '[]') FROM years y), 'next', NULL)::text
FROM units u WHERE u.id = :id::uuid
