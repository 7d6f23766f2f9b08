"""Another province's plan is other data: an invented one (campaigns/79-KH-UBND-MAU.json) with its own groups, clusters, cap, thresholds,
`at_least`, a cooldown over award history, a nested quota and a deadline in working days, run from its register to a signed decision."""
import json
import pathlib
import re

import pytest

from award_tools import AwardRound
from conftest import make_unit
from dossier_tools import PDF, make_pdf
from service import ROOT, problem

NOW = "2026-02-05T08:00:00+07:00"
FILE = ROOT / "campaigns/79-KH-UBND-MAU.json"
PLAN = json.loads(FILE.read_text(encoding="utf-8"))
CODE = PLAN["code"]
CONTENTS = [content["code"] for content in PLAN["contents"]]
# name: kind of unit, group, cluster, score of each content
UNITS = {
    "office": ("PROVINCIAL_BODY", "KHOI_TONG_HOP", None, "90"), "interior": ("PROVINCIAL_BODY", "KHOI_TONG_HOP", None, "80"),
    "finance": ("PROVINCIAL_BODY", "KHOI_KINH_TE", None, "70"),
    "an_phu": ("COMMUNE", "XA_PHUONG", "Cụm 1", "99"), "an_binh": ("COMMUNE", "XA_PHUONG", "Cụm 1", "98"),
    "tan_lap": ("COMMUNE", "XA_PHUONG", "Cụm 2", "60"), "tan_hoa": ("COMMUNE", "XA_PHUONG", "Cụm 2", "55")}


class SecondRound(AwardRound):
    def __init__(self, service):
        self.service, self.year = service, 2025
        self.admin, self.home, self.chair = (service.key(role) for role in ("admin", "home_affairs", "chair_office"))
        self.council, self.auditor = service.key("initiative_council"), service.key("auditor")
        self.campaign = f"/v1/campaigns/{CODE}"
        self.round = f"{self.campaign}/rounds/{self.year}"
        self.units, self.dossiers = {}, {}
        for name in UNITS:
            self.enter(name)
        self.declare()

    def enter(self, name):
        kind, group, cluster, score = UNITS[name]
        unit = self.units[name] = make_unit(self.admin, kind=kind)["id"]
        self.done(self.home.put(f"{self.round}/contestants/{unit}", json={"group": group, "cluster": cluster, "on_assessed_list": False}))
        self.found(name, score)
        self.unit_client = self.service.key("unit", unit)
        for _ in range(2):
            self.recognised_initiative(unit)
        self.hand_in(unit, late=name == "tan_lap")

    def found(self, name, score, *results):
        path = f"{self.round}/findings/{self.units[name]}"
        old = self.auditor.get(path)
        self.done(self.home.put(path, headers={"If-Match": old.headers["ETag"]} if old.status_code == 200 else {}, json={"contents": [
            {"content": c, "score": score, "result": r, "reason": "Thẩm định", "evidence": []}
            for c, r in zip(CONTENTS, results or ["OUTSTANDING"] * 3)]}))

    def hand_in(self, unit, late):
        """4.b: before 25 December, or late, accepted, and by the tenth working day: Saturday 10 January 2026, worked for 2 January."""
        path = "/v1/dossiers/" + self.done(self.unit_client.post("/v1/dossiers", json={
            "campaign": CODE, "year": self.year, "nominator_unit_id": unit}))["id"]
        self.done(self.unit_client.put(f"{path}/nominations/{unit}", json={}))
        for place in ("documents/TO_TRINH", f"nominations/{unit}/documents/REPORT", f"nominations/{unit}/documents/SELF_SCORES"):
            self.done(self.unit_client.put(f"{path}/{place}", data=make_pdf(place), headers=PDF))
        self.done(self.move(self.unit_client, path, "lodge"))
        received = {"received_at": "2026-01-10T16:30:00+07:00" if late else "2025-12-24T16:00:00+07:00", "source": "Sổ công văn đến"}
        self.done(self.move(self.home, path, "accept_late" if late else "accept", **received, **({"reason": "Mưa lũ"} if late else {})))
        self.dossiers[unit] = path

    def declare(self):
        for register in ("initiatives", "discipline", "proceedings", "awards"):
            path = f"{self.round}/registers/{register}"
            self.done(self.home.put(path, headers=self.etag(path), json={"complete": True, "complete_through": NOW[:10], "source": "Rà soát"}))

    def results(self, evaluation, name):
        verdict = self.done(self.auditor.get(f"/v1/evaluations/{evaluation}/verdicts/{self.units[name]}"))
        return verdict["overall"], {c["clause"]: c["result"] for c in verdict["criteria"]}


