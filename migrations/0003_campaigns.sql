-- Campaigns, award rounds, contestants, quota, registers, findings, yearly reports (plan 230: II, III.1.a, III.2.b, III.4, V).

-- ---- criteria sets ----

CREATE TABLE criteria_sets (
    name text NOT NULL CONSTRAINT criteria_sets_name_form CHECK (name ~ '^[0-9A-Za-z._-]{1,64}$'),
    version integer NOT NULL CONSTRAINT criteria_sets_version_from CHECK (version BETWEEN 1 AND 9999),
    sha256 text NOT NULL CONSTRAINT criteria_sets_sha256_form CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    document jsonb NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    published_at timestamptz,
    PRIMARY KEY (name, version),
    CONSTRAINT criteria_sets_period CHECK (valid_to >= valid_from)
);
COMMENT ON TABLE criteria_sets IS 'Rule sets as data. A verdict names one by its hash, so a published one never changes.';
COMMENT ON COLUMN criteria_sets.sha256 IS 'Of the document''s canonical text (sorted keys, no blanks).';
COMMENT ON COLUMN criteria_sets.valid_to IS 'The last day; NULL while it has no end.';

CREATE FUNCTION criteria_sets_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL AND (TG_OP = 'DELETE' OR NEW IS DISTINCT FROM OLD) THEN
        PERFORM refuse('criteria_sets_published');
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER criteria_sets_immutable BEFORE UPDATE OR DELETE ON criteria_sets
    FOR EACH ROW EXECUTE FUNCTION criteria_sets_guard();

-- ---- campaigns ----

CREATE TABLE campaigns (
    code text PRIMARY KEY CONSTRAINT campaigns_code_form CHECK (code ~ '^[0-9A-Za-zĐđ._-]{1,64}$'),
    version bigint NOT NULL DEFAULT 1,
    plan jsonb NOT NULL,
    criteria_name text,
    criteria_version integer,
    loaded_at timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT campaigns_criteria FOREIGN KEY (criteria_name, criteria_version) REFERENCES criteria_sets MATCH FULL
);
COMMENT ON TABLE campaigns IS 'Plans as data. The code is the printed number with - for /: 230-KH-UBND.';
COMMENT ON COLUMN campaigns.plan IS 'The campaign file without its criteria set, which is kept in criteria_sets.';

CREATE TABLE campaign_contents (
    campaign text NOT NULL REFERENCES campaigns,
    content text NOT NULL,
    position integer NOT NULL,
    text jsonb NOT NULL,
    PRIMARY KEY (campaign, content)
);
COMMENT ON TABLE campaign_contents IS 'The contents of emulation that findings are made on (II.2.a–d are A, B, C, D).';
GRANT DELETE ON campaign_contents TO thidua_app;

-- ---- rounds ----

CREATE TYPE contestant_group AS ENUM ('SO_BAN_NGANH', 'UNIT_UNDER_SO', 'HUYEN', 'XA', 'UNIT_UNDER_HUYEN');

CREATE FUNCTION group_of_kind(kind unit_kind) RETURNS contestant_group LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (CASE kind WHEN 'PROVINCIAL_BODY' THEN 'SO_BAN_NGANH' WHEN 'PROVINCIAL_SUBUNIT' THEN 'UNIT_UNDER_SO'
                      WHEN 'DISTRICT' THEN 'HUYEN' WHEN 'COMMUNE' THEN 'XA'
                      WHEN 'DISTRICT_SUBUNIT' THEN 'UNIT_UNDER_HUYEN' END)::contestant_group
$$;
COMMENT ON FUNCTION group_of_kind IS 'II.1.a–b: the only kinds of units that can contest; NULL for all others.';

