-- Dossiers, nominations, documents (plan 230: I.1.c, II.1, III.3, III.4.a).

CREATE TYPE dossier_state AS ENUM ('DRAFT', 'LODGED', 'RETURNED', 'ACCEPTED', 'IN_PROPOSAL', 'DECIDED', 'WITHDRAWN');
CREATE TYPE document_kind AS ENUM ('TO_TRINH', 'MINUTES', 'REPORT', 'EVIDENCE');

-- ---- tables ----

CREATE TABLE dossiers (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    version bigint NOT NULL DEFAULT 1,
    campaign text NOT NULL,
    year integer NOT NULL,
    nominator_id uuid NOT NULL CONSTRAINT dossiers_nominator REFERENCES units,
    on_behalf_of_id uuid CONSTRAINT dossiers_on_behalf_of REFERENCES units
        CONSTRAINT dossiers_on_behalf_of_another CHECK (on_behalf_of_id <> nominator_id),
    on_behalf_reason text,
    on_paper boolean NOT NULL,
    state dossier_state NOT NULL DEFAULT 'DRAFT',
    state_since timestamptz NOT NULL DEFAULT clock_now(),
    state_reason text,
    letter_number text,
    letter_date date,
    minutes_date date,
    received_at timestamptz,
    received_source text,
    received_recorded_at timestamptz,
    lodged_at timestamptz,
    late_accepted boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT dossiers_round FOREIGN KEY (campaign, year) REFERENCES rounds,
    CONSTRAINT dossiers_identity UNIQUE (id, campaign, year),
    CONSTRAINT dossiers_on_behalf_reason CHECK ((on_behalf_of_id IS NULL) = (on_behalf_reason IS NULL)),
    CONSTRAINT dossiers_minutes_before_letter CHECK (minutes_date <= letter_date),
    CONSTRAINT dossiers_received_whole CHECK ((received_at IS NULL) = (received_recorded_at IS NULL)
                                              AND (received_at IS NULL) = (lodged_at IS NULL)),
    CONSTRAINT dossiers_received_not_ahead CHECK (received_at <= received_recorded_at)
);
COMMENT ON TABLE dossiers IS
    'The nominator''s package (III.3): one Tờ trình, one council minutes, one achievement report for each nominee.';
COMMENT ON COLUMN dossiers.on_behalf_of_id IS 'A body dissolved before the deadline, whose successor the nominator is.';
COMMENT ON COLUMN dossiers.on_paper IS 'It came on paper and Sở Nội vụ keeps it; else the nominator does.';
COMMENT ON COLUMN dossiers.received_at IS
    'The instant of the first receipt (III.4.a). A dossier that was returned and lodged again keeps it: only complete '
    'dossiers can be lodged, so the nominator was in time, and nobody becomes late by being asked for more.';
COMMENT ON COLUMN dossiers.received_source IS
    'Where Sở Nội vụ took an earlier instant from (register of incoming documents); NULL: the service''s clock.';
COMMENT ON COLUMN dossiers.lodged_at IS 'The last lodging by the service''s clock.';
CREATE INDEX dossiers_round_index ON dossiers (campaign, year, created_at, id);
CREATE INDEX dossiers_nominator_index ON dossiers (nominator_id);
CREATE INDEX dossiers_order ON dossiers (created_at, id);

CREATE TABLE nominations (
    dossier_id uuid NOT NULL,
    campaign text NOT NULL,
    year integer NOT NULL,
    unit_id uuid NOT NULL,
    standing boolean NOT NULL DEFAULT true,
    votes_for integer,
    votes_against integer,
    votes_abstain integer,
    members_present integer,
    members_total integer,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    PRIMARY KEY (dossier_id, unit_id),
    CONSTRAINT nominations_dossier FOREIGN KEY (dossier_id, campaign, year) REFERENCES dossiers (id, campaign, year),
    CONSTRAINT nominations_contestant FOREIGN KEY (campaign, year, unit_id) REFERENCES contestants,
    CONSTRAINT nominations_votes_whole
        CHECK (num_nulls(votes_for, votes_against, votes_abstain, members_present, members_total) IN (0, 5)),
    CONSTRAINT nominations_votes_sum CHECK (votes_for >= 0 AND votes_against >= 0 AND votes_abstain >= 0
        AND votes_for + votes_against + votes_abstain <= members_present AND members_present <= members_total)
);
COMMENT ON TABLE nominations IS 'The collectives that a dossier nominates, with the council''s vote on each. Votes are restricted.';
COMMENT ON COLUMN nominations.standing IS 'False once the dossier is withdrawn: the unit may then be nominated anew.';
CREATE UNIQUE INDEX nominations_once_a_round ON nominations (campaign, year, unit_id) WHERE standing;
GRANT DELETE ON nominations TO thidua_app;

