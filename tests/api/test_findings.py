"""III.1.a: recorded human findings, with the rank beside them."""
import json

import pytest

from service import problem

CONTENTS = "ABCD"


def finding(scores, result="OUTSTANDING", **results):
    return {"contents": [{"content": c, "score": str(s), "result": results.get(c, result), "reason": f"Lý do {c}",
                          "evidence": [f"Minh chứng {c}"]} for c, s in zip(CONTENTS, scores)]}


def put(client, url, body, etag=None):
    return client.put(url, json=body, headers={"If-Match": etag} if etag else {})


@pytest.fixture
def contestant(clients, unit, round_2024):
    """A maker of registered contestants: the finding's path."""
    def make(group="SO_BAN_NGANH", cluster=None, kind="PROVINCIAL_BODY", unit_id=None):
        made = unit_id or unit(kind=kind)["id"]
        body = {"group": group, "cluster": cluster, "on_assessed_list": True}
        response = clients["home_affairs"].put(f"{round_2024}/contestants/{made}", json=body)
        assert response.status_code == 201, response.text
        return f"{round_2024}/findings/{made}"
    return make


def test_recorded_read_changed(service, clients, contestant):
    home, url = clients["home_affairs"], contestant()
    made = put(home, url, finding([95, "90.5", "88.25", 80], A="OUTSTANDING_LEADING"))
    assert made.status_code == 201 and made.headers["Location"] == url, made.text
    found = made.json()
    assert [(c["content"], c["score"], c["rank"]) for c in found["contents"]] == [
        ("A", "95.00", 1), ("B", "90.50", 1), ("C", "88.25", 1), ("D", "80.00", 1)]
    assert (found["total_score"], found["rank"], found["missing"], found["warnings"]) == ("353.75", 1, [], [])
    problem(put(home, url, finding([1])), 428, "version-required")
    changed = put(home, url, finding([94]), made.headers["ETag"])
    assert changed.status_code == 200 and changed.json()["missing"] == ["B", "C", "D"] and changed.json()["rank"] is None
    problem(put(home, url, finding([93]), made.headers["ETag"]), 412, "stale-version")
    code, unit = url.split("/")[3], url.split("/")[-1]
    facts = json.loads(service.psql(f"SELECT finding_facts('{code}', 2024, '{unit}')"))
    assert list(facts) == ["A"] and (facts["A"]["result"], facts["A"]["found_by"], facts["A"]["score"], facts["A"]["version"],
                                     facts["A"]["source"]) == ("OUTSTANDING", "home_affairs", "94.00", 2, f"findings/{unit}")
    assert service.psql(f"SELECT bool_and(restricted), count(*) FROM journal WHERE resource = '{url}'") == "t|2"


def test_ranks_are_legal_ranks_inside_group_and_cluster(clients, contestant):
    """Never a sở against a commune; 1, 1, 3."""
    home = clients["home_affairs"]
    tied = [contestant(cluster="Khối 1") for _ in range(2)]
    third, elsewhere, commune = contestant(cluster="Khối 1"), contestant(cluster="Khối 2"), contestant("XA", kind="COMMUNE")
    for url in tied:
        put(home, url, finding([90] * 4))
    put(home, third, finding(["89.99"] * 4))
    put(home, elsewhere, finding([10] * 4))
    put(home, commune, finding([5] * 4))
    places = {url: (lambda f: (f["rank"], f["of"], f["contents"][0]["rank"]))(home.get(url).json())
              for url in (*tied, third, elsewhere, commune)}
    assert places == {tied[0]: (1, 3, 1), tied[1]: (1, 3, 1), third: (3, 3, 3), elsewhere: (1, 1, 1), commune: (1, 1, 1)}


def test_a_leading_finding_against_the_rank_is_warned_about(clients, contestant):
    """III.1.a: the human decides, the contradiction shows."""
    home, first, second = clients["home_affairs"], contestant(), contestant()
    put(home, first, finding([95, 95, 95, 95], "OUTSTANDING_LEADING"))
    made = put(home, second, finding([90, 96, 90, 90], A="OUTSTANDING_LEADING", B="OUTSTANDING_LEADING"))
    warnings = made.json()["warnings"]
    assert [(w["code"], w["content"], w["clause"]) for w in warnings] == [("LEADING_NOT_FIRST", "A", "III.1.a")]
    assert [w["content"] for w in home.get(first).json()["warnings"]] == ["B"]


