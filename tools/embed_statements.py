#!/usr/bin/env python3
"""Turn a .sql file of named statements into C: a struct of its columns and a typed function for each statement.

    -- name: NAME KIND (PARAMETER, …) -> COLUMN, …
    -- A comment, if it helps.
    SELECT … WHERE id = :PARAMETER::uuid

One call of the tool writes FILE.sql.c and FILE.sql.h from one FILE.sql. `list` writes the table of all statements.

KIND says how many rows the caller expects, and who may call:
  one     exactly one row; none is the problem "not found". bool NAME(request, session, …, struct NAME *ret_row)
  maybe   one row, or none: then the pointer is NULL.       bool NAME(…, const struct NAME **ret_row)
  many    any number of rows, in order.                     bool NAME(…, const struct NAME **ret_rows, size_t *ret_count)
  exec    the rows do not matter.                           bool NAME(…)
  later   the rows do not matter, and nobody waits for it: it travels with what is awaited next, the commit at the latest,
          and fails there (session_send in src/database/session.h). bool NAME(…)
  guard   whether the request may go on: `judge` says so by the rows, which a short write does not wait for (run_guard in
          src/handler/run_statement.h). bool NAME(request, session, …, judge), and NAME_at(rows, row)
  session for code that has no request (threads, the command line) or that pages through rows and frees them early:
          struct rows *NAME_run(session, …, struct failure *ret_failure), and struct NAME NAME_at(rows, row).
          NAME_statement is for refuse_failure().
  quick   submitted to the quick lane by code of its own:   NAME_values(ret_values, …) and NAME_at(rows, row)
  read    a route's answer: its columns are the body, the version (or NULL), the cursor of the next page (or NULL).
          A route names it: NAME_statement.
  copy    COPY … FROM STDIN, for session_copy_in(): only NAME_statement.
  cursor  opens the cursor `listed`, or reads on from it:      only NAME_statement.
  stream  like read, but its columns are what a LANE_STREAM route's `open` takes: NAME_at(rows, row)
  stake   the units that a write bears on, the campaign and the award year, or NULL; a struct duty names it: NAME_statement. What is made of it
          asks whether one of them bars the caller (DUTY below); its last parameter says whether rivals do.
A read with ?cursor and ?limit is a list. The tool makes more statements of it: NAME_reversed reads it from its end (where its
ORDER BY and the comparison with cursor_key() have the usual form), and NAME_counted counts the rows of its CTE `page`. A page of
either ends early where its items grow large (ENDS_EARLY): they are `item` of the CTE `page`, or it has their `weight` in bytes. Of both orders
NAME_walked opens the cursor `listed` on the items, for who wants all of them. Where many want a list as a table, making JSON of each item
only to take it apart again is most of the work. So after its answer, a line "-- cells: COLUMN, …" may begin the SELECT that NAME_walked
makes of the page instead: the cells of each column of the route, as texts, or as JSON where a column shows a list.
Kinds may be combined where both are needed, as in `one session`. A head may go on in the next line after a comma or ->.

A parameter is a text, or has one of the types `bool`, `int` and `bytes` (which must be the last one). A column may have
the same types. Statements of one file that give the same columns may share a struct: `-> ROW: COLUMN, …` calls it
ROW, and the function of its rows ROW_at. A parameter of `read`, `stream` and `stake` says where its value comes from: {x} the path,
?x the query, @x the caller (http/route.h); the SQL calls all of them :x.
"""
import copy
import pathlib
import re
import sys

