"""/metrics: what Prometheus can read, and what the alerts of packaging/prometheus stand on."""
import concurrent.futures
import contextlib
import json
import re
import subprocess
import time
import uuid

import pytest
import yaml

from conftest import make_unit
from receiver import Receiver
from service import PROGRAM, ROOT, Client, Service, make_place, serving, wait_until
from test_tokens import SET, settings as of_tokens

SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="[^"\\\n]*",?)*)\})? (\S+)')


class Metrics(dict):
    """(name, labels) → value, of what an auditor is shown. `types`: name → counter, gauge or histogram."""

    def __init__(self, client):
        super().__init__()
        self.types, told = {}, set()
        for line in client.get("/metrics").text.splitlines():
            if line.startswith("# HELP "):
                told.add(line.split()[2])
            elif line.startswith("# TYPE "):
                _, _, name, kind = line.split()
                assert name in told and name not in self.types, line
                self.types[name] = kind
            else:
                name, labels, value = SAMPLE.fullmatch(line).groups()
                assert self.base(name) in self.types, line
                assert (name, labels) not in self, line
                self[name, labels] = float(value)

    def base(self, name):
        return name if name in self.types else re.sub(r"_(bucket|sum|count)$", "", name)

    def total(self, name, part=""):
        return sum(value for (other, labels), value in self.items() if other == name and part in (labels or ""))


@pytest.fixture(scope="module")
def auditor(service):
    return service.key("auditor")


def test_counters_and_gauges_are_named_as_prometheus_does(auditor):
    metrics = Metrics(auditor)
    for name, kind in metrics.types.items():
        assert re.match(r"(thidua|process)_", name)
        assert (kind == "counter") == name.endswith("_total"), name
        if "seconds" in name and kind != "histogram":
            assert name.endswith(("_seconds", "_seconds_total")), name


def test_refusals_are_counted_by_reason(service, auditor):
    before = Metrics(auditor)
    anyone = service.anonymous()
    for path, reason, times in (("/v1/nothing", "not-found", 3), ("/v1/keys", "unauthenticated", 2), ("/v1/units?nonsense=1", "invalid-query", 1)):
        for _ in range(times):
            told = anyone.get(path).json()["type"].rsplit(":", 1)[-1]
            assert told == reason, told
        after = Metrics(auditor)
        assert after.total("thidua_refusals_total", f'reason="{reason}"') - before.total("thidua_refusals_total", f'reason="{reason}"') >= times


def test_reasons_that_never_came_are_counted_too(auditor):
    """`increase()` does not see the first event of a counter that begins with it: an alert on a rare reason never fired."""
    told = {labels for name, labels in Metrics(auditor) if name == "thidua_refusals_total"}
    types = re.findall(r'^PROBLEM\(\w+, \d+, "([a-z-]+)"', (ROOT / "src/http/problem.def").read_text(encoding="utf-8"), re.M)
    assert len(types) > 20 and told == {f'reason="{kind}"' for kind in types}


def test_every_refusal_has_a_reason_and_every_status_is_itself(auditor):
    """However many tests ran before on this service."""
    metrics = Metrics(auditor)
    refused = sum(value for (name, labels), value in metrics.items() if name == "thidua_requests_total" and re.search(r'status="[45]', labels))
    assert metrics.total("thidua_refusals_total") >= refused > 0
    auditor.get("/v1/units", params={"limit": "x"}), auditor.get("/v1/nothing"), auditor.get("/v1/units", headers={"Accept": "image/png"})
    after = Metrics(auditor)

    def grown(status):
        return after.total("thidua_requests_total", f'status="{status}"') - metrics.total("thidua_requests_total", f'status="{status}"')
    assert [grown(status) for status in (400, 404, 406)] == [1, 1, 1] and grown(0) == 0  # 0: the caller left before the answer


def test_an_event_stream_is_a_request_but_no_latency(service, auditor):
    def of_stream(name):
        return Metrics(auditor).total(name, 'route="/v1/events/stream"')

    count, timed = of_stream("thidua_requests_total"), of_stream("thidua_request_seconds_count")
    with auditor.get("/v1/events/stream", stream=True) as stream:
        assert stream.status_code == 200
        wait_until(lambda: Metrics(auditor).total("thidua_event_listeners") >= 1)
    # That it has ended shows when something is sent: at an event, or after half a minute.
    wait_until(lambda: service.key("viewer") and of_stream("thidua_requests_total") > count)
    assert of_stream("thidua_request_seconds_count") == timed
    refused = service.anonymous().get("/v1/events/stream", headers={"Accept": "image/png"})
    assert refused.status_code == 406
    wait_until(lambda: of_stream("thidua_request_seconds_count") == timed + 1)  # a refusal is as quick as any; it is counted behind its answer


