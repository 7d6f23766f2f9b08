"""Lists as CSV: whole, in the readers' words, and safe to open in a spreadsheet."""
import concurrent.futures
import csv
import io
import threading
import time
import uuid
import zipfile

import pytest

from service import Service, make_place, problem, serving
from test_products import running

CSV = {"Accept": "text/csv"}


def table(response):
    assert response.status_code == 200 and response.headers["Content-Type"].startswith("text/csv"), response.text
    assert response.content.startswith(b"\xef\xbb\xbf"), "Excel needs the byte order mark"
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


def test_a_list_of_several_pages_comes_whole(clients, unit):
    mark = uuid.uuid4().hex[:8]
    lines = "".join(f"Xã {mark} {i:03d},COMMUNE,2020-01-01\n" for i in range(450))
    made = clients["admin"].post("/v1/imports", params={"kind": "units"}, headers={"Content-Type": "text/csv"},
                                 data=("name,kind,valid_from\n" + lines).encode())
    assert made.status_code == 201, made.text
    rows = table(clients["anyone"].get("/v1/units", params={"q": mark, "limit": 1}, headers=CSV))
    assert [row["Name"] for row in rows] == [f"Xã {mark} {i:03d}" for i in range(450)]
    assert rows[0]["From"] == "2020-01-01" and rows[0]["To"] == ""


def test_what_a_spreadsheet_would_run_is_text(clients, unit):
    """OWASP, CSV injection; RFC 4180 section 2.7: quotes are doubled. What nobody sees may be gone before a spreadsheet looks."""
    mark = uuid.uuid4().hex[:8]
    starts = [*"=+-@", "\u200b=", "\ufeff\u2060@", "\u00ad＝", "'\u200d+"]
    for start in starts:
        unit(name=f'{start}1, "{mark}"')
    unit(name=f"\u200bx=1 {mark}")
    names = [row["Name"] for row in table(clients["anyone"].get("/v1/units", params={"q": mark}, headers=CSV))]
    assert sorted(names) == sorted([f"\u200bx=1 {mark}", *(f'\'{start}1, "{mark}"' for start in starts)])


def test_who_parts_cells_at_semicolons_or_tabs_too_makes_no_cell_of_what_comes_after(clients, unit):
    """A program that takes commas, semicolons and tabs alike, as LibreOffice offers, still keeps to quotation marks."""
    mark = uuid.uuid4().hex[:8]
    unit(name=f"Phòng {mark};=1+1", legal_basis=f"1/QĐ {mark};@SUM(A1)\t=2+2")
    text = clients["anyone"].get("/v1/units", params={"q": mark, "columns": "name,legal_basis"}, headers=CSV).content.decode("utf-8-sig")
    assert text.split("\r\n")[1] == f'"Phòng {mark};=1+1","1/QĐ {mark};@SUM(A1)\t=2+2"'


def test_the_same_callers_filters_and_refusals_as_in_json(clients, round_2024):
    problem(clients["anyone"].get(f"{round_2024}/contestants", headers=CSV), 401, "unauthenticated")
    assert table(clients["auditor"].get(f"{round_2024}/contestants", headers=CSV)) == []
    assert problem(clients["anyone"].get("/v1/units", params={"cursor": "!"}, headers=CSV), 400, "invalid-query")
    assert table(clients["anyone"].get("/v1/awards", params={"year": 2999}, headers=CSV)) == []
    head = clients["anyone"].head("/v1/units", headers=CSV)
    assert head.status_code == 200 and not head.content and head.headers["Content-Type"].startswith("text/csv")


