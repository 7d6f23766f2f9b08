-- name: journal_append exec session (actor_key, actor, roles, actor_unit, request_id, type, resource, campaign, year, unit_id,
--     restricted bool, reason, before, after)
INSERT INTO journal (actor_key, actor_name, actor_roles, actor_unit, request_id, type, resource, campaign, year, unit_id,
                     restricted, reason, before, after)
VALUES (:actor_key::uuid, :actor, string_to_array(:roles, ' '), :actor_unit::uuid, :request_id, :type, :resource, :campaign, :year::integer, :unit_id::uuid, :restricted::boolean, :reason,
        :before::jsonb, :after::jsonb)

-- name: unit_scope one (id, own) -> inside bool, ended bool
-- Is the unit inside the subtree of the caller's own one, and has that one ended?
SELECT :own::uuid IS NOT NULL AND unit_within(:id::uuid, :own::uuid) AS inside, unit_ended(:own::uuid) AS ended FROM units WHERE id = :id::uuid

-- name: unit_own maybe (id, own) -> own bool
SELECT own_unit(:id::uuid, :own::uuid) AS own FROM units WHERE id = :id::uuid
