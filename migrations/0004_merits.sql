-- What units earned and what stands against them: score frames, scorecards, initiatives, discipline, proceedings
-- (domain, sections 4 and 6; plan 230: III.1.b, III.1.c, III.1.d).

CREATE FUNCTION acts_for(caller_roles integer, caller_unit uuid, unit uuid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT caller_roles & 2 <> 0 AND caller_unit IS NOT NULL AND unit_within(unit, caller_unit) $$;
COMMENT ON FUNCTION acts_for IS
    'Has the caller the role unit (bit ROLE_UNIT of @roles), and is that unit in the subtree of its key (@unit)?';

CREATE FUNCTION hundredths_text(hundredths bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT round(hundredths / 100.0, 2)::text $$;
COMMENT ON FUNCTION hundredths_text IS '6435 → "64.35": points travel as strings with two decimals.';

CREATE FUNCTION hundredths_of(points text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (points::numeric * 100)::bigint $$;
COMMENT ON FUNCTION hundredths_of IS '"64.35" → 6435. The service has checked that there are no more than two decimals.';

CREATE FUNCTION percent_text(part bigint, whole bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN whole > 0
           THEN hundredths_text(sign(part)::bigint * ((20000 * abs(part)::numeric + whole)::bigint / (2 * whole))) END
$$;
COMMENT ON FUNCTION percent_text IS
    '100 × part / whole with two decimals, half up (away from zero below it), in integers; NULL where whole is not
    positive. For display: whether 90 % are reached is decided on part and whole (III.1.b).';

-- ---- score frames ----

CREATE TYPE score_tier AS ENUM ('SO', 'HUYEN', 'XA');
CREATE TYPE score_kind AS ENUM ('NORMAL', 'MINUS', 'BONUS', 'SURVEY');

CREATE TABLE score_frames (
    name text NOT NULL CONSTRAINT score_frames_name CHECK (name ~ '^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$'),
    year integer NOT NULL CONSTRAINT score_frames_year CHECK (year BETWEEN 2000 AND 2999),
    version bigint NOT NULL DEFAULT 1,
    tier score_tier NOT NULL,
    legal_basis text,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT score_frames_once PRIMARY KEY (name, year)
);
COMMENT ON TABLE score_frames IS
    'Criteria trees of the administrative reform index by year and tier. Immutable once a scorecard uses one.';
COMMENT ON COLUMN score_frames.legal_basis IS 'The decision that issued this set of criteria.';

CREATE TABLE score_nodes (
    frame text NOT NULL,
    year integer NOT NULL,
    position integer NOT NULL,
    code text NOT NULL,
    parent text,
    kind score_kind NOT NULL,
    maximum bigint NOT NULL CONSTRAINT score_nodes_maximum CHECK (maximum > 0),
    leaf boolean NOT NULL,
    text_vi text NOT NULL,
    text_en text,
    PRIMARY KEY (frame, year, code),
    FOREIGN KEY (frame, year) REFERENCES score_frames,
    CONSTRAINT score_nodes_parent FOREIGN KEY (frame, year, parent) REFERENCES score_nodes
);
COMMENT ON TABLE score_nodes IS
    'Fields, criteria and sub-criteria. That the children of a node do not exceed it is checked when a frame is written.';
COMMENT ON COLUMN score_nodes.maximum IS
    'Points × 100, at most. Of a MINUS node: the most that can be taken off, as a positive number.';
COMMENT ON COLUMN score_nodes.kind IS
    'NORMAL and SURVEY leaves make up the index''s denominator; MINUS and BONUS leaves change only what is achieved.';
GRANT DELETE ON score_nodes TO thidua_app;

-- ---- scorecards ----

CREATE TYPE scorecard_state AS ENUM ('SELF_DRAFT', 'SELF_SUBMITTED', 'APPRAISED', 'EXPLAINED', 'FINAL', 'APPROVED', 'PUBLISHED');

CREATE TABLE scorecards (
    unit_id uuid NOT NULL CONSTRAINT scorecards_unit REFERENCES units,
    year integer NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    frame text NOT NULL,
    state scorecard_state NOT NULL DEFAULT 'SELF_DRAFT',
    explanation text,
    decision_number text,
    decision_date date,
    changed_at timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT scorecards_once PRIMARY KEY (unit_id, year),
    CONSTRAINT scorecards_frame FOREIGN KEY (frame, year) REFERENCES score_frames,
    CONSTRAINT scorecards_decided CHECK ((state IN ('APPROVED', 'PUBLISHED')) = (decision_number IS NOT NULL)
                                         AND (decision_number IS NULL) = (decision_date IS NULL))
);
COMMENT ON TABLE scorecards IS
    'A unit''s index of a year. Binding for III.1.b when APPROVED or PUBLISHED; confidential before PUBLISHED.';
COMMENT ON COLUMN scorecards.explanation IS 'What the unit last said on the appraised scores.';
CREATE INDEX scorecards_year ON scorecards (year, unit_id);
CREATE INDEX scorecards_frame_index ON scorecards (frame, year);

CREATE TABLE score_leaves (
    unit_id uuid NOT NULL,
    year integer NOT NULL,
    frame text NOT NULL,
    code text NOT NULL,
    kind score_kind NOT NULL,
    maximum bigint NOT NULL,
    self_applies boolean NOT NULL DEFAULT true,
    self_points bigint,
    self_proof text,
    self_explanation text,
    appraised_applies boolean,
    appraised_points bigint,
    comment text,
    survey_points bigint,
    PRIMARY KEY (unit_id, year, code),
    FOREIGN KEY (unit_id, year) REFERENCES scorecards,
    CONSTRAINT score_leaves_node FOREIGN KEY (frame, year, code) REFERENCES score_nodes,
    CONSTRAINT score_leaves_range CHECK (
        int8range(CASE kind WHEN 'MINUS' THEN -maximum ELSE 0 END, CASE kind WHEN 'MINUS' THEN 0 ELSE maximum END, '[]')
        @> ALL (ARRAY[coalesce(self_points, 0), coalesce(appraised_points, 0), coalesce(survey_points, 0)])),
    CONSTRAINT score_leaves_column CHECK (CASE kind WHEN 'SURVEY' THEN self_points IS NULL AND appraised_points IS NULL
                                                    ELSE survey_points IS NULL END)
);
COMMENT ON TABLE score_leaves IS 'The scored leaves of a scorecard, one row for every leaf of its frame. Points × 100.';
COMMENT ON COLUMN score_leaves.kind IS 'With maximum, copied from the frame, which cannot change any more: so a CHECK can hold the range.';
COMMENT ON COLUMN score_leaves.appraised_applies IS 'The appraiser''s word on whether the leaf applies to the unit; NULL: as the unit says.';

CREATE TYPE score_total AS (achieved bigint, maximum bigint, missing text[]);

CREATE FUNCTION self_total(card scorecards) RETURNS score_total LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(self_points), 0)::bigint, coalesce(sum(maximum) FILTER (WHERE kind = 'NORMAL'), 0)::bigint,
           coalesce(array_agg(code ORDER BY code) FILTER (WHERE kind = 'NORMAL' AND self_points IS NULL), '{}')
    FROM score_leaves WHERE unit_id = card.unit_id AND year = card.year AND self_applies AND kind <> 'SURVEY'
$$;
COMMENT ON FUNCTION self_total IS
    'The unit''s own column: leaves that apply, without surveys, which no unit scores itself. Missing points count as 0.';

CREATE FUNCTION appraised_total(card scorecards) RETURNS score_total LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(coalesce(appraised_points, survey_points)), 0)::bigint,
           coalesce(sum(maximum) FILTER (WHERE kind IN ('NORMAL', 'SURVEY')), 0)::bigint,
           coalesce(array_agg(code ORDER BY code) FILTER (WHERE kind IN ('NORMAL', 'SURVEY')
                    AND coalesce(appraised_points, survey_points) IS NULL), '{}')
    FROM score_leaves
    WHERE unit_id = card.unit_id AND year = card.year AND coalesce(appraised_applies, self_applies)
$$;
COMMENT ON FUNCTION appraised_total IS 'The binding column: appraised and survey points over the leaves that apply.';

CREATE FUNCTION total_json(total score_total) RETURNS json LANGUAGE sql IMMUTABLE AS $$
    SELECT json_build_object('achieved', hundredths_text(total.achieved), 'maximum', hundredths_text(total.maximum),
                             'index', percent_text(total.achieved, total.maximum), 'missing', total.missing)
$$;

CREATE FUNCTION frame_json(f score_frames) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('name', f.name, 'year', f.year, 'tier', f.tier, 'legal_basis', f.legal_basis,
        'used', EXISTS (SELECT FROM scorecards c WHERE c.frame = f.name AND c.year = f.year),
        'maximum', (SELECT hundredths_text(coalesce(sum(n.maximum), 0)::bigint) FROM score_nodes n
                    WHERE n.frame = f.name AND n.year = f.year AND n.parent IS NULL AND n.kind IN ('NORMAL', 'SURVEY')))
$$;

CREATE FUNCTION frame_nodes_json(f score_frames) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('code', code, 'parent', parent, 'kind', kind, 'leaf', leaf,
                        'maximum', hundredths_text(maximum), 'text_vi', text_vi, 'text_en', text_en) ORDER BY position), '[]')
    FROM score_nodes WHERE frame = f.name AND year = f.year
