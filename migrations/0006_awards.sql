-- Evaluations, proposals, decisions, awards (plan 230: III.1, III.2, III.4.b, III.5; domain, section 5).

CREATE TABLE evaluations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    campaign text NOT NULL,
    year integer NOT NULL,
    rule_set_name text NOT NULL,
    rule_set_version integer NOT NULL,
    rule_set_hash text NOT NULL,
    semantics integer NOT NULL,
    as_of timestamptz NOT NULL,
    parameters jsonb NOT NULL,
    input_hash text NOT NULL,
    counts jsonb NOT NULL,
    warnings jsonb NOT NULL,
    standings text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    created_by uuid,
    created_by_name text NOT NULL,
    CONSTRAINT evaluations_round FOREIGN KEY (campaign, year) REFERENCES rounds
);
COMMENT ON TABLE evaluations IS
    'A run of the criteria engine with all it needs to be run again: rules by hash, facts by snapshot, parameters. Never changed.';
COMMENT ON COLUMN evaluations.standings IS 'The standings as they were answered, byte for byte.';
CREATE INDEX evaluations_by_round ON evaluations (campaign, year, created_at, id);

CREATE TABLE verdicts (
    evaluation_id uuid NOT NULL REFERENCES evaluations,
    unit_id uuid NOT NULL REFERENCES units,
    overall text NOT NULL CONSTRAINT verdicts_overall CHECK (overall IN ('ELIGIBLE', 'INELIGIBLE', 'DEFERRED', 'PENDING')),
    snapshot text NOT NULL,
    verdict text NOT NULL,
    verdict_unit text NOT NULL,
    PRIMARY KEY (evaluation_id, unit_id)
);
COMMENT ON TABLE verdicts IS 'One unit''s verdict in an evaluation and the facts it was made from, as text, byte for byte; verdict_unit is what the unit itself may read.';
CREATE INDEX verdicts_unit ON verdicts (unit_id);
REVOKE UPDATE ON evaluations, verdicts FROM thidua_app;

CREATE TABLE proposals (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    version bigint NOT NULL DEFAULT 1,
    campaign text NOT NULL,
    year integer NOT NULL,
    evaluation_id uuid NOT NULL CONSTRAINT proposals_evaluation REFERENCES evaluations,
    state text NOT NULL DEFAULT 'DRAFT'
        CONSTRAINT proposals_state CHECK (state IN ('DRAFT', 'SUBMITTED', 'RETURNED', 'WITHDRAWN', 'DECIDED')),
    letter_number text,
    letter_date date,
    submitted_at timestamptz,
    submitted_source text,
    submitted_by uuid,
    in_time boolean,
    reason text,
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    created_by uuid,
    CONSTRAINT proposals_round FOREIGN KEY (campaign, year) REFERENCES rounds
);
COMMENT ON TABLE proposals IS 'Sở Nội vụ''s submissions to the Chair (III.4.b).';
COMMENT ON COLUMN proposals.in_time IS 'At least ten calendar days before the conference; NULL while the conference has no date.';
CREATE INDEX proposals_by_round ON proposals (campaign, year);

CREATE TABLE proposal_units (
    proposal_id uuid NOT NULL REFERENCES proposals,
    unit_id uuid NOT NULL REFERENCES units,
    initiative_id uuid CONSTRAINT proposal_units_initiative REFERENCES initiatives,
    PRIMARY KEY (proposal_id, unit_id)
);

CREATE TABLE decisions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    version bigint NOT NULL DEFAULT 1,
    kind text NOT NULL CONSTRAINT decisions_kind CHECK (kind IN ('AWARD', 'CORRECT', 'REVOKE')),
    campaign text NOT NULL,
    year integer NOT NULL,
    state text NOT NULL DEFAULT 'DRAFT' CONSTRAINT decisions_state CHECK (state IN ('DRAFT', 'SIGNED', 'PUBLISHED', 'CANCELLED')),
    proposal_id uuid CONSTRAINT decisions_proposal REFERENCES proposals,
    subject_id uuid CONSTRAINT decisions_subject REFERENCES decisions,
    ground text CONSTRAINT decisions_ground CHECK (ground IN ('FRAUD', 'FALSE_INFORMATION', 'AGAINST_LAW', 'LATER_CONCLUSION')),
    fault_from date,
    fault_to date,
    corrections jsonb,
    reason text,
    number text,
    signed_on date,
    signed_at timestamptz,
    signed_by uuid,
    signer text,
    evaluation_id uuid REFERENCES evaluations,
    published_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    created_by uuid,
    CONSTRAINT decisions_round FOREIGN KEY (campaign, year) REFERENCES rounds,
    CONSTRAINT decisions_award_has_proposal CHECK ((kind = 'AWARD') = (proposal_id IS NOT NULL)),
    CONSTRAINT decisions_names_the_old_one CHECK ((kind = 'AWARD') = (subject_id IS NULL)),
    CONSTRAINT decisions_revocation_has_ground CHECK ((kind = 'REVOKE') = (ground IS NOT NULL)),
    CONSTRAINT decisions_fault_dated CHECK ((ground = 'LATER_CONCLUSION') IS NOT TRUE OR fault_from <= coalesce(fault_to, fault_from)),
    CONSTRAINT decisions_signed_whole CHECK (state NOT IN ('SIGNED', 'PUBLISHED')
        OR (number IS NOT NULL AND signed_on IS NOT NULL AND signed_at IS NOT NULL))
);
COMMENT ON TABLE decisions IS 'Decisions of the Chair: awards, corrections (đính chính), revocations (hủy bỏ). Signed ones never change.';
COMMENT ON COLUMN decisions.subject_id IS 'The earlier decision that a correction or revocation names.';
CREATE UNIQUE INDEX decisions_number ON decisions (regexp_replace(number, '\s', '', 'g'), signed_on) WHERE state <> 'DRAFT';
CREATE INDEX decisions_by_round ON decisions (campaign, year, created_at, id);