CREATE TABLE rounds (
    campaign text NOT NULL REFERENCES campaigns,
    year integer NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    state text NOT NULL DEFAULT 'OPEN'
        CONSTRAINT rounds_state CHECK (state IN ('OPEN', 'APPRAISAL', 'PROPOSED', 'DECIDED', 'CLOSED')),
    cap integer NOT NULL CONSTRAINT rounds_cap_from CHECK (cap >= 0),
    cut_off date NOT NULL,
    report_cut_off date NOT NULL,
    report_groups contestant_group[] NOT NULL,
    proposal_days integer NOT NULL CONSTRAINT rounds_proposal_days CHECK (proposal_days >= 0),
    conference_on date CONSTRAINT rounds_conference_after_intake CHECK (conference_on >= cut_off),
    quota_version integer NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign, year)
);
COMMENT ON TABLE rounds IS 'One award year of a campaign. A year without a row is outside the plan (II.3).';
COMMENT ON COLUMN rounds.cap IS 'III.2.b: a ceiling over the whole year and all its decisions.';
COMMENT ON COLUMN rounds.cut_off IS 'III.4.a "trước ngày": received strictly before this day begins in Asia/Ho_Chi_Minh.';
COMMENT ON COLUMN rounds.report_cut_off IS 'V.1, read as III.4.a.';
COMMENT ON COLUMN rounds.report_groups IS 'V.1: who owes the yearly report.';
COMMENT ON COLUMN rounds.proposal_days IS 'III.4.b: calendar days before the conference.';
COMMENT ON COLUMN rounds.conference_on IS 'The conference that announces the index of the year; NULL until fixed; it can move.';
COMMENT ON COLUMN rounds.quota_version IS 'The allocation in force (quota_versions); 0 before the first.';

CREATE FUNCTION round_cap(campaign text, year integer) RETURNS integer LANGUAGE sql STABLE AS
$$ SELECT cap FROM rounds r WHERE r.campaign = $1 AND r.year = $2 $$;
COMMENT ON FUNCTION round_cap IS 'III.2.b. NULL for a year outside the plan.';

CREATE FUNCTION round_cutoff(campaign text, year integer) RETURNS date LANGUAGE sql STABLE AS
$$ SELECT cut_off FROM rounds r WHERE r.campaign = $1 AND r.year = $2 $$;
COMMENT ON FUNCTION round_cutoff IS 'III.4.a: a dossier received on this day or later is late. NULL for a year outside the plan.';

CREATE FUNCTION proposal_limit(campaign text, year integer) RETURNS date LANGUAGE sql STABLE AS
$$ SELECT conference_on - proposal_days FROM rounds r WHERE r.campaign = $1 AND r.year = $2 $$;
COMMENT ON FUNCTION proposal_limit IS 'III.4.b: the last good day of the submission to the Chair; NULL while no conference is fixed.';

CREATE FUNCTION last_instant_before(day date) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT to_char(day - 1, 'YYYY-MM-DD') || 'T23:59:59+07:00' $$;
COMMENT ON FUNCTION last_instant_before IS 'What "trước ngày" leaves as the last good second, as people read it.';

CREATE FUNCTION received_late(received_at timestamptz, cut_off date) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT local_date(received_at) >= cut_off $$;

-- ---- contestants ----

CREATE SEQUENCE contestant_versions;
CREATE TABLE contestants (
    campaign text NOT NULL,
    year integer NOT NULL,
    unit_id uuid NOT NULL CONSTRAINT contestants_unit REFERENCES units,
    version bigint NOT NULL DEFAULT nextval('contestant_versions'),
    group_name contestant_group NOT NULL,
    cluster text CONSTRAINT contestants_cluster CHECK (btrim(cluster) <> ''),
    advises_par boolean NOT NULL DEFAULT false,
    on_assessed_list boolean NOT NULL,
    source_document text,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    PRIMARY KEY (campaign, year, unit_id),
    CONSTRAINT contestants_round FOREIGN KEY (campaign, year) REFERENCES rounds,
    CONSTRAINT contestants_advises CHECK (group_name NOT IN ('UNIT_UNDER_SO', 'UNIT_UNDER_HUYEN')
                                          OR (advises_par AND source_document IS NOT NULL))
);
COMMENT ON TABLE contestants IS 'The year''s register of contestants, kept by Sở Nội vụ (II.1).';
COMMENT ON COLUMN contestants.version IS
    'From one sequence: an entry that was removed and made again never has a version that somebody read before.';
COMMENT ON COLUMN contestants.cluster IS 'Khối or cụm inside the group: units are compared inside group and cluster only (III.1.a).';
COMMENT ON COLUMN contestants.on_assessed_list IS 'III.1.b applies to those whose index is assessed that year.';
GRANT DELETE ON contestants TO thidua_app;

