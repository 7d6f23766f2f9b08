"""Official papers (NĐ 30/2020/NĐ-CP): what a caller who asks for PDF or DOCX gets instead of JSON."""
import io
import re
import subprocess
import types
import unicodedata
import urllib.parse
import xml.etree.ElementTree as xml
import zipfile

import docx
import pytest

from award_tools import AwardRound, number, today
from conftest import PLAN, make_campaign, make_unit
from dossier_tools import Dossier
from service import Client, problem
from test_award_side import FormsRound, form, said
from test_summary import NAMES, VOTES, Held, approve

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"


def paper(client, path, form=PDF, **headers):
    answer = client.get(path, headers={"Accept": form, **headers})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, form), answer.text
    return answer


def run(tool, *arguments, data):
    return subprocess.run([tool, *arguments, "-", *(["-"] if tool == "pdftotext" else [])], input=data, capture_output=True, check=True).stdout.decode()


def text_of(data):
    """The words of a PDF in reading order, lines joined."""
    found = run("pdftotext", "-raw", data=data)
    assert unicodedata.is_normalized("NFC", found)
    return " ".join(found.split())


def says(said, words):
    """However its lines are broken: after a hyphen there is no blank."""
    return "".join(words.split()) in "".join(said.split())


def text_of_docx(data):
    document = docx.Document(io.BytesIO(data))
    found = []
    for element in document.element.body.iter("{*}t", "{*}br"):
        found.append(element.text or " ")
        if element.getparent().getnext() is None:
            found.append(" ")
    return " ".join("".join(found).split())


def table(data, heading):
    """The rows of a DOCX under such a heading, cell by cell."""
    for each in docx.Document(io.BytesIO(data)).tables:
        rows = [[cell.text for cell in row.cells] for row in each.rows]
        if heading in rows[0]:
            return rows
    raise AssertionError(f"no column {heading}")


def printed_amount(vnd):
    return f"{vnd:,}".replace(",", ".")


def printed_day(day):
    """NĐ 30/2020, Phụ lục I: a zero before days below 10, and before the months 1 and 2."""
    year, month, of_month = day.split("-")
    return f"ngày {of_month} tháng {month if int(month) < 3 else int(month)} năm {year}"


@pytest.fixture(scope="module")
def signed(service, clients):
    held = AwardRound(service, clients, 2)
    decision = held.draft(held.units)
    draft = paper(held.chair, decision)
    held.number = number()
    held.done(held.sign(decision, held.number))
    return held, decision, draft


