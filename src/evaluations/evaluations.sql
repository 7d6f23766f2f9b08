-- name: evaluation_setting one (campaign, year, as_of, submitted_on) ->
--     rules_hash, rules_name, rules_version, as_of, cap int, cut_off, report_cut_off, conference_on, as_of_date, submitted_on,
--     evaluation_id, contestants int, clauses, parameters, first_day, last_day
-- What an evaluation of the round starts from: rules, instant and dates. When it was submitted is known of what is signed, and in a
-- closed round: by its last submission, if that had been made on the day that is judged. Before, a unit is judged as if it were
-- submitted now, whenever others were: it may still be (III.1.c).
SELECT c.sha256 AS rules_hash, c.name AS rules_name, c.version AS rules_version,
       to_json(coalesce(:as_of::timestamptz, clock_now())) #>> '{}' AS as_of, r.cap, r.cut_off, r.report_cut_off, r.conference_on,
       local_date(coalesce(:as_of::timestamptz, clock_now())) AS as_of_date, coalesce(:submitted_on::date, (
           SELECT max(local_date(p.submitted_at)) FROM proposals p
           WHERE p.campaign = r.campaign AND p.year = r.year AND p.state IN ('SUBMITTED', 'DECIDED')
             AND r.state = 'CLOSED'
           HAVING max(p.submitted_at) <= coalesce(:as_of::timestamptz, clock_now()))) AS submitted_on,
       gen_random_uuid() AS evaluation_id,
       (SELECT count(*) FROM contestants x WHERE x.campaign = r.campaign AND x.year = r.year) AS contestants, k.clauses,
       r.parameters::text, r.first_day, r.last_day
FROM rounds r JOIN round_plans k ON k.campaign = r.campaign AND k.year = r.year
LEFT JOIN criteria_sets c ON c.name = k.criteria_name AND c.version = k.criteria_version AND c.published_at IS NOT NULL
WHERE r.campaign = :campaign AND r.year = :year::integer

-- name: evaluation_quota many (campaign, year) -> group_name, cluster, form, slots int
SELECT group_name, cluster, form, slots FROM quota_current WHERE campaign = :campaign AND year = :year::integer ORDER BY group_name, cluster

-- name: evaluation_field many (campaign, year) -> group_name, cluster, contestants int, nominees int
-- What shares of places are shares of. A nominee counts from when its dossier stands.
SELECT c.group_name, c.cluster, count(*) AS contestants, count(*) FILTER (WHERE dossier_of(c.campaign, c.year, c.unit_id) IS NOT NULL) AS nominees
FROM contestants c WHERE c.campaign = :campaign AND c.year = :year::integer GROUP BY c.group_name, c.cluster ORDER BY c.group_name, c.cluster NULLS FIRST

-- name: evaluation_awarded many (campaign, year) -> unit_id, group_name, cluster, form, tier
-- A revoked award frees no place (III.2.b).
SELECT a.unit_id, c.group_name, c.cluster, a.form, a.tier FROM awards a
LEFT JOIN contestants c ON c.campaign = a.campaign AND c.year = a.year AND c.unit_id = a.unit_id
WHERE a.campaign = :campaign AND a.year = :year::integer ORDER BY a.unit_id

-- name: evaluation_insert exec (id, campaign, year, rule_set_name, rule_set_version, rule_set_hash, semantics int, as_of, created_by,
--     created_by_name)
INSERT INTO evaluations (id, campaign, year, rule_set_name, rule_set_version, rule_set_hash, semantics, as_of, parameters, counts,
                         warnings, created_by, created_by_name, state)
VALUES (:id::uuid, :campaign, :year::integer, :rule_set_name, :rule_set_version::integer, :rule_set_hash,
        :semantics::integer, :as_of::timestamptz, '{}', '{}', '[]', :created_by::uuid, :created_by_name, 'RUNNING')

-- name: evaluation_run exec (evaluation_id, campaign, year)
INSERT INTO evaluation_runs (evaluation_id, total)
SELECT :evaluation_id::uuid, count(*) FROM contestants WHERE campaign = :campaign AND year = :year::integer

-- name: evaluation_entered one (id) -> json, listed
SELECT evaluation_json(e)::text AS json, listed_evaluation_json(e)::text AS listed FROM evaluations e WHERE e.id = :id::uuid

-- name: evaluation_beat session (evaluation_id, done int)
UPDATE evaluation_runs SET done = :done::bigint, beat_at = clock_timestamp() WHERE evaluation_id = :evaluation_id::uuid

