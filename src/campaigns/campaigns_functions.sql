-- Campaigns, and how a plan is loaded.

CREATE OR REPLACE FUNCTION campaign_json(c campaigns) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN c.plan || jsonb_build_object('code', c.code, 'loaded_at', c.loaded_at, 'criteria_set',
        (SELECT jsonb_build_object('name', s.name, 'version', s.version, 'sha256', s.sha256)
         FROM criteria_sets s WHERE s.name = c.criteria_name AND s.version = c.criteria_version));
END $$;

CREATE OR REPLACE FUNCTION campaign_known(rule text, code text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM campaigns c WHERE c.code = $2) OR refuse(rule);
END $$;
COMMENT ON FUNCTION campaign_known IS
    'Whoever asks for what concerns a campaign that there is not, which codes in other letters are too, is told so by that rule, as by a path. In a
    scalar subquery: then it is asked once, and never of a row.';

CREATE OR REPLACE VIEW round_plans AS
    SELECT r.campaign, r.year, k.closed_at, local_date(k.closed_at) AS closed_on, k.indices, CASE WHEN k.year IS NULL THEN c.plan ELSE k.plan END AS plan,
           CASE WHEN k.year IS NULL THEN c.clauses ELSE k.clauses END AS clauses, CASE WHEN k.year IS NULL THEN c.groups ELSE k.groups END AS groups,
           CASE WHEN k.year IS NULL THEN c.contents ELSE k.contents END AS contents,
           CASE WHEN k.year IS NULL THEN c.components ELSE k.components END AS components,
           CASE WHEN k.year IS NULL THEN c.governing ELSE k.governing END AS governing,
           CASE WHEN k.year IS NULL THEN c.criteria_name ELSE k.criteria_name END AS criteria_name,
           CASE WHEN k.year IS NULL THEN c.criteria_version ELSE k.criteria_version END AS criteria_version
    FROM rounds r JOIN campaigns c ON c.code = r.campaign
    LEFT JOIN closed_rounds k ON k.campaign = r.campaign AND k.year = r.year;
COMMENT ON VIEW round_plans IS
    'The plan that a round is run by: that of its campaign until it is closed, then the one by which it was closed. Whatever tells of a round reads
    the plan here, and campaigns only for what is written or signed by the plan of today.';
-- A view is written with the rights of its owner, and the default privileges are meant for tables.
REVOKE INSERT, UPDATE ON round_plans FROM thidua_app;

CREATE OR REPLACE FUNCTION closed_round_kept() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.state = 'CLOSED' THEN
        DELETE FROM closed_rounds k WHERE k.campaign = NEW.campaign AND k.year = NEW.year;
    ELSE
        -- Who is about to end it finds its row changed, begins again, and is refused. Its position may be before that of one which is done.
        UPDATE evaluations e SET state = 'RUNNING' WHERE e.campaign = NEW.campaign AND e.year = NEW.year AND e.state = 'RUNNING';
        INSERT INTO closed_rounds (campaign, year, closed_at, plan, criteria_name, criteria_version, evaluations_through, indices, proceedings)
        SELECT NEW.campaign, NEW.year, clock_now(), c.plan, c.criteria_name, c.criteria_version,
               (SELECT max(e.position) FROM evaluations e WHERE e.campaign = NEW.campaign AND e.year = NEW.year AND e.state = 'DONE'),
               coalesce((SELECT jsonb_object_agg(n.unit_id, i) FROM nominations n CROSS JOIN LATERAL approved_index(n.unit_id, n.year) i
                         WHERE n.campaign = NEW.campaign AND n.year = NEW.year AND i IS NOT NULL), '{}'),
               ARRAY(SELECT p.id FROM proceedings p WHERE p.state = 'OPEN' AND p.unit_id IN (
                         SELECT n.unit_id FROM nominations n WHERE n.campaign = NEW.campaign AND n.year = NEW.year) ORDER BY p.id)
        FROM campaigns c WHERE c.code = NEW.campaign;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION closed_round_kept IS 'Closing a round keeps with it the plan, the evaluation that it shows, and of its nominees the indices and the open proceedings. Whoever reopens it goes by those of today again.';