CREATE FUNCTION contestants_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    in_year daterange := daterange(make_date(NEW.year, 1, 1), make_date(NEW.year + 1, 1, 1));
BEGIN
    IF NOT EXISTS (SELECT FROM units WHERE id = NEW.unit_id) THEN
        PERFORM refuse('contestants_unit');
    END IF;
    IF NOT EXISTS (SELECT FROM unit_periods p WHERE p.unit_id = NEW.unit_id AND p.valid && in_year) THEN
        PERFORM refuse('contestants_unit_in_year');
    END IF;
    IF NOT EXISTS (SELECT FROM unit_periods p WHERE p.unit_id = NEW.unit_id AND p.valid && in_year
                   AND group_of_kind(p.kind) = NEW.group_name
                   AND (p.parent_id IS NULL OR (unit_period(p.parent_id, make_date(NEW.year, 12, 31))).kind
                        NOT IN ('COMMUNE', 'PARTY_BODY', 'MASS_ORGANISATION'))) THEN
        PERFORM refuse('contestants_kind');
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION contestants_check IS 'II.1.a–b: the unit is there in the award year and of the kind that its group holds.';
CREATE TRIGGER contestants_checked BEFORE INSERT OR UPDATE ON contestants
    FOR EACH ROW EXECUTE FUNCTION contestants_check();

CREATE FUNCTION contestant_json(c contestants) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('campaign', c.campaign, 'year', c.year, 'unit_id', c.unit_id,
        'unit', unit_label(c.unit_id, make_date(c.year, 12, 31)), 'group', c.group_name, 'cluster', c.cluster,
        'advises_par', c.advises_par, 'on_assessed_list', c.on_assessed_list, 'source_document', c.source_document,
        'recorded_at', c.recorded_at)
$$;

CREATE FUNCTION contestant_facts(campaign text, year integer, unit uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    WITH entry AS (
        SELECT c.*, jsonb_build_object('source', 'contestants/' || $3, 'version', c.version, 'recorded_at', c.recorded_at) AS origin
        FROM (SELECT 1) one LEFT JOIN contestants c ON c.campaign = $1 AND c.year = $2 AND c.unit_id = $3)
    SELECT jsonb_build_object('is_collective', jsonb_build_object('value', true) || origin,
                              'is_contestant', jsonb_build_object('value', unit_id IS NOT NULL) || origin)
        || CASE WHEN unit_id IS NULL THEN '{}' ELSE jsonb_build_object(
               'contestant_kind', jsonb_build_object('value', group_name) || origin,
               'advises_par', jsonb_build_object('value', advises_par) || origin,
               'on_assessed_list', jsonb_build_object('value', on_assessed_list) || origin) END
    FROM entry
$$;
COMMENT ON FUNCTION contestant_facts IS
    'Facts of the register for the engine. Every unit is a collective: individuals cannot be entered at all (I.1.c).';

-- ---- quota ----

CREATE TABLE quota_versions (
    campaign text NOT NULL,
    year integer NOT NULL,
    version integer NOT NULL,
    reason text NOT NULL,
    actor_key uuid,
    actor_name text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    PRIMARY KEY (campaign, year, version),
    CONSTRAINT quota_versions_round FOREIGN KEY (campaign, year) REFERENCES rounds
);
COMMENT ON TABLE quota_versions IS 'III.2.b: Sở Nội vụ''s allocations of the cap, every one kept with its actor and reason.';

CREATE TABLE quota_shares (
    campaign text NOT NULL,
    year integer NOT NULL,
    version integer NOT NULL,
    group_name contestant_group NOT NULL,
    cluster text CONSTRAINT quota_shares_cluster CHECK (btrim(cluster) <> ''),
    slots integer NOT NULL CONSTRAINT quota_shares_slots CHECK (slots >= 0),
    CONSTRAINT quota_shares_once UNIQUE NULLS NOT DISTINCT (campaign, year, version, group_name, cluster),
    CONSTRAINT quota_shares_version FOREIGN KEY (campaign, year, version) REFERENCES quota_versions
);
COMMENT ON TABLE quota_shares IS 'One allocation: slots by group, or by the clusters of a group.';
REVOKE UPDATE ON quota_versions, quota_shares FROM thidua_app;

CREATE FUNCTION quota_shares_check() RETURNS trigger LANGUAGE plpgsql AS $$
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
                   AND s.version = version.version GROUP BY s.group_name
                   HAVING count(*) FILTER (WHERE s.cluster IS NULL) > 0 AND count(*) > 1) THEN
            PERFORM refuse('quota_one_level');
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION quota_shares_check IS
    'III.2.b: the sum stays within the cap under any schedule of writers: they queue on the round''s row.';
