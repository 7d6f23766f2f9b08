-- Whose unit is whose, which initiative counts for which award, and dates that follow the round instead of a fixed number.

CREATE FUNCTION own_unit(unit uuid, caller_unit uuid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT caller_unit IS NOT NULL AND (unit_within(unit, caller_unit) OR unit_within(caller_unit, unit)) $$;
COMMENT ON FUNCTION own_unit IS
    'Separation of duties (domain, section 1): a key of a unit is not impartial towards what is below it, nor, as of a division of a
    sở, towards the body that it is part of.';

CREATE OR REPLACE FUNCTION dossier_cut_off(campaign text, year integer) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT round_cutoff($1, $2) $$;
COMMENT ON FUNCTION dossier_cut_off IS 'III.4.a "trước ngày 31/12": received strictly before this day of the round begins in Asia/Ho_Chi_Minh.';

-- ---- merits ----

CREATE FUNCTION merits_of(campaign text, year integer, unit uuid, submitted_on date) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT i.id FROM initiatives i JOIN initiative_recognitions r ON r.initiative_id = i.id
    WHERE i.unit_id = $3 AND r.council = 'PROVINCIAL' AND r.outcome = 'RECOGNISED' AND r.recognised_on <= $4
      AND daterange(i.applied_from, i.applied_to, '[]') && daterange(make_date($2, 1, 1), make_date($2, 12, 31), '[]')
    ORDER BY r.recognised_on, i.id
$$;
COMMENT ON FUNCTION merits_of IS
    'III.1.c: the initiatives that can earn the unit this year''s award: recognised by the provincial council no later than the
    submission and applied in the year. One that another award has used is among them: initiative_uses holds that.';

DROP FUNCTION initiative_json(initiatives);
CREATE FUNCTION initiative_json(i initiatives, offices boolean DEFAULT true) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', i.id, 'unit_id', i.unit_id, 'unit_label', unit_label(i.unit_id, i.applied_from),
        'title', i.title, 'summary', i.summary, 'kind', i.kind, 'applied_from', i.applied_from, 'applied_to', i.applied_to,
        'state', i.state,
        'used', EXISTS (SELECT FROM initiative_uses u WHERE u.initiative_id = i.id AND (offices OR EXISTS (
            SELECT FROM awards a JOIN decisions d ON d.id = a.decision_id WHERE a.id = u.award_id AND d.state = 'PUBLISHED'))),
        'recognitions', (SELECT coalesce(json_agg(json_build_object('council', r.council, 'outcome', r.outcome,
                'recognised_on', r.recognised_on, 'decision_number', r.decision_number, 'scope', r.scope,
                'reason', r.reason, 'recorded_at', r.recorded_at) ORDER BY r.council DESC), '[]'::json)
            FROM initiative_recognitions r WHERE r.initiative_id = i.id),
        'changed_at', i.changed_at)
$$;
COMMENT ON FUNCTION initiative_json IS
    'That an initiative has earned an award says that there is one: before its decision is published only offices know (V.3).';

-- ---- submissions ----

CREATE FUNCTION proposal_in_time(p proposals) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT local_date(p.submitted_at) <= proposal_limit(p.campaign, p.year) $$;
COMMENT ON FUNCTION proposal_in_time IS
    'III.4.b: by the conference as it is dated now, which can move; NULL while that has no date, or nothing is submitted.';

CREATE OR REPLACE FUNCTION proposal_json(p proposals) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', p.id, 'campaign', p.campaign, 'year', p.year, 'state', p.state,
        'evaluation_id', p.evaluation_id, 'letter_number', p.letter_number, 'letter_date', p.letter_date,
        'submitted_at', p.submitted_at, 'submitted_source', p.submitted_source,
        'in_time', proposal_in_time(p),
        'proposal_deadline', proposal_limit(p.campaign, p.year), 'reason', p.reason, 'created_at', p.created_at,
        'units', (SELECT coalesce(json_agg(json_build_object('unit_id', u.unit_id, 'label', unit_label(u.unit_id, make_date(p.year, 12, 31)),
                          'initiative_id', u.initiative_id) ORDER BY u.unit_id), '[]'::json)
                  FROM proposal_units u WHERE u.proposal_id = p.id))
$$;
ALTER TABLE proposals DROP COLUMN in_time;

-- ---- numbers of decisions ----

CREATE FUNCTION decision_number_key(number text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT upper(regexp_replace(translate(number, E'đ \t\u00a0', 'Đ'), '^0+', '')) $$;
COMMENT ON FUNCTION decision_number_key IS
    'By which numbers are the same (domain, sections 5 and 7): without blanks, that of no-break among them, leading zeros and case.';

DROP INDEX decisions_number;
CREATE UNIQUE INDEX decisions_number ON decisions (decision_number_key(number), (extract(year FROM signed_on))) WHERE state <> 'DRAFT';
COMMENT ON INDEX decisions_number IS 'A number is never given out again in its year, not even after a revocation.';
