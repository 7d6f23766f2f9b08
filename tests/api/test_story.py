"""The round of 2024 of Plan 230/KH-UBND, whole: over HTTP only, each step by the right role, at the time it would be taken.

At every step each wrong role is refused and nothing changes. Units are invented figures under real names."""

import pytest

from service import ROLES, ROOT, Client, Service, free_port, problem

ROUND = "/v1/campaigns/230-KH-UBND/rounds/2024"
CSV = """gso_code,agency_code,name,kind,parent_gso_code,parent_agency_code,valid_from,legal_basis
70,H10,Tỉnh Bình Phước,PROVINCE,,,1997-01-01,
692,,Huyện Lộc Ninh,DISTRICT,70,,1997-01-01,
25270,,Xã Lộc Hưng,COMMUNE,692,,1997-01-01,
,H10.01,Văn phòng UBND tỉnh,PROVINCIAL_BODY,70,,1997-01-01,
,H10.02,Sở Nội vụ,PROVINCIAL_BODY,70,,1997-01-01,
,H10.03,Sở Y tế,PROVINCIAL_BODY,70,,1997-01-01,
,H10.04,Sở Tài chính,PROVINCIAL_BODY,70,,1997-01-01,
,H10.04.01,Văn phòng Sở Tài chính,PROVINCIAL_SUBUNIT,,H10.04,1997-01-01,
"""
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
FRAME = {"nodes": [
    {"code": "1", "text_vi": "Công tác chỉ đạo, điều hành", "kind": "NORMAL", "maximum": "60"},
    {"code": "2", "text_vi": "Cải cách thủ tục hành chính", "kind": "NORMAL", "maximum": "40"}]}


class Story:
    """The service through time: at() moves its clock by starting it again on the same data."""

    def __init__(self, var):
        self.service = Service(var)
        self.service.environment["THIDUA_LISTEN"] = f"127.0.0.1:{free_port()}"
        self.clients = {}

    def at(self, now):
        if self.service.process:
            assert self.service.stop() == 0
        self.service.environment["THIDUA_NOW"] = now
        self.service.start()

    def client(self, name, role=None, unit=None):
        return self.clients.setdefault(name, self.service.key(role or name, unit) if name != "anyone"
                                       else Client(self.service.base, language="en"))

    def written(self):
        """What somebody did: deadlines come near by themselves."""
        return self.service.psql("SELECT count(*) FROM journal WHERE type NOT LIKE 'deadline.%'")

    def do(self, name, method, path, status=None, refused=(), **arguments):
        """One step: first by every role that may not, who change nothing; then by the one who may."""
        before = self.written()
        for other in refused:
            answer = self.clients[other].request(method, path, **arguments)
            assert answer.status_code in (401, 403, 404), (other, method, path, answer.text)
        assert self.written() == before, (method, path)
        answer = self.clients[name].request(method, path, **arguments)
        assert answer.status_code == (status or {"POST": 201}.get(method, 200)), (name, method, path, answer.text, [line for line in self.service.log if "error" in line][-3:])
        assert self.written() != before
        return answer

    def etag(self, name, path):
        return {"If-Match": self.clients[name].get(path).headers["ETag"]}


@pytest.fixture
def story(var):
    story = Story(var)
    story.at("2024-09-02T09:00:00+07:00")
    loaded = story.service.command("load", str(ROOT / "campaigns/230-KH-UBND.json"))
    assert loaded.returncode == 0, loaded.stderr
    yield story
    assert story.service.stop() == 0


OTHERS = {role: [r for r in ["anyone", "viewer", "initiative_council", "auditor", "admin", "finance",
                             "home_affairs", "chair_office"] if r != role] for role in ROLES}


