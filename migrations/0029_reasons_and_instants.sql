-- ---- initiatives ----

-- A refusal by a council is for those whom it concerns, as is an initiative that was only refused; but once another council had
-- recognised it, everybody read the reasons too.

DROP FUNCTION initiative_json(initiatives, boolean);
CREATE FUNCTION initiative_json(i initiatives, offices boolean DEFAULT true, reasons boolean DEFAULT true) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', i.id, 'unit_id', i.unit_id, 'unit_label', unit_label(i.unit_id, i.applied_from),
        'title', i.title, 'summary', i.summary, 'kind', i.kind, 'applied_from', i.applied_from, 'applied_to', i.applied_to,
        'state', i.state,
        'used', EXISTS (SELECT FROM initiative_uses u WHERE u.initiative_id = i.id AND (offices OR EXISTS (
            SELECT FROM awards a JOIN decisions d ON d.id = a.decision_id WHERE a.id = u.award_id AND d.state = 'PUBLISHED'))),
        'recognitions', (SELECT coalesce(json_agg(json_build_object('council', r.council, 'outcome', r.outcome,
                'recognised_on', r.recognised_on, 'decision_number', r.decision_number, 'scope', r.scope,
                'reason', CASE WHEN reasons OR r.outcome <> 'REFUSED' THEN r.reason END,
                'recorded_at', r.recorded_at) ORDER BY r.council DESC), '[]'::json)
            FROM initiative_recognitions r WHERE r.initiative_id = i.id),
        'changed_at', i.changed_at)
$$;
COMMENT ON FUNCTION initiative_json IS
    'That an initiative has earned an award says that there is one: before its decision is published only offices know (V.3). Why a
    council refused is for the offices, the initiative council and the unit itself.';

-- ---- evaluations ----

-- The facts are those that are stored, so an instant that has not come is asked about with facts that it will not have. A trial may
-- (what if nothing comes in until then?): it is kept nowhere.
CREATE FUNCTION evaluations_instant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A minute, for the clocks of callers.
    IF NEW.as_of > clock_now() + interval '1 minute' AND current_setting('thidua.trial', true) IS DISTINCT FROM 'on' THEN
        PERFORM refuse('evaluation_in_future');
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION evaluations_instant IS 'What is judged by now cannot be what will be known later.';
CREATE TRIGGER evaluations_instant BEFORE INSERT ON evaluations FOR EACH ROW EXECUTE FUNCTION evaluations_instant();
COMMENT ON COLUMN evaluations.as_of IS
    'The instant at which rules, deadlines and windows are read. The facts are those that were stored when it ran, whatever it is.';
