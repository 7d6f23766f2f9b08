"""The lists of a round: each shows a caller what the single resources show it, and nothing else."""
import uuid

import pytest

from award_tools import AwardRound, number
from conftest import make_unit
from service import problem


class Worlds:
    """Two bodies with a unit each in one round; the first body's is awarded."""

    def __init__(self, service, clients):
        self.service, self.clients = service, clients
        self.one = held = AwardRound(service, clients, 2)
        self.round = held.round
        self.code = held.campaign.rsplit("/", 1)[1]
        self.other = make_unit(held.admin)["id"]
        held.done(held.home.put(f"{self.round}/contestants/{self.other}", json={
            "group": "SO_BAN_NGANH", "cluster": "Cụm 1", "on_assessed_list": True, "source_document": "12/QĐ-SNV"}))
        held.done(held.home.put(f"{self.round}/findings/{self.other}", json={"contents": [
            {"content": "A", "score": "90", "result": "OUTSTANDING", "reason": "Tốt", "evidence": []}]}))
        for unit, at in ((self.other, None), (held.parent, "2024-12-01T08:00:00+07:00")):
            held.done(held.home.put(f"{self.round}/reports/{unit}", json={
                "document_number": "1/BC-UBND", "document_date": "2024-12-01",
                **({"received_at": at, "source": "Sổ công văn đến"} if at else {})}))
        self.decision = held.draft(held.units[:1])
        held.done(held.sign(self.decision, number()))
        for unit, register in ((self.other, "initiatives"), (held.units[0], "discipline")):
            path = f"{self.round}/registers/{register}"
            held.done(held.home.put(path, headers=held.etag(path), json={
                "unit_id": unit, "complete": True, "complete_through": "2025-01-31", "source": "Rà soát riêng"}))
        self.callers = {**clients, "body": held.unit_client, "below": service.key("unit", held.units[0]),
                        "other": service.key("unit", self.other), "nobody": clients["anyone"]}

    def singles(self, client, kind):
        """What the caller reads one by one, as the offices know of it."""
        names = [item["register" if kind == "registers" else "unit_id"]
                 for item in self.clients["auditor"].get(f"{self.round}/{kind}").json()["items"]]
        answers = [client.get(f"{self.round}/{kind}/{name}") for name in names]
        return [answer.json() for answer in answers if answer.status_code == 200]


@pytest.fixture(scope="module")
def worlds(service, clients):
    return Worlds(service, clients)


