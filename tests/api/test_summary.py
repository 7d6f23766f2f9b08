"""GET /v1/proposals/{id}/summary: what the Chair is given, read back as a spreadsheet reads it."""
import copy
import io
import subprocess
import types
import urllib.parse
import uuid

import openpyxl
import pytest

from award_tools import AwardRound, number, today
from conftest import PLAN, make_campaign
from dossier_tools import Dossier
from service import Client, problem
from test_award_side import REGISTERED, registered, rules

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
VOTES = {"votes_for": 8, "votes_against": 1, "votes_abstain": 0, "members_present": 9, "members_total": 11}
FIRST = 7  # row of the first part's name: a title, two lines, a free row, two rows of headings


def workbook(client, proposal):
    answer = client.get(f"{proposal}/summary")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, XLSX), answer.text
    name = urllib.parse.unquote(answer.headers["Content-Disposition"].split("filename*=UTF-8''")[1])
    assert answer.headers["Cache-Control"] == "no-store" and name in ("Bảng tổng hợp đề nghị khen thưởng năm 2024.xlsx", "Summary of nominees of 2024.xlsx")
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def rows(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


NAMES = ["Phòng Cải cách hành chính", "Văn phòng Sở", "Phòng Tổ chức, biên chế", "=Phòng Công chức, viên chức"]


class Held(AwardRound):
    """Four nominees with their council's votes: two are proposed, one could be, one has a leader under discipline."""

    def __init__(self, service, clients):
        self.names = iter(NAMES)
        super().__init__(service, clients, len(NAMES))
        self.done(self.home.post("/v1/discipline-records", json={
            "unit_id": self.units[3], "person_name": "Người giả định", "position": "KEY_LEADER_HEAD", "regime": "CIVIL_SERVANT",
            "level": "KHIEN_TRACH", "decision_number": "7/QĐ-UBND", "decision_date": "2024-03-01", "effective_from": "2024-03-01"}))
        self.path = self.proposal(self.units[:2])

    def add_unit(self):
        unit = super().add_unit()
        path = f"/v1/units/{unit}"
        self.done(self.admin.merge(path, {"valid_from": "2024-01-01", "name": next(self.names)}, self.etag(path)["If-Match"]))
        return unit

    def nominate(self, units):
        nominator = Dossier(self.unit_client, types.SimpleNamespace(campaign=self.campaign.rsplit("/", 1)[1], year=self.year), self.parent)
        nominator.complete(*units, **VOTES)
        self.done(nominator.move("lodge"))
        self.done(nominator.move("accept", self.home, received_at=f"{self.year}-12-20T09:00:00+07:00", source="Sổ công văn đến"))


@pytest.fixture(scope="module")
def held(service, clients):
    return Held(service, clients)


@pytest.fixture(scope="module")
def vietnamese(service):
    return Client(service.base, service.key("chair_office").key, "vi")


LABEL = {name: index for index, name in enumerate(NAMES)}


def nominees_in(shown, start):
    """The rows under a part's name, up to the next."""
    block = []
    for row in shown[start:]:
        if not isinstance(row[0], int):
            break
        block.append(row)
    return block


def test_the_first_sheet_is_who_is_proposed_and_who_else_could_be(held, vietnamese):
    """III.1: every criterion by its clause, none left out; the council's votes (III.3.b); what is left of the cap (III.2.b)."""
    sheet = workbook(vietnamese, held.path).worksheets[0]
    shown = rows(sheet)
    texts = [row[0] for row in shown if isinstance(row[0], str)]
    assert sheet.title == "Đề nghị khen thưởng" and texts[0].endswith("ĐỀ NGHỊ KHEN THƯỞNG NĂM 2024")
    assert "230 /KH-UBND ngày 10/07/2024 của UBND tỉnh Bình Phước" in texts[1] and "1082/TTr-SNV" in texts[2]
    heading, clauses = shown[FIRST - 3], shown[FIRST - 2]
    evaluation = held.auditor.get(f"{held.path}").json()["evaluation_id"]
    verdicts = {v["unit_id"]: v for v in held.auditor.get(f"/v1/evaluations/{evaluation}/verdicts").json()["items"]}
    criteria = verdicts[held.units[0]]["criteria"]
    assert clauses[6:-2] == [c["clause"] for c in criteria] and heading[:4] == ["TT", "Tập thể", "Khối, cụm", "Hạng"]
    proposed, others = nominees_in(shown, FIRST), nominees_in(shown, FIRST + 3)
    assert shown[FIRST - 1][0] == "I. Đề nghị khen thưởng (2)" and shown[FIRST + 2][0].startswith("II. ")
    assert sorted(row[1].split(" (")[0] for row in proposed) == sorted(NAMES[:2]) and [row[1].split(" (")[0] for row in others] == [NAMES[2]]
    words = {"PASS": "Đạt", "NOT_APPLICABLE": "Không áp dụng"}
    for number, row in enumerate(proposed, 1):
        unit = held.units[LABEL[row[1].split(" (")[0]]]
        assert row[0] == number and row[2].startswith("Khối phòng, ban") and row[3].startswith("1/")
        assert row[5] == "Giải pháp\n(88/QĐ-HĐSK, 20/01/2025)"
        assert row[6:-2] == [words[c["result"]] for c in verdicts[unit]["criteria"]]
        assert row[-2] == "Đồng ý 8/11 (dự họp 9, ý kiến bằng văn bản 0); không 1, trắng 0"
    assert "Số lượng tối đa của năm (III.2.b): 06 tập thể; quyết định khác đã khen: 0; tờ trình này đề nghị: 02; còn lại: 04." in texts
    assert any(t.startswith("Đã xét 04 đối tượng thi đua: đủ điều kiện 03, không đủ điều kiện 01,") for t in texts)
    assert {f"{c['clause']}: {c['text']['vi']}." for c in criteria} <= set(texts)


def test_the_second_sheet_says_why_not(held, vietnamese):
    sheet = workbook(vietnamese, held.path).worksheets[1]
    shown = rows(sheet)
    at = next(i for i, row in enumerate(shown) if row[0] == "TT")
    assert shown[at] == ["TT", "Tập thể", "Khối, cụm", "Kết quả xét", "Điều khoản", "Tiêu chí", "Đã có", "Yêu cầu", "Lý do"]
    evaluation = held.auditor.get(held.path).json()["evaluation_id"]
    verdict = held.auditor.get(f"/v1/evaluations/{evaluation}/verdicts/{held.units[3]}").json()
    failed = [c for c in verdict["criteria"] if c["result"] not in ("PASS", "NOT_APPLICABLE")]
    assert [c["clause"] for c in failed] == ["III.1.d"]
    assert [row[3:] for row in shown[at + 1:]] == [
        ["Không đủ điều kiện", c["clause"], "Không đạt", c["observed"], c["required"], c["explanation"]["vi"]] for c in failed]
    assert shown[at + 1][1].startswith(NAMES[3]), "its name begins with = and is a text"
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert "Người giả định" not in str(shown), "the decision counts, not the person"


def test_who_is_not_proposed_is_shown_with_an_initiative_that_could_earn_the_award(service, clients):
    """III.1.c: not one that was applied in another year, however early it was recognised."""
    held = AwardRound(service, clients, 2)
    old = held.done(held.unit_client.post("/v1/initiatives", json={"unit_id": held.units[1], "title": "Giải pháp cũ", "summary": "Cũ", "kind": "SOLUTION",
                                                                  "applied_from": held.admin.get(f"/v1/units/{held.units[1]}").json()["valid_from"],
                                                                  "applied_to": "2020-06-30"}))["id"]
    held.done(held.council.put(f"/v1/initiatives/{old}/recognition", headers=held.etag(f"/v1/initiatives/{old}"), json={
        "council": "PROVINCIAL", "outcome": "RECOGNISED", "recognised_on": "2020-12-01", "decision_number": "5/QĐ-HĐSK"}))
    shown = str(rows(workbook(held.chair, held.proposal(held.units[:1])).worksheets[0]))
    assert shown.count("88/QĐ-HĐSK") == 2 and "5/QĐ-HĐSK" not in shown


def test_it_is_laid_out_for_paper(held, vietnamese):
    book = workbook(vietnamese, held.path)
    for sheet, repeated in zip(book.worksheets, ("$5:$6", "$5:$5")):
        page = sheet.page_setup
        assert (page.orientation, page.paperSize, page.fitToWidth or 1, page.fitToHeight) == ("landscape", 9, 1, 0), "A4, one page wide"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.print_title_rows == repeated
        fonts = {(cell.font.name, cell.font.size) for row in sheet.iter_rows() for cell in row if cell.value}
        assert fonts == {("Times New Roman", 13), ("Times New Roman", 14)}


def test_in_english_it_is_english(held):
    book = workbook(held.chair, held.path)
    assert [sheet.title for sheet in book.worksheets] == ["Proposed", "Not eligible"]
    text = str([rows(sheet) for sheet in book.worksheets])
    assert "Cap of the year (III.2.b): 6;" in text and "Not met" in text and "Đạt" not in text


def test_ranks_indices_and_allocation_are_shown_as_they_are(service, clients, vietnamese):
    """The confidential index (III.1.b) is in it, for the offices alone; a share of a group's cluster; other decisions of the year."""
    held = AwardRound(service, clients, 3)
    signed = number()
    held.done(held.sign(held.draft(held.units[:1]), signed))
    quota = f"{held.round}/quota"
    held.done(held.home.put(quota, headers=held.etag(quota), json={"allocation": [{"group": "UNIT_UNDER_SO", "slots": 4}], "reason": "Phân bổ"}))
    frame = f"t-{held.parent[:8]}"
    held.done(held.home.put(f"/v1/score-frames/{frame}/2024", json={"tier": "SO", "nodes": [
        {"code": "1", "text_vi": "Một", "kind": "NORMAL", "maximum": "82"}]}))
    path = f"/v1/scores/{held.units[1]}/2024"
    held.done(held.unit_client.put(path, json={"frame": frame, "leaves": [{"code": "1", "self_points": "73.8"}]}))
    held.done(held.move(held.unit_client, path, "submit"))
    held.done(held.home.put(f"{path}/appraisal", json={"leaves": [{"code": "1", "appraised_points": "73.8"}]}, headers=held.etag(path)))
    for action, client in (("appraise", held.home), ("finalise", held.home)):
        held.done(held.move(client, path, action))
    held.done(held.move(held.chair, path, "approve", decision_number="9/QĐ-UBND", decision_date=today()))
    sheet = workbook(vietnamese, held.proposal(held.units[1:])).worksheets[0]
    shown = {row[1]: row for row in nominees_in(rows(sheet), FIRST)}
    assert [row[-1] for row in nominees_in(rows(sheet), FIRST + 3)] == [f"Đã được khen thưởng của năm này: Quyết định số {signed}"]
    assert sorted(row[4] or "" for row in shown.values()) == ["", "90,00"]
    texts = [row[0] for row in rows(sheet) if isinstance(row[0], str)]
    assert "Số lượng tối đa của năm (III.2.b): 06 tập thể; quyết định khác đã khen: 01; tờ trình này đề nghị: 02; còn lại: 03." in texts
    assert "Phân bổ (III.2.b): Khối phòng, ban, đơn vị thuộc sở, ban, ngành: 04." in texts


def approve(held, unit, points, decision):
    """The index of a unit: appraised, final and approved; one that is there is reopened for it."""
    path = f"/v1/scores/{unit}/2024"
    if held.auditor.get(path).status_code == 200:
        held.done(held.move(held.chair, path, "reopen", reason="Cộng sai điểm"))
    else:
        frame = f"t-{unit[:8]}"
        held.done(held.home.put(f"/v1/score-frames/{frame}/2024", json={"tier": "SO", "nodes": [
            {"code": "1", "text_vi": "Một", "kind": "NORMAL", "maximum": "82"}]}))
        held.done(held.unit_client.put(path, json={"frame": frame, "leaves": [{"code": "1", "self_points": points}]}))
        held.done(held.move(held.unit_client, path, "submit"))
    held.done(held.home.put(f"{path}/appraisal", json={"leaves": [{"code": "1", "appraised_points": points}]}, headers=held.etag(path)))
    if held.auditor.get(path).json()["state"] != "APPRAISED":
        held.done(held.move(held.home, path, "appraise"))
    held.done(held.move(held.home, path, "finalise"))
    held.done(held.move(held.chair, path, "approve", decision_number=decision, decision_date=today()))


def enter(held, unit, cluster):
    path = f"{held.round}/contestants/{unit}"
    held.done(held.home.put(path, headers=held.etag(path), json={
        "group": "UNIT_UNDER_SO", "cluster": cluster, "on_assessed_list": True, "advises_par": True, "source_document": "12/QĐ-SNV"}))


def allocate(held, slots):
    path = f"{held.round}/quota"
    held.done(held.home.put(path, headers=held.etag(path), json={"allocation": [{"group": "UNIT_UNDER_SO", "slots": slots}], "reason": "Phân bổ"}))


@pytest.mark.parametrize("accept", [XLSX, "application/pdf"])
def test_what_the_chair_was_given_says_the_same_for_ever(service, clients, accept):
    """III.4.b: whatever it rests on may change later, the index (III.1.b) and its own cluster too; a new evaluation says what is now."""
    rules = copy.deepcopy(PLAN["criteria_set"])
    rules["name"] = f"thu-{uuid.uuid4().hex[:8]}"
    rules["facts"]["cluster"] = {"type": "text", "text": {"vi": "Khối, cụm", "en": "Cluster"}}
    rules["standings"]["cluster_by"] = "cluster"
    held = AwardRound(service, clients, 3, campaign=make_campaign(service, criteria_set=rules))
    for unit, cluster in zip(held.units, ("Khối 1", "Khối 1", None)):
        approve(held, unit, "73.8", "9/QĐ-UBND")
        enter(held, unit, cluster)
    allocate(held, 3)
    proposal = held.submitted(held.units[:1])
    decision = f"/v1/decisions/{held.done(held.chair.post('/v1/decisions', json={'kind': 'AWARD', 'proposal_id': proposal.rsplit('/', 1)[1]}))['id']}"
    held.done(held.sign(decision, number()))

    def given():
        answer = held.chair.get(f"{proposal}/summary" if accept == XLSX else proposal, headers={"Accept": accept})
        assert answer.status_code == 200, answer.text
        if accept != XLSX:
            return subprocess.run(["pdftotext", "-raw", "-", "-"], input=answer.content, capture_output=True, check=True).stdout.decode()
        # That another decision has awarded one of the others since is said beside it.
        return [[cell for cell in row if cell and "Has this year's award" not in str(cell)]
                for sheet in openpyxl.load_workbook(io.BytesIO(answer.content)) for row in rows(sheet)]

    before = given()
    assert "90.00" in str(before) or "90,00" in before
    approve(held, held.units[0], "41", "10/QĐ-UBND")
    enter(held, held.units[0], "Khối 2")
    enter(held, held.units[2], "Khối 2")
    assert given() == before
    held.done(held.sign(held.draft(held.units[1:2]), number()))
    allocate(held, 5)
    assert given() == before
    held.done(held.move(held.chair, f"/v1/scores/{held.units[0]}/2024", "reopen", reason="Xem lại"))
    assert given() == before
    path = f"{held.round}/findings/{held.units[2]}"
    held.done(held.home.put(path, headers=held.etag(path), json={"contents": [
        {"content": c, "score": "50", "result": "OUTSTANDING_LEADING", "reason": "Xét lại", "evidence": []} for c in "ABCD"]}))
    held.done(held.admin.merge(f"/v1/units/{held.units[2]}", {"valid_from": "2024-06-01", "name": f"Tên khác {held.units[2][:8]}"}, held.etag(f"/v1/units/{held.units[2]}")["If-Match"]))
    held.nominate([held.add_unit()])
    assert given() == before


def test_what_was_returned_is_given_anew(service, clients):
    """The Chair returns it for something to be mended, so it says what is now, and what is given again."""
    held = AwardRound(service, clients, 2)
    proposal = held.submitted(held.units[:1])
    path, mended = f"/v1/units/{held.units[0]}", [f"Tên {n} {held.units[0][:8]}" for n in range(3)]

    def mend(name):
        held.done(held.admin.merge(path, {"valid_from": "2024-06-01", "name": name}, held.etag(path)["If-Match"]))
        return str(rows(workbook(held.chair, proposal).worksheets[0]))
    assert mended[0] not in mend(mended[0])
    held.done(held.move(held.chair, proposal, "return", reason="Ghi lại tên"))
    assert mended[1] in mend(mended[1])
    held.done(held.move(held.home, proposal, "submit"))
    assert mended[1] in mend(mended[2])


def test_an_index_that_the_rules_do_not_read_is_not_shown(service, clients, vietnamese):
    """The Chair is given what the units were judged by, and not what a scorecard says today."""
    bare = rules([registered()], REGISTERED)
    bare["facts"] = {name: fact for name, fact in bare["facts"].items() if not name.startswith("index_")}
    held = AwardRound(service, clients, 1, campaign=make_campaign(service, criteria_set=bare))
    approve(held, held.units[0], "73.8", "9/QĐ-UBND")
    shown = nominees_in(rows(workbook(vietnamese, held.proposal(held.units)).worksheets[0]), FIRST)
    assert [row[4] or "" for row in shown] == [""]


def test_a_revoked_award_is_said_to_be_revoked(service, clients, vietnamese):
    """III.2.b: it frees no slot, so its unit stands outside the number; the Chair is told why."""
    held = AwardRound(service, clients, 2)
    decision, revoking = held.draft(held.units[:1]), number()
    own = held.auditor.get(decision).json()["proposal_id"]
    held.done(held.sign(decision, number()))
    made = "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json={
        "kind": "REVOKE", "subject_id": decision.rsplit("/", 1)[1], "ground": "FRAUD", "reason": "Kê khai gian dối"}))["id"]
    held.done(held.sign(made, revoking))
    for proposal in (f"/v1/proposals/{own}", held.proposal(held.units[1:])):
        notes = [row[-1] or "" for row in rows(workbook(vietnamese, proposal).worksheets[0])]
        assert [n for n in notes if f"Khen thưởng của năm này đã bị hủy bỏ: Quyết định số {revoking}" in n], notes


