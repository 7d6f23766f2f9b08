"""Each bound may be reached, but their product may not: a small request never takes memory or a worker away from its neighbours."""
import concurrent.futures
import contextlib
import json
import threading
import time

import pytest

from service import SANITIZED, Service, make_place, problem, serving, wait_until
from test_award_side import Held, form as stored_form, forms_of
from test_documents import raw
from test_faults import LargeRound
from test_metrics import Metrics

PARAMETERS = {"as_of": "2024-12-01T00:00:00+07:00", "award_year": 2024}
WORDS = {"vi": "a", "en": "a"}
MIB = 1024


def leaf(number, kind="absence", **more):
    return {"kind": kind, "id": f"l{number}", "text": WORDS, "citations": ["a"], "register": "r", **more}


def rules(leaves, quote="q", **more):
    return {"name": "products", "version": 1, "valid_from": "2024-01-01", "award_years": [2024],
            "citations": {"a": {"document": "d", "clause": "c", "quote": quote, "valid_from": "2024-01-01"}},
            "facts": {"day": {"type": "date", "text": WORDS}}, "registers": {"r": {"text": WORDS, "fields": {"f": "integer"}}},
            "criteria": [{"id": "c", "clause": "c", "text": WORDS, "citations": ["a"], "requires": {"kind": "all", "of": leaves}}], **more}


def unit(number=1, entries=0, day="2024-12-01"):
    return {"unit_id": f"00000000-0000-4000-8000-{number:012d}", "facts": {"day": {"value": day}},
            "registers": {"r": {"complete": True, "entries": [{"f": 1}] * entries}}}


def trial(rule_set, units):
    return {"rule_set": rule_set, "parameters": PARAMETERS, "units": units}


def with_cases(rule_set, count, entries):
    case = {"name": "n", "change": {}, "expect": {"overall": "ELIGIBLE"}}
    return {"document": {**rule_set, "case_base": {"parameters": PARAMETERS, "unit": unit(entries=entries)}, "cases": [case] * count}}


def filtered(values):
    return {"where": [{"field": "f", "op": "!=", "values": list(range(100, 100 + values))}]}


def years(count, operands):
    return [leaf(i, kind="cooldown", year_field="f", years=50, **filtered(operands)) for i in range(count)]


def deadlines(count):
    return [{"kind": "deadline", "id": f"l{i}", "text": WORDS, "citations": ["a"], "fact": "day", "limit": {"param": "as_of"},
             "bound": "before", "working_days": 3660} for i in range(count)]


WHAT_IF, CHECK = "/v1/what-if", "/v1/criteria-sets/check"
# What is asked for beyond a bound, and the two numbers that the refusal names.
BEYOND = {
    "citations of a leaf": (WHAT_IF, trial(rules([leaf(1, citations=["a"] * 17)]), [unit()]), "17 > 16"),
    "operands of a filter": (WHAT_IF, trial(rules([leaf(1, **filtered(65))]), [unit()]), "65 > 64"),
    "entries of a register": (WHAT_IF, trial(rules([leaf(1)]), [unit(entries=1001)]), "1001 > 1000"),
    "leaves × entries × operands × years": (WHAT_IF, trial(rules(years(10, 20)), [unit(entries=1000)]),
                                            "The request takes 10500001 comparisons; at most 10000000 are allowed"),
    "leaves × days × units": (WHAT_IF, trial(rules(deadlines(200)), [unit(i) for i in range(200)]), "146400200 comparisons; at most 10000000"),
    "leaves × citations × units": (WHAT_IF, trial(rules([leaf(i, citations=["a"] * 8) for i in range(100)], quote="q" * 7000),
                                                  [unit(i) for i in range(200)]), "bytes of answer; at most 16777216"),
    "leaves × units": (WHAT_IF, trial(rules([leaf(i) for i in range(250)]), [unit(i) for i in range(200)]), "bytes of answer; at most 16777216"),
    "cases": (CHECK, with_cases(rules([leaf(1)]), 257, 0), "257 > 256"),
    "entries of cases": (CHECK, with_cases(rules([leaf(1)]), 2, 1001), "1001 > 1000"),
    "values of cases": (CHECK, with_cases(rules([leaf(1)]), 250, 60), "> 100000"),
    "leaves × entries × cases": (CHECK, with_cases(rules([leaf(i, **filtered(40)) for i in range(90)]), 4, 1000), "14760004 > 10000000"),
}
# As much as may be asked for, of either.
AT_BOUND = {
    "much text": (WHAT_IF, trial(rules([leaf(i, citations=["a"] * 8) for i in range(100)], quote="q" * 5), [unit(i) for i in range(120)])),
    "much work": (WHAT_IF, trial(rules(years(9, 20)), [unit(entries=1000)])),
    "many entries shown": (WHAT_IF, trial(rules([leaf(i) for i in range(250)]), [unit(entries=250)])),
    "more entries than can be shown": (WHAT_IF, trial(rules([leaf(i) for i in range(250)]), [unit(entries=1000)])),
    "many cases": (CHECK, with_cases(rules([leaf(i, **filtered(10)) for i in range(100)]), 70, 100)),
}


