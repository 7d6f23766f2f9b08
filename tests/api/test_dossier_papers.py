"""The papers of a dossier: the nominator's Tờ trình, the minutes of its council, and a nominee's achievement report."""
import collections
import io
import json
import unicodedata
import zipfile

import pytest

from award_tools import AwardRound, merge, today
from conftest import make_unit
from dossier_tools import Dossier, Round
from service import Client, problem
from test_papers import DOCX, PDF, SECRETS, paper, printed_day, run, says, text_of, text_of_docx
from test_summary import approve

LONG = "Phòng \"Cải cách\" & <Hành chính> " + "rất dài " * 20 + "hết tên"
MEMBERS = [{"name": "Nguyễn Văn An", "office": "Giám đốc, Chủ tịch Hội đồng", "attendance": "PRESENT"},
           {"name": unicodedata.normalize("NFD", "Trần Thị Bình"), "office": "Thư ký", "attendance": "PRESENT"},
           {"name": "Lê Văn Cường", "attendance": "ABSENT", "reason": "Nghỉ ốm"},
           {"name": "Phạm Thị Dung", "office": "Phó Giám đốc", "attendance": "WRITTEN_OPINION", "reason": "Đi công tác"}]
FORM = {"place": "Phòng họp số 1", "opened_at": "2024-12-16T08:05:00+07:00", "closed_at": "2024-12-16T02:30:00Z", "chaired_by": "Nguyễn Văn An",
        "minuted_by": "Trần Thị Bình", "counted_by": ["Võ Thị Em", "Đỗ Văn Phúc"], "members": MEMBERS}
VOTES = {"votes_for": 2, "votes_against": 0, "votes_abstain": 1, "members_present": 2, "members_total": 4, "written_opinions": 1}


@pytest.fixture(scope="module")
def held(service, clients):
    """A district's dossier, which nominates a commune and a unit of a long name, the second without a word on the council."""
    made = AwardRound(service, clients, 1)
    made.top = make_unit(made.admin, name="Huyện Lộc Ninh", kind="DISTRICT")["id"]
    made.own = service.key("unit", made.top)
    made.commune = make_unit(made.admin, name="Xã Tân Lợi", kind="COMMUNE", parent_id=made.top)["id"]
    made.long = make_unit(made.admin, name=LONG, kind="DISTRICT_SUBUNIT", parent_id=made.top)["id"]
    for unit, group in ((made.commune, "XA"), (made.long, "UNIT_UNDER_HUYEN")):
        made.done(made.home.put(f"{made.round}/contestants/{unit}", json={
            "group": group, "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV", "members_total": 34, "members_women": 9}))
    made.path = "/v1/dossiers/" + made.done(made.own.post("/v1/dossiers", json={
        "campaign": made.campaign.rsplit("/", 1)[1], "year": 2024, "nominator_unit_id": made.top}))["id"]
    made.done(made.own.put(f"{made.path}/nominations/{made.commune}", json={
        **VOTES, "confirmed_by": "Chủ tịch UBND huyện", "confirmed_on": "2024-12-17"}))
    made.done(made.own.put(f"{made.path}/nominations/{made.long}", json={}))
    made.empty = {place: text_of(paper(made.own, made.path + place).content) for place in ("", "/minutes")}
    made.done(made.own.put(f"{made.path}/minutes", json=FORM, headers={"If-Match": made.own.get(made.path).headers["ETag"]}))
    made.done(made.own.merge(made.path, {"letter_number": "5/TTr-UBND", "letter_date": "2024-12-18"}, made.own.get(made.path).headers["ETag"]))
    return made


def in_order(text, *words):
    """Each stands behind the one before."""
    at = 0
    for word in words:
        found = text.find(word, at)
        assert found >= 0, f"{word!r} is not behind {text[max(0, at - 60):at]!r} in: {text}"
        at = found + len(word)


def test_the_letter_says_who_asks_whom_for_what_for_whom(held):
    in_order(text_of(paper(held.own, held.path).content),
             "ỦY BAN NHÂN DÂN HUYỆN LỘC NINH", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Số: 05/TTr-UBND", "Lộc Ninh, ngày 18 tháng 12 năm 2024",
             "TỜ TRÌNH", "Về việc đề nghị tặng Bằng khen", "Kính gửi:", "- Chủ tịch Ủy ban nhân dân tỉnh Bình Phước;", "Căn cứ Luật Thi đua, khen thưởng;",
             "Căn cứ Biên bản họp Hội đồng Thi đua - Khen thưởng ngày 16 tháng 12 năm 2024.", "cho 02 tập thể (có Danh sách kèm theo).",
             "Hồ sơ gửi kèm: Biên bản họp Hội đồng Thi đua - Khen thưởng; Báo cáo thành tích", "xem xét, quyết định./.", "Nơi nhận:", "CHỦ TỊCH", "DANH SÁCH", "(Kèm theo Tờ trình số: /TTr ngày tháng năm của",
             "STT", "Tên tập thể", "01", "Ủy ban nhân dân xã Tân Lợi, huyện Lộc Ninh",
             "02", f"{LONG}, Ủy ban nhân dân huyện Lộc Ninh")


