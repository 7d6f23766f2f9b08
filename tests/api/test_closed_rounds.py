"""What was decided stays as it was decided: whatever a closed round shows, on every page and paper, is the same after its plan was loaded again
with every word and number changed, after scorecards, initiatives, discipline and proceedings of its units were changed, and after these were
renamed, moved and merged. What the round itself takes when it is closed goes on: reports that come late, certificates, notifications,
corrections and revocations (`round_acts` in src/domain). All else of it is refused."""
import concurrent.futures
import copy
import io
import json
import uuid
import zipfile

import pytest

from award_tools import AwardRound, number, today
from conftest import PLAN, load_plan, make_campaign, make_unit
from service import Client, problem, wait_until
from test_contract import ROUTES
from test_papers import DOCX, text_of_docx
from test_scores import make_frame

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"
ROUNDS = "/v1/campaigns/{code}/rounds"
ROUND = f"{ROUNDS}/{{year}}"

# What tells of no closed round, and why.
ELSEWHERE = {
    "/": "the service", "/v1": "the service", "/healthz": "the service", "/readyz": "the service", "/metrics": "the service",
    "/openapi.yaml": "the service", "/openapi.json": "the service", "/docs": "the service", "/docs/schemas": "the service",
    "/v1/vocabulary": "the service", "/v1/keys": "callers", "/v1/keys/{id}": "callers", "/v1/me": "callers",
    "/v1/webhooks": "callers", "/v1/webhooks/{id}": "callers", "/v1/webhooks/{id}/deliveries": "callers",
    "/v1/journal": "goes on", "/v1/journal/head": "goes on", "/v1/events": "goes on", "/v1/events/stream": "goes on",
    "/v1/units": "the units of a day", "/v1/units/{id}": "the units of a day", "/v1/units/{id}/history": "the units of a day",
    "/v1/units/{id}/successions": "the units of a day", "/v1/campaigns": "the plan of today", "/v1/campaigns/{code}": "the plan of today",
    "/v1/criteria-sets": "all rules", "/v1/criteria-sets/{name}/diff": "all rules", "/v1/criteria-sets/{name}/{version}": "all rules",
    "/v1/discipline-records": "no campaign", "/v1/discipline-records/{id}": "no campaign", "/v1/proceedings": "no campaign",
    "/v1/proceedings/{id}": "no campaign", "/v1/scores": "no campaign", "/v1/scores/{unit_id}/{year}": "no campaign",
    "/v1/public-holidays": "the law", "/v1/score-frames": "no campaign", "/v1/score-frames/{name}/{year}": "no campaign",
}
SHOWN = sorted(path for method, path in ROUTES if method == "GET" and path not in ELSEWHERE)


def reworded(value):
    """Every text for people in a plan said in other words. What is a code, a day or a number stays."""
    if isinstance(value, dict):
        return {key: f"{item} (khác)" if key in ("vi", "en", "quote") and isinstance(item, str) else reworded(item) for key, item in value.items()}
    return [reworded(item) for item in value] if isinstance(value, list) else value


def said_otherwise(papers):
    if isinstance(papers, dict):
        return {key: item if key.startswith("valid_") or key == "note" else said_otherwise(item) for key, item in papers.items()}
    return [said_otherwise(item) for item in papers] if isinstance(papers, list) else f"{papers} khác"


CLAUSES = ["I.1", "I.1.c", "II", "II.1", "II.2", "II.3", "III", "III.1", "III.1.a", "III.1.b", "III.1.c", "III.1.d", "III.2", "III.2.a", "III.2.b", "III.3",
           "III.3.a", "III.3.b", "III.3.c", "III.4", "III.4.a", "III.4.b", "III.5", "V", "V.1", "V.3"]


