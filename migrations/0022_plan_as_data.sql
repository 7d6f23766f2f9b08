-- What a dossier consists of, how its cut-offs read and how its clauses are printed are the plan's (III.3, III.4, V.1 of plan 230;
-- any province's next plan): data, no enumeration.

-- ---- how a plan prints its clauses ----

ALTER TABLE campaigns ADD COLUMN clauses jsonb GENERATED ALWAYS AS (plan -> 'clauses') STORED;
COMMENT ON COLUMN campaigns.clauses IS 'Out of the plan, which is long: what plan 230 prints as III.4.a is "4.b" here. NULL: as plan 230.';

CREATE FUNCTION plan_clause(campaign text, clause text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT coalesce(k.clauses ->> $2, k.clauses ->> regexp_replace($2, '\.[^.]*$', ''))
                     FROM campaigns k WHERE k.code = $1), $2)
$$;
COMMENT ON FUNCTION plan_clause IS 'Rules of the service are named by plan 230''s clauses; this is how the campaign at hand prints one, or the
    clause that it is part of.';

-- ---- what a dossier consists of ----

CREATE TABLE dossier_components (
    campaign text NOT NULL REFERENCES campaigns,
    code text NOT NULL CONSTRAINT dossier_components_code CHECK (code ~ '^[A-Z][0-9A-Z_]{0,39}$' AND code <> 'EVIDENCE'),
    position integer NOT NULL,
    of_nominee boolean NOT NULL,
    restricted boolean NOT NULL,
    text jsonb NOT NULL,
    PRIMARY KEY (campaign, code)
);
COMMENT ON TABLE dossier_components IS 'The documents without which a dossier is not complete. Evidence is none of them.';
COMMENT ON COLUMN dossier_components.of_nominee IS 'One for each nominee; else one for the dossier.';
COMMENT ON COLUMN dossier_components.restricted IS 'Read by the offices and the nominator alone, as the minutes that hold the votes.';
GRANT DELETE ON dossier_components TO thidua_app;

-- Campaigns that are there were loaded when plan 230's three components were the only ones there could be.
CREATE TEMPORARY TABLE three (position integer, code text, of_nominee boolean, restricted boolean, text jsonb);
INSERT INTO three VALUES
    (1, 'TO_TRINH', false, false, '{"clause": "III.3.a", "vi": "Tờ trình đề nghị khen thưởng", "en": "Letter of proposal"}'),
    (2, 'MINUTES', false, true, '{"clause": "III.3.b", "vi": "Biên bản họp Hội đồng Thi đua - Khen thưởng", "en": "Minutes of the emulation and award council"}'),
    (3, 'REPORT', true, false, '{"clause": "III.3.c", "vi": "Báo cáo thành tích (mẫu số 08)", "en": "Achievement report (form 08)"}');
INSERT INTO dossier_components (campaign, code, position, of_nominee, restricted, text)
SELECT k.code, t.code, t.position, t.of_nominee, t.restricted, t.text FROM campaigns k, three t;
UPDATE campaigns SET plan = plan || jsonb_build_object('dossier_components', (
    SELECT jsonb_agg(jsonb_build_object('code', code, 'of', CASE WHEN of_nominee THEN 'NOMINEE' ELSE 'DOSSIER' END, 'restricted', restricted)
                     || text ORDER BY position) FROM three));
DROP TABLE three;

-- ---- from an enumeration to the plan's own codes ----

DROP FUNCTION dossier_missing(uuid);
ALTER TABLE documents DROP CONSTRAINT documents_of_nominee;
DROP INDEX documents_one_current;
ALTER TABLE documents ALTER COLUMN kind TYPE text USING kind::text;
DROP TYPE document_kind;
ALTER TABLE documents ADD CONSTRAINT documents_evidence_of_nominee CHECK (kind <> 'EVIDENCE' OR unit_id IS NOT NULL);
CREATE UNIQUE INDEX documents_one_current ON documents (dossier_id, kind, unit_id) NULLS NOT DISTINCT
    WHERE superseded_at IS NULL AND kind <> 'EVIDENCE';
COMMENT ON COLUMN documents.kind IS 'A component of the campaign''s dossiers, or EVIDENCE.';
COMMENT ON COLUMN documents.unit_id IS 'The nominee that it is about; NULL for what the dossier has once.';

