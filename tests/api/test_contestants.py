"""II.1: the year's register of contestants."""
import concurrent.futures
import json
import types
import unicodedata
import uuid
from urllib.parse import quote

import pytest

from award_tools import AwardRound
from conftest import make_campaign
from dossier_tools import Dossier
from service import problem, wait_until

SO = {"group": "SO_BAN_NGANH", "on_assessed_list": True}


def put(client, url, body, etag=None):
    return client.put(url, json=body, headers={"If-Match": etag} if etag else {})


def test_entered_read_changed_listed_removed(service, clients, unit, round_2024):
    home, body = clients["home_affairs"], {**SO, "cluster": "Khối 1"}
    url = f"{round_2024}/contestants/{unit(name='Sở Thử nghiệm')['id']}"
    made = put(home, url, body)
    assert made.status_code == 201 and made.headers["Location"] == url, made.text
    assert {k: made.json()[k] for k in ("group", "cluster", "advises_par", "on_assessed_list", "unit_label")} == {
        "group": "SO_BAN_NGANH", "cluster": "Khối 1", "advises_par": False, "on_assessed_list": True, "unit_label": "Sở Thử nghiệm"}
    assert clients["viewer"].get(url).json() == made.json()
    problem(put(home, url, body), 428, "version-required")
    changed = put(home, url, {**body, "on_assessed_list": False}, made.headers["ETag"])
    assert changed.status_code == 200 and changed.json()["on_assessed_list"] is False
    problem(put(home, url, body, made.headers["ETag"]), 412, "stale-version")
    assert clients["anyone"].get(round_2024).json()["counts"]["contestants"] == 1
    problem(home.delete(url), 428, "version-required")
    assert home.delete(url, headers={"If-Match": changed.headers["ETag"]}).status_code == 204
    problem(home.get(url), 404, "not-found")
    problem(put(home, url, body, changed.headers["ETag"]), 412, "stale-version")
    again = put(home, url, body)
    assert again.status_code == 201
    problem(put(home, url, body, made.headers["ETag"]), 412, "stale-version")  # never an old version again
    told = service.psql(f"SELECT string_agg(type, ' ' ORDER BY id) FROM journal WHERE resource = '{url}'")
    assert told == "contestant.entered contestant.changed contestant.removed contestant.entered"


def test_what_was_put_lies_at_one_address_however_its_path_was_written(clients, unit, round_2024):
    home, usual = clients["home_affairs"], f"{round_2024}/contestants/{unit()['id']}"
    address, _, name = usual.rpartition("/")
    spelled = address.replace("-", "%2d") + "/" + name.upper().replace("-", "%2D")
    answers = [put(home, f"{path}?dry_run=false", SO) for path in (spelled, usual)]
    assert answers[0].status_code == 201 and answers[0].headers["Location"] == usual
    problem(answers[1], 428, "version-required")
    assert put(home, f"{address}/{unit()['id']}", SO).status_code == 201
    page = home.get(f"{spelled.rpartition('/')[0]}?limit=1")
    assert page.headers["Link"].startswith(f"<{address}?")


@pytest.mark.parametrize("kind, group", [
    ("PROVINCIAL_BODY", "SO_BAN_NGANH"), ("DISTRICT", "HUYEN"), ("COMMUNE", "XA"),
    ("PROVINCIAL_SUBUNIT", "UNIT_UNDER_SO"), ("DISTRICT_SUBUNIT", "UNIT_UNDER_HUYEN")])
def test_the_kind_decides_the_group(clients, unit, round_2024, kind, group):
    """II.1.a–b."""
    home = clients["home_affairs"]
    url = f"{round_2024}/contestants/{unit(kind=kind)['id']}"
    rest = {"advises_par": True, "on_assessed_list": False, "source_document": "12/QĐ-SNV"}
    for other in ("SO_BAN_NGANH", "UNIT_UNDER_SO", "HUYEN", "XA", "UNIT_UNDER_HUYEN"):
        if other != group:
            found = problem(put(home, url, {**rest, "group": other}), 422, "rule-refused")
            assert found["clause"] == "II.1"
    problem(home.get(url), 404, "not-found")
    assert put(home, url, {**rest, "group": group}).status_code == 201


