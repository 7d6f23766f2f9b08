"""Plans as data and `thidua load`."""
import copy
import json
import uuid

import pytest

from award_tools import AwardRound, number
from conftest import PLAN, make_campaign, make_unit
from service import problem, wait_until
from test_papers import DOCX, text_of_docx


@pytest.fixture
def plan():
    return {**copy.deepcopy(PLAN), "code": f"T-{uuid.uuid4().hex[:12]}"}


@pytest.fixture
def load(service, tmp_path):
    def load_plan(plan, *options):
        file = tmp_path / "plan.json"
        file.write_text(plan if isinstance(plan, str) else json.dumps(plan), encoding="utf-8")
        return service.command("load", *options, str(file))
    return load_plan


def test_loading_twice_changes_nothing_and_tells_the_journal_once(service, clients, plan, load):
    assert load(plan).stdout == f"{plan['code']}: created\n"
    before = clients["anyone"].get(f"/v1/campaigns/{plan['code']}")
    assert load(plan).stdout == f"{plan['code']}: unchanged\n"
    after = clients["anyone"].get(f"/v1/campaigns/{plan['code']}")
    assert before.status_code == 200 and before.headers["ETag"] == after.headers["ETag"]
    told = service.psql(f"SELECT count(*), min(type) FROM journal WHERE campaign = '{plan['code']}'")
    assert told == "1|campaign.created"


def test_a_changed_plan_moves_its_rounds_and_what_is_cached(service, clients, plan, load):
    load(plan)
    url = f"/v1/campaigns/{plan['code']}/rounds/2024"
    old = clients["anyone"].get(url)
    assert old.json()["cap"] == 6
    plan["cap"] = 5
    assert load(plan).stdout.endswith("updated\n")
    wait_until(lambda: clients["anyone"].get(url, headers={"If-None-Match": old.headers["ETag"]}).status_code == 200)
    assert clients["anyone"].get(url).json()["cap"] == 5
    told = service.psql(f"SELECT type, before->>'cap', after->>'cap' FROM journal WHERE campaign = '{plan['code']}' ORDER BY id")
    assert told.splitlines() == ["campaign.created||6", "campaign.changed|6|5"]


