-- name: audit_records session () -> audit_found: compared int, different int, first
-- What the tables hold beside what the journal said of it last, for `thidua verify`. `held` makes of a row those members of the resource that
-- stand in columns, under the names that the journal knows them by; what an answer works out from them is left out, and so is what other acts
-- change without an event of the resource itself. `told`: of each member the newest that an event said. What no event told of was entered by
-- hand, where its making is an event (`made`); what was told of last and is not there was taken away by hand. Written out: whoever may edit
-- tables may edit the functions that make answers too.
WITH held (resource, entry, made, members) AS (
    SELECT concat('/v1/decisions/', d.id), NULL::uuid, true,
        to_jsonb(d) - CASE WHEN d.signed_on IS NULL THEN 'authority' ELSE '' END -- of what is not signed the plan says it
        || jsonb_build_object('signed_by', d.signer, 'issued_by', d.issuer, 'printed', (
        SELECT jsonb_object_agg(u.unit_id, u.printed) FROM decision_units u WHERE u.decision_id = d.id), 'units', (
        SELECT coalesce(jsonb_agg(to_jsonb(u) - '{decision_id,label,printed}'::text[]
                                  || CASE WHEN u.label IS NULL THEN '{}' ELSE jsonb_build_object('unit_label', u.label) END ORDER BY u.unit_id), '[]')
        FROM decision_units u WHERE u.decision_id = d.id)) FROM decisions d
    UNION ALL
    SELECT concat('/v1/awards/', a.id), NULL, false, to_jsonb(a) || jsonb_build_object('decision_number', d.number, 'signed_on', d.signed_on)
        FROM awards a JOIN decisions d ON d.id = a.decision_id WHERE d.state = 'PUBLISHED'
    UNION ALL
    SELECT concat('/v1/awards/', c.award_id, '/certificate'), NULL, true, jsonb_build_object('issues', jsonb_agg(jsonb_build_object('certificate_number',
        c.certificate_number, 'issued_on', c.issued_on, 'reason', c.reason, 'source', c.source) ORDER BY c.issue)) FROM certificates c GROUP BY c.award_id
    UNION ALL
    SELECT concat('/v1/proposals/', p.id), NULL, true, to_jsonb(p) || jsonb_build_object(
        'state', CASE p.state WHEN 'DECIDED' THEN 'SUBMITTED' ELSE p.state END, 'summary_sha256', (
            SELECT encode(sha256(convert_to(s.nominees::text, 'UTF8')), 'hex') FROM proposal_summaries s WHERE s.proposal_id = p.id), 'units', (
            SELECT coalesce(jsonb_agg(to_jsonb(u) - 'proposal_id' ORDER BY u.unit_id), '[]') FROM proposal_units u WHERE u.proposal_id = p.id)) FROM proposals p
    UNION ALL
    SELECT concat('/v1/evaluations/', e.id), NULL, true, to_jsonb(e) || jsonb_build_object('created_by', e.created_by_name,
        'rule_set', jsonb_build_object('name', e.rule_set_name, 'version', e.rule_set_version)) FROM evaluations e
    UNION ALL
    SELECT concat('/v1/evaluations/', o.evaluation_id, '/overrides/', o.id), NULL, true, to_jsonb(o) || jsonb_build_object('recorded_by', o.recorded_by_name)
        FROM standing_overrides o
    UNION ALL
    SELECT concat('/v1/campaigns/', t.campaign, '/rounds/', t.year, '/tie-decisions/', t.id), NULL, true, to_jsonb(t) || jsonb_build_object(
        'recorded_by', t.recorded_by_name, 'order', (SELECT jsonb_agg(jsonb_build_object('unit_id', u.unit_id) ORDER BY u.place)
                                                     FROM tie_decision_units u WHERE u.decision_id = t.id)) FROM tie_decisions t
    UNION ALL
    SELECT concat('/v1/dossiers/', d.id), NULL, true, to_jsonb(d) - '{minutes_date,late}'::text[]
        || jsonb_build_object('nominator_unit_id', d.nominator_id, 'on_behalf_of_unit_id', d.on_behalf_of_id) FROM dossiers d
    UNION ALL
    SELECT concat('/v1/dossiers/', d.id, '/minutes'), NULL, false, jsonb_build_object('members', (
        SELECT coalesce(jsonb_agg(to_jsonb(m) - '{dossier_id,place}'::text[] ORDER BY m.place), '[]') FROM council_members m WHERE m.dossier_id = d.id)) FROM dossiers d
    UNION ALL
    SELECT concat('/v1/dossiers/', n.dossier_id, '/nominations/', n.unit_id), NULL, true, to_jsonb(n) - '{notified_on,received_at}'::text[]
        FROM nominations n
    UNION ALL
    SELECT concat('/v1/dossiers/', n.dossier_id, '/nominations/', n.unit_id, '/notification'), NULL, true, jsonb_build_object('notified_on', n.notified_on,
        'result', n.notified_result, 'result_reason', n.notified_reason) FROM nominations n WHERE n.notified_on IS NOT NULL
    UNION ALL
    SELECT concat('/v1/dossiers/', d.dossier_id, CASE WHEN d.kind <> 'EVIDENCE' THEN '/nominations/' || d.unit_id END, '/documents/',
                  CASE d.kind WHEN 'EVIDENCE' THEN d.id::text ELSE d.kind END), d.id, true, to_jsonb(d) - 'superseded_at' FROM documents d
    UNION ALL
    SELECT concat('/v1/initiatives/', i.id), NULL, true, to_jsonb(i) || jsonb_build_object('recognitions', (
        SELECT coalesce(jsonb_agg(to_jsonb(r) - 'initiative_id' ORDER BY r.council DESC), '[]') FROM initiative_recognitions r WHERE r.initiative_id = i.id))
        FROM initiatives i
    UNION ALL
    SELECT concat('/v1/discipline-records/', r.id), NULL, true, to_jsonb(r) || jsonb_build_object('issued_by', r.issuer) FROM discipline_records r
    UNION ALL
    SELECT concat('/v1/proceedings/', p.id), NULL, true, to_jsonb(p) FROM proceedings p
    UNION ALL
    SELECT concat('/v1/scores/', c.unit_id, '/', c.year), NULL, true, to_jsonb(c) || jsonb_build_object('leaves', (
        SELECT jsonb_object_agg(l.code, jsonb_strip_nulls(to_jsonb(l) - '{unit_id,year,frame,code,kind,maximum}'::text[]))
        FROM score_leaves l WHERE (l.unit_id, l.year) = (c.unit_id, c.year))) FROM scorecards c
    UNION ALL
    SELECT concat('/v1/score-frames/', f.name, '/', f.year), NULL, true, to_jsonb(f) FROM score_frames f
    UNION ALL
    SELECT concat('/v1/campaigns/', c.campaign, '/rounds/', c.year, '/contestants/', c.unit_id), NULL, true, to_jsonb(c) || jsonb_build_object('group', c.group_name)
        FROM contestants c
    UNION ALL
    SELECT concat('/v1/campaigns/', f.campaign, '/rounds/', f.year, '/findings/', f.unit_id), NULL, true, to_jsonb(f) || jsonb_build_object('contents', (
        SELECT coalesce(jsonb_agg(to_jsonb(c) - '{campaign,year,unit_id}'::text[] || jsonb_build_object('score', c.score::text) ORDER BY c.content), '[]')
        FROM finding_contents c WHERE (c.campaign, c.year, c.unit_id) = (f.campaign, f.year, f.unit_id))) FROM findings f
    UNION ALL
    SELECT concat('/v1/campaigns/', r.campaign, '/rounds/', r.year, '/reports/', r.unit_id), NULL, true, to_jsonb(r) - 'late' FROM reports r
    UNION ALL
    SELECT concat('/v1/campaigns/', r.campaign, '/rounds/', r.year), NULL, false, jsonb_build_object('state', r.state, 'conference_on', r.conference_on,
        'kept_sha256', (SELECT encode(sha256(convert_to(jsonb_build_array(k.plan, k.criteria_name, k.criteria_version, k.evaluations_through, k.indices, k.proceedings,
                                                                          extract(epoch FROM k.closed_at))::text, 'UTF8')), 'hex')
                        FROM closed_rounds k WHERE (k.campaign, k.year) = (r.campaign, r.year))) FROM rounds r
    UNION ALL
    SELECT concat('/v1/campaigns/', r.campaign, '/rounds/', r.year, '/quota'), NULL, true, to_jsonb(q) || jsonb_build_object('allocation', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('group', s.group_name, 'cluster', s.cluster, 'slots', s.slots)
                                  || CASE WHEN s.form IS NULL THEN '{}' ELSE jsonb_build_object('form', s.form) END ORDER BY s.form, (k.groups #>> ARRAY[s.group_name, 'position'])::integer, s.cluster), '[]')
        FROM quota_shares s JOIN round_plans k ON (k.campaign, k.year) = (s.campaign, s.year)
        WHERE (s.campaign, s.year, s.version) = (r.campaign, r.year, r.quota_version)))
        FROM rounds r JOIN quota_versions q ON (q.campaign, q.year, q.version) = (r.campaign, r.year, r.quota_version)
    UNION ALL
    SELECT concat('/v1/campaigns/', c.code), NULL, true, c.plan || jsonb_build_object('loaded_at', c.loaded_at, 'criteria_set', (
        SELECT jsonb_build_object('name', s.name, 'version', s.version, 'sha256', s.sha256) FROM criteria_sets s
        WHERE (s.name, s.version) = (c.criteria_name, c.criteria_version))) FROM campaigns c
    UNION ALL
    SELECT concat('/v1/units/', u.id), NULL, true, jsonb_build_object('id', u.id) FROM units u
    UNION ALL
    SELECT concat('/v1/keys/', k.id), NULL, NOT EXISTS ( -- as the command told of it before it named the key
        SELECT FROM journal j WHERE j.resource = '/v1/keys' AND j.after ->> 'id' = k.id::text), to_jsonb(k) FROM keys k
), compared AS (
    SELECT h.resource, h.made, h.members, t.told FROM held h CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(m.key, m.value ORDER BY j.id) AS told FROM journal j CROSS JOIN LATERAL jsonb_each(j.after) m
        WHERE j.resource = h.resource AND j.type NOT IN ('deadline.due', 'deadline.overdue') AND (h.entry IS NULL OR j.after ->> 'id' = h.entry::text)) t
), judged AS (
    SELECT c.resource, CASE WHEN c.told IS NULL THEN CASE WHEN c.made THEN 'it was never made' END ELSE (
        SELECT string_agg(m.key, ', ' ORDER BY m.key) FROM jsonb_each(c.members) m JOIN jsonb_each(c.told) s ON s.key = m.key
        WHERE NOT CASE WHEN jsonb_typeof(m.value) = 'array' AND jsonb_typeof(s.value) = 'array' THEN
            jsonb_array_length(s.value) = jsonb_array_length(m.value) AND NOT EXISTS (
                SELECT FROM ROWS FROM (jsonb_array_elements(m.value), jsonb_array_elements(s.value)) AS pair (now, said) WHERE NOT pair.said @> pair.now)
            ELSE s.value = m.value END) END AS why FROM compared c
    UNION ALL
    SELECT concat('/v1/campaigns/', r.campaign, '/rounds/', r.year), 'what a closing keeps'
    FROM rounds r LEFT JOIN closed_rounds k USING (campaign, year) WHERE (r.state = 'CLOSED') <> (k.closed_at IS NOT NULL)
), missing AS (
    SELECT l.resource FROM (
        SELECT j.resource FROM journal j
        WHERE j.type NOT IN ('deadline.due', 'deadline.overdue') AND j.resource ~ '^/v1/((decisions|awards|proposals|evaluations|dossiers|initiatives|discipline-records|proceedings|units|keys|campaigns)/[^/]+|(scores|score-frames)/[^/]+/[^/]+|evaluations/[^/]+/overrides/[^/]+|dossiers/[^/]+/nominations/[^/]+|campaigns/[^/]+/rounds/[^/]+/(contestants|findings|reports|tie-decisions)/[^/]+)$'
        GROUP BY j.resource HAVING max(j.id) FILTER (WHERE j.after IS NULL) IS DISTINCT FROM max(j.id)) l
    WHERE NOT EXISTS (SELECT FROM judged h WHERE h.resource = l.resource)
    UNION ALL
    SELECT j.resource FROM journal j
    WHERE j.type IN ('document.stored', 'document.replaced') AND NOT EXISTS (SELECT FROM documents d WHERE d.id::text = j.after ->> 'id')
)
SELECT count(*) AS compared, count(why) AS different, coalesce(min(concat(resource, ': ', why)) FILTER (WHERE why IS NOT NULL), '') AS first
FROM (SELECT resource, why FROM judged UNION ALL SELECT resource, 'it is gone' FROM missing) every

-- name: audit_documents session () -> audit_found: compared int, different int, first
-- The bytes of each document beside its hash.
SELECT count(*) AS compared, count(*) FILTER (WHERE differs) AS different, coalesce(min(id::text) FILTER (WHERE differs), '') AS first
FROM documents d CROSS JOIN LATERAL (
    SELECT (encode(sha256(string_agg(c.bytes, '' ORDER BY c.number)), 'hex'), sum(octet_length(c.bytes))) IS DISTINCT FROM (d.sha256, d.size) AS differs
    FROM document_chunks c WHERE c.document_id = d.id) found

-- name: audit_rules session () -> name, version int, sha256, document
SELECT name, version, sha256, document::text AS document FROM criteria_sets WHERE published_at IS NOT NULL ORDER BY name, version
