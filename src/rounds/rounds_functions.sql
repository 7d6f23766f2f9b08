-- Award rounds and what is kept of each: contestants, quota, registers, findings, yearly reports (II, III.1.a, III.2.b, III.4, V).

CREATE OR REPLACE FUNCTION round_cap(campaign text, year integer) RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT cap FROM rounds r WHERE r.campaign = $1 AND r.year = $2);
END $$;
COMMENT ON FUNCTION round_cap IS 'III.2.b. NULL for a year outside the plan.';

CREATE OR REPLACE FUNCTION round_is_closed(campaign text, year integer) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM rounds r WHERE r.campaign = $1 AND r.year = $2 AND r.state = 'CLOSED');
END $$;

CREATE OR REPLACE FUNCTION round_cutoff(campaign text, year integer) RETURNS date LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT cut_off FROM rounds r WHERE r.campaign = $1 AND r.year = $2);
END $$;
COMMENT ON FUNCTION round_cutoff IS 'III.4.a: a dossier received on this day or later is late. NULL for a year outside the plan.';

CREATE OR REPLACE FUNCTION award_year_days(campaign text, year integer) RETURNS daterange LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT daterange(r.first_day, r.last_day, '[]') FROM rounds r WHERE r.campaign = $1 AND r.year = $2);
END $$;
COMMENT ON FUNCTION award_year_days IS 'The days for which merit is counted (II.3). NULL for a year outside the plan.';

CREATE OR REPLACE FUNCTION proposal_due(r rounds) RETURNS date LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN r.proposal_in_working_days THEN working_days_before(r.conference_on, r.proposal_days) ELSE r.conference_on - r.proposal_days END;
END $$;
COMMENT ON FUNCTION proposal_due IS
    'By the conference and the holidays as they are now: null while no conference is fixed, or the holidays before it are not known where
    working days count. What holds is rounds.proposal_due_on.';

CREATE OR REPLACE FUNCTION proposal_limit(campaign text, year integer) RETURNS date LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT proposal_due_on FROM rounds r WHERE r.campaign = $1 AND r.year = $2);
END $$;
COMMENT ON FUNCTION proposal_limit IS 'III.4.b: the last day for the submission to the Chair; null while nobody can know it.';

CREATE OR REPLACE FUNCTION proposal_due_missing(r rounds) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN r.proposal_due_on IS NOT NULL THEN NULL
        WHEN r.conference_on IS NULL THEN json_build_object('vi', 'Chưa ấn định ngày hội nghị của đợt xét.',
            'en', 'The conference of the round has no day yet.')
        ELSE json_build_object('vi', 'Hạn tính theo ngày làm việc, mà chưa có lịch nghỉ lễ của những ngày trước hội nghị: người vận hành nạp lịch bằng `thidua load`.',
            'en', 'It counts working days, and the public holidays before the conference are not known: an operator loads them by `thidua load`.') END;
END $$;
COMMENT ON FUNCTION proposal_due_missing IS 'What the last day for the submission waits for, and who can give it; null where it is known.';

CREATE OR REPLACE FUNCTION rounds_note_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.cut_off, NEW.report_cut_off, NEW.proposal_days, NEW.proposal_in_working_days) IS DISTINCT FROM
       (OLD.cut_off, OLD.report_cut_off, OLD.proposal_days, OLD.proposal_in_working_days) THEN
        NEW.cut_offs_moved := OLD.cut_offs_moved + 1;
        NEW.cut_offs_moved_at := clock_now();
    END IF;
    IF NEW.conference_on IS DISTINCT FROM OLD.conference_on THEN
        NEW.conference_moved := OLD.conference_moved + 1;
        NEW.conference_moved_at := clock_now();
    END IF;
    IF (OLD.state, NEW.state) IS DISTINCT FROM ('CLOSED', 'CLOSED') THEN
        NEW.proposal_due_on := proposal_due(NEW);
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION rounds_note_moves IS
    'Whoever has a deadline in a calendar is told that it moved, and by which move (RFC 5545, SEQUENCE and LAST-MODIFIED). Of a closed round
    none moves: holidays that are corrected later make no submission late.';
CREATE OR REPLACE TRIGGER rounds_moves_noted BEFORE UPDATE ON rounds FOR EACH ROW EXECUTE FUNCTION rounds_note_moves();