def test_no_criterion_is_left_out_however_many_there_are(service, clients, vietnamese):
    """As many columns as criteria; where they do not fit on one page, pages side by side, each with the units."""
    plan = copy.deepcopy(PLAN["criteria_set"])
    plan["name"], more = f"thu-{uuid.uuid4().hex[:8]}", 24
    last = next(c for c in plan["criteria"] if c["id"] == "III.1.d")
    for n in range(more):
        criterion = copy.deepcopy(last)
        criterion["id"] = criterion["clause"] = f"III.1.d.{n}"
        criterion["requires"]["id"] = f"{criterion['requires']['id']}_{n}"
        criterion["text"] = criterion["requires"]["text"] = {"vi": f"Tiêu chuẩn thêm {n}", "en": f"One more {n}"}
        plan["criteria"].append(criterion)
    held = AwardRound(service, clients, 1, campaign=make_campaign(service, criteria_set=plan))
    sheet = workbook(vietnamese, held.proposal(held.units)).worksheets[0]
    shown = rows(sheet)
    clauses = [c["clause"] for c in plan["criteria"]]
    assert len(clauses) == 32 and shown[FIRST - 2][6:-2] == clauses and shown[FIRST - 3][-2:] == ["Phiếu của Hội đồng", "Ghi chú"]
    (proposed,) = nominees_in(shown, FIRST)
    assert len(proposed) == 6 + len(clauses) + 2 and set(proposed[6:-2]) <= {"Đạt", "Không áp dụng"}
    texts = [row[0] for row in shown if isinstance(row[0], str)]
    assert all(any(t.startswith(f"{clause}: ") for t in texts) for clause in clauses)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight, sheet.print_title_cols) == (2, 0, "$A:$B")