def test_the_process_tells_of_itself(service, auditor):
    metrics = Metrics(auditor)
    value = metrics.total
    assert re.fullmatch(r'version="\d+\.\d+\.\d+",commit="[0-9a-z-]+"', next(labels for name, labels in metrics if name == "thidua_build_info"))
    assert 0 < value("process_cpu_seconds_total") < 3600 and value("process_virtual_memory_bytes") > value("process_resident_memory_bytes") > 1 << 20
    assert 10 < value("process_open_fds") < value("process_max_fds")
    with open(f"/proc/{service.process.pid}/stat", encoding="ascii") as file:
        ticks = int(file.read().rsplit(")", 1)[1].split()[19])
    with open("/proc/uptime", encoding="ascii") as file:
        began = time.time() - float(file.read().split()[0]) + ticks / 100
    assert abs(value("process_start_time_seconds") - began) < 5
    assert value("thidua_queue_length") == 256 and value("thidua_workers") == 4


def test_the_start_of_a_process_does_not_change(auditor):
    """`ThiduaRestarting` counts how often it does. It was read anew each time, from whole seconds of two clocks: within a second it had two values."""
    def start():
        time.sleep(0.05)
        return re.search(r"^process_start_time_seconds (.*)$", auditor.get("/metrics").text, re.M)[1]

    assert len({start() for _ in range(20)}) == 1


def test_evaluations_are_counted_with_their_units_and_seconds(service, auditor):
    before = Metrics(auditor)
    officer = service.key("home_affairs")
    refused = officer.post("/v1/campaigns/230-KH-UBND/rounds/2024/evaluations", json={"units": [str(uuid.uuid4())]})
    assert refused.status_code == 422, refused.text
    made = officer.post("/v1/campaigns/230-KH-UBND/rounds/2024/evaluations", json={})
    assert made.status_code == 201, made.text
    after = Metrics(auditor)

    def grown(name):
        return after.total(name) - before.total(name)
    assert grown("thidua_evaluations_total") >= 1 and grown("thidua_evaluations_failed_total") >= 1
    assert grown("thidua_evaluated_units_total") >= made.json()["counts"]["contestants"]
    assert grown("thidua_evaluation_seconds_total") > 0


def test_lags_are_told_in_seconds(auditor):
    metrics = Metrics(auditor)
    assert 0 <= metrics.total("thidua_journal_lag_seconds") < 30
    assert metrics.types["thidua_webhook_lag_seconds"] == "gauge" and metrics.total("thidua_webhook_lag_seconds") >= 0


def test_what_alerts_stand_on_moves_with_what_it_tells_of(tmp_path):
    """A gauge that always says 0 is never behind."""
    (tmp_path / "jwks.json").write_text(json.dumps(SET), encoding="utf-8")
    with serving(Service(make_place(), THIDUA_WORKERS="2", THIDUA_WEBHOOK_ALLOW="127.0.0.1", **of_tokens(tmp_path / "jwks.json"))) as service, \
            contextlib.closing(Receiver(lambda message: 500)) as receiver:
        admin, auditor = service.key("admin"), service.key("auditor")
        assert admin.post("/v1/webhooks", json={"url": receiver.url}).status_code == 201

        def are(**wanted):
            """All of them at once, by their names without `thidua_`: numbers, or what they have to be."""
            def look():
                metrics = Metrics(auditor)
                told = {name: metrics.total(f"thidua_{name}") for name in wanted}
                return all(told[name] == test if isinstance(test, int) else test(told[name]) for name, test in wanted.items())
            wait_until(look)

        are(journal_lag=0, journal_lag_seconds=lambda seconds: seconds < 1, queue_depth=0, workers_busy=0, jwks_keys=len(SET["keys"]))
        with service.holding("SELECT pg_advisory_xact_lock(7468696476)") as release:  # which another session has for long, as the runbook says
            make_unit(admin)
            are(journal_lag=lambda rows: rows >= 1, journal_lag_seconds=lambda seconds: seconds > 1, jwks_age_seconds=lambda seconds: seconds > 1)
            release()
            are(journal_lag=0, journal_lag_seconds=lambda seconds: seconds < 1)
        wait_until(lambda: receiver.messages)
        are(webhook_lag=lambda events: events >= 1, webhook_lag_seconds=lambda seconds: seconds >= 1, webhook_failed_total=lambda attempts: attempts >= 1)
        with service.holding("LOCK TABLE units IN ACCESS EXCLUSIVE MODE") as release, concurrent.futures.ThreadPoolExecutor(5) as pool:
            writes = [pool.submit(make_unit, Client(service.base, admin.key)) for _ in range(5)]
            are(workers_busy=2, queue_depth=3)
            release()
            assert all(write.result()["id"] for write in writes)
        are(workers_busy=0, queue_depth=0)


