"""What is confidential or not yet published reaches nobody by a side door: flags, validators, papers (V.3; domain, sections 4 and 6)."""
import concurrent.futures
import itertools
import re

import pytest
import requests

from award_tools import AwardRound, merge, number, today
from dossier_tools import Dossier, Round
from service import problem, wait_until
from test_contract import ROUTES
from test_unit_verdict import told


@pytest.fixture
def held(service, clients):
    return AwardRound(service, clients, 1)


def test_an_initiative_does_not_tell_of_an_award_before_it_is_published(service, clients, held):
    """V.3: that it has been used says that there is an award; the offices know from the signature on, others from publication."""
    path = f"/v1/initiatives/{held.initiatives[held.units[0]]}"
    decision = held.draft(held.units)
    outside = [clients["viewer"], clients["initiative_council"], held.unit_client]
    before = [client.get(path).headers["ETag"] for client in outside]
    held.done(held.sign(decision, number()))
    assert held.auditor.get(path).json()["used"] is True
    for client, etag in zip(outside, before, strict=True):
        assert client.get(path).json()["used"] is False
        assert client.get(path).headers["ETag"] == etag
        listed = client.get("/v1/initiatives", params={"unit_id": held.units[0]}).json()["items"]
        assert [i["used"] for i in listed] == [False]
    word = {"council": "DISTRICT", "recognised_on": "2024-12-01", "decision_number": "3/QĐ-HĐSK"}
    for query in ({"dry_run": "true"}, {}):
        etag = clients["initiative_council"].get(path).headers["ETag"]
        answer = clients["initiative_council"].put(f"{path}/recognition", json=word, params=query, headers={"If-Match": etag})
        assert answer.status_code == 200 and answer.json()["used"] is False, "nor does the answer to a council that says something later"
    assert clients["initiative_council"].get(path).json() == answer.json()
    held.publish(decision)
    assert [client.get(path).json()["used"] for client in outside] == [True] * 3


def test_the_validator_of_an_award_does_not_tell_of_a_revocation_before_it_is_published(clients, held):
    """V.3: who polls an award with If-None-Match gets 304 until there is something to see."""
    decision = held.draft(held.units)
    held.done(held.sign(decision, number()))
    held.publish(decision)
    award = held.auditor.get("/v1/awards", params={"unit_id": held.units[0]}).json()["items"][0]
    path = f"/v1/awards/{award['id']}"
    known = clients["anyone"].get(path).headers["ETag"]
    made = "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json={
        "kind": "REVOKE", "subject_id": award["decision_id"], "ground": "FRAUD", "reason": "Gian dối"}))["id"]
    held.done(held.sign(made, number()))
    assert clients["anyone"].get(path, headers={"If-None-Match": known}).status_code == 304
    recovered = merge(held.home, path, {"money_recovered_on": today()}, held.etag(path))  # its version still guards it
    assert recovered.status_code == 200, recovered.text
    assert clients["anyone"].get(path, headers={"If-None-Match": known}).status_code == 304
    held.publish(made)
    assert clients["anyone"].get(path, headers={"If-None-Match": known}).json()["state"] == "REVOKED"


def test_the_minutes_are_for_whom_the_votes_are_for(service, clients, unit):
    """Votes are for the offices and the nominator; the minutes hold them, name by name. The body above the nominator reads neither."""
    top = unit()["id"]
    below = unit(kind="PROVINCIAL_SUBUNIT", parent_id=top)["id"]
    held = Round(service)
    held.register(below)
    dossier = Dossier(service.key("unit", below), held, below).complete(below)
    minutes = next(d for d in dossier.get().json()["documents"] if d["kind"] == "MINUTES")
    above = service.key("unit", top)
    for place in ("documents/MINUTES", f"documents/{minutes['id']}"):
        assert dossier.client.get(f"{dossier.url}/{place}").status_code == 200
        assert clients["auditor"].get(f"{dossier.url}/{place}").status_code == 200
        problem(above.get(f"{dossier.url}/{place}"), 404, "not-found")
    assert above.get(f"{dossier.url}/documents/TO_TRINH").status_code == 200


