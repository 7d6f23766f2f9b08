-- Criteria sets over HTTP: drafts that are written, checked and published; campaigns that take a published version.

ALTER TABLE criteria_sets ADD COLUMN revision bigint NOT NULL DEFAULT 1;
ALTER TABLE criteria_sets ADD COLUMN created_at timestamptz NOT NULL DEFAULT clock_now();
ALTER TABLE criteria_sets ADD COLUMN created_by text;
COMMENT ON COLUMN criteria_sets.revision IS 'For If-Match: counts the changes of a draft, and its publication.';

CREATE FUNCTION criteria_set_json(s criteria_sets, whole boolean) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT (jsonb_build_object('name', s.name, 'version', s.version, 'sha256', s.sha256,
        'state', CASE WHEN s.published_at IS NULL THEN 'DRAFT' ELSE 'PUBLISHED' END, 'valid_from', s.valid_from, 'valid_to', s.valid_to,
        'published_at', s.published_at, 'created_at', s.created_at, 'created_by', s.created_by,
        'campaigns', (SELECT coalesce(jsonb_agg(c.code ORDER BY c.code), '[]') FROM campaigns c
                      WHERE (c.criteria_name, c.criteria_version) = (s.name, s.version)))
        || CASE WHEN whole THEN jsonb_build_object('document', s.document,
               'evaluations', (SELECT count(*) FROM evaluations e WHERE e.rule_set_hash = s.sha256)) ELSE '{}' END)::json
$$;
COMMENT ON FUNCTION criteria_set_json IS 'A rule set as the API shows it; whole: with its document and how many evaluations were made by it.';
