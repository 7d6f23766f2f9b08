"""openapi.yaml and the service's route table say the same, both ways; and its examples are what the service takes and gives."""
import json
import re
import subprocess
import sys

import pytest
import yaml

import problem_codes
from contract import DOCUMENT, OF_THE_MESSAGE, OPERATIONS, closed, resolve, validator
from service import PROGRAM, ROOT

sys.path.insert(0, str(ROOT / "tools"))
import contract_answers  # noqa: E402

ROUTES = {(r["method"], r["path"]): r for r in json.loads(
    subprocess.run([PROGRAM, "routes"], capture_output=True, text=True, check=True).stdout)}
TEXT_MOST = 500  # of a text without a bound of its own
FORMATS = {"uuid": "uuid", "date": "date", "instant": "date-time"}
TYPES = {"integer": "integer", "boolean": "boolean", "object": "object", "json": "object", "list": "array"}


def test_the_service_shows_its_contract_as_yaml_json_and_pages(clients):
    anyone = clients["anyone"]
    texts = yaml.CBaseLoader  # every scalar as the text that stands there
    plain = yaml.load(anyone.get("/openapi.yaml").content, Loader=texts)
    as_json = anyone.get("/openapi.json").json()
    assert as_json["paths"].keys() == plain["paths"].keys() == DOCUMENT["paths"].keys()
    assert yaml.load(json.dumps(as_json), Loader=texts) == plain, "a day, a number or a null became something else on its way to JSON"
    named = ((o["operationId"] for o in OPERATIONS.values()), (f"schema-{name}" for name in DOCUMENT["components"]["schemas"]))
    for path, anchors in zip(("/docs", "/docs/schemas"), named):
        page = anyone.get(path)
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        ids = set(re.findall(r'id="([^"]+)"', page.text))
        assert set(anchors) <= ids
        assert {target for target in re.findall(r'href="#([^"]+)"', page.text)} <= ids, "links that lead nowhere"
        assert "http-equiv=\"Content-Security-Policy\"" in page.text


each_operation = pytest.mark.parametrize("key", sorted(OPERATIONS.keys() & ROUTES.keys()), ids=" ".join)


def test_every_route_is_described_and_every_description_has_a_route():
    assert sorted(ROUTES.keys() - OPERATIONS.keys()) == [], "add these to openapi.yaml"
    assert sorted(OPERATIONS.keys() - ROUTES.keys()) == [], "openapi.yaml describes what is not there"


def type_set(schema):
    kind = schema.get("type")
    return set(kind if isinstance(kind, list) else [kind])


def differences(field, schema, where):
    """What a description says otherwise than the table that the service reads a value by."""
    schema = resolve(schema)
    kind = field["type"]
    if "anyOf" in schema or "oneOf" in schema:  # a decimal: string or integer; or null beside a reference
        parts = [resolve(part) for part in schema.get("anyOf", schema.get("oneOf"))]
        nullable = any(part.get("type") == "null" for part in parts)
        schema = next((part for part in parts if part.get("type") != "null"), {})
    else:
        nullable = "null" in type_set(schema)
    if nullable != field.get("nullable", False):
        yield f"{where}: nullable is {field.get('nullable', False)}"
    if schema.get("x-happened", False) != field.get("happened", False):
        yield f"{where}: x-happened is {field.get('happened', False)}"
    if kind == "choice":
        said = [value for value in schema.get("enum", []) if value is not None]
        if sorted(said) != sorted(field["choices"]):
            yield f"{where}: enum: {field['choices']}"
        return
    wanted = {"string", "integer"} if kind == "decimal" else {TYPES.get(kind, "string")}
    if not wanted >= type_set(schema) - {"null"} or not type_set(schema) - {"null"}:
        yield f"{where}: type: {sorted(wanted)}"
    if kind in FORMATS and schema.get("format") != FORMATS[kind]:
        yield f"{where}: format: {FORMATS[kind]}"
    is_text = kind in ("text", "line", "number_symbol")
    if is_text and "enum" in schema:
        return  # a life cycle's actions: a rule beyond the table
    if is_text and schema.get("maxLength") != (field["most"] or TEXT_MOST):
        yield f"{where}: maxLength: {field['most'] or TEXT_MOST}"
    if is_text and schema.get("minLength", 0) != field["least"] and not (field["required"] and schema.get("minLength") == 1):
        yield f"{where}: minLength: {field['least']}"
    if kind == "integer" and (schema.get("minimum", 0), schema.get("maximum", 0)) != (field["least"], field["most"]):
        if field["most"] != 2**63 - 1 or "maximum" in schema or schema.get("minimum", 0) != field["least"]:
            yield f"{where}: minimum: {field['least']}, maximum: {field['most']}"
    if kind == "list":
        if (schema.get("minItems", 0), schema.get("maxItems")) != (field["least"], field["most"]):
            yield f"{where}: minItems: {field['least']}, maxItems: {field['most']}"
        yield from differences({"required": False, **field["item"]}, schema.get("items", {}), f"{where}/0")
    if kind == "object":
        yield from object_differences(field["fields"], schema, where)


