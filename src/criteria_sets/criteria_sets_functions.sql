-- Criteria sets: published ones never change.

CREATE OR REPLACE FUNCTION criteria_sets_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL AND (TG_OP = 'DELETE' OR NEW IS DISTINCT FROM OLD) THEN
        PERFORM refuse('criteria_sets_published');
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE OR REPLACE TRIGGER criteria_sets_immutable BEFORE UPDATE OR DELETE ON criteria_sets
    FOR EACH ROW EXECUTE FUNCTION criteria_sets_guard();

CREATE OR REPLACE FUNCTION criteria_set_visible(s criteria_sets, drafts boolean) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT s.published_at IS NOT NULL OR drafts $$;
COMMENT ON FUNCTION criteria_set_visible IS 'Published rules are for everybody, drafts for those who work on them.';

CREATE OR REPLACE FUNCTION form_of_rules(hash text, form text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT x FROM criteria_sets s, jsonb_array_elements(s.forms) x WHERE s.sha256 = hash AND x ->> 'form' = form LIMIT 1);
END $$;
COMMENT ON FUNCTION form_of_rules IS 'A form of award as the rules with that hash declare it; null where they have no such form.';

CREATE OR REPLACE FUNCTION form_label(hash text, form text) RETURNS jsonb LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN form IS NOT NULL THEN form_of_rules(hash, form) -> 'text' END $$;
COMMENT ON FUNCTION form_label IS 'What people read in place of the code of a form of award; null where there is none.';

CREATE OR REPLACE FUNCTION tier_label(hash text, form text, tier text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT t -> 'text' FROM jsonb_array_elements(form_of_rules(hash, form) -> 'tiers') t WHERE t ->> 'tier' = tier LIMIT 1);
END $$;

CREATE OR REPLACE FUNCTION form_place(hash text, form text, tier text) RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT ARRAY[x.place, (SELECT t.place FROM jsonb_array_elements(x.f -> 'tiers') WITH ORDINALITY t(f, place) WHERE t.f ->> 'tier' = tier)]
            FROM criteria_sets s, jsonb_array_elements(s.forms) WITH ORDINALITY x(f, place) WHERE s.sha256 = hash AND x.f ->> 'form' = form LIMIT 1);
END $$;
COMMENT ON FUNCTION form_place IS 'To order awards as the rules do: the highest form first, and of one form the highest tier.';

CREATE OR REPLACE FUNCTION reaches_share(found bigint, whole bigint, share text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN share LIKE '%/%' THEN found * split_part(share, '/', 2)::numeric >= split_part(share, '/', 1)::numeric * whole
           ELSE found * 100 >= rtrim(share, ' %')::numeric * whole END
$$;
COMMENT ON FUNCTION reaches_share IS 'Whether so many of the whole are the share that rules write as "12.5 %" or "1/3", exactly.';

CREATE OR REPLACE FUNCTION balance_unreached(asked jsonb, campaign text, year integer, awarded uuid[]) RETURNS jsonb
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('code', 'BALANCE', 'text', b.text, 'at_least', b.at_least, 'count', n.found, 'of', cardinality(awarded))
                                  ORDER BY b.place), '[]')
        FROM (SELECT x.b -> 'text' AS text, x.b ->> 'at_least' AS at_least, x.b #>> '{where,fact}' AS fact, x.b #> '{where,value}' AS value, x.place
              FROM jsonb_array_elements(asked) WITH ORDINALITY x(b, place)) b
        CROSS JOIN LATERAL (SELECT count(*) AS found FROM unnest(awarded) u
                            WHERE contestant_facts(campaign, year, u) #> ARRAY[b.fact, 'value'] = b.value) n
        WHERE NOT reaches_share(n.found, cardinality(awarded), b.at_least));
END $$;
COMMENT ON FUNCTION balance_unreached IS 'Of the minimum shares among the awarded that rules ask for, those that these units do not reach.';

CREATE OR REPLACE FUNCTION balance_warnings(hash text, campaign text, year integer, units uuid[]) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    asked jsonb := (SELECT s.balance FROM criteria_sets s WHERE s.sha256 = hash);
BEGIN
    IF asked IS NULL THEN
        RETURN '[]'; -- by the rules of most plans
    END IF;
    RETURN balance_unreached(asked, campaign, year, awarded_with(campaign, year, units));
END $$;
COMMENT ON FUNCTION balance_warnings IS
    'Minimum shares among the awarded that the rules ask for and that these units, with who has an award of the year, do not reach. A warning:
    people decide, nothing is refused.';

CREATE OR REPLACE FUNCTION awarded_with(campaign text, year integer, units uuid[]) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(array_agg(u ORDER BY u), '{}') FROM (
                SELECT a.unit_id AS u FROM awards a WHERE a.campaign = $1 AND a.year = $2 AND a.revoked_by IS NULL UNION SELECT unnest(units)) x);
END $$;
COMMENT ON FUNCTION awarded_with IS 'Who has an award of the year, and these units.';

CREATE OR REPLACE FUNCTION criteria_set_campaigns(name text, version integer) RETURNS jsonb
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(c.code ORDER BY c.code), '[]') FROM campaigns c WHERE (c.criteria_name, c.criteria_version) = ($1, $2));
END $$;

CREATE OR REPLACE FUNCTION listed_criteria_set_json(s criteria_sets) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('name', s.name, 'version', s.version, 'sha256', s.sha256,
        'state', CASE WHEN s.published_at IS NULL THEN 'DRAFT' ELSE 'PUBLISHED' END, 'valid_from', s.valid_from, 'valid_to', s.valid_to,
        'published_at', s.published_at, 'created_at', s.created_at, 'created_by', s.created_by,
        'campaigns', criteria_set_campaigns(s.name, s.version))
$$;
COMMENT ON FUNCTION listed_criteria_set_json IS
    'A rule set among others, without its document. Becomes part of the query, which then does not fetch the document (listed_evaluation_json).';

CREATE OR REPLACE FUNCTION criteria_set_json(s criteria_sets) RETURNS json LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (listed_criteria_set_json(s)::jsonb || jsonb_build_object('document', s.document,
        'evaluations', (SELECT count(*) FROM (SELECT FROM evaluations e WHERE e.rule_set_hash = s.sha256 LIMIT 1000) x)))::json;
END $$;
COMMENT ON FUNCTION criteria_set_json IS 'A rule set with its document and how many evaluations were made by it, of which it counts a thousand.';