CREATE TRIGGER quota_shares_checked AFTER INSERT ON quota_shares REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION quota_shares_check();

CREATE VIEW quota_current AS
    SELECT s.campaign, s.year, s.version, s.group_name, s.cluster, s.slots
    FROM rounds r JOIN quota_shares s ON s.campaign = r.campaign AND s.year = r.year AND s.version = r.quota_version;
COMMENT ON VIEW quota_current IS 'The allocation in force. No row for a round: only the cap holds.';

CREATE FUNCTION rounds_cap_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(slots) FROM quota_current q WHERE q.campaign = NEW.campaign AND q.year = NEW.year) > NEW.cap THEN
        PERFORM refuse('quota_within_cap');
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION rounds_cap_check IS 'A reloaded plan cannot lower the cap below what is allocated.';
CREATE TRIGGER rounds_cap_checked AFTER UPDATE OF cap, quota_version ON rounds
    FOR EACH ROW EXECUTE FUNCTION rounds_cap_check();

CREATE FUNCTION quota_shares_json(campaign text, year integer, version integer) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT coalesce(json_agg(json_build_object('group', s.group_name, 'cluster', s.cluster, 'slots', s.slots)
                             ORDER BY s.group_name, s.cluster), '[]'::json)
    FROM quota_shares s WHERE s.campaign = $1 AND s.year = $2 AND s.version = $3
$$;

CREATE FUNCTION quota_json(r rounds) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('campaign', r.campaign, 'year', r.year, 'version', r.quota_version, 'cap', r.cap,
        'allocated', sums.slots, 'allocation', quota_shares_json(r.campaign, r.year, r.quota_version),
        'reason', v.reason, 'recorded_at', v.recorded_at,
        'warnings', CASE WHEN sums.slots IS NOT NULL THEN '[]'::json ELSE json_build_array(json_build_object(
            'code', 'NO_ALLOCATION', 'clause', 'III.2.b', 'text', json_build_object(
                'vi', 'Sở Nội vụ chưa phân bổ chỉ tiêu: chỉ có mức trần của năm được áp dụng.',
                'en', 'No quota is allocated yet: only the year''s cap holds.'))) END)
    FROM (SELECT sum(q.slots) AS slots FROM quota_current q WHERE q.campaign = r.campaign AND q.year = r.year) sums
    LEFT JOIN quota_versions v ON v.campaign = r.campaign AND v.year = r.year AND v.version = r.quota_version
$$;

-- ---- registers ----

CREATE TABLE registers (
    campaign text NOT NULL,
    year integer NOT NULL,
    register text NOT NULL
        CONSTRAINT registers_known CHECK (register IN ('initiatives', 'discipline', 'scores', 'proceedings', 'awards')),
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (campaign, year, register),
    CONSTRAINT registers_round FOREIGN KEY (campaign, year) REFERENCES rounds
);
COMMENT ON TABLE registers IS 'The registers that facts come from; each round has all five.';

CREATE TABLE register_declarations (
    campaign text NOT NULL,
    year integer NOT NULL,
    register text NOT NULL,
    unit_id uuid CONSTRAINT register_declarations_unit REFERENCES units,
    complete boolean NOT NULL,
    complete_through date,
    source text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT register_declarations_once UNIQUE NULLS NOT DISTINCT (campaign, year, register, unit_id),
    CONSTRAINT register_declarations_register FOREIGN KEY (campaign, year, register) REFERENCES registers,
    CONSTRAINT register_declarations_through CHECK (NOT complete OR complete_through IS NOT NULL),
    CONSTRAINT register_declarations_not_ahead CHECK (complete_through <= local_date(recorded_at))
);
COMMENT ON TABLE register_declarations IS
    'Only a register declared complete can prove an absence: an empty table alone says nothing about discipline (III.1.d).';
COMMENT ON COLUMN register_declarations.unit_id IS 'NULL: for all units that have no declaration of their own.';

