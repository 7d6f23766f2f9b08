-- Evaluations, and what people decide beside them: places against the standings, the order of units that tie.

CREATE OR REPLACE FUNCTION evaluations_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'RUNNING' OR NEW.id <> OLD.id THEN
        RAISE EXCEPTION 'an evaluation that is done never changes' USING ERRCODE = 'TH001', CONSTRAINT = 'evaluations_stay';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER evaluations_stay BEFORE UPDATE ON evaluations FOR EACH ROW EXECUTE FUNCTION evaluations_guard();

CREATE OR REPLACE FUNCTION evaluations_instant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The clock of a caller may be fast by a minute.
    IF NEW.as_of > clock_now() + interval '1 minute' AND current_setting('thidua.trial', true) IS DISTINCT FROM 'on' THEN
        PERFORM refuse('evaluation_in_future');
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION evaluations_instant IS 'An evaluation judges by what is stored now, so it cannot be as of an instant to come. A trial may: it is kept nowhere.';
CREATE OR REPLACE TRIGGER evaluations_instant BEFORE INSERT ON evaluations FOR EACH ROW EXECUTE FUNCTION evaluations_instant();

CREATE OR REPLACE FUNCTION evaluations_list_units() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO evaluation_units (campaign, year, unit_id, position, evaluation_id)
    SELECT NEW.campaign, NEW.year, v.unit_id, NEW.position, NEW.id FROM verdicts v WHERE v.evaluation_id = NEW.id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER evaluations_made AFTER INSERT ON evaluations
    FOR EACH ROW WHEN (NEW.state = 'DONE' AND NEW.warnings @> '[{"code": "PARTIAL"}]') EXECUTE FUNCTION evaluations_list_units();
CREATE OR REPLACE TRIGGER evaluations_done AFTER UPDATE OF state ON evaluations
    FOR EACH ROW WHEN (NEW.state = 'DONE' AND NEW.warnings @> '[{"code": "PARTIAL"}]') EXECUTE FUNCTION evaluations_list_units();

CREATE OR REPLACE FUNCTION evaluation_rules(evaluation uuid) RETURNS text LANGUAGE plpgsql STABLE STRICT AS $$
BEGIN
    RETURN (SELECT e.rule_set_hash FROM evaluations e WHERE e.id = evaluation);
END $$;

CREATE OR REPLACE FUNCTION evaluation_state(evaluation uuid, state text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF state <> 'RUNNING' THEN
        RETURN state;
    END IF;
    RETURN CASE WHEN EXISTS (SELECT FROM evaluation_runs r WHERE r.evaluation_id = evaluation AND abs(extract(epoch FROM clock_timestamp() - r.beat_at)) < 60)
                THEN state ELSE 'ABANDONED' END;
END $$;
COMMENT ON FUNCTION evaluation_state IS
    'One that is RUNNING and has given no sign of life for a minute is ABANDONED, whatever became of the process that ran it. Nothing
    has to mark it as such, and if it finishes after all, it is DONE.';

CREATE OR REPLACE FUNCTION evaluation_inputs_shown(inputs jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN jsonb_build_object('registers', coalesce(inputs -> 'registers', '{}'), 'standings', CASE
        WHEN jsonb_array_length(inputs #> '{standings,quotas}') > 1 THEN jsonb_build_object('quotas', (
            SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                       'name', q -> 'name', 'places', q -> 'places', 'parent', q -> 'parent', 'groups', q -> 'groups', 'clusters', q -> 'clusters'))
                   ORDER BY place)
            FROM jsonb_array_elements(inputs #> '{standings,quotas}') WITH ORDINALITY AS quota(q, place)))
        ELSE '{}' END);
END $$;
COMMENT ON FUNCTION evaluation_inputs_shown IS
    'What others than the offices read of the inputs, built member by member: declarations of registers and the allocation, which they may read
    where those stand. Not who has a signed award, nor which places are taken: what is signed is not yet published (V.3). Without an
    allocation the cap alone is listed only where awards took from it, so it is left out.';

CREATE OR REPLACE FUNCTION evaluation_progress(evaluation uuid, state text, contestants bigint) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT json_build_object('done', CASE WHEN state = 'DONE' THEN contestants ELSE r.done END, 'total', r.total)
            FROM evaluation_runs r WHERE r.evaluation_id = evaluation);
