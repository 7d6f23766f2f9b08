import atexit
import gc
import itertools
import json
import os
import re
import shutil
import tempfile
import uuid
import zlib

import pytest

from contract import resolve
from growing import MISCOUNTED, MISKEPT
from service import ROLES, ROOT, SANITIZED, Service, make_place, serving, wait_until

PLAN_FILE = ROOT / "campaigns/230-KH-UBND.json"
PLAN = json.loads(PLAN_FILE.read_text(encoding="utf-8"))


MEMORY, ROOM = "/dev/shm", 4 << 30  # a file system in memory, and what must be free there


def make_scratch():
    """Where everything that tests write lies: in memory if there is room. Some hundred databases are copied, and what a file
    system on a disk costs for each is more than what the service costs."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM
    scratch = tempfile.mkdtemp(prefix="thidua-", dir=MEMORY if roomy and "TMPDIR" not in os.environ else None)
    os.chmod(scratch, 0o755)  # started by root, PostgreSQL runs as another user, who must get in
    return scratch


def pytest_configure(config):
    """One scratch directory for the run, also where several processes share its tests; in it the empty database that services
    begin with."""
    gc.disable()  # the tests that are collected stay until the end: to look through them for garbage is a fifth of the work
    config.addinivalue_line("markers", "plain: asks for memory or time that sanitizers change, so ./check asks it without them, too")
    config.addinivalue_line("markers", "memory: asks for nothing else, so ./check asks it only without sanitizers")
    if "THIDUA_TEMPLATE" not in os.environ:
        scratch = make_scratch()
        atexit.register(shutil.rmtree, scratch, ignore_errors=True)  # after pytest's own, which was registered later
        os.environ.update(TMPDIR=scratch, THIDUA_TEMPLATE=f"{scratch}/template")
        os.mkdir(os.environ["THIDUA_TEMPLATE"], 0o755)
        tempfile.tempdir = None  # it is asked for again


# What reads whole lists comes while they are short; then what takes longest, so that no process is left alone with it at the end.
FIRST = ["list_queries", "export_lists", "header_fields", "docs_browser", "products", "model", "private_database", "generated_client", "decisions",
         "two_instances", "examples", "not_yet", "standbys", "restart", "front_page", "instants", "search", "tokens", "webhooks", "story"]


# ./check runs each test once: under sanitizers, or in a run without them beside it (THIDUA_REST), and in both what is marked `plain`.
# Only without them runs what tells nothing of the program's memory: the pages, and browsers and generated clients, whose calls others make
# too; examples for a shell; what is packaged; what asks PostgreSQL alone about statements and their plans; the text of the contract; what
# reads a trial's samples; and what preloads a library of its own.
REST = bool(os.environ.get("THIDUA_REST"))
PLAIN = ["docs", "docs_browser", "front_page", "browser", "generated_client", "outside_events", "examples", "packaging", "backup", "compose",
         "proxy_examples", "database_roles", "statements", "list_orders", "growth", "names", "contract", "judge", "soak", "name_service", "skewed_clock"]
collect_ignore = [f"test_{name}.py" for name in PLAIN] if SANITIZED else []

# Of a test that asks FAMILY routes or more the same, one of EVERY of them is asked under sanitizers, the others without. What is a route's
# own code the tests of its feature run, and WHOLE: every operation with its whole body, and every write as a rehearsal, which a last test counts.
EVERY, FAMILY, WHOLE = 4, 12, {"test_body_examples", "test_safe_writes"}


def is_route(value):
    """(method, path), or a path of the API without values that a test would be about."""
    if isinstance(value, tuple) and len(value) == 2:
        return value[0] in ("GET", "PUT", "POST", "PATCH", "DELETE") and str(value[1]).startswith("/v1/")
    return isinstance(value, str) and re.fullmatch(r"/v1/[\w{}/-]+", value) is not None


def parameters(item):
    return item.callspec.params.values() if hasattr(item, "callspec") else []


def spread(items):
    """What of `items` is not asked under sanitizers. Each test begins at another route, so that together they ask all of them."""
    families = {}
    for item in items:
        if item.path.stem not in WHOLE and any(map(is_route, parameters(item))):
            families.setdefault((item.path.stem, item.originalname), []).append(item)
    return {item for name, family in families.items() if len(family) >= FAMILY
            for number, item in enumerate(family) if (number + zlib.crc32(" ".join(name).encode())) % EVERY}


def pytest_collection_modifyitems(config, items):
    place = {f"test_{name}": number for number, name in enumerate(FIRST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))
    if SANITIZED or REST:
        plain = spread(items) | {item for item in items if item.path.stem.removeprefix("test_") in PLAIN or item.get_closest_marker("memory")}
        kept = [item for item in items if item not in plain] if SANITIZED else \
            [item for item in items if item in plain or item.get_closest_marker("plain")]
        config.hook.pytest_deselected(items=list(set(items) - set(kept)))
        items[:] = kept


def pytest_collection_finish():
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def service():
    """One service for the whole run. Tests share its database, so each makes its own units."""
    with serving(Service(make_place())) as running:
        loaded = running.command("load", str(PLAN_FILE))
        assert loaded.returncode == 0, loaded.stderr
        yield running
        facts_are_true(running)
        counts_are_true(running)
        types_are_told(running)
        acts_are_told(running)


def facts_are_true(service):
    """After everything that all tests wrote: each contestant's packed facts are those of the tables."""
    wait_until(lambda: service.psql("SELECT count(*) FROM unit_stamps WHERE packed <> stamp") == "0")
    told = service.command("verify").stdout
    assert "\ntrue: " in told, told