CREATE FUNCTION register_state(campaign text, year integer, register text, unit uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('complete', coalesce(d.complete, false),
        'complete_source', CASE WHEN d.complete THEN d.source END,
        'complete_through', CASE WHEN d.complete THEN d.complete_through END)
    FROM (SELECT 1) one LEFT JOIN LATERAL (
        SELECT * FROM register_declarations x
        WHERE x.campaign = $1 AND x.year = $2 AND x.register = $3 AND (x.unit_id = $4 OR x.unit_id IS NULL)
        ORDER BY x.unit_id NULLS LAST LIMIT 1) d ON true
$$;
COMMENT ON FUNCTION register_state IS 'A unit''s own declaration goes before the one for all.';

-- ---- findings ----

CREATE TYPE finding_result AS ENUM ('OUTSTANDING_LEADING', 'OUTSTANDING', 'NOT_OUTSTANDING');

CREATE TABLE findings (
    campaign text NOT NULL,
    year integer NOT NULL,
    unit_id uuid NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    PRIMARY KEY (campaign, year, unit_id),
    CONSTRAINT findings_contestant FOREIGN KEY (campaign, year, unit_id) REFERENCES contestants
);
COMMENT ON TABLE findings IS 'III.1.a: the appraiser''s recorded findings on a contestant. A human''s judgement, never computed.';

CREATE TABLE finding_contents (
    campaign text NOT NULL,
    year integer NOT NULL,
    unit_id uuid NOT NULL,
    content text NOT NULL,
    score numeric(5, 2) NOT NULL CONSTRAINT finding_contents_score CHECK (score BETWEEN 0 AND 100),
    result finding_result NOT NULL,
    reason text NOT NULL,
    evidence jsonb NOT NULL DEFAULT '[]',
    CONSTRAINT finding_contents_once PRIMARY KEY (campaign, year, unit_id, content),
    CONSTRAINT finding_contents_finding FOREIGN KEY (campaign, year, unit_id) REFERENCES findings,
    CONSTRAINT finding_contents_known FOREIGN KEY (campaign, content) REFERENCES campaign_contents
);
COMMENT ON TABLE finding_contents IS 'The finding on one content (II.2): score, result, reason, evidence.';
GRANT DELETE ON finding_contents TO thidua_app;

CREATE FUNCTION contestants_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM findings f WHERE f.campaign = OLD.campaign AND f.year = OLD.year AND f.unit_id = OLD.unit_id) THEN
        PERFORM refuse('contestants_in_use');
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER contestants_kept BEFORE DELETE ON contestants FOR EACH ROW EXECUTE FUNCTION contestants_keep();

CREATE FUNCTION finding_facts(campaign text, year integer, unit uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_object_agg(x.content, jsonb_build_object('result', x.result, 'found_by', 'home_affairs',
        'score', x.score::text, 'source', 'findings/' || $3, 'version', f.version, 'recorded_at', f.recorded_at)), '{}')
    FROM findings f JOIN finding_contents x ON x.campaign = f.campaign AND x.year = f.year AND x.unit_id = f.unit_id
    WHERE f.campaign = $1 AND f.year = $2 AND f.unit_id = $3
$$;
COMMENT ON FUNCTION finding_facts IS 'III.1.a for the engine; a content without a finding is absent, so unknown.';

CREATE FUNCTION finding_ranks(campaign text, year integer, unit uuid)
RETURNS TABLE (content text, rank bigint, compared bigint) LANGUAGE sql STABLE AS $$
    WITH own AS (
        SELECT c.group_name, c.cluster FROM contestants c WHERE c.campaign = $1 AND c.year = $2 AND c.unit_id = $3
    ), peers AS (
        SELECT x.unit_id, x.content, x.score
        FROM own JOIN contestants c ON c.campaign = $1 AND c.year = $2 AND c.group_name = own.group_name
             AND c.cluster IS NOT DISTINCT FROM own.cluster
        JOIN finding_contents x ON x.campaign = $1 AND x.year = $2 AND x.unit_id = c.unit_id
    ), scores AS (
        SELECT p.unit_id, p.content, p.score FROM peers p
        UNION ALL
        SELECT p.unit_id, NULL, sum(p.score) FROM peers p GROUP BY p.unit_id
        HAVING count(*) = (SELECT count(*) FROM campaign_contents k WHERE k.campaign = $1)
    ), ranked AS (
        SELECT s.*, rank() OVER (PARTITION BY s.content ORDER BY s.score DESC) AS place,
               count(*) OVER (PARTITION BY s.content) AS total
        FROM scores s)
    SELECT r.content, r.place, r.total FROM ranked r WHERE r.unit_id = $3
