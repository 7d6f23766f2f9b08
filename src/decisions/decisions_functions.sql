-- Decisions and awards (III.2.b, III.5, V.3).

CREATE OR REPLACE FUNCTION decisions_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.state IN ('DRAFT') OR
       to_jsonb(OLD) - ARRAY['state', 'published_at', 'version'] = to_jsonb(NEW) - ARRAY['state', 'published_at', 'version']
       AND (OLD.state, NEW.state) = ('SIGNED', 'PUBLISHED')) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a signed decision is never changed or deleted' USING ERRCODE = 'TH001', CONSTRAINT = 'decisions_signed_stay';
END $$;
CREATE OR REPLACE TRIGGER decisions_signed_stay BEFORE UPDATE OR DELETE ON decisions FOR EACH ROW EXECUTE FUNCTION decisions_guard();

CREATE OR REPLACE FUNCTION decision_units_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.label IS NULL THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a signed decision is never changed or deleted' USING ERRCODE = 'TH001', CONSTRAINT = 'decisions_signed_stay';
END $$;
CREATE OR REPLACE TRIGGER decision_units_signed_stay BEFORE UPDATE OR DELETE ON decision_units
    FOR EACH ROW EXECUTE FUNCTION decision_units_guard();

CREATE OR REPLACE FUNCTION decision_visible(d decisions, offices boolean) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT d.state = 'PUBLISHED' OR offices $$;
COMMENT ON FUNCTION decision_visible IS 'V.3: before a decision is published only the offices know of it, and of the awards that it gives or takes.';

CREATE OR REPLACE FUNCTION tally_awards() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM round_tally(ARRAY(SELECT ROW(a.campaign, a.year, 'awards', 0, CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END)::round_tallies
                              FROM changed a JOIN decisions d ON d.id = a.decision_id WHERE decision_visible(d, false)));
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER tallied_made AFTER INSERT ON awards REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION tally_awards();
CREATE OR REPLACE TRIGGER tallied_gone AFTER DELETE ON awards REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION tally_awards();

CREATE OR REPLACE FUNCTION nominations_awarded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE nominations n SET awarded_on = NEW.signed_on FROM awards a
    WHERE a.decision_id = NEW.id AND n.campaign = a.campaign AND n.year = a.year AND n.unit_id = a.unit_id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION nominations_awarded IS 'A signature comes after its awards. Who is nominated later reads them itself (nomination_check).';
CREATE OR REPLACE TRIGGER nominated_awarded AFTER UPDATE OF signed_on ON decisions
    FOR EACH ROW WHEN (NEW.signed_on IS DISTINCT FROM OLD.signed_on) EXECUTE FUNCTION nominations_awarded();

CREATE OR REPLACE FUNCTION tally_awarded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM round_tally(ARRAY(SELECT ROW(a.campaign, a.year, 'awards', 0, CASE WHEN decision_visible(m::decisions, false) THEN 1 ELSE -1 END)::round_tallies
                              FROM made m JOIN gone g ON g.id = m.id JOIN awards a ON a.decision_id = m.id
                              WHERE decision_visible(m::decisions, false) <> decision_visible(g::decisions, false)));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION tally_awarded IS 'With a decision its awards are published.';
CREATE OR REPLACE TRIGGER tallied_changed AFTER UPDATE ON decisions REFERENCING OLD TABLE AS gone NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION tally_awarded();

CREATE OR REPLACE FUNCTION decision_corrected_by(subject uuid, unit uuid, offices boolean) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(json_agg(json_build_object('decision_id', c.id, 'decision_number', c.number, 'signed_on', c.signed_on, 'what', c.corrections)
                                     ORDER BY c.signed_on, c.signed_at, c.id), '[]')
            FROM decisions c
            WHERE c.subject_id = subject AND c.kind = 'CORRECT' AND c.state IN ('SIGNED', 'PUBLISHED') AND decision_visible(c, offices)
              AND (unit IS NULL OR EXISTS (SELECT FROM decision_units u WHERE (u.decision_id, u.unit_id) = (c.id, unit))));
