-- name: dossier_scope one (nominator, own) -> within bool, ended bool
SELECT unit_within(:nominator::uuid, :own::uuid) AS within, unit_ended(:own::uuid) AS ended

-- name: dossier_create one (body, on_paper bool) -> id, version, json
INSERT INTO dossiers (campaign, year, nominator_id, on_behalf_of_id, on_behalf_reason, on_paper)
SELECT campaign, year, nominator_unit_id, on_behalf_of_unit_id, reason, :on_paper::boolean
FROM jsonb_to_record(:body::jsonb)
    AS b(campaign text, year integer, nominator_unit_id uuid, on_behalf_of_unit_id uuid, reason text)
RETURNING id, version, dossier_json(dossiers, true)::text AS json

-- name: dossier_get read ({id}, @unit, @roles) -> body, version
SELECT dossier_json(d, dossier_votes_shown(d, :unit::uuid, :roles::integer))::text, d.version
FROM dossiers d WHERE d.id = :id::uuid AND dossier_shown(d, :unit::uuid, :roles::integer)

-- name: dossier_list read (?campaign, ?year, ?state, ?nominator_unit_id, ?nominee_unit_id, ?late, @unit, @roles, @offices, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT d, d.created_at, d.id, 3000 + 3000 * (SELECT count(*) FROM nominations n WHERE n.dossier_id = d.id)
                                      + 700 * (SELECT count(*) FROM documents x WHERE x.dossier_id = d.id AND x.superseded_at IS NULL) AS weight
    FROM dossiers d
    WHERE (:campaign::text IS NULL OR d.campaign = :campaign)
      AND (:campaign::text IS NULL OR (SELECT campaign_known('campaign_filter', :campaign)))
      AND (:year::integer IS NULL OR d.year = :year::integer)
      AND (:state::dossier_state IS NULL OR d.state = :state::dossier_state)
      AND (:nominator_unit_id::uuid IS NULL OR d.nominator_id = :nominator_unit_id::uuid)
      AND (:nominee_unit_id::uuid IS NULL OR d.id = ANY (ARRAY(SELECT n.dossier_id FROM nominations n WHERE n.unit_id = :nominee_unit_id::uuid)))
      AND (:late::boolean IS NULL OR d.late = :late::boolean)
      AND (:cursor::text IS NULL OR (d.created_at, d.id) > ((cursor_key(:cursor))[1]::timestamptz, (cursor_key(:cursor))[2]::uuid))
      AND (:offices::boolean OR (has_role(:roles::integer, 'unit') AND d.id = ANY (ARRAY( -- dossier_shown
              SELECT own.id FROM units_within(:unit::uuid) below(id) CROSS JOIN LATERAL (
                  SELECT o.id FROM dossiers o WHERE o.nominator_id = below.id OFFSET 0) own))))
    ORDER BY CASE WHEN :year::integer IS NULL AND :state::dossier_state IS NULL AND :nominator_unit_id::uuid IS NULL AND :nominee_unit_id::uuid IS NULL AND :late::boolean IS NULL THEN d.created_at END, d.created_at NULLS FIRST, d.id LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg((made.item || jsonb_build_object('version', (x.d).version::text))::json ORDER BY x.created_at, x.id)
                         FROM page x JOIN dossiers_json((SELECT array_agg(d) FROM page), (SELECT array_agg(id) FROM page
                             WHERE :offices::boolean OR dossier_votes_shown(d, :unit::uuid, :roles::integer))) made ON made.id = x.id),
                        (SELECT cursor_of(created_at::text, id::text) FROM (SELECT * FROM page ORDER BY created_at, id OFFSET :limit::integer - 1 LIMIT 1) last),
                        :limit::integer)