$$;
COMMENT ON FUNCTION finding_ranks IS
    'Legal ranks (1, 1, 3) by score inside group and cluster: one row a content, and one without content for the sum of all.
Never a sở against a commune. Units that lack a finding are not ranked by the sum.';

CREATE FUNCTION finding_json(f findings) RETURNS json LANGUAGE sql STABLE AS $$
    WITH ranks AS MATERIALIZED (SELECT * FROM finding_ranks(f.campaign, f.year, f.unit_id)),
    rows AS MATERIALIZED (
        SELECT x.*, r.rank, r.compared FROM finding_contents x JOIN ranks r ON r.content = x.content
        WHERE x.campaign = f.campaign AND x.year = f.year AND x.unit_id = f.unit_id)
    SELECT json_build_object('campaign', f.campaign, 'year', f.year, 'unit_id', f.unit_id,
        'unit', unit_label(f.unit_id, make_date(f.year, 12, 31)), 'group', c.group_name, 'cluster', c.cluster,
        'found_by', 'home_affairs', 'recorded_at', f.recorded_at,
        'contents', (SELECT coalesce(json_agg(json_build_object('content', content, 'score', score::text, 'result', result,
            'reason', reason, 'evidence', evidence, 'rank', rank, 'compared', compared) ORDER BY content), '[]'::json) FROM rows),
        'missing', (SELECT coalesce(json_agg(k.content ORDER BY k.position), '[]'::json) FROM campaign_contents k
                    WHERE k.campaign = f.campaign AND NOT EXISTS (SELECT FROM rows WHERE rows.content = k.content)),
        'total_score', (SELECT sum(score)::text FROM rows),
        'rank', (SELECT rank FROM ranks WHERE content IS NULL),
        'compared', (SELECT compared FROM ranks WHERE content IS NULL),
        'warnings', (SELECT coalesce(json_agg(json_build_object('code', 'LEADING_NOT_FIRST', 'clause', 'III.1.a',
            'content', content, 'text', json_build_object(
                'vi', format('Nội dung %s được xác định là dẫn đầu nhưng chỉ đứng thứ %s/%s theo điểm trong nhóm so sánh.',
                             content, rank, compared),
                'en', format('Content %s is found to be leading, yet ranks %s of %s by score in its comparison group.',
                             content, rank, compared))) ORDER BY content), '[]'::json)
            FROM rows WHERE result = 'OUTSTANDING_LEADING' AND rank > 1))
    FROM contestants c WHERE c.campaign = f.campaign AND c.year = f.year AND c.unit_id = f.unit_id
$$;

-- ---- yearly reports ----

CREATE TABLE reports (
    campaign text NOT NULL,
    year integer NOT NULL,
    unit_id uuid NOT NULL CONSTRAINT reports_unit REFERENCES units,
    version bigint NOT NULL DEFAULT 1,
    document_number text NOT NULL,
    document_date date NOT NULL,
    summary text,
    received_at timestamptz NOT NULL DEFAULT clock_now(),
    source text,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    amended_at timestamptz,
    PRIMARY KEY (campaign, year, unit_id),
    CONSTRAINT reports_round FOREIGN KEY (campaign, year) REFERENCES rounds,
    CONSTRAINT reports_not_ahead CHECK (received_at <= recorded_at),
    CONSTRAINT reports_source CHECK (source IS NOT NULL OR received_at = recorded_at)
);
COMMENT ON TABLE reports IS 'V.1: the yearly report, a duty of its own, due also with no nominee.';
COMMENT ON COLUMN reports.received_at IS 'The instant of first receipt: the clock''s, or an earlier one from the incoming-document register.';
COMMENT ON COLUMN reports.source IS 'Where an earlier instant of receipt is written down.';
COMMENT ON COLUMN reports.recorded_at IS 'When the instant of receipt was put into the service.';
COMMENT ON COLUMN reports.amended_at IS 'When its content was last replaced; the first receipt stays.';

