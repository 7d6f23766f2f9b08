-- Who the caller is, and what it may read and do by that. `roles` are the bits of its roles, `caller_unit` is the unit of its key or token.

CREATE OR REPLACE FUNCTION has_role(roles integer, role text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT roles & (1 << array_position(role_names(), role) - 1) <> 0 $$;
COMMENT ON FUNCTION has_role IS
    'Has the caller the role of that name? Null, so refused, for a name that is none; a test looks for such names in all SQL.';

CREATE OR REPLACE FUNCTION may_read_restricted(roles integer) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT has_role(roles, 'home_affairs') OR has_role(roles, 'chair_office') OR has_role(roles, 'auditor') $$;
COMMENT ON FUNCTION may_read_restricted IS
    'The offices: Sở Nội vụ, the office of the Chair, and auditors (MAY_READ_RESTRICTED in src/http/route.h; a test compares the two).';

CREATE OR REPLACE FUNCTION acts_for(roles integer, caller_unit uuid, unit uuid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT has_role(roles, 'unit') AND caller_unit IS NOT NULL AND unit_within(unit, caller_unit) $$;
COMMENT ON FUNCTION acts_for IS 'Has the caller the role unit, and is that unit its own or below its own?';

CREATE OR REPLACE FUNCTION subtree_visible(unit uuid, offices boolean, caller_unit uuid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT offices OR (caller_unit IS NOT NULL AND unit_within(unit, caller_unit)) $$;
COMMENT ON FUNCTION subtree_visible IS
    'What concerns one unit alone (findings, reports, verdicts, declarations) is read by the offices, and by who stands at or above it.';

CREATE OR REPLACE FUNCTION own_unit(unit uuid, caller_unit uuid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT caller_unit IS NOT NULL AND (unit_within(unit, caller_unit) OR unit_within(caller_unit, unit)) $$;
COMMENT ON FUNCTION own_unit IS
    'Separation of duties (domain, section 1): a key of a unit is not impartial towards what is below it, nor, as one of a division of a
    sở, towards the body that the division is part of.';
