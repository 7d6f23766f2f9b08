"""Each bound may be reached, but their product may not: a small request never takes memory or a worker away from its neighbours."""
import concurrent.futures
import contextlib
import json
import os
import shutil
import tempfile
import threading
import time

import pytest

from service import Service, problem, wait_until
from test_faults import LargeRound

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


@contextlib.contextmanager
def running(**environment):
    var = tempfile.mkdtemp(prefix="thidua-products-")
    os.chmod(var, 0o755)
    service = Service(var, **environment).start()
    try:
        yield service
    finally:
        assert service.stop() == 0
        shutil.rmtree(var, ignore_errors=True)


@pytest.fixture(scope="module")
def own():
    with running() as service:
        yield service


def memory(service, what):
    """KiB, as the system counts them. Sanitizers keep freed memory: nothing is asked of it there."""
    if os.environ.get("THIDUA_SANITIZED"):
        return 0
    with open(f"/proc/{service.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(what))


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


def test_at_every_bound_neighbours_are_answered_and_memory_is_bounded_and_given_back(own):
    greedy, others, statuses, ended = own.key("viewer"), own.anonymous(), [], threading.Event()
    resting = memory(own, "VmRSS")

    def ask():
        for path, body in AT_BOUND.values():
            for _ in range(2):
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
    assert statuses == [200] * 6 + [422] * 2 + [200] * 2
    assert max(waited) < 5, "an anonymous reader waited for somebody's trial"
    assert memory(own, "VmHWM") < 256 * MIB
    assert memory(own, "VmRSS") - resting < 32 * MIB


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
