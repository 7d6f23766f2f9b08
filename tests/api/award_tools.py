"""A round with eligible units, and the way from there to signed awards, for tests of what comes at its end."""
import datetime
import itertools
import json

from conftest import make_campaign, make_unit
from dossier_tools import PDF, make_pdf
from service import Client

VIETNAM = datetime.timezone(datetime.timedelta(hours=7))


_numbers = itertools.count(1000)


def number():
    """Of a decision: a number is used once a year in the whole database."""
    return f"{next(_numbers)}/QĐ-UBND"


def today():
    return datetime.datetime.now(VIETNAM).date().isoformat()


class AwardRound:
    """Units under one sở, each outstanding, with a recognised initiative and a complete dossier received in time. They are on no
    list of assessed units, so III.1.b does not apply to them."""

    def __init__(self, service, clients, count, year=2024, campaign=None):
        self.service, self.year = service, year
        self.admin, self.home, self.chair = clients["admin"], clients["home_affairs"], clients["chair_office"]
        self.council, self.auditor = clients["initiative_council"], clients["auditor"]
        self.campaign = campaign or make_campaign(service)
        self.round = f"{self.campaign}/rounds/{year}"
        self.parent = make_unit(self.admin)["id"]
        self.unit_client = service.key("unit", self.parent)
        self.units, self.initiatives = [], {}
        for _ in range(count):
            self.add_unit()
        self.nominate(self.units)
        self.declare_registers()

    def done(self, answer):
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def etag(self, path):
        return {"If-Match": self.auditor.get(path).headers["ETag"]}

    def move(self, client, path, action, **body):
        return client.post(f"{path}/transitions", json={"action": action, **body}, headers=self.etag(path))

    def add_unit(self):
        unit = make_unit(self.admin, kind="PROVINCIAL_SUBUNIT", parent_id=self.parent)["id"]
        self.done(self.home.put(f"{self.round}/contestants/{unit}", json={
            "group": "UNIT_UNDER_SO", "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV",
            "members_total": 9, "members_women": 4}))
        self.done(self.home.put(f"{self.round}/findings/{unit}", json={"contents": [
            {"content": c, "score": "95", "result": "OUTSTANDING_LEADING", "reason": "Dẫn đầu khối", "evidence": []} for c in "ABCD"]}))
        self.units.append(unit)
        self.initiatives[unit] = self.recognised_initiative(unit)
        return unit

    def recognised_initiative(self, unit):
        made = self.done(self.unit_client.post("/v1/initiatives", json={
            "unit_id": unit, "title": "Giải pháp", "summary": "Rút ngắn thời gian", "kind": "SOLUTION", "applied_from": f"{self.year}-03-01"}))
        path = f"/v1/initiatives/{made['id']}"
        self.done(self.council.put(f"{path}/recognition", headers=self.etag(path), json={
            "council": "PROVINCIAL", "outcome": "RECOGNISED", "recognised_on": f"{self.year + 1}-01-20", "decision_number": "88/QĐ-HĐSK"}))
        return made["id"]

    def nominate(self, units, **votes):
        path = "/v1/dossiers/" + self.done(self.unit_client.post("/v1/dossiers", json={
            "campaign": self.campaign.rsplit("/", 1)[1], "year": self.year, "nominator_unit_id": self.parent}))["id"]
        places = ["documents/TO_TRINH", "documents/MINUTES"]
        for unit in units:
            self.done(self.unit_client.put(f"{path}/nominations/{unit}", json=votes))
            places.append(f"nominations/{unit}/documents/REPORT")
        for place in places:
            self.done(self.unit_client.put(f"{path}/{place}", data=make_pdf(place), headers=PDF))
        self.done(self.move(self.unit_client, path, "lodge"))
        self.done(self.move(self.home, path, "accept", received_at=f"{self.year}-12-20T09:00:00+07:00", source="Sổ công văn đến"))
        self.dossier = path

    def declare_registers(self):
        for register in ("initiatives", "discipline", "proceedings", "scores", "awards"):
            path = f"{self.round}/registers/{register}"
            self.done(self.home.put(path, headers=self.etag(path), json={
                "complete": True, "complete_through": today(), "source": "Rà soát"}))

    def evaluate(self, **body):
        return self.done(self.home.post(f"{self.round}/evaluations", json=body))["id"]

    def standings(self, evaluation):
        return {item["unit_id"]: item for item in self.done(self.auditor.get(f"/v1/evaluations/{evaluation}/standings"))["items"]}

    def override(self, evaluation, unit, decided, client=None, **more):
        return (client or self.home).post(f"/v1/evaluations/{evaluation}/overrides", json={
            "unit_id": unit, "decided": decided, "reason": "Theo ý kiến của Hội đồng", "legal_basis": "7/TB-HĐTĐKT", **more})

    def sure_of_places(self, units):
        """An evaluation in which all of them have a place, decided by people where there are more of them than places."""
        evaluation = self.evaluate()
        standings = self.standings(evaluation)
        for unit in units:
            if standings[unit]["overall"] == "ELIGIBLE" and standings[unit]["status"] != "SECURE":
                self.done(self.override(evaluation, unit, "SECURE"))
        return evaluation

    def proposal(self, units, initiatives=None, evaluation=None):
        """Proposed, not yet submitted; by an evaluation of its own, unless one is given in which they are sure of places."""
        answer = self.home.post(f"{self.round}/proposals", json={
            "evaluation_id": evaluation or self.sure_of_places(units), "letter_number": "1082/TTr-SNV",
            "units": [{"unit_id": u, **({"initiative_id": initiatives[u]} if initiatives else {})} for u in units]})
        return "/v1/proposals/" + self.done(answer)["id"]

    def submitted(self, units, **more):
        path = self.proposal(units, **more)
        self.done(self.move(self.home, path, "submit"))
        return path

    def draft(self, units, **more):
        """A decision ready to be signed."""
        proposal = self.submitted(units, **more)
        made = self.done(self.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}))
        return f"/v1/decisions/{made['id']}"

    def sign(self, decision, number, client=None, **body):
        return (client or self.chair).post(f"{decision}/sign", json={"number": number, **body}, headers=self.etag(decision))

    def publish(self, decision):
        return self.done(self.chair.post(f"{decision}/publish", headers=self.etag(decision)))

    def another_chair(self):
        return Client(self.service.base, self.service.key("chair_office").key)

    def count(self):
        return int(self.service.psql(
            f"SELECT count(*) FROM awards WHERE campaign = '{self.campaign.rsplit('/', 1)[1]}' AND year = {self.year}"))


def merge(client, path, body, etag):
    return client.patch(path, data=json.dumps(body), headers={"Content-Type": "application/merge-patch+json", **etag})
