import concurrent.futures
import decimal
import fractions
import itertools
import json
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service import problem, wait_until

YEAR = 2024
WORDS = "Cần chứng minh thêm, ông Nguyễn Văn A"
_numbers = itertools.count(1)


def node(code, maximum, parent=None, kind="NORMAL"):
    return {"code": code, "text_vi": f"Tiêu chí {code}", "parent": parent, "kind": kind, "maximum": maximum}


TREE = [node("1", "60.00"), node("1.1", "40.00", "1"), node("1.2", "20.00", "1"), node("2", "40.00"),
        node("2.1", "30.00", "2"), node("2.2", "10.00", "2", "SURVEY"), node("T", "5.00", None, "MINUS"),
        node("C", "3.00", None, "BONUS")]


def make_frame(clients, nodes=None, tier="SO", year=YEAR):
    name = f"cchc-{next(_numbers)}-{uuid.uuid4().hex[:8]}"
    response = clients["home_affairs"].put(f"/v1/score-frames/{name}/{year}", json={"tier": tier, "nodes": nodes or TREE})
    assert response.status_code == 201, response.text
    return name


class Card:
    """A scorecard under test, with a client of its unit and one of its parent."""

    def __init__(self, service, clients, unit, nodes=None, year=YEAR):
        self.clients = dict(clients)
        self.parent = unit()["id"]
        self.unit = unit(parent_id=self.parent)["id"]
        self.clients["own"] = service.key("unit", self.unit)
        self.clients["parent"] = service.key("unit", self.parent)
        self.path = f"/v1/scores/{self.unit}/{year}"
        self.frame = make_frame(clients, nodes, year=year)
        self.etag = None

    def keep(self, response, status=200):
        assert response.status_code == status, response.text
        self.etag = response.headers["ETag"]
        return response.json()

    def match(self):
        return {"If-Match": self.etag} if self.etag else {}

    def self_score(self, leaves, who="own"):
        return self.clients[who].put(self.path, json={"frame": self.frame, "leaves": leaves}, headers=self.match())

    def appraise(self, leaves, who="home_affairs"):
        return self.clients[who].put(self.path + "/appraisal", json={"leaves": leaves}, headers=self.match())

    def move(self, who, action, **fields):
        return self.clients[who].post(self.path + "/transitions", json={"action": action, **fields}, headers=self.match())

    def drive(self, state, self_leaves=None, appraised=None):
        """From nothing to that state."""
        self_leaves = self_leaves or [{"code": "1.1", "self_points": "40.00"}, {"code": "1.2", "self_points": "19.50"},
                                      {"code": "2.1", "self_points": "30.00", "self_explanation": WORDS}]
        appraised = appraised or [{"code": "1.1", "appraised_points": "37.25"}, {"code": "1.2", "appraised_points": "18.00"},
                                  {"code": "2.1", "appraised_points": "27.00", "comment": WORDS},
                                  {"code": "2.2", "survey_points": "8.80"}]
        self.keep(self.self_score(self_leaves), 201)
        steps = [("SELF_DRAFT", None), ("SELF_SUBMITTED", lambda: self.move("own", "submit")),
                 ("APPRAISED", lambda: (self.keep(self.appraise(appraised)), self.move("home_affairs", "appraise"))[1]),
                 ("FINAL", lambda: self.move("home_affairs", "finalise")),
                 ("APPROVED", lambda: self.move("chair_office", "approve", decision_number="451/QĐ-UBND",
                                                decision_date="2025-03-14")),
                 ("PUBLISHED", lambda: self.move("chair_office", "publish"))]
        for name, step in steps:
            if step:
                assert self.keep(step())["state"] == name
            if name == state:
                return self
        raise AssertionError(state)


@pytest.fixture
def card(service, clients, unit):
    return lambda **options: Card(service, clients, unit, **options)


def facts(service, card, year=YEAR):
    return json.loads(service.psql(f"SELECT score_facts({year}, '{card.unit}')"))


# ---- frames ----