def test_the_counts_of_an_evaluation_do_not_tell_of_other_units(service, clients, unit, held):
    """Of one unit, `DEFERRED: 1` says that it is under proceedings, which are restricted."""
    held.done(held.home.post("/v1/proceedings", json={"unit_id": held.units[0], "kind": "INSPECTION", "opened_on": "2024-03-01"}))
    path = f"/v1/evaluations/{held.evaluate(units=held.units)}"
    assert held.auditor.get(path).json()["counts"]["DEFERRED"] == 1
    assert service.key("unit", unit()["id"]).get(path).json()["counts"] == {}
    assert held.unit_client.get(f"{path}/verdicts/{held.units[0]}").json()["overall"] == "DEFERRED"  # one's own


def test_the_numbers_of_a_round_are_for_the_offices(held):
    """A mean of an index tells of it before that is published. Days and numbers stand together in the limits of an evaluation."""
    path = f"/v1/evaluations/{held.evaluate()}"
    known = held.auditor.get(path).json()["parameters"]
    assert known["limits"] and held.unit_client.get(path).json()["parameters"] == {name: value for name, value in known.items() if name != "limits"}


def test_the_inputs_of_an_evaluation_do_not_tell_of_an_award_before_it_is_published(service, clients):
    """With an allocation and without: neither who has the award, nor that somebody has one. Nor do they when it is published."""
    for allocation in (None, [{"group": "UNIT_UNDER_SO", "slots": 2}]):
        held = AwardRound(service, clients, 2)
        if allocation:
            path = f"{held.round}/quota"
            held.done(held.home.put(path, json={"allocation": allocation, "reason": "Phân bổ"}, headers=held.etag(path)))
        before = held.unit_client.get(f"/v1/evaluations/{held.evaluate()}").json()["inputs"]
        decision = held.draft(held.units[:1])
        held.done(held.sign(decision, number()))
        after = held.evaluate()
        shown = held.auditor.get(f"/v1/evaluations/{after}").json()["inputs"]["standings"]
        assert shown["awarded"] == held.units[:1] and shown["quotas"][0]["taken"] == 1
        problem(held.unit_client.get(f"/v1/evaluations/{after}"), 404, "not-found")
        held.publish(decision)
        assert held.unit_client.get(f"/v1/evaluations/{after}").json()["inputs"] == before
        assert bool(before["standings"]) == bool(allocation)


def test_metrics_tell_nobody_but_operators_of_single_routes(clients):
    """Who may count the requests of a route learns when something restricted was written."""
    def metrics(client):
        return client.get("/metrics").text

    clients["home_affairs"].post("/v1/proceedings", json={}).close()
    for role in ("admin", "auditor"):
        text = metrics(clients[role])
        assert 'thidua_requests_total{method="POST",route="/v1/proceedings",status="422"}' in text and "thidua_journal_lag " in text
        assert 'thidua_request_seconds_count{method="POST",route="/v1/proceedings"}' in text
    for role in ("anyone", "viewer", "unit", "home_affairs"):
        text = metrics(clients[role])
        samples = [line for line in text.splitlines() if not line.startswith("#")]
        assert not [line for line in samples if "route" in line or "method" in line]
        assert {line.split()[0].split("{")[0] for line in samples} == {
            "thidua_requests_total", "thidua_request_seconds_bucket", "thidua_request_seconds_sum", "thidua_request_seconds_count",
            "thidua_workers", "thidua_queue_length", "thidua_database_up", "thidua_commits_wait",
            "thidua_client_connections", "thidua_clients_held_up_total", "thidua_event_listeners", "thidua_build_info"}
        assert [line.split()[0] for line in samples if "requests_total" in line] == [
            f'thidua_requests_total{{status="{n}xx"}}' for n in range(2, 6)]


NOBODY = "00000000-0000-4000-8000-000000000000"
OF_THE_PROCESS = ("/metrics", "/readyz", "/v1/events/stream", "/v1/me")  # what is counted there, or told of the caller