CREATE FUNCTION reports_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM units WHERE id = NEW.unit_id) THEN
        PERFORM refuse('reports_unit');
    END IF;
    IF NOT EXISTS (SELECT FROM rounds r JOIN unit_periods p ON p.unit_id = NEW.unit_id
                   AND p.valid && daterange(make_date(r.year, 1, 1), make_date(r.year + 1, 1, 1))
                   AND group_of_kind(p.kind) = ANY (r.report_groups)
                   WHERE r.campaign = NEW.campaign AND r.year = NEW.year) THEN
        PERFORM refuse('reports_owed');
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION reports_check IS 'V.1 names the sở, ban, ngành and the UBND huyện; nobody else files one.';
CREATE TRIGGER reports_checked BEFORE INSERT OR UPDATE ON reports FOR EACH ROW EXECUTE FUNCTION reports_check();

CREATE FUNCTION report_json(p reports) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('campaign', p.campaign, 'year', p.year, 'unit_id', p.unit_id,
        'unit', unit_label(p.unit_id, make_date(p.year, 12, 31)), 'document_number', p.document_number,
        'document_date', p.document_date, 'summary', p.summary, 'received_at', p.received_at,
        'late', received_late(p.received_at, r.report_cut_off), 'deadline', last_instant_before(r.report_cut_off),
        'source', p.source, 'recorded_at', p.recorded_at, 'amended_at', p.amended_at,
        'amended_late', coalesce(received_late(p.amended_at, r.report_cut_off), false))
    FROM rounds r WHERE r.campaign = p.campaign AND r.year = p.year
$$;

CREATE FUNCTION dossier_received_at(campaign text, year integer, unit uuid) RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT NULL::timestamptz $$;
COMMENT ON FUNCTION dossier_received_at IS
    'When the unit''s dossier of the year was received: nobody''s, until 0007 finds the tables of dossiers.';

-- ---- what a round shows ----

CREATE FUNCTION round_counts(campaign text, year integer) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'contestants', (SELECT count(*) FROM contestants c WHERE c.campaign = $1 AND c.year = $2),
        'findings', (SELECT count(*) FROM findings f WHERE f.campaign = $1 AND f.year = $2),
        'reports', (SELECT count(*) FROM reports p WHERE p.campaign = $1 AND p.year = $2))
$$;
COMMENT ON FUNCTION round_counts IS 'What there is of a round so far; 0007 adds what later tables hold.';

CREATE FUNCTION round_json(r rounds) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('campaign', r.campaign, 'year', r.year, 'state', r.state, 'cap', r.cap,
        'submission_cut_off', r.cut_off, 'submission_deadline', last_instant_before(r.cut_off),
        'report_deadline', last_instant_before(r.report_cut_off), 'conference_on', r.conference_on,
        'proposal_deadline', r.conference_on - r.proposal_days,
        'quota', json_build_object('version', r.quota_version,
            'allocated', (SELECT sum(q.slots) FROM quota_current q WHERE q.campaign = r.campaign AND q.year = r.year),
            'allocation', quota_shares_json(r.campaign, r.year, r.quota_version)),
        'counts', round_counts(r.campaign, r.year))
$$;

CREATE FUNCTION campaign_json(c campaigns) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT c.plan || jsonb_build_object('code', c.code, 'loaded_at', c.loaded_at, 'criteria_set',
        (SELECT jsonb_build_object('name', s.name, 'version', s.version, 'sha256', s.sha256)
         FROM criteria_sets s WHERE s.name = c.criteria_name AND s.version = c.criteria_version))
$$;

-- ---- loading a plan ----

