-- The cap binds whoever writes to the table of awards; and who is left out of an allocation is told of (III.2.b).

CREATE FUNCTION awards_cap_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.slot > round_cap(NEW.campaign, NEW.year) THEN
        PERFORM refuse('awards_slot');
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION awards_cap_check IS 'Slots are numbered; awards_slot lets each be taken once, and this none beyond the cap.';
CREATE TRIGGER awards_within_cap BEFORE INSERT ON awards FOR EACH ROW EXECUTE FUNCTION awards_cap_check();

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
                UNION ALL
                SELECT 'GROUP_WITHOUT_SHARE',
                       format('Nhóm %s có đối tượng thi đua nhưng không được phân bổ: chỉ có mức trần còn lại của năm.', g.code),
                       format('The group %s has contestants and no slots: only what is left of the year''s cap holds for it.', g.code)
                FROM campaign_groups g
                WHERE g.campaign = r.campaign AND sums.slots > 0
                  AND EXISTS (SELECT FROM contestants c WHERE c.campaign = r.campaign AND c.year = r.year AND c.group_name = g.code)
                  AND NOT EXISTS (SELECT FROM quota_current q WHERE q.campaign = r.campaign AND q.year = r.year AND q.group_name = g.code)
            ) w(code, vi, en)))
    FROM (SELECT sum(q.slots) AS slots FROM quota_current q WHERE q.campaign = r.campaign AND q.year = r.year) sums
    LEFT JOIN quota_versions v ON v.campaign = r.campaign AND v.year = r.year AND v.version = r.quota_version
$$;