def another(plan):
    """The plan as it is loaded again: other words, other numbers, other rules."""
    changed = reworded(copy.deepcopy(plan))
    changed.update(printed_number="999 /KH-UBND", issuer="UBND tỉnh Khác", issued_on="2024-07-09", cap=plan["cap"] + 3,
                   clauses={clause: f"Mục {i}" for i, clause in enumerate(CLAUSES)}, papers=said_otherwise(plan["papers"]))
    for group in changed["groups"]:
        group["clause"] = "9"
    changed["groups"] = [*reversed(changed["groups"]), {**changed["groups"][0], "code": "ANOTHER", "unit_kinds": ["OTHER"]}]
    changed["contents"] = [*reversed(changed["contents"]), {**changed["contents"][0], "code": "E"}]
    changed["dossier_components"] = [*reversed(changed["dossier_components"]), {**changed["dossier_components"][0], "code": "EXTRACT", "of": "DOSSIER"}]
    for component in changed["dossier_components"]:
        component["clause"] = "9"
        component["confirmed"] = component["of"] == "NOMINEE"
    changed["council"] = {"threshold": {"p": 1, "q": 1, "clause": "9"}, "quorum": {"p": 1, "q": 1, "clause": "9"}}
    changed["cut_offs"]["dossier"].update(month_day="12-10", clause="9")
    changed["cut_offs"]["yearly_report"].update(month_day="12-10", clause="9", owed_by=[])
    changed["cut_offs"]["proposal"].update(calendar_days=-30, clause="9")
    changed["law"]["governing"] = [{**law, "document": "1/2000/QH"} for law in changed["law"]["governing"]]
    rules = changed["criteria_set"]
    rules["version"] += 1
    rules["standings"]["cap"] = changed["cap"]
    rules["standings"]["groups"]["ANOTHER"] = {"vi": "Khối khác", "en": "Others"}
    for criterion in rules["criteria"]:
        criterion["clause"] = f"{criterion['clause']}-khác"
    return changed