@pytest.mark.parametrize("kind", ["findings", "reports", "registers"])
def test_a_list_shows_each_caller_what_the_single_resources_show_it(worlds, kind):
    assert len(worlds.singles(worlds.clients["auditor"], kind)) >= 2
    seen = set()
    for name, client in worlds.callers.items():
        answer = client.get(f"{worlds.round}/{kind}")
        single = client.get(f"{worlds.round}/{kind}/{'discipline' if kind == 'registers' else worlds.other}")
        if answer.status_code != 200:
            assert answer.status_code == single.status_code in (401, 403), name
            continue
        assert answer.json() == {"items": worlds.singles(client, kind), "next": None}, name
        assert client.get(f"{worlds.round}/{kind}", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
        seen.add(len(str(answer.json())))
    assert len(seen) >= 3, "the callers differ in what they see"


def items(client, path, **query):
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_findings_by_unit_and_group(worlds):
    auditor, path = worlds.clients["auditor"], f"{worlds.round}/findings"
    whole = items(auditor, path)
    assert [f["unit_id"] for f in whole] == sorted([worlds.other, *worlds.one.units])
    assert items(auditor, path, unit_id=worlds.other) == [f for f in whole if f["unit_id"] == worlds.other]
    assert items(auditor, path, group="UNIT_UNDER_SO") == [f for f in whole if f["unit_id"] != worlds.other]
    assert items(auditor, path, cluster="Cụm 1") == [f for f in whole if f["unit_id"] == worlds.other]
    assert items(auditor, path, cluster="Cụm 1", group="UNIT_UNDER_SO") == []
    assert items(worlds.callers["other"], path, unit_id=worlds.one.units[0]) == []
    problem(auditor.get(path, params={"group": "NONE"}), 400, "invalid-query")
    first = auditor.get(path, params={"limit": 2}).json()
    assert first["items"] + items(auditor, path, limit=2, cursor=first["next"]) == whole


def test_reports_by_unit_and_lateness(worlds):
    auditor, path = worlds.clients["auditor"], f"{worlds.round}/reports"
    whole = items(auditor, path)
    assert {r["unit_id"]: r["late"] for r in whole} == {worlds.other: True, worlds.one.parent: False}
    for late in (True, False):
        assert items(auditor, path, late=str(late).lower()) == [r for r in whole if r["late"] is late]
    assert items(auditor, path, unit_id=worlds.other) == [r for r in whole if r["unit_id"] == worlds.other]
    first = auditor.get(path, params={"limit": 1}).json()
    assert first["items"] + items(auditor, path, limit=1, cursor=first["next"]) == whole


def test_registers_by_name(worlds):
    auditor, path = worlds.clients["auditor"], f"{worlds.round}/registers"
    whole = items(auditor, path)
    assert [r["register"] for r in whole] == ["awards", "discipline", "initiatives", "proceedings", "scores"]
    assert items(auditor, path, register="scores") == [r for r in whole if r["register"] == "scores"]
    problem(auditor.get(path, params={"register": "none"}), 400, "invalid-query")
    own = {r["register"]: [d["unit_id"] for d in r["declarations"]] for r in items(worlds.callers["other"], path)}
    assert own["discipline"] == [None] and own["initiatives"] == [None, worlds.other]
    council = {r["register"]: [d["unit_id"] for d in r["declarations"]] for r in items(worlds.clients["initiative_council"], path)}
    assert council["discipline"] == [None] and council["initiatives"] == [None, worlds.other]
    first = auditor.get(path, params={"limit": 2}).json()
    assert first["items"] + items(auditor, path, cursor=first["next"]) == whole


@pytest.mark.parametrize("kind", ["findings", "reports", "registers", "awards"])
def test_a_round_that_is_not_there_has_no_lists(worlds, kind):
    for path in (worlds.round.replace("2024", "2019"), f"/v1/campaigns/X-{uuid.uuid4().hex[:6]}/rounds/2024"):
        problem(worlds.clients["auditor"].get(f"{path}/{kind}"), 404, "not-found")


def test_the_awards_of_a_round_are_public_once_published(service, clients):
    """V.3: the same as /v1/awards says of them, and not a day earlier."""
    held = AwardRound(service, clients, 2)
    decision, path = held.draft(held.units), f"{held.round}/awards"
    assert clients["anyone"].get(path).json() == {"items": [], "next": None}
    held.done(held.sign(decision, number()))
    for client in (clients["anyone"], held.unit_client, held.auditor):
        assert client.get(path).json() == {"items": [], "next": None}
    held.publish(decision)
    for client in (clients["anyone"], held.unit_client, held.auditor):
        shown = items(client, path)
        assert sorted(a["unit_id"] for a in shown) == sorted(held.units)
        assert shown == items(client, "/v1/awards", campaign=held.campaign.rsplit("/", 1)[1])
        assert shown == [client.get(f"/v1/awards/{a['id']}").json() for a in shown]
        assert client.get(path, headers={"If-None-Match": client.get(path).headers["ETag"]}).status_code == 304
    unit = held.units[0]
    assert [a["unit_id"] for a in items(clients["anyone"], path, unit_id=unit)] == [unit]
    assert items(clients["anyone"], path, state="REVOKED") == [] and len(items(clients["anyone"], path, state="ACTIVE")) == 2
    first = clients["anyone"].get(path, params={"limit": 1}).json()
    assert len(first["items"] + items(clients["anyone"], path, limit=1, cursor=first["next"])) == 2


def test_proposals_of_all_rounds(worlds):
    """Of each what the single one says; by campaign, year and state."""
    auditor, path = worlds.clients["auditor"], "/v1/proposals"
    (shown,) = items(auditor, path, campaign=worlds.code)
    assert shown == auditor.get(f"{path}/{shown['id']}").json() and [shown] == items(auditor, f"{worlds.round}/proposals")
    assert shown["state"] == "DECIDED"
    assert items(auditor, path, campaign=worlds.code, year=2024, state="DECIDED") == [shown]
    assert items(auditor, path, campaign=worlds.code, year=2025) == [] == items(auditor, path, campaign=worlds.code, state="DRAFT")
    assert shown["id"] in {p["id"] for p in items(auditor, path, state="DECIDED", limit=200)}
    problem(auditor.get(path, params={"state": "NONE"}), 400, "invalid-query")
    for name in ("body", "viewer", "initiative_council", "admin"):
        problem(worlds.callers[name].get(path), 403, "forbidden")
