"""One name for one thing, all over openapi.yaml: units, who and when, filters. What departs from it stands here with its reason."""
import re

import pytest

from contract import OPERATIONS, resolve

# Who did it and when. A name that ends in _at is an instant, one in _on or _date a day.
SPANS = re.compile(r"(^|_)(from|to|since|through|until)$")  # an end of a span of days or time, not an act
WHEN = {
    "as_of": "the instant at which an evaluation judges", "on": "the day of which a unit is shown",
    "deadline": "the last instant in time", "submission_deadline": "likewise", "report_deadline": "likewise",
    "proposal_deadline": "the last day in time", "submission_cut_off": "the first day that is too late",
    "time": "a name of CloudEvents", "date": "a public holiday is a day",
}
WHO = {
    "amended_by": "the law that amended a law", "corrected_by": "the decisions that corrected one",
    "decided_by": "the key of the standings that set two units apart",
}
ALONE = {"by", "at", "who", "when", "signer", "issuer", "author", "nominator", "predecessor", "successor"}
BARE = {
    "parent_id": "of a unit itself: it keeps id, label and parent_id",
    "tied_with": "of units in the same list, which has their labels",
}
# Answers that show data as it is stored and hashed, as its file writes it, or as the caller sent it.
AS_WRITTEN = re.compile(r"""
      \.inputs\.              # of an evaluation: stored and hashed
    | (document|rule_set)\.    # a rule set, in the form of its file
    | criteria-set\ 200 | campaigns(/\{code\})?\ 200  # a plan: its law's documents have an `issuer` (cơ quan ban hành), as in its file
    | metadata\ 200           # the fields of NĐ 30/2020, Phụ lục VI, as it writes them
    | what-if                 # bodies of the caller's own, and inputs as an evaluation stores them
""", re.X)
# Filters that are no member of the items, and why.
FILTERS = {
    "q": "a search", "on": "the day of which all is shown", "limit": "a page", "cursor": "a page", "after": "a place in the journal",
    "dry_run": "a rehearsal", "view": "how much is shown", "sort": "the order", "total": "how many there are", "columns": "of a table",
    "GET /v1/units code": "one of the member `codes`",
    "GET /v1/dossiers nominee_unit_id": "one of the member `nominations`",
    "GET /v1/initiatives year": "applied in the year, by applied_from and applied_to",
    "GET /v1/public-holidays year": "of the date",
    "GET /v1/events campaign": "in `data` of a CloudEvent", "GET /v1/events unit_id": "in `data` of a CloudEvent",
    "GET /v1/campaigns/{code}/rounds/{year}/obligations status": "of the member `report`",
}


def objects(schema, place, within=()):
    """Every object with members inside a schema: (where, members). A schema that holds itself is gone through once."""
    name = schema.get("$ref") if isinstance(schema, dict) else None
    if name and name in within:
        return
    within = (*within, name) if name else within
    schema = resolve(schema)
    if not isinstance(schema, dict):
        return
    if "properties" in schema:
        yield place, schema["properties"]
    for name, member in schema.get("properties", {}).items():
        yield from objects(member, f"{place}.{name}", within)
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            yield from objects(schema[word], f"{place}[]", within)
    for word in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(word, []):
            yield from objects(part, place, within)


def json_of(content):
    return [media["schema"] for name, media in content.items() if name.endswith("json") and "schema" in media]


def answers():
    for (method, path), operation in OPERATIONS.items():
        for status, answer in operation["responses"].items():
            for schema in json_of(resolve(answer).get("content", {})):
                yield from objects(schema, f"{method} {path} {status}")


def bodies():
    for (method, path), operation in OPERATIONS.items():
        for schema in json_of(resolve(operation.get("requestBody", {})).get("content", {})):
            yield from objects(schema, f"{method} {path}")


ANSWERS, BODIES = list(answers()), list(bodies())


def test_a_unit_has_its_label_beside_its_id():
    lonely = {(place, name) for place, members in ANSWERS for name in members
              if name.endswith("unit_id") and f"{name.removesuffix('id')}label" not in members and not AS_WRITTEN.search(place)}
    assert not lonely, lonely
    assert len([1 for _, members in ANSWERS if "unit_id" in members]) > 40  # so that this test sees something


def test_a_label_of_a_unit_has_no_other_name():
    """Nor is a unit an object of id and label, nor its id under a name that does not say so."""
    assert not {(place, name) for place, members in ANSWERS for name in members if name in ("unit", "label") and "unit_id" in members}
    assert not {place for place, members in ANSWERS if set(members) == {"id", "label"}}
    uuids = {(place, name) for place, members in ANSWERS for name, schema in members.items()
             if resolve(schema).get("format") == "uuid" and not name.endswith("id") and name not in BARE and not name.endswith("_by")}
    assert not uuids, uuids


def test_who_and_when_are_told_by_one_pattern():
    wrong = set()
    for place, members in ANSWERS + BODIES:
        if AS_WRITTEN.search(place):
            continue
        for name, schema in members.items():
            form = resolve(schema).get("format")
            fits = {"date": name.endswith(("_on", "_date")), "date-time": name.endswith("_at")}.get(form, True)
            if not (fits or SPANS.search(name) or name in WHEN) or name in ALONE:
                wrong.add((place, name))
            if name.endswith("_by") and name not in WHO and not re.search(r"(ed|found)_by$", name):
                wrong.add((place, name))
            if name.endswith("_at") and form != "date-time" and name != "recorded_at":  # of an override it is stored as a text
                wrong.add((place, name))
    assert not wrong, wrong


def test_exceptions_are_used():
    names = {name for _, members in ANSWERS + BODIES for name in members}
    assert {*WHEN, *WHO, *BARE} <= names


LISTS = sorted(key for key, operation in OPERATIONS.items() if key[0] == "GET"
               and any(place == ".items[]"
                       for schema in json_of(resolve(operation["responses"].get("200", {})).get("content", {}))
                       for place, _ in objects(schema, "")))


@pytest.mark.parametrize("key", LISTS, ids=" ".join)
def test_a_filter_bears_the_name_of_the_member_it_filters(key):
    operation = OPERATIONS[key]
    members = set()
    for schema in json_of(resolve(operation["responses"]["200"])["content"]):
        for place, found in objects(schema, ""):
            if place == ".items[]":
                members |= set(found)
    asked = {p["name"] for p in operation["parameters"] if p["in"] == "query"}
    assert members, "a list without typed items"
    assert {name for name in asked - members if name not in FILTERS and " ".join((*key, name)) not in FILTERS} == set()
