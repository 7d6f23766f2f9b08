"""III.2.b: the allocation of the cap."""
from concurrent.futures import ThreadPoolExecutor

import pytest

from service import problem


def share(group, slots, cluster=None):
    return {"group": group, "slots": slots, **({"cluster": cluster} if cluster else {})}


def put(client, url, allocation, etag=None, reason="Phân bổ theo quy định"):
    etag = etag or client.get(url).headers["ETag"]
    return client.put(url, json={"allocation": allocation, "reason": reason}, headers={"If-Match": etag})


@pytest.fixture
def url(round_2024):
    return f"{round_2024}/quota"


def test_without_an_allocation_only_the_cap_holds(clients, url):
    found = clients["unit"].get(url).json()
    assert (found["cap"], found["allocated"], found["allocation"]) == (6, None, [])
    assert [w["code"] for w in found["warnings"]] == ["NO_ALLOCATION"] and found["warnings"][0]["clause"] == "III.2.b"


def test_every_version_is_kept_with_actor_and_reason(service, clients, url):
    home = clients["home_affairs"]
    first, second = [share("SO_BAN_NGANH", 3), share("HUYEN", 3)], [share("SO_BAN_NGANH", 2), share("XA", 1, "Cụm 1")]
    made = put(home, url, first, reason="Lần đầu")
    assert made.status_code == 200 and made.json()["allocated"] == 6 and made.json()["warnings"] == [], made.text
    assert put(home, url, second, reason="Điều chỉnh").json()["allocated"] == 3
    shown = clients["anyone"].get(url.removesuffix("/quota")).json()["quota"]
    assert shown["version"] == 2 and {(s["group"], s["cluster"], s["slots"]) for s in shown["allocation"]} == {
        ("SO_BAN_NGANH", None, 2), ("XA", "Cụm 1", 1)}
    versions = clients["auditor"].get(f"{url}/versions").json()["items"]
    assert [(v["version"], v["reason"], v["recorded_by"]) for v in versions] == [
        (2, "Điều chỉnh", "test home_affairs"), (1, "Lần đầu", "test home_affairs")]
    page = clients["auditor"].get(f"{url}/versions", params={"limit": 1}).json()
    assert page["items"] == versions[:1]
    assert clients["auditor"].get(f"{url}/versions", params={"limit": 1, "cursor": page["next"]}).json()["items"] == versions[1:]
    told = service.psql(f"SELECT string_agg(reason, ' ' ORDER BY id) FROM journal WHERE resource = '{url}'")
    assert told == "Lần đầu Điều chỉnh"


def test_slots_for_a_cluster_that_nobody_is_in_are_taken_with_a_warning(clients, unit, url):
    """Most often the name is spelt otherwise than in the register (II.1); who is in another group's cluster does not count."""
    home, body, own = clients["home_affairs"], {"group": "SO_BAN_NGANH", "on_assessed_list": False, "cluster": "Cụm 1"}, unit()["id"]
    made = put(home, url, [share("SO_BAN_NGANH", 2, "Cụm 1"), share("XA", 1, "Cụm 1"), share("HUYEN", 1), share("SO_BAN_NGANH", 0, "Cụm 2")])
    empty = {w["text"]["en"] for w in made.json()["warnings"]}
    assert made.status_code == 200 and {w["code"] for w in made.json()["warnings"]} == {"CLUSTER_WITHOUT_CONTESTANTS"} and len(empty) == 2
    assert made.json()["warnings"][0]["clause"] == "III.2.b"
    assert home.put(f"{url.removesuffix('/quota')}/contestants/{own}", json=body).status_code == 201
    left = home.get(url).json()["warnings"]
    assert [w["text"]["en"] for w in left] == ['No contestant of the group "Communes" is in the cluster "Cụm 1": nobody can have its slots.']


