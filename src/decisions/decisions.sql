-- name: decision_asked many (body) -> place int, unit_id, label, repeated bool
-- Units that the body names and that are not in the proposal or decision that it names, and those that it names twice.
WITH body AS (SELECT :body::jsonb AS b), named AS (
    SELECT u.id::uuid AS unit_id, u.place, row_number() OVER (PARTITION BY u.id::uuid ORDER BY u.place) > 1 AS repeated
    FROM body, jsonb_array_elements_text(CASE WHEN jsonb_typeof(b -> 'units') = 'array' THEN b -> 'units' ELSE '[]' END)
               WITH ORDINALITY AS u(id, place)
), among AS (
    SELECT u.unit_id FROM body, proposal_units u WHERE u.proposal_id = (b ->> 'proposal_id')::uuid
    UNION ALL
    SELECT u.unit_id FROM body, decision_units u WHERE u.decision_id = (b ->> 'subject_id')::uuid
)
SELECT n.place - 1 AS place, n.unit_id, unit_label(n.unit_id, today()) AS label, n.repeated
FROM named n, body
WHERE (n.repeated OR n.unit_id NOT IN (SELECT a.unit_id FROM among a))
  AND (EXISTS (SELECT FROM proposals p WHERE p.id = (b ->> 'proposal_id')::uuid)
       OR EXISTS (SELECT FROM decisions d WHERE d.id = (b ->> 'subject_id')::uuid))
ORDER BY n.place

-- name: decision_plan maybe (body) -> clauses
-- How the plan prints its clauses that the proposal or the decision belongs to, which the body names.
SELECT k.clauses FROM (
    SELECT campaign, year FROM proposals WHERE id = (:body::jsonb ->> 'proposal_id')::uuid
    UNION ALL SELECT campaign, year FROM decisions WHERE id = (:body::jsonb ->> 'subject_id')::uuid
) AS named JOIN round_plans k USING (campaign, year)

-- name: decision_create_award maybe (body, created_by) -> decision_made: id, campaign, year
-- The units of the proposal, all or those named, that the Chair decides on.
WITH body AS (
    SELECT * FROM jsonb_to_record(:body::jsonb) AS b(proposal_id uuid, units jsonb, reason text)
), named AS MATERIALIZED ( -- chosen before it is judged: else a scan may ask refuse() about any other row
    SELECT p.*, body.units AS wanted, body.reason AS why FROM body JOIN proposals p ON p.id = body.proposal_id
), proposal AS (
    SELECT * FROM named WHERE state = 'SUBMITTED' OR refuse('decision_proposal_not_submitted')
), made AS (
    INSERT INTO decisions (kind, campaign, year, proposal_id, reason, created_by)
    SELECT 'AWARD', campaign, year, id, why, :created_by::uuid FROM proposal RETURNING *
), entered AS (
    INSERT INTO decision_units (decision_id, unit_id, initiative_id, form, tier)
    SELECT made.id, u.unit_id, u.initiative_id, u.form, u.tier FROM made, proposal JOIN proposal_units u ON u.proposal_id = proposal.id
    WHERE proposal.wanted IS NULL OR proposal.wanted ? u.unit_id::text
    RETURNING unit_id)
SELECT made.id, made.campaign, made.year FROM made, proposal
WHERE (SELECT count(*) FROM entered) = coalesce(jsonb_array_length(proposal.wanted), (SELECT count(*) FROM entered))
   OR refuse('decision_unit_not_proposed')

-- name: decision_create_change maybe (body, created_by) -> decision_made: id, campaign, year
-- A correction or revocation: of a signed award decision, of all its units or those named. A correction of all leaves out whose award was
-- revoked: nobody corrects that.
WITH body AS (
    SELECT * FROM jsonb_to_record(:body::jsonb)
        AS b(kind text, subject_id uuid, units jsonb, reason text, ground text, fault_from date, fault_to date, corrections jsonb)
), named AS MATERIALIZED (
    SELECT d.* FROM body JOIN decisions d ON d.id = body.subject_id
), subject AS (
    SELECT * FROM named WHERE (kind = 'AWARD' AND state IN ('SIGNED', 'PUBLISHED')) OR refuse('decision_subject_not_signed')
), made AS (
    INSERT INTO decisions (kind, campaign, year, subject_id, reason, ground, fault_from, fault_to, corrections, created_by)
    SELECT body.kind, subject.campaign, subject.year, subject.id, body.reason, body.ground, body.fault_from, body.fault_to,
           body.corrections, :created_by::uuid
    FROM body, subject RETURNING *
), entered AS (
    INSERT INTO decision_units (decision_id, unit_id, initiative_id, form, tier)
    SELECT made.id, u.unit_id, u.initiative_id, u.form, u.tier FROM made, body, decision_units u
    WHERE u.decision_id = made.subject_id
      AND CASE WHEN body.units IS NOT NULL THEN body.units ? u.unit_id::text
               ELSE body.kind = 'REVOKE' OR EXISTS (SELECT FROM awards a WHERE (a.decision_id, a.unit_id) = (u.decision_id, u.unit_id)
                                                                           AND a.revoked_by IS NULL) END
    RETURNING unit_id)
