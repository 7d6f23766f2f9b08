-- Writes that cost less, above all when many come at once.

CREATE OR REPLACE FUNCTION journal_seal_batch(OUT sealed integer, OUT remaining bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
    head journal;
    entry journal;
BEGIN
    sealed := 0;
    IF pg_try_advisory_xact_lock(7468696476) THEN
        SELECT * INTO head FROM journal WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1;
        FOR entry IN SELECT * FROM journal WHERE seq IS NULL ORDER BY id LIMIT 500 LOOP
            entry.seq := coalesce(head.seq, 0) + 1;
            entry.hash := sha256(coalesce(head.hash, ''::bytea) || convert_to(journal_canonical(entry), 'UTF8'));
            UPDATE journal SET seq = entry.seq, hash = entry.hash WHERE id = entry.id;
            head := entry;
            sealed := sealed + 1;
        END LOOP;
        IF sealed > 0 THEN
            PERFORM pg_notify('thidua', 'data');
        END IF;
    END IF;
    SELECT count(*) INTO remaining FROM journal WHERE seq IS NULL;
END $$;
COMMENT ON FUNCTION journal_seal_batch IS
    'Numbers and chains committed rows, one sealer at a time; rows that commit later simply get a later number. By index scans alone: every
    row was once in journal_unsealed, and only an index scan marks the entries of rows since sealed, so that the next one passes over
    them. A bitmap scan reads them all again, each time, until the next vacuum.';

-- Twice a row as JSON for every row sealed was a sixth of what sealing costs; and images are the stricter test.
CREATE OR REPLACE FUNCTION journal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.seq IS NULL AND NEW.seq IS NOT NULL THEN
        OLD.seq := NEW.seq;
        OLD.hash := NEW.hash;
        IF OLD *= NEW THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the journal is append-only';
END $$;

-- ---- a new unit ----

CREATE OR REPLACE FUNCTION units_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO unit_stamps (unit_id, packed) SELECT id, 0 FROM changed;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION units_stamp IS
    'A new unit is no contestant yet: there is nothing to pack before something raises its counter. The packer shall not look at each.';

-- ---- the name as it is searched ----

-- In SQL, it cannot become part of the statement around it (unaccent is only stable) and was planned anew for every row written.
CREATE OR REPLACE FUNCTION search_form(name text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS
$$ BEGIN RETURN lower(public.unaccent('public.unaccent', normalize(name, NFC))); END $$;