def object_differences(fields, schema, where):
    schema = resolve(schema)
    if schema.get("additionalProperties", True) is not False:
        yield f"{where or '/'}: additionalProperties: false"
    said = schema.get("properties", {})
    for name in sorted(fields.keys() ^ said.keys()):
        yield f"{where}/{name}: {'missing in openapi.yaml' if name in fields else 'not a field of the service'}"
    required = sorted(name for name, field in fields.items() if field["required"])
    if required != sorted(schema.get("required", [])):
        yield f"{where or '/'}: required: {required}"
    for name in sorted(fields.keys() & said.keys()):
        yield from differences(fields[name], said[name], f"{where}/{name}")


@each_operation
def test_bodies_are_described_as_they_are_read(key):
    route, content = ROUTES[key], resolve(OPERATIONS[key].get("requestBody", {})).get("content", {})
    assert list(content) == [media for media in (route["content_type"], route.get("also_type")) if media]
    if route["body"]:
        schema = content[route["content_type"]]["schema"]
        assert list(object_differences(route["body"], schema, "")) == []


@each_operation
def test_parameters_are_described_as_they_are_read(key):
    route, said = ROUTES[key], {(p["in"], p["name"]): p for p in OPERATIONS[key]["parameters"]}
    assert {name for place, name in said if place == "path"} == {
        part[1:-1] for part in key[1].split("/") if part.startswith("{")}
    assert {name for place, name in said if place == "query"} == set(route["query"])
    wrong = []
    for name, field in route["query"].items():
        parameter = said["query", name]
        wrong += differences({"required": False, "nullable": False, **field}, parameter["schema"], name)
        default = resolve(parameter["schema"]).get("default")
        if (None if default is None else str(default)) != field["fallback"]:
            wrong.append(f"{name}: default: {field['fallback']}")
    assert wrong == []


@each_operation
def test_who_may_call_is_described(key):
    roles = ROUTES[key]["roles"]
    operation = OPERATIONS[key]
    assert operation.get("x-roles", []) == [role for role in roles if role != "anyone"], "x-roles"
    security = operation.get("security", DOCUMENT["security"])
    assert ({} in security or security == []) == ("anyone" in roles), "security: [] or [{}, …] where no key is needed, and only there"


def test_types_of_events_are_sorted_and_the_same_in_feed_and_journal():
    """The service searches them by halves; the feed's are the journal's with thidua. before them."""
    feed = ROUTES["GET", "/v1/events"]["query"]["type"]["choices"]
    journal = ROUTES["GET", "/v1/journal"]["query"]["type"]["choices"]
    assert feed == sorted(set(feed)) == [f"thidua.{type}" for type in journal]
    assert resolve({"$ref": "#/components/schemas/EventType"})["enum"] == feed


def examples_of(media):
    """Media Type Object → its examples: `example`, or the values of `examples`."""
    if "example" in media:
        yield media["example"]
    for example in media.get("examples", {}).values():
        yield resolve(example)["value"]


def shown(schema):
    """A value put together from the examples that stand with schemas; None where one is missing."""
    schema = resolve(schema)
    if schema.get("examples"):
        return schema["examples"][0]
    if "allOf" in schema:
        parts = [shown(part) for part in schema["allOf"]]
        return None if None in parts else {name: value for part in parts for name, value in part.items()}
    if "items" in schema:
        item = shown(schema["items"])
        return None if item is None else [item]
    return None


