"""What is large can be read lean, and says nothing twice (design: lean and full)."""
import json

import pytest

from award_tools import AwardRound
from service import problem


@pytest.fixture(scope="module")
def held(service, clients):
    made = AwardRound(service, clients, 3)
    made.home.delete(f"{made.round}/findings/{made.units[0]}")
    made.evaluation = made.evaluate()
    return made


def verdicts(held, client=None, **query):
    return held.done((client or held.auditor).get(f"/v1/evaluations/{held.evaluation}/verdicts", params=query))


def test_a_summary_says_what_the_full_view_says(held):
    full, summary = verdicts(held), verdicts(held, view="summary")
    assert [i["unit_id"] for i in summary["items"]] == [i["unit_id"] for i in full["items"]] and len(full["items"]) == 3
    for lean, whole in zip(summary["items"], full["items"]):
        assert (lean["overall"], lean["label"]) == (whole["overall"], whole["label"])
        assert lean["results"] == [c["result"] for c in whole["criteria"]]
        assert [c["id"] for c in summary["criteria"]] == [c["id"] for c in whole["criteria"]]
        named = [(summary["leaves"][m]["criterion"], summary["leaves"][m]["id"]) for m in lean["missing"]]
        assert named == [(u["criterion"], u["leaf"]) for u in whole["decisive_unknowns"]]


class OpenRound(AwardRound):
    """Units with long names of which little is known yet."""

    def add_unit(self):
        unit = self.done(self.admin.post("/v1/units", json={
            "name": f"Chi cục Quản lý chất lượng nông sản, lâm sản và thủy sản {len(self.units)}", "kind": "PROVINCIAL_SUBUNIT",
            "parent_id": self.parent, "valid_from": "2020-01-01"}))["id"]
        self.done(self.home.put(f"{self.round}/contestants/{unit}", json={
            "group": "UNIT_UNDER_SO", "on_assessed_list": True, "advises_par": True, "source_document": "12/QĐ-SNV"}))
        self.units.append(unit)

    def declare_registers(self):
        pass


def test_a_unit_takes_300_bytes_at_most(service, clients):
    made = OpenRound(service, clients, 4)
    answer = made.auditor.get(f"/v1/evaluations/{made.evaluate()}/verdicts", params={"view": "summary"})
    items = answer.json()["items"]
    assert len(items) == 4 and all(len(i["missing"]) > 3 and len(i["label"]) > 60 for i in items), items
    written = answer.content.split(b'"items":[')[1].split(b'],"criteria"')[0]
    assert len(written) <= 4 * 300, len(written)


def test_pages_of_a_summary_follow_each_other(held):
    first = verdicts(held, view="summary", limit=2)
    rest = verdicts(held, view="summary", limit=2, cursor=first["next"])
    assert len(first["items"]) == 2 and len(rest["items"]) == 1 and rest["next"] is None
    whole = verdicts(held, view="summary")

    def spelt(page):
        return [(i["unit_id"], i["results"], [page["leaves"][m] for m in i["missing"]]) for i in page["items"]]
    assert spelt(first) + spelt(rest) == spelt(whole)


def cited(answer, verdict):
    for criterion in verdict["criteria"]:
        for place in [criterion, *criterion["leaves"]]:
            for at in place["citations"] + place.get("missing_citation", []):
                yield answer["citations"][at]


def test_each_citation_stands_once(held):
    page = held.auditor.get(f"/v1/evaluations/{held.evaluation}/verdicts")
    one = held.auditor.get(f"/v1/evaluations/{held.evaluation}/verdicts/{held.units[0]}")
    for answer, items in ((page, page.json()["items"]), (one, [one.json()])):
        body = answer.json()
        listed = [json.dumps(c, sort_keys=True) for c in body["citations"]]
        assert len(set(listed)) == len(listed) > 5
        assert {json.dumps(c, sort_keys=True) for item in items for c in cited(body, item)} == set(listed)
        assert all(answer.text.count(json.dumps(c["quote"], ensure_ascii=False)[1:-1]) ==
                   sum(c["quote"] in other["quote"] for other in body["citations"]) for c in body["citations"] if len(c["quote"]) > 60)


def test_units_see_in_a_summary_what_they_see_in_full(service, clients, held):
    """Who is under investigation is not among what is missing."""
    own = verdicts(held, held.unit_client, view="summary")
    assert {i["unit_id"] for i in own["items"]} == set(held.units)
    for lean, whole in zip(own["items"], verdicts(held, held.unit_client)["items"]):
        assert len(lean["missing"]) == len(whole["decisive_unknowns"])


def test_a_table_is_always_full(held):
    def table(**query):
        return held.auditor.get(f"/v1/evaluations/{held.evaluation}/verdicts", params=query, headers={"Accept": "text/csv"}).text
    assert table(view="summary") == table()
    problem(held.auditor.get(f"/v1/evaluations/{held.evaluation}/verdicts", params={"view": "short"}), 400, "invalid-query")


def test_evaluations_are_listed_newest_first(service, clients):
    made = AwardRound(service, clients, 1)
    ids = [made.evaluate() for _ in range(3)][::-1]
    path = f"{made.round}/evaluations"
    assert [e["id"] for e in made.auditor.get(path).json()["items"]] == ids
    first = made.auditor.get(path, params={"limit": 2}).json()
    newer = made.evaluate()  # a page that was begun goes on where it was
    rest = made.auditor.get(path, params={"limit": 2, "cursor": first["next"]}).json()
    assert [e["id"] for e in first["items"] + rest["items"]] == ids and rest["next"] is None
    assert made.auditor.get(path, params={"limit": 1}).json()["items"][0]["id"] == newer