def test_more_nominees_than_can_be_printed_are_refused_and_not_cut_off(service, held):
    """At most 2000: the answer says so, in place of a summary that leaves some out."""
    proposal = held.path.rsplit("/", 1)[1]
    made = service.psql(f"""WITH made AS (INSERT INTO units SELECT FROM generate_series(1, 2001) RETURNING id)
        INSERT INTO proposal_units (proposal_id, unit_id) SELECT '{proposal}', id FROM made""")
    assert made == "INSERT 0 2001", made
    try:
        assert "2000" in problem(held.chair.get(f"{held.path}/summary"), 409, "conflict")["detail"]
    finally:
        service.psql(f"DELETE FROM proposal_units WHERE proposal_id = '{proposal}' AND unit_id NOT IN ({', '.join(repr(u) for u in held.units)})")
        service.psql("DELETE FROM units u WHERE NOT EXISTS (SELECT FROM unit_periods p WHERE p.unit_id = u.id)")
    assert held.chair.get(f"{held.path}/summary").status_code == 200


def test_as_many_nominees_as_can_be_printed_are_printed(service, clients):
    """Of each a whole verdict was kept, with all that it rests on: together more memory than a request may have."""
    held, count = AwardRound(service, clients, 1), 1900
    path = held.proposal(held.units)
    proposal = path.rsplit("/", 1)[1]
    made = service.psql(f"""SET session_replication_role = replica;
        CREATE TEMP TABLE made AS SELECT gen_random_uuid() AS id FROM generate_series(1, {count});
        INSERT INTO units (id) SELECT id FROM made;
        INSERT INTO unit_periods (unit_id, valid, name, kind) SELECT id, '[2020-01-01,)', 'Tập thể thử', 'PROVINCIAL_BODY' FROM made;
        UPDATE evaluations SET standings = NULL WHERE id = (SELECT evaluation_id FROM proposals WHERE id = '{proposal}');
        INSERT INTO verdicts (evaluation_id, unit_id, stamp, outcomes, overall, facts, results)
            SELECT v.evaluation_id, m.id, v.stamp, v.outcomes, v.overall, decode(replace(encode(v.facts, 'hex'), encode(convert_to(v.unit_id::text, 'UTF8'), 'hex'),
                                                                    encode(convert_to(m.id::text, 'UTF8'), 'hex')), 'hex'), v.results
            FROM made m, proposals p JOIN verdicts v USING (evaluation_id) WHERE p.id = '{proposal}' AND v.unit_id = '{held.units[0]}';
        INSERT INTO proposal_units (proposal_id, unit_id) SELECT '{proposal}', id FROM made""", user="postgres")
    assert made.endswith(f"INSERT 0 {count}"), made
    try:
        answer = clients["chair_office"].get(f"{path}/summary")
        assert answer.status_code == 200, answer.text
        assert sum(row[1] == "Tập thể thử" for row in rows(openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0])) == count
    finally:
        service.psql(f"""SET session_replication_role = replica; CREATE TEMP TABLE made AS SELECT unit_id AS id FROM unit_periods WHERE name = 'Tập thể thử';
            DELETE FROM proposal_units WHERE unit_id IN (SELECT id FROM made); DELETE FROM verdicts WHERE unit_id IN (SELECT id FROM made);
            DELETE FROM unit_periods WHERE unit_id IN (SELECT id FROM made); DELETE FROM units WHERE id IN (SELECT id FROM made)""", user="postgres")


def test_only_offices_are_given_it(held, clients):
    for role in ("viewer", "unit", "initiative_council", "admin"):
        problem(clients[role].get(f"{held.path}/summary"), 403, "forbidden")
    problem(clients["anyone"].get(f"{held.path}/summary"), 401, "unauthenticated")
    problem(clients["auditor"].get("/v1/proposals/00000000-0000-4000-8000-000000000000/summary"), 404, "not-found")