@pytest.mark.parametrize("path, value, words", [
    (("award_years",), [2024, 2026], "/award_years must be"),
    (("award_years",), [], "/award_years must be"),
    (("award_years",), [2024, 2025, 2025], "/award_years must be"),
    (("code",), "230 KH", "/code must be"),  # it could not stand in a path
    (("code",), "..", "/code must be"),  # a client would take it for the way out of the path
    (("code",), ".230-KH", "/code must be"),
    (("criteria_set", "name"), "..", "/criteria_set/name must be"),
    (("criteria_set", "name"), "tiêu chí", "/criteria_set/name must be"),
    (("criteria_set", "name"), "Đ", "/criteria_set/name must be"),
    (("criteria_set", "version"), 10000, "/criteria_set/version"),
    (("issuer",), None, "/issuer must be a text"),
    (("title", "en"), "", "/title/en must be a text"),
    (("groups", 1, "vi"), None, "/groups/1/vi must be a text"),
    (("groups", 2, "unit_kinds"), ["SCHOOL"], "look at /groups/2"),
    (("contents", 0, "en"), 5, "/contents/0/en must be a text"),
    (("award_form", "text"), "Bằng khen", "/award_form/text/vi must be a text"),
    (("law", "governing"), [{"valid_from": "2024-01-01"}], "/law/governing/0/document must be a text"),
    (("cut_offs", "dossier", "clause"), "4.b", "/clauses must be an object"),  # else refusals name III.4.a
    (("clauses",), {"III.3a": "4"}, "/clauses/III.3a: nothing reads this member"),
    (("cap",), "6", "/cap must be"),
    (("cap",), -1, "/cap must be"),
    (("window", "to"), "2025-02-30", "/window/to must be"),
    (("cut_offs", "dossier", "month_day"), "02-29", "/cut_offs/dossier/month_day must be"),
    (("cut_offs", "proposal", "calendar_days"), 10, "/cut_offs/proposal/calendar_days must be"),
    (("cut_offs", "proposal", "working_days"), -5, "/cut_offs/proposal/working_days must be"),  # beside calendar days
    (("cut_offs", "proposal"), {"working_days": 5}, "/cut_offs/proposal/working_days must be"),
    (("cut_offs", "proposal"), {"working_days": -3661}, "/cut_offs/proposal/working_days must be"),
    (("cut_offs", "proposal"), {"working_days": "-5"}, "/cut_offs/proposal/working_days must be"),
    (("cut_offs", "proposal"), {"clause": "III.4.b"}, "in one of `calendar_days` and `working_days`"),
    (("contents",), [{"code": "A"}, {"code": "A"}], "/contents must be"),
    (("dossier_components",), [], "/dossier_components must be"),
    (("dossier_components", 0, "code"), "EVIDENCE", "/dossier_components must be"),
    (("dossier_components", 0, "code"), "REPORT", "/dossier_components must be"),  # twice
    (("dossier_components", 0, "confirmed"), True, "/dossier_components must be"),  # a paper of the nominator itself
    (("dossier_components", 0, "of"), "UNIT", "/dossier_components must be"),
    (("dossier_components", 0, "clause"), "", "/dossier_components must be"),
    (("dossier_components", 1, "code"), "RECORD", "/criteria_set/documents must be"),  # the rules ask for MINUTES
    (("council",), {}, "/council must be"),
    (("law", "authorities"), [{"vi": "Chủ tịch", "en": "Chair"}], "/law/authorities must be"),
    (("law", "governing"), [{"valid_from": "2024-01-01"}, {"valid_from": "2026-10-01"}], "/law/governing must be"),  # the first never ends
    (("law", "governing"), [{"valid_from": "2024-01-01", "valid_to": "2026-10-01"}, {"valid_from": "2026-10-01"}], "/law/governing must be"),
    (("papers", 1, "valid_from"), "2025-06-30", "/papers must be"),
    (("papers", 0, "place"), ["Bình Phước"], "/papers/0/place must be a text"),
    (("papers", 0, "chair"), "Chủ tịch", "/papers/0/chair must be an object"),
    (("papers", 2, "decision", "symbols"), "QĐ", "/papers/2/decision/symbols is read by nobody"),
    (("papers", 0, "seal"), {"agency": "Ủy ban"}, "/papers/0/seal"),
    (("papers", 0, "decision", "bases"), "Luật", "/papers/0/decision/bases must be a list of at most 20 texts"),
    (("papers", 0, "decision", "bases", 1), "x" * 501, "/papers/0/decision/bases/1 must be a text of at most 500 characters"),
    (("papers", 1, "notice", "recipients"), ["Lưu: VT"] * 21, "/papers/1/notice/recipients must be a list"),
    (("council",), {"threshold": {"p": 0, "q": 3}}, "/council must be"),
    (("council",), {"quorum": {"p": 4, "q": 3}}, "/council must be"),
    (("council",), {"quorum": {"p": 2, "q": 3}, "majority": {"p": 1, "q": 2}}, "/council must be"),
    (("title", "vi"), "Kế hoạch \u202e0302", "/title/vi holds characters"),
    (("contents", 1, "vi"), "\u00a0\u200b", "/contents/1/vi holds characters"),
    (("cut_offs", "dossier", "rule"), "about", '/cut_offs/dossier/rule must be "before" or "not_after", or absent'),
    (("cut_offs", "yearly_report", "of"), "any_year", "/cut_offs/yearly_report/of must be"),
    (("cut_offs", "proposal", "base"), "signing_date", '/cut_offs/proposal/base must be "conference_date", or absent'),
    (("cut_offs", "dossier", "time_zone"), "UTC", "/cut_offs/dossier/time_zone must be"),
    (("criteria_set", "version"), None, "/criteria_set/version must be"),
])
def test_a_wrong_plan_is_refused_by_the_name_of_its_member(clients, plan, load, path, value, words):
    place = plan
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    done, checked = load(plan), load(plan, "--check")
    assert done.returncode == 1 and words in done.stderr
    assert (checked.returncode, checked.stderr) == (1, done.stderr)  # so nothing is left for the load to find
    problem(clients["anyone"].get(f"/v1/campaigns/{plan['code']}"), 404, "not-found")


def test_a_file_that_is_no_json_or_says_a_thing_twice_is_refused(load):
    for text in ("{", '{"code": "X", "code": "Y"}'):
        done = load(text)
        assert done.returncode == 1 and "line 1" in done.stderr