class Outsiders:
    """Everything that callers of no office read, by all routes: of each answer the status, the validator and what it says."""

    def __init__(self, service, held, clients, stranger):
        self.base, self.held, self.callers = service.base, held, {}
        for name, client in {**{name: clients[name] for name in ("anyone", "viewer", "initiative_council", "admin")}, "stranger": stranger}.items():
            self.callers[name] = requests.Session()  # not held against openapi.yaml: that would take a minute
            self.callers[name].headers.update({"Authorization": client.headers.get("Authorization")})
        self.known = {"code": [held.campaign.rsplit("/", 1)[1]], "year": ["2024"], "unit_id": held.units, "nominator_unit_id": [held.parent],
                      "register": ["initiatives", "discipline"], "document": ["TO_TRINH", "MINUTES"], "units": held.units,
                      "dossiers": [held.dossier.rsplit("/", 1)[1]], "initiatives": list(held.initiatives.values())}

    def paths(self):
        for method, template in sorted(ROUTES):
            if method == "GET" and template not in OF_THE_PROCESS and not template.startswith(("/v1/journal", "/v1/keys", "/v1/webhooks")):
                names = re.findall(r"\{(\w+)\}", template)
                kinds = [template.split("/")[2] if name == "id" else name for name in names]
                for values in itertools.product(*(self.known.get(kind, [NOBODY]) for kind in kinds)):
                    yield template.format(**dict(zip(names, values, strict=True)))

    def read(self):
        found = {}
        for name, path in itertools.product(self.callers, self.paths()):
            answer = self.callers[name].get(self.base + path)
            text = re.sub(r'"instance":"[^"]*"', "", answer.text)
            if path == "/v1/events":  # how far the journal has come is no secret
                text = answer.json()["items"]
            found[name, path] = answer.status_code, path != "/v1/events" and answer.headers.get("ETag"), text
        return found

    def read_the_same_after(self, *acts):
        before = self.read()
        for act in acts:
            act()
            now = self.read()
            assert {asked for asked in now if now[asked] != before.get(asked, now[asked])} == set(), act.__name__
            assert {asked for asked in now.keys() - before.keys() if now[asked][0] == 200} == set(), act.__name__
            before = now


def test_what_only_offices_may_know_changes_nothing_that_others_read(service, clients, unit, held):
    """V.3; domain, sections 4 and 6: no member, count, validator or status of any route tells of it."""
    of, home, chair, register = held.units[0], held.home, held.chair, f"{held.round}/registers/discipline"
    decision, unfound = held.draft([of]), unit()["id"]
    held.done(home.put(f"{held.round}/contestants/{unfound}", json={"group": "SO_BAN_NGANH", "on_assessed_list": False}))
    outsiders = Outsiders(service, held, clients, service.key("unit", unit()["id"]))

    def a_proceeding():
        held.done(home.post("/v1/proceedings", json={"unit_id": of, "kind": "INSPECTION", "opened_on": "2024-03-01"}))

    def a_finding():
        held.done(home.put(f"{held.round}/findings/{unfound}", json={"contents": [
            {"content": "A", "score": "9", "result": "NOT_OUTSTANDING", "reason": "Chậm", "evidence": []}]}))

    def a_register_of_one_unit():
        held.done(home.put(register, headers=held.etag(register), json={"unit_id": of, "complete": True, "complete_through": today(), "source": "Rà soát"}))

    def a_signature():
        held.done(held.sign(decision, number()))
        outsiders.known["decisions"] = [decision.rsplit("/", 1)[1]]
        outsiders.known["awards"] = [service.psql(f"SELECT id FROM awards WHERE unit_id = '{of}'")]

    def a_revocation():
        made = held.done(chair.post("/v1/decisions", json={"kind": "REVOKE", "subject_id": decision.rsplit("/", 1)[1], "ground": "FRAUD", "reason": "Gian dối"}))
        held.done(held.sign(f"/v1/decisions/{made['id']}", number()))

    def money_asked_back():
        award = f"/v1/awards/{outsiders.known['awards'][0]}"
        held.done(merge(home, award, {"money_recovered_on": today()}, held.etag(award)))

    outsiders.read_the_same_after(a_finding, a_register_of_one_unit, a_signature, a_proceeding)
    held.publish(decision)
    outsiders.read_the_same_after(a_revocation, money_asked_back)