@pytest.fixture(scope="module")
def held(fresh_service):
    for file in (FILE, ROOT / "campaigns/law/VN-public-holidays.json"):
        done = fresh_service.command("load", str(file))
        assert done.returncode == 0, done.stderr
    return SecondRound(fresh_service)


def allocate(held, *shares):
    path = f"{held.round}/quota"
    return held.home.put(path, headers=held.etag(path), json={
        "reason": "Phân bổ", "allocation": [{"group": g, "cluster": c, "slots": n} for g, c, n in shares]})


def test_no_code_names_anything_of_it():
    """Neither its groups, contents, leaves nor criteria; and of plan 230's groups neither."""
    words = {CODE, *CONTENTS, *(g["code"] for g in PLAN["groups"]), "SO_BAN_NGANH", "UNIT_UNDER_SO", "UNIT_UNDER_HUYEN"}
    leaves = set(re.findall(r'"id": "([a-z]+_[a-z0-9_]+)"', FILE.read_text(encoding="utf-8")))
    assert {"two_initiatives", "ten_working_days"} <= leaves
    words |= leaves - PLAN["criteria_set"]["facts"].keys()  # what the registers call a fact is theirs
    sources = [path for folder in ("src", "include") for path in (ROOT / folder).rglob("*") if path.suffix in (".c", ".h", ".sql", ".def")]
    assert len(sources) > 100
    named = {(path.name, word) for path in sources for word in words
             if re.search(rf"\b{re.escape(word)}\b", re.sub(r"//.*", "", pathlib.Path(path).read_text(encoding="utf-8")))}
    assert named == set()


def test_its_round_is_its_own(held):
    shown = held.done(held.home.get(held.round))
    assert (shown["cap"], shown["submission_deadline"]) == (4, "2025-12-24T23:59:59+07:00")
    assert held.done(held.home.get(held.campaign))["invented"]
    refused = held.home.put(f"{held.round}/contestants/{held.units['office']}", headers=held.etag(f"{held.round}/contestants/{held.units['office']}"),
                            json={"group": "SO_BAN_NGANH", "on_assessed_list": False})
    assert '"KHOI_TONG_HOP" (General bloc), "KHOI_KINH_TE" (Economic bloc), "XA_PHUONG" (Communes and wards)' in problem(refused, 422, "invalid")["errors"][0]["detail"]
    # Refusals name the clauses of this plan, not those of the first one.
    over = allocate(held, ("KHOI_TONG_HOP", None, 3), ("KHOI_KINH_TE", None, 2))
    assert problem(over, 422, "rule-refused")["clause"] == "2.2"
    strange = held.home.put(f"{held.round}/contestants/{held.units['an_phu']}", headers=held.etag(f"{held.round}/contestants/{held.units['an_phu']}"),
                            json={"group": "KHOI_KINH_TE", "on_assessed_list": False})
    assert problem(strange, 422, "rule-refused")["clause"] == "2.1"
    year = held.home.put(f"{held.campaign}/rounds/2024/contestants/{held.units['an_phu']}", json={"group": "XA_PHUONG", "on_assessed_list": False})
    assert problem(year, 422, "rule-refused")["clause"] == "1"
    owed = held.done(held.home.get(f"{held.round}/obligations"))["items"]
    assert {(o["group"], o["report"]["clause"], o["dossier"]["clause"]) for o in owed} == {("XA_PHUONG", "6", "4.b")}
    assert {o["report"]["due_at"] for o in owed} == {"2025-12-15T23:59:59+07:00"}  # "chậm nhất ngày 15/12", the day itself in


