"""The life of a certificate: issued, replaced for a reason, given back when its award is revoked."""
import pytest

from award_tools import AwardRound, merge, number, today
from service import problem

FIRST = {"certificate_number": "112/BK", "issued_on": today()}


class Awarded(AwardRound):
    """One award, signed."""

    def __init__(self, service, clients):
        super().__init__(service, clients, 1)
        self.decision = self.draft(self.units)
        self.done(self.sign(self.decision, number()))
        self.award = f"/v1/awards/{service.psql(f'''SELECT id FROM awards WHERE unit_id = '{self.units[0]}' ''')}"
        self.path = f"{self.award}/certificate"

    def issue(self, client=None, etag=None, **body):
        return (client or self.home).put(self.path, json={**FIRST, **body}, headers={"If-Match": etag} if etag else {})

    def replace(self, **body):
        return self.issue(etag=self.auditor.get(self.path).headers["ETag"], **body)

    def revoke(self):
        made = "/v1/decisions/" + self.done(self.chair.post("/v1/decisions", json={
            "kind": "REVOKE", "subject_id": self.decision.rsplit("/", 1)[1], "ground": "FRAUD", "reason": "Gian dối"}))["id"]
        self.done(self.sign(made, number()))
        return made


@pytest.fixture
def held(service, clients):
    return Awarded(service, clients)


def test_a_certificate_is_issued_and_replaced_and_its_history_stays(held):
    before = held.auditor.get(held.path)
    assert (before.json()["state"], before.json()["certificate_number"], before.json()["issues"]) == ("NOT_ISSUED", None, [])
    made = held.issue(etag=before.headers["ETag"])  # of the award: it may be named, and need not
    assert made.status_code == 201 and made.headers["Location"] == held.path, made.text
    assert (made.json()["state"], made.json()["certificate_number"], made.json()["issued_on"]) == ("ISSUED", "112/BK", today())
    assert held.auditor.get(held.path).headers["ETag"] == made.headers["ETag"]
    again = held.replace(certificate_number="140/BK", reason="LOST", source="61/SYT-VP")
    assert again.status_code == 200 and again.json()["certificate_number"] == "140/BK", again.text
    assert again.json() == held.home.get(held.path).json()
    assert [(i["certificate_number"], i["reason"], i["source"], i["replaced_on"]) for i in again.json()["issues"]] == [
        ("112/BK", None, None, today()), ("140/BK", "LOST", "61/SYT-VP", None)]
    assert held.service.psql(f"SELECT string_agg(concat_ws(' by ', type, reason), ', ' ORDER BY id) FROM journal WHERE resource = '{held.path}'") == \
        "certificate.issued, certificate.replaced by 61/SYT-VP"


@pytest.mark.parametrize("first, body, pointer", [
    (True, {"reason": "LOST"}, "/reason"), (False, {}, "/reason"), (False, {"reason": None}, "/reason"), (False, {"reason": "SOLD"}, "/reason"),
    (True, {"issued_on": "2001-01-01"}, "/issued_on"), (True, {"issued_on": "2999-01-01"}, "/issued_on"),
    (True, {"certificate_number": " "}, "/certificate_number")])
def test_what_does_not_fit_is_refused(held, first, body, pointer):
    if not first:
        held.done(held.issue())
    found = problem(held.issue(**body) if first else held.replace(**body), 422, "invalid")
    assert found["errors"][0]["pointer"] == pointer
    assert len(held.auditor.get(held.path).json()["issues"]) == (0 if first else 1)


def test_a_replacement_is_not_dated_before_what_it_replaces(service, held):
    held.done(held.issue())
    service.psql(f"UPDATE certificates SET issued_on = issued_on + 1 WHERE award_id = '{held.award.rsplit('/', 1)[1]}'")
    found = problem(held.replace(reason="DAMAGED"), 422, "invalid")
    assert found["errors"][0]["code"] == "certificate_before_the_last"


def test_a_certificate_is_issued_so_often(service, held):
    """An award is shown with all that were issued for it."""
    held.done(held.issue())
    award = held.award.rsplit("/", 1)[1]
    assert service.psql(f"UPDATE certificates SET issue = 99, reason = 'LOST' WHERE award_id = '{award}'") == "UPDATE 1"
    held.done(held.replace(reason="DAMAGED"))
    assert "100 times" in problem(held.replace(reason="DAMAGED"), 409, "conflict")["detail"]
    assert service.psql(f"SELECT max(issue) FROM certificates WHERE award_id = '{award}'") == "100"


def test_home_affairs_alone_records_it_and_by_the_version(held):
    for client in (held.chair, held.auditor, held.unit_client):
        problem(held.issue(client), 403, "forbidden")
    problem(held.issue(etag='"0"'), 412, "stale-version")
    held.done(held.issue())
    problem(held.issue(reason="LOST"), 428, "version-required")


def test_a_unit_sees_its_own_and_a_revocation_once_it_is_published(service, clients, unit, held):
    problem(held.unit_client.get(held.path), 404, "not-found")  # the award is not published
    held.publish(held.decision)
    held.done(held.issue())
    known = held.unit_client.get(held.path)
    assert known.json()["state"] == "ISSUED"
    problem(service.key("unit", unit()["id"]).get(held.path), 404, "not-found")
    problem(clients["viewer"].get(held.path), 403, "forbidden")
    revocation = held.revoke()
    assert held.auditor.get(held.path).json()["state"] == "TO_RECOVER" and held.unit_client.get(held.path).json()["state"] == "ISSUED"
    assert merge(held.home, held.award, {"certificate_recovered_on": today()}, held.etag(held.award)).status_code == 200
    hidden = held.unit_client.get(held.path)
    assert (hidden.json()["recovered_on"], hidden.headers["ETag"]) == (None, known.headers["ETag"])
    held.publish(revocation)
    assert (held.unit_client.get(held.path).json()["state"], held.unit_client.get(held.path).json()["recovered_on"]) == ("RECOVERED", today())


def test_a_revoked_award_gets_no_certificate(held):
    held.revoke()
    assert problem(held.issue(), 409, "conflict")
    assert held.auditor.get(held.path).json()["state"] == "NOT_ISSUED"  # nothing is to be given back