-- name: evaluation_fail one (evaluation_id, failed_request) -> json
WITH run AS (UPDATE evaluation_runs SET failed_request = :failed_request WHERE evaluation_id = :evaluation_id::uuid RETURNING evaluation_id)
UPDATE evaluations SET state = 'FAILED' WHERE id = (SELECT evaluation_id FROM run)
RETURNING listed_evaluation_json(evaluations)::text AS json

-- name: verdict_copy copy ()
COPY verdicts (evaluation_id, unit_id, overall, facts, results, stamp, outcomes) FROM STDIN (FORMAT binary)

-- name: evaluation_finish one (id, campaign, year, semantics int, as_of, created_by, created_by_name, input_hash, result_hash, counts,
--     warnings, parameters, inputs, rule_set_name, rule_set_version, rule_set_hash, facts_mark, counted_places, standings bytes) -> json, listed
-- A new one at once, or one that was entered before. Where no mark is given, its verdicts are read for it.
INSERT INTO evaluations AS e (id, campaign, year, semantics, as_of, created_by, created_by_name, state, input_hash, result_hash, counts,
                              warnings, parameters, inputs, rule_set_name, rule_set_version, rule_set_hash, standings,
                              setting_mark, places_mark, cap, quota_version, facts_mark, counted_places)
VALUES (:id::uuid, :campaign, :year::integer, :semantics::integer, :as_of::timestamptz, :created_by::uuid, :created_by_name, 'DONE',
        :input_hash, :result_hash, :counts::jsonb, :warnings::jsonb, :parameters::jsonb, :inputs::jsonb,
        :rule_set_name, :rule_set_version::integer, :rule_set_hash, :standings::bytea,
        round_setting_mark(:campaign, :year::integer), round_places_mark(:campaign, :year::integer),
        (SELECT r.cap FROM rounds r WHERE r.campaign = :campaign AND r.year = :year::integer),
        (SELECT r.quota_version FROM rounds r WHERE r.campaign = :campaign AND r.year = :year::integer),
        CASE WHEN (:counts::jsonb ->> 'contestants')::bigint <= 20000 THEN coalesce(:facts_mark::bigint, verdicts_facts_mark(:id::uuid)) END,
        :counted_places::jsonb)
ON CONFLICT (id) DO UPDATE SET (state, input_hash, result_hash, counts, warnings, parameters, inputs, rule_set_name, rule_set_version,
                                rule_set_hash, standings, setting_mark, places_mark, cap, quota_version, facts_mark, counted_places) =
    (EXCLUDED.state, EXCLUDED.input_hash, EXCLUDED.result_hash, EXCLUDED.counts, EXCLUDED.warnings, EXCLUDED.parameters, EXCLUDED.inputs,
     EXCLUDED.rule_set_name, EXCLUDED.rule_set_version, EXCLUDED.rule_set_hash, EXCLUDED.standings, EXCLUDED.setting_mark,
     EXCLUDED.places_mark, EXCLUDED.cap, EXCLUDED.quota_version, EXCLUDED.facts_mark, EXCLUDED.counted_places)
RETURNING evaluation_json(e)::text AS json, listed_evaluation_json(e)::text AS listed

-- name: evaluation_show read one ({id}, @offices bool) -> body, version
-- What people decided, with their reasons, is for offices; so are the counts, which over a few units tell of each what only its own
-- verdict may, that proceedings are open (DEFERRED); and so are the numbers of the round (round_parameters_json).
SELECT CASE WHEN :offices::boolean THEN evaluation_json(e, true)::text
            ELSE (evaluation_json(e, false)::jsonb || jsonb_build_object('counts', '{}'::jsonb, 'parameters', e.parameters - 'limits'))::text END, NULL
FROM evaluations e WHERE e.id = :id::uuid AND evaluation_told(e.id, :offices::boolean)

-- name: evaluation_list read ({code}, {year}, ?cursor, ?limit) -> body, version, next
-- Newest first. By their position, for instants may be equal.
WITH page AS (
    SELECT e.position, listed_evaluation_json(e) AS item FROM evaluations e
    WHERE e.campaign = :code AND e.year = :year::integer
      AND (:cursor::text IS NULL OR e.position < (cursor_key(:cursor))[1]::bigint)
    ORDER BY e.position DESC LIMIT :limit::integer + 1)
SELECT answer.* FROM rounds r, page_json((SELECT array_agg(item ORDER BY position DESC) FROM page),
                                         (SELECT cursor_of(position::text) FROM (SELECT * FROM page ORDER BY position DESC OFFSET :limit::integer - 1 LIMIT 1) last),
                                         :limit::integer) answer
WHERE r.campaign = :code AND r.year = :year::integer