def import_units(story):
    story.client("admin")
    for role in ("viewer", "home_affairs", "initiative_council", "chair_office", "auditor", "anyone"):
        story.client(role)
    story.do("admin", "POST", "/v1/imports?kind=units", data=CSV.encode(), headers={"Content-Type": "text/csv"},
             refused=["anyone", "viewer", "auditor", "chair_office", "initiative_council"])
    items = story.clients["anyone"].get("/v1/units", params={"limit": 200}).json()["items"]
    units = {item["name"]: item["id"] for item in items}
    for name, unit in {"health": "Sở Y tế", "finance": "Sở Tài chính", "loc_ninh": "Huyện Lộc Ninh"}.items():
        story.client(name, "unit", units[unit])
    return {"health": units["Sở Y tế"], "finance": units["Sở Tài chính"], "finance_office": units["Văn phòng Sở Tài chính"],
            "loc_ninh": units["Huyện Lộc Ninh"], "office": units["Văn phòng UBND tỉnh"], "home": units["Sở Nội vụ"]}


def register_contestants(story, units):
    groups = {"health": ("SO_BAN_NGANH", True), "finance": ("SO_BAN_NGANH", True), "office": ("SO_BAN_NGANH", True),
              "finance_office": ("UNIT_UNDER_SO", False), "loc_ninh": ("HUYEN", True)}
    for name, (group, assessed) in groups.items():
        story.do("home_affairs", "PUT", f"{ROUND}/contestants/{units[name]}", status=201, refused=OTHERS["home_affairs"], json={
            "group": group, "on_assessed_list": assessed, "advises_par": True, "source_document": "12/QĐ-SNV"})
    story.do("home_affairs", "PUT", f"{ROUND}/quota", refused=OTHERS["home_affairs"], headers=story.etag("home_affairs", f"{ROUND}/quota"),
             json={"reason": "Phân bổ chỉ tiêu năm 2024", "allocation": [
                 {"group": "SO_BAN_NGANH", "slots": 2}, {"group": "UNIT_UNDER_SO", "slots": 1}, {"group": "HUYEN", "slots": 2}]})
    assert story.clients["anyone"].get(ROUND).json()["counts"]["contestants"] == 5


def self_score(story, units):
    for tier in ("SO", "HUYEN"):
        story.do("home_affairs", "PUT", f"/v1/score-frames/{tier.lower()}/2024", status=201, json={**FRAME, "tier": tier},
                 refused=["anyone", "viewer", "auditor", "chair_office", "health"])
    for name in ("health", "finance", "loc_ninh"):
        card = f"/v1/scores/{units[name]}/2024"
        other = "finance" if name == "health" else "health"
        story.do(name, "PUT", card, status=201, refused=[other, "anyone", "viewer", "home_affairs", "auditor", "chair_office"], json={
            "frame": "huyen" if name == "loc_ninh" else "so", "leaves": [{"code": "1", "self_points": "58"}, {"code": "2", "self_points": "38.50"}]})
        story.do(name, "POST", f"{card}/transitions", status=200, refused=[other, "viewer", "auditor"],
                 headers=story.etag(name, card), json={"action": "submit"})


def enter_initiatives(story, units):
    made = {}
    for name in ("health", "finance", "finance_office", "loc_ninh"):
        by = "finance" if name == "finance_office" else name
        made[name] = story.do(by, "POST", "/v1/initiatives", refused=["anyone", "viewer", "auditor"], json={
            "unit_id": units[name], "title": f"Giải pháp của {name}", "summary": "Rút ngắn thời gian giải quyết thủ tục",
            "kind": "SOLUTION", "applied_from": "2024-03-01"}).json()["id"]
    return made