SELECT made.id, made.campaign, made.year FROM made, body
WHERE (SELECT count(*) FROM entered) = coalesce(jsonb_array_length(body.units), (SELECT count(*) FROM entered))
   OR refuse('decision_unit_not_in_subject')

-- name: decision_show read one ({id}, @offices bool) -> body, version
SELECT decision_json(d, :offices::boolean)::text, d.version FROM decisions d
WHERE d.id = :id::uuid AND decision_visible(d, :offices::boolean)

-- name: decision_paper one (id, offices bool) -> json
-- What a decision's paper says, and nothing that the decision itself does not show this caller.
SELECT (decision_json(d, :offices::boolean)::jsonb || jsonb_build_object('wording', coalesce(d.wording, paper_wording(d.campaign, d.year, coalesce(d.signed_on, today()))),
    'subject', (SELECT jsonb_build_object('number', s.number, 'signed_on', s.signed_on) FROM decisions s WHERE s.id = d.subject_id),
    'letter', (SELECT jsonb_build_object('number', p.letter_number, 'date', p.letter_date) FROM proposals p WHERE p.id = d.proposal_id),
    'rows', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', named.name, 'form', named.form -> 'vi',
                        'tier', tier_label(rules.hash, u.form, u.tier) -> 'vi',
                        'bonus', CASE WHEN d.kind = 'AWARD' THEN a.bonus_vnd END) ORDER BY form_place(rules.hash, u.form, u.tier), named.name, u.unit_id), '[]')
             FROM decision_units u
             LEFT JOIN awards a ON (a.decision_id, a.unit_id) = (coalesce(d.subject_id, d.id), u.unit_id)
             CROSS JOIN decision_rules(d) AS rules(hash)
             CROSS JOIN LATERAL (SELECT coalesce(u.printed, unit_printed(u.unit_id, today())) AS name,
                                        form_label(rules.hash, u.form) AS form) named
             WHERE u.decision_id = d.id)))::text AS json
FROM decisions d WHERE d.id = :id::uuid AND decision_visible(d, :offices::boolean)

-- name: decision_list read (@offices, ?campaign, ?year, ?kind, ?state, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT d.created_at, d.id, decision_json(d, :offices::boolean) AS item FROM decisions d
    WHERE decision_visible(d, :offices::boolean)
      AND (:campaign::text IS NULL OR d.campaign = :campaign) AND (:year::integer IS NULL OR d.year = :year::integer)
      AND (:campaign::text IS NULL OR (SELECT campaign_known('campaign_filter', :campaign)))
      AND (:kind::text IS NULL OR d.kind = :kind) AND (:state::text IS NULL OR d.state = :state)
      AND (:cursor::text IS NULL OR (d.created_at, d.id) > ((cursor_key(:cursor))[1]::timestamptz, (cursor_key(:cursor))[2]::uuid))
    ORDER BY CASE WHEN :year::integer IS NULL AND :kind::text IS NULL AND :state::text IS NULL THEN d.created_at END, d.created_at NULLS FIRST, d.id LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY created_at, id) FROM page),
                        (SELECT cursor_of(created_at::text, id::text) FROM (SELECT * FROM page ORDER BY created_at, id OFFSET :limit::integer - 1 LIMIT 1) last), :limit::integer)