def test_frame_is_read_back_by_any_key_and_by_none_without(clients):
    name = make_frame(clients)
    read = clients["viewer"].get(f"/v1/score-frames/{name}/{YEAR}")
    assert read.status_code == 200 and read.json()["maximum"] == "100.00" and not read.json()["used"]
    assert [(n["code"], n["leaf"]) for n in read.json()["nodes"]] == [
        ("1", False), ("1.1", True), ("1.2", True), ("2", False), ("2.1", True), ("2.2", True), ("T", True), ("C", True)]
    problem(clients["anyone"].get(f"/v1/score-frames/{name}/{YEAR}"), 401, "unauthenticated")
    listed = clients["viewer"].get("/v1/score-frames", params={"year": YEAR, "tier": "SO", "limit": 200}).json()["items"]
    assert name in [item["name"] for item in listed]


def test_no_card_of_a_year_without_its_body(service, clients, unit):
    """Domain, section 8: what a body earned stays with it. Its first and its last year are its own."""
    year = 2022  # for which no plan awards: a card serves every plan of its year, whatever days that has (test_award_years.py)
    frame = make_frame(clients, year=year)
    for life, status in (({"valid_from": "2023-01-01"}, 422), ({"valid_from": "2022-12-31"}, 201),
                         ({"valid_to": "2021-12-31"}, 422), ({"valid_to": "2022-01-01"}, 201)):
        above = unit()["id"]
        body = unit(parent_id=above, **life)["id"]
        made = service.key("unit", above).put(f"/v1/scores/{body}/{year}", json={"frame": frame, "leaves": []})
        assert made.status_code == status, made.text
        if status == 422:
            assert "clause" not in problem(made, 422, "rule-refused"), "a scorecard belongs to no plan"
            problem(clients["auditor"].get(f"/v1/scores/{body}/{year}"), 404, "not-found")


@pytest.mark.parametrize("nodes, pointer, code", [
    ([node("1", "10.00"), node("1.1", "6.00", "1"), node("1.2", "4.01", "1")], "/nodes/0/maximum", "children_exceed"),
    ([node("1", "10.00"), node("1.1", "6.00", "1"), node("1.2", "4.01", "1", "SURVEY")], "/nodes/0/maximum", "children_exceed"),
    ([node("1", "10.00"), node("1", "6.00")], "/nodes/1/code", "duplicate"),
    ([node("1", "10.00", "9")], "/nodes/0/parent", "unknown_parent"),
    ([node("1", "10.00", "2"), node("2", "10.00", "1")], "/nodes/0/parent", "cycle"),
    ([node("1", "10.00", "1")], "/nodes/0/parent", "cycle"),
    ([node("T", "5.00", None, "MINUS"), node("T.1", "5.00", "T")], "/nodes/1/kind", "kind_of_parent"),
    ([node("1", "10.005")], "/nodes/0/maximum", "decimal"),
    ([node("1", "0.00")], "/nodes/0/maximum", "decimal"),
    ([node("1", 9.5)], "/nodes/0/maximum", "type"),
    ([node(str(i), "1.00") for i in range(501)], "/nodes", "count"),
    ([], "/nodes", "count"),
])
def test_an_unsound_tree_is_refused_by_name_and_nothing_is_written(service, clients, nodes, pointer, code):
    """Domain, section 4: Σ children ≤ parent's maximum."""
    before = service.psql("SELECT (SELECT count(*) FROM score_frames), (SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE')")
    name = uuid.uuid4().hex
    found = problem(clients["home_affairs"].put(f"/v1/score-frames/{name}/{YEAR}", json={"tier": "SO", "nodes": nodes}),
                    422, "invalid")
    assert (pointer, code) in {(e["pointer"], e["code"]) for e in found["errors"]}
    assert service.psql("SELECT (SELECT count(*) FROM score_frames), (SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE')") == before


def test_children_may_fill_their_parent_and_minus_and_bonus_stand_outside(clients):
    make_frame(clients, [node("1", "10.00"), node("1.1", "9.99", "1"), node("1.2", "0.01", "1", "SURVEY"),
                         node("1.t", "5.00", "1", "MINUS"), node("1.c", "5.00", "1", "BONUS")])


def test_five_hundred_nodes_are_taken(clients):
    name = make_frame(clients, [node(f"n{i}", "1.00") for i in range(500)])
    assert len(clients["viewer"].get(f"/v1/score-frames/{name}/{YEAR}").json()["nodes"]) == 500