$$;

CREATE FUNCTION scorecard_head_json(card scorecards) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('unit_id', card.unit_id, 'unit_label', unit_label(card.unit_id, make_date(card.year, 12, 31)),
        'year', card.year, 'frame', card.frame, 'state', card.state, 'self', total_json(self_total(card)),
        'appraised', total_json(appraised_total(card)), 'decision_number', card.decision_number,
        'decision_date', card.decision_date, 'changed_at', card.changed_at)
$$;

CREATE FUNCTION scorecard_json(card scorecards, whole boolean) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT scorecard_head_json(card) || jsonb_build_object('explanation', CASE WHEN whole THEN card.explanation END,
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
          WHERE l.unit_id = card.unit_id AND l.year = card.year))
$$;
COMMENT ON FUNCTION scorecard_json IS
    '`whole`: with proofs, explanations and comments, which are for the offices and the unit even after publication.';

CREATE FUNCTION scorecard_record(card scorecards) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT scorecard_head_json(card) || jsonb_build_object('explanation', card.explanation, 'leaves', (
        SELECT jsonb_object_agg(l.code, jsonb_strip_nulls(to_jsonb(l) - '{unit_id,year,frame,code,kind,maximum}'::text[]))
        FROM score_leaves l WHERE l.unit_id = card.unit_id AND l.year = card.year))
