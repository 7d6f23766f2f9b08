"""GET / and GET /v1: where to go from here."""
import re

import pytest

from service import problem
from test_contract import ROUTES

READS = {path: route for (method, path), route in ROUTES.items() if method == "GET"}


@pytest.mark.parametrize("place", ["/", "/v1"])
def test_the_links_are_those_of_the_route_table(service, place):
    """A new read without a parameter cannot be forgotten, and no link leads nowhere."""
    answer = service.anonymous("en").get(place)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/json"
    links = answer.json()["links"]
    hrefs, names = [link["href"] for link in links], [link["name"] for link in links]
    assert len(set(hrefs)) == len(hrefs) and len(set(names)) == len(names) and all(re.fullmatch("[a-z_]+", name) for name in names)
    assert set(hrefs) <= set(READS)
    assert {path for path in READS if path.startswith("/v1/") and "{" not in path} <= set(hrefs)
    for link in links:
        assert link.get("templated", False) is ("{" in link["href"]) and link["title"]


def test_titles_are_in_the_language_of_the_caller(service):
    english, vietnamese = (service.anonymous(language).get("/v1") for language in ("en", "vi"))
    assert english.headers["Content-Language"] == "en" and vietnamese.headers["Content-Language"] == "vi"
    for one, other in zip(english.json()["links"], vietnamese.json()["links"], strict=True):
        assert one["name"] == other["name"] and one["href"] == other["href"] and one["title"] != other["title"]
    assert english.headers["ETag"] != vietnamese.headers["ETag"] and "Accept-Language" in english.headers["Vary"]


def test_whoever_is_not_let_in_is_not_led_astray(clients):
    """Every link that is no template answers: with what it is, or with 401 or 403."""
    for link in clients["anyone"].get("/").json()["links"]:
        if not link.get("templated") and link["name"] != "event_stream":
            assert clients["anyone"].get(link["href"]).status_code in (200, 401, 403), link


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/*", "text/html;q=0.5, application/json", "application/json, text/html"])
def test_a_program_gets_links(clients, accept):
    """RFC 9110, section 12.5.1: a page comes only to whoever prefers one."""
    answer = clients["anyone"].get("/", headers={"Accept": accept})
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/json"
    assert answer.json() == clients["anyone"].get("/v1").json()


@pytest.mark.parametrize("accept", ["text/html", "text/*", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json;q=0.1, */*"])
def test_a_browser_gets_a_page(clients, accept):
    answer = clients["anyone"].get("/", headers={"Accept": accept})
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!DOCTYPE html>") and "Accept" in answer.headers["Vary"].split(", ")


def test_checks(clients):
    anyone = clients["anyone"]
    links, page = (anyone.get("/", headers={"Accept": accept}) for accept in ("application/json", "text/html"))
    assert links.headers["ETag"] != page.headers["ETag"]
    for first, accept in ((links, "application/json"), (page, "text/html")):
        assert anyone.get("/", headers={"Accept": accept, "If-None-Match": first.headers["ETag"]}).status_code == 304
    assert anyone.get("/", headers={"Accept": "application/json", "If-None-Match": page.headers["ETag"]}).status_code == 200
    assert anyone.head("/v1").status_code == 200
    problem(anyone.get("/v1", headers={"Accept": "text/html"}), 406, "not-acceptable")
    problem(anyone.get("/", headers={"Accept": "text/csv"}), 406, "not-acceptable")
    problem(anyone.post("/"), 405, "method-not-allowed")
    problem(anyone.get("/v2"), 404, "not-found")
