"""Registers are complete only where somebody said so, with a source."""
import pytest

from award_tools import AwardRound, today
from conftest import make_campaign
from service import Client, problem


def declare(client, url, body, etag=None):
    etag = etag or client.get(url).headers["ETag"]
    return client.put(url, json={"source": "Báo cáo của Thanh tra tỉnh", **body}, headers={"If-Match": etag})


DONE = {"complete": True, "complete_through": "2025-03-01"}


class Undeclared(AwardRound):
    def declare_registers(self):
        pass

    def waits(self):
        """Which registers each unit's verdict waits for."""
        evaluation = self.evaluate()
        return {unit: {unknown["register"] for unknown in self.done(self.auditor.get(
            f"/v1/evaluations/{evaluation}/verdicts/{unit}"))["decisive_unknowns"]} for unit in self.units}


def test_nothing_is_complete_by_itself_and_a_units_own_declaration_goes_before_the_one_for_all(service, clients):
    held = Undeclared(service, clients, 2)
    url, (one, other) = f"{held.round}/registers/discipline", held.units
    done = {"complete": True, "complete_through": today()}
    assert held.auditor.get(url).json()["declarations"] == []
    assert all("discipline" in registers for registers in held.waits().values())
    assert declare(held.home, url, done).status_code == 200
    assert not any("discipline" in registers for registers in held.waits().values())
    assert declare(held.home, url, {"unit_id": one, "complete": False}).status_code == 200
    waits = held.waits()
    assert "discipline" in waits[one] and "discipline" not in waits[other]
    assert declare(held.home, url, {"unit_id": one, **done}).json()["complete"] is True
    assert not any("discipline" in registers for registers in held.waits().values())
    shown = held.home.get(url).json()["declarations"]
    assert [(d["unit_id"], d["complete"]) for d in shown] == [(None, True), (one, True)]


def test_a_unit_sees_only_its_own(clients, unit, round_2024):
    url, home = f"{round_2024}/registers/proceedings", clients["home_affairs"]
    own, other = clients["unit"].unit, unit()["id"]
    for body in ({}, {"unit_id": own}, {"unit_id": other}):
        assert declare(home, url, {**DONE, **body}).status_code == 200
    assert {d["unit_id"] for d in clients["unit"].get(url).json()["declarations"]} == {None, own}
    assert len(clients["chair_office"].get(url).json()["declarations"]) == 3
    problem(clients["viewer"].get(url), 403, "forbidden")


def test_a_register_shows_the_first_of_its_units_and_lists_them_all(service, clients, unit):
    """What holds for all comes first; who sees few units sees whether there are more of these."""
    campaign = make_campaign(service)
    url, home = f"{campaign}/rounds/2024/registers/initiatives", clients["home_affairs"]
    units = sorted([unit()["id"] for _ in range(100)] + [clients["unit"].unit])
    several = lambda units: home.post(url.removesuffix("/initiatives"), json={
        "declarations": [{"register": "initiatives", "unit_id": each, "source": "Sổ", **DONE} for each in units]}).status_code
    assert several([None, *units[1:]]) == 200
    shown = clients["auditor"].get(url).json()
    assert [d["unit_id"] for d in shown["declarations"]] == [None, *units[1:]] and shown["more"] is False
    assert several(units[:1]) == 200
    shown = clients["auditor"].get(url).json()
    assert [d["unit_id"] for d in shown["declarations"]] == [None, *units[:100]] and shown["more"] is True
    page = clients["auditor"].get(f"{url}/declarations", params={"limit": 100}).json()
    assert page["items"] == shown["declarations"][1:]
    last = clients["auditor"].get(f"{url}/declarations", params={"limit": 100, "cursor": page["next"]}).json()
    assert [d["unit_id"] for d in last["items"]] == units[100:] and last["next"] is None
    backwards = clients["auditor"].get(f"{url}/declarations", params={"limit": 200, "sort": "-unit_id"}).json()["items"]
    assert backwards == [*last["items"], *reversed(page["items"])]
    own = clients["unit"].get(url).json()
    assert [d["unit_id"] for d in own["declarations"]] == [None, clients["unit"].unit] and own["more"] is False