END $$;

CREATE OR REPLACE FUNCTION listed_evaluation_json(e evaluations) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', e.id, 'campaign', e.campaign, 'year', e.year, 'state', evaluation_state(e.id, e.state),
        'progress', evaluation_progress(e.id, e.state, (e.counts ->> 'contestants')::bigint),
        'rule_set', json_build_object('name', e.rule_set_name, 'version', e.rule_set_version),
        'rule_set_hash', e.rule_set_hash, 'semantics', e.semantics, 'as_of', e.as_of, 'parameters', e.parameters,
        'input_hash', e.input_hash, 'result_hash', e.result_hash, 'counts', e.counts, 'warnings', e.warnings,
        'created_at', e.created_at, 'created_by', e.created_by_name)
$$;
COMMENT ON FUNCTION listed_evaluation_json IS
    'An evaluation among others, and as the journal tells of it: without its inputs, which hold what people decided on any number of units.
    They never change, and input_hash stands for them. Becomes part of the query, which then fetches neither them nor the standings: of a row
    that is passed on as a whole PostgreSQL fetches all that lies outside it.';

CREATE OR REPLACE FUNCTION evaluation_json(e evaluations, offices boolean DEFAULT true) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN left(listed_evaluation_json(e)::text, -1) || ', "inputs" : '
        || CASE WHEN offices THEN e.inputs ELSE evaluation_inputs_shown(e.inputs) END || '}';
END $$;

-- ---- is an evaluation still that of now? ----

CREATE OR REPLACE FUNCTION round_setting_mark(campaign text, year integer) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT md5(jsonb_build_array(s.sha256, r.first_day, r.last_day, r.cut_off, r.report_cut_off, r.conference_on, r.parameters, register_common_states(r.campaign, r.year),
            working_calendar(r.year))::text)
        FROM rounds r JOIN round_plans k ON k.campaign = r.campaign AND k.year = r.year
        LEFT JOIN criteria_sets s ON s.name = k.criteria_name AND s.version = k.criteria_version
        WHERE r.campaign = $1 AND r.year = $2);
END $$;
COMMENT ON FUNCTION round_setting_mark IS
    'What all verdicts of a round are made from beside the facts of the unit: rules, dates, registers declared for all, holidays. Equal
    marks are equal settings.';

CREATE OR REPLACE FUNCTION round_places_mark(campaign text, year integer) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT md5(jsonb_build_array(r.cap, r.quota_version,
            (SELECT jsonb_agg(a.unit_id ORDER BY a.unit_id) FROM awards a WHERE a.campaign = r.campaign AND a.year = r.year),
            (SELECT max(o.position) FROM standing_overrides o WHERE o.campaign = r.campaign AND o.year = r.year),
            (SELECT max(d.position) FROM tie_decisions d WHERE d.campaign = r.campaign AND d.year = r.year))::text)
        FROM rounds r WHERE r.campaign = $1 AND r.year = $2);
END $$;
COMMENT ON FUNCTION round_places_mark IS 'What the standings of a round are made from beside the verdicts: cap, allocation, awards, what people decided.';

CREATE OR REPLACE FUNCTION verdicts_facts_mark(evaluation uuid) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT bit_xor(uuid_hash_extended(v.unit_id, v.stamp)) FROM verdicts v WHERE v.evaluation_id = evaluation);
END $$;
COMMENT ON FUNCTION verdicts_facts_mark IS
    'Which units an evaluation judged and by which state of their facts, in one number: a hash of each unit with the counter of its facts,
    combined so that their order does not matter.
    A round whose facts are read at once comes with the parts of its mark: then no verdict is read again.';