def test_a_published_criteria_set_never_changes(service, plan, load):
    plan["criteria_set"] = {**plan["criteria_set"], "name": plan["code"]}
    assert load(plan).returncode == 0
    kept = service.psql(f"SELECT sha256 FROM criteria_sets WHERE name = '{plan['code']}'")
    plan["criteria_set"]["valid_to"] = "2025-12-30"
    done = load(plan)
    assert done.returncode == 1 and "give it a new version" in done.stderr
    for sql in ("UPDATE criteria_sets SET document = '{}'", "DELETE FROM criteria_sets"):
        assert "refused" in service.psql(f"{sql} WHERE name = '{plan['code']}'")
    assert service.psql(f"SELECT sha256 FROM criteria_sets WHERE name = '{plan['code']}'") == kept
    plan["criteria_set"]["version"] = 2
    assert load(plan).stdout.endswith("updated\n")
    assert service.psql(f"SELECT count(*) FROM criteria_sets WHERE name = '{plan['code']}'") == "2"


def test_a_criteria_set_that_fails_its_own_cases_is_not_published(service, plan, load):
    """Loading publishes: a verdict that is not the expected one, or an unknown leaf, keeps the whole plan out."""
    plan["criteria_set"]["name"] = plan["code"]
    sound = copy.deepcopy(plan["criteria_set"])
    plan["criteria_set"]["cases"][0]["expect"]["overall"] = "INELIGIBLE"
    done = load(plan)
    assert done.returncode == 1 and "/criteria_set/cases/0" in done.stderr
    plan["criteria_set"] = copy.deepcopy(sound)
    plan["criteria_set"]["criteria"][0]["requires"] = {"kind": "gut_feeling"}
    done = load(plan)
    assert done.returncode == 1 and "/criteria_set/criteria/0/requires" in done.stderr
    assert service.psql(f"SELECT count(*) FROM criteria_sets WHERE name = '{plan['code']}'") == "0"
    assert service.psql(f"SELECT count(*) FROM campaigns WHERE code = '{plan['code']}'") == "0"


def test_cut_offs_are_read_as_the_plan_writes_them(clients, plan, load):
    """"trước ngày" leaves the day before as the last one, "đến ngày" and "chậm nhất" the day itself; it can be one of the year after."""
    last = {("before", "award_year"): "2024-01-30", ("not_after", "award_year"): "2024-01-31",
            ("before", "following_year"): "2025-01-30", ("not_after", "following_year"): "2025-01-31"}
    for (rule, of), day in last.items():
        plan["cut_offs"]["dossier"] |= {"rule": rule, "of": of, "month_day": "01-31"}
        assert load(plan).returncode == 0
        shown = lambda: clients["anyone"].get(f"/v1/campaigns/{plan['code']}/rounds/2024").json()["submission_deadline"]
        wait_until(lambda: shown() == f"{day}T23:59:59+07:00")  # the service hears of it from the database


def test_an_open_award_year_cannot_be_taken_out(clients, plan, load):
    load(plan)
    plan["award_years"] = [2025]
    done = load(plan)
    assert done.returncode == 1 and "rounds_stay" in done.stderr
    assert clients["anyone"].get(f"/v1/campaigns/{plan['code']}/rounds/2024").status_code == 200


def test_a_new_version_lowers_no_cap_below_what_was_awarded(service, clients, plan, load):
    """III.2.b: "Không vượt quá". The board said that less than nothing was left. A revoked award keeps its place."""
    load(plan)
    held = AwardRound(service, clients, 2, campaign=f"/v1/campaigns/{plan['code']}")
    decision = held.draft(held.units)
    held.done(held.sign(decision, number()))
    held.publish(decision)
    revoking = held.done(held.chair.post("/v1/decisions", json={
        "kind": "REVOKE", "subject_id": decision.rsplit("/", 1)[1], "ground": "FRAUD", "reason": "Gian dối"}))["id"]
    held.done(held.sign(f"/v1/decisions/{revoking}", number()))
    plan["cap"] = 1
    done = load(plan)
    assert done.returncode == 1 and "rounds_cap_awarded" in done.stderr
    quota = held.auditor.get(f"{held.round}/board").json()["quota"]
    assert (quota["cap"], quota["left"]) == (6, 4)
    plan["cap"] = 2
    assert load(plan).returncode == 0
    wait_until(lambda: held.auditor.get(f"{held.round}/board").json()["quota"]["left"] == 0)