HEAD = re.compile(r"-- name: (?P<name>[a-z][a-z0-9_]*)(?P<kinds>( [a-z]+)+) \((?P<parameters>[^)]*)\)(?: ->(?: +(?P<row>[a-z][a-z0-9_]*):)?(?P<columns>.*))?")
MARK = re.compile(r"^-- name:(?:.*(?:,|->)\n--)*.*$", re.M)
KINDS = {"one", "maybe", "many", "exec", "later", "guard", "session", "quick", "read", "stream", "stake", "copy", "cursor"}
PARAMETER = re.compile(r"([{?@]?)([a-z_][a-z0-9_]*)(\}?)(?: (bool|int|bytes))?")
COLUMN = re.compile(r"([a-z_][a-z0-9_]*)(?: (bool|int|bytes))?")
# A comment, a quoted text, a quoted name, a cast, or the use of a parameter.
TOKEN = re.compile(r"--[^\n]*|'(?:[^']|'')*'|\"[^\"]*\"|::|:([a-z_][a-z0-9_]*)")
# Of a list: the order of its page and of what is made of it, and where a page begins.
ORDER = re.compile(r"(?<=ORDER BY )[^\n]*?(?= LIMIT \$\d+::integer \+ 1|\)\s*FROM page| OFFSET \$\d+::integer - 1|\Z)")
PAGE_ORDER = re.compile(r" LIMIT \$\d+::integer \+ 1")
# Where a page begins; what is >= only tells an index where to look.
BEGINS = re.compile(r"(?<!@)[<>](?P<only_about>=?)(?= \(*(?:cursor_key\(|\(SELECT \w+ FROM asked\)))")
# Whether a parameter is given, and what may stand before that.
IS_GIVEN = re.compile(r"\$\d+(::\w+(\[\])?)? IS (NOT )?NULL")
WHOLE_QUESTION = re.compile(r"(\(|\bAND|\bOR|\bNOT|\bWHERE|\bWHEN|\bON|,)\s*\Z")
# What the answer is made of: an item, and where the items come from.
ITEMS = re.compile(r"page_json\(\(SELECT array_agg\((?P<item>.+?) ORDER BY (?P<order>[^\n]*?)\)(?P<origin>\s+FROM .+?)\),\s*\(SELECT cursor_of", re.S)
OPENS = "DECLARE listed NO SCROLL CURSOR FOR\n"
# What a page holds at most, but for one item: 200 of the largest would take longer than a read may, and nobody who follows `next` would get past
# them. Rows of `page` are made while they are weighed, so that what comes after these is not made at all. `shown` has one more, as page_json() takes it.
PAGE_BYTES = 4_000_000
ENDS_EARLY = """, fits AS MATERIALIZED (
    SELECT coalesce((SELECT place - 1 FROM (SELECT row_number() OVER so_far AS place, sum({weight}) OVER so_far AS bytes
                                            FROM page WINDOW so_far AS (ROWS UNBOUNDED PRECEDING)) weighed
                     WHERE place > 1 AND bytes > {most} LIMIT 1), {limit})::integer AS items
), shown AS NOT MATERIALIZED (
    SELECT * FROM page LIMIT (SELECT items FROM fits) + 1
)
"""
CELLS = re.compile(r"^-- cells: (.+)\n", re.M)
MAIN_SELECT = re.compile(r"^SELECT ", re.M)
READ_COLUMNS = ["body", "version", "next"]
STAKE_COLUMNS = ["unit_id", "campaign", "year"]
# Of the units at stake the worst bar, as src/handler/duty.c takes it: one of the caller's own first.
DUTY = """SELECT bar.own FROM (
{code}) stake(unit_id, campaign, year)
CROSS JOIN LATERAL (SELECT duty_bar(stake.unit_id, ${unit}::uuid, stake.campaign, stake.year, ${rivals}::boolean) AS own OFFSET 0) bar
WHERE bar.own IS NOT NULL ORDER BY bar.own DESC LIMIT 1"""