-- What is asked of one evaluation or verdict among many takes columns: a whole row would fetch its inputs and standings, which may be megabytes.
CREATE OR REPLACE FUNCTION evaluation_told(evaluation uuid, offices boolean) RETURNS boolean
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF offices THEN
        RETURN true;
    END IF;
    RETURN NOT EXISTS (SELECT FROM decisions d WHERE d.evaluation_id = evaluation AND d.state <> 'PUBLISHED')
        AND NOT EXISTS (SELECT FROM evaluations_untold u JOIN decisions d ON d.id = u.decision_id
                        WHERE u.evaluation_id = evaluation AND d.state <> 'PUBLISHED');
END $$;
COMMENT ON FUNCTION evaluation_told IS
    'V.3: units are judged again when a decision on them is signed, and from then on their award counts in every round (III.1.c). Who may not
    know of that decision yet knows of no such evaluation: of none of its units, for who is left out would be who was awarded.';

CREATE OR REPLACE FUNCTION evaluation_told_before(evaluation uuid, publication uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN evaluation_told(evaluation, false)
        AND NOT EXISTS (SELECT FROM decisions d WHERE d.id = publication AND d.evaluation_id = evaluation)
        AND NOT EXISTS (SELECT FROM evaluations_untold u WHERE u.evaluation_id = evaluation AND u.decision_id = publication);
END $$;
COMMENT ON FUNCTION evaluation_told_before IS
    'Could units know of it before this decision was published? Which evaluations its publication lets be told is said by evaluation_told_by.
    NULL: no publication, so what they may know now.';

CREATE OR REPLACE FUNCTION evaluations_conceal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO evaluations_untold (evaluation_id, decision_id)
    SELECT NEW.id, d.id FROM decisions d
    WHERE d.state = 'SIGNED' AND d.kind <> 'CORRECT' AND EXISTS (
        SELECT FROM decision_units u CROSS JOIN LATERAL (SELECT FROM verdicts WHERE evaluation_id = NEW.id AND unit_id = u.unit_id OFFSET 0) judged
        WHERE u.decision_id = d.id)
    ORDER BY d.id FOR SHARE OF d;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION evaluations_conceal IS
    'What an evaluation may not tell yet. A publication at the same moment waits, and then tells it (evaluation_told_by), or came first: then
    the evaluation runs again. A trial is kept nowhere.';
CREATE OR REPLACE TRIGGER evaluations_made_untold AFTER INSERT ON evaluations
    FOR EACH ROW WHEN (NEW.state = 'DONE' AND current_setting('thidua.trial', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION evaluations_conceal();
CREATE OR REPLACE TRIGGER evaluations_done_untold AFTER UPDATE OF state ON evaluations
    FOR EACH ROW WHEN (NEW.state = 'DONE') EXECUTE FUNCTION evaluations_conceal();

CREATE OR REPLACE FUNCTION verdicts_changed(evaluation uuid, campaign text, year integer, publication uuid)
RETURNS TABLE (unit_id uuid, earlier uuid, before text, after text)
LANGUAGE plpgsql STABLE ROWS 10 SET plan_cache_mode = force_generic_plan AS $$
    #variable_conflict use_column
BEGIN
    RETURN QUERY WITH own AS MATERIALIZED (
        SELECT e.position, e.rule_set_hash, e.semantics, e.result_hash, e.warnings @> '[{"code": "PARTIAL"}]' AS partial
        FROM evaluations e WHERE e.id = evaluation
    ), whole AS MATERIALIZED (
        SELECT e.id, e.position, (e.rule_set_hash, e.semantics, e.result_hash) = (own.rule_set_hash, own.semantics, own.result_hash) AS same
        FROM own, evaluations e
        WHERE e.campaign = $2 AND e.year = $3 AND e.state = 'DONE' AND NOT e.warnings @> '[{"code": "PARTIAL"}]'
          AND e.position < own.position AND evaluation_told_before(e.id, publication)
        ORDER BY e.position DESC LIMIT 1
    ), since AS MATERIALIZED (
        (SELECT DISTINCT ON (o.unit_id) o.unit_id, e.id, o.overall, o.outcomes
         FROM evaluations e CROSS JOIN LATERAL (SELECT * FROM verdicts WHERE evaluation_id = e.id OFFSET 0) o
         WHERE e.campaign = $2 AND e.year = $3 AND e.state = 'DONE'
           AND e.position < (SELECT own.position FROM own WHERE NOT own.partial)
           AND e.position > coalesce((SELECT w.position FROM whole w), 0) AND evaluation_told_before(e.id, publication)
         ORDER BY o.unit_id, e.position DESC)
        UNION ALL
        SELECT mine.unit_id, o.evaluation_id, o.overall, o.outcomes
        FROM own CROSS JOIN LATERAL (SELECT v.unit_id FROM verdicts v WHERE own.partial AND v.evaluation_id = evaluation OFFSET 0) mine
        CROSS JOIN LATERAL (
            SELECT s.evaluation_id FROM evaluation_units s
            WHERE s.campaign = $2 AND s.year = $3 AND s.unit_id = mine.unit_id AND s.position < own.position
              AND s.position > coalesce((SELECT w.position FROM whole w), 0) AND evaluation_told_before(s.evaluation_id, publication)
            ORDER BY s.position DESC LIMIT 1) newest
        CROSS JOIN LATERAL (SELECT * FROM verdicts v WHERE v.evaluation_id = newest.evaluation_id AND v.unit_id = mine.unit_id OFFSET 0) o
    ), later AS MATERIALIZED (
        SELECT e.id FROM evaluations e
        WHERE e.campaign = $2 AND e.year = $3 AND e.state = 'DONE' AND NOT e.warnings @> '[{"code": "PARTIAL"}]'
          AND e.position > (SELECT own.position FROM own) AND evaluation_told(e.id, false)
    ), asked AS MATERIALIZED (
        SELECT DISTINCT ON (x.unit_id) x.* FROM (
            SELECT d.*, NULL::uuid AS id, NULL::text AS old_overall, NULL::text AS old_outcomes
            FROM (SELECT v.unit_id, v.overall, v.outcomes FROM verdicts v
                  WHERE v.evaluation_id = evaluation AND (SELECT w.same FROM whole w) IS NOT TRUE
                  EXCEPT SELECT o.unit_id, o.overall, o.outcomes FROM verdicts o
                  WHERE o.evaluation_id = (SELECT w.id FROM whole w, own WHERE NOT own.partial AND w.same IS NOT TRUE)) d
            UNION ALL
            SELECT v.unit_id, v.overall, v.outcomes, s.id, s.overall, s.outcomes
            FROM since s CROSS JOIN LATERAL (SELECT * FROM verdicts WHERE evaluation_id = evaluation AND unit_id = s.unit_id OFFSET 0) v) x
        ORDER BY x.unit_id, x.id
    ), before AS MATERIALIZED (
        SELECT e.id, e.position FROM evaluations e
        WHERE e.campaign = $2 AND e.year = $3 AND e.state = 'DONE' AND NOT e.warnings @> '[{"code": "PARTIAL"}]'
          AND e.position < (SELECT w.position FROM whole w) AND evaluation_told_before(e.id, publication))
    SELECT asked.unit_id, old.id, old.overall, asked.overall
    FROM asked
    LEFT JOIN LATERAL (SELECT * FROM verdicts
                       WHERE asked.id IS NULL AND evaluation_id = (SELECT w.id FROM whole w) AND unit_id = asked.unit_id OFFSET 0) last ON true
    LEFT JOIN LATERAL (
        SELECT o.evaluation_id, o.overall, o.outcomes
        FROM ((SELECT s.evaluation_id, s.position FROM evaluation_units s
               WHERE s.unit_id = asked.unit_id AND s.campaign = $2 AND s.year = $3 AND s.position < (SELECT w.position FROM whole w)
                 AND evaluation_told_before(s.evaluation_id, publication)
               ORDER BY s.position DESC LIMIT 1)
              UNION ALL
              (SELECT b.id, b.position
               FROM before b CROSS JOIN LATERAL (SELECT FROM verdicts WHERE evaluation_id = b.id AND unit_id = asked.unit_id OFFSET 0) x
               ORDER BY b.position DESC LIMIT 1)) newest
        CROSS JOIN LATERAL (SELECT * FROM verdicts WHERE evaluation_id = newest.evaluation_id AND unit_id = asked.unit_id OFFSET 0) o
        WHERE asked.id IS NULL AND last.unit_id IS NULL ORDER BY newest.position DESC LIMIT 1) older ON true
    CROSS JOIN LATERAL (SELECT coalesce(asked.id, last.evaluation_id, older.evaluation_id) AS id,
                               coalesce(asked.old_overall, last.overall, older.overall) AS overall,
                               coalesce(asked.old_outcomes, last.outcomes, older.outcomes) AS outcomes) old
    WHERE (old.overall, old.outcomes) IS DISTINCT FROM (asked.overall, asked.outcomes)
      AND NOT EXISTS (SELECT FROM later l
                      CROSS JOIN LATERAL (SELECT FROM verdicts WHERE evaluation_id = l.id AND unit_id = asked.unit_id OFFSET 0) n)
      AND NOT EXISTS (SELECT FROM evaluation_units s
                      WHERE s.unit_id = asked.unit_id AND s.campaign = $2 AND s.year = $3 AND s.position > (SELECT own.position FROM own)
                        AND evaluation_told(s.evaluation_id, false) OFFSET 0);
END $$;
COMMENT ON FUNCTION verdicts_changed IS
    'The verdicts of an evaluation that differ from the newest earlier one on the unit, of which the unit may know. One that took long may end
    after a later one: a unit that this judged too is shown its verdict, so it is told nothing of the earlier. A publication tells of several
    at once: none of them counts as earlier for another one, so the newest is held against what was known before. Where the newest whole
    evaluation came out the same by the same rules, which their hashes say, only units that were judged since are looked at. Else its
    verdicts are held against the new ones as two sets, and what differs is looked at alone. Only of units that these left out is each asked
    for its own. What was judged since comes with them: joined to them, it would be passed for each, for PostgreSQL takes both for few. Of an
    evaluation of some units, each is asked for its own (evaluation_units): any number of such may have been made since the whole one, and none
    is read for units that it did not judge. PostgreSQL does not know how small an evaluation is and would read all verdicts through: so plans
    are kept, and made for any evaluation, and whatever has verdicts looks them up by their key (LATERAL … OFFSET 0).';

CREATE OR REPLACE FUNCTION verdicts_below(evaluation uuid, top uuid) RETURNS SETOF verdicts LANGUAGE sql STABLE AS $$
    SELECT v.* FROM units_within(top) below(id)
    CROSS JOIN LATERAL (SELECT * FROM verdicts WHERE evaluation_id = evaluation AND unit_id = below.id OFFSET 0) v
$$;
COMMENT ON FUNCTION verdicts_below IS
    'The verdicts of an evaluation for which unit_within() is true of `top`, looked up by the units below it, and not sought among those of the
    whole round. None where `top` is null. For FROM: becomes part of the query.';

CREATE OR REPLACE FUNCTION verdict_outdated(campaign text, year integer, unit uuid, stamp bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT $4 <> coalesce((SELECT s.stamp FROM unit_stamps s WHERE s.unit_id = unit), -1)
            OR NOT EXISTS (SELECT FROM contestants c WHERE c.campaign = $1 AND c.year = $2 AND c.unit_id = unit));
END $$;
COMMENT ON FUNCTION verdict_outdated IS 'Has a fact of the unit been written since, or has it left the register?';

CREATE OR REPLACE FUNCTION verdict_stale(campaign text, year integer, setting_mark text, unit uuid, stamp bigint) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN NOT round_is_closed(campaign, year)
       AND (setting_mark IS DISTINCT FROM round_setting_mark(campaign, year) OR verdict_outdated(campaign, year, unit, stamp));
END $$;
COMMENT ON FUNCTION verdict_stale IS
    'Has anything that the verdict was made from been written since? Not of a closed round, which is not judged again. When a decision is signed this becomes true of all nominees
    before the Chair alike: it does not tell who was awarded (V.3).';

CREATE OR REPLACE FUNCTION evaluation_stale(e evaluations) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF round_is_closed(e.campaign, e.year) THEN
        RETURN false;
    ELSIF (e.counts ->> 'contestants')::bigint > 20000 THEN
        RETURN NULL;
    END IF;
    RETURN e.setting_mark IS DISTINCT FROM round_setting_mark(e.campaign, e.year)
        OR e.places_mark IS DISTINCT FROM round_places_mark(e.campaign, e.year)
        OR (SELECT (count(*), bit_xor(uuid_hash_extended(c.unit_id, coalesce(s.stamp, -1)))) IS DISTINCT FROM ((e.counts ->> 'contestants')::bigint, e.facts_mark)
            FROM contestants c LEFT JOIN LATERAL (SELECT stamp FROM unit_stamps WHERE unit_id = c.unit_id LIMIT 1) s ON true
            WHERE c.campaign = e.campaign AND c.year = e.year);
END $$;
COMMENT ON FUNCTION evaluation_stale IS
    'Has anything that an evaluation of the whole round was made from been written since? Not of a closed round, which is not judged again. NULL: not known of a round with more contestants
    than are ranked, for all of them would have to be looked at whenever somebody reads the round. The contestants and the counters of their
    facts are passed once, beside the mark of verdicts_facts_mark(): each verdict looked up would cost ten times as much.';

CREATE OR REPLACE FUNCTION evaluations_through(campaign text, year integer) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT coalesce(k.evaluations_through, 0) FROM closed_rounds k WHERE k.campaign = $1 AND k.year = $2), 9223372036854775807);
END $$;
COMMENT ON FUNCTION evaluations_through IS
    'The last position of those that the round shows: of a closed one, of those that were done when it was closed. An evaluation holds no round, so
    one may end while the round is closed.';

CREATE OR REPLACE FUNCTION latest_evaluation(campaign text, year integer, offices boolean) RETURNS SETOF evaluations ROWS 1
LANGUAGE sql STABLE AS $$
    SELECT e.* FROM evaluations e
    WHERE e.campaign = $1 AND e.year = $2 AND e.state = 'DONE' AND NOT e.warnings @> '[{"code": "PARTIAL"}]'
      AND e.position <= (SELECT evaluations_through($1, $2)) AND evaluation_told(e.id, $3)
    ORDER BY e.position DESC LIMIT 1
$$;
COMMENT ON FUNCTION latest_evaluation IS
    'The newest that is done and looked at the whole round, and of which the caller may know. For FROM: becomes part of the query.';

CREATE OR REPLACE FUNCTION unit_held_back(campaign text, year integer, unit uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM proceedings p WHERE p.unit_id = $3 AND p.state = 'OPEN' AND NOT EXISTS (
            SELECT FROM closed_rounds k WHERE k.campaign = $1 AND k.year = $2 AND p.id <> ALL (k.proceedings))) AND NOT EXISTS (
        SELECT FROM latest_evaluation($1, $2, true) e
        CROSS JOIN LATERAL (SELECT FROM verdicts WHERE evaluation_id = e.id AND unit_id = $3 AND overall = 'INELIGIBLE' OFFSET 0) v);
END $$;
COMMENT ON FUNCTION unit_held_back IS
    'Does the law defer its award ("chưa khen thưởng")? While proceedings are open it is not refused, unless it does not meet the standard anyway.
    Of a closed round only those do so that were open at its closing.';

CREATE OR REPLACE FUNCTION latest_evaluation_json(campaign text, year integer, caller_roles integer, caller_unit uuid)
RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
    e evaluations;
    offices boolean := may_read_restricted(caller_roles);
    stale boolean;
BEGIN
    IF NOT offices AND (NOT has_role(caller_roles, 'unit') OR caller_unit IS NULL) THEN
        RETURN NULL;
    END IF;
    SELECT * INTO e FROM latest_evaluation(campaign, year, offices);
    IF e.id IS NULL THEN
        RETURN NULL;
    ELSIF offices THEN
        stale := evaluation_stale(e);
    ELSIF round_is_closed(e.campaign, e.year) THEN
        stale := false;
    ELSIF (e.counts ->> 'contestants')::bigint <= 20000 THEN
        stale := EXISTS (
            SELECT FROM (SELECT e.setting_mark IS DISTINCT FROM round_setting_mark(e.campaign, e.year) AS moved OFFSET 0) setting
            CROSS JOIN verdicts_below(e.id, caller_unit) v
            WHERE setting.moved OR verdict_outdated(e.campaign, e.year, v.unit_id, v.stamp));
    END IF;
    RETURN json_build_object('id', e.id, 'as_of', e.as_of, 'stale', stale);
END $$;
COMMENT ON FUNCTION latest_evaluation_json IS
    'For those who may read evaluations. A unit is told only whether what concerns its own subtree has changed: not that something was
    recorded on others, or that a decision was signed.';

-- ---- what people decided ----

CREATE OR REPLACE FUNCTION override_place(o standing_overrides) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('decided', o.decided, 'by', o.recorded_by_name, 'at', to_json(o.recorded_at) #>> '{}', 'reason', o.reason,
                             'legal_basis', o.legal_basis)
$$;
COMMENT ON FUNCTION override_place IS 'The decision as it stands among the inputs of an evaluation, and in the standings.';

CREATE OR REPLACE FUNCTION override_json(o standing_overrides) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN json_build_object('id', o.id, 'evaluation_id', o.evaluation_id, 'campaign', o.campaign, 'year', o.year, 'unit_id', o.unit_id, 'form', o.form, 'form_label', form_label(evaluation_rules(o.evaluation_id), o.form),
        'unit_label', unit_label(o.unit_id, make_date(o.year, 12, 31)), 'computed', o.computed, 'decided', o.decided, 'reason', o.reason,
        'legal_basis', o.legal_basis, 'recorded_by', o.recorded_by_name, 'recorded_at', o.recorded_at,
        'in_force', NOT EXISTS (SELECT FROM standing_overrides later WHERE later.campaign = o.campaign AND later.year = o.year
                                AND later.unit_id = o.unit_id AND later.form IS NOT DISTINCT FROM o.form
                                AND later.position > o.position));
END $$;

CREATE OR REPLACE FUNCTION tie_decision_in_force(d tie_decisions) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN NOT EXISTS (
        SELECT FROM tie_decision_units own
        CROSS JOIN LATERAL (SELECT decision_id FROM tie_decision_units WHERE unit_id = own.unit_id OFFSET 0) theirs
        CROSS JOIN LATERAL (SELECT FROM tie_decisions later
                            WHERE later.id = theirs.decision_id AND later.campaign = d.campaign AND later.year = d.year
                              AND later.position > d.position AND later.form IS NOT DISTINCT FROM d.form OFFSET 0) later
        WHERE own.decision_id = d.id);
END $$;
COMMENT ON FUNCTION tie_decision_in_force IS
    'Names no later one of the form any of its units? They are looked for by the units, one by one, and not among all decisions of the round.
    What asks this of all of those takes them together (tie_decisions_in_force in ties.sql).';

CREATE OR REPLACE FUNCTION tie_decision_json(d tie_decisions) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN json_build_object('id', d.id, 'campaign', d.campaign, 'year', d.year, 'form', d.form, 'form_label', (SELECT form_label(s.sha256, d.form) FROM round_plans k
            JOIN criteria_sets s ON (s.name, s.version) = (k.criteria_name, k.criteria_version) WHERE k.campaign = d.campaign AND k.year = d.year),
        'method', d.method, 'reason', d.reason,
        'document', d.document, 'recorded_by', d.recorded_by_name, 'recorded_at', d.recorded_at, 'in_force', tie_decision_in_force(d),
        'order', (SELECT json_agg(json_build_object('unit_id', u.unit_id, 'unit_label', unit_label(u.unit_id, make_date(d.year, 12, 31)))
                                  ORDER BY u.place) FROM tie_decision_units u WHERE u.decision_id = d.id));
END $$;