CREATE OR REPLACE FUNCTION round_deadlines(r rounds)
RETURNS TABLE (place integer, kind text, clause text, due_on date, by_instant boolean, quote text, moved integer, moved_at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT d.place, d.kind, d.clause, d.due_on, d.by_instant,
           (SELECT replace(k.plan #>> ARRAY['cut_offs', d.cut_off, 'quote'], '*', '') FROM round_plans k WHERE k.campaign = r.campaign AND k.year = r.year),
           r.cut_offs_moved + CASE WHEN d.by_instant THEN 0 ELSE r.conference_moved END,
           CASE WHEN d.by_instant THEN r.cut_offs_moved_at ELSE greatest(r.cut_offs_moved_at, r.conference_moved_at) END
    FROM (VALUES (1, 'DOSSIERS', 'III.4.a', r.cut_off - 1, true, 'dossier'),
                 (2, 'REPORTS', 'V.1', r.report_cut_off - 1, true, 'yearly_report'),
                 (3, 'PROPOSAL', 'III.4.b', r.proposal_due_on, false, 'proposal'),
                 (4, 'CONFERENCE', 'III.4.b', r.conference_on, false, 'proposal')) AS d(place, kind, clause, due_on, by_instant, cut_off)
    WHERE d.kind <> 'REPORTS' OR cardinality(r.report_groups) > 0
$$;
COMMENT ON FUNCTION round_deadlines IS
    'All deadlines of a round: the last day in time, null while the conference on which it hangs has no day, or the working days before
    it are not known. By instant: something must be
    received before that day ends, in Asia/Ho_Chi_Minh; others are met by the day of an act. The clause is named as plan 230 does. With
    what the plan says of it, how often it was moved, and when that was. Where the plan asks nobody for a report, it has no day.';

CREATE OR REPLACE FUNCTION last_instant_before(day date) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT to_char(day - 1, 'YYYY-MM-DD') || 'T23:59:59+07:00' $$;
COMMENT ON FUNCTION last_instant_before IS 'The last second that is in time where the plan says "trước ngày" (before that day), as people read it.';

CREATE OR REPLACE FUNCTION received_late(received_at timestamptz, cut_off date) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT local_date(received_at) >= cut_off $$;

CREATE OR REPLACE FUNCTION round_stripe() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    stripes CONSTANT integer := 64;
BEGIN
    FOR stripe IN 0 .. stripes - 1 LOOP
        IF pg_try_advisory_xact_lock(746849648, stripe) THEN
            RETURN stripe;
        END IF;
    END LOOP;
    RETURN pg_backend_pid() % stripes;
END $$;
COMMENT ON FUNCTION round_stripe IS 'Of round_tallies: the first that no other transaction holds. Where all are held, this one may wait for another.';

CREATE OR REPLACE FUNCTION round_tally(changes round_tallies[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO round_tallies AS t (campaign, year, counted, stripe, number)
    SELECT c.campaign, c.year, c.counted, (SELECT round_stripe()), sum(c.number) FROM unnest(changes) AS c
    GROUP BY c.campaign, c.year, c.counted HAVING sum(c.number) <> 0 ORDER BY c.campaign, c.year, c.counted
    ON CONFLICT ON CONSTRAINT round_tallies_pkey DO UPDATE SET number = t.number + EXCLUDED.number;
END $$;
COMMENT ON FUNCTION round_tally IS
    'Adds to what is counted of rounds: 1 for each that came, -1 for each that went. Of what is given, the stripe is passed over.';

CREATE OR REPLACE FUNCTION tally_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM round_tally(ARRAY(SELECT ROW(x.campaign, x.year, TG_TABLE_NAME, 0, CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END)::round_tallies FROM changed x));
    RETURN NULL;
END $$;
DO $$
DECLARE
    counted text;
BEGIN
    FOREACH counted IN ARRAY ARRAY['contestants', 'findings', 'reports'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER tallied_made AFTER INSERT ON %I REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tally_rows()', counted);
        EXECUTE format('CREATE OR REPLACE TRIGGER tallied_gone AFTER DELETE ON %I REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tally_rows()', counted);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION round_counts(campaign text, year integer) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT jsonb_object_agg(c.counted, (SELECT coalesce(sum(t.number), 0) FROM round_tallies t
                                                WHERE t.campaign = $1 AND t.year = $2 AND t.counted = c.counted))
            FROM unnest(ARRAY['contestants', 'findings', 'reports', 'dossiers', 'nominees', 'awards']) AS c(counted));
END $$;
COMMENT ON FUNCTION round_counts IS
    'Public but for findings, so it counts only what was handed in and what is published (V.3): no drafts, no award before its decision is public.
    What makes up each number is said where the trigger is that keeps it: tallied_*.';

CREATE OR REPLACE FUNCTION round_state_shown(r rounds, offices boolean) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT CASE WHEN offices OR r.state IN ('OPEN', 'APPRAISAL', 'CLOSED') THEN r.state
                    WHEN EXISTS (SELECT FROM decisions d WHERE d.campaign = r.campaign AND d.year = r.year AND d.kind = 'AWARD' AND d.state = 'PUBLISHED')
                        THEN 'DECIDED'
                    ELSE 'APPRAISAL' END);
END $$;
COMMENT ON FUNCTION round_state_shown IS
    'Proposals and unpublished decisions are for the offices (V.3). The state follows them by itself, so to others it follows what is published.';

CREATE OR REPLACE FUNCTION round_truth() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM rounds r
    WHERE r.campaign = NEW.campaign AND r.year = NEW.year AND r.state <> 'CLOSED' AND CASE
        WHEN EXISTS (SELECT FROM decisions d WHERE d.campaign = r.campaign AND d.year = r.year AND d.kind = 'AWARD'
                     AND d.state IN ('SIGNED', 'PUBLISHED')) THEN r.state <> 'DECIDED'
        WHEN EXISTS (SELECT FROM proposals p WHERE p.campaign = r.campaign AND p.year = r.year AND p.state = 'SUBMITTED') THEN r.state <> 'PROPOSED'
        ELSE r.state NOT IN ('OPEN', 'APPRAISAL') END;
    IF FOUND THEN
        PERFORM refuse('rounds_truth');
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION round_truth IS 'At the end of every transaction the state of a round says what its proposals and decisions say, whoever wrote them.';
DROP TRIGGER IF EXISTS rounds_true ON rounds;
CREATE CONSTRAINT TRIGGER rounds_true AFTER UPDATE OF state ON rounds DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION round_truth();
DROP TRIGGER IF EXISTS proposals_true ON proposals;
CREATE CONSTRAINT TRIGGER proposals_true AFTER UPDATE OF state ON proposals DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION round_truth();
DROP TRIGGER IF EXISTS decisions_true ON decisions;
CREATE CONSTRAINT TRIGGER decisions_true AFTER UPDATE OF state ON decisions DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION round_truth();

CREATE OR REPLACE FUNCTION round_json(r rounds, offices boolean) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN json_build_object('campaign', r.campaign, 'year', r.year, 'year_from', r.first_day, 'year_through', r.last_day,
        'state', round_state_shown(r, offices), 'cap', r.cap,
        'submission_cut_off', r.cut_off, 'submission_deadline', last_instant_before(r.cut_off),
        'report_deadline', last_instant_before(r.report_cut_off), 'conference_on', r.conference_on,
        'proposal_deadline', r.proposal_due_on, 'proposal_deadline_missing', proposal_due_missing(r),
        'quota', json_build_object('version', r.quota_version,
            'allocated', (SELECT sum(q.slots) FROM quota_current q WHERE q.campaign = r.campaign AND q.year = r.year),
            'allocation', quota_shares_json(r.campaign, r.year, r.quota_version)),
        'counts', round_counts(r.campaign, r.year) - CASE WHEN offices THEN '{}' ELSE ARRAY['findings'] END);
END $$;

CREATE OR REPLACE FUNCTION round_parameters_json(r rounds) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('campaign', r.campaign, 'year', r.year, 'parameters', r.parameters)
$$;
COMMENT ON FUNCTION round_parameters_json IS
    'For offices: a mean of an index tells of it before the index is published. A unit is told the number that it is measured by, in its own
    verdict: why it was refused would be no reason without it.';

-- ---- contestants ----

CREATE OR REPLACE FUNCTION group_of_unit(r rounds, unit uuid, kind unit_kind) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT c.group_name FROM contestants c WHERE c.campaign = r.campaign AND c.year = r.year AND c.unit_id = $2),
                    r.group_of_kinds ->> $3::text);
END $$;

CREATE OR REPLACE FUNCTION report_kinds(r rounds) RETURNS unit_kind[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY(SELECT k.key::unit_kind FROM jsonb_each_text(r.group_of_kinds) k WHERE k.value = ANY (r.report_groups));
END $$;
COMMENT ON FUNCTION report_kinds IS 'V.1: units of these kinds owe the report without being contestants.';

CREATE OR REPLACE FUNCTION group_filter(campaign text, year integer, code text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM round_plans k WHERE k.campaign = $1 AND k.year = $2 AND k.groups ? $3) OR refuse('group_filter');
END $$;
COMMENT ON FUNCTION group_filter IS 'To filter a list by a group that the plan of the round does not have is refused, like any unknown filter.';

CREATE OR REPLACE FUNCTION contestants_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    in_year daterange := award_year_days(NEW.campaign, NEW.year);
    held campaign_groups;
BEGIN
    IF NOT EXISTS (SELECT FROM units WHERE id = NEW.unit_id) THEN
        PERFORM refuse('contestants_unit');
    END IF;
    IF NOT EXISTS (SELECT FROM unit_periods p WHERE p.unit_id = NEW.unit_id AND p.valid && in_year) THEN
        PERFORM refuse('contestants_unit_in_year');
    END IF;
    SELECT * INTO held FROM campaign_groups g WHERE g.campaign = NEW.campaign AND g.code = NEW.group_name;
    IF held.code IS NULL THEN
        PERFORM refuse('contestants_group');
    END IF;
    IF NOT EXISTS (SELECT FROM unit_periods p WHERE p.unit_id = NEW.unit_id AND p.valid && in_year AND p.kind = ANY (held.unit_kinds)
                   AND (p.parent_id IS NULL
                        OR (unit_period(p.parent_id, upper(in_year) - 1)).kind <> ALL (held.not_under))) THEN
        PERFORM refuse('contestants_kind');
    END IF;
    IF held.must_advise AND (NOT NEW.advises_par OR NEW.source_document IS NULL) THEN
        PERFORM refuse('contestants_advises');
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION contestants_check IS 'II.1.a–b: the unit is there in the award year and of a kind that its group holds.';
CREATE OR REPLACE TRIGGER contestants_checked BEFORE INSERT OR UPDATE ON contestants
    FOR EACH ROW EXECUTE FUNCTION contestants_check();

CREATE OR REPLACE FUNCTION contestants_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM findings f WHERE f.campaign = OLD.campaign AND f.year = OLD.year AND f.unit_id = OLD.unit_id)
       OR EXISTS (SELECT FROM nominations n WHERE n.campaign = OLD.campaign AND n.year = OLD.year AND n.unit_id = OLD.unit_id) THEN
        PERFORM refuse('contestants_in_use');
    END IF;
    RETURN OLD;
END $$;
COMMENT ON FUNCTION contestants_keep IS 'An entry that findings or nominations build on stays in the register.';
CREATE OR REPLACE TRIGGER contestants_kept BEFORE DELETE ON contestants FOR EACH ROW EXECUTE FUNCTION contestants_keep();

-- Of two that move at once, the second waits here, and its next statement sees the first.
CREATE OR REPLACE FUNCTION contestants_share() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM awards a WHERE a.campaign = NEW.campaign AND a.year = NEW.year AND a.unit_id = NEW.unit_id) THEN
        PERFORM FROM awards a WHERE a.campaign = NEW.campaign AND a.year = NEW.year ORDER BY a.slot LIMIT 1 FOR NO KEY UPDATE;
        IF EXISTS (SELECT FROM shares_exceeded(NEW.campaign, NEW.year, NULL) s WHERE NEW.unit_id = ANY (s.units))
           OR EXISTS (SELECT FROM awards a JOIN decisions d ON d.id = a.decision_id JOIN proposals by ON by.id = d.proposal_id
                      CROSS JOIN form_places_exceeded(d.id, by.evaluation_id) p
                      WHERE a.campaign = NEW.campaign AND a.year = NEW.year AND a.unit_id = NEW.unit_id AND NEW.unit_id = ANY (p.units)) THEN
            PERFORM refuse('contestants_share');
        END IF;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION contestants_share IS 'III.2.b: who has an award takes its place along, and none moves into a share that is full.';
CREATE OR REPLACE TRIGGER contestants_share_holds AFTER UPDATE ON contestants FOR EACH ROW
    WHEN ((NEW.group_name, NEW.cluster) IS DISTINCT FROM (OLD.group_name, OLD.cluster)) EXECUTE FUNCTION contestants_share();

-- SHARE waits for who is about to name the unit or the one above it anew, and the next statement sees the new name.
CREATE OR REPLACE FUNCTION contestant_labels_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM units u WHERE u.id IN (SELECT n.unit_id FROM made n
                                        UNION SELECT (unit_period(n.unit_id, make_date(n.year, 12, 31))).parent_id FROM made n)
    ORDER BY u.id FOR SHARE;
    INSERT INTO contestant_labels (campaign, year, unit_id, label, group_name)
    SELECT campaign, year, unit_id, unit_label(unit_id, make_date(year, 12, 31)), group_name FROM made;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION contestant_labels_made IS 'Each contestant has its label from the first.';
CREATE OR REPLACE TRIGGER contestant_labels_made AFTER INSERT ON contestants REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION contestant_labels_made();

CREATE OR REPLACE FUNCTION contestant_labels_regrouped() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE contestant_labels l SET group_name = NEW.group_name WHERE (l.campaign, l.year, l.unit_id) = (NEW.campaign, NEW.year, NEW.unit_id);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION contestant_labels_regrouped IS 'A label lies among those of its group.';
CREATE OR REPLACE TRIGGER contestant_labels_regrouped AFTER UPDATE ON contestants
    FOR EACH ROW WHEN (NEW.group_name <> OLD.group_name) EXECUTE FUNCTION contestant_labels_regrouped();

CREATE OR REPLACE FUNCTION contestant_labels_renew(units uuid[], renamed uuid[]) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    held contestant_labels[];
BEGIN
    WITH concerned AS MATERIALIZED (
        SELECT k.campaign, k.year, k.unit_id, k.label, now.label AS now
        FROM (SELECT unnest(units) UNION
              SELECT p.unit_id FROM unit_periods p WHERE p.parent_id = ANY (renamed) AND unit_label_of('', p.kind, 'x') <> '') u(id)
        CROSS JOIN LATERAL (SELECT * FROM contestant_labels l WHERE l.unit_id = u.id OFFSET 0) k
        CROSS JOIN LATERAL unit_named(k.unit_id, make_date(k.year, 12, 31)) now(label)
    ), other AS MATERIALIZED (
        SELECT c.campaign, c.year, c.unit_id FROM concerned c WHERE c.label <> c.now ORDER BY c.unit_id, c.campaign, c.year)
    SELECT ARRAY(SELECT k.l FROM other o CROSS JOIN LATERAL (
                     SELECT l FROM contestant_labels l WHERE (l.campaign, l.year, l.unit_id) = (o.campaign, o.year, o.unit_id) FOR NO KEY UPDATE) k) INTO held;
    IF cardinality(held) > 0 THEN
        UPDATE contestant_labels l SET label = now.label
        FROM unnest(held) h CROSS JOIN LATERAL unit_named(h.unit_id, make_date(h.year, 12, 31)) now(label)
        WHERE (l.campaign, l.year, l.unit_id) = (h.campaign, h.year, h.unit_id);
    END IF;
END $$;
COMMENT ON FUNCTION contestant_labels_renew IS
    'Labels are found by the units concerned before they are made anew: of what is below a unit, those that name it. Where few units are above
    most others, PostgreSQL believes that most are concerned, and a join would make the labels of all rounds. A label is made of two names: those that
    change are held first, in one order, and are then made by a statement that sees how the other one was changed meanwhile.';

CREATE OR REPLACE FUNCTION contestant_labels_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    units uuid[];
    renamed uuid[];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT array_agg(n.unit_id), array_agg(n.unit_id) FILTER (WHERE o.name IS DISTINCT FROM n.name) INTO units, renamed
        FROM made n LEFT JOIN gone o ON o.unit_id = n.unit_id AND lower(o.valid) = lower(n.valid)
        WHERE (o.name, o.kind, o.parent_id) IS DISTINCT FROM (n.name, n.kind, n.parent_id);
    ELSE
        SELECT array_agg(x.unit_id), array_agg(x.unit_id) FILTER (WHERE x.name IS DISTINCT FROM (
            SELECT b.name FROM unit_periods b WHERE b.unit_id = x.unit_id AND lower(b.valid) < lower(x.valid) ORDER BY lower(b.valid) DESC LIMIT 1))
        INTO units, renamed FROM moved x;
    END IF;
    IF units IS NOT NULL THEN
        PERFORM contestant_labels_renew(units, coalesce(renamed, '{}'));
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION contestant_labels_follow IS
    'A label follows the name, kind and parent of the unit, and the name of its parent, on the last day of the award year: of the newest period
    that has begun by then, no matter when it ends. What is below a unit is looked at only where that is called otherwise than in the period
    before: it may be ten thousand units.';
CREATE OR REPLACE TRIGGER contestant_labels_period_made AFTER INSERT ON unit_periods REFERENCING NEW TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION contestant_labels_follow();
CREATE OR REPLACE TRIGGER contestant_labels_period_changed AFTER UPDATE ON unit_periods REFERENCING OLD TABLE AS gone NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION contestant_labels_follow();
CREATE OR REPLACE TRIGGER contestant_labels_period_removed AFTER DELETE ON unit_periods REFERENCING OLD TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION contestant_labels_follow();

CREATE OR REPLACE FUNCTION contestant_json(c contestants) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('campaign', c.campaign, 'year', c.year, 'unit_id', c.unit_id,
        'unit_label', unit_label(c.unit_id, make_date(c.year, 12, 31)), 'group', c.group_name,
        'group_label', group_label(c.campaign, c.year, c.group_name), 'cluster', c.cluster,
        'advises_par', c.advises_par, 'on_assessed_list', c.on_assessed_list, 'source_document', c.source_document,
        'members_total', c.members_total, 'members_women', c.members_women, 'recorded_at', c.recorded_at)
$$;

CREATE OR REPLACE FUNCTION contestant_facts(campaign text, year integer, unit uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (WITH entry AS (
                SELECT c.*, jsonb_build_object('source', 'contestants/' || $3, 'version', c.version, 'recorded_at', c.recorded_at) AS origin
                FROM (SELECT 1) one LEFT JOIN contestants c ON c.campaign = $1 AND c.year = $2 AND c.unit_id = $3)
            SELECT jsonb_build_object('is_collective', jsonb_build_object('value', true) || origin,
                                      'is_contestant', jsonb_build_object('value', unit_id IS NOT NULL) || origin)
                || CASE WHEN unit_id IS NULL THEN '{}' ELSE jsonb_build_object(
                       'contestant_kind', jsonb_build_object('value', group_name) || origin,
                       'advises_par', jsonb_build_object('value', advises_par) || origin,
                       'on_assessed_list', jsonb_build_object('value', on_assessed_list) || origin) END
                || CASE WHEN cluster IS NULL THEN '{}' ELSE jsonb_build_object('cluster', jsonb_build_object('value', cluster) || origin) END
                || CASE WHEN members_total IS NULL THEN '{}' ELSE jsonb_build_object(
                       'members_total', jsonb_build_object('value', members_total) || origin,
                       'members_women', jsonb_build_object('value', members_women) || origin) END
            FROM entry);
END $$;
COMMENT ON FUNCTION contestant_facts IS
    'Facts of the register for the engine. Every unit is a collective: individuals cannot be entered at all (I.1.c).';

-- ---- quota ----

CREATE OR REPLACE VIEW quota_current AS
    SELECT s.campaign, s.year, s.version, s.group_name, s.cluster, s.slots, s.form
    FROM rounds r JOIN quota_shares s ON s.campaign = r.campaign AND s.year = r.year AND s.version = r.quota_version;
COMMENT ON VIEW quota_current IS 'The allocation in force. No row for a round: only the cap holds.';
-- A view is written with the rights of its owner, and the default privileges are meant for tables.
REVOKE INSERT, UPDATE ON quota_current FROM thidua_app;

CREATE OR REPLACE FUNCTION quota_shares_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    version record;
BEGIN
    FOR version IN SELECT DISTINCT s.campaign, s.year, s.version FROM added s LOOP
        PERFORM FROM rounds r WHERE r.campaign = version.campaign AND r.year = version.year FOR NO KEY UPDATE;
        IF (SELECT sum(s.slots) FROM quota_shares s WHERE s.campaign = version.campaign AND s.year = version.year
            AND s.version = version.version) > round_cap(version.campaign, version.year) THEN
            PERFORM refuse('quota_within_cap');
        END IF;
        IF EXISTS (SELECT FROM quota_shares s WHERE s.campaign = version.campaign AND s.year = version.year
                   AND s.version = version.version GROUP BY s.form, s.group_name
                   HAVING count(*) FILTER (WHERE s.cluster IS NULL) > 0 AND count(*) > 1) THEN
            PERFORM refuse('quota_one_level');
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION quota_shares_check IS
    'III.2.b: the sum stays within the cap under any schedule of writers: they queue on the round''s row.';
CREATE OR REPLACE TRIGGER quota_shares_checked AFTER INSERT ON quota_shares REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION quota_shares_check();

CREATE OR REPLACE FUNCTION rounds_cap_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(slots) FROM quota_current q WHERE q.campaign = NEW.campaign AND q.year = NEW.year) > NEW.cap THEN
        PERFORM refuse('quota_within_cap');
    END IF;
    IF (SELECT count(*) FROM awards a WHERE a.campaign = NEW.campaign AND a.year = NEW.year) > NEW.cap THEN
        PERFORM refuse('rounds_cap_awarded');
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION rounds_cap_check IS
    'III.2.b: a reloaded plan cannot lower the cap below what is allocated or was awarded; a revoked award counts too.';
CREATE OR REPLACE TRIGGER rounds_cap_checked AFTER UPDATE OF cap, quota_version ON rounds
    FOR EACH ROW EXECUTE FUNCTION rounds_cap_check();

CREATE OR REPLACE FUNCTION quota_shares_json(campaign text, year integer, version integer) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(json_agg((jsonb_build_object('group', s.group_name, 'cluster', s.cluster, 'slots', s.slots)
                                      || CASE WHEN s.form IS NULL THEN '{}' ELSE jsonb_build_object('form', s.form) END)
                                     ORDER BY s.form, (k.groups #>> ARRAY[s.group_name, 'position'])::integer, s.cluster), '[]'::json)
            FROM quota_shares s JOIN round_plans k ON k.campaign = s.campaign AND k.year = s.year
            WHERE s.campaign = $1 AND s.year = $2 AND s.version = $3);
END $$;

CREATE OR REPLACE FUNCTION quota_json(r rounds) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT json_build_object('campaign', r.campaign, 'year', r.year, 'version', r.quota_version, 'cap', r.cap,
            'allocated', sums.slots, 'allocation', quota_shares_json(r.campaign, r.year, r.quota_version),
            'reason', v.reason, 'recorded_at', v.recorded_at,
            'warnings', (
                SELECT coalesce(json_agg(json_build_object('code', w.code, 'clause', plan_clause(r.campaign, r.year, 'III.2.b'),
                                                           'text', json_build_object('vi', w.vi, 'en', w.en)) ORDER BY w.vi), '[]'::json)
                FROM (
                    SELECT 'NO_ALLOCATION',
                           format('Sở Nội vụ chưa phân bổ chỉ tiêu: chỉ có %smức trần của năm được áp dụng.',
                                  CASE WHEN k.has_forms THEN 'số suất của từng hình thức và ' ELSE '' END),
                           format('No quota is allocated yet: only %sthe year''s cap hold%s.', CASE WHEN k.has_forms THEN 'the places of each form and ' ELSE '' END,
                                  CASE WHEN k.has_forms THEN '' ELSE 's' END)
                    FROM (SELECT s.forms IS NOT NULL AS has_forms FROM criteria_sets s WHERE (s.name, s.version) = (p.criteria_name, p.criteria_version)) k
                    WHERE sums.slots IS NULL
                    UNION ALL
                    SELECT 'CLUSTER_WITHOUT_CONTESTANTS',
                           format('Không có đối tượng thi đua nào của nhóm "%s" thuộc khối, cụm "%s": chưa ai được dùng chỉ tiêu này.', p.groups #>> ARRAY[q.group_name, 'vi'], q.cluster),
                           format('No contestant of the group "%s" is in the cluster "%s": nobody can have its slots.', p.groups #>> ARRAY[q.group_name, 'en'], q.cluster)
                    FROM quota_current q
                    WHERE q.campaign = r.campaign AND q.year = r.year AND q.cluster IS NOT NULL AND q.slots > 0 AND NOT EXISTS (
                        SELECT FROM contestants c WHERE c.campaign = q.campaign AND c.year = q.year AND c.group_name = q.group_name
                        AND c.cluster = q.cluster)
                    UNION ALL
                    SELECT 'GROUP_WITHOUT_SHARE',
                           format('Nhóm "%s" có đối tượng thi đua nhưng không được phân bổ: chỉ có mức trần còn lại của năm.', g.text ->> 'vi'),
                           format('The group "%s" has contestants and no slots: only what is left of the year''s cap holds for it.', g.text ->> 'en')
                    FROM jsonb_each(p.groups) AS g(code, text)
                    WHERE sums.slots > 0
                      AND EXISTS (SELECT FROM contestants c WHERE c.campaign = r.campaign AND c.year = r.year AND c.group_name = g.code)
                      AND NOT EXISTS (SELECT FROM quota_current q WHERE q.campaign = r.campaign AND q.year = r.year AND q.group_name = g.code)
                ) w(code, vi, en)))
        FROM (SELECT sum(q.slots) AS slots FROM quota_current q WHERE q.campaign = r.campaign AND q.year = r.year) sums
        JOIN round_plans p ON p.campaign = r.campaign AND p.year = r.year
        LEFT JOIN quota_versions v ON v.campaign = r.campaign AND v.year = r.year AND v.version = r.quota_version);
END $$;

CREATE OR REPLACE FUNCTION shares_exceeded(campaign text, year integer, decision uuid)
RETURNS TABLE (share text, share_en text, slots bigint, given bigint, units uuid[]) LANGUAGE sql STABLE AS $$
    WITH holders AS (
        SELECT c.group_name, c.cluster, u.unit_id, u.form, u.asked FROM (
            SELECT a.unit_id, a.form, false AS asked FROM awards a WHERE a.campaign = $1 AND a.year = $2
            UNION ALL SELECT d.unit_id, d.form, true FROM decision_units d WHERE d.decision_id = $3) u
        JOIN contestants c ON c.campaign = $1 AND c.year = $2 AND c.unit_id = u.unit_id
        WHERE NOT u.asked OR NOT EXISTS (
            SELECT FROM (SELECT o.decided, o.computed FROM standing_overrides o
                         WHERE o.campaign = $1 AND o.year = $2 AND o.unit_id = u.unit_id AND o.form IS NOT DISTINCT FROM u.form
                         ORDER BY o.position DESC LIMIT 1) o
            WHERE o.decided = 'SECURE' AND o.computed <> 'SECURE')
    ), shares AS (
        SELECT q.form, q.group_name, NULL::text AS cluster, sum(q.slots)::bigint AS slots FROM quota_current q
        WHERE q.campaign = $1 AND q.year = $2 GROUP BY q.form, q.group_name
        UNION ALL
        SELECT q.form, q.group_name, q.cluster, q.slots FROM quota_current q
        JOIN round_plans k ON k.campaign = q.campaign AND k.year = q.year
        JOIN criteria_sets s ON s.name = k.criteria_name AND s.version = k.criteria_version
        WHERE q.campaign = $1 AND q.year = $2 AND q.cluster IS NOT NULL AND s.document -> 'standings' ? 'cluster_by'
    ), left_out AS (
        SELECT h.group_name, h.unit_id, h.asked FROM holders h WHERE h.form IS NULL AND h.group_name NOT IN (SELECT s.group_name FROM shares s)
    ), rest AS (
        SELECT round_cap($1, $2) - sum(s.slots)::bigint AS slots FROM shares s WHERE s.cluster IS NULL AND s.form IS NULL)
    SELECT concat_ws(', ', group_label($1, $2, s.group_name) ->> 'vi', s.cluster), concat_ws(', ', group_label($1, $2, s.group_name) ->> 'en', s.cluster),
           s.slots, count(*), array_agg(h.unit_id)
    FROM shares s JOIN holders h ON h.group_name = s.group_name AND h.form IS NOT DISTINCT FROM s.form
        AND (s.cluster IS NULL OR h.cluster = s.cluster)
    GROUP BY s.form, s.group_name, s.cluster, s.slots
    HAVING count(*) > s.slots AND (bool_or(h.asked) OR $3 IS NULL)
    UNION ALL
    SELECT string_agg(DISTINCT group_label($1, $2, l.group_name) ->> 'vi', '; '), string_agg(DISTINCT group_label($1, $2, l.group_name) ->> 'en', '; '),
           r.slots, count(*), array_agg(l.unit_id)
    FROM rest r, left_out l WHERE r.slots IS NOT NULL
    GROUP BY r.slots
    HAVING count(*) > r.slots AND (bool_or(l.asked) OR $3 IS NULL)
$$;
COMMENT ON FUNCTION shares_exceeded IS
    'III.2.b: groups, and where the rules compare inside clusters also clusters, with more awards than the allocation in force gives them. All
    groups that it leaves out share what is left of the cap. Of forms of award, each counts by itself. Revoked awards count, and so do those that the decision would add; with a
    decision, only shares that it adds to are looked at. A unit whose place was decided by a person may be signed beyond its share,
    with its reason; once it is signed it counts there as any other does, as it does in the standings.';

-- ---- registers ----

CREATE OR REPLACE FUNCTION register_own_state(campaign text, year integer, register text, unit uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN d.unit_id IS NULL THEN jsonb_build_object('complete', false, 'complete_source', NULL, 'complete_through', NULL,
                                                                   'inherits', true)
               ELSE jsonb_build_object('complete', d.complete, 'complete_source', CASE WHEN d.complete THEN d.source END,
                                       'complete_through', CASE WHEN d.complete THEN d.complete_through END, 'inherits', false) END
        FROM (SELECT 1) one LEFT JOIN register_declarations d
             ON d.campaign = $1 AND d.year = $2 AND d.register = $3 AND d.unit_id = $4);
END $$;
COMMENT ON FUNCTION register_own_state IS
    'The own declaration of the unit. `inherits` is true where it has none: then that of the round holds (register_common_states).';

CREATE OR REPLACE FUNCTION register_common_states(campaign text, year integer) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_object_agg(d.register, jsonb_build_object('complete', d.complete,
            'complete_source', CASE WHEN d.complete THEN d.source END,
            'complete_through', CASE WHEN d.complete THEN d.complete_through END)), '{}')
        FROM registers g CROSS JOIN LATERAL (
            SELECT * FROM register_declarations x
            WHERE x.campaign = g.campaign AND x.year = g.year AND x.register = g.register AND x.unit_id IS NULL OFFSET 0) d
        WHERE g.campaign = $1 AND g.year = $2);
END $$;
COMMENT ON FUNCTION register_common_states IS
    'What is declared for all units of the round, by register. By OFFSET 0 each register is asked for that: else all declarations of the round would
    be read to find the few that are for all.';

CREATE OR REPLACE FUNCTION register_shown_whole(g registers, offices boolean, roles integer) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT offices OR (g.register = 'initiatives' AND has_role(roles, 'initiative_council')) $$;
COMMENT ON FUNCTION register_shown_whole IS 'Does the caller see the declarations for every unit? The Initiative Council sees those of its own register.';

CREATE OR REPLACE FUNCTION declaration_json(d register_declarations) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT json_build_object('campaign', d.campaign, 'year', d.year, 'register', d.register, 'unit_id', d.unit_id,
        'unit_label', coalesce((SELECT l.label FROM contestant_labels l WHERE (l.campaign, l.year, l.unit_id) = (d.campaign, d.year, d.unit_id)),
                               unit_label(d.unit_id, make_date(d.year, 12, 31))),
        'complete', d.complete, 'complete_through', d.complete_through, 'source', d.source, 'recorded_at', d.recorded_at));
END $$;

CREATE OR REPLACE FUNCTION register_json(g registers, offices boolean, caller_unit uuid, roles integer) RETURNS json
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    most constant integer := 100;
    whole constant boolean := register_shown_whole(g, offices, roles);
BEGIN
    RETURN (WITH of_units AS MATERIALIZED (
            (SELECT x AS d FROM register_declarations x
             WHERE whole AND x.campaign = g.campaign AND x.year = g.year AND x.register = g.register AND x.unit_id IS NOT NULL
             ORDER BY x.unit_id LIMIT most + 1)
            UNION ALL
            (SELECT own.d FROM (SELECT DISTINCT units_within(caller_unit) AS unit_id WHERE NOT whole AND has_role(roles, 'unit')) o
             CROSS JOIN LATERAL (SELECT x AS d FROM register_declarations x WHERE x.campaign = g.campaign AND x.year = g.year
                                 AND x.register = g.register AND x.unit_id = o.unit_id LIMIT 1) own
             ORDER BY o.unit_id LIMIT most + 1)
        ), shown AS (
            SELECT x AS d FROM register_declarations x
            WHERE x.campaign = g.campaign AND x.year = g.year AND x.register = g.register AND x.unit_id IS NULL
            UNION ALL
            (SELECT d FROM of_units ORDER BY (d).unit_id LIMIT most))
        SELECT json_build_object('campaign', g.campaign, 'year', g.year, 'register', g.register,
            'declarations', (SELECT coalesce(json_agg(declaration_json(d) ORDER BY (d).unit_id NULLS FIRST), '[]'::json) FROM shown),
            'more', (SELECT count(*) > most FROM of_units)));
END $$;
COMMENT ON FUNCTION register_json IS
    'What is declared for all, and for the first units that have a declaration of their own. A unit sees those of its own subtree; the
    Initiative Council sees its own register whole. That a member of the council belongs to a unit opens nothing of the others.';

-- ---- findings ----

CREATE OR REPLACE FUNCTION finding_facts(campaign text, year integer, unit uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_object_agg(x.content, jsonb_build_object('result', x.result, 'found_by', 'home_affairs',
                'score', x.score::text, 'source', 'findings/' || $3, 'version', f.version, 'recorded_at', f.recorded_at)), '{}')
            FROM findings f JOIN finding_contents x ON x.campaign = f.campaign AND x.year = f.year AND x.unit_id = f.unit_id
            WHERE f.campaign = $1 AND f.year = $2 AND f.unit_id = $3);