END $$;
COMMENT ON FUNCTION decision_corrected_by IS
    'The corrections of a decision, or of what it says of one unit. They stand beside what was signed and change nothing in it.';

CREATE OR REPLACE FUNCTION decision_rules(d decisions) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT e.rule_set_hash FROM evaluations e
            WHERE e.id = coalesce(d.evaluation_id, (SELECT s.evaluation_id FROM decisions s WHERE s.id = d.subject_id),
                                  (SELECT p.evaluation_id FROM proposals p WHERE p.id = d.proposal_id)));
END $$;
COMMENT ON FUNCTION decision_rules IS
    'The hash of the rules by which its units were judged: a correction or revocation speaks of the awards of its subject, a draft of its proposal.';

CREATE OR REPLACE FUNCTION decision_json(d decisions, offices boolean DEFAULT true) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
    rules text := decision_rules(d);
BEGIN
    RETURN json_build_object('id', d.id, 'kind', d.kind, 'campaign', d.campaign, 'year', d.year, 'state', d.state,
        'proposal_id', d.proposal_id, 'subject_id', d.subject_id, 'ground', d.ground, 'fault_from', d.fault_from,
        'fault_to', d.fault_to, 'corrections', d.corrections, 'reason', CASE WHEN offices THEN d.reason END, 'number', d.number,
        'issued_by', d.issuer,
        'signed_on', d.signed_on, 'signed_by', d.signer,
        'authority', CASE WHEN d.signed_on IS NULL THEN (SELECT in_force(k.authorities, today()) FROM campaigns k WHERE k.code = d.campaign)
                          ELSE d.authority END, 'evaluation_id', d.evaluation_id, 'published_at', d.published_at,
        'units', (SELECT coalesce(json_agg(json_build_object('unit_id', u.unit_id,
                          'unit_label', coalesce(u.label, unit_label(u.unit_id, coalesce(d.signed_on, today()))),
                          'holders_now', unit_holders_json(u.unit_id, today()), 'initiative_id', u.initiative_id,
                          'form', u.form, 'form_label', form_label(rules, u.form), 'tier', u.tier)
                          ORDER BY u.unit_id), '[]'::json)
                  FROM decision_units u WHERE u.decision_id = d.id),
        'warnings', CASE WHEN offices AND d.kind = 'AWARD' THEN
            balance_warnings(rules, d.campaign, d.year, ARRAY(SELECT u.unit_id FROM decision_units u WHERE u.decision_id = d.id)) ELSE '[]' END,
        'corrected_by', decision_corrected_by(d.id, NULL, offices));
END $$;
COMMENT ON FUNCTION decision_json IS 'Reasons may speak of persons: only offices read them.';

-- ---- awards ----

CREATE OR REPLACE FUNCTION awards_cap_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.slot > round_cap(NEW.campaign, NEW.year) THEN
        PERFORM refuse('awards_slot');
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION awards_cap_check IS 'III.2.b: the constraint awards_slot lets each slot be taken once; this refuses slots beyond the cap.';
CREATE OR REPLACE TRIGGER awards_within_cap BEFORE INSERT ON awards FOR EACH ROW EXECUTE FUNCTION awards_cap_check();