class Closed:
    """A round in which there was something of everything, closed."""

    def __init__(self, service, clients):
        self.service = service
        self.code = f"T-{uuid.uuid4().hex[:12]}"
        self.plan = {**copy.deepcopy(PLAN), "code": self.code}
        self.plan["criteria_set"] = {**self.plan["criteria_set"], "name": self.code}
        load_plan(service, self.plan)
        held = self.held = AwardRound(service, clients, 3, campaign=f"/v1/campaigns/{self.code}")
        self.dossiers = [held.dossier]
        self.unit, self.awarded = held.parent, held.units[:2]
        self.of_group()
        self.refused = held.add_unit()
        self.measure()
        held.nominate([self.refused], votes_for=5, votes_against=4, votes_abstain=0, members_present=9, members_total=9)
        self.dossiers.append(held.dossier)
        held.declare_registers()
        held.done(held.home.put(f"{held.round}/quota", headers=held.etag(f"{held.round}/quota"), json={"reason": "Phân bổ", "allocation": [
            {"group": "UNIT_UNDER_SO", "slots": 3}, {"group": "SO_BAN_NGANH", "cluster": "Khối 1", "slots": 1}]}))
        self.evaluation = held.sure_of_places(held.units[:3])
        self.tie = held.done(held.home.post(f"{held.round}/tie-decisions", json={
            "units": held.units[:2], "method": "DECISION", "reason": "Theo ý kiến của Hội đồng", "document": "8/TB-HĐTĐKT"}))["id"]
        self.override = held.done(held.override(self.evaluation, self.refused, "OUT"))["id"]
        self.decide()
        self.tell(service)
        self.concluded = [held.done(held.home.post("/v1/proceedings", json={"unit_id": unit, "kind": "COMPLAINT", "opened_on": "2024-09-02"}))["id"]
                          for unit in (held.units[2], self.refused)]
        for proceeding in self.concluded:
            held.done(held.move(held.home, f"/v1/proceedings/{proceeding}", "close_cleared", reason="Không có cơ sở"))
        held.done(held.move(held.home, held.round, "close"))

    def of_group(self):
        """A body of another group, that found less than others did, owes a report and has filed it."""
        held = self.held
        held.done(held.home.put(f"{held.round}/contestants/{self.unit}", json={
            "group": "SO_BAN_NGANH", "cluster": "Khối 2", "on_assessed_list": True, "members_total": 30, "members_women": 20}))
        for unit, score in ((self.unit, "50"), (held.units[2], "70")):
            path = f"{held.round}/findings/{unit}"
            held.done(held.home.put(path, headers={"If-Match": "*"} if unit in held.units else {}, json={"contents": [
                {"content": c, "score": score, "result": "OUTSTANDING_LEADING", "reason": "Dẫn đầu", "evidence": []} for c in "ABCD"]}))
        held.done(held.unit_client.put(f"{held.round}/reports/{self.unit}", json={
            "document_number": "15/BC-SYT", "document_date": "2024-12-01", "summary": "Kết quả"}))

    def measure(self):
        """Indices of nominees: published ones, and one that is approved."""
        self.frame = make_frame({"home_affairs": self.held.home})
        for unit in (*self.awarded, self.refused):
            path = f"/v1/scores/{unit}/2024"
            self.held.done(self.held.unit_client.put(path, json={"frame": self.frame, "leaves": [
                {"code": code, "self_points": points} for code, points in (("1.1", "40.00"), ("1.2", "20.00"), ("2.1", "30.00"))]}))
            self.held.done(self.held.move(self.held.unit_client, path, "submit"))
            self.appraise(unit, "37.25", "appraise")
            self.approve(unit, "451/QĐ-UBND", "2025-03-14")
        for unit in (self.awarded[0], self.refused):
            self.held.done(self.held.move(self.held.chair, f"/v1/scores/{unit}/2024", "publish"))

    def appraise(self, unit, points, *steps):
        held, path = self.held, f"/v1/scores/{unit}/2024"
        held.done(held.home.put(f"{path}/appraisal", headers=held.etag(path), json={"leaves": [
            {"code": "1.1", "appraised_points": points}, {"code": "1.2", "appraised_points": "18.00"},
            {"code": "2.1", "appraised_points": "27.00"}, {"code": "2.2", "survey_points": "8.80"}]}))
        for step in (*steps, "finalise"):
            held.done(held.move(held.home, path, step))

    def approve(self, unit, decision, day):
        self.held.done(self.held.move(self.held.chair, f"/v1/scores/{unit}/2024", "approve", decision_number=decision, decision_date=day))

    def decide(self):
        held = self.held
        proposal = held.proposal(self.awarded, evaluation=self.evaluation)
        held.done(held.move(held.home, proposal, "submit"))
        self.proposal = proposal
        self.decision = "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json={
            "kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}))["id"]
        held.done(held.sign(self.decision, number()))
        held.publish(self.decision)
        subject = self.decision.rsplit("/", 1)[1]
        self.correction = "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json={
            "kind": "CORRECT", "subject_id": subject, "corrections": [{"field": "tên", "printed": "Văn phòng Sở", "correct": "Văn phòng"}], "reason": "Nhầm"}))["id"]
        held.done(held.sign(self.correction, number()))
        held.publish(self.correction)

    def tell(self, service):
        """How it came out, the day before."""
        held = self.held
        for dossier, units in zip(self.dossiers, (held.units[:3], [self.refused])):
            for unit in units:
                reason = {} if unit in self.awarded else {"reason": "Chưa đủ điều kiện"}
                held.done(held.home.put(f"{dossier}/nominations/{unit}/notification", headers=held.etag(dossier), json={"notified_on": today(), **reason}))
        service.psql(f"UPDATE nominations SET notified_on = notified_on - 1 WHERE campaign = '{self.code}'")

    def ids(self, path):
        """The resources of the round by which a path of the contract is filled."""
        held = self.held
        id_of = lambda resource: resource.rsplit("/", 1)[1]  # noqa: E731
        awards = [item["id"] for item in held.auditor.get(f"{held.round}/awards").json()["items"]]
        units = [self.awarded[0], held.units[2], self.refused, self.unit]
        pairs = [(id_of(self.dossiers[0]), self.awarded[0]), (id_of(self.dossiers[1]), self.refused)]
        named = {"{code}": [self.code], "{year}": ["2024"], "{unit_id}": units, "{override_id}": [self.override], "{decision_id}": [self.tie], "{nominator_unit_id}": [self.unit],
                 "{register}": ["initiatives", "discipline"], "{document}": ["REPORT" if "nominations" in path else "MINUTES"]}
        owners = {"evaluations": [self.evaluation], "proposals": [id_of(self.proposal)], "decisions": [id_of(self.decision), id_of(self.correction)],
                  "awards": awards, "dossiers": [id_of(d) for d in self.dossiers], "units": units, "initiatives": list(held.initiatives.values())}
        if path.startswith("/v1/dossiers/{id}/nominations/"):
            return [path.replace("{id}", dossier).replace("{unit_id}", unit).replace("{document}", "REPORT") for dossier, unit in pairs]
        filled = [path]
        for name in {"{" + part.split("}")[0] + "}" for part in path.split("{")[1:]}:
            values = owners.get(path.split("/")[2], []) if name == "{id}" else named.get(name, [])
            filled = [at.replace(name, value) for at in filled for value in values]
        return filled

    def everything(self):
        """{(path, caller, form): what it shows} of every page and paper of the round."""
        held, found = self.held, {}
        callers = {"auditor": held.auditor, "unit": held.unit_client, "anyone": Client(held.service.base)}
        for path in SHOWN:
            route = ROUTES["GET", path]
            query = {name: value for name, value in (("campaign", self.code), ("year", 2024), ("unit_id", self.awarded[0])) if name in route["query"]}
            if "campaign" in query:
                query.pop("unit_id", None)
            for at in self.ids(path):
                for form in route["produces"]:
                    if form == "application/pdf" and DOCX in route["produces"]:
                        continue  # both are made of one paper
                    for name, client in callers.items():
                        answer = client.get(at, params=query, headers={"Accept": form})
                        if answer.status_code == 200 and not (path == ROUNDS and form != "application/json"):
                            found[at, name, form] = text_of(answer.content, form)
                            if path == ROUNDS:  # beside the closed one it has those that go on
                                found[at, name, form]["items"] = [item for item in found[at, name, form]["items"] if item["state"] == "CLOSED"]
        return found


