-- Dossiers, nominations, documents (I.1.c, II.1, III.3, III.4.a).

-- ---- deadlines and receipts ----

CREATE OR REPLACE FUNCTION dossier_is_late(instant timestamptz, campaign text, year integer) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT local_date(instant) >= round_cutoff(campaign, year) $$;

CREATE OR REPLACE FUNCTION dissolved_in_time(unit uuid, campaign text, year integer) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT coalesce(unit_life_end(unit) <= least(round_cutoff($2, $3), today()), false) $$;
COMMENT ON FUNCTION dissolved_in_time IS
    'Has the body ended, and before the deadline for dossiers? Then its successor hands in for it; otherwise it does so itself.';

CREATE OR REPLACE FUNCTION nomination_received_at(n nominations) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT CASE WHEN n.added_later THEN n.received_at ELSE (SELECT d.received_at FROM dossiers d WHERE d.id = n.dossier_id) END);
END $$;
COMMENT ON FUNCTION nomination_received_at IS 'The instant that counts for this nominee (III.4.a); NULL while it has not been received.';

CREATE OR REPLACE FUNCTION dossier_late(d dossiers) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT dossier_is_late(greatest(d.received_at, (SELECT max(n.received_at) FROM nominations n WHERE n.dossier_id = d.id)), d.campaign, d.year));
END $$;
COMMENT ON FUNCTION dossier_late IS 'Did it come late, or a nominee that was added to it? Then Sở Nội vụ must accept it, for a reason. Null until it is received.';

-- ---- who stands in whose dossier ----