def test_frame_changes_only_with_if_match_and_not_once_used(service, clients, card):
    name = make_frame(clients)
    path = f"/v1/score-frames/{name}/{YEAR}"
    body = {"tier": "SO", "nodes": [node("1", "50.00")], "legal_basis": "1149/QĐ-BNV"}
    problem(clients["admin"].put(path, json=body), 428, "version-required")
    etag = clients["admin"].get(path).headers["ETag"]
    changed = clients["admin"].put(path, json=body, headers={"If-Match": etag})
    assert changed.status_code == 200 and [n["code"] for n in changed.json()["nodes"]] == ["1"]
    problem(clients["admin"].put(path, json=body, headers={"If-Match": etag}), 412, "stale-version")
    missing = problem(clients["admin"].put(f"/v1/score-frames/x-{name}/{YEAR}", json=body, headers={"If-Match": etag}), 412, "stale-version")
    assert "leave If-Match out" in missing["detail"]
    used = card()
    used.keep(used.self_score([]), 201)
    path = f"/v1/score-frames/{used.frame}/{YEAR}"
    seen = clients["admin"].get(path)
    assert seen.json()["used"]
    problem(clients["home_affairs"].put(path, json=body, headers={"If-Match": seen.headers["ETag"]}), 409, "conflict")
    assert clients["admin"].get(path).json() == seen.json()


def test_the_journal_tells_what_a_frame_was_when_it_was_changed(service, clients):
    """The schedule: two change it in any version, and the second waits for the first, whose nodes are not written yet."""
    path = f"/v1/score-frames/{make_frame(clients)}/{YEAR}"
    bodies = [{"tier": "SO", "nodes": [node(code, "50.00")]} for code in ("1", "2")]
    waiting = lambda: int(service.psql("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"))
    with service.holding("LOCK TABLE score_nodes IN EXCLUSIVE MODE") as release, concurrent.futures.ThreadPoolExecutor(2) as pool:
        one = pool.submit(clients["admin"].put, path, json=bodies[0], headers={"If-Match": "*"})
        wait_until(lambda: waiting() == 1)
        two = pool.submit(clients["home_affairs"].put, path, json=bodies[1], headers={"If-Match": "*"})
        wait_until(lambda: waiting() == 2 or two.done())
        release()
        assert [one.result().status_code, two.result().status_code] == [200, 200]
    before = json.loads(service.psql(f"SELECT before FROM journal WHERE resource = '{path}' ORDER BY id DESC LIMIT 1"))
    assert [n["code"] for n in before["nodes"]] == ["1"]


@pytest.mark.parametrize("who, status, kind", [("anyone", 401, "unauthenticated"), ("viewer", 403, "forbidden"),
                                               ("unit", 403, "forbidden"), ("chair_office", 403, "forbidden"),
                                               ("auditor", 403, "forbidden"), ("initiative_council", 403, "forbidden")])
def test_only_home_affairs_and_admin_write_frames(service, clients, who, status, kind):
    name = uuid.uuid4().hex
    problem(clients[who].put(f"/v1/score-frames/{name}/{YEAR}", json={"tier": "SO", "nodes": TREE}), status, kind)
    assert service.psql(f"SELECT count(*) FROM score_frames WHERE name = '{name}'") == "0"


# ---- the two columns ----

def test_both_columns_stand_side_by_side_and_the_index_is_a_ratio_of_sums(card):
    """Domain, section 4: never a mean of percentages; surveys are not self-scored."""
    one = card().drive("APPRAISED")
    shown = one.clients["own"].get(one.path).json()
    assert shown["self"] == {"achieved": "89.50", "maximum": "90.00", "index": "99.44", "missing": []}
    assert shown["appraised"] == {"achieved": "91.05", "maximum": "100.00", "index": "91.05", "missing": []}
    leaf = next(leaf for leaf in shown["leaves"] if leaf["code"] == "2.1")
    assert (leaf["self_points"], leaf["appraised_points"], leaf["comment"]) == ("30.00", "27.00", WORDS)


def test_leaves_that_do_not_apply_leave_the_denominator_and_the_appraiser_has_the_last_word(card):
    """Domain, section 4: an office with no procedures has no field 3."""
    one = card()
    body = [{"code": "1.1", "self_points": "36.00"}, {"code": "1.2", "applies": False}, {"code": "2.1", "applies": False},
            {"code": "2.2", "applies": False}]
    shown = one.keep(one.self_score(body), 201)
    assert shown["self"]["maximum"] == "40.00" and shown["self"]["index"] == "90.00"
    one.keep(one.move("own", "submit"))
    shown = one.keep(one.appraise([{"code": "1.1", "appraised_points": "36"},
                                   {"code": "1.2", "applies": True, "appraised_points": "10.5"}]))
    assert shown["appraised"]["maximum"] == "60.00" and shown["appraised"]["index"] == "77.50"
    assert shown["self"]["maximum"] == "40.00"


