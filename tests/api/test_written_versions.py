"""What the answer to a write bears, the next write needs: its ETag is what a GET of the resource gives the same caller, so that nobody
reads what they have just written (RFC 9110 section 8.8.3; a document's is the ETag of its dossier, which the next write must match)."""
import uuid

import pytest

from award_tools import AwardRound, number, today
from conftest import PLAN, make_unit
from dossier_tools import PDF, make_pdf
from service import Client
from test_authorisation import about
from test_body_examples import example_of
from test_contract import ROUTES

WRITES = {key for key, route in ROUTES.items() if route["write"]}
# What no later write matches, and why.
NO_ETAG = {
    **{("POST", path): "several resources" for path in (
        "/v1/imports", "/v1/units/successions", "/v1/discipline-records/batch", "/v1/scores/transitions", "/v1/scores/appraisals",
        "/v1/dossiers/transitions", *(f"/v1/campaigns/{{code}}/rounds/{{year}}/{list}" for list in ("registers", "findings", "reports", "notifications")))},
    ("DELETE", "/v1/campaigns/{code}/rounds/{year}/contestants/{unit_id}"): "nothing is left",
    ("DELETE", "/v1/units/{id}"): "nothing is left", ("DELETE", "/v1/webhooks/{id}"): "nothing is left",
    ("POST", "/v1/webhooks/{id}/test"): "makes an event", ("POST", "/v1/webhooks/{id}/deliveries/{seq}/resend"): "makes a delivery",
}
ROUND = "/v1/campaigns/{code}/rounds/{year}"


def template_of(method, path):
    parts = path.split("?")[0].split("/")
    fit = [t for m, t in WRITES if m == method and len(t.split("/")) == len(parts)
           and all(a == b or a.startswith("{") for a, b in zip(t.split("/"), parts))]
    return (method, min(fit, key=lambda t: t.count("{")))


class Watching(Client):
    """Reads after each write what it was told of."""
    seen = set()

    def request(self, method, url, **kwargs):
        answer = super().request(method, url, **kwargs)
        if method not in ("GET", "HEAD") and answer.status_code < 300:
            key = template_of(method, url)
            self.seen.add(key)
            if key not in NO_ETAG:
                place = self.place(key, url, answer)
                again = super().request("GET", place)
                assert again.status_code == 200, (key, place, again.text)
                told, found = answer.headers.get("ETag"), again.headers["ETag"]
                if "webhooks" in key[1]:  # what was delivered meanwhile shows too, under the same version
                    told, found = told.split("-")[0], found.split("-")[0]
                assert told == found, (key, place)
        return answer

    @staticmethod
    def place(key, url, answer):
        """Of a part of a dossier the dossier; of a step what takes it."""
        path = url.split("?")[0]
        if "documents/" in key[1] or key[1].endswith("/evidence") or key == ("DELETE", "/v1/dossiers/{id}/nominations/{unit_id}"):
            return "/".join(path.split("/")[:4])
        steps = ("transitions", "sign", "publish", "cancel", "rotate", "rotate-secret", "appraisal", "recognition", "notification", "confirmation", "successions", "criteria-set")
        return path.rsplit("/", 1)[0] if path.rsplit("/", 1)[1] in steps else answer.headers.get("Location") or path


class Watched:
    """The service, with keys that watch."""

    def __init__(self, service, clients):
        self.service, self.base, self.psql, self.command = service, service.base, service.psql, service.command
        self.clients = {role: Watching(service.base, client.key) if "Authorization" in client.headers else client
                        for role, client in clients.items()}

    def key(self, *arguments):
        return Watching(self.base, self.service.key(*arguments).key)


def ok(answer):
    assert answer.status_code < 300, answer.text
    return answer


def next_of(answer):
    """The header of the next write."""
    return {"If-Match": answer.headers["ETag"]}


@pytest.fixture(scope="module")
def watched(service, clients):
    return Watched(service, clients)


@pytest.fixture(scope="module")
def held(watched):
    return AwardRound(watched, watched.clients, 2)


