-- Facts as bytes beside the contestants, never stale; evaluations stored as what was judged and what came out.

-- ---- what has changed ----

CREATE TABLE unit_stamps (
    unit_id uuid PRIMARY KEY CONSTRAINT unit_stamps_unit REFERENCES units,
    stamp bigint NOT NULL DEFAULT 0,
    packed bigint NOT NULL DEFAULT -1
) WITH (fillfactor = 70);
COMMENT ON TABLE unit_stamps IS
    'A counter for each unit, raised in the transaction that changes any fact of it. Facts and counter commit together, so whoever
    reads both in one snapshot knows whether bytes packed at a counter are the facts of now: no lock and no order of writers matters.';
COMMENT ON COLUMN unit_stamps.packed IS 'The counter at which the unit was last packed. Only says where the packer should look; nobody trusts it.';
CREATE INDEX unit_stamps_to_pack ON unit_stamps (unit_id) WHERE packed <> stamp;
INSERT INTO unit_stamps (unit_id) SELECT id FROM units;

CREATE FUNCTION facts_touch(units uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM unit_stamps s WHERE s.unit_id = ANY (units) ORDER BY s.unit_id FOR NO KEY UPDATE;
    UPDATE unit_stamps s SET stamp = s.stamp + 1 WHERE s.unit_id = ANY (units);
END $$;
COMMENT ON FUNCTION facts_touch IS 'The facts of these units change in this transaction. Locks in one order, so that two writers do not meet crosswise.';

CREATE FUNCTION units_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO unit_stamps (unit_id) SELECT id FROM changed;
    RETURN NULL;
END $$;
CREATE TRIGGER units_stamped AFTER INSERT ON units REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION units_stamp();

-- Each says, for a table that facts come from, whose facts the changed rows are.
CREATE FUNCTION facts_touch_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM facts_touch(ARRAY(SELECT DISTINCT unit_id FROM changed WHERE unit_id IS NOT NULL));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION facts_touch_own IS
    'Rows of one unit each. A register declared for all units has none: it is no part of packed facts, but read at evaluation.';

CREATE FUNCTION facts_touch_initiative() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM facts_touch(ARRAY(SELECT DISTINCT i.unit_id FROM changed x JOIN initiatives i ON i.id = x.initiative_id));
    RETURN NULL;
END $$;

CREATE FUNCTION facts_touch_nominees() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM facts_touch(ARRAY(SELECT DISTINCT n.unit_id FROM changed x JOIN nominations n ON n.dossier_id = x.id));
    RETURN NULL;
END $$;

CREATE FUNCTION facts_touch_documents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM facts_touch(ARRAY(SELECT DISTINCT n.unit_id FROM changed x JOIN nominations n ON n.dossier_id = x.dossier_id));
    RETURN NULL;
END $$;

CREATE FUNCTION facts_touch_awarded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM facts_touch(ARRAY(SELECT DISTINCT a.unit_id FROM changed x JOIN awards a ON a.decision_id = x.id OR a.revoked_by = x.id));
    RETURN NULL;
END $$;

DO $$
DECLARE
    source record;
BEGIN
    FOR source IN SELECT * FROM (VALUES
        ('contestants', 'facts_touch_own'), ('register_declarations', 'facts_touch_own'), ('findings', 'facts_touch_own'),
        ('finding_contents', 'facts_touch_own'), ('scorecards', 'facts_touch_own'), ('score_leaves', 'facts_touch_own'),
        ('initiatives', 'facts_touch_own'), ('initiative_recognitions', 'facts_touch_initiative'),
        ('initiative_uses', 'facts_touch_initiative'), ('discipline_records', 'facts_touch_own'), ('proceedings', 'facts_touch_own'),
        ('nominations', 'facts_touch_own'), ('dossiers', 'facts_touch_nominees'), ('documents', 'facts_touch_documents'),
        ('awards', 'facts_touch_own'), ('decisions', 'facts_touch_awarded')) AS s(name, function)
    LOOP
        EXECUTE format('CREATE TRIGGER facts_made AFTER INSERT ON %I REFERENCING NEW TABLE AS changed '
                       'FOR EACH STATEMENT EXECUTE FUNCTION %I()', source.name, source.function);
        EXECUTE format('CREATE TRIGGER facts_changed AFTER UPDATE ON %I REFERENCING NEW TABLE AS changed '
                       'FOR EACH STATEMENT EXECUTE FUNCTION %I()', source.name, source.function);
        -- A row that changes hands changes the facts of the one it leaves too.
        EXECUTE format('CREATE TRIGGER facts_left AFTER UPDATE ON %I REFERENCING OLD TABLE AS changed '
                       'FOR EACH STATEMENT EXECUTE FUNCTION %I()', source.name, source.function);
        EXECUTE format('CREATE TRIGGER facts_removed AFTER DELETE ON %I REFERENCING OLD TABLE AS changed '
                       'FOR EACH STATEMENT EXECUTE FUNCTION %I()', source.name, source.function);
    END LOOP;
END $$;

-- ---- a unit's facts without what holds for all units of the round ----

CREATE FUNCTION register_own_state(campaign text, year integer, register text, unit uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN d.unit_id IS NULL THEN jsonb_build_object('complete', false, 'complete_source', NULL, 'complete_through', NULL,
                                                               'inherits', true)
           ELSE jsonb_build_object('complete', d.complete, 'complete_source', CASE WHEN d.complete THEN d.source END,
                                   'complete_through', CASE WHEN d.complete THEN d.complete_through END, 'inherits', false) END
    FROM (SELECT 1) one LEFT JOIN register_declarations d
         ON d.campaign = $1 AND d.year = $2 AND d.register = $3 AND d.unit_id = $4
$$;
COMMENT ON FUNCTION register_own_state IS
    'The unit''s own declaration; `inherits` where it has none, so that the round''s (register_common_states) stands in for it.';

CREATE FUNCTION register_common_states(campaign text, year integer) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_object_agg(d.register, jsonb_build_object('complete', d.complete,
        'complete_source', CASE WHEN d.complete THEN d.source END,
        'complete_through', CASE WHEN d.complete THEN d.complete_through END)), '{}')
    FROM register_declarations d WHERE d.campaign = $1 AND d.year = $2 AND d.unit_id IS NULL
$$;
COMMENT ON FUNCTION register_common_states IS 'What is declared for all units of the round, by register.';

CREATE FUNCTION unit_own_snapshot(campaign text, year integer, unit uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('unit_id', unit,
        'facts', contestant_facts(campaign, year, unit) || score_facts(year, unit) || dossier_facts(campaign, year, unit),
        'registers', jsonb_build_object(
            'discipline', register_own_state(campaign, year, 'discipline', unit) || jsonb_build_object('entries', discipline_entries(unit)),
            'initiatives', register_own_state(campaign, year, 'initiatives', unit)
                           || jsonb_build_object('entries', initiative_entries(campaign, year, unit)),
            'proceedings', register_own_state(campaign, year, 'proceedings', unit) || jsonb_build_object('entries', proceeding_entries(unit)),
            'awards', register_own_state(campaign, year, 'awards', unit) || jsonb_build_object('entries', award_entries(unit))),
        'findings', finding_facts(campaign, year, unit),
        'documents', document_facts(campaign, year, unit))
$$;
COMMENT ON FUNCTION unit_own_snapshot IS
    'All that the engine may know of a unit, each fact with its source (src/criteria/facts_json.h), but for the registers that are
    declared for all. Whatever it reads needs the triggers above: what it says may change only where unit_stamps does.';

DROP FUNCTION unit_snapshot(text, integer, uuid);

-- ---- packed facts ----

CREATE TABLE packed_facts (
    campaign text NOT NULL,
    year integer NOT NULL,
    unit_id uuid NOT NULL,
    stamp bigint NOT NULL,
    layout bytea NOT NULL CONSTRAINT packed_facts_layout CHECK (octet_length(layout) = 32),
    facts bytea NOT NULL,
    PRIMARY KEY (campaign, year, unit_id),
    CONSTRAINT packed_facts_contestant FOREIGN KEY (campaign, year, unit_id) REFERENCES contestants ON DELETE CASCADE
);
COMMENT ON TABLE packed_facts IS
    'unit_own_snapshot() as bytes (include/thidua/facts_pack.h). True while stamp is the unit''s in unit_stamps and layout that of the
    rules at hand; an evaluation takes a row that is not, or is not there, from the source in the same statement.';
COMMENT ON COLUMN packed_facts.layout IS 'SHA-256 of the declarations by which the bytes are arranged, and of the schema''s version.';

CREATE FUNCTION campaigns_repack() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE unit_stamps s SET packed = -1 FROM contestants c WHERE c.campaign = NEW.code AND c.unit_id = s.unit_id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION campaigns_repack IS 'Other rules, another layout: the packer shall look at all contestants again.';
CREATE TRIGGER campaigns_repacked AFTER UPDATE OF criteria_name, criteria_version ON campaigns
    FOR EACH ROW EXECUTE FUNCTION campaigns_repack();

-- ---- evaluations ----

-- Nothing has been released with the old form, and only the engine could turn texts into bytes: verdicts made before are given up.
-- Their evaluations stay, because proposals and decisions name them, and say so.
DELETE FROM verdicts;
ALTER TABLE verdicts DROP COLUMN snapshot, DROP COLUMN verdict, DROP COLUMN verdict_unit,
    DROP CONSTRAINT verdicts_unit_id_fkey,
    ADD COLUMN facts bytea NOT NULL, ADD COLUMN results bytea NOT NULL;
DROP INDEX verdicts_unit;
COMMENT ON TABLE verdicts IS
    'One unit''s verdict in an evaluation, as bytes: the facts as they were judged and what came out, node by node. The texts people
    read are made of both and the rule set. A unit here was a contestant, and units are never deleted: no key of its own.';
ALTER TABLE evaluations DROP COLUMN standings, ALTER COLUMN input_hash DROP NOT NULL,
    ADD COLUMN state text NOT NULL DEFAULT 'DONE' CONSTRAINT evaluations_state CHECK (state IN ('RUNNING', 'DONE', 'FAILED')),
    ADD COLUMN inputs jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN standings bytea,
    ADD COLUMN result_hash text;
UPDATE evaluations SET warnings = warnings || '[{"code": "VERDICTS_NOT_KEPT", "clause": "III.1"}]';
COMMENT ON COLUMN evaluations.inputs IS 'What was judged by beside rules, parameters and facts: registers declared for all, quotas, decisions.';
COMMENT ON COLUMN evaluations.standings IS 'As bytes (include/thidua/verdict_pack.h); NULL where nothing was ranked.';
COMMENT ON COLUMN evaluations.input_hash IS 'SHA-256 of rules, parameters, inputs and facts.';
COMMENT ON COLUMN evaluations.result_hash IS 'SHA-256 of all verdicts in order, and of the standings. The journal holds both hashes too.';

CREATE FUNCTION evaluations_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'RUNNING' OR NEW.id <> OLD.id THEN
        RAISE EXCEPTION 'an evaluation that is done never changes' USING ERRCODE = 'TH001', CONSTRAINT = 'evaluations_stay';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER evaluations_stay BEFORE UPDATE ON evaluations FOR EACH ROW EXECUTE FUNCTION evaluations_guard();
GRANT UPDATE ON evaluations TO thidua_app;

CREATE OR REPLACE FUNCTION evaluation_json(e evaluations) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', e.id, 'campaign', e.campaign, 'year', e.year, 'state', e.state,
        'rule_set', json_build_object('name', e.rule_set_name, 'version', e.rule_set_version),
        'rule_set_hash', e.rule_set_hash, 'semantics', e.semantics, 'as_of', e.as_of, 'parameters', e.parameters, 'inputs', e.inputs,
        'input_hash', e.input_hash, 'result_hash', e.result_hash, 'counts', e.counts, 'warnings', e.warnings,
        'created_at', e.created_at, 'created_by', e.created_by_name)
$$;
