import json
import uuid

import pytest

from service import problem

NAME = "Nguyễn Thị Thử Nghiệm"
RECORD = {"person_name": NAME, "position": "KEY_LEADER_HEAD", "regime": "CIVIL_SERVANT", "level": "KHIEN_TRACH",
          "decision_number": "15/QĐ-UBND", "decision_date": "2024-02-27", "effective_from": "2024-03-01"}
OUTSIDE = ["viewer", "unit", "initiative_council", "admin"]


@pytest.fixture
def record(clients, unit):
    def make(**fields):
        body = {"unit_id": fields.pop("unit_id", None) or unit()["id"], **RECORD, **fields}
        response = clients["home_affairs"].post("/v1/discipline-records", json=body)
        assert response.status_code == 201, response.text
        return {**response.json(), "path": response.headers["Location"], "etag": response.headers["ETag"]}
    return make


@pytest.fixture
def proceeding(clients, unit):
    def make(**fields):
        body = {"unit_id": fields.pop("unit_id", None) or unit()["id"], "kind": "INSPECTION", "opened_on": "2024-09-02", **fields}
        response = clients["home_affairs"].post("/v1/proceedings", json=body)
        assert response.status_code == 201, response.text
        return {**response.json(), "path": response.headers["Location"], "etag": response.headers["ETag"]}
    return make


def rows(service, function, unit_id):
    return json.loads(service.psql(f"SELECT {function}('{unit_id}')"))


def test_recorded_is_read_back_by_the_offices_alone(service, clients, unit, record):
    """Domain, section 6: personal data, restricted roles only; the unit itself does not read it either."""
    made = record()
    own = service.key("unit", made["unit_id"])
    for who in ("home_affairs", "chair_office", "auditor"):
        read = clients[who].get(made["path"])
        assert read.status_code == 200 and read.json()["person_name"] == NAME and read.headers["ETag"] == made["etag"]
        assert read.headers["Cache-Control"] == "no-store"
        listed = clients[who].get("/v1/discipline-records", params={"unit_id": made["unit_id"]}).json()["items"]
        assert [item["id"] for item in listed] == [made["id"]]
    for client in [own] + [clients[who] for who in OUTSIDE]:
        for path in (made["path"], "/v1/discipline-records", f"/v1/discipline-records/{uuid.uuid4()}"):
            refused = client.get(path)
            problem(refused, 403, "forbidden")
            assert NAME not in refused.text
    problem(clients["anyone"].get(made["path"]), 401, "unauthenticated")


def test_only_home_affairs_writes(service, clients, unit, record):
    body = {"unit_id": unit()["id"], **RECORD}
    made = record()
    for who in OUTSIDE + ["chair_office", "auditor"]:
        problem(clients[who].post("/v1/discipline-records", json=body), 403, "forbidden")
        problem(clients[who].merge(made["path"], {"status": "ANNULLED", "reason": "x"}, made["etag"]), 403, "forbidden")
    assert service.psql(f"SELECT count(*) FROM discipline_records WHERE unit_id = '{body['unit_id']}'") == "0"
    assert clients["auditor"].get(made["path"]).headers["ETag"] == made["etag"]


LADDERS = {"CIVIL_SERVANT": ["KHIEN_TRACH", "CANH_CAO", "HA_BAC_LUONG", "GIANG_CHUC", "CACH_CHUC", "BUOC_THOI_VIEC"],
           "ELECTED": ["KHIEN_TRACH", "CANH_CAO", "CACH_CHUC", "BAI_NHIEM"],
           "PARTY_MEMBER": ["KHIEN_TRACH", "CANH_CAO", "CACH_CHUC", "KHAI_TRU"],
           "PARTY_ORGANISATION": ["KHIEN_TRACH", "CANH_CAO", "GIAI_TAN"]}
LEVELS = sorted({level for ladder in LADDERS.values() for level in ladder})