END $$;
COMMENT ON FUNCTION finding_facts IS 'III.1.a for the engine; a content without a finding is absent, so unknown.';

CREATE OR REPLACE FUNCTION findings_shown(in_campaign text, in_year integer, units uuid[], OUT unit_id uuid, OUT version bigint, OUT shown json)
RETURNS SETOF record LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
    #variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH wanted AS MATERIALIZED (
        SELECT x.content, (x.text ->> 'position')::integer AS place
        FROM round_plans k CROSS JOIN LATERAL jsonb_each(k.contents) AS x(content, text) WHERE k.campaign = in_campaign AND k.year = in_year
    ), own AS MATERIALIZED (
        SELECT DISTINCT c.group_name, coalesce(c.cluster, '') AS cluster
        FROM unnest(units) AS asked(id) CROSS JOIN LATERAL (
            SELECT x.group_name, x.cluster FROM contestants x
            WHERE x.campaign = in_campaign AND x.year = in_year AND x.unit_id = asked.id OFFSET 0) c
    ), placed AS (
        SELECT x.*, c.group_name, c.cluster,
               rank() OVER (PARTITION BY c.group_name, c.cluster, x.content ORDER BY x.score DESC) AS rank,
               count(*) OVER (PARTITION BY c.group_name, c.cluster, x.content) AS compared
        FROM own o CROSS JOIN LATERAL (
            SELECT m.unit_id, m.group_name, m.cluster FROM contestants m
            WHERE m.campaign = in_campaign AND m.year = in_year AND m.group_name = o.group_name AND coalesce(m.cluster, '') = o.cluster
            OFFSET 0) c
        CROSS JOIN LATERAL (
            SELECT y.* FROM finding_contents y WHERE y.campaign = in_campaign AND y.year = in_year AND y.unit_id = c.unit_id OFFSET 0) x
    ), summed AS (
        SELECT p.unit_id, p.group_name, p.cluster, sum(p.score) AS total, array_agg(p.content) AS contents,
               count(*) = (SELECT count(*) FROM wanted) AS whole,
               json_agg(json_build_object('content', p.content, 'score', p.score::text, 'result', p.result, 'reason', p.reason,
                   'evidence', p.evidence, 'rank', p.rank, 'of', p.compared, 'among', finding_among(in_campaign, in_year, p.group_name, p.cluster))
                   ORDER BY p.content) FILTER (WHERE p.unit_id = ANY (units)) AS list,
               json_agg(finding_warning(in_campaign, in_year, p.content, p.rank, p.compared, p.group_name, p.cluster) ORDER BY p.content)
                   FILTER (WHERE p.result = 'OUTSTANDING_LEADING' AND p.rank > 1 AND p.unit_id = ANY (units)) AS warnings
        FROM placed p GROUP BY p.unit_id, p.group_name, p.cluster
    ), ranked AS (
        SELECT s.*, rank() OVER (PARTITION BY s.group_name, s.cluster, s.whole ORDER BY s.total DESC) AS rank,
               count(*) OVER (PARTITION BY s.group_name, s.cluster, s.whole) AS compared
        FROM summed s)
    SELECT f.unit_id, f.version, json_build_object('campaign', f.campaign, 'year', f.year, 'unit_id', f.unit_id,
        'unit_label', unit_label(f.unit_id, make_date(f.year, 12, 31)), 'group', r.group_name, 'cluster', r.cluster,
        'found_by', 'home_affairs', 'recorded_at', f.recorded_at, 'contents', r.list,
        'missing', (SELECT coalesce(json_agg(k.content ORDER BY k.place), '[]'::json)
                    FROM wanted k WHERE k.content <> ALL (r.contents)),
        'total_score', r.total::text,
        'rank', CASE WHEN r.whole THEN r.rank END,
        'of', CASE WHEN r.whole THEN r.compared END,
        'among', finding_among(in_campaign, in_year, r.group_name, r.cluster),
        'warnings', coalesce(r.warnings, '[]'::json))
    FROM ranked r CROSS JOIN LATERAL (
        SELECT y.* FROM findings y WHERE y.campaign = in_campaign AND y.year = in_year AND y.unit_id = r.unit_id OFFSET 0) f
    WHERE r.unit_id = ANY (units);