CREATE OR REPLACE FUNCTION nominee_stands(d dossiers, unit uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT dissolved_in_time($2, d.campaign, d.year) OR coalesce(unit_part_of($2, d.on_behalf_of_id), false)
$$;
COMMENT ON FUNCTION nominee_stands IS
    'A body dissolved before the deadline can only be nominated in a dossier lodged on its behalf, or on behalf of the body that it was
    part of, which gives the reason. Nominated by its successor as one of its own, it would come without that reason.';

CREATE OR REPLACE FUNCTION nominee_belongs(d dossiers, unit uuid, received timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT unit_within($2, d.nominator_id, CASE WHEN d.on_behalf_of_id IS NULL THEN local_date(received) ELSE today() END)
$$;
COMMENT ON FUNCTION nominee_belongs IS
    'Did the unit belong to the nominator when it was received (III.3.a)? What a successor lodges for a body that has ended belongs to it now.';

CREATE OR REPLACE FUNCTION nominee_belonged(d dossiers, unit uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN d.on_paper AND EXISTS (SELECT FROM unit_periods p WHERE p.unit_id = $2 AND upper(p.valid) <= today()
                                  AND unit_within($2, d.nominator_id, upper(p.valid) - 1));
END $$;
COMMENT ON FUNCTION nominee_belonged IS
    'A paper dossier is entered after it was received, which may have been before the unit moved away. Its receipt is judged when it is recorded.';

CREATE OR REPLACE FUNCTION dossier_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    most CONSTANT integer := 500; -- a unit's record is one answer. Writers who meet may pass it by as many as they are
BEGIN
    IF TG_OP = 'INSERT' AND (SELECT count(*) FROM dossiers d
                             WHERE d.nominator_id = NEW.nominator_id AND d.campaign = NEW.campaign AND d.year = NEW.year) >= most THEN
        PERFORM refuse('dossiers_of_nominator_most');
    END IF;
    IF dissolved_in_time(NEW.nominator_id, NEW.campaign, NEW.year) THEN
        PERFORM refuse('dossiers_nominator_ended');
    END IF;
    IF TG_OP = 'INSERT' AND NEW.on_behalf_of_id IS NOT NULL
       AND NOT (dissolved_in_time(NEW.on_behalf_of_id, NEW.campaign, NEW.year) AND unit_within(NEW.on_behalf_of_id, NEW.nominator_id)) THEN
        PERFORM refuse('dossiers_successor');
    END IF;
    IF EXISTS (SELECT FROM units WHERE id = NEW.nominator_id)
       AND NOT EXISTS (SELECT FROM unit_periods p WHERE p.unit_id = coalesce(NEW.on_behalf_of_id, NEW.nominator_id)
                       AND p.valid && award_year_days(NEW.campaign, NEW.year))
       AND award_year_days(NEW.campaign, NEW.year) IS NOT NULL THEN
        PERFORM refuse(CASE WHEN NEW.on_behalf_of_id IS NULL THEN 'dossiers_nominator_in_year' ELSE 'dossiers_on_behalf_of_in_year' END);
    END IF;
    IF TG_OP = 'UPDATE'
       AND EXISTS (SELECT FROM nominations n WHERE n.dossier_id = NEW.id AND NOT n.added_later AND NOT nominee_stands(NEW, n.unit_id)) THEN
        PERFORM refuse('nominations_ended');
    END IF;
    IF TG_OP = 'UPDATE'
       AND EXISTS (SELECT FROM nominations n WHERE n.dossier_id = NEW.id AND NOT n.added_later
                   AND NOT nominee_belongs(NEW, n.unit_id, NEW.received_at)) THEN
        PERFORM refuse('nominations_within_nominator');
    END IF;
    IF TG_OP = 'UPDATE' THEN
        -- Held first: whoever nominates one of them elsewhere meanwhile has taken its standing here (nomination_check), which the next statement sees.
        PERFORM FROM nominations n WHERE n.dossier_id = NEW.id ORDER BY n.unit_id FOR NO KEY UPDATE;
        UPDATE nominations SET standing = true WHERE dossier_id = NEW.id AND NOT standing; -- nominations_once_a_round
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION dossier_check IS
    'For a body dissolved before the deadline its successor lodges the dossier, and nobody else. What was drafted is judged again when it is
    first received: a nominee may have ended or moved to another body since, which may have nominated it.';
CREATE OR REPLACE TRIGGER dossiers_on_behalf BEFORE INSERT ON dossiers FOR EACH ROW EXECUTE FUNCTION dossier_check();
CREATE OR REPLACE TRIGGER dossiers_first_receipt BEFORE UPDATE OF received_at ON dossiers
    FOR EACH ROW WHEN (OLD.received_at IS NULL) EXECUTE FUNCTION dossier_check();

CREATE OR REPLACE FUNCTION nomination_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    d dossiers;
    most CONSTANT integer := 500; -- a dossier is read with all of them
BEGIN
    SELECT * INTO d FROM dossiers WHERE id = NEW.dossier_id;
    IF (SELECT count(*) FROM nominations n WHERE n.dossier_id = d.id AND n.unit_id <> NEW.unit_id) >= most THEN
        PERFORM refuse('nominations_most');
    END IF;
    -- What was received while the body stood, and belonged to the nominator, may be completed.
    IF NOT ((unit_within(NEW.unit_id, d.nominator_id) OR nominee_belonged(d, NEW.unit_id)) AND nominee_stands(d, NEW.unit_id))
       AND NOT EXISTS (SELECT FROM nominations n WHERE n.dossier_id = d.id AND n.unit_id = NEW.unit_id
                       AND nomination_received_at(n) IS NOT NULL) THEN
        PERFORM refuse(CASE WHEN unit_within(NEW.unit_id, d.nominator_id) THEN 'nominations_ended' ELSE 'nominations_within_nominator' END);
    END IF;
    -- The body that it belonged to cannot lodge what it drafted, and may never take it out. Whether it was received is asked of this row alone: of one
    -- that is being received just now PostgreSQL waits for the row, and asks again of that and of no other.
    UPDATE nominations n SET standing = false FROM dossiers former
    WHERE n.campaign = NEW.campaign AND n.year = NEW.year AND n.unit_id = NEW.unit_id AND n.standing AND n.dossier_id <> NEW.dossier_id
      AND CASE WHEN n.added_later THEN n.received_at IS NULL ELSE n.came_on IS NULL END
      AND former.id = n.dossier_id AND NOT unit_within(n.unit_id, former.nominator_id);
    NEW.added_later := d.received_at IS NOT NULL;
    NEW.awarded_on := (SELECT e.signed_on FROM awards a JOIN decisions e ON e.id = a.decision_id
                       WHERE a.campaign = NEW.campaign AND a.year = NEW.year AND a.unit_id = NEW.unit_id);
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER nominations_within BEFORE INSERT ON nominations FOR EACH ROW EXECUTE FUNCTION nomination_check();

CREATE OR REPLACE FUNCTION nomination_receipt_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    d dossiers;
BEGIN
    SELECT * INTO d FROM dossiers WHERE id = NEW.dossier_id;
    IF NOT nominee_stands(d, NEW.unit_id) THEN
        PERFORM refuse('nominations_ended');
    END IF;
    IF NOT nominee_belongs(d, NEW.unit_id, NEW.received_at) THEN
        PERFORM refuse('nominations_within_nominator');
    END IF;
    NEW.standing := true;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION nomination_receipt_check IS
    'For a unit that was nominated while it existed and belonged to the nominator, and is first received after it has ended or moved away.';
CREATE OR REPLACE TRIGGER nominations_first_receipt BEFORE UPDATE OF received_at ON nominations
    FOR EACH ROW WHEN (OLD.received_at IS NULL AND NEW.received_at IS NOT NULL) EXECUTE FUNCTION nomination_receipt_check();

CREATE OR REPLACE FUNCTION dossier_state_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.state_since := clock_now();
    NEW.lodged_again := OLD.lodged_again OR (OLD.state = 'RETURNED' AND NEW.state = 'LODGED');
    IF NEW.state = 'WITHDRAWN' THEN
        UPDATE nominations SET standing = false WHERE dossier_id = NEW.id;
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER dossiers_state_moved BEFORE UPDATE OF state ON dossiers
    FOR EACH ROW WHEN (NEW.state IS DISTINCT FROM OLD.state) EXECUTE FUNCTION dossier_state_moved();

CREATE OR REPLACE FUNCTION tally_dossiers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changes round_tallies[] := '{}';
BEGIN
    IF TG_OP <> 'DELETE' THEN
        changes := ARRAY(SELECT ROW(x.campaign, x.year, 'dossiers', 0, 1)::round_tallies FROM made x
                         WHERE x.received_at IS NOT NULL AND x.state <> 'WITHDRAWN');
    END IF;
    IF TG_OP <> 'INSERT' THEN
        changes := changes || ARRAY(SELECT ROW(x.campaign, x.year, 'dossiers', 0, -1)::round_tallies FROM gone x
                                    WHERE x.received_at IS NOT NULL AND x.state <> 'WITHDRAWN');
    END IF;
    IF TG_OP = 'UPDATE' THEN
        changes := changes || ARRAY(
            SELECT ROW(n.campaign, n.year, 'nominees', 0, CASE WHEN m.received_at IS NOT NULL THEN 1 ELSE -1 END)::round_tallies
            FROM made m JOIN gone g ON g.id = m.id JOIN nominations n ON n.dossier_id = m.id
            WHERE (m.received_at IS NULL) <> (g.received_at IS NULL) AND n.standing AND NOT n.added_later);
    END IF;
    PERFORM round_tally(changes);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION tally_dossiers IS 'Those that were received, but for those withdrawn. What they nominated is received with them.';
CREATE OR REPLACE TRIGGER tallied_made AFTER INSERT ON dossiers REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION tally_dossiers();
CREATE OR REPLACE TRIGGER tallied_changed AFTER UPDATE ON dossiers REFERENCING OLD TABLE AS gone NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION tally_dossiers();
CREATE OR REPLACE TRIGGER tallied_gone AFTER DELETE ON dossiers REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION tally_dossiers();

CREATE OR REPLACE FUNCTION tally_nominees() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changes round_tallies[] := '{}';
BEGIN
    IF TG_OP <> 'DELETE' THEN
        changes := ARRAY(SELECT ROW(x.campaign, x.year, 'nominees', 0, 1)::round_tallies FROM made x
                         WHERE x.standing AND nomination_received_at(x::nominations) IS NOT NULL);
    END IF;
    IF TG_OP <> 'INSERT' THEN
        changes := changes || ARRAY(SELECT ROW(x.campaign, x.year, 'nominees', 0, -1)::round_tallies FROM gone x
                                    WHERE x.standing AND nomination_received_at(x::nominations) IS NOT NULL);
    END IF;
    PERFORM round_tally(changes);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION tally_nominees IS 'Those that were received, with their dossier or later, and stand.';
CREATE OR REPLACE TRIGGER tallied_made AFTER INSERT ON nominations REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION tally_nominees();
CREATE OR REPLACE TRIGGER tallied_changed AFTER UPDATE ON nominations REFERENCING OLD TABLE AS gone NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION tally_nominees();
CREATE OR REPLACE TRIGGER tallied_gone AFTER DELETE ON nominations REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION tally_nominees();

CREATE OR REPLACE FUNCTION dossier_received() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.late := dossier_late(NEW);
    RETURN NEW;
END $$;
COMMENT ON FUNCTION dossier_received IS 'Every receipt says whether it was late. Its nominees are received before it (nominees_receive).';
CREATE OR REPLACE TRIGGER dossiers_received BEFORE INSERT OR UPDATE OF received_at ON dossiers
    FOR EACH ROW EXECUTE FUNCTION dossier_received();

CREATE OR REPLACE FUNCTION nominations_come() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE nominations n SET came_on = local_date(NEW.received_at) WHERE n.dossier_id = NEW.id AND NOT n.added_later;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER dossiers_come AFTER UPDATE OF received_at ON dossiers
    FOR EACH ROW WHEN (NEW.received_at IS DISTINCT FROM OLD.received_at) EXECUTE FUNCTION nominations_come();

CREATE OR REPLACE FUNCTION late_nominee_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE dossiers d SET late = dossier_late(d) WHERE d.id = OLD.dossier_id AND d.late;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION late_nominee_left IS 'A dossier may have been late by a nominee alone that was added to it.';
CREATE OR REPLACE TRIGGER nominations_late_left AFTER DELETE ON nominations
    FOR EACH ROW WHEN (OLD.received_at IS NOT NULL) EXECUTE FUNCTION late_nominee_left();

CREATE OR REPLACE FUNCTION dossiers_follow_cut_off() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE dossiers d SET late = dossier_late(d) WHERE d.campaign = NEW.campaign AND d.year = NEW.year AND d.received_at IS NOT NULL;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION dossiers_follow_cut_off IS 'A plan that is loaded again may move the cut-off, and in the same act moves who was late.';
CREATE OR REPLACE TRIGGER dossiers_cut_off_moved AFTER UPDATE OF cut_off ON rounds
    FOR EACH ROW WHEN (NEW.cut_off <> OLD.cut_off) EXECUTE FUNCTION dossiers_follow_cut_off();

-- ---- who sees what ----

CREATE OR REPLACE FUNCTION dossier_shown(d dossiers, caller_unit uuid, caller_roles integer) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN may_read_restricted(caller_roles) OR acts_for(caller_roles, caller_unit, d.nominator_id);
END $$;
COMMENT ON FUNCTION dossier_shown IS 'The offices see every dossier, a unit those of its own subtree.';

CREATE OR REPLACE FUNCTION dossier_votes_shown(d dossiers, caller_unit uuid, caller_roles integer) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF may_read_restricted(caller_roles) OR has_role(caller_roles, 'unit') AND d.nominator_id = caller_unit THEN
        RETURN true;
    ELSIF has_role(caller_roles, 'unit') IS NOT TRUE OR caller_unit IS NULL THEN
        RETURN false;
    END IF;
    RETURN caller_unit IN (SELECT unit_holders(d.nominator_id, today()));
END $$;
COMMENT ON FUNCTION dossier_votes_shown IS
    'How the council voted is for the offices and the nominator itself, or who holds its duties since it ended. Not for what is above it.';

-- ---- what is missing, and warnings ----

CREATE OR REPLACE FUNCTION round_components(campaign text, year integer) RETURNS SETOF dossier_components ROWS 5 LANGUAGE sql STABLE AS $$
    SELECT c.* FROM dossier_components c
    WHERE c.campaign = $1 AND NOT EXISTS (SELECT FROM closed_rounds k WHERE k.campaign = $1 AND k.year = $2)
    UNION ALL
    SELECT $1, x.code, (x.text ->> 'position')::integer, x.text ->> 'of' = 'NOMINEE', coalesce((x.text ->> 'restricted')::boolean, false), x.text
    FROM closed_rounds k CROSS JOIN LATERAL jsonb_each(k.components) AS x(code, text)
    WHERE k.campaign = $1 AND k.year = $2
$$;
COMMENT ON FUNCTION round_components IS 'What the plan asked for when the round was run. For FROM: becomes part of the query.';

CREATE OR REPLACE FUNCTION component_restricted(campaign text, year integer, code text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM dossier_components c WHERE c.campaign = $1 AND c.code = $3 AND c.restricted)
        OR EXISTS (SELECT FROM round_plans k WHERE k.campaign = $1 AND k.year = $2 AND (k.components #>> ARRAY[$3, 'restricted'])::boolean);
END $$;
COMMENT ON FUNCTION component_restricted IS
    'Are such documents for the offices and the nominator alone? By the plan of the round or by that of today: one that is loaded later may close
    what is old, and opens none of it.';

-- What a dossier lacks, is returned for and warns of is worked out for each of a page. Each of these is written for FROM and becomes part of the query
-- that shows them all (dossiers_json). `asked`: what round_components() gives of its round.
CREATE OR REPLACE FUNCTION dossier_lacks(d dossiers, asked dossier_components[]) RETURNS SETOF jsonb ROWS 1 LANGUAGE sql STABLE AS $$
    WITH needed AS (
        SELECT c.position, c.code, n.unit_id, c.text ->> 'clause' AS clause
        FROM unnest(asked) c LEFT JOIN nominations n ON c.of_nominee AND n.dossier_id = d.id
        WHERE (n.unit_id IS NOT NULL OR NOT c.of_nominee) AND d.state <> 'DECIDED'
    ), gaps AS (
        SELECT * FROM needed x
        WHERE NOT EXISTS (SELECT FROM documents p WHERE p.dossier_id = d.id AND p.kind = x.code
                          AND p.unit_id IS NOT DISTINCT FROM x.unit_id AND p.superseded_at IS NULL)
        UNION ALL SELECT 0, 'NOMINATION', NULL, plan_clause(d.campaign, d.year, 'III.3')
        WHERE NOT EXISTS (SELECT FROM nominations n WHERE n.dossier_id = d.id)
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object('kind', code, 'unit_id', unit_id, 'unit_label', label, 'clause', clause) ORDER BY position, unit_id), '[]')
    FROM gaps LEFT JOIN LATERAL unit_named(unit_id, make_date(d.year, 12, 31)) label ON true
$$;
COMMENT ON FUNCTION dossier_lacks IS
    'Complete is what has every component of the plan, once or for each nominee (III.3: Tờ trình, minutes, a report for each). What was
    decided was complete when it was accepted, and stays so where the plan asks for another component later.';

CREATE OR REPLACE FUNCTION dossier_missing(d dossiers) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    asked dossier_components[] := ARRAY(SELECT c FROM round_components(d.campaign, d.year) c);
BEGIN
    RETURN (SELECT missing FROM dossier_lacks(d, asked) missing);
END $$;
COMMENT ON FUNCTION dossier_missing(dossiers) IS 'dossier_lacks of a single one.';

CREATE OR REPLACE FUNCTION dossier_returned_for(d dossiers, asked dossier_components[]) RETURNS SETOF jsonb ROWS 1 LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('code', 'REPORT_NOT_CONFIRMED', 'kind', c.code, 'unit_id', n.unit_id,
               'unit_label', label, 'clause', c.text -> 'clause', 'text', jsonb_build_object(
               'vi', (c.text ->> 'vi') || ': chưa có xác nhận của cấp trình khen.',
               'en', (c.text ->> 'en') || ': the nominating level has not confirmed it.')) ORDER BY c.position, n.recorded_at, n.unit_id), '[]')
    FROM unnest(asked) c JOIN nominations n ON n.dossier_id = d.id LEFT JOIN LATERAL unit_named(n.unit_id, make_date(n.year, 12, 31)) label ON true
    WHERE c.of_nominee AND (c.text ->> 'confirmed')::boolean AND n.confirmed_by IS NULL
$$;
COMMENT ON FUNCTION dossier_returned_for IS
    'For what Sở Nội vụ may return the dossier though every component that is asked for is there. It may also accept it: nothing is refused
    for them.';

CREATE OR REPLACE FUNCTION falls_short(part integer, whole integer, share jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(part::bigint * (share ->> 'q')::bigint < whole::bigint * (share ->> 'p')::bigint, false)
$$;
COMMENT ON FUNCTION falls_short IS 'Is it less than p/q of the whole? Not where the plan gives no share, or nothing is known of the part.';

CREATE OR REPLACE FUNCTION council_falls_short(d dossiers) RETURNS SETOF jsonb ROWS 1 LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('code', w.code, 'kind', 'MINUTES', 'unit_id', n.unit_id,
               'unit_label', label, 'clause', coalesce(w.share ->> 'clause', plan_clause(d.campaign, d.year, 'III.3.b')), 'text', jsonb_build_object(
               'vi', w.vi || format(' (%s/%s; cần %s/%s).', w.part, n.members_total, w.share ->> 'p', w.share ->> 'q'),
               'en', w.en || format(' (%s/%s; %s/%s needed).', w.part, n.members_total, w.share ->> 'p', w.share ->> 'q')))
               ORDER BY n.recorded_at, n.unit_id, w.code), '[]')
    FROM nominations n JOIN rounds k USING (campaign, year) CROSS JOIN LATERAL (VALUES
        ('NO_QUORUM', n.members_present, k.council -> 'quorum', 'Số thành viên Hội đồng dự họp chưa đủ',
         'Too few members of the council were present'),
        ('VOTES_BELOW_THRESHOLD', n.votes_for, k.council -> 'threshold', 'Số phiếu tán thành trên tổng số thành viên Hội đồng chưa đủ',
         'Too few votes for, of all members of the council')) AS w(code, part, share, vi, en)
    LEFT JOIN LATERAL unit_named(n.unit_id, make_date(n.year, 12, 31)) label ON true
    WHERE n.dossier_id = d.id AND falls_short(w.part, n.members_total, w.share)
$$;
COMMENT ON FUNCTION council_falls_short IS
    'Where the plan, as the round was run by it, sets a threshold or a quorum, of all members; the decree sets none for this award. For who may see votes.';

CREATE OR REPLACE FUNCTION council_attended(d dossiers, OUT members_total bigint, OUT members_present bigint, OUT written_opinions bigint)
    RETURNS SETOF record ROWS 1 LANGUAGE sql STABLE AS $$
    SELECT count(*), count(*) FILTER (WHERE m.attendance = 'PRESENT'), count(*) FILTER (WHERE m.attendance = 'WRITTEN_OPINION')
    FROM council_members m WHERE m.dossier_id = d.id HAVING count(*) > 0
$$;
COMMENT ON FUNCTION council_attended IS 'As the minutes list the members; no row where they list none.';

CREATE OR REPLACE FUNCTION council_differs(d dossiers) RETURNS SETOF jsonb ROWS 1 LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('code', 'VOTES_DIFFER_FROM_MINUTES', 'kind', 'MINUTES', 'unit_id', n.unit_id,
               'unit_label', label, 'clause', plan_clause(d.campaign, d.year, 'III.3.b'), 'text', jsonb_build_object(
               'vi', format('Kết quả bỏ phiếu ghi %s thành viên có mặt, %s ý kiến bằng văn bản trên tổng số %s; danh sách trong biên bản có %s, %s trên %s.',
                            n.members_present, n.written_opinions, n.members_total, c.members_present, c.written_opinions, c.members_total),
               'en', format('The result of the vote has %s members present and %s written opinions of %s; the list in the minutes has %s and %s of %s.',
                            n.members_present, n.written_opinions, n.members_total, c.members_present, c.written_opinions, c.members_total)))
               ORDER BY n.recorded_at, n.unit_id), '[]')
    FROM council_attended(d) c JOIN nominations n ON n.dossier_id = d.id
        AND (n.members_total, n.members_present, n.written_opinions) <> (c.members_total, c.members_present, c.written_opinions)
    LEFT JOIN LATERAL unit_named(n.unit_id, make_date(n.year, 12, 31)) label ON true
