"""III.3.b: the form of the council's minutes, with the votes counted on all members."""
import pytest

from dossier_tools import Dossier, Round
from service import problem

MEMBERS = [{"name": "Nguyễn Văn An", "office": "Chủ tịch Hội đồng", "attendance": "PRESENT"},
           {"name": "Trần Thị Bình", "office": "Ủy viên, Thư ký", "attendance": "PRESENT"},
           {"name": "Lê Văn Cường", "attendance": "ABSENT", "reason": "Nghỉ ốm"},
           {"name": "Phạm Thị Dung", "attendance": "WRITTEN_OPINION"}]
FORM = {"place": "Phòng họp số 1", "opened_at": "2024-12-16T08:00:00+07:00", "closed_at": "2024-12-16T09:30:00+07:00",
        "chaired_by": "Nguyễn Văn An", "minuted_by": "Trần Thị Bình", "counted_by": ["Võ Thị Em", "Đỗ Văn Phúc"], "members": MEMBERS}
COUNCIL = {"members_present": 2, "members_total": 4, "written_opinions": 1}
VOTES = {"votes_for": 3, "votes_against": 0, "votes_abstain": 0, **COUNCIL}


@pytest.fixture
def nominator(service, unit):
    """Below a district, with a dossier that nominates a unit of its own."""
    above = unit(kind="DISTRICT")["id"]
    own = unit(kind="COMMUNE", parent_id=above)["id"]
    held = Round(service)
    held.register(own)
    client = service.key("unit", own)
    client.above, client.unit = service.key("unit", above), own
    client.dossier = Dossier(client, held, own)
    assert client.dossier.nominate(own, **VOTES).status_code == 201
    return client


def record(client, form, etag=None):
    return client.put(f"{client.dossier.url}/minutes", json=form, headers={"If-Match": etag or client.dossier.etag()})


def test_the_form_is_kept_beside_the_votes_on_each_nominee(service, clients, nominator):
    path = f"{nominator.dossier.url}/minutes"
    empty = nominator.get(path)
    assert (empty.json()["members"], empty.json()["members_total"], empty.json()["opened_at"]) == ([], None, None)
    made = record(nominator, FORM, empty.headers["ETag"])
    assert made.status_code == 200, made.text
    shown = nominator.get(path)
    assert shown.json() == made.json() and shown.headers["ETag"] == made.headers["ETag"]
    assert {name: shown.json()[name] for name in FORM if name != "members"} == {n: v for n, v in FORM.items() if n != "members"}
    assert shown.json()["members"] == [{"office": None, "reason": None, **member} for member in MEMBERS]
    assert {name: shown.json()[name] for name in COUNCIL} == COUNCIL
    vote = shown.json()["nominations"][0]
    assert {name: vote[name] for name in VOTES} == VOTES and vote["percent_for"] == "75.00"  # of all 4, not of the 3 that voted
    assert nominator.dossier.get().json()["minutes_date"] == shown.json()["minutes_date"] == "2024-12-16"
    told = service.psql(f"SELECT type, restricted, after::jsonb -> 'members' -> 0 ->> 'name' FROM journal WHERE resource = '{path}'")
    assert told == "minutes.recorded|t|Nguyễn Văn An"
    assert clients["home_affairs"].get(path).json() == shown.json()


def test_it_is_replaced_as_a_whole(nominator):
    assert record(nominator, FORM).status_code == 200
    again = record(nominator, {"members": MEMBERS[1:2]})
    assert again.status_code == 200, again.text
    assert (again.json()["chaired_by"], again.json()["counted_by"], again.json()["members_total"]) == (None, [], 1)
    assert again.json()["minutes_date"] == "2024-12-16"  # the day stays known
    assert record(nominator, {"members": []}).json()["members_total"] is None


