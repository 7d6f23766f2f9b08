-- What people decide beside the engine: places against the standings, and the order of units that tie (III.1.a, III.2.b).

CREATE TABLE standing_overrides (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    position bigint NOT NULL GENERATED ALWAYS AS IDENTITY CONSTRAINT standing_overrides_position UNIQUE,
    evaluation_id uuid NOT NULL CONSTRAINT standing_overrides_evaluation REFERENCES evaluations,
    campaign text NOT NULL,
    year integer NOT NULL,
    unit_id uuid NOT NULL CONSTRAINT standing_overrides_unit REFERENCES units,
    computed text NOT NULL
        CONSTRAINT standing_overrides_computed CHECK (computed IN ('SECURE', 'POSSIBLE', 'OUT', 'TIE_TO_DECIDE')),
    decided text NOT NULL
        CONSTRAINT standing_overrides_decided CHECK (decided IN ('SECURE', 'POSSIBLE', 'OUT', 'TIE_TO_DECIDE')),
    reason text NOT NULL,
    legal_basis text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    recorded_by uuid,
    recorded_by_name text NOT NULL,
    CONSTRAINT standing_overrides_round FOREIGN KEY (campaign, year) REFERENCES rounds,
    CONSTRAINT standing_overrides_tie CHECK (decided <> 'TIE_TO_DECIDE' OR computed = 'TIE_TO_DECIDE')
);
COMMENT ON TABLE standing_overrides IS
    'What a person decided of a unit''s place instead of what was computed, which stays beside it. Never changed: the newest one of a
    unit in the round counts, and one that says what was computed takes an earlier one back.';
COMMENT ON COLUMN standing_overrides.position IS 'Their order; instants may be equal.';
COMMENT ON COLUMN standing_overrides.computed IS 'The status in that evaluation.';
COMMENT ON CONSTRAINT standing_overrides_tie ON standing_overrides IS 'A tie is found, not decided.';
CREATE INDEX standing_overrides_by_round ON standing_overrides (campaign, year, unit_id, position);
CREATE INDEX standing_overrides_by_evaluation ON standing_overrides (evaluation_id, position);
REVOKE UPDATE ON standing_overrides FROM thidua_app;

CREATE FUNCTION override_place(o standing_overrides) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('decided', o.decided, 'by', o.recorded_by_name, 'at', to_json(o.recorded_at) #>> '{}', 'reason', o.reason,
                             'legal_basis', o.legal_basis)
$$;
COMMENT ON FUNCTION override_place IS 'As an evaluation takes it among its inputs, and as standings show it.';

CREATE FUNCTION override_json(o standing_overrides) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', o.id, 'evaluation_id', o.evaluation_id, 'campaign', o.campaign, 'year', o.year, 'unit_id', o.unit_id,
        'label', unit_label(o.unit_id, make_date(o.year, 12, 31)), 'computed', o.computed, 'decided', o.decided, 'reason', o.reason,
        'legal_basis', o.legal_basis, 'by', o.recorded_by_name, 'at', o.recorded_at,
        'in_force', NOT EXISTS (SELECT FROM standing_overrides later WHERE later.campaign = o.campaign AND later.year = o.year
                                AND later.unit_id = o.unit_id AND later.position > o.position))
$$;

CREATE TABLE tie_decisions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    position bigint NOT NULL GENERATED ALWAYS AS IDENTITY CONSTRAINT tie_decisions_position UNIQUE,
    campaign text NOT NULL,
    year integer NOT NULL,
    method text NOT NULL CONSTRAINT tie_decisions_method CHECK (method IN ('DECISION', 'LOT')),
    reason text NOT NULL,
    document text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    recorded_by uuid,
    recorded_by_name text NOT NULL,
    CONSTRAINT tie_decisions_round FOREIGN KEY (campaign, year) REFERENCES rounds
);
COMMENT ON TABLE tie_decisions IS
    'The order, decided or drawn by lot, of units that no key of the standings sets apart. Never changed: a later one that names any of
    its units takes the place of the whole of it, for an order without one of its units would be nobody''s decision.';

CREATE TABLE tie_decision_units (
    decision_id uuid NOT NULL REFERENCES tie_decisions,
    place integer NOT NULL,
    unit_id uuid NOT NULL REFERENCES units,
    PRIMARY KEY (decision_id, place),
    CONSTRAINT tie_decision_units_once UNIQUE (decision_id, unit_id)
);
COMMENT ON TABLE tie_decision_units IS 'Place 1 goes before place 2.';
CREATE INDEX tie_decision_units_unit ON tie_decision_units (unit_id);
REVOKE UPDATE ON tie_decisions, tie_decision_units FROM thidua_app;

CREATE FUNCTION tie_decision_in_force(d tie_decisions) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (SELECT FROM tie_decisions later JOIN tie_decision_units theirs ON theirs.decision_id = later.id
                       JOIN tie_decision_units own ON own.unit_id = theirs.unit_id AND own.decision_id = d.id
                       WHERE later.campaign = d.campaign AND later.year = d.year AND later.position > d.position)
$$;

CREATE FUNCTION tie_decision_json(d tie_decisions) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', d.id, 'campaign', d.campaign, 'year', d.year, 'method', d.method, 'reason', d.reason,
        'document', d.document, 'by', d.recorded_by_name, 'at', d.recorded_at, 'in_force', tie_decision_in_force(d),
        'order', (SELECT json_agg(json_build_object('unit_id', u.unit_id, 'label', unit_label(u.unit_id, make_date(d.year, 12, 31)))
                                  ORDER BY u.place) FROM tie_decision_units u WHERE u.decision_id = d.id))
$$;

-- What people decided is an input of an evaluation: reasons may speak of persons, so only offices read them there.
DROP FUNCTION evaluation_json(evaluations);
CREATE FUNCTION evaluation_json(e evaluations, offices boolean DEFAULT true) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', e.id, 'campaign', e.campaign, 'year', e.year, 'state', evaluation_state(e),
        'progress', (SELECT json_build_object('done', CASE WHEN e.state = 'DONE' THEN (e.counts ->> 'contestants')::bigint ELSE r.done END,
                                              'total', r.total) FROM evaluation_runs r WHERE r.evaluation_id = e.id),
        'rule_set', json_build_object('name', e.rule_set_name, 'version', e.rule_set_version),
        'rule_set_hash', e.rule_set_hash, 'semantics', e.semantics, 'as_of', e.as_of, 'parameters', e.parameters,
        'inputs', CASE WHEN offices THEN e.inputs ELSE e.inputs #- '{standings,overrides}' #- '{standings,tie_decisions}' END,
        'input_hash', e.input_hash, 'result_hash', e.result_hash, 'counts', e.counts, 'warnings', e.warnings,
        'created_at', e.created_at, 'created_by', e.created_by_name)
$$;
