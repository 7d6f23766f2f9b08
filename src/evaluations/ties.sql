-- name: tie_decision_insert one (campaign, year, body, recorded_by, recorded_by_name) -> id
-- Only units that are compared with one another can tie: of one group, and where the rules compare inside clusters, of one cluster
-- (III.1.a).
WITH body AS (
    SELECT :body::jsonb AS b
), named AS (
    SELECT u.unit_id::uuid AS unit_id, u.place FROM body, jsonb_array_elements_text(b -> 'units') WITH ORDINALITY AS u(unit_id, place)
), clustered AS (
    SELECT s.document #> '{standings,cluster_by}' IS NOT NULL AS yes FROM campaigns k
    JOIN criteria_sets s ON (s.name, s.version) = (k.criteria_name, k.criteria_version) WHERE k.code = :campaign
), made AS (
    INSERT INTO tie_decisions (campaign, year, form, method, reason, document, recorded_by, recorded_by_name)
    SELECT :campaign, :year::integer, b ->> 'form', b ->> 'method', b ->> 'reason', b ->> 'document', :recorded_by::uuid, :recorded_by_name FROM body
    WHERE ((SELECT count(*) FROM named) = (SELECT count(DISTINCT unit_id) FROM named) OR refuse('tie_decision_units_once'))
      AND (NOT EXISTS (SELECT FROM named LEFT JOIN contestants c
                       ON c.campaign = :campaign AND c.year = :year::integer AND c.unit_id = named.unit_id
                       WHERE c.unit_id IS NULL) OR refuse('tie_decision_not_registered'))
      AND (body.b ->> 'form' IS NULL OR EXISTS (
               SELECT FROM campaigns k JOIN criteria_sets s ON (s.name, s.version) = (k.criteria_name, k.criteria_version)
               WHERE k.code = :campaign AND s.forms @> jsonb_build_array(jsonb_build_object('form', body.b ->> 'form')))
           OR refuse('tie_decision_form'))
      AND ((SELECT count(DISTINCT (c.group_name, CASE WHEN clustered.yes THEN c.cluster END)) FROM clustered, named
            JOIN contestants c ON c.campaign = :campaign AND c.year = :year::integer AND c.unit_id = named.unit_id) = 1
           OR refuse('tie_decision_one_group'))
    RETURNING id
), entered AS (
    INSERT INTO tie_decision_units (decision_id, place, unit_id) SELECT made.id, named.place, named.unit_id FROM made, named RETURNING place
)
SELECT made.id FROM made WHERE (SELECT count(*) FROM entered) > 0

-- name: tie_decision_asked many (campaign, year, body) -> place int, unit_id, label, why, group_name
-- Of the units that the body names, each with what stands against it: all must be compared with the first that is registered.
WITH named AS (
    SELECT u.id::uuid AS unit_id, u.place, row_number() OVER (PARTITION BY u.id::uuid ORDER BY u.place) > 1 AS repeated
    FROM jsonb_array_elements_text(:body::jsonb -> 'units') WITH ORDINALITY AS u(id, place)
), clustered AS (
    SELECT s.document #> '{standings,cluster_by}' IS NOT NULL AS yes FROM campaigns k
    JOIN criteria_sets s ON (s.name, s.version) = (k.criteria_name, k.criteria_version) WHERE k.code = :campaign
), placed AS (
    SELECT n.*, c.group_name, concat_ws('/', c.group_name, CASE WHEN (SELECT yes FROM clustered) THEN c.cluster END) AS compared
    FROM named n LEFT JOIN contestants c ON c.campaign = :campaign AND c.year = :year::integer AND c.unit_id = n.unit_id
), judged AS (
    SELECT p.*, CASE WHEN p.repeated THEN 'repeated' WHEN p.group_name IS NULL THEN 'not_registered'
                WHEN p.compared <> (SELECT f.compared FROM placed f WHERE f.group_name IS NOT NULL ORDER BY f.place LIMIT 1) THEN 'other_group'
                END AS why FROM placed p)
SELECT j.place - 1 AS place, j.unit_id, unit_label(j.unit_id, make_date(:year::integer, 12, 31)) AS label, j.why, j.compared AS group_name
FROM judged j WHERE j.why IS NOT NULL ORDER BY j.why <> 'repeated', j.why <> 'not_registered', j.place

-- name: tie_decision_show read one ({code}, {year}, {decision_id}) -> body, version
SELECT tie_decision_json(d)::text, NULL FROM tie_decisions d WHERE d.campaign = :code AND d.year = :year::integer AND d.id = :decision_id::uuid

-- name: tie_decision_list read ({code}, {year}, ?cursor, ?limit) -> body, version, next
-- The labels of units cost more than their bytes say: a page ends after some 2,500 of them.
WITH page AS (
    SELECT d.position, tie_decision_json(d) AS item, 1600 * (SELECT count(*) FROM tie_decision_units u WHERE u.decision_id = d.id) AS weight FROM tie_decisions d
    WHERE d.campaign = :code AND d.year = :year::integer AND (:cursor::text IS NULL OR d.position > (cursor_key(:cursor))[1]::bigint)
    ORDER BY d.position LIMIT :limit::integer + 1)
SELECT p.* FROM rounds r CROSS JOIN LATERAL
    page_json((SELECT array_agg(item ORDER BY position) FROM page),
              (SELECT cursor_of(position::text) FROM (SELECT * FROM page ORDER BY position OFFSET :limit::integer - 1 LIMIT 1) last), :limit::integer) p
WHERE r.campaign = :code AND r.year = :year::integer

-- name: tie_decisions_in_force one (campaign, year) -> ties
-- Those that are the newest of the form on each of their units.
WITH named AS (
    SELECT d.id, d.method, d.form, d.position, u.place, u.unit_id, d.position = max(d.position) OVER (PARTITION BY d.form, u.unit_id) AS newest
    FROM tie_decisions d JOIN tie_decision_units u ON u.decision_id = d.id WHERE d.campaign = :campaign AND d.year = :year::integer
), whole AS (
    SELECT n.position, json_strip_nulls(json_build_object('id', n.id, 'method', n.method, 'form', n.form,
               'order', json_agg(n.unit_id ORDER BY n.place))) AS tie
    FROM named n GROUP BY n.id, n.method, n.form, n.position HAVING bool_and(n.newest))
SELECT coalesce(json_agg(tie ORDER BY position), '[]'::json)::text AS ties FROM whole

-- name: tie_stake stake ({code}, {year}, @body) -> unit_id, campaign, year
SELECT u.id::uuid AS unit_id, :code AS campaign, :year::integer AS year FROM jsonb_array_elements_text(:body::jsonb -> 'units') u(id)
