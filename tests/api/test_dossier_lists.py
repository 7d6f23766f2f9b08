"""One step of many dossiers in one call (III.3, III.4.a): what each would be alone, all of them or none."""
import uuid

import pytest

from conftest import make_unit
from dossier_tools import Dossier, Round
from service import problem

IN_TIME = {"received_at": "2024-12-20T09:00:00+07:00", "source": "Sổ công văn đến, số 1204"}


class Dossiers:
    """Dossiers of one round, each of a nominator that nominates itself, all below one body."""

    def __init__(self, service, clients, count, complete=True):
        self.service, self.clients = service, dict(clients)
        self.round, self.parent = Round(service), make_unit(clients["admin"])["id"]
        self.clients["own"] = service.key("unit", self.parent)
        self.held = [self.add(complete) for _ in range(count)]

    def add(self, complete=True):
        unit = make_unit(self.clients["admin"], kind="PROVINCIAL_SUBUNIT", parent_id=self.parent)["id"]
        self.round.register(unit)
        dossier = Dossier(self.clients["own"], self.round, unit)
        return dossier.complete(unit) if complete else dossier

    def listed(self):
        items = self.clients["auditor"].get("/v1/dossiers", params={"campaign": self.round.campaign, "limit": 200}).json()["items"]
        versions = {item["id"]: item["version"] for item in items}
        return [{"id": one.id, "version": versions[one.id]} for one in self.held]

    def step(self, who, action, dossiers=None, headers=None, params=None, **shared):
        body = {"action": action, **shared, "dossiers": self.listed() if dossiers is None else dossiers}
        return self.clients[who].post("/v1/dossiers/transitions", json=body, headers=headers, params=params)

    def lodged(self):
        assert states(self.step("own", "lodge")) == {"LODGED"}
        return self

    def written(self):
        return self.service.psql(f"SELECT string_agg(state || version::text, ' ' ORDER BY id), (SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE') FROM dossiers WHERE campaign = '{self.round.campaign}'")