def test_a_closed_round_keeps_what_it_was_run_by(service, clients, plan, load):
    """III.4.a, III.2.b, III.3: a plan that is amended later makes no dossier of a closed year late or incomplete, nor a submission late."""
    load(plan)
    held = AwardRound(service, clients, 2, campaign=f"/v1/campaigns/{plan['code']}")
    decision = held.draft(held.units)
    held.done(held.sign(decision, number()))
    held.publish(decision)
    held.done(held.move(held.home, held.round, "close"))
    paths = (held.round, held.dossier, f"{held.round}/board", f"{held.round}/obligations", held.auditor.get(decision).json()["proposal_id"])
    paths = [*paths[:4], f"/v1/proposals/{paths[4]}"]
    known = ("cap", "submission_deadline", "proposal_deadline", "deadlines", "late", "quota", "in_time", "items", "state", "complete", "missing")

    def shown():
        return [{name: value for name, value in held.auditor.get(path).json().items() if name in known} for path in paths]
    before = shown()
    plan["cap"] = 1
    plan["cut_offs"]["dossier"]["month_day"] = plan["cut_offs"]["yearly_report"]["month_day"] = "12-15"
    plan["cut_offs"]["proposal"]["calendar_days"] -= 5
    plan["dossier_components"].append({**plan["dossier_components"][0], "code": "EXTRACT"})
    assert load(plan).stdout == f"{plan['code']}: updated\n"
    year = f"/v1/campaigns/{plan['code']}/rounds/2025"
    wait_until(lambda: clients["anyone"].get(year).json()["submission_deadline"].startswith("2025-12-14"))
    assert clients["anyone"].get(year).json()["cap"] == 1 and shown() == before
    held.done(held.move(held.home, held.round, "reopen", reason="Áp dụng kế hoạch sửa đổi"))
    done = load(plan)
    assert done.returncode == 1 and "rounds_cap_awarded" in done.stderr
    plan["cap"] = 2
    assert load(plan).returncode == 0
    wait_until(lambda: clients["anyone"].get(held.round).json()["submission_deadline"].startswith("2024-12-14"))
    assert held.auditor.get(held.dossier).json()["late"] is True


def test_a_plan_that_grows_leaves_closed_rounds_as_they_were(service, clients, plan, load):
    """II.2, III.3, V.1: what a plan asks for later was not asked of a closed year. Its findings lost their ranks, and its dossiers were
    incomplete, where the Chair had not decided on them."""
    load(plan)
    held = AwardRound(service, clients, 1, campaign=f"/v1/campaigns/{plan['code']}")
    decided = held.dossier
    refused = held.add_unit()
    held.nominate([refused], votes_for=5, votes_against=4, votes_abstain=0, members_present=9, members_total=9)
    held.declare_registers()
    decision = held.draft(held.units[:1])
    held.done(held.sign(decision, number()))
    held.publish(decision)
    owing = make_unit(held.admin, kind="PROVINCIAL_SUBUNIT", parent_id=held.parent)["id"]
    of_owing = service.key("unit", owing)
    held.done(held.move(held.home, held.round, "close"))
    documents, nomination = (decided, held.dossier), f"{held.dossier}/nominations/{refused}"
    asked = [*((path, DOCX) for path in (*documents, nomination, f"{held.dossier}/minutes")), (f"{held.round}/calendar.ics", "text/calendar"),
             *((path, "application/json") for path in (*documents, nomination, f"{held.round}/findings", f"{held.round}/findings/{refused}",
                                                       f"/v1/units/{refused}/record"))]

    def shown():
        yield of_owing.get(f"{held.round}/obligations").json()["items"]
        yield of_owing.get(f"{held.round}/board").json()["overdue"]
        for path, form in asked:
            answer = held.auditor.get(path, headers={"Accept": form})
            assert answer.status_code == 200, answer.text
            yield text_of_docx(answer.content) if form == DOCX else answer.json() if form == "application/json" else answer.text
    before = list(shown())
    assert before[0] == [] and all(item["rank"] == 1 for item in held.auditor.get(f"{held.round}/findings").json()["items"])
    plan["contents"].append({**plan["contents"][0], "code": "E"})
    plan["dossier_components"] += [{**plan["dossier_components"][0], "code": "EXTRACT"}, {**plan["dossier_components"][2], "code": "ANNEX"}]
    plan["council"] = {"threshold": {"p": 4, "q": 5, "clause": "III.3.b"}}
    plan["groups"][0]["unit_kinds"].append("PROVINCIAL_SUBUNIT")
    assert load(plan).stdout == f"{plan['code']}: updated\n"
    other = f"/v1/campaigns/{plan['code']}/rounds/2025"
    wait_until(lambda: of_owing.get(f"{other}/obligations").json()["items"])
    assert list(shown()) == before
    held.done(held.move(held.home, held.round, "reopen", reason="Áp dụng kế hoạch sửa đổi"))
    assert load(plan).returncode == 0
    wait_until(lambda: of_owing.get(f"{held.round}/obligations").json()["items"])
    assert held.auditor.get(f"{held.round}/findings/{refused}").json()["missing"] == ["E"]
    assert {item["kind"] for item in held.auditor.get(held.dossier).json()["missing"]} == {"EXTRACT", "ANNEX"}
    assert held.auditor.get(decided).json()["complete"] is True, "it was decided on"


