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


def test_browsers_and_checks(clients):
    anyone = clients["anyone"]
    first = anyone.get("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert first.status_code == 200 and first.json() == anyone.get("/v1").json()
    assert anyone.get("/", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert anyone.head("/v1").status_code == 200
    problem(anyone.post("/"), 405, "method-not-allowed")
    problem(anyone.get("/v2"), 404, "not-found")
