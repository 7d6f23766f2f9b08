"""Days and instants: what is checked is what is stored. Every operation that takes one, every form that one can have.

A day or an instant is of the years 1945 to 9998 in Vietnam, an offset is at most ±15:59, and digits after the sixth of a second
are cut off: by the reader of the service, so that PostgreSQL never reads a caller's own text."""
import copy
import datetime
import os
import re

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from service import problem
from test_authorisation import TABLE, World
from test_contract import ROUTES
from test_fuzz import WholeWorld

BAD = {
    "date": ["", "hôm nay", "2024-02-30", "2023-02-29", "2024-1-1", "20240101", "2024-01-01 ", "0000-01-01", "0001-01-01", "1900-01-01", "1944-12-31",
             "9999-01-01", "9999-12-31", "10000-01-01", "infinity", "-infinity", "epoch", "now", "2024-01-01 BC", "2024-01-01T00:00:00Z"],
    "instant": ["", "2024-12-30", "2024-12-30T17:30:00", "2024-12-30 17:30:00+07:00", "2024-12-30T17:30:00+16:00", "2024-12-30T17:30:00-16:00",
                "2024-12-30T17:30:00+23:59", "2024-12-30T17:30:00-23:59", "2024-12-30T17:30:00+24:00", "2024-12-30T17:30:00+07", "2024-12-30T17:30:60Z",
                "2024-12-30T24:00:00Z", "2024-12-30T17:30:00.Z", "0001-01-01T00:00:00Z", "1910-12-31T23:59:59Z", "1944-12-31T16:59:59.999999999Z",
                "9998-12-31T17:00:00Z", "9999-12-31T23:59:59Z", "infinity", "now", "2024-12-30T17:30:00Z BC"]}
EDGES = {
    "date": ["1945-01-01", "1975-06-13", "2024-02-29", "9998-12-31"],
    "instant": ["1944-12-31T17:00:00Z", "1945-09-02T14:00:00+07:00", "1975-06-12T23:59:59.999999999+08:00", "2024-12-30T17:30:00+15:59",
                "2024-12-30t17:30:00.9999999999999-15:59", "2024-02-29T00:00:00z", "9998-12-31T16:59:59.999999Z"]}
REFUSED = {"date": "Must be a real day", "instant": "Must be an RFC 3339 instant", "out_of_range": "Only days and instants of the years 1945 to 9998"}


def fields():
    """(operation, where: "body" or "query", name, type) of every day and instant that a route takes."""
    for key, route in sorted(ROUTES.items()):
        for where in ("query", "body"):
            for name, field in (route[where] or {}).items():
                if field["type"] in BAD:
                    yield key, where, name, field["type"]


FIELDS = list(fields())


class Sender:
    def __init__(self, service, clients):
        self.world = WholeWorld(service, clients)
        self.world.ids.update({kind: ids[0] for kind, ids in self.world.lists.items()})

    def send(self, key, where, name, value):
        """A rehearsal of the operation with that one value, by a caller who may."""
        route, path = ROUTES[key], self.world.path(key[1])
        may = TABLE.get(key) or next(cells for (method, there), cells in TABLE.items() if (method, there.partition("?")[0]) == key)
        role = next(name for name in ("home_affairs", "admin", "chair_office", "owner", "auditor", "nobody", "initiative_council")
                    if may[name] in ("ok", "404"))
        call = copy.deepcopy(self.world.body(route, key))
        call.setdefault("headers", {}).update({"If-Match": '"1"'} if route["write"] else {})
        call["params"] = {"dry_run": "true"} if route["write"] else {}
        if where == "query":
            call["params"][name] = value
        else:
            call["json"][name] = value
        if path.startswith("/v1/imports"):
            call["params"]["kind"] = "contestants"
        return self.world.callers[role].request(key[0], path, **call)


@pytest.fixture(scope="module")
def sender(service, clients):
    return Sender(service, clients)


def refused_as_time(answer, name):
    """Whether the answer says that this very value is no day or instant that is taken; any other refusal is about something else."""
    assert answer.status_code < 500, (answer.request.url, answer.request.body, answer.text)
    if answer.status_code < 400 or not answer.text:
        return False
    return any(e["pointer"].lstrip("/") == name and e["detail"].startswith(REFUSED.get(e["code"], "-")) for e in answer.json().get("errors", []))