def test_refusals_name_its_clauses_and_a_plan_that_prints_only_some_is_not_loaded(held, tmp_path):
    unit = held.units["office"]
    year = problem(held.home.post("/v1/dossiers", json={"campaign": CODE, "year": 2027, "nominator_unit_id": unit}), 422, "rule-refused")
    assert year["clause"] == "1"
    draft = "/v1/dossiers/" + held.done(held.home.post("/v1/dossiers", json={"campaign": CODE, "year": 2026, "nominator_unit_id": unit}))["id"]
    alone = held.home.put(f"{draft}/nominations/{unit}", json={"nominee": "INDIVIDUAL"})
    assert problem(alone, 422, "rule-refused")["clause"] == "2.1"
    named = set()
    for source in [p for p in (ROOT / "src").rglob("*") if p.suffix in (".c", ".h", ".sql")]:
        named |= set(re.findall(r"""["']((?:I|II|III|V)\.[0-9](?:\.[a-z])?)["']""", source.read_text(encoding="utf-8")))
    assert {"I.1.c", "III.2.b", "V.1"} <= named and not {n for n in named if not {n, n.rpartition(".")[0]} & PLAN["clauses"].keys()}
    for name in ("I.1.c", "III.4.b", "V.3"):
        changed, file = json.loads(FILE.read_text(encoding="utf-8")), tmp_path / "plan.json"
        del changed["clauses"][name]
        file.write_text(json.dumps(changed), encoding="utf-8")
        done = held.service.command("load", str(file))
        assert done.returncode == 1 and "/clauses must be an object that prints I.1.c" in done.stderr


def test_its_dossiers_consist_of_what_it_lists(held):
    """4.a: letter, report, table of own scores, no minutes; what is missing and what is no component are named by its clauses."""
    unit = make_unit(held.admin, kind="PROVINCIAL_BODY")["id"]
    held.done(held.home.put(f"{held.round}/contestants/{unit}", json={"group": "KHOI_TONG_HOP", "on_assessed_list": False}))
    nominator = held.service.key("unit", unit)
    path = "/v1/dossiers/" + held.done(nominator.post("/v1/dossiers", json={"campaign": CODE, "year": held.year, "nominator_unit_id": unit}))["id"]
    held.done(nominator.put(f"{path}/nominations/{unit}", json={}))
    for place, listed in (("documents/MINUTES", "TO_TRINH"), ("documents/REPORT", "TO_TRINH"),
                          (f"nominations/{unit}/documents/TO_TRINH", "REPORT SELF_SCORES"), (f"nominations/{unit}/documents/EVIDENCE", "REPORT SELF_SCORES")):
        refused = problem(nominator.put(f"{path}/{place}", data=make_pdf(), headers=PDF), 422, "rule-refused")
        assert refused["clause"] == "4.a" and re.findall(r'"(\w+)" \(', refused["detail"]) == listed.split()
    held.done(nominator.put(f"{path}/documents/TO_TRINH", data=make_pdf(), headers=PDF))
    held.done(nominator.put(f"{path}/nominations/{unit}/documents/REPORT", data=make_pdf(), headers=PDF))
    shown = held.done(nominator.get(path))
    assert shown["missing"] == [{"kind": "SELF_SCORES", "unit_id": unit, "unit_label": shown["nominations"][0]["unit_label"], "clause": "4.a"}] and not shown["complete"]
    assert shown["nominations"][0]["documents"] == {"REPORT": "PRESENT", "SELF_SCORES": "MISSING"}
    assert [(w["code"], w["clause"]) for w in shown["warnings"]] == [("DEADLINE_PASSED", "4.b"), ("LETTER_NOT_IDENTIFIED", "4.a")]
    refused = problem(held.move(nominator, path, "lodge"), 422, "rule-refused")
    assert refused["clause"] == "4.a" and [e["pointer"] for e in refused["errors"]] == [f"/nominations/{unit}/documents/SELF_SCORES"]
    called = next(c["en"] for c in PLAN["dossier_components"] if c["code"] == "SELF_SCORES")
    assert f"{called} is missing (4.a)." in refused["errors"][0]["detail"]
    version = nominator.get("/v1/dossiers", params={"campaign": CODE, "nominator_unit_id": unit}).json()["items"][0]["version"]
    among = nominator.post("/v1/dossiers/transitions", json={"action": "lodge", "dossiers": [{"id": path.rpartition("/")[2], "version": version}]})
    assert problem(among, 422, "rule-refused")["clause"] == "4.a", "a list has no other clauses than its items"
    held.done(nominator.put(f"{path}/nominations/{unit}/documents/SELF_SCORES", data=make_pdf("tự chấm"), headers=PDF))
    own = nominator.get(f"{path}/nominations/{unit}/documents/SELF_SCORES")
    assert own.content == make_pdf("tự chấm") and "self-scores-2025-" in own.headers["Content-Disposition"]
    stored = held.done(nominator.get(f"{path}/documents"))["items"]
    assert [d["kind"] for d in stored] == ["TO_TRINH", "REPORT", "SELF_SCORES"]
    assert nominator.get(stored[2]["href"]).content == own.content
    held.done(held.move(nominator, path, "lodge"))