def test_the_list_of_declarations_shows_what_the_register_does(service, clients, unit):
    """A unit its own, the Initiative Council those of its register alone, each by unit."""
    campaign = make_campaign(service)
    url, own, other = f"{campaign}/rounds/2024/registers", clients["unit"].unit, unit()["id"]
    assert clients["home_affairs"].post(url, json={"declarations": [
        {"register": register, "unit_id": each, "source": "Sổ", **DONE} for register in ("initiatives", "scores") for each in (None, own, other)]}).status_code == 200

    def listed(caller, register, **given):
        answer = clients[caller].get(f"{url}/{register}/declarations", params=given)
        assert answer.status_code == 200, answer.text
        return {d["unit_id"] for d in answer.json()["items"]}
    for register in ("initiatives", "scores"):
        assert listed("home_affairs", register) == {own, other} and listed("unit", register) == {own}
        assert listed("home_affairs", register, unit_id=other) == {other} and listed("unit", register, unit_id=other) == set()
    assert listed("initiative_council", "initiatives") == {own, other} and listed("initiative_council", "scores") == set()
    problem(clients["viewer"].get(f"{url}/scores/declarations"), 403, "forbidden")
    problem(clients["auditor"].get(f"{url}/none/declarations"), 404, "not-found")


def test_the_unit_of_a_member_of_the_council_opens_no_other_register(service, clients, round_2024):
    """Only the role `unit` does: whom a member of the council belongs to is asked where they must not judge their own."""
    url, own = f"{round_2024}/registers/discipline", clients["unit"].unit
    assert declare(clients["home_affairs"], url, {**DONE, "unit_id": own}).status_code == 200
    made = clients["admin"].post("/v1/keys", json={"name": "ủy viên", "roles": ["initiative_council"], "unit_id": own}).json()
    member = Client(service.base, made["key"])
    for path in (url, f"{round_2024}/registers"):
        assert member.get(path).json() == clients["initiative_council"].get(path).json()
    assert [d["unit_id"] for d in clients["unit"].get(url).json()["declarations"]] == [own]


def test_what_is_refused(service, clients, unit, round_2024):
    url, home = f"{round_2024}/registers/scores", clients["home_affairs"]
    for body, pointer in (({"complete": True}, "/complete_through"),
                          ({"complete": True, "complete_through": "2999-01-01"}, "/complete_through"),
                          ({"complete": True, "complete_through": "2024-02-30"}, "/complete_through"),
                          ({**DONE, "source": " "}, "/source"),
                          ({**DONE, "unit_id": "00000000-0000-4000-8000-000000000000"}, "/unit_id")):
        found = problem(declare(home, url, body), 422, "invalid")
        assert found["errors"][0]["pointer"] == pointer, body
    assert home.get(url).json()["declarations"] == []
    etag = home.get(url).headers["ETag"]
    assert declare(home, url, DONE, etag).status_code == 200
    problem(declare(home, url, DONE, etag), 412, "stale-version")
    problem(home.put(f"{round_2024}/registers/rumours", json={"complete": False, "source": "s"},
                     headers={"If-Match": '"1"'}), 404, "not-found")
    problem(home.get(f"{round_2024}/registers/rumours"), 404, "not-found")
    clerk = service.key("home_affairs", clients["unit"].unit)
    problem(declare(clerk, url, {**DONE, "unit_id": clients["unit"].unit}), 403, "separation-of-duties")


@pytest.mark.parametrize("register, role, allowed", [
    ("initiatives", "initiative_council", True), ("awards", "chair_office", True),
    ("discipline", "initiative_council", False), ("discipline", "chair_office", False), ("scores", "chair_office", False)])