def test_a_round_to_the_end(held):
    home, chair, unit = held.home, held.chair, held.units[0]
    code = held.campaign.rsplit("/", 1)[1]
    changed = ok(home.merge(held.round, {"conference_on": "2999-03-20"}, held.auditor.get(held.round).headers["ETag"]))
    ok(home.post(f"{held.round}/transitions", json={"action": "start_appraisal"}, headers=next_of(changed)))
    quota = ok(home.put(f"{held.round}/quota", json={"allocation": [{"group": "UNIT_UNDER_SO", "slots": 5}], "reason": "Phân bổ"},
                        headers=held.etag(f"{held.round}/quota")))
    ok(home.put(f"{held.round}/quota", json={"allocation": [{"group": "UNIT_UNDER_SO", "slots": 6}], "reason": "Phân bổ lại"}, headers=next_of(quota)))
    none = {"parameters": [], "reason": "Không còn tham số nào"}
    given = ok(home.put(f"{held.round}/parameters", json=none, headers=held.etag(f"{held.round}/parameters")))
    ok(home.put(f"{held.round}/parameters", json=none, headers=next_of(given)))
    other = make_unit(held.admin)["id"]
    entry = {"group": "SO_BAN_NGANH", "on_assessed_list": False}
    entered = ok(home.put(f"{held.round}/contestants/{other}", json=entry))
    entered = ok(home.put(f"{held.round}/contestants/{other}", json=entry, headers=next_of(entered)))
    ok(home.delete(f"{held.round}/contestants/{other}", headers=next_of(entered)))
    finding = {"contents": [{"content": c, "score": "95", "result": "OUTSTANDING_LEADING", "reason": "Dẫn đầu"} for c in "ABCD"]}
    put = ok(home.put(f"{held.round}/findings/{unit}", json=finding, headers=held.etag(f"{held.round}/findings/{unit}")))
    ok(home.put(f"{held.round}/findings/{unit}", json=finding, headers=next_of(put)))
    report = {"document_number": "1/BC-SYT", "document_date": "2024-12-01"}
    filed = ok(held.unit_client.put(f"{held.round}/reports/{held.parent}", json=report))
    filed = ok(held.unit_client.put(f"{held.round}/reports/{held.parent}", json=report, headers=next_of(filed)))
    ok(home.put(f"{held.round}/reports/{held.parent}/confirmation", json={"confirmed_by": "Nguyễn Thị Hoa", "confirmed_on": today()},
                headers=next_of(filed)))
    path = f"{held.round}/registers/scores"
    declared = ok(home.put(path, headers=held.etag(path), json={"complete": True, "complete_through": today(), "source": "Rà soát"}))
    ok(home.put(path, headers=next_of(declared), json={"complete": True, "complete_through": today(), "source": "Rà soát lại"}))
    ok(home.post(f"{held.round}/registers", json={"declarations": [
        {"register": "scores", "complete": True, "complete_through": today(), "source": "Rà soát"}]}))
    ok(home.post(f"{held.round}/tie-decisions", json={"units": held.units, "method": "LOT", "reason": "Bốc thăm", "document": "15/BB"}))
    evaluation = held.evaluate()
    ok(held.override(evaluation, held.units[1], "OUT"))
    evaluation = held.evaluate()
    made = ok(home.post(f"{held.round}/proposals", json={"evaluation_id": evaluation, "letter_number": "9/TTr-SNV", "units": [{"unit_id": unit}]}))
    proposal = made.headers["Location"]
    submitted = ok(home.post(f"{proposal}/transitions", json={"action": "submit"}, headers=next_of(made)))
    back = ok(chair.post(f"{proposal}/transitions", json={"action": "return", "reason": "Rà soát"}, headers=next_of(submitted)))
    ok(home.post(f"{proposal}/transitions", json={"action": "submit"}, headers=next_of(back)))
    body = {"kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}
    draft = ok(chair.post("/v1/decisions", json=body))
    ok(chair.post(draft.headers["Location"] + "/cancel", json={"reason": "Thôi"}, headers=next_of(draft)))
    draft = ok(chair.post("/v1/decisions", json=body))
    decision = draft.headers["Location"]
    signed = ok(chair.post(f"{decision}/sign", json={"number": number()}, headers=next_of(draft)))
    ok(chair.post(f"{decision}/publish", headers=next_of(signed)))
    held.done(home.put(f"{held.dossier}/nominations/{unit}/notification", json={"notified_on": today()}, headers=held.etag(held.dossier)))
    award = "/v1/awards/" + held.auditor.get("/v1/awards", params={"campaign": code}).json()["items"][0]["id"]
    issued = ok(home.put(f"{award}/certificate", json={"certificate_number": "1/BK", "issued_on": today()}))
    ok(home.put(f"{award}/certificate", json={"certificate_number": "2/BK", "issued_on": today(), "reason": "LOST"}, headers=next_of(issued)))
    revocation = ok(chair.post("/v1/decisions", json={"kind": "REVOKE", "subject_id": decision.rsplit("/", 1)[1], "ground": "FRAUD", "reason": "Gian dối"}))
    place = revocation.headers["Location"]
    signed = ok(chair.post(f"{place}/sign", json={"number": number()}, headers=next_of(revocation)))
    ok(chair.post(f"{place}/publish", headers=next_of(signed)))
    ok(home.merge(award, {"certificate_recovered_on": today()}, home.get(award).headers["ETag"]))
    ok(home.put(f"{held.campaign}/criteria-set", json={"name": PLAN["criteria_set"]["name"], "version": 1, "reason": "Lấy lại"},
                headers=held.etag(held.campaign)))


def test_a_dossier(held):
    """By the tags of its parts alone: each changes the dossier."""
    unit, own, home = make_unit(held.admin, kind="PROVINCIAL_SUBUNIT", parent_id=held.parent)["id"], held.unit_client, held.home
    ok(home.put(f"{held.round}/contestants/{unit}", json={
        "group": "UNIT_UNDER_SO", "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV"}))
    made = ok(own.post("/v1/dossiers", json={"campaign": held.campaign.rsplit("/", 1)[1], "year": 2024, "nominator_unit_id": held.parent}))
    path = made.headers["Location"]
    last = ok(own.merge(path, {"letter_number": "3/TTr-SYT"}, made.headers["ETag"]))
    last = ok(own.put(f"{path}/nominations/{unit}", json={}, headers=next_of(last)))
    last = ok(own.put(f"{path}/nominations/{unit}", json={}, headers=next_of(last)))
    last = ok(own.put(f"{path}/minutes", json={"members": [{"name": "Trần Văn A", "attendance": "PRESENT"}]}, headers=next_of(last)))
    last = ok(own.delete(f"{path}/nominations/{unit}", headers=next_of(last)))
    last = ok(own.put(f"{path}/nominations/{unit}", json={}, headers=next_of(last)))
    for place in ("documents/TO_TRINH", f"nominations/{unit}/documents/REPORT"):
        for step in range(2):
            last = ok(own.put(f"{path}/{place}", data=make_pdf(f"{place} {step}"), headers={**PDF, **next_of(last)}))
        last = ok(own.delete(f"{path}/{place}", headers=next_of(last)))
        last = ok(own.put(f"{path}/{place}", data=make_pdf(place), headers={**PDF, **next_of(last)}))
    last = ok(own.put(f"{path}/documents/MINUTES", data=make_pdf("biên bản"), headers={**PDF, **next_of(last)}))
    last = ok(own.post(f"{path}/nominations/{unit}/evidence", params={"title": "Giấy"}, data=make_pdf("giấy"), headers={**PDF, **next_of(last)}))
    last = ok(own.post(f"{path}/transitions", json={"action": "lodge"}, headers=next_of(last)))
    last = ok(home.post(f"{path}/transitions", json={"action": "accept_late", "reason": "Bão"}, headers=next_of(last)))
    last = ok(home.post(f"{path}/transitions", json={"action": "return", "reason": "Thiếu"}, headers=next_of(last)))
    ok(own.post(f"{path}/transitions", json={"action": "withdraw", "reason": "Rút"}, headers=next_of(last)))


def test_a_scorecard(held, watched):
    frame, unit = f"t-{uuid.uuid4().hex[:8]}", make_unit(held.admin)["id"]
    own, home, chair = watched.key("unit", unit), held.home, held.chair
    nodes = [{"code": "1", "text_vi": "Chỉ đạo", "kind": "NORMAL", "maximum": "10"}]
    last = ok(home.put(f"/v1/score-frames/{frame}/2024", json={"tier": "SO", "nodes": nodes}))
    ok(home.put(f"/v1/score-frames/{frame}/2024", json={"tier": "SO", "nodes": nodes}, headers=next_of(last)))
    card = f"/v1/scores/{unit}/2024"
    last = ok(own.put(card, json={"frame": frame, "leaves": [{"code": "1", "self_points": "9"}]}))
    last = ok(own.put(card, json={"frame": frame, "leaves": [{"code": "1", "self_points": "10"}]}, headers=next_of(last)))
    last = ok(own.post(f"{card}/transitions", json={"action": "submit"}, headers=next_of(last)))
    last = ok(home.put(f"{card}/appraisal", json={"leaves": [{"code": "1", "appraised_points": "9"}]}, headers=next_of(last)))
    for client, body in ((home, {"action": "appraise"}), (home, {"action": "finalise"}),
                         (chair, {"action": "approve", "decision_number": "310/QĐ-UBND", "decision_date": "2025-02-10"}), (home, {"action": "publish"})):
        last = ok(client.post(f"{card}/transitions", json=body, headers=next_of(last)))


def test_records_of_a_unit(held):
    unit, home = held.units[1], held.home
    made = ok(held.unit_client.post("/v1/initiatives", json={"unit_id": unit, "title": "Giải pháp", "summary": "Ngắn", "kind": "SOLUTION",
                                                             "applied_from": "2024-03-01"}))
    path = made.headers["Location"]
    last = ok(held.unit_client.merge(path, {"title": "Giải pháp khác"}, made.headers["ETag"]))
    ok(held.council.put(f"{path}/recognition", headers=next_of(last), json={
        "council": "PROVINCIAL", "outcome": "RECOGNISED", "recognised_on": "2025-01-20", "decision_number": "88/QĐ-HĐSK"}))
    made = ok(home.post("/v1/discipline-records", json=about(example_of(("POST", "/v1/discipline-records")), {"unit_id": unit})))
    ok(home.merge(made.headers["Location"], {"status": "ANNULLED", "reason": "Hủy"}, made.headers["ETag"]))
    made = ok(home.post("/v1/proceedings", json=about(example_of(("POST", "/v1/proceedings")), {"unit_id": unit})))
    ok(home.post(made.headers["Location"] + "/transitions", headers=next_of(made), json={
        "action": "close_cleared", "closed_on": today(), "reason": "Kết luận"}))


def test_what_the_operator_keeps(held):
    admin, tag = held.admin, uuid.uuid4().hex
    key = ok(admin.post("/v1/keys", json={"name": f"Khóa {tag}", "roles": ["viewer"]}))
    place = f"/v1/keys/{key.json()['id']}"
    ok(Watching(admin.base, key.json()["key"]).post(f"{place}/rotate", json={"overlap_hours": 1}, headers=next_of(key)))
    ok(admin.delete(place))
    unit = {"name": f"Sở {tag}", "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}
    made = ok(admin.post("/v1/units", json=unit))
    last = ok(admin.merge(made.headers["Location"], {"valid_from": "2022-01-01", "name": f"Ban {tag}"}, made.headers["ETag"]))
    new = ok(admin.post("/v1/units", json={**unit, "name": f"Sở mới {tag}"}))
    ok(admin.post(made.headers["Location"] + "/successions", headers=next_of(last), json={
        "kind": "MERGE", "effective_on": "2025-03-01", "legal_basis": "123/NQ-HĐND", "successors": [new.json()["id"]]}))
    gone = ok(admin.post("/v1/units", json={**unit, "name": f"Nhầm {tag}"}))
    ok(admin.request("DELETE", gone.headers["Location"], headers=next_of(gone), params={"reason": "Nhập nhầm"}))
    ok(admin.post("/v1/imports", params={"kind": "units"}, headers={"Content-Type": "text/csv"}, data=(
        f"name,kind,valid_from\nSở nhập {tag},PROVINCIAL_BODY,2024-01-01\n").encode()))
    document = {"document": {**PLAN["criteria_set"], "name": f"v-{tag[:8]}", "version": 1}}
    made = ok(admin.post("/v1/criteria-sets", json=document))
    last = ok(admin.put(made.headers["Location"], json=document, headers=next_of(made)))
    ok(admin.post(made.headers["Location"] + "/publish", headers=next_of(last)))


def test_webhooks(held):
    auditor = held.auditor
    made = ok(auditor.post("/v1/webhooks", json={"url": "https://van-ban.example/thidua", "types": ["thidua.decision.*"]}))
    path = made.headers["Location"]
    last = ok(auditor.merge(path, {"description": "Ví dụ"}, made.headers["ETag"]))
    last = ok(auditor.post(f"{path}/rotate-secret", json={}, headers=next_of(last)))
    last = ok(auditor.merge(path, {"state": "PAUSED"}, last.headers["ETag"]))
    ok(auditor.delete(path, headers=next_of(last)))


def test_every_write_was_seen():
    """By the tests above, in one process (loadfile)."""
    elsewhere = {key for key, reason in NO_ETAG.items() if reason != "nothing is left"}  # no ETag: nothing to see
    assert sorted(WRITES - Watching.seen - elsewhere) == []


@pytest.mark.parametrize("path", ["documents/TO_TRINH", "transitions"])
def test_an_answer_given_again_has_the_same_etag(held, path):
    own = held.unit_client
    made = ok(own.post("/v1/dossiers", json={"campaign": held.campaign.rsplit("/", 1)[1], "year": 2024, "nominator_unit_id": held.parent}))
    dossier, key = made.headers["Location"], {"Idempotency-Key": f'"{uuid.uuid4()}"'}

    def write():
        if path == "transitions":
            return own.post(f"{dossier}/{path}", json={"action": "withdraw"}, headers={**next_of(made), **key})
        return own.put(f"{dossier}/{path}", data=pdf, headers={**PDF, **key})
    pdf = make_pdf("một")
    first, again = ok(write()), ok(write())
    assert again.headers["Idempotency-Replayed"] == "true" and first.headers["ETag"] == again.headers["ETag"]
