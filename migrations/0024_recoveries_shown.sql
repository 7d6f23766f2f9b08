-- What is recorded of a revoked award's recovery is shown to whom it concerns.

DROP FUNCTION award_json(awards);
CREATE FUNCTION award_json(a awards, offices boolean) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', a.id, 'campaign', a.campaign, 'year', a.year, 'unit_id', a.unit_id,
        'label', unit_label(a.unit_id, d.signed_on), 'decision_id', a.decision_id, 'decision_number', d.number,
        'signed_on', d.signed_on, 'category', a.category, 'bonus_vnd', a.bonus_vnd, 'bonus_basis', a.bonus_basis,
        'state', CASE WHEN r.state = 'PUBLISHED' THEN 'REVOKED' ELSE 'ACTIVE' END,
        'revoked_by', CASE WHEN r.state = 'PUBLISHED' THEN r.number END,
        'revoked_on', CASE WHEN r.state = 'PUBLISHED' THEN r.signed_on END)
        || CASE WHEN offices THEN jsonb_build_object('certificate_recovered_on', a.certificate_recovered_on,
                                                     'money_recovered_on', a.money_recovered_on) ELSE '{}' END
    FROM decisions d LEFT JOIN decisions r ON r.id = a.revoked_by WHERE d.id = a.decision_id
$$;
COMMENT ON FUNCTION award_json IS
    'A revocation shows once its decision is published (V.3). What was recovered would tell of it before: that is for the offices.';
