-- name: dossier_scope
SELECT unit_within($1::uuid, $2::uuid), unit_ended($2::uuid)

-- name: dossier_create
INSERT INTO dossiers (campaign, year, nominator_id, on_behalf_of_id, on_behalf_reason, on_paper)
SELECT campaign, year, nominator_unit_id, on_behalf_of_unit_id, reason, $2::boolean
FROM jsonb_to_record($1::jsonb)
    AS b(campaign text, year integer, nominator_unit_id uuid, on_behalf_of_unit_id uuid, reason text)
RETURNING id, version, dossier_json(dossiers, true)::text

-- name: dossier_get read ({id}, @unit, @roles) -> body, version
SELECT dossier_json(d, dossier_votes_shown(d, :unit::uuid, :roles::integer))::text, d.version
FROM dossiers d WHERE d.id = :id::uuid AND dossier_shown(d, :unit::uuid, :roles::integer)

-- name: dossier_list read (?campaign, ?year, ?state, ?nominator_unit_id, @unit, @roles, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT d.created_at, d.id, dossier_json(d, dossier_votes_shown(d, :unit::uuid, :roles::integer))::json AS item
    FROM dossiers d
    WHERE (:campaign::text IS NULL OR d.campaign = :campaign)
      AND (:year::integer IS NULL OR d.year = :year::integer)
      AND (:state::dossier_state IS NULL OR d.state = :state::dossier_state)
      AND (:nominator_unit_id::uuid IS NULL OR d.nominator_id = :nominator_unit_id::uuid)
      AND (:cursor::text IS NULL OR (d.created_at, d.id) > ((cursor_key(:cursor))[1]::timestamptz, (cursor_key(:cursor))[2]::uuid))
      AND dossier_shown(d, :unit::uuid, :roles::integer)
    ORDER BY d.created_at, d.id LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY created_at, id) FROM page),
                        (SELECT array_agg(cursor_of(created_at::text, id::text) ORDER BY created_at, id) FROM page),
                        :limit::integer)

-- name: dossier_round
-- Before dossier_lock: the round is held as it is (or closed first), as every write inside a round does.
SELECT r.state FROM dossiers d JOIN rounds r USING (campaign, year) WHERE d.id = $1::uuid FOR SHARE OF r

-- name: dossier_lock
-- Apart from dossier_stand: a statement that waited for the lock still sees other tables as they were before.
SELECT version FROM dossiers WHERE id = $1::uuid FOR UPDATE

-- name: dossier_stand
SELECT d.version, d.state, d.nominator_id, d.campaign, d.year, dossier_json(d, false)::text, dossier_missing(d)::text,
       CASE WHEN $3::integer & 2 <> 0 AND unit_within(d.nominator_id, $2::uuid) AND NOT unit_ended($2::uuid) THEN true
            ELSE $3::integer & 4 <> 0 AND d.on_paper END,
       d.received_at IS NOT NULL, coalesce(dossier_late(d), false),
       own_unit(d.nominator_id, $2::uuid)
           OR EXISTS (SELECT FROM nominations n WHERE n.dossier_id = d.id AND own_unit(n.unit_id, $2::uuid)),
       (SELECT k.clauses FROM campaigns k WHERE k.code = d.campaign), $3::integer & 2 <> 0 AND unit_ended($2::uuid)
FROM dossiers d WHERE d.id = $1::uuid AND dossier_shown(d, $2::uuid, $3::integer)

-- name: dossier_count_up
UPDATE dossiers d SET version = version + 1 WHERE id = $1::uuid
RETURNING version, dossier_json(d, dossier_votes_shown(d, $2::uuid, $3::integer))::text, dossier_json(d, false)::text

-- name: dossier_patch
UPDATE dossiers d SET
    letter_number = CASE WHEN b ? 'letter_number' THEN b->>'letter_number' ELSE letter_number END,
    letter_date = CASE WHEN b ? 'letter_date' THEN (b->>'letter_date')::date ELSE letter_date END,
    minutes_date = CASE WHEN b ? 'minutes_date' THEN (b->>'minutes_date')::date ELSE minutes_date END
FROM (SELECT $2::jsonb AS b) body WHERE id = $1::uuid

-- name: nominees_receive
-- Nominees that were added after the first receipt are received with the lodging that brings them, or at an earlier instant that Sở Nội vụ
-- records of the dossier as it stands: was any of them moved to that one?
WITH received AS (
    UPDATE nominations SET
        received_at = least(coalesce(received_at, clock_now()), $2::timestamptz),
        received_source = CASE WHEN $2::timestamptz < coalesce(received_at, clock_now()) THEN $3 END,
        received_recorded_at = clock_now()
    WHERE dossier_id = $1::uuid AND added_later AND (received_at IS NULL OR $2::timestamptz < received_at)
    RETURNING received_source)
SELECT count(received_source) > 0 FROM received

-- name: dossier_receive
-- III.4.a: the service's clock at the first lodging, or an earlier instant that Sở Nội vụ records with its source.
UPDATE dossiers d SET
    received_at = CASE WHEN $2::timestamptz IS NULL THEN coalesce(received_at, clock_now())
                       WHEN $2::timestamptz < coalesce(received_at, clock_now()) THEN $2::timestamptz
                       WHEN $5::boolean THEN received_at
                       WHEN refuse('dossiers_received_earlier') THEN NULL END,
    received_source = CASE WHEN $2::timestamptz < coalesce(received_at, clock_now()) THEN $3 ELSE received_source END,
    received_recorded_at = CASE WHEN $2::timestamptz < coalesce(received_at, clock_now()) THEN clock_now()
                                ELSE coalesce(received_recorded_at, clock_now()) END,
    lodged_at = CASE WHEN $4::boolean THEN clock_now() ELSE lodged_at END
WHERE id = $1::uuid
RETURNING dossier_late(d)

-- name: dossier_late_nominees
SELECT n.unit_id, unit_label(n.unit_id, make_date(n.year, 12, 31)) FROM nominations n
WHERE n.dossier_id = $1::uuid AND dossier_is_late(n.received_at, n.campaign, n.year) ORDER BY n.received_at, n.unit_id

-- name: dossier_move
UPDATE dossiers SET state = $2::dossier_state, state_reason = $3, late_accepted = $4::boolean WHERE id = $1::uuid
