"""POST /v1/imports of what is made one by one: the rules, the roles and the journal of the single writes, all or nothing."""
import concurrent.futures
import csv
import io
import re
import uuid

import pytest

from service import problem, wait_until

ENTRY = ["group", "cluster", "advises_par", "on_assessed_list", "source_document", "members_total", "members_women"]


def table(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def send(client, kind, rows, **params):
    return client.post("/v1/imports", params={"kind": kind, **params}, data=rows if isinstance(rows, bytes) else table(rows),
                       headers={"Content-Type": "text/csv"})


def made(response, count):
    assert response.status_code == 201, response.text
    assert (response.json()["created"], len(response.json()["made"])) == (count, count)
    return [item["resource"] for item in response.json()["made"]]


def faults(response):
    return {(e["pointer"], e["code"]) for e in problem(response, 422, "invalid")["errors"]}


def written(service):
    return service.psql("SELECT (SELECT count(*) FROM contestants), (SELECT count(*) FROM scorecards), (SELECT count(*) FROM initiatives), "
                        "(SELECT count(*) FROM initiative_recognitions), (SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE')")


def journal_of(service, resource):
    """The rows about it but for who, when and which request: what single write and import must have in common."""
    return service.psql("SELECT type, resource, campaign, year, unit_id, restricted, reason, before, after - 'recorded_at' - 'changed_at' - 'id', "
                        f"actor_roles FROM journal WHERE resource = '{resource}' ORDER BY id")


def code():
    number = uuid.uuid4().int
    return f"H{number % 90 + 10}.{number // 97 % 900 + 100}.{number // 9973 % 900 + 100}"


def entry(unit_id, **cells):
    return {"unit_id": unit_id, "group": "SO_BAN_NGANH", "on_assessed_list": "true", **cells}


@pytest.fixture
def register(campaign):
    return {"campaign": campaign.rsplit("/", 1)[1], "year": 2024}


# ---- contestants (II.1) ----

def test_contestants_come_in_as_each_would_alone(service, clients, unit, campaign, register, round_2024):
    home, a, b = clients["home_affairs"], unit()["id"], unit()["id"]
    cells = {"cluster": "Khối 1", "advises_par": "FALSE", "on_assessed_list": "có", "source_document": "12/QĐ-SNV, khoản \"2\"",
             "members_total": "45", "members_women": "32"}
    resources = made(send(home, "contestants", [entry(a, **cells), entry(b, on_assessed_list="không")], **register), 2)
    assert resources == [f"{round_2024}/contestants/{u}" for u in (a, b)]
    first, second = (home.get(r).json() for r in resources)
    assert (first["cluster"], first["advises_par"], first["on_assessed_list"], first["source_document"]) == (
        "Khối 1", False, True, "12/QĐ-SNV, khoản \"2\"")
    assert (first["members_total"], first["members_women"]) == (45, 32)
    assert (second["cluster"], second["on_assessed_list"], second["members_women"]) == (None, False, None)
    assert home.delete(resources[0], headers={"If-Match": home.get(resources[0]).headers["ETag"]}).status_code == 204
    assert home.put(resources[0], json={k: first[k] for k in ENTRY}).status_code == 201
    entered = [line for line in journal_of(service, resources[0]).splitlines() if line.startswith("contestant.entered")]
    assert len(entered) == 2 and entered[0] == entered[1], "the import's row and the PUT's"


def test_a_code_means_who_held_it_on_the_stated_day(clients, unit, register):
    """Codes are used again: 25195 was Phường Tân Phú and is Phường Bình Phước."""
    value, home = code(), clients["home_affairs"]
    old = unit(valid_from="2010-01-01", codes=[{"scheme": "AGENCY", "value": value}])
    new = unit(valid_from="2024-07-01", succeeds={"kind": "RENAME", "legal_basis": "NQ 1", "predecessors": [old["id"]]},
               codes=[{"scheme": "AGENCY", "value": value}])
    row = {k: v for k, v in entry("").items() if k != "unit_id"} | {"agency_code": value}
    refused = problem(send(home, "contestants", [row], **register), 400, "invalid-query")
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [("on", "required")]
    for day, meant in (("2024-06-30", old), ("2024-07-01", new)):
        assert made(send(home, "contestants", [row], on=day, **register), 1)[0].endswith(meant["id"])
    assert faults(send(home, "contestants", [row], on="2009-12-31", **register)) == {("/rows/2/agency_code", "no_unit")}


def test_rows_that_name_no_unit_an_unknown_one_or_two(service, clients, unit, register):
    value, other = code(), unit()["id"]
    unit(codes=[{"scheme": "AGENCY", "value": value}])
    before = written(service)
    rows = [entry(""), entry(str(uuid.uuid4())), entry(other, agency_code=value), entry("", gso_code="99999"), entry("x")]
    assert faults(send(clients["home_affairs"], "contestants", rows, on="2024-12-31", **register)) == {
        ("/rows/2/unit_id", "which_unit"), ("/rows/3/unit_id", "no_unit"), ("/rows/4/agency_code", "two_units"),
        ("/rows/5/gso_code", "no_unit"), ("/rows/6/unit_id", "uuid")}
    assert written(service) == before


def test_every_row_is_judged_by_the_rules_of_the_single_write(service, clients, unit, register):
    """The same clause and words as a PUT's refusal; what is good beside them is not written."""
    home, good, twice = clients["home_affairs"], unit()["id"], unit()["id"]
    party, sub = unit(kind="PARTY_BODY")["id"], unit(kind="PROVINCIAL_SUBUNIT")["id"]
    late = unit(valid_from="2025-01-01")["id"]
    vietnamese = service.key("home_affairs")
    vietnamese.headers["Accept-Language"] = "vi"
    before = written(service)
    rows = [entry(good), entry(party), entry(sub, group="UNIT_UNDER_SO"), entry(late), entry(twice), entry(twice), entry(good, group="XA")]
    answer = send(home, "contestants", rows, **register)
    assert faults(answer) == {
        ("/rows/3/group", "contestants_kind"), ("/rows/4/advises_par", "contestants_advises"), ("/rows/5", "rule-refused"),
        ("/rows/7", "repeated"), ("/rows/8", "repeated")}
    path = f"/v1/campaigns/{register['campaign']}/rounds/2024/contestants/{party}"
    alone = problem(home.put(path, json={"group": "SO_BAN_NGANH", "on_assessed_list": True}), 422, "rule-refused")
    named = next(e for e in answer.json()["errors"] if e["pointer"] == "/rows/3/group")
    assert named["detail"] == f"{alone['clause']}: {alone['errors'][0]['detail']}"
    assert {e["detail"] for e in send(vietnamese, "contestants", rows, **register).json()["errors"]} >= {
        "II.1: Đơn vị này không tồn tại trong năm xét khen thưởng."}
    assert written(service) == before
    made(send(home, "contestants", rows[:1], **register), 1)
    assert faults(send(home, "contestants", [entry(good, cluster="Khối 2")], **register)) == {("/rows/2", "exists")}, "never written over"


def test_what_all_rows_need_is_said_once(clients, unit, register):
    home, rows = clients["home_affairs"], [entry(unit()["id"])]
    outside = problem(send(home, "contestants", rows, campaign=register["campaign"], year=2023), 422, "rule-refused")
    assert outside["clause"] == "II.3"
    problem(send(home, "contestants", rows, campaign="NONE", year=2024), 404, "not-found")
    for params, wrong in (({"year": 2024}, "campaign"), ({"campaign": "X"}, "year")):
        assert [e["pointer"] for e in problem(send(home, "contestants", rows, **params), 400, "invalid-query")["errors"]] == [wrong]
    stray = problem(send(home, "units", rows, year=2024), 400, "invalid-query")
    assert [(e["pointer"], e["code"]) for e in stray["errors"]] == [("year", "unknown")]


def test_whatever_is_wrong_with_a_register_is_named_at_once_in_the_order_of_rows(service, clients, unit, register):
    """Cells, codes, groups, repeated rows and the rules of the plan: one answer, and what is repaired by it goes in."""
    home, a, b, c = clients["home_affairs"], unit()["id"], unit()["id"], unit()["id"]
    party = unit(kind="PARTY_BODY")["id"]
    before = written(service)
    rows = [entry(party), entry(b, group="NO_SUCH"), entry(a, on_assessed_list="maybe"), entry("", gso_code="99999"), entry(c), entry(c),
            entry(a), entry(b)]
    answer = problem(send(home, "contestants", rows, on="2024-12-31", **register), 422, "invalid")
    assert [(e["pointer"], e["code"]) for e in answer["errors"]] == [
        ("/rows/2/group", "contestants_kind"), ("/rows/3/group", "unknown_group"), ("/rows/4/on_assessed_list", "boolean"),
        ("/rows/5/gso_code", "no_unit"), ("/rows/7", "repeated"), ("/rows/8", "repeated"), ("/rows/9", "repeated")]
    assert "6" in answer["errors"][4]["detail"], "it says which row is about the same"
    assert written(service) == before
    made(send(home, "contestants", [entry(a), entry(b), entry(c)], **register), 3)


def test_what_a_file_means_is_not_guessed_at(service, clients, unit, register):
    """A bad header, or a file that breaks off: nothing further is said of its rows."""
    home, known = clients["home_affairs"], unit()["id"]
    before = written(service)
    assert faults(send(home, "contestants", [entry("", gso_code="99999", colour="red")], on="2024-12-31", **register)) == {("/header/4", "unknown")}
    data = table([entry(str(uuid.uuid4())), entry(known)])
    assert faults(send(home, "contestants", data + b'"open', **register)) == {("/rows/4", "syntax")}
    assert written(service) == before


def test_a_dry_run_judges_every_row_and_writes_nothing(service, clients, unit, register):
    home, a, b = clients["home_affairs"], unit()["id"], unit(kind="PARTY_BODY")["id"]
    before = written(service)
    rehearsed = send(home, "contestants", [entry(a)], dry_run="true", **register)
    assert rehearsed.status_code == 200 and rehearsed.json() == {"kind": "contestants", "dry_run": True, "created": 1, "made": []}
    assert faults(send(home, "contestants", [entry(a), entry(b)], dry_run="true", **register)) == {("/rows/3/group", "contestants_kind")}
    assert written(service) == before


def test_no_more_than_64_faults_are_named(service, clients, unit, register):
    party = unit(kind="PARTY_BODY")["id"]
    before = written(service)
    answer = problem(send(clients["home_affairs"], "contestants", [entry(party)] * 100, **register), 422, "invalid")
    assert len(answer["errors"]) == 64 and "36" in answer["detail"], "the 36 others are counted"
    cells = [entry(party, on_assessed_list="maybe")] * 63 + [entry("", gso_code="99999")] * 5
    answer = problem(send(clients["home_affairs"], "contestants", cells, on="2024-12-31", **register), 422, "invalid")
    assert len(answer["errors"]) == 64 and "4" in answer["detail"], "one bound for all stages"
    answer = problem(send(clients["home_affairs"], "contestants", [entry("", gso_code="99999")] + [entry(party, on_assessed_list="maybe")] * 70,
                          on="2024-12-31", **register), 422, "invalid")
    assert answer["errors"][0]["code"] == "no_unit" and "7" in answer["detail"], "an earlier row's fault of a later stage has its place"
    assert written(service) == before


def test_sent_again_with_its_key_a_file_is_taken_once(service, clients, unit, register):
    headers = {"Content-Type": "text/csv", "Idempotency-Key": f'"{uuid.uuid4()}"'}
    data = table([entry(unit()["id"])])
    first, again = (clients["home_affairs"].post("/v1/imports", params={"kind": "contestants", **register}, data=data, headers=headers)
                    for _ in range(2))
    assert first.status_code == again.status_code == 201 and first.json() == again.json()


# ---- scorecards (domain, section 4) ----

NODES = [{"code": "1", "text_vi": "Một", "kind": "NORMAL", "maximum": "10"}, {"code": "2", "text_vi": "Hai", "kind": "NORMAL", "maximum": "80"},
         {"code": "3", "text_vi": "Điều tra", "kind": "SURVEY", "maximum": "10"}, {"code": "4", "text_vi": "Trừ", "kind": "MINUS", "maximum": "5"}]


class Scores:
    """Two units under one, a frame, and the columns of both sides."""

    def __init__(self, service, clients, unit):
        self.service, self.home = service, clients["home_affairs"]
        self.parent = unit()["id"]
        self.units = [unit(kind="PROVINCIAL_SUBUNIT", parent_id=self.parent)["id"] for _ in range(2)]
        self.unit_client = service.key("unit", self.parent)
        self.frame = f"t-{self.parent[:8]}"
        assert self.home.put(f"/v1/score-frames/{self.frame}/2024", json={"tier": "SO", "nodes": NODES}).status_code == 201

    def self_rows(self, units=None, **cells):
        return [{"unit_id": u, "frame": self.frame, "code": c, "self_points": p, "self_proof": "Quyết định", **cells}
                for c, p in (("1", "9.25"), ("2", "70")) for u in units or self.units]

    def appraised_rows(self):
        return [{"unit_id": u, "code": c, "appraised_points": p, "survey_points": s, "comment": ""}
                for u in self.units for c, p, s in (("1", "9", ""), ("2", "69.5", ""), ("3", "", "8.75"), ("4", "-1", ""))]

    def card(self, unit_id, client=None):
        return (client or self.home).get(f"/v1/scores/{unit_id}/2024")

    def submit(self):
        for u in self.units:
            card = self.card(u)
            moved = self.unit_client.post(f"/v1/scores/{u}/2024/transitions", json={"action": "submit"}, headers={"If-Match": card.headers["ETag"]})
            assert moved.status_code == 200, moved.text


@pytest.fixture
def scores(service, clients, unit):
    return Scores(service, clients, unit)


def test_a_unit_brings_in_its_self_scores_and_home_affairs_the_appraised(service, scores):
    assert made(send(scores.unit_client, "self_scores", scores.self_rows(), year=2024), 2) == [f"/v1/scores/{u}/2024" for u in scores.units]
    card = scores.card(scores.units[0]).json()
    assert (card["state"], card["frame"]) == ("SELF_DRAFT", scores.frame)
    assert {l["code"]: (l["self_points"], l["self_applies"], l["self_proof"]) for l in card["leaves"]} == {
        "1": ("9.25", True, "Quyết định"), "2": ("70.00", True, "Quyết định"), "3": (None, True, None), "4": (None, True, None)}
    scores.submit()
    made(send(scores.home, "appraised_scores", scores.appraised_rows(), year=2024), 2)
    card = scores.card(scores.units[1]).json()
    assert (card["appraised"]["achieved"], card["appraised"]["maximum"], card["state"]) == ("86.25", "100.00", "SELF_SUBMITTED")
    types = service.psql(f"SELECT type, restricted FROM journal WHERE resource = '/v1/scores/{scores.units[0]}/2024' ORDER BY id").splitlines()
    assert (types[0], types[-1], len(types)) == ("scorecard.created|t", "scorecard.appraisal_written|t", 3)


def test_the_journal_keeps_an_imported_card_as_a_put_one(service, scores):
    a, b = scores.units
    made(send(scores.unit_client, "self_scores", scores.self_rows([a]), year=2024), 1)
    leaves = [{k: row[k] for k in ("code", "self_points", "self_proof")} for row in scores.self_rows([b])]
    assert scores.unit_client.put(f"/v1/scores/{b}/2024", json={"frame": scores.frame, "leaves": leaves}).status_code == 201
    first, second = (journal_of(service, f"/v1/scores/{u}/2024").replace(u, "U") for u in (a, b))
    labels = re.compile(r'"unit_label": "[^"]*"')
    assert labels.sub("", first) == labels.sub("", second) and "scorecard.created" in first


def test_leaves_are_judged_where_they_stand_and_nothing_is_written(service, scores):
    before = written(service)
    a, b = scores.units
    rows = scores.self_rows([a]) + [
        {"unit_id": a, "frame": scores.frame, "code": "9", "self_points": "1"},
        {"unit_id": a, "frame": scores.frame, "code": "3", "self_points": "1"},
        {"unit_id": a, "frame": scores.frame, "code": "1", "self_points": "1"},
        {"unit_id": b, "frame": scores.frame, "code": "1", "self_points": "10.01"},
        {"unit_id": b, "frame": scores.frame, "code": "4", "self_points": "1"}]
    assert faults(send(scores.unit_client, "self_scores", rows, year=2024)) == {
        ("/rows/4/code", "unknown_leaf"), ("/rows/5/self_points", "column"), ("/rows/6/code", "duplicate"),
        ("/rows/7/self_points", "range"), ("/rows/8/self_points", "range")}
    cells = [{"unit_id": a, "frame": scores.frame, "code": "1", "self_points": "1,5x"}, {"unit_id": a, "frame": scores.frame, "code": "2", "self_points": "1.555"}]
    assert faults(send(scores.unit_client, "self_scores", cells, year=2024)) == {("/rows/2/self_points", "decimal"), ("/rows/3/self_points", "decimal")}
    rows = scores.self_rows([a]) + scores.self_rows([b], frame="none")
    rows[1]["frame"] = "other"
    assert faults(send(scores.unit_client, "self_scores", rows, year=2024)) == {("/rows/3/frame", "differs"), ("/rows/4/frame", "unknown_frame")}
    assert written(service) == before


def test_a_bad_cell_hides_no_other_fault_of_scores(service, scores, unit):
    (a, b), other = scores.units, unit()["id"]
    before = written(service)
    rows = scores.self_rows([a]) + scores.self_rows([b], frame="none") + scores.self_rows([other]) + [
        {"unit_id": a, "frame": scores.frame, "code": "4", "self_points": "1"},
        {"unit_id": str(uuid.uuid4()), "frame": scores.frame, "code": "4", "self_points": "-1"}]
    rows[0]["self_points"] = "1,5x"
    assert faults(send(scores.unit_client, "self_scores", rows, year=2024)) == {
        ("/rows/2/self_points", "decimal"), ("/rows/4/frame", "unknown_frame"), ("/rows/6", "outside-scope"),
        ("/rows/8/self_points", "range"), ("/rows/9/unit_id", "no_unit")}
    assert written(service) == before
    made(send(scores.unit_client, "self_scores", scores.self_rows([a]), year=2024), 1)
    scores.units = [a]
    scores.submit()
    rows = scores.appraised_rows() + [{"unit_id": b, "code": "1", "appraised_points": "1"}, {"unit_id": "x", "code": "1"},
                                      {"unit_id": str(uuid.uuid4()), "code": "1"}]
    rows[0]["appraised_points"] = "10.01"
    rows[1]["appraised_points"] = "many"
    assert faults(send(scores.home, "appraised_scores", rows, year=2024)) == {
        ("/rows/2/appraised_points", "range"), ("/rows/3/appraised_points", "decimal"), ("/rows/6", "no_card"), ("/rows/7/unit_id", "uuid"),
        ("/rows/8/unit_id", "no_unit")}


def test_only_in_the_right_state_and_never_over_what_is_there(service, scores):
    no_card = {(f"/rows/{n}", "no_card") for n in (2, 6)}
    assert faults(send(scores.home, "appraised_scores", scores.appraised_rows(), year=2024)) == no_card
    made(send(scores.unit_client, "self_scores", scores.self_rows(), year=2024), 2)
    before = written(service)
    assert faults(send(scores.home, "appraised_scores", scores.appraised_rows(), year=2024)) == {(f"/rows/{n}", "conflict") for n in (2, 6)}, (
        "SELF_DRAFT is not appraised")
    assert faults(send(scores.unit_client, "self_scores", scores.self_rows(), year=2024)) == {("/rows/2", "exists"), ("/rows/3", "exists")}
    assert written(service) == before
    scores.submit()
    made(send(scores.home, "appraised_scores", scores.appraised_rows(), year=2024), 2)
    assert faults(send(scores.home, "appraised_scores", scores.appraised_rows(), year=2024)) == {("/rows/2", "exists"), ("/rows/6", "exists")}


def test_a_file_that_waits_for_an_appraiser_never_writes_over_them(service, scores):
    """The schedule: the appraiser has the card and is about to write its leaves, while a file, which names no version, waits for it."""
    made(send(scores.unit_client, "self_scores", scores.self_rows(), year=2024), 2)
    scores.submit()
    one = scores.units[0]
    etag, clerk = scores.card(one).headers["ETag"], scores.service.key("home_affairs")
    leaves = [{"code": "1", "appraised_points": "8", "comment": "Đã đối chiếu"}]
    waiting = lambda: int(service.psql("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"))
    with service.holding("LOCK TABLE score_leaves IN EXCLUSIVE MODE") as release, concurrent.futures.ThreadPoolExecutor(2) as pool:
        appraising = pool.submit(clerk.put, f"/v1/scores/{one}/2024/appraisal", json={"leaves": leaves}, headers={"If-Match": etag})
        wait_until(lambda: waiting() == 1)
        importing = pool.submit(send, scores.home, "appraised_scores", scores.appraised_rows(), year=2024)
        wait_until(lambda: waiting() == 2 or importing.done())
        release()
        appraised, imported = appraising.result(), importing.result()
    assert appraised.status_code == 200, appraised.text
    assert faults(imported) == {(f"/rows/{1 + min(i for i, row in enumerate(scores.appraised_rows(), 1) if row['unit_id'] == one)}", "exists")}
    assert scores.card(one).json() == appraised.json()


def test_a_unit_scores_its_own_subtree_only_and_nobody_appraises_their_own(service, scores, unit):
    other = unit()["id"]
    assert faults(send(scores.unit_client, "self_scores", scores.self_rows([scores.units[0], other]), year=2024)) == {("/rows/3", "outside-scope")}
    made(send(scores.unit_client, "self_scores", scores.self_rows(), year=2024), 2)
    scores.submit()
    own = service.key("home_affairs", scores.parent)
    assert faults(send(own, "appraised_scores", scores.appraised_rows(), year=2024)) == {(f"/rows/{n}", "separation-of-duties") for n in (2, 6)}


# ---- initiatives and recognitions (III.1.c) ----

def initiative(unit_id, **cells):
    return {"unit_id": unit_id, "title": "Một cửa số", "summary": "Rút ngắn thời gian", "kind": "SOLUTION", "applied_from": "2024-03-01",
            "applied_to": "", **cells}


def recognition(resource, **cells):
    return {"initiative_id": resource.rsplit("/", 1)[1], "council": "PROVINCIAL", "recognised_on": "2025-01-20", "decision_number": "88/QĐ-HĐSK",
            "outcome": "", "reason": "", **cells}


def test_initiatives_come_from_units_and_recognitions_from_councils(service, clients, scores):
    council = clients["initiative_council"]
    a, b = made(send(scores.unit_client, "initiatives", [initiative(scores.units[0]), initiative(scores.parent, applied_to="2024-12-31")]), 2)
    assert [scores.unit_client.get(r).json()["state"] for r in (a, b)] == ["SUBMITTED"] * 2
    rows = [recognition(a), recognition(b, outcome="REFUSED", recognised_on="", decision_number="", reason="Không mới")]
    made(send(council, "recognitions", rows), 2)
    assert [council.get(r).json()["state"] for r in (a, b)] == ["RECOGNISED", "REFUSED"]
    assert [line.split("|")[0] + line.split("|")[1] for line in service.psql(
        f"SELECT type, restricted FROM journal WHERE resource = '{b}' ORDER BY id").splitlines()] == ["initiative.createdt", "initiative.refusedt"]
    alone = made(send(scores.unit_client, "initiatives", [initiative(scores.units[1])]), 1)[0]
    assert council.put(f"{alone}/recognition", json={"council": "PROVINCIAL", "recognised_on": "2025-01-20", "decision_number": "88/QĐ-HĐSK"},
                       headers={"If-Match": council.get(alone).headers["ETag"]}).status_code == 200
    kept = [service.psql("SELECT type, restricted, reason, (after->'recognitions'->0) - 'recorded_at', after->>'state' FROM journal "
                         f"WHERE resource = '{r}' AND type = 'initiative.recognised'") for r in (a, alone)]
    assert kept[0] == kept[1] and kept[0]


def test_initiatives_and_recognitions_are_judged_row_by_row(service, clients, scores, unit):
    council, other = clients["initiative_council"], unit()["id"]
    before = written(service)
    assert faults(send(scores.unit_client, "initiatives", [
        initiative(scores.parent), initiative(other), initiative(scores.parent, applied_to="2024-02-01")])) == {
            ("/rows/3", "outside-scope"), ("/rows/4/applied_to", "initiatives_applied")}
    mixed = [initiative(scores.parent, kind="IDEA"), initiative(other), initiative(scores.parent, applied_to="2024-02-01"),
             initiative(str(uuid.uuid4()))]
    assert faults(send(scores.unit_client, "initiatives", mixed)) == {
        ("/rows/2/kind", "choice"), ("/rows/3", "outside-scope"), ("/rows/4/applied_to", "initiatives_applied"), ("/rows/5/unit_id", "no_unit")}
    assert written(service) == before
    a, b, c = made(send(scores.unit_client, "initiatives", [initiative(scores.parent, title=f"Một cửa số {n}") for n in range(3)]), 3)
    before = written(service)
    rows = [recognition(a), recognition(a), recognition(b, decision_number="không số"), recognition(b, recognised_on="2999-01-01"),
            recognition(c, recognised_on=""), recognition("/" + str(uuid.uuid4()))]
    assert faults(send(council, "recognitions", rows)) == {
        ("/rows/3", "repeated"), ("/rows/4/decision_number", "number_symbol"),
        ("/rows/5/recognised_on", "ahead"), ("/rows/6/recognised_on", "required"), ("/rows/7", "not-found")}
    assert faults(send(council, "recognitions", rows[3:] + [recognition(a, council="KINGDOM"), recognition(a, recognised_on="x"), rows[0]])) == {
        ("/rows/2/recognised_on", "ahead"), ("/rows/3/recognised_on", "required"), ("/rows/4", "not-found"),
        ("/rows/5/council", "choice"), ("/rows/6/recognised_on", "date"), ("/rows/7", "repeated")}
    assert faults(send(clients["home_affairs"], "recognitions", rows[:1])) == {("/rows/2", "forbidden")}, (
        "Sở Nội vụ records lower councils only")
    assert written(service) == before
    made(send(clients["home_affairs"], "recognitions", [recognition(a, council="SECTOR")]), 1)


def test_an_initiative_of_a_file_that_is_sent_again_is_no_second_one(service, clients, scores):
    """It would count twice, and nothing takes an initiative back but a council's refusal, after which it may be entered anew."""
    rows = [initiative(scores.parent, title="Số hóa hồ sơ"), initiative(scores.units[0], title="Số hóa hồ sơ")]
    first, _ = made(send(scores.unit_client, "initiatives", rows), 2)
    before = written(service)
    again = [{**rows[0], "title": " SỐ HÓA  HỒ SƠ"}, rows[1], {**rows[0], "applied_from": "2024-03-02"}, {**rows[0], "title": "Số hóa hồ sơ lưu"}]
    assert faults(send(scores.unit_client, "initiatives", again)) == {("/rows/2", "exists"), ("/rows/3", "exists")}
    assert faults(send(scores.unit_client, "initiatives", [again[2], again[2]])) == {("/rows/3", "exists")}
    assert written(service) == before
    made(send(scores.unit_client, "initiatives", again[2:]), 2)
    made(send(clients["initiative_council"], "recognitions",
              [recognition(first, outcome="REFUSED", recognised_on="", decision_number="", reason="Không mới")]), 1)
    made(send(scores.unit_client, "initiatives", rows[:1]), 1)


# ---- who may ----

MAY = {"units": {"home_affairs", "admin"}, "contestants": {"home_affairs"}, "self_scores": {"unit"}, "appraised_scores": {"home_affairs"},
       "initiatives": {"unit"}, "recognitions": {"home_affairs", "initiative_council"}}


@pytest.mark.parametrize("kind", MAY)
def test_each_kind_has_the_roles_of_its_single_write(service, clients, kind):
    before = written(service)
    for role in ("anyone", "viewer", "unit", "home_affairs", "initiative_council", "chair_office", "auditor", "admin"):
        answer = send(clients[role], kind, b"nothing\n", **({"campaign": "NONE"} if kind == "contestants" else {}),
                      **({"year": 2024} if kind in ("contestants", "self_scores", "appraised_scores") else {}))
        if role in MAY[kind]:
            assert answer.status_code in (404, 422), answer.text
        else:
            problem(answer, 401 if role == "anyone" else 403, "unauthenticated" if role == "anyone" else "forbidden")
    assert written(service) == before