@pytest.mark.parametrize("kind", ["PARTY_BODY", "MASS_ORGANISATION", "OTHER", "PROVINCE"])
def test_party_bodies_and_mass_organisations_are_no_contestants(service, clients, unit, round_2024, kind):
    """II.1."""
    made = unit(kind=kind)["id"]
    found = problem(put(clients["home_affairs"], f"{round_2024}/contestants/{made}", SO), 422, "rule-refused")
    assert found["clause"] == "II.1"
    assert service.psql(f"SELECT count(*) FROM contestants WHERE unit_id = '{made}'") == "0"


def test_a_unit_under_a_commune_is_no_contestant(clients, unit, round_2024):
    """II.1.b names units under the district only."""
    below = unit(kind="DISTRICT_SUBUNIT", parent_id=unit(kind="COMMUNE")["id"])["id"]
    body = {"group": "UNIT_UNDER_HUYEN", "advises_par": True, "on_assessed_list": False, "source_document": "1/QĐ-UBND"}
    found = problem(put(clients["home_affairs"], f"{round_2024}/contestants/{below}", body), 422, "rule-refused")
    assert found["clause"] == "II.1"


@pytest.mark.parametrize("kind, group", [("PROVINCIAL_SUBUNIT", "UNIT_UNDER_SO"), ("DISTRICT_SUBUNIT", "UNIT_UNDER_HUYEN")])
def test_sub_units_must_advise_with_a_source(clients, unit, round_2024, kind, group):
    """II.1: "tham mưu triển khai thực hiện nhiệm vụ cải cách hành chính"."""
    url = f"{round_2024}/contestants/{unit(kind=kind)['id']}"
    body = {"group": group, "on_assessed_list": False}
    for extra in ({}, {"advises_par": True}, {"advises_par": False, "source_document": "1/QĐ-SNV"}):
        found = problem(put(clients["home_affairs"], url, {**body, **extra}), 422, "rule-refused")
        assert found["clause"] == "II.1"
    whole = {**body, "advises_par": True, "source_document": "1/QĐ-SNV"}
    assert put(clients["home_affairs"], url, whole).status_code == 201


def test_individuals_cannot_be_entered_at_all(clients, unit, round_2024):
    """I.1.c: there is no field for a person."""
    body = {**SO, "person_name": "x"}
    found = problem(put(clients["home_affairs"], f"{round_2024}/contestants/{unit()['id']}", body), 422, "invalid")
    assert [(e["pointer"], e["code"]) for e in found["errors"]] == [("/person_name", "unknown")]


def test_the_unit_must_be_there_in_the_year(clients, unit, campaign, round_2024):
    home = clients["home_affairs"]
    problem(put(home, f"{round_2024}/contestants/{uuid.uuid4()}", SO), 404, "not-found")
    ended = unit(valid_from="2020-01-01", valid_to="2024-12-31")["id"]
    assert put(home, f"{round_2024}/contestants/{ended}", SO).status_code == 201
    found = problem(put(home, f"{campaign}/rounds/2025/contestants/{ended}", SO), 422, "rule-refused")
    assert found["clause"] == "II.1" and "does not exist in the award year" in found["detail"]
    begins = unit(valid_from="2025-01-01")["id"]
    assert "does not exist in the award year" in problem(put(home, f"{round_2024}/contestants/{begins}", SO), 422, "rule-refused")["detail"]


def test_an_entry_that_something_builds_on_stays(service, clients, unit):
    """II.1: neither who was appraised nor who is nominated leaves the register."""
    held = AwardRound(service, clients, 1)
    appraised, nominated = held.add_unit(), unit(kind="PROVINCIAL_SUBUNIT", parent_id=held.parent)["id"]
    held.done(held.home.put(f"{held.round}/contestants/{nominated}", json={
        "group": "UNIT_UNDER_SO", "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV"}))
    dossier = Dossier(held.unit_client, types.SimpleNamespace(campaign=held.campaign.rsplit("/", 1)[1], year=2024), held.parent)
    assert dossier.nominate(nominated).status_code == 201
    for each in (appraised, nominated):
        path = f"{held.round}/contestants/{each}"
        problem(held.home.delete(path, headers=held.etag(path)), 409, "conflict")
        assert held.auditor.get(path).status_code == 200