$$;
COMMENT ON FUNCTION scorecard_record IS 'The card as the journal keeps it: every entry once, points × 100, without the frame''s texts.';

CREATE FUNCTION scorecard_tier(unit uuid, year integer) RETURNS score_tier LANGUAGE sql STABLE AS $$
    SELECT CASE kind WHEN 'PROVINCIAL_BODY' THEN 'SO' WHEN 'PROVINCIAL_SUBUNIT' THEN 'SO' WHEN 'DISTRICT' THEN 'HUYEN'
                     WHEN 'DISTRICT_SUBUNIT' THEN 'HUYEN' WHEN 'COMMUNE' THEN 'XA' END::score_tier
    FROM unit_period(unit, make_date(year, 12, 31))
$$;
COMMENT ON FUNCTION scorecard_tier IS
    'Whose criteria measure the unit; NULL for bodies that are not assessed. A sở is never measured as a commune.';

CREATE FUNCTION score_facts(year integer, unit uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT jsonb_build_object('index_achieved', jsonb_build_object('value', hundredths_text(total.achieved)) || origin,
                                  'index_maximum', jsonb_build_object('value', hundredths_text(total.maximum)) || origin)
        FROM scorecards card, appraised_total(card) total,
             jsonb_build_object('source', 'scores/' || card.unit_id || '/' || card.year, 'version', card.version,
                                'recorded_at', card.changed_at) origin
        WHERE card.unit_id = unit AND card.year = score_facts.year AND card.state IN ('APPROVED', 'PUBLISHED')), '{}')
