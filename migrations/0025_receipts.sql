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

-- ---- each nominee's receipt ----

ALTER TABLE nominations
    ADD COLUMN added_later boolean NOT NULL DEFAULT false,
    ADD COLUMN received_at timestamptz,
    ADD COLUMN received_source text,
    ADD COLUMN received_recorded_at timestamptz,
    ADD CONSTRAINT nominations_received_of_added CHECK (added_later OR received_at IS NULL),
    ADD CONSTRAINT nominations_received_whole CHECK ((received_at IS NULL) = (received_recorded_at IS NULL)),
    ADD CONSTRAINT nominations_received_not_ahead CHECK (received_at <= received_recorded_at);
COMMENT ON COLUMN nominations.added_later IS
    'Entered, or entered again, after the dossier was first received: it was not received with it. What is entered before belongs to the
    first receipt, also where Sở Nội vụ enters a paper dossier long after that.';
COMMENT ON COLUMN nominations.received_at IS 'Of one that was added later: the lodging that brought it, or an earlier instant that Sở Nội vụ recorded.';

UPDATE nominations n SET added_later = true,
    received_at = CASE WHEN d.lodged_at >= n.recorded_at THEN d.lodged_at END,
    received_recorded_at = CASE WHEN d.lodged_at >= n.recorded_at THEN d.lodged_at END
FROM dossiers d WHERE d.id = n.dossier_id AND d.received_source IS NULL AND n.recorded_at > d.received_recorded_at;

CREATE FUNCTION nomination_received_at(n nominations) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN n.added_later THEN n.received_at ELSE (SELECT d.received_at FROM dossiers d WHERE d.id = n.dossier_id) END
$$;
COMMENT ON FUNCTION nomination_received_at IS 'The instant that counts for this nominee (III.4.a); NULL while it has not been received.';

CREATE FUNCTION dossier_late(d dossiers) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT dossier_is_late(greatest(d.received_at, (SELECT max(n.received_at) FROM nominations n WHERE n.dossier_id = d.id)), d.campaign, d.year)
$$;
COMMENT ON FUNCTION dossier_late IS 'Is it late, or a nominee that was added to it? Then it goes on only with Sở Nội vụ''s reason; NULL until it is received.';

CREATE OR REPLACE FUNCTION nomination_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    d dossiers;
BEGIN
    SELECT * INTO d FROM dossiers WHERE id = NEW.dossier_id;
    IF NOT unit_within(NEW.unit_id, d.nominator_id) THEN
        PERFORM refuse('nominations_within_nominator');
    END IF;
    NEW.added_later := d.received_at IS NOT NULL;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION dossier_facts(campaign text, year integer, unit uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT jsonb_strip_nulls(jsonb_build_object(
            'dossier_received_at', CASE WHEN r.at IS NOT NULL THEN jsonb_build_object('value', r.at)
                || origin || jsonb_build_object('recorded_at', r.recorded_at) END,
            'dossier_state', jsonb_build_object('value', d.state) || origin,
            'late_accepted', jsonb_build_object('value', d.late_accepted) || origin))
        FROM nominations n JOIN dossiers d ON d.id = n.dossier_id,
            LATERAL (SELECT jsonb_build_object('source', 'dossiers/' || d.id, 'version', d.version, 'recorded_at', d.state_since) AS origin) o,
            LATERAL (SELECT CASE WHEN n.added_later THEN n.received_at ELSE d.received_at END AS at,
                            CASE WHEN n.added_later THEN n.received_recorded_at ELSE d.received_recorded_at END AS recorded_at) r
        WHERE n.campaign = $1 AND n.year = $2 AND n.unit_id = $3 AND n.standing), '{}')
$$;
COMMENT ON FUNCTION dossier_facts IS
    'Facts on the dossier that nominates the unit; {} where there is none; no dossier_received_at before the nominee is received.';

CREATE OR REPLACE FUNCTION round_counts(campaign text, year integer) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'contestants', (SELECT count(*) FROM contestants c WHERE c.campaign = $1 AND c.year = $2),
        'findings', (SELECT count(*) FROM findings f WHERE f.campaign = $1 AND f.year = $2),
        'reports', (SELECT count(*) FROM reports p WHERE p.campaign = $1 AND p.year = $2),
        'dossiers', (SELECT count(*) FROM dossiers d WHERE d.campaign = $1 AND d.year = $2
                     AND d.received_at IS NOT NULL AND d.state <> 'WITHDRAWN'),
        'nominees', (SELECT count(*) FROM nominations n JOIN dossiers d ON d.id = n.dossier_id
                     WHERE n.campaign = $1 AND n.year = $2 AND n.standing
                       AND CASE WHEN n.added_later THEN n.received_at ELSE d.received_at END IS NOT NULL),
        'awards', (SELECT count(*) FROM awards a JOIN decisions d ON d.id = a.decision_id
                   WHERE a.campaign = $1 AND a.year = $2 AND d.state = 'PUBLISHED'))
$$;

-- ---- as the API shows it ----