@pytest.mark.parametrize("day", ["2025-06-30", "2025-07-01"])
@pytest.mark.parametrize("regime", sorted(LADDERS))
def test_each_regime_has_its_own_ladder_on_the_day_of_the_decision(service, clients, unit, regime, day):
    """Domain, section 6: hạ bậc lương and giáng chức until 2025-06-30."""
    owner = unit()["id"]
    gone = {"HA_BAC_LUONG", "GIANG_CHUC"} if day == "2025-07-01" else set()
    for level in LEVELS:
        body = {"unit_id": owner, **RECORD, "regime": regime, "level": level, "position": "OTHER", "person_name": level,
                "decision_date": day, "effective_from": day}
        response = clients["home_affairs"].post("/v1/discipline-records", json=body)
        if level in LADDERS[regime] and level not in gone:
            assert response.status_code == 201, (level, response.text)
        else:
            assert problem(response, 422, "invalid")["errors"][0]["pointer"] == "/level", level
    assert service.psql(f"SELECT count(*) FROM discipline_records WHERE unit_id = '{owner}'") == str(
        len(set(LADDERS[regime]) - gone))


@pytest.mark.parametrize("level", ["PHE_BINH", "RUT_KINH_NGHIEM"])
def test_criticism_is_below_the_formal_levels(service, clients, unit, level):
    """III.1.d: "từ mức khiển trách trở lên"."""
    body = {"unit_id": unit()["id"], **RECORD, "level": level}
    found = problem(clients["home_affairs"].post("/v1/discipline-records", json=body), 422, "rule-refused")
    assert "clause" not in found and found["errors"][0]["pointer"] == "/level"
    assert service.psql(f"SELECT count(*) FROM discipline_records WHERE unit_id = '{body['unit_id']}'") == "0"


@pytest.mark.parametrize("change, pointer", [
    ({"decision_number": "số mười lăm"}, "/decision_number"), ({"decision_date": "2099-01-01"}, "/decision_date"),
    ({"effective_to": "2024-02-29"}, "/effective_to"), ({"unit_id": str(uuid.uuid4())}, "/unit_id"),
    ({"regime": "PARTY_ORGANISATION"}, "/position"), ({"level": "MANG"}, "/level")])
def test_a_record_must_make_sense(clients, unit, change, pointer):
    body = {"unit_id": unit()["id"], **RECORD, **change}
    found = problem(clients["home_affairs"].post("/v1/discipline-records", json=body), 422, "invalid")
    assert [e["pointer"] for e in found["errors"]] == [pointer]


def test_the_same_decision_is_recorded_once(clients, unit, record):
    made = record()
    body = {"unit_id": made["unit_id"], **RECORD}
    problem(clients["home_affairs"].post("/v1/discipline-records", json=body), 409, "conflict")


def test_annulled_lifts_the_bar_and_history_stays(service, clients, record):
    """III.1.d, domain section 2: an annulled decision lifts the bar; history stays."""
    made = record()
    problem(clients["home_affairs"].merge(made["path"], {"status": "ANNULLED"}, made["etag"]), 422, "invalid")
    done = clients["home_affairs"].merge(made["path"], {"status": "ANNULLED", "reason": "Hủy theo 20/QĐ-UBND"}, made["etag"])
    assert done.status_code == 200 and (done.json()["status"], done.json()["level"]) == ("ANNULLED", "KHIEN_TRACH")
    for body in ({"status": "IN_FORCE"}, {"status": "ENDED", "effective_to": "2025-03-01"}):
        problem(clients["home_affairs"].merge(made["path"], {**body, "reason": "x"}, done.headers["ETag"]), 409, "impossible-transition")
    problem(clients["home_affairs"].merge(made["path"], {"effective_to": "2025-03-01", "reason": "x"}, done.headers["ETag"]),
            409, "conflict")
    (entry,) = rows(service, "discipline_entries", made["unit_id"])
    assert (entry["status"], entry["effective_from"], entry["version"]) == ("ANNULLED", "2024-03-01", 2)
    assert service.psql(f"SELECT before->>'status', after->>'status', reason FROM journal WHERE resource = '{made['path']}' "
                        "AND type = 'discipline.changed'") == "IN_FORCE|ANNULLED|Hủy theo 20/QĐ-UBND"