def test_the_letter_of_a_successor_says_for_whom_and_why(service, clients):
    """Domain, section 8: a body dissolved before the deadline is lodged for by its successor, with a reason."""
    held, admin = Round(service), clients["admin"]
    heir, gone = make_unit(admin), make_unit(admin)
    done = admin.post(f"/v1/units/{gone['id']}/successions", json={
        "kind": "MERGE", "successors": [heir["id"]], "effective_on": "2024-07-01", "legal_basis": "12/NQ-HĐND"})
    assert done.status_code == 201, done.text
    dossier = Dossier(service.key("unit", heir["id"]), held, heir["id"], on_behalf_of_unit_id=gone["id"], reason="Sáp nhập từ ngày 01/7/2024")
    said = text_of(paper(dossier.client, dossier.url).content)
    assert f"Hồ sơ được lập thay cho {gone['name']}. Lý do: Sáp nhập từ ngày 01/7/2024." in said, said


def test_the_minutes_count_on_all_members(held):
    in_order(text_of(paper(held.own, f"{held.path}/minutes").content),
             "BIÊN BẢN", "Họp Hội đồng Thi đua - Khen thưởng", "Thời gian bắt đầu: 08 giờ 05 phút, ngày 16 tháng 12 năm 2024.", "Địa điểm: Phòng họp số 1.",
             "1. Chủ tọa: Nguyễn Văn An, Giám đốc, Chủ tịch Hội đồng.", "2. Thư ký: Trần Thị Bình, Thư ký.", "3. Người kiểm phiếu: Võ Thị Em; Đỗ Văn Phúc.",
             "có 04 thành viên; có mặt 02; vắng mặt và có ý kiến bằng văn bản 01:", "Lê Văn Cường", "Vắng mặt (Nghỉ ốm)", "Phạm Thị Dung",
             "Vắng mặt, có ý kiến bằng văn bản (Đi công tác)", "KẾT QUẢ BỎ PHIẾU", "tính trên tổng số thành viên Hội đồng",
             "Ủy ban nhân dân xã Tân Lợi, huyện Lộc Ninh",
             "2 0 1 2/4 (50,00 %)", "KẾT LUẬN", "Cuộc họp kết thúc vào 09 giờ 30 phút, ngày 16 tháng 12 năm 2024./.",
             "THƯ KÝ", "Trần Thị Bình", "CHỦ TỌA", "Nguyễn Văn An")
    assert "Nơi nhận" not in text_of(paper(held.own, f"{held.path}/minutes").content)


def test_the_report_says_what_is_known_and_leaves_a_line_for_the_rest(held):
    awarded = text_of(paper(held.unit_client, f"{held.dossier}/nominations/{held.units[0]}").content)
    in_order(awarded, "BÁO CÁO THÀNH TÍCH", "I. THÔNG TIN CHUNG", "1. Tên tập thể:", "II. THÀNH TÍCH ĐẠT ĐƯỢC",
             "Kết luận thẩm định: xuất sắc, tiêu biểu, dẫn đầu; điểm: 95,00. Dẫn đầu khối.", "Sáng kiến, giải pháp, cách làm mới", "Giải pháp",
             "88/QĐ-HĐSK", "20/01/2025", "XÁC NHẬN CỦA CẤP TRÌNH KHEN", "THỦ TRƯỞNG ĐƠN VỊ")
    blank = text_of(paper(held.own, f"{held.path}/nominations/{held.commune}").content)
    in_order(blank, "ỦY BAN NHÂN DÂN XÃ TÂN LỢI", "Tân Lợi, ngày", "34 người, trong đó nữ 09 người", "Chỉ số cải cách hành chính năm 2024:", "Sáng kiến, giải pháp",
             "Cấp trình khen xác nhận: Chủ tịch UBND huyện, ngày 17 tháng 12 năm 2024.")
    assert "Kết luận thẩm định" not in blank and "Quyết định công nhận" not in blank and " %" not in blank