CREATE FUNCTION decisions_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.state IN ('DRAFT') OR
       to_jsonb(OLD) - ARRAY['state', 'published_at', 'version'] = to_jsonb(NEW) - ARRAY['state', 'published_at', 'version']
       AND (OLD.state, NEW.state) = ('SIGNED', 'PUBLISHED')) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a signed decision is never changed or deleted' USING ERRCODE = 'TH001', CONSTRAINT = 'decisions_signed_stay';
END $$;
CREATE TRIGGER decisions_signed_stay BEFORE UPDATE OR DELETE ON decisions FOR EACH ROW EXECUTE FUNCTION decisions_guard();

CREATE TABLE decision_units (
    decision_id uuid NOT NULL REFERENCES decisions,
    unit_id uuid NOT NULL REFERENCES units,
    initiative_id uuid REFERENCES initiatives,
    PRIMARY KEY (decision_id, unit_id)
);

CREATE TABLE award_slots (
    campaign text NOT NULL,
    year integer NOT NULL,
    slot integer NOT NULL CONSTRAINT award_slots_counted CHECK (slot >= 1),
    PRIMARY KEY (campaign, year, slot),
    CONSTRAINT award_slots_round FOREIGN KEY (campaign, year) REFERENCES rounds
);
COMMENT ON TABLE award_slots IS 'One row for each award that the plan allows in a year: 1 … cap (III.2.b).';

CREATE TABLE awards (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    version bigint NOT NULL DEFAULT 1,
    campaign text NOT NULL,
    year integer NOT NULL,
    slot integer NOT NULL,
    unit_id uuid NOT NULL REFERENCES units,
    decision_id uuid NOT NULL REFERENCES decisions,
    category text NOT NULL DEFAULT 'thematic' CONSTRAINT awards_category CHECK (category = 'thematic'),
    bonus_vnd bigint NOT NULL CONSTRAINT awards_bonus CHECK (bonus_vnd > 0),
    bonus_basis jsonb NOT NULL,
    revoked_by uuid REFERENCES decisions,
    certificate_recovered_on date,
    money_recovered_on date,
    CONSTRAINT awards_slot UNIQUE (campaign, year, slot),
    CONSTRAINT awards_slot_exists FOREIGN KEY (campaign, year, slot) REFERENCES award_slots,
    CONSTRAINT awards_once_a_year UNIQUE (campaign, year, unit_id),
    CONSTRAINT awards_recovery_of_revoked CHECK (revoked_by IS NOT NULL OR (certificate_recovered_on IS NULL AND money_recovered_on IS NULL))
);
COMMENT ON TABLE awards IS
    'Certificates of merit. The unique slot holds the cap under any schedule of writers; a revoked award keeps its slot.';
COMMENT ON COLUMN awards.category IS 'thematic (chuyên đề): must not be counted as a merit (công trạng) award by systems that read it.';
CREATE INDEX awards_unit ON awards (unit_id);
ALTER TABLE initiative_uses ADD CONSTRAINT initiative_uses_award FOREIGN KEY (award_id) REFERENCES awards;

CREATE FUNCTION awards_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.revoked_by IS NULL OR OLD.revoked_by = NEW.revoked_by)
       AND to_jsonb(OLD) - ARRAY['version', 'revoked_by', 'certificate_recovered_on', 'money_recovered_on']
         = to_jsonb(NEW) - ARRAY['version', 'revoked_by', 'certificate_recovered_on', 'money_recovered_on'] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an award is only ever revoked' USING ERRCODE = 'TH001', CONSTRAINT = 'awards_stay';
END $$;
CREATE TRIGGER awards_stay BEFORE UPDATE OR DELETE ON awards FOR EACH ROW EXECUTE FUNCTION awards_guard();

-- ---- as JSON ----