def test_only_home_affairs_keeps_the_register(clients, unit, round_2024):
    url = f"{round_2024}/contestants/{unit()['id']}"
    for role in ("viewer", "unit", "initiative_council", "chair_office", "auditor", "admin"):
        problem(put(clients[role], url, SO), 403, "forbidden")
        problem(clients[role].delete(url, headers={"If-Match": '"1"'}), 403, "forbidden")
    problem(put(clients["anyone"], url, SO), 401, "unauthenticated")
    problem(clients["anyone"].get(url), 401, "unauthenticated")


def test_the_list_pages_and_filters(clients, unit, round_2024):
    home, entered = clients["home_affairs"], {}
    for number in range(7):
        made = unit(name=f"Sở {number}")["id"]
        entered[made] = "Khối 1" if number < 3 else "Khối 2"
        assert put(home, f"{round_2024}/contestants/{made}", {**SO, "cluster": entered[made]}).status_code == 201
    commune = unit(kind="COMMUNE")["id"]
    put(home, f"{round_2024}/contestants/{commune}", {"group": "XA", "on_assessed_list": True})
    seen, cursor = [], None
    for _ in range(4):
        query = {"limit": 2, "group": "SO_BAN_NGANH", **({"cursor": cursor} if cursor else {})}
        page = home.get(f"{round_2024}/contestants", params=query).json()
        seen += [item["unit_id"] for item in page["items"]]
        cursor = page["next"]
    assert cursor is None and seen == list(entered)
    first = home.get(f"{round_2024}/contestants", params={"cluster": "Khối 1"}).json()["items"]
    assert home.get(f"{round_2024}/contestants", params={"cluster": unicodedata.normalize("NFD", " Khối  1")}).json()["items"] == first
    assert {item["unit_id"] for item in first} == {u for u, cluster in entered.items() if cluster == "Khối 1"}
    problem(home.get(f"{round_2024}/contestants", params={"group": "TINH"}), 400, "invalid-query")


def test_the_list_of_a_group_follows_who_changes_into_another(clients, unit, round_2024):
    home, moved, entered = clients["home_affairs"], unit(kind="DISTRICT")["id"], None
    for kind, group in (("DISTRICT", "HUYEN"), ("COMMUNE", "XA")):
        if kind == "COMMUNE":
            renamed(clients["admin"], moved, "2024-06-01", kind=kind)
        entered = put(home, f"{round_2024}/contestants/{moved}", {"group": group, "on_assessed_list": True}, entered and entered.headers["ETag"])
        assert entered.status_code in (200, 201), entered.text
        for asked in ("HUYEN", "XA"):
            listed = home.get(f"{round_2024}/contestants", params={"group": asked}).json()["items"]
            assert (moved in [item["unit_id"] for item in listed]) == (asked == group)


def renamed(admin, unit, day, **fields):
    now = admin.get(f"/v1/units/{unit}")
    done = admin.merge(f"/v1/units/{unit}", {"valid_from": day, **fields}, now.headers["ETag"])
    assert done.status_code == 200, done.text


