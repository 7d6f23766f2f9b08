-- name: quota_get read ({code}, {year}) -> body, version
SELECT quota_json(r)::text, r.quota_version FROM rounds r WHERE r.campaign = :code AND r.year = :year::integer

-- name: quota_history read ({code}, {year}, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT v.version, json_build_object('version', v.version, 'allocation', (
            SELECT coalesce(json_agg(s.share || jsonb_build_object('group_label', group_label(v.campaign, v.year, s.share ->> 'group')) ORDER BY s.place), '[]')
            FROM jsonb_array_elements(quota_shares_json(v.campaign, v.year, v.version)::jsonb) WITH ORDINALITY s (share, place)),
        'reason', v.reason, 'recorded_by', v.actor_name, 'recorded_by_key_id', v.actor_key,
        'recorded_at', v.recorded_at) AS item
    FROM quota_versions v
    WHERE v.campaign = :code AND v.year = :year::integer AND (:cursor::text IS NULL OR v.version < (cursor_key(:cursor))[1]::integer)
    ORDER BY v.version DESC LIMIT :limit::integer + 1)
SELECT p.* FROM rounds r CROSS JOIN LATERAL
    page_json((SELECT array_agg(item ORDER BY version DESC) FROM page),
              (SELECT cursor_of(version::text) FROM (SELECT * FROM page ORDER BY version DESC OFFSET :limit::integer - 1 LIMIT 1) last), :limit::integer) p
WHERE r.campaign = :code AND r.year = :year::integer

-- name: quota_insert exec (campaign, year, version, reason, actor_key, actor, body)
WITH allocation AS (
    INSERT INTO quota_versions (campaign, year, version, reason, actor_key, actor_name)
    VALUES (:campaign, :year::integer, :version::integer + 1, :reason, :actor_key::uuid, :actor) RETURNING campaign, year, version
)
INSERT INTO quota_shares (campaign, year, version, group_name, cluster, form, slots)
SELECT a.campaign, a.year, a.version, s."group", s.cluster, s.form, s.slots
FROM allocation a, jsonb_to_recordset(:body::jsonb->'allocation') AS s("group" text, cluster text, form text, slots integer)

-- name: quota_faults many (campaign, body) -> place int, member, why, forms_vi, forms_en
-- What the plan's rules say against an allocation: of which form it may be, and whether clusters are compared at all.
WITH rules AS (
    SELECT s.document FROM campaigns k JOIN criteria_sets s ON (s.name, s.version) = (k.criteria_name, k.criteria_version) WHERE k.code = :campaign
), named AS (
    SELECT x.share, x.place, sum((x.share ->> 'slots')::bigint) OVER (PARTITION BY x.share ->> 'form' ORDER BY x.place) AS running
    FROM jsonb_array_elements(:body::jsonb -> 'allocation') WITH ORDINALITY x(share, place))
SELECT n.place - 1 AS place, CASE WHEN w.why = 'cluster_without_key' THEN 'cluster' WHEN w.why = 'form_exceeded' THEN 'slots' ELSE 'form' END AS member,
       w.why, names.vi AS forms_vi, names.en AS forms_en
FROM named n CROSS JOIN rules r
LEFT JOIN LATERAL (SELECT x AS form FROM jsonb_array_elements(r.document -> 'forms') x WHERE x ->> 'form' = n.share ->> 'form') f ON true
CROSS JOIN LATERAL (SELECT CASE
    WHEN NOT r.document ? 'forms' AND n.share ->> 'form' IS NOT NULL THEN 'form_unused'
    WHEN r.document ? 'forms' AND n.share ->> 'form' IS NULL THEN 'form_required'
    WHEN r.document ? 'forms' AND f.form IS NULL THEN 'form_unknown'
    WHEN coalesce(f.form #>> '{places,per}', 'WHOLE') <> 'WHOLE' THEN 'form_by_group'
    WHEN n.share ->> 'cluster' IS NOT NULL AND coalesce((r.document ->> 'semantics')::integer, 1) > 1
         AND NOT r.document -> 'standings' ? 'cluster_by' THEN 'cluster_without_key'
    WHEN n.running > CASE jsonb_typeof(f.form -> 'places') WHEN 'number' THEN (f.form ->> 'places')::bigint
                     ELSE (f.form #>> '{places,number}')::bigint END THEN 'form_exceeded' END AS why) w
LEFT JOIN LATERAL (SELECT string_agg(format('"%s" (%s)', x.f ->> 'form', x.f #>> '{text,vi}'), ', ' ORDER BY x.place) AS vi,
                          string_agg(format('"%s" (%s)', x.f ->> 'form', x.f #>> '{text,en}'), ', ' ORDER BY x.place) AS en
                   FROM jsonb_array_elements(r.document -> 'forms') WITH ORDINALITY x(f, place)) names ON w.why IN ('form_required', 'form_unknown')
WHERE w.why IS NOT NULL ORDER BY n.place

-- name: quota_enforce one (campaign, year) -> version
UPDATE rounds AS r SET quota_version = quota_version + 1, version = version + 1 WHERE campaign = :campaign AND year = :year::integer
RETURNING quota_version AS version

-- name: quota_exceeded many (campaign, year, decision_id) -> share, share_en, slots int, given int, labels
-- By the awards that are there, and those that a decision would add; NULL: by those alone. `labels`: of the units that count in it.
SELECT share, share_en, slots, given, (SELECT string_agg(unit_label(u, make_date(:year::integer, 12, 31)), '; ' ORDER BY u) FROM unnest(units) u) AS labels
FROM shares_exceeded(:campaign, :year::integer, :decision_id::uuid)

-- name: quota_show one (campaign, year) -> json
SELECT quota_json(r)::text AS json FROM rounds r WHERE r.campaign = :campaign AND r.year = :year::integer

-- name: quota_stake stake ({code}, {year}, @unit) -> unit_id, campaign, year
-- An allocation gives places to every group: what one has, the others have not.
SELECT c.unit_id, c.campaign, c.year FROM contestants c
WHERE c.campaign = :code AND c.year = :year::integer AND c.unit_id = ANY (ARRAY(SELECT own_units(:unit::uuid, duty_since(:code, :year::integer))))