def test_a_group_that_is_left_out_of_the_allocation_is_told_of(clients, unit, url):
    """III.2.b: it has contestants, and only what is left of the cap; a share of no slots says that this is meant."""
    home, own = clients["home_affairs"], unit()["id"]
    assert home.put(f"{url.removesuffix('/quota')}/contestants/{own}", json={"group": "SO_BAN_NGANH", "on_assessed_list": False}).status_code == 201
    made = put(home, url, [share("HUYEN", 2)])
    assert [(w["code"], "Sở, ban, ngành" in w["text"]["vi"]) for w in made.json()["warnings"]] == [("GROUP_WITHOUT_SHARE", True)]
    assert put(home, url, [share("HUYEN", 2), share("SO_BAN_NGANH", 0)]).json()["warnings"] == []


def test_more_than_the_cap_is_refused_and_nothing_is_kept(service, clients, url):
    found = problem(put(clients["home_affairs"], url, [share("SO_BAN_NGANH", 4), share("HUYEN", 3)]), 422, "rule-refused")
    assert found["clause"] == "III.2.b"
    assert clients["home_affairs"].get(url).json()["version"] == 0
    assert clients["auditor"].get(f"{url}/versions").json()["items"] == []
    code = url.split("/")[3]
    assert service.psql(f"SELECT count(*) FROM quota_shares WHERE campaign = '{code}'") == "0"


def test_the_database_itself_holds_the_cap(service, clients, url):
    """Whoever writes: also past the service, also in a second statement."""
    code = url.split("/")[3]
    put(clients["home_affairs"], url, [share("SO_BAN_NGANH", 6)])
    insert = f"INSERT INTO quota_shares (campaign, year, version, group_name, slots) VALUES ('{code}', 2024, 1, 'XA', 1)"
    assert "refused" in service.psql(insert, user="thidua_app")
    for sql in ("UPDATE quota_shares SET slots = 9", "DELETE FROM quota_shares", "DELETE FROM quota_versions"):
        assert "permission denied" in service.psql(sql, user="thidua_app")
    assert "refused" in service.psql(f"UPDATE rounds SET cap = 5 WHERE campaign = '{code}' AND year = 2024")


@pytest.mark.parametrize("allocation, pointer", [
    ([share("XA", 1), share("XA", 2)], "/allocation"),
    ([share("XA", 1, "1"), share("XA", 2, "1")], "/allocation"),
    ([share("XA", 1), share("XA", 2, "1")], "/allocation"),
    ([share("XA", -1)], "/allocation/0/slots"),
    ([share("TINH", 1)], "/allocation/0/group"),
    ([{"group": "XA"}], "/allocation/0/slots"),
])
def test_a_senseless_allocation_is_refused(clients, url, allocation, pointer):
    found = problem(put(clients["home_affairs"], url, allocation), 422, "invalid")
    assert found["errors"][0]["pointer"] == pointer
    assert clients["home_affairs"].get(url).json()["version"] == 0


def test_a_reason_and_the_present_version_are_needed(clients, url):
    home, body = clients["home_affairs"], {"allocation": [share("XA", 1)]}
    found = problem(home.put(url, json=body, headers={"If-Match": home.get(url).headers["ETag"]}), 422, "invalid")
    assert found["errors"][0]["pointer"] == "/reason"
    problem(home.put(url, json={**body, "reason": "r"}), 428, "version-required")
    for role in ("viewer", "unit", "initiative_council", "chair_office", "auditor", "admin"):
        problem(put(clients[role], url, [], etag='"0"'), 403, "forbidden")


def test_two_clerks_at_once(service, clients, url):
    """The schedule: all read the same version, then each writes over what the others wrote. One allocation holds, the others are told to
    read again."""
    etag = clients["home_affairs"].get(url).headers["ETag"]
    clerks = [service.key("home_affairs") for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda n: put(clerks[n], url, [share("XA", n + 1)], etag).status_code, range(6)))
    assert sorted(answers) == [200, 412, 412, 412, 412, 412]
    found = clients["home_affairs"].get(url).json()
    assert found["version"] == 1 and found["allocated"] == answers.index(200) + 1
