-- Score frames and scorecards (III.1.b). Points are integers, × 100.

CREATE OR REPLACE FUNCTION hundredths_text(hundredths bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT round(hundredths / 100.0, 2)::text $$;
COMMENT ON FUNCTION hundredths_text IS '6435 → "64.35": points travel as strings with two decimals.';

CREATE OR REPLACE FUNCTION hundredths_of(points text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (points::numeric * 100)::bigint $$;
COMMENT ON FUNCTION hundredths_of IS '"64.35" → 6435. The service has checked that there are no more than two decimals.';

CREATE OR REPLACE FUNCTION percent_text(part bigint, whole bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN whole > 0
           THEN hundredths_text(sign(part)::bigint * ((20000 * abs(part)::numeric + whole)::bigint / (2 * whole))) END
$$;
COMMENT ON FUNCTION percent_text IS
    '100 × part / whole with two decimals, half up (away from zero below it), in integers; NULL where whole is not
    positive. For display: whether 90 % are reached is decided on part and whole (III.1.b).';

CREATE OR REPLACE FUNCTION frame_json(f score_frames) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object('name', f.name, 'year', f.year, 'tier', f.tier, 'legal_basis', f.legal_basis,
        'used', EXISTS (SELECT FROM scorecards c WHERE c.frame = f.name AND c.year = f.year),
        'maximum', (SELECT hundredths_text(coalesce(sum(n.maximum), 0)::bigint) FROM score_nodes n
                    WHERE n.frame = f.name AND n.year = f.year AND n.parent IS NULL AND n.kind IN ('NORMAL', 'SURVEY')));
END $$;

CREATE OR REPLACE FUNCTION frame_nodes_json(f score_frames) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('code', code, 'parent', parent, 'kind', kind, 'leaf', leaf,
                                'maximum', hundredths_text(maximum), 'text_vi', text_vi, 'text_en', text_en) ORDER BY position), '[]')
            FROM score_nodes WHERE frame = f.name AND year = f.year);
END $$;

CREATE OR REPLACE FUNCTION self_total(card scorecards) RETURNS score_total LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT ROW(coalesce(sum(self_points), 0)::bigint, coalesce(sum(maximum) FILTER (WHERE kind = 'NORMAL'), 0)::bigint,
                       coalesce(array_agg(code ORDER BY code) FILTER (WHERE kind = 'NORMAL' AND self_points IS NULL), '{}'))::score_total
            FROM score_leaves WHERE unit_id = card.unit_id AND year = card.year AND self_applies AND kind <> 'SURVEY');
END $$;
COMMENT ON FUNCTION self_total IS
    'The column of the unit itself: leaves that apply, without surveys, which no unit scores. Missing points count as 0.';

CREATE OR REPLACE FUNCTION appraised_total(card scorecards) RETURNS score_total LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT ROW(coalesce(sum(coalesce(appraised_points, survey_points)), 0)::bigint,
                       coalesce(sum(maximum) FILTER (WHERE kind IN ('NORMAL', 'SURVEY')), 0)::bigint,
                       coalesce(array_agg(code ORDER BY code) FILTER (WHERE kind IN ('NORMAL', 'SURVEY')
                                AND coalesce(appraised_points, survey_points) IS NULL), '{}'))::score_total
            FROM score_leaves
            WHERE unit_id = card.unit_id AND year = card.year AND coalesce(appraised_applies, self_applies));
END $$;
COMMENT ON FUNCTION appraised_total IS 'The binding column: appraised and survey points over the leaves that apply.';

CREATE OR REPLACE FUNCTION total_json(total score_total) RETURNS json LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN json_build_object('achieved', hundredths_text(total.achieved), 'maximum', hundredths_text(total.maximum),
                             'index', percent_text(total.achieved, total.maximum), 'missing', total.missing);
END $$;