def counts_are_true(service):
    """After everything that all tests wrote: a round shows as many as there are, and keeps the days on which nominees came and were awarded."""
    assert service.psql(MISCOUNTED) == ""
    assert service.psql(MISKEPT) == ""


def types_are_told(service):
    """After everything that its tests wrote: openapi.yaml names every type of event that the journal holds."""
    told = resolve({"$ref": "#/components/schemas/JournalType"})["enum"]
    assert set(service.psql("SELECT DISTINCT type FROM journal").split()) <= set(told), "add these to src/journal/event.def and openapi.yaml"


# What begins something, or only tells of it, has nothing before it.
BEGINNINGS = (r".*\.created|award\.(published|revoked)|certificate\.issued|contestant\.entered|criteria_set\.drafted|deadline\..*|discipline\.recorded|"
              r"document\.stored|evaluation\..*|finding\.recorded|proceeding\.opened|register\.declared|report\.filed|standing\.overridden|tie\.decided|"
              r"verdict\.changed|webhook\.(tested|resent)")
# Acts that the service takes for a reason alone.
REASONED = ["campaign.criteria_set_taken", "decision.cancelled", "discipline.changed", "dossier.accepted_late", "dossier.returned", "dossier.taken_back",
            "initiative.annulled", "initiative.refused", "proceeding.closed", "proceeding.reopened", "proposal.returned", "quota.allocated",
            "round.appraisal_resumed", "round.parameters_set", "round.reopened", "scorecard.explained", "scorecard.reopened", "scorecard.returned",
            "standing.overridden", "tie.decided"]


def acts_are_told(service):
    """After everything that its tests wrote: the journal holds what was there before each change, and for which reason it was made."""
    reasoned = ", ".join(f"'{name}'" for name in REASONED)
    untold = service.psql(f"""SELECT DISTINCT type, before IS NULL AS nothing_before, reason IS NULL AS no_reason FROM journal
        WHERE actor_kind IN ('KEY', 'TOKEN') AND (before IS NULL AND type !~ '^({BEGINNINGS})$' OR reason IS NULL AND type IN ({reasoned}))""")
    assert untold == "", untold


@pytest.fixture(scope="module")
def fresh_service(request):
    """A service of the module's own with an empty database, for tests that fill it with the real world or need its clock fixed:
    NOW = "2025-07-02T08:00:00+07:00" in the module."""
    with serving(Service(make_place(), now=getattr(request.module, "NOW", None))) as running:
        yield running
        types_are_told(running)
        acts_are_told(running)


@pytest.fixture
def var():
    """A folder for services that the test starts, stops and starts again."""
    made = make_place()
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def clients(service):
    """role → client; `unit` is bound to a unit of its own, clients["unit"].unit; `anyone` has no key."""
    made = {role: service.key(role) for role in ROLES if role != "unit"}
    made["anyone"] = service.anonymous()
    own = make_unit(made["admin"])
    made["unit"] = service.key("unit", own["id"])
    made["unit"].unit = own["id"]
    return made


_numbers = itertools.count(1)


def make_unit(admin, **fields):
    """A fresh unit with a name of its own."""
    body = {"name": f"Đơn vị {next(_numbers)} {uuid.uuid4().hex[:8]}", "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01",
            "confirm_duplicate": True}  # tests share a database, and some name their units alike
    response = admin.post("/v1/units", json={**body, **fields})
    assert response.status_code == 201, response.text
    return {**response.json(), "etag": response.headers["ETag"]}


@pytest.fixture(scope="session")
def unit(clients):
    """A maker of units: unit(name=…, kind=…)."""
    return lambda **fields: make_unit(clients["admin"], **fields)


def make_campaign(service, **changes):
    """Loads a campaign of its own with rounds of its own; returns its path. `changes` go over plan 230."""
    plan = {**PLAN, "code": f"T-{uuid.uuid4().hex[:12]}", **changes}
    load_plan(service, plan)
    return f"/v1/campaigns/{plan['code']}"


def load_plan(service, plan):
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(plan, file)
        file.flush()
        done = service.command("load", file.name)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def campaign(service):
    """The path of a campaign that no other test knows."""
    return make_campaign(service)


@pytest.fixture
def round_2024(campaign):
    return f"{campaign}/rounds/2024"
