-- What a body may do, and what may be done for it, before it began and after it ended (domain, section 8).

CREATE FUNCTION unit_in_year(unit uuid, year integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM unit_periods p WHERE p.unit_id = $1 AND p.valid && daterange(make_date($2, 1, 1), make_date($2 + 1, 1, 1)))
$$;
COMMENT ON FUNCTION unit_in_year IS 'Is it there on any day of the year? What a body did in a year only a body of that year has done.';

-- ---- who stands in whose dossier ----

CREATE FUNCTION unit_part_of(unit uuid, top uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH RECURSIVE up(id) AS (
        SELECT $1
        UNION
        SELECT p.parent_id FROM up CROSS JOIN LATERAL unit_period_on(up.id, today()) p WHERE p.parent_id IS NOT NULL
    ) SELECT EXISTS (SELECT FROM up WHERE id = $2)
$$;
COMMENT ON FUNCTION unit_part_of IS 'Is the unit `top` itself, or below it, or was it until it ended? Unlike unit_within, no successor counts.';

CREATE FUNCTION nominee_stands(d dossiers, unit uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT dissolved_in_time($2, d.campaign, d.year) OR coalesce(unit_part_of($2, d.on_behalf_of_id), false)
$$;
COMMENT ON FUNCTION nominee_stands IS
    'A body dissolved before the dossier deadline stands only in a dossier that is lodged, with a reason, on its behalf or on behalf of
    the body that it was part of: nominated by its successor as one of its own it would come without that reason.';

CREATE OR REPLACE FUNCTION nomination_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    d dossiers;
BEGIN
    SELECT * INTO d FROM dossiers WHERE id = NEW.dossier_id;
    IF NOT unit_within(NEW.unit_id, d.nominator_id) THEN
        PERFORM refuse('nominations_within_nominator');
    END IF;
    -- What was received while the body stood may be completed.
    IF NOT nominee_stands(d, NEW.unit_id)
       AND NOT EXISTS (SELECT FROM nominations n WHERE n.dossier_id = d.id AND n.unit_id = NEW.unit_id
                       AND nomination_received_at(n) IS NOT NULL) THEN
        PERFORM refuse('nominations_ended');
    END IF;
    NEW.added_later := d.received_at IS NOT NULL;
    RETURN NEW;
END $$;

CREATE FUNCTION nomination_receipt_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT nominee_stands((SELECT d FROM dossiers d WHERE d.id = NEW.dossier_id), NEW.unit_id) THEN
        PERFORM refuse('nominations_ended');
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION nomination_receipt_check IS 'Nominated while it stood, and lodged for the first time once it has ended.';
CREATE TRIGGER nominations_first_receipt BEFORE UPDATE OF received_at ON nominations
    FOR EACH ROW WHEN (OLD.received_at IS NULL AND NEW.received_at IS NOT NULL) EXECUTE FUNCTION nomination_receipt_check();

CREATE OR REPLACE FUNCTION dossier_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF dissolved_in_time(NEW.nominator_id, NEW.campaign, NEW.year) THEN
        PERFORM refuse('dossiers_nominator_ended');
    END IF;
    IF TG_OP = 'INSERT' AND NEW.on_behalf_of_id IS NOT NULL
       AND NOT (dissolved_in_time(NEW.on_behalf_of_id, NEW.campaign, NEW.year) AND unit_within(NEW.on_behalf_of_id, NEW.nominator_id)) THEN
        PERFORM refuse('dossiers_successor');
    END IF;
    IF EXISTS (SELECT FROM units WHERE id = NEW.nominator_id)
       AND NOT unit_in_year(coalesce(NEW.on_behalf_of_id, NEW.nominator_id), NEW.year) THEN
        PERFORM refuse(CASE WHEN NEW.on_behalf_of_id IS NULL THEN 'dossiers_nominator_in_year' ELSE 'dossiers_on_behalf_of_in_year' END);
    END IF;
    IF TG_OP = 'UPDATE'
       AND EXISTS (SELECT FROM nominations n WHERE n.dossier_id = NEW.id AND NOT n.added_later AND NOT nominee_stands(NEW, n.unit_id)) THEN
        PERFORM refuse('nominations_ended');
    END IF;
    RETURN NEW;
END $$;

-- ---- who acts ----

CREATE FUNCTION unit_ended(unit uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS
$$ BEGIN RETURN coalesce(unit_life_end(unit) <= today(), false); END $$;
COMMENT ON FUNCTION unit_ended IS
    'Has it ended by today? Then its keys only read: what it began its successor goes on with (unit_within), under a key of its own.';

-- ---- what a body earned ----

CREATE FUNCTION initiative_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM unit_periods WHERE unit_id = NEW.unit_id AND valid @> NEW.applied_from) THEN
        PERFORM refuse('initiatives_in_life');
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION initiative_check IS 'III.1.c counts what the body itself first applied: nothing from before it was there, nor from after its end.';
CREATE TRIGGER initiatives_entered BEFORE INSERT ON initiatives FOR EACH ROW EXECUTE FUNCTION initiative_check();
CREATE TRIGGER initiatives_moved BEFORE UPDATE OF applied_from ON initiatives
    FOR EACH ROW WHEN (NEW.applied_from IS DISTINCT FROM OLD.applied_from) EXECUTE FUNCTION initiative_check();

-- ---- returned, and lodged again ----

ALTER TABLE dossiers ADD COLUMN lodged_again boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN dossiers.lodged_again IS 'It was returned and lodged again. A paper dossier may be lodged here long after it came without that.';
UPDATE dossiers d SET lodged_again = true
FROM (SELECT resource FROM journal WHERE type = 'dossier.lodge' GROUP BY resource HAVING count(*) > 1) twice
WHERE twice.resource = '/v1/dossiers/' || d.id;

CREATE OR REPLACE FUNCTION dossier_state_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.state_since := clock_now();
    NEW.lodged_again := OLD.lodged_again OR (OLD.state = 'RETURNED' AND NEW.state = 'LODGED');
    IF NEW.state = 'WITHDRAWN' THEN
        UPDATE nominations SET standing = false WHERE dossier_id = NEW.id;
    END IF;
    RETURN NEW;
END $$;

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
            (3, d.lodged_again AND NOT late AND dossier_is_late(d.lodged_at, d.campaign, d.year), 'COMPLETED_AFTER_DEADLINE', in_time,
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
