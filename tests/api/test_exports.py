"""Lists as CSV: whole, in the readers' words, and safe to open in a spreadsheet."""
import csv
import io
import uuid

from service import problem

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
    assert [row["Tên"] for row in rows] == [f"Xã {mark} {i:03d}" for i in range(450)]
    assert rows[0]["Từ ngày"] == "2020-01-01" and rows[0]["Đến ngày"] == ""


def test_what_a_spreadsheet_would_run_is_text(clients, unit):
    """OWASP, CSV injection; RFC 4180 section 2.7: quotes are doubled."""
    mark = uuid.uuid4().hex[:8]
    for start in "=+-@":
        unit(name=f'{start}1, "{mark}"')
    names = [row["Tên"] for row in table(clients["anyone"].get("/v1/units", params={"q": mark}, headers=CSV))]
    assert sorted(names) == sorted(f'\'{start}1, "{mark}"' for start in "=+-@")


def test_the_same_callers_filters_and_refusals_as_in_json(clients, round_2024):
    problem(clients["anyone"].get(f"{round_2024}/contestants", headers=CSV), 401, "unauthenticated")
    assert table(clients["auditor"].get(f"{round_2024}/contestants", headers=CSV)) == []
    assert problem(clients["anyone"].get("/v1/units", params={"cursor": "!"}, headers=CSV), 400, "invalid-query")
    assert table(clients["anyone"].get("/v1/awards", params={"year": 2999}, headers=CSV)) == []
    head = clients["anyone"].head("/v1/units", headers=CSV)
    assert head.status_code == 200 and not head.content and head.headers["Content-Type"].startswith("text/csv")