def test_the_order_of_the_list_follows_every_name_that_a_label_holds(service, clients, unit, round_2024):
    """The list is read by kept labels: they are those that a reading of the unit gives on 31 December of the award year."""
    home, admin = clients["home_affairs"], clients["admin"]
    districts = [unit(name=name, kind="DISTRICT")["id"] for name in ("Huyện B", "Huyện D")]
    communes = [unit(name="Xã Tân", kind="COMMUNE", parent_id=parent)["id"] for parent in districts]
    for commune in communes:
        assert put(home, f"{round_2024}/contestants/{commune}", {"group": "XA", "on_assessed_list": True}).status_code == 201

    def listed():
        wrong = service.psql("SELECT count(*) FROM contestant_labels WHERE label IS DISTINCT FROM unit_label(unit_id, make_date(year, 12, 31))")
        kept = service.psql("SELECT count(*) FROM contestants LEFT JOIN contestant_labels USING (campaign, year, unit_id) WHERE label IS NULL")
        assert (wrong, kept) == ("0", "0")
        return [item["unit_label"] for item in home.get(f"{round_2024}/contestants").json()["items"]]

    assert listed() == ["Xã Tân (Huyện B)", "Xã Tân (Huyện D)"]
    renamed(admin, districts[0], "2024-12-31", name="Huyện E")
    assert listed() == ["Xã Tân (Huyện D)", "Xã Tân (Huyện E)"]
    renamed(admin, communes[0], "2024-07-01", name="Xã An")
    assert listed() == ["Xã An (Huyện E)", "Xã Tân (Huyện D)"]
    renamed(admin, communes[0], "2025-01-01", name="Xã Út")
    renamed(admin, districts[1], "2025-01-01", name="Huyện A")
    assert listed() == ["Xã An (Huyện E)", "Xã Tân (Huyện D)"]
    renamed(admin, communes[1], "2024-08-01", parent_id=districts[0])
    assert listed() == ["Xã An (Huyện E)", "Xã Tân (Huyện E)"]
    version = home.get(f"{round_2024}/contestants/{communes[0]}").headers["ETag"]
    assert home.delete(f"{round_2024}/contestants/{communes[0]}", headers={"If-Match": version}).status_code == 204
    assert listed() == ["Xã Tân (Huyện E)"]


@pytest.mark.parametrize("dash", ["-", "–", " . ", "−−"])
def test_a_dash_is_no_cluster(service, clients, unit, round_2024, dash):
    """As tables write it where there is none: they would be compared among themselves, and have places of their own."""
    home = clients["home_affairs"]
    refused = put(home, f"{round_2024}/contestants/{unit()['id']}", {**SO, "cluster": dash})
    assert problem(refused, 422, "invalid")["errors"][0]["code"] == "contestants_cluster"
    quota = f"{round_2024}/quota"
    refused = put(home, quota, {"allocation": [{"group": "SO_BAN_NGANH", "cluster": dash, "slots": 1}], "reason": "Phân bổ"}, home.get(quota).headers["ETag"])
    assert problem(refused, 422, "invalid")["errors"][0]["code"] == "quota_shares_cluster"
    assert put(home, f"{round_2024}/contestants/{unit()['id']}", {**SO, "cluster": "Khối 1 - A"}).status_code == 201


def test_a_label_waits_for_a_name_that_is_being_changed(service, clients, unit, round_2024):
    district = unit(name="Huyện Cũ", kind="DISTRICT")["id"]
    commune = unit(name="Xã Đợi", kind="COMMUNE", parent_id=district)["id"]
    url = f"{round_2024}/contestants/{commune}"
    rename = (f"SELECT FROM units WHERE id = '{district}' FOR NO KEY UPDATE; "
              f"UPDATE unit_periods SET name = 'Huyện Mới' WHERE unit_id = '{district}'")
    with service.holding(rename) as commit, concurrent.futures.ThreadPoolExecutor() as pool:
        entered = pool.submit(put, clients["home_affairs"], url, {"group": "XA", "on_assessed_list": True})
        wait_until(lambda: service.psql("SELECT count(*) FROM pg_locks WHERE NOT granted") != "0" or entered.done())
        commit()
        assert entered.result().status_code == 201
    assert clients["home_affairs"].get(f"{round_2024}/contestants").json()["items"][0]["unit_label"] == "Xã Đợi (Huyện Mới)"
    assert service.psql(f"SELECT label FROM contestant_labels WHERE unit_id = '{commune}'") == "Xã Đợi (Huyện Mới)"


