-- Groups left out of an allocation have what it leaves of the cap, and nothing of what others were given (III.2.b).

CREATE OR REPLACE FUNCTION shares_exceeded(campaign text, year integer, decision uuid)
RETURNS TABLE (share text, slots bigint, given bigint) LANGUAGE sql STABLE AS $$
    WITH holders AS (
        SELECT c.group_name, c.cluster, u.asked FROM (
            SELECT a.unit_id, false AS asked FROM awards a WHERE a.campaign = $1 AND a.year = $2
            UNION ALL SELECT d.unit_id, true FROM decision_units d WHERE d.decision_id = $3) u
        JOIN contestants c ON c.campaign = $1 AND c.year = $2 AND c.unit_id = u.unit_id
        WHERE NOT EXISTS (
            SELECT FROM (SELECT o.decided, o.computed FROM standing_overrides o
                         WHERE o.campaign = $1 AND o.year = $2 AND o.unit_id = u.unit_id ORDER BY o.position DESC LIMIT 1) o
            WHERE o.decided = 'SECURE' AND o.computed <> 'SECURE')
    ), shares AS (
        SELECT q.group_name, NULL::text AS cluster, sum(q.slots)::bigint AS slots FROM quota_current q
        WHERE q.campaign = $1 AND q.year = $2 GROUP BY q.group_name
        UNION ALL
        SELECT q.group_name, q.cluster, q.slots FROM quota_current q
        JOIN campaigns k ON k.code = q.campaign
        JOIN criteria_sets s ON s.name = k.criteria_name AND s.version = k.criteria_version
        WHERE q.campaign = $1 AND q.year = $2 AND q.cluster IS NOT NULL AND s.document -> 'standings' ? 'cluster_by'
    ), left_out AS (
        SELECT h.group_name, h.asked FROM holders h WHERE h.group_name NOT IN (SELECT s.group_name FROM shares s)
    ), rest AS (
        SELECT round_cap($1, $2) - sum(s.slots)::bigint AS slots FROM shares s WHERE s.cluster IS NULL)
    SELECT concat_ws('/', s.group_name, s.cluster), s.slots, count(*)
    FROM shares s JOIN holders h ON h.group_name = s.group_name AND (s.cluster IS NULL OR h.cluster = s.cluster)
    GROUP BY s.group_name, s.cluster, s.slots
    HAVING count(*) > s.slots AND (bool_or(h.asked) OR $3 IS NULL)
    UNION ALL
    SELECT string_agg(DISTINCT l.group_name, ', '), r.slots, count(*)
    FROM rest r, left_out l WHERE r.slots IS NOT NULL
    GROUP BY r.slots
    HAVING count(*) > r.slots AND (bool_or(l.asked) OR $3 IS NULL)
$$;
COMMENT ON FUNCTION shares_exceeded IS
    'Groups (and, where the rules compare inside clusters, clusters) with more awards than the allocation in force gives them, all groups
    left out of it together; revoked ones and those that the decision would add among them; with a decision only such as it adds to. Whose
    place was moved by a person counts in none: that was decided beside the shares, with its reason. The cap binds all.';
