-- name: holiday_list read (?year, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT h.day, holiday_json(h)::json AS item FROM public_holidays h
    WHERE (:year::integer IS NULL OR h.year = :year::integer) AND (:cursor::text IS NULL OR h.day > (cursor_key(:cursor))[1]::date)
    ORDER BY h.day LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY day) FROM page),
                        (SELECT cursor_of(day::text) FROM (SELECT * FROM page ORDER BY day OFFSET :limit::integer - 1 LIMIT 1) last), :limit::integer)

-- name: holidays_put session (document) -> change, before
SELECT change, before FROM holidays_load(:document::jsonb)

-- name: holiday_calendar one (year) -> calendar
SELECT working_calendar(:year::integer)::text AS calendar
