-- The groups of contestants are the plan's (II.1 of plan 230; any province's next plan): data, no enumeration.

CREATE TABLE campaign_groups (
    campaign text NOT NULL REFERENCES campaigns,
    code text NOT NULL CONSTRAINT campaign_groups_code CHECK (code ~ '^[0-9A-Z_]{1,40}$'),
    position integer NOT NULL,
    unit_kinds unit_kind[] NOT NULL CONSTRAINT campaign_groups_kinds CHECK (cardinality(unit_kinds) > 0),
    not_under unit_kind[] NOT NULL DEFAULT '{}',
    must_advise boolean NOT NULL DEFAULT false,
    text jsonb NOT NULL,
    PRIMARY KEY (campaign, code)
);
COMMENT ON TABLE campaign_groups IS 'Who may contest, and with whom each is compared: the groups that the plan declares.';
COMMENT ON COLUMN campaign_groups.unit_kinds IS 'The kinds of units that it holds.';
COMMENT ON COLUMN campaign_groups.not_under IS 'A unit whose parent is of such a kind is none of it.';
COMMENT ON COLUMN campaign_groups.must_advise IS
    'Its units are entered only if they advise on what the campaign is about (advises_par), with a source document.';
GRANT DELETE ON campaign_groups TO thidua_app;

-- Campaigns that are there were loaded when plan 230's five groups were the only ones there could be.
CREATE TEMPORARY TABLE five (position integer, code text, kind unit_kind, must_advise boolean, clause text, vi text, en text);
INSERT INTO five VALUES
    (1, 'SO_BAN_NGANH', 'PROVINCIAL_BODY', false, 'II.1.a', 'Sở, ban, ngành', 'Provincial departments'),
    (2, 'UNIT_UNDER_SO', 'PROVINCIAL_SUBUNIT', true, 'II.1.a', 'Phòng, ban, đơn vị thuộc sở, ban, ngành', 'Units under departments'),
    (3, 'HUYEN', 'DISTRICT', false, 'II.1.b', 'Ủy ban nhân dân cấp huyện', 'Districts'),
    (4, 'XA', 'COMMUNE', false, 'II.1.b', 'Ủy ban nhân dân cấp xã', 'Communes'),
    (5, 'UNIT_UNDER_HUYEN', 'DISTRICT_SUBUNIT', true, 'II.1.b', 'Phòng, ban, đơn vị thuộc Ủy ban nhân dân cấp huyện', 'Units under districts');
INSERT INTO campaign_groups (campaign, code, position, unit_kinds, not_under, must_advise, text)
SELECT k.code, f.code, f.position, ARRAY[f.kind], '{COMMUNE,PARTY_BODY,MASS_ORGANISATION}', f.must_advise,
       jsonb_build_object('clause', f.clause, 'vi', f.vi, 'en', f.en)
FROM campaigns k, five f;
UPDATE campaigns SET plan = plan || jsonb_build_object('groups', (
    SELECT jsonb_agg(jsonb_build_object('code', code, 'unit_kinds', jsonb_build_array(kind), 'not_under',
        '["COMMUNE", "PARTY_BODY", "MASS_ORGANISATION"]'::jsonb, 'must_advise', must_advise, 'clause', clause, 'vi', vi, 'en', en)
        ORDER BY position) FROM five));
DROP TABLE five;

-- ---- from an enumeration to the plan's own codes ----

DROP VIEW quota_current;
ALTER TABLE contestants DROP CONSTRAINT contestants_advises;
ALTER TABLE contestants ALTER COLUMN group_name TYPE text USING group_name::text,
    ADD CONSTRAINT contestants_group FOREIGN KEY (campaign, group_name) REFERENCES campaign_groups;
ALTER TABLE quota_shares ALTER COLUMN group_name TYPE text USING group_name::text,
    ADD CONSTRAINT quota_shares_group FOREIGN KEY (campaign, group_name) REFERENCES campaign_groups;
ALTER TABLE rounds ALTER COLUMN report_groups TYPE text[] USING report_groups::text[];
CREATE VIEW quota_current AS
    SELECT s.campaign, s.year, s.version, s.group_name, s.cluster, s.slots
    FROM rounds r JOIN quota_shares s ON s.campaign = r.campaign AND s.year = r.year AND s.version = r.quota_version;
COMMENT ON VIEW quota_current IS 'The allocation in force. No row for a round: only the cap holds.';
DROP FUNCTION group_of_kind(unit_kind);
DROP TYPE contestant_group;

CREATE FUNCTION group_of_kind(campaign text, kind unit_kind) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT g.code FROM campaign_groups g WHERE g.campaign = $1 AND $2 = ANY (g.unit_kinds) ORDER BY g.position LIMIT 1
$$;
COMMENT ON FUNCTION group_of_kind IS 'Where a unit of the kind belongs unless it is entered otherwise: the plan''s first group that holds it. NULL: none.';