CREATE FUNCTION evaluation_json(e evaluations) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', e.id, 'campaign', e.campaign, 'year', e.year,
        'rule_set', json_build_object('name', e.rule_set_name, 'version', e.rule_set_version),
        'rule_set_hash', e.rule_set_hash, 'semantics', e.semantics, 'as_of', e.as_of, 'parameters', e.parameters,
        'input_hash', e.input_hash, 'counts', e.counts, 'warnings', e.warnings, 'created_at', e.created_at,
        'created_by', e.created_by_name)
$$;

CREATE FUNCTION proposal_json(p proposals) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', p.id, 'campaign', p.campaign, 'year', p.year, 'state', p.state,
        'evaluation_id', p.evaluation_id, 'letter_number', p.letter_number, 'letter_date', p.letter_date,
        'submitted_at', p.submitted_at, 'submitted_source', p.submitted_source, 'in_time', p.in_time,
        'proposal_deadline', proposal_limit(p.campaign, p.year), 'reason', p.reason, 'created_at', p.created_at,
        'units', (SELECT coalesce(json_agg(json_build_object('unit_id', u.unit_id, 'label', unit_label(u.unit_id, make_date(p.year, 12, 31)),
                          'initiative_id', u.initiative_id) ORDER BY u.unit_id), '[]'::json)
                  FROM proposal_units u WHERE u.proposal_id = p.id))
$$;

CREATE FUNCTION award_state(a awards) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN a.revoked_by IS NULL THEN 'ACTIVE' ELSE 'REVOKED' END $$;

CREATE FUNCTION award_json(a awards) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', a.id, 'campaign', a.campaign, 'year', a.year, 'unit_id', a.unit_id,
        'label', unit_label(a.unit_id, d.signed_on), 'decision_id', a.decision_id, 'decision_number', d.number,
        'signed_on', d.signed_on, 'category', a.category, 'bonus_vnd', a.bonus_vnd, 'bonus_basis', a.bonus_basis,
        'state', CASE WHEN r.state = 'PUBLISHED' THEN 'REVOKED' ELSE 'ACTIVE' END,
        'revoked_by', CASE WHEN r.state = 'PUBLISHED' THEN r.number END,
        'revoked_on', CASE WHEN r.state = 'PUBLISHED' THEN r.signed_on END)
    FROM decisions d LEFT JOIN decisions r ON r.id = a.revoked_by WHERE d.id = a.decision_id
$$;
COMMENT ON FUNCTION award_json IS 'What the public sees: a revocation shows once its decision is published (V.3).';

CREATE FUNCTION decision_json(d decisions, offices boolean DEFAULT true) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', d.id, 'kind', d.kind, 'campaign', d.campaign, 'year', d.year, 'state', d.state,
        'proposal_id', d.proposal_id, 'subject_id', d.subject_id, 'ground', d.ground, 'fault_from', d.fault_from,
        'fault_to', d.fault_to, 'corrections', d.corrections, 'reason', CASE WHEN offices THEN d.reason END, 'number', d.number,
        'signed_on', d.signed_on, 'signer', d.signer, 'evaluation_id', d.evaluation_id, 'published_at', d.published_at,
        'units', (SELECT coalesce(json_agg(json_build_object('unit_id', u.unit_id,
                          'label', unit_label(u.unit_id, coalesce(d.signed_on, today())), 'initiative_id', u.initiative_id)
                          ORDER BY u.unit_id), '[]'::json)
                  FROM decision_units u WHERE u.decision_id = d.id))
$$;
COMMENT ON FUNCTION decision_json IS 'Reasons may speak of persons: only offices read them.';

-- ---- facts for the engine ----

CREATE FUNCTION award_entries(unit uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'campaign', a.campaign, 'year', a.year, 'category', a.category,
        'state', award_state(a), 'source', 'awards/' || a.id, 'version', a.version, 'recorded_at', d.signed_at) ORDER BY a.year, a.id), '[]')
    FROM awards a JOIN decisions d ON d.id = a.decision_id WHERE a.unit_id = unit
$$;

CREATE FUNCTION unit_snapshot(campaign text, year integer, unit uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('unit_id', unit,
        'facts', contestant_facts(campaign, year, unit) || score_facts(year, unit) || dossier_facts(campaign, year, unit),
        'registers', jsonb_build_object(
            'discipline', register_state(campaign, year, 'discipline', unit) || jsonb_build_object('entries', discipline_entries(unit)),
            'initiatives', register_state(campaign, year, 'initiatives', unit)
                           || jsonb_build_object('entries', initiative_entries(campaign, year, unit)),
            'proceedings', register_state(campaign, year, 'proceedings', unit) || jsonb_build_object('entries', proceeding_entries(unit)),
            'awards', register_state(campaign, year, 'awards', unit) || jsonb_build_object('entries', award_entries(unit))),
        'findings', finding_facts(campaign, year, unit),
        'documents', document_facts(campaign, year, unit))
$$;
COMMENT ON FUNCTION unit_snapshot IS 'All that the engine may know of a unit, each fact with its source: see src/criteria/facts_json.h.';