CREATE OR REPLACE FUNCTION scorecard_whole_visible(card scorecards, offices boolean, roles integer, caller_unit uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$ SELECT offices OR acts_for(roles, caller_unit, card.unit_id) $$;
COMMENT ON FUNCTION scorecard_whole_visible IS
    'Proofs, explanations and comments are for the offices and the unit, even after publication.';

CREATE OR REPLACE FUNCTION scorecard_visible(card scorecards, offices boolean, roles integer, caller_unit uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$ SELECT card.state = 'PUBLISHED' OR scorecard_whole_visible(card, offices, roles, caller_unit) $$;
COMMENT ON FUNCTION scorecard_visible IS 'An index is confidential before it is published.';

CREATE OR REPLACE FUNCTION scorecard_head_json(card scorecards) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('unit_id', card.unit_id, 'unit_label', unit_label(card.unit_id, make_date(card.year, 12, 31)),
        'year', card.year, 'frame', card.frame, 'state', card.state, 'self', total_json(self_total(card)),
        'appraised', total_json(appraised_total(card)), 'decision_number', card.decision_number,
        'decision_date', card.decision_date, 'changed_at', card.changed_at)
$$;

CREATE OR REPLACE FUNCTION approved_index(unit uuid, year integer) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('percent', percent_text(t.achieved, t.maximum), 'decision_number', c.decision_number,
                                      'decision_date', c.decision_date, 'published', c.state = 'PUBLISHED')
            FROM scorecards c, appraised_total(c) t WHERE c.unit_id = unit AND c.year = $2 AND c.state IN ('APPROVED', 'PUBLISHED'));
END $$;
COMMENT ON FUNCTION approved_index IS 'III.1.b: the index of the unit as it is approved now, for papers; null while none is. CONFIDENTIAL unless `published`.';

CREATE OR REPLACE FUNCTION scorecard_json(card scorecards, whole boolean) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN scorecard_head_json(card) || jsonb_build_object('explanation', CASE WHEN whole THEN card.explanation END,
        'leaves', (SELECT jsonb_agg(jsonb_build_object('code', l.code, 'text_vi', n.text_vi, 'text_en', n.text_en,
            'parent', n.parent, 'kind', l.kind, 'maximum', hundredths_text(l.maximum),
            'applies', coalesce(l.appraised_applies, l.self_applies), 'self_applies', l.self_applies,
            'self_points', hundredths_text(l.self_points),
            'self_proof', CASE WHEN whole THEN l.self_proof END,
            'self_explanation', CASE WHEN whole THEN l.self_explanation END,
            'appraised_applies', l.appraised_applies, 'appraised_points', hundredths_text(l.appraised_points),
            'comment', CASE WHEN whole THEN l.comment END,
            'survey_points', hundredths_text(l.survey_points)) ORDER BY n.position)
          FROM score_leaves l JOIN score_nodes n ON (n.frame, n.year, n.code) = (l.frame, l.year, l.code)
          WHERE l.unit_id = card.unit_id AND l.year = card.year));
END $$;
COMMENT ON FUNCTION scorecard_json IS
    '`whole`: with proofs, explanations and comments (scorecard_whole_visible).';

CREATE OR REPLACE FUNCTION scorecard_record(card scorecards) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN scorecard_head_json(card) || jsonb_build_object('explanation', card.explanation, 'leaves', (
        SELECT jsonb_object_agg(l.code, jsonb_strip_nulls(to_jsonb(l) - '{unit_id,year,frame,code,kind,maximum}'::text[]))
        FROM score_leaves l WHERE l.unit_id = card.unit_id AND l.year = card.year));
END $$;
COMMENT ON FUNCTION scorecard_record IS 'The card as the journal keeps it: every entry once, points × 100, without the texts of the frame.';

CREATE OR REPLACE FUNCTION scorecard_tier(unit uuid, year integer) RETURNS score_tier LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT CASE kind WHEN 'PROVINCIAL_BODY' THEN 'SO' WHEN 'PROVINCIAL_SUBUNIT' THEN 'SO' WHEN 'DISTRICT' THEN 'HUYEN'
                             WHEN 'DISTRICT_SUBUNIT' THEN 'HUYEN' WHEN 'COMMUNE' THEN 'XA' END::score_tier
            FROM unit_period(unit, make_date(year, 12, 31)));
END $$;
COMMENT ON FUNCTION scorecard_tier IS
    'Whose criteria measure the unit; NULL for bodies that are not assessed. A sở is never measured as a commune.';

CREATE OR REPLACE FUNCTION score_facts(year integer, unit uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((
        SELECT jsonb_build_object('index_achieved', jsonb_build_object('value', hundredths_text(total.achieved)) || origin,
                                  'index_maximum', jsonb_build_object('value', hundredths_text(total.maximum)) || origin)
        FROM scorecards card, appraised_total(card) total,
             jsonb_build_object('source', 'scores/' || card.unit_id || '/' || card.year, 'version', card.version,
                                'recorded_at', card.changed_at) origin
        WHERE card.unit_id = unit AND card.year = score_facts.year AND card.state IN ('APPROVED', 'PUBLISHED')), '{}');
END $$;
COMMENT ON FUNCTION score_facts IS
    'III.1.b: the unit''s binding points of the year, {} while no index is approved. CONFIDENTIAL before PUBLISHED.';