CREATE OR REPLACE FUNCTION nomination_json(n nominations, votes_shown boolean) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('unit_id', n.unit_id, 'unit', unit_label(n.unit_id, make_date(n.year, 12, 31)),
            'documents', (SELECT coalesce(jsonb_object_agg(c.code, CASE WHEN EXISTS (
                              SELECT FROM documents d WHERE d.dossier_id = n.dossier_id AND d.unit_id = n.unit_id
                              AND d.kind = c.code AND d.superseded_at IS NULL) THEN 'PRESENT' ELSE 'MISSING' END), '{}')
                          FROM dossier_components c WHERE c.campaign = n.campaign AND c.of_nominee),
            'council_result', CASE WHEN n.votes_for IS NULL THEN 'MISSING' ELSE 'PRESENT' END,
            'received_at', received.at, 'late', dossier_is_late(received.at, n.campaign, n.year))
        || CASE WHEN votes_shown THEN jsonb_build_object('votes_for', n.votes_for, 'votes_against', n.votes_against,
               'votes_abstain', n.votes_abstain, 'members_present', n.members_present, 'members_total', n.members_total)
           ELSE '{}' END
    FROM (SELECT nomination_received_at(n) AS at) received
$$;

CREATE FUNCTION nominees_added_late(d dossiers) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT string_agg(unit_label(n.unit_id, make_date(n.year, 12, 31)), '; ' ORDER BY n.received_at, n.unit_id)
    FROM nominations n WHERE n.dossier_id = d.id AND dossier_is_late(n.received_at, n.campaign, n.year)
$$;

CREATE OR REPLACE FUNCTION dossier_warnings(d dossiers) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    late boolean := dossier_is_late(d.received_at, d.campaign, d.year);
    added_late text := nominees_added_late(d);
    in_time text := plan_clause(d.campaign, 'III.4.a');
    components jsonb := (SELECT jsonb_object_agg(c.code, c.text -> 'clause') FROM dossier_components c WHERE c.campaign = d.campaign);
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object('code', code, 'clause', clause,
                                                     'text', jsonb_build_object('vi', vi, 'en', en)) ORDER BY place), '[]')
        FROM (VALUES
            (1, late, 'LATE', in_time, 'Hồ sơ đến sau thời hạn: Sở Nội vụ phải chấp nhận, có lý do.',
             'It came late: it goes on only with Home Affairs'' acceptance, for a reason.'),
            (2, added_late IS NOT NULL, 'NOMINEE_LATE', in_time,
             'Được bổ sung vào hồ sơ và đến sau thời hạn: ' || added_late || '. Sở Nội vụ phải chấp nhận, có lý do.',
             'Added to the dossier, and came late: ' || added_late || '. It goes on only with Home Affairs'' acceptance, for a reason.'),
            (3, NOT late AND dossier_is_late(d.lodged_at, d.campaign, d.year), 'COMPLETED_AFTER_DEADLINE', in_time,
             'Đến đúng hạn, được trả lại và nộp bổ sung sau thời hạn.', 'In time, then returned and lodged again after the deadline.'),
            (4, dossier_is_late(clock_now(), d.campaign, d.year) AND (d.state = 'DRAFT' OR d.state = 'RETURNED' AND EXISTS (
                    SELECT FROM nominations n WHERE n.dossier_id = d.id AND n.added_later AND n.received_at IS NULL)), 'DEADLINE_PASSED', in_time,
             'Đã quá thời hạn nộp.', 'The deadline has passed.'),
            (5, components ? 'TO_TRINH' AND (d.letter_number IS NULL OR d.letter_date IS NULL), 'LETTER_NOT_IDENTIFIED',
             components ->> 'TO_TRINH',
             'Chưa ghi số, ký hiệu và ngày của Tờ trình.', 'The Tờ trình''s number-symbol and date are not recorded.'),
            (6, components ? 'MINUTES' AND d.minutes_date IS NULL, 'MINUTES_NOT_DATED', components ->> 'MINUTES', 'Chưa ghi ngày họp Hội đồng.',
             'The date of the council''s minutes is not recorded.'),
            (7, components ? 'MINUTES'
                AND EXISTS (SELECT FROM nominations n WHERE n.dossier_id = d.id AND n.votes_for IS NULL), 'NO_COUNCIL_RESULT',
             components ->> 'MINUTES', 'Có tập thể chưa ghi kết quả bỏ phiếu của Hội đồng.', 'A nominee has no recorded council vote.')
        ) AS w(place, holds, code, clause, vi, en) WHERE holds);
END $$;

CREATE OR REPLACE FUNCTION dossier_json(d dossiers, votes_shown boolean) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    missing jsonb := dossier_missing(d);
BEGIN
    RETURN jsonb_build_object('id', d.id, 'campaign', d.campaign, 'year', d.year,
        'nominator_unit_id', d.nominator_id, 'nominator', unit_label(d.nominator_id, today()),
        'on_behalf_of_unit_id', d.on_behalf_of_id, 'on_behalf_reason', d.on_behalf_reason, 'on_paper', d.on_paper,
        'state', d.state, 'state_since', d.state_since, 'state_reason', d.state_reason,
        'letter_number', d.letter_number, 'letter_date', d.letter_date, 'minutes_date', d.minutes_date,
        'received_at', d.received_at, 'received_source', d.received_source, 'lodged_at', d.lodged_at,
        'deadline', last_instant_before(dossier_cut_off(d.campaign, d.year)),
        'late', dossier_late(d), 'late_accepted', d.late_accepted,
        'created_at', d.created_at, 'complete', missing = '[]', 'missing', missing,
        'nominations', (SELECT coalesce(jsonb_agg(nomination_json(n, votes_shown) ORDER BY n.recorded_at, n.unit_id), '[]')
                        FROM nominations n WHERE n.dossier_id = d.id),
        'documents', (SELECT coalesce(jsonb_agg(document_json(x) ORDER BY component_place(d.campaign, x.kind), x.unit_id, x.recorded_at, x.id), '[]')
                      FROM documents x WHERE x.dossier_id = d.id AND x.superseded_at IS NULL),
        'warnings', dossier_warnings(d));
END $$;