def lodge_dossier(story, units, name, by):
    """One Tờ trình, one minutes, one report per nominee (III.3); nominates the named units."""
    dossier = story.do(by, "POST", "/v1/dossiers", refused=["anyone", "viewer", "auditor", "chair_office"], json={
        "campaign": "230-KH-UBND", "year": 2024, "nominator_unit_id": units[by]}).json()["id"]
    path = f"/v1/dossiers/{dossier}"
    stranger = "loc_ninh" if by != "loc_ninh" else "health"
    for nominee in name:
        story.do(by, "PUT", f"{path}/nominations/{units[nominee]}", status=201, refused=[stranger, "viewer"], headers=story.etag(by, path),
                 json={"votes_for": 7, "votes_against": 0, "votes_abstain": 1, "members_present": 8, "members_total": 9})
    incomplete = story.clients[by].post(f"{path}/transitions", json={"action": "lodge"}, headers=story.etag(by, path))
    assert incomplete.status_code in (409, 422) and incomplete.json()["clause"] == "III.3", incomplete.text
    story.do(by, "PATCH", path, headers={**story.etag(by, path), "Content-Type": "application/merge-patch+json"}, data=(
        '{"letter_number": "15/TTr-SYT", "letter_date": "2024-12-18", "minutes_date": "2024-12-16"}'))
    documents = ["documents/TO_TRINH", "documents/MINUTES"] + [f"nominations/{units[n]}/documents/REPORT" for n in name]
    for document in documents:
        story.do(by, "PUT", f"{path}/{document}", status=201, refused=[stranger, "viewer", "anyone"], data=PDF,
                 headers={**story.etag(by, path), "Content-Type": "application/pdf"})
        assert story.clients[by].get(f"{path}/{document}").content == PDF
    story.do(by, "POST", f"{path}/transitions", status=200, refused=[stranger, "viewer", "auditor"], headers=story.etag(by, path),
             json={"action": "lodge"})
    return path


def move(story, by, path, action, reason=None, refused=()):
    return story.do(by, "POST", f"{path}/transitions", status=200, refused=refused, headers=story.etag(by, path),
                    json={"action": action, **({"reason": reason} if reason else {})}).json()


def appraise(story, units):
    points = {"health": ("57", "38"), "finance": ("52", "37.99"), "loc_ninh": ("56", "38")}  # 95 %, 89,99 %, 94 %
    for name, (first, second) in points.items():
        card = f"/v1/scores/{units[name]}/2024"
        story.do("home_affairs", "PUT", f"{card}/appraisal", refused=["health", "viewer", "chair_office", "auditor"],
                 headers=story.etag("home_affairs", card),
                 json={"leaves": [{"code": "1", "appraised_points": first}, {"code": "2", "appraised_points": second}]})
        move(story, "home_affairs", card, "appraise", refused=["viewer", "auditor", "health", "chair_office"])
        move(story, "home_affairs", card, "finalise")
        problem(story.clients["anyone"].get(card), 404, "not-found")  # the embargo: domain, section 4
        story.do("chair_office", "POST", f"{card}/transitions", status=200, refused=["home_affairs", "viewer", "health"],
                 headers=story.etag("chair_office", card),
                 json={"action": "approve", "decision_number": "310/QĐ-UBND", "decision_date": "2025-02-10"})


def recognise(story, initiatives):
    for name, initiative in initiatives.items():
        path = f"/v1/initiatives/{initiative}"
        story.do("initiative_council", "PUT", f"{path}/recognition", refused=["home_affairs", "viewer", "finance", "auditor", "anyone"],
                 headers=story.etag("initiative_council", path), json={
                     "council": "PROVINCIAL", "outcome": "RECOGNISED", "recognised_on": "2025-01-20", "decision_number": "88/QĐ-HĐSK"})


def find(story, units):
    for name, score in {"health": "96", "finance": "95", "finance_office": "94", "loc_ninh": "97", "office": "90"}.items():
        story.do("home_affairs", "PUT", f"{ROUND}/findings/{units[name]}", status=201, refused=OTHERS["home_affairs"], json={"contents": [
            {"content": c, "score": score, "result": "OUTSTANDING_LEADING", "reason": "Dẫn đầu khối", "evidence": ["Báo cáo số 5"]}
            for c in "ABCD"]})