@pytest.mark.parametrize("change, pointer", [
    ({"closed_at": "2024-12-16T08:00:00+07:00"}, "/closed_at"), ({"opened_at": None}, "/closed_at"),
    ({"opened_at": "2999-01-01T08:00:00+07:00"}, "/opened_at"),
    ({"chaired_by": "Lê Văn Cường"}, "/chaired_by"),    # absent
    ({"chaired_by": "Phạm Thị Dung"}, "/chaired_by"),   # only in writing
    ({"chaired_by": "Người Lạ"}, "/chaired_by"), ({"members": []}, "/chaired_by"),
    ({"members": [*MEMBERS, MEMBERS[0]]}, "/members"), ({"members": [*MEMBERS, MEMBERS[3]]}, "/members"),
    ({"members": [{**MEMBERS[0], "reason": "Bận"}]}, "/members"),
    ({"members": [*MEMBERS, {"name": " ", "attendance": "ABSENT"}]}, "/members/4/name"),
    ({"members": [{"name": "Ai đó", "attendance": "ONLINE"}]}, "/members/0/attendance"),
    ({"members": [{"name": f"Ủy viên {i}", "attendance": "PRESENT"} for i in range(101)]}, "/members"),
    ({"counted_by": [""]}, "/counted_by/0"), ({"members": None}, "/members")])
def test_what_cannot_have_been_is_refused_and_nothing_changes(service, nominator, change, pointer):
    assert record(nominator, FORM).status_code == 200
    before = nominator.get(f"{nominator.dossier.url}/minutes")
    found = problem(record(nominator, {**FORM, **change}), 422, "invalid")
    assert found["errors"][0]["pointer"] == pointer
    assert nominator.get(f"{nominator.dossier.url}/minutes").headers["ETag"] == before.headers["ETag"]


def test_the_day_of_the_minutes_is_one(nominator):
    """It is the day of the meeting's hours, and not after the Tờ trình, whichever is recorded last."""
    assert record(nominator, {**FORM, "opened_at": "2024-12-15T18:00:00Z", "closed_at": None}).json()["minutes_date"] == "2024-12-16"
    url = nominator.dossier.url
    for other in ("2024-12-15", None):
        found = problem(nominator.merge(url, {"minutes_date": other}, nominator.dossier.etag()), 422, "rule-refused")
        assert found["errors"][0] == {**found["errors"][0], "pointer": "/minutes_date", "code": "dossiers_minutes_day"}
    assert nominator.merge(url, {"minutes_date": "2024-12-16", "letter_date": "2024-12-16"}, nominator.dossier.etag()).status_code == 200
    late = problem(record(nominator, {**FORM, "opened_at": "2024-12-17T08:00:00+07:00", "closed_at": None}), 422, "rule-refused")
    assert (late["clause"], late["errors"][0]["pointer"]) == ("III.3", "/opened_at")


def test_votes_of_another_council_are_a_reason_to_return(nominator):
    def told(client=nominator):
        return [r["code"] for r in client.get(nominator.dossier.url).json()["reasons_to_return"] if r["kind"] == "MINUTES"]
    assert told() == []
    assert record(nominator, FORM).json()["differences"] == [] and told() == []
    other = record(nominator, {**FORM, "members": [*MEMBERS, {"name": "Hồ Thị Gấm", "attendance": "ABSENT"}]})
    assert [(d["code"], d["unit_id"]) for d in other.json()["differences"]] == [("VOTES_DIFFER_FROM_MINUTES", nominator.unit)]
    assert told() == ["VOTES_DIFFER_FROM_MINUTES"] and told(nominator.above) == []  # it tells of votes


def test_minutes_are_for_whom_the_votes_are_for(clients, nominator):
    path = f"{nominator.dossier.url}/minutes"
    assert record(nominator, FORM).status_code == 200
    problem(nominator.above.get(path), 404, "not-found")
    for client in (clients["auditor"], clients["chair_office"]):
        assert client.get(path).status_code == 200
        problem(client.put(path, json=FORM, headers={"If-Match": nominator.dossier.etag()}), 403, "forbidden")
    problem(clients["home_affairs"].put(path, json=FORM, headers={"If-Match": nominator.dossier.etag()}), 403, "forbidden")  # not on paper
    for client in (nominator.above, clients["auditor"]):
        assert "Nguyễn Văn An" not in client.get(nominator.dossier.url).text


def test_it_changes_by_its_version_and_only_while_the_dossier_may(nominator):
    path = f"{nominator.dossier.url}/minutes"
    problem(nominator.put(path, json=FORM), 428, "version-required")
    problem(nominator.put(path, json=FORM, headers={"If-Match": '"0"'}), 412, "stale-version")
    for place in ("documents/TO_TRINH", "documents/MINUTES", f"nominations/{nominator.unit}/documents/REPORT"):
        assert nominator.dossier.put(place).status_code == 201
    assert nominator.dossier.move("lodge").status_code == 200
    problem(record(nominator, FORM), 409, "conflict")
