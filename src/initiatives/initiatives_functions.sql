-- Initiatives and which of them count for an award (III.1.c).

CREATE OR REPLACE FUNCTION initiative_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM unit_periods WHERE unit_id = NEW.unit_id AND valid @> NEW.applied_from) THEN
        PERFORM refuse('initiatives_in_life');
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION initiative_check IS 'III.1.c counts what the body itself first applied, so it must have existed then.';
CREATE OR REPLACE TRIGGER initiatives_entered BEFORE INSERT ON initiatives FOR EACH ROW EXECUTE FUNCTION initiative_check();
CREATE OR REPLACE TRIGGER initiatives_moved BEFORE UPDATE OF applied_from ON initiatives
    FOR EACH ROW WHEN (NEW.applied_from IS DISTINCT FROM OLD.applied_from) EXECUTE FUNCTION initiative_check();

CREATE OR REPLACE FUNCTION initiative_recognised(initiative uuid) RETURNS boolean LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS
$$ BEGIN RETURN EXISTS (SELECT FROM initiative_recognitions r WHERE r.initiative_id = initiative AND r.outcome IN ('RECOGNISED', 'ANNULLED')); END $$;
COMMENT ON FUNCTION initiative_recognised IS 'By any council, whatever became of it: what every key could read is not hidden from it again.';

CREATE OR REPLACE FUNCTION initiative_reasons_visible(i initiatives, offices boolean, roles integer, caller_unit uuid) RETURNS boolean
LANGUAGE sql STABLE AS
$$ SELECT offices OR has_role(roles, 'initiative_council') OR acts_for(roles, caller_unit, i.unit_id) $$;
COMMENT ON FUNCTION initiative_reasons_visible IS 'Why a council refused, or annulled its recognition, is for the offices, the Initiative Council and the unit itself.';

CREATE OR REPLACE FUNCTION initiative_visible(i initiatives, offices boolean, roles integer, caller_unit uuid) RETURNS boolean
LANGUAGE sql STABLE AS
$$ SELECT initiative_recognised(i.id) OR initiative_reasons_visible(i, offices, roles, caller_unit) $$;
COMMENT ON FUNCTION initiative_visible IS 'Once any council has recognised an initiative, every key reads it.';

CREATE OR REPLACE FUNCTION initiative_json(i initiatives, offices boolean DEFAULT true, reasons boolean DEFAULT true) RETURNS json LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN json_build_object('id', i.id, 'unit_id', i.unit_id, 'unit_label', unit_label(i.unit_id, i.applied_from),
        'title', i.title, 'summary', i.summary, 'kind', i.kind, 'applied_from', i.applied_from, 'applied_to', i.applied_to,
        'state', i.state,
        'used', EXISTS (SELECT FROM initiative_uses u WHERE u.initiative_id = i.id AND (offices OR EXISTS (
            SELECT FROM awards a JOIN decisions d ON d.id = a.decision_id WHERE a.id = u.award_id AND decision_visible(d, false)))),
        'recognitions', (SELECT coalesce(json_agg(json_build_object('council', r.council, 'outcome', r.outcome,
                'recognised_on', r.recognised_on, 'decision_number', r.decision_number, 'scope', r.scope,
                'reason', CASE WHEN reasons OR r.outcome NOT IN ('REFUSED', 'ANNULLED') THEN r.reason END,
                'recorded_at', r.recorded_at, 'annulled_at', r.annulled_at) ORDER BY r.council DESC), '[]'::json)
            FROM initiative_recognitions r WHERE r.initiative_id = i.id),
        'changed_at', i.changed_at);
END $$;
COMMENT ON FUNCTION initiative_json IS
    'That an initiative has earned an award says that there is one: before its decision is published only the offices know (V.3).
    `reasons`: see initiative_reasons_visible().';

CREATE OR REPLACE FUNCTION initiative_entries(campaign text, year integer, unit uuid, councils jsonb DEFAULT '{"named": ["PROVINCIAL"], "alike": true}')
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    named jsonb := councils -> 'named';
    several boolean := (councils -> 'alike')::boolean AND jsonb_array_length(named) > 1;
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'council', coalesce(r.council::text, 'NONE'),
                'recognised_on', coalesce(CASE WHEN several AND named ? r.council::text THEN (
                    SELECT min(o.recognised_on) FROM initiative_recognitions o
                    WHERE o.initiative_id = i.id AND o.outcome = 'RECOGNISED' AND named ? o.council::text) END, r.recognised_on),
                'applied_from', i.applied_from, 'applied_to', i.applied_to, 'state', i.state,
                'used_by_earlier_award', EXISTS (SELECT FROM initiative_uses u WHERE u.initiative_id = i.id
                    AND (u.campaign, u.year, u.unit_id) <> (initiative_entries.campaign, initiative_entries.year, unit)),
                'source', 'initiatives/' || i.id, 'version', i.version, 'recorded_at', i.changed_at) ORDER BY i.id), '[]')
            FROM initiatives i LEFT JOIN LATERAL (
                SELECT r.council, r.recognised_on FROM initiative_recognitions r
                WHERE r.initiative_id = i.id AND r.outcome = 'RECOGNISED' ORDER BY named ? r.council::text DESC, r.council DESC LIMIT 1) r ON true
            WHERE i.unit_id = unit AND (i.state NOT IN ('REFUSED', 'ANNULLED') OR r.council IS NOT NULL));
END $$;
COMMENT ON FUNCTION initiative_entries IS
    'III.1.c: the initiatives of the unit, each with the highest council that recognised it of those that the rules name, else of all, and since when
    that counts: where the rules take the word of several alike, from the first of them on. What one says later takes back nothing that
    another has said. Of one on which nobody has decided the council is NONE: it counts as yet for nothing, and a rule says by `until` how long
    that may still come. One that was refused, or whose recognition was annulled, is no entry. "Earlier award" is any award but the one of
    this campaign, year and unit.';

CREATE OR REPLACE FUNCTION round_councils(campaign text, year integer) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT s.merit_councils FROM round_plans k JOIN criteria_sets s ON s.name = k.criteria_name AND s.version = k.criteria_version
            WHERE k.campaign = $1 AND k.year = $2);
END $$;
COMMENT ON FUNCTION round_councils IS 'By which councils'' recognition an initiative can earn the award of the round.';

CREATE OR REPLACE FUNCTION merits_of(campaign text, year integer, unit uuid, submitted_on date) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT i.id FROM (SELECT round_councils($1, $2) AS those OFFSET 0) councils CROSS JOIN initiatives i
    CROSS JOIN LATERAL (SELECT min(r.recognised_on) AS since FROM initiative_recognitions r
                        WHERE r.initiative_id = i.id AND r.council::text = ANY (councils.those) AND r.outcome = 'RECOGNISED' AND r.recognised_on <= $4) r
    WHERE i.unit_id = $3 AND r.since IS NOT NULL AND daterange(i.applied_from, i.applied_to, '[]') && award_year_days($1, $2)
    ORDER BY r.since, i.id
$$;
COMMENT ON FUNCTION merits_of IS
    'III.1.c: the initiatives that can earn the unit this year''s award: recognised by a council that the rules name, of this plan the
    provincial one, no later than the submission, and applied in the year. One that another award has used is among them; initiative_uses
    refuses it.';
