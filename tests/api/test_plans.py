"""Plans that no line of C is for, from register to published awards: plan 230 with the preference of the law for collectives of women, and
the invented ones of campaigns/mau, each for one shape of award. A plan's own cases are run when it is loaded."""
import json
import re

import pytest

from award_tools import AwardRound
from conftest import make_unit
from dossier_tools import PDF, make_pdf
from service import ROOT, problem
from test_papers import paper, says, text_of

NOW = "2026-02-05T08:00:00+07:00"
YEAR = 2025
# A unit: {score (of all contents, or of each), group, cluster, members (all, women), index (that of the year and of the one before), initiatives, but (a finding)}.
SO, XA, LIKE_230 = "KHOI_SO", "KHOI_XA", "SO_BAN_NGANH"


def units(group, scores, **more):
    return {f"{group}{more.get('cluster', '')}-{score}": {"group": group, "score": score, **more} for score in scores}


def with_women(**women):
    """Plan 230: five with better scores, and those for the last place, alike but for their women among 20 or 10."""
    return {**units(LIKE_230, (99, 98, 97, 96, 95)), **{name: {"group": LIKE_230, "score": 90, "members": counted} for name, counted in women.items()}}


# Plan, units, who has which place of which form (with its tier), and the amount of each award.
PLANS = {
    "230-KH-UBND": (
        with_women(seven_of_ten=(10, 7), almost=(20, 13), none=(10, 0)),
        {None: {**{name: None for name in units(LIKE_230, (99, 98, 97, 96, 95))}, "seven_of_ten": None}}, {None: 7_020_000}),
    "81-KH-UBND-MAU": (  # 19 communes: 1.9 places, rounded down; 9 departments: 0.9, but one at least
        {**units(XA, range(60, 79)), **units(SO, range(80, 89))},
        {"GIAY_KHEN": {"KHOI_XA-78": None, "KHOI_SO-88": None}}, {"GIAY_KHEN": 1_760_000}),  # 0.75 × 2,340,000, rounded up to 10,000
    "82-KH-UBND-MAU": (  # each cluster's first, and of all others the next five: two of the second cluster are not among them
        {**units(XA, (90, 89, 88, 87, 86, 85), cluster="1"), **units(XA, (84, 70, 69), cluster="2")},
        {"CO_THI_DUA": {"KHOI_XA1-90": None, "KHOI_XA2-84": None},
         "BANG_KHEN": {f"KHOI_XA1-{score}": None for score in (89, 88, 87, 86, 85)}}, {"CO_THI_DUA": 9_360_000, "BANG_KHEN": 4_680_000}),
    "83-KH-UBND-MAU": (
        units(XA, (90, 80, 79, 70, 69, 68, 67)),
        {"GIAI": {"KHOI_XA-90": "NHAT", "KHOI_XA-80": "NHI", "KHOI_XA-79": "NHI", **{f"KHOI_XA-{s}": "BA" for s in (70, 69, 68)}}},
        {"NHAT": 7_020_000, "NHI": 4_680_000, "BA": 2_340_000}),
    "84-KH-UBND-MAU": (  # the second did not rise enough, the fourth rose most but is not among the first three of its group
        {**{f"xa{place}": {"group": XA, "score": 100 - place, "index": index}
            for place, index in enumerate((("80.00", "78.00"), ("90.00", "88.01"), ("70.50", "60.00"), ("95.00", "50.00")), 1)},
         "so": {"group": SO, "score": 10, "index": ("50.00", "40.00")}},
        {"BANG_KHEN": {"xa1": None, "xa3": None, "so": None}}, {"BANG_KHEN": 5_850_000}),
    "85-KH-UBND-MAU": (  # two initiatives are five points, more than four in the scores; 19 are too few in a department only
        {"led": {"group": XA, "score": 80, "members": (10, 0)}, "behind": {"group": XA, "score": "79.2", "members": (10, 0), "initiatives": 2},
         "small": {"group": XA, "score": 99, "members": (9, 0)}, "but_one": {"group": SO, "score": 70, "members": (20, 0), "but": 1},
         "but_two": {"group": SO, "score": 90, "members": (20, 0), "but": 2}, "nineteen": {"group": SO, "score": 99, "members": (19, 0)}},
        {"BANG_KHEN": {"behind": None, "but_one": None}}, {"BANG_KHEN": 2_810_000}),  # 1.2 × 2,340,000, rounded up
    "86-KH-UBND-MAU": (  # the second cluster's first has 94.99: no flag. "bonus" would have 91.49, but for the 5 points that are added at most. 8 communes: 1.6 places, rounded to 2; 2 departments: 0.4, but one at least
        {"flag": {"group": XA, "cluster": "1", "score": ("38", "28", "27.5", "2.5", "1")}, "almost": {"group": XA, "cluster": "2", "score": ("38", "28", "27.5", "2.5", "1.01")},
         "floor": {"group": XA, "cluster": "1", "score": ("40", "30", "14.99", "5", "0")}, "eighty": {"group": XA, "cluster": "1", "score": ("40", "30", "15", "0", "5")},
         "below": {"group": XA, "cluster": "2", "score": ("40", "30", "15", "0", "5.01")}, "ninety": {"group": XA, "cluster": "1", "score": ("40", "30", "25", "0", "5")},
         "bonus": {"group": XA, "cluster": "2", "score": ("40", "28", "16.99", "4.5", "0"), "initiatives": 2}, "last": {"group": XA, "cluster": "2", "score": ("30", "28", "25", "0", "0")},
         "so": {"group": SO, "cluster": "K1", "score": ("40", "30", "30", "0", "4")}, "so_next": {"group": SO, "cluster": "K1", "score": ("30", "28", "25", "0", "0")}},
        {"CO_THI_DUA": {"flag": None, "so": None}, "BANG_KHEN": {"almost": None, "ninety": None, "so_next": None}},
        {"CO_THI_DUA": 9_360_000, "BANG_KHEN": 4_680_000}),
    "87-KH-UBND-MAU": (units(XA, (90, 80, 70, 60, 50)), {"GIAY_KHEN": {"KHOI_XA-90": None}}, {"GIAY_KHEN": 1_760_000}),  # of five: a third, rounded down
    "88-KH-UBND-MAU": (  # ten have the 50 points of a certificate: two flags, and five certificates
        units(XA, (95, 94, 93, 92, 80, 75, 70, 65, 60, 55, 49, 40)),
        {"CO_THI_DUA": {"KHOI_XA-95": None, "KHOI_XA-94": None}, "BANG_KHEN": {f"KHOI_XA-{score}": None for score in (93, 92, 80, 75, 70)}},
        {"CO_THI_DUA": 9_360_000, "BANG_KHEN": 4_680_000}),
}

