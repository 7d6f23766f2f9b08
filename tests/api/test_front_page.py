"""The front page in a real browser, over the demo's data: who sees what, that it asks for nothing else, and that everybody can use it."""
import json
import re
import subprocess
import sys

import pytest
import requests
from selenium.webdriver.common.keys import Keys

import npm
from conftest import PLAN, PLAN_FILE, load_plan
from service import PROGRAM, ROOT, Client, Service, make_place, serving, wait_until
from test_browser import browser, portal  # noqa: F401
from test_docs_browser import RUN, axe  # noqa: F401
from test_papers import DOCX

sys.path.append(str(ROOT / "demo"))
from nominees import ROUND  # noqa: E402

ROLES = [None, "viewer", "unit", "home_affairs", "initiative_council", "chair_office", "auditor", "admin"]
OFFICES = {"home_affairs", "chair_office", "auditor"}
EVIL = """Sở <script>window.ran = 1</script> "A" & 'B' <img src=x onerror="window.ran = 2">"""
# Before any script of the page: what it fetches, with which fields, and what it is answered.
WATCH = """
window.calls = []; window.painted = [];
const bare = window.fetch;
window.fetch = async (path, options = {}) => {
  const call = {path: String(path), method: options.method ?? "GET", body: options.body ?? null, headers: options.headers ?? {}, status: null, text: ""};
  window.calls.push(call);
  const answer = await bare(path, options);
  call.status = answer.status;
  if (!String(answer.headers.get("Content-Type")).startsWith("text/event-stream")) answer.clone().text().then(text => { call.text = text; });
  return answer;
};
new PerformanceObserver(list => window.painted.push(...list.getEntries().map(e => [e.identifier, e.renderTime]))).observe({type: "element", buffered: true});
"""
# The board is read once for the page, and once when the stream is open.
SETTLED = """calls.filter(call => call.path.endsWith("/board")).length > 1 && calls.every(call => call.path.endsWith("/stream") ? call.status : call.text) && calls"""
AWAIT = """
const done = arguments[arguments.length - 1];
const look = () => { let found; try { found = CONDITION; } catch { /* a part of it is not there yet */ } if (found) done(found === true || Array.isArray(found) ? found : true); else requestAnimationFrame(look); };
look();
"""
SHOWN = """
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = [document.title];
while (walk.nextNode()) if (!walk.currentNode.parentElement.closest("script, style, noscript") && walk.currentNode.parentElement.checkVisibility()) texts.push(walk.currentNode.data);
for (const node of document.querySelectorAll("[aria-label], [placeholder]")) texts.push(node.getAttribute("aria-label") ?? "", node.getAttribute("placeholder") ?? "");
return texts;
"""