$$;
COMMENT ON FUNCTION score_facts IS
    'III.1.b: the unit''s binding points of the year, {} while no index is approved. CONFIDENTIAL before PUBLISHED.';

-- ---- initiatives ----

CREATE TYPE initiative_kind AS ENUM ('INITIATIVE', 'SOLUTION', 'NEW_PRACTICE');
CREATE TYPE initiative_state AS ENUM ('SUBMITTED', 'RECOGNISED', 'REFUSED');
CREATE TYPE initiative_council AS ENUM ('COMMUNE', 'DISTRICT', 'SECTOR', 'PROVINCIAL');

CREATE TABLE initiatives (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    version bigint NOT NULL DEFAULT 1,
    unit_id uuid NOT NULL CONSTRAINT initiatives_unit REFERENCES units,
    title text NOT NULL,
    summary text NOT NULL,
    kind initiative_kind NOT NULL,
    applied_from date NOT NULL,
    applied_to date,
    state initiative_state NOT NULL DEFAULT 'SUBMITTED',
    changed_at timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT initiatives_applied CHECK (applied_to >= applied_from)
);
COMMENT ON TABLE initiatives IS 'Initiatives, solutions and new practices of a unit (III.1.c).';
COMMENT ON COLUMN initiatives.state IS
    'Before the provincial Initiative Council, the only one that counts. A lower council''s word does not change it.';
COMMENT ON COLUMN initiatives.applied_to IS 'The last day of application; NULL while it goes on.';
CREATE INDEX initiatives_unit_index ON initiatives (unit_id);

CREATE TABLE initiative_recognitions (
    initiative_id uuid NOT NULL REFERENCES initiatives,
    council initiative_council NOT NULL,
    outcome initiative_state NOT NULL CONSTRAINT initiative_recognitions_outcome CHECK (outcome <> 'SUBMITTED'),
    recognised_on date,
    decision_number text,
    scope text,
    reason text,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT initiative_recognitions_once PRIMARY KEY (initiative_id, council),
    CONSTRAINT initiative_recognitions_whole CHECK (
        CASE outcome WHEN 'RECOGNISED' THEN recognised_on IS NOT NULL AND decision_number IS NOT NULL
                     ELSE reason IS NOT NULL AND num_nonnulls(recognised_on, decision_number, scope) = 0 END)
);
COMMENT ON TABLE initiative_recognitions IS 'What each council decided on an initiative: recognised by decision, or refused for a reason.';

CREATE TABLE initiative_uses (
    initiative_id uuid NOT NULL CONSTRAINT initiative_used_once UNIQUE REFERENCES initiatives,
    award_id uuid NOT NULL,
    campaign text NOT NULL,
    year integer NOT NULL,
    unit_id uuid NOT NULL REFERENCES units,
    used_at timestamptz NOT NULL DEFAULT clock_now()
);
COMMENT ON TABLE initiative_uses IS
    'Which award an initiative earned: one ever (III.1.c; no two awards for one achievement). The row stays when the award is revoked.';
COMMENT ON COLUMN initiative_uses.campaign IS
    'With year and unit_id, whose award it was: so that judging that very award again does not count its own use against it.';

CREATE FUNCTION initiative_recognised(initiative uuid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT EXISTS (SELECT FROM initiative_recognitions r WHERE r.initiative_id = initiative AND r.outcome = 'RECOGNISED') $$;
COMMENT ON FUNCTION initiative_recognised IS 'By any council: then it may be read by every key.';

CREATE FUNCTION initiative_json(i initiatives) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', i.id, 'unit_id', i.unit_id, 'unit_label', unit_label(i.unit_id, i.applied_from),
        'title', i.title, 'summary', i.summary, 'kind', i.kind, 'applied_from', i.applied_from, 'applied_to', i.applied_to,
        'state', i.state, 'used', EXISTS (SELECT FROM initiative_uses u WHERE u.initiative_id = i.id),
        'recognitions', (SELECT coalesce(json_agg(json_build_object('council', r.council, 'outcome', r.outcome,
                'recognised_on', r.recognised_on, 'decision_number', r.decision_number, 'scope', r.scope,
                'reason', r.reason, 'recorded_at', r.recorded_at) ORDER BY r.council DESC), '[]'::json)
            FROM initiative_recognitions r WHERE r.initiative_id = i.id),
        'changed_at', i.changed_at)