-- name: decision_signer_bar maybe (id, caller, name, events) -> why, name
-- Who made or submitted the proposal, also of what a correction or revocation goes back to. The journal says so by one of `events`, and
-- nobody changes it: a proposal that was returned and submitted again has several. Whoever made another's key was shown its secret, and
-- with that could make or use the keys that this one made.
WITH RECURSIVE makers(key, maker) AS (
    SELECT k.id, k.created_by FROM keys k WHERE k.created_by IS NOT NULL AND k.id IN (SELECT :caller::uuid UNION ALL
        SELECT j.actor_key FROM decisions d LEFT JOIN decisions s ON s.id = d.subject_id
        JOIN journal j ON j.resource = '/v1/proposals/' || coalesce(d.proposal_id, s.proposal_id) WHERE d.id = :id::uuid)
    UNION
    SELECT m.key, k.created_by FROM makers m JOIN keys k ON k.id = m.maker WHERE k.created_by IS NOT NULL)
SELECT bar.why, bar.name
FROM decisions d LEFT JOIN decisions s ON s.id = d.subject_id
JOIN journal j ON j.resource = '/v1/proposals/' || coalesce(d.proposal_id, s.proposal_id) AND j.type = ANY (string_to_array(:events, ' '))
CROSS JOIN LATERAL (SELECT j.actor_name AS name, CASE
    WHEN j.actor_key = :caller::uuid THEN 'SAME'
    WHEN plain_form(btrim(j.actor_name)) = plain_form(btrim(:name)) THEN 'NAME'
    WHEN EXISTS (SELECT FROM makers m WHERE (m.key, m.maker) IN ((:caller::uuid, j.actor_key), (j.actor_key, :caller::uuid))) THEN 'KEY'
    END AS why) bar
WHERE d.id = :id::uuid AND bar.why IS NOT NULL
ORDER BY array_position(ARRAY['SAME', 'NAME', 'KEY'], bar.why) LIMIT 1

-- name: decision_lock one (id) -> state, version, kind, campaign, year, subject_id, proposal_id, json, submitted_on,
--     subject_signed_on, fault_from, fault_to, clauses
SELECT d.state, d.version, d.kind, d.campaign, d.year, d.subject_id, d.proposal_id, decision_json(d)::text AS json,
       CASE WHEN d.kind = 'AWARD' THEN local_date(p.submitted_at) END AS submitted_on, s.signed_on AS subject_signed_on,
       d.fault_from, d.fault_to,
       (SELECT k.clauses FROM round_plans k WHERE k.campaign = d.campaign AND k.year = d.year) AS clauses
FROM decisions d LEFT JOIN decisions s ON s.id = d.subject_id LEFT JOIN proposals p ON p.id = coalesce(d.proposal_id, s.proposal_id)
WHERE d.id = :id::uuid FOR NO KEY UPDATE OF d

-- name: merit_days one (campaign, year) -> first_day, last_day
SELECT first_day, last_day FROM rounds WHERE campaign = :campaign AND year = :year::integer

-- name: day_today one () -> today
SELECT today() AS today

-- name: decision_bars many (id) -> why, label, number
-- What no later act can put right: an award is given once a year, an initiative earns one, what was revoked stays so, and a decision is
-- corrected so often and no more, for whoever reads it reads its corrections (decision_corrected_by). Of a decision that found no unit to
-- correct, every revoked one of its subject is named.
WITH named AS MATERIALIZED (
    SELECT d.kind, d.campaign, d.year, d.subject_id, u.unit_id, u.initiative_id
    FROM decisions d LEFT JOIN decision_units u ON u.decision_id = d.id WHERE d.id = :id::uuid
)
SELECT bar.why, unit_label(bar.unit_id, today()) AS label, d.number
FROM named n CROSS JOIN LATERAL (
    SELECT 'REVOKED' AS why, a.unit_id, a.revoked_by AS by FROM awards a
    WHERE n.kind <> 'AWARD' AND a.decision_id = n.subject_id AND a.unit_id = coalesce(n.unit_id, a.unit_id) AND a.revoked_by IS NOT NULL
    UNION ALL
    SELECT 'AWARDED', a.unit_id, a.decision_id FROM awards a
    WHERE n.kind = 'AWARD' AND (a.campaign, a.year, a.unit_id) = (n.campaign, n.year, n.unit_id)
    UNION ALL
    SELECT 'INITIATIVE', n.unit_id, a.decision_id FROM initiative_uses i JOIN awards a ON a.id = i.award_id
    WHERE n.kind = 'AWARD' AND i.initiative_id = n.initiative_id AND i.unit_id <> n.unit_id
    UNION ALL
    (SELECT 'CORRECTED', NULL, n.subject_id FROM decisions c
     WHERE n.kind = 'CORRECT' AND c.subject_id = n.subject_id AND c.kind = 'CORRECT' AND c.state IN ('SIGNED', 'PUBLISHED')
     OFFSET 19 LIMIT 1)
) bar JOIN decisions d ON d.id = bar.by
ORDER BY bar.why, label, bar.unit_id

