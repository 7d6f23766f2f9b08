-- Whose receipt counts for whom (III.4.a; domain, section 8).

-- ---- who hands in ----

CREATE FUNCTION dissolved_in_time(unit uuid, campaign text, year integer) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT coalesce(unit_life_end(unit) <= least(dossier_cut_off($2, $3), today()), false) $$;
COMMENT ON FUNCTION dissolved_in_time IS
    'Is it a body that ended before the dossier deadline, and has ended? Then its successor hands in for it, else it does itself.';

CREATE OR REPLACE FUNCTION dossier_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF dissolved_in_time(NEW.nominator_id, NEW.campaign, NEW.year) THEN
        PERFORM refuse('dossiers_nominator_ended');
    END IF;
    IF TG_OP = 'INSERT' AND NEW.on_behalf_of_id IS NOT NULL
       AND NOT (dissolved_in_time(NEW.on_behalf_of_id, NEW.campaign, NEW.year) AND unit_within(NEW.on_behalf_of_id, NEW.nominator_id)) THEN
        PERFORM refuse('dossiers_successor');
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION dossier_check IS 'A body dissolved before the dossier deadline is lodged for by its successor, and only by it.';
-- What was received while the body stood may be completed: nobody loses a receipt by being asked for more.
CREATE TRIGGER dossiers_first_receipt BEFORE UPDATE OF received_at ON dossiers
    FOR EACH ROW WHEN (OLD.received_at IS NULL) EXECUTE FUNCTION dossier_check();