-- name: evaluation_stored one (id, offices bool) ->
--     rule_set_hash, semantics int, parameters, registers, input_hash, result_hash, ranked bool, state, year, campaign
-- What an evaluation was made by, as far as one verdict asks for it. Of which the caller may not know yet, there is none.
SELECT e.rule_set_hash, e.semantics, e.parameters::text, coalesce(e.registers, '{}')::text AS registers, e.input_hash, e.result_hash,
       e.standings IS NOT NULL AS ranked, e.state, e.year::text, e.campaign
FROM evaluations e WHERE e.id = :id::uuid AND evaluation_told(e.id, :offices::boolean)

-- name: evaluation_inputs one (id) -> inputs, counted_places, standings bytes
-- The rest of it, of all units together.
SELECT e.inputs::text, e.counted_places::text, e.standings FROM evaluations e WHERE e.id = :id::uuid

-- name: evaluation_journalled maybe (id) -> input_hash, result_hash
-- The hashes as the journal has them, which nobody can change unseen.
SELECT j.after ->> 'input_hash' AS input_hash, j.after ->> 'result_hash' AS result_hash FROM journal j
WHERE j.resource = '/v1/evaluations/' || :id::text AND j.type = 'evaluation.created' ORDER BY j.id LIMIT 1

-- name: verdict_stored maybe (evaluation_id, unit_id, offices bool, caller_unit) ->
--     stored_verdict: unit_id, overall, facts bytes, results bytes
-- A unit sees its own subtree.
SELECT v.unit_id::text, v.overall, v.facts, v.results FROM verdicts v
WHERE v.evaluation_id = :evaluation_id::uuid AND v.unit_id = :unit_id::uuid AND subtree_visible(v.unit_id, :offices::boolean, :caller_unit::uuid)

-- name: verdict_changes one (evaluation_id, campaign, year, publication) -> units
-- What is new in the verdicts of an evaluation against the newest earlier one on the unit, as record_each() takes it; NULL: nothing. A trial
-- tells nobody, and neither does one of which units may not know yet. The decision whose publication lets it be told; NULL: it is told when made.
SELECT jsonb_agg(jsonb_build_object('unit_id', c.unit_id,
           'resource', format('/v1/campaigns/%s/rounds/%s/verdicts/%s', :campaign::text, :year::text, c.unit_id),
           'before', CASE WHEN c.earlier IS NOT NULL THEN jsonb_build_object('evaluation_id', c.earlier, 'overall', c.before) END,
           'after', jsonb_build_object('evaluation_id', :evaluation_id::uuid, 'overall', c.after)) ORDER BY c.unit_id)::text AS units
FROM verdicts_changed(:evaluation_id::uuid, :campaign, :year::integer, :publication::uuid) c
WHERE current_setting('thidua.trial', true) IS DISTINCT FROM 'on' AND evaluation_told(:evaluation_id::uuid, false)

-- name: evaluation_told_by many (decision_id) -> id, campaign, year
-- Those of which units may know from the publication of this decision on (evaluation_told), but for rounds of which nobody is told (run_tell).
SELECT e.id, e.campaign, e.year::text AS year
FROM (SELECT d.evaluation_id AS id FROM decisions d WHERE d.id = :decision_id::uuid
      UNION SELECT u.evaluation_id FROM evaluations_untold u WHERE u.decision_id = :decision_id::uuid) made JOIN evaluations e ON e.id = made.id
WHERE evaluation_told(e.id, false)
  AND (SELECT sum(t.number) FROM round_tallies t WHERE t.campaign = e.campaign AND t.year = e.year AND t.counted = 'contestants') <= 20000
ORDER BY e.position

-- name: unit_verdict maybe stream ({code}, {year}, {unit_id}, @offices bool, @unit) ->
--     evaluation_id, unit_id, as_of, stale, label, overall, facts bytes, results bytes
-- The newest evaluation that concerns the unit and of which the caller may know. Those of some units are found by the unit. Those of the whole round
-- are asked one after another, the newest first, by OFFSET 0: most often that is it. Joined, all verdicts would be looked through for the unit.
SELECT e.id::text AS evaluation_id, v.unit_id::text AS unit_id, to_json(e.as_of) #>> '{}' AS as_of,
       verdict_stale(e.campaign, e.year, e.setting_mark, v.unit_id, v.stamp)::text AS stale,
       unit_label(v.unit_id, make_date(e.year, 12, 31)) AS label, v.overall, v.facts, v.results