class Statement:
    def __init__(self, path, head, body):
        self.where, self.name = f"{path.name}: {head['name']}", head["name"]
        self.kinds = head["kinds"].split()
        self.check(self.kinds and set(self.kinds) <= KINDS, f"a kind is one of {', '.join(sorted(KINDS))}")
        self.parameters = [self.parameter(text) for text in split(head["parameters"])]
        self.columns = [self.column(text) for text in split(head["columns"] or "")]
        self.row = head["row"] or self.name
        self.sources = [source for *_, source in self.parameters] if self.is_a("read", "stream", "stake") else []
        names = [name for name, *_ in self.parameters]
        self.check(len(names) == len(set(names)), "a parameter's name appears twice")
        self.check("bytes" not in [kind for _, kind, _ in self.parameters[:-1]], "only the last parameter may be bytes")
        self.check(not self.is_a("read") or [name for name, _ in self.columns] == READ_COLUMNS[: len(self.columns)],
                   f"the columns of a read are {', '.join(READ_COLUMNS)}, in this order")
        self.check(not self.is_a("stake") or [name for name, _ in self.columns] == STAKE_COLUMNS,
                   f"the columns of a stake are {', '.join(STAKE_COLUMNS)}")
        self.check(self.columns or not self.is_a("one", "maybe", "many", "guard", "read", "stream"), "columns are missing after ->")
        body, named, cells = (CELLS.split(body, maxsplit=1) + ["", ""])[:3]
        self.code = self.numbered(body, names)
        self.cells = self.numbered(cells, names, all_used=False)
        self.cell_columns = [self.column(text) for text in split(named)]
        if self.is_a("stake"):
            self.ask_duty()
        self.check(not self.is_list or all(WHOLE_QUESTION.search(self.code, 0, at.start()) for at in IS_GIVEN.finditer(self.code)),
                   "whether a parameter is given is asked by a condition of its own: src/database/shape.h answers it in the text")
        self.counted = self.walked = None  # of a list: the names of the statements that count its rows, and walk through them

    def check(self, holds, fault):
        if not holds:
            sys.exit(f"{self.where}: {fault}")

    def is_a(self, *kinds):
        return bool(set(kinds) & set(self.kinds))

    def parameter(self, text):
        match = PARAMETER.fullmatch(text)
        self.check(match, f"not a parameter: {text}")
        opening, name, closing, kind = match.groups()
        self.check(self.is_a("read", "stream", "stake") == bool(opening) and (opening == "{") == bool(closing),
                   f"{text}: parameters of a read, stream or stake, and only those, say where they come from: {{x}}, ?x or @x")
        return name, kind or "text", opening + name + closing

    def column(self, text):
        match = COLUMN.fullmatch(text)
        self.check(match, f"not a column: {text}")
        return match[1], match[2] or "text"

    def numbered(self, body, names, all_used=True):
        used = set()

        def number(token):
            if token[1] is None:
                return token[0]
            self.check(token[1] in names, f":{token[1]} is not among its parameters")
            used.add(token[1])
            return f"${names.index(token[1]) + 1}"

        code = "\n".join(line for line in body.strip().rstrip(";").split("\n") if not line.lstrip().startswith("--"))
        code = TOKEN.sub(number, code)
        self.check(used == set(names) or not all_used, f"unused parameters: {sorted(set(names) - used)}")
        return code

    def ask_duty(self):
        if "@unit" not in self.sources:
            self.parameters.append(("unit", "text", "@unit"))
            self.sources.append("@unit")
        self.parameters.append(("rivals", "bool", ""))
        self.columns = [("own", "bool")]
        self.code = DUTY.format(code=self.code, unit=self.sources.index("@unit") + 1, rivals=len(self.parameters))

    @property
    def is_list(self):
        return {"?cursor", "?limit"} <= set(self.sources)

    def derived(self, suffix, code):
        made = copy.copy(self)
        made.name = made.row = f"{self.name}_{suffix}"
        made.where, made.code, made.kinds = f"{self.where} ({suffix})", code, ["read"]
        return made

    @property
    def before_answer(self):
        return self.code[:list(MAIN_SELECT.finditer(self.code))[-1].start()]

    def end_early(self):
        """Of a list whose page has items or their weight."""
        made, limit = self.before_answer, f"${self.sources.index('?limit') + 1}::integer"
        weight = next((weight for name, weight in (("weight", "weight"), ("item", "pg_column_size(item)")) if re.search(rf" AS {name}\b", made)), None)
        if weight:
            answer = re.sub(r"\bFROM page\b", "FROM shown", self.code[len(made):]).replace(limit, "(SELECT items FROM fits)")
            self.code = made.rstrip() + ENDS_EARLY.format(weight=weight, most=PAGE_BYTES, limit=limit) + answer

    def walk(self):
        """Opens a cursor on the items of a list, for who wants them all: it is planned once, and nothing is made of them together."""
        made = ITEMS.search(self.code)
        self.check(made, "the items of a list are page_json((SELECT array_agg(ITEM ORDER BY …) FROM …), (SELECT cursor_of(…) …), …)")
        rows = self.cells or f"SELECT {made['item']} AS item{made['origin']} ORDER BY {made['order']}"
        walk = self.derived("walked", f"{OPENS}{self.before_answer}{rows}")
        walk.kinds, walk.columns, walk.counted = ["cursor"], self.cell_columns or [("item", "text")], None
        self.walked = walk.name
        return walk

    def variants(self):
        """Of a list: the one that counts it, the one that walks through it and, where its form allows, the one that reads it from its end."""
        page = self.before_answer
        # PostgreSQL wants a type for every parameter: those of the main SELECT alone are named once more.
        rest = [f"${n}::text" for n in range(1, len(self.parameters) + 1) if not re.search(rf"\${n}\b", page)]
        unused = f" WHERE num_nulls({', '.join(rest)}) >= 0" if rest else ""
        counting = self.derived("counted", f"{page}SELECT count(*) FROM page{unused}")
        counting.columns = [("body", "text")]
        self.counted = counting.name
        yield self.walk()
        if BEGINS.findall(self.code).count("") == len(PAGE_ORDER.findall(self.code)):
            turned = lambda code: ORDER.sub(lambda keys: ", ".join(opposite(key) for key in keys[0].split(", ")), code)
            backwards = self.derived("reversed", BEGINS.sub(lambda sign: ("<" if sign[0][0] == ">" else ">") + sign["only_about"], turned(self.code)))
            backwards.cells = turned(self.cells)
            yield backwards.walk()
            backwards.end_early()
            yield backwards
        self.end_early()
        yield counting

    @property
    def binary(self):
        return "bytes" in [kind for _, kind in self.columns]

    @property
    def has_rows(self):
        return bool(self.columns) and self.kinds not in (["read"], ["stake"], ["cursor"])


