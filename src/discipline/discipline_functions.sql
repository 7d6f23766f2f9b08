-- Discipline and proceedings (III.1.d). Both are restricted; facts of them name no person.

CREATE OR REPLACE FUNCTION discipline_json(d discipline_records) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', d.id, 'unit_id', d.unit_id, 'unit_label', unit_label(d.unit_id, d.effective_from),
        'person_name', d.person_name, 'position', d.position, 'regime', d.regime, 'level', d.level,
        'decision_number', d.decision_number, 'decision_date', d.decision_date, 'issued_by', d.issuer, 'effective_from', d.effective_from,
        'effective_to', d.effective_to, 'status', d.status, 'reason', d.reason, 'changed_at', d.changed_at)
$$;

CREATE OR REPLACE FUNCTION discipline_entries(unit uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'regime', regime, 'level', level, 'position', position,
                'effective_from', effective_from, 'effective_to', effective_to, 'status', status,
                'source', 'discipline-records/' || id, 'version', version, 'recorded_at', changed_at)
                ORDER BY effective_from, id), '[]')
            FROM discipline_records WHERE unit_id = unit AND position <> 'OTHER');
END $$;
COMMENT ON FUNCTION discipline_entries IS
    'III.1.d: decisions on the key leaders of the collective itself, not of its parent or children. Without names of persons.';

CREATE OR REPLACE FUNCTION proceeding_outcome(p proceedings) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE p.state WHEN 'CLOSED_CLEARED' THEN 'CLEARED' WHEN 'CLOSED_AT_FAULT' THEN 'AT_FAULT' END $$;

CREATE OR REPLACE FUNCTION proceeding_json(p proceedings) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', p.id, 'unit_id', p.unit_id, 'unit_label', unit_label(p.unit_id, p.opened_on),
        'kind', p.kind, 'subject', p.subject, 'opened_on', p.opened_on, 'closed_on', p.closed_on,
        'outcome', proceeding_outcome(p), 'state', p.state, 'conclusion', p.conclusion, 'changed_at', p.changed_at)
$$;

CREATE OR REPLACE FUNCTION proceeding_entries(unit uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'kind', p.kind, 'opened_on', p.opened_on,
                'closed_on', p.closed_on, 'outcome', proceeding_outcome(p), 'state', p.state,
                'source', 'proceedings/' || p.id, 'version', p.version, 'recorded_at', p.changed_at) ORDER BY p.opened_on, p.id), '[]')
            FROM proceedings p WHERE p.unit_id = unit);
END $$;
COMMENT ON FUNCTION proceeding_entries IS 'By law the award of a unit under proceedings is not refused but deferred ("chưa khen thưởng").';