def test_who_keeps_a_register_declares_it(clients, round_2024, register, role, allowed):
    url = f"{round_2024}/registers/{register}"
    response = declare(clients[role], url, DONE, '"1"')
    if allowed:
        assert response.status_code == 200, response.text
    else:
        problem(response, 403, "forbidden")


# What a leaf that reads the register is called, whether the plan names its open result a hold, and its text in both languages.
ENDING = {"discipline": ("no_discipline", "Sổ kỷ luật lãnh đạo chủ chốt", "Register of discipline of key leaders"),
          "proceedings": ("no_fault_found", "Sổ theo dõi xem xét kỷ luật, điều tra, thanh tra, kiểm toán, khiếu nại, tố cáo, báo chí nêu",
                          "Register of discipline under consideration, investigations, inspections, audits, complaints and press reports")}


def day(text):
    return "/".join(reversed(text.split("-")))


@pytest.fixture(scope="module")
def ended(service, clients):
    """A round that waits for a signature when its registers end."""
    held = AwardRound(service, clients, 2)
    held.decision = held.draft(held.units)
    return held


@pytest.mark.parametrize("registers", [["discipline"], ["proceedings"], ["discipline", "proceedings"]])
@pytest.mark.parametrize("through", ["2025-03-01", None])
def test_a_verdict_and_a_refused_signing_say_which_register_ends_when_and_what_to_do(ended, registers, through):
    for register in ("discipline", "proceedings"):
        end = through if register in registers else today()
        body = {"complete": end is not None, "complete_through": end}
        assert declare(ended.home, f"{ended.round}/registers/{register}", body).status_code == 200
    evaluation = ended.evaluate()
    verdict = ended.auditor.get(f"/v1/evaluations/{evaluation}/verdicts/{ended.units[0]}").json()
    assert verdict["overall"] == "PENDING"
    waits = {u["leaf"]: (u["register"], u["complete_through"], u["needed_through"]) for u in verdict["decisive_unknowns"]}
    leaves = {leaf["id"]: leaf["explanation"] for criterion in verdict["criteria"] for leaf in criterion["leaves"]}
    sign = {language: problem(ended.chair.post(f"{ended.decision}/sign", json={"number": "451/QĐ-UBND"}, headers={
        **ended.etag(ended.decision), "Accept-Language": language}), 409, "not-eligible") for language in ("vi", "en")}
    assert [error["unit_id"] for error in sign["vi"]["errors"]] == sorted(ended.units)
    for register, (leaf, vi, en) in ENDING.items():
        assert (leaf in waits) == (register in registers)
        said = {
            "vi": f"{vi} {f'được xác nhận đầy đủ đến hết ngày {day(through)}' if through else 'chưa được xác nhận đầy đủ'};"
                  f" cần đến hết ngày {day(today())}. Hãy xác nhận sổ này đầy đủ đến hết ngày đó.",
            "en": f"{en} {f'is declared complete through {through}' if through else 'is not declared complete'};"
                  f" it is needed through {today()}. Declare it complete through that day."}
        if register in registers:
            assert waits[leaf] == (register, through, today())
            assert leaves[leaf]["vi"].endswith(said["vi"]) and leaves[leaf]["en"].endswith(said["en"])
        for language, refused in sign.items():
            assert all((said[language] in error["detail"]) == (register in registers) for error in refused["errors"])


# ---- several in one call ----

def several(client, round_2024, *declarations, **more):
    return client.post(f"{round_2024}/registers", json={"declarations": [{"source": "Rà soát", **d} for d in declarations]}, **more)


def test_each_of_several_names_its_source_as_a_single_one_does(clients, unit, round_2024):
    """Domain, section 7: a number-symbol has one spelling, also inside of a sentence."""
    answer = several(clients["home_affairs"], round_2024, {"register": "scores", "unit_id": unit()["id"], "complete": False,
                                                            "source": "Công văn 12/QÐ-SNV"})
    assert answer.status_code == 200 and answer.json()["declarations"][0]["source"] == "Công văn 12/QĐ-SNV"