$$;

CREATE FUNCTION initiative_entries(campaign text, year integer, unit uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'council', r.council, 'recognised_on', r.recognised_on,
        'applied_from', i.applied_from, 'applied_to', i.applied_to, 'state', i.state,
        'used_by_earlier_award', EXISTS (SELECT FROM initiative_uses u WHERE u.initiative_id = i.id
            AND (u.campaign, u.year, u.unit_id) <> (initiative_entries.campaign, initiative_entries.year, unit)),
        'source', 'initiatives/' || i.id, 'version', i.version, 'recorded_at', i.changed_at) ORDER BY i.id), '[]')
    FROM initiatives i LEFT JOIN LATERAL (
        SELECT r.council, r.recognised_on FROM initiative_recognitions r
        WHERE r.initiative_id = i.id AND r.outcome = 'RECOGNISED' ORDER BY r.council DESC LIMIT 1) r ON true
    WHERE i.unit_id = unit
$$;
COMMENT ON FUNCTION initiative_entries IS
    'III.1.c: every initiative of the unit with the highest council that recognised it (NULL: none did). "Earlier award": it served
    any award but the one of this campaign, year and unit.';

-- ---- discipline ----

CREATE TYPE leader_position AS ENUM ('KEY_LEADER_HEAD', 'KEY_LEADER_DEPUTY', 'OTHER');
CREATE TYPE discipline_status AS ENUM ('IN_FORCE', 'ENDED', 'ANNULLED');

CREATE FUNCTION discipline_levels(regime text, day date) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE regime
        WHEN 'CIVIL_SERVANT' THEN CASE WHEN day <= DATE '2025-06-30'
            THEN ARRAY['KHIEN_TRACH', 'CANH_CAO', 'HA_BAC_LUONG', 'GIANG_CHUC', 'CACH_CHUC', 'BUOC_THOI_VIEC']
            ELSE ARRAY['KHIEN_TRACH', 'CANH_CAO', 'CACH_CHUC', 'BUOC_THOI_VIEC'] END
        WHEN 'ELECTED' THEN ARRAY['KHIEN_TRACH', 'CANH_CAO', 'CACH_CHUC', 'BAI_NHIEM']
        WHEN 'PARTY_MEMBER' THEN ARRAY['KHIEN_TRACH', 'CANH_CAO', 'CACH_CHUC', 'KHAI_TRU']
        WHEN 'PARTY_ORGANISATION' THEN ARRAY['KHIEN_TRACH', 'CANH_CAO', 'GIAI_TAN'] END
$$;
COMMENT ON FUNCTION discipline_levels IS
    'The ladder of a regime on the day of the decision, ascending (domain, section 6). Ladders are not compared with each other.';

CREATE TABLE discipline_records (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    version bigint NOT NULL DEFAULT 1,
    unit_id uuid NOT NULL CONSTRAINT discipline_records_unit REFERENCES units,
    person_name text NOT NULL,
    position leader_position NOT NULL,
    regime text NOT NULL,
    level text NOT NULL,
    decision_number text NOT NULL,
    decision_date date NOT NULL,
    effective_from date NOT NULL,
    effective_to date,
    status discipline_status NOT NULL DEFAULT 'IN_FORCE',
    reason text,
    changed_at timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT discipline_records_formal CHECK (level NOT IN ('PHE_BINH', 'RUT_KINH_NGHIEM')),
    CONSTRAINT discipline_records_level CHECK (level = ANY (discipline_levels(regime, decision_date))),
    CONSTRAINT discipline_records_period CHECK (effective_to >= effective_from),
    CONSTRAINT discipline_records_ended CHECK (status <> 'ENDED' OR effective_to IS NOT NULL),
    CONSTRAINT discipline_records_organisation CHECK (regime <> 'PARTY_ORGANISATION' OR position = 'OTHER'),
    CONSTRAINT discipline_records_once UNIQUE (unit_id, person_name, decision_number, decision_date)
);
COMMENT ON TABLE discipline_records IS
    'RESTRICTED, personal data. Formal disciplinary decisions, administrative and Party (III.1.d). Never rewritten: an annulled one
    lifts the bar and stays.';
