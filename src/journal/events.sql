-- name: event_row quick many session (after, most) ->
--     seq int, type, restricted bool, campaign, unit_id, reach, resource, json
-- What happened after a number, in order and without gaps. events.c decides who may see what of it. `reach` is the unit
-- and those above it, or that took it over: UUIDs with blanks between. `json` is a CloudEvent.
SELECT j.seq, 'thidua.' || j.type AS type, j.restricted, j.campaign, j.unit_id, unit_reach(j.unit_id) AS reach, j.resource,
       event_json(j)::text AS json
FROM journal j WHERE j.seq > :after::bigint ORDER BY j.seq LIMIT :most::integer

-- name: event_position stream one (@after) -> position int, head int, known int
-- Where a reader goes on: after the event that it names, else at the end. `known`: the last event up to there.
WITH newest AS (SELECT coalesce(max(seq), 0) AS head FROM journal), named AS (SELECT coalesce(:after::bigint, head) AS position, head FROM newest)
SELECT position, head, coalesce((SELECT max(seq) FROM journal WHERE seq <= position), 0) AS known FROM named