CREATE OR REPLACE TRIGGER rounds_kept AFTER UPDATE OF state ON rounds
    FOR EACH ROW WHEN ((NEW.state = 'CLOSED') <> (OLD.state = 'CLOSED')) EXECUTE FUNCTION closed_round_kept();

CREATE OR REPLACE FUNCTION closed_round_sha256(k closed_rounds) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(k.plan, k.criteria_name, k.criteria_version, k.evaluations_through, k.indices, k.proceedings,
                                                      extract(epoch FROM k.closed_at))::text, 'UTF8')), 'hex')
$$;
COMMENT ON FUNCTION closed_round_sha256 IS 'For the journal, which cannot be changed unseen. `thidua verify` compares (src/audit/audit.sql).';

CREATE OR REPLACE FUNCTION plan_number(plan jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT btrim(regexp_replace(plan ->> 'printed_number', '\s*([/-])\s*', '\1', 'g')) $$;
COMMENT ON FUNCTION plan_number IS
    'As other texts name the plan. Its own head may have blanks about the signs, as in "230 /KH-UBND", where the number was written in by hand.';

-- What lists ask of every item looks for what is kept first, and most often finds that nothing is: a join would cost three times as much.
CREATE OR REPLACE FUNCTION plan_clause(campaign text, year integer, clause text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    printed jsonb;
BEGIN
    SELECT k.clauses INTO printed FROM closed_rounds k WHERE k.campaign = $1 AND k.year = $2;
    IF NOT FOUND THEN
        SELECT k.clauses INTO printed FROM campaigns k WHERE k.code = $1;
    END IF;
    RETURN coalesce(printed ->> clause, printed ->> regexp_replace(clause, '\.[^.]*$', ''), clause);
END $$;
COMMENT ON FUNCTION plan_clause IS
    'The rules of the service are named by the clauses of plan 230. This is how the plan of the round prints that clause, or the one that it is part of.';

CREATE OR REPLACE FUNCTION in_force(dated jsonb, day date) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (SELECT e - '{valid_from,valid_to,note}'::text[] FROM jsonb_array_elements(dated) e
            WHERE (e ->> 'valid_from')::date <= day AND day <= coalesce((e ->> 'valid_to')::date, 'infinity'));
END $$;
COMMENT ON FUNCTION in_force IS 'The entry of a dated list of a plan that holds on that day; null where none does, or the plan has no such list.';

-- ---- loading a plan ----

CREATE OR REPLACE FUNCTION criteria_set_load(document jsonb, hash text) RETURNS boolean LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION groups_load(campaign_code text, plan jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO campaign_groups (campaign, code, position, unit_kinds, not_under, must_advise, text)
    SELECT campaign_code, g.value->>'code', g.ordinality, ARRAY(SELECT jsonb_array_elements_text(g.value->'unit_kinds'))::unit_kind[],
           ARRAY(SELECT jsonb_array_elements_text(coalesce(g.value->'not_under', '[]')))::unit_kind[],
           coalesce((g.value->>'must_advise')::boolean, false), g.value - '{code,unit_kinds,not_under,must_advise}'::text[]
    FROM jsonb_array_elements(plan->'groups') WITH ORDINALITY g
    ON CONFLICT (campaign, code) DO UPDATE SET position = EXCLUDED.position, unit_kinds = EXCLUDED.unit_kinds,
        not_under = EXCLUDED.not_under, must_advise = EXCLUDED.must_advise, text = EXCLUDED.text;
    DELETE FROM campaign_groups x WHERE x.campaign = campaign_code
        AND NOT x.code IN (SELECT e->>'code' FROM jsonb_array_elements(plan->'groups') e);
END $$;
COMMENT ON FUNCTION groups_load IS 'A group cannot be taken away while contestants or allocations are in it.';

CREATE OR REPLACE FUNCTION group_label(campaign text, year integer, code text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    called jsonb;
BEGIN
    SELECT k.groups -> code INTO called FROM closed_rounds k WHERE k.campaign = $1 AND k.year = $2;
    IF NOT FOUND THEN
        SELECT g.text INTO called FROM campaign_groups g WHERE g.campaign = $1 AND g.code = $3;
    END IF;
    RETURN CASE WHEN called IS NOT NULL THEN jsonb_build_object('vi', called -> 'vi', 'en', called -> 'en') END;
END $$;
COMMENT ON FUNCTION group_label IS 'What people read in place of the code that the plan of the round chose.';

CREATE OR REPLACE FUNCTION component_called(component jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN component IS NULL THEN jsonb_build_object('vi', 'Minh chứng', 'en', 'Evidence')
                ELSE jsonb_build_object('vi', component -> 'vi', 'en', component -> 'en') END
$$;

CREATE OR REPLACE FUNCTION component_label(campaign text, year integer, code text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    called jsonb;
BEGIN
    SELECT k.components -> code INTO called FROM closed_rounds k WHERE k.campaign = $1 AND k.year = $2;
    IF NOT FOUND THEN
        SELECT c.text INTO called FROM dossier_components c WHERE c.campaign = $1 AND c.code = $3;
    END IF;
    RETURN component_called(called);
END $$;
COMMENT ON FUNCTION component_label IS 'What people read in place of the code of a document; what is no component of the plan of the round is evidence.';

CREATE OR REPLACE FUNCTION components_load(campaign_code text, plan jsonb) RETURNS void LANGUAGE plpgsql AS $$
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
COMMENT ON FUNCTION components_load IS 'A component cannot be taken away while documents are stored under it.';

CREATE OR REPLACE FUNCTION cut_off_day(rule jsonb, award_year integer) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (award_year + (coalesce(rule->>'of', 'award_year') = 'following_year')::integer || '-' || (rule->>'month_day'))::date
           + (coalesce(rule->>'rule', 'before') = 'not_after')::integer
$$;
COMMENT ON FUNCTION cut_off_day IS
    'The first day on which it is late: the printed one where the plan writes "trước ngày" (before), the next where it writes "đến ngày" or
    "chậm nhất" (not_after).';

CREATE OR REPLACE FUNCTION award_year_begins(rule jsonb, award_year integer) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (award_year - (coalesce(rule->>'of', 'award_year') = 'previous_year')::integer || '-' || coalesce(rule->>'month_day', '01-01'))::date
$$;
COMMENT ON FUNCTION award_year_begins IS 'The first day of an award year: a school year begins in it, others in the year before. Without a rule it is the calendar year.';

CREATE OR REPLACE FUNCTION rounds_load(campaign_code text, plan jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    changed integer;
BEGIN
    PERFORM groups_load(campaign_code, plan);
    PERFORM components_load(campaign_code, plan);
    IF EXISTS (SELECT FROM rounds r WHERE r.campaign = campaign_code AND NOT plan->'award_years' @> to_jsonb(r.year)) THEN
        PERFORM refuse('rounds_stay');
    END IF;
    INSERT INTO rounds AS r (campaign, year, first_day, last_day, cap, cut_off, report_cut_off, report_groups, proposal_days,
                             proposal_in_working_days, group_of_kinds, council)
    SELECT campaign_code, y::integer, award_year_begins(plan->'year_begins', y::integer), award_year_begins(plan->'year_begins', y::integer + 1) - 1,
           (plan->>'cap')::integer, cut_off_day(plan#>'{cut_offs,dossier}', y::integer),
           cut_off_day(plan#>'{cut_offs,yearly_report}', y::integer),
           ARRAY(SELECT jsonb_array_elements_text(plan#>'{cut_offs,yearly_report,owed_by}')),
           -coalesce(plan#>>'{cut_offs,proposal,calendar_days}', plan#>>'{cut_offs,proposal,working_days}')::integer,
           plan#>'{cut_offs,proposal,working_days}' IS NOT NULL,
           (SELECT coalesce(jsonb_object_agg(k.kind, k.code), '{}')
            FROM (SELECT DISTINCT ON (kind) kind, g.code FROM campaign_groups g, unnest(g.unit_kinds) kind WHERE g.campaign = campaign_code
                  ORDER BY kind, g.position) k),
           nullif(plan->'council', 'null')
    FROM jsonb_array_elements_text(plan->'award_years') y
    ON CONFLICT (campaign, year) DO UPDATE
        SET first_day = EXCLUDED.first_day, last_day = EXCLUDED.last_day, cap = EXCLUDED.cap, cut_off = EXCLUDED.cut_off, report_cut_off = EXCLUDED.report_cut_off,
            report_groups = EXCLUDED.report_groups, proposal_days = EXCLUDED.proposal_days, proposal_in_working_days = EXCLUDED.proposal_in_working_days,
            group_of_kinds = EXCLUDED.group_of_kinds, council = EXCLUDED.council,
            version = r.version + 1
        WHERE r.state <> 'CLOSED' AND (r.first_day, r.last_day, r.cap, r.cut_off, r.report_cut_off, r.report_groups, r.proposal_days,
                                       r.proposal_in_working_days, r.group_of_kinds, r.council)
              IS DISTINCT FROM
              (EXCLUDED.first_day, EXCLUDED.last_day, EXCLUDED.cap, EXCLUDED.cut_off, EXCLUDED.report_cut_off, EXCLUDED.report_groups, EXCLUDED.proposal_days,
               EXCLUDED.proposal_in_working_days, EXCLUDED.group_of_kinds, EXCLUDED.council);
    GET DIAGNOSTICS changed = ROW_COUNT;
    INSERT INTO registers (campaign, year, register)
    SELECT r.campaign, r.year, name FROM rounds r,
           unnest(ARRAY['initiatives', 'discipline', 'scores', 'proceedings', 'awards']) name
    WHERE r.campaign = campaign_code ON CONFLICT DO NOTHING;
    RETURN changed > 0;
END $$;
COMMENT ON FUNCTION rounds_load IS
    'Opens a round for each award year; one that is open already is never taken away. A closed one keeps what it was run by: cap, days,
    what councils were asked for and who owed a report. What was in time then stays so. Whoever means it too reopens it and loads the plan
    again. The rest of its plan is kept with it (closed_rounds).';

CREATE OR REPLACE FUNCTION campaign_load(plan jsonb, criteria_sha256 text, OUT version bigint, OUT change text) LANGUAGE plpgsql AS $$
DECLARE
    criteria jsonb := plan->'criteria_set';
    kept jsonb := plan - 'criteria_set';
    campaign_code text := plan->>'code';
    old campaigns;
    changed boolean := criteria_set_load(criteria, criteria_sha256);
BEGIN
    SELECT * INTO old FROM campaigns c WHERE c.code = campaign_code FOR NO KEY UPDATE;
    -- Before the facts of units, which other rules touch: whoever signs holds the round and then wants those.
    PERFORM FROM rounds r WHERE r.campaign = campaign_code ORDER BY r.year FOR NO KEY UPDATE;
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

-- ---- the wording of papers ----

CREATE OR REPLACE FUNCTION paper_wording_generic(agency text, chair text) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'place', regexp_replace(agency, '^.*?(tỉnh|thành phố) ', ''),
        'chair', jsonb_build_object('agency', agency, 'authority', chair, 'capacity', 'Chủ tịch'),
        'home_affairs', jsonb_build_object('superior', agency, 'agency', 'Sở Nội vụ', 'capacity', 'Giám đốc'),
        'nomination', jsonb_build_object('bases', jsonb_build_array('Căn cứ Luật Thi đua, khen thưởng'),
            'council', 'Hội đồng Thi đua - Khen thưởng', 'index', 'Chỉ số', 'initiatives', 'Sáng kiến, giải pháp được công nhận', 'recipients', jsonb_build_array('Như trên', 'Lưu: VT')),
        'decision', jsonb_build_object('symbol', 'QĐ-UBND',
            'bases', jsonb_build_array('Căn cứ Luật Tổ chức chính quyền địa phương', 'Căn cứ Luật Thi đua, khen thưởng'),
            'proposer', 'Giám đốc Sở Nội vụ',
            'bonus', 'Mức tiền thưởng và nguồn chi thực hiện theo quy định hiện hành.',
            'carried_out_by', 'Chánh Văn phòng Ủy ban nhân dân, Giám đốc Sở Nội vụ, thủ trưởng các cơ quan, đơn vị có liên quan',
            'recipients', jsonb_build_array('Như Điều 3', 'Chủ tịch, các Phó Chủ tịch', 'Sở Nội vụ', 'Lưu: VT')),
        'submission', jsonb_build_object('symbol', 'TTr-SNV',
            'bases', jsonb_build_array('Căn cứ Luật Thi đua, khen thưởng'),
            'recipients', jsonb_build_array('Như trên', 'Lưu: VT')),
        'notice', jsonb_build_object('symbol', 'TB-SNV', 'recipients', jsonb_build_array('Như trên', 'Lưu: VT')),
        'report', jsonb_build_object('symbol', 'BC-SNV', 'recipients', jsonb_build_array('Như trên', 'Các cơ quan, đơn vị, địa phương', 'Lưu: VT')))
$$;
COMMENT ON FUNCTION paper_wording_generic IS 'What papers say where the plan says nothing else.';

CREATE OR REPLACE FUNCTION paper_wording(campaign text, year integer, day date) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT jsonb_object_agg(e.key, CASE jsonb_typeof(e.value) WHEN 'object' THEN e.value || coalesce(given.words -> e.key, '{}')
                                       ELSE coalesce(given.words -> e.key, e.value) END)
               || jsonb_build_object('name', coalesce(in_force(k.plan -> 'papers', $3) ->> 'name', regexp_replace(k.plan #>> '{title,vi}', '^(\(Giả định\) )?(Phát động )?', '')),
                                     'plan', 'Kế hoạch số ' || plan_number(k.plan),
                                     'plan_issuer', regexp_replace(k.plan ->> 'issuer', '^UBND', 'Ủy ban nhân dân'), 'plan_issued_on', k.plan ->> 'issued_on',
                                     'form', coalesce(k.plan #>> '{award_form,text,vi}', forms.names, 'Bằng khen'))
        FROM round_plans k
        LEFT JOIN LATERAL (SELECT string_agg(f #>> '{text,vi}', ' hoặc ' ORDER BY place) AS names
                           FROM criteria_sets s, jsonb_array_elements(s.forms) WITH ORDINALITY x(f, place)
                           WHERE (s.name, s.version) = (k.criteria_name, k.criteria_version)) forms ON true
        CROSS JOIN LATERAL (SELECT CASE WHEN $3 > k.closed_on THEN (SELECT c.plan FROM campaigns c WHERE c.code = $1) ELSE k.plan END AS plan) of_day
        CROSS JOIN LATERAL (SELECT coalesce(in_force(of_day.plan #> '{law,authorities}', $3) ->> 'vi',
                                            'Chủ tịch ' || regexp_replace(of_day.plan ->> 'issuer', '^UBND', 'Ủy ban nhân dân')) AS name) chair
        CROSS JOIN LATERAL (SELECT in_force(of_day.plan -> 'papers', $3) AS words) given
        CROSS JOIN LATERAL jsonb_each(paper_wording_generic(regexp_replace(chair.name, '^Chủ tịch ', ''), chair.name)) e
        WHERE k.campaign = $1 AND k.year = $2 GROUP BY k.plan, given.words, forms.names);
END $$;
COMMENT ON FUNCTION paper_wording IS
    'How the papers of a round call those who issue and receive them, on that day: as its plan says ("papers"), else in general words. What is
    issued after the round was closed, such as a revocation, is issued by those whom the plan of today names; what it speaks of stays as it was.';
