-- Deadlines come to people: in their calendars, and as events.

CREATE OR REPLACE FUNCTION round_path(campaign text, year integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT format('/v1/campaigns/%s/rounds/%s', campaign, year) $$;

DROP FUNCTION IF EXISTS open_obligations(rounds);
CREATE OR REPLACE FUNCTION open_obligations(r rounds) RETURNS TABLE (unit_id uuid, kind text, resource text, becomes_late boolean)
LANGUAGE sql STABLE AS $$
    SELECT o.unit_id, 'REPORTS', round_path(r.campaign, r.year) || '/reports/' || o.unit_id, true
    FROM report_owers(r) o
    WHERE NOT EXISTS (SELECT FROM reports f WHERE f.campaign = r.campaign AND f.year = r.year AND f.unit_id = o.unit_id)
    UNION ALL
    SELECT d.nominator_id, 'DOSSIERS', '/v1/dossiers/' || d.id, d.received_at IS NULL
    FROM dossiers d WHERE d.campaign = r.campaign AND d.year = r.year AND d.state IN ('DRAFT', 'RETURNED')
$$;
COMMENT ON FUNCTION open_obligations IS
    'What units have still to hand in, and the deadline that it is under: the yearly report (V.1), and a dossier that was begun or returned
    (III.4.a). Nobody owes a dossier, so one that nobody began is none; one that was returned came in time and does not become late.';