CREATE FUNCTION dossier_missing(d dossiers) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        WITH needed AS (
            SELECT c.position, c.code, n.unit_id, c.text ->> 'clause' AS clause
            FROM dossier_components c
            LEFT JOIN nominations n ON c.of_nominee AND n.dossier_id = d.id
            WHERE c.campaign = d.campaign AND (n.unit_id IS NOT NULL OR NOT c.of_nominee)
        ), gaps AS (
            SELECT * FROM needed x
            WHERE NOT EXISTS (SELECT FROM documents p WHERE p.dossier_id = d.id AND p.kind = x.code
                              AND p.unit_id IS NOT DISTINCT FROM x.unit_id AND p.superseded_at IS NULL)
            UNION ALL SELECT 0, 'NOMINATION', NULL, plan_clause(d.campaign, 'III.3')
            WHERE NOT EXISTS (SELECT FROM nominations n WHERE n.dossier_id = d.id)
        )
        SELECT coalesce(jsonb_agg(jsonb_build_object('kind', code, 'unit_id', unit_id, 'clause', clause)
                                  ORDER BY position, unit_id), '[]') FROM gaps);
END $$;
COMMENT ON FUNCTION dossier_missing(dossiers) IS
    'Complete = every component of the plan, once or for each nominee (plan 230, III.3: Tờ trình ∧ minutes ∧ a report for each).';

CREATE OR REPLACE FUNCTION dossier_warnings(d dossiers) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    late boolean := dossier_is_late(d.received_at, d.campaign, d.year);
    in_time text := plan_clause(d.campaign, 'III.4.a');
    components jsonb := (SELECT jsonb_object_agg(c.code, c.text -> 'clause') FROM dossier_components c WHERE c.campaign = d.campaign);
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object('code', code, 'clause', clause,
                                                     'text', jsonb_build_object('vi', vi, 'en', en)) ORDER BY place), '[]')
        FROM (VALUES
            (1, late, 'LATE', in_time, 'Hồ sơ đến sau thời hạn: Sở Nội vụ phải chấp nhận, có lý do.',
             'It came late: it goes on only with Home Affairs'' acceptance, for a reason.'),
            (2, NOT late AND dossier_is_late(d.lodged_at, d.campaign, d.year), 'COMPLETED_AFTER_DEADLINE', in_time,
             'Đến đúng hạn, được trả lại và nộp bổ sung sau thời hạn.', 'In time, then returned and lodged again after the deadline.'),
            (3, d.state = 'DRAFT' AND dossier_is_late(clock_now(), d.campaign, d.year), 'DEADLINE_PASSED', in_time,
             'Đã quá thời hạn nộp.', 'The deadline has passed.'),
            (4, components ? 'TO_TRINH' AND (d.letter_number IS NULL OR d.letter_date IS NULL), 'LETTER_NOT_IDENTIFIED',
             components ->> 'TO_TRINH',
             'Chưa ghi số, ký hiệu và ngày của Tờ trình.', 'The Tờ trình''s number-symbol and date are not recorded.'),
            (5, components ? 'MINUTES' AND d.minutes_date IS NULL, 'MINUTES_NOT_DATED', components ->> 'MINUTES', 'Chưa ghi ngày họp Hội đồng.',
             'The date of the council''s minutes is not recorded.'),
            (6, components ? 'MINUTES'
                AND EXISTS (SELECT FROM nominations n WHERE n.dossier_id = d.id AND n.votes_for IS NULL), 'NO_COUNCIL_RESULT',
             components ->> 'MINUTES', 'Có tập thể chưa ghi kết quả bỏ phiếu của Hội đồng.', 'A nominee has no recorded council vote.')
        ) AS w(place, holds, code, clause, vi, en) WHERE holds);
END $$;
COMMENT ON FUNCTION dossier_warnings IS
    'TO_TRINH is the letter whose number and date a dossier records, MINUTES those of the council whose votes it records: where the plan has them.';

