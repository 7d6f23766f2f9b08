-- Evaluations, and what people decide beside them: places against the standings, the order of units that tie.

CREATE OR REPLACE FUNCTION evaluations_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'RUNNING' OR NEW.id <> OLD.id THEN
        RAISE EXCEPTION 'an evaluation that is done never changes' USING ERRCODE = 'TH001', CONSTRAINT = 'evaluations_stay';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER evaluations_stay BEFORE UPDATE ON evaluations FOR EACH ROW EXECUTE FUNCTION evaluations_guard();

CREATE OR REPLACE FUNCTION evaluations_instant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The clock of a caller may be fast by a minute.
    IF NEW.as_of > clock_now() + interval '1 minute' AND current_setting('thidua.trial', true) IS DISTINCT FROM 'on' THEN
        PERFORM refuse('evaluation_in_future');
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION evaluations_instant IS 'An evaluation judges by what is stored now, so it cannot be as of an instant to come. A trial may: it is kept nowhere.';
CREATE OR REPLACE TRIGGER evaluations_instant BEFORE INSERT ON evaluations FOR EACH ROW EXECUTE FUNCTION evaluations_instant();

CREATE OR REPLACE FUNCTION evaluation_state(e evaluations) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN e.state = 'RUNNING' AND NOT EXISTS (
                    SELECT FROM evaluation_runs r WHERE r.evaluation_id = e.id AND r.beat_at > clock_timestamp() - interval '60 s')
                THEN 'ABANDONED' ELSE e.state END;
END $$;
COMMENT ON FUNCTION evaluation_state IS
    'One that is RUNNING and has given no sign of life for a minute is ABANDONED, whatever became of the process that ran it. Nothing
    has to mark it as such, and if it finishes after all, it is DONE.';

CREATE OR REPLACE FUNCTION evaluation_inputs_shown(inputs jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('registers', coalesce(inputs -> 'registers', '{}'), 'standings', CASE
        WHEN jsonb_array_length(inputs #> '{standings,quotas}') > 1 THEN jsonb_build_object('quotas', (
            SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                       'name', q -> 'name', 'places', q -> 'places', 'parent', q -> 'parent', 'groups', q -> 'groups', 'clusters', q -> 'clusters'))
                   ORDER BY place)
            FROM jsonb_array_elements(inputs #> '{standings,quotas}') WITH ORDINALITY AS quota(q, place)))
        ELSE '{}' END)
$$;
COMMENT ON FUNCTION evaluation_inputs_shown IS
    'What others than the offices read of the inputs, built member by member: declarations of registers and the allocation, which they may read
    where those stand. Not who has a signed award, nor which places are taken: what is signed is not yet published (V.3). Without an
    allocation the cap alone is listed only where awards took from it, so it is left out.';

CREATE OR REPLACE FUNCTION evaluation_json(e evaluations, offices boolean DEFAULT true) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN json_build_object('id', e.id, 'campaign', e.campaign, 'year', e.year, 'state', evaluation_state(e),
        'progress', (SELECT json_build_object('done', CASE WHEN e.state = 'DONE' THEN (e.counts ->> 'contestants')::bigint ELSE r.done END,
                                              'total', r.total) FROM evaluation_runs r WHERE r.evaluation_id = e.id),
        'rule_set', json_build_object('name', e.rule_set_name, 'version', e.rule_set_version),
        'rule_set_hash', e.rule_set_hash, 'semantics', e.semantics, 'as_of', e.as_of, 'parameters', e.parameters,
        'inputs', CASE WHEN offices THEN e.inputs::jsonb ELSE evaluation_inputs_shown(e.inputs::jsonb) END,
        'input_hash', e.input_hash, 'result_hash', e.result_hash, 'counts', e.counts, 'warnings', e.warnings,
        'created_at', e.created_at, 'created_by', e.created_by_name);
END $$;

-- ---- what people decided ----

CREATE OR REPLACE FUNCTION override_place(o standing_overrides) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('decided', o.decided, 'by', o.recorded_by_name, 'at', to_json(o.recorded_at) #>> '{}', 'reason', o.reason,
                             'legal_basis', o.legal_basis)
$$;
COMMENT ON FUNCTION override_place IS 'The decision as it stands among the inputs of an evaluation, and in the standings.';

CREATE OR REPLACE FUNCTION override_json(o standing_overrides) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', o.id, 'evaluation_id', o.evaluation_id, 'campaign', o.campaign, 'year', o.year, 'unit_id', o.unit_id,
        'label', unit_label(o.unit_id, make_date(o.year, 12, 31)), 'computed', o.computed, 'decided', o.decided, 'reason', o.reason,
        'legal_basis', o.legal_basis, 'by', o.recorded_by_name, 'at', o.recorded_at,
        'in_force', NOT EXISTS (SELECT FROM standing_overrides later WHERE later.campaign = o.campaign AND later.year = o.year
                                AND later.unit_id = o.unit_id AND later.position > o.position))
$$;

CREATE OR REPLACE FUNCTION tie_decision_in_force(d tie_decisions) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (SELECT FROM tie_decisions later JOIN tie_decision_units theirs ON theirs.decision_id = later.id
                       JOIN tie_decision_units own ON own.unit_id = theirs.unit_id AND own.decision_id = d.id
                       WHERE later.campaign = d.campaign AND later.year = d.year AND later.position > d.position)
$$;

CREATE OR REPLACE FUNCTION tie_decision_json(d tie_decisions) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', d.id, 'campaign', d.campaign, 'year', d.year, 'method', d.method, 'reason', d.reason,
        'document', d.document, 'by', d.recorded_by_name, 'at', d.recorded_at, 'in_force', tie_decision_in_force(d),
        'order', (SELECT json_agg(json_build_object('unit_id', u.unit_id, 'label', unit_label(u.unit_id, make_date(d.year, 12, 31)))
                                  ORDER BY u.place) FROM tie_decision_units u WHERE u.decision_id = d.id))
$$;