# What the papers of a dossier ask for, and what the achievement report has beside the contents: no more than the rules read.
INDEX_230, INITIATIVES_230 = "Chỉ số cải cách hành chính năm 2025:", "Sáng kiến, giải pháp, cách làm mới được Hội đồng Sáng kiến cấp tỉnh công nhận:"
ASKED = {
    "230-KH-UBND": ("Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh", [INDEX_230, INITIATIVES_230]), "81-KH-UBND-MAU": ("Giấy khen", []),
    "82-KH-UBND-MAU": ("Cờ thi đua hoặc Bằng khen", []), "83-KH-UBND-MAU": ("Giải thưởng hội thi", []), "84-KH-UBND-MAU": ("Bằng khen", ["Chỉ số năm 2025:"]),
    "85-KH-UBND-MAU": ("Bằng khen", ["Sáng kiến, giải pháp được công nhận:"]), "86-KH-UBND-MAU": ("Cờ thi đua hoặc Bằng khen", ["Sáng kiến, giải pháp được công nhận:"]), "87-KH-UBND-MAU": ("Giấy khen", []),
    "88-KH-UBND-MAU": ("Cờ thi đua hoặc Bằng khen", []),
}


def file_of(code):
    [found] = (ROOT / "campaigns").rglob(f"{code}.json")
    return found


