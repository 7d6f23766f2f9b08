"""A real browser, Debian's Chromium: what a page of another origin may ask and see, and the page that the service itself shows.

What curl takes for granted a browser asks for first: a preflight for each URL, and leave to read each field of an answer."""
import functools
import http.server
import shutil
import tempfile
import threading

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service as Driver

from conftest import make_unit
from service import Service, make_place, serving

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]
SCRIPT = """
const [url, options, done] = [arguments[0], arguments[1], arguments[arguments.length - 1]];
fetch(url, options).then(async answer => done({status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text()}),
                         fault => done({fault: String(fault)}));
"""
LISTEN = """
const [url, wanted, done] = [arguments[0], arguments[1], arguments[arguments.length - 1]];
const source = new EventSource(url), all = [];
source.onerror = () => done({fault: "onerror", all});
source.onmessage = event => { all.push([event.lastEventId, JSON.parse(event.data).subject]); if (event.data.includes(wanted)) { source.close(); done({all}); } };
"""


class EmptyPage(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!DOCTYPE html><title>portal</title>")

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def portal():
    """The origin of a web page that is not the service's."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def api(portal):
    with serving(Service(make_place(), THIDUA_CORS_ORIGINS=portal)) as running:
        yield running


@pytest.fixture(scope="module")
def browser():
    profile = tempfile.mkdtemp(prefix="thidua-chromium-")
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in [*FLAGS, f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Driver("/usr/bin/chromedriver"), options=options)
    driver.set_script_timeout(30)
    yield driver
    driver.quit()
    shutil.rmtree(profile, ignore_errors=True)


@pytest.fixture
def fetch(browser, portal, api):
    """fetch(path, **options) as a script on the portal's page does it."""
    browser.get(portal)
    return lambda path, **options: browser.execute_async_script(SCRIPT, api.base + path, options)


@functools.cache
def admin(api):
    return api.key("admin")


@pytest.fixture
def key(api):
    return {"Authorization": admin(api).headers["Authorization"]}


@pytest.mark.parametrize("query", ["?limit=1", "?q=%C4%90%E1%BB%93ng&kind=PROVINCE", "?on=2024-12-30&limit=200", "?colour=red", "?limit=0"])
def test_a_page_with_a_key_may_filter(fetch, key, query):
    """A preflight of a URL with a query, also of one that will be refused: the page sees why."""
    answer = fetch(f"/v1/units{query}", headers=key)
    assert answer.get("status") == (400 if query in ("?colour=red", "?limit=0") else 200), answer


def test_a_page_may_rehearse_a_write(fetch, key):
    answer = fetch("/v1/units?dry_run=true", method="POST", headers={**key, "Content-Type": "application/json", "Idempotency-Key": "a-1", "Prefer": "respond-async"},
                   body='{"name": "Thử", "kind": "PROVINCE", "valid_from": "2024-01-01"}')
    assert answer.get("status") == 201, answer


def test_a_page_may_send_every_field_that_is_read(fetch, key):
    fields = {"Accept": "application/json", "Accept-Language": "en", "Idempotency-Key": "k", "If-Match": "*", "If-None-Match": '"1"', "Last-Event-ID": "1",
              "Prefer": "respond-async", "Repr-Digest": "sha-256=:AAAA:", "Digest": "sha-256=AAAA", "X-Request-Id": "portal-1",
              "traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01"}
    for name, value in fields.items():
        answer = fetch("/v1/units?limit=1", headers={**key, name: value})
        assert answer.get("status") == 200, (name, answer)


def test_a_page_may_read_every_field_that_is_written(fetch, key, api):
    for number in range(2):
        make_unit(admin(api), name=f"Trang {number}")
    answer = fetch("/v1/units?limit=1", headers={**key, "X-Request-Id": "portal-2"})
    assert {"etag", "link", "server-timing", "cache-control", "vary"} <= set(answer["headers"]), answer
    assert answer["headers"]["x-request-id"] == "portal-2"
    refused = fetch("/v1/keys")
    assert refused["status"] == 401 and {"www-authenticate", "content-language"} <= set(refused["headers"]), refused


@pytest.mark.parametrize("path, status", [("/v1/nothing", 404), ("/v1/units/none", 404), ("/v1/units/00000000-0000-4000-8000-000000000000?on=x", 400)])
def test_a_page_sees_that_there_is_nothing(fetch, key, path, status):
    assert fetch(path, headers=key).get("status") == status


def test_another_page_may_not(browser, api, key):
    browser.get("data:text/html,<title>other</title>")
    answer = browser.execute_async_script(SCRIPT, api.base + "/v1/units?limit=1", {"headers": key})
    assert "fault" in answer, answer


def test_event_source_hears_of_events(browser, portal, api):
    """What EventSource hands to onmessage has no name; without one a page need not know every type beforehand."""
    browser.get(portal)
    made = [make_unit(admin(api), name=f"Sự kiện {number}") for number in range(3)]
    heard = browser.execute_async_script(LISTEN, f"{api.base}/v1/events/stream?after=0", made[-1]["id"])
    assert "fault" not in heard and len(heard["all"]) >= 3, heard
    assert [f"/v1/units/{unit['id']}" for unit in made] == [subject for _, subject in heard["all"][-3:]]


def test_the_page_of_the_contract_is_shown_as_it_was_made(browser, api):
    """Its Content-Security-Policy lets its own style and script through, and nothing of it complains."""
    browser.get_log("browser")
    browser.get(f"{api.base}/docs")
    assert "thidua" in browser.title
    assert browser.execute_script("return getComputedStyle(document.querySelector('header')).position") == "sticky"
    assert browser.execute_script("return document.querySelector('label.filter').hidden") is False, "its own script did not run"
    complaints = [entry for entry in browser.get_log("browser") if "favicon" not in entry["message"]]
    assert complaints == []
    assert browser.execute_script("const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s); return window.ran") is None
