-- The journal outward: CloudEvents 1.0 for other systems.

CREATE TABLE installation (
    single boolean PRIMARY KEY DEFAULT true CONSTRAINT installation_single CHECK (single),
    id uuid NOT NULL DEFAULT gen_random_uuid()
);
COMMENT ON TABLE installation IS
    'One row: who this database is among others. With it, an event''s source and id are unique in the world (CloudEvents 1.0, source).';
INSERT INTO installation DEFAULT VALUES;
REVOKE INSERT, UPDATE ON installation FROM thidua_app;

CREATE FUNCTION unit_reach(unit uuid) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        WITH RECURSIVE up(id) AS (
            SELECT unit WHERE unit IS NOT NULL
            UNION
            SELECT next.id FROM up CROSS JOIN LATERAL (
                SELECT p.parent_id AS id FROM unit_period_on(up.id, today()) p WHERE p.parent_id IS NOT NULL
                UNION ALL
                SELECT s.successor_id FROM successions s
                WHERE s.predecessor_id = up.id AND s.successor_id IS NOT NULL AND s.kind <> 'TRANSFER'
                  AND s.effective_on <= today()) next
        ) SELECT string_agg(id::text, ' ') FROM up);
END $$;
COMMENT ON FUNCTION unit_reach IS
    'Every unit in whose subtree this one stands, itself first or among them, and its successors: those for which unit_within() is true.';

CREATE FUNCTION event_json(j journal) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('specversion', '1.0', 'id', j.seq::text, 'source', 'urn:uuid:' || i.id, 'type', 'thidua.' || j.type,
        'subject', j.resource, 'time', j.at, 'sequence', lpad(j.seq::text, 19, '0'), 'datacontenttype', 'application/json',
        'data', json_build_object('campaign', j.campaign, 'year', j.year, 'unit_id', j.unit_id))
    FROM installation i
$$;
COMMENT ON FUNCTION event_json IS
    'A sealed journal row as a CloudEvent. It says that something happened to what; what it is now, each caller reads with their own rights.';