class PlanRound(AwardRound):
    """The round of a plan with these units, all they need stored over HTTP."""

    def __init__(self, service, code, entered):
        self.service, self.year, self.code = service, YEAR, code
        self.plan = json.loads(file_of(code).read_text(encoding="utf-8"))
        self.admin, self.home, self.chair = (service.key(role) for role in ("admin", "home_affairs", "chair_office"))
        self.council, self.auditor = service.key("initiative_council"), service.key("auditor")
        self.campaign = f"/v1/campaigns/{code}"
        self.round = f"{self.campaign}/rounds/{YEAR}"
        self.kinds = {group["code"]: group["unit_kinds"][0] for group in self.plan["groups"]}
        self.frames, self.units, self.initiatives = set(), {}, {}
        for name, each in entered.items():
            self.enter(name, **each)
        declared = self.done(self.auditor.get(f"{self.round}/registers"))["items"]
        for register in (item["register"] for item in declared):
            path = f"{self.round}/registers/{register}"
            self.done(self.home.put(path, headers=self.etag(path), json={"complete": True, "complete_through": NOW[:10], "source": "Rà soát"}))

    def enter(self, name, group, score, cluster=None, members=(30, 0), index=None, initiatives=0, but=0):
        unit = self.units[name] = make_unit(self.admin, kind=self.kinds[group])["id"]
        self.unit_client = self.service.key("unit", unit)
        entry = {"group": group, "on_assessed_list": bool(index), "advises_par": True, "members_total": members[0], "members_women": members[1],
                 "source_document": "12/QĐ-SNV"}
        for year in (YEAR, YEAR - 1) if index else (YEAR,):
            self.done(self.home.put(f"{self.campaign}/rounds/{year}/contestants/{unit}", json={**entry, **({"cluster": cluster} if cluster else {})}))
        self.done(self.home.put(f"{self.round}/findings/{unit}", json={"contents": [
            {"content": content["code"], "score": score[i] if isinstance(score, tuple) else str(score), "result": "NOT_OUTSTANDING" if i < but else "OUTSTANDING_LEADING", "reason": "Thẩm định",
             "evidence": []} for i, content in enumerate(self.plan["contents"])]}))
        for _ in range(initiatives or self.code == "230-KH-UBND"):
            self.initiatives[unit] = self.recognised_initiative(unit)
        for year, points in zip((YEAR, YEAR - 1), index or ()):
            self.assess(unit, "XA" if self.kinds[group] == "COMMUNE" else "SO", year, points)
        self.hand_in(unit)

    def assess(self, unit, tier, year, points):
        """An index approved with these points of 100."""
        frame = f"{self.code.lower()}-{tier.lower()}"
        if (frame, year) not in self.frames:
            self.frames.add((frame, year))
            self.done(self.home.put(f"/v1/score-frames/{frame}/{year}", json={"tier": tier, "nodes": [
                {"code": "1", "text_vi": "Chỉ số", "parent": None, "kind": "NORMAL", "maximum": "100.00"}]}))
        path = f"/v1/scores/{unit}/{year}"
        self.done(self.unit_client.put(path, json={"frame": frame, "leaves": [{"code": "1", "self_points": points}]}))
        self.done(self.move(self.unit_client, path, "submit"))
        self.done(self.home.put(f"{path}/appraisal", headers=self.etag(path), json={"leaves": [{"code": "1", "appraised_points": points}]}))
        for client, action, more in ((self.home, "appraise", {}), (self.home, "finalise", {}),
                                     (self.chair, "approve", {"decision_number": "451/QĐ-UBND", "decision_date": f"{year + 1}-01-15"})):
            self.done(self.move(client, path, action, **more))

    def hand_in(self, unit):
        path = "/v1/dossiers/" + self.done(self.unit_client.post("/v1/dossiers", json={
            "campaign": self.code, "year": YEAR, "nominator_unit_id": unit}))["id"]
        self.done(self.unit_client.put(f"{path}/nominations/{unit}", json={}))
        for component in self.plan["dossier_components"]:
            place = "" if component["of"] == "DOSSIER" else f"nominations/{unit}/"
            answer = self.unit_client.put(f"{path}/{place}documents/{component['code']}", data=make_pdf(f"{unit} {component['code']}"), headers=PDF)
            self.done(answer)
        self.done(self.move(self.unit_client, path, "lodge"))
        self.done(self.move(self.home, path, "accept", received_at=f"{YEAR}-12-20T09:00:00+07:00", source="Sổ công văn đến"))
        self.handed_in = f"{path}/nominations/{unit}"

    def placed(self, evaluation, status):
        """{form: {unit's name: tier}} of who has that status."""
        names = {unit: name for name, unit in self.units.items()}
        found = {}
        for item in self.done(self.auditor.get(f"/v1/evaluations/{evaluation}/standings"))["items"]:
            assert item["status"] in ("SECURE", "OUT", "AWARDED"), item
            if item["status"] == status:
                found.setdefault(item.get("form"), {})[names[item["unit_id"]]] = item.get("tier")
        return found

    def replays(self, evaluation):
        assert self.done(self.auditor.post(f"/v1/evaluations/{evaluation}/replay"))["identical"] is True


