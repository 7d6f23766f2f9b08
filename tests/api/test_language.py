"""RFC 9110 section 12.5.4 over HTTP: which language answers are in, and that they say so. The choice itself: tests/unit/test_language.c."""
import pytest

from service import problem

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TITLES = {"vi": "Không tìm thấy", "en": "Not found"}
NOBODY = "/v1/units/00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize("accepted, language", [
    (None, "vi"), ("vi", "vi"), ("en", "en"), ("en-US,en;q=0.9", "en"), ("en;q=0.1, vi;q=0.9", "vi"), ("vi;q=0, en", "en"),
    ("vi;q=0.2, *;q=0.8", "en"), ("fr", "vi"), ("*", "vi")])
def test_problems_are_in_the_language_that_is_wanted_most(clients, accepted, language):
    answer = clients["anyone"].get(NOBODY, headers={"Accept-Language": accepted})
    assert problem(answer, 404, "not-found")["title"] == TITLES[language]
    assert answer.headers["Content-Language"] == language and "Accept-Language" in answer.headers["Vary"].split(", ")


def test_tables_say_their_language_and_what_is_in_none_or_both_does_not(clients, unit):
    query = {"q": unit()["name"]}
    for language, heading in (("vi", "Tên"), ("en", "Name")):
        for media in ("text/csv", XLSX):
            wanted = {"Accept": media, "Accept-Language": f"{language};q=0.9, *;q=0.1"}
            table = clients["anyone"].get("/v1/units", params=query, headers=wanted)
            assert table.headers["Content-Language"] == language and table.headers["Content-Type"].startswith(media)
            assert media == XLSX or heading in table.content.decode().splitlines()[0]
            assert clients["anyone"].head("/v1/units", params=query, headers=wanted).headers["Content-Language"] == language
    for path in (f"/v1/units?q={query['q']}", "/openapi.yaml", "/healthz"):
        assert "Content-Language" not in clients["anyone"].get(path).headers