# ---- evaluations that rest on what is signed ----

def revoked(held, decision):
    return "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json={
        "kind": "REVOKE", "subject_id": decision.rsplit("/", 1)[1], "units": held.units[:1], "ground": "FRAUD", "reason": "Gian dối"}))["id"]


@pytest.fixture(params=["an award", "a revocation"])
def signed(request, service, clients):
    """Contestants of two award years, whose initiatives may earn the award of either; and a decision on the first that is to be signed."""
    held = AwardRound(service, clients, 2)
    held.following = f"{held.campaign}/rounds/2025"
    for unit in held.units:
        held.done(held.home.put(f"{held.following}/contestants/{unit}", json={
            "group": "UNIT_UNDER_SO", "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV"}))
    held.decision = held.draft(held.units[:1] if request.param == "an award" else held.units)
    if request.param == "a revocation":
        held.done(held.sign(held.decision, number()))
        held.publish(held.decision)
        held.decision = revoked(held, held.decision)
    return held


def judge(held, path, later=False, **body):
    headers = {"Prefer": "respond-async"} if later else {}
    made = held.home.post(f"{path}/evaluations", json=body, headers=headers).json()["id"]
    wait_until(lambda: held.auditor.get(f"/v1/evaluations/{made}").json()["state"] == "DONE")
    return made


def test_no_evaluation_tells_of_a_decision_before_it_is_published(service, clients, signed):
    """V.3: from its signature on an award counts in every round: its initiative cannot serve again (III.1.c). What a key reads of its own
    units stays as it is until the decision is published, whatever is judged of whichever round; then it is told what is new."""
    held, (first, second) = signed, signed.units
    known = [judge(held, held.following), judge(held, held.round)]
    held.done(held.sign(held.decision, number()))
    own, before = Outsiders(service, held, clients, held.unit_client), [len(told(held, unit)) for unit in held.units]
    own.known |= {"year": ["2024", "2025"], "evaluations": known}

    def all_of_another_round():
        known.append(judge(held, held.following))

    def all_of_it_in_the_background():
        known.append(judge(held, held.following, later=True))

    def one_unit_of_another_round():
        known.append(judge(held, held.following, units=[first]))

    def all_of_its_own_round():
        known.append(judge(held, held.round))

    own.read_the_same_after(all_of_another_round, all_of_it_in_the_background, one_unit_of_another_round, all_of_its_own_round)
    path = f"{held.following}/verdicts/{first}"
    assert [client.get(path).json()["evaluation_id"] for client in (held.auditor, held.unit_client)] == [known[-2], known[0]]
    assert [len(told(held, unit)) for unit in held.units] == before
    alone = judge(held, held.following, units=[second])
    assert held.unit_client.get(f"{held.following}/verdicts/{second}").json()["evaluation_id"] == alone, "it rests on nothing that is signed"
    held.publish(held.decision)
    assert held.unit_client.get(path).json()["evaluation_id"] == known[-2]
    assert [held.unit_client.get(f"/v1/evaluations/{made}").status_code for made in known] == [200] * len(known)


@pytest.fixture
def between(service, clients):
    """The award is signed and not published. The units are contestants of the next round, too, where III.1.c fails from then on."""
    held = AwardRound(service, clients, 2)
    held.following, held.of = f"{held.campaign}/rounds/2025", held.units[0]
    for unit in held.units:
        held.done(held.home.put(f"{held.following}/contestants/{unit}", json={
            "group": "UNIT_UNDER_SO", "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV"}))
    held.decision, held.verdict = held.draft(held.units), f"{held.following}/verdicts/{held.of}"
    held.known = judge(held, held.following)
    held.done(held.sign(held.decision, number()))
    return held


def merit(held, client):
    return next(c["result"] for c in held.done(client.get(held.verdict))["criteria"] if c["clause"] == "III.1.c")


