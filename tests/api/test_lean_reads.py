"""What is large can be read lean, and says nothing twice (design: lean and full)."""
import csv
import io
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
        assert (lean["overall"], lean["unit_label"]) == (whole["overall"], whole["unit_label"])
        assert lean["results"] == [c["result"] for c in whole["criteria"]]
        assert [c["id"] for c in summary["criteria"]] == [c["id"] for c in whole["criteria"]]
        named = [(summary["leaves"][m]["criterion"], summary["leaves"][m]["id"]) for m in lean["missing"]]
        assert named == [(u["criterion"], u["leaf"]) for u in whole["decisive_unknowns"]]


class OpenRound(AwardRound):
    """Units with long names of which little is known yet."""

    def add_unit(self):
        unit = self.done(self.admin.post("/v1/units", json={
            "name": f"Chi cục Quản lý chất lượng nông, lâm và thủy sản {len(self.units)}", "kind": "PROVINCIAL_SUBUNIT",
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
    assert len(items) == 4 and all(len(i["missing"]) > 3 and len(i["unit_label"]) > 60 for i in items), items
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


def shown_cells(verdict, language, labels):
    def listed(texts):
        return "; ".join(text for text in texts if text)
    return [verdict["unit_label"], labels["Overall"][verdict["overall"]],
            listed(f"{c['clause']}: {labels['Result'][c['result']]}" for c in verdict["criteria"]),
            listed(f"{c['clause']}: {c['explanation'][language]}" for c in verdict["criteria"]),
            listed(u["text"][language] for u in verdict["decisive_unknowns"]), listed(c["text"][language] for c in verdict["changes"]),
            verdict["unit_id"]]


@pytest.fixture(scope="module")
def undecided(service, clients):
    made = OpenRound(service, clients, 3)
    made.evaluation = made.evaluate()
    return made


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("who", ["auditor", "unit_client"])
@pytest.mark.parametrize("of", ["held", "undecided"])
def test_a_table_says_what_the_verdicts_say(service, request, of, who, language):
    """Its cells are not read from their JSON. Units see less, also in a table."""
    made = request.getfixturevalue(of)
    client = getattr(made, who)

    def table(**query):
        answer = client.get(f"/v1/evaluations/{made.evaluation}/verdicts", params=query, headers={"Accept": "text/csv", "Accept-Language": language})
        return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]
    labels = {v["name"]: {c["code"]: c[language] for c in v["codes"]} for v in service.anonymous().get("/v1/vocabulary").json()["vocabularies"]}
    rows = table()
    assert rows == [shown_cells(verdict, language, labels) for verdict in verdicts(made, client)["items"]]
    assert len(rows) == 3 and all(all(row[:4]) for row in rows) and all(bool(row[4]) and bool(row[5]) for row in rows) is (of == "undecided")
    assert table(columns="unit_id,changes,overall") == [[row[6], row[5], row[1]] for row in rows]


def test_pages_of_verdicts_are_told_apart_by_their_tags(service, clients):
    made = AwardRound(service, clients, 3)
    first, second = made.evaluate(), made.evaluate()

    def read(evaluation=first, client=made.auditor, etag=None, **query):
        headers = {"If-None-Match": etag} if etag else {}
        return client.get(f"/v1/evaluations/{evaluation}/verdicts", params=query, headers=headers)
    pages = [read(), read(second), read(view="summary"), read(limit=2), read(limit=1), read(limit=2, cursor=read(limit=2).json()["next"]),
             read(overall="PENDING"), read(client=made.unit_client)]
    assert len({page.headers["ETag"] for page in pages}) == len(pages)
    assert read(etag=pages[0].headers["ETag"]).status_code == 304 and read(limit=3).headers["ETag"] == pages[0].headers["ETag"]
    unit = f"/v1/units/{made.units[0]}"
    assert made.admin.merge(unit, {"valid_from": "2020-01-01", "name": "Tên đã sửa"}, made.etag(unit)["If-Match"]).status_code == 200
    renamed = read(etag=pages[0].headers["ETag"])
    assert renamed.status_code == 200 and "Tên đã sửa" in renamed.text, "a label follows the register, and so does the tag"


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


# ---- latest_evaluation of a round ----

def latest(made, client=None):
    return made.done((client or made.auditor).get(made.round))["latest_evaluation"]


@pytest.fixture
def judged(service, clients):
    """Evaluated, and nothing has happened since."""
    made = AwardRound(service, clients, 2)
    assert latest(made) is None
    made.evaluation = made.evaluate()
    return made


def test_the_round_names_its_newest_whole_evaluation(clients, judged):
    as_of = judged.auditor.get(f"/v1/evaluations/{judged.evaluation}").json()["as_of"]
    expected = {"id": judged.evaluation, "as_of": as_of, "stale": False}
    judged.evaluate(units=judged.units[:1])  # of a part, which says nothing of the others
    for client in (judged.auditor, judged.home, judged.chair, judged.unit_client):
        assert latest(judged, client) == expected
    for role in ("anyone", "viewer", "admin", "initiative_council"):
        assert latest(judged, clients[role]) is None, role
    newer = judged.evaluate()
    assert latest(judged)["id"] == newer


def move_conference(made):
    assert made.home.merge(made.round, {"conference_on": "2025-06-20"}, made.etag(made.round)["If-Match"]).status_code == 200


CHANGES = {
    "a finding": lambda m: m.done(m.home.put(f"{m.round}/findings/{m.units[0]}", headers=m.etag(f"{m.round}/findings/{m.units[0]}"), json={
        "contents": [{"content": "A", "score": "50", "result": "NOT_OUTSTANDING", "reason": "Chậm", "evidence": []}]})),
    "an initiative": lambda m: m.recognised_initiative(m.units[1]),
    "a contestant": lambda m: m.add_unit(),
    "the conference": move_conference,
    "the allocation": lambda m: m.done(m.home.put(f"{m.round}/quota", headers=m.etag(f"{m.round}/quota"), json={
        "allocation": [{"group": "UNIT_UNDER_SO", "slots": 1}], "reason": "Phân bổ"})),
    "an override": lambda m: m.done(m.override(m.evaluation, m.units[0], "OUT")),
    "a register for all": lambda m: m.done(m.home.put(f"{m.round}/registers/scores", headers=m.etag(f"{m.round}/registers/scores"),
                                                      json={"complete": False, "source": "Còn thiếu"})),
    "discipline": lambda m: m.done(m.home.post("/v1/discipline-records", json={
        "unit_id": m.units[0], "person_name": "Nguyễn Văn A", "position": "KEY_LEADER_HEAD", "regime": "CIVIL_SERVANT",
        "level": "KHIEN_TRACH", "decision_number": "3/QĐ-SNV", "decision_date": "2024-05-02", "effective_from": "2024-05-02"})),
}
NOT_OF_THE_UNIT = {"the allocation", "an override"}  # they decide places, not verdicts


@pytest.mark.parametrize("change", CHANGES)
def test_an_evaluation_is_stale_once_what_it_was_made_from_changed(judged, change):
    assert latest(judged)["stale"] is False
    CHANGES[change](judged)
    assert latest(judged)["stale"] is True
    assert latest(judged, judged.unit_client)["stale"] is (change not in NOT_OF_THE_UNIT and change != "a contestant")
    judged.evaluate()
    assert latest(judged)["stale"] is False and latest(judged, judged.unit_client)["stale"] is False


@pytest.mark.parametrize("changed, stale", [
    ("UPDATE unit_stamps SET stamp = stamp + CASE unit_id WHEN '{0}' THEN 1 ELSE -1 END WHERE unit_id IN ('{0}', '{1}')", True),  # the sum stays
    ("UPDATE unit_stamps SET stamp = (SELECT sum(o.stamp) FROM unit_stamps o WHERE o.unit_id IN ('{0}', '{1}') AND o.unit_id <> unit_stamps.unit_id) "
     "WHERE unit_id IN ('{0}', '{1}') AND (SELECT count(DISTINCT stamp) FROM unit_stamps WHERE unit_id IN ('{0}', '{1}')) = 2", True),  # exchanged
    ("UPDATE unit_stamps SET stamp = stamp + 1 WHERE unit_id = '{1}'", True),
    ("DELETE FROM unit_stamps WHERE unit_id = '{0}'", True),
    ("UPDATE unit_stamps SET stamp = stamp + 1 WHERE unit_id NOT IN ('{0}', '{1}')", False),
    ("UPDATE unit_stamps SET packed = -1", False)])
def test_each_units_own_counter_counts(service, judged, changed, stale):
    """They are looked at all together, and yet no change of one hides that of another."""
    judged.done(judged.home.put(f"{judged.round}/findings/{judged.units[1]}", headers=judged.etag(f"{judged.round}/findings/{judged.units[1]}"), json={
        "contents": [{"content": "A", "score": "50", "result": "NOT_OUTSTANDING", "reason": "Chậm", "evidence": []}]}))
    service.psql(f"SELECT facts_touch('{{{judged.units[1]}}}')")  # one was raised more often than the other
    asked = f"SELECT evaluation_stale(e) FROM evaluations e WHERE id = '{judged.evaluate()}'"
    lines = service.psql(f"BEGIN; {asked}; {changed.format(*judged.units)}; {asked}; ROLLBACK").split()
    assert [line for line in lines if line in "tf"] == ["f", "t" if stale else "f"]


def test_what_concerns_other_rounds_and_units_makes_nothing_stale(service, clients, judged):
    AwardRound(service, clients, 1).evaluate()
    assert latest(judged)["stale"] is False


def test_members_do_not_read_what_was_kept_for_others(service, clients, judged):
    """Answers are kept in memory: for all, for offices, and for each unit."""
    other = AwardRound(service, clients, 1)
    for _ in range(3):
        answers = [c.get(judged.round) for c in (clients["anyone"], judged.auditor, judged.unit_client, other.unit_client)]
        assert answers[0].json()["latest_evaluation"] is None and answers[1].json()["latest_evaluation"]["id"] == judged.evaluation
        assert len({a.headers["ETag"] for a in answers[:2]}) == 2
        assert [a.headers["Cache-Control"].split(",")[0] for a in answers] == ["public", "private", "private", "private"]
    CHANGES["a finding"](judged)
    assert judged.unit_client.get(judged.round).json()["latest_evaluation"]["stale"] is True
    assert other.unit_client.get(judged.round).json()["latest_evaluation"]["stale"] is False
    tag = judged.auditor.get(judged.round).headers["ETag"]
    assert judged.auditor.get(judged.round, headers={"If-None-Match": tag}).status_code == 304