def test_a_component_that_documents_are_stored_under_stays(held, tmp_path):
    changed, file = json.loads(FILE.read_text(encoding="utf-8")), tmp_path / "plan.json"
    changed["dossier_components"][0]["of"] = "NOMINEE"
    file.write_text(json.dumps(changed), encoding="utf-8")
    done = held.service.command("load", str(file))
    assert done.returncode == 1 and "dossier_components_stay" in done.stderr


def test_verdicts_and_standings_by_its_own_rules(held):
    held.done(allocate(held, ("KHOI_TONG_HOP", None, 1), ("KHOI_KINH_TE", None, 1), ("XA_PHUONG", "Cụm 1", 1), ("XA_PHUONG", "Cụm 2", 1)))
    evaluation = held.evaluate()
    assert held.results(evaluation, "office") == ("ELIGIBLE", {
        "2.1": "PASS", "3.a": "PASS", "3.b": "NOT_APPLICABLE", "3.c": "PASS", "3.d": "PASS", "3.e": "PASS", "4.a": "PASS", "4.b": "PASS"})
    assert held.results(evaluation, "tan_lap")[1]["4.b"] == "PASS"  # the tenth working day
    shown = held.standings(evaluation)
    assert {name: (shown[unit]["cluster"], shown[unit]["rank"], shown[unit]["status"]) for name, unit in held.units.items()} == {
        "office": (None, 1, "SECURE"), "interior": (None, 2, "OUT"), "finance": (None, 1, "SECURE"),
        "an_phu": ("Cụm 1", 1, "SECURE"), "an_binh": ("Cụm 1", 2, "OUT"),  # with 98 points: another cluster's 60 are no rivals
        "tan_lap": ("Cụm 2", 1, "SECURE"), "tan_hoa": ("Cụm 2", 2, "OUT")}
    parameters = held.done(held.auditor.get(f"/v1/evaluations/{evaluation}"))["parameters"]
    assert {"2026-01-01", "2026-01-02"} <= set(parameters["holidays"]) and parameters["worked_weekends"] == [
        "2024-05-04", "2025-04-26", "2026-01-10", "2026-08-22"]
    assert parameters["holidays_known"] == {"from": "2024-01-01", "through": "2026-12-31"}
    assert held.done(held.auditor.post(f"/v1/evaluations/{evaluation}/replay"))["identical"] is True