def test_decision_is_a_paper_for_who_may_read_it(signed, service):
    held, decision, draft = signed
    for form in (PDF, DOCX):
        answer = paper(held.auditor, decision, form)
        assert answer.headers["Content-Language"] == "vi" and "Accept" in answer.headers["Vary"]
        head = held.auditor.head(decision, headers={"Accept": form})
        assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", answer.headers["ETag"])
        again = held.auditor.get(decision, headers={"Accept": form, "If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
        assert answer.headers["ETag"] != held.auditor.get(decision).headers["ETag"]
        problem(Client(service.base).get(decision, headers={"Accept": form}), 404, "not-found")
    problem(held.auditor.get(decision, headers={"Accept": "text/csv"}), 406, "not-acceptable")
    assert text_of(draft.content) != text_of(paper(held.auditor, decision).content)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_decision_says_what_was_signed_in_vietnamese(signed, language):
    held, decision, draft = signed
    said = text_of(paper(held.auditor, decision, **{"Accept-Language": language}).content)
    day = today().split("-")
    for words in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc", f"Số: {held.number}", "QUYẾT ĐỊNH:",
                  "Điều 1. Tặng Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh cho 02 tập thể", "Theo đề nghị của Giám đốc Sở Nội vụ tại Tờ trình số 1082/TTr-SNV",
                  f"ngày {day[2]} tháng", "Nơi nhận:", "DANH SÁCH", "thi hành Quyết định này./."):
        assert words in said, said
    assert "TM." not in said
    assert "(Kèm theo Quyết định số: /QĐ-UBND ngày tháng năm của" in said  # an electronic file leaves them free
    blank = text_of(draft.content)
    assert "Số: /QĐ-UBND" in blank and "ngày tháng năm" in blank and held.number not in blank
    signer = held.auditor.get(decision).json()["signed_by"]
    assert signer in said and signer not in blank


def test_papers_keep_the_names_that_were_signed(service, clients):
    """Domain, section 8: what is corrected about a unit changes no paper of the decision that named it, as it changes none of its JSON."""
    held = AwardRound(service, clients, 1)
    unit, decision = held.units[0], held.draft(held.units)
    held.done(held.sign(decision, number()))
    held.publish(decision)
    papers = lambda: [text_of_docx(paper(held.auditor, path, DOCX).content) for path in (decision, held.round)]
    (before, _), names = papers(), [held.admin.get(f"/v1/units/{one}").json()["name"] for one in (unit, held.parent)]
    for path in (f"/v1/units/{unit}", f"/v1/units/{held.parent}"):
        start = held.admin.get(path).json()["valid_from"]
        held.done(held.admin.merge(path, {"valid_from": start, "name": f"Tên đã sửa {path[-8:]}"}, held.etag(path)["If-Match"]))
    after, yearly = papers()
    assert after == before and ", ".join(names) in after and ", ".join(names) in yearly


def test_a_paper_names_another_by_the_number_that_stands_on_it(service, clients):
    """A number below 10 has a 0 before it (NĐ 30/2020, Phụ lục I), also where another paper refers to it."""
    held = AwardRound(service, clients, 1)
    decision = held.draft(held.units)
    held.done(held.sign(decision, "8/QĐ-CTUBND"))
    held.publish(decision)
    made = held.done(held.chair.post("/v1/decisions", json={
        "kind": "CORRECT", "subject_id": decision.rsplit("/", 1)[1], "reason": "In sai", "corrections": [{"field": "Tên", "printed": "a", "correct": "b"}]}))
    for path, words in ((decision, "Số: 08/QĐ-CTUBND"), (f"/v1/decisions/{made['id']}", "tại Quyết định số 08/QĐ-CTUBND ngày"),
                        (held.round, "Số 08/QĐ-CTUBND ngày")):
        assert says(text_of(paper(held.chair, path).content), words), path


def test_files_are_named_for_people(signed):
    held, decision, _ = signed
    field = paper(held.auditor, decision, DOCX).headers["Content-Disposition"]
    plain, coded = field.split("; filename*=UTF-8''")
    shown = held.number.replace("/", "-")
    assert urllib.parse.unquote(coded) == f"Quyết định khen thưởng {shown}.docx"
    assert plain == f'attachment; filename="Quyet dinh khen thuong {shown.replace("Đ", "D")}.docx"'


def test_forms_and_tiers_stand_as_the_plan_orders_them_also_where_they_are_taken_back(service, clients):
    tiers = [{"tier": code, "text": said(text), "places": places, "coefficient": "2.00"} for code, text, places in (("NHAT", "Nhất", 1), ("BA", "Ba", 2))]
    prize = form("GIAI", {"number": 3, "per": "GROUP"}, tiers=tiers) | {"text": said("Giải")}
    held = FormsRound(service, clients, 4, [prize, form("BANG", 1) | {"text": said("Bằng")}])
    decision = held.signed([(unit, "GIAI") for unit in held.units[:3]] + [(held.units[3], "BANG")])
    printed = text_of(paper(held.auditor, decision).content)
    assert says(printed, "1. Tặng Giải, Nhất cho 01 tập thể. 2. Tặng Giải, Ba cho 02 tập thể. 3. Tặng Bằng cho 01 tập thể."), printed
    bonuses = [award["bonus_vnd"] for award in held.awards().values()]
    assert len(set(bonuses)) > 1 and says(printed, f"Tổng số tiền thưởng là {printed_amount(sum(bonuses))} đồng."), printed
    yearly = text_of(paper(held.auditor, held.round).content)
    rows = yearly[yearly.index("3. Khen thưởng"):]
    assert rows.index("Giải, Nhất") < rows.index("Giải, Ba") < rows.index("Bằng"), rows
    for kind, more in (("CORRECT", {"corrections": [{"field": "Tên", "printed": "a", "correct": "b"}]}), ("REVOKE", {"ground": "FRAUD"})):
        made = held.done(held.chair.post("/v1/decisions", json={
            "kind": kind, "subject_id": decision.rsplit("/", 1)[1], "units": [held.units[3]], "reason": "Khai sai", **more}))
        assert [(u["form"], u["form_label"]) for u in made["units"]] == [("BANG", said("Bằng"))], kind
        if kind == "REVOKE":
            assert text_of(paper(held.chair, f"/v1/decisions/{made['id']}").content).endswith("Bằng")


def test_fonts_are_embedded_and_text_is_tagged(signed):
    held, decision, _ = signed
    data = paper(held.auditor, decision).content
    fonts = [line for line in run("pdffonts", data=data).splitlines()[2:]]
    assert fonts and all("LiberationSerif" in line and line.split()[-5:-2] == ["yes", "yes", "yes"] for line in fonts), fonts
    assert "H1" in run("pdfinfo", "-struct-text", data=data)


@pytest.mark.parametrize("words", [20, 60, 80])
def test_no_page_ends_with_the_heading_of_a_table(signed, words):
    """A first row that the rest of the page cannot hold takes its heading with it to the next."""
    held, decision, _ = signed
    drafted = held.done(held.chair.post("/v1/decisions", json={
        "kind": "CORRECT", "subject_id": decision.rsplit("/", 1)[1], "units": held.units[:1], "reason": "In sai",
        "corrections": [{"field": "Tên", "printed": "WWWW " * words, "correct": "ngắn"}]}))
    path = f"/v1/decisions/{drafted['id']}"
    pages = run("pdftotext", "-raw", data=paper(held.chair, path).content).split("\f")
    headed = [page for page in pages if "Đã in" in page]
    assert headed and all(page.split("Đính chính lại")[-1].count("WWWW") == words for page in headed)


def test_docx_says_the_same(signed):
    held, decision, _ = signed
    data = paper(held.auditor, decision, DOCX).content
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
    said, printed = text_of_docx(data), text_of(paper(held.auditor, decision).content)
    assert sorted(said.split()) == sorted(printed.split())


# ---- every paper, for every role ----

SECRETS = {"person": "Nguyễn Thị Kín Đáo", "reason": "Lý do bí mật 48151623", "number": "4815/QĐ-KL"}


class Whole(Held):
    """A round up to a correction and a revocation, with secrets in discipline, in reasons and in the names of keys."""

    def __init__(self, service, clients):
        super().__init__(service, clients)
        self.so = self.done(self.auditor.get(f"/v1/units/{self.parent}"))["name"]
        self.done(self.home.post("/v1/discipline-records", json={
            "unit_id": self.units[3], "person_name": SECRETS["person"], "position": "KEY_LEADER_HEAD", "regime": "CIVIL_SERVANT",
            "level": "CANH_CAO", "decision_number": SECRETS["number"], "decision_date": "2024-04-01", "effective_from": "2024-04-01"}))
        self.done(self.move(self.home, self.path, "submit"))
        self.decisions = [self.decided("AWARD", proposal_id=self.path.rsplit("/", 1)[1])]
        subject = self.decisions[0].rsplit("/", 1)[1]
        self.decisions.append(self.decided("CORRECT", subject_id=subject, units=self.units[:1], corrections=[
            {"field": "Tên tập thể", "printed": "Phòng <A> & \"B\"", "correct": "Phòng Cải cách hành chính"}]))
        self.decisions.append(self.decided("REVOKE", subject_id=subject, units=self.units[1:2], ground="FRAUD"))
        for decision in self.decisions:
            self.publish(decision)

    def decided(self, kind, **body):
        decision = "/v1/decisions/" + self.done(self.chair.post("/v1/decisions", json={"kind": kind, "reason": SECRETS["reason"], **body}))["id"]
        self.done(self.sign(decision, number()))
        return decision

    def paths(self):
        return [*self.decisions, self.path, f"{self.path}/summary", f"{self.path}/results/{self.parent}", self.round]


@pytest.fixture(scope="module")
def whole(service, clients):
    return Whole(service, clients)


def test_no_paper_says_more_than_its_resource(whole, service, clients):
    readers = {**clients, "anyone": Client(service.base), "own": whole.unit_client, "other": service.key("unit", make_unit(whole.admin)["id"])}
    seen = 0
    for path in whole.paths():
        for name, client in readers.items():
            usual = client.get(path)
            for form, read in ((PDF, text_of), (DOCX, text_of_docx)):
                answer = client.get(path, headers={"Accept": form})
                assert answer.status_code == usual.status_code, (path, name)
                if answer.status_code != 200:
                    continue
                seen += 1
                words = read(answer.content)
                assert not [s for s in SECRETS.values() if s in words], (path, name)
                assert "kỷ luật" not in words and "khiển trách" not in words, (path, name)
                assert whole.chair.headers["Authorization"][7:] not in words
    assert seen > 60


def test_notice_says_clause_and_reason(whole):
    path = f"{whole.path}/results/{whole.parent}"
    found = {i["unit_label"].split(" (")[0]: i for i in whole.done(whole.home.get(path))["items"]}
    assert {name: item["result"] for name, item in found.items()} == dict(zip(NAMES, ["AWARDED", "AWARDED", "REFUSED", "REFUSED"]))
    assert found[NAMES[3]]["reasons"] == [{"clause": "III.1.d", "text": {"vi": "III.1.d: chưa đạt.", "en": "III.1.d: not met."}}]
    assert found[NAMES[2]]["reasons"][0]["clause"] == "III.2.b"
    said = text_of(paper(whole.home, path).content)
    assert "Tập thể được khen thưởng" in said and "III.1.d: chưa đạt." in said and "THÔNG BÁO" in said
    notice, names = paper(whole.home, path, DOCX).content, [f"{name}, {whole.so}" for name in NAMES]
    awarded, refused = table(notice, "Hình thức khen thưởng"), table(notice, "Điều khoản, lý do")
    assert [row[:2] for row in awarded] == [["STT", "Tên tập thể"], ["01", names[0]], ["02", names[1]]]
    assert sorted(row[1] for row in refused[1:]) == sorted(names[2:]) and [row[0] for row in refused[1:]] == ["01", "02"]
    assert dict(row[1:] for row in refused)[names[3]] == "III.1.d: chưa đạt."
    problem(whole.home.get(f"{whole.path}/results/{whole.units[0]}"), 404, "not-found")  # it nominated nobody


def test_submission_lists_votes_and_initiatives(whole):
    said = text_of(paper(whole.chair, whole.path).content)
    for words in ("TỜ TRÌNH", "Kính gửi: Chủ tịch", "Số: 1082/TTr-SNV", "quyết định tặng Bằng khen", "02 tập thể", "8/11 (72,73 %)", "88/QĐ-HĐSK ngày 20 tháng 01 năm 2025"):
        assert says(said, words), said
    assert "8/11 (72,73 %)" in text_of(paper(whole.chair, f"{whole.path}/summary").content)


@pytest.mark.parametrize("path, columns", [
    (lambda whole: whole.decisions[0], ["STT", "Tên tập thể", "Ghi chú"]),
    (lambda whole: whole.path, ["STT", "Tập thể", "Cơ quan trình", "Tóm tắt thành tích", "Chỉ số (%)", "Sáng kiến (số, ngày công nhận)",
                                "Kết quả bỏ phiếu", "Hình thức đề nghị", "Ghi chú"])], ids=["awards", "proposed"])
def test_lists_have_the_columns_that_offices_know(whole, path, columns):
    document = docx.Document(io.BytesIO(paper(whole.auditor, path(whole), DOCX).content))
    assert [cell.text for cell in document.tables[-1].rows[0].cells] == columns


BANG_KHEN = "Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh"


def test_a_decision_and_its_list_say_the_bonus_of_each(whole):
    """III.5: one amount stands in the decision for all, and beside each of them. What is taken back has none."""
    awards = whole.done(whole.auditor.get(f"{whole.round}/awards"))["items"]
    bonus = printed_amount(awards[0]["bonus_vnd"])
    given = paper(whole.auditor, whole.decisions[0], DOCX).content
    assert says(text_of_docx(given), f"Mỗi tập thể được thưởng {bonus} đồng.") and {a["bonus_vnd"] for a in awards} == {awards[0]["bonus_vnd"]}
    assert table(given, "Tên tập thể")[1:] == [
        [f"0{n}", f"{name}, {whole.so}", f"{BANG_KHEN}; thưởng {bonus} đồng"] for n, name in enumerate(NAMES[:2], start=1)]
    assert table(paper(whole.auditor, whole.decisions[2], DOCX).content, "Tên tập thể")[1:] == [["01", f"{NAMES[1]}, {whole.so}", BANG_KHEN]]


class Late(Held):
    """Whose dossier came after the deadline, and was accepted."""

    def nominate(self, units):
        nominator = Dossier(self.unit_client, types.SimpleNamespace(campaign=self.campaign.rsplit("/", 1)[1], year=self.year), self.parent)
        nominator.complete(*units, **VOTES)
        self.done(nominator.move("lodge"))
        self.done(nominator.move("accept_late", self.home, received_at=f"{self.year + 1}-01-02T09:00:00+07:00", source="Sổ công văn đến",
                                 reason="Bưu điện giao chậm"))


def test_the_annex_says_what_is_known_of_each_under_its_heading(service, clients):
    """Design of papers: the columns of the summary. Names may stand under any heading and still be in the text."""
    held = Late(service, clients)
    approve(held, held.units[0], "73.8", "9/QĐ-UBND")
    so = held.done(held.auditor.get(f"/v1/units/{held.parent}"))["name"]
    proposal = held.proposal(held.units[:2])
    common = ["Giải pháp (88/QĐ-HĐSK ngày 20 tháng 01 năm 2025)", "8/11 (72,73 %)", BANG_KHEN, "Hồ sơ trễ hạn, được chấp nhận"]
    assert table(paper(held.chair, proposal, DOCX).content, "Cơ quan trình")[1:] == [
        [f"0{n}", f"{name}, {so}", so, "Rút ngắn thời gian", index, *common] for n, (name, index) in enumerate(zip(NAMES, ("90,00", "")), start=1)]
    waiting = table(paper(held.home, f"{proposal}/results/{held.parent}", DOCX).content, "Tên tập thể")
    assert waiting[0] == ["STT", "Tên tập thể", "Ghi chú"] and len(waiting) == 1 + len(NAMES)  # nobody has a result yet


def test_correction_and_revocation(whole):
    award, correction, revocation = (whole.done(whole.auditor.get(path))["number"] for path in whole.decisions)
    said = text_of(paper(whole.auditor, whole.decisions[1]).content)
    assert f"Đính chính nội dung tại Quyết định số {award}" in said and 'Phòng <A> & "B"' in said
    assert table(paper(whole.auditor, whole.decisions[1], DOCX).content, "Đã in") == [
        ["Nội dung", "Đã in", "Đính chính lại"], ["Tên tập thể", 'Phòng <A> & "B"', "Phòng Cải cách hành chính"]]
    said = text_of(paper(whole.auditor, whole.decisions[2]).content)
    assert "Hủy bỏ việc khen thưởng" in said and "01 tập thể" in said and "gian dối để được khen thưởng" in said
    said = text_of(paper(whole.auditor, whole.round).content)
    assert says(said, f"Đã hủy bỏ (Quyết định số {revocation})") and not says(said, correction)
    assert "trong đó 01 tập thể đã bị hủy bỏ quyết định" in said
    said = text_of(paper(whole.auditor, f"{whole.path}/results/{whole.parent}").content)
    assert says(said, f"đã hủy bỏ (Quyết định số {revocation} ngày")


def test_yearly_report_is_to_each_what_the_board_is(whole, service):
    full, public = text_of(paper(whole.auditor, whole.round).content), text_of(paper(Client(service.base), whole.round).content)
    for words in ("Kết quả xét theo từng tiêu chí", "chưa gửi báo cáo", "III.1.d 3 1 0 0"):
        assert words in full and words not in public, full
    assert re.search(r"\b(0|\d\d+)/\d\d+ cơ quan, đơn vị đã gửi báo cáo, trong đó (0|\d\d+) gửi trễ hạn; (0|\d\d+) chưa gửi", full)
    assert "Có 04 tập thể trong danh sách đối tượng thi đua" in full and "Có 04 tập thể trong danh sách đối tượng thi đua" in public


def test_the_yearly_report_counts_each_thing_under_its_heading(service, clients):
    """V.2. Of five contestants four are nominated; of those one waits for its index, and two are held up by proceedings."""
    held = AwardRound(service, clients, 4)
    held.add_unit()
    path = f"{held.round}/contestants/{held.units[1]}"
    held.done(held.home.put(path, headers=held.etag(path), json={
        "group": "UNIT_UNDER_SO", "on_assessed_list": True, "advises_par": True, "source_document": "12/QĐ-SNV"}))
    for unit in held.units[2:4]:
        held.done(held.home.post("/v1/proceedings", json={"unit_id": unit, "kind": "INSPECTION", "subject": "Thanh tra", "opened_on": "2025-01-10"}))
    held.evaluate()
    said = paper(held.auditor, held.round, DOCX).content
    clauses = {row[0]: row[1:] for row in table(said, "Điều khoản")}
    assert clauses["Điều khoản"] == ["Đạt", "Chưa đạt", "Chờ kết quả", "Chưa xét", "Không áp dụng"]
    assert clauses["III.1"] == ["3", "0", "0", "2", "0"] and clauses["III.1.b"] == ["0", "0", "1", "0", "4"], clauses
    heads, group = table(said, "Nhóm")
    assert heads == ["Nhóm", "Đăng ký", "Được đề nghị", "Thẩm định", "Đủ điều kiện", "Được trình", "Khen thưởng"]
    assert group == ["Phòng, ban, đơn vị thuộc sở, ban, ngành", "5", "4", "4", "1", "0", "0"]
    for words in ("Có 05 tập thể trong danh sách đối tượng thi đua; 04 tập thể được đề nghị khen thưởng.", "Đã tiếp nhận 01 hồ sơ, trong đó 0 hồ sơ trễ hạn.",
                  "Đã khen thưởng 0 tập thể; số lượng tối đa của năm là 06."):
        assert says(text_of_docx(said), words), text_of_docx(said)


def test_who_owes_a_report_is_named_up_to_500_and_the_rest_counted(service, clients):
    """V.2; made in the database, for nothing else is asked of them."""
    groups = [{**group, "unit_kinds": ["OTHER"]} if group["code"] == "HUYEN" else group for group in PLAN["groups"]]
    owed = {**PLAN["cut_offs"], "yearly_report": {**PLAN["cut_offs"]["yearly_report"], "owed_by": ["HUYEN"]}}
    round_ = make_campaign(service, groups=groups, cut_offs=owed) + "/rounds/2024"
    made = service.psql("""WITH made AS (INSERT INTO units (id) SELECT gen_random_uuid() FROM generate_series(1, 507) RETURNING id)
        INSERT INTO unit_periods (unit_id, valid, name, kind) SELECT id, '[2020-01-01,)', 'Đơn vị nợ báo cáo ' || id, 'OTHER' FROM made""")
    assert made == "INSERT 0 507", made
    data = paper(clients["auditor"], round_, DOCX).content
    owing = int(re.search(r"; (\d+) chưa gửi", text_of_docx(data))[1])
    rows = table(data, "Cơ quan, đơn vị chưa gửi báo cáo")
    assert owing >= 507 and len(rows) == 1 + 500 + 1 and rows[500][0] == "500" and rows[-1][0] == f"… và {owing - 500:02} cơ quan, đơn vị khác", rows[-1]


def test_metadata_as_json_and_xml(whole, service):
    path = f"{whole.decisions[0]}/metadata"
    found = whole.done(Client(service.base).get(path))
    written = Client(service.base).get(path, headers={"Accept": "application/xml"})
    assert written.headers["Content-Type"] == "application/xml"
    root = xml.fromstring(written.content)
    number_symbol = whole.done(whole.auditor.get(whole.decisions[0]))["number"].split("/", 1)
    assert [found["CodeNumber"], found["CodeNotation"]] == number_symbol and found["IssuedDate"] == today()
    flat = {**{k: v for k, v in found.items() if k != "SignerInfo"}, **found["SignerInfo"]}
    assert {e.tag: e.text for e in root.iter() if len(e) == 0} == {k: v for k, v in flat.items() if v is not None}
    assert len(found["Subject"]) <= 500 and found["FileCode"] is None
    problem(Client(service.base).get(path, headers={"Accept": PDF}), 406, "not-acceptable")


def test_words_of_the_plan_are_printed(service, clients):
    campaign = make_campaign(service, papers=[{
        "valid_from": "2024-01-01", "place": "Đồng Xoài", "chair": {"authority": "Quyền Chủ tịch Ủy ban nhân dân tỉnh", "capacity": "KT. Chủ tịch"},
        "decision": {"recipients": ["Ban Thi đua & Khen thưởng", "Lưu: HC"], "symbol": "QĐ-CTUBND", "bases": ["Căn cứ Luật “A” & <B>"]}}])
    held = AwardRound(service, clients, 1, campaign=campaign)
    said = text_of(paper(held.chair, held.draft(held.units)).content)
    for words in ("Đồng Xoài, ngày", "Số: /QĐ-CTUBND", "QUYỀN CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH", "Căn cứ Luật “A” & <B>;", "- Ban Thi đua & Khen thưởng; - Lưu: HC.", "Giám đốc Sở Nội vụ"):
        assert words in said, said