@pytest.mark.parametrize("code", PLANS)
def test_a_plan_runs_from_register_to_published_awards(fresh_service, code):
    entered, expected, amounts = PLANS[code]
    loaded = fresh_service.command("load", str(file_of(code)))
    assert loaded.returncode == 0, loaded.stderr
    held = PlanRound(fresh_service, code, entered)
    evaluation = held.evaluate()
    assert held.placed(evaluation, "SECURE") == expected
    held.replays(evaluation)
    form, asked = ASKED[code]
    letter, report = (text_of(paper(held.auditor, path).content) for path in (held.handed_in.partition("/nominations")[0], held.handed_in))
    assert says(letter, f"xem xét, tặng {form} cho 01 tập thể") and says(report, f"Đề nghị tặng {form} trong")
    first = len(held.plan["contents"]) + 1
    assert [label for number, label in enumerate(asked, first) if not says(report, f"{number}. {label}")] == [], report
    assert asked or f"{first}. " not in report.partition("II. THÀNH TÍCH")[2], report

    wanted = [(held.units[name], form, tier) for form, names in expected.items() for name, tier in names.items()]
    letter = 100 + list(PLANS).index(code)
    propose = lambda chosen: held.home.post(f"{held.round}/proposals", json={
        "evaluation_id": evaluation, "letter_number": f"{letter}/TTr-SNV", "units": [
            {"unit_id": unit, **({"form": form} if form else {}), **({"initiative_id": held.initiatives[unit]} if unit in held.initiatives else {})}
            for unit, form in chosen]})
    without = next(unit for unit in held.units.values() if unit not in [each for each, _, _ in wanted])
    eligible = held.standings(evaluation)[without]["overall"] == "ELIGIBLE"
    against = decided_against(held, evaluation, without)
    refused = problem(propose([(without, against.get("form") or next(iter(expected)))]), *((422, "rule-refused") if eligible else (409, "not-eligible")))
    assert refused["errors"][0]["unit_id"] == without
    assert not eligible or against["decided_by"]["text"]["en"] in refused["errors"][0]["detail"], refused

    proposal = held.done(propose([(unit, form) for unit, form, _ in wanted]))
    assert sorted((item["unit_id"], str(item.get("form")), str(item.get("tier"))) for item in proposal["units"]) == sorted(
        (unit, str(form), str(tier)) for unit, form, tier in wanted)
    held.done(held.move(held.home, f"/v1/proposals/{proposal['id']}", "submit"))
    says_what_the_plan_asks_for(held, f"/v1/proposals/{proposal['id']}")
    decision = "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal["id"]}))["id"]
    held.done(held.sign(decision, f"{letter}/QĐ-UBND"))
    public = lambda: held.service.anonymous().get("/v1/awards", params={"campaign": code, "limit": 100}).json()["items"]
    assert public() == []
    held.publish(decision)

    awards = {award["unit_id"]: award for award in public()}
    assert awards.keys() == {unit for unit, _, _ in wanted}
    for unit, form, tier in wanted:
        award = awards[unit]
        assert (award.get("form"), award.get("tier"), award["bonus_vnd"], award["state"]) == (form, tier, amounts[tier or form], "ACTIVE")
    after = held.evaluate()
    assert held.placed(after, "AWARDED") == expected and held.placed(after, "SECURE") == {}
    for each in (evaluation, after):
        held.replays(each)
    is_told_that_there_was_no_place(held, evaluation, f"/v1/proposals/{proposal['id']}")


def decided_against(held, evaluation, unit):
    """Its place in the highest form where something decided against it."""
    items = held.done(held.auditor.get(f"/v1/evaluations/{evaluation}/standings"))["items"]
    return next((item for item in items if item["unit_id"] == unit and item["decided_by"]), {})


def is_told_that_there_was_no_place(held, evaluation, proposal):
    """Also who is eligible for a lower form only: that it does not reach a higher one is not why it got none."""
    overall = {item["unit_id"]: item["overall"] for item in held.done(held.auditor.get(f"/v1/evaluations/{evaluation}/verdicts", params={"limit": 100}))["items"]}
    for unit in held.units.values():
        [told] = held.done(held.auditor.get(f"{proposal}/results/{unit}"))["items"]
        if told["result"] == "REFUSED":
            assert any("không nằm trong số lượng" in reason["text"]["vi"] for reason in told["reasons"]) == (overall[unit] == "ELIGIBLE"), told


# The places of forms as the submission says them to the Chair, where a plan has forms.
PLACES_SAID = {
    "81-KH-UBND-MAU": "Giấy khen: 02 (10,00% của 28 đối tượng thi đua)", "82-KH-UBND-MAU": "Cờ thi đua: 02; Bằng khen: 05",
    "83-KH-UBND-MAU": "Giải thưởng hội thi: 06", "84-KH-UBND-MAU": "Bằng khen: 04", "85-KH-UBND-MAU": "Bằng khen: 02",
    "86-KH-UBND-MAU": "Cờ thi đua: 03; Bằng khen: 03 (20,00% của 10 tập thể được đề nghị)",
    "87-KH-UBND-MAU": "Giấy khen: 01 (1/3 của 05 đối tượng thi đua)",
    "88-KH-UBND-MAU": "Cờ thi đua: 02 (20,00% của 10 tập thể đạt tiêu chuẩn); Bằng khen: 05 (50,00% của 10 tập thể đạt tiêu chuẩn)"}


