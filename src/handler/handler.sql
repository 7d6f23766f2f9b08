-- name: journal_append later session (actor_kind, actor_key, actor_generation, actor, roles, actor_unit, request_id, type, resource, campaign, year, unit_id,
--     restricted bool, reason, before, after)
INSERT INTO journal (actor_kind, actor_key, actor_generation, actor_name, actor_roles, actor_unit, request_id, type, resource, campaign, year, unit_id,
                     restricted, reason, before, after)
VALUES (:actor_kind, :actor_key::uuid, :actor_generation::integer, :actor, string_to_array(:roles, ' '), :actor_unit::uuid, :request_id, :type, :resource, :campaign, :year::integer, :unit_id::uuid, :restricted::boolean, :reason,
        :before::jsonb, :after::jsonb)

-- name: journal_append_each later (actor_kind, actor_key, actor_generation, actor, roles, actor_unit, request_id, type, campaign, year, restricted bool,
--     reason, units)
-- The same event of many units: [{"unit_id", "resource", "before", "after"}]. One of them may have a "type" of its own.
INSERT INTO journal (actor_kind, actor_key, actor_generation, actor_name, actor_roles, actor_unit, request_id, type, resource, campaign, year, unit_id,
                     restricted, reason, before, after)
SELECT :actor_kind, :actor_key::uuid, :actor_generation::integer, :actor, string_to_array(:roles, ' '), :actor_unit::uuid, :request_id, coalesce(u ->> 'type', :type),
       u ->> 'resource', :campaign, :year::integer, (u ->> 'unit_id')::uuid, :restricted::boolean, :reason, nullif(u -> 'before', 'null'), nullif(u -> 'after', 'null')
FROM jsonb_array_elements(:units::jsonb) WITH ORDINALITY AS each(u, turn) ORDER BY turn

-- name: caller_lock maybe (id, generation) -> holds bool
-- Was the key, or that secret of it, not revoked since, but by this very write? When it expires is asked when a request comes. A revocation
-- waits for the write that has asked, and where the write sees an older state than that, it runs again (40001).
SELECT (revoked_at IS NULL AND (generation = :generation::integer OR (generation = :generation::integer + 1 AND previous_hash IS NOT NULL))) OR xmin::text = pg_current_xact_id()::xid::text AS holds
FROM keys WHERE id = :id::uuid FOR SHARE

-- name: unit_scope guard (id, own) -> inside bool, ended bool
-- Is the unit inside the subtree of the caller's own one, and has that one ended?
SELECT :own::uuid IS NOT NULL AND unit_within(:id::uuid, :own::uuid) AS inside, unit_ended(:own::uuid) AS ended FROM units WHERE id = :id::uuid

-- name: path_unit_stake stake ({unit_id}, {year}) -> unit_id, campaign, year
SELECT :unit_id::uuid AS unit_id, NULL AS campaign, :year::integer AS year

-- name: round_unit_stake stake ({unit_id}, {code}, {year}) -> unit_id, campaign, year
SELECT :unit_id::uuid AS unit_id, :code AS campaign, :year::integer AS year

-- name: body_unit_stake stake (@body) -> unit_id, campaign, year
SELECT (:body::jsonb ->> 'unit_id')::uuid AS unit_id, NULL AS campaign, NULL::integer AS year

-- name: path_missing session quick (campaign, year, unit) -> what
-- The first part of a path that leads nowhere; what is NULL is no part of it. Only what everybody may know of.
SELECT CASE WHEN NOT EXISTS (SELECT FROM campaigns c WHERE c.code = :campaign::text) AND :campaign::text IS NOT NULL THEN 'campaign'
    WHEN NOT EXISTS (SELECT FROM rounds r WHERE r.campaign = :campaign::text AND r.year = :year::integer) AND :year::integer IS NOT NULL THEN 'round'
    WHEN NOT EXISTS (SELECT FROM units u WHERE u.id = :unit::uuid) AND :unit::uuid IS NOT NULL THEN 'unit' END AS what

-- name: listed_fetch cursor () -> item
-- The next items of a list that is walked through (tools/embed_statements.py). Few enough to be held at once where each is large.
FETCH 50 FROM listed

-- name: wal_written quick (lineage_too) -> position int, lineage
-- So far has the primary written what is acknowledged, and whose numbers these are. Of two servers that began with one copy of another the
-- identifier and the timeline may be the same: then the first number that each gave tells them apart.
SELECT pg_wal_lsn_diff(CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn() ELSE pg_current_wal_flush_lsn() END, '0/0')::bigint AS position,
    CASE WHEN :lineage_too::boolean THEN (
        SELECT CASE WHEN split_part(i.lineage, '#', 1) = own THEN i.lineage ELSE own END FROM installation i, journal_lineage() own WHERE i.single) END AS lineage

-- name: wal_replayed quick (lineage) -> standby bool, follows bool, position int
-- So far has a standby replayed it, and whether that primary is the one which has written last what it has (journal_seal_batch).
SELECT pg_is_in_recovery() AS standby, lineage IS NOT DISTINCT FROM :lineage::text AS follows, pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint AS position
FROM installation WHERE single
