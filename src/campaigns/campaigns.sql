-- name: campaign_list read (?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT c.code, campaign_json(c)::json AS item FROM campaigns c
    WHERE :cursor::text IS NULL OR c.code > (cursor_key(:cursor))[1]
    ORDER BY c.code LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY code) FROM page),
                        (SELECT cursor_of(code) FROM (SELECT * FROM page ORDER BY code OFFSET :limit::integer - 1 LIMIT 1) last), :limit::integer)

-- name: campaign_get read session ({code}) -> body, version
SELECT campaign_json(c)::text, c.version FROM campaigns c WHERE c.code = :code

-- name: campaign_load_plan session (plan, hash) -> change, version, before
-- `before` is the plan as it stood: a statement does not see what its functions write.
SELECT change, version, (SELECT campaign_json(c)::text FROM campaigns c WHERE c.code = :plan::jsonb->>'code') AS before
FROM campaign_load(:plan::jsonb, :hash)