-- name: decision_units_list many (id) -> unit_id, label, form
SELECT u.unit_id, unit_label(u.unit_id, today()) AS label, u.form FROM decision_units u WHERE u.decision_id = :id::uuid ORDER BY u.unit_id

-- name: decision_facts_hold exec (id) -> unit_id
-- Whoever changes a fact of a unit takes its stamp (facts_touch), in this order: until the decision stands or falls, they wait. All those at once
-- that it will touch, also of who else is before the Chair (proposed_nominees_touch): who writes of several units takes them one by one, and would
-- have one of the others while it waits for one of these.
SELECT s.unit_id FROM unit_stamps s WHERE s.unit_id IN (
    SELECT u.unit_id FROM decision_units u WHERE u.decision_id = :id::uuid
    UNION ALL
    SELECT n.unit_id FROM decisions e JOIN dossiers d ON d.campaign = e.campaign AND d.year = e.year AND d.state = 'IN_PROPOSAL'
    JOIN nominations n ON n.dossier_id = d.id WHERE e.id = :id::uuid AND e.kind = 'AWARD')
ORDER BY s.unit_id FOR NO KEY UPDATE

-- name: decision_sign one (id, number, issuer, signed_on, signed_by, signer, evaluation_id) -> decision_now: version, json
-- The names in it are those of the day, and stay; so do who held the authority and what the paper says of them. Who does not say
-- whose register the number is from means that of the agency that issues on that day, which need not be the issuer of the plan any more (Law, article 93).
WITH named AS (
    UPDATE decision_units SET label = unit_label(unit_id, :signed_on::date), printed = unit_printed(unit_id, :signed_on::date) WHERE decision_id = :id::uuid)