def test_a_label_holds_both_names_that_are_changed_at_once(service, clients, unit, round_2024):
    """The schedule: one names the unit anew and another one what it belongs to. Each makes the label of what it sees, and has to see the other."""
    home, admin = clients["home_affairs"], clients["admin"]
    mark = uuid.uuid4().hex
    district = unit(name="Huyện Cũ", kind="DISTRICT")
    commune = unit(name="Xã Cũ", kind="COMMUNE", parent_id=district["id"])
    put(home, f"{round_2024}/contestants/{commune['id']}", {"group": "XA", "on_assessed_list": True})
    register = f"{round_2024}/registers/discipline"
    assert put(home, register, {"unit_id": commune["id"], "complete": True, "complete_through": "2024-12-31", "source": "Rà soát"},
               home.get(register).headers["ETag"]).status_code == 200
    waiting = lambda: service.psql("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
    with service.holding(f"SELECT FROM contestant_labels WHERE unit_id = '{commune['id']}' FOR UPDATE") as release, \
            concurrent.futures.ThreadPoolExecutor(2) as pool:
        changes = []
        for one, name in ((district, f"Huyện {mark}"), (commune, f"Xã {mark}")):
            changes.append(pool.submit(renamed, admin, one["id"], "2024-06-01", name=name))
            wait_until(lambda: waiting() == str(len(changes)) or changes[-1].done())
        release()
        for change in changes:
            change.result()
    shown = [item["unit_label"] for item in home.get(f"{register}/declarations").json()["items"]]
    assert shown == [f"Xã {mark} (Huyện {mark})"] == [home.get(f"{round_2024}/contestants/{commune['id']}").json()["unit_label"]]


def test_a_code_with_a_letter_beyond_ascii_gives_an_ascii_location(service, clients, unit):
    """Plans may be numbered 15/2024/QĐ-UBND; RFC 9110: Location is a URI."""
    path = make_campaign(service, code=f"15-2024-QĐ-{uuid.uuid4().hex[:8]}")
    made = put(clients["home_affairs"], f"{quote(path)}/rounds/2024/contestants/{unit()['id']}", SO)
    assert made.status_code == 201 and made.headers["Location"].isascii()
    assert clients["viewer"].get(made.headers["Location"]).json() == made.json()


def test_facts_for_the_engine(service, clients, unit, round_2024):
    code, inside, outside = round_2024.split("/")[3], unit()["id"], unit()["id"]
    put(clients["home_affairs"], f"{round_2024}/contestants/{inside}", SO)
    facts = json.loads(service.psql(f"SELECT contestant_facts('{code}', 2024, '{inside}')"))
    assert {k: v["value"] for k, v in facts.items()} == {
        "is_collective": True, "is_contestant": True, "contestant_kind": "SO_BAN_NGANH", "advises_par": False,
        "on_assessed_list": True}  # whose members nobody counted has no facts of them
    assert facts["on_assessed_list"]["source"] == f"contestants/{inside}" and facts["on_assessed_list"]["version"] > 0
    facts = json.loads(service.psql(f"SELECT contestant_facts('{code}', 2024, '{outside}')"))
    assert facts["is_contestant"]["value"] is False and "contestant_kind" not in facts


def test_members_and_women_among_them_are_facts(service, clients, unit, round_2024):
    """Equal at the cut-off, the law prefers a collective with 70 % of women or more."""
    code, entered, home = round_2024.split("/")[3], unit()["id"], clients["home_affairs"]
    url = f"{round_2024}/contestants/{entered}"
    made = put(home, url, {**SO, "members_total": 10, "members_women": 7})
    assert made.status_code == 201 and (made.json()["members_total"], made.json()["members_women"]) == (10, 7)
    facts = json.loads(service.psql(f"SELECT contestant_facts('{code}', 2024, '{entered}')"))
    assert (facts["members_total"]["value"], facts["members_women"]["value"]) == (10, 7)
    assert facts["members_women"]["source"] == f"contestants/{entered}"
    taken_back = put(home, url, SO, made.headers["ETag"])
    assert taken_back.status_code == 200 and taken_back.json()["members_total"] is None


@pytest.mark.parametrize("members, code", [
    ({"members_total": 10, "members_women": 11}, "contestants_members"), ({"members_total": 10}, "contestants_members_whole"),
    ({"members_women": 0}, "contestants_members_whole"), ({"members_total": 0, "members_women": 0}, None),
    ({"members_total": 5, "members_women": -1}, None)])
def test_members_are_both_known_and_add_up(clients, unit, round_2024, members, code):
    home, url = clients["home_affairs"], f"{round_2024}/contestants/{unit()['id']}"
    found = problem(put(home, url, {**SO, **members}), 422, "invalid")
    assert code in (None, found["errors"][0]["code"]) and found["errors"][0]["pointer"].startswith("/members_")
    problem(home.get(url), 404, "not-found")
