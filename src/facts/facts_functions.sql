-- Facts for the engine, kept as bytes beside the contestants and never stale: what counts as a change of them, and what they are.

CREATE OR REPLACE FUNCTION stamp_raised(raised_by xid8, made_by xid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT raised_by = pg_current_xact_id() AND age(made_by) <= age(pg_current_xact_id()::xid) $$;
COMMENT ON FUNCTION stamp_raised IS
    'Did this transaction raise the counter, in whichever savepoint? `made_by`: xmin of the row, which no longer says so where it is that of
    a savepoint. A number from before a restore names another transaction, but that row is older than this one.';

CREATE OR REPLACE FUNCTION facts_touch(units uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(units) = 1 THEN -- the common case; its plan is made once, that of a list for each list
        UPDATE unit_stamps s SET stamp = s.stamp + 1, raised_by = pg_current_xact_id()
        WHERE s.unit_id = units[1] AND NOT (stamp_raised(s.raised_by, s.xmin) AND s.packed <> s.stamp);
        RETURN;
    END IF;
    PERFORM FROM unit_stamps s WHERE s.unit_id = ANY (units) AND NOT (stamp_raised(s.raised_by, s.xmin) AND s.packed <> s.stamp)
    ORDER BY s.unit_id FOR NO KEY UPDATE;
    IF FOUND THEN
        UPDATE unit_stamps s SET stamp = s.stamp + 1, raised_by = pg_current_xact_id()
        WHERE s.unit_id = ANY (units) AND NOT (stamp_raised(s.raised_by, s.xmin) AND s.packed <> s.stamp);
    END IF;
END $$;
COMMENT ON FUNCTION facts_touch IS
    'The facts of these units change in this transaction. Once in a transaction: nobody else can have packed meanwhile what it has raised
    and still holds, and thousands of versions of one row would all be read again by each next write. Rows are locked in one order, so
    that two writers cannot deadlock.';

CREATE OR REPLACE FUNCTION units_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO unit_stamps (unit_id, packed) SELECT id, 0 FROM changed;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION units_stamp IS
    'A new unit is no contestant yet: there is nothing to pack before something raises its counter, so the packer need not look at it.';
CREATE OR REPLACE TRIGGER units_stamped AFTER INSERT ON units REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION units_stamp();

-- One for each kind of table that facts come from: it finds the units whose facts the changed rows are. Every table that
-- unit_own_snapshot() reads is in the list below.

CREATE OR REPLACE FUNCTION facts_touch_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM facts_touch(ARRAY(SELECT DISTINCT unit_id FROM changed WHERE unit_id IS NOT NULL));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION facts_touch_own IS
    'For rows of one unit each. A register declared for all units has none: it is no part of packed facts and is read by each evaluation.';

-- Two that enter something of one unit at once wait here for each other, and the next statement sees what the first has entered.
CREATE OR REPLACE FUNCTION unit_entry_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- As the foreign key will. Who takes the unit back has its row first, and its counter then.
    PERFORM FROM units u WHERE u.id = NEW.unit_id FOR KEY SHARE;
    PERFORM facts_touch(ARRAY[NEW.unit_id]);
    NEW.place := 1 + coalesce(CASE TG_TABLE_NAME
        WHEN 'initiatives' THEN (SELECT max(i.place) FROM initiatives i WHERE i.unit_id = NEW.unit_id)
        WHEN 'discipline_records' THEN (SELECT max(d.place) FROM discipline_records d WHERE d.unit_id = NEW.unit_id)
        WHEN 'proceedings' THEN (SELECT max(p.place) FROM proceedings p WHERE p.unit_id = NEW.unit_id) END, 0);
    RETURN NEW;
END $$;
COMMENT ON FUNCTION unit_entry_place IS
    'Entries of a register are numbered in their unit. No entry is ever taken away, so the last number is how many there are.';
DO $$
DECLARE
    numbered text;
BEGIN
    FOREACH numbered IN ARRAY ARRAY['initiatives', 'discipline_records', 'proceedings'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER placed BEFORE INSERT ON %I FOR EACH ROW EXECUTE FUNCTION unit_entry_place()', numbered);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION facts_touch_initiative() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM facts_touch(ARRAY(SELECT DISTINCT i.unit_id FROM changed x JOIN initiatives i ON i.id = x.initiative_id));
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION facts_touch_nominees() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM facts_touch(ARRAY(SELECT DISTINCT n.unit_id FROM changed x JOIN nominations n ON n.dossier_id = x.id));
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION facts_touch_documents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM facts_touch(ARRAY(SELECT DISTINCT n.unit_id FROM changed x JOIN nominations n ON n.dossier_id = x.dossier_id));
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION facts_touch_awarded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM facts_touch(ARRAY(SELECT DISTINCT a.unit_id FROM changed x JOIN awards a ON a.decision_id = x.id OR a.revoked_by = x.id));
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION facts_touch_campaign() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM facts_touch(ARRAY(SELECT DISTINCT n.unit_id FROM changed x JOIN nominations n ON n.campaign = x.campaign));
    RETURN NULL;
END $$;

DO $$
DECLARE
    source record;
    change record;
BEGIN
    FOR source IN SELECT * FROM (VALUES
        ('contestants', 'facts_touch_own'), ('register_declarations', 'facts_touch_own'), ('findings', 'facts_touch_own'),
        ('finding_contents', 'facts_touch_own'), ('scorecards', 'facts_touch_own'), ('score_leaves', 'facts_touch_own'),
        ('initiatives', 'facts_touch_own'), ('initiative_recognitions', 'facts_touch_initiative'),
        ('initiative_uses', 'facts_touch_initiative'), ('discipline_records', 'facts_touch_own'), ('proceedings', 'facts_touch_own'),
        ('nominations', 'facts_touch_own'), ('dossiers', 'facts_touch_nominees'), ('documents', 'facts_touch_documents'),
        ('awards', 'facts_touch_own'), ('decisions', 'facts_touch_awarded'), ('dossier_components', 'facts_touch_campaign')
    ) AS s(name, function) LOOP
        FOR change IN SELECT * FROM (VALUES
            ('facts_made', 'INSERT', 'NEW'), ('facts_changed', 'UPDATE', 'NEW'),
            ('facts_left', 'UPDATE', 'OLD'), -- a row that changes hands changes the facts of the unit that it leaves too
            ('facts_removed', 'DELETE', 'OLD')) AS c(name, event, rows) LOOP
            EXECUTE format('CREATE OR REPLACE TRIGGER %I AFTER %s ON %I REFERENCING %s TABLE AS changed '
                           'FOR EACH STATEMENT EXECUTE FUNCTION %I()', change.name, change.event, source.name, change.rows, source.function);
        END LOOP;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION facts_touch_round() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM facts_touch(ARRAY(SELECT c.unit_id FROM contestants c WHERE c.campaign = NEW.campaign AND c.year = NEW.year));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION facts_touch_round IS 'Of a round only the day before which dossiers come in is a fact; a plan that is loaded again may move it.';
CREATE OR REPLACE TRIGGER facts_changed AFTER UPDATE OF cut_off ON rounds
    FOR EACH ROW WHEN (NEW.cut_off IS DISTINCT FROM OLD.cut_off) EXECUTE FUNCTION facts_touch_round();

CREATE OR REPLACE FUNCTION facts_pack_again(units uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM unit_stamps s WHERE s.unit_id = ANY (units) AND s.packed <> -1 ORDER BY s.unit_id FOR NO KEY UPDATE;
    UPDATE unit_stamps s SET packed = -1 WHERE s.unit_id = ANY (units) AND s.packed <> -1;
END $$;
COMMENT ON FUNCTION facts_pack_again IS 'The facts of these units are what they were, and are to be packed otherwise. Rows are locked in the order of facts_touch().';

CREATE OR REPLACE FUNCTION campaigns_repack() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM facts_pack_again(ARRAY(SELECT DISTINCT c.unit_id FROM contestants c WHERE c.campaign = NEW.code));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION campaigns_repack IS 'Other rules may have another layout, so the packer has to look at all contestants again.';
CREATE OR REPLACE TRIGGER campaigns_repacked AFTER UPDATE OF criteria_name, criteria_version ON campaigns
    FOR EACH ROW EXECUTE FUNCTION campaigns_repack();

CREATE OR REPLACE FUNCTION rounds_repack() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM facts_pack_again(ARRAY(SELECT c.unit_id FROM contestants c WHERE c.campaign = NEW.campaign AND c.year = NEW.year));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION rounds_repack IS 'The packer passes over closed rounds. One that is reopened is packed as it stands now.';
CREATE OR REPLACE TRIGGER rounds_repacked AFTER UPDATE OF state ON rounds
    FOR EACH ROW WHEN (OLD.state = 'CLOSED' AND NEW.state <> 'CLOSED') EXECUTE FUNCTION rounds_repack();

-- ---- a unit's own facts ----

CREATE OR REPLACE FUNCTION unit_own_snapshot(campaign text, year integer, unit uuid, councils jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('unit_id', unit,
        'facts', contestant_facts(campaign, year, unit) || score_facts(year, unit) || intake_facts(campaign, year, unit)
                 || dossier_facts(campaign, year, unit),
        'registers', jsonb_build_object(
            'discipline', register_own_state(campaign, year, 'discipline', unit) || jsonb_build_object('entries', discipline_entries(unit)),
            'initiatives', register_own_state(campaign, year, 'initiatives', unit)
                           || jsonb_build_object('entries', initiative_entries(campaign, year, unit, councils)),
            'proceedings', register_own_state(campaign, year, 'proceedings', unit) || jsonb_build_object('entries', proceeding_entries(unit)),
            'awards', register_own_state(campaign, year, 'awards', unit) || jsonb_build_object('entries', award_entries(unit))),
        'findings', finding_facts(campaign, year, unit),
        'documents', document_facts(campaign, year, unit))
$$;

CREATE OR REPLACE FUNCTION unit_earlier_facts(campaign text, year integer, unit uuid, earlier jsonb) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_object_agg(back, contestant_facts($1, $2 + back, $3) || score_facts($2 + back, $3)
                                               || intake_facts($1, $2 + back, $3) || dossier_facts($1, $2 + back, $3)), '{}')
            FROM jsonb_array_elements_text(earlier) e CROSS JOIN LATERAL (SELECT e::integer AS back) y
            WHERE EXISTS (SELECT FROM contestants c WHERE c.campaign = $1 AND c.year = $2 + back AND c.unit_id = $3));
END $$;
COMMENT ON FUNCTION unit_earlier_facts IS
    'Facts of the unit in earlier rounds of the campaign, by how many years before; nothing of a round of which it was no contestant.';

CREATE OR REPLACE FUNCTION unit_snapshot(campaign text, year integer, unit uuid, read jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT unit_own_snapshot(campaign, year, unit, read -> 'councils') || CASE WHEN read -> 'earlier' <> '[]'
        THEN jsonb_build_object('earlier', unit_earlier_facts(campaign, year, unit, read -> 'earlier')) ELSE '{}' END
$$;
COMMENT ON FUNCTION unit_snapshot IS 'unit_own_snapshot() for rules that read facts so (criteria_sets.facts_read), with what they ask for of earlier years.';

CREATE OR REPLACE FUNCTION unit_is_large(unit uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    most CONSTANT integer := 100; -- some 32 KB of text
BEGIN
    RETURN coalesce((SELECT max(i.place) FROM initiatives i WHERE i.unit_id = unit), 0)
         + coalesce((SELECT max(d.place) FROM discipline_records d WHERE d.unit_id = unit), 0)
         + coalesce((SELECT max(p.place) FROM proceedings p WHERE p.unit_id = unit), 0) > most;
END $$;
COMMENT ON FUNCTION unit_is_large IS
    'So much is entered of the unit that its snapshot is read by itself: a page of such units would take gigabytes. Without counting it.';

COMMENT ON FUNCTION unit_own_snapshot IS
    'All that the engine may know of a unit, each fact with its source (src/engine/json/facts_json.h), except the registers that are
    declared for all. Every table that it reads needs the triggers above: what it says may change only where unit_stamps does.';
