-- name: campaign_list quick
WITH page AS (
    SELECT c.code, campaign_json(c)::json AS item FROM campaigns c
    WHERE $1::text IS NULL OR c.code > (cursor_key($1))[1]
    ORDER BY c.code LIMIT $2::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY code) FROM page),
                        (SELECT array_agg(cursor_of(code) ORDER BY code) FROM page), $2::integer)

-- name: campaign_get quick
SELECT campaign_json(c)::text, c.version FROM campaigns c WHERE c.code = $1

-- name: campaign_load_plan
-- The plan as it stood before comes with it: a statement does not see what its functions write.
SELECT change, version, (SELECT campaign_json(c)::text FROM campaigns c WHERE c.code = $1::jsonb->>'code')
FROM campaign_load($1::jsonb, $2)