FROM (SELECT (SELECT s.position FROM evaluation_units s
              WHERE s.unit_id = :unit_id::uuid AND s.campaign = :code AND s.year = :year::integer
                AND evaluation_told(s.evaluation_id, :offices::boolean) AND s.position <= (SELECT evaluations_through(:code, :year::integer))
              ORDER BY s.position DESC LIMIT 1) AS some,
             (SELECT w.position FROM evaluations w
              WHERE w.campaign = :code AND w.year = :year::integer AND w.state = 'DONE' AND NOT w.warnings @> '[{"code": "PARTIAL"}]'
                AND evaluation_told(w.id, :offices::boolean) AND w.position <= (SELECT evaluations_through(:code, :year::integer))
                AND EXISTS (SELECT FROM verdicts x WHERE x.evaluation_id = w.id AND x.unit_id = :unit_id::uuid OFFSET 0)
              ORDER BY w.position DESC LIMIT 1) AS whole
      WHERE subtree_visible(:unit_id::uuid, :offices::boolean, :unit::uuid)) newest
JOIN evaluations e ON e.campaign = :code AND e.year = :year::integer AND e.position = greatest(newest.some, newest.whole)
CROSS JOIN LATERAL (SELECT * FROM verdicts x WHERE x.evaluation_id = e.id AND x.unit_id = :unit_id::uuid OFFSET 0) v

-- name: verdict_page many (evaluation_id, offices bool, caller_unit, overall, cursor, limit, campaign, year) ->
--     unit_id, overall, facts bytes, results bytes, cursor, label
-- An outcome that no unit has is looked for nowhere. Else pages are walked in their order, from the cursor on: coalesce() hides from PostgreSQL
-- how rare it may be, or it would read the verdicts of all evaluations and sort them. A unit's page is made of what is below it. Of what a page
-- is made it has no more than some 4 MB (tools/embed_statements.py), and the row after it: a unit may have thousands of facts.
WITH asked AS MATERIALIZED (
    SELECT coalesce((cursor_key(:cursor))[1]::uuid, '00000000-0000-0000-0000-000000000000') AS after
    WHERE :overall::text IS NULL OR (SELECT (e.counts ->> :overall)::bigint > 0 FROM evaluations e WHERE e.id = :evaluation_id::uuid)
)
SELECT v.unit_id::text, v.overall, v.facts, v.results, cursor_of(v.unit_id::text) AS cursor,
       to_json(coalesce(l.label, unit_label(v.unit_id, make_date(:year::integer, 12, 31))))::text AS label
FROM (
    SELECT either.*, sum(octet_length(facts) + octet_length(results)) OVER (ORDER BY unit_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM (
        (SELECT v.* FROM verdicts v
         WHERE :offices::boolean AND v.evaluation_id = :evaluation_id::uuid
           AND (:overall::text IS NULL OR coalesce(v.overall = :overall, false)) AND v.unit_id > (SELECT after FROM asked)
         ORDER BY v.unit_id LIMIT :limit::integer + 1)
        UNION ALL
        SELECT v.* FROM verdicts_below(:evaluation_id::uuid, CASE WHEN NOT :offices::boolean THEN :caller_unit::uuid END) v
        WHERE (:overall::text IS NULL OR coalesce(v.overall = :overall, false)) AND v.unit_id > (SELECT after FROM asked)
        ORDER BY unit_id LIMIT :limit::integer + 1) either) v
LEFT JOIN LATERAL (SELECT k.label FROM contestant_labels k WHERE (k.campaign, k.year, k.unit_id) = (:campaign, :year::integer, v.unit_id) OFFSET 0) l
    ON true
WHERE coalesce(v.before, 0) <= 4000000 ORDER BY v.unit_id

-- name: verdict_stream session (evaluation_id, after) -> stored_verdict: unit_id, overall, facts bytes, results bytes
-- Together no more than some 4 MB, and the row after it, as pages of verdicts.
SELECT w.unit_id::text, w.overall, w.facts, w.results
FROM (SELECT v.*, sum(octet_length(facts) + octet_length(results)) OVER (ORDER BY unit_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
      FROM (SELECT * FROM verdicts WHERE evaluation_id = :evaluation_id::uuid AND unit_id > :after::uuid ORDER BY unit_id LIMIT 2000) v) w
WHERE coalesce(w.before, 0) <= 4000000 ORDER BY w.unit_id

-- name: verdict_labels many (evaluation_id, campaign, year) -> label, json
-- What units of the register are called is kept; others are asked for.
SELECT u.label, to_json(u.label)::text AS json
FROM (SELECT v.unit_id, coalesce(l.label, unit_label(v.unit_id, make_date(:year::integer, 12, 31))) AS label
      FROM verdicts v LEFT JOIN contestant_labels l ON (l.campaign, l.year, l.unit_id) = (:campaign, :year::integer, v.unit_id)
      WHERE v.evaluation_id = :evaluation_id::uuid) u
ORDER BY u.unit_id

-- name: verdict_label one (unit, year) -> label
-- What the unit was called at the end of the award year.
SELECT unit_label(:unit::uuid, make_date(:year::integer, 12, 31)) AS label
