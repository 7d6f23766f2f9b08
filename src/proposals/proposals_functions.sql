-- Submissions to the Chair (III.4.b).

CREATE OR REPLACE FUNCTION proposal_in_time(p proposals) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT local_date(p.submitted_at) <= proposal_limit(p.campaign, p.year) $$;
COMMENT ON FUNCTION proposal_in_time IS
    'III.4.b, by the date that the conference has now, for it can move. Null while it has none, or while nothing is submitted.';

CREATE OR REPLACE FUNCTION proposal_json(p proposals) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
    rules text := evaluation_rules(p.evaluation_id);
BEGIN
    RETURN json_build_object('id', p.id, 'campaign', p.campaign, 'year', p.year, 'state', p.state,
        'evaluation_id', p.evaluation_id, 'letter_number', p.letter_number, 'letter_date', p.letter_date,
        'submitted_at', p.submitted_at, 'submitted_source', p.submitted_source,
        'in_time', proposal_in_time(p),
        'proposal_deadline', proposal_limit(p.campaign, p.year), 'reason', p.reason, 'created_at', p.created_at,
        'units', (SELECT coalesce(json_agg(json_build_object('unit_id', u.unit_id, 'unit_label', unit_label(u.unit_id, make_date(p.year, 12, 31)),
                          'initiative_id', u.initiative_id, 'form', u.form,
                          'form_label', form_label(rules, u.form), 'tier', u.tier) ORDER BY u.unit_id), '[]'::json)
                  FROM proposal_units u WHERE u.proposal_id = p.id),
        'warnings', balance_warnings(rules, p.campaign, p.year,
            ARRAY(SELECT u.unit_id FROM proposal_units u WHERE u.proposal_id = p.id)));
END $$;