def test_what_is_not_there_has_no_sample(auditor):
    metrics = Metrics(auditor)
    assert metrics.types["thidua_jwks_age_seconds"] == "gauge" and ("thidua_jwks_age_seconds", None) not in metrics


# ---- packaging/: what alerts and panels ask for ----

RULES = yaml.safe_load((ROOT / "packaging/prometheus/thidua.rules.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
CASES = yaml.safe_load((ROOT / "packaging/prometheus/thidua.test.yml").read_text(encoding="utf-8"))["tests"]
PANELS = json.loads((ROOT / "packaging/grafana/thidua.json").read_text(encoding="utf-8"))["panels"]
EXPRESSIONS = {**{rule["alert"]: rule["expr"] for rule in RULES},
               **{panel["title"]: " ".join(target["expr"] for target in panel["targets"]) for panel in PANELS}}


def names_in(expression):
    return set(re.findall(r"\b(?:thidua|process)_[a-z_]+", expression))


@pytest.mark.parametrize("title", EXPRESSIONS)
def test_what_alerts_and_panels_ask_for_is_there(auditor, title):
    metrics, expression = Metrics(auditor), EXPRESSIONS[title]
    assert names_in(expression) or re.match(r"up\b", expression)
    for name in names_in(expression):
        assert metrics.base(name) in metrics.types, name
        counted = metrics.types[metrics.base(name)] != "gauge"
        assert counted == bool(re.search(rf"(?:rate|increase)\({name}\b", expression)), f"{name} is a {metrics.types[metrics.base(name)]}"
    types = set(re.findall(r"urn:thidua:problem:([a-z-]+)", " ".join((ROOT / "openapi.yaml").read_text(encoding="utf-8").split())))
    types |= set(re.findall(r'PROBLEM\(\w+, \d+, "([a-z-]+)"', (ROOT / "src/http/problem.def").read_text(encoding="utf-8")))
    for reasons in re.findall(r'reason=~?"([^"]+)"', expression):
        assert set(reasons.split("|")) <= types
    for routes in re.findall(r'route!~"/\(([a-z|]+)\)"', expression):
        assert all(auditor.get(f"/{route}").ok and Metrics(auditor).total("thidua_requests_total", f'route="/{route}"') for route in routes.split("|"))


def test_every_metric_of_the_service_has_a_panel(auditor):
    shown = {Metrics(auditor).base(name) for panel in PANELS for target in panel["targets"] for name in names_in(target["expr"])}
    assert shown == set(Metrics(auditor).types)


def test_each_alert_has_its_row_of_the_runbook_and_two_cases():
    rows = re.findall(r"^\| `(Thidua\w+)` \| (.+) \| (.+) \|$", (ROOT / "docs/operation.md").read_text(encoding="utf-8"), re.M)
    names = [rule["alert"] for rule in RULES]
    assert [name for name, _, _ in rows] == names and len(set(names)) == len(names)
    for rule in RULES:
        assert rule["labels"]["severity"] in ("page", "ticket") and rule["alert"] in rule["annotations"]["runbook"]
        tried = [bool(check["exp_alerts"]) for case in CASES for check in case["alert_rule_test"] if check["alertname"] == rule["alert"]]
        assert set(tried) == {False, True}, rule["alert"]


def test_the_runbook_names_settings_and_lines_of_the_log_that_there_are():
    text = (ROOT / "docs/operation.md").read_text(encoding="utf-8")
    settings = subprocess.run([PROGRAM, "settings", "--table"], capture_output=True, text=True, check=True).stdout
    for name in set(re.findall(r"\bTHIDUA_[A-Z_]+", text)):
        assert f"`{name}`" in settings, name