def test_the_report_says_the_index_with_the_decision_that_approved_it(service, clients):
    held = AwardRound(service, clients, 1)
    approve(held, held.units[0], "73.8", "9/QĐ-UBND")
    said = text_of(paper(held.unit_client, f"{held.dossier}/nominations/{held.units[0]}").content)
    assert says(said, f"Chỉ số cải cách hành chính năm 2024: 90,00 % (Quyết định số 09/QĐ-UBND {printed_day(today())})."), said


def test_what_nobody_recorded_is_not_invented(held):
    letter, minutes = held.empty[""], held.empty["/minutes"]
    assert "Số: /TTr" in letter and "ngày tháng năm" in letter and "Biên bản họp Hội đồng Thi đua" in letter and "Căn cứ Biên bản" not in letter
    in_order(minutes, "Thời gian bắt đầu:", "Địa điểm:", "1. Chủ tọa:", "2. Thư ký:", "4. Thành viên Hội đồng", "Cuộc họp kết thúc vào:", "THƯ KÝ", "CHỦ TỌA")
    for name in ("Nguyễn", "giờ 0", "16 tháng"):
        assert name not in minutes


@pytest.mark.parametrize("place", ["", "/minutes", "/nominations/{commune}"])
def test_each_is_a_file_of_both_kinds_that_say_the_same(held, place):
    path = held.path + place.format(commune=held.commune)
    printed, edited = paper(held.own, path), paper(held.own, path, DOCX)
    shown, said = (collections.Counter(words.split()) for words in (text_of(printed.content), text_of_docx(edited.content)))
    assert not said - shown and (shown - said).keys() <= {"2", "3"}  # the numbers of the pages
    fonts = run("pdffonts", data=printed.content).splitlines()[2:]
    assert fonts and all("LiberationSerif" in line and line.split()[-5:-2] == ["yes", "yes", "yes"] for line in fonts), fonts
    for answer, form in ((printed, PDF), (edited, DOCX)):
        again = held.own.get(path, headers={"Accept": form, "If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
    assert held.own.get(path).json()  # and without Accept it is what it was


def test_papers_say_no_more_than_their_resources_say_to_the_same_caller(service, clients, held):
    """Votes and members are for the offices and the nominator; findings and indices before publication are for whom they are told."""
    outside, below = service.key("unit", make_unit(held.admin)["id"]), service.key("unit", held.commune)
    for place in ("", "/minutes", f"/nominations/{held.commune}"):
        for client in (outside, below, clients["viewer"], Client(service.base)):
            said = client.get(held.path + place)
            answer = client.get(held.path + place, headers={"Accept": PDF})
            assert answer.status_code == said.status_code >= 400
    above = service.key("unit", held.parent)
    for client in (held.own, above, clients["auditor"]):
        for place in ("", f"/nominations/{held.commune}"):
            answer = client.get(held.path + place, headers={"Accept": PDF})
            if answer.status_code == 200:
                said = text_of(answer.content)
                assert not [name for name in ("Nguyễn Văn An", "Lê Văn Cường", "Nghỉ ốm", "50,00") if name in said]
    problem(clients["viewer"].get(held.path, headers={"Accept": PDF}), 403, "forbidden")


def test_no_paper_of_a_dossier_tells_a_secret(service, clients, held):
    """Every paper, every role, both kinds: nothing of a disciplinary record, and members of a council in its minutes alone."""
    held.done(held.home.post("/v1/discipline-records", json={
        "unit_id": held.commune, "person_name": SECRETS["person"], "position": "KEY_LEADER_HEAD", "regime": "CIVIL_SERVANT", "level": "CANH_CAO",
        "decision_number": SECRETS["number"], "decision_date": "2024-04-01", "effective_from": "2024-04-01"}))
    readers = {**clients, "anyone": Client(service.base), "own": held.own, "above": service.key("unit", held.parent),
               "nominee": service.key("unit", held.commune), "other": service.key("unit", make_unit(held.admin)["id"])}
    told = set()
    for place in ("", "/minutes", *(f"/nominations/{unit}" for unit in (held.commune, held.long))):
        for name, client in readers.items():
            usual = client.get(held.path + place)
            for form, read in ((PDF, text_of), (DOCX, text_of_docx)):
                answer = client.get(held.path + place, headers={"Accept": form})
                assert answer.status_code == usual.status_code, (place, name)
                if answer.status_code == 200:
                    told.add((place, form))
                    words = read(answer.content)
                    assert not [secret for secret in SECRETS.values() if secret in words], (place, name)
                    assert place == "/minutes" or "Lê Văn Cường" not in words, (place, name)
    assert len(told) == 8


def test_many_nominees_break_over_pages_under_one_heading(service, held):
    """500 rows; made in the database, for nothing else is asked of them."""
    own = service.key("unit", held.parent)
    path = "/v1/dossiers/" + held.done(own.post("/v1/dossiers", json={
        "campaign": held.campaign.rsplit("/", 1)[1], "year": 2025, "nominator_unit_id": held.parent}))["id"]
    code, dossier = held.campaign.rsplit("/", 1)[1], path.rsplit("/", 1)[1]
    answer = service.psql(f"""
        WITH made AS (INSERT INTO units (id) SELECT gen_random_uuid() FROM generate_series(1, 500) RETURNING id),
        named AS (INSERT INTO unit_periods (unit_id, valid, name, kind, parent_id)
                  SELECT id, '[2020-01-01,)', 'Phòng thử số ' || row_number() OVER (), 'PROVINCIAL_SUBUNIT', '{held.parent}' FROM made RETURNING unit_id),
        entered AS (INSERT INTO contestants (campaign, year, unit_id, group_name, on_assessed_list, advises_par, source_document)
                    SELECT '{code}', 2025, unit_id, 'UNIT_UNDER_SO', false, true, '12/QĐ-SNV' FROM named RETURNING unit_id)
        SELECT string_agg(unit_id::text, ' ') FROM entered""")
    assert "ERROR" not in answer, answer
    answer = service.psql(f"""INSERT INTO nominations (dossier_id, campaign, year, unit_id)
        SELECT '{dossier}', '{code}', 2025, u::uuid FROM regexp_split_to_table('{answer}', ' ') u""")
    assert "ERROR" not in answer, answer
    data = paper(own, path).content
    pages = int(next(line.split()[1] for line in run("pdfinfo", data=data).splitlines() if line.startswith("Pages:")))
    said = text_of(data)
    assert "cho 500 tập thể" in said and said.count("Tên tập thể") == pages - 1 and pages > 10
    assert all(f"{number:02} Phòng thử số " in said for number in range(1, 501))
    packed = zipfile.ZipFile(io.BytesIO(own.get(f"{path}/bundle").content))  # of so many, the reports are asked for one by one
    metadata = json.loads(packed.read("metadata.json"))
    assert metadata["reports_left_out"] == 500 and {p["kind"] for p in metadata["papers"]} == {"LETTER", "MINUTES"}


def test_a_dossier_and_its_papers_name_everybody_as_on_their_day(service, clients):
    """Domain, section 8: a name of later was given to nominator and nominees of years ago, and their papers were headed by it."""
    held = AwardRound(service, clients, 1)
    nominee, path = held.units[0], held.dossier
    record, minutes = f"/v1/units/{nominee}/record", f"{path}/minutes"

    def rename(unit, day, name):
        held.done(merge(held.admin, f"/v1/units/{unit}", {"valid_from": day, "name": name}, held.etag(f"/v1/units/{unit}")))

    def named():
        listed, = held.auditor.get("/v1/dossiers", params={"nominator_unit_id": held.parent}).json()["items"]
        table = held.auditor.get("/v1/dossiers", params={"nominator_unit_id": held.parent}, headers={"Accept": "text/csv"}).text
        return {held.auditor.get(path).json()["nominator_unit_label"], listed["nominator_unit_label"], table.splitlines()[1].split(",")[0],
                held.auditor.get(minutes).json()["nominator_unit_label"],
                held.auditor.get(record).json()["items"][0]["nominations"][0]["nominator_unit_label"]}

    def said():
        return [text_of_docx(paper(held.auditor, each, DOCX).content) for each in (path, minutes)]
    rename(held.parent, "2024-12-01", "Sở của ngày nhận")
    rename(nominee, "2024-12-01", "Phòng của ngày nhận")
    rename(held.parent, "2024-12-25", "Sở cuối năm")
    rename(nominee, "2024-12-25", "Phòng cuối năm")
    rename(held.parent, today(), "Sở hôm nay")
    rename(nominee, today(), "Phòng hôm nay")
    assert named() == {"Sở của ngày nhận"}
    for text in said():
        assert "Phòng của ngày nhận, Sở của ngày nhận" in text and "cuối năm" not in text and "hôm nay" not in text
        assert "đồng nai" not in text.lower(), "nor the authority of today"
    draft = held.done(held.unit_client.post("/v1/dossiers", json={
        "campaign": held.campaign.rsplit("/", 1)[1], "year": 2024, "nominator_unit_id": held.parent}))
    assert draft["nominator_unit_label"] == "Sở hôm nay"
