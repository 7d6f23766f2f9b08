"""An evaluation reads all that is entered of a unit at once, so there is a bound on each kind of it: 50,000 initiatives of one unit took 333 MiB."""
import concurrent.futures
import csv
import io

import pytest

from service import problem

MOST = 5000
INITIATIVE = {"title": "Sáng kiến", "summary": "Tóm tắt", "kind": "SOLUTION", "applied_from": "2024-03-01"}
RECORD = {"person_name": "Nguyễn Văn A", "position": "OTHER", "regime": "CIVIL_SERVANT", "level": "CANH_CAO", "decision_number": "9999/QĐ-KL",
          "decision_date": "2024-05-06", "effective_from": "2024-05-06"}
KINDS = {
    # the table; the path of the single write, who writes, and what; columns with which the table is filled
    "initiatives": ("/v1/initiatives", "unit", INITIATIVE,
                    "(unit_id, title, summary, kind, applied_from) SELECT '{unit}', 'a', 'b', 'SOLUTION', '2024-03-01' FROM generate_series(1, {count})"),
    "discipline_records": ("/v1/discipline-records", "home_affairs", RECORD,
                           "(unit_id, person_name, position, regime, level, decision_number, decision_date, effective_from) "
                           "SELECT '{unit}', 'N' || i, 'OTHER', 'CIVIL_SERVANT', 'CANH_CAO', i || '/QĐ', '2024-05-06', '2024-05-06' FROM generate_series(1, {count}) i"),
    "proceedings": ("/v1/proceedings", "home_affairs", {"kind": "AUDIT", "opened_on": "2024-05-06"},
                    "(unit_id, kind, opened_on) SELECT '{unit}', 'AUDIT', '2024-05-06' FROM generate_series(1, {count})"),
}


def client_of(service, role, unit):
    return service.key(role, unit if role == "unit" else None)


def fill(service, table, unit, count):
    told = service.psql(f"INSERT INTO {table} {KINDS[table][3].format(unit=unit, count=count)}")
    assert told == f"INSERT 0 {count}", told


def empty(service, table, unit):
    """So that what other tests of the process read stays small."""
    assert "DELETE" in service.psql(f"DELETE FROM {table} WHERE unit_id = '{unit}'")


def held(service, table, unit):
    return service.psql(f"SELECT count(*), max(place) FROM {table} WHERE unit_id = '{unit}'")


@pytest.mark.parametrize("table", KINDS)
def test_a_unit_has_so_many_entries_of_a_kind_however_many_write_at_once(service, unit, table):
    path, role, body, _ = KINDS[table]
    owner, other = unit()["id"], unit()["id"]
    writers = [client_of(service, role, owner) for _ in range(6)]
    bodies = [{"unit_id": owner, **body, **({"decision_number": f"{number}/QĐ-X"} if "decision_number" in body else {})} for number in range(6)]
    fill(service, table, owner, MOST - 1)
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda writer, sent: writer.post(path, json=sent), writers, bodies))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5, [answer.text for answer in answers]
    refused = problem(next(answer for answer in answers if answer.status_code == 409), 409, "conflict")
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [("/unit_id", f"{table}_of_unit_most")]
    assert str(MOST) in refused["detail"] and "below it" in refused["detail"]
    assert held(service, table, owner) == f"{MOST}|{MOST}"
    assert client_of(service, role, other).post(path, json={"unit_id": other, **body}).status_code == 201, "of another unit there is room"
    empty(service, table, owner)


def csv_of(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


@pytest.mark.parametrize("kind, table", [("initiatives", "initiatives"), ("discipline_records", "discipline_records")])
def test_a_file_that_goes_beyond_it_is_refused_and_names_the_rows(service, unit, kind, table):
    owner = unit()["id"]
    fill(service, table, owner, MOST - 2)
    rows = [{"unit_id": owner, **KINDS[table][2]} for _ in range(4)]
    for number, row in enumerate(rows):
        row.update({"title": f"Tên {number}"} if table == "initiatives" else {"decision_number": f"{number}/QĐ-Y"})
    writer = client_of(service, KINDS[table][1], owner)
    refused = problem(writer.post("/v1/imports", params={"kind": kind}, data=csv_of(rows), headers={"Content-Type": "text/csv"}), 422, "invalid")
    assert [error["code"] for error in refused["errors"]] == [f"{table}_of_unit_most"] * 2
    assert [error["pointer"].split("/")[2] for error in refused["errors"]] == ["4", "5"], refused["errors"]
    assert held(service, table, owner) == f"{MOST - 2}|{MOST - 2}"
    made = writer.post("/v1/imports", params={"kind": kind}, data=csv_of(rows[:2]), headers={"Content-Type": "text/csv"})
    assert made.status_code == 201, made.text
    assert held(service, table, owner) == f"{MOST}|{MOST}"
    empty(service, table, owner)


def test_what_was_rolled_back_takes_no_place(service, unit):
    owner = unit()["id"]
    own = service.key("unit", owner)
    for _ in range(2):
        assert own.post("/v1/initiatives?dry_run=true", json={"unit_id": owner, **INITIATIVE}).status_code == 201
    assert own.post("/v1/initiatives", json={"unit_id": owner, **INITIATIVE}).status_code == 201
    assert held(service, "initiatives", owner) == "1|1"