CREATE OR REPLACE FUNCTION nomination_json(n nominations, votes_shown boolean) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('unit_id', n.unit_id, 'unit', unit_label(n.unit_id, make_date(n.year, 12, 31)),
            'documents', (SELECT coalesce(jsonb_object_agg(c.code, CASE WHEN EXISTS (
                              SELECT FROM documents d WHERE d.dossier_id = n.dossier_id AND d.unit_id = n.unit_id
                              AND d.kind = c.code AND d.superseded_at IS NULL) THEN 'PRESENT' ELSE 'MISSING' END), '{}')
                          FROM dossier_components c WHERE c.campaign = n.campaign AND c.of_nominee),
            'council_result', CASE WHEN n.votes_for IS NULL THEN 'MISSING' ELSE 'PRESENT' END)
        || CASE WHEN votes_shown THEN jsonb_build_object('votes_for', n.votes_for, 'votes_against', n.votes_against,
               'votes_abstain', n.votes_abstain, 'members_present', n.members_present, 'members_total', n.members_total)
           ELSE '{}' END
$$;
COMMENT ON FUNCTION nomination_json IS 'Without votes and members for a reader who may not see them.';

CREATE FUNCTION component_place(campaign text, kind text) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT c.position FROM dossier_components c WHERE c.campaign = $1 AND c.code = $2), 1000)
$$;
COMMENT ON FUNCTION component_place IS 'Documents are listed as the plan lists its components, evidence last.';

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
        'late', dossier_is_late(d.received_at, d.campaign, d.year), 'late_accepted', d.late_accepted,
        'created_at', d.created_at, 'complete', missing = '[]', 'missing', missing,
        'nominations', (SELECT coalesce(jsonb_agg(nomination_json(n, votes_shown) ORDER BY n.recorded_at, n.unit_id), '[]')
                        FROM nominations n WHERE n.dossier_id = d.id),
        'documents', (SELECT coalesce(jsonb_agg(document_json(x) ORDER BY component_place(d.campaign, x.kind), x.unit_id, x.recorded_at, x.id), '[]')
                      FROM documents x WHERE x.dossier_id = d.id AND x.superseded_at IS NULL),
        'warnings', dossier_warnings(d));
END $$;
COMMENT ON FUNCTION dossier_json IS
    '`deadline` is the last good second; `late` is null until it is received; `documents` are the current ones.';

CREATE OR REPLACE FUNCTION document_facts(campaign text, year integer, unit uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT jsonb_object_agg(k.code, CASE WHEN EXISTS (
                   SELECT FROM documents x WHERE x.dossier_id = d.id AND x.kind = k.code AND x.superseded_at IS NULL
                   AND x.unit_id IS NOT DISTINCT FROM CASE WHEN k.of_nominee THEN $3 END) THEN 'PRESENT' ELSE 'MISSING' END)
        FROM dossiers d JOIN dossier_components k ON k.campaign = d.campaign
        WHERE d.id = dossier_of($1, $2, $3)), '{}')
$$;
COMMENT ON FUNCTION document_facts IS 'Which of the plan''s components are there for one nominee (III.3); {} where nobody nominates it.';

CREATE FUNCTION facts_touch_campaign() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM facts_touch(ARRAY(SELECT DISTINCT n.unit_id FROM changed x JOIN nominations n ON n.campaign = x.campaign));
    RETURN NULL;
END $$;
CREATE TRIGGER facts_made AFTER INSERT ON dossier_components REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION facts_touch_campaign();
CREATE TRIGGER facts_changed AFTER UPDATE ON dossier_components REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION facts_touch_campaign();
CREATE TRIGGER facts_removed AFTER DELETE ON dossier_components REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION facts_touch_campaign();

-- ---- other words of plan 230 ----

CREATE OR REPLACE FUNCTION quota_json(r rounds) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('campaign', r.campaign, 'year', r.year, 'version', r.quota_version, 'cap', r.cap,
        'allocated', sums.slots, 'allocation', quota_shares_json(r.campaign, r.year, r.quota_version),
        'reason', v.reason, 'recorded_at', v.recorded_at,
        'warnings', CASE WHEN sums.slots IS NOT NULL THEN '[]'::json ELSE json_build_array(json_build_object(
            'code', 'NO_ALLOCATION', 'clause', plan_clause(r.campaign, 'III.2.b'), 'text', json_build_object(
                'vi', 'Sở Nội vụ chưa phân bổ chỉ tiêu: chỉ có mức trần của năm được áp dụng.',
                'en', 'No quota is allocated yet: only the year''s cap holds.'))) END)
    FROM (SELECT sum(q.slots) AS slots FROM quota_current q WHERE q.campaign = r.campaign AND q.year = r.year) sums
    LEFT JOIN quota_versions v ON v.campaign = r.campaign AND v.year = r.year AND v.version = r.quota_version