def test_minus_takes_off_and_bonus_adds_without_moving_the_denominator(card):
    one = card()
    body = [{"code": "1.1", "self_points": "40"}, {"code": "1.2", "self_points": "20"}, {"code": "2.1", "self_points": "20"},
            {"code": "T", "self_points": "-4.55"}, {"code": "C", "self_points": "1.00"}]
    shown = one.keep(one.self_score(body), 201)
    assert shown["self"] == {"achieved": "76.45", "maximum": "90.00", "index": "84.94", "missing": []}


@pytest.mark.parametrize("leaf, pointer, code", [
    ({"code": "1.1", "self_points": "40.01"}, "self_points", "range"), ({"code": "1.1", "self_points": "-0.01"}, "self_points", "range"),
    ({"code": "T", "self_points": "1.00"}, "self_points", "range"), ({"code": "T", "self_points": "-5.01"}, "self_points", "range"),
    ({"code": "C", "self_points": "3.01"}, "self_points", "range"), ({"code": "2.2", "self_points": "1.00"}, "self_points", "column"),
    ({"code": "1", "self_points": "1.00"}, "code", "unknown_leaf"), ({"code": "nix"}, "code", "unknown_leaf"),
    ({"code": "1.1", "self_points": "1.005"}, "self_points", "decimal"), ({"code": "1.1", "self_points": "1e1"}, "self_points", "decimal"),
    ({"code": "1.1", "self_points": 1.5}, "self_points", "type"),
    ({"code": "1.1", "appraised_points": "40.00"}, "appraised_points", "unknown"),
])
def test_points_outside_their_leaf_are_refused_and_nothing_is_written(service, clients, card, leaf, pointer, code):
    one = card()
    found = problem(one.self_score([{"code": "1.2"}, leaf]), 422, "invalid")
    assert [(e["pointer"], e["code"]) for e in found["errors"]] == [(f"/leaves/1/{pointer}", code)]
    problem(clients["home_affairs"].get(one.path), 404, "not-found")
    assert service.psql(f"SELECT count(*) FROM journal WHERE unit_id = '{one.unit}' AND type LIKE 'scorecard%'") == "0"


def test_a_leaf_twice_is_refused(card):
    found = problem(card().self_score([{"code": "1.2"}, {"code": "1.2"}]), 422, "invalid")
    assert [(e["pointer"], e["code"]) for e in found["errors"]] == [("/leaves/1/code", "duplicate")]


def test_survey_points_go_into_their_own_column(card):
    one = card().drive("SELF_SUBMITTED")
    found = problem(one.appraise([{"code": "1.1", "survey_points": "1"}, {"code": "2.2", "appraised_points": "1"},
                                  {"code": "2.2", "survey_points": "10.01"}]), 422, "invalid")
    assert {(e["pointer"], e["code"]) for e in found["errors"]} == {
        ("/leaves/0/survey_points", "column"), ("/leaves/1/appraised_points", "column"),
        ("/leaves/2/survey_points", "range"), ("/leaves/2/code", "duplicate")}


def test_the_database_itself_holds_the_range(service, card):
    one = card().drive("SELF_DRAFT")
    for change in ("self_points = 4001", "self_points = -1", "survey_points = 1"):
        assert "score_leaves_" in service.psql(
            f"UPDATE score_leaves SET {change} WHERE unit_id = '{one.unit}' AND code = '1.1'")


def test_a_unit_is_not_measured_by_another_tiers_frame(clients, card):
    """Domain, section 2, III.1.a: never a sở against a commune."""
    one = card()
    one.frame = make_frame(clients, tier="XA")
    assert problem(one.self_score([]), 422, "invalid")["errors"][0]["code"] == "scorecard_tier"
    one.frame = "no-such-frame"
    assert problem(one.self_score([]), 422, "invalid")["errors"][0]["code"] == "unknown_frame"


# ---- exact arithmetic (domain, section 9) ----