-- cells: item
-- What a table shows of it: the rest is four fifths of the work.
SELECT jsonb_build_object('id', id, 'campaign', (d).campaign, 'year', (d).year, 'nominator_unit_id', (d).nominator_id,
    'nominator_unit_label', dossier_nominator_label(d), 'on_paper', (d).on_paper, 'state', (d).state, 'state_reason', (d).state_reason,
    'letter_number', (d).letter_number, 'letter_date', (d).letter_date, 'minutes_date', (d).minutes_date, 'received_at', (d).received_at,
    'lodged_at', (d).lodged_at, 'deadline', last_instant_before(round_cutoff((d).campaign, (d).year)), 'late', (d).late,
    'late_accepted', (d).late_accepted, 'complete', dossier_missing(d) = '[]', 'nominations', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('unit_label', unit_label(n.unit_id, make_date(n.year, 12, 31)), 'confirmed_by', n.confirmed_by)
                                  ORDER BY n.recorded_at, n.unit_id), '[]')
        FROM nominations n WHERE n.dossier_id = page.id)) AS item
FROM page ORDER BY created_at, id

-- name: dossier_round one (id) -> state
-- Before dossier_lock: the round is held as it is (or closed first), as every write inside a round does.
SELECT r.state FROM dossiers d JOIN rounds r USING (campaign, year) WHERE d.id = :id::uuid FOR SHARE OF r

-- name: dossier_lock one (id) -> version
-- Apart from dossier_stand: a statement that waited for the lock still sees other tables as they were before.
SELECT version FROM dossiers WHERE id = :id::uuid FOR NO KEY UPDATE

-- name: dossier_stand one (id, unit, roles int) -> version, state, nominator_id, campaign, year,
--     writable bool, ended bool, received bool, votes_shown bool, clauses
-- The dossier as this caller finds it, without what is in it: a write of one nominee reads nothing of the others.
SELECT d.version, d.state, d.nominator_id, d.campaign, d.year,
       CASE WHEN has_role(:roles::integer, 'unit') AND unit_within(d.nominator_id, :unit::uuid) AND NOT unit_ended(:unit::uuid) THEN true
            ELSE has_role(:roles::integer, 'home_affairs') AND d.on_paper END AS writable,
       has_role(:roles::integer, 'unit') AND unit_ended(:unit::uuid) AS ended,
       d.received_at IS NOT NULL AS received, dossier_votes_shown(d, :unit::uuid, :roles::integer) AS votes_shown,
       (SELECT k.clauses FROM round_plans k WHERE k.campaign = d.campaign AND k.year = d.year) AS clauses
FROM dossiers d WHERE d.id = :id::uuid AND dossier_shown(d, :unit::uuid, :roles::integer)

-- name: dossier_count_up one (id) -> version
UPDATE dossiers d SET version = version + 1 WHERE id = :id::uuid RETURNING version

-- name: dossier_told one (id) -> json
-- The whole of it without votes, for the journal.
SELECT dossier_json(d, false)::text AS json FROM dossiers d WHERE d.id = :id::uuid

-- name: dossier_lateness one (id) -> late bool
SELECT coalesce(d.late, false) AS late FROM dossiers d WHERE d.id = :id::uuid

-- name: dossier_lacks one (id) -> missing
-- "[]" when it is complete (III.3). With `called`, what people call the document.
SELECT coalesce(jsonb_agg(m.gap || jsonb_build_object('called', component_label(d.campaign, d.year, m.gap ->> 'kind')) ORDER BY m.place), '[]')::text AS missing
FROM dossiers d, jsonb_array_elements(dossier_missing(d)) WITH ORDINALITY AS m(gap, place) WHERE d.id = :id::uuid

-- name: dossier_answer one (id, unit, roles int) -> shown
-- The whole of it for this caller.
SELECT dossier_json(d, dossier_votes_shown(d, :unit::uuid, :roles::integer))::text AS shown FROM dossiers d WHERE d.id = :id::uuid

-- name: dossier_patch exec (id, body)
UPDATE dossiers d SET
    letter_number = CASE WHEN b ? 'letter_number' THEN b->>'letter_number' ELSE letter_number END,
    letter_date = CASE WHEN b ? 'letter_date' THEN (b->>'letter_date')::date ELSE letter_date END,
    minutes_date = CASE WHEN b ? 'minutes_date' THEN (b->>'minutes_date')::date ELSE minutes_date END
FROM (SELECT :body::jsonb AS b) body WHERE id = :id::uuid