def test_the_routes_that_take_them_are_known():
    assert {(key[1], name) for key, _, name, _ in FIELDS} >= {("/v1/units", "on"), ("/v1/units", "valid_from"), ("/v1/keys", "expires_at"), ("/v1/what-if", "as_of")}


@pytest.mark.parametrize("key, where, name, kind", FIELDS, ids=[f"{' '.join(key)} {name}" for key, _, name, _ in FIELDS])
def test_what_is_no_day_or_instant_that_is_kept_is_refused_by_name(sender, key, where, name, kind):
    for value in BAD[kind]:
        answer = sender.send(key, where, name, value)
        if answer.status_code in (400, 422):  # else who asks or what is there is refused before the body is read
            assert refused_as_time(answer, name), (value, answer.text)
            assert answer.status_code == (400 if where == "query" else 422), answer.text
        assert 400 <= answer.status_code < 500, (value, answer.text)


@pytest.mark.parametrize("key, where, name, kind", FIELDS, ids=[f"{' '.join(key)} {name}" for key, _, name, _ in FIELDS])
def test_at_the_edges_of_what_is_kept_nothing_fails(sender, key, where, name, kind):
    for value in EDGES[kind]:
        assert not refused_as_time(sender.send(key, where, name, value), name), value


# What may lie ahead: a plan, a period that has a last day, a question. Whatever else a body takes tells of something that has happened.
MAY_LIE_AHEAD = {"as_of", "completion_due_on", "expires_at", "valid_from", "valid_to", "effective_on", "effective_from", "effective_to", "conference_on",
                 "applied_from", "applied_to"}
HAPPENED = [(key, name, kind) for key, where, name, kind in FIELDS if where == "body" and name not in MAY_LIE_AHEAD]


def test_each_day_of_a_body_is_of_what_has_happened_or_of_what_may_lie_ahead():
    wrong = [(key, name) for key, where, name, _ in FIELDS if where == "body" and ROUTES[key]["body"][name]["happened"] == (name in MAY_LIE_AHEAD)]
    assert not wrong and len(HAPPENED) >= 15, wrong


@pytest.mark.parametrize("key, name, kind", HAPPENED, ids=[f"{' '.join(key)} {name}" for key, name, _ in HAPPENED])
def test_nothing_has_happened_before_it_happens(sender, key, name, kind):
    """Tomorrow by the calendar of Vietnam is refused, in both languages; of an instant a minute ahead is. Today is taken."""
    now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=7)))
    ahead = (now + datetime.timedelta(days=1)).date().isoformat() if kind == "date" else (now + datetime.timedelta(minutes=1)).isoformat()
    far = "2999-01-01" if kind == "date" else "2999-01-01T00:00:00+07:00"
    told = lambda value: [e for e in sender.send(key, "body", name, value).json().get("errors", []) if e["pointer"] == f"/{name}" and e["code"] == "ahead"]
    for value in (ahead, far):
        assert "still to come" in told(value)[0]["detail"], value
    for value in (now.date().isoformat(), "2024-12-31") if kind == "date" else (now.isoformat(), "2024-12-31T00:00:00Z"):
        assert not told(value), value


def is_kept(text, kind):
    """The rule again, by another calendar and another parser."""
    if kind == "date":
        form = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})", text)
    else:
        form = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?(?:([+-])([0-9]{2}):([0-9]{2})|[Zz])", text)
    try:
        day = datetime.date.fromisoformat(form[1]) if form else None
        if not day or kind == "date":
            return bool(day) and 1945 <= day.year <= 9998
        moment = datetime.datetime.combine(day, datetime.time.fromisoformat(form[2]))
        if form[3] and (int(form[4]) > 15 or int(form[5]) > 59):
            return False
        offset = datetime.timedelta(hours=int(form[4]), minutes=int(form[5])) if form[3] else datetime.timedelta()
        local = moment + (offset if form[3] == "-" else -offset) + datetime.timedelta(hours=7)
        return 1945 <= local.year <= 9998
    except (ValueError, OverflowError):
        return False