def test_what_was_recorded_wrongly_is_annulled_and_recorded_anew(clients, record):
    """A position decides whether III.1.d is met, and no field of a record but its end can be changed."""
    made = record()
    body = {"unit_id": made["unit_id"], **RECORD}
    home = clients["home_affairs"]
    assert home.merge(made["path"], {"status": "ANNULLED", "reason": "Ghi nhầm chức vụ"}, made["etag"]).status_code == 200
    again = home.post("/v1/discipline-records", json={**body, "position": "OTHER"})
    assert again.status_code == 201, again.text
    problem(home.post("/v1/discipline-records", json=body), 409, "conflict")


def test_ended_needs_its_last_day_and_may_still_be_annulled(clients, record):
    made = record()
    found = problem(clients["home_affairs"].merge(made["path"], {"status": "ENDED", "reason": "Hết hạn"}, made["etag"]), 422, "invalid")
    assert found["errors"][0]["pointer"] == "/effective_to"
    ended = clients["home_affairs"].merge(made["path"], {"status": "ENDED", "effective_to": "2025-02-28", "reason": "Hết hạn"}, made["etag"])
    assert (ended.json()["status"], ended.json()["effective_to"]) == ("ENDED", "2025-02-28")
    problem(clients["home_affairs"].merge(made["path"], {"status": "ANNULLED", "reason": "x"}, made["etag"]), 412, "stale-version")
    later = clients["home_affairs"].merge(made["path"], {"effective_to": "2025-03-31", "reason": "Sửa ngày"}, ended.headers["ETag"])
    assert (later.json()["effective_to"], later.json()["reason"]) == ("2025-03-31", "Hết hạn")  # why it ended stays
    ended = later
    annulled = clients["home_affairs"].merge(made["path"], {"status": "ANNULLED", "reason": "Hủy"}, ended.headers["ETag"])
    assert annulled.json()["status"] == "ANNULLED"


def test_nobody_lifts_the_bar_of_their_own_unit(service, clients, record):
    """Domain, section 1."""
    made = record()
    biased = service.key("home_affairs", made["unit_id"])
    problem(biased.merge(made["path"], {"status": "ANNULLED", "reason": "x"}, made["etag"]), 403, "separation-of-duties")
    assert clients["auditor"].get(made["path"]).json()["status"] == "IN_FORCE"


def test_entries_are_of_key_leaders_of_that_very_unit_and_name_nobody(service, unit, record):
    """III.1.d: a parent's discipline does not bar a child, nor the reverse; no names leave the restricted table."""
    parent = unit()["id"]
    child = unit(parent_id=parent)["id"]
    head = record(unit_id=child)
    deputy = record(unit_id=child, position="KEY_LEADER_DEPUTY", decision_number="69-QĐ/TU", regime="PARTY_MEMBER",
                    effective_from="2025-01-20")
    record(unit_id=child, position="OTHER", decision_number="70-QĐ/TU")
    found = rows(service, "discipline_entries", child)
    assert [(e["id"], e["regime"], e["position"], e["effective_from"]) for e in found] == [
        (head["id"], "CIVIL_SERVANT", "KEY_LEADER_HEAD", "2024-03-01"), (deputy["id"], "PARTY_MEMBER", "KEY_LEADER_DEPUTY", "2025-01-20")]
    assert set(found[0]) == {"id", "regime", "level", "position", "effective_from", "effective_to", "status", "source", "version",
                             "recorded_at"}
    assert NAME not in json.dumps(found, ensure_ascii=False)
    assert rows(service, "discipline_entries", parent) == []