def declare_registers(story, through):
    for register in ("initiatives", "discipline", "proceedings", "scores", "awards"):
        path = f"{ROUND}/registers/{register}"
        by = "initiative_council" if register == "initiatives" else "home_affairs"
        story.do(by, "PUT", path, refused=["anyone", "viewer", "auditor", "finance"], headers=story.etag("home_affairs", path),
                 json={"complete": True, "complete_through": through, "source": "Báo cáo rà soát"})


def evaluate(story):
    made = story.do("home_affairs", "POST", f"{ROUND}/evaluations", refused=["anyone", "viewer", "auditor", "admin", "finance",
                                                                             "initiative_council"], json={}).json()
    path = f"/v1/evaluations/{made['id']}"
    verdicts = {v["unit_id"]: v for v in story.clients["auditor"].get(f"{path}/verdicts").json()["items"]}
    for verdict in verdicts.values():
        for criterion in verdict["criteria"]:
            assert criterion["clause"] and criterion["citations"] and criterion["explanation"]["vi"], criterion
    return made, path, verdicts


def results(verdict):
    return {c["clause"]: c["result"] for c in verdict["criteria"]}


def round_states(story):
    """As the offices and as all others see it."""
    return tuple(story.clients[who].get(ROUND).json()["state"] for who in ("home_affairs", "anyone"))