$$;
COMMENT ON FUNCTION council_differs IS
    'Nominees whose votes are of another number of members than the minutes list. For who may see votes.';

CREATE OR REPLACE FUNCTION dossier_warns(d dossiers, asked dossier_components[], cut_off date) RETURNS SETOF jsonb ROWS 1 LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('code', w.code,
               'clause', CASE WHEN w.component IS NULL THEN plan_clause(d.campaign, d.year, 'III.4.a') ELSE known.components ->> w.component END,
               'text', jsonb_build_object('vi', w.vi, 'en', w.en)) ORDER BY w.place), '[]')
    FROM (SELECT received_late(d.received_at, cut_off) AS late,
                 (SELECT string_agg(label, '; ' ORDER BY n.received_at, n.unit_id)
                  FROM nominations n LEFT JOIN LATERAL unit_named(n.unit_id, make_date(n.year, 12, 31)) label ON true
                  WHERE n.dossier_id = d.id AND received_late(n.received_at, cut_off)) AS added_late,
                 (SELECT jsonb_object_agg(c.code, c.text -> 'clause') FROM unnest(asked) c) AS components OFFSET 0) known
    CROSS JOIN LATERAL (VALUES
        (1, known.late, 'LATE', NULL, 'Hồ sơ đến sau thời hạn: Sở Nội vụ phải chấp nhận, có lý do.',
         'It came late: it goes on only with Home Affairs'' acceptance, for a reason.'),
        (2, known.added_late IS NOT NULL, 'NOMINEE_LATE', NULL,
         'Được bổ sung vào hồ sơ và đến sau thời hạn: ' || known.added_late || '. Sở Nội vụ phải chấp nhận, có lý do.',
         'Added to the dossier, and came late: ' || known.added_late || '. It goes on only with Home Affairs'' acceptance, for a reason.'),
        (3, d.lodged_again AND NOT known.late AND received_late(d.lodged_at, cut_off), 'COMPLETED_AFTER_DEADLINE', NULL,
         'Đến đúng hạn, được trả lại và nộp bổ sung sau thời hạn.', 'In time, then returned and lodged again after the deadline.'),
        (4, received_late(clock_now(), cut_off) AND (d.state = 'DRAFT' OR d.state = 'RETURNED' AND EXISTS (
                SELECT FROM nominations n WHERE n.dossier_id = d.id AND n.added_later AND n.received_at IS NULL)), 'DEADLINE_PASSED', NULL,
         'Đã quá thời hạn nộp.', 'The deadline has passed.'),
        (5, known.components ? 'TO_TRINH' AND (d.letter_number IS NULL OR d.letter_date IS NULL), 'LETTER_NOT_IDENTIFIED', 'TO_TRINH',
         'Chưa ghi số, ký hiệu và ngày của Tờ trình.', 'The Tờ trình''s number-symbol and date are not recorded.'),
        (6, known.components ? 'MINUTES' AND d.minutes_date IS NULL, 'MINUTES_NOT_DATED', 'MINUTES', 'Chưa ghi ngày họp Hội đồng.',
         'The date of the council''s minutes is not recorded.'),
        (7, known.components ? 'MINUTES' AND EXISTS (SELECT FROM nominations n WHERE n.dossier_id = d.id AND n.votes_for IS NULL), 'NO_COUNCIL_RESULT', 'MINUTES',
         'Có tập thể chưa ghi kết quả bỏ phiếu của Hội đồng.', 'A nominee has no recorded council vote.')
    ) AS w(place, holds, code, component, vi, en)
    WHERE w.holds