@pytest.mark.parametrize("achieved, maximum, shown", [
    ("64.35", "71.50", "90.00"), ("73.80", "82.00", "90.00"), ("89.95", "100.00", "89.95"), ("89.99", "100.00", "89.99"),
    ("90.00", "100.00", "90.00"), ("2.00", "3.00", "66.67"), ("1.00", "3.00", "33.33"), ("0.01", "80.00", "0.01"),
    ("0.01", "200.00", "0.01"), ("0.01", "200.01", "0.00"), ("0.00", "71.50", "0.00")])
def test_the_index_is_exact(service, card, achieved, maximum, shown):
    one = card(nodes=[node("1", maximum)])
    one.drive("APPROVED", [{"code": "1", "self_points": achieved}], [{"code": "1", "appraised_points": achieved}])
    head = one.clients["home_affairs"].get(one.path).json()
    assert head["self"] == head["appraised"] == {"achieved": achieved, "maximum": maximum, "index": shown, "missing": []}
    binding = facts(service, one)
    assert (binding["index_achieved"]["value"], binding["index_maximum"]["value"]) == (achieved, maximum)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 100000), st.floats(0, 1), st.booleans()), min_size=1, max_size=8))
def test_the_index_equals_the_fraction_whatever_the_points(service, clients, unit, leaves):
    """Σ achieved / Σ maximum as fractions.Fraction says it, half up, for any points and any leaves that do not apply."""
    if not hasattr(clients["unit"], "scored"):
        clients["unit"].scored = itertools.count(2020)  # the first year of the unit
    year = next(clients["unit"].scored)
    names = [str(i) for i in range(len(leaves))]
    points = [int(maximum * part) for maximum, part, _ in leaves]
    text = lambda value: str(decimal.Decimal(value).scaleb(-2).quantize(decimal.Decimal("0.01")))
    frame = make_frame(clients, [node(name, text(leaf[0])) for name, leaf in zip(names, leaves)], year=year)
    body = [{"code": n, "applies": leaf[2], "self_points": text(p)} for n, leaf, p in zip(names, leaves, points)]
    path = f"/v1/scores/{clients['unit'].unit}/{year}"
    shown = clients["unit"].put(path, json={"frame": frame, "leaves": body}).json()["self"]
    achieved = sum(p for p, leaf in zip(points, leaves) if leaf[2])
    maximum = sum(leaf[0] for leaf in leaves if leaf[2])
    assert (shown["achieved"], shown["maximum"]) == (text(achieved), text(maximum))
    if maximum == 0:
        assert shown["index"] is None
        return
    exact = fractions.Fraction(achieved, maximum) * 10000
    half_up = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    assert shown["index"] == text(half_up)


@pytest.fixture(scope="module")
def ask(service):
    with service.asking() as asked:
        yield asked


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(-5 * 10**9, 5 * 10**9), st.integers(1, 5 * 10**9)), min_size=40, max_size=40))
def test_percent_text_rounds_half_away_from_zero(ask, pairs):
    rows = ", ".join(f"({part}, {whole})" for part, whole in pairs)
    shown = ask(f"SELECT percent_text(p, w) FROM (VALUES {rows}) AS v(p, w)").split("\n")
    for (part, whole), text in zip(pairs, shown):
        exact = fractions.Fraction(abs(part), whole) * 10000
        half_up = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
        assert int(decimal.Decimal(text) * 100) == (half_up if part >= 0 else -half_up), (part, whole)


# ---- who may do what, when ----

