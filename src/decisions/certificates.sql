-- name: certificate_show read ({id}, @offices, @unit) -> body, version
-- The version is that of the award, and for the offices alone as there (award_show).
SELECT certificate_json(a, :offices::boolean)::text, CASE WHEN :offices::boolean THEN a.version END
FROM awards a JOIN decisions d ON d.id = a.decision_id
WHERE a.id = :id::uuid AND decision_visible(d, :offices::boolean) AND subtree_visible(a.unit_id, :offices::boolean, :unit::uuid)

-- name: certificate_stand one (id) -> issued bool, revoked bool, json
-- Apart from award_lock, so that it sees what who held the lock has issued.
SELECT EXISTS (SELECT FROM certificates c WHERE c.award_id = a.id) AS issued, a.revoked_by IS NOT NULL AS revoked,
       certificate_json(a, true)::text AS json
FROM awards a WHERE a.id = :id::uuid

-- name: certificate_issue exec (id, body)
INSERT INTO certificates (award_id, issue, certificate_number, issued_on, reason, source)
SELECT a.id, coalesce(last.issue, 0) + 1, b.certificate_number,
       CASE WHEN (b.issued_on >= d.signed_on OR refuse('certificate_before_award'))
                 AND (coalesce(b.issued_on >= last.issued_on, true) OR refuse('certificate_before_the_last')) THEN b.issued_on END,
       b.reason, b.source
FROM jsonb_to_record(:body::jsonb) AS b(certificate_number text, issued_on date, reason text, source text),
     awards a JOIN decisions d ON d.id = a.decision_id
     LEFT JOIN LATERAL (SELECT c.issue, c.issued_on FROM certificates c WHERE c.award_id = a.id ORDER BY c.issue DESC LIMIT 1) last ON true
WHERE a.id = :id::uuid

-- name: certificate_count_up one (id) -> version, json
UPDATE awards SET version = version + 1 WHERE id = :id::uuid RETURNING version, certificate_json(awards, true)::text AS json
