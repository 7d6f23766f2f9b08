"""What every other test relies on: an answer that openapi.yaml does not describe is refused, whichever of its words it breaks."""
import copy
import json

import jsonschema
import pytest


from contract import DOCUMENT, JUDGED, NOT_JUDGED, OPERATIONS, Judge, closed, judged, judged_component, resolve, validator
from test_contract import examples_of, is_page, shown, shown_page

A_LIST = {"type": "array", "items": {"type": "integer"}}
A_UNIT = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "parent": {"type": ["string", "null"]}}}
A_MAP = {"type": "object", "additionalProperties": {"type": "integer"}, "maxProperties": 2}

# word → a schema, what it describes, what it does not.
WORDS = {
    "type": [({"type": "string"}, [""], [None, 1, True, [], {}]), ({"type": "integer"}, [1, 2.0], [True, 1.5, "1", None]),
             ({"type": "number"}, [1, 1.5], [False, "1.5"]), ({"type": "boolean"}, [True], [1, 0, "true", None]),
             ({"type": ["string", "null"]}, ["", None], [0, False, []]), ({"type": "object"}, [{}], [[], "", None])],
    "enum": [({"enum": ["A", "B"]}, ["A"], ["C", "a", None, 1]), ({"type": ["string", "null"], "enum": ["A", None]}, [None], ["", 0]),
             ({"enum": [1, 2]}, [1, 1.0], [True, 3, "1"]), ({"enum": [True, "A"]}, [True, "A"], [1, 1.0, False])],
    "const": [({"const": "a \"b\""}, ["a \"b\""], ["b", None]), ({"const": True}, [True], [1, 1.0, "true", False]),
              ({"const": 0}, [0], [False, "", None]), ({"const": None}, [None], [0, False, ""])],
    "format": [({"type": "string", "format": "date"}, ["2024-02-29"], ["2023-02-29", "2024-2-9", "2024-02-29T00:00:00Z", ""]),
               ({"type": "string", "format": "date-time"}, ["2024-02-29T08:00:00+07:00"], ["2024-02-29", "2024-02-29 08:00:00Z", "2024-02-29T08:00:00"]),
               ({"type": "string", "format": "uuid"}, ["0b9f0000-0000-7000-8000-000000000000"], ["0b9f000000007000800000000000000", "x", ""])],
    "pattern": [({"type": "string", "pattern": r'^[a-z"]+\d{2}$'}, ['a"12'], ["a1", "A12", "a123", "xé12", ""])],
    "minLength": [({"type": "string", "minLength": 2}, ["éé"], ["é", ""])],
    "maxLength": [({"type": "string", "maxLength": 2}, ["éé"], ["ééé"])],
    "minimum": [({"type": "integer", "minimum": 3}, [3], [2, -3])],
    "maximum": [({"type": ["integer", "null"], "maximum": 3}, [3, None], [4, 3.5])],
    "items": [(A_LIST, [[], [1, 2]], [[1, "2"], [None], [[1]], {}]),
              ({"type": "array", "items": A_LIST}, [[[1], []]], [[[1], ["2"]], [1]]), ({"type": "array", "items": A_UNIT}, [[{"name": ""}]], [[{"name": ""}, {}]])],
    "minItems": [({**A_LIST, "minItems": 1}, [[1]], [[]])],
    "maxItems": [({**A_LIST, "maxItems": 1}, [[], [1]], [[1, 2]])],
    "properties": [(A_UNIT, [{"name": "x", "parent": None}], [{"name": 1}, {"name": "x", "parent": 1}])],
    "required": [(A_UNIT, [{"name": "x"}], [{}, {"parent": "x"}])],
    "additionalProperties": [(A_UNIT, [{"name": "x"}], [{"name": "x", "more": None}, {"name": "x", "Name": "x"}]),
                             (A_MAP, [{}, {"a": 1}], [{"a": "1"}, {"a": 1, "b": None}])],
    "maxProperties": [(A_MAP, [{"a": 1, "b": 2}], [{"a": 1, "b": 2, "c": 3}])],
    "anyOf": [({"anyOf": [A_UNIT, {"type": "null"}]}, [{"name": "x"}, None], [{}, {"name": "x", "more": 1}, "", 0])],
    "oneOf": [({"oneOf": [A_UNIT, {"type": "integer"}, {"type": "integer", "minimum": 3}]}, [2, {"name": ""}], [3, {}, None])],
    "allOf": [({"allOf": [A_UNIT, {"required": ["parent"]}]}, [{"name": "", "parent": None}], [{"name": ""}, {"name": "", "parent": None, "x": 1}])],
    "$ref": [({"type": "array", "items": {"$ref": "#/components/schemas/ProblemType"}}, [[DOCUMENT["components"]["schemas"]["ProblemType"]["enum"][0]]], [["x"], [None]])],
}


