"""A 404 says what was not found, where everybody may know what there is: campaigns, rounds, units. It stays silent elsewhere."""
import re
import uuid

import pytest

from contract import OPERATIONS, resolve
from conftest import PLAN
from service import problem

CAMPAIGN, ROUND, UNIT = "K-KHONG-CO", "2031", "00000000-0000-4000-8000-000000000000"
GOOD = {"code": PLAN["code"], "year": "2024"}
SAID = {
    "campaign": {"en": f"There is no campaign {CAMPAIGN}.", "vi": f"Không có phong trào {CAMPAIGN}."},
    "round": {"en": f"There is no round {ROUND} of campaign {PLAN['code']}.", "vi": f"Không có đợt xét {ROUND} của phong trào {PLAN['code']}."},
    "unit": {"en": f"There is no unit {UNIT}.", "vi": f"Không có đơn vị {UNIT}."},
}
READS = sorted(path for (method, path), operation in OPERATIONS.items() if method == "GET" and "{" in path and "json" in str(
    resolve(operation["responses"]["200"]).get("content", {}).keys()))


def fill(path, **values):
    """The path with these values, and with an unknown one for what is not given."""
    unknown = {"code": CAMPAIGN, "year": ROUND, "unit_id": UNIT, "name": "khong-co", "version": "99", "register": "scores", "document": "TO_TRINH",
               "seq": "99"}
    return re.sub(r"{(\w+)}", lambda part: values.get(part[1]) or unknown.get(part[1], UNIT), path)


def query(path):
    """What the operation cannot do without."""
    return {"from": "1", "to": "2"} if path.endswith("/diff") else {}


def cases():
    for path in READS:
        if "/campaigns/{code}" in path:
            yield path, {}, "campaign"
        if "/rounds/{year}" in path:
            yield path, {"code": GOOD["code"]}, "round"
        if "{unit_id}" in path:
            yield path, GOOD, "unit"
        if path.startswith("/v1/units/{id}"):
            yield path, {}, "unit"


@pytest.mark.parametrize("path, known, what", list(cases()), ids=lambda value: value if isinstance(value, str) else "")
def test_the_part_of_the_path_that_leads_nowhere_is_named(service, clients, path, known, what):
    asked = fill(path, **known)
    for language in ("en", "vi"):
        refused = problem(clients["auditor"].get(asked, params=query(path), headers={"Accept-Language": language}), 404, "not-found")
        assert refused["detail"] == SAID[what][language]
    for accept in ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"):
        answer = clients["auditor"].get(asked, params=query(path), headers={"Accept": accept})
        if answer.status_code != 406:
            assert problem(answer, 404, "not-found")["detail"] == SAID[what]["en"]


@pytest.mark.parametrize("path", [p for p in READS if "{unit_id}" not in p and not p.startswith(("/v1/campaigns/", "/v1/units/"))])
def test_what_may_be_secret_is_not_named(clients, path):
    answer = clients["auditor"].get(fill(path), params=query(path))
    assert "detail" not in problem(answer, 404, "not-found")


def test_hidden_looks_like_absent(clients, unit, service):
    """A unit learns nothing of what is another's: the same answer as for what is not there."""
    other, stranger = service.key("unit", unit()["id"]), service.key("unit", unit()["id"])
    hidden = other.post("/v1/initiatives", json={"unit_id": other.get("/v1/me").json()["unit_id"], "title": "Sáng kiến", "summary": "Tóm tắt",
                                                 "kind": "INITIATIVE", "applied_from": "2024-01-02"})
    assert hidden.status_code == 201, hidden.text
    for path, one in (("/v1/initiatives", hidden.json()["id"]), ("/v1/keys", other.get("/v1/me").json()["key_id"])):
        refused, absent = (problem(stranger.get(f"{path}/{each}"), 404, "not-found") for each in (one, uuid.uuid4()))
        assert {**refused, "instance": None} == {**absent, "instance": None}


def test_a_write_is_told_the_same(clients):
    home = clients["home_affairs"]
    where = f"/v1/campaigns/{PLAN['code']}/rounds/{ROUND}/transitions"
    refused = home.post(where.replace(PLAN["code"], CAMPAIGN), json={"action": "start_appraisal"}, headers={"If-Match": '"1"'})
    assert problem(refused, 404, "not-found")["detail"] == SAID["campaign"]["en"]
    refused = clients["admin"].merge(f"/v1/units/{UNIT}", {"name": "Sở", "valid_from": "2025-01-01"}, '"1"')
    assert problem(refused, 404, "not-found")["detail"] == SAID["unit"]["en"]


def test_a_number_in_a_path_has_one_spelling(clients):
    """The journal knows a resource by its path."""
    held = clients["auditor"].get("/v1/criteria-sets").json()["items"][0]
    path = f"/v1/criteria-sets/{held['name']}"
    assert clients["auditor"].get(f"{path}/{held['version']}").status_code == 200
    for spelled in (f"0{held['version']}", f"00{held['version']}", f"+{held['version']}", f"{held['version']}.0", "0"):
        problem(clients["auditor"].get(f"{path}/{spelled}"), 404, "not-found")


def test_a_path_that_is_none_is_told_so(clients):
    for path, said in (("/v1/nothing", "The service has no such path: see /docs."), ("/v1/units/no-uuid", 'In this path "{id}" must be a UUID.'),
                       (f"/v1/campaigns/{PLAN['code']}/rounds/2024a", 'In this path "{year}" cannot be what was sent: see /docs.')):
        assert problem(clients["anyone"].get(path), 404, "not-found")["detail"] == said