UPDATE decisions SET state = 'SIGNED', version = version + 1, number = :number,
    issuer = coalesce(:issuer, paper_wording(campaign, year, :signed_on::date) #>> '{chair,agency}'), signed_on = :signed_on::date, signed_at = clock_now(),
    signed_by = :signed_by::uuid, signer = :signer, evaluation_id = :evaluation_id::uuid,
    authority = (SELECT in_force(c.authorities, :signed_on::date) FROM campaigns c WHERE c.code = campaign),
    wording = paper_wording(campaign, year, :signed_on::date)
WHERE id = :id::uuid
RETURNING version, decision_json(decisions)::text AS json

-- name: decision_told one (id) -> json
-- As the journal keeps one that is signed: with the words and names of its paper.
SELECT (decision_json(d)::jsonb || jsonb_build_object('wording', d.wording, 'printed', (
    SELECT jsonb_object_agg(u.unit_id, u.printed) FROM decision_units u WHERE u.decision_id = d.id)))::text AS json
FROM decisions d WHERE d.id = :id::uuid

-- name: decision_subject_unpublished maybe (id) -> number
-- A decision is never taken back from the public: what is seen published here stays so.
SELECT s.number FROM decisions d JOIN decisions s ON s.id = d.subject_id WHERE d.id = :id::uuid AND s.state <> 'PUBLISHED'

-- name: decision_publish one (id) -> decision_now: version, json
UPDATE decisions SET state = 'PUBLISHED', version = version + 1, published_at = clock_now() WHERE id = :id::uuid
RETURNING version, decision_json(decisions)::text AS json

-- name: decision_awards many (id) -> id, unit_id, revoked bool, campaign, year, json
-- What it gave or took back.
SELECT a.id, a.unit_id, d.kind = 'REVOKE' AS revoked, a.campaign, a.year, award_json(a, false)::text AS json
FROM decisions d JOIN awards a ON CASE d.kind WHEN 'AWARD' THEN a.decision_id = d.id WHEN 'REVOKE' THEN a.revoked_by = d.id END
WHERE d.id = :id::uuid ORDER BY a.unit_id

-- name: decision_cancel one (id) -> decision_now: version, json
-- Its own reason stays: why it is cancelled is told to the journal.
UPDATE decisions SET state = 'CANCELLED', version = version + 1 WHERE id = :id::uuid
RETURNING version, decision_json(decisions)::text AS json

-- name: award_slots_open exec (campaign, year)
INSERT INTO award_slots (campaign, year, slot) SELECT :campaign, :year::integer, generate_series(1, round_cap(:campaign, :year::integer))
ON CONFLICT DO NOTHING

-- name: award_slots_free one (campaign, year, decision_id) -> places_left int, wanted int
SELECT (SELECT count(*) FROM award_slots s WHERE s.campaign = :campaign AND s.year = :year::integer
        AND s.slot <= round_cap(:campaign, :year::integer)
        AND NOT EXISTS (SELECT FROM awards a WHERE (a.campaign, a.year, a.slot) = (s.campaign, s.year, s.slot))) AS places_left,
       (SELECT count(*) FROM decision_units WHERE decision_id = :decision_id::uuid) AS wanted

-- name: decision_units_barred many (decision_id, campaign, year) -> unit_id, label, why
-- Units that have this year's award already, and those whose initiative cannot earn it.
SELECT u.unit_id, unit_label(u.unit_id, today()) AS label, bar.why
FROM decision_units u JOIN decisions d ON d.id = u.decision_id JOIN proposals p ON p.id = d.proposal_id
CROSS JOIN LATERAL (SELECT CASE
    WHEN EXISTS (SELECT FROM awards a WHERE (a.campaign, a.year, a.unit_id) = (:campaign, :year::integer, u.unit_id)) THEN 'awarded'
    WHEN EXISTS (SELECT FROM initiative_uses i WHERE i.initiative_id = u.initiative_id) THEN 'initiative_used'
    WHEN u.initiative_id IS NULL THEN NULL -- the plan asks for none
    WHEN u.initiative_id NOT IN (SELECT merits_of(:campaign, :year::integer, u.unit_id, local_date(p.submitted_at))) THEN 'initiative_counts_not'
    END AS why) bar
WHERE u.decision_id = :decision_id::uuid AND bar.why IS NOT NULL ORDER BY u.unit_id

-- name: law_tables one (campaign) -> law, printed_number
SELECT (plan -> 'law')::text AS law, plan_number(plan) AS printed_number FROM campaigns WHERE code = :campaign

-- name: decision_bonus_units many (decision_id, evaluation_id) -> unit_id, form, tier, outcomes
-- What a bonus may depend on: the form and tier, and how each criterion came out when the decision was signed.
SELECT u.unit_id, u.form, u.tier, v.outcomes FROM decision_units u
JOIN verdicts v ON v.evaluation_id = :evaluation_id::uuid AND v.unit_id = u.unit_id
WHERE u.decision_id = :decision_id::uuid ORDER BY u.unit_id

-- name: decision_forms_exceeded many (decision_id) -> label, label_en, places int, given int
-- By the evaluation of the proposal, and by the newest one: who met the standard when it was submitted may not do so any more.
SELECT DISTINCT ON (f.form, f.group_name, f.cluster, f.tier) concat_ws(', ', n.form ->> 'vi', n.tier ->> 'vi', n.of_group ->> 'vi', f.cluster) AS label,
       concat_ws(', ', n.form ->> 'en', n.tier ->> 'en', n.of_group ->> 'en', f.cluster) AS label_en, f.places, f.given
FROM decisions d JOIN proposals p ON p.id = d.proposal_id
CROSS JOIN LATERAL (SELECT p.evaluation_id AS id UNION SELECT e.id FROM latest_evaluation(d.campaign, d.year, true) e) judged
CROSS JOIN form_places_exceeded(d.id, judged.id) f
CROSS JOIN LATERAL (SELECT form_label(f.rule_set_hash, f.form) AS form, tier_label(f.rule_set_hash, f.form, f.tier) AS tier, group_label(d.campaign, d.year, f.group_name) AS of_group) n
WHERE d.id = :decision_id::uuid ORDER BY f.form, f.group_name NULLS FIRST, f.cluster, f.tier NULLS FIRST, f.places

-- name: award_grant exec (decision_id, campaign, year, bonuses) -> granted int
-- `bonuses`: {unit id: {"vnd", "basis"}}.
WITH free AS (
    SELECT s.slot, row_number() OVER (ORDER BY s.slot) AS turn FROM award_slots s
    WHERE s.campaign = :campaign AND s.year = :year::integer AND s.slot <= round_cap(:campaign, :year::integer)
      AND NOT EXISTS (SELECT FROM awards a WHERE (a.campaign, a.year, a.slot) = (s.campaign, s.year, s.slot))
), named AS MATERIALIZED (
    SELECT u.unit_id, u.initiative_id, u.form, u.tier, local_date(p.submitted_at) AS submitted_on
    FROM decision_units u JOIN decisions d ON d.id = u.decision_id JOIN proposals p ON p.id = d.proposal_id
    WHERE u.decision_id = :decision_id::uuid
), units AS (
    SELECT unit_id, initiative_id, form, tier, row_number() OVER (ORDER BY unit_id) AS turn FROM named
    WHERE initiative_id IS NULL OR initiative_id IN (SELECT merits_of(:campaign, :year::integer, unit_id, submitted_on))
       OR refuse('decision_initiative_counts_not')
), granted AS (
    INSERT INTO awards (campaign, year, slot, unit_id, form, tier, decision_id, bonus_vnd, bonus_basis)
    SELECT :campaign, :year::integer, free.slot, units.unit_id, units.form, units.tier, :decision_id::uuid,
           (bonus ->> 'vnd')::bigint, bonus -> 'basis'
    FROM units LEFT JOIN free USING (turn) CROSS JOIN LATERAL (SELECT :bonuses::jsonb -> units.unit_id::text AS bonus) b
    RETURNING id, unit_id
), used AS (
    INSERT INTO initiative_uses (initiative_id, award_id, campaign, year, unit_id)
    SELECT units.initiative_id, granted.id, :campaign, :year::integer, unit_id
    FROM granted JOIN units USING (unit_id) WHERE units.initiative_id IS NOT NULL
    RETURNING initiative_id)
SELECT count(*) AS granted FROM granted

-- name: award_revoke exec (decision_id, subject_id)
UPDATE awards SET version = version + 1,
    revoked_by = CASE WHEN revoked_by IS NULL OR refuse('award_revoked_already') THEN :decision_id::uuid END
WHERE decision_id = :subject_id::uuid AND unit_id IN (SELECT unit_id FROM decision_units WHERE decision_id = :decision_id::uuid)

-- name: award_holders_touch one (subject_id) -> touched
-- V.3: a revocation changes the facts of those whose award it takes, and their verdicts are stale. So are those of all who were awarded with
-- them, and it tells nobody whose it was.
SELECT facts_touch(ARRAY(SELECT a.unit_id FROM awards a WHERE a.decision_id = :subject_id::uuid))::text AS touched

-- name: award_list read (?campaign, ?year, ?unit_id, ?state, ?cursor, ?limit, @offices) -> body, version, next
WITH page AS (
    SELECT d.signed_on, a.decision_id, a.id, award_json(a, :offices::boolean)::json AS item
    FROM awards a JOIN decisions d ON d.id = a.decision_id LEFT JOIN decisions r ON r.id = a.revoked_by
    WHERE d.state = 'PUBLISHED'
      AND (:campaign::text IS NULL OR a.campaign = :campaign)
      AND (:campaign::text IS NULL OR (SELECT campaign_known('campaign_filter', :campaign)))
      AND (:year::integer IS NULL OR (a.year = :year::integer AND d.year = :year::integer)) -- by decisions_by_year
      AND (:unit_id::uuid IS NULL OR a.unit_id = :unit_id::uuid)
      AND (:state::text IS NULL OR (:state = 'REVOKED') = (a.revoked_by IS NOT NULL AND r.state IS NOT DISTINCT FROM 'PUBLISHED')) -- by awards_revoked
      AND (:cursor::text IS NULL OR (d.signed_on, d.id) >= ((cursor_key(:cursor))[1]::date, (cursor_key(:cursor))[2]::uuid)) -- by decisions_published
      AND (:cursor::text IS NULL OR (d.signed_on, d.id, a.id) > ((cursor_key(:cursor))[1]::date, (cursor_key(:cursor))[2]::uuid,
                                                                  (cursor_key(:cursor))[3]::uuid))
    ORDER BY d.signed_on, d.id, a.id LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY signed_on, decision_id, id) FROM page),
                        (SELECT cursor_of(signed_on::text, decision_id::text, id::text) FROM (SELECT * FROM page ORDER BY signed_on, decision_id, id OFFSET :limit::integer - 1 LIMIT 1) last), :limit::integer)

