-- name: holiday_list quick
WITH page AS (
    SELECT h.day, holiday_json(h)::json AS item FROM public_holidays h
    WHERE ($1::integer IS NULL OR h.year = $1::integer) AND ($2::text IS NULL OR h.day > (cursor_key($2))[1]::date)
    ORDER BY h.day LIMIT $3::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY day) FROM page),
                        (SELECT array_agg(cursor_of(day::text) ORDER BY day) FROM page), $3::integer)

-- name: holidays_put
SELECT change, before FROM holidays_load($1::jsonb)

-- name: holiday_calendar
SELECT working_calendar($1::integer)::text