def test_only_contestants_are_found_about_and_stay_then(clients, unit, contestant, round_2024):
    home = clients["home_affairs"]
    found = problem(put(home, f"{round_2024}/findings/{unit()['id']}", finding([1])), 422, "rule-refused")
    assert found["clause"] == "II.1"
    url = contestant()
    put(home, url, finding([1]))
    entry = url.replace("/findings/", "/contestants/")
    problem(home.delete(entry, headers={"If-Match": home.get(entry).headers["ETag"]}), 409, "conflict")
    assert home.get(url).status_code == 200


@pytest.mark.parametrize("change, pointer", [
    ({"content": "E"}, "/contents/0/content"), ({"score": "100.01"}, "/contents/0/score"), ({"score": "-0.01"}, "/contents/0/score"),
    ({"score": "90.123"}, "/contents/0/score"), ({"score": 90.5}, "/contents/0/score"), ({"result": "GOOD"}, "/contents/0/result"),
    ({"reason": "  "}, "/contents/0/reason"), ({"reason": None}, "/contents/0/reason"), ({"rank": 1}, "/contents/0/rank")])
def test_a_wrong_finding_is_refused(service, clients, contestant, change, pointer):
    url, body = contestant(), finding([90])
    body["contents"][0].update(change)
    found = problem(put(clients["home_affairs"], url, body), 422, "invalid")
    assert found["errors"][0]["pointer"] == pointer
    assert "content" not in change or (found["clause"] == "II.2" and all(f'"{code}" (' in found["errors"][0]["detail"] for code in "ABCD")), found
    problem(clients["home_affairs"].get(url), 404, "not-found")
    assert service.psql(f"SELECT count(*) FROM journal WHERE resource = '{url}'") == "0"


def test_a_content_found_twice_is_refused(clients, contestant):
    body = finding([90])
    body["contents"] *= 2
    problem(put(clients["home_affairs"], contestant(), body), 422, "invalid")


def test_nobody_finds_on_their_own_unit(service, clients, unit, contestant):
    """Sở Nội vụ is itself a sở and may be a nominee: then somebody of another unit must act."""
    url = contestant()
    own = url.split("/")[-1]
    clerk = service.key("home_affairs", own)
    problem(put(clerk, url, finding([99])), 403, "separation-of-duties")
    problem(clients["home_affairs"].get(url), 404, "not-found")
    assert put(service.key("home_affairs", unit()["id"]), url, finding([99])).status_code == 201


@pytest.mark.parametrize("case", ["nothing else", "a content that the plan does not have", "an old version", "no version"])
def test_the_duty_counts_before_whatever_else_is_wrong(service, clients, contestant, case):
    """The service does not wait for PostgreSQL to say whose unit it is: it asks on, and must not answer by that, nor keep it."""
    url = contestant()
    put(clients["home_affairs"], url, finding([90]))
    was = clients["home_affairs"].get(url)
    clerk = service.key("home_affairs", url.split("/")[-1])
    body, match = finding([99]), {"If-Match": was.headers["ETag"]}
    if case == "a content that the plan does not have":
        body["contents"][0]["content"] = "Z"
    elif case == "an old version":
        match = {"If-Match": '"0-x"'}
    elif case == "no version":
        match = {}
    problem(clerk.put(url, json=body, headers=match), 403, "separation-of-duties")
    assert clients["home_affairs"].get(url).headers["ETag"] == was.headers["ETag"]
    if case != "nothing else":
        assert clients["home_affairs"].put(url, json=body, headers=match).status_code in (412, 422, 428)


def test_only_offices_and_the_unit_itself_read(service, clients, unit, contestant):
    url = contestant()
    own = url.split("/")[-1]
    put(clients["home_affairs"], url, finding([90]))
    for role in ("home_affairs", "chair_office", "auditor"):
        assert clients[role].get(url).status_code == 200
    assert service.key("unit", own).get(url).status_code == 200
    problem(clients["unit"].get(url), 404, "not-found")  # another unit: not even that there is one
    child = unit(kind="PROVINCIAL_SUBUNIT", parent_id=own)["id"]
    problem(service.key("unit", child).get(url), 404, "not-found")
    for role in ("viewer", "initiative_council", "admin"):
        problem(clients[role].get(url), 403, "forbidden")
    problem(clients["unit"].put(url, json=finding([99])), 403, "forbidden")


def test_a_closed_round_takes_no_findings(clients, contestant, round_2024):
    home, url = clients["home_affairs"], contestant()
    for action in ("start_appraisal", "close"):
        response = home.post(f"{round_2024}/transitions", json={"action": action, "reason": "Không có tập thể đủ tiêu chuẩn"},
                             headers={"If-Match": home.get(round_2024).headers["ETag"]})
        assert response.status_code == 200, response.text
    problem(put(home, url, finding([90])), 409, "conflict")