def test_the_whole_life_with_return_explanation_and_reopening(service, card):
    one = card().drive("SELF_SUBMITTED")
    problem(one.move("home_affairs", "return"), 422, "invalid")
    assert one.keep(one.move("home_affairs", "return", reason="Thiếu tài liệu kiểm chứng"))["state"] == "SELF_DRAFT"
    one.keep(one.self_score([{"code": "1.1", "self_points": "39"}, {"code": "1.2", "self_points": "19"},
                             {"code": "2.1", "self_points": "29"}]))
    one.keep(one.move("own", "submit"))
    appraisal = [{"code": "1.1", "appraised_points": "37"}, {"code": "1.2", "appraised_points": "18"},
                 {"code": "2.1", "appraised_points": "27"}, {"code": "2.2", "survey_points": "8"}]
    one.keep(one.appraise(appraisal))
    one.keep(one.move("home_affairs", "appraise"))
    assert one.keep(one.move("own", "explain", reason="Đã có văn bản bổ sung"))["explanation"] == "Đã có văn bản bổ sung"
    appraisal[0]["appraised_points"] = "38"
    one.keep(one.appraise(appraisal))
    one.keep(one.move("home_affairs", "appraise"))
    one.keep(one.move("home_affairs", "finalise"))
    one.keep(one.move("home_affairs", "reopen", reason="Sai số liệu"))
    one.keep(one.move("home_affairs", "finalise"))
    assert facts(service, one) == {}
    done = one.keep(one.move("chair_office", "approve", decision_number="451/QĐ-UBND", decision_date="2025-03-14"))
    assert (done["decision_number"], done["decision_date"]) == ("451/QĐ-UBND", "2025-03-14")
    binding = facts(service, one)
    assert binding["index_achieved"]["value"] == "91.00" and binding["index_maximum"]["value"] == "100.00"
    assert binding["index_achieved"]["source"] == f"scores/{one.unit}/{YEAR}"
    assert binding["index_achieved"]["version"] == int(one.etag.strip('"').split("-")[0])
    assert facts(service, one, YEAR + 1) == {}
    one.keep(one.move("home_affairs", "publish"))
    assert facts(service, one)["index_achieved"]["value"] == "91.00"


@pytest.mark.parametrize("state", ["APPROVED", "PUBLISHED"])
def test_a_mistake_in_an_approved_index_is_corrected_by_another_decision(service, card, state):
    """Only who approves takes it back, with a reason. Meanwhile it binds nobody and is confidential; the journal keeps what was approved."""
    one = card().drive(state)
    was = one.clients["home_affairs"].get(one.path).json()
    problem(one.move("home_affairs", "reopen", reason="Cộng sai"), 403, "forbidden")
    problem(one.move("chair_office", "reopen"), 422, "invalid")
    reopened = one.keep(one.move("chair_office", "reopen", reason="Cộng sai điểm"))
    assert (reopened["state"], reopened["decision_number"], reopened["decision_date"]) == ("APPRAISED", None, None)
    assert facts(service, one) == {} and one.clients["viewer"].get(one.path).status_code == 404
    told = service.psql(f"SELECT before ->> 'decision_number', reason, restricted FROM journal WHERE type = 'scorecard.reopened' AND resource = '{one.path}'")
    assert told == f"{was['decision_number']}|Cộng sai điểm|t"
    points = [{"code": "1.1", "appraised_points": "36"}, {"code": "1.2", "appraised_points": "18"},
              {"code": "2.1", "appraised_points": "27"}, {"code": "2.2", "survey_points": "8"}]
    one.keep(one.appraise(points))
    one.keep(one.move("home_affairs", "finalise"))
    one.keep(one.move("chair_office", "approve", decision_number="452/QĐ-UBND", decision_date="2025-03-20"))
    assert facts(service, one)["index_achieved"]["value"] == "89.00"
    assert one.keep(one.move("home_affairs", "publish"))["decision_number"] == "452/QĐ-UBND"


def test_a_step_that_is_not_there_names_those_that_are(card):
    one = card().drive("SELF_SUBMITTED")
    found = problem(one.move("home_affairs", "publish"), 409, "impossible-transition")
    assert "return" in found["errors"][0]["detail"] and "appraise" in found["errors"][0]["detail"]


@pytest.mark.parametrize("state, action, allowed", [
    ("SELF_DRAFT", "submit", {"own", "parent"}), ("SELF_SUBMITTED", "appraise", {"home_affairs"}),
    ("APPRAISED", "finalise", {"home_affairs"}), ("APPRAISED", "explain", {"own", "parent"}),
    ("FINAL", "approve", {"chair_office"}), ("APPROVED", "publish", {"home_affairs", "chair_office"})])
def test_each_step_belongs_to_its_role(service, card, state, action, allowed):
    one = card().drive(state)
    fields = {"reason": "Giải trình"} if action == "explain" else {}
    before = service.psql(f"SELECT c, (SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE') FROM scorecards c WHERE unit_id = '{one.unit}'")
    for who in set(one.clients) - allowed - {"anyone"}:
        response = one.move(who, action, **fields)
        problem(response, 403, "outside-scope" if who == "unit" else "forbidden")
    problem(one.move("anyone", action, **fields), 401, "unauthenticated")
    assert service.psql(f"SELECT c, (SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE') FROM scorecards c WHERE unit_id = '{one.unit}'") == before