CREATE TABLE documents (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    dossier_id uuid NOT NULL REFERENCES dossiers,
    kind document_kind NOT NULL,
    unit_id uuid REFERENCES units,
    title text,
    size bigint NOT NULL CONSTRAINT documents_size CHECK (size > 0),
    sha256 text NOT NULL CONSTRAINT documents_sha256_form CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    recorded_by uuid,
    superseded_at timestamptz,
    CONSTRAINT documents_of_nominee CHECK ((kind IN ('REPORT', 'EVIDENCE')) = (unit_id IS NOT NULL))
);
COMMENT ON TABLE documents IS 'Immutable: one that is replaced or removed stays, with superseded_at.';
COMMENT ON COLUMN documents.unit_id IS 'The nominee that a REPORT or EVIDENCE is about.';
CREATE UNIQUE INDEX documents_one_current ON documents (dossier_id, kind, unit_id) NULLS NOT DISTINCT
    WHERE superseded_at IS NULL AND kind <> 'EVIDENCE';
CREATE INDEX documents_dossier ON documents (dossier_id);
REVOKE UPDATE ON documents FROM thidua_app;
GRANT UPDATE (superseded_at) ON documents TO thidua_app;

CREATE TABLE document_chunks (
    document_id uuid NOT NULL REFERENCES documents,
    number integer NOT NULL,
    bytes bytea NOT NULL CONSTRAINT document_chunks_bounded CHECK (octet_length(bytes) BETWEEN 1 AND 262144),
    PRIMARY KEY (document_id, number)
);
COMMENT ON TABLE document_chunks IS 'A document''s bytes, 256 KiB a row (the last may be shorter), so that no transfer holds a file in memory.';
ALTER TABLE document_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL; -- PDF is compressed already
REVOKE UPDATE ON document_chunks FROM thidua_app;

-- ---- rules ----

CREATE FUNCTION dossier_cut_off(campaign text, year integer) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT make_date(year, 12, 31) $$;
COMMENT ON FUNCTION dossier_cut_off IS 'III.4.a "trước ngày 31/12": received strictly before this day begins in Asia/Ho_Chi_Minh.';

CREATE FUNCTION dossier_is_late(instant timestamptz, campaign text, year integer) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT local_date(instant) >= dossier_cut_off(campaign, year) $$;

CREATE FUNCTION dossier_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ended date;
BEGIN
    IF NEW.on_behalf_of_id IS NULL THEN
        RETURN NEW;
    END IF;
    SELECT upper(valid) INTO ended FROM unit_periods WHERE unit_id = NEW.on_behalf_of_id ORDER BY valid DESC LIMIT 1;
    IF ended IS NULL OR ended > dossier_cut_off(NEW.campaign, NEW.year) OR ended > today()
       OR NOT unit_within(NEW.on_behalf_of_id, NEW.nominator_id) THEN
        PERFORM refuse('dossiers_successor');
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION dossier_check IS 'A body dissolved before the dossier deadline is lodged for by its successor, and only by it.';
CREATE TRIGGER dossiers_on_behalf BEFORE INSERT ON dossiers FOR EACH ROW EXECUTE FUNCTION dossier_check();

CREATE FUNCTION nomination_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT unit_within(NEW.unit_id, (SELECT nominator_id FROM dossiers WHERE id = NEW.dossier_id)) THEN
        PERFORM refuse('nominations_within_nominator');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER nominations_within BEFORE INSERT ON nominations FOR EACH ROW EXECUTE FUNCTION nomination_check();

CREATE FUNCTION dossier_state_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.state_since := clock_now();
    IF NEW.state = 'WITHDRAWN' THEN
        UPDATE nominations SET standing = false WHERE dossier_id = NEW.id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dossiers_state_moved BEFORE UPDATE OF state ON dossiers
    FOR EACH ROW WHEN (NEW.state IS DISTINCT FROM OLD.state) EXECUTE FUNCTION dossier_state_moved();

-- ---- who sees what ----

CREATE FUNCTION dossier_shown(d dossiers, caller_unit uuid, caller_roles integer) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (caller_roles & 52) <> 0 OR ((caller_roles & 2) <> 0 AND unit_within(d.nominator_id, caller_unit));
END $$;
COMMENT ON FUNCTION dossier_shown IS
    'Sở Nội vụ (4), the Chair''s office (16) and auditors (32) see every dossier; a unit (2) those of its own subtree.';