CREATE FUNCTION criteria_set_load(document jsonb, hash text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO criteria_sets AS s (name, version, sha256, document, valid_from, valid_to, published_at)
    VALUES (document->>'name', (document->>'version')::integer, hash, document, (document->>'valid_from')::date,
            (document->>'valid_to')::date, clock_now())
    ON CONFLICT (name, version) DO UPDATE
        SET sha256 = EXCLUDED.sha256, document = EXCLUDED.document, valid_from = EXCLUDED.valid_from,
            valid_to = EXCLUDED.valid_to, published_at = EXCLUDED.published_at
        WHERE s.sha256 <> EXCLUDED.sha256 OR s.published_at IS NULL;
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION criteria_set_load IS 'Keeps a plan''s criteria set, published. A published one is never replaced: it needs a new version.';

CREATE FUNCTION rounds_load(campaign_code text, plan jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    changed integer;
BEGIN
    IF EXISTS (SELECT FROM rounds r WHERE r.campaign = campaign_code AND NOT plan->'award_years' @> to_jsonb(r.year)) THEN
        PERFORM refuse('rounds_stay');
    END IF;
    INSERT INTO rounds AS r (campaign, year, cap, cut_off, report_cut_off, report_groups, proposal_days)
    SELECT campaign_code, y::integer, (plan->>'cap')::integer, (y || '-' || (plan#>>'{cut_offs,dossier,month_day}'))::date,
           (y || '-' || (plan#>>'{cut_offs,yearly_report,month_day}'))::date,
           ARRAY(SELECT jsonb_array_elements_text(coalesce(plan#>'{cut_offs,yearly_report,owed_by}',
               '["SO_BAN_NGANH", "HUYEN"]')))::contestant_group[],
           -(plan#>>'{cut_offs,proposal,calendar_days}')::integer
    FROM jsonb_array_elements_text(plan->'award_years') y
    ON CONFLICT (campaign, year) DO UPDATE
        SET cap = EXCLUDED.cap, cut_off = EXCLUDED.cut_off, report_cut_off = EXCLUDED.report_cut_off,
            report_groups = EXCLUDED.report_groups, proposal_days = EXCLUDED.proposal_days, version = r.version + 1
        WHERE (r.cap, r.cut_off, r.report_cut_off, r.report_groups, r.proposal_days) IS DISTINCT FROM
              (EXCLUDED.cap, EXCLUDED.cut_off, EXCLUDED.report_cut_off, EXCLUDED.report_groups, EXCLUDED.proposal_days);
    GET DIAGNOSTICS changed = ROW_COUNT;
    INSERT INTO registers (campaign, year, register)
    SELECT r.campaign, r.year, name FROM rounds r,
           unnest(ARRAY['initiatives', 'discipline', 'scores', 'proceedings', 'awards']) name
    WHERE r.campaign = campaign_code ON CONFLICT DO NOTHING;
    RETURN changed > 0;
END $$;
COMMENT ON FUNCTION rounds_load IS 'Opens a round for each award year; one that is open already is never taken away.';

CREATE FUNCTION campaign_load(plan jsonb, criteria_sha256 text, OUT version bigint, OUT change text) LANGUAGE plpgsql AS $$
DECLARE
    criteria jsonb := plan->'criteria_set';
    kept jsonb := plan - 'criteria_set';
    campaign_code text := plan->>'code';
    old campaigns;
    changed boolean := criteria_set_load(criteria, criteria_sha256);
BEGIN
    SELECT * INTO old FROM campaigns c WHERE c.code = campaign_code FOR UPDATE;
    INSERT INTO campaigns AS c (code, plan, criteria_name, criteria_version)
    VALUES (campaign_code, kept, criteria->>'name', (criteria->>'version')::integer)
    ON CONFLICT (code) DO UPDATE
        SET plan = EXCLUDED.plan, criteria_name = EXCLUDED.criteria_name, criteria_version = EXCLUDED.criteria_version,
            version = c.version + 1, loaded_at = clock_now()
        WHERE (c.plan, c.criteria_name, c.criteria_version) IS DISTINCT FROM
              (EXCLUDED.plan, EXCLUDED.criteria_name, EXCLUDED.criteria_version);
    changed := changed OR FOUND;
    DELETE FROM campaign_contents x WHERE x.campaign = campaign_code
        AND NOT x.content IN (SELECT e->>'code' FROM jsonb_array_elements(plan->'contents') e);
    INSERT INTO campaign_contents (campaign, content, position, text)
    SELECT campaign_code, e.value->>'code', e.ordinality, e.value - 'code'
    FROM jsonb_array_elements(plan->'contents') WITH ORDINALITY e
    ON CONFLICT (campaign, content) DO UPDATE SET position = EXCLUDED.position, text = EXCLUDED.text;
    changed := rounds_load(campaign_code, plan) OR changed;
    IF changed THEN
        PERFORM pg_notify('thidua', 'data');
    END IF;
    SELECT c.version INTO version FROM campaigns c WHERE c.code = campaign_code;
    change := CASE WHEN NOT changed THEN 'unchanged' WHEN old.code IS NULL THEN 'created' ELSE 'updated' END;
END $$;
COMMENT ON FUNCTION campaign_load IS 'Inserts or updates a plan with its criteria set, contents and rounds. Loading it again changes nothing.';