def shown_page(schema):
    """The same of a page of a list: what its items are."""
    item = shown(resolve(schema)["properties"]["items"])
    return None if item is None else {"items": item, "next": None}


def is_page(schema):
    return {"items", "next"} <= set(resolve(schema).get("properties", ())) <= {"items", "next", "total"}


@each_operation
def test_examples_of_bodies_and_answers_fit_their_schemas(key):
    operation = OPERATIONS[key]
    for media in resolve(operation.get("requestBody", {})).get("content", {}).values():
        for example in examples_of(media):
            validator(media["schema"]).validate(example)
    for status, response in operation["responses"].items():
        for kind, media in resolve(response).get("content", {}).items():
            if not kind.endswith("json"):
                continue
            examples = list(examples_of(media))
            if not examples and status.startswith("2"):
                examples = [shown_page(media["schema"]) if is_page(media["schema"]) else shown(media["schema"])]
                assert examples != [None], f"{status}: an example of the answer is missing, here or with its schema"
            for example in examples:
                validator(closed(media["schema"])).validate(example)


@each_operation
def test_an_operation_says_what_it_is(key):
    """A name for generated clients, a place in the contents, a line for people; and each parameter in words."""
    operation = OPERATIONS[key]
    assert operation["operationId"] and operation["summary"] and len(operation["tags"]) == 1
    assert [other for other, one in OPERATIONS.items() if one["operationId"] == operation["operationId"]] == [key]
    assert operation["tags"][0] in {tag["name"] for tag in DOCUMENT["tags"]}
    assert [p["name"] for p in operation["parameters"] if not p.get("description")] == []


@each_operation
def test_a_body_has_an_example_and_the_service_reads_it(key, clients):
    """Sent to things that do not exist: a body that does not fit is refused as such before anything is looked for."""
    route = ROUTES[key]
    if not route["body"]:
        return
    examples = list(examples_of(resolve(OPERATIONS[key]["requestBody"])["content"][route["content_type"]]))
    assert examples, "an example of the body is missing"
    nothing = "00000000-0000-4000-8000-000000000000"
    path = "/".join({"code": "NO-SUCH", "year": "2024", "register": "discipline"}.get(part[1:-1], nothing) if part.startswith("{") else part
                    for part in key[1].split("/"))
    client = next(clients[role] for role in ("admin", "home_affairs", "chair_office", "initiative_council", "unit", "anyone")
                  if role in route["roles"])
    for example in examples:
        answer = client.request(key[0], path, data=json.dumps(example), params={"dry_run": "true"} if "dry_run" in route["query"] else {},
                                headers={"Content-Type": route["content_type"], "If-Match": '"1"'})
        unread = answer.status_code == 400 or answer.json().get("type") == "urn:thidua:problem:invalid" and any(
            fault["code"] in ("type", "required", "count") or fault["detail"].startswith("There is no such field.") for fault in answer.json().get("errors", []))
        assert not unread, answer.text


# Revoking a key must work whatever happened to it meanwhile.
WITHOUT_VERSION = {("DELETE", "/v1/keys/{id}")}


@each_operation
def test_a_change_of_what_exists_takes_if_match(key):
    """What a generated client cannot send it cannot change. That others which answer 428 or 412 take it too, and those that must have
    it do not go without, is asked of every answer in every test (contract.py)."""
    if key[0] in ("PUT", "PATCH", "DELETE") or key[1].endswith("}/transitions"):  # a list of steps names versions in its items
        assert (("header", "If-Match") in {(p["in"], p["name"]) for p in OPERATIONS[key]["parameters"]}) == (key not in WITHOUT_VERSION)


@each_operation
def test_writes_and_only_writes_take_an_idempotency_key(key):
    assert (("header", "Idempotency-Key") in {(p["in"], p["name"]) for p in OPERATIONS[key]["parameters"]}) == ROUTES[key]["write"]