$$;

CREATE OR REPLACE FUNCTION finding_json(f findings) RETURNS json LANGUAGE sql STABLE AS $$
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
        'warnings', (SELECT coalesce(json_agg(json_build_object('code', 'LEADING_NOT_FIRST', 'clause', plan_clause(f.campaign, 'III.1.a'),
            'content', content, 'text', json_build_object(
                'vi', format('Nội dung %s được xác định là dẫn đầu nhưng chỉ đứng thứ %s/%s theo điểm trong nhóm so sánh.',
                             content, rank, compared),
                'en', format('Content %s is found to be leading, yet ranks %s of %s by score in its comparison group.',
                             content, rank, compared))) ORDER BY content), '[]'::json)
            FROM rows WHERE result = 'OUTSTANDING_LEADING' AND rank > 1))
    FROM contestants c WHERE c.campaign = f.campaign AND c.year = f.year AND c.unit_id = f.unit_id
$$;

-- ---- loading a plan ----

CREATE FUNCTION components_load(campaign_code text, plan jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM documents p JOIN dossiers d ON d.id = p.dossier_id
               WHERE d.campaign = campaign_code AND p.kind <> 'EVIDENCE' AND NOT EXISTS (
                   SELECT FROM jsonb_array_elements(plan->'dossier_components') e
                   WHERE e->>'code' = p.kind AND (e->>'of' = 'NOMINEE') = (p.unit_id IS NOT NULL))) THEN
        PERFORM refuse('dossier_components_stay');
    END IF;
    INSERT INTO dossier_components AS c (campaign, code, position, of_nominee, restricted, text)
    SELECT campaign_code, e.value->>'code', e.ordinality, e.value->>'of' = 'NOMINEE', coalesce((e.value->>'restricted')::boolean, false),
           e.value - '{code,of,restricted}'::text[]
    FROM jsonb_array_elements(plan->'dossier_components') WITH ORDINALITY e
    ON CONFLICT (campaign, code) DO UPDATE SET position = EXCLUDED.position, of_nominee = EXCLUDED.of_nominee,
        restricted = EXCLUDED.restricted, text = EXCLUDED.text
        WHERE (c.position, c.of_nominee, c.restricted, c.text) IS DISTINCT FROM
              (EXCLUDED.position, EXCLUDED.of_nominee, EXCLUDED.restricted, EXCLUDED.text);
    DELETE FROM dossier_components c WHERE c.campaign = campaign_code
        AND NOT c.code IN (SELECT e->>'code' FROM jsonb_array_elements(plan->'dossier_components') e);
END $$;
COMMENT ON FUNCTION components_load IS 'A component that documents are stored under stays.';

CREATE FUNCTION cut_off_day(rule jsonb, award_year integer) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT (award_year + (coalesce(rule->>'of', 'award_year') = 'following_year')::integer || '-' || (rule->>'month_day'))::date
           + (coalesce(rule->>'rule', 'before') = 'not_after')::integer
$$;
COMMENT ON FUNCTION cut_off_day IS
    'The day with which lateness begins: the printed one where the plan writes "trước ngày" (before), the next where it writes "đến ngày" or
    "chậm nhất" (not_after).';

CREATE OR REPLACE FUNCTION rounds_load(campaign_code text, plan jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    changed integer;
BEGIN
    PERFORM groups_load(campaign_code, plan);
    PERFORM components_load(campaign_code, plan);
    IF EXISTS (SELECT FROM rounds r WHERE r.campaign = campaign_code AND NOT plan->'award_years' @> to_jsonb(r.year)) THEN
        PERFORM refuse('rounds_stay');
    END IF;
    INSERT INTO rounds AS r (campaign, year, cap, cut_off, report_cut_off, report_groups, proposal_days)
    SELECT campaign_code, y::integer, (plan->>'cap')::integer, cut_off_day(plan#>'{cut_offs,dossier}', y::integer),
           cut_off_day(plan#>'{cut_offs,yearly_report}', y::integer),
           ARRAY(SELECT jsonb_array_elements_text(plan#>'{cut_offs,yearly_report,owed_by}')),
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