$$;
COMMENT ON FUNCTION dossier_warns IS
    'Where the plan has them, TO_TRINH is the letter whose number and date a dossier records, and MINUTES are those of the council whose
    votes it records.';

-- ---- as the API shows it ----

CREATE OR REPLACE FUNCTION dossier_day(d dossiers) RETURNS date LANGUAGE sql STABLE AS $$ SELECT coalesce(local_date(d.received_at), today()) $$;
COMMENT ON FUNCTION dossier_day IS 'Of which day it speaks: the one on which it was received, whatever became of its nominator since; until then today.';

CREATE OR REPLACE FUNCTION dossier_nominator_label(d dossiers) RETURNS text LANGUAGE plpgsql STABLE AS
$$ BEGIN RETURN unit_label(d.nominator_id, dossier_day(d)); END $$;

CREATE OR REPLACE FUNCTION component_place(components jsonb, kind text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT coalesce((components #>> ARRAY[kind, 'position'])::integer, 1000) $$;
COMMENT ON FUNCTION component_place IS 'Documents are listed as the plan lists its components, evidence last.';

CREATE OR REPLACE FUNCTION document_shown(d documents, year integer, components jsonb) RETURNS SETOF jsonb ROWS 1 LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', d.id, 'kind', d.kind,
        'kind_label', component_called(components -> d.kind), 'unit_id', d.unit_id,
        'unit_label', label, 'title', d.title, 'size', d.size,
        'sha256', d.sha256, 'recorded_at', d.recorded_at, 'superseded_at', d.superseded_at,
        'state', CASE WHEN d.superseded_at IS NULL THEN 'CURRENT' ELSE 'SUPERSEDED' END,
        'href', format('/v1/dossiers/%s/documents/%s', d.dossier_id, d.id))
    FROM (SELECT) one LEFT JOIN LATERAL unit_named(d.unit_id, make_date(year, 12, 31)) label ON true
$$;
COMMENT ON FUNCTION document_shown IS 'A document as the API shows it, by the components of its plan. For FROM: becomes part of the query.';

CREATE OR REPLACE FUNCTION document_json(d documents) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT shown FROM dossiers x JOIN round_plans k USING (campaign, year), document_shown(d, x.year, k.components) shown WHERE x.id = d.dossier_id);
END $$;

CREATE OR REPLACE FUNCTION nomination_shown(n nominations, asked dossier_components[], received_at timestamptz, cut_off date, votes_shown boolean)
    RETURNS SETOF jsonb ROWS 1 LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('unit_id', n.unit_id, 'unit_label', label,
            'documents', (SELECT coalesce(jsonb_object_agg(c.code, CASE WHEN EXISTS (
                              SELECT FROM documents d WHERE d.dossier_id = n.dossier_id AND d.unit_id = n.unit_id
                              AND d.kind = c.code AND d.kind <> 'EVIDENCE' AND d.superseded_at IS NULL) THEN 'PRESENT' ELSE 'MISSING' END), '{}')
                          FROM unnest(asked) c WHERE c.of_nominee),
            'council_result', CASE WHEN n.votes_for IS NULL THEN 'MISSING' ELSE 'PRESENT' END,
            'confirmed_by', n.confirmed_by, 'confirmed_on', n.confirmed_on,
            'notified_on', n.notified_on, 'result', n.notified_result, 'result_reason', n.notified_reason,
            'received_at', received_at, 'late', received_late(received_at, cut_off))
        || CASE WHEN votes_shown THEN jsonb_build_object('votes_for', n.votes_for, 'votes_against', n.votes_against,
               'votes_abstain', n.votes_abstain, 'members_present', n.members_present, 'members_total', n.members_total,
               'written_opinions', n.written_opinions)
           ELSE '{}' END
    FROM (SELECT) one LEFT JOIN LATERAL unit_named(n.unit_id, make_date(n.year, 12, 31)) label ON true
$$;
COMMENT ON FUNCTION nomination_shown IS 'A nominee as the API shows it, received at that instant (nomination_received_at). For FROM: becomes part of the query.';

CREATE OR REPLACE FUNCTION nomination_json(n nominations, votes_shown boolean) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    asked dossier_components[] := ARRAY(SELECT c FROM round_components(n.campaign, n.year) c);
    received_at timestamptz := nomination_received_at(n);
    cut_off date := round_cutoff(n.campaign, n.year);
BEGIN
    RETURN (SELECT shown FROM nomination_shown(n, asked, received_at, cut_off, votes_shown) shown);
END $$;
COMMENT ON FUNCTION nomination_json IS 'Without votes and members for a reader who may not see them.';

CREATE OR REPLACE FUNCTION round_first_decided(r rounds) RETURNS date LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT min(e.signed_on) FROM decisions e WHERE e.campaign = r.campaign AND e.year = r.year AND e.kind = 'AWARD'), r.cut_off);
END $$;
COMMENT ON FUNCTION round_first_decided IS
    'The day since which nominees are refused: of the first decision of the round; where it is closed without one, the end of the intake.';

