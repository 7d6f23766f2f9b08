"""openapi.yaml as the tests use it: the operation of a request, closed schemas, validation of every response.

Response schemas are closed here: a member that the contract does not name is as wrong as one that is missing."""
import functools
import json
import pathlib
import re
import urllib.parse

import fastjsonschema
import jsonschema
import yaml

import words

DOCUMENT = yaml.load((pathlib.Path(__file__).resolve().parents[2] / "openapi.yaml").read_text(encoding="utf-8"),
                     Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
METHODS = ("get", "put", "post", "patch", "delete")
formats = jsonschema.FormatChecker(formats=["date", "uuid", "ipv4"])


@formats.checks("date-time")
def is_instant(value):
    return not isinstance(value, str) or bool(
        re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", value))


def resolve(node):
    """Follows $ref until something else stands there."""
    while isinstance(node, dict) and "$ref" in node:
        found = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        node = found
    return node


def merged(parts):
    """The parts of an `allOf`, all of them plain objects, as one schema."""
    whole = {"type": "object", "properties": {}, "required": []}
    for part in parts:
        for name, member in part.get("properties", {}).items():
            whole["properties"][name] = {**whole["properties"].get(name, {}), **member}
        whole["required"] += part.get("required", [])
        whole.update({k: v for k, v in part.items() if k == "additionalProperties"})
    return whole


# reference → its closed schema. Whatever JSON reads is a JsonValue: to walk the contract itself as one would take seconds.
COMPONENTS = {"#/components/schemas/JsonValue": {}}


def closed_component(reference):
    """A schema that holds itself, such as JsonValue, goes on by the reference."""
    if reference not in COMPONENTS:
        COMPONENTS[reference] = {"$ref": reference}
        COMPONENTS[reference] = closed(resolve({"$ref": reference}))
    return COMPONENTS[reference]


def closed(schema, component=closed_component):
    """A copy without references in which no object may have members that are not named."""
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return component(schema["$ref"])
    if "allOf" in schema:
        return closed(merged([resolve(part) for part in schema["allOf"]]), component)
    made = {word: [closed(part, component) for part in value] if word in ("oneOf", "anyOf") else
            closed(value, component) if word in ("items", "additionalProperties") else
            {name: closed(member, component) for name, member in value.items()} if word == "properties" else value
            for word, value in schema.items()}
    if "properties" in made:
        made.setdefault("additionalProperties", False)
    return made


def validator(schema):
    return jsonschema.Draft202012Validator(schema, resolver=jsonschema.RefResolver("", DOCUMENT), format_checker=formats)


# What a judge's code is made of: each component once, as a function. `default` would be written into what is judged.
# JSON's true is not 1, as it is in Python: what lists values says their types.
NOT_JUDGED = ("description", "examples", "example", "default", "discriminator")
JUDGED = {"JsonValue": {}}
TYPES = {"bool": "boolean", "int": "integer", "float": "number", "str": "string", "NoneType": "null", "list": "array", "dict": "object"}


def judged_component(reference):
    name = reference.removeprefix("#/components/schemas/")
    if name not in JUDGED:
        JUDGED[name] = True
        JUDGED[name] = judged(closed(resolve({"$ref": reference}), judged_component))
    return {"$ref": reference}


def judged(schema):
    if not isinstance(schema, dict):
        return schema
    made = {word: [judged(part) for part in value] if word in ("oneOf", "anyOf") else
            judged(value) if word in ("items", "additionalProperties") else
            {name: judged(member) for name, member in value.items()} if word == "properties" else value
            for word, value in schema.items() if word not in NOT_JUDGED and (word != "format" or value in formats.checkers)}
    listed = made.get("enum", [made["const"]] if "const" in made else [])
    if listed and "type" not in made:
        made["type"] = sorted({TYPES[type(value).__name__] for value in listed})
    return made


@functools.cache
def compiled(schema):
    """The function that raises where a value is not what the closed `schema`, as JSON, says: jsonschema would take ten times as long."""
    whole = {**json.loads(schema), "components": {"schemas": JUDGED}}
    return fastjsonschema.compile(whole, formats={name: functools.partial(formats.conforms, format=name) for name in formats.checkers})


class Judge:
    """Of the answers that one schema describes."""

    def __init__(self, schema):
        self.quick = compiled(json.dumps(judged(closed(schema, judged_component)), sort_keys=True))
        self.schema = schema

    def refused(self, value):
        """Why it is not what they are, if so."""
        try:
            self.quick(value)
        except fastjsonschema.JsonSchemaValueException as refused:
            return refused.message
        return None

    def fault(self, value):
        """The same in jsonschema's words, which find the place better."""
        refused = self.refused(value)
        said = refused and jsonschema.exceptions.best_match(validator(closed(self.schema)).iter_errors(value))
        return f"{said.json_path}: {said.message}" if said else refused


def operations():
    """(METHOD, path) → operation, with the parameters of its path, all resolved."""
    found = {}
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item:
                parameters = [resolve(p) for p in item.get("parameters", []) + item[method].get("parameters", [])]
                found[method.upper(), path] = {**item[method], "parameters": parameters}
    return found


OPERATIONS = operations()


@functools.cache
def template_of(path):
    """The path of the contract that a request's path means: literal segments before parameters."""
    segments = path.split("/")
    fitting = [t for t in DOCUMENT["paths"] if len(parts := t.split("/")) == len(segments) and all(
        part == segment or part.startswith("{") for part, segment in zip(parts, segments))]
    return min(fitting, key=lambda t: t.count("{"), default=None)


# Of the connection and not of an operation: `default` describes them. It also describes the 412 of a read with If-Match (see `info`).
OF_THE_CONNECTION = (417, 501)
# Of a message itself (RFC 9110, 9112), with what its library adds; and what web pages of other origins are told (CORS, see `info`).
OF_THE_MESSAGE = {"connection", "content-encoding", "content-length", "content-type", "date", "keep-alive", "transfer-encoding"}
ALWAYS = ["Cache-Control", "Server-Timing", "Vary", "X-Content-Type-Options", "X-Request-Id"]


@functools.cache
def response_declared(method, template, status):
    responses = OPERATIONS[method, template]["responses"]
    found = responses.get(str(status)) or (responses["default"] if status in OF_THE_CONNECTION or (method, status) == ("GET", 412) else None)
    assert found is not None, f"openapi.yaml: {method} {template} does not document the status {status}"
    return resolve(found)


@functools.cache
def fields_declared(method, template, status):
    declared = response_declared(method, template, status) if (method, template) in OPERATIONS else resolve(
        {"$ref": "#/components/responses/Problem"})
    return {name.lower() for name in declared.get("headers", {})}


def check_fields(method, template, response):
    """A caller reads of each header field what it means."""
    told = {name.lower() for name in response.headers} - OF_THE_MESSAGE
    told = {name for name in told if not name.startswith("access-control-")} - fields_declared(method, template, response.status_code)
    assert not told, f"openapi.yaml: {method} {template} {response.status_code} does not document the header fields {sorted(told)}"
    missing = [name for name in ALWAYS if name not in response.headers]
    assert not missing, f"{method} {template} {response.status_code} has not {missing}"
    # WHATWG Fetch, section 3.6: no browser takes an answer for another type than it says.
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@functools.cache
def response_validator(method, template, status, media):
    operation = OPERATIONS.get((method, template))
    if not operation:
        return Judge({"$ref": "#/components/schemas/Problem"}) if status >= 400 else None
    response = response_declared(method, template, status)
    content = response.get("content", {})
    assert media in content or (not media and not content), f"openapi.yaml: {method} {template} {status} does not document {media}"
    if not media or not media.endswith("json"):
        return None
    return Judge(content[media]["schema"])


def check_precondition(method, template, response):
    """A service that takes If-Match, or wants it, says so: a generated client sends what is described and nothing else. Of reads it is
    said once, in `info`, as of If-None-Match."""
    said = [p for p in OPERATIONS.get((method, template), {"parameters": []})["parameters"] if p["name"] == "If-Match"]
    given = "If-Match" in response.request.headers
    assert said or response.status_code not in ((428,) if method == "GET" else (412, 428)), f"openapi.yaml: {method} {template} does not describe If-Match"
    if said and said[0].get("required") and not given:
        assert response.status_code >= 400, f"openapi.yaml: {method} {template} went without the If-Match that it is said to need"


STEPS = ("/transitions", "/sign", "/publish", "/impact")  # whose problems may also lie in what is stored of the resource


def points_into(pointer, body, schema):
    """RFC 6901: at something that was sent, or at a member that the operation takes and that was left out."""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        schema = resolve(schema or {})
        if isinstance(body, list):
            if not re.fullmatch(r"0|[1-9]\d*", name) or int(name) >= len(body):
                return False
            body, schema = body[int(name)], schema.get("items")
        elif isinstance(body, dict):
            if name not in body:
                return name in schema.get("properties", {name: None})
            body, schema = body[name], schema.get("properties", {}).get(name)
        else:
            return False
    return True


def check_pointers(method, template, response):
    """What a problem names stands in the body that was sent."""
    request = response.request
    if not getattr(request, "body", None) or not (request.headers.get("Content-Type") or "").endswith("json") or template.endswith(STEPS):
        return
    try:
        body = json.loads(request.body)
    except ValueError:
        return
    content = resolve(OPERATIONS.get((method, template), {}).get("requestBody", {})).get("content", {})
    schema = next((media["schema"] for media in content.values()), None)
    for error in response.json().get("errors", []):
        assert not error["pointer"].startswith("/") or points_into(error["pointer"], body, schema), (error, body)


def check_words(response, media):
    """A person can read it: no code, no name of a member, in Vietnamese no decimal with a point."""
    if media == "application/problem+json":
        texts = list(words.texts_of_problem(response.json(), response.headers["Content-Language"]))
    elif media == "application/json" and "/openapi" not in response.request.url and "/criteria-sets" not in response.request.url:
        texts = list(words.texts_of(response.json()))
    else:
        return
    for language, text in texts:
        assert not words.raw_codes(text, language), f"{words.raw_codes(text, language)} in what a person reads: {text}"


def spelled(text):
    """Is it JSON in the one spelling: no blank outside strings, nothing twice in an object?"""
    def members(pairs):
        assert len({name for name, _ in pairs}) == len(pairs), pairs
        return dict(pairs)
    json.loads(text, object_pairs_hook=members)
    return not re.search(r"\s", re.sub(r'"(?:[^"\\]|\\.)*"', '""', text))


def check_spelling(response):
    """One spelling, and one line feed at the end."""
    text = response.content.decode()
    assert text.endswith("\n") and spelled(text[:-1]), text[:500]


def check_response(response):
    """Fails where an answer is not what openapi.yaml says of it."""
    method = {"HEAD": "GET"}.get(response.request.method, response.request.method)
    if method not in ("GET", "PUT", "POST", "PATCH", "DELETE"):
        return
    template = template_of(urllib.parse.urlsplit(response.request.url).path)
    check_fields(method, template, response)
    if response.status_code == 304:
        return
    check_precondition(method, template, response)
    media = response.headers.get("Content-Type", "").split(";")[0]
    judge = response_validator(method, template, response.status_code, media)
    if media == "application/problem+json" and template and response.request.method != "HEAD":
        check_pointers(method, template, response)
    if response.request.method != "HEAD":
        check_words(response, media)
        if media.endswith("json"):
            check_spelling(response)
    if judge and response.request.method != "HEAD":
        fault = judge.fault(response.json())
        assert fault is None, (f"openapi.yaml does not describe this answer of {method} {template} {response.status_code}: "
                               f"{fault}\n{json.dumps(response.json(), ensure_ascii=False)[:2000]}")