CREATE FUNCTION group_of_unit(campaign text, year integer, unit uuid, kind unit_kind) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT c.group_name FROM contestants c WHERE c.campaign = $1 AND c.year = $2 AND c.unit_id = $3), group_of_kind($1, $4))
$$;

CREATE FUNCTION group_filter(campaign text, code text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM campaign_groups g WHERE g.campaign = $1 AND g.code = $2) OR refuse('group_filter');
END $$;
COMMENT ON FUNCTION group_filter IS 'A list''s filter by a group that the plan does not have is refused, like any unknown filter.';

CREATE OR REPLACE FUNCTION contestants_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    in_year daterange := daterange(make_date(NEW.year, 1, 1), make_date(NEW.year + 1, 1, 1));
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
                        OR (unit_period(p.parent_id, make_date(NEW.year, 12, 31))).kind <> ALL (held.not_under))) THEN
        PERFORM refuse('contestants_kind');
    END IF;
    IF held.must_advise AND (NOT NEW.advises_par OR NEW.source_document IS NULL) THEN
        PERFORM refuse('contestants_advises');
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION contestants_check IS 'II.1.a–b: the unit is there in the award year and of a kind that its group holds.';

CREATE OR REPLACE FUNCTION reports_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM units WHERE id = NEW.unit_id) THEN
        PERFORM refuse('reports_unit');
    END IF;
    IF NOT EXISTS (SELECT FROM rounds r JOIN unit_periods p ON p.unit_id = NEW.unit_id
                   AND p.valid && daterange(make_date(r.year, 1, 1), make_date(r.year + 1, 1, 1))
                   AND group_of_unit(r.campaign, r.year, p.unit_id, p.kind) = ANY (r.report_groups)
                   WHERE r.campaign = NEW.campaign AND r.year = NEW.year) THEN
        PERFORM refuse('reports_owed');
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION reports_check IS 'V.1 names the groups that owe a report; nobody else files one.';

CREATE OR REPLACE FUNCTION quota_shares_json(campaign text, year integer, version integer) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT coalesce(json_agg(json_build_object('group', s.group_name, 'cluster', s.cluster, 'slots', s.slots)
                             ORDER BY g.position, s.cluster), '[]'::json)
    FROM quota_shares s JOIN campaign_groups g ON g.campaign = s.campaign AND g.code = s.group_name
    WHERE s.campaign = $1 AND s.year = $2 AND s.version = $3
$$;

-- The cluster is a fact too: a rule set may compare inside clusters (standings, `cluster_by`).
CREATE OR REPLACE FUNCTION contestant_facts(campaign text, year integer, unit uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    WITH entry AS (
        SELECT c.*, jsonb_build_object('source', 'contestants/' || $3, 'version', c.version, 'recorded_at', c.recorded_at) AS origin
        FROM (SELECT 1) one LEFT JOIN contestants c ON c.campaign = $1 AND c.year = $2 AND c.unit_id = $3)
    SELECT jsonb_build_object('is_collective', jsonb_build_object('value', true) || origin,
                              'is_contestant', jsonb_build_object('value', unit_id IS NOT NULL) || origin)
        || CASE WHEN unit_id IS NULL THEN '{}' ELSE jsonb_build_object(
               'contestant_kind', jsonb_build_object('value', group_name) || origin,
               'advises_par', jsonb_build_object('value', advises_par) || origin,
               'on_assessed_list', jsonb_build_object('value', on_assessed_list) || origin) END
        || CASE WHEN cluster IS NULL THEN '{}' ELSE jsonb_build_object('cluster', jsonb_build_object('value', cluster) || origin) END
    FROM entry
$$;
COMMENT ON FUNCTION contestant_facts IS
    'Facts of the register for the engine. Every unit is a collective: individuals cannot be entered at all (I.1.c).';

-- ---- loading a plan ----

CREATE FUNCTION groups_load(campaign_code text, plan jsonb) RETURNS void LANGUAGE plpgsql AS $$
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
COMMENT ON FUNCTION groups_load IS 'A group that contestants or allocations are in stays.';

CREATE OR REPLACE FUNCTION rounds_load(campaign_code text, plan jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    changed integer;
BEGIN
    PERFORM groups_load(campaign_code, plan);
    IF EXISTS (SELECT FROM rounds r WHERE r.campaign = campaign_code AND NOT plan->'award_years' @> to_jsonb(r.year)) THEN
        PERFORM refuse('rounds_stay');
    END IF;
    INSERT INTO rounds AS r (campaign, year, cap, cut_off, report_cut_off, report_groups, proposal_days)
    SELECT campaign_code, y::integer, (plan->>'cap')::integer, (y || '-' || (plan#>>'{cut_offs,dossier,month_day}'))::date,
           (y || '-' || (plan#>>'{cut_offs,yearly_report,month_day}'))::date,
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