def opposite(key):
    turned = {" DESC NULLS LAST": " NULLS FIRST", " NULLS FIRST": " DESC NULLS LAST", " DESC": ""}
    ending = next((ending for ending in turned if key.endswith(ending)), None)
    return key.removesuffix(ending) + turned[ending] if ending else f"{key} DESC"


def split(text):
    return [part.strip() for part in text.split(",") if part.strip()]


def statements(path):
    text = path.read_text(encoding="utf-8")
    marks = list(MARK.finditer(text))
    if not marks:
        sys.exit(f"{path}: no '-- name:' line")
    for mark, following in zip(marks, marks[1:] + [None]):
        line, body = mark[0].replace("\n--", " "), text[mark.end():following.start() if following else None]
        head = HEAD.fullmatch(line)
        if not head:
            sys.exit(f"{path}: not a head of a statement: {line}")
        found = Statement(path, head, body)
        variants = list(found.variants()) if found.is_list else []
        yield found
        yield from variants


# ---- C ----

def c_string(text):
    lines = text.split("\n")
    return "\n".join('    "%s\\n"' % line.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?") for line in lines)


MEMBERS = {"text": "const char *{0};", "bool": "bool {0};", "int": "long long {0};", "bytes": "const char *{0};\n    size_t {0}_length;"}
READERS = {"text": ".{0} = rows_text(rows, row, {1})", "bool": ".{0} = rows_true(rows, row, {1})",
           "int": ".{0} = rows_number(rows, row, {1})",
           "bytes": ".{0} = rows_text(rows, row, {1}),\n        .{0}_length = rows_length(rows, row, {1})"}
ARGUMENTS = {"text": "const char *{0}", "bool": "bool {0}", "int": "long long {0}", "bytes": "const char *{0}, size_t {0}_length"}


def struct_of(s):
    members = "\n".join("    " + MEMBERS[kind].format(name) for name, kind in s.columns)
    return f"struct {s.row} {{\n{members}\n}};\n"


def arguments(s):
    return [ARGUMENTS[kind].format(name) for name, kind, _ in s.parameters]


def prototype(s, kind):
    if kind == "session":
        return f"struct rows *{s.name}_run({', '.join(['struct session *session', *arguments(s), 'struct failure *ret_failure'])})"
    if kind == "quick":
        return f"void {s.name}_values({', '.join(['const char *ret_values[]', *arguments(s)])})"
    results = {"one": [f"struct {s.row} *ret_row"], "maybe": [f"const struct {s.row} **ret_row"],
               "many": [f"const struct {s.row} **ret_rows", "size_t *ret_count"], "exec": [], "later": [], "guard": ["bool (*judge)(struct request *request, const struct rows *rows)"]}[kind]
    return f"bool {s.name}({', '.join(['struct request *request', 'struct session *session', *arguments(s), *results])})"


def at_prototype(s):
    return f"struct {s.row} {s.row}_at(const struct rows *rows, int row)"


def rows_of(found):
    """The first statement of each struct of columns."""
    first = {}
    for s in found:
        if s.has_rows:
            first.setdefault(s.row, s)
            s.check(s.columns == first[s.row].columns, f"{first[s.row].where} has other columns in {s.row}")
    return first.values()


def functions_of(s):
    return [kind for kind in s.kinds if kind not in ("read", "stream", "stake", "copy", "cursor")]


def value_of(name, kind):
    return {"text": name, "bool": f'{name} ? "true" : "false"', "int": f"{name}_text", "bytes": ""}[kind]


def values_lines(s):
    """The declarations that make texts of the parameters, ended by the array `values`."""
    numbers = [name for name, kind, _ in s.parameters if kind == "int"]
    lines = [f"    char {name}_text[NUMBER_TEXT];\n    snprintf({name}_text, sizeof {name}_text, \"%lld\", {name});\n" for name in numbers]
    texts = [value_of(name, kind) for name, kind, _ in s.parameters if kind != "bytes"]
    if texts:
        lines.append(f"    const char *const values[] = {{{', '.join(texts)}}};\n")
    return "".join(lines), "values" if texts else "NULL"


def body_of(s, kind):
    if kind == "quick":
        return "".join(f"    ret_values[{i}] = {name};\n" for i, (name, *_) in enumerate(s.parameters))
    lines, values = values_lines(s)
    blob = s.parameters[-1][0] if s.parameters and s.parameters[-1][1] == "bytes" else None
    if kind == "session":
        call = f"session_run(session, &{s.name}_statement, {values}, ret_failure)" if not blob else \
            f"session_run_bytes(session, &{s.name}_statement, {values}, {blob}, {blob}_length, ret_failure)"
        return f"{lines}    return {call};\n"
    if kind == "guard":
        return f"{lines}    return run_guard(request, session, &{s.name}_statement, {values}, judge);\n"
    if kind == "later":
        call = f"send_statement_bytes(request, session, &{s.name}_statement, {values}, {blob}, {blob}_length)" if blob else \
            f"send_statement(request, session, &{s.name}_statement, {values})"
        return f"{lines}    return {call};\n"
    call = f"run_statement(request, session, &{s.name}_statement, {values}, "
    call = (f"run_statement_bytes(request, session, &{s.name}_statement, {values}, {blob}, {blob}_length, ") if blob else call
    if kind == "exec":
        return f"{lines}    return {call}NULL);\n"
    none = "" if kind == "many" else " || !require_row(request, rows)" if kind == "one" else ""
    lines += f"    struct rows *rows = NULL;\n    if (!{call}&rows){none})\n        return false;\n"
    if kind == "one":
        return lines + f"    *ret_row = {s.row}_at(rows, 0);\n    return true;\n"
    if kind == "maybe":
        return lines + (f"    struct {s.row} *row = rows_count(rows) ? arena_new(&request->arena, struct {s.row}) : NULL;\n"
                        f"    if (row)\n        *row = {s.row}_at(rows, 0);\n    *ret_row = row;\n    return true;\n")
    return lines + (f"    size_t count = (size_t)rows_count(rows);\n"
                    f"    struct {s.row} *all = arena_array(&request->arena, count ? count : 1, sizeof *all);\n"
                    f"    for (size_t i = 0; i < count; i++)\n        all[i] = {s.row}_at(rows, (int)i);\n"
                    f"    *ret_rows = all;\n    *ret_count = count;\n    return true;\n")


def is_public(s):
    """A statement that code names by its address: a route, a query of the quick lane, or who tells of its failure."""
    return s.is_a("read", "stream", "stake", "quick", "copy", "session", "cursor")


def table_name(path):
    return re.sub(r"\W", "_", path.stem) + "_statements"


def header(path, found):
    guard = "THIDUA_" + re.sub(r"\W", "_", path.name).upper() + "_H"
    yield (f"// Generated from {path.name}.\n#ifndef {guard}\n#define {guard}\n\n#include \"database/statement.h\"\n\n"
           "struct request;\nstruct session;\n\n")
    for s in rows_of(found):
        yield struct_of(s) + at_prototype(s) + ";\n\n"
    for s in found:
        if is_public(s):
            yield f"extern const struct statement {s.name}_statement;\n"
        for kind in functions_of(s):
            yield prototype(s, kind) + ";\n"
        yield "\n"
    yield f"extern const struct statement *const {table_name(path)}[];\n\n#endif\n"


def initializer(s):
    sources = f" .sources = {{{', '.join(chr(34) + x + chr(34) for x in s.sources)}}}," if s.sources else ""
    quick = str(s.is_a("read", "stream", "quick")).lower()
    made = "".join(f" .{use} = &{name}_statement," for use, name in (("counted", s.counted), ("walked", s.walked)) if name)
    return (f"{{.name = \"{s.name}\", .parameters = {len(s.parameters)}, .columns = {len(s.columns)}, .quick = {quick}, "
            f".binary = {str(s.binary).lower()}, .list = {str(s.is_list).lower()},{sources}{made} .sql =\n{c_string(s.code)}}}")


def source(path, found):
    yield (f"// Generated from {path.name}.\n#include \"{path.name}.h\"\n#include \"handler/run_statement.h\"\n\n#include <stdio.h>\n\n"
           "enum { NUMBER_TEXT = 24 };\n\n")
    for s in rows_of(found):
        readers = ",\n        ".join(READERS[kind].format(name, i) for i, (name, kind) in enumerate(s.columns))
        yield f"{at_prototype(s)}\n{{\n    return (struct {s.row}){{\n        {readers},\n    }};\n}}\n\n"
    for s in found:
        yield f"{'' if is_public(s) else 'static '}const struct statement {s.name}_statement = {initializer(s)};\n\n"
        for kind in functions_of(s):
            yield f"{prototype(s, kind)}\n{{\n{body_of(s, kind)}}}\n\n"
    yield f"const struct statement *const {table_name(path)}[] = {{\n"
    yield "".join(f"    &{s.name}_statement,\n" for s in found) + "    NULL,\n};\n"


def write_statements(path, code, head):
    found = list(statements(path))
    for s in found:
        s.check(not (s.is_a("quick") and {kind for _, kind, _ in s.parameters} - {"text"}), "parameters of a quick statement are texts")
    pathlib.Path(head).write_text("".join(header(path, found)), encoding="utf-8")
    pathlib.Path(code).write_text("".join(source(path, found)), encoding="utf-8")


def write_list(paths, code):
    seen = {}
    for path in paths:
        for s in statements(path):
            s.check(s.name not in seen, f"a statement of this name is also in {seen.get(s.name)}")
            seen[s.name] = path.name
    names = [table_name(path) for path in paths]
    with open(code, "w", encoding="utf-8") as file:
        file.write("// Generated from the .sql files: the tables of their statements.\n#include \"database/statement.h\"\n")
        file.writelines(f"extern const struct statement *const {name}[];\n" for name in names)
        file.write("const struct statement *const *const all_statements[] = {\n")
        file.writelines(f"    {name},\n" for name in names)
        file.write("    NULL,\n};\n")


if __name__ == "__main__":
    if sys.argv[1] == "list":
        write_list([pathlib.Path(p) for p in sys.argv[3:]], sys.argv[2])
    else:
        write_statements(pathlib.Path(sys.argv[1]), *sys.argv[2:])