class Held:
    """The demo's data, one evaluation, and a contestant whose name is meant to break out of text."""

    def __init__(self, service):
        self.service = service
        keys = service.var / "keys.json"
        assert self.service.command("load", str(PLAN_FILE), str(ROOT / "campaigns/79-KH-UBND-MAU.json")).returncode == 0
        subprocess.run([sys.executable, str(ROOT / "demo/load.py"), PROGRAM, self.service.base, str(keys)], env=self.service.environment, check=True, timeout=120)
        self.keys = json.loads(keys.read_text(encoding="utf-8"))
        self.admin, self.home, self.other = (self.client(role) for role in ("admin", "home_affairs", "home_affairs_of_another_body"))
        self.province = self.admin.get("/v1/units", params={"kind": "PROVINCE"}).json()["items"][0]["id"]
        self.evil = self.contestant(EVIL)
        self.evaluate()

    def client(self, role):
        return Client(self.service.base, self.keys.get(role))

    def contestant(self, name):
        unit = self.done(self.admin.post("/v1/units", json={"name": name, "kind": "PROVINCIAL_BODY", "parent_id": self.province, "valid_from": "2024-01-01"}))["id"]
        self.done(self.other.put(f"{ROUND}/contestants/{unit}", json={
            "group": "SO_BAN_NGANH", "on_assessed_list": True, "advises_par": True, "source_document": "12/QĐ-SNV"}))
        return unit

    def publish(self, number):
        """What has a sure place is proposed, signed and published."""
        chair, evaluation = self.client("chair_office"), self.evaluate()
        sure = [{"unit_id": row["unit_id"]} for row in self.board("auditor")["matrix"]["items"] if row["status"] == "SECURE"]
        path = "/v1/proposals/" + self.done(self.other.post(f"{ROUND}/proposals", json={"evaluation_id": evaluation, "letter_number": "1082/TTr-SNV", "units": sure}))["id"]
        self.done(self.other.post(f"{path}/transitions", json={"action": "submit", "reason": "Hội nghị đã qua"}, headers={"If-Match": self.other.get(path).headers["ETag"]}))
        decision = "/v1/decisions/" + self.done(chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": path.rsplit("/", 1)[1]}))["id"]
        self.done(chair.post(f"{decision}/sign", json={"number": number}, headers={"If-Match": chair.get(decision).headers["ETag"]}))
        self.done(chair.post(f"{decision}/publish", headers={"If-Match": chair.get(decision).headers["ETag"]}))

    def evaluate(self):
        return self.done(self.home.post(f"{ROUND}/evaluations", json={}))["id"]

    def board(self, role):
        return self.client(role).get(f"{ROUND}/board").json()

    def done(self, answer):
        assert answer.status_code in (200, 201), answer.text
        return answer.json()


@pytest.fixture(scope="module")
def held():
    with serving(Service(make_place())) as service:
        yield Held(service)


class Page:
    def __init__(self, browser, held):  # noqa: F811
        self.browser, self.held = browser, held
        browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})

    def run(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def open(self, role=None, width=1300, scheme="light", language="vi", at=""):
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500})
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.browser.get(f"{self.held.service.base}/healthz")
        self.run("sessionStorage.clear(); localStorage.clear(); localStorage.setItem('language', arguments[0]); if (arguments[1]) sessionStorage.setItem('key', arguments[1])",
                 language, self.held.keys.get(role))
        self.browser.get_log("browser")
        self.browser.get(f"{self.held.service.base}/{at}")
        self.until("document.querySelector('#awards:not([hidden]), #unit:not([hidden])') && document.querySelector('#live.on')")
        return self

    def online(self, yes):
        self.browser.execute_cdp_cmd("Network.enable", {})
        self.browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": [] if yes else ["*/v1/*"]})

    def until(self, condition):
        """The page itself looks at each of its frames, so that nobody asks it in vain meanwhile."""
        return self.browser.execute_async_script(AWAIT.replace("CONDITION", condition))

    def settled(self):
        """Every request but the stream has been answered, and what was answered stands there."""
        return self.until(SETTLED)

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def shows(self, name):
        return self.run("return document.getElementById(arguments[0]).checkVisibility()", name)

    def press(self, *keys):
        for key in keys:
            self.browser.switch_to.active_element.send_keys(key)
        return self.browser.switch_to.active_element

    def tab_to(self, selector):
        for _ in range(80):
            if self.run("return document.activeElement.matches(arguments[0])", selector):
                return self.browser.switch_to.active_element
            self.press(Keys.TAB)
        raise AssertionError(f"Tab does not lead to {selector}")


@pytest.fixture(scope="module")
def window(browser, held):  # noqa: F811
    return Page(browser, held)


WORD = re.compile(r"[^\W\d_]{2,}")
OWN_WORDS = {word for text in re.findall(r'"((?:[^"\\]|\\.)*)"', (ROOT / "web/text.js").read_text(encoding="utf-8")) for word in WORD.findall(text)}


# ---- who sees what ----

@pytest.mark.parametrize("role", ROLES)
def test_it_asks_only_reads_and_shows_only_what_is_answered(window, held, role):
    """Every request is a GET under /v1 with the caller's key, none is refused, and no word on the page comes from elsewhere."""
    window.open(role)
    calls = window.settled()
    key = held.keys.get(role)
    for call in calls:
        assert call["method"] == "GET" and call["body"] is None and call["path"].startswith("/v1/") and call["status"] == 200, call
        assert call["headers"].get("Authorization") == (f"Bearer {key}" if key else None), call
    loaded = window.run("return performance.getEntriesByType('resource').map(e => e.name)")
    assert loaded and all(name.startswith(f"{held.service.base}/v1/") for name in loaded), "it loads something else"
    if key:
        assert key not in " ".join(loaded) + window.run("return location.href + JSON.stringify(localStorage) + document.documentElement.outerHTML")
    answered = {word for call in calls for word in WORD.findall(call["text"])}
    strange = {word for text in window.run(SHOWN) for word in WORD.findall(text)} - answered - OWN_WORDS - {"thidua", "CSV", "XLSX", "DOCX", "PDF"}
    assert strange == set(), "words that no answer holds"
    assert [entry["message"] for entry in window.browser.get_log("browser")] == []
    each_part_is_there_where_the_api_answers_it(window, held, role)


def each_part_is_there_where_the_api_answers_it(window, held, role):
    board = held.board(role)
    assert window.shows("phase") and window.shows("funnel") and window.shows("places") and window.shows("awards")
    assert window.shows("matrix") == (board["matrix"] is not None) == (role in OFFICES | {"unit"})
    assert window.shows("duties") == (board["overdue"] is not None)
    if role in OFFICES:
        window.until("!document.getElementById('standings').hidden")
    assert window.shows("standings") == (role in OFFICES)
    steps = [step for step in ("registered", "nominated", "appraised", "eligible", "proposed", "awarded") if board["funnel"]["total"][step] is not None]
    assert window.run("return [...document.querySelectorAll('.funnel strong')].map(e => Number(e.textContent))") == [board["funnel"]["total"][step] for step in steps]
    labels = {item["unit_label"] for item in board["matrix"]["items"]} if board["matrix"] else set()
    assert set(window.run("return [...document.querySelectorAll('.row .name a')].map(e => e.textContent)")) == labels
    words = window.text("main")
    if role not in OFFICES | {"unit"}:
        known = {item["unit_label"] for item in held.board("auditor")["matrix"]["items"]}
        assert [name for name in known if name in words] == [], "the public learns who contends"


def test_names_are_text_and_never_markup(window, held):
    window.open("home_affairs", at=f"#230-KH-UBND/2024/unit/{held.evil}").settled()
    assert window.text("#unit h2") == EVIL
    window.open("home_affairs").settled()
    assert EVIL in window.run("return [...document.querySelectorAll('.row .name a')].map(e => e.textContent)")
    assert window.run("return [window.ran ?? null, document.querySelectorAll('main img, main script').length]") == [None, 0]
    with pytest.raises(Exception, match="TrustedHTML"):
        window.run("document.createElement('p').innerHTML = '<b>x</b>'")


def hostile(value):
    """Every text for people in a plan, made to break out of text."""
    if isinstance(value, dict):
        return {name: f"{EVIL.replace('Sở', 'Kế hoạch')} {item}" if name in ("vi", "en", "quote", "printed_number", "issuer") and isinstance(item, str) else hostile(item)
                for name, item in value.items()}
    return [hostile(item) for item in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def hostile_round(held):
    """(its address on the page, units): a plan whose every text is hostile, and names that know no end or run from right to left."""
    plan = {**hostile(PLAN), "code": "HOSTILE"}
    plan["criteria_set"]["name"] = "HOSTILE"
    load_plan(held.service, plan)
    units = []
    for name in (EVIL, "W" * 190, "שלום عربى <b>x</b> " + "z" * 100):
        unit = held.done(held.admin.post("/v1/units", json={"name": name, "kind": "PROVINCIAL_BODY", "parent_id": held.province, "valid_from": "2024-01-01",
                                                            "confirm_duplicate": True}))["id"]
        units.append(unit)
        held.done(held.home.put(f"/v1/campaigns/HOSTILE/rounds/2024/contestants/{unit}", json={
            "group": "SO_BAN_NGANH", "cluster": "<b>1</b>", "on_assessed_list": True, "advises_par": True, "source_document": "<b>12</b>/QĐ-SNV"}))
    held.done(held.home.post("/v1/campaigns/HOSTILE/rounds/2024/evaluations", json={}))
    return "#HOSTILE/2024", units


@pytest.mark.parametrize("width", [1300, 390])
def test_no_text_of_a_plan_or_a_name_is_markup_or_spoils_the_page(window, hostile_round, width):
    at, units = hostile_round
    watch = "window.violated = []; document.addEventListener('securitypolicyviolation', event => violated.push(event.violatedDirective));"
    added = window.browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": watch})["identifier"]
    for path in (at, *(f"{at}/unit/{unit}" for unit in units)):
        window.open("home_affairs", width, at=path).settled()
        if path == at:
            window.run("document.querySelector('.cell').click()")
            window.until("document.querySelector('dialog blockquote')")
            assert "onerror" in window.text("dialog")
        assert "onerror" in window.text("main") or path.endswith(units[1]) or path.endswith(units[2])
        assert window.run("return [window.ran ?? null, document.querySelectorAll(':is(main, dialog) :is(img, script, b)').length, violated]") == [None, 0, []], path
        assert window.run("return document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"
    window.browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", {"identifier": added})


@pytest.mark.parametrize("unit", ["00000000-0000-4000-8000-000000000000", "%3Cimg%20src=x%20onerror=window.ran=9%3E", "..%2F..%2Fhealthz"])
def test_an_address_of_a_unit_that_is_not_there_shows_the_round_and_says_so(window, unit):
    window.open("home_affairs", at=f"#230-KH-UBND/2024/unit/{unit}").settled()
    assert window.shows("phase") and window.text("#notice") and window.run("return window.ran ?? null") is None


@pytest.mark.parametrize("key", ["<img src=x onerror=window.ran=3>", "a b", "é" * 10, "x" * 20000, "x" * 60000, "a\r\nOrigin: https://b.example"],
                         ids=["markup", "blank", "no ASCII", "long", "too long", "lines"])
def test_a_key_that_no_field_takes_is_refused_like_any_other(window, key):
    window.open()
    window.run("document.getElementById('enter').click(); document.getElementById('key').value = arguments[0]", key)
    window.browser.find_element("id", "key").send_keys(Keys.ENTER)
    window.until("document.querySelector('dialog [role=alert]').textContent")
    assert window.run("return [sessionStorage.getItem('key'), window.ran ?? null, document.querySelectorAll('dialog img').length]") == [None, None, 0]
    window.press(Keys.ESCAPE)


def test_a_key_that_is_none_is_told_of_and_not_kept(window):
    window.open()
    window.run("document.getElementById('enter').focus(); document.getElementById('enter').click()")
    window.browser.find_element("id", "key").send_keys("thd_nothing", Keys.ENTER)
    window.until("document.querySelector('dialog [role=alert]').textContent")
    assert window.run("return sessionStorage.getItem('key')") is None
    window.press(Keys.ESCAPE)
    window.until("!document.querySelector('dialog') && document.activeElement.id === 'enter'")


HELD = """
const own = fetch;
window.others = [];
window.fetch = async (path, options) => {
  const key = options?.headers?.Authorization;
  if (path !== "/v1/me") others.push(key ?? null);
  else if (key) await new Promise((goOn) => { window.goOn = goOn; });
  return own(path, options);
};
"""


def test_what_is_read_while_a_key_is_tried_is_read_without_it(window):
    """Else a refusal of that would close the dialogue in which the key is entered."""
    window.open()
    window.run(HELD + "document.getElementById('enter').click()")
    window.browser.find_element("id", "key").send_keys("thd_nothing", Keys.ENTER)
    window.until("window.goOn")
    window.run("others.length = 0; dispatchEvent(new Event('focus'))")
    window.until("others.length > 0")
    window.settled()
    window.run("goOn()")
    window.until("document.querySelector('dialog [role=alert]').textContent")
    assert set(window.run("return others")) == {None} and window.run("return sessionStorage.getItem('key')") is None
    window.press(Keys.ESCAPE)


def test_who_leaves_takes_everything_along(window, held):
    """Also where a cell stood open, and where an answer to the key was still under way."""
    window.open("auditor").settled()
    known = {item["unit_label"] for item in held.board("auditor")["matrix"]["items"]}
    window.run("document.querySelector('.cell').click()")
    window.until("document.querySelector('dialog blockquote')")
    window.run("dispatchEvent(new Event('focus')); document.getElementById('leave').click()")
    window.until("document.getElementById('enter') && !document.getElementById('phase').hidden && !document.querySelector('dialog')")
    window.settled()
    words = window.run("return document.body.textContent")
    assert [name for name in known if name in words] == [] and window.run("return sessionStorage.length") == 0
    kept = window.run("return (async () => [Object.keys(localStorage), document.cookie, await caches.keys(), await indexedDB.databases()])()")
    assert kept == [["language"], "", [], []]


def test_an_address_that_is_none_shows_the_round(window):
    window.open(at="#%E0%A4%A/x").settled()
    assert window.shows("phase") and window.text("#notice") == ""


def test_a_cell_opens_sentence_clause_and_quote(window, held):
    window.open("auditor", language="en").settled()
    board = held.board("auditor")
    item = next(item for item in board["matrix"]["items"] if "F" in item["cells"])
    at = item["cells"].index("F")
    verdict = held.client("auditor").get(f"/v1/evaluations/{board['latest_evaluation']['id']}/verdicts/{item['unit_id']}").json()
    criterion = verdict["criteria"][at]
    window.run("document.getElementById(arguments[0]).click()", f"cell-{item['unit_id']}-{at}")
    window.until("document.querySelector('dialog blockquote')")
    shown = window.text("dialog")
    for text in (item["unit_label"], criterion["clause"], criterion["explanation"]["en"], *(verdict["citations"][c]["quote"] for c in criterion["citations"])):
        assert text in shown
    window.press(Keys.ESCAPE)


def test_a_units_page_says_what_is_missing_and_its_years(window, held):
    own = held.client("unit").get("/v1/me").json()
    window.open("unit", language="en", at=f"#230-KH-UBND/2024/unit/{own['unit_id']}").settled()
    record = held.client("unit").get(f"/v1/units/{own['unit_id']}/record").json()
    shown = window.text("#unit")
    assert own["unit_label"] in shown and "What is missing" in shown and "By when" in shown
    assert record["items"][0]["scores"][0]["appraised"]["index"] in shown and "30 Dec 2024" in shown
    assert window.run("return document.querySelectorAll('#unit .years svg').length") == len(record["items"])


# ---- live, and not ----

def test_a_change_appears_by_itself(window, held):
    window.open("home_affairs").settled()
    window.run("window.mark = 1; document.getElementById('year-2024').focus()")
    before = held.board("home_affairs")["funnel"]["total"]["registered"]
    unit = held.contestant("Sở Mới")
    window.until(f"document.querySelector('.funnel strong').textContent === '{before + 1}'")
    assert window.shows("stale"), "what was evaluated is older than the register now"
    assert window.run("return [window.mark, document.activeElement.id]") == [1, "year-2024"]
    held.evaluate()
    window.until(f"document.getElementById('cell-{unit}-0') && document.getElementById('stale').hidden")
    # The public hears of it too, where it may: the day of the conference.
    window.open(language="en").settled()
    etag = held.other.get(ROUND).headers["ETag"]
    held.done(held.other.patch(ROUND, data='{"conference_on": "2025-03-22"}', headers={"If-Match": etag, "Content-Type": "application/merge-patch+json"}))
    window.until("document.querySelector('.line').textContent.includes('22 Mar 2025')")


def test_it_says_so_where_it_is_not_live_and_comes_back_where_it_was(window, held):
    window.open("auditor", language="en").settled()
    held.contestant("Sở Trước khi mất mạng")
    window.until("document.querySelector('.funnel strong').textContent")
    window.online(False)
    try:
        spare = held.service.key("viewer").get("/v1/me").json()["key_id"]
        held.done(held.admin.delete(f"/v1/keys/{spare}"))  # streams end when a key is revoked, and their readers come back
        window.until("document.querySelector('#live.off')?.textContent.startsWith('Not live') && document.querySelector('#notice .warning')")
        held.contestant("Sở Trong lúc mất mạng")
    finally:
        window.online(True)
    window.until("document.querySelector('#live.on') && !document.querySelector('#notice .warning')")
    registered = held.board("auditor")["funnel"]["total"]["registered"]
    window.until(f"document.querySelector('.funnel strong').textContent === '{registered}'")
    streams = window.run("return calls.filter(c => c.path.endsWith('/stream')).map(c => c.headers['Last-Event-ID'] ?? null)")
    assert streams[0] is None and re.fullmatch(r"\d+", streams[-1]), streams


def test_a_database_that_is_away_is_told_of(window, held):
    window.open("auditor", language="en").settled()
    held.service.postgresql("stop", "-m", "fast")
    try:
        wait_until(lambda: requests.get(f"{held.service.base}/readyz", timeout=5).status_code == 503)
        again = "dispatchEvent(new Event('focus')), document.querySelector('#notice .warning')"
        window.until(f"({again})?.textContent.includes('does not answer')")
        assert window.shows("matrix") and window.shows("funnel"), "what is known stays"
    finally:
        held.service.postgresql("start")
    wait_until(lambda: requests.get(f"{held.service.base}/readyz", timeout=5).status_code == 200)
    window.until(f"!({again})")


# ---- the public ----

def test_another_campaign_is_chosen(window):
    window.open().settled()
    window.browser.find_element("id", "campaign").send_keys("79")
    window.until("location.hash === '#79-KH-UBND-MAU' && document.querySelector('#title p').textContent.includes('79/KH-UBND-MAU')")


def test_published_awards_stand_under_their_year_and_group_with_the_decision(window, held):
    """What an award is grouped by is public: the kind of unit. They come by themselves, and go along as a file."""
    window.open(language="en").settled()
    held.publish("451/QĐ-UBND")
    window.until("document.querySelectorAll('#awards .group').length > 1")
    awards = held.client(None).get("/v1/awards", params={"campaign": "230-KH-UBND"}).json()["items"]
    groups = {kind: group["en"] for group in held.client(None).get("/v1/campaigns/230-KH-UBND").json()["groups"] for kind in group["unit_kinds"]}
    kinds = {award["unit_id"]: held.client(None).get(f"/v1/units/{award['unit_id']}").json()["kind"] for award in awards}
    rows = window.run("return [...document.querySelectorAll('#awards tbody tr')].map(row => [...row.children].map(cell => cell.firstChild.data))")
    found, year, group = set(), None, None
    for row in rows:
        if len(row) > 1:
            found.add((year, group, row[0], row[1], row[2]))
        elif row[0].isdigit():
            year = row[0]
        else:
            group = row[0]
    day = window.run("return document.querySelector('.line .today time').textContent")
    assert found == {(str(award["year"]), groups[kinds[award["unit_id"]]], award["unit_label"], "451/QĐ-UBND", day) for award in awards} and found
    window.run("document.getElementById('awards-csv').click()")
    window.until("calls.some(call => call.headers.Accept === 'text/csv' && call.status === 200)")
    window.run("document.getElementById('paper_decision-PDF').click()")
    window.until("calls.some(call => call.headers.Accept === 'application/pdf' && call.status === 200)")
    window.run("document.getElementById('each-paper').click()")
    window.until("document.querySelector('#papers h3')")
    offered = window.run("calls.length = 0; const all = [...document.querySelectorAll('#papers button')]; all.forEach(one => one.click()); return all.map(one => one.id)")
    assert {"paper_decision-DOCX", "paper_round-PDF"} <= set(offered)
    window.until(f"calls.filter(call => /pdf|csv|openxml/.test(call.headers.Accept) && call.status === 200).length === {len(offered)}")


@pytest.mark.parametrize("role", ["home_affairs", "unit", None])
def test_every_paper_that_the_api_gives_this_caller_is_offered(window, held, role):
    """Of the round's dossiers and decisions, each paper and the bundle. What the buttons ask for is only noted: papers have tests of their own."""
    window.open(role).settled()
    client = held.client(role)
    window.run("document.getElementById('each-paper').click()")
    window.until("document.querySelector('#papers h3, #papers .dim')")
    paths = []
    for decision in client.get("/v1/decisions", params={"campaign": "230-KH-UBND", "year": 2024}).json()["items"]:
        paths.append(f"/v1/decisions/{decision['id']}")
    dossiers = client.get("/v1/dossiers", params={"campaign": "230-KH-UBND", "year": 2024, "limit": 200}).json()["items"] if role else []
    proposal = held.board(role)["proposal"]
    for dossier in dossiers:
        own = f"/v1/dossiers/{dossier['id']}"
        told = [f"/v1/proposals/{proposal['id']}/results/{dossier['nominator_unit_id']}"] if proposal else []
        candidates = [own, f"{own}/minutes", *told, *(f"{own}/nominations/{n['unit_id']}" for n in dossier["nominations"])]
        paths += [path for path in candidates if client.get(path).status_code == 200]
    assert len(paths) > (3 if role else 0)
    asked = window.run("""const asked = [];
        window.fetch = async (path, { headers }) => { asked.push([path, headers.Accept]); return new Response(""); };
        document.querySelectorAll('#papers h3 ~ * button').forEach(one => one.click()); return asked""")
    expected = [(path, form) for path in paths for form in ("application/pdf", DOCX)] + [(f"/v1/dossiers/{dossier['id']}/bundle", "application/zip") for dossier in dossiers]
    assert sorted(map(tuple, asked)) == sorted(expected)


# ---- everybody ----

@pytest.mark.parametrize("role, width, scheme, language", [(None, 1300, "light", "vi"), ("home_affairs", 390, "dark", "en"), ("auditor", 1300, "dark", "vi")])
def test_it_fits_and_bars_nobody(window, held, axe, role, width, scheme, language):  # noqa: F811
    window.browser.set_script_timeout(240)
    window.open(role, width, scheme, language).settled()
    places = ["", f"#230-KH-UBND/2024/unit/{held.evil}"] if role else [""]
    for at in places:
        window.run("location.hash = arguments[0]", at)
        window.until("document.querySelector('#unit').hidden" if not at else "document.querySelector('#unit h2')")
        assert window.run("return document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
        if not window.run("return Boolean(window.axe)"):
            window.browser.execute_cdp_cmd("Runtime.evaluate", {"expression": axe})
        assert window.browser.execute_async_script(RUN) == []
    assert window.run("return document.documentElement.lang") == language
    if role == "auditor":
        window.run("location.hash = ''")
        window.until("document.querySelector('.cell')")
        window.run("document.querySelector('.cell').click()")
        window.until("document.querySelector('dialog blockquote')")
        assert window.browser.execute_async_script(RUN) == []


def test_everything_is_reached_by_keyboard(window, held):
    """Language, key, the other year, the grid with its cells, a unit and the way back; Escape closes what Enter opened."""
    window.open()
    window.run("document.activeElement.blur()")
    window.browser.find_element("css selector", "body").send_keys(Keys.TAB)
    assert window.run("return document.activeElement.className") == "skip"
    window.tab_to("#language-en")
    window.press(Keys.ENTER)
    window.until("document.querySelector('#phase h2').textContent === 'Progress'")
    assert window.run("return document.activeElement.id") == "language-en", "focus is lost"
    window.tab_to("#enter")
    window.press(Keys.ENTER)
    window.press(held.keys["auditor"], Keys.ENTER)
    window.until("document.querySelector('#leave') && document.querySelector('.cell')")
    first = window.tab_to(".cell").get_attribute("id")
    window.press(Keys.ARROW_RIGHT, Keys.ARROW_DOWN)
    here = window.run("return document.activeElement.id")
    assert here != first and here.endswith("-1")
    window.press(Keys.ENTER)
    window.until("document.querySelector('dialog blockquote')")
    window.press(Keys.ESCAPE)
    window.until("!document.querySelector('dialog')")
    assert window.run("return document.activeElement.id") == here
    window.tab_to("#standings a")
    window.press(Keys.ENTER)
    window.until("document.querySelector('#unit h2')")
    window.tab_to("#unit .back")
    window.press(Keys.ENTER)
    window.until("document.querySelector('#unit').hidden && document.querySelector('.cell')")
    window.run("scrollTo(0, 0); document.querySelector('.brand').focus()")
    window.tab_to("#year-2025")
    window.press(Keys.ENTER)
    window.until("location.hash.endsWith('/2025') && document.querySelector('#year-2025[aria-current]')")


def test_both_languages_have_every_word():
    texts = (ROOT / "web/text.js").read_text(encoding="utf-8")
    table = texts[texts.index("const words = {"):texts.index("\n};")]
    rows = re.findall(r'^  (\w+): \[("(?:[^"\\]|\\.)*"),\s+("(?:[^"\\]|\\.)*")\],$', table, re.M)
    assert len(rows) == len(re.findall(r"^  \w+:", table, re.M)) == len({name for name, _, _ in rows})
    for name, vi, en in rows:
        assert sorted(re.findall(r"\{\d\}", vi)) == sorted(re.findall(r"\{\d\}", en)), name
    used = {name for file in (ROOT / "web").glob("*.js") for name in re.findall(r'"([a-z_]+)"|place_\$', file.read_text(encoding="utf-8"))}
    assert {name for name, _, _ in rows if name not in used and not name.startswith("place_")} == set(), "nobody says these"


def test_it_can_be_printed_on_a4(window):
    """What only a screen needs is gone, and nothing is wider than the paper."""
    window.open("home_affairs", width=794).settled()
    window.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert window.run("return document.documentElement.scrollWidth <= 794")
    assert not window.shows("papers") and not window.shows("enter" if window.run("return document.getElementById('enter')") else "leave") and window.shows("matrix")
    window.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


# ---- small and quick ----

def test_it_is_small(held):
    answer = requests.get(held.service.base, headers={"Accept": "text/html", "Accept-Encoding": "gzip"}, stream=True, timeout=10)
    packed, whole = len(answer.raw.read()), len(requests.get(held.service.base, headers={"Accept": "text/html"}, timeout=10).content)
    print(f"the page: {packed} bytes in gzip, {whole} without")
    assert answer.headers["Content-Encoding"] == "gzip" and packed <= 60 * 1024
    assert "'unsafe" not in answer.headers["Content-Security-Policy"] and "default-src 'none'" in answer.headers["Content-Security-Policy"]


BARE = 12  # times as long as a bare page


@pytest.mark.parametrize("role", [None, "auditor"])
def test_it_is_quick(window, role):
    """From the request of the page to the first paint with data, by the browser's own clock: 300 ms, and on a machine that others use
    meanwhile half as much again. The best of a few; of more, where something keeps both processors busy for a while. Where that lasts, even
    a page of one word is slow to come, and this one may take as many times longer as it does where nothing else runs."""
    took, bare = [], []
    while len(took) < 3 or (len(took) < 20 and min(at for _, at in took) > 300):
        window.open(role)
        window.until("painted.length")
        took.append(window.run("return painted[0]"))
        window.browser.get(f"{window.held.service.base}/healthz")
        bare.append(window.run("return performance.getEntriesByType('navigation')[0].duration"))
    print(f"first paint with data: {min(at for _, at in took):.0f} ms of {[round(at) for _, at in took]}; a bare page: {min(bare):.0f} ms")
    assert {name for name, _ in took} == {"data"} and min(at for _, at in took) <= max(450, BARE * min(bare))


FRAMES = """
const done = arguments[0], frames = [];
let last = performance.now();
const step = now => {
  frames.push(now - last); last = now;
  scrollBy(0, 400);
  if (scrollY + innerHeight < document.documentElement.scrollHeight - 2 && frames.length < 300) requestAnimationFrame(step);
  else done(frames.slice(1).sort((a, b) => a - b));
};
requestAnimationFrame(step);
"""


def test_a_thousand_units_scroll(window, held):
    """All rows come, the browser lays out only those in sight, and a search finds one of them."""
    window.browser.get("about:blank")  # no page reads the board again for each of the thousand
    parent = held.client("unit").get("/v1/me").json()["unit_id"]
    made = held.service.psql(f"""
        WITH made AS (INSERT INTO units (id) SELECT gen_random_uuid() FROM generate_series(1, 1000) RETURNING id),
        named AS (INSERT INTO unit_periods (unit_id, valid, name, kind, parent_id)
                  SELECT id, '[2024-01-01,)', 'Xã Số ' || lpad((row_number() OVER () - 1)::text, 4, '0'), 'COMMUNE', '{parent}' FROM made RETURNING unit_id),
        entered AS (INSERT INTO contestants (campaign, year, unit_id, group_name, on_assessed_list)
                    SELECT '230-KH-UBND', 2024, unit_id, 'XA', false FROM named RETURNING unit_id)
        SELECT count(*) FROM entered""")
    assert made.strip() == "1000", made
    held.evaluate()
    window.open("auditor")
    window.until("document.querySelectorAll('.row .cell:first-of-type, .row[role=row]').length > 1000")
    window.browser.set_script_timeout(240)
    frames = window.browser.execute_async_script(FRAMES)
    print(f"{len(frames)} frames: median {frames[len(frames) // 2]:.0f} ms, 95 of 100 within {frames[len(frames) * 95 // 100]:.0f} ms, longest {frames[-1]:.0f} ms")
    assert frames[len(frames) // 2] <= 100, "60 a second on a machine of one's own; here others work beside it"
    unseen = "[...document.querySelectorAll('.cell')].filter(cell => !cell.checkVisibility({contentVisibilityAuto: true})).length"
    assert window.run(f"return {unseen}") > 6000, "rows that nobody sees are laid out"
    window.browser.find_element("id", "matrix-find").send_keys("xa so 0777")
    window.until("document.querySelectorAll('.row .name a').length === 1")
    assert window.run("return document.querySelector('.row .name a').textContent").startswith("Xã Số 0777")