CREATE OR REPLACE FUNCTION form_places_exceeded(decision uuid, evaluation uuid)
RETURNS TABLE (form text, tier text, group_name text, cluster text, places bigint, given bigint, units uuid[], rule_set_hash text) LANGUAGE sql STABLE AS $$
    WITH frozen AS (
        SELECT d.id, d.campaign, d.year, e.rule_set_hash, f.key AS form, f.value -> 'quotas' AS quotas, f.value #>> '{places,per}' AS per,
               coalesce(e.counted_places #> ARRAY[f.key, 'count'], f.value #> '{places,count}', '0')::bigint AS count,
               e.counted_places #> ARRAY[f.key, 'quotas'] AS counted
        FROM decisions d JOIN evaluations e ON e.id = $2, jsonb_each(e.inputs #> '{standings,forms}') f
        WHERE d.id = $1
    ), holders AS (
        SELECT f.form, a.tier, a.unit_id, a.decision_id = f.id AS own, false AS beyond
        FROM frozen f JOIN awards a ON a.campaign = f.campaign AND a.year = f.year AND a.form = f.form
        UNION ALL
        SELECT f.form, u.tier, u.unit_id, true, coalesce(o.decided = 'SECURE' AND o.computed <> 'SECURE', false)
        FROM frozen f JOIN decision_units u ON u.decision_id = f.id AND u.form = f.form
        LEFT JOIN LATERAL (SELECT x.decided, x.computed FROM standing_overrides x
                           WHERE x.campaign = f.campaign AND x.year = f.year AND x.unit_id = u.unit_id AND x.form = u.form
                           ORDER BY x.position DESC LIMIT 1) o ON true
        WHERE NOT EXISTS (SELECT FROM awards a WHERE a.decision_id = f.id AND a.unit_id = u.unit_id)
    ), compared AS (
        SELECT f.*, h.tier, h.unit_id, h.own, c.group_name, CASE WHEN f.per = 'CLUSTER' THEN c.cluster END AS cluster
        FROM frozen f JOIN holders h ON h.form = f.form AND NOT h.beyond
        JOIN contestants c ON c.campaign = f.campaign AND c.year = f.year AND c.unit_id = h.unit_id
        WHERE f.per <> 'WHOLE')
    SELECT f.form, NULL::text, NULL::text, NULL::text, f.count, count(*), array_agg(h.unit_id), f.rule_set_hash
    FROM frozen f JOIN holders h ON h.form = f.form
    GROUP BY f.form, f.count, f.rule_set_hash HAVING count(*) > f.count AND bool_or(h.own)
    UNION ALL
    SELECT c.form, NULL, c.group_name, c.cluster, p.places, count(*), array_agg(c.unit_id), c.rule_set_hash
    FROM compared c, jsonb_array_elements(c.quotas) q
    CROSS JOIN LATERAL (SELECT coalesce(q -> 'places', c.counted -> (q ->> 'name'), '0')::bigint AS places) p
    WHERE q ->> 'name' = c.group_name || CASE WHEN c.per = 'CLUSTER' THEN '/' || coalesce(c.cluster, '-') ELSE '' END
    GROUP BY c.form, c.group_name, c.cluster, p.places, c.rule_set_hash HAVING count(*) > p.places AND bool_or(c.own)
    UNION ALL
    SELECT c.form, c.tier, c.group_name, c.cluster, (t ->> 'places')::bigint, count(*), array_agg(c.unit_id), c.rule_set_hash
    FROM compared c, jsonb_array_elements(form_of_rules(c.rule_set_hash, c.form) -> 'tiers') t
    WHERE t ->> 'tier' = c.tier
    GROUP BY c.form, c.tier, c.group_name, c.cluster, t, c.rule_set_hash HAVING count(*) > (t ->> 'places')::bigint AND bool_or(c.own)
$$;
COMMENT ON FUNCTION form_places_exceeded IS
    'III.2.b: places of forms of award, as an evaluation of the whole round worked them out and froze them, of a share of those who are
    eligible the fewest: of a form in all, of a group or cluster where each has its own, and of a tier inside it. Where the decision, signed
    or not, makes them more than there are. Who was given a place by a person may be signed beyond those of its group, cluster and tier, as
    beyond an allocation (shares_exceeded).';

CREATE OR REPLACE FUNCTION awards_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.revoked_by IS NULL OR OLD.revoked_by = NEW.revoked_by)
       AND to_jsonb(OLD) - ARRAY['version', 'revoked_by', 'certificate_recovered_on', 'money_recovered_on']
         = to_jsonb(NEW) - ARRAY['version', 'revoked_by', 'certificate_recovered_on', 'money_recovered_on'] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an award is only ever revoked' USING ERRCODE = 'TH001', CONSTRAINT = 'awards_stay';
END $$;
CREATE OR REPLACE TRIGGER awards_stay BEFORE UPDATE OR DELETE ON awards FOR EACH ROW EXECUTE FUNCTION awards_guard();

CREATE OR REPLACE FUNCTION award_state(a awards) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN a.revoked_by IS NULL THEN 'ACTIVE' ELSE 'REVOKED' END $$;

CREATE OR REPLACE FUNCTION award_json(a awards, offices boolean) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('id', a.id, 'campaign', a.campaign, 'year', a.year, 'unit_id', a.unit_id,
            'unit_label', u.label, 'holders_now', unit_holders_json(a.unit_id, today()), 'decision_id', a.decision_id, 'decision_number', d.number,
            'signed_on', d.signed_on, 'category', a.category, 'form', a.form, 'form_label', form_label(evaluation_rules(d.evaluation_id), a.form),
            'tier', a.tier, 'tier_label', tier_label(evaluation_rules(d.evaluation_id), a.form, a.tier), 'bonus_vnd', a.bonus_vnd, 'bonus_basis', a.bonus_basis,
            'state', CASE WHEN r.id IS NULL THEN 'ACTIVE' ELSE 'REVOKED' END, 'revocation_number', r.number, 'revoked_on', r.signed_on,
            'corrected_by', decision_corrected_by(d.id, a.unit_id, false))
            || CASE WHEN offices THEN jsonb_build_object('certificate_recovered_on', a.certificate_recovered_on,
                                                         'money_recovered_on', a.money_recovered_on) ELSE '{}' END
        FROM decisions d JOIN decision_units u ON (u.decision_id, u.unit_id) = (d.id, a.unit_id)
        LEFT JOIN decisions r ON r.id = a.revoked_by AND decision_visible(r, false) WHERE d.id = a.decision_id);