@each_operation
def test_a_list_is_a_named_page_whose_items_have_a_name(key):
    """A client that is generated from it names both, and knows what an item has."""
    for media in OPERATIONS[key]["responses"].get("200", {}).get("content", {}).values():
        for schema in media["schema"].get("oneOf", [media["schema"]]):
            members = resolve(schema).get("properties", {})
            if ROUTES[key]["columns"] and members.get("next", {}).get("$ref") == "#/components/schemas/NextCursor":
                assert "$ref" in schema and schema["$ref"].endswith("Page"), "a schema of its own, named …Page"
                assert "$ref" in members["items"]["items"], "items have a schema of their own"


@each_operation
def test_what_is_not_json_says_what_it_is(key):
    """A file is bytes, as OpenAPI 3.0 and JSON Schema say it (`format: binary`, `contentMediaType`); everything else is a text."""
    operation = OPERATIONS[key]
    contents = [resolve(operation.get("requestBody", {})).get("content", {})] + [resolve(r).get("content", {}) for r in operation["responses"].values()]
    for kind, media in (pair for content in contents for pair in content.items() if not pair[0].endswith("json")):
        schema = resolve(media["schema"])
        assert schema["type"] == "string", kind
        text = kind.startswith("text/") or kind == "application/yaml"
        assert text or (schema["contentMediaType"], schema["format"]) == (kind, "binary"), kind


def parts_of(schema, where):
    """(place, schema, is it a member of an object) of a schema and of all that it holds."""
    for name, member in schema.get("properties", {}).items():
        yield f"{where}.{name}", member, True
    for word in ("allOf", "anyOf", "oneOf"):
        for i, part in enumerate(schema.get(word, [])):
            yield f"{where} {word} {i}", part, False
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            yield f"{where} {word}", schema[word], False


def whole(schema, where, member=False):
    yield where, schema, member
    for place, part, inner in parts_of(schema, where):
        yield from whole(part, place, inner)


def schemas():
    """The same of the whole contract."""
    for kind in ("schemas", "parameters", "headers"):
        for name, part in DOCUMENT["components"].get(kind, {}).items():
            yield from whole(part if kind == "schemas" else part["schema"], name)
    for kind in ("responses", "requestBodies"):
        for name, part in DOCUMENT["components"].get(kind, {}).items():
            for media in part.get("content", {}).values():
                yield from whole(media["schema"], name)
    for operation in OPERATIONS.values():
        for parameter in operation["parameters"]:
            yield from whole(parameter["schema"], f"{operation['operationId']} {parameter['name']}")
        for part in (operation.get("requestBody", {}), *operation["responses"].values()):
            for media in part.get("content", {}).values():
                yield from whole(media["schema"], operation["operationId"])


SAYS_WHAT = {"type", "$ref", "anyOf", "oneOf", "allOf", "const", "enum"}


def test_every_object_says_what_it_holds():
    """What has no members that are named or typed is `unknown` to who generates a client."""
    def is_open(schema):
        kinds, held = type_set(schema), schema.get("additionalProperties")
        return (not SAYS_WHAT & schema.keys() or held is True or ("array" in kinds and not schema.get("items"))
                or ("object" in kinds and "properties" not in schema and not isinstance(held, dict)))
    assert [where for where, schema, _ in schemas() if is_open(schema)] == []


def test_the_schema_of_rule_sets_takes_what_the_engine_takes(clients):
    """The plans, and what the fuzzers begin with: every kind of leaf."""
    paths = sorted((ROOT / "campaigns").glob("*.json")) + sorted((ROOT / "campaigns/mau").glob("*.json")) + sorted((ROOT / "tests/fuzz/corpus/rule_set").glob("*.json"))
    taken = 0
    for path in paths:
        document = json.loads(path.read_text(encoding="utf-8"))
        document = document.get("criteria_set", document)
        faults = [fault.message for fault in validator({"$ref": "#/components/schemas/RuleSet"}).iter_errors(document)]
        publishable = clients["admin"].post("/v1/criteria-sets/check", json={"document": document}).json()["publishable"]
        assert not publishable or faults == [], (path, faults)
        taken += publishable
    assert taken >= 7