def test_every_journal_entry_is_restricted(service, clients, record, proceeding):
    made, opened = record(), proceeding()
    clients["home_affairs"].merge(made["path"], {"status": "ANNULLED", "reason": "x"}, made["etag"])
    close(clients["home_affairs"], opened, "close_cleared", reason="x")
    for path in (made["path"], opened["path"]):
        assert service.psql(f"SELECT count(*), bool_and(restricted) FROM journal WHERE resource = '{path}'") == "2|t"


# ---- proceedings ----

def close(client, made, action, **fields):
    return client.post(made["path"] + "/transitions", json={"action": action, **fields}, headers={"If-Match": made["etag"]})


@pytest.mark.parametrize("action, state, outcome", [("close_cleared", "CLOSED_CLEARED", "CLEARED"),
                                                    ("close_at_fault", "CLOSED_AT_FAULT", "AT_FAULT")])
def test_opened_and_closed_with_a_conclusion(service, clients, proceeding, action, state, outcome):
    made = proceeding()
    (entry,) = rows(service, "proceeding_entries", made["unit_id"])
    assert (entry["state"], entry["outcome"], entry["closed_on"], entry["kind"]) == ("OPEN", None, None, "INSPECTION")
    problem(close(clients["home_affairs"], made, action), 422, "invalid")
    done = close(clients["home_affairs"], made, action, reason="Kết luận 5/KL-TTr", closed_on="2024-12-01")
    assert done.status_code == 200 and (done.json()["state"], done.json()["conclusion"]) == (state, "Kết luận 5/KL-TTr")
    (entry,) = rows(service, "proceeding_entries", made["unit_id"])
    assert (entry["state"], entry["outcome"], entry["closed_on"], entry["version"]) == (state, outcome, "2024-12-01", 2)
    again = clients["home_affairs"].post(made["path"] + "/transitions", json={"action": action, "reason": "x"},
                                         headers={"If-Match": done.headers["ETag"]})
    problem(again, 409, "impossible-transition")


def test_proceedings_are_for_the_offices_and_written_by_home_affairs(service, clients, unit, proceeding):
    made = proceeding()
    for who in ("home_affairs", "chair_office", "auditor"):
        assert clients[who].get(made["path"]).json()["id"] == made["id"]
        items = clients[who].get("/v1/proceedings", params={"unit_id": made["unit_id"], "state": "OPEN"}).json()["items"]
        assert [item["id"] for item in items] == [made["id"]]
    for client in [service.key("unit", made["unit_id"])] + [clients[who] for who in OUTSIDE]:
        problem(client.get(made["path"]), 403, "forbidden")
        problem(client.get("/v1/proceedings"), 403, "forbidden")
    body = {"unit_id": unit()["id"], "kind": "COMPLAINT", "opened_on": "2024-09-02"}
    for who in OUTSIDE + ["chair_office", "auditor"]:
        problem(clients[who].post("/v1/proceedings", json=body), 403, "forbidden")
        problem(close(clients[who], made, "close_cleared", reason="x"), 403, "forbidden")
    biased = service.key("home_affairs", made["unit_id"])
    problem(close(biased, made, "close_cleared", reason="x"), 403, "separation-of-duties")
    problem(clients["anyone"].get(made["path"]), 401, "unauthenticated")
    assert service.psql(f"SELECT count(*) FROM proceedings WHERE unit_id = '{body['unit_id']}'") == "0"
    assert clients["auditor"].get(made["path"]).json()["state"] == "OPEN"


def test_proceedings_keep_to_the_calendar(clients, unit, proceeding):
    made = proceeding()
    problem(close(clients["home_affairs"], made, "close_cleared", reason="x", closed_on="2024-09-01"), 422, "invalid")
    problem(close(clients["home_affairs"], made, "close_cleared", reason="x", closed_on="2099-01-01"), 422, "invalid")
    body = {"unit_id": made["unit_id"], "kind": "COMPLAINT", "opened_on": "2099-01-01"}
    problem(clients["home_affairs"].post("/v1/proceedings", json=body), 422, "invalid")
    assert clients["auditor"].get(made["path"]).headers["ETag"] == made["etag"]