def answers():
    """(operation, schema, examples) of every answer in JSON, each schema once."""
    found = {}
    for key, operation in OPERATIONS.items():
        for status, response in operation["responses"].items():
            for kind, media in resolve(response).get("content", {}).items():
                if kind.endswith("json"):
                    made = list(examples_of(media)) or [shown_page(media["schema"]) if is_page(media["schema"]) else shown(media["schema"])]
                    found.setdefault(json.dumps(media["schema"], sort_keys=True), ((*key, status), media["schema"], []))[2].extend(made)
    return found.values()


def words_of(schema):
    if isinstance(schema, dict):
        yield from schema
        for word, value in schema.items():
            for part in value.values() if word == "properties" else value if isinstance(value, list) else [value]:
                yield from words_of(part)


@pytest.mark.parametrize("word", WORDS)
def test_each_word_is_held_to(word):
    for schema, described, others in WORDS[word]:
        judge, slow = Judge(schema), validator(closed(schema))
        assert [value for value in described if judge.fault(value) is not None or not slow.is_valid(value)] == []
        assert [value for value in others if judge.fault(value) is None or slow.is_valid(value)] == []


def test_no_other_word_is_used():
    """A word without a row above may be one that the judge does not know; what is not judged says nothing of a value."""
    used = {word for _, schema, _ in answers() for word in words_of(judged(closed(schema, judged_component)))}
    used |= {word for schema in JUDGED.values() for word in words_of(schema)}
    assert used - WORDS.keys() == set()
    assert not set(NOT_JUDGED) & set(jsonschema.Draft202012Validator.VALIDATORS)
    assert len({name.lower() for name in JUDGED}) == len(JUDGED), "functions are named by these, in small letters"


def broken(value, odd):
    """Copies of `value`, each wrong in one place: something odd instead, a member less, a member more."""
    def places(node, path):
        yield path
        for name, part in node.items() if isinstance(node, dict) else enumerate(node[:2]) if isinstance(node, list) else ():
            yield from places(part, (*path, name))

    for number, path in enumerate(places(value, ())):
        whole = copy.deepcopy({"": value})
        *way, last = ("", *path)
        holder = whole
        for step in way:
            holder = holder[step]
        kind = number % 4
        if kind == 0 and isinstance(holder, dict) and path:
            del holder[last]
        elif kind == 1 and isinstance(holder[last], dict):
            holder[last]["more"] = 1
        else:
            holder[last] = odd[number % len(odd)]
        yield whole[""]


ODD = [None, 1, True, "", [], {}, -1, "x" * 5000, 1.5, "2024-02-30", [None], 0]


def test_whatever_jsonschema_refuses_is_refused():
    """Both are asked of the first example of each answer, and of that with something broken."""
    refused = 0
    for where, schema, examples in answers():
        judge, slow = Judge(schema), validator(closed(schema))
        for example in [example for example in examples if example is not None][:1]:
            assert judge.fault(example) is None, where
            for value in broken(example, ODD):
                says = slow.is_valid(value)
                assert (judge.refused(value) is None) == says, (where, value)
                refused += not says
    assert refused > 500
