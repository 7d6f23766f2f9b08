-- What is shown: what was recovered of a revoked award, to the offices; shares of the quota that reach nobody.

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

-- A share for a cluster that nobody is in is given to nobody: most often its name is spelt otherwise in the register.

CREATE OR REPLACE FUNCTION quota_json(r rounds) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('campaign', r.campaign, 'year', r.year, 'version', r.quota_version, 'cap', r.cap,
        'allocated', sums.slots, 'allocation', quota_shares_json(r.campaign, r.year, r.quota_version),
        'reason', v.reason, 'recorded_at', v.recorded_at,
        'warnings', (
            SELECT coalesce(json_agg(json_build_object('code', w.code, 'clause', plan_clause(r.campaign, 'III.2.b'),
                                                       'text', json_build_object('vi', w.vi, 'en', w.en)) ORDER BY w.vi), '[]'::json)
            FROM (
                SELECT 'NO_ALLOCATION', 'Sở Nội vụ chưa phân bổ chỉ tiêu: chỉ có mức trần của năm được áp dụng.',
                       'No quota is allocated yet: only the year''s cap holds.' WHERE sums.slots IS NULL
                UNION ALL
                SELECT 'CLUSTER_WITHOUT_CONTESTANTS',
                       format('Không có đối tượng thi đua nào của nhóm %s thuộc khối, cụm "%s": chưa ai được dùng chỉ tiêu này.', q.group_name, q.cluster),
                       format('No contestant of the group %s is in the cluster "%s": nobody can have its slots.', q.group_name, q.cluster)
                FROM quota_current q
                WHERE q.campaign = r.campaign AND q.year = r.year AND q.cluster IS NOT NULL AND q.slots > 0 AND NOT EXISTS (
                    SELECT FROM contestants c WHERE c.campaign = q.campaign AND c.year = q.year AND c.group_name = q.group_name
                    AND c.cluster = q.cluster)
            ) w(code, vi, en)))
    FROM (SELECT sum(q.slots) AS slots FROM quota_current q WHERE q.campaign = r.campaign AND q.year = r.year) sums
    LEFT JOIN quota_versions v ON v.campaign = r.campaign AND v.year = r.year AND v.version = r.quota_version
$$;