CREATE OR REPLACE FUNCTION nomination_result(n nominations, OUT result text, OUT decided_on date) LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT CASE WHEN n.awarded_on IS NULL THEN 'REFUSED' ELSE 'AWARDED' END, greatest(round_first_decided(r), n.decidable_since) INTO result, decided_on
    FROM rounds r WHERE r.campaign = n.campaign AND r.year = n.year AND (n.awarded_on IS NOT NULL
       OR n.standing AND n.decidable_since IS NOT NULL AND (r.state = 'CLOSED' OR r.state = 'DECIDED' AND NOT EXISTS (
          SELECT FROM proposals p JOIN proposal_units u ON u.proposal_id = p.id
          WHERE p.campaign = n.campaign AND p.year = n.year AND u.unit_id = n.unit_id AND p.state IN ('DRAFT', 'SUBMITTED', 'RETURNED')))
       AND NOT unit_held_back(n.campaign, n.year, n.unit_id));
END $$;
COMMENT ON FUNCTION nomination_result IS
    'How a nominee came out: awarded by a signed decision; refused where the round is decided, or closed, without it and no proposal may still
    bring it, nor do proceedings hold it back (98/2023/NĐ-CP article 4.4), also where the dossier is decided on for another nominee; null while it is open. Refused since the first decision of the round, where
    it is closed without one since the intake ended, or since it was received where that was later: another decision after it does not make a
    nominator that was told ahead of its time. Signed is not yet published: for the offices alone until the nominator is told. The list of
    notifications says the same of all (notification_list).';

