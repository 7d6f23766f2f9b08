"""Official papers (NĐ 30/2020/NĐ-CP): what a caller who asks for PDF or DOCX gets instead of JSON."""
import io
import subprocess
import unicodedata
import urllib.parse
import zipfile

import docx
import pytest

from award_tools import AwardRound, number, today
from service import Client, problem

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


def text_of_docx(data):
    document = docx.Document(io.BytesIO(data))
    found = []
    for element in document.element.body.iter("{*}t", "{*}br"):
        found.append(element.text or " ")
        if element.getparent().getnext() is None:
            found.append(" ")
    return " ".join("".join(found).split())


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
    blank = text_of(draft.content)
    assert "Số: /QĐ-UBND" in blank and "ngày tháng năm" in blank and held.number not in blank


def test_files_are_named_for_people(signed):
    held, decision, _ = signed
    field = paper(held.auditor, decision, DOCX).headers["Content-Disposition"]
    plain, coded = field.split("; filename*=UTF-8''")
    shown = held.number.replace("/", "-")
    assert urllib.parse.unquote(coded) == f"Quyết định khen thưởng {shown}.docx"
    assert plain == f'attachment; filename="Quyet dinh khen thuong {shown.replace("Đ", "D")}.docx"'


def test_fonts_are_embedded_and_text_is_tagged(signed):
    held, decision, _ = signed
    data = paper(held.auditor, decision).content
    fonts = [line for line in run("pdffonts", data=data).splitlines()[2:]]
    assert fonts and all("LiberationSerif" in line and line.split()[-5:-2] == ["yes", "yes", "yes"] for line in fonts), fonts
    assert "H1" in run("pdfinfo", "-struct-text", data=data)


def test_docx_says_the_same(signed):
    held, decision, _ = signed
    data = paper(held.auditor, decision, DOCX).content
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
    said, printed = text_of_docx(data), text_of(paper(held.auditor, decision).content)
    assert sorted(said.split()) == sorted(printed.split())