def test_the_round_of_2024(story):
    units = import_units(story)
    register_contestants(story, units)
    initiatives = enter_initiatives(story, units)
    self_score(story, units)

    story.at("2024-12-20T10:00:00+07:00")
    health = lodge_dossier(story, units, ["health"], "health")
    finance = lodge_dossier(story, units, ["finance", "finance_office"], "finance")
    move(story, "home_affairs", health, "return", "Biên bản thiếu chữ ký", refused=["viewer", "auditor", "finance"])
    move(story, "health", health, "lodge", refused=["finance", "viewer"])
    move(story, "home_affairs", health, "accept", refused=["viewer", "auditor", "chair_office", "health"])
    move(story, "home_affairs", finance, "accept")

    story.at("2024-12-31T08:00:00+07:00")  # III.4.a: "trước ngày 31/12"
    late = lodge_dossier(story, units, ["loc_ninh"], "loc_ninh")
    assert story.clients["home_affairs"].get(late).json()["late"] is True
    refused = story.clients["home_affairs"].post(f"{late}/transitions", json={"action": "accept"}, headers=story.etag("home_affairs", late))
    assert refused.status_code in (409, 422) and refused.json()["clause"] == "III.4.a", refused.text
    move(story, "home_affairs", late, "accept_late", "Mưa lũ làm chậm bưu phẩm")

    story.at("2025-03-01T08:00:00+07:00")
    before = evaluate(story)[2]
    assert before[units["health"]]["overall"] == "PENDING"
    appraise(story, units)
    recognise(story, initiatives)
    find(story, units)
    declare_registers(story, "2025-03-01")
    story.do("home_affairs", "POST", "/v1/proceedings", refused=OTHERS["home_affairs"], json={
        "unit_id": units["loc_ninh"], "kind": "INSPECTION", "opened_on": "2025-02-20", "subject": "Có dấu hiệu sai phạm"})
    made, path, verdicts = evaluate(story)

    assert verdicts[units["health"]]["overall"] == "ELIGIBLE", verdicts[units["health"]]
    assert set(results(verdicts[units["health"]]).values()) == {"PASS"}
    assert results(verdicts[units["finance"]])["III.1.b"] == "FAIL" and verdicts[units["finance"]]["overall"] == "INELIGIBLE"
    margin = next(c for c in verdicts[units["finance"]]["criteria"] if c["clause"] == "III.1.b")
    assert "89" in margin["observed"] and "90" in margin["required"] and margin["margin"].startswith("-"), margin
    assert results(verdicts[units["finance_office"]])["III.1.b"] == "NOT_APPLICABLE"
    assert verdicts[units["finance_office"]]["overall"] == "ELIGIBLE"
    assert verdicts[units["loc_ninh"]]["overall"] == "DEFERRED" and "DEFERRED" in results(verdicts[units["loc_ninh"]]).values()
    assert results(verdicts[units["office"]])["III.1.b"] == "PENDING"  # on the list, no index yet
    own = story.clients["finance"].get(f"{path}/verdicts").json()["items"]
    assert {v["unit_id"] for v in own} == {units["finance"], units["finance_office"]}
    problem(story.clients["finance"].get(f"{path}/verdicts/{units['health']}"), 404, "not-found")
    problem(story.clients["viewer"].get(f"{path}/verdicts/{units['health']}"), 403, "forbidden")

    standings = {s["unit_id"]: s for s in story.clients["chair_office"].get(f"{path}/standings").json()["items"]}
    assert standings[units["health"]]["status"] == "SECURE" and standings[units["health"]]["rank"] == 1
    assert standings[units["finance"]]["status"] == "OUT" and standings[units["finance_office"]]["status"] == "SECURE"

    not_eligible = story.clients["home_affairs"].post(f"{ROUND}/proposals", json={
        "evaluation_id": made["id"], "units": [{"unit_id": units["finance"]}]})
    assert problem(not_eligible, 409, "not-eligible")["clause"] == "III.1"
    proposal = story.do("home_affairs", "POST", f"{ROUND}/proposals", refused=OTHERS["home_affairs"], json={
        "evaluation_id": made["id"], "letter_number": "1082/TTr-SNV",
        "units": [{"unit_id": units["health"]}, {"unit_id": units["finance_office"]}]}).json()
    assert {u["initiative_id"] for u in proposal["units"]} == {initiatives["health"], initiatives["finance_office"]}
    story.do("home_affairs", "PATCH", ROUND, headers={**story.etag("home_affairs", ROUND), "Content-Type": "application/merge-patch+json"},
             data='{"conference_on": "2025-03-20"}')
    assert story.clients["anyone"].get(ROUND).json()["proposal_deadline"] == "2025-03-10"

    story.at("2025-03-11T08:00:00+07:00")  # III.4.b: one day late
    submission = f"/v1/proposals/{proposal['id']}"
    late = story.clients["home_affairs"].post(f"{submission}/transitions", json={"action": "submit"},
                                              headers=story.etag("home_affairs", submission))
    assert problem(late, 422, "rule-refused")["clause"] == "III.4.b"
    submitted = story.do("home_affairs", "POST", f"{submission}/transitions", status=200, refused=["viewer", "auditor", "finance"],
                         headers=story.etag("home_affairs", submission),
                         json={"action": "submit", "submitted_at": "2025-03-10T16:00:00+07:00", "source": "Sổ công văn đi"}).json()
    assert submitted["in_time"] is True and submitted["state"] == "SUBMITTED"
    assert round_states(story) == ("PROPOSED", "APPRAISAL")  # nobody had to say so

    story.at("2025-03-15T08:00:00+07:00")
    declare_registers(story, "2025-03-15")
    decision = story.do("chair_office", "POST", "/v1/decisions", refused=OTHERS["chair_office"],
                        json={"kind": "AWARD", "proposal_id": proposal["id"]}).json()
    path = f"/v1/decisions/{decision['id']}"
    problem(story.clients["anyone"].get(path), 404, "not-found")
    signed = story.do("chair_office", "POST", f"{path}/sign", status=200, refused=OTHERS["chair_office"],
                      headers=story.etag("chair_office", path), json={"number": "451/QĐ-UBND"}).json()
    assert signed["state"] == "SIGNED" and signed["signed_on"] == "2025-03-15"
    assert story.clients["anyone"].get("/v1/awards").json()["items"] == []  # V.3: only what is published
    assert round_states(story) == ("DECIDED", "APPRAISAL")
    early = story.clients["home_affairs"].post(f"{ROUND}/transitions", json={"action": "close"}, headers=story.etag("home_affairs", ROUND))
    assert problem(early, 409, "conflict")["clause"] == "V.3"
    again = story.clients["chair_office"].post(f"{path}/cancel", json={"reason": "x"}, headers=story.etag("chair_office", path))
    problem(again, 409, "impossible-transition")
    story.do("chair_office", "POST", f"{path}/publish", status=200, refused=["anyone", "viewer", "auditor", "finance", "admin"],
             headers=story.etag("chair_office", path))
    awards = story.clients["anyone"].get("/v1/awards", params={"year": 2024}).json()["items"]
    assert {a["unit_id"] for a in awards} == {units["health"], units["finance_office"]}
    assert all((a["bonus_vnd"], a["decision_number"], a["category"], a["state"]) == (7020000, "451/QĐ-UBND", "thematic", "ACTIVE")
               for a in awards)  # III.5: 3,0 × 2.340.000
    assert story.clients["home_affairs"].get(health).json()["state"] == "DECIDED"
    assert round_states(story) == ("DECIDED", "DECIDED")
    early = story.clients["home_affairs"].post(f"{ROUND}/transitions", json={"action": "close"}, headers=story.etag("home_affairs", ROUND))
    assert "2025-03-20" in problem(early, 409, "conflict")["detail"]  # the conference is to come

    story.at("2025-03-21T08:00:00+07:00")
    story.do("home_affairs", "POST", f"{ROUND}/transitions", status=200, refused=["anyone", "viewer", "auditor", "chair_office"],
             headers=story.etag("home_affairs", ROUND), json={"action": "close"})
    assert round_states(story) == ("CLOSED", "CLOSED")

    story.at("2026-01-15T08:00:00+07:00")  # a later conclusion
    story.do("home_affairs", "POST", "/v1/discipline-records", refused=OTHERS["home_affairs"], json={
        "unit_id": units["health"], "person_name": "Nguyễn Văn Mẫu", "position": "KEY_LEADER_HEAD", "regime": "CIVIL_SERVANT",
        "level": "CANH_CAO", "decision_number": "7/QĐ-UBND", "decision_date": "2026-01-10", "effective_from": "2026-01-10"})
    body = {"kind": "REVOKE", "subject_id": decision["id"], "units": [units["health"]], "ground": "LATER_CONCLUSION",
            "fault_from": "2025-02-01", "reason": "Kết luận thanh tra số 3"}
    outside = story.clients["chair_office"].post("/v1/decisions", json=body)
    assert problem(outside, 422, "rule-refused")["errors"][0]["pointer"] == "/fault_from"  # not inside the year of the merit
    revocation = story.do("chair_office", "POST", "/v1/decisions", refused=OTHERS["chair_office"],
                          json={**body, "fault_from": "2024-05-01", "fault_to": "2024-06-30"}).json()
    path = f"/v1/decisions/{revocation['id']}"
    story.do("chair_office", "POST", f"{path}/sign", status=200, refused=OTHERS["chair_office"], headers=story.etag("chair_office", path),
             json={"number": "13/QĐ-UBND"})
    story.do("chair_office", "POST", f"{path}/publish", status=200, headers=story.etag("chair_office", path))
    state = {a["unit_id"]: (a["state"], a["revocation_number"]) for a in story.clients["anyone"].get("/v1/awards").json()["items"]}
    assert state == {units["health"]: ("REVOKED", "13/QĐ-UBND"), units["finance_office"]: ("ACTIVE", None)}
    assert "Nguyễn Văn Mẫu" not in story.clients["anyone"].get("/v1/decisions").text

    verified = story.service.command("verify")
    assert verified.returncode == 0 and verified.stdout.startswith("intact"), verified.stdout + verified.stderr