END $$;
COMMENT ON FUNCTION findings_shown IS
    'The findings on these units, with legal ranks (1, 1, 3) by score inside group and cluster: of each content, and of the sum of all. A sở
    is never compared with a commune. Units that lack a finding are not ranked by the sum. A group is ranked once, however many of its units
    are asked for. Its plan is good for any units, and to make another one for each call would cost as much as to run it. By OFFSET 0 it goes
    from the units to their groups and those that are in them by index: it reads nothing of the other groups of the round.';

CREATE OR REPLACE FUNCTION finding_taken(in_campaign text, in_year integer, in_unit uuid, OUT unit_id uuid, OUT version bigint, OUT shown json)
RETURNS SETOF record LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM FROM findings f WHERE f.campaign = in_campaign AND f.year = in_year AND f.unit_id = in_unit FOR NO KEY UPDATE;
    IF FOUND THEN
        RETURN QUERY SELECT s.* FROM findings_shown(in_campaign, in_year, ARRAY[in_unit]) s;
    END IF;
END $$;
COMMENT ON FUNCTION finding_taken IS
    'The finding on the unit, held to the end of the transaction. Each statement of a VOLATILE function has a snapshot of its own, so the
    second one sees what the holder before committed.';

CREATE OR REPLACE FUNCTION finding_among(campaign text, year integer, group_name text, cluster text) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('group', $3, 'cluster', $4, 'label', group_label($1, $2, $3))
$$;
COMMENT ON FUNCTION finding_among IS 'Whom a contestant is compared with.';