def text_of(content, form):
    if form == DOCX:
        return text_of_docx(content)
    if form in (XLSX, ZIP):
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            return {name: text_of(file.read(name), DOCX if name.endswith(".docx") else "") for name in sorted(file.namelist()) if "docProps" not in name and not name.endswith(".pdf")}
    if form == "application/json":
        return json.loads(content)
    return content


def differences(before, after, at=""):
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}, key=str):
            yield from differences(before.get(key), after.get(key), f"{at}/{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for i, (one, other) in enumerate(zip(before, after)):
            yield from differences(one, other, f"{at}/{i}")
    elif before != after:
        yield f"{at}: {str(before)[:300]!r} became {str(after)[:300]!r}"


@pytest.fixture(scope="module")
def closed(service, clients):
    return Closed(service, clients)


def test_every_page_is_of_a_round_or_of_something_else():
    assert not [path for path in ELSEWHERE if ("GET", path) not in ROUTES]
    assert not [path for path in ELSEWHERE if path.startswith(ROUND)]


def award_elsewhere(closed):
    """The initiative of who was refused earns an award of another campaign."""
    held, unit = copy.copy(closed.held), closed.refused
    held.year, held.campaign = 2025, make_campaign(closed.service)
    held.round = f"{held.campaign}/rounds/{held.year}"
    held.done(held.home.put(f"{held.round}/contestants/{unit}", json={
        "group": "UNIT_UNDER_SO", "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV", "members_total": 9, "members_women": 4}))
    held.done(held.home.put(f"{held.round}/findings/{unit}", json={"contents": [
        {"content": c, "score": "95", "result": "OUTSTANDING_LEADING", "reason": "Dẫn đầu khối", "evidence": []} for c in "ABCD"]}))
    held.nominate([unit])
    held.declare_registers()
    held.done(held.sign(held.draft([unit], initiatives=held.initiatives), number()))


def later_facts(closed):
    """What bears on units of the round and is of none: their scorecards, initiatives, discipline and proceedings."""
    held = closed.held
    award_elsewhere(closed)
    for unit in (*closed.awarded, closed.refused):
        held.done(held.move(held.chair, f"/v1/scores/{unit}/2024", "reopen", reason="Cộng nhầm"))
        closed.appraise(unit, "10.00")
        closed.approve(unit, "999/QĐ-UBND", "2025-06-01")
        held.done(held.move(held.chair, f"/v1/scores/{unit}/2024", "publish"))
    for unit in held.units:
        made = "/v1/initiatives/" + held.done(held.unit_client.post("/v1/initiatives", json={
            "unit_id": unit, "title": "Giải pháp ghi sau", "summary": "Ghi sau", "kind": "SOLUTION", "applied_from": "2024-02-01"}))["id"]
        held.done(held.council.put(f"{made}/recognition", headers=held.etag(made), json={
            "council": "PROVINCIAL", "outcome": "RECOGNISED", "recognised_on": "2024-02-20", "decision_number": "1/QĐ-HĐSK"}))
    for unit in closed.awarded:
        made = f"/v1/initiatives/{held.initiatives[unit]}"
        held.done(held.council.put(f"{made}/recognition", headers=held.etag(made), json={"council": "PROVINCIAL", "outcome": "ANNULLED", "reason": "Sao chép"}))
    for proceeding in closed.concluded:
        held.done(held.move(held.home, f"/v1/proceedings/{proceeding}", "reopen", reason="Khiếu nại tiếp"))
    for unit in (closed.unit, *held.units):
        held.done(held.home.post("/v1/discipline-records", json={
            "unit_id": unit, "person_name": "Nguyễn Thị Thử", "position": "KEY_LEADER_HEAD", "regime": "CIVIL_SERVANT", "level": "KHIEN_TRACH",
            "decision_number": number(), "decision_date": "2024-02-27", "effective_from": "2024-03-01"}))
        held.done(held.home.post("/v1/proceedings", json={"unit_id": unit, "kind": "INSPECTION", "opened_on": "2024-09-02"}))


def test_a_closed_round_shows_the_same_whatever_becomes_known_later(closed):
    """But for the registers of initiatives and of what a unit did, which tell of today."""
    held, before = closed.held, closed.everything()
    later_facts(closed)
    after = closed.everything()
    told = [f"{' '.join(key)} {difference}" for key in before for difference in differences(before[key], after.get(key))
            if not key[0].startswith("/v1/initiatives") and not key[0].endswith("/record")]
    assert not told, "\n".join(told)
    assert held.done(held.move(held.home, held.round, "reopen", reason="Xét lại"))
    paper = f"{closed.dossiers[0]}/nominations/{closed.awarded[0]}"
    opened = text_of(held.auditor.get(paper, headers={"Accept": DOCX}).content, DOCX)
    assert "999/QĐ-UBND" in opened and "Giải pháp ghi sau" in opened, "who reopens the round goes by what is known then"
    held.done(held.move(held.home, held.round, "close"))
    assert text_of(held.auditor.get(paper, headers={"Accept": DOCX}).content, DOCX) == opened


def test_nor_does_it_matter_what_its_plan_says_later(closed, service):
    before = closed.everything()
    assert not [path for path in SHOWN if not {key[0] for key in before} & set(closed.ids(path))], "of these the round has nothing that could change"
    changed = another(closed.plan)
    load_plan(service, changed)
    other = f"/v1/campaigns/{closed.code}/rounds/2025"
    wait_until(lambda: closed.held.auditor.get(other).json()["cap"] == changed["cap"])
    after = closed.everything()
    told = [f"{' '.join(key)} {difference}" for key in before for difference in differences(before[key], after.get(key))]
    assert not told, "\n".join(told)


def of_today(key, difference):
    """Who holds the duties of an awarded body now, and whose record it is."""
    return "/holders_now/" in difference or key[0].endswith("/record") and difference.startswith(("/unit_label:", "/bodies/"))


def call(closed, unit, **how):
    path = f"/v1/units/{unit}"
    closed.held.done(closed.held.admin.merge(path, {"confirm_duplicate": True, **how}, closed.held.admin.get(path).headers["ETag"]))


def test_nor_are_its_units_called_by_names_that_came_later(closed):
    held, before = closed.held, closed.everything()
    for unit in (closed.unit, *held.units):
        call(closed, unit, name=f"Tên mới {unit[:8]}", valid_from=today())
    after = closed.everything()
    tables = ("text/csv", XLSX)  # of what is compared as JSON; they have the columns of today's holders too
    told = [f"{' '.join(key)} {difference}" for key in before if key[2] not in tables for difference in differences(before[key], after.get(key))
            if not of_today(key, difference)]
    assert not told, "\n".join(told)


def test_nor_does_it_matter_what_became_of_them(closed):
    """Who may read what follows the units of today; so this is what is read by who reads everything, and by who has no key."""
    held = closed.held
    another = make_unit(held.admin)["id"]
    before = closed.everything()
    call(closed, closed.awarded[0], parent_id=another, valid_from=today())
    for old, new, more in ((held.units[2], closed.awarded[1], {}), (closed.unit, another, {"move_children_to": another})):
        held.done(held.admin.post(f"/v1/units/{old}/successions", headers=held.etag(f"/v1/units/{old}"), json={
            "kind": "MERGE", "effective_on": today(), "legal_basis": "1/NQ-HĐND", "successors": [new], **more}))
    after = closed.everything()
    told = [f"{' '.join(key)} {difference}" for key in before if key[1] != "unit" and key[2] not in ("text/csv", XLSX)
            for difference in differences(before[key], after.get(key)) if not of_today(key, difference) and not key[0].endswith("/record")]
    assert not told, "\n".join(told)


def test_a_name_that_was_wrong_is_mended_everywhere_but_on_what_was_signed(closed):
    """A unit has one history. Who corrects it corrects what all pages call it, and no decision nor award."""
    before = closed.everything()
    call(closed, closed.awarded[0], name="Tên đúng", valid_from="2024-06-01")
    after = closed.everything()
    told = [(key, difference) for key in before if key[2] not in ("text/csv", XLSX)
            for difference in differences(before[key], after.get(key)) if not of_today(key, difference)]
    assert any("Tên đúng" in difference for _, difference in told)
    assert not [key for key, _ in told if key[0].startswith(("/v1/decisions", "/v1/awards")) or key[0].endswith("/awards")]


# ---- nor is it judged again ----

def test_a_closed_round_is_not_judged_again_but_tried_and_replayed(closed):
    """III.2.b, V.3: what its board shows is the evaluation by which it was decided. Who examines it later stores nothing."""
    held = closed.held
    evaluations = f"{held.round}/evaluations"
    before = held.auditor.get(evaluations).json(), held.auditor.get(f"{held.round}/board").json()
    for headers in ({}, {"Prefer": "respond-async"}):
        for body in ({}, {"units": [closed.refused]}, {"group": "UNIT_UNDER_SO"}):
            told = problem(held.home.post(evaluations, json=body, headers=headers), 409, "conflict")
            assert "/v1/what-if" in told["detail"] and "replay" in told["detail"]
    by_command = closed.service.command("evaluate", "--campaign", closed.code, "--year", "2024")
    assert by_command.returncode != 0 and "/v1/what-if" in by_command.stderr, by_command
    assert (held.auditor.get(evaluations).json(), held.auditor.get(f"{held.round}/board").json()) == before
    tried = held.done(held.auditor.post("/v1/what-if", json={"campaign": closed.code, "year": 2024, "changes": {}}))
    assert tried
    assert held.done(held.auditor.post(f"/v1/evaluations/{closed.evaluation}/replay"))["identical"] is True
    assert (held.auditor.get(evaluations).json(), held.auditor.get(f"{held.round}/board").json()) == before


def closing(held):
    """In one transaction, with the word that empties kept answers."""
    return f"UPDATE rounds SET state = 'CLOSED' WHERE campaign = '{held.campaign.rsplit('/', 1)[1]}' AND year = 2024; SELECT pg_notify('thidua', 'data')"


def shown(held):
    return [held.auditor.get(path).json() for path in (f"{held.round}/board", f"{held.round}/verdicts/{held.units[0]}", held.round)]


@pytest.mark.parametrize("body", [{}, "one unit"])
def test_what_is_judged_while_the_round_is_being_closed_is_not_shown(service, clients, body):
    """An evaluation waits for nobody who holds the round. So one may be kept between the closing and its commit."""
    held = AwardRound(service, clients, 1)
    first = held.evaluate()
    with service.holding(closing(held)) as commit:
        held.evaluate(**({"units": held.units} if body else {}))
        commit()
        wait_until(lambda: held.auditor.get(held.round).json()["state"] == "CLOSED")
    board, verdict, told = shown(held)
    assert (board["latest_evaluation"]["id"], verdict["evaluation_id"], told["latest_evaluation"]["id"]) == (first,) * 3
    held.done(held.move(held.home, held.round, "resume_appraisal", reason="Xét tiếp"))
    assert shown(held)[1]["evaluation_id"] != first


def test_what_began_before_one_that_is_done_does_not_end_in_a_closed_round(service, clients):
    """Signing judges its own units while an evaluation of the whole round is under way, whose position is before that one's."""
    held = AwardRound(service, clients, 1)
    first = held.evaluate()
    held.done(held.move(held.home, held.round, "start_appraisal"))
    service.psql("""CREATE FUNCTION wait_in_background() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF EXISTS (SELECT FROM evaluations e WHERE e.id = NEW.evaluation_id AND e.state = 'RUNNING') THEN PERFORM pg_advisory_xact_lock_shared(230); END IF;
            RETURN NEW; END $$;
        CREATE TRIGGER wait_in_background BEFORE INSERT ON verdicts FOR EACH ROW EXECUTE FUNCTION wait_in_background()""", user="postgres")
    try:
        with service.holding("SELECT pg_advisory_xact_lock(230)") as commit:
            path = held.home.post(f"{held.round}/evaluations", json={}, headers={"Prefer": "respond-async"}).headers["Location"]
            wait_until(lambda: service.psql("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'") != "0")
            some = held.evaluate(units=held.units)
            held.done(held.move(held.home, held.round, "close", reason="Không đề nghị khen thưởng"))
            commit()
        wait_until(lambda: held.auditor.get(path).json()["state"] != "RUNNING")
    finally:
        service.psql("DROP TRIGGER wait_in_background ON verdicts; DROP FUNCTION wait_in_background()", user="postgres")
    assert held.auditor.get(path).json()["state"] == "FAILED"
    board, verdict, told = shown(held)
    assert (board["latest_evaluation"]["id"], verdict["evaluation_id"], told["latest_evaluation"]["id"]) == (first, some, first)


def test_what_waits_for_a_worker_is_not_judged_once_the_round_is_closed(service, clients):
    held = AwardRound(service, clients, 1)
    held.evaluate()
    with service.holding("LOCK TABLE evaluation_runs IN SHARE MODE") as commit, concurrent.futures.ThreadPoolExecutor() as pool:
        entered = pool.submit(held.home.post, f"{held.round}/evaluations", json={}, headers={"Prefer": "respond-async"})
        wait_until(lambda: service.psql("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'evaluation_runs'::regclass") != "0")
        assert "ERROR" not in service.psql(closing(held))
        commit()
        path = entered.result(timeout=120).headers["Location"]
    wait_until(lambda: held.auditor.get(path).json()["state"] != "RUNNING")
    assert held.auditor.get(path).json()["state"] == "FAILED"