-- name: round_award_list read ({code}, {year}, ?unit_id, ?state, ?cursor, ?limit, @offices) -> body, version, next
WITH page AS (
    SELECT d.signed_on, a.id, award_json(a, :offices::boolean)::json AS item
    FROM awards a JOIN decisions d ON d.id = a.decision_id LEFT JOIN decisions r ON r.id = a.revoked_by
    WHERE d.state = 'PUBLISHED' AND a.campaign = :code AND a.year = :year::integer
      AND (:unit_id::uuid IS NULL OR a.unit_id = :unit_id::uuid)
      AND (:state::text IS NULL OR (:state = 'REVOKED') = (a.revoked_by IS NOT NULL AND r.state IS NOT DISTINCT FROM 'PUBLISHED')) -- by awards_revoked
      AND (:cursor::text IS NULL OR (d.signed_on, a.id) > ((cursor_key(:cursor))[1]::date, (cursor_key(:cursor))[2]::uuid))
    ORDER BY d.signed_on, a.id LIMIT :limit::integer + 1)
SELECT answer.* FROM rounds r, page_json((SELECT array_agg(item ORDER BY signed_on, id) FROM page),
                                         (SELECT cursor_of(signed_on::text, id::text) FROM (SELECT * FROM page ORDER BY signed_on, id OFFSET :limit::integer - 1 LIMIT 1) last),
                                         :limit::integer) answer