def running(**environment):
    return serving(Service(make_place(), **environment))


@pytest.fixture(scope="module")
def own():
    with running() as service:
        yield service


def memory(service, what):
    """KiB, as the system counts them. Sanitizers keep freed memory: nothing is asked of it there."""
    if SANITIZED:
        return 0
    with open(f"/proc/{service.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(what))


@pytest.mark.plain
@pytest.mark.parametrize("what", BEYOND)
def test_what_goes_beyond_a_bound_is_refused_with_both_numbers(own, what):
    path, body, numbers = BEYOND[what]
    before = memory(own, "VmHWM")
    answer = own.key("viewer").post(path, data=json.dumps(body, separators=(",", ":")), headers={"Content-Type": "application/json"})
    assert answer.status_code == (200 if path == CHECK else 422)
    if path == CHECK:
        assert not answer.json()["publishable"]
    else:
        problem(answer, 422, {"citations of a leaf": "rule-refused", "operands of a filter": "rule-refused",
                              "entries of a register": "invalid"}.get(what, "too-much-work"))
    assert numbers in answer.text
    assert memory(own, "VmHWM") - before < 48 * MIB


def post(client, path, body):
    return client.post(path, data=json.dumps(body, separators=(",", ":")), headers={"Content-Type": "application/json"})


@pytest.mark.plain
@pytest.mark.parametrize("path, member", [(CHECK, "document"), (WHAT_IF, "rule_set"), (WHAT_IF, "parameters"), (WHAT_IF, "changes")])
def test_the_names_of_members_times_the_values_below_them_take_no_memory(own, path, member):
    """Each value of a list has a pointer, which holds all names above it: 88 KB of JSON took 933 MiB."""
    viewer, before = own.key("viewer"), memory(own, "VmHWM")
    refused = problem(post(viewer, path, {member: {"k" * 50_000: [1] * 19_000}}), 400, "malformed-json")
    assert "256 bytes" in refused["errors"][0]["detail"]
    deep = [1] * 15_000
    for _ in range(28):
        deep = {"~" * 256: deep}
    assert post(viewer, path, {member: deep}).status_code in (200, 400, 422)
    assert memory(own, "VmHWM") - before < 48 * MIB


def test_a_fault_below_long_names_is_named_where_it_is(own):
    names = ["a~b/" * 60, "c", "d" * 256]
    answer = post(own.key("viewer"), CHECK, {"document": {names[0]: [{names[1]: ["fine", {names[2]: "a\u0007"}]}, "b\u0007"]}})
    refused, first = problem(answer, 422, "invalid"), names[0].replace("~", "~0").replace("/", "~1")
    assert [error["pointer"] for error in refused["errors"]] == [f"/document/{first}/0/c/1/{names[2]}", f"/document/{first}/1"]


# ---- standings and forms of award ----

def form(code, places, **more):
    return {"form": code, "text": WORDS, "citations": ["a"], "places": places, **more}


def with_forms(forms, criteria=1, **key):
    made = rules([], semantics=2, facts={"ok": {"type": "boolean", "text": WORDS}, "g": {"type": "text", "text": WORDS},
                                         "n": {"type": "integer", "text": WORDS}}, contents={"c": WORDS}, forms=forms,
                 standings={"group_by": "g", "groups": {"G": WORDS}, "ties": "decide", "keys": [
                     {"id": "k", "kind": "fact", "fact": "n", "direction": "descending", "nulls": "last", "text": WORDS, "citations": ["a"], **key}]})
    of = {"kind": "flag", "text": WORDS, "citations": ["a"], "fact": "ok", "value": True}
    made["criteria"] = [{**made["criteria"][0], "id": f"c{i}", "requires": {**of, "id": f"l{i}"}} for i in range(criteria)]
    return made


def ranked(number, ok=True, n=None):
    return {"unit_id": f"00000000-0000-4000-8000-{number:012d}",
            "facts": {"ok": {"value": ok}, "g": {"value": "G"}, "n": {"value": number if n is None else n}}}


@pytest.mark.plain
def test_a_key_of_standings_takes_as_many_contents_as_there_can_be(own):
    """Each that stands there twice was told of as often as it stood before: 6,000 times one content took 760 MiB."""
    before = memory(own, "VmHWM")
    for count, fault in ((6000, "6000 > 256"), (200, "/standings/keys/0/contents/199")):
        made = with_forms([form("A", 3)], kind="finding_count", contents=["c"] * count, result="GOOD")
        del made["standings"]["keys"][0]["fact"]
        answer = post(own.key("viewer"), CHECK, {"document": made})
        assert answer.status_code == 200 and fault in answer.text and answer.json()["faults_total"] < 256
    assert memory(own, "VmHWM") - before < 48 * MIB


@pytest.mark.parametrize("places", [60, 5])
def test_what_people_left_open_in_a_form_is_not_gone_through_without_end(own, places):
    """Of a unit that has a form above nothing is open. Each such unit doubled the time: 50 held a worker for ever, and the stop. Where they do
    not have it, no more is gone through than what the standings may take."""
    trying = trial(with_forms([form("A", places), form("B", 60), form("C", 3)]), [ranked(i) for i in range(60)])
    decided = {"decided": "POSSIBLE", "by": "a", "at": "2024-12-01T00:00:00+07:00", "reason": "r", "legal_basis": "l"}
    trying["standings"] = {"forms": {"B": {"overrides": [{"unit_id": each["unit_id"], **decided} for each in trying["units"][:50]]}}}
    answer = post(own.key("viewer"), WHAT_IF, trying)
    assert answer.status_code == 200 and answer.elapsed.total_seconds() < 20, answer.text


def test_what_would_change_a_verdict_is_found_in_the_time_of_the_conditions_of_its_form(own):
    """And not of their square: 8,000 terms took 0.1 s for each unit."""
    def nested(depth, width):
        return "c0" if depth == 0 else {"all": [nested(depth - 1, width)] * width}
    trying = trial(with_forms([form("A", 3, eligible=nested(3, 20))], criteria=11), [ranked(i, ok=False) for i in range(60)])
    answer = post(own.key("viewer"), WHAT_IF, trying)
    assert answer.status_code == 200, answer.text
    assert [change["leaf"] for change in answer.json()["verdicts"][0]["changes"]] == ["l0"] and answer.elapsed.total_seconds() < 3


@pytest.mark.plain
def test_at_every_bound_neighbours_are_answered_and_memory_is_bounded_and_given_back(own):
    greedy, others, statuses, ended = own.key("viewer"), own.anonymous(), [], threading.Event()
    times = 1 if SANITIZED else 2  # the second shows that the memory of the first was given back
    resting = memory(own, "VmRSS")

    def ask():
        for path, body in AT_BOUND.values():
            for _ in range(times):
                statuses.append(greedy.post(path, json=body).status_code)
        ended.set()

    asking, waited = threading.Thread(target=ask), []
    asking.start()
    while not ended.wait(0.02):
        for path, status in (("/healthz", 200), ("/v1/units", 200), ("/v1/criteria-sets/products/diff?from=1&to=2", 404)):
            began = time.monotonic()
            assert others.get(path).status_code == status
            waited.append(time.monotonic() - began)
    asking.join()
    assert statuses == [status for status in (200, 200, 200, 422, 200) for _ in range(times)]
    assert max(waited) < 5, "an anonymous reader waited for somebody's trial"
    assert memory(own, "VmHWM") < 256 * MIB
    assert memory(own, "VmRSS") - resting < 32 * MIB


@pytest.mark.plain
def test_who_does_not_take_an_answer_holds_a_file_and_no_memory():
    """Each held what the work on its request had taken, also while workers took up the next one: of any key, without a bound together."""
    with running(THIDUA_TEMPORARY_MIB="64") as service:
        viewer, auditor, (path, body) = service.key("viewer"), service.key("auditor"), AT_BOUND["much text"]
        text, whole = json.dumps(body, separators=(",", ":")).encode(), post(viewer, path, body).content
        most, resting = 64 * MIB * 1024 // len(whole), memory(service, "VmRSS")
        held = lambda: Metrics(auditor).total("thidua_temporary_bytes")
        wait_until(lambda: held() == 0)
        with contextlib.ExitStack() as stack:
            slow = []
            for count in range(most):
                slow.append(stack.enter_context(raw(service, [f"POST {path} HTTP/1.1", "Content-Type: application/json", f"Content-Length: {len(text)}", "Connection: close"], viewer)))
                slow[-1].sendall(text)
                wait_until(lambda most=(count + 1) * len(whole): held() == most)
            assert most >= 4 and memory(service, "VmRSS") - resting < 48 * MIB
            no_room = lambda: Metrics(auditor).total("thidua_no_room_total")
            before, refused = no_room(), post(viewer, path, body)
            assert "temporary files" in problem(refused, 503, "unavailable")["detail"] and int(refused.headers["Retry-After"]) == 30
            wait_until(lambda: no_room() == before + 1)
            assert post(viewer, path, trial(rules([leaf(1)]), [unit()])).status_code == 200, "a short answer needs no file"
            with slow[0].makefile("rb") as answer:
                head, _, content = answer.read().partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ") and content == whole
        wait_until(lambda: held() == 0)
        assert post(viewer, path, body).content == whole


@pytest.mark.plain
def test_a_request_that_takes_more_memory_than_one_may_is_refused_by_itself():
    with running(THIDUA_REQUEST_MIB="16") as service:
        viewer, (path, body) = service.key("viewer"), AT_BOUND["many entries shown"]
        refused = problem(viewer.post(path, json=body), 422, "too-much-work")
        assert "memory" in refused["detail"]
        assert viewer.post(path, json=trial(rules([leaf(1)]), [unit()])).status_code == 200
        assert memory(service, "VmHWM") < 96 * MIB


def test_work_that_takes_longer_than_it_may_is_given_up_and_leaves_nothing():
    """Its rows are held on their way into PostgreSQL until its time is over."""
    with running(THIDUA_WORK_SECONDS="3") as service:
        made = LargeRound(service, 3000)
        before = made.stored()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            with service.holding("SELECT pg_advisory_lock(1)"):
                waiting = pool.submit(made.start)
                wait_until(lambda: made.held_at_gate() != [""])
                time.sleep(3.2)
            refused = problem(waiting.result(), 422, "too-much-work")
        assert "time" in refused["detail"] and made.stored() == before


def test_nobody_takes_all_that_long_work_may_have():
    """Of two workers for long work one key gets one, whatever it sends: who reads without a key is not made to wait for all of it."""
    path, body = AT_BOUND["much work"]
    with running() as service:
        greedy, others = service.key("viewer"), service.anonymous()
        asking = [threading.Thread(target=lambda: greedy.post(path, json=body)) for _ in range(12)]
        for thread in asking:
            thread.start()
        began = time.monotonic()
        assert others.get("/v1/criteria-sets/products/diff?from=1&to=2").status_code == 404
        alone = time.monotonic() - began
        for thread in asking:
            thread.join()
        assert alone < max(1.0, (time.monotonic() - began) / 2)


# ---- large rounds ----

def verdicts_read(service):
    """Idle connections of PostgreSQL tell what they have read after ten seconds."""
    time.sleep(11)
    return int(service.psql("SELECT coalesce(idx_tup_fetch, 0) + seq_tup_read FROM pg_stat_user_tables WHERE relname = 'verdicts'"))


def test_trials_and_lists_of_a_large_round_read_each_verdict_as_often_as_needed():
    """PostgreSQL takes an evaluation that its statistics do not know for one of few verdicts: a trial held each against all others, 60 s and 503 for
    10,000 contestants. And each page of a list was walked from the beginning of the list."""
    count, lists = 2000, 3
    with running() as service:
        made, auditor = LargeRound(service, count), service.key("auditor")
        first = made.start().json()["id"]
        made.start()
        service.psql("ANALYZE verdicts", user="postgres")
        before = verdicts_read(service)
        for _ in range(lists):
            assert auditor.get(f"/v1/evaluations/{first}/verdicts", headers={"Accept": "text/csv"}).status_code == 200
        listed = verdicts_read(service)
        assert count * lists <= listed - before < 2 * count * lists
        assert auditor.post(WHAT_IF, json={"campaign": made.code, "year": 2024, "changes": {
            made.units[0]: {"facts": {"index_achieved": {"value": "85"}}}}}).status_code == 200
        assert count <= verdicts_read(service) - listed < 20 * count


def enter(service, units, count):
    """So many initiatives of each, around the triggers, and the counters that those would raise."""
    told = service.psql(f"""
        SET session_replication_role = replica;
        INSERT INTO initiatives (unit_id, place, title, summary, kind, applied_from)
            SELECT unit_id::uuid, place, 'a', 'b', 'SOLUTION', '2024-02-01' FROM unnest('{{{",".join(units)}}}'::text[]) unit_id, generate_series(1, {count}) place;
        ANALYZE initiatives""", user="postgres")
    assert "ERROR" not in told, told
    stale(service, units)


def stale(service, units):
    """With numbers that the packer takes for packed, so that an evaluation reads snapshots."""
    assert "UPDATE" in service.psql(f"UPDATE unit_stamps SET stamp = stamp + 1, packed = stamp + 1 WHERE unit_id = ANY ('{{{','.join(units)}}}')", user="postgres")


@contextlib.contextmanager
def takes(service, most):
    """That the service takes no more than so many KiB more at any time."""
    with open(f"/proc/{service.process.pid}/clear_refs", "w", encoding="ascii") as peak:
        peak.write("5")  # forgets the peak
    before = memory(service, "VmRSS")
    yield
    assert memory(service, "VmHWM") - before < most


@pytest.mark.memory
def test_units_of_which_much_is_entered_are_read_one_by_one():
    """A page is so many units, and each may have thousands of entries: 300 units with 300 each took 43 MiB, 2000 with 15,000 would take gigabytes.
    By a second connection, all at once, and in the packer; what comes alone is judged in its place."""
    with running(THIDUA_REQUEST_MIB="16") as service:
        made = LargeRound(service, 10_050)
        service.psql("DROP TRIGGER gate ON verdicts", user="postgres")
        service.psql("ANALYZE", user="postgres")
        units = service.psql(f"SELECT unit_id FROM contestants WHERE campaign = '{made.code}' ORDER BY unit_id LIMIT 120").split()
        enter(service, units, 250)
        made.start()  # statements are prepared, and the rules compiled
        with takes(service, 12 * MIB):
            by_snapshots = made.start().json()
        assert by_snapshots["counts"]["contestants"] == 10_053
        home, body = made.clients["home_affairs"], {"as_of": by_snapshots["as_of"], "units": units}
        with takes(service, 6 * MIB):
            some = home.post(f"{made.path}/evaluations", json=body)
        assert some.status_code == 201, some.text
        with takes(service, 6 * MIB):
            service.psql(f"UPDATE unit_stamps SET packed = -1 WHERE unit_id = ANY ('{{{','.join(units)}}}')", user="postgres")
            made.clients["admin"].post("/v1/units", json={"name": "Đơn vị sau", "kind": "OTHER", "valid_from": "2020-01-01"})  # wakes the packer
            wait_until(lambda: service.psql("SELECT count(*) FROM unit_stamps WHERE packed <> stamp") == "0")
        assert service.psql(f"SELECT min(octet_length(facts)) > 32768 FROM packed_facts WHERE unit_id = ANY ('{{{','.join(units)}}}')") == "t"
        by_packed = made.start().json()
        assert [by_packed[name] for name in ("input_hash", "result_hash")] == [by_snapshots[name] for name in ("input_hash", "result_hash")]
        assert home.post(f"{made.path}/evaluations", json=body).json()["input_hash"] == some.json()["input_hash"]
        assert made.ok("auditor", "POST", f"/v1/evaluations/{by_packed['id']}/replay").json()["identical"] is True
        # Facts of all units that a trial changes are kept to its end, so it is given up where the first of them are too many.
        with takes(service, 40 * MIB):
            refused = made.clients["auditor"].post(WHAT_IF, json={"campaign": made.code, "year": 2024, "changes": {
                unit: {"facts": {"index_achieved": {"value": "85"}}} for unit in units}})
        assert "memory" in problem(refused, 422, "too-much-work")["detail"]


def register_many(service, held, count, cluster="NULL"):
    """Communes that nobody has found anything of, around the triggers."""
    told = service.psql(f"""
        SET session_replication_role = replica;
        CREATE TEMP TABLE made AS SELECT gen_random_uuid() AS id, i FROM generate_series(2, {count}) i;
        INSERT INTO units (id) SELECT id FROM made;
        INSERT INTO unit_stamps (unit_id, stamp, packed) SELECT id, 1, 1 FROM made;
        INSERT INTO unit_periods (unit_id, valid, name, kind) SELECT id, '[2020-01-01,)', 'Xã thử', 'COMMUNE' FROM made;
        INSERT INTO contestants (campaign, year, unit_id, group_name, cluster, on_assessed_list)
            SELECT '{held.campaign.rsplit("/", 1)[1]}', {held.year}, id, 'XA', {cluster}, false FROM made""", user="postgres")
    assert "ERROR" not in told, told


def test_more_clusters_with_places_than_standings_take_are_judged_and_not_ranked():
    """Each cluster with a place is a quota, and each quota made room for each group and cluster: 2,000 took 38 MiB, 4,000 all that a request may
    take, and from 512 on the fault was told as ours."""
    with running() as service:
        clients = {role: service.key(role) for role in ("admin", "home_affairs", "auditor", "chair_office")}
        held = Held(service, clients, forms_of(stored_form("CO", {"number": 1, "per": "CLUSTER"}), clusters=True), cap=20)
        held.unit(90, group="XA", kind="COMMUNE", cluster="1")
        register_many(service, held, 700, "'Cụm ' || i")
        answer = held.home.post(f"{held.round}/evaluations", json={})
        assert answer.status_code == 201, answer.text
        assert "NOT_RANKED" in [warning["code"] for warning in answer.json()["warnings"]]
        held.replays(answer.json()["id"])


@pytest.mark.memory
def test_a_trial_of_a_large_round_keeps_of_standings_only_what_it_tells():
    """With all that two standings say, and what they are made of, one of 20,000 contestants took 160 MiB and was refused, and the memory stayed."""
    with running(THIDUA_REQUEST_MIB="38") as service:
        made = LargeRound(service, 6000)
        service.psql("DROP TRIGGER gate ON verdicts; ANALYZE", user="postgres")
        assert made.start().status_code == 201
        resting = memory(service, "VmRSS")
        answer = made.clients["auditor"].post(WHAT_IF, json={"campaign": made.code, "year": 2024, "changes": {
            made.units[0]: {"facts": {"index_achieved": {"value": "85"}}}}})
        assert answer.status_code == 200, answer.text
        assert memory(service, "VmRSS") - resting < 16 * MIB


def test_lists_of_those_that_one_waits_for_are_bounded_over_all_forms_together():
    """Each form of award had a hundred thousand of its own: those of 1,200 contestants in four forms could not be read for their memory."""
    with running() as service:
        clients = {role: service.key(role) for role in ("admin", "home_affairs", "auditor", "chair_office")}
        held = Held(service, clients, forms_of(*[stored_form(f"F{i}", {"number": 2, "per": "GROUP"}) for i in range(4)]), cap=20)
        for score in (90, 80):
            held.unit(score, group="XA", kind="COMMUNE")
        register_many(service, held, 1200)
        shown = held.auditor.get(f"/v1/evaluations/{held.evaluate()}/standings").json()
        assert len(shown["items"]) == 4 * 1201
        assert sum(len(item["waits_for"]) for item in shown["items"]) <= 100_000
        assert all(item["waits_for"] for item in shown["items"] if item["status"] == "POSSIBLE" and item["rank"]), "each names one at least"
