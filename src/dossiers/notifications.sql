-- name: nomination_result_due maybe (dossier_id, unit_id) -> result, decided_on, json
-- Of a nominee of that dossier: how it came out, and when that was decided. Both null while it is open.
SELECT r.result, r.decided_on, nomination_json(n, false)::text AS json
FROM nominations n, nomination_result(n) r WHERE n.dossier_id = :dossier_id::uuid AND n.unit_id = :unit_id::uuid

-- name: nomination_notify one (dossier_id, unit_id, result, notified_on, reason) -> json
UPDATE nominations SET notified_result = :result, notified_reason = :reason, notified_on = :notified_on::date
WHERE dossier_id = :dossier_id::uuid AND unit_id = :unit_id::uuid
RETURNING nomination_json(nominations, false)::text AS json

-- name: notification_list read ({code}, {year}, ?state, ?cursor, ?limit) -> body, version, next
-- Who is to be told how its nominee came out, those that wait longest first, and who was told. Whoever was told of a refusal and is awarded by a
-- later decision is to be told anew. Each way to come out has an index in the order of the page, and gives no more than one page: most wait since
-- the first decision; others were awarded, or came in, after it; a few were told of what is open again. Whose award the
-- law defers is among them without a result.
WITH round AS MATERIALIZED (
    SELECT r.campaign, r.year, r.state, round_first_decided(r) AS first FROM rounds r WHERE r.campaign = :code AND r.year = :year::integer
), proposed AS MATERIALIZED (
    SELECT u.unit_id FROM round r JOIN proposals p USING (campaign, year) JOIN proposal_units u ON u.proposal_id = p.id
    WHERE r.state = 'DECIDED' AND p.state IN ('DRAFT', 'SUBMITTED', 'RETURNED')
), kinds AS MATERIALIZED (
    SELECT r.*, k.told FROM round r CROSS JOIN (VALUES (true), (false)) k(told)
    WHERE r.state IN ('DECIDED', 'CLOSED') AND (:state::text IS NULL OR k.told = (:state = 'TOLD'))
), found AS (
    SELECT k.first AS since, k.told, true AS decided, n.n FROM kinds k CROSS JOIN LATERAL (
        SELECT n FROM nominations n
        WHERE n.campaign = k.campaign AND n.year = k.year AND n.told = k.told AND n.standing AND n.decidable_since <= k.first
          AND (n.awarded_on IS NOT NULL OR n.unit_id NOT IN (SELECT unit_id FROM proposed))
        ORDER BY n.dossier_id NULLS FIRST, n.unit_id LIMIT :limit::integer + 1) n
    WHERE :cursor::text IS NULL OR k.first > (cursor_key(:cursor))[1]::date
    UNION ALL
    SELECT k.first, k.told, true, n.n FROM kinds k CROSS JOIN LATERAL (
        SELECT n FROM nominations n
        WHERE n.campaign = k.campaign AND n.year = k.year AND n.told = k.told AND n.standing AND n.decidable_since <= k.first
          AND (n.awarded_on IS NOT NULL OR n.unit_id NOT IN (SELECT unit_id FROM proposed))
          AND (n.dossier_id, n.unit_id) > ((cursor_key(:cursor))[2]::uuid, (cursor_key(:cursor))[3]::uuid)
        ORDER BY n.dossier_id NULLS FIRST, n.unit_id LIMIT :limit::integer + 1) n
    WHERE :cursor::text IS NOT NULL AND k.first = (cursor_key(:cursor))[1]::date
    UNION ALL
    SELECT (n.n).decidable_since, k.told, true, n.n FROM kinds k CROSS JOIN LATERAL (
        SELECT n FROM nominations n
        WHERE n.campaign = k.campaign AND n.year = k.year AND n.told = k.told AND n.standing AND n.decidable_since > k.first
          AND (n.awarded_on IS NOT NULL OR n.unit_id NOT IN (SELECT unit_id FROM proposed))
          AND (:cursor::text IS NULL OR (n.decidable_since, n.dossier_id, n.unit_id) > ((cursor_key(:cursor))[1]::date, (cursor_key(:cursor))[2]::uuid,
                                                                                       (cursor_key(:cursor))[3]::uuid))
        ORDER BY n.decidable_since, n.dossier_id, n.unit_id LIMIT :limit::integer + 1) n
    UNION ALL
    SELECT (n.n).notified_on, true, false, n.n FROM round r CROSS JOIN LATERAL (
        SELECT n FROM nominations n
        WHERE n.campaign = r.campaign AND n.year = r.year AND n.standing AND n.notified_on IS NOT NULL AND n.awarded_on IS NULL
          AND (:cursor::text IS NULL OR (n.notified_on, n.dossier_id, n.unit_id) > ((cursor_key(:cursor))[1]::date, (cursor_key(:cursor))[2]::uuid,
                                                                                   (cursor_key(:cursor))[3]::uuid))
        ORDER BY n.notified_on, n.dossier_id, n.unit_id LIMIT :limit::integer + 1) n
    WHERE r.state NOT IN ('DECIDED', 'CLOSED') AND (:state::text IS NULL OR :state = 'TOLD')
    UNION ALL
    SELECT n.notified_on, true, false, n FROM round r JOIN nominations n ON n.campaign = r.campaign AND n.year = r.year
    WHERE n.unit_id IN (SELECT unit_id FROM proposed) AND n.standing AND n.notified_on IS NOT NULL AND n.awarded_on IS NULL
      AND (:state::text IS NULL OR :state = 'TOLD')
), page AS (
    SELECT f.since, (f.n).dossier_id, (f.n).unit_id, json_build_object('dossier_id', (f.n).dossier_id, 'nominator_unit_id', f.nominator_id,
        'nominator_unit_label', unit_label(f.nominator_id, coalesce(CASE WHEN f.told THEN (f.n).notified_on END, today())), 'unit_id', (f.n).unit_id, 'unit_label', unit_label((f.n).unit_id, make_date((f.n).year, 12, 31)),
        'result', CASE WHEN NOT f.decided OR f.held THEN (f.n).notified_result WHEN (f.n).awarded_on IS NULL THEN 'REFUSED' ELSE 'AWARDED' END,
        'decided_on', CASE WHEN f.decided AND NOT f.held THEN f.since END, 'state', CASE WHEN f.told THEN 'TOLD' ELSE 'DUE' END,
        'notified_on', CASE WHEN f.told THEN (f.n).notified_on END, 'reason', CASE WHEN f.told THEN (f.n).notified_reason END,
        'waiting_days', CASE WHEN NOT f.told AND NOT f.held THEN today() - f.since END) AS item
    FROM (SELECT f.*, f.decided AND (f.n).awarded_on IS NULL AND unit_held_back((f.n).campaign, (f.n).year, (f.n).unit_id) AS held, (SELECT d.nominator_id FROM dossiers d WHERE d.id = (f.n).dossier_id) AS nominator_id
          FROM (SELECT * FROM found
                WHERE :cursor::text IS NULL OR (since, (n).dossier_id, (n).unit_id) > ((cursor_key(:cursor))[1]::date, (cursor_key(:cursor))[2]::uuid,
                                                                                       (cursor_key(:cursor))[3]::uuid)
                ORDER BY since, (n).dossier_id, (n).unit_id LIMIT :limit::integer + 1) f OFFSET 0) f)
SELECT p.* FROM rounds r CROSS JOIN LATERAL
    page_json((SELECT array_agg(item ORDER BY since, dossier_id, unit_id) FROM page),
              (SELECT cursor_of(since::text, dossier_id::text, unit_id::text) FROM (SELECT * FROM page ORDER BY since, dossier_id, unit_id OFFSET :limit::integer - 1 LIMIT 1) last),
              :limit::integer) p
WHERE r.campaign = :code AND r.year = :year::integer