CREATE OR REPLACE FUNCTION finding_warning(campaign text, year integer, content text, rank bigint, compared bigint, group_name text, cluster text)
RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT json_build_object('code', 'LEADING_NOT_FIRST', 'clause', plan_clause($1, $2, 'III.1.a'), 'content', $3, 'text', json_build_object(
                'vi', format('Nội dung "%s" được xác định là dẫn đầu nhưng chỉ đứng thứ %s/%s theo điểm trong %s.',
                             k.contents #>> ARRAY[$3, 'vi'], $4, $5, concat_ws(', ', k.groups #>> ARRAY[$6, 'vi'], $7)),
                'en', format('Content "%s" is found to be leading, yet ranks %s of %s by score among: %s.',
                             k.contents #>> ARRAY[$3, 'en'], $4, $5, concat_ws(', ', k.groups #>> ARRAY[$6, 'en'], $7))))
            FROM round_plans k WHERE k.campaign = $1 AND k.year = $2);
END $$;

CREATE OR REPLACE FUNCTION finding_json(f findings) RETURNS json LANGUAGE plpgsql STABLE AS
$$ BEGIN RETURN (SELECT s.shown FROM findings_shown(f.campaign, f.year, ARRAY[f.unit_id]) s); END $$;
COMMENT ON FUNCTION finding_json IS 'Of one finding. Of several, findings_shown() ranks their group once.';

-- ---- yearly reports ----

CREATE OR REPLACE FUNCTION reports_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.report_cut_off <> OLD.report_cut_off THEN
        RETURN NEW; -- the cut-off moved, and nobody files anything
    END IF;
    IF NOT EXISTS (SELECT FROM units WHERE id = NEW.unit_id) THEN
        PERFORM refuse('reports_unit');
    END IF;
    IF NOT EXISTS (SELECT FROM rounds r JOIN unit_periods p ON p.unit_id = NEW.unit_id
                   AND p.valid && daterange(r.first_day, r.last_day, '[]')
                   AND group_of_unit(r, p.unit_id, p.kind) = ANY (r.report_groups)
                   WHERE r.campaign = NEW.campaign AND r.year = NEW.year) THEN
        PERFORM refuse('reports_owed');
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION reports_check IS 'V.1 names the groups that owe a report; nobody else files one.';
CREATE OR REPLACE TRIGGER reports_checked BEFORE INSERT OR UPDATE ON reports FOR EACH ROW EXECUTE FUNCTION reports_check();

CREATE OR REPLACE FUNCTION report_owers(r rounds) RETURNS TABLE (unit_id uuid, group_name text)
LANGUAGE plpgsql STABLE ROWS 50 SET plan_cache_mode = force_generic_plan AS $$
    #variable_conflict use_column
DECLARE
    day date := r.report_cut_off - 1;
BEGIN
    RETURN QUERY
    SELECT p.unit_id, r.group_of_kinds ->> k.kind::text
    FROM unnest(report_kinds(r)) AS k(kind)
    CROSS JOIN LATERAL (SELECT x.unit_id, x.valid FROM unit_periods x WHERE x.kind = k.kind OFFSET 0) p
    WHERE p.valid @> day
      AND NOT EXISTS (SELECT FROM contestants c WHERE c.campaign = r.campaign AND c.year = r.year AND c.unit_id = p.unit_id OFFSET 0)
    UNION ALL
    SELECT c.unit_id, c.group_name FROM contestants c
    WHERE c.campaign = r.campaign AND c.year = r.year AND c.group_name = ANY (r.report_groups)
      AND EXISTS (SELECT FROM unit_periods p WHERE p.unit_id = c.unit_id AND p.valid @> day OFFSET 0);
END $$;
COMMENT ON FUNCTION report_owers IS 'V.1: who exists on the last good day owes the report; what was dissolved before it is owed by the successor.';

CREATE OR REPLACE FUNCTION report_owed(r rounds, unit uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM unit_periods p WHERE p.unit_id = unit AND p.valid @> (r.report_cut_off - 1)
                   AND group_of_unit(r, unit, p.kind) = ANY (r.report_groups));
END $$;
COMMENT ON FUNCTION report_owed IS 'Is the unit one of report_owers()? For who asks of a few.';

CREATE OR REPLACE FUNCTION report_json(p reports) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT json_build_object('campaign', p.campaign, 'year', p.year, 'unit_id', p.unit_id,
        'unit_label', unit_label(p.unit_id, make_date(p.year, 12, 31)), 'document_number', p.document_number,
        'document_date', p.document_date, 'summary', p.summary, 'received_at', p.received_at,
        'late', p.late, 'deadline', last_instant_before(p.report_cut_off),
        'source', p.source, 'recorded_at', p.recorded_at, 'amended_at', p.amended_at,
        'confirmed_by', p.confirmed_by, 'confirmed_on', p.confirmed_on,
        'amended_late', coalesce(received_late(p.amended_at, p.report_cut_off), false)));
END $$;

CREATE OR REPLACE FUNCTION dossier_received_at(campaign text, year integer, unit uuid) RETURNS timestamptz LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (SELECT min(d.received_at) FROM dossiers d
            WHERE d.campaign = $1 AND d.year = $2 AND $3 IN (d.nominator_id, d.on_behalf_of_id) AND d.state <> 'WITHDRAWN');
END $$;
COMMENT ON FUNCTION dossier_received_at IS
    'When the unit''s dossier of the year was first received, whoever handed it in for it; NULL while there is none.';
