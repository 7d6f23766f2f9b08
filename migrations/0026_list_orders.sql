-- The lists whose order no index had: each page was sorted out of the whole table, so that all pages cost the square of it.

CREATE INDEX keys_order ON keys (created_at, id);
CREATE INDEX webhooks_order ON webhooks (created_at, id);
CREATE INDEX decisions_order ON decisions (created_at, id);
CREATE INDEX discipline_records_order ON discipline_records (effective_from, id);
CREATE INDEX proceedings_order ON proceedings (opened_on, id);
CREATE INDEX score_frames_order ON score_frames (year, name);
DROP INDEX proposals_by_round;
CREATE INDEX proposals_by_round ON proposals (campaign, year, created_at, id);
