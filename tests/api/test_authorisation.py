"""Who may do what: every route of the service × every kind of caller, against authorisation.txt.

A cell is 401, 403 or 404 (the caller may not know that it exists), or `ok`: not refused for who the caller is, whatever else
becomes of the call. Callers: nobody (no key), a viewer, the unit that owns what is asked for, a unit that does not, and the offices.
A refused call writes nothing."""
import pathlib

import pytest

from contract import OPERATIONS, resolve
from conftest import make_campaign, make_unit
from dossier_tools import PDF, make_pdf
from service import Client
from test_contract import ROUTES, examples_of

FILE = pathlib.Path(__file__).with_name("authorisation.txt")
CALLERS = ["nobody", "viewer", "owner", "stranger", "home_affairs", "initiative_council", "chair_office", "auditor", "admin"]


def read_table():
    table = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            method, path, *cells = line.split()
            table[method, path] = dict(zip(CALLERS, cells, strict=True))
    return table


TABLE = read_table()


def route_of(key):
    return key[0], key[1].partition("?")[0]


def about(example, names):
    """The example with things that exist: the value of each member, wherever it stands, that `names` has another for."""
    if isinstance(example, dict):
        return {member: names.get(member, about(value, names)) for member, value in example.items()}
    return [about(item, names) for item in example] if isinstance(example, list) else example


class World:
    """One thing of every kind, all of one unit's, and the callers."""

    def __init__(self, service, clients):
        admin, home = clients["admin"], clients["home_affairs"]
        self.campaign = make_campaign(service)
        self.round = f"{self.campaign}/rounds/2024"
        unit = make_unit(admin)["id"]
        self.callers = {"nobody": clients["anyone"], "owner": service.key("unit", unit),
                        "stranger": service.key("unit", make_unit(admin)["id"]), **clients}
        self.auditor, owner, council = clients["auditor"], self.callers["owner"], clients["initiative_council"]
        self.done(home.put(f"{self.round}/contestants/{unit}", json={
            "group": "SO_BAN_NGANH", "on_assessed_list": True, "advises_par": False, "source_document": "12/QĐ-SNV"}))
        self.done(home.put(f"{self.round}/findings/{unit}", json={"contents": [
            {"content": "A", "score": "90", "result": "OUTSTANDING", "reason": "Tốt", "evidence": []}]}))
        self.done(owner.put(f"{self.round}/reports/{unit}", json={
            "document_number": "1/BC-UBND", "document_date": "2024-12-01", "summary": "Tóm tắt"}))
        frame = f"t-{unit[:8]}"
        self.done(home.put(f"/v1/score-frames/{frame}/2024", json={
            "tier": "SO", "nodes": [{"code": "1", "text_vi": "Một", "kind": "NORMAL", "maximum": "10"}]}))
        self.done(owner.put(f"/v1/scores/{unit}/2024", json={"frame": frame, "leaves": [{"code": "1", "self_points": "9"}]}))
        initiative = self.done(owner.post("/v1/initiatives", json={
            "unit_id": unit, "title": "Giải pháp", "summary": "Tóm tắt", "kind": "SOLUTION", "applied_from": "2024-03-01"}))["id"]
        dossier = self.done(owner.post("/v1/dossiers", json={
            "campaign": self.campaign.rsplit("/", 1)[1], "year": 2024, "nominator_unit_id": unit}))["id"]
        self.done(owner.put(f"/v1/dossiers/{dossier}/nominations/{unit}", json={}))
        for place in ("documents/TO_TRINH", "documents/MINUTES", f"nominations/{unit}/documents/REPORT"):
            self.done(owner.put(f"/v1/dossiers/{dossier}/{place}", data=make_pdf(), headers=PDF))
        self.done(owner.post(f"/v1/dossiers/{dossier}/nominations/{unit}/evidence", params={"title": "Giấy"},
                             data=make_pdf("khác"), headers=PDF))
        discipline = self.done(home.post("/v1/discipline-records", json={
            "unit_id": unit, "person_name": "Người giả định", "position": "OTHER", "regime": "CIVIL_SERVANT", "level": "KHIEN_TRACH",
            "decision_number": "7/QĐ-UBND", "decision_date": "2024-03-01", "effective_from": "2024-03-01"}))["id"]
        proceeding = self.done(home.post("/v1/proceedings", json={"unit_id": unit, "kind": "INSPECTION", "opened_on": "2024-03-01"}))["id"]
        evaluation = self.done(home.post(f"{self.round}/evaluations", json={}))["id"]
        key = self.done(admin.post("/v1/keys", json={"name": "thử", "roles": ["viewer"]}))["id"]
        webhook = self.done(owner.post("/v1/webhooks", json={"url": "https://thidua.example/hook"}))
        self.done(owner.merge(f"/v1/webhooks/{webhook['id']}", {"state": "PAUSED"}, '"1"'))
        self.unit = unit
        self.values = {"version": "1", "code": self.campaign.rsplit("/", 1)[1], "year": "2024", "unit_id": unit, "register": "discipline", "name": frame, "seq": "1"}
        self.ids = {"units": unit, "dossiers": dossier, "initiatives": initiative, "discipline-records": discipline,
                    "proceedings": proceeding, "evaluations": evaluation, "keys": key,
                    "webhooks": webhook["id"]}

    @staticmethod
    def done(answer):
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def path(self, template):
        """What is asked for; of a kind of which there is none here, an id of nothing."""
        parts = template.split("/")
        there = self.ids.get(parts[2] if len(parts) > 2 else "", "00000000-0000-4000-8000-000000000000")
        values = {**self.values, "document": "REPORT" if "nominations" in parts else "TO_TRINH"}
        return "/".join(values.get(part[1:-1], there) if part.startswith("{") else part for part in parts)

    def body(self, route, key):
        """The example of the contract, about this unit."""
        if route["content_type"] == "application/pdf":
            return {"data": make_pdf("lại"), "headers": PDF}
        if route["content_type"] == "text/csv":
            return {"data": b"name,kind\n", "headers": {"Content-Type": "text/csv"}}
        if not route["content_type"]:
            return {}
        content = resolve(OPERATIONS[key]["requestBody"])["content"][route["content_type"]]
        names = {"unit_id": self.unit, "nominator_unit_id": self.unit, "campaign": self.values["code"]}
        return {"json": about(next(iter(examples_of(content))), names), "headers": {"Content-Type": route["content_type"]}}

    def written(self):
        head = self.auditor.get("/v1/journal/head").json()
        return head["seq"] + head["unsealed"]


