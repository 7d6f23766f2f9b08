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

-- ---- separation of duties (domain, section 1) ----

CREATE OR REPLACE FUNCTION duty_since(campaign text, year integer) RETURNS date LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (SELECT least(make_date(s.year, 1, 1), coalesce((SELECT r.first_day FROM rounds r WHERE r.campaign = $1 AND r.year = s.year),
                                                           (SELECT min(r.first_day) FROM rounds r WHERE r.year = s.year)))
            FROM (SELECT coalesce($2, (SELECT min(r.year) FROM rounds r WHERE r.state <> 'CLOSED'), extract(year FROM today())::integer) AS year) s);
END $$;
COMMENT ON FUNCTION duty_since IS
    'The first day of the award year at stake, as its plan begins it; where an act concerns no certain year, of the earliest one whose round is
    not closed. An act that concerns no certain campaign, such as on a scorecard, may serve any: then the earliest of all that have the year.
    Never later than the calendar year: what is kept by its number, such as an index, is of that one too.';

CREATE OR REPLACE FUNCTION period_held_since(p unit_periods, since date) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (lower(p.valid) <= today() OR NOT EXISTS (SELECT FROM unit_periods e WHERE e.unit_id = p.unit_id AND lower(e.valid) < lower(p.valid)))
       AND NOT EXISTS (SELECT FROM unit_periods l WHERE l.unit_id = p.unit_id AND lower(l.valid) > lower(p.valid)
                       AND lower(l.valid) <= least(since, today()));
END $$;
COMMENT ON FUNCTION period_held_since IS 'Would unit_period_on() have given this period on any day from `since` until today?';

CREATE OR REPLACE FUNCTION own_units(caller_unit uuid, since date) RETURNS SETOF uuid LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY WITH RECURSIVE below(id) AS (
        SELECT caller_unit WHERE caller_unit IS NOT NULL
        UNION
        SELECT next.id FROM below CROSS JOIN LATERAL (
            SELECT p.unit_id AS id FROM unit_periods p WHERE p.parent_id = below.id AND period_held_since(p, since)
            UNION ALL
            SELECT s.predecessor_id FROM successions s
            WHERE s.successor_id = below.id AND s.kind <> 'TRANSFER' AND s.effective_on <= today()) next
    ), above(id) AS (
        SELECT caller_unit WHERE caller_unit IS NOT NULL
        UNION
        SELECT next.id FROM above CROSS JOIN LATERAL (
            SELECT p.parent_id AS id FROM unit_periods p
            WHERE p.unit_id = above.id AND p.parent_id IS NOT NULL AND period_held_since(p, since)
            UNION ALL
            SELECT s.successor_id FROM successions s
            WHERE s.predecessor_id = above.id AND s.successor_id IS NOT NULL AND s.kind <> 'TRANSFER' AND s.effective_on <= today()) next
    ) SELECT id FROM below UNION SELECT id FROM above;
END $$;
COMMENT ON FUNCTION own_units IS
    'Towards whom a key of a unit is not impartial: what is below it or ended in it, and, as one of a division of a sở, the body that the
    division is part of. What was so on any day since `since` counts: nobody moves a unit away, judges it and moves it back. In a chain of
    several each link may have held on a day of its own. Its plan is good for any unit; to make another one for each call would cost as much
    as to run it.';

CREATE OR REPLACE FUNCTION duty_bar(unit uuid, caller_unit uuid, campaign text, year integer, rivals boolean) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    since date := duty_since($3, $4);
    own uuid[] := ARRAY(SELECT own_units($2, since));
BEGIN
    IF unit = ANY (own) THEN
        RETURN true;
    END IF;
    IF rivals AND EXISTS (
        SELECT FROM contestants c JOIN rounds r USING (campaign, year)
        CROSS JOIN LATERAL (SELECT duty_since(c.campaign, c.year) AS day OFFSET 0) s
        CROSS JOIN LATERAL unnest(CASE WHEN s.day = since THEN own ELSE ARRAY(SELECT own_units($2, s.day)) END) mine(id)
        JOIN contestants o ON (o.campaign, o.year, o.unit_id, o.group_name) = (c.campaign, c.year, mine.id, c.group_name)
                           AND o.cluster IS NOT DISTINCT FROM c.cluster
        WHERE c.unit_id = $1 AND mine.id <> $1 AND r.state <> 'CLOSED' AND ($4 IS NULL OR c.year = $4)) THEN
        RETURN false;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION duty_bar IS
    'Why may the caller not act on the unit? True: it is the caller''s own, or was it since the award year began. False: where rivals count,
    it is compared with one of those in a round that is not closed (III.1.a: inside group and cluster). Null: it may. Rivals are those of any
    campaign in the year, or of any year where it is null; each round asks whose own they are since its own award year began (duty_since).
    None is a rival of itself: another plan may count it as the caller''s own for longer.';
