-- What a round shows of features whose tables came after it: counts, and who has handed in a dossier.

CREATE OR REPLACE FUNCTION round_counts(campaign text, year integer) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'contestants', (SELECT count(*) FROM contestants c WHERE c.campaign = $1 AND c.year = $2),
        'findings', (SELECT count(*) FROM findings f WHERE f.campaign = $1 AND f.year = $2),
        'reports', (SELECT count(*) FROM reports p WHERE p.campaign = $1 AND p.year = $2),
        'dossiers', (SELECT count(*) FROM dossiers d WHERE d.campaign = $1 AND d.year = $2
                     AND d.received_at IS NOT NULL AND d.state <> 'WITHDRAWN'),
        'nominees', (SELECT count(*) FROM nominations n JOIN dossiers d ON d.id = n.dossier_id
                     WHERE n.campaign = $1 AND n.year = $2 AND n.standing AND d.received_at IS NOT NULL),
        'awards', (SELECT count(*) FROM awards a JOIN decisions d ON d.id = a.decision_id
                   WHERE a.campaign = $1 AND a.year = $2 AND d.state = 'PUBLISHED'))
$$;
COMMENT ON FUNCTION round_counts IS
    'Public, so it counts only what was handed in and what is published (V.3): no drafts, no award before its decision is public.';

CREATE OR REPLACE FUNCTION dossier_received_at(campaign text, year integer, unit uuid) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT min(d.received_at) FROM dossiers d
    WHERE d.campaign = $1 AND d.year = $2 AND $3 IN (d.nominator_id, d.on_behalf_of_id) AND d.state <> 'WITHDRAWN'
$$;
COMMENT ON FUNCTION dossier_received_at IS
    'When the unit''s dossier of the year was first received, whoever handed it in for it; NULL while there is none.';

CREATE OR REPLACE FUNCTION contestants_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM findings f WHERE f.campaign = OLD.campaign AND f.year = OLD.year AND f.unit_id = OLD.unit_id)
       OR EXISTS (SELECT FROM nominations n WHERE n.campaign = OLD.campaign AND n.year = OLD.year AND n.unit_id = OLD.unit_id) THEN
        PERFORM refuse('contestants_in_use');
    END IF;
    RETURN OLD;
END $$;
COMMENT ON FUNCTION contestants_keep IS 'An entry that findings or nominations build on stays in the register.';