@pytest.fixture(scope="module")
def world(service, clients):
    return World(service, clients)


def test_the_table_knows_every_route_and_no_other():
    assert sorted(ROUTES.keys() - TABLE.keys()) == [], f"add to {FILE.name}: METHOD PATH and a cell for each of {CALLERS}"
    assert sorted({route_of(key) for key in TABLE} - ROUTES.keys()) == [], f"take out of {FILE.name}"
    assert {path.partition("=")[2] for _, path in TABLE if "?kind=" in path} == set(ROUTES["POST", "/v1/imports"]["query"]["kind"]["choices"])


@pytest.mark.parametrize("key", sorted({*ROUTES, *TABLE}), ids=" ".join)
def test_who_may(key, world):
    found, route = {}, route_of(key)
    for name in CALLERS:
        before, client = world.written(), world.callers[name]
        stream = key[1] == "/v1/events/stream"
        answer = client.request(key[0], world.path(key[1]), stream=stream, **world.body(ROUTES[route], route))
        answer.close()
        refused = answer.status_code in (401, 403, 404)
        found[name] = str(answer.status_code) if refused else "ok"
        assert not refused or world.written() == before, (name, answer.text)
    assert found == TABLE.get(key), " ".join([*key, *found.values()])


def test_a_made_up_key_opens_nothing(service):
    for text in ("thd_" + "A" * 43, "thd_", "x", "Bearer", "thd_" + "A" * 5000):
        client = Client(service.base, text)
        for path in ("/v1/units", "/v1/me", "/v1/journal"):
            assert client.get(path).status_code in (401, 431)