def test_what_is_new_is_told_when_it_is_published(between):
    before = told(between, between.of)
    judge(between, between.following)
    assert merit(between, between.auditor) != merit(between, between.unit_client) == "PASS"
    assert told(between, between.of) == before
    between.publish(between.decision)
    assert told(between, between.of)[len(before):].count(between.verdict) == 1
    assert merit(between, between.unit_client) == merit(between, between.auditor) != "PASS"


def compared(held, path, unit):
    """Of the events that tell the unit of its verdict in the round: which evaluations each compares."""
    verdict = f"{path}/verdicts/{unit}"
    heard = told(held, unit).count(verdict)
    rows = held.service.psql(f"""SELECT before ->> 'evaluation_id', after ->> 'evaluation_id' FROM journal
        WHERE type = 'verdict.changed' AND resource = '{verdict}' ORDER BY seq""").splitlines()
    assert heard == len(rows)
    return [tuple(row.split("|")) for row in rows]


@pytest.mark.parametrize("judged", itertools.product((1, 2), repeat=2), ids=str)
def test_of_several_evaluations_that_are_published_each_unit_is_told_once(between, judged):
    """None of them was known before: the newest on the unit is held against what was, and the others are not told of."""
    newest, before = {}, {unit: compared(between, between.following, unit) for unit in between.units}
    for units in [between.units[:count] for count in judged]:
        newest |= dict.fromkeys(units, judge(between, between.following, **({} if units == between.units else {"units": units})))
    between.publish(between.decision)
    for unit in between.units:
        due = [(between.known, newest[unit])] if unit in newest else []
        assert compared(between, between.following, unit) == before[unit] + due


@pytest.mark.parametrize("later", [0, 1, 2])
def test_a_unit_is_told_once_of_what_its_signature_found_and_what_came_later(service, clients, later):
    """The round of the decision: the evaluation at signing is one of those that are told when it is published."""
    held = AwardRound(service, clients, 1)
    unit, decision = held.units[0], held.draft(held.units)
    path = f"{held.round}/findings/{unit}"

    def found(result):
        held.done(held.home.put(path, headers=held.etag(path), json={"contents": [
            {"content": content, "score": "95", "result": result, "reason": "Xem xét lại", "evidence": []} for content in "ABCD"]}))

    found("NOT_OUTSTANDING")
    known = judge(held, held.round)
    found("OUTSTANDING_LEADING")
    before, signed = compared(held, held.round, unit), held.done(held.sign(decision, number()))["evaluation_id"]
    newest = [signed] + [judge(held, held.round) for _ in range(later)]
    assert compared(held, held.round, unit) == before
    held.publish(decision)
    assert compared(held, held.round, unit) == before + [(known, newest[-1])]


def test_what_is_published_meanwhile_is_told_at_once(service, between):
    """The schedule: a publication is about to end when an evaluation asks what is not published yet."""
    before, waiting = told(between, between.of), "SELECT count(*) FROM pg_locks WHERE locktype IN ('transactionid', 'tuple') AND NOT granted"
    publication = f"UPDATE decisions SET state = 'PUBLISHED', version = version + 1, published_at = now() WHERE id = '{between.decision.rsplit('/', 1)[1]}'"
    with concurrent.futures.ThreadPoolExecutor() as pool, service.holding(publication) as end:
        judged = pool.submit(judge, between, between.following)
        wait_until(lambda: service.psql(waiting) != "0" or judged.done())
        assert not judged.done()
        end()
        made = judged.result()
    assert between.unit_client.get(between.verdict).json()["evaluation_id"] == made
    assert told(between, between.of)[len(before):].count(between.verdict) == 1


def test_a_revocation_makes_all_who_were_awarded_with_it_as_stale(service, clients):
    """So that it does not tell whose award it takes, before it is published."""
    held = AwardRound(service, clients, 2)
    decision = held.draft(held.units)
    held.done(held.sign(decision, number()))
    held.publish(decision)
    held.evaluate()
    stale = lambda: [held.unit_client.get(f"{held.round}/verdicts/{unit}").json()["stale"] for unit in held.units]
    assert stale() == [False, False]
    held.done(held.sign(revoked(held, decision), number()))
    assert stale() == [True, True]
