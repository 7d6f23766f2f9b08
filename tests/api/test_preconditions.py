"""RFC 9110 section 13 for writes: If-Match and If-None-Match as lists, as *, weak, and both at once."""
import pytest

from dossier_tools import make_pdf
from service import problem
from test_contestants import SO
from test_dossiers import award_round, dossier, nominator  # pylint: disable=unused-import

OTHER = '"1-0000000000000000"'


@pytest.fixture
def contestant(clients, unit, round_2024):
    """put(**preconditions) of a contestant that is there, with the path and the present ETag."""
    url = f"{round_2024}/contestants/{unit()['id']}"
    home = clients["home_affairs"]

    def put(**headers):
        answer = home.put(url, json=SO, headers={name.replace("_", "-"): value for name, value in headers.items()})
        put.etag = answer.headers.get("ETag", put.etag)
        return answer

    put.url, put.etag = url, None
    assert put().status_code == 201
    return put


@pytest.mark.parametrize("field", ["*", "{now}", "{other}, {now}", "{now},{other}", '"x" ,, {now}', 'W/"x", {now}', '"a, b", {now}', "{bare}"])
def test_if_match_holds_when_any_strong_tag_is_the_present_one(contestant, field):
    """Section 13.1.1: true for * where the record exists, and where any listed tag matches."""
    field = field.format(now=contestant.etag, other=OTHER, bare=contestant.etag.strip('"'))
    assert contestant(If_Match=field).status_code == 200


@pytest.mark.parametrize("field", ["", ",", "{other}", "{other}, {other}", "W/{now}", 'W/{now}, "x"', '"x{bare}"', '"{bare}', "x", '"*"', '"a, {bare}"', "{now}x", "{now} {now}", "{now}{now}", "x{now}", '{now}, "x', "{now};q=1",
                                   "{now}, W/x\"", '{bare}"'])
def test_if_match_fails_on_weak_tags_and_on_others(contestant, field):
    """Section 13.1.1 wants the strong comparison; what is in quotes is one tag, whatever stands in it. What is no list of
    tags (section 5.6.1) names none."""
    bare = contestant.etag.strip('"')
    problem(contestant(If_Match=field.format(now=contestant.etag, other=OTHER, bare=bare)), 412, "stale-version")


@pytest.mark.parametrize("field", ["*", "{now}", "W/{now}", '"x", {now}', '"x"y', '"x" "y"', '"x'])
def test_if_none_match_forbids_to_write_over_what_is_there(contestant, clients, field):
    """Section 13.1.2: 412, and whatever If-Match says of it: both must hold (section 13.2.2)."""
    field = field.format(now=contestant.etag)
    before = clients["viewer"].get(contestant.url).json()
    refused = problem(contestant(If_None_Match=field), 412, "stale-version")
    assert "If-None-Match" in refused["detail"] and "If-Match" in refused["detail"]
    problem(contestant(If_None_Match=field, If_Match=contestant.etag), 412, "stale-version")
    assert clients["viewer"].get(contestant.url).json() == before


def test_if_none_match_with_other_tags_takes_the_place_of_no_if_match(contestant):
    problem(contestant(If_None_Match=OTHER), 428, "version-required")
    assert contestant(If_None_Match=OTHER, If_Match=contestant.etag).status_code == 200


def test_what_is_not_there_is_made_by_if_none_match_and_not_by_if_match(clients, unit, round_2024):
    home, url = clients["home_affairs"], f"{round_2024}/contestants/{unit()['id']}"
    for field in ("*", OTHER):
        problem(home.put(url, json=SO, headers={"If-Match": field}), 412, "stale-version")
    assert home.put(url, json=SO, headers={"If-None-Match": "*"}).status_code == 201
    problem(home.put(url, json=SO, headers={"If-None-Match": "*"}), 412, "stale-version")


def test_changes_steps_and_removals_hold_to_it_too(clients, unit):
    made, admin = unit(), clients["admin"]
    path = f"/v1/units/{made['id']}"
    assert admin.merge(path, {"valid_from": "2021-01-01", "name": "Tên hai"}, "*").status_code == 200
    assert admin.merge(path, {"valid_from": "2022-01-01", "name": "Tên ba"}, f'{OTHER}, {admin.get(path).headers["ETag"]}').status_code == 200
    problem(admin.merge("/v1/units/00000000-0000-4000-8000-000000000000", {"valid_from": "2021-01-01", "name": "x"}, "*"), 404, "not-found")


def test_parts_of_a_dossier(dossier, nominator):
    """Their If-Match names the dossier, or of a document its own tag; * and If-None-Match mean the part itself."""
    url, letter = f"{dossier.url}/nominations/{nominator.below}", f"{dossier.url}/documents/TO_TRINH"
    pdf = {"Content-Type": "application/pdf"}
    for path, sent in ((url, {"json": {}}), (letter, {"data": make_pdf("một"), "headers": pdf})):
        def put(**headers):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return nominator.put(path, **{**sent, "headers": {**sent.get("headers", {}), **named}})

        problem(put(If_Match="*"), 412, "stale-version")
        problem(put(If_Match=OTHER.replace("1-", "9-")), 412, "stale-version")
        assert put(If_None_Match="*", If_Match=dossier.etag()).status_code == 201
        problem(put(If_None_Match="*"), 412, "stale-version")
        problem(put(), 428, "version-required")
        assert put(If_Match="*").status_code == 200
        assert put(If_Match=f'"x", {dossier.etag()}').status_code == 200
    own = nominator.get(letter).headers["ETag"]
    assert nominator.delete(letter, headers={"If-Match": f"{OTHER.replace('1-', '9-')}, {own}"}).status_code == 200
    assert nominator.delete(url, headers={"If-Match": "*"}).status_code == 200
    problem(nominator.delete(url, headers={"If-Match": "*"}), 404, "not-found")
