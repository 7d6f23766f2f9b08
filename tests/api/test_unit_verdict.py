"""A unit finds out by itself why it is eligible, not, or not yet (V.3, and the law's duty to tell the nominator)."""
import pytest

from award_tools import AwardRound, number
from conftest import make_unit
from service import problem, wait_until

HELD = {"contents": [{"content": c, "score": "50", "result": "NOT_OUTSTANDING", "reason": "Chậm", "evidence": []} for c in "ABCD"]}


@pytest.fixture
def judged(service, clients):
    made = AwardRound(service, clients, 2)
    made.evaluation = made.evaluate()
    return made


def own(made, unit, client=None):
    return (client or made.unit_client).get(f"{made.round}/verdicts/{unit}")


def fail(made, unit):
    path = f"{made.round}/findings/{unit}"
    made.done(made.home.put(path, headers=made.etag(path), json=HELD))


def told(made, unit, client=None):
    """Verdicts that the feed tells of, the oldest first."""
    wait_until(lambda: made.service.psql("SELECT count(*) FROM journal WHERE seq IS NULL") == "0")
    query, subjects = {"type": "thidua.verdict.changed", "unit_id": unit, "limit": 200}, []
    while True:
        page = made.done((client or made.unit_client).get("/v1/events", params=query))
        subjects += [item["subject"] for item in page["items"]]
        if not page["next"]:
            return subjects
        query["cursor"] = page["next"]


def test_it_is_the_verdict_of_the_newest_evaluation_that_concerns_the_unit(judged):
    first, second = judged.units
    verdict = judged.done(own(judged, first))
    known = judged.done(judged.unit_client.get(f"/v1/evaluations/{judged.evaluation}/verdicts/{first}"))
    assert {k: verdict[k] for k in known} == known
    assert (verdict["evaluation_id"], verdict["stale"], verdict["overall"]) == (judged.evaluation, False, "ELIGIBLE")
    assert verdict["as_of"] == judged.auditor.get(f"/v1/evaluations/{judged.evaluation}").json()["as_of"] and verdict["unit_label"]
    fail(judged, first)
    assert judged.done(own(judged, first))["stale"] is True and judged.done(own(judged, second))["stale"] is False
    partial = judged.evaluate(units=[first])
    verdict = judged.done(own(judged, first))
    assert (verdict["evaluation_id"], verdict["stale"], verdict["overall"]) == (partial, False, "INELIGIBLE")
    assert judged.done(own(judged, second))["evaluation_id"] == judged.evaluation


def test_memory_tells_each_reader_what_a_worker_told_the_first(judged):
    """A worker makes the first verdict of an evaluation, the loop those after it; of 18, memory holds 16."""
    unit = judged.units[0]
    for _ in range(18):
        evaluation = judged.evaluate(units=[unit])
        made, own_first, kept, own_again = [own(judged, unit, client) for _ in range(2) for client in (judged.auditor, judged.unit_client)]
        assert judged.done(made)["evaluation_id"] == evaluation
        assert (kept.text, kept.headers["ETag"]) == (made.text, made.headers["ETag"]) and own_again.text == own_first.text
        stored = judged.done(judged.unit_client.get(f"/v1/evaluations/{evaluation}/verdicts/{unit}"))
        assert {member: own_again.json()[member] for member in stored} == stored


def test_a_tag_stands_for_one_text_and_saves_it(judged):
    """It is not made of the text: all that can make another one must make another tag, and nothing else may."""
    first, second = judged.units
    texts, tags = {}, {}

    def look():
        for unit in judged.units:
            for client in (judged.auditor, judged.home, judged.unit_client):
                for path in (f"{judged.round}/verdicts/{unit}", f"/v1/evaluations/{evaluation}/verdicts/{unit}"):
                    answer = client.get(path)
                    judged.done(answer)
                    tag = answer.headers["ETag"]
                    assert texts.setdefault(tag, answer.text) == answer.text and tags.setdefault((path, answer.text), tag) == tag, path
                    again = client.get(path, headers={"If-None-Match": tag})
                    assert (again.status_code, again.text, again.headers["ETag"]) == (304, "", tag)
                    other = next((known for known in texts if known != tag), '"none"')
                    assert client.get(path, headers={"If-None-Match": other}).text == answer.text
        return len(texts)

    evaluation = judged.evaluation
    seen = look()
    assert seen == look() == 8  # two units, by two paths, for two audiences
    fail(judged, first)  # is stale now, for both audiences; what its evaluation found is as it was
    assert look() == seen + 2
    now = judged.admin.get(f"/v1/units/{second}").headers["ETag"]
    judged.done(judged.admin.merge(f"/v1/units/{second}", {"valid_from": f"{judged.year}-12-31", "name": "Phòng có tên mới"}, now))
    renamed = look()
    assert renamed > seen + 2  # its label stands beside its verdict
    evaluation = judged.evaluate()
    assert look() == renamed + 8