def test_problems_and_their_codes_are_those_of_the_source():
    """None is missing, so that a caller can tell them all apart, and none is listed that nobody can meet."""
    found, other = problem_codes.codes()
    assert other == [], "a code that is neither a literal nor of a known table: tests/api/problem_codes.py"
    said = {name: DOCUMENT["components"]["schemas"][name]["enum"] for name in ("ErrorCode", "ProblemType")}
    assert (sorted(found - set(said["ErrorCode"])), sorted(set(said["ErrorCode"]) - found)) == ([], [])
    assert said["ErrorCode"] == sorted(said["ErrorCode"]) and said["ProblemType"] == problem_codes.problem_types()
    assert problem_codes.problems_of_nobody() == []


@each_operation
def test_what_may_be_answered_follows_from_the_route(key):
    """Which refusals there are, whether 304, and the header fields of a success: tools/declare_answers writes them."""
    operation, route = {**OPERATIONS[key], "path": key[1]}, ROUTES[key]
    wanted = {str(status): {"$ref": f"#/components/responses/{contract_answers.REFUSALS[status]}"} for status in contract_answers.refusals(operation, route)}
    if contract_answers.is_kept(operation, route):
        wanted["304"] = {"$ref": "#/components/responses/NotModified"}
    wanted["default"] = {"$ref": "#/components/responses/Problem"}
    assert {status: said for status, said in operation["responses"].items() if not status.startswith("2")} == wanted
    for status, said in operation["responses"].items():
        if status.startswith("2") and "$ref" not in said:
            assert list(said["headers"].items()) == [(name, {"$ref": f"#/components/headers/{name}"})
                                                     for name in contract_answers.fields(operation, route, int(status))]


def test_the_header_fields_of_answers_are_those_that_the_service_writes():
    written = re.findall(r'(?m)^ANSWER_FIELD\(\w+, "([^"]+)"', (ROOT / "src/http/transport/answer_fields.def").read_text(encoding="utf-8"))
    assert sorted(DOCUMENT["components"]["headers"]) == sorted(name for name in written if name.lower() not in OF_THE_MESSAGE)


def described(schema):
    """Does it say what it is, itself or where it refers to?"""
    return bool(schema.get("description")) or "$ref" in schema and described(resolve({"$ref": schema["$ref"]}))


def test_each_rule_of_the_database_is_told_in_one_way():
    """A second row of the same name would never be read, or tell the same refusal as another problem."""
    rows = [name for path in sorted((ROOT / "src").glob("*/*.c")) for table in re.findall(r"(?ms)struct constraint_problem \w+\[\] = \{(.*?)\n\};", path.read_text(encoding="utf-8"))
            for name in re.findall(r'(?m)^    \{"(\w+)", PROBLEM_', table)]
    assert len(rows) > 100 and sorted(rows) == sorted(set(rows))


def reasons(fields, where):
    for name, field in (fields or {}).items():
        if name == "reason" and field["type"] in ("text", "line"):
            yield where, field
        yield from reasons(field.get("fields"), where)
        yield from reasons(field.get("item", {}).get("fields"), where)


def test_a_reason_is_never_empty():
    """What is done only for a reason is not done for an empty one."""
    found = [(where, field) for key, route in ROUTES.items() for where, field in reasons(route.get("body"), " ".join(key))]
    assert len(found) > 20
    assert {where for where, field in found if field["least"] < 1 and not field["required"]} == set()


def test_everything_says_what_it_is():
    """Each schema with a name, each member and each parameter, so that nobody has to guess what a generated client shows."""
    unsaid = {name for name, schema in DOCUMENT["components"]["schemas"].items() if not described(schema)}
    unsaid |= {where for where, schema, member in schemas() if member and not described(schema)}
    unsaid |= {name for kind in ("parameters", "headers", "responses") for name, part in DOCUMENT["components"][kind].items() if not described(part)}
    assert unsaid == set()


def test_null_is_explained_only_where_it_can_come():
    def may_be_null(schema):
        schema = resolve(schema)
        return ("null" in type_set(schema) or any(may_be_null(part) for word in ("anyOf", "oneOf") for part in schema.get(word, []))
                or None in schema.get("enum", ()) or "properties" not in schema and not {"type", "const"} & schema.keys())
    assert [where for where, schema, member in schemas() if member and re.search(r"; null[: ]|^null[: ]", schema.get("description", "")) and not may_be_null(schema)] == []
