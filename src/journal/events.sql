-- name: event_rows quick
-- What happened after a number, in order and without gaps; who may see what of it is decided in events.c.
SELECT j.seq, 'thidua.' || j.type, j.restricted, j.campaign, j.unit_id, unit_reach(j.unit_id), j.resource,
       event_json(j)::text
FROM journal j WHERE j.seq > $1::bigint ORDER BY j.seq LIMIT $2::integer

-- name: event_position quick
-- Where a stream begins: after the event that the caller names, else at the end.
SELECT coalesce($1::bigint, max(seq), 0), coalesce(max(seq), 0) FROM journal WHERE seq IS NOT NULL
