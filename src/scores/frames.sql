-- name: frame_get read one ({name}, {year}) -> body, version
SELECT (frame_json(f) || jsonb_build_object('nodes', frame_nodes_json(f)))::text, f.version
FROM score_frames f WHERE f.name = :name AND f.year = :year::integer

-- name: frame_list read (?year, ?tier, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT f.year, f.name, frame_json(f)::json AS item FROM score_frames f
    WHERE (:year::integer IS NULL OR f.year = :year::integer)
      AND (:tier::score_tier IS NULL OR f.tier = :tier::score_tier)
      AND (:cursor::text IS NULL OR (f.year, f.name) > ((cursor_key(:cursor))[1]::integer, (cursor_key(:cursor))[2]))
    ORDER BY f.year, f.name LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY year, name) FROM page),
                        (SELECT cursor_of(year::text, name) FROM (SELECT * FROM page ORDER BY year, name OFFSET :limit::integer - 1 LIMIT 1) last), :limit::integer)

-- name: frame_lock later (name, year)
-- Apart from frame_stand: a statement that waited for the lock still sees the nodes as they were before.
SELECT FROM score_frames WHERE name = :name AND year = :year::integer FOR NO KEY UPDATE

-- name: frame_stand maybe (name, year) -> version, json
SELECT version, (frame_json(f) || jsonb_build_object('nodes', frame_nodes_json(f)))::text AS json
FROM score_frames f WHERE name = :name AND year = :year::integer

-- name: frame_unused exec (name, year)
-- After frame_lock, in a snapshot of its own: a card that is being made holds the frame FOR SHARE, so it is seen here.
SELECT FROM (SELECT FROM scorecards WHERE frame = :name AND year = :year::integer LIMIT 1) used WHERE refuse('score_frame_used')

-- name: frame_create exec (name, year, body)
INSERT INTO score_frames (name, year, tier, legal_basis)
SELECT :name, :year::integer, tier, legal_basis FROM jsonb_to_record(:body::jsonb) AS b(tier score_tier, legal_basis text)

-- name: frame_change exec (name, year, body)
UPDATE score_frames SET tier = b.tier, legal_basis = b.legal_basis, version = version + 1, recorded_at = clock_now()
FROM jsonb_to_record(:body::jsonb) AS b(tier score_tier, legal_basis text)
WHERE name = :name AND year = :year::integer

-- name: frame_clear exec (name, year)
DELETE FROM score_nodes WHERE frame = :name AND year = :year::integer

-- name: frame_fill exec (name, year, body)
WITH nodes AS (
    SELECT * FROM ROWS FROM (jsonb_to_recordset(:body::jsonb -> 'nodes')
        AS (code text, parent text, kind score_kind, maximum text, text_vi text, text_en text))
        WITH ORDINALITY AS n(code, parent, kind, maximum, text_vi, text_en, position))
INSERT INTO score_nodes (frame, year, position, code, parent, kind, maximum, leaf, text_vi, text_en)
SELECT :name, :year::integer, position, code, parent, kind, hundredths_of(maximum),
       NOT EXISTS (SELECT FROM nodes child WHERE child.parent = n.code), text_vi, text_en FROM nodes n