CREATE FUNCTION dossier_votes_shown(d dossiers, caller_unit uuid, caller_roles integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT (caller_roles & 52) <> 0 OR ((caller_roles & 2) <> 0 AND d.nominator_id = caller_unit) IS TRUE
$$;
COMMENT ON FUNCTION dossier_votes_shown IS 'How the council voted is for the offices and the nominator itself.';

-- ---- what is missing, what to mind ----

CREATE FUNCTION dossier_missing(dossier uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        WITH needed AS (
            SELECT 1 AS place, 'TO_TRINH'::document_kind AS kind, NULL::uuid AS unit_id, 'III.3.a' AS clause
            UNION ALL SELECT 2, 'MINUTES', NULL, 'III.3.b'
            UNION ALL SELECT 3, 'REPORT', n.unit_id, 'III.3.c' FROM nominations n WHERE n.dossier_id = dossier
        ), gaps AS (
            SELECT place, kind::text, unit_id, clause FROM needed x
            WHERE NOT EXISTS (SELECT FROM documents d WHERE d.dossier_id = dossier AND d.kind = x.kind
                              AND d.unit_id IS NOT DISTINCT FROM x.unit_id AND d.superseded_at IS NULL)
            UNION ALL SELECT 0, 'NOMINATION', NULL, 'III.3'
            WHERE NOT EXISTS (SELECT FROM nominations n WHERE n.dossier_id = dossier)
        )
        SELECT coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'unit_id', unit_id, 'clause', clause)
                                  ORDER BY place, unit_id), '[]') FROM gaps);
END $$;
COMMENT ON FUNCTION dossier_missing IS 'III.3: complete = Tờ trình ∧ minutes ∧ a report for each nominee. Evidence is no component.';

CREATE FUNCTION dossier_warnings(d dossiers) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    late boolean := dossier_is_late(d.received_at, d.campaign, d.year);
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object('code', code, 'clause', clause,
                                                     'text', jsonb_build_object('vi', vi, 'en', en)) ORDER BY place), '[]')
        FROM (VALUES
            (1, late, 'LATE', 'III.4.a', 'Hồ sơ đến sau thời hạn: Sở Nội vụ phải chấp nhận, có lý do.',
             'It came late: it goes on only with Home Affairs'' acceptance, for a reason.'),
            (2, NOT late AND dossier_is_late(d.lodged_at, d.campaign, d.year), 'COMPLETED_AFTER_DEADLINE', 'III.4.a',
             'Đến đúng hạn, được trả lại và nộp bổ sung sau thời hạn.', 'In time, then returned and lodged again after the deadline.'),
            (3, d.state = 'DRAFT' AND dossier_is_late(clock_now(), d.campaign, d.year), 'DEADLINE_PASSED', 'III.4.a',
             'Đã quá thời hạn nộp.', 'The deadline has passed.'),
            (4, d.letter_number IS NULL OR d.letter_date IS NULL, 'LETTER_NOT_IDENTIFIED', 'III.3.a',
             'Chưa ghi số, ký hiệu và ngày của Tờ trình.', 'The Tờ trình''s number-symbol and date are not recorded.'),
            (5, d.minutes_date IS NULL, 'MINUTES_NOT_DATED', 'III.3.b', 'Chưa ghi ngày họp Hội đồng.',
             'The date of the council''s minutes is not recorded.'),
            (6, EXISTS (SELECT FROM nominations n WHERE n.dossier_id = d.id AND n.votes_for IS NULL), 'NO_COUNCIL_RESULT',
             'III.3.b', 'Có tập thể chưa ghi kết quả bỏ phiếu của Hội đồng.', 'A nominee has no recorded council vote.')
        ) AS w(place, holds, code, clause, vi, en) WHERE holds);
END $$;

-- ---- as the API shows it ----

CREATE FUNCTION document_json(d documents) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', d.id, 'kind', d.kind, 'unit_id', d.unit_id, 'title', d.title, 'size', d.size,
        'sha256', d.sha256, 'recorded_at', d.recorded_at, 'superseded_at', d.superseded_at,
        'state', CASE WHEN d.superseded_at IS NULL THEN 'CURRENT' ELSE 'SUPERSEDED' END,
        'href', format('/v1/dossiers/%s/documents/%s', d.dossier_id, d.id))
$$;