def test_a_plan_that_is_loaded_later_closes_documents_of_closed_rounds_and_opens_none(service, clients):
    """III.3: what the council said is for the offices and the nominator; nobody above it reads on what a plan calls restricted now, or did then."""
    held = AwardRound(service, clients, 1)
    top, own = make_unit(held.admin, kind="PROVINCE")["id"], f"/v1/units/{held.parent}"
    held.done(held.admin.merge(own, {"valid_from": "2020-01-01", "parent_id": top}, held.etag(own)["If-Match"]))
    above = service.key("unit", top)
    for action, more in (("start_appraisal", {}), ("close", {"reason": "Không tập thể nào được trình"})):
        held.done(held.move(held.home, held.round, action, **more))

    def read():
        return [above.get(f"{held.dossier}/documents/{kind}").status_code for kind in ("TO_TRINH", "MINUTES")]
    assert read() == [200, 404]
    components = [{**component, "restricted": component["code"] == "TO_TRINH"} for component in PLAN["dossier_components"]]
    make_campaign(service, code=held.campaign.rsplit("/", 1)[1], dossier_components=components)
    assert read() == [404, 404]


def test_campaigns_are_public_listed_and_carry_their_criteria_hash(clients, plan, load):
    load(plan)
    shown = clients["anyone"].get(f"/v1/campaigns/{plan['code']}").json()
    assert shown["code"] == plan["code"] and shown["cap"] == 6 and shown["contents"] == plan["contents"]
    assert len(shown["criteria_set"]["sha256"]) == 64 and "criteria" not in shown["criteria_set"]
    codes, cursor = [], None
    while True:
        page = clients["anyone"].get("/v1/campaigns", params={"limit": 3, **({"cursor": cursor} if cursor else {})}).json()
        codes += [item["code"] for item in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert codes == sorted(set(codes)) and plan["code"] in codes
    problem(clients["anyone"].get("/v1/campaigns/no-such-plan"), 404, "not-found")


def test_plan_230_is_loaded_as_printed(clients):
    """II.3, III.2.b, III.4.a, V.1."""
    shown = clients["anyone"].get("/v1/campaigns/230-KH-UBND").json()
    assert shown["printed_number"].replace(" ", "") == "230/KH-UBND"
    assert (shown["window"]["from"], shown["window"]["to"]) == ("2024-07-10", "2025-12-31")
    assert [content["code"] for content in shown["contents"]] == ["A", "B", "C", "D"]
    rounds = clients["anyone"].get("/v1/campaigns/230-KH-UBND/rounds").json()["items"]
    assert [(r["year"], r["cap"], r["submission_deadline"], r["report_deadline"]) for r in rounds] == [
        (2024, 6, "2024-12-30T23:59:59+07:00", "2024-12-30T23:59:59+07:00"),
        (2025, 6, "2025-12-30T23:59:59+07:00", "2025-12-30T23:59:59+07:00")]
