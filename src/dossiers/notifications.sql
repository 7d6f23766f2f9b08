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
-- later decision is to be told anew.
WITH due AS (
    SELECT (x.nomination).*, x.nominator_id, coalesce(x.result, (x.nomination).notified_result) AS result, x.decided_on,
           (x.nomination).notified_on IS NOT NULL AND (x.result = (x.nomination).notified_result) IS NOT FALSE AS told,
           coalesce(x.decided_on, (x.nomination).notified_on) AS since
    FROM nomination_results(:code, :year::integer) x
    WHERE (x.nomination).standing AND (x.result IS NOT NULL OR (x.nomination).notified_on IS NOT NULL)
), page AS (
    SELECT o.since, o.dossier_id, o.unit_id, json_build_object('dossier_id', o.dossier_id, 'nominator_unit_id', o.nominator_id,
        'nominator_unit_label', unit_label(o.nominator_id, today()), 'unit_id', o.unit_id, 'unit_label', unit_label(o.unit_id, make_date(o.year, 12, 31)),
        'result', o.result, 'decided_on', o.decided_on, 'state', CASE WHEN o.told THEN 'TOLD' ELSE 'DUE' END,
        'notified_on', CASE WHEN o.told THEN o.notified_on END, 'reason', CASE WHEN o.told THEN o.notified_reason END,
        'waiting_days', CASE WHEN NOT o.told THEN today() - o.decided_on END) AS item
    FROM due o
    WHERE (:state::text IS NULL OR o.told = (:state = 'TOLD'))
      AND (:cursor::text IS NULL OR (o.since, o.dossier_id, o.unit_id) > ((cursor_key(:cursor))[1]::date, (cursor_key(:cursor))[2]::uuid,
                                                                       (cursor_key(:cursor))[3]::uuid))
    ORDER BY o.since, o.dossier_id, o.unit_id LIMIT :limit::integer + 1)
SELECT p.* FROM rounds r CROSS JOIN LATERAL
    page_json((SELECT array_agg(item ORDER BY since, dossier_id, unit_id) FROM page),
              (SELECT cursor_of(since::text, dossier_id::text, unit_id::text) FROM (SELECT * FROM page ORDER BY since, dossier_id, unit_id OFFSET :limit::integer - 1 LIMIT 1) last),
              :limit::integer) p
WHERE r.campaign = :code AND r.year = :year::integer
