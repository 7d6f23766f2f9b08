-- The tables of thidua, by subject. A clause such as III.2.b is one of plan 230 of Bình Phước, which the rules of the service are named by.
--
-- This file is applied once and never edited after a release: what changes tables later is a file with a higher number. It holds only those
-- functions that a CHECK, a default, a generated column or an index calls; all others are in src/*/*_functions.sql and may be replaced at
-- any time. CONTRIBUTING.md ("The schema") has the rules for both. There ("A list") it says why indexes of filters are NULLS FIRST.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'thidua_app') THEN
        RAISE EXCEPTION 'the role thidua_app is missing: create it (LOGIN, without CREATE rights) before migrating';
    END IF;
END $$;

DO $$
DECLARE
    elsewhere record;
BEGIN
    FOR elsewhere IN SELECT extname, extnamespace::regnamespace AS schema FROM pg_extension
                     WHERE extname IN ('btree_gist', 'pg_trgm', 'unaccent') AND extnamespace <> 'public'::regnamespace LOOP
        RAISE EXCEPTION 'the extension % is in the schema %, and the service looks in public only: ALTER EXTENSION % SET SCHEMA public',
            elsewhere.extname, elsewhere.schema, elsewhere.extname;
    END LOOP;
END $$;

CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;

-- The service works as thidua_app, which owns nothing: it may read, insert and update, and delete only where a GRANT below says so.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO thidua_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE ON TABLES TO thidua_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO thidua_app;
GRANT SELECT ON schema_migrations, schema_functions TO thidua_app;
COMMENT ON TABLE schema_migrations IS 'The numbered files that were applied to this database, each once.';
COMMENT ON TABLE schema_functions IS 'The text by which each file of functions was last applied: one whose SHA-256 differs is applied again.';

-- ---- functions that tables call ----

CREATE FUNCTION clock_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting('thidua.now', true), '')::timestamptz, now()) $$;
COMMENT ON FUNCTION clock_now IS 'The clock of the service: the time of the transaction, or the fixed one of tests and replays.';

CREATE FUNCTION local_date(instant timestamptz) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (instant AT TIME ZONE 'Asia/Ho_Chi_Minh')::date $$;
COMMENT ON FUNCTION local_date IS 'The civil date of an instant as the law reads it.';

-- How names are compared. What is not a matter of the name goes first, here and nowhere else; each form below is made from the one above
-- it, so what is equal in one is equal in all that follow. They name characters by number and lean on no locale: the database may have
-- any, and values that are stored must not change with it. In PL/pgSQL, because unaccent is only STABLE: an SQL function would be planned
-- anew for every row written.
CREATE FUNCTION spelling(name text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    apostrophes CONSTANT text := E'\u0027\u0060\u00b4\u02b9\u02bb\u02bc\u02bd\u02c8\u055a\u2018\u2019\u201b\u2032\u2035\ua78c\uff07';
    unseen CONSTANT text := '[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f'
        '\ufe00-\ufe0f\ufeff]+';
    -- Blanks, dashes, punctuation and symbols of all kinds.
    between CONSTANT text := '\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7'
        '\u058a\u05be\u1400\u1680\u1806\u2000-\u2bff\u2e00-\u2e7f\u3000-\u303f\u30a0\ufe10-\ufe6f\ufffd\U0001f000-\U0001faff';
    t text := normalize(translate(name, apostrophes, repeat(chr(39), 16)), NFKC);
BEGIN
    t := translate(lower(normalize(t, NFD)), E'\u0110\u00d0\u00f0\u0189\u0256', repeat(E'\u0111', 5)); -- kinds of the letter Đ
    t := regexp_replace(t, unseen, '', 'g');
    IF strpos(t, chr(39)) > 0 THEN
        t := translate(regexp_replace(t, '(?<![^ ])([a-z\u0111])'' *', '\1', 'g'), chr(39), ''); -- H'leo, H' leo
    END IF;
    IF strpos(t, 't.') > 0 THEN
        t := regexp_replace(t, '(?<![^ ])t[.](?=[ptx](?![a-z0-9\u0111\u0300-\u036f]))', 't', 'g'); -- T.P., T.X.
    END IF;
    t := btrim(regexp_replace(t, '(^|[' || between || '])[' || between || '\u0300-\u036f]*', ' ', 'g'));
    -- The tone goes before the letters of its syllable, whose first letters then agree before the last are written.
    RETURN regexp_replace(t, '([a-z\u0111\u0302\u0306\u031b]+)([\u0300\u0301\u0303\u0309\u0323])', '\2\1', 'g');
END $$;
COMMENT ON FUNCTION spelling IS
    'A name without what is no matter of spelling: case, composition, where the tone stands (Hoà, Hòa), kinds of blanks, dashes, apostrophes
    and punctuation. Diacritics count: Lộc Thạnh and Lộc Thành are two communes of one district.';

CREATE FUNCTION spelling_plain(spelt text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS
$$ BEGIN RETURN lower(public.unaccent('public.unaccent', regexp_replace(spelt, '[\u0300-\u036f]', '', 'g'))); END $$;
COMMENT ON FUNCTION spelling_plain IS 'What spelling() made, without its diacritics.';

CREATE FUNCTION plain_form(name text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS
$$ BEGIN RETURN public.spelling_plain(public.spelling(name)); END $$;
COMMENT ON FUNCTION plain_form IS 'A name without diacritics and whatever else is no matter of spelling: for sorting, and to find what may be the same name.';

CREATE FUNCTION spelling_in_full(spelt text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    t text := spelt;
BEGIN
    IF spelt !~ '(?<![^ ])(t[ptx]|[hpqtx])(?![^ ])' THEN
        RETURN spelt;
    END IF;
    -- As spelling() writes Thành phố, Thị xã, Thị trấn, Huyện, Phường, Quận, Tỉnh, Xã.
    t := regexp_replace(t, '(?<![^ ])tp(?![^ ])', E'\u0300thanh \u0301pho\u0302', 'g');
    t := regexp_replace(t, '(?<![^ ])tx(?![^ ])', E'\u0323thi \u0303xa', 'g');
    t := regexp_replace(t, '(?<![^ ])tt(?![^ ])', E'\u0323thi \u0301tra\u0302n', 'g');
    t := regexp_replace(t, '(?<![^ ])h(?![^ ])', E'\u0323huye\u0302n', 'g');
    t := regexp_replace(t, '(?<![^ ])p(?![^ ])', E'\u0300phu\u031bo\u031bng', 'g');
    t := regexp_replace(t, '(?<![^ ])q(?![^ ])', E'\u0323qua\u0302n', 'g');
    t := regexp_replace(t, '(?<![^ ])t(?![^ ])', E'\u0309tinh', 'g');
    RETURN regexp_replace(t, '(?<![^ ])x(?![^ ])', E'\u0303xa', 'g');
END $$;
COMMENT ON FUNCTION spelling_in_full IS 'What spelling() made, with usual abbreviations in full where they are whole words: TP., TX., TT., H., P., Q., T., X.';

CREATE FUNCTION written_form(name text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS
$$ BEGIN RETURN public.spelling_in_full(public.spelling(name)); END $$;
COMMENT ON FUNCTION written_form IS 'A name as whoever types diacritics searches it: "TX. Phước Long" is Thị xã Phước Long.';

CREATE FUNCTION search_form(name text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS
$$ BEGIN RETURN translate(public.spelling_plain(public.written_form(name)), 'y', 'i'); END $$;
COMMENT ON FUNCTION search_form IS
    'A name as it is searched, and what is sought: as written_form(), without diacritics, and i and y alike. "dong xoai" finds Đồng Xoài.
    It holds no character that means something to LIKE.';

CREATE FUNCTION number_symbol_key(number text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT upper(translate(normalize(regexp_replace(number, '^0+(?=[0-9])', ''), NFD), 'đ', 'Đ') COLLATE "C") $$;
COMMENT ON FUNCTION number_symbol_key IS
    'Number-symbols with equal keys are the same one (domain, sections 5 and 7): leading zeros and case do not matter, whatever the locale
    of the database: TƯ is tư, and decomposed its letters beside Đ are A to Z. Blanks and
    characters that look alike were settled before a number is stored (include/thidua/number_symbol.h).';

CREATE FUNCTION issuer_key(issuer text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT replace(replace(regexp_replace(btrim(regexp_replace(public.plain_form(issuer), '[^[:alnum:]]+', ' ', 'g')),
                                          '^chu tich ', ''), 'uy ban nhan dan', 'ubnd'), 'hoi dong nhan dan', 'hdnd')
$$;
COMMENT ON FUNCTION issuer_key IS
    'Issuers with equal keys are the same body: case, diacritics, blanks and punctuation do not matter, UBND is Ủy ban nhân dân, and its
    Chair draws numbers from its register.';

CREATE TYPE text_range AS RANGE (subtype = text);
COMMENT ON TYPE text_range IS 'From one text to another; it serves issuer_span() alone.';

CREATE FUNCTION issuer_span(issuer text) RETURNS text_range LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN issuer IS NULL THEN public.text_range(NULL, NULL) ELSE public.text_range(public.issuer_key(issuer), public.issuer_key(issuer), '[]') END $$;
COMMENT ON FUNCTION issuer_span IS
    'Of two documents with one number and day, those whose issuers overlap (&&) are the same one (domain, section 7). Where nobody said who
    issued one, it may be by anybody: only two issuers that are both named, and differ, make two documents.';

CREATE FUNCTION role_names() RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT '{viewer,unit,home_affairs,initiative_council,chair_office,auditor,admin}'::text[] $$;
COMMENT ON FUNCTION role_names IS
    'All roles, in the order of their bits: the n-th is bit 1 << (n - 1) of what the service passes as the roles of a caller
    (include/thidua/roles.h; a test compares the two).';

-- ---- journal ----

CREATE TABLE installation (
    single boolean PRIMARY KEY DEFAULT true CONSTRAINT installation_single CHECK (single),
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    lineage text
);
COMMENT ON TABLE installation IS
    'One row that names this database. With it, the source and id of an event are unique in the world (CloudEvents 1.0, source).';
COMMENT ON COLUMN installation.lineage IS
    'journal_lineage() when a number was last given: where it differs, this is a copy, and the numbers go on far beyond; behind a # the one with
    which they did. Empty: `thidua restored` says that it is one. Null: no number was given yet.';
COMMENT ON CONSTRAINT installation_single ON installation IS 'There is one row only.';
INSERT INTO installation DEFAULT VALUES;
REVOKE INSERT, UPDATE ON installation FROM thidua_app;

CREATE TABLE journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seq bigint,
    hash bytea,
    at timestamptz NOT NULL DEFAULT clock_now(),
    actor_kind text NOT NULL CONSTRAINT journal_actor_kind CHECK (actor_kind IN ('KEY', 'TOKEN', 'SERVICE')),
    actor_key uuid,
    actor_generation integer,
    actor_name text NOT NULL,
    actor_roles text[] NOT NULL,
    actor_unit uuid,
    request_id text NOT NULL,
    type text NOT NULL,
    resource text NOT NULL,
    campaign text,
    year integer,
    unit_id uuid,
    restricted boolean NOT NULL,
    reason text,
    before jsonb,
    after jsonb,
    CONSTRAINT journal_sealed_whole CHECK ((seq IS NULL) = (hash IS NULL))
);
COMMENT ON TABLE journal IS
    'Who did what to which resource, appended in the transaction that did it. It is audit trail, event feed and outbox in one.';
COMMENT ON COLUMN journal.id IS 'The order of insertion. It may have gaps, and a lower one may be committed later.';
COMMENT ON COLUMN journal.seq IS
    'A number, given by the sealer after commit; null until then. Without gaps, but before a row journal.resumed (journal_seal_batch).';
COMMENT ON COLUMN journal.hash IS 'SHA-256 of the hash of the row before, followed by journal_canonical() of this row.';
COMMENT ON COLUMN journal.actor_kind IS
    'A key of ours, a token of the identity provider, or the service itself (a command, work that nobody waits for). Names tell nothing of
    that: whoever names tokens could give one the name of a key.';
COMMENT ON CONSTRAINT journal_actor_kind ON journal IS 'One of the three.';
COMMENT ON COLUMN journal.actor_key IS 'The key, or the id of a caller with a token; null for the command line.';
COMMENT ON COLUMN journal.actor_generation IS 'Of a key: by which of its secrets (keys.generation).';
COMMENT ON COLUMN journal.request_id IS 'Under this id the log tells of the same request.';
COMMENT ON COLUMN journal.type IS 'One of src/journal/event.def.';
COMMENT ON COLUMN journal.resource IS 'The path of what was changed, such as /v1/units/….';
COMMENT ON COLUMN journal.unit_id IS 'The unit concerned.';
COMMENT ON COLUMN journal.restricted IS 'It is not for everybody: src/journal/event.def says who may know of it.';
COMMENT ON COLUMN journal.reason IS 'The reason that the actor gave, where the act needs one.';
COMMENT ON COLUMN journal.before IS 'The resource before the act; null for what was made by it.';
COMMENT ON COLUMN journal.after IS 'The resource after the act; null for what was removed by it.';
COMMENT ON CONSTRAINT journal_sealed_whole ON journal IS 'A row is numbered and chained at once.';
CREATE INDEX journal_unsealed ON journal (id) WHERE seq IS NULL;
CREATE UNIQUE INDEX journal_seq ON journal (seq) WHERE seq IS NOT NULL;
CREATE INDEX journal_resource ON journal (resource, seq NULLS FIRST);
CREATE INDEX journal_unit ON journal (unit_id, seq NULLS FIRST) WHERE seq IS NOT NULL;
CREATE INDEX journal_type ON journal (type, seq NULLS FIRST) WHERE seq IS NOT NULL;
CREATE INDEX journal_round ON journal (campaign, year, seq NULLS FIRST) WHERE campaign IS NOT NULL AND seq IS NOT NULL;
CREATE INDEX journal_year ON journal (year, seq NULLS FIRST) WHERE year IS NOT NULL AND seq IS NOT NULL;
COMMENT ON INDEX journal_unsealed IS 'What the sealer has still to number.';
COMMENT ON INDEX journal_seq IS
    'Two rows never have one number. Like the other partial ones it is written to once for each row, by the sealer: the write itself waits
    for none of them.';
COMMENT ON INDEX journal_resource IS 'Whole: who judges a resource asks also for what was not sealed yet.';
REVOKE UPDATE ON journal FROM thidua_app;

-- ---- units ----

CREATE TYPE unit_kind AS ENUM ('PROVINCE', 'PROVINCIAL_BODY', 'PROVINCIAL_SUBUNIT', 'DISTRICT', 'DISTRICT_SUBUNIT', 'COMMUNE',
                               'PARTY_BODY', 'MASS_ORGANISATION', 'OTHER');
CREATE TYPE code_scheme AS ENUM ('GSO', 'AGENCY', 'AGENCY_LEGACY');
CREATE TYPE succession_kind AS ENUM ('MERGE', 'SPLIT', 'RENAME', 'DISSOLVE', 'TRANSFER');
COMMENT ON TYPE code_scheme IS
    'GSO: territorial codes of the General Statistics Office. AGENCY: electronic identifiers of agencies (QĐ 20/2020/QĐ-TTg).
    AGENCY_LEGACY: those of QCVN 102:2016 before it.';
COMMENT ON TYPE succession_kind IS 'After a TRANSFER the predecessor goes on; after any other kind it has ended.';

CREATE TABLE units (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_now()
);
COMMENT ON TABLE units IS 'Bodies that can be judged. What they were called and to whom they belonged has dates: see unit_periods.';
GRANT DELETE ON units TO thidua_app; -- one that was entered by mistake (unit_withdraw)

CREATE TABLE unit_periods (
    unit_id uuid NOT NULL REFERENCES units,
    valid daterange NOT NULL CONSTRAINT unit_periods_from CHECK (NOT lower_inf(valid) AND NOT isempty(valid)),
    name text NOT NULL CONSTRAINT unit_periods_name CHECK (btrim(name, E' \n\t') <> ''),
    kind unit_kind NOT NULL,
    parent_id uuid CONSTRAINT unit_periods_parent REFERENCES units CONSTRAINT unit_periods_not_own_parent CHECK (parent_id <> unit_id),
    legal_basis text,
    plain text GENERATED ALWAYS AS (plain_form(name)) STORED,
    written text GENERATED ALWAYS AS (written_form(name)) STORED,
    search text GENERATED ALWAYS AS (search_form(name)) STORED,
    PRIMARY KEY (unit_id, valid),
    CONSTRAINT unit_periods_one_at_a_time EXCLUDE USING gist (coalesce(unit_id, unit_id) WITH =, coalesce(valid, valid) WITH &&)
);
COMMENT ON TABLE unit_periods IS 'What a unit was called, what it was and to whom it belonged, from one day until before another.';
COMMENT ON COLUMN unit_periods.valid IS 'From the first day until before the upper bound; without an upper bound it goes on.';
COMMENT ON COLUMN unit_periods.legal_basis IS 'The act that brought this state of the unit.';
COMMENT ON COLUMN unit_periods.plain IS 'The name as it is sorted, and as names that may be the same are found.';
COMMENT ON COLUMN unit_periods.written IS 'The name as it is searched by who types diacritics.';
COMMENT ON COLUMN unit_periods.search IS 'The name as it is searched.';
COMMENT ON CONSTRAINT unit_periods_from ON unit_periods IS 'A period has a first day.';
COMMENT ON CONSTRAINT unit_periods_name ON unit_periods IS 'A name is not blank.';
COMMENT ON CONSTRAINT unit_periods_not_own_parent ON unit_periods IS 'No unit belongs to itself. Longer circles are refused by unit_parent_check().';
COMMENT ON CONSTRAINT unit_periods_one_at_a_time ON unit_periods IS
    'On any day a unit has one name, kind and parent. coalesce(): the planner takes this index for cheaper than the primary key wherever a
    unit is looked up by its id, and it is several times dearer. By its days too: then it reads all units that have the same. To hide the id in
    bytes would cost each new period five times as much.';
CREATE INDEX unit_periods_parent_index ON unit_periods (parent_id, plain);
CREATE INDEX unit_periods_search ON unit_periods USING gin (search gin_trgm_ops);
CREATE INDEX unit_periods_search_former ON unit_periods USING gin (search gin_trgm_ops) WHERE NOT upper_inf(valid);
CREATE INDEX unit_periods_by_kind ON unit_periods (kind, plain NULLS FIRST, unit_id);
CREATE INDEX unit_periods_start ON unit_periods (lower(valid), unit_id);
CREATE INDEX unit_periods_name ON unit_periods (name);
COMMENT ON INDEX unit_periods_start IS 'Units by the day from which they are as they are shown.';
CREATE INDEX unit_periods_order ON unit_periods (plain, unit_id);
COMMENT ON INDEX unit_periods_search IS 'Finds parts of names.';
COMMENT ON INDEX unit_periods_search_former IS 'Finds parts of former names, without reading all that are called so now.';
COMMENT ON INDEX unit_periods_name IS 'Who owes a report is read in this order.';
COMMENT ON INDEX unit_periods_order IS 'The list of units is read in this order.';
COMMENT ON INDEX unit_periods_parent_index IS 'Who belongs to whom; and by their names, twins among them.';
GRANT DELETE ON unit_periods TO thidua_app;

CREATE FUNCTION code_is_valid(scheme code_scheme, value text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE scheme
        WHEN 'GSO' THEN value ~ '^([0-9]{2}|[0-9]{3}|[0-9]{5})$'
        WHEN 'AGENCY' THEN length(value) <= 35 AND value ~ '^[A-Z][0-9]{2}(\.[0-9A-Z]{2,3}){0,8}$'
        ELSE value ~ '^[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2}$' END
$$;
COMMENT ON FUNCTION code_is_valid IS 'Has the code the form that its scheme prescribes?';

CREATE TABLE unit_codes (
    unit_id uuid NOT NULL REFERENCES units,
    scheme code_scheme NOT NULL,
    value text NOT NULL,
    valid daterange NOT NULL CONSTRAINT unit_codes_from CHECK (NOT lower_inf(valid) AND NOT isempty(valid)),
    CONSTRAINT unit_codes_form CHECK (code_is_valid(scheme, value)),
    CONSTRAINT unit_codes_one_holder EXCLUDE USING gist (scheme WITH =, value WITH =, valid WITH &&)
);
COMMENT ON TABLE unit_codes IS 'Codes of units. A code is reused for other bodies over time, but has one holder on any day.';
COMMENT ON CONSTRAINT unit_codes_from ON unit_codes IS 'A code is held from a first day on.';
COMMENT ON CONSTRAINT unit_codes_form ON unit_codes IS 'See code_is_valid().';
COMMENT ON CONSTRAINT unit_codes_one_holder ON unit_codes IS 'On any day a code means one unit.';
CREATE INDEX unit_codes_unit ON unit_codes (unit_id);
CREATE INDEX unit_codes_value ON unit_codes (value);
GRANT DELETE ON unit_codes TO thidua_app;

CREATE TABLE successions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    predecessor_id uuid NOT NULL REFERENCES units,
    successor_id uuid CONSTRAINT successions_successor REFERENCES units
        CONSTRAINT successions_not_itself CHECK (successor_id <> predecessor_id),
    kind succession_kind NOT NULL,
    effective_on date NOT NULL,
    legal_basis text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT successions_dissolved_into_nothing CHECK (successor_id IS NOT NULL OR kind = 'DISSOLVE'),
    CONSTRAINT successions_once UNIQUE NULLS NOT DISTINCT (predecessor_id, successor_id, effective_on)
);
COMMENT ON TABLE successions IS
    'Who took over from whom, many to many. What a body earned stays with it; who holds it now is found through these rows.';
COMMENT ON COLUMN successions.successor_id IS 'Null: the predecessor was dissolved and nobody took over.';
COMMENT ON COLUMN successions.effective_on IS 'The first day of the successor.';
COMMENT ON CONSTRAINT successions_not_itself ON successions IS 'No unit succeeds itself.';
COMMENT ON CONSTRAINT successions_dissolved_into_nothing ON successions IS 'Only a dissolved body may have no successor.';
COMMENT ON CONSTRAINT successions_once ON successions IS 'A succession is recorded once.';
CREATE INDEX successions_successor_index ON successions (successor_id);
REVOKE UPDATE ON successions FROM thidua_app;

-- ---- callers ----

CREATE TABLE keys (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    version bigint NOT NULL DEFAULT 1,
    hash bytea NOT NULL CONSTRAINT keys_hash UNIQUE,
    previous_hash bytea CONSTRAINT keys_previous_hash UNIQUE,
    previous_until timestamptz,
    generation integer NOT NULL DEFAULT 1,
    name text NOT NULL,
    roles text[] NOT NULL CONSTRAINT keys_roles CHECK (cardinality(roles) > 0 AND roles <@ role_names()),
    unit_id uuid CONSTRAINT keys_unit REFERENCES units,
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    created_by uuid,
    expires_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT keys_unit_role_has_unit CHECK (NOT 'unit' = ANY (roles) OR unit_id IS NOT NULL),
    CONSTRAINT keys_previous_whole CHECK ((previous_hash IS NULL) = (previous_until IS NULL))
);
COMMENT ON TABLE keys IS 'Access keys. Only the SHA-256 of a key is stored; the key itself was shown once, when it was made.';
COMMENT ON COLUMN keys.hash IS 'SHA-256 of the secret.';
COMMENT ON COLUMN keys.previous_hash IS 'SHA-256 of the secret before the last rotation. It is good until previous_until.';
COMMENT ON COLUMN keys.generation IS 'Of the secret: each rotation begins another. The journal tells by which one an act was done.';
COMMENT ON COLUMN keys.unit_id IS 'The key reaches this unit and what is below it. The role unit needs one.';
COMMENT ON COLUMN keys.created_by IS
    'Who made it: a key, or the id that is made of issuer and subject of a token, which has no row here; null for the command line.';
COMMENT ON CONSTRAINT keys_hash ON keys IS 'A secret opens one key.';
COMMENT ON CONSTRAINT keys_previous_hash ON keys IS 'An earlier secret opens one key.';
COMMENT ON CONSTRAINT keys_roles ON keys IS 'At least one role, and only those that there are.';
COMMENT ON CONSTRAINT keys_unit_role_has_unit ON keys IS 'The role unit acts for a certain unit.';
COMMENT ON CONSTRAINT keys_previous_whole ON keys IS 'An earlier secret always ends.';
CREATE INDEX keys_order ON keys (created_at, id);
COMMENT ON INDEX keys_order IS 'The list of keys is read in this order.';

CREATE TABLE key_uses (
    key_id uuid PRIMARY KEY CONSTRAINT key_uses_key REFERENCES keys,
    last_used_at timestamptz NOT NULL
);
COMMENT ON TABLE key_uses IS
    'When keys were last used: written afterwards by the instances, about once a minute. It is no act of anybody, so neither version nor
    journal know of it. Nor does the row of the key: a write that sees one state of the data asks at its end whether its key still holds, and
    would be run again where that row was written since (caller_lock).';

CREATE TABLE idempotency_answers (
    caller text NOT NULL,
    key text NOT NULL CONSTRAINT idempotency_answers_key_bounded CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint bytea NOT NULL CONSTRAINT idempotency_answers_sha256 CHECK (length(fingerprint) = 32),
    roles integer NOT NULL,
    unit uuid,
    about uuid[] NOT NULL DEFAULT '{}',
    expires_at timestamptz NOT NULL,
    status integer NOT NULL,
    content_type text,
    etag text,
    location text,
    cache_control text,
    sealed boolean NOT NULL,
    body bytea NOT NULL,
    CONSTRAINT idempotency_answers_pkey PRIMARY KEY (caller, key)
);
COMMENT ON TABLE idempotency_answers IS
    'What a write answered, stored in its own transaction: the same request sent again gets the same answer and writes nothing
    (draft-ietf-httpapi-idempotency-key-header). It is kept for 24 hours. Every instance looks every ten
    seconds for what has expired, and nobody else does: a write that sees one state of the data would be run again for each that went since.';
COMMENT ON COLUMN idempotency_answers.key IS 'The header Idempotency-Key of the caller''s choice.';
COMMENT ON COLUMN idempotency_answers.fingerprint IS 'SHA-256 of method, target, content type and body.';
COMMENT ON COLUMN idempotency_answers.roles IS
    'The bits of the roles of who was answered. A person''s next token may have fewer, and shows then what those may see.';
COMMENT ON COLUMN idempotency_answers.unit IS 'For which unit they acted, likewise.';
COMMENT ON COLUMN idempotency_answers.about IS
    'The units at or below that one of which the answer tells, where it was the unit alone that opened them: one of them may move away.';
COMMENT ON COLUMN idempotency_answers.sealed IS
    'The body holds a secret that is shown once: it is encrypted under the credential of the caller, which is stored nowhere.';
COMMENT ON CONSTRAINT idempotency_answers_key_bounded ON idempotency_answers IS 'A key of 1 to 255 characters.';
COMMENT ON CONSTRAINT idempotency_answers_sha256 ON idempotency_answers IS 'The fingerprint is a SHA-256.';
CREATE INDEX idempotency_answers_expired ON idempotency_answers (expires_at);
GRANT DELETE ON idempotency_answers TO thidua_app;

-- ---- criteria sets ----

CREATE FUNCTION earlier_years(document jsonb) RETURNS integer[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (SELECT coalesce(array_agg(DISTINCT year::integer ORDER BY year::integer DESC), '{}')
            FROM jsonb_path_query(document, 'strict $.**?(@.type() == "object")?(exists (@.fact) && exists (@.year)).year') year
            WHERE jsonb_typeof(year) = 'number' AND year::numeric BETWEEN -9 AND -1 AND year::numeric = trunc(year::numeric));
END $$;
COMMENT ON FUNCTION earlier_years IS 'Of which earlier years, counted back from the award year, the rules read facts: {"fact": name, "year": -1}.';

CREATE FUNCTION merit_councils(document jsonb) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (SELECT coalesce(array_agg(DISTINCT council.code ORDER BY council.code), '{PROVINCIAL}')
            FROM jsonb_path_query(document, 'strict $.**?(@.type() == "object")?(@.register == "initiatives" && exists (@.where)).where[*]?(@.field == "council" && @.op == "=")') term
            CROSS JOIN LATERAL jsonb_array_elements_text(coalesce(term -> 'values', jsonb_build_array(term -> 'value'))) council(code));
END $$;
COMMENT ON FUNCTION merit_councils IS
    'By which councils'' recognition an initiative counts, as the rules ask for it: {"field": "council", "op": "=", …}. The provincial one where
    they do not say.';

CREATE FUNCTION facts_read(document jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    -- By their schema: pg_restore makes the generated columns without a search path.
    RETURN jsonb_build_object('earlier', public.earlier_years(document), 'councils', jsonb_build_object('named', public.merit_councils(document), 'alike', (
        SELECT count(DISTINCT ARRAY(SELECT council.code FROM jsonb_array_elements_text(coalesce(term -> 'values', jsonb_build_array(term -> 'value'))) council(code)
                                    ORDER BY council.code)) = 1
        FROM jsonb_path_query(document, 'strict $.**?(@.type() == "object")?(@.register == "initiatives" && exists (@.where)).where[*]?(@.field == "council" && @.op == "=")') term)));
END $$;
COMMENT ON FUNCTION facts_read IS
    'How facts of a unit are read for these rules: of which earlier years too, and which councils are `named`; `alike`, where that is the same ones
    each time, so that the word of each is worth the same.';

CREATE TABLE criteria_sets (
    name text NOT NULL CONSTRAINT criteria_sets_name_form CHECK (name ~ '^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$'),
    version integer NOT NULL CONSTRAINT criteria_sets_version_from CHECK (version BETWEEN 1 AND 9999),
    revision bigint NOT NULL DEFAULT 1,
    sha256 text NOT NULL CONSTRAINT criteria_sets_sha256_form CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    document jsonb NOT NULL,
    facts_read jsonb NOT NULL GENERATED ALWAYS AS (facts_read(document)) STORED,
    merit_councils text[] NOT NULL GENERATED ALWAYS AS (merit_councils(document)) STORED,
    forms jsonb GENERATED ALWAYS AS (document -> 'forms') STORED,
    balance jsonb GENERATED ALWAYS AS (document -> 'balance') STORED,
    valid_from date NOT NULL,
    valid_to date,
    published_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    created_by text,
    PRIMARY KEY (name, version),
    CONSTRAINT criteria_sets_period CHECK (valid_to >= valid_from)
);
CREATE INDEX criteria_sets_hash ON criteria_sets (sha256);
COMMENT ON INDEX criteria_sets_hash IS 'What is shown of an award or a decision asks for the rules that it was made by.';
COMMENT ON TABLE criteria_sets IS 'Rule sets as data. A verdict names one by its hash, so a published one never changes.';
COMMENT ON COLUMN criteria_sets.version IS 'The version of the rules, part of their name.';
COMMENT ON COLUMN criteria_sets.revision IS 'For If-Match: counts the changes of a draft, and its publication.';
COMMENT ON COLUMN criteria_sets.sha256 IS 'Of the canonical text of the document (sorted keys, no blanks).';
COMMENT ON COLUMN criteria_sets.facts_read IS 'How facts are read for its rules, as unit_snapshot() takes it: so they are packed.';
COMMENT ON COLUMN criteria_sets.merit_councils IS 'By which councils'' recognition an initiative can earn an award.';
COMMENT ON COLUMN criteria_sets.forms IS
    'Which forms of award there are. Out of the document, as balance: what is shown in lists asks for these, and not for forty kilobytes of rules.';
COMMENT ON COLUMN criteria_sets.balance IS 'Which minimum shares among the awarded the rules ask for, if any.';
COMMENT ON COLUMN criteria_sets.valid_to IS 'The last day; null while it has no end.';
COMMENT ON COLUMN criteria_sets.published_at IS 'Null for a draft.';
COMMENT ON CONSTRAINT criteria_sets_name_form ON criteria_sets IS 'A name that needs no escape in a path, and is no ".." that leads out of it.';
COMMENT ON CONSTRAINT criteria_sets_version_from ON criteria_sets IS 'Versions count from 1.';
COMMENT ON CONSTRAINT criteria_sets_sha256_form ON criteria_sets IS 'The hash is hexadecimal, in lower case.';
COMMENT ON CONSTRAINT criteria_sets_period ON criteria_sets IS 'The last day is not before the first.';

-- ---- campaigns ----

CREATE FUNCTION by_code(list jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_object_agg(e.item ->> 'code', e.item - 'code' || jsonb_build_object('position', e.position)), '{}')
            FROM jsonb_array_elements(list) WITH ORDINALITY e(item, position));
END $$;
COMMENT ON FUNCTION by_code IS 'A list of a plan by the codes of its items, each with its place in the list.';

CREATE TABLE campaigns (
    code text PRIMARY KEY CONSTRAINT campaigns_code_form CHECK (code ~ '^[0-9A-Za-zĐđ][0-9A-Za-zĐđ._-]{0,63}$'),
    version bigint NOT NULL DEFAULT 1,
    plan jsonb NOT NULL,
    clauses jsonb GENERATED ALWAYS AS (plan -> 'clauses') STORED,
    groups jsonb GENERATED ALWAYS AS (by_code(plan -> 'groups')) STORED,
    contents jsonb GENERATED ALWAYS AS (by_code(plan -> 'contents')) STORED,
    components jsonb GENERATED ALWAYS AS (by_code(plan -> 'dossier_components')) STORED,
    governing jsonb GENERATED ALWAYS AS (plan #> '{law,governing}') STORED,
    authorities jsonb GENERATED ALWAYS AS (plan #> '{law,authorities}') STORED,
    criteria_name text,
    criteria_version integer,
    loaded_at timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT campaigns_criteria FOREIGN KEY (criteria_name, criteria_version) REFERENCES criteria_sets MATCH FULL
);
COMMENT ON TABLE campaigns IS 'Plans as data.';
COMMENT ON COLUMN campaigns.code IS 'The printed number with - for /: 230-KH-UBND.';
COMMENT ON COLUMN campaigns.plan IS 'The campaign file without its criteria set, which is kept in criteria_sets.';
COMMENT ON COLUMN campaigns.groups IS 'What its groups are called, by their codes, as are contents and components. Out of the plan, since lists ask for nothing else of it.';
COMMENT ON COLUMN campaigns.governing IS 'Which law a dossier is under, by the day of its receipt; each with valid_from and valid_to. Out of the plan.';
COMMENT ON COLUMN campaigns.authorities IS
    'Who holds the award authority, by the day of the act: a revocation is signed by who holds it then, not by who gave the award. Out of the plan.';
COMMENT ON COLUMN campaigns.clauses IS
    'How this plan prints the clauses of plan 230: what that calls III.4.a may be "4.b" here. A copy out of the plan, which is long;
    null where the plan prints them as plan 230 does.';
COMMENT ON COLUMN campaigns.criteria_name IS 'With criteria_version: the published rules that the campaign judges by.';
COMMENT ON CONSTRAINT campaigns_code_form ON campaigns IS 'A code that needs no escape in a path, but for Đ, and is no ".." that leads out of it.';

CREATE TABLE campaign_contents (
    campaign text NOT NULL REFERENCES campaigns,
    content text NOT NULL,
    position integer NOT NULL,
    text jsonb NOT NULL,
    PRIMARY KEY (campaign, content)
);
COMMENT ON TABLE campaign_contents IS 'The contents of emulation that findings are made on (II.2.a–d are A, B, C, D).';
COMMENT ON COLUMN campaign_contents.position IS 'Their order in the plan.';
COMMENT ON COLUMN campaign_contents.text IS 'Clause and wording in Vietnamese and English.';
GRANT DELETE ON campaign_contents TO thidua_app;

CREATE TABLE campaign_groups (
    campaign text NOT NULL REFERENCES campaigns,
    code text NOT NULL CONSTRAINT campaign_groups_code CHECK (code ~ '^[0-9A-Z_]{1,40}$'),
    position integer NOT NULL,
    unit_kinds unit_kind[] NOT NULL CONSTRAINT campaign_groups_kinds CHECK (cardinality(unit_kinds) > 0),
    not_under unit_kind[] NOT NULL DEFAULT '{}',
    must_advise boolean NOT NULL DEFAULT false,
    text jsonb NOT NULL,
    PRIMARY KEY (campaign, code)
);
COMMENT ON TABLE campaign_groups IS 'Who may contest, and with whom each is compared: the groups that the plan declares (II.1).';
COMMENT ON COLUMN campaign_groups.position IS 'Their order in the plan.';
COMMENT ON COLUMN campaign_groups.unit_kinds IS 'The kinds of units that the group holds.';
COMMENT ON COLUMN campaign_groups.not_under IS 'A unit whose parent is of such a kind does not belong to the group.';
COMMENT ON COLUMN campaign_groups.must_advise IS
    'Its units are entered only if they advise on what the campaign is about (advises_par), with a source document.';
COMMENT ON COLUMN campaign_groups.text IS 'Clause and name in Vietnamese and English.';
COMMENT ON CONSTRAINT campaign_groups_code ON campaign_groups IS 'A code in capitals, of the plan''s own choice.';
COMMENT ON CONSTRAINT campaign_groups_kinds ON campaign_groups IS 'A group that holds no kind of unit would hold nobody.';
GRANT DELETE ON campaign_groups TO thidua_app;

CREATE TABLE dossier_components (
    campaign text NOT NULL REFERENCES campaigns,
    code text NOT NULL CONSTRAINT dossier_components_code CHECK (code ~ '^[A-Z][0-9A-Z_]{0,39}$' AND code <> 'EVIDENCE'),
    position integer NOT NULL,
    of_nominee boolean NOT NULL,
    restricted boolean NOT NULL,
    text jsonb NOT NULL,
    PRIMARY KEY (campaign, code)
);
COMMENT ON TABLE dossier_components IS 'The documents without which a dossier is not complete (III.3). Evidence is none of them.';
COMMENT ON COLUMN dossier_components.position IS 'Their order in the plan.';
COMMENT ON COLUMN dossier_components.of_nominee IS 'One for each nominee; otherwise one for the dossier.';
COMMENT ON COLUMN dossier_components.restricted IS 'For the offices and the nominator alone, such as the minutes that hold the votes.';
COMMENT ON COLUMN dossier_components.text IS 'Clause and name in Vietnamese and English.';
COMMENT ON CONSTRAINT dossier_components_code ON dossier_components IS 'A code in capitals, of the plan''s own choice; EVIDENCE is taken.';
GRANT DELETE ON dossier_components TO thidua_app;

-- ---- rounds ----

CREATE TABLE rounds (
    campaign text NOT NULL REFERENCES campaigns,
    year integer NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    state text NOT NULL DEFAULT 'OPEN'
        CONSTRAINT rounds_state CHECK (state IN ('OPEN', 'APPRAISAL', 'PROPOSED', 'DECIDED', 'CLOSED')),
    cap integer NOT NULL CONSTRAINT rounds_cap_from CHECK (cap >= 0),
    first_day date NOT NULL,
    last_day date NOT NULL CONSTRAINT rounds_days CHECK (last_day > first_day),
    cut_off date NOT NULL,
    report_cut_off date NOT NULL,
    report_groups text[] NOT NULL,
    group_of_kinds jsonb NOT NULL,
    council jsonb,
    proposal_days integer NOT NULL CONSTRAINT rounds_proposal_days CHECK (proposal_days >= 0),
    proposal_in_working_days boolean NOT NULL DEFAULT false,
    conference_on date CONSTRAINT rounds_conference_after_intake CHECK (conference_on >= cut_off),
    proposal_due_on date,
    quota_version integer NOT NULL DEFAULT 0,
    cut_offs_moved integer NOT NULL DEFAULT 0,
    cut_offs_moved_at timestamptz NOT NULL DEFAULT clock_now(),
    conference_moved integer NOT NULL DEFAULT 0,
    conference_moved_at timestamptz NOT NULL DEFAULT clock_now(),
    parameters jsonb NOT NULL DEFAULT '[]',
    parameters_version integer NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign, year),
    CONSTRAINT rounds_report_cut_off UNIQUE (campaign, year, report_cut_off)
);
COMMENT ON TABLE rounds IS 'One award year of a campaign. A year without a row is outside the plan (II.3).';
COMMENT ON COLUMN rounds.cap IS 'III.2.b: the most awards of the whole year, over all its decisions.';
COMMENT ON COLUMN rounds.first_day IS 'With last_day: the days of the award year. It is the calendar year unless the plan says when it begins (year_begins).';
COMMENT ON COLUMN rounds.last_day IS 'The day before the next award year begins.';
COMMENT ON COLUMN rounds.cut_off IS 'III.4.a "trước ngày": a dossier must be received before this day begins in Asia/Ho_Chi_Minh.';
COMMENT ON COLUMN rounds.report_cut_off IS 'V.1: the yearly report must be received before this day begins.';
COMMENT ON COLUMN rounds.report_groups IS 'V.1: the groups that owe the yearly report.';
COMMENT ON COLUMN rounds.group_of_kinds IS
    'Where a unit of a kind belongs unless it is entered elsewhere: {kind: the first group of the plan that holds it}. No other kind is in any.';
COMMENT ON COLUMN rounds.council IS 'What it asks of a nominator''s council, if anything: `threshold` and `quorum`, each {p, q} of all its members.';
COMMENT ON COLUMN rounds.proposal_days IS 'III.4.b: the submission is due so many days before the conference.';
COMMENT ON COLUMN rounds.proposal_in_working_days IS 'Whether those are working days. Until the holidays of all their years are known, so is no limit.';
COMMENT ON COLUMN rounds.conference_on IS 'The day of the conference from which the submission is counted. It can move; null until it is fixed.';
COMMENT ON COLUMN rounds.proposal_due_on IS
    'III.4.b: the last day for the submission to the Chair; null while nobody can know it. It follows the conference and the holidays until the round is closed.';
COMMENT ON COLUMN rounds.quota_version IS 'The allocation in force (quota_versions); 0 before the first.';
COMMENT ON COLUMN rounds.cut_offs_moved IS 'How often the plan was loaded with other cut-offs; a calendar counts its entries by it (RFC 5545, SEQUENCE).';
COMMENT ON COLUMN rounds.cut_offs_moved_at IS 'When the cut-offs became what they are.';
COMMENT ON COLUMN rounds.conference_moved IS 'How often the day of the conference was changed.';
COMMENT ON COLUMN rounds.conference_moved_at IS 'When the day of the conference became what it is.';
COMMENT ON COLUMN rounds.parameters IS 'What the rules ask for of the round itself, such as a provincial mean: [{name, value, source}].';
COMMENT ON COLUMN rounds.parameters_version IS 'Counts how often they were put; 0 before the first time.';
COMMENT ON CONSTRAINT rounds_state ON rounds IS 'The life cycle of a round (src/domain/life_cycle.c).';
COMMENT ON CONSTRAINT rounds_cap_from ON rounds IS 'A plan may allow no award at all, but not fewer.';
COMMENT ON CONSTRAINT rounds_days ON rounds IS 'An award year has days.';
COMMENT ON CONSTRAINT rounds_report_cut_off ON rounds IS 'Reports hold the cut-off that they were in time for, or not (reports_round).';
COMMENT ON CONSTRAINT rounds_proposal_days ON rounds IS 'The submission is due before the conference, not after it.';
COMMENT ON CONSTRAINT rounds_conference_after_intake ON rounds IS 'The conference is not held while dossiers still come in.';

CREATE TABLE closed_rounds (
    campaign text NOT NULL,
    year integer NOT NULL,
    closed_at timestamptz NOT NULL,
    plan jsonb NOT NULL,
    clauses jsonb GENERATED ALWAYS AS (plan -> 'clauses') STORED,
    groups jsonb GENERATED ALWAYS AS (by_code(plan -> 'groups')) STORED,
    contents jsonb GENERATED ALWAYS AS (by_code(plan -> 'contents')) STORED,
    components jsonb GENERATED ALWAYS AS (by_code(plan -> 'dossier_components')) STORED,
    governing jsonb GENERATED ALWAYS AS (plan #> '{law,governing}') STORED,
    authorities jsonb GENERATED ALWAYS AS (plan #> '{law,authorities}') STORED,
    criteria_name text,
    criteria_version integer,
    evaluations_through bigint,
    indices jsonb NOT NULL,
    proceedings uuid[] NOT NULL,
    PRIMARY KEY (campaign, year),
    CONSTRAINT closed_rounds_round FOREIGN KEY (campaign, year) REFERENCES rounds,
    CONSTRAINT closed_rounds_criteria FOREIGN KEY (criteria_name, criteria_version) REFERENCES criteria_sets MATCH FULL
);
COMMENT ON TABLE closed_rounds IS
    'The plan by which a round was run when it was last closed, and its rules: what is shown and printed of a closed round goes by these
    (round_plans), whatever plan is loaded later. A round that is not closed has no row.';
COMMENT ON COLUMN closed_rounds.closed_at IS
    'What offices issue of the round after its day is in the words of the plan of its own day. What was recorded later is not of the round.';
COMMENT ON COLUMN closed_rounds.evaluations_through IS
    'The position of the newest evaluation that was done by then, if any: what was still under way is not shown in its place.';
COMMENT ON COLUMN closed_rounds.plan IS 'As in campaigns, and so are the columns out of it.';
COMMENT ON COLUMN closed_rounds.indices IS
    'The approved indices of its nominees as they were (approved_index), by unit: a scorecard may be reopened at any time.';
COMMENT ON COLUMN closed_rounds.proceedings IS
    'Those against its nominees that were open: while one of them is, its nominee has no result (unit_held_back). Others defer nothing of it.';
REVOKE INSERT, UPDATE ON closed_rounds FROM thidua_app; -- only closed_round_kept writes it

CREATE TABLE round_tallies (
    campaign text NOT NULL,
    year integer NOT NULL,
    counted text NOT NULL
        CONSTRAINT round_tallies_counted CHECK (counted IN ('contestants', 'findings', 'reports', 'dossiers', 'nominees', 'awards')),
    stripe integer NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (campaign, year, counted, stripe),
    CONSTRAINT round_tallies_round FOREIGN KEY (campaign, year) REFERENCES rounds
);
COMMENT ON TABLE round_tallies IS
    'How many there are of what a round shows (round_counts), kept by triggers in the transaction that changes it: nobody counts a round to read it.';
COMMENT ON COLUMN round_tallies.stripe IS 'Transactions that count at the same time each have their own row, so that none waits for another (round_stripe).';
COMMENT ON COLUMN round_tallies.number IS 'How many there are is the sum over all stripes; one alone may be below 0.';
COMMENT ON CONSTRAINT round_tallies_counted ON round_tallies IS 'The members of round_counts().';

CREATE SEQUENCE contestant_versions;
CREATE TABLE contestants (
    campaign text NOT NULL,
    year integer NOT NULL,
    unit_id uuid NOT NULL CONSTRAINT contestants_unit REFERENCES units,
    version bigint NOT NULL DEFAULT nextval('contestant_versions'),
    group_name text NOT NULL,
    cluster text CONSTRAINT contestants_cluster CHECK (spelling(cluster) <> ''),
    advises_par boolean NOT NULL DEFAULT false,
    on_assessed_list boolean NOT NULL,
    source_document text,
    members_total integer,
    members_women integer,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    PRIMARY KEY (campaign, year, unit_id),
    CONSTRAINT contestants_members CHECK (members_total > 0 AND members_women BETWEEN 0 AND members_total),
    CONSTRAINT contestants_members_whole CHECK ((members_total IS NULL) = (members_women IS NULL)),
    CONSTRAINT contestants_round FOREIGN KEY (campaign, year) REFERENCES rounds,
    CONSTRAINT contestants_group FOREIGN KEY (campaign, group_name) REFERENCES campaign_groups
);
CREATE INDEX contestants_unit_index ON contestants (unit_id);
CREATE INDEX contestants_compared ON contestants (campaign, year, group_name, coalesce(cluster, ''));
COMMENT ON INDEX contestants_compared IS 'Who is compared with whom: a group and cluster is read without the rest of the round.';
COMMENT ON TABLE contestants IS 'The register of contestants of the year, kept by Sở Nội vụ (II.1).';
COMMENT ON COLUMN contestants.version IS
    'From one sequence: an entry that was removed and made again never has a version that somebody read before.';
COMMENT ON COLUMN contestants.cluster IS 'Khối or cụm inside the group. Units are compared inside group and cluster only (III.1.a).';
COMMENT ON COLUMN contestants.advises_par IS 'II.1: the unit advises on administrative reform.';
COMMENT ON COLUMN contestants.on_assessed_list IS 'III.1.b applies to those whose index is assessed that year.';
COMMENT ON COLUMN contestants.source_document IS 'The document that the entry rests on.';
COMMENT ON COLUMN contestants.members_total IS
    'With members_women: the people of the collective. Between equals the law prefers one with 70 % of women or more (98/2023/NĐ-CP and
    152/2025/NĐ-CP, article 4.6).';
COMMENT ON CONSTRAINT contestants_members ON contestants IS 'A collective has members, and no more women than members.';
COMMENT ON CONSTRAINT contestants_members_whole ON contestants IS 'Both numbers are known, or neither.';
COMMENT ON CONSTRAINT contestants_cluster ON contestants IS
    'A cluster has a name, or there is none. A dash alone is what tables write where there is none.';
GRANT DELETE ON contestants TO thidua_app;

CREATE TABLE contestant_labels (
    campaign text NOT NULL,
    year integer NOT NULL,
    unit_id uuid NOT NULL,
    label text NOT NULL,
    group_name text NOT NULL,
    PRIMARY KEY (campaign, year, unit_id),
    CONSTRAINT contestant_labels_contestant FOREIGN KEY (campaign, year, unit_id) REFERENCES contestants ON DELETE CASCADE
);
CREATE INDEX contestant_labels_order ON contestant_labels (campaign, year, label, unit_id);
CREATE INDEX contestant_labels_by_group ON contestant_labels (campaign, year, group_name, label NULLS FIRST, unit_id);
CREATE INDEX contestant_labels_unit_index ON contestant_labels (unit_id);
COMMENT ON TABLE contestant_labels IS
    'What each contestant was called at the end of the award year: unit_label(), kept so that a page of the register is read off an index in
    its order. It lies beside the contestants, since a name is no fact of the round: no version and no stamp moves with it.';
COMMENT ON COLUMN contestant_labels.group_name IS 'As in contestants: the units of one group may be called alike, and lie together.';
COMMENT ON INDEX contestant_labels_order IS 'The register is read in this order.';
REVOKE INSERT, UPDATE ON contestant_labels FROM thidua_app; -- only the functions contestant_labels_… write it

CREATE TABLE quota_versions (
    campaign text NOT NULL,
    year integer NOT NULL,
    version integer NOT NULL,
    reason text NOT NULL,
    actor_key uuid,
    actor_name text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    PRIMARY KEY (campaign, year, version),
    CONSTRAINT quota_versions_round FOREIGN KEY (campaign, year) REFERENCES rounds
);
COMMENT ON TABLE quota_versions IS 'III.2.b: how Sở Nội vụ allocated the cap. Every allocation is kept, with its actor and reason.';

CREATE TABLE quota_shares (
    campaign text NOT NULL,
    year integer NOT NULL,
    version integer NOT NULL,
    group_name text NOT NULL,
    cluster text CONSTRAINT quota_shares_cluster CHECK (spelling(cluster) <> ''),
    form text,
    slots integer NOT NULL CONSTRAINT quota_shares_slots CHECK (slots >= 0),
    CONSTRAINT quota_shares_once UNIQUE NULLS NOT DISTINCT (campaign, year, version, form, group_name, cluster),
    CONSTRAINT quota_shares_version FOREIGN KEY (campaign, year, version) REFERENCES quota_versions,
    CONSTRAINT quota_shares_group FOREIGN KEY (campaign, group_name) REFERENCES campaign_groups
);
COMMENT ON TABLE quota_shares IS 'One allocation: places by group, or by the clusters of a group.';
COMMENT ON COLUMN quota_shares.cluster IS 'Null: the share is for the whole group.';
COMMENT ON COLUMN quota_shares.form IS 'Of which form of award; null where the plan has no forms.';
COMMENT ON CONSTRAINT quota_shares_cluster ON quota_shares IS 'A cluster has a name, or there is none.';
COMMENT ON CONSTRAINT quota_shares_slots ON quota_shares IS 'A share may be empty. The sum is held to the cap by quota_shares_check().';
COMMENT ON CONSTRAINT quota_shares_once ON quota_shares IS 'A group or cluster has one share in an allocation.';
REVOKE UPDATE ON quota_versions, quota_shares FROM thidua_app;

CREATE TABLE registers (
    campaign text NOT NULL,
    year integer NOT NULL,
    register text NOT NULL
        CONSTRAINT registers_known CHECK (register IN ('initiatives', 'discipline', 'scores', 'proceedings', 'awards')),
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (campaign, year, register),
    CONSTRAINT registers_round FOREIGN KEY (campaign, year) REFERENCES rounds
);
COMMENT ON TABLE registers IS 'The registers that facts come from; each round has all five.';
COMMENT ON CONSTRAINT registers_known ON registers IS 'The five registers that there are.';

CREATE TABLE register_declarations (
    campaign text NOT NULL,
    year integer NOT NULL,
    register text NOT NULL,
    unit_id uuid CONSTRAINT register_declarations_unit REFERENCES units,
    complete boolean NOT NULL,
    complete_through date,
    source text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT register_declarations_once UNIQUE NULLS NOT DISTINCT (campaign, year, register, unit_id),
    CONSTRAINT register_declarations_register FOREIGN KEY (campaign, year, register) REFERENCES registers,
    CONSTRAINT register_declarations_through CHECK (NOT complete OR complete_through IS NOT NULL),
    CONSTRAINT register_declarations_not_ahead CHECK (complete_through <= local_date(recorded_at))
);
COMMENT ON TABLE register_declarations IS
    'Only a register that is declared complete can prove that something is absent: an empty table alone says nothing about discipline
    (III.1.d).';
COMMENT ON COLUMN register_declarations.unit_id IS 'Null: for all units that have no declaration of their own.';
COMMENT ON COLUMN register_declarations.complete_through IS 'The last day up to which the register is complete.';
COMMENT ON COLUMN register_declarations.source IS 'The document by which it was declared.';
COMMENT ON CONSTRAINT register_declarations_once ON register_declarations IS 'One declaration for a unit, and one for all others.';
COMMENT ON CONSTRAINT register_declarations_through ON register_declarations IS 'What is complete is so up to a certain day.';
COMMENT ON CONSTRAINT register_declarations_not_ahead ON register_declarations IS 'Nobody can declare what is still to come.';

CREATE TYPE finding_result AS ENUM ('OUTSTANDING_LEADING', 'OUTSTANDING', 'NOT_OUTSTANDING');

CREATE TABLE findings (
    campaign text NOT NULL,
    year integer NOT NULL,
    unit_id uuid NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    PRIMARY KEY (campaign, year, unit_id),
    CONSTRAINT findings_contestant FOREIGN KEY (campaign, year, unit_id) REFERENCES contestants
);
COMMENT ON TABLE findings IS 'III.1.a: what the appraiser found on a contestant. It is the judgement of a person and never computed.';

CREATE TABLE finding_contents (
    campaign text NOT NULL,
    year integer NOT NULL,
    unit_id uuid NOT NULL,
    content text NOT NULL,
    score numeric(5, 2) NOT NULL CONSTRAINT finding_contents_score CHECK (score BETWEEN 0 AND 100),
    result finding_result NOT NULL,
    reason text NOT NULL,
    evidence jsonb NOT NULL DEFAULT '[]',
    CONSTRAINT finding_contents_once PRIMARY KEY (campaign, year, unit_id, content),
    CONSTRAINT finding_contents_finding FOREIGN KEY (campaign, year, unit_id) REFERENCES findings,
    CONSTRAINT finding_contents_known FOREIGN KEY (campaign, content) REFERENCES campaign_contents
);
COMMENT ON TABLE finding_contents IS 'The finding on one content of emulation (II.2): score, result, reason, evidence.';
COMMENT ON CONSTRAINT finding_contents_score ON finding_contents IS 'Scores range from 0 to 100, with two decimals.';
REVOKE UPDATE ON finding_contents FROM thidua_app;
GRANT DELETE ON finding_contents TO thidua_app;

CREATE TABLE reports (
    campaign text NOT NULL,
    year integer NOT NULL,
    unit_id uuid NOT NULL CONSTRAINT reports_unit REFERENCES units,
    version bigint NOT NULL DEFAULT 1,
    document_number text NOT NULL,
    document_date date NOT NULL,
    summary text,
    received_at timestamptz NOT NULL DEFAULT clock_now(),
    source text,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    amended_at timestamptz,
    confirmed_by text,
    confirmed_on date,
    report_cut_off date NOT NULL,
    late boolean NOT NULL GENERATED ALWAYS AS (local_date(received_at) >= report_cut_off) STORED,
    PRIMARY KEY (campaign, year, unit_id),
    CONSTRAINT reports_confirmed_whole CHECK ((confirmed_by IS NULL) = (confirmed_on IS NULL)),
    CONSTRAINT reports_round FOREIGN KEY (campaign, year, report_cut_off) REFERENCES rounds (campaign, year, report_cut_off) ON UPDATE CASCADE,
    CONSTRAINT reports_not_ahead CHECK (received_at <= recorded_at),
    CONSTRAINT reports_source CHECK (source IS NOT NULL OR received_at = recorded_at)
);
CREATE UNIQUE INDEX reports_document ON reports (campaign, unit_id, number_symbol_key(document_number), document_date);
COMMENT ON INDEX reports_document IS 'One document is the report of one year.';
CREATE INDEX reports_by_late ON reports (campaign, year, late, unit_id NULLS FIRST);
COMMENT ON TABLE reports IS 'V.1: the yearly report. It is a duty of its own, due also from who nominates nobody.';
COMMENT ON COLUMN reports.received_at IS 'The instant of the first receipt: that of the clock, or an earlier one from the register of incoming documents.';
COMMENT ON COLUMN reports.source IS 'Where an earlier instant of receipt is written down.';
COMMENT ON COLUMN reports.recorded_at IS 'When the instant of receipt was entered here.';
COMMENT ON COLUMN reports.amended_at IS 'When its content was last replaced; the first receipt stays.';
COMMENT ON COLUMN reports.confirmed_by IS
    'Who confirmed for Sở Nội vụ, on the day of confirmed_on, that the report was received and is as it should be. It is of the content as
    it stands: replacing that takes it away.';
COMMENT ON COLUMN reports.report_cut_off IS 'That of the round.';
COMMENT ON COLUMN reports.late IS 'It was not received before the cut-off.';
COMMENT ON CONSTRAINT reports_round ON reports IS
    'With its cut-off: a plan that is loaded again may move it, and in the same act moves who was late.';
COMMENT ON CONSTRAINT reports_confirmed_whole ON reports IS 'A confirmation has who gave it and its day.';
COMMENT ON CONSTRAINT reports_not_ahead ON reports IS 'Nothing is received after it was recorded as received.';
COMMENT ON CONSTRAINT reports_source ON reports IS 'An earlier instant of receipt needs a source.';

-- ---- public holidays ----

CREATE TABLE holiday_years (
    year integer PRIMARY KEY CONSTRAINT holiday_years_from CHECK (year BETWEEN 1900 AND 2999),
    loaded_at timestamptz NOT NULL DEFAULT clock_now()
);
COMMENT ON TABLE holiday_years IS
    'The years whose holidays are all known. Of any other year nobody knows which days are worked: what depends on it is undetermined.';
COMMENT ON CONSTRAINT holiday_years_from ON holiday_years IS 'A year of four digits.';

CREATE TABLE public_holidays (
    day date PRIMARY KEY,
    kind text NOT NULL CONSTRAINT public_holidays_kind CHECK (kind IN ('OFF', 'WORKED')),
    year integer NOT NULL CONSTRAINT public_holidays_year REFERENCES holiday_years,
    text jsonb NOT NULL,
    CONSTRAINT public_holidays_in_year CHECK (extract(year FROM day) = year),
    CONSTRAINT public_holidays_worked CHECK (kind = 'OFF' OR extract(isodow FROM day) > 5)
);
COMMENT ON TABLE public_holidays IS 'For deadlines that are counted in working days: the days that differ from the usual week.';
COMMENT ON COLUMN public_holidays.kind IS 'OFF: not worked. WORKED: a day of the weekend that is worked in place of another day.';
COMMENT ON COLUMN public_holidays.text IS 'Name and legal basis.';
COMMENT ON CONSTRAINT public_holidays_kind ON public_holidays IS 'The two kinds that there are.';
COMMENT ON CONSTRAINT public_holidays_in_year ON public_holidays IS 'A day belongs to the year that it is listed in.';
COMMENT ON CONSTRAINT public_holidays_worked ON public_holidays IS 'Only a day of the weekend can be worked in place of another.';
REVOKE UPDATE ON public_holidays FROM thidua_app;
GRANT DELETE ON holiday_years, public_holidays TO thidua_app;

-- ---- scores ----

CREATE TYPE score_tier AS ENUM ('SO', 'HUYEN', 'XA');
CREATE TYPE score_kind AS ENUM ('NORMAL', 'MINUS', 'BONUS', 'SURVEY');
CREATE TYPE scorecard_state AS ENUM ('SELF_DRAFT', 'SELF_SUBMITTED', 'APPRAISED', 'EXPLAINED', 'FINAL', 'APPROVED', 'PUBLISHED');
CREATE TYPE score_total AS (achieved bigint, maximum bigint, missing text[]);
COMMENT ON TYPE score_total IS 'A column of a scorecard summed up, points × 100, and the leaves that still lack points.';

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
    'Trees of criteria of the administrative reform index, by year and tier. Immutable once a scorecard uses one.';
COMMENT ON COLUMN score_frames.tier IS 'The tier of units that it measures.';
COMMENT ON COLUMN score_frames.legal_basis IS 'The decision that issued these criteria.';
COMMENT ON CONSTRAINT score_frames_name ON score_frames IS 'A name that needs no escape in a path, and is no ".." that leads out of it.';
COMMENT ON CONSTRAINT score_frames_year ON score_frames IS 'A year of four digits.';
CREATE INDEX score_frames_order ON score_frames (year, name);
COMMENT ON INDEX score_frames_order IS 'The list of frames is read in this order.';

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
    'Fields, criteria and sub-criteria of a frame. That children together do not exceed their parent is checked when a frame is written.';
COMMENT ON COLUMN score_nodes.position IS 'Their order in the frame.';
COMMENT ON COLUMN score_nodes.kind IS
    'NORMAL and SURVEY leaves make up the denominator of the index; MINUS and BONUS leaves change only what is achieved.';
COMMENT ON COLUMN score_nodes.maximum IS 'Points × 100, at most. Of a MINUS node: the most that can be taken off, as a positive number.';
COMMENT ON COLUMN score_nodes.leaf IS 'It has no children, so units are scored on it.';
COMMENT ON CONSTRAINT score_nodes_maximum ON score_nodes IS 'A node without points would measure nothing.';
REVOKE UPDATE ON score_nodes FROM thidua_app;
GRANT DELETE ON score_nodes TO thidua_app;

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
    'The index of a unit in a year. It is binding for III.1.b when APPROVED or PUBLISHED, and confidential before PUBLISHED.';
COMMENT ON COLUMN scorecards.explanation IS 'What the unit last said on the appraised scores.';
COMMENT ON COLUMN scorecards.decision_number IS 'With decision_date: the decision that approved the index.';
COMMENT ON CONSTRAINT scorecards_decided ON scorecards IS 'An index is approved by a decision with number and date, and by nothing else.';
CREATE INDEX scorecards_year ON scorecards (year, unit_id);
CREATE INDEX scorecards_by_state ON scorecards (state, year NULLS FIRST, unit_id);
CREATE INDEX scorecards_frame_index ON scorecards (frame, year);
COMMENT ON INDEX scorecards_year IS 'The list of scorecards is read in this order.';

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
COMMENT ON COLUMN score_leaves.kind IS 'With maximum a copy of the frame, which cannot change any more: so a CHECK can hold the range.';
COMMENT ON COLUMN score_leaves.self_applies IS 'Does the leaf apply to the unit, as the unit says?';
COMMENT ON COLUMN score_leaves.appraised_applies IS 'Does the leaf apply to the unit, as the appraiser says? Null: as the unit says.';
COMMENT ON COLUMN score_leaves.comment IS 'What the appraiser remarks.';
COMMENT ON COLUMN score_leaves.survey_points IS 'Points of a survey among people, which nobody scores.';
COMMENT ON CONSTRAINT score_leaves_range ON score_leaves IS 'Points lie between 0 and the maximum; those of a MINUS leaf between its negative and 0.';
COMMENT ON CONSTRAINT score_leaves_column ON score_leaves IS 'A survey is not scored by the unit or the appraiser, and nothing else by a survey.';

-- ---- initiatives ----

CREATE TYPE initiative_kind AS ENUM ('INITIATIVE', 'SOLUTION', 'NEW_PRACTICE');
CREATE TYPE initiative_state AS ENUM ('SUBMITTED', 'RECOGNISED', 'REFUSED', 'ANNULLED');
CREATE TYPE initiative_council AS ENUM ('COMMUNE', 'DISTRICT', 'SECTOR', 'PROVINCIAL');
COMMENT ON TYPE initiative_council IS 'From the lowest to the highest.';

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
    place integer NOT NULL CONSTRAINT initiatives_of_unit_most CHECK (place <= 5000),
    CONSTRAINT initiatives_applied CHECK (applied_to >= applied_from),
    CONSTRAINT initiatives_of_unit UNIQUE (unit_id, place)
);
COMMENT ON TABLE initiatives IS 'Initiatives, solutions and new practices of a unit (III.1.c).';
COMMENT ON COLUMN initiatives.applied_to IS 'The last day of application; null while it goes on.';
COMMENT ON COLUMN initiatives.state IS
    'Before the provincial Initiative Council, the only one that counts. What a lower council decides does not change it.';
COMMENT ON COLUMN initiatives.place IS 'The how manieth of its unit it is (unit_entry_place): the bound is held without counting.';
COMMENT ON CONSTRAINT initiatives_applied ON initiatives IS 'The last day is not before the first.';
COMMENT ON CONSTRAINT initiatives_of_unit ON initiatives IS 'The initiatives of a unit are numbered.';
COMMENT ON CONSTRAINT initiatives_of_unit_most ON initiatives IS 'An evaluation reads all initiatives of a unit at once.';
CREATE INDEX initiatives_applied ON initiatives USING gist (daterange(applied_from, applied_to, '[]'));
CREATE INDEX initiatives_by_state ON initiatives (state, id);
CREATE INDEX initiatives_by_kind ON initiatives (kind, id);

CREATE TABLE initiative_recognitions (
    initiative_id uuid NOT NULL REFERENCES initiatives,
    council initiative_council NOT NULL,
    outcome initiative_state NOT NULL CONSTRAINT initiative_recognitions_outcome CHECK (outcome <> 'SUBMITTED'),
    recognised_on date,
    decision_number text,
    scope text,
    reason text,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    annulled_at timestamptz,
    CONSTRAINT initiative_recognitions_once PRIMARY KEY (initiative_id, council),
    CONSTRAINT initiative_recognitions_annulled CHECK ((outcome = 'ANNULLED') = (annulled_at IS NOT NULL)),
    CONSTRAINT initiative_recognitions_whole CHECK (
        CASE outcome WHEN 'RECOGNISED' THEN recognised_on IS NOT NULL AND decision_number IS NOT NULL
                     WHEN 'ANNULLED' THEN recognised_on IS NOT NULL AND decision_number IS NOT NULL AND reason IS NOT NULL
                     ELSE reason IS NOT NULL AND num_nonnulls(recognised_on, decision_number, scope) = 0 END)
);
COMMENT ON TABLE initiative_recognitions IS 'What each council decided on an initiative: recognised by decision, which it may annul later, or refused for a reason.';
COMMENT ON COLUMN initiative_recognitions.scope IS 'How far the recognised initiative reaches.';
COMMENT ON COLUMN initiative_recognitions.annulled_at IS 'When that was recorded: what was closed before it goes by what was recognised then.';
COMMENT ON CONSTRAINT initiative_recognitions_annulled ON initiative_recognitions IS 'What is annulled has the instant at which that was recorded.';
COMMENT ON CONSTRAINT initiative_recognitions_outcome ON initiative_recognitions IS 'A council recognises or refuses, or annuls what it recognised.';
COMMENT ON CONSTRAINT initiative_recognitions_whole ON initiative_recognitions IS
    'A recognition has a decision with day and number, and where it was annulled the reason for that; a refusal has a reason and no decision.';

-- ---- discipline and proceedings ----

CREATE TYPE leader_position AS ENUM ('KEY_LEADER_HEAD', 'KEY_LEADER_DEPUTY', 'OTHER');
CREATE TYPE discipline_status AS ENUM ('IN_FORCE', 'ENDED', 'ANNULLED');
CREATE TYPE proceeding_kind AS ENUM ('DISCIPLINE_REVIEW', 'INVESTIGATION', 'INSPECTION', 'AUDIT', 'COMPLAINT', 'PRESS_REPORT');
CREATE TYPE proceeding_state AS ENUM ('OPEN', 'CLOSED_CLEARED', 'CLOSED_AT_FAULT');

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
    issuer text,
    effective_from date NOT NULL,
    effective_to date,
    status discipline_status NOT NULL DEFAULT 'IN_FORCE',
    reason text,
    changed_at timestamptz NOT NULL DEFAULT clock_now(),
    place integer NOT NULL CONSTRAINT discipline_records_of_unit_most CHECK (place <= 5000),
    CONSTRAINT discipline_records_of_unit UNIQUE (unit_id, place),
    CONSTRAINT discipline_records_formal CHECK (level NOT IN ('PHE_BINH', 'RUT_KINH_NGHIEM')),
    CONSTRAINT discipline_records_level CHECK (level = ANY (discipline_levels(regime, decision_date))),
    CONSTRAINT discipline_records_period CHECK (effective_to >= effective_from),
    CONSTRAINT discipline_records_ended CHECK (status <> 'ENDED' OR effective_to IS NOT NULL),
    CONSTRAINT discipline_records_organisation CHECK (regime <> 'PARTY_ORGANISATION' OR position = 'OTHER'),
    CONSTRAINT discipline_records_once EXCLUDE USING gist (unit_id WITH =, plain_form(person_name) WITH =,
        number_symbol_key(decision_number) WITH =, decision_date WITH =, issuer_span(issuer) WITH &&) WHERE (status <> 'ANNULLED')
);
COMMENT ON CONSTRAINT discipline_records_once ON discipline_records IS
    'A decision on a person is recorded once, however issuer, number and name are spelt. A record that was wrong is annulled and recorded anew.';
COMMENT ON COLUMN discipline_records.issuer IS 'Who issued the decision; null where nobody said so.';
COMMENT ON TABLE discipline_records IS
    'RESTRICTED, personal data. Formal disciplinary decisions, administrative and of the Party (III.1.d). Never rewritten: one that is
    annulled lifts the bar and stays.';
COMMENT ON COLUMN discipline_records.position IS 'Only the key leaders of the collective count for it (III.1.d).';
COMMENT ON COLUMN discipline_records.regime IS 'The ladder that the level is on: see discipline_levels().';
COMMENT ON COLUMN discipline_records.effective_to IS 'The last day in force; null while unknown.';
COMMENT ON COLUMN discipline_records.reason IS 'Why it was ended or annulled.';
COMMENT ON COLUMN discipline_records.place IS 'The how manieth of its unit it is (unit_entry_place).';
COMMENT ON CONSTRAINT discipline_records_of_unit ON discipline_records IS 'The records of a unit are numbered.';
COMMENT ON CONSTRAINT discipline_records_of_unit_most ON discipline_records IS 'An evaluation reads all records of a unit at once.';
COMMENT ON CONSTRAINT discipline_records_formal ON discipline_records IS 'Criticism and lessons learnt are no form of discipline.';
COMMENT ON CONSTRAINT discipline_records_level ON discipline_records IS 'The level is one that the regime had on that day.';
COMMENT ON CONSTRAINT discipline_records_period ON discipline_records IS 'The last day is not before the first.';
COMMENT ON CONSTRAINT discipline_records_ended ON discipline_records IS 'What has ended has a last day.';
COMMENT ON CONSTRAINT discipline_records_organisation ON discipline_records IS 'An organisation holds no position.';
CREATE INDEX discipline_records_by_status ON discipline_records (status, effective_from NULLS FIRST, id);
CREATE INDEX discipline_records_by_position ON discipline_records (position, effective_from NULLS FIRST, id);
CREATE INDEX discipline_records_order ON discipline_records (effective_from, id);
COMMENT ON INDEX discipline_records_order IS 'The list of records is read in this order.';

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
    place integer NOT NULL CONSTRAINT proceedings_of_unit_most CHECK (place <= 5000),
    CONSTRAINT proceedings_of_unit UNIQUE (unit_id, place),
    CONSTRAINT proceedings_closed CHECK ((state = 'OPEN') = (closed_on IS NULL)),
    CONSTRAINT proceedings_period CHECK (closed_on >= opened_on)
);
COMMENT ON TABLE proceedings IS
    'RESTRICTED. The four holds of the law (98/2023/NĐ-CP article 4.4, from 1/7/2025 152/2025/NĐ-CP article 4.4): discipline under
    consideration; investigations, inspections, audits with signs of fault; complaints; press reports. While one is OPEN the award waits.';
COMMENT ON COLUMN proceedings.conclusion IS 'The written reason of the closing.';
COMMENT ON COLUMN proceedings.place IS 'The how manieth of its unit they are (unit_entry_place).';
COMMENT ON CONSTRAINT proceedings_of_unit ON proceedings IS 'The proceedings of a unit are numbered.';
COMMENT ON CONSTRAINT proceedings_of_unit_most ON proceedings IS 'An evaluation reads all proceedings of a unit at once.';
COMMENT ON CONSTRAINT proceedings_opened ON proceedings IS 'An earlier day is a slip of the pen.';
COMMENT ON CONSTRAINT proceedings_closed ON proceedings IS 'Closed proceedings have the day of their closing.';
COMMENT ON CONSTRAINT proceedings_period ON proceedings IS 'Nothing is closed before it was opened.';
CREATE INDEX proceedings_by_state ON proceedings (state, opened_on NULLS FIRST, id);
CREATE INDEX proceedings_by_kind ON proceedings (kind, opened_on NULLS FIRST, id);
CREATE INDEX proceedings_order ON proceedings (opened_on, id);
COMMENT ON INDEX proceedings_order IS 'The list of proceedings is read in this order.';

-- ---- dossiers ----

CREATE TYPE dossier_state AS ENUM ('DRAFT', 'LODGED', 'RETURNED', 'ACCEPTED', 'IN_PROPOSAL', 'DECIDED', 'WITHDRAWN');

CREATE TABLE dossiers (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    version bigint NOT NULL DEFAULT 1,
    campaign text NOT NULL,
    year integer NOT NULL,
    nominator_id uuid NOT NULL CONSTRAINT dossiers_nominator REFERENCES units,
    on_behalf_of_id uuid CONSTRAINT dossiers_on_behalf_of REFERENCES units
        CONSTRAINT dossiers_on_behalf_of_another CHECK (on_behalf_of_id <> nominator_id),
    on_behalf_reason text,
    on_paper boolean NOT NULL,
    state dossier_state NOT NULL DEFAULT 'DRAFT',
    state_since timestamptz NOT NULL DEFAULT clock_now(),
    state_reason text,
    letter_number text,
    letter_date date,
    minutes_date date,
    minutes_place text,
    minutes_opened_at timestamptz,
    minutes_closed_at timestamptz,
    minutes_chaired_by text,
    minutes_secretary text,
    minutes_counted_by text[] NOT NULL DEFAULT '{}',
    received_at timestamptz,
    received_source text,
    received_recorded_at timestamptz,
    lodged_at timestamptz,
    lodged_again boolean NOT NULL DEFAULT false,
    late boolean,
    late_accepted boolean NOT NULL DEFAULT false,
    completion_due_on date,
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT dossiers_round FOREIGN KEY (campaign, year) REFERENCES rounds,
    CONSTRAINT dossiers_identity UNIQUE (id, campaign, year),
    CONSTRAINT dossiers_on_behalf_reason CHECK ((on_behalf_of_id IS NULL) = (on_behalf_reason IS NULL)),
    CONSTRAINT dossiers_minutes_before_letter CHECK (minutes_date <= letter_date),
    CONSTRAINT dossiers_minutes_day CHECK (minutes_opened_at IS NULL OR local_date(minutes_opened_at) IS NOT DISTINCT FROM minutes_date),
    CONSTRAINT dossiers_minutes_hours CHECK (minutes_closed_at IS NULL OR coalesce(minutes_opened_at < minutes_closed_at, false)),
    CONSTRAINT dossiers_received_whole CHECK ((received_at IS NULL) = (received_recorded_at IS NULL)
                                              AND (received_at IS NULL) = (lodged_at IS NULL)),
    CONSTRAINT dossiers_received_not_ahead CHECK (received_at <= received_recorded_at),
    CONSTRAINT dossiers_late_known CHECK ((late IS NULL) = (received_at IS NULL))
);
COMMENT ON TABLE dossiers IS 'The package of a nominator (III.3): what the plan lists in dossier_components, and whom it nominates.';
COMMENT ON COLUMN dossiers.on_behalf_of_id IS 'A body dissolved before the deadline, whose successor the nominator is.';
COMMENT ON COLUMN dossiers.on_paper IS 'It came on paper and Sở Nội vụ keeps it; otherwise the nominator does.';
COMMENT ON COLUMN dossiers.state_reason IS 'The reason of the last step, where that needs one.';
COMMENT ON COLUMN dossiers.letter_number IS 'With letter_date: number and day of the Tờ trình (III.3.a).';
COMMENT ON COLUMN dossiers.minutes_date IS 'The day of the meeting of the council (III.3.b).';
COMMENT ON COLUMN dossiers.minutes_opened_at IS 'With minutes_closed_at: the hours of that meeting, which its minutes begin and end with.';
COMMENT ON COLUMN dossiers.minutes_chaired_by IS 'The member of the council who led the meeting and signs the minutes.';
COMMENT ON COLUMN dossiers.minutes_secretary IS 'The secretary, who signs them too.';
COMMENT ON COLUMN dossiers.minutes_counted_by IS 'Who counted the votes.';
COMMENT ON COLUMN dossiers.received_at IS
    'The instant of the first receipt (III.4.a). A dossier that was returned and lodged again keeps it: only complete dossiers can be
    lodged, so the nominator was in time, and nobody becomes late by being asked for more.';
COMMENT ON COLUMN dossiers.received_source IS
    'Where Sở Nội vụ took an earlier instant from (the register of incoming documents); null: the clock of the service.';
COMMENT ON COLUMN dossiers.received_recorded_at IS 'When the instant of receipt was entered here.';
COMMENT ON COLUMN dossiers.lodged_at IS 'The last lodging by the clock of the service.';
COMMENT ON COLUMN dossiers.lodged_again IS 'It was returned and lodged again. A paper dossier may be lodged here long after it came without that.';
COMMENT ON COLUMN dossiers.late IS 'dossier_late(), kept so that late ones are found by an index; only triggers write it.';
COMMENT ON COLUMN dossiers.late_accepted IS 'It came late and Sở Nội vụ accepted it for a reason.';
COMMENT ON COLUMN dossiers.completion_due_on IS 'It was returned to be completed by this day, the day itself in. Null: no day was set, or it lies with Sở Nội vụ.';
COMMENT ON CONSTRAINT dossiers_on_behalf_of_another ON dossiers IS 'Nobody acts on behalf of itself.';
COMMENT ON CONSTRAINT dossiers_identity ON dossiers IS 'So that nominations can refer to a dossier of their own round only.';
COMMENT ON CONSTRAINT dossiers_on_behalf_reason ON dossiers IS 'Who acts for a dissolved body says why.';
COMMENT ON CONSTRAINT dossiers_minutes_before_letter ON dossiers IS 'The council meets before the Tờ trình is signed.';
COMMENT ON CONSTRAINT dossiers_minutes_day ON dossiers IS 'The meeting was opened on the day that the minutes bear.';
COMMENT ON CONSTRAINT dossiers_minutes_hours ON dossiers IS 'A meeting is closed after it was opened.';
COMMENT ON CONSTRAINT dossiers_received_whole ON dossiers IS 'What was received was lodged, and it is known when that was recorded.';
COMMENT ON CONSTRAINT dossiers_received_not_ahead ON dossiers IS 'Nothing is received after it was recorded as received.';
COMMENT ON CONSTRAINT dossiers_late_known ON dossiers IS 'What was received came late or in time.';
CREATE INDEX dossiers_round_index ON dossiers (campaign, year, created_at NULLS FIRST, id);
CREATE UNIQUE INDEX dossiers_letter ON dossiers (nominator_id, coalesce(on_behalf_of_id, nominator_id), number_symbol_key(letter_number), letter_date)
    WHERE state <> 'WITHDRAWN';
COMMENT ON INDEX dossiers_letter IS
    'A Tờ trình of a nominator (III.3.a) goes with one dossier, and with one more for each body on whose behalf it nominates. Without its day
    it is not known which letter a number means.';
CREATE INDEX dossiers_nominator_index ON dossiers (nominator_id, created_at NULLS FIRST, id);
CREATE INDEX dossiers_on_behalf_index ON dossiers (on_behalf_of_id) WHERE on_behalf_of_id IS NOT NULL;
CREATE INDEX dossiers_by_state ON dossiers (state, created_at NULLS FIRST, id);
CREATE INDEX dossiers_by_late ON dossiers (late, created_at NULLS FIRST, id);
CREATE INDEX dossiers_order ON dossiers (created_at, id);
CREATE INDEX dossiers_by_year ON dossiers (year, created_at NULLS FIRST, id);
COMMENT ON INDEX dossiers_order IS 'The list of dossiers is read in this order.';

CREATE TABLE council_members (
    dossier_id uuid NOT NULL REFERENCES dossiers,
    place integer NOT NULL,
    name text NOT NULL,
    office text,
    attendance text NOT NULL CONSTRAINT council_members_attendance CHECK (attendance IN ('PRESENT', 'WRITTEN_OPINION', 'ABSENT')),
    reason text,
    PRIMARY KEY (dossier_id, place),
    CONSTRAINT council_members_once UNIQUE NULLS NOT DISTINCT (dossier_id, name, office),
    CONSTRAINT council_members_reason CHECK (reason IS NULL OR attendance <> 'PRESENT')
);
COMMENT ON TABLE council_members IS
    'Every member of the council that voted on the nominees of a dossier (III.3.b), as its minutes list them. RESTRICTED as the votes are.';
COMMENT ON COLUMN council_members.place IS 'Their order in the minutes.';
COMMENT ON COLUMN council_members.office IS 'Office and part in the council.';
COMMENT ON COLUMN council_members.reason IS 'Why the member was absent.';
COMMENT ON CONSTRAINT council_members_attendance ON council_members IS
    'WRITTEN_OPINION: absent, and voted in writing, which counts: the law counts votes on all members.';
COMMENT ON CONSTRAINT council_members_once ON council_members IS 'Who is listed twice would count twice.';
COMMENT ON CONSTRAINT council_members_reason ON council_members IS 'Who was present has no reason for an absence.';
REVOKE UPDATE ON council_members FROM thidua_app;
GRANT DELETE ON council_members TO thidua_app;

CREATE TABLE nominations (
    dossier_id uuid NOT NULL,
    campaign text NOT NULL,
    year integer NOT NULL,
    unit_id uuid NOT NULL,
    standing boolean NOT NULL DEFAULT true,
    votes_for integer,
    votes_against integer,
    votes_abstain integer,
    members_present integer,
    members_total integer,
    written_opinions integer,
    confirmed_by text,
    confirmed_on date,
    notified_on date,
    notified_result text,
    notified_reason text,
    added_later boolean NOT NULL DEFAULT false,
    received_at timestamptz,
    received_source text,
    received_recorded_at timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    came_on date,
    awarded_on date,
    decidable_since date GENERATED ALWAYS AS
        (coalesce(awarded_on, CASE WHEN added_later THEN coalesce(local_date(received_at), '-infinity') ELSE came_on END)) STORED,
    told boolean NOT NULL GENERATED ALWAYS AS
        (coalesce(notified_result = CASE WHEN awarded_on IS NULL THEN 'REFUSED' ELSE 'AWARDED' END, false)) STORED,
    PRIMARY KEY (dossier_id, unit_id),
    CONSTRAINT nominations_dossier FOREIGN KEY (dossier_id, campaign, year) REFERENCES dossiers (id, campaign, year),
    CONSTRAINT nominations_contestant FOREIGN KEY (campaign, year, unit_id) REFERENCES contestants,
    CONSTRAINT nominations_votes_whole
        CHECK (num_nulls(votes_for, votes_against, votes_abstain, members_present, members_total, written_opinions) IN (0, 6)),
    CONSTRAINT nominations_votes_sum CHECK (votes_for >= 0 AND votes_against >= 0 AND votes_abstain >= 0
        AND members_present >= 0 AND written_opinions >= 0
        AND votes_for + votes_against + votes_abstain = members_present + written_opinions
        AND members_present + written_opinions <= members_total),
    CONSTRAINT nominations_confirmed_whole CHECK ((confirmed_by IS NULL) = (confirmed_on IS NULL)),
    CONSTRAINT nominations_notified_result CHECK (notified_result IN ('AWARDED', 'REFUSED')),
    CONSTRAINT nominations_notified_whole CHECK ((notified_on IS NULL) = (notified_result IS NULL)),
    CONSTRAINT nominations_notified_reason CHECK ((notified_reason IS NOT NULL) = (coalesce(notified_result, '') = 'REFUSED')),
    CONSTRAINT nominations_received_of_added CHECK (added_later OR received_at IS NULL),
    CONSTRAINT nominations_received_whole CHECK ((received_at IS NULL) = (received_recorded_at IS NULL)),
    CONSTRAINT nominations_received_not_ahead CHECK (received_at <= received_recorded_at)
);
COMMENT ON TABLE nominations IS 'The collectives that a dossier nominates, and how the council voted on each. Votes are restricted.';
COMMENT ON COLUMN nominations.standing IS 
    'False once the dossier is withdrawn, and in a draft of the body that the unit belonged to once its new one nominates it.';
COMMENT ON COLUMN nominations.added_later IS
    'Entered, or entered again, after the dossier was first received: it was not received with it. What is entered before belongs to the
    first receipt, also where Sở Nội vụ enters a paper dossier long after that.';
COMMENT ON COLUMN nominations.received_at IS
    'Of one that was added later: when the lodging that brought it was received, or an earlier instant that Sở Nội vụ recorded.';
COMMENT ON COLUMN nominations.received_source IS 'Where Sở Nội vụ took an earlier instant from.';
COMMENT ON CONSTRAINT nominations_votes_whole ON nominations IS 'The result of a vote is recorded whole or not at all.';
COMMENT ON CONSTRAINT nominations_votes_sum ON nominations IS
    'Each member who was present or gave a written opinion voted once: for, against or abstaining. There are no more of them than members.';
COMMENT ON COLUMN nominations.written_opinions IS 'Opinions of absent members in writing, which count as votes: the law counts them on all members.';
COMMENT ON COLUMN nominations.confirmed_by IS
    'Who confirmed the achievement report for the nominating level, on the day of confirmed_on (III.3.c and the law). Without it the
    dossier may be returned; nothing is refused.';
COMMENT ON CONSTRAINT nominations_confirmed_whole ON nominations IS 'A confirmation has who gave it and its day.';
COMMENT ON COLUMN nominations.notified_on IS 'When the nominator was told the result, as the law wants; Sở Nội vụ records it.';
COMMENT ON COLUMN nominations.notified_result IS 'The result that was told: a later revocation does not change it.';
COMMENT ON CONSTRAINT nominations_notified_result ON nominations IS 'A nominee is awarded or refused.';
COMMENT ON CONSTRAINT nominations_notified_whole ON nominations IS 'What was told has its day.';
COMMENT ON CONSTRAINT nominations_notified_reason ON nominations IS 'A refusal is told with its reason, and nothing else has one.';
COMMENT ON CONSTRAINT nominations_received_of_added ON nominations IS 'Only one that was added later has a receipt of its own.';
COMMENT ON CONSTRAINT nominations_received_whole ON nominations IS 'It is known when a receipt was recorded.';
COMMENT ON CONSTRAINT nominations_received_not_ahead ON nominations IS 'Nothing is received after it was recorded as received.';
COMMENT ON COLUMN nominations.came_on IS 'The day of the first receipt of the dossier, of one that was received with it; only triggers write it.';
COMMENT ON COLUMN nominations.awarded_on IS 'The day of the decision that awards the unit in this round; only triggers write it.';
COMMENT ON COLUMN nominations.decidable_since IS
    'Awarded since that day, or to be refused since it at the earliest: since the first decision of the round, where that is later. Null: of a draft.';
COMMENT ON COLUMN nominations.told IS 'What was told is what it came to, once the round is decided.';
CREATE INDEX nominations_since_first ON nominations (campaign, year, told, dossier_id NULLS FIRST, unit_id) WHERE standing AND decidable_since IS NOT NULL;
COMMENT ON INDEX nominations_since_first IS 'Those who wait since the first decision are told in this order …';
CREATE INDEX nominations_since_later ON nominations (campaign, year, told, decidable_since, dossier_id, unit_id) WHERE standing;
COMMENT ON INDEX nominations_since_later IS '… and those who came, or were awarded, after it in this one.';
CREATE INDEX nominations_notified ON nominations (campaign, year, notified_on, dossier_id, unit_id) WHERE standing AND notified_on IS NOT NULL AND awarded_on IS NULL;
COMMENT ON INDEX nominations_notified IS 'Who was told of a refusal that is open again.';
CREATE UNIQUE INDEX nominations_once_a_round ON nominations (campaign, year, unit_id) WHERE standing;
COMMENT ON INDEX nominations_once_a_round IS 'A unit is nominated once in a round.';
CREATE INDEX nominations_unit_index ON nominations (unit_id);
GRANT DELETE ON nominations TO thidua_app;

CREATE TABLE documents (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    dossier_id uuid NOT NULL REFERENCES dossiers,
    kind text NOT NULL,
    unit_id uuid REFERENCES units,
    title text,
    size bigint NOT NULL CONSTRAINT documents_size CHECK (size > 0),
    sha256 text NOT NULL CONSTRAINT documents_sha256_form CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    recorded_by uuid,
    superseded_at timestamptz,
    CONSTRAINT documents_evidence_of_nominee CHECK (kind <> 'EVIDENCE' OR unit_id IS NOT NULL)
);
COMMENT ON TABLE documents IS 'Documents of dossiers. They are immutable: one that is replaced or removed stays, with superseded_at.';
COMMENT ON COLUMN documents.kind IS 'A component of the dossiers of the campaign, or EVIDENCE.';
COMMENT ON COLUMN documents.unit_id IS 'The nominee that it is about; null for what the dossier has once.';
COMMENT ON COLUMN documents.size IS 'In bytes.';
COMMENT ON CONSTRAINT documents_size ON documents IS 'A document is not empty.';
COMMENT ON CONSTRAINT documents_sha256_form ON documents IS 'The hash is hexadecimal, in lower case.';
COMMENT ON CONSTRAINT documents_evidence_of_nominee ON documents IS 'Evidence is about a nominee.';
CREATE UNIQUE INDEX documents_one_current ON documents (dossier_id, kind, unit_id) NULLS NOT DISTINCT
    WHERE superseded_at IS NULL AND kind <> 'EVIDENCE';
COMMENT ON INDEX documents_one_current IS 'Of a component there is one current document. Of evidence there may be many.';
CREATE INDEX documents_dossier ON documents (dossier_id);
CREATE INDEX documents_of_key ON documents (recorded_by, recorded_at);
COMMENT ON INDEX documents_of_key IS 'Counts what a key has uploaded lately.';
REVOKE UPDATE ON documents FROM thidua_app;
GRANT UPDATE (superseded_at) ON documents TO thidua_app;

CREATE TABLE document_chunks (
    document_id uuid NOT NULL REFERENCES documents,
    number integer NOT NULL,
    bytes bytea NOT NULL CONSTRAINT document_chunks_bounded CHECK (octet_length(bytes) BETWEEN 1 AND 262144),
    PRIMARY KEY (document_id, number)
);
COMMENT ON TABLE document_chunks IS
    'The bytes of a document, 256 KiB a row (the last may be shorter), so that no transfer holds a whole file in memory.';
COMMENT ON CONSTRAINT document_chunks_bounded ON document_chunks IS 'A piece holds 1 byte to 256 KiB.';
ALTER TABLE document_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL; -- PDF is compressed already
REVOKE UPDATE ON document_chunks FROM thidua_app;

-- ---- packed facts ----

CREATE TABLE unit_stamps (
    unit_id uuid PRIMARY KEY CONSTRAINT unit_stamps_unit REFERENCES units,
    stamp bigint NOT NULL DEFAULT 0,
    packed bigint NOT NULL DEFAULT -1,
    raised_by xid8 NOT NULL DEFAULT '0'
) WITH (fillfactor = 70);
COMMENT ON TABLE unit_stamps IS
    'A counter for each unit, raised in the transaction that changes any fact of it. Facts and counter commit together: whoever reads
    both in one snapshot knows whether bytes packed at a counter are the facts of now. No lock and no order of writers matters.';
COMMENT ON COLUMN unit_stamps.packed IS
    'The counter at which the unit was last packed. It only tells the packer where to look; nobody trusts it.';
COMMENT ON COLUMN unit_stamps.raised_by IS 'The transaction that raised the counter last; one raises it once.';
CREATE INDEX unit_stamps_to_pack ON unit_stamps (unit_id) WHERE packed <> stamp;
COMMENT ON INDEX unit_stamps_to_pack IS 'What the packer has still to pack.';
GRANT DELETE ON unit_stamps TO thidua_app;

CREATE TABLE packed_facts (
    campaign text NOT NULL,
    year integer NOT NULL,
    unit_id uuid NOT NULL,
    stamp bigint NOT NULL,
    layout bytea NOT NULL CONSTRAINT packed_facts_layout CHECK (octet_length(layout) = 32),
    facts bytea NOT NULL,
    PRIMARY KEY (campaign, year, unit_id),
    CONSTRAINT packed_facts_contestant FOREIGN KEY (campaign, year, unit_id) REFERENCES contestants ON DELETE CASCADE
);
COMMENT ON TABLE packed_facts IS
    'unit_own_snapshot() as bytes (include/thidua/facts_pack.h). They are true while stamp is that of the unit in unit_stamps and layout
    that of the rules at hand; where they are not, or not there, an evaluation takes the facts from their source in the same statement.';
COMMENT ON COLUMN packed_facts.stamp IS 'The counter of the unit (unit_stamps) at which the facts were read.';
COMMENT ON COLUMN packed_facts.layout IS 'SHA-256 of the declarations by which the bytes are arranged, and of the schema.';
COMMENT ON CONSTRAINT packed_facts_layout ON packed_facts IS 'The layout is named by a SHA-256.';

-- ---- evaluations ----

CREATE TABLE evaluations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    campaign text NOT NULL,
    year integer NOT NULL,
    state text NOT NULL DEFAULT 'DONE' CONSTRAINT evaluations_state CHECK (state IN ('RUNNING', 'DONE', 'FAILED')),
    rule_set_name text NOT NULL,
    rule_set_version integer NOT NULL,
    rule_set_hash text NOT NULL,
    semantics integer NOT NULL,
    as_of timestamptz NOT NULL,
    parameters jsonb NOT NULL,
    inputs jsonb NOT NULL DEFAULT '{}',
    registers jsonb GENERATED ALWAYS AS (inputs -> 'registers') STORED,
    input_hash text,
    counts jsonb NOT NULL,
    warnings jsonb NOT NULL,
    standings bytea,
    result_hash text,
    setting_mark text,
    places_mark text,
    cap integer,
    quota_version integer,
    facts_mark bigint,
    counted_places jsonb,
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    created_by uuid,
    created_by_name text NOT NULL,
    CONSTRAINT evaluations_round FOREIGN KEY (campaign, year) REFERENCES rounds
);
COMMENT ON TABLE evaluations IS
    'A run of the criteria engine with all that is needed to run it again: rules by hash, facts as bytes (verdicts), parameters, inputs.
    One that is done never changes.';
COMMENT ON COLUMN evaluations.position IS 'Their order; instants may be equal.';
COMMENT ON COLUMN evaluations.rule_set_hash IS 'criteria_sets.sha256 of the rules that judged.';
COMMENT ON COLUMN evaluations.semantics IS 'The version of the engine: what the same rules mean may change with it.';
COMMENT ON COLUMN evaluations.as_of IS
    'The instant at which rules, deadlines and windows are read. The facts are those that were stored when it ran, whatever it is.';
COMMENT ON COLUMN evaluations.parameters IS 'The dates of the round and the calendar, as the rules were given them.';
COMMENT ON COLUMN evaluations.inputs IS
    'What was judged by beside rules, parameters and facts: registers declared for all, quotas, what people decided.';
COMMENT ON COLUMN evaluations.registers IS 'That part of the inputs which every verdict is shown with: no matter how much people decided on others.';
COMMENT ON COLUMN evaluations.input_hash IS 'SHA-256 of rules, parameters, inputs and facts; null until it is done.';
COMMENT ON COLUMN evaluations.counts IS 'How many units had which outcome.';
COMMENT ON COLUMN evaluations.standings IS 'As bytes (include/thidua/verdict_pack.h); null where nothing was ranked.';
COMMENT ON COLUMN evaluations.result_hash IS 'SHA-256 of all verdicts in order, and of the standings. The journal holds both hashes too.';
COMMENT ON COLUMN evaluations.setting_mark IS
    'round_setting_mark() in the state of the data that it saw. With places_mark and facts_mark it tells whether anything that it was made
    from has changed since.';
COMMENT ON COLUMN evaluations.places_mark IS 'round_places_mark() in that state.';
COMMENT ON COLUMN evaluations.cap IS 'With quota_version: the cap and the allocation of the round in that state, for papers that say what it was ranked by.';
COMMENT ON COLUMN evaluations.facts_mark IS
    'verdicts_facts_mark() of its verdicts; null where more units are judged than are ranked. A mark that another PostgreSQL makes of the
    same may differ: then the evaluation is taken for older than it is, and a new one mends that.';
COMMENT ON COLUMN evaluations.counted_places IS
    'Of forms of award whose places are a share of those who are eligible: how many came out of the verdicts, in all and by quota. The fewest
    hold for what is signed, for units that are still open may not become eligible. Null where there are none.';
COMMENT ON CONSTRAINT evaluations_state ON evaluations IS 'RUNNING ends as DONE or FAILED. See evaluation_state() for one that was abandoned.';
ALTER TABLE evaluations ALTER COLUMN standings SET STORAGE EXTERNAL; -- compressing them took longer than writing them
CREATE INDEX evaluations_by_rules ON evaluations (rule_set_hash);
CREATE INDEX evaluations_by_round ON evaluations (campaign, year, position);
COMMENT ON INDEX evaluations_by_round IS 'The list of evaluations is read in this order, from its end.';
CREATE INDEX evaluations_whole ON evaluations (campaign, year, position)
    WHERE state = 'DONE' AND NOT warnings @> '[{"code": "PARTIAL"}]';
COMMENT ON INDEX evaluations_whole IS 'The newest of the whole round is found behind any number of those that signing makes of its own units.';

CREATE TABLE verdicts (
    evaluation_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    overall text NOT NULL CONSTRAINT verdicts_overall CHECK (overall IN ('ELIGIBLE', 'INELIGIBLE', 'DEFERRED', 'PENDING')),
    facts bytea NOT NULL,
    results bytea NOT NULL,
    stamp bigint NOT NULL,
    outcomes text NOT NULL,
    PRIMARY KEY (evaluation_id, unit_id)
);
COMMENT ON TABLE verdicts IS
    'The verdict on one unit in an evaluation, as bytes: the facts as they were judged and what came out, node by node. The texts that
    people read are made of both and the rule set.';
COMMENT ON COLUMN verdicts.evaluation_id IS
    'Without a foreign key, which was looked up for every one of a million rows: verdicts are written only by the transaction that writes
    their evaluation, evaluations are never deleted, and a replay compares their number and content with the journal.';
COMMENT ON COLUMN verdicts.unit_id IS 'Without a foreign key: it was a contestant, and unit_rests() keeps units with verdicts.';
COMMENT ON COLUMN verdicts.stamp IS 'The counter of the unit (unit_stamps) at which its facts were read; -1 for a unit that had none.';
COMMENT ON COLUMN verdicts.outcomes IS
    'The result by each criterion as a letter, in the order of the rules: Pass, Fail, Open (PENDING), Not applicable, Deferred. What the
    unit itself may read of it, so that a changed verdict is told to it and nothing else is.';
COMMENT ON CONSTRAINT verdicts_overall ON verdicts IS 'The four outcomes of the engine.';
REVOKE UPDATE ON verdicts FROM thidua_app;

CREATE TABLE evaluation_units (
    campaign text NOT NULL,
    year integer NOT NULL,
    unit_id uuid NOT NULL,
    position bigint NOT NULL,
    evaluation_id uuid NOT NULL,
    PRIMARY KEY (unit_id, campaign, year, position)
);
COMMENT ON TABLE evaluation_units IS
    'Whom the evaluations of some units of a round judged, by unit: any number of them may have been made since the one that judged a certain
    unit. Those of whole rounds are not listed. Written with the evaluation, and like verdicts without foreign keys.';
REVOKE UPDATE ON evaluation_units FROM thidua_app;

CREATE TABLE evaluation_runs (
    evaluation_id uuid PRIMARY KEY CONSTRAINT evaluation_runs_evaluation REFERENCES evaluations,
    total bigint NOT NULL,
    done bigint NOT NULL DEFAULT 0,
    beat_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    failed_request text
);
COMMENT ON TABLE evaluation_runs IS
    'How far an evaluation in the background is, written once a second on a connection of its own: its verdicts show all at once or never.';
COMMENT ON COLUMN evaluation_runs.beat_at IS 'The last sign of life.';
COMMENT ON COLUMN evaluation_runs.failed_request IS 'Under this id the log tells why it failed.';

CREATE TABLE standing_overrides (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    evaluation_id uuid NOT NULL CONSTRAINT standing_overrides_evaluation REFERENCES evaluations,
    campaign text NOT NULL,
    year integer NOT NULL,
    unit_id uuid NOT NULL CONSTRAINT standing_overrides_unit REFERENCES units,
    form text,
    computed text NOT NULL
        CONSTRAINT standing_overrides_computed CHECK (computed IN ('SECURE', 'POSSIBLE', 'OUT', 'TIE_TO_DECIDE')),
    decided text NOT NULL
        CONSTRAINT standing_overrides_decided CHECK (decided IN ('SECURE', 'POSSIBLE', 'OUT', 'TIE_TO_DECIDE')),
    reason text NOT NULL,
    legal_basis text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    recorded_by uuid,
    recorded_by_name text NOT NULL,
    CONSTRAINT standing_overrides_position UNIQUE (campaign, year, position),
    CONSTRAINT standing_overrides_round FOREIGN KEY (campaign, year) REFERENCES rounds,
    CONSTRAINT standing_overrides_tie CHECK (decided <> 'TIE_TO_DECIDE' OR computed = 'TIE_TO_DECIDE')
);
COMMENT ON TABLE standing_overrides IS
    'What a person decided on the place of a unit instead of what was computed, which stays beside it (III.2.b). Never changed: the newest
    one of a unit in the round counts, and one that says what was computed takes an earlier one back.';
COMMENT ON COLUMN standing_overrides.position IS 'Their order; instants may be equal.';
COMMENT ON COLUMN standing_overrides.form IS 'For which form of award; null where the plan has no forms.';
COMMENT ON COLUMN standing_overrides.computed IS 'The status in that evaluation.';
COMMENT ON CONSTRAINT standing_overrides_position ON standing_overrides IS 'Of two in a round, one is the newer.';
COMMENT ON CONSTRAINT standing_overrides_computed ON standing_overrides IS 'The statuses of the standings.';
COMMENT ON CONSTRAINT standing_overrides_decided ON standing_overrides IS 'The statuses of the standings.';
COMMENT ON CONSTRAINT standing_overrides_tie ON standing_overrides IS 'A tie is found, not decided.';
CREATE INDEX standing_overrides_by_round ON standing_overrides (campaign, year, unit_id, position);
CREATE INDEX standing_overrides_by_evaluation ON standing_overrides (evaluation_id, position);
REVOKE UPDATE ON standing_overrides FROM thidua_app;

CREATE TABLE tie_decisions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    campaign text NOT NULL,
    year integer NOT NULL,
    form text,
    method text NOT NULL CONSTRAINT tie_decisions_method CHECK (method IN ('DECISION', 'LOT')),
    reason text NOT NULL,
    document text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    recorded_by uuid,
    recorded_by_name text NOT NULL,
    CONSTRAINT tie_decisions_position UNIQUE (campaign, year, position),
    CONSTRAINT tie_decisions_round FOREIGN KEY (campaign, year) REFERENCES rounds
);
COMMENT ON TABLE tie_decisions IS
    'The order, decided or drawn by lot, of units that no key of the standings sets apart (III.1.a). Never changed: a later one that names
    any of its units takes the place of the whole of it, for an order without one of its units would be the decision of nobody.';
COMMENT ON COLUMN tie_decisions.position IS 'Their order; instants may be equal.';
COMMENT ON COLUMN tie_decisions.form IS 'For which form of award; null where the plan has no forms.';
COMMENT ON COLUMN tie_decisions.document IS 'The record of the decision or of the drawing.';
COMMENT ON CONSTRAINT tie_decisions_position ON tie_decisions IS 'Of two in a round, one is the newer.';
COMMENT ON CONSTRAINT tie_decisions_method ON tie_decisions IS 'Decided by people, or drawn by lot.';

CREATE TABLE tie_decision_units (
    decision_id uuid NOT NULL REFERENCES tie_decisions,
    place integer NOT NULL,
    unit_id uuid NOT NULL REFERENCES units,
    PRIMARY KEY (decision_id, place),
    CONSTRAINT tie_decision_units_once UNIQUE (decision_id, unit_id)
);
COMMENT ON TABLE tie_decision_units IS 'The units of a tie decision in their order.';
COMMENT ON COLUMN tie_decision_units.place IS 'Place 1 goes before place 2.';
COMMENT ON CONSTRAINT tie_decision_units_once ON tie_decision_units IS 'A unit has one place in an order.';
CREATE INDEX tie_decision_units_unit ON tie_decision_units (unit_id);
REVOKE UPDATE ON tie_decisions, tie_decision_units FROM thidua_app;

-- ---- proposals, decisions, awards ----

CREATE TABLE proposals (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    version bigint NOT NULL DEFAULT 1,
    campaign text NOT NULL,
    year integer NOT NULL,
    evaluation_id uuid NOT NULL CONSTRAINT proposals_evaluation REFERENCES evaluations,
    state text NOT NULL DEFAULT 'DRAFT'
        CONSTRAINT proposals_state CHECK (state IN ('DRAFT', 'SUBMITTED', 'RETURNED', 'WITHDRAWN', 'DECIDED')),
    letter_number text,
    letter_date date,
    submitted_at timestamptz,
    submitted_source text,
    submitted_by uuid,
    reason text,
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    created_by uuid,
    CONSTRAINT proposals_round FOREIGN KEY (campaign, year) REFERENCES rounds
);
COMMENT ON TABLE proposals IS 'The submissions of Sở Nội vụ to the Chair (III.4.b).';
COMMENT ON COLUMN proposals.evaluation_id IS 'The evaluation that the proposal rests on.';
COMMENT ON COLUMN proposals.letter_number IS 'With letter_date: number and day of the Tờ trình.';
COMMENT ON COLUMN proposals.submitted_source IS 'Where an earlier instant of submission is written down.';
COMMENT ON COLUMN proposals.submitted_by IS 'Who submitted it: the same person may not sign the decision.';
COMMENT ON COLUMN proposals.reason IS 'The reason of the last step, where that needs one.';
COMMENT ON CONSTRAINT proposals_state ON proposals IS 'The life cycle of a proposal (src/domain/life_cycle.c).';
CREATE INDEX proposals_by_round ON proposals (campaign, year, created_at NULLS FIRST, id);
CREATE UNIQUE INDEX proposals_letter ON proposals (campaign, number_symbol_key(letter_number), letter_date) WHERE state <> 'WITHDRAWN';
COMMENT ON INDEX proposals_letter IS
    'A Tờ trình submits one proposal. Without its day it is not known which letter a number means, so that such rows do not meet here.';
COMMENT ON INDEX proposals_by_round IS 'The proposals of a round are read in this order.';
CREATE INDEX proposals_open ON proposals (campaign, year) WHERE state IN ('DRAFT', 'SUBMITTED', 'RETURNED');
COMMENT ON INDEX proposals_open IS 'Which proposals may still bring an award.';
CREATE INDEX proposals_by_state ON proposals (state, created_at NULLS FIRST, id);
CREATE INDEX proposals_order ON proposals (created_at, id);
CREATE INDEX proposals_by_year ON proposals (year, created_at NULLS FIRST, id);
COMMENT ON INDEX proposals_order IS 'The list of all proposals is read in this order.';

CREATE TABLE proposal_units (
    proposal_id uuid NOT NULL REFERENCES proposals,
    unit_id uuid NOT NULL REFERENCES units,
    initiative_id uuid CONSTRAINT proposal_units_initiative REFERENCES initiatives,
    form text,
    tier text,
    PRIMARY KEY (proposal_id, unit_id)
);
COMMENT ON TABLE proposal_units IS 'Whom a proposal proposes.';
COMMENT ON COLUMN proposal_units.form IS 'The form of award that it is proposed for; null where the plan has no forms.';
COMMENT ON COLUMN proposal_units.tier IS 'The tier of that form; null where it has none.';
COMMENT ON COLUMN proposal_units.initiative_id IS 'The initiative that is to earn the award (III.1.c).';
REVOKE UPDATE ON proposal_units FROM thidua_app;

CREATE TABLE proposal_summaries (
    proposal_id uuid PRIMARY KEY REFERENCES proposals,
    nominees jsonb NOT NULL
);
COMMENT ON TABLE proposal_summaries IS
    'What the summary of a proposal said of its nominees when it was submitted (proposal_nominees): what the Chair was given says the same, whatever
    becomes of them. Of one that was submitted again, what was said then.';

CREATE TABLE decisions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    version bigint NOT NULL DEFAULT 1,
    kind text NOT NULL CONSTRAINT decisions_kind CHECK (kind IN ('AWARD', 'CORRECT', 'REVOKE')),
    campaign text NOT NULL,
    year integer NOT NULL,
    state text NOT NULL DEFAULT 'DRAFT' CONSTRAINT decisions_state CHECK (state IN ('DRAFT', 'SIGNED', 'PUBLISHED', 'CANCELLED')),
    proposal_id uuid CONSTRAINT decisions_proposal REFERENCES proposals,
    subject_id uuid CONSTRAINT decisions_subject REFERENCES decisions,
    ground text CONSTRAINT decisions_ground CHECK (ground IN ('FRAUD', 'FALSE_INFORMATION', 'AGAINST_LAW', 'LATER_CONCLUSION')),
    fault_from date,
    fault_to date,
    corrections jsonb,
    reason text,
    number text,
    issuer text,
    signed_on date,
    signed_at timestamptz,
    signed_by uuid,
    signer text,
    authority jsonb,
    wording jsonb,
    evaluation_id uuid REFERENCES evaluations,
    published_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    created_by uuid,
    CONSTRAINT decisions_round FOREIGN KEY (campaign, year) REFERENCES rounds,
    CONSTRAINT decisions_award_has_proposal CHECK ((kind = 'AWARD') = (proposal_id IS NOT NULL)),
    CONSTRAINT decisions_names_the_old_one CHECK ((kind = 'AWARD') = (subject_id IS NULL)),
    CONSTRAINT decisions_revocation_has_ground CHECK ((kind = 'REVOKE') = (ground IS NOT NULL)),
    CONSTRAINT decisions_fault_dated CHECK ((ground = 'LATER_CONCLUSION') IS NOT TRUE OR fault_from <= coalesce(fault_to, fault_from)),
    CONSTRAINT decisions_signed_whole CHECK (state NOT IN ('SIGNED', 'PUBLISHED')
        OR (number IS NOT NULL AND signed_on IS NOT NULL AND signed_at IS NOT NULL)),
    CONSTRAINT decisions_number EXCLUDE USING gist (number_symbol_key(number) WITH =, (extract(year FROM signed_on)::integer) WITH =,
        issuer_span(issuer) WITH &&) WHERE (state <> 'DRAFT')
);
COMMENT ON TABLE decisions IS
    'Decisions of the Chair (III.5): awards, corrections (đính chính) and revocations (hủy bỏ). A signed one never changes.';
COMMENT ON COLUMN decisions.proposal_id IS 'The proposal that an award decides on.';
COMMENT ON COLUMN decisions.subject_id IS 'The earlier decision that a correction or revocation names.';
COMMENT ON COLUMN decisions.ground IS 'The ground of a revocation.';
COMMENT ON COLUMN decisions.fault_from IS 'With fault_to: when the fault that a later conclusion found was committed.';
COMMENT ON COLUMN decisions.corrections IS 'What a correction puts right.';
COMMENT ON COLUMN decisions.reason IS 'RESTRICTED: it may speak of persons.';
COMMENT ON COLUMN decisions.signed_on IS 'The date of the decision; signed_at is the instant at which that was recorded.';
COMMENT ON COLUMN decisions.signer IS 'Name and office of who signed.';
COMMENT ON COLUMN decisions.wording IS 'How its paper calls who issues and receives it (paper_wording), as the plan said on signing; null before.';
COMMENT ON COLUMN decisions.authority IS 'Who held the award authority on the day of signing, as the plan said then.';
COMMENT ON COLUMN decisions.evaluation_id IS 'The evaluation at the instant of signing.';
COMMENT ON CONSTRAINT decisions_kind ON decisions IS 'The three kinds of decisions.';
COMMENT ON CONSTRAINT decisions_state ON decisions IS 'The life cycle of a decision (src/domain/life_cycle.c).';
COMMENT ON CONSTRAINT decisions_ground ON decisions IS 'The grounds on which the law lets an award be revoked.';
COMMENT ON CONSTRAINT decisions_award_has_proposal ON decisions IS 'An award decides on a proposal; nothing else does.';
COMMENT ON CONSTRAINT decisions_names_the_old_one ON decisions IS 'A correction or revocation names the decision that it changes.';
COMMENT ON CONSTRAINT decisions_revocation_has_ground ON decisions IS 'A revocation has a ground; nothing else has.';
COMMENT ON CONSTRAINT decisions_fault_dated ON decisions IS 'For a later conclusion it matters when the fault was committed.';
COMMENT ON CONSTRAINT decisions_signed_whole ON decisions IS 'A signed decision has a number, a date and the instant of its recording.';
COMMENT ON CONSTRAINT decisions_number ON decisions IS
    'An issuer never gives out a number again in its year, not even after a revocation. Another issuer may: a province that was merged into
    another one in the middle of a year began to count anew.';
COMMENT ON COLUMN decisions.issuer IS 'Whose register the number is from: as the signature says, or else the agency that issued decisions on that day (paper_wording).';
CREATE UNIQUE INDEX decisions_one_draft ON decisions (proposal_id) WHERE state = 'DRAFT';
COMMENT ON INDEX decisions_one_draft IS
    'One decision decides on a proposal, with all that it proposes: of two drafts the second could never be signed.';
CREATE INDEX decisions_by_round ON decisions (campaign, year, created_at NULLS FIRST, id);
CREATE INDEX decisions_first ON decisions (campaign, year, signed_on) WHERE kind = 'AWARD';
COMMENT ON INDEX decisions_first IS 'The first decision of a round, since which nominees are refused.';
CREATE INDEX decisions_order ON decisions (created_at, id);
CREATE INDEX decisions_by_year ON decisions (year, created_at NULLS FIRST, id);
COMMENT ON INDEX decisions_by_year IS 'Decisions and awards of one year, of all campaigns.';
CREATE INDEX decisions_by_state ON decisions (state, created_at NULLS FIRST, id);
CREATE INDEX decisions_by_kind ON decisions (kind, created_at NULLS FIRST, id);
CREATE INDEX decisions_published ON decisions (signed_on, id) WHERE state = 'PUBLISHED';
COMMENT ON INDEX decisions_published IS 'The list of awards is read in this order.';
CREATE INDEX decisions_of_subject ON decisions (subject_id) WHERE subject_id IS NOT NULL;
CREATE INDEX decisions_untold ON decisions (evaluation_id) WHERE state <> 'PUBLISHED' AND evaluation_id IS NOT NULL;
COMMENT ON INDEX decisions_untold IS 'Which evaluations lead to a decision that is not published yet (evaluation_told).';
COMMENT ON INDEX decisions_order IS 'The list of decisions is read in this order.';

CREATE TABLE evaluations_untold (
    evaluation_id uuid NOT NULL REFERENCES evaluations,
    decision_id uuid NOT NULL REFERENCES decisions,
    PRIMARY KEY (evaluation_id, decision_id)
);
COMMENT ON TABLE evaluations_untold IS
    'Which evaluations judged a unit by an award, or by its revocation, whose decision was signed and not yet published: until it is, they
    are for the offices alone (V.3, evaluation_told). Written with the evaluation.';
CREATE INDEX evaluations_untold_until ON evaluations_untold (decision_id);
REVOKE UPDATE ON evaluations_untold FROM thidua_app;

CREATE TABLE decision_units (
    decision_id uuid NOT NULL REFERENCES decisions,
    unit_id uuid NOT NULL REFERENCES units,
    initiative_id uuid REFERENCES initiatives,
    form text,
    tier text,
    label text,
    printed text,
    PRIMARY KEY (decision_id, unit_id),
    CONSTRAINT decision_units_named CHECK ((label IS NULL) = (printed IS NULL))
);
COMMENT ON TABLE decision_units IS 'Whom a decision awards, or whose award it corrects or revokes.';
COMMENT ON COLUMN decision_units.initiative_id IS 'The initiative that earns the award (III.1.c).';
COMMENT ON COLUMN decision_units.form IS 'The form of award; null where the plan has no forms.';
COMMENT ON COLUMN decision_units.tier IS 'The tier of that form; null where it has none.';
COMMENT ON COLUMN decision_units.label IS
    'The name that stands in the signed decision; null before. What is later corrected about the unit does not change what was signed.';
COMMENT ON COLUMN decision_units.printed IS 'The same name as papers write it (unit_printed).';
COMMENT ON CONSTRAINT decision_units_named ON decision_units IS 'A signature keeps both forms of the name.';

CREATE TABLE award_slots (
    campaign text NOT NULL,
    year integer NOT NULL,
    slot integer NOT NULL CONSTRAINT award_slots_counted CHECK (slot >= 1),
    PRIMARY KEY (campaign, year, slot),
    CONSTRAINT award_slots_round FOREIGN KEY (campaign, year) REFERENCES rounds
);
COMMENT ON TABLE award_slots IS 'One row for each award that the plan allows in a year: 1 … cap (III.2.b).';
COMMENT ON CONSTRAINT award_slots_counted ON award_slots IS 'Slots count from 1.';
REVOKE UPDATE ON award_slots FROM thidua_app;

CREATE TABLE awards (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    version bigint NOT NULL DEFAULT 1,
    campaign text NOT NULL,
    year integer NOT NULL,
    slot integer NOT NULL,
    unit_id uuid NOT NULL REFERENCES units,
    form text,
    tier text,
    decision_id uuid NOT NULL REFERENCES decisions,
    category text NOT NULL DEFAULT 'thematic' CONSTRAINT awards_category CHECK (category = 'thematic'),
    bonus_vnd bigint NOT NULL CONSTRAINT awards_bonus CHECK (bonus_vnd > 0),
    bonus_basis jsonb NOT NULL,
    revoked_by uuid REFERENCES decisions,
    certificate_recovered_on date,
    money_recovered_on date,
    CONSTRAINT awards_slot UNIQUE (campaign, year, slot),
    CONSTRAINT awards_slot_exists FOREIGN KEY (campaign, year, slot) REFERENCES award_slots,
    CONSTRAINT awards_once_a_year UNIQUE (campaign, year, unit_id),
    CONSTRAINT awards_recovery_of_revoked CHECK (revoked_by IS NOT NULL OR (certificate_recovered_on IS NULL AND money_recovered_on IS NULL))
);
COMMENT ON TABLE awards IS
    'Certificates of merit. The unique slot holds the cap under any schedule of writers; a revoked award keeps its slot.';
COMMENT ON COLUMN awards.category IS 'thematic (chuyên đề): systems that read it must not count it as a merit (công trạng) award.';
COMMENT ON COLUMN awards.form IS 'The form of award, as the plan names it; null where the plan has no forms.';
COMMENT ON COLUMN awards.tier IS 'The tier of that form; null where it has none.';
COMMENT ON COLUMN awards.bonus_vnd IS 'The money that goes with it, in đồng.';
COMMENT ON COLUMN awards.bonus_basis IS 'How that was worked out, with the law it rests on.';
COMMENT ON COLUMN awards.revoked_by IS 'The decision that revoked it.';
COMMENT ON CONSTRAINT awards_category ON awards IS 'The plan gives thematic awards only.';
COMMENT ON CONSTRAINT awards_bonus ON awards IS 'An award goes with money.';
COMMENT ON CONSTRAINT awards_slot ON awards IS 'III.2.b: a slot is taken once, ever.';
COMMENT ON CONSTRAINT awards_once_a_year ON awards IS 'A unit is awarded once in a round.';
COMMENT ON CONSTRAINT awards_recovery_of_revoked ON awards IS 'Only what was revoked is recovered.';
CREATE INDEX awards_unit ON awards (unit_id);
CREATE INDEX awards_of_decision ON awards (decision_id);
CREATE INDEX awards_revoked ON awards (revoked_by) WHERE revoked_by IS NOT NULL;

CREATE TABLE certificates (
    award_id uuid NOT NULL REFERENCES awards,
    issue integer NOT NULL CONSTRAINT certificates_counted CHECK (issue >= 1) CONSTRAINT certificates_most CHECK (issue <= 100),
    certificate_number text NOT NULL,
    issued_on date NOT NULL,
    reason text CONSTRAINT certificates_reason CHECK (reason IN ('LOST', 'DAMAGED', 'WRONG')),
    source text,
    recorded_at timestamptz NOT NULL DEFAULT clock_now(),
    PRIMARY KEY (award_id, issue),
    CONSTRAINT certificates_replaced_for CHECK ((issue = 1) = (reason IS NULL))
);
COMMENT ON TABLE certificates IS
    'The certificates that were issued for an award, one after the other: the last one is valid. When it was taken back stands in awards.';
COMMENT ON COLUMN certificates.issue IS 'They count from 1.';
COMMENT ON COLUMN certificates.certificate_number IS 'The number under which it is entered in the register of certificates.';
COMMENT ON COLUMN certificates.reason IS 'Why the one before was replaced.';
COMMENT ON COLUMN certificates.source IS 'The document that reports or asks for it.';
COMMENT ON CONSTRAINT certificates_counted ON certificates IS 'Issues count from 1.';
COMMENT ON CONSTRAINT certificates_most ON certificates IS 'An award is shown with all that were issued for it.';
COMMENT ON CONSTRAINT certificates_reason ON certificates IS 'LOST, DAMAGED, or WRONG: what is printed on it is not what was signed, or was corrected since.';
COMMENT ON CONSTRAINT certificates_replaced_for ON certificates IS 'The first one replaces nothing; each later one has a reason.';
REVOKE UPDATE ON certificates FROM thidua_app;

CREATE TABLE initiative_uses (
    initiative_id uuid NOT NULL CONSTRAINT initiative_used_once UNIQUE REFERENCES initiatives,
    award_id uuid NOT NULL CONSTRAINT initiative_uses_award REFERENCES awards,
    campaign text NOT NULL,
    year integer NOT NULL,
    unit_id uuid NOT NULL REFERENCES units
);
COMMENT ON TABLE initiative_uses IS
    'Which award an initiative earned: one ever (III.1.c; no two awards for one achievement). The row stays when the award is revoked.';
COMMENT ON COLUMN initiative_uses.campaign IS
    'With year and unit_id: whose award it was. When that very award is judged again, its own use does not count against it.';
COMMENT ON CONSTRAINT initiative_used_once ON initiative_uses IS 'An initiative earns one award ever.';
REVOKE UPDATE ON initiative_uses FROM thidua_app;

-- ---- webhooks ----

CREATE TABLE webhooks (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    version bigint NOT NULL DEFAULT 1,
    owner uuid NOT NULL REFERENCES keys,
    url text NOT NULL,
    description text,
    types text[] CONSTRAINT webhooks_types CHECK (
        array_to_string(types, ' ', '-') ~ '^thidua(\.[a-z_]+)*(\.\*)?( thidua(\.[a-z_]+)*(\.\*)?)*$'),
    campaign text CONSTRAINT webhooks_campaign REFERENCES campaigns,
    unit_id uuid CONSTRAINT webhooks_unit REFERENCES units,
    state text NOT NULL DEFAULT 'ACTIVE' CONSTRAINT webhooks_state CHECK (state IN ('ACTIVE', 'PAUSED', 'GONE')),
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    secret_key text NOT NULL,
    generation integer NOT NULL DEFAULT 1,
    previous_until timestamptz,
    position bigint NOT NULL,
    due_from timestamptz NOT NULL DEFAULT now(),
    failures integer NOT NULL DEFAULT 0,
    failing_since timestamptz,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    slow boolean NOT NULL DEFAULT false,
    last_status integer,
    last_error text,
    leased_by uuid,
    leased_until timestamptz,
    timed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT webhooks_failing_whole CHECK ((failures = 0) = (failing_since IS NULL))
);
COMMENT ON TABLE webhooks IS
    'Where events go (Standard Webhooks). A webhook hears of what the key that owns it may read in /v1/events, while that key is in force.
    The journal is the outbox: a webhook is a position in its numbers.';
COMMENT ON COLUMN webhooks.types IS 'Types of events, or their beginnings as in thidua.dossier.*; null for all.';
COMMENT ON COLUMN webhooks.campaign IS 'Only events of this campaign; null for all.';
COMMENT ON COLUMN webhooks.unit_id IS 'Only events of this unit and what is below it; null for all.';
COMMENT ON COLUMN webhooks.secret_key IS
    'Which master key its secrets are derived from (the beginning of a digest of it). The secrets themselves are stored nowhere.';
COMMENT ON COLUMN webhooks.generation IS 'The number of its secret; the one before also signs until previous_until.';
COMMENT ON COLUMN webhooks.position IS 'journal.seq of the last event that was delivered, parked, or not wanted.';
COMMENT ON COLUMN webhooks.due_from IS 'Since when it has been open: no event counts as overdue by time in which it was not.';
COMMENT ON COLUMN webhooks.failures IS 'Attempts that failed since the last good one: the pause to the next one grows with them.';
COMMENT ON COLUMN webhooks.slow IS 'Its last attempt took more than a second: such webhooks have a share of their own of what is under way.';
COMMENT ON COLUMN webhooks.leased_by IS 'The running instance that sends to it, until leased_until: one at a time.';
COMMENT ON COLUMN webhooks.timed_at IS
    'When next_attempt_at and leased_until were set. Where that is ahead of the clock, the clock was set back: both are over then.';
COMMENT ON CONSTRAINT webhooks_types ON webhooks IS 'Each has the form of a type of events, or of the beginning of some.';
COMMENT ON CONSTRAINT webhooks_state ON webhooks IS 'GONE: the receiver answered 410, and nothing is sent until the owner makes it ACTIVE again.';
COMMENT ON CONSTRAINT webhooks_failing_whole ON webhooks IS 'It is known since when a failing webhook fails.';
CREATE INDEX webhooks_of_owner ON webhooks (owner);
CREATE INDEX webhooks_due ON webhooks (next_attempt_at) WHERE state = 'ACTIVE';
CREATE INDEX webhooks_order ON webhooks (created_at, id);
COMMENT ON INDEX webhooks_order IS 'The list of webhooks is read in this order.';
GRANT DELETE ON webhooks TO thidua_app;

CREATE TABLE webhook_deliveries (
    webhook_id uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    seq bigint NOT NULL,
    state text NOT NULL CONSTRAINT webhook_deliveries_state CHECK (state IN ('PENDING', 'DELIVERED', 'PARKED')),
    resend boolean NOT NULL DEFAULT false,
    attempts integer NOT NULL,
    first_attempt_at timestamptz,
    last_attempt_at timestamptz,
    status integer,
    error text,
    CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (webhook_id, seq)
);
COMMENT ON TABLE webhook_deliveries IS
    'What became of single events: the one being tried, all that were parked, and the latest that were delivered.';
COMMENT ON COLUMN webhook_deliveries.seq IS 'journal.seq of the event.';
COMMENT ON COLUMN webhook_deliveries.resend IS 'Wanted once more, whatever the position of the webhook.';
COMMENT ON COLUMN webhook_deliveries.status IS 'The last status that the receiver answered.';
COMMENT ON CONSTRAINT webhook_deliveries_state ON webhook_deliveries IS 'PARKED: given up until somebody asks for it again.';
CREATE INDEX webhook_deliveries_resend ON webhook_deliveries (webhook_id, seq) WHERE resend;
CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (webhook_id, state, seq);
GRANT DELETE ON webhook_deliveries TO thidua_app;

-- ---- deadlines ----

CREATE TABLE deadline_notices (
    resource text NOT NULL,
    kind text NOT NULL CONSTRAINT deadline_notices_kind CHECK (kind IN ('DOSSIERS', 'REPORTS', 'PROPOSAL', 'CONFERENCE')),
    due_on date NOT NULL,
    step integer NOT NULL CONSTRAINT deadline_notices_step CHECK (step BETWEEN -1 AND 14),
    told_at timestamptz NOT NULL DEFAULT clock_now(),
    PRIMARY KEY (resource, kind, due_on, step)
);
COMMENT ON TABLE deadline_notices IS
    'Which events deadline.due and deadline.overdue were written. Each row came in the transaction that wrote the event, so its key is why
    nobody is told twice, however many instances there are and whenever they stop.';
COMMENT ON COLUMN deadline_notices.resource IS 'What is due: the round, or the report or dossier of one unit, by its path.';
COMMENT ON COLUMN deadline_notices.due_on IS 'The last day in time. One that moved is told of again.';
COMMENT ON COLUMN deadline_notices.step IS 'The days before it of which was told (deadline_step); -1: it has passed.';
COMMENT ON CONSTRAINT deadline_notices_kind ON deadline_notices IS 'A deadline of round_deadlines().';
COMMENT ON CONSTRAINT deadline_notices_step ON deadline_notices IS 'Nobody is told earlier than two weeks before.';
REVOKE UPDATE ON deadline_notices FROM thidua_app;

-- ---- What the application may change of a row ----

-- Never what the row is: its key, the unit, campaign and year that it is about, when and by whom it was made, and what a key opens.
-- A table that comes later says the same for itself.
DO $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT c.oid::regclass AS name, string_agg(format('%I', a.attname), ', ' ORDER BY a.attnum) FILTER (WHERE
            (a.attname <> ALL (ARRAY['id', 'unit_id', 'campaign', 'year', 'owner', 'place', 'created_at', 'created_by'])
             OR (c.relname = 'webhooks' AND a.attname = ANY (ARRAY['unit_id', 'campaign']))) -- there they say which events are wanted
            AND a.attgenerated = ''
            AND (a.attname = 'valid' -- a period is cut short by what follows it
                 OR NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)))
            AND NOT (c.relname = 'keys' AND a.attname = ANY (ARRAY['name', 'roles', 'expires_at']))) AS columns
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND has_table_privilege('thidua_app', c.oid, 'UPDATE')
        GROUP BY c.oid
    LOOP
        EXECUTE format('REVOKE UPDATE ON %s FROM thidua_app', item.name);
        IF item.columns IS NOT NULL THEN
            EXECUTE format('GRANT UPDATE (%s) ON %s TO thidua_app', item.columns, item.name);
        END IF;
    END LOOP;
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END $$;