-- name: nominees_receive one (dossier_id, received_at, source) -> moved bool
-- Nominees that were added after the first receipt are received with the lodging that brings them, or at an earlier instant that Sở Nội vụ
-- records of the dossier as it stands: was any of them moved to that one?
WITH received AS (
    UPDATE nominations SET
        received_at = least(coalesce(received_at, clock_now()), :received_at::timestamptz),
        received_source = CASE WHEN :received_at::timestamptz < coalesce(received_at, clock_now()) THEN :source END,
        received_recorded_at = clock_now()
    WHERE dossier_id = :dossier_id::uuid AND added_later AND (received_at IS NULL OR :received_at::timestamptz < received_at)
    RETURNING received_source)
SELECT count(received_source) > 0 AS moved FROM received

-- name: dossier_receive one (id, received_at, source, lodging bool, nominees_moved bool) -> late bool
-- III.4.a: the service's clock at the first lodging, or an earlier instant that Sở Nội vụ records with its source. Nothing came before it was
-- written; but what was returned may have a letter or minutes that were made anew.
UPDATE dossiers d SET
    received_at = CASE WHEN :received_at::timestamptz IS NULL THEN coalesce(received_at, clock_now())
                       WHEN NOT lodged_again AND state <> 'RETURNED' AND (local_date(:received_at::timestamptz) < greatest(letter_date, minutes_date)) IS TRUE
                           AND refuse('dossiers_received_before_letter') THEN NULL
                       WHEN :received_at::timestamptz < coalesce(received_at, clock_now()) THEN :received_at::timestamptz
                       WHEN :nominees_moved::boolean THEN received_at
                       WHEN refuse('dossiers_received_earlier') THEN NULL END,
    received_source = CASE WHEN :received_at::timestamptz < coalesce(received_at, clock_now()) THEN :source ELSE received_source END,
    received_recorded_at = CASE WHEN :received_at::timestamptz < coalesce(received_at, clock_now()) THEN clock_now()
                                ELSE coalesce(received_recorded_at, clock_now()) END,
    lodged_at = CASE WHEN :lodging::boolean THEN clock_now() ELSE lodged_at END
WHERE id = :id::uuid
RETURNING d.late

-- name: dossier_late_nominees many (dossier_id) -> unit_id, label
SELECT n.unit_id, unit_label(n.unit_id, make_date(n.year, 12, 31)) AS label FROM nominations n
WHERE n.dossier_id = :dossier_id::uuid AND dossier_is_late(n.received_at, n.campaign, n.year) ORDER BY n.received_at, n.unit_id

-- name: dossier_move exec (id, state, reason, late_accepted bool, completion_due_on)
UPDATE dossiers SET state = :state::dossier_state, state_reason = :reason, late_accepted = :late_accepted::boolean,
                    completion_due_on = :completion_due_on::date
WHERE id = :id::uuid

-- name: dossier_stake stake ({id}) -> unit_id, campaign, year
SELECT nominator_id AS unit_id, campaign, year FROM dossiers WHERE id = :id::uuid
UNION ALL
SELECT n.unit_id, d.campaign, d.year FROM nominations n JOIN dossiers d ON d.id = n.dossier_id WHERE d.id = :id::uuid

-- name: dossier_paper one (id, unit, roles int) -> json
-- The Tờ trình (form 01), with whom it nominates, in the words of its day; nothing of votes, which are in the minutes.
SELECT (dossier_paper_facts(d, x.day, d.nominator_id) || jsonb_build_object(
    'number', d.letter_number, 'date', d.letter_date,
    'on_behalf_of', unit_printed(d.on_behalf_of_id, make_date(d.year, 12, 31)), 'on_behalf_reason', d.on_behalf_reason,
    'enclosed', (SELECT coalesce(jsonb_agg(c.text ->> 'vi' ORDER BY c.position), '[]') FROM round_components(d.campaign, d.year) c
                 WHERE c.code <> 'TO_TRINH'),
    'rows', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', unit_printed(n.unit_id, x.day))
                                       ORDER BY n.recorded_at, n.unit_id), '[]') FROM nominations n WHERE n.dossier_id = d.id)))::text AS json
FROM dossiers d CROSS JOIN LATERAL (SELECT coalesce(d.letter_date, dossier_day(d)) AS day) x
WHERE d.id = :id::uuid AND dossier_shown(d, :unit::uuid, :roles::integer)