def test_columns_are_written_only_by_their_owner_in_their_state(service, card):
    one = card().drive("SELF_DRAFT")
    before = service.psql(f"SELECT array_agg(l ORDER BY code) FROM score_leaves l WHERE unit_id = '{one.unit}'")
    for who in set(one.clients) - {"own", "parent", "unit", "anyone"}:
        problem(one.self_score([], who), 403, "forbidden")
    problem(one.self_score([], "unit"), 403, "outside-scope")
    for who in set(one.clients) - {"home_affairs", "anyone"}:
        problem(one.appraise([], who), 403, "forbidden")
    problem(one.appraise([]), 409, "conflict")
    one.keep(one.move("own", "submit"))
    problem(one.self_score([]), 409, "conflict")
    one.keep(one.appraise([{"code": "1.1", "appraised_points": "37"}, {"code": "1.2", "appraised_points": "18"},
                           {"code": "2.1", "appraised_points": "27"}, {"code": "2.2", "applies": False}]))
    one.keep(one.move("home_affairs", "appraise"))
    one.keep(one.move("home_affairs", "finalise"))
    problem(one.appraise([]), 409, "conflict")
    problem(one.self_score([]), 409, "conflict")
    after = service.psql(f"SELECT array_agg(l.self_points ORDER BY code) FROM score_leaves l WHERE unit_id = '{one.unit}'")
    assert before and after == "{4000,1950,3000,NULL,NULL,NULL}"


def test_nobody_appraises_or_approves_their_own_unit(service, card):
    """Domain, section 1."""
    one = card().drive("SELF_SUBMITTED")
    one.clients["biased"] = service.key("home_affairs", one.parent)
    problem(one.appraise([], "biased"), 403, "separation-of-duties")
    problem(one.move("biased", "return", reason="?"), 403, "separation-of-duties")


def test_more_roles_on_a_key_do_not_widen_the_units_own_column(service, card, unit):
    one = card().drive("SELF_DRAFT")
    other = unit()["id"]
    made = service.command("key", "create", "--name", "two roles", "--role", "unit", "--role", "initiative_council", "--unit", other)
    assert made.returncode == 0, made.stderr
    one.clients["two"] = type(one.clients["own"])(service.base, made.stdout.strip())
    problem(one.self_score([], "two"), 403, "outside-scope")
    problem(one.move("two", "submit"), 403, "outside-scope")
    problem(one.clients["two"].get(one.path), 404, "not-found")


def test_what_a_step_vouches_for_must_be_complete(service, card):
    one = card()
    one.keep(one.self_score([{"code": "1.1", "self_points": "40"}]), 201)
    found = problem(one.move("own", "submit"), 422, "invalid")
    assert found["errors"][0]["code"] == "points_missing" and "1.2, 2.1" in found["errors"][0]["detail"]
    one.keep(one.self_score([{"code": code, "applies": False} for code in ("1.1", "1.2", "2.1")]))
    assert problem(one.move("own", "submit"), 422, "invalid")["errors"][0]["code"] == "nothing_applies"
    one = card().drive("SELF_SUBMITTED")
    found = problem(one.move("home_affairs", "appraise"), 422, "invalid")
    assert "1.1, 1.2, 2.1, 2.2" in found["errors"][0]["detail"]
    assert one.clients["own"].get(one.path).json()["state"] == "SELF_SUBMITTED"


def test_the_index_is_approved_once_the_year_is_over(card):
    """Domain, section 3: January to March of the next year."""
    one = card().drive("FINAL")
    for day in ("2024-05-01", "2024-12-31"):
        found = problem(one.move("chair_office", "approve", decision_number="451/QĐ-UBND", decision_date=day), 422, "rule-refused")
        assert (found.get("clause"), found["errors"][0]["pointer"]) == (None, "/decision_date")
        assert one.clients["home_affairs"].get(one.path).json()["state"] == "FINAL"
    one.keep(one.move("chair_office", "approve", decision_number="451/QĐ-UBND", decision_date="2025-01-01"))


@pytest.mark.parametrize("fields, pointers", [
    ({}, {"/decision_number", "/decision_date"}), ({"decision_number": "quyết định", "decision_date": "2025-03-14"}, {"/decision_number"}),
    ({"decision_number": "451/QĐ-UBND"}, {"/decision_date"}),
    ({"decision_number": "451/QĐ-UBND", "decision_date": "2099-01-01"}, {"/decision_date"})])