def says_what_the_plan_asks_for(held, proposal):
    """The submission has a column for nothing that the rules do not read, and says how many places the plan has; the report of the year
    names each criterion, for two may stand in one clause."""
    submission, report = (text_of(paper(held.auditor, path).content) for path in (proposal, held.round))
    rules = held.plan["criteria_set"]
    assert says(submission, "Chỉ số (%)") == ("index_achieved" in rules["facts"])
    assert says(submission, "công nhận)") == ("initiatives" in rules.get("registers", {}))
    assert says(submission, "chỉ có mức trần của năm") != (held.code in PLACES_SAID)
    assert says(submission, PLACES_SAID.get(held.code, "6 tập thể")), submission
    [warned] = [w["text"]["vi"] for w in held.done(held.auditor.get(f"{held.round}/quota"))["warnings"] if w["code"] == "NO_ALLOCATION"]
    assert ("số suất của từng hình thức" in warned) == (held.code in PLACES_SAID)
    clauses = [c["clause"] for c in rules["criteria"]]
    named = {f"{c['clause']}: {c['text']['vi']}" for c in rules["criteria"] if len(set(clauses)) < len(clauses)}
    assert {name for name in named if not says(report, name)} == set(), report


def test_a_plan_is_checked_and_not_stored(fresh_service, tmp_path):
    plan = json.loads(file_of("81-KH-UBND-MAU").read_text(encoding="utf-8"))
    plan["code"] = "CHECKED-ONLY"
    sound, faulty = tmp_path / "sound.json", tmp_path / "faulty.json"
    sound.write_text(json.dumps(plan), encoding="utf-8")
    plan["prizes"] = plan["criteria_set"]["forms"][0]["colour"] = 1
    faulty.write_text(json.dumps(plan), encoding="utf-8")
    checked = fresh_service.command("load", "--check", str(sound))
    assert checked.returncode == 0 and checked.stdout == f"{sound}: no faults\n", checked.stderr
    marked = tmp_path / "marked.json"  # as editors of Windows write it
    marked.write_bytes(b"\xef\xbb\xbf" + sound.read_bytes())
    assert fresh_service.command("load", "--check", str(marked)).stdout == f"{marked}: no faults\n"
    refused = fresh_service.command("load", "--check", str(faulty))
    assert refused.returncode == 1 and "/prizes" in refused.stderr and "/criteria_set/forms/0/colour" in refused.stderr
    both = fresh_service.command("load", "--check", str(faulty), str(sound), str(faulty))
    assert both.returncode == 1 and both.stdout == checked.stdout and both.stderr == refused.stderr * 2
    holidays = fresh_service.command("load", "--check", str(ROOT / "campaigns/law/VN-public-holidays.json"))
    assert holidays.returncode == 1 and "is for plans" in holidays.stderr
    assert fresh_service.psql("SELECT count(*) FROM campaigns WHERE code = 'CHECKED-ONLY'") == "0"


def test_no_code_names_anything_of_them():
    """Neither their codes, forms, tiers, contents nor leaves; what the registers call a fact is theirs."""
    words = set()
    for file in (ROOT / "campaigns/mau").iterdir():
        plan = json.loads(file.read_text(encoding="utf-8"))
        rules = plan["criteria_set"]
        assert plan["code"] == file.stem and "giả định" in plan["invented"]["vi"] and "invented" in plan["invented"]["en"]
        words |= {plan["code"], *(each["code"] for each in plan["groups"] + plan["contents"]), *(form["form"] for form in rules["forms"])}
        words |= {tier["tier"] for form in rules["forms"] for tier in form.get("tiers", ())}
        words |= set(re.findall(r'"id": "([a-z]+_[a-z0-9_]+)"', file.read_text(encoding="utf-8"))) - rules["facts"].keys()
    assert {"CO_THI_DUA", "NHAT", "first_three", "two_points_more", "outstanding_n5"} <= words
    sources = [path for folder in ("src", "include") for path in (ROOT / folder).rglob("*") if path.suffix in (".c", ".h", ".sql", ".def")]
    texts = {path.name: re.sub(r"//.*|COMMENT ON.*?;", "", path.read_text(encoding="utf-8"), flags=re.S if path.suffix == ".sql" else 0)
             for path in sources}
    assert {(name, word) for name, text in texts.items() for word in words if re.search(rf"\b{re.escape(word)}\b", text)} == set()