CREATE OR REPLACE FUNCTION dossiers_json(shown dossiers[], voted uuid[], OUT id uuid, OUT item jsonb) RETURNS SETOF record
LANGUAGE plpgsql STABLE ROWS 50 SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY SELECT d.id, jsonb_build_object('id', d.id, 'campaign', d.campaign, 'year', d.year,
        'nominator_unit_id', d.nominator_id, 'nominator_unit_label', nominator.label,
        'on_behalf_of_unit_id', d.on_behalf_of_id, 'on_behalf_of_unit_label', former.label, 'on_behalf_reason', d.on_behalf_reason, 'on_paper', d.on_paper,
        'state', d.state, 'state_since', d.state_since, 'state_reason', d.state_reason,
        'letter_number', d.letter_number, 'letter_date', d.letter_date, 'minutes_date', d.minutes_date,
        'received_at', d.received_at, 'received_source', d.received_source, 'lodged_at', d.lodged_at,
        'deadline', last_instant_before(known.cut_off), 'governing_law', in_force(known.governing, local_date(d.received_at)),
        'late', d.late, 'late_accepted', d.late_accepted, 'completion_due_on', d.completion_due_on,
        'created_at', d.created_at, 'complete', missing = '[]', 'missing', missing,
        'reasons_to_return', reasons || CASE WHEN known.votes_shown
            THEN (SELECT short FROM council_falls_short(d) short) || (SELECT other FROM council_differs(d) other) ELSE '[]' END,
        'nominations', (SELECT coalesce(jsonb_agg(nominee ORDER BY n.recorded_at, n.unit_id), '[]')
                        FROM nominations n CROSS JOIN LATERAL (SELECT CASE WHEN n.added_later THEN n.received_at ELSE d.received_at END AS at) received
                        CROSS JOIN LATERAL nomination_shown(n, known.asked, received.at, known.cut_off, known.votes_shown) nominee WHERE n.dossier_id = d.id),
        'documents', (SELECT coalesce(jsonb_agg(document ORDER BY component_place(known.components, x.kind), x.unit_id, x.recorded_at, x.id), '[]')
                      FROM documents x CROSS JOIN LATERAL document_shown(x, d.year, known.components) document WHERE x.dossier_id = d.id AND x.superseded_at IS NULL),
        'warnings', warnings)
    FROM unnest(shown) d
    CROSS JOIN LATERAL (SELECT r.cut_off, k.governing, k.components, coalesce(d.id = ANY (voted), false) AS votes_shown,
                               ARRAY(SELECT c FROM round_components(d.campaign, d.year) c) AS asked
                        FROM rounds r JOIN round_plans k USING (campaign, year) WHERE r.campaign = d.campaign AND r.year = d.year OFFSET 0) known
    LEFT JOIN LATERAL unit_named(d.nominator_id, dossier_day(d)) nominator(label) ON true
    LEFT JOIN LATERAL unit_named(d.on_behalf_of_id, make_date(d.year, 12, 31)) former(label) ON true
    CROSS JOIN LATERAL dossier_lacks(d, known.asked) missing
    CROSS JOIN LATERAL dossier_returned_for(d, known.asked) reasons
    CROSS JOIN LATERAL dossier_warns(d, known.asked, known.cut_off) warnings;