COMMENT ON COLUMN discipline_records.reason IS 'Why it was ended or annulled.';
COMMENT ON COLUMN discipline_records.effective_to IS 'The last day in force; NULL while unknown.';

CREATE FUNCTION discipline_json(d discipline_records) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', d.id, 'unit_id', d.unit_id, 'unit_label', unit_label(d.unit_id, d.effective_from),
        'person_name', d.person_name, 'position', d.position, 'regime', d.regime, 'level', d.level,
        'decision_number', d.decision_number, 'decision_date', d.decision_date, 'effective_from', d.effective_from,
        'effective_to', d.effective_to, 'status', d.status, 'reason', d.reason, 'changed_at', d.changed_at)
$$;

CREATE FUNCTION discipline_entries(unit uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'regime', regime, 'level', level, 'position', position,
        'effective_from', effective_from, 'effective_to', effective_to, 'status', status,
        'source', 'discipline-records/' || id, 'version', version, 'recorded_at', changed_at)
        ORDER BY effective_from, id), '[]')
    FROM discipline_records WHERE unit_id = unit AND position <> 'OTHER'
$$;
COMMENT ON FUNCTION discipline_entries IS
    'III.1.d: decisions on the key leaders of that very collective, a parent''s or child''s not among them. No names of persons.';

-- ---- proceedings ----

CREATE TYPE proceeding_kind AS ENUM ('INVESTIGATION', 'INSPECTION', 'COMPLAINT');
CREATE TYPE proceeding_state AS ENUM ('OPEN', 'CLOSED_CLEARED', 'CLOSED_AT_FAULT');

CREATE TABLE proceedings (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    version bigint NOT NULL DEFAULT 1,
    unit_id uuid NOT NULL CONSTRAINT proceedings_unit REFERENCES units,
    kind proceeding_kind NOT NULL,
    subject text,
    opened_on date NOT NULL CONSTRAINT proceedings_opened CHECK (opened_on >= DATE '1990-01-01'),
    closed_on date,
    state proceeding_state NOT NULL DEFAULT 'OPEN',
    conclusion text,
    changed_at timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT proceedings_closed CHECK ((state = 'OPEN') = (closed_on IS NULL)),
    CONSTRAINT proceedings_period CHECK (closed_on >= opened_on)
);
COMMENT ON TABLE proceedings IS
    'RESTRICTED. Investigations, inspections with signs of fault, complaints: while one is OPEN the unit''s award is deferred.';
COMMENT ON COLUMN proceedings.conclusion IS 'The written reason of the closing.';
CREATE INDEX proceedings_unit_index ON proceedings (unit_id);

CREATE FUNCTION proceeding_outcome(p proceedings) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE p.state WHEN 'CLOSED_CLEARED' THEN 'CLEARED' WHEN 'CLOSED_AT_FAULT' THEN 'AT_FAULT' END $$;

CREATE FUNCTION proceeding_json(p proceedings) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', p.id, 'unit_id', p.unit_id, 'unit_label', unit_label(p.unit_id, p.opened_on),
        'kind', p.kind, 'subject', p.subject, 'opened_on', p.opened_on, 'closed_on', p.closed_on,
        'outcome', proceeding_outcome(p), 'state', p.state, 'conclusion', p.conclusion, 'changed_at', p.changed_at)
$$;

CREATE FUNCTION proceeding_entries(unit uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'kind', p.kind, 'opened_on', p.opened_on,
        'closed_on', p.closed_on, 'outcome', proceeding_outcome(p), 'state', p.state,
        'source', 'proceedings/' || p.id, 'version', p.version, 'recorded_at', p.changed_at) ORDER BY p.opened_on, p.id), '[]')
    FROM proceedings p WHERE p.unit_id = unit
$$;
COMMENT ON FUNCTION proceeding_entries IS 'Law: a unit under proceedings is not refused but deferred ("chưa khen thưởng").';