two = lambda most: st.integers(0, most).map("{:02d}".format)
years = st.one_of(st.integers(0, 9999), st.sampled_from([0, 1, 1899, 1910, 1944, 1945, 1975, 2024, 9998, 9999])).map("{:04d}".format)
day_texts = st.one_of(st.builds("{}-{}-{}".format, years, two(13), two(32)), st.dates().map(str), st.text(max_size=12))
offsets = st.one_of(st.sampled_from(["Z", "z", "", "+07:00", "+15:59", "-15:59", "+16:00", "-16:00"]), st.builds("{}{}:{}".format, st.sampled_from("+-−"), two(24), two(60)))
fractions = st.one_of(st.just(""), st.text("0123456789", min_size=1, max_size=40).map(".{}".format), st.sampled_from([".", ",5", ".999999999", ".0000005"]))
instant_texts = st.one_of(st.text(max_size=30), st.builds("{}{}{}:{}:{}{}{}".format, day_texts, st.sampled_from("TTTt "), two(24), two(60), two(60), fractions, offsets),
                          st.datetimes(timezones=st.just(datetime.timezone.utc)).map(lambda moment: moment.isoformat()))


@settings(max_examples=int(os.environ.get("THIDUA_INSTANT_EXAMPLES", "600")), deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_stands_for_a_day_or_an_instant_no_operation_fails(sender, data):
    key, where, name, kind = data.draw(st.sampled_from(FIELDS))
    text = data.draw(day_texts if kind == "date" else instant_texts)
    refused = refused_as_time(answer := sender.send(key, where, name, text), name)
    assert not (refused and is_kept(text, kind)), (key, name, text, answer.text)
    assert refused or is_kept(text, kind) or answer.status_code >= 400, (key, name, text, answer.text)


# ---- what is stored ----

@pytest.mark.parametrize("given, stored", [
    ("2099-12-30T23:59:59.9999999999+07:00", "2099-12-30T23:59:59.999999+07:00"), ("2099-12-31t12:58:59.0000009+15:59", "2099-12-31T03:59:59+07:00"),
    ("2099-12-30T23:59:59.5z", "2099-12-31T06:59:59.5+07:00"), ("2099-12-30T00:00:00-15:59", "2099-12-30T22:59:00+07:00")])
def test_an_instant_is_stored_as_it_was_read(clients, given, stored):
    made = clients["admin"].post("/v1/keys", json={"name": "hạn", "roles": ["viewer"], "expires_at": given})
    assert made.status_code == 201 and made.json()["expires_at"] == stored, made.text


def test_an_evaluation_is_as_of_the_instant_that_was_read(service, clients):
    world = World(service, clients)
    made = clients["home_affairs"].post(f"{world.round}/evaluations", json={"as_of": "2025-01-10T16:59:59.9999999Z"})
    assert made.status_code == 201 and made.json()["as_of"] == "2025-01-10T23:59:59.999999+07:00", made.text


# ---- days in order ----

@pytest.mark.parametrize("first, last, good", [("2020-01-02", "2020-01-01", False), ("2020-01-01", "1945-01-01", False), ("2020-01-01", "2020-01-01", True),
                                               ("2020-01-01", "9998-12-31", True)])
def test_a_body_does_not_end_before_it_begins(clients, first, last, good):
    body = {"name": f"Sở {first} {last}", "kind": "OTHER", "valid_from": first, "valid_to": last}
    made = clients["admin"].post("/v1/units", json=body, params={"dry_run": "true"})
    if good:
        assert made.status_code == 201, made.text
    else:
        (error,) = problem(made, 422, "invalid")["errors"]
        assert (error["pointer"], error["code"]) == ("/valid_to", "order"), error
        assert "valid_from" in error["detail"] and "valid_to" in error["detail"]


# ---- the command line ----

def test_the_command_line_reads_instants_by_the_same_rule(service):
    for value in ("2025-01-10", "2025-01-10T00:00:00+16:00", "1944-12-31T16:59:59Z", "9998-12-31T17:00:00Z", "infinity"):
        done = service.command("evaluate", "--campaign", "230-KH-UBND", "--year", "2024", "--as-of", value)
        assert done.returncode == 2 and "--as-of" in done.stderr, done.stderr
    done = service.command("evaluate", "--campaign", "230-KH-UBND", "--year", "2024", "--as-of", "2025-01-10T00:00:00.9999999+15:59", "--json")
    assert done.returncode == 0 and '"as_of":"2025-01-09T15:01:00.999999+07:00"' in done.stdout.replace(" ", ""), done.stderr


def test_days_of_a_key_are_a_whole_number(service):
    for value in ("0", "-1", "36501", "1.5", "x", "", " 5", "9" * 30):
        done = service.command("key", "create", "--name", "hạn", "--role", "viewer", "--days", value)
        assert done.returncode == 2, (value, done.stdout, done.stderr)
    assert service.command("key", "create", "--name", "hạn", "--role", "viewer", "--days", "36500").returncode == 0