END $$;
COMMENT ON FUNCTION dossiers_json IS
    'Dossiers as the API shows them, with votes those that `voted` names. All of a page at once: one query, of which PL/pgSQL keeps the plan.';

CREATE OR REPLACE FUNCTION dossier_json(d dossiers, votes_shown boolean) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT x.item FROM dossiers_json(ARRAY[d], CASE WHEN votes_shown THEN ARRAY[d.id] END) x);
END $$;
COMMENT ON FUNCTION dossier_json IS
    '`deadline` is the last second that is in time; `late` is null until it is received; `documents` are the current ones.';

CREATE OR REPLACE FUNCTION percent_of(part integer, whole integer) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT round(100 * part::numeric / nullif(whole, 0), 2)::text $$;
COMMENT ON FUNCTION percent_of IS 'With two decimals, half up; null where there is no whole.';

CREATE OR REPLACE FUNCTION council_minutes_json(d dossiers) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT json_build_object('dossier_id', d.id, 'campaign', d.campaign, 'year', d.year,
            'nominator_unit_id', d.nominator_id, 'nominator_unit_label', unit_label(d.nominator_id, coalesce(d.minutes_date, dossier_day(d))),
            'minutes_date', d.minutes_date, 'place', d.minutes_place, 'opened_at', d.minutes_opened_at, 'closed_at', d.minutes_closed_at,
            'chaired_by', d.minutes_chaired_by, 'minuted_by', d.minutes_secretary, 'counted_by', to_json(d.minutes_counted_by),
            'members', (SELECT coalesce(json_agg(json_build_object('name', m.name, 'office', m.office, 'attendance', m.attendance,
                                                                   'reason', m.reason) ORDER BY m.place), '[]')
                        FROM council_members m WHERE m.dossier_id = d.id),
            'members_total', c.members_total, 'members_present', c.members_present, 'written_opinions', c.written_opinions,
            'nominations', (SELECT coalesce(json_agg(json_build_object('unit_id', n.unit_id,
                    'unit_label', unit_label(n.unit_id, make_date(n.year, 12, 31)), 'votes_for', n.votes_for, 'votes_against', n.votes_against,
                    'votes_abstain', n.votes_abstain, 'members_present', n.members_present, 'written_opinions', n.written_opinions,
                    'members_total', n.members_total, 'percent_for', percent_of(n.votes_for, n.members_total)) ORDER BY n.recorded_at, n.unit_id), '[]')
                FROM nominations n WHERE n.dossier_id = d.id),
            'differences', (SELECT other FROM council_differs(d) other))
        FROM (SELECT) one LEFT JOIN council_attended(d) c ON true);
END $$;
COMMENT ON FUNCTION council_minutes_json IS
    'The form of the minutes (biên bản họp Hội đồng), and the votes on each nominee. The percentage is of all members, as the law counts.';

CREATE OR REPLACE FUNCTION bundle_documents_of(d dossiers) RETURNS TABLE (document documents, name text, restricted boolean)
    LANGUAGE sql STABLE AS $$
    SELECT x, format('documents/%s-%s.pdf', lpad(row_number() OVER (ORDER BY component_place(k.components, x.kind), n.recorded_at, x.unit_id,
                                                                             x.recorded_at, x.id)::text, 4, '0'), x.kind),
           component_restricted(d.campaign, d.year, x.kind)
    FROM documents x JOIN round_plans k ON k.campaign = d.campaign AND k.year = d.year
    LEFT JOIN nominations n ON (n.dossier_id, n.unit_id) = (x.dossier_id, x.unit_id)
    WHERE x.dossier_id = d.id AND x.superseded_at IS NULL
$$;
COMMENT ON FUNCTION bundle_documents_of IS 'The current documents of a dossier in the order of the plan, each with its name in the bundle.';

CREATE OR REPLACE FUNCTION bundle_files(d dossiers, votes_shown boolean) RETURNS TABLE (id uuid, name text, size bigint)
    LANGUAGE sql STABLE AS $$
    SELECT (f.document).id, f.name, (f.document).size FROM bundle_documents_of(d) f WHERE votes_shown OR NOT f.restricted
$$;

CREATE OR REPLACE FUNCTION bundle_json(d dossiers, votes_shown boolean) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN json_build_object('dossier_id', d.id, 'campaign', d.campaign, 'year', d.year,
        'nominator_unit_id', d.nominator_id, 'nominator_unit_label', dossier_nominator_label(d),
        'on_behalf_of_unit_id', d.on_behalf_of_id, 'on_behalf_of_unit_label', unit_label(d.on_behalf_of_id, make_date(d.year, 12, 31)),
        'state', d.state, 'letter_number', d.letter_number, 'letter_date', d.letter_date, 'minutes_date', d.minutes_date,
        'received_at', d.received_at, 'received_source', d.received_source, 'created_at', d.created_at,
        'nominations', (SELECT coalesce(json_agg(json_build_object('unit_id', n.unit_id,
                'unit_label', unit_label(n.unit_id, make_date(n.year, 12, 31)), 'confirmed_by', n.confirmed_by, 'confirmed_on', n.confirmed_on,
                'notified_on', n.notified_on, 'result', n.notified_result) ORDER BY n.recorded_at, n.unit_id), '[]')
            FROM nominations n WHERE n.dossier_id = d.id),
        'files', (SELECT coalesce(json_agg(json_build_object('name', f.name, 'kind', (f.document).kind,
                'kind_label', component_label(d.campaign, d.year, (f.document).kind), 'unit_id', (f.document).unit_id,
                'unit_label', unit_label((f.document).unit_id, make_date(d.year, 12, 31)), 'title', (f.document).title,
                'size', (f.document).size, 'sha256', (f.document).sha256, 'recorded_at', (f.document).recorded_at) ORDER BY f.name), '[]')
            FROM bundle_documents_of(d) f WHERE votes_shown OR NOT f.restricted),
        'withheld', (SELECT coalesce(json_agg(json_build_object('kind', (f.document).kind,
                'kind_label', component_label(d.campaign, d.year, (f.document).kind)) ORDER BY f.name), '[]')
            FROM bundle_documents_of(d) f WHERE f.restricted AND NOT votes_shown));
