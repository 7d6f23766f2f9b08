-- name: minutes_get read ({id}, @unit, @roles) -> body, version
SELECT council_minutes_json(d)::text, d.version FROM dossiers d
WHERE d.id = :id::uuid AND dossier_shown(d, :unit::uuid, :roles::integer) AND dossier_votes_shown(d, :unit::uuid, :roles::integer)

-- name: minutes_stand one (id, unit, roles int) -> json
-- Nobody replaces what is not there for it to read; the answer tells the votes.
SELECT council_minutes_json(d)::text AS json FROM dossiers d
WHERE d.id = :id::uuid AND dossier_votes_shown(d, :unit::uuid, :roles::integer)

-- name: minutes_members_clear exec (id)
DELETE FROM council_members WHERE dossier_id = :id::uuid

-- name: minutes_members_enter exec (id, body)
INSERT INTO council_members (dossier_id, place, name, office, attendance, reason)
SELECT :id::uuid, m.place, m.name, m.office, m.attendance, m.reason
FROM ROWS FROM (jsonb_to_recordset(:body::jsonb -> 'members') AS (name text, office text, attendance text, reason text))
     WITH ORDINALITY AS m(name, office, attendance, reason, place)

-- name: minutes_put exec (id, body)
-- The minutes bear the day on which the meeting was opened; one that was given before stays where the hour is not known.
UPDATE dossiers d SET
    minutes_date = coalesce(local_date(b.opened_at), d.minutes_date), minutes_place = b.place, minutes_opened_at = b.opened_at,
    minutes_closed_at = b.closed_at, minutes_secretary = b.minuted_by,
    minutes_counted_by = ARRAY(SELECT jsonb_array_elements_text(coalesce(b.counted_by, '[]'))),
    minutes_chaired_by = CASE WHEN b.chaired_by IS NULL
        OR EXISTS (SELECT FROM council_members m WHERE m.dossier_id = d.id AND m.name = b.chaired_by AND m.attendance = 'PRESENT')
        OR refuse('minutes_chair_present') THEN b.chaired_by END
FROM jsonb_to_record(:body::jsonb)
    AS b(place text, opened_at timestamptz, closed_at timestamptz, chaired_by text, minuted_by text, counted_by jsonb)
WHERE d.id = :id::uuid

-- name: minutes_paper one (id, unit, roles int) -> json
SELECT (dossier_paper_facts(d, x.day, d.nominator_id) || council_minutes_json(d)::jsonb || jsonb_build_object(
    'opened', local_hour(d.minutes_opened_at), 'closed', local_hour(d.minutes_closed_at),
    'rows', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', unit_printed(n.unit_id, x.day), 'votes_for', n.votes_for,
                'votes_against', n.votes_against, 'votes_abstain', n.votes_abstain, 'members_total', n.members_total,
                'percent_for', percent_of(n.votes_for, n.members_total)) ORDER BY n.recorded_at, n.unit_id), '[]')
             FROM nominations n WHERE n.dossier_id = d.id)))::text AS json
FROM dossiers d CROSS JOIN LATERAL (SELECT coalesce(d.minutes_date, dossier_day(d)) AS day) x
WHERE d.id = :id::uuid AND dossier_shown(d, :unit::uuid, :roles::integer) AND dossier_votes_shown(d, :unit::uuid, :roles::integer)