WHERE r.campaign = :code AND r.year = :year::integer

-- name: award_show read ({id}, @offices) -> body, version
-- A version moves with a revocation that is signed and not yet published: it is for the offices, which change by it.
SELECT award_json(a, :offices::boolean)::text, CASE WHEN :offices::boolean THEN a.version END FROM awards a JOIN decisions d ON d.id = a.decision_id
WHERE a.id = :id::uuid AND decision_visible(d, :offices::boolean)

-- name: award_lock one (id) -> version, json, campaign, year, unit_id
SELECT a.version, award_json(a, true)::text AS json, a.campaign, a.year, a.unit_id FROM awards a WHERE a.id = :id::uuid FOR NO KEY UPDATE

-- name: award_recover one (id, body) -> version, json
-- Nothing is asked back before the decision that takes the award away.
UPDATE awards SET version = version + 1,
    certificate_recovered_on = CASE WHEN :body::jsonb ? 'certificate_recovered_on' THEN (:body::jsonb ->> 'certificate_recovered_on')::date
                                    ELSE certificate_recovered_on END,
    money_recovered_on = CASE WHEN :body::jsonb ? 'money_recovered_on' THEN (:body::jsonb ->> 'money_recovered_on')::date
                              ELSE money_recovered_on END
WHERE id = :id::uuid
  AND ((:body::jsonb ->> 'certificate_recovered_on')::date < (SELECT signed_on FROM decisions WHERE id = revoked_by) IS NOT TRUE
       OR refuse('award_certificate_before_revocation'))
  AND ((:body::jsonb ->> 'money_recovered_on')::date < (SELECT signed_on FROM decisions WHERE id = revoked_by) IS NOT TRUE
       OR refuse('award_money_before_revocation'))
RETURNING version, award_json(awards, true)::text AS json

-- name: decision_new_stake stake (@body) -> unit_id, campaign, year
-- Of the proposal that is decided on, or of the decision that is corrected or revoked.
SELECT u.unit_id, p.campaign, p.year FROM proposals p JOIN proposal_units u ON u.proposal_id = p.id
WHERE p.id = (:body::jsonb ->> 'proposal_id')::uuid
UNION ALL
SELECT u.unit_id, d.campaign, d.year FROM decisions d JOIN decision_units u ON u.decision_id = d.id
WHERE d.id = (:body::jsonb ->> 'subject_id')::uuid

-- name: decision_stake stake ({id}) -> unit_id, campaign, year
SELECT u.unit_id, d.campaign, d.year FROM decisions d JOIN decision_units u ON u.decision_id = d.id WHERE d.id = :id::uuid

-- name: award_stake stake ({id}) -> unit_id, campaign, year
SELECT unit_id, campaign, year FROM awards WHERE id = :id::uuid