END $$;
COMMENT ON FUNCTION award_json IS
    'A revocation or correction shows once its decision is published (V.3), to everybody at once. What was recovered tells of it: that is for the offices.';

CREATE OR REPLACE FUNCTION certificate_json(a awards, offices boolean) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT json_build_object('award_id', a.id, 'campaign', a.campaign, 'year', a.year, 'unit_id', a.unit_id, 'unit_label', u.label,
            'decision_number', d.number,
            'state', CASE WHEN r.id IS NOT NULL AND a.certificate_recovered_on IS NOT NULL THEN 'RECOVERED' WHEN last.issue IS NULL THEN 'NOT_ISSUED'
                          WHEN r.id IS NOT NULL THEN 'TO_RECOVER' ELSE 'ISSUED' END,
            'certificate_number', last.certificate_number, 'issued_on', last.issued_on,
            'recovered_on', CASE WHEN r.id IS NOT NULL THEN a.certificate_recovered_on END,
            'issues', (SELECT coalesce(json_agg(json_build_object('certificate_number', c.certificate_number, 'issued_on', c.issued_on,
                                                                 'reason', c.reason, 'source', c.source, 'replaced_on', c.replaced_on) ORDER BY c.issue), '[]')
                       FROM (SELECT x.*, lead(x.issued_on) OVER (ORDER BY x.issue) AS replaced_on FROM certificates x WHERE x.award_id = a.id) c))
        FROM decisions d JOIN decision_units u ON (u.decision_id, u.unit_id) = (d.id, a.unit_id)
        LEFT JOIN decisions r ON r.id = a.revoked_by AND decision_visible(r, offices)
        LEFT JOIN LATERAL (SELECT * FROM certificates c WHERE c.award_id = a.id ORDER BY c.issue DESC LIMIT 1) last ON true
        WHERE d.id = a.decision_id);
END $$;
COMMENT ON FUNCTION certificate_json IS
    'The certificate of an award as it stands, and all that were issued. That it is to be given back tells of a revocation: to others than
    the offices once that is published.';

CREATE OR REPLACE FUNCTION award_entries(unit uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'campaign', a.campaign, 'year', a.year, 'category', a.category, 'form', a.form, 'tier', a.tier,
                'state', award_state(a), 'source', 'awards/' || a.id, 'version', a.version, 'recorded_at', d.signed_at) ORDER BY a.year, a.id), '[]')
            FROM awards a JOIN decisions d ON d.id = a.decision_id WHERE a.unit_id = unit);
END $$;