def test_only_the_unit_those_above_and_offices_read_it(service, clients, judged):
    unit = judged.units[0]
    itself, stranger = service.key("unit", unit), AwardRound(service, clients, 1).unit_client
    for client in (itself, judged.unit_client, judged.auditor, judged.home, judged.chair):
        assert own(judged, unit, client).status_code == 200
    problem(own(judged, unit, stranger), 404, "not-found")
    problem(own(judged, judged.units[1], itself), 404, "not-found")
    problem(own(judged, unit, clients["viewer"]), 403, "forbidden")
    assert own(judged, unit, clients["anyone"]).status_code == 401
    never = make_unit(clients["admin"], kind="PROVINCIAL_SUBUNIT", parent_id=judged.parent)["id"]
    problem(own(judged, never), 404, "not-found")


def test_a_unit_is_told_when_its_verdict_changed_and_only_then(service, clients, judged):
    first, second = judged.units
    subject = f"{judged.round}/verdicts/{first}"
    assert told(judged, first) == [subject]  # that there is one
    judged.evaluate()
    assert told(judged, first) == [subject]
    fail(judged, first)
    judged.evaluate()
    assert told(judged, first) == [subject] * 2 and len(told(judged, second)) == 1
    assert told(judged, first, judged.auditor) == [subject] * 2
    stranger = AwardRound(service, clients, 1).unit_client
    assert told(judged, first, stranger) == told(judged, first, clients["viewer"]) == []
    fail(judged, second)
    assert judged.home.post(f"{judged.round}/evaluations", params={"dry_run": "true"}, json={}).status_code == 201
    assert len(told(judged, second)) == 1


def test_a_unit_that_the_newest_evaluations_left_out_is_compared_with_the_one_before(judged):
    first, second = judged.units
    for _ in range(2):
        judged.evaluate(units=[first])
    judged.evaluate()
    assert len(told(judged, first)) == len(told(judged, second)) == 1
    fail(judged, second)
    for units in ([first], [second], [first], judged.units):
        judged.evaluate(units=units)
    assert len(told(judged, first)) == 1 and len(told(judged, second)) == 2
    change = judged.service.psql("SELECT after - 'evaluation_id', before - 'evaluation_id' FROM journal WHERE type = 'verdict.changed' ORDER BY seq DESC LIMIT 1")
    assert change == '{"overall": "INELIGIBLE"}|{"overall": "ELIGIBLE"}'


def test_a_unit_that_was_out_of_the_register_is_compared_with_the_last_that_looked_at_it(judged):
    unit = make_unit(judged.admin, kind="PROVINCIAL_SUBUNIT", parent_id=judged.parent)["id"]
    path = f"{judged.round}/contestants/{unit}"
    entry = {"group": "UNIT_UNDER_SO", "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV"}
    judged.done(judged.home.put(path, json=entry))
    for units in ([unit], None):  # before there is a whole one with it, and then
        judged.evaluate(**({"units": units} if units else {}))
        assert len(told(judged, unit)) == 1
    assert judged.home.delete(path, headers=judged.etag(path)).status_code == 204
    judged.evaluate()
    judged.done(judged.home.put(path, json=entry))
    judged.evaluate(units=judged.units)
    judged.evaluate()
    assert len(told(judged, unit)) == 1


def test_what_only_offices_may_know_is_not_told_by_an_event(judged):
    """A second discipline record changes nothing that the unit reads."""
    unit = judged.units[0]

    def discipline(n):
        judged.done(judged.home.post("/v1/discipline-records", json={
            "unit_id": unit, "person_name": f"Nguyễn Văn {n}", "position": "KEY_LEADER_HEAD", "regime": "CIVIL_SERVANT", "level": "KHIEN_TRACH",
            "decision_number": f"{n}/QĐ-SNV", "decision_date": "2024-05-02", "effective_from": "2024-05-02"}))
        judged.evaluate()
    discipline(3)
    assert len(told(judged, unit)) == 2
    discipline(4)
    assert len(told(judged, unit)) == 2


def test_signing_tells_a_nominee_of_another_dossier_as_much(service, clients, judged):
    """V.3: whoever is before the Chair in a dossier of its own is no better told."""
    other = AwardRound(service, clients, 1, campaign=judged.campaign)
    waiting = [judged.submitted([judged.units[1]]), other.submitted(other.units)]
    decision = judged.draft([judged.units[0]])
    judged.evaluate()
    assert waiting and [own(made, unit).json()["stale"] for made, unit in ((judged, judged.units[0]), (other, other.units[0]))] == [False, False]
    judged.done(judged.sign(decision, number()))
    assert [judged.done(own(made, unit))["stale"] for made, unit in ((judged, judged.units[0]), (judged, judged.units[1]), (other, other.units[0]))] == [True] * 3


def test_signing_is_not_told_before_it_is_published(judged):
    first, second = judged.units
    decision = judged.draft([first])
    whole = judged.evaluate()
    before = {unit: len(told(judged, unit)) for unit in judged.units}
    judged.done(judged.sign(decision, number()))
    signing = judged.done(own(judged, first, judged.auditor))["evaluation_id"]
    assert signing != whole
    verdicts = [judged.done(own(judged, unit)) for unit in (first, second)]
    assert [v["evaluation_id"] for v in verdicts] == [whole, whole]
    assert verdicts[0]["stale"] == verdicts[1]["stale"]  # so it does not tell who was awarded
    assert {unit: len(told(judged, unit)) for unit in judged.units} == before
    judged.publish(decision)
    assert judged.done(own(judged, first))["evaluation_id"] == signing