def test_at_least_two_of_three(held):
    """3.a: one content outstanding is too few, two are enough whatever the third is."""
    for results, outcome in ((("OUTSTANDING", "NOT_OUTSTANDING", "OUTSTANDING_LEADING"), "PASS"),
                             (("OUTSTANDING", "NOT_OUTSTANDING", "NOT_OUTSTANDING"), "FAIL"), ((), "PASS")):
        held.found("tan_hoa", "55", *results)
        assert held.results(held.evaluate(), "tan_hoa")[1]["3.a"] == outcome


def test_replay_holds_whatever_becomes_of_the_holidays(held, tmp_path):
    """The days by which it was counted are stored with the evaluation."""
    evaluation = held.evaluate()
    assert held.results(evaluation, "tan_lap")[1]["4.b"] == "PASS"
    law = json.loads((ROOT / "campaigns/law/VN-public-holidays.json").read_text(encoding="utf-8"))
    law["public_holidays"]["days"] = [d for d in law["public_holidays"]["days"] if d["date"] not in ("2026-01-01", "2026-01-02")]
    changed = tmp_path / "law.json"
    changed.write_text(json.dumps(law), encoding="utf-8")
    assert held.service.command("load", str(changed)).returncode == 0
    try:
        later = held.evaluate()
        assert held.results(later, "tan_lap")[1]["4.b"] == "FAIL"  # then the tenth working day was 8 January
        for each in (evaluation, later):
            assert held.done(held.auditor.post(f"/v1/evaluations/{each}/replay"))["identical"] is True
        assert held.results(evaluation, "tan_lap")[1]["4.b"] == "PASS"
    finally:
        assert held.service.command("load", str(ROOT / "campaigns/law/VN-public-holidays.json")).returncode == 0


def test_a_decision_by_its_own_law_and_the_cooldown_of_the_next_year(held):
    """5.3: its own coefficient. 3.c: who was awarded for 2025 is not for three years; for 2026 nobody knows the holidays of 2027 yet."""
    held.done(allocate(held, ("KHOI_TONG_HOP", None, 1), ("KHOI_KINH_TE", None, 1), ("XA_PHUONG", "Cụm 1", 1), ("XA_PHUONG", "Cụm 2", 1)))
    out = held.home.post(f"{held.round}/proposals", json={"evaluation_id": held.evaluate(), "letter_number": "2/TTr-SNV",
                                                          "units": [{"unit_id": held.units["an_binh"]}]})
    assert problem(out, 422, "rule-refused")["clause"] == "2.2"
    winners = [held.units[name] for name in ("office", "finance", "an_phu", "tan_lap")]
    early = held.done(held.home.post(f"{held.round}/proposals", json={"evaluation_id": held.evaluate(), "units": [{"unit_id": winners[0]}]}))
    waits = held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": early["id"]})
    assert problem(waits, 409, "conflict")["clause"] == PLAN["clauses"]["III.4.b"], "also where the plan is only that of what the body names"
    decision = held.draft(winners)
    signed = held.done(held.sign(decision, "15/QĐ-UBND"))
    assert len(signed["units"]) == 4
    held.publish(decision)
    awards = held.done(held.home.get("/v1/awards", params={"campaign": CODE}))["items"]
    assert {a["bonus_vnd"] for a in awards} == {3510000}  # 1.5 × 2.340.000
    next_year = f"{held.campaign}/rounds/2026"
    for name in ("office", "interior"):
        held.done(held.home.put(f"{next_year}/contestants/{held.units[name]}", json={"group": "KHOI_TONG_HOP", "on_assessed_list": False}))
    path = f"{next_year}/registers/awards"
    held.done(held.home.put(path, headers=held.etag(path), json={"complete": True, "complete_through": NOW[:10], "source": "Rà soát"}))
    evaluation = held.done(held.home.post(f"{next_year}/evaluations", json={}))
    assert held.results(evaluation["id"], "office")[1]["3.c"] == "FAIL"
    assert held.results(evaluation["id"], "interior")[1]["3.c"] == "PASS"
    assert evaluation["parameters"]["holidays_known"]["through"] == "2026-12-31"