def done(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def states(answer):
    return {item["state"] for item in done(answer)}


def faults(answer, status, kind):
    return {(e["pointer"], e["code"]) for e in problem(answer, status, kind)["errors"]}


@pytest.fixture
def dossiers(service, clients):
    return lambda count=3, **more: Dossiers(service, clients, count, **more)


def journal(service, url, dossier_id, unit):
    """What single call and list must have in common: all but who, when and which request."""
    return service.psql("SELECT type, campaign, year, restricted, reason, after ->> 'state', before ->> 'state', actor_roles, "
                        f"unit_id = '{unit}' FROM journal WHERE resource = '{url}' AND actor_kind <> 'SERVICE' ORDER BY id").replace(dossier_id, "ID")


def test_dossiers_are_lodged_returned_and_accepted_together(dossiers):
    held = dossiers(12).lodged()
    items = done(held.step("home_affairs", "return", reason="Thiếu xác nhận của cấp trình"))
    assert [item["id"] for item in items] == [one.id for one in held.held], "in the order of the body"
    assert {(i["state"], i["state_reason"]) for i in items} == {("RETURNED", "Thiếu xác nhận của cấp trình")}
    told = [{"id": i["id"], "version": i["version"]} for i in items]
    assert [i["version"].split("-")[0] for i in items] == [one["version"] for one in held.listed()]
    again = done(held.step("own", "lodge", told))
    assert {i["state"] for i in again} == {"LODGED"}, "the answer carries what the next step needs"
    accepted = done(held.step("home_affairs", "accept", [{"id": i["id"], "version": i["version"]} for i in again], **IN_TIME))
    assert {(i["state"], i["late"], i["received_source"]) for i in accepted} == {("ACCEPTED", False, IN_TIME["source"])}


def test_each_says_of_its_own_what_others_share(dossiers):
    held = dossiers(3).lodged()
    first, second, third = held.listed()
    items = done(held.step("home_affairs", "return", [first, {**second, "reason": "Thiếu chữ ký"}, {**third, "reason": "Thiếu số"}], reason="Thiếu ngày"))
    assert [i["state_reason"] for i in items] == ["Thiếu ngày", "Thiếu chữ ký", "Thiếu số"]
    assert states(held.step("own", "lodge")) == {"LODGED"}
    first, second, third = held.listed()
    assert faults(held.step("home_affairs", "return", [{**first, "reason": "Thiếu số"}, second, {**third, "reason": None}]), 422, "invalid") == {
        ("/dossiers/1/reason", "required"), ("/dossiers/2/reason", "required")}
    items = done(held.step("home_affairs", "accept", [{**first, **IN_TIME}, {**second, **IN_TIME, "received_at": "2024-12-24T09:00:00+07:00"}, {**third, **IN_TIME}]))
    assert [i["received_at"][:10] for i in items] == ["2024-12-20", "2024-12-24", "2024-12-20"]


def test_each_dossier_tells_what_it_would_tell_alone(service, dossiers):
    held, alone = dossiers(2).lodged(), dossiers(1)
    home, one = alone.clients["home_affairs"], alone.held[0]
    done(held.step("home_affairs", "return", reason="Thiếu chữ ký"))
    done(held.step("own", "lodge"))
    done(held.step("home_affairs", "accept_late", reason="Mưa lũ"))
    for action, client, body in (("lodge", None, {}), ("return", home, {"reason": "Thiếu chữ ký"}), ("lodge", None, {}), ("accept_late", home, {"reason": "Mưa lũ"})):
        assert one.move(action, client, **body).status_code == 200
    told = [journal(service, d.url, d.id, d.nominator).replace(d.round.campaign, "K") for d in (*held.held, one)]
    assert told[0] == told[1] == told[2] and [line.split("|")[0] for line in told[0].splitlines()] == [
        "dossier.created", "dossier.lodged", "dossier.returned", "dossier.lodged", "dossier.accepted_late"]


def test_whatever_is_wrong_is_named_at_its_row_and_nothing_is_written(dossiers):
    held, other = dossiers(4).lodged(), dossiers(2, complete=False)
    good, draft, before = held.listed(), other.listed()[0], held.written()
    rows = [good[0], {**good[1], "version": "1"}, {"id": good[2]["id"]}, draft, {"id": str(uuid.uuid4()), "version": "1"}, good[0],
            {**good[3], "version": f'"{good[3]["version"]}-00"'}, {"id": "x"}]
    answer = held.step("home_affairs", "accept_late", rows, reason="Mưa lũ")
    assert faults(answer, 422, "invalid") == {
        ("/dossiers/1/version", "stale-version"), ("/dossiers/2/version", "version-required"), ("/dossiers/3", "impossible"),
        ("/dossiers/4/id", "not-found"), ("/dossiers/5/id", "repeated"), ("/dossiers/7/id", "uuid")}
    assert held.written() == before
    late = faults(held.step("home_affairs", "accept"), 422, "rule-refused")  # III.4.a: they came after the deadline
    assert {pointer.split("/nominations/")[0] for pointer, _ in late} <= {f"/dossiers/{i}" for i in range(4)} and len(late) == 4
    missing = problem(other.step("own", "lodge"), 422, "rule-refused")
    assert missing["clause"] == "III.3" and {e["pointer"].split("/")[2] for e in missing["errors"]} == {"0", "1"}
    assert held.step("home_affairs", "accept_late", reason="Mưa lũ", params={"dry_run": "true"}).status_code == 200
    assert held.written() == before


def test_sent_again_with_its_key_a_list_is_taken_once(dossiers):
    held = dossiers(2).lodged()
    rows, key = held.listed(), {"Idempotency-Key": str(uuid.uuid4())}
    first = held.step("home_affairs", "return", rows, headers=key, reason="Thiếu chữ ký")
    before = held.written()
    again = held.step("home_affairs", "return", rows, headers=key, reason="Thiếu chữ ký")
    assert done(first) == done(again) and again.headers["Idempotency-Replayed"] == "true" and held.written() == before


def test_each_step_belongs_to_its_role_and_nobody_acts_on_their_own(service, dossiers):
    held = dossiers(2)
    rows = held.listed()
    held.clients["stranger"] = service.key("unit", make_unit(held.clients["admin"])["id"])
    for who in ("viewer", "chair_office", "auditor", "admin", "initiative_council"):
        problem(held.step(who, "lodge", rows), 403, "forbidden")
    assert faults(held.step("stranger", "lodge", rows), 422, "invalid") == {(f"/dossiers/{i}/id", "not-found") for i in (0, 1)}
    assert faults(held.step("home_affairs", "lodge", rows), 403, "forbidden") == {(f"/dossiers/{i}", "forbidden") for i in (0, 1)}, "the nominator's"
    held.lodged()
    others = dossiers(2).lodged()
    mixed = [*others.listed(), held.listed()[1]]
    assert faults(held.step("own", "return", reason="Thiếu"), 403, "forbidden") == {(f"/dossiers/{i}", "forbidden") for i in (0, 1)}
    for unit in (held.parent, held.held[1].nominator):
        held.clients["clerk"] = service.key("home_affairs", unit)
        before = held.written()
        assert faults(held.step("clerk", "return", mixed, reason="Thiếu"), 403, "separation-of-duties") == {("/dossiers/2", "separation-of-duties")}
        assert held.written() == before
    assert len(done(held.step("clerk", "return", mixed[:2], reason="Thiếu"))) == 2