CREATE FUNCTION nomination_json(n nominations, votes_shown boolean) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('unit_id', n.unit_id, 'unit', unit_label(n.unit_id, make_date(n.year, 12, 31)),
            'report', CASE WHEN EXISTS (SELECT FROM documents d WHERE d.dossier_id = n.dossier_id AND d.unit_id = n.unit_id
                                        AND d.kind = 'REPORT' AND d.superseded_at IS NULL) THEN 'PRESENT' ELSE 'MISSING' END,
            'council_result', CASE WHEN n.votes_for IS NULL THEN 'MISSING' ELSE 'PRESENT' END)
        || CASE WHEN votes_shown THEN jsonb_build_object('votes_for', n.votes_for, 'votes_against', n.votes_against,
               'votes_abstain', n.votes_abstain, 'members_present', n.members_present, 'members_total', n.members_total)
           ELSE '{}' END
$$;
COMMENT ON FUNCTION nomination_json IS 'Without votes and members for a reader who may not see them.';

CREATE FUNCTION dossier_json(d dossiers, votes_shown boolean) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    missing jsonb := dossier_missing(d.id);
BEGIN
    RETURN jsonb_build_object('id', d.id, 'campaign', d.campaign, 'year', d.year,
        'nominator_unit_id', d.nominator_id, 'nominator', unit_label(d.nominator_id, today()),
        'on_behalf_of_unit_id', d.on_behalf_of_id, 'on_behalf_reason', d.on_behalf_reason, 'on_paper', d.on_paper,
        'state', d.state, 'state_since', d.state_since, 'state_reason', d.state_reason,
        'letter_number', d.letter_number, 'letter_date', d.letter_date, 'minutes_date', d.minutes_date,
        'received_at', d.received_at, 'received_source', d.received_source, 'lodged_at', d.lodged_at,
        'deadline', to_char(dossier_cut_off(d.campaign, d.year) - 1, 'YYYY-MM-DD') || 'T23:59:59+07:00',
        'late', dossier_is_late(d.received_at, d.campaign, d.year), 'late_accepted', d.late_accepted,
        'created_at', d.created_at, 'complete', missing = '[]', 'missing', missing,
        'nominations', (SELECT coalesce(jsonb_agg(nomination_json(n, votes_shown) ORDER BY n.recorded_at, n.unit_id), '[]')
                        FROM nominations n WHERE n.dossier_id = d.id),
        'documents', (SELECT coalesce(jsonb_agg(document_json(x) ORDER BY x.kind, x.unit_id, x.recorded_at, x.id), '[]')
                      FROM documents x WHERE x.dossier_id = d.id AND x.superseded_at IS NULL),
        'warnings', dossier_warnings(d));
END $$;
COMMENT ON FUNCTION dossier_json IS
    '`deadline` is the last good second; `late` is null until it is received; `documents` are the current ones.';

-- ---- what the engine and the awards rely on ----

CREATE FUNCTION dossier_of(campaign text, year integer, unit uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT n.dossier_id FROM nominations n WHERE n.campaign = $1 AND n.year = $2 AND n.unit_id = $3 AND n.standing
$$;
COMMENT ON FUNCTION dossier_of IS 'The dossier, not withdrawn, that nominates the unit in that round; a unit is nominated once a round.';

CREATE FUNCTION dossier_facts(campaign text, year integer, unit uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT jsonb_strip_nulls(jsonb_build_object(
            'dossier_received_at', CASE WHEN d.received_at IS NOT NULL THEN jsonb_build_object('value', d.received_at)
                || origin || jsonb_build_object('recorded_at', d.received_recorded_at) END,
            'dossier_state', jsonb_build_object('value', d.state) || origin,
            'late_accepted', jsonb_build_object('value', d.late_accepted) || origin))
        FROM dossiers d, LATERAL (SELECT jsonb_build_object('source', 'dossiers/' || d.id, 'version', d.version,
                                                            'recorded_at', d.state_since) AS origin) o
        WHERE d.id = dossier_of($1, $2, $3)), '{}')
$$;
COMMENT ON FUNCTION dossier_facts IS
    'Facts on the dossier that nominates the unit; {} where there is none; no dossier_received_at before it is received.';

CREATE FUNCTION document_facts(campaign text, year integer, unit uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT jsonb_object_agg(kind, CASE WHEN EXISTS (
                   SELECT FROM documents x WHERE x.dossier_id = d.id AND x.kind = k.kind AND x.superseded_at IS NULL
                   AND (x.unit_id IS NULL OR x.unit_id = $3)) THEN 'PRESENT' ELSE 'MISSING' END)
        FROM dossiers d, unnest(ARRAY['TO_TRINH', 'MINUTES', 'REPORT']::document_kind[]) AS k(kind)
        WHERE d.id = dossier_of($1, $2, $3)), '{}')
$$;
COMMENT ON FUNCTION document_facts IS 'III.3 for one nominee: which of the three components are there; {} where nobody nominates it.';