def test_several_registers_are_declared_in_one_call(service, clients, unit, round_2024):
    one = unit()["id"]
    asked = [{"register": "proceedings", "unit_id": one, "complete": False}, {"register": "scores", **DONE},
             {"register": "discipline", **DONE}, {"register": "proceedings", **DONE}]
    answer = several(clients["home_affairs"], round_2024, *asked)
    assert answer.status_code == 200, answer.text
    shown = [(d["register"], d["unit_id"], d["complete"], d["complete_through"]) for d in answer.json()["declarations"]]
    assert shown == [(d["register"], d.get("unit_id"), d["complete"], d.get("complete_through")) for d in asked]
    for register in ("discipline", "scores", "proceedings"):
        url = f"{round_2024}/registers/{register}"
        held = clients["auditor"].get(url)
        assert (None, True) in [(d["unit_id"], d["complete"]) for d in held.json()["declarations"]]
        told = service.psql(f"SELECT count(*) FROM journal WHERE resource = '{url}' AND type = 'register.declared'")
        assert told == ("2" if register == "proceedings" else "1")
        assert problem(declare(clients["home_affairs"], url, DONE, '"1"'), 412, "stale-version")  # the call has raised the version


def test_all_or_none_and_everything_wrong_is_named(service, clients, unit, round_2024):
    stranger = "00000000-0000-4000-8000-000000000000"
    good = {"register": "discipline", **DONE}
    wrong = [
        (good, None), (good, ("/declarations/1/register", "repeated")),
        ({"register": "rumours", "complete": False}, ("/declarations/2/register", "choice")),
        ({"register": "scores", "complete": True}, ("/declarations/3/complete_through", "through")),
        ({"register": "awards", "complete": True, "complete_through": "2999-01-01"}, ("/declarations/4/complete_through", "ahead")),
        ({"register": "awards", "unit_id": stranger, **DONE}, ("/declarations/5/unit_id", "unknown"))]
    refused = problem(several(clients["home_affairs"], round_2024, *(item for item, _ in wrong)), 422, "invalid")
    assert {(e["pointer"], e["code"]) for e in refused["errors"]} == {found for _, found in wrong if found}
    assert [e["unit_id"] for e in refused["errors"] if e["code"] == "unknown"] == [stranger]
    for item, found in wrong[2:]:  # each alone beside a good one
        refused = problem(several(clients["home_affairs"], round_2024, good, item), 422, "invalid")
        assert [e["pointer"].split("/")[3] for e in refused["errors"]] == [found[0].split("/")[3]]
    for register in ("discipline", "scores", "awards"):
        assert clients["auditor"].get(f"{round_2024}/registers/{register}").json()["declarations"] == []
    for body in ({"register": "scores", **DONE, "complete_through": "2024-02-30"}, {"register": "scores", **DONE, "source": " "}):
        refused = problem(several(clients["home_affairs"], round_2024, good, body), 422, "invalid")
        assert refused["errors"][0]["pointer"].startswith("/declarations/1/")


def test_each_of_several_is_declared_by_who_keeps_it(service, clients, round_2024):
    asked = [{"register": r, **DONE} for r in ("initiatives", "discipline", "awards")]
    for role, kept in (("initiative_council", 0), ("chair_office", 2)):
        refused = problem(several(clients[role], round_2024, *asked), 403, "forbidden")
        assert [e["pointer"] for e in refused["errors"]] == [f"/declarations/{i}/register" for i in range(3) if i != kept]
        assert several(clients[role], round_2024, asked[kept]).status_code == 200
    clerk = service.key("home_affairs", clients["unit"].unit)
    problem(several(clerk, round_2024, asked[1], {"register": "scores", **DONE, "unit_id": clients["unit"].unit}), 403, "separation-of-duties")
    assert several(clients["home_affairs"], round_2024, *asked, params={"dry_run": "true"}).status_code == 200
    assert clients["auditor"].get(f"{round_2024}/registers/discipline").json()["declarations"] == []