def test_approval_needs_a_decision(card, fields, pointers):
    one = card().drive("FINAL")
    found = problem(one.move("chair_office", "approve", **fields), 422, "invalid")
    assert {e["pointer"] for e in found["errors"]} == pointers
    assert one.clients["auditor"].get(one.path).json()["state"] == "FINAL"


def test_only_approval_takes_a_decision(card):
    one = card().drive("SELF_DRAFT")
    problem(one.move("own", "submit", decision_number="451/QĐ-UBND"), 422, "invalid")


def test_changes_need_the_present_version(card):
    one = card()
    one.etag = '"1-0000000000000000"'
    assert "leave If-Match out" in problem(one.self_score([]), 412, "stale-version")["detail"], "there is none yet"
    one.etag = None
    one.drive("SELF_DRAFT")
    old = one.etag
    one.keep(one.self_score([]))
    one.etag = old
    problem(one.self_score([]), 412, "stale-version")
    problem(one.move("own", "submit"), 412, "stale-version")
    one.etag = None
    problem(one.self_score([]), 428, "version-required")
    problem(one.move("own", "submit"), 428, "version-required")


def test_two_first_scorings_at_once_make_one_card(service, card):
    """The schedule: all find no card, then each makes one."""
    one = card()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = sorted(r.status_code for r in pool.map(lambda _: one.self_score([{"code": "1.1", "self_points": "1"}]), range(8)))
    assert statuses[0] == 201 and set(statuses[1:]) <= {409, 428}, statuses
    assert service.psql(f"SELECT count(*) FROM journal WHERE resource = '{one.path}'") == "1"


# ---- the embargo (domain, section 4) ----

INSIDERS = {"home_affairs", "chair_office", "auditor", "own", "parent"}


@pytest.mark.parametrize("state", ["SELF_DRAFT", "SELF_SUBMITTED", "APPRAISED", "FINAL", "APPROVED"])
def test_before_publication_the_card_does_not_exist_for_outsiders(clients, card, state):
    one = card().drive(state)
    for who, client in one.clients.items():
        listed = client.get("/v1/scores", params={"unit_id": one.unit}).json()["items"]
        if who in INSIDERS:
            assert client.get(one.path).status_code == 200, who
            assert [item["state"] for item in listed] == [state], who
        else:
            there = problem(client.get(one.path), 404, "not-found")
            missing = problem(client.get(f"/v1/scores/{one.unit}/2023"), 404, "not-found")
            assert {**there, "instance": ""} == {**missing, "instance": ""}, who
            assert listed == [] and client.get("/v1/scores", params={"unit_id": one.unit, "state": state}).json()["items"] == [], who


def test_after_publication_everybody_reads_points_but_only_insiders_the_words(card):
    one = card().drive("PUBLISHED")
    for who, client in one.clients.items():
        response = client.get(one.path)
        shown = response.json()
        assert shown["appraised"]["index"] == "91.05" and shown["decision_number"] == "451/QĐ-UBND", who
        assert (WORDS in response.text) == (who in INSIDERS), who
        assert [i["appraised"]["index"] for i in client.get("/v1/scores", params={"unit_id": one.unit}).json()["items"]] == ["91.05"]


def test_the_journal_marks_what_is_under_embargo(service, card):
    one = card().drive("PUBLISHED")
    rows = service.psql(f"SELECT type, restricted FROM journal WHERE resource = '{one.path}' ORDER BY id").split("\n")
    assert rows == ["scorecard.created|t", "scorecard.submitted|t", "scorecard.appraisal_written|t", "scorecard.appraised|t",
                    "scorecard.finalised|t", "scorecard.approved|t", "scorecard.published|f"]
    public = service.psql(f"SELECT before::text || after::text FROM journal WHERE resource = '{one.path}' AND NOT restricted")
    assert WORDS not in public and "91.05" in public


def test_lists_are_paged_and_filtered(service, clients, card):
    cards = [card(year=2031).drive("SELF_DRAFT") for _ in range(3)]
    seen, cursor = [], None
    while True:
        page = clients["auditor"].get("/v1/scores", params={"year": 2031, "limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [item["unit_id"] for item in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert sorted(seen) == seen and {one.unit for one in cards} <= set(seen)
    problem(clients["auditor"].get("/v1/scores", params={"state": "LOST"}), 400, "invalid-query")