END $$;
COMMENT ON FUNCTION bundle_json IS
    'The metadata of the bundle of a dossier: what it is and each file with its SHA-256. It holds no instant but of the record, so that the
    same state gives the same bytes. `withheld`: documents that are there and not for this reader.';

-- ---- as papers say it ----

CREATE OR REPLACE FUNCTION dossier_paper_facts(d dossiers, day date, issuer uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('year', d.year, 'minutes_date', d.minutes_date,
                'wording', w.wording || jsonb_build_object('nominator', i.issuing, 'place', coalesce(i.issuing -> 'place', w.wording -> 'place')))
            FROM (SELECT paper_wording(d.campaign, d.year, $2) AS wording) w,
                 LATERAL (SELECT jsonb_strip_nulls(unit_issuing($3, $2, w.wording #>> '{chair,agency}')) AS issuing) i);
END $$;
COMMENT ON FUNCTION dossier_paper_facts IS 'What every paper of a dossier says, in the words of that day and under the head of who issues it.';

CREATE OR REPLACE FUNCTION local_hour(instant timestamptz) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT to_char(instant AT TIME ZONE 'Asia/Ho_Chi_Minh', 'HH24 "giờ" MI "phút"') $$;
COMMENT ON FUNCTION local_hour IS 'As minutes write it.';

-- ---- facts for the engine ----

CREATE OR REPLACE FUNCTION dossier_of(campaign text, year integer, unit uuid) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT n.dossier_id FROM nominations n WHERE n.campaign = $1 AND n.year = $2 AND n.unit_id = $3 AND n.standing);
END $$;
COMMENT ON FUNCTION dossier_of IS 'The dossier, not withdrawn, that nominates the unit in that round; a unit is nominated once a round.';

CREATE OR REPLACE FUNCTION dossier_facts(campaign text, year integer, unit uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((
        SELECT jsonb_strip_nulls(jsonb_build_object(
            'dossier_received_at', CASE WHEN r.at IS NOT NULL THEN jsonb_build_object('value', r.at)
                || origin || jsonb_build_object('recorded_at', r.recorded_at) END,
            'dossier_state', jsonb_build_object('value', d.state) || origin,
            'dossier_open_through', CASE WHEN d.state = 'RETURNED' AND d.completion_due_on >= round_cutoff($1, $2)
                THEN jsonb_build_object('value', d.completion_due_on) || origin END,
            'late_accepted', CASE WHEN d.late_accepted OR d.state <> 'LODGED'
                THEN jsonb_build_object('value', d.late_accepted) || origin END))
        FROM nominations n JOIN dossiers d ON d.id = n.dossier_id,
            LATERAL (SELECT jsonb_build_object('source', 'dossiers/' || d.id, 'version', d.version, 'recorded_at', d.state_since) AS origin) o,
            LATERAL (SELECT CASE WHEN n.added_later THEN n.received_at ELSE d.received_at END AS at,
                            CASE WHEN n.added_later THEN n.received_recorded_at ELSE d.received_recorded_at END AS recorded_at) r
        WHERE n.campaign = $1 AND n.year = $2 AND n.unit_id = $3 AND n.standing), '{}');
END $$;
COMMENT ON FUNCTION dossier_facts IS
    'Facts on the dossier that nominates the unit; {} where there is none; no dossier_received_at before the nominee is received; no
    late_accepted while it lies there undecided. dossier_open_through stands here only where it was returned with more time than others have.';

CREATE OR REPLACE FUNCTION intake_facts(campaign text, year integer, unit uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('dossier_open_through', jsonb_build_object('value', round_cutoff($1, $2) - 1, 'source', format('rounds/%s/%s', $1, $2)))
        || CASE WHEN dossier_of($1, $2, $3) IS NULL
           THEN jsonb_build_object('dossier_state', jsonb_build_object('value', 'MISSING'), 'late_accepted', jsonb_build_object('value', false))
           ELSE '{}' END
$$;
COMMENT ON FUNCTION intake_facts IS
    'III.4.a, of every contestant: the last day that is in time, and that there is no dossier where nobody nominates it: dossiers are kept
    here, so that is known. dossier_facts() goes before it.';

CREATE OR REPLACE FUNCTION document_facts(campaign text, year integer, unit uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((
        SELECT jsonb_object_agg(k.code, CASE WHEN CASE WHEN k.of_nominee
                   THEN EXISTS (SELECT FROM documents x WHERE x.dossier_id = d.id AND x.kind = k.code AND x.kind <> 'EVIDENCE' AND x.superseded_at IS NULL
                                AND x.unit_id = $3)
                   ELSE EXISTS (SELECT FROM documents x WHERE x.dossier_id = d.id AND x.kind = k.code AND x.kind <> 'EVIDENCE' AND x.superseded_at IS NULL
                                AND x.unit_id IS NULL) END THEN 'PRESENT' ELSE 'MISSING' END)
        FROM dossiers d JOIN dossier_components k ON k.campaign = d.campaign
        WHERE d.id = dossier_of($1, $2, $3)), '{}');
END $$;
COMMENT ON FUNCTION document_facts IS
    'Which components of the plan there are for one nominee (III.3); {} where nobody nominates it. Each is looked up by documents_one_current, in which
    evidence is not: a dossier has many documents of other nominees.';
