-- name: event_row quick many session (after, most, type, campaign, unit_id) ->
--     seq int, type, restricted bool, campaign, unit_id, reach, resource, resumed_after int, json
-- What happened after a number, in order and without gaps. events.c decides who may see what of it. `reach` is the unit
-- and those above it, or that took it over: UUIDs with blanks between. `json` is a CloudEvent.
-- A unit is looked up once, however many events it has. What a filter leaves out is told of by its number, and not looked up or written out; but
-- that numbers went on after a restore is not only for who asks for that. Whole rows pass through no step: each would be made with all that its
-- resource was before and after, of which an event holds nothing.
WITH page AS MATERIALIZED (
    SELECT j.seq, j.type, j.restricted, j.campaign, j.unit_id, j.resource, (:type::text IS NULL OR 'thidua.' || j.type = :type) AND (:campaign::text IS NULL OR coalesce(j.campaign = :campaign, false))
              AND (:unit_id::uuid IS NULL OR coalesce(j.unit_id = :unit_id::uuid, false)) AS wanted
    FROM journal j WHERE j.seq > :after::bigint ORDER BY j.seq LIMIT :most::integer
), named AS MATERIALIZED (
    SELECT u.id, label FROM (SELECT DISTINCT unit_id AS id FROM page WHERE wanted) u CROSS JOIN (SELECT today() AS day OFFSET 0) asked
    LEFT JOIN LATERAL unit_named(u.id, asked.day) label ON true
)
SELECT page.seq, 'thidua.' || page.type AS type, page.restricted, page.campaign, page.unit_id, r.reach, page.resource,
       CASE WHEN page.type = 'journal.resumed' THEN (SELECT (j.before ->> 'seq')::bigint FROM journal j WHERE j.seq = page.seq) END AS resumed_after,
       CASE WHEN page.wanted OR page.type = 'journal.resumed' THEN (SELECT event_json(j, i.id, named.label)::text FROM journal j WHERE j.seq = page.seq) END AS json
FROM page CROSS JOIN installation i LEFT JOIN named ON named.id = page.unit_id
LEFT JOIN unit_reaches(ARRAY(SELECT id FROM named)) r ON r.unit_id = named.id ORDER BY page.seq

-- name: event_position stream one (@after, ?campaign) -> position int, head int, known int
-- Where a reader goes on: after the event that it names, else at the end. `known`: the last event up to there.
WITH newest AS (SELECT coalesce(max(seq), 0) AS head FROM journal), named AS (SELECT coalesce(:after::bigint, head) AS position, head FROM newest)
SELECT position, head, coalesce((SELECT max(seq) FROM journal WHERE seq <= position), 0) AS known FROM named
WHERE :campaign::text IS NULL OR (SELECT campaign_known('campaign_filter', :campaign))
