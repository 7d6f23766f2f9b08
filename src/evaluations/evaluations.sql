-- name: evaluation_setting
-- What an evaluation of the round starts from: rules, instant and dates. When it was submitted is known of what is signed; any other
-- unit is judged as if it were submitted now, whenever others were (III.1.c).
SELECT c.sha256, c.name, c.version, to_json(coalesce($3::timestamptz, clock_now())) #>> '{}', r.cap, r.cut_off,
       r.report_cut_off, r.conference_on, local_date(coalesce($3::timestamptz, clock_now())),
       $4::date,
       gen_random_uuid(), (SELECT count(*) FROM contestants x WHERE x.campaign = r.campaign AND x.year = r.year),
       k.clauses
FROM rounds r JOIN campaigns k ON k.code = r.campaign
LEFT JOIN criteria_sets c ON c.name = k.criteria_name AND c.version = k.criteria_version AND c.published_at IS NOT NULL
WHERE r.campaign = $1 AND r.year = $2::integer

-- name: evaluation_quota
SELECT group_name, cluster, slots FROM quota_current WHERE campaign = $1 AND year = $2::integer ORDER BY group_name, cluster

-- name: evaluation_awarded
-- A revoked award frees no place (III.2.b).
SELECT a.unit_id, c.group_name, c.cluster FROM awards a
LEFT JOIN contestants c ON c.campaign = a.campaign AND c.year = a.year AND c.unit_id = a.unit_id
WHERE a.campaign = $1 AND a.year = $2::integer ORDER BY a.unit_id

-- name: evaluation_insert
INSERT INTO evaluations (id, campaign, year, rule_set_name, rule_set_version, rule_set_hash, semantics, as_of, parameters, counts,
                         warnings, created_by, created_by_name, state)
VALUES ($1::uuid, $2, $3::integer, $4, $5::integer, $6, $7::integer, $8::timestamptz, '{}', '{}', '[]', $9::uuid, $10, 'RUNNING')

-- name: evaluation_run
INSERT INTO evaluation_runs (evaluation_id, total)
SELECT $1::uuid, count(*) FROM contestants WHERE campaign = $2 AND year = $3::integer

-- name: evaluation_beat
UPDATE evaluation_runs SET done = $2::bigint, beat_at = clock_timestamp() WHERE evaluation_id = $1::uuid

-- name: evaluation_fail
WITH run AS (UPDATE evaluation_runs SET failed_request = $2 WHERE evaluation_id = $1::uuid RETURNING evaluation_id)
UPDATE evaluations SET state = 'FAILED' WHERE id = (SELECT evaluation_id FROM run)
RETURNING evaluation_json(evaluations)::text

-- name: verdict_copy
COPY verdicts (evaluation_id, unit_id, overall, facts, results) FROM STDIN (FORMAT binary)

-- name: evaluation_finish
-- A new one at once, or one that was entered before.
INSERT INTO evaluations AS e (id, campaign, year, semantics, as_of, created_by, created_by_name, state, input_hash, result_hash, counts,
                              warnings, parameters, inputs, rule_set_name, rule_set_version, rule_set_hash, standings)
VALUES ($1::uuid, $2, $3::integer, $4::integer, $5::timestamptz, $6::uuid, $7, 'DONE', $8, $9, $10::jsonb, $11::jsonb, $12::jsonb,
        $13::jsonb, $14, $15::integer, $16, $17::bytea)
ON CONFLICT (id) DO UPDATE SET (state, input_hash, result_hash, counts, warnings, parameters, inputs, rule_set_name, rule_set_version,
                                rule_set_hash, standings) =
    (EXCLUDED.state, EXCLUDED.input_hash, EXCLUDED.result_hash, EXCLUDED.counts, EXCLUDED.warnings, EXCLUDED.parameters, EXCLUDED.inputs,
     EXCLUDED.rule_set_name, EXCLUDED.rule_set_version, EXCLUDED.rule_set_hash, EXCLUDED.standings)
RETURNING evaluation_json(e)::text

-- name: evaluation_show read one ({id}, @offices) -> body, version
-- What people decided, with their reasons, is for offices; so are the counts, which over a few units tell of each what only its own
-- verdict may, that proceedings are open (DEFERRED).
SELECT CASE WHEN :offices::boolean THEN evaluation_json(e, true)::text
            ELSE (evaluation_json(e, false)::jsonb || '{"counts": {}}')::text END, NULL
FROM evaluations e WHERE e.id = :id::uuid

-- name: evaluation_list read ({code}, {year}, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT e.created_at, e.id, evaluation_json(e) AS item FROM evaluations e
    WHERE e.campaign = :code AND e.year = :year::integer
      AND (:cursor::text IS NULL OR (e.created_at, e.id) > ((cursor_key(:cursor))[1]::timestamptz, (cursor_key(:cursor))[2]::uuid))
    ORDER BY e.created_at, e.id LIMIT :limit::integer + 1)
SELECT answer.* FROM rounds r, page_json((SELECT array_agg(item ORDER BY created_at, id) FROM page),
                                         (SELECT array_agg(cursor_of(created_at::text, id::text) ORDER BY created_at, id) FROM page),
                                         :limit::integer) answer
WHERE r.campaign = :code AND r.year = :year::integer

-- name: evaluation_stored binary
-- What an evaluation was made by, as text (but for the standings).
SELECT e.rule_set_hash, e.semantics::text, e.parameters::text, e.inputs::text, e.input_hash, e.result_hash, e.standings,
       e.state, e.year::text, (SELECT count(*) FROM verdicts v WHERE v.evaluation_id = e.id)::text, e.campaign
FROM evaluations e WHERE e.id = $1::uuid

-- name: evaluation_journalled
-- The hashes as the journal has them, which nobody can change unseen.
SELECT j.after ->> 'input_hash', j.after ->> 'result_hash' FROM journal j
WHERE j.resource = '/v1/evaluations/' || $1::text AND j.type = 'evaluation.created' ORDER BY j.id LIMIT 1

-- name: verdict_stored binary
-- A unit sees its own subtree.
SELECT v.unit_id::text, v.facts, v.results, cursor_of(v.unit_id::text) FROM verdicts v
WHERE v.evaluation_id = $1::uuid AND v.unit_id = $2::uuid AND ($3::boolean OR unit_within(v.unit_id, $4::uuid))

-- name: verdict_page binary
SELECT v.unit_id::text, v.facts, v.results, cursor_of(v.unit_id::text), to_json(unit_label(v.unit_id, make_date($7::integer, 12, 31)))::text
FROM verdicts v
WHERE v.evaluation_id = $1::uuid AND ($2::boolean OR unit_within(v.unit_id, $3::uuid))
  AND ($4::text IS NULL OR v.overall = $4)
  AND ($5::text IS NULL OR v.unit_id > (cursor_key($5))[1]::uuid)
ORDER BY v.unit_id LIMIT $6::integer + 1

-- name: verdict_stream binary
SELECT v.unit_id::text, v.facts, v.results, v.overall FROM verdicts v
WHERE v.evaluation_id = $1::uuid AND v.unit_id > $2::uuid ORDER BY v.unit_id LIMIT 2000

-- name: verdict_labels
SELECT label, to_json(label)::text
FROM verdicts v, LATERAL (SELECT unit_label(v.unit_id, make_date($2::integer, 12, 31)) AS label OFFSET 0) named
WHERE v.evaluation_id = $1::uuid ORDER BY v.unit_id