XLSX = {"Accept": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def test_a_table_has_a_bound_openly():
    """450 rows here: two pages more than fit into one answer of a read."""
    with serving(Service(make_place(), THIDUA_TABLE_ROWS="450")) as service:
        admin, anyone = service.key("admin"), service.anonymous()

        def enter(first, last):
            lines = "".join(f"Xã {i:03d},COMMUNE,2020-01-01\n" for i in range(first, last))
            made = admin.post("/v1/imports", params={"kind": "units"}, headers={"Content-Type": "text/csv"},
                              data=("name,kind,valid_from\n" + lines).encode())
            assert made.status_code == 201, made.text

        enter(0, 450)
        sheet = zipfile.ZipFile(io.BytesIO(anyone.get("/v1/units", headers=XLSX).content)).read("xl/worksheets/sheet1.xml")
        assert sheet.count(b"<row ") == 451
        assert len(table(anyone.get("/v1/units", headers=CSV))) == 450
        enter(450, 601)
        for media in (XLSX, CSV):
            refused = problem(anyone.get("/v1/units", headers=media), 400, "invalid-query")
            assert "450" in refused["detail"]
        assert len(table(anyone.get("/v1/units", params={"q": "xa 00"}, headers=CSV))) == 10, "a filter is the way out"


def test_a_table_of_many_pages_takes_no_longer_than_work_may():
    """The first page is held until the time is over: the second is not begun."""
    with running(THIDUA_WORK_SECONDS="1") as service:
        lines = "".join(f"Xã {i:03d},COMMUNE,2020-01-01\n" for i in range(210))
        made = service.key("admin").post("/v1/imports", params={"kind": "units"}, headers={"Content-Type": "text/csv"},
                                         data=("name,kind,valid_from\n" + lines).encode())
        assert made.status_code == 201, made.text
        anyone = service.anonymous()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            with service.holding("LOCK journal"):
                waiting = pool.submit(anyone.get, "/v1/events", headers=CSV)
                time.sleep(1.2)
                assert not waiting.done(), waiting.result().text[-600:]
            problem(waiting.result(), 422, "too-much-work")
        assert len(table(anyone.get("/v1/events", headers=CSV))) >= 210


@pytest.mark.parametrize("seconds, rest", [("60", "1min"), ("300", "5min")])
def test_what_may_work_for_long_is_not_taken_for_hung_meanwhile(seconds, rest):
    """PostgreSQL ends a transaction that rests between two statements for longer than its connection says, while what was read is worked on."""
    with running(THIDUA_WORK_SECONDS=seconds) as service:
        told = service.psql("""CREATE TABLE rests (rest text);
            CREATE FUNCTION tell_rest() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
            $$ BEGIN INSERT INTO rests VALUES (current_setting('idle_in_transaction_session_timeout')); RETURN NULL; END $$;
            CREATE TRIGGER tell_rest AFTER INSERT ON units FOR EACH STATEMENT EXECUTE FUNCTION tell_rest()""", user="postgres")
        assert "ERROR" not in told, told
        made = service.key("admin").post("/v1/units", json={"name": "Xã thử", "kind": "COMMUNE", "valid_from": "2020-01-01"})
        assert made.status_code == 201, made.text
        assert service.psql("SELECT rest FROM rests", user="postgres") == rest


def test_no_loop_waits_while_a_file_is_made(service, clients, unit):
    """A worker makes it: reads go on beside it, on every connection."""
    owner = unit()["id"]
    service.psql("INSERT INTO initiatives (unit_id, title, summary, kind, applied_from) SELECT "
                 f"'{owner}', 'Sáng kiến ' || i, 'Tóm tắt', 'SOLUTION', '2024-03-01' FROM generate_series(1, 3000) i")
    answers, answered, other = [], 0, service.anonymous()
    thread = threading.Thread(target=lambda: answers.append(clients["auditor"].get("/v1/initiatives", params={"unit_id": owner}, headers=XLSX)))
    thread.start()
    while thread.is_alive():
        assert other.get("/v1/awards").status_code == 200
        answered += 1
    titles = [row["Title"] for row in table(clients["auditor"].get("/v1/initiatives", params={"unit_id": owner}, headers=CSV))]
    assert len(titles) == 3000 and set(titles) == {f"Sáng kiến {i}" for i in range(1, 3001)}
    service.psql(f"DELETE FROM initiatives WHERE unit_id = '{owner}'")
    assert answers[0].status_code == 200 and answered > 5
