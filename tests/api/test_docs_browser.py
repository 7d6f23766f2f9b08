"""/docs and /docs/schemas in a real browser, wide and as a phone shows it, light and dark: axe-core finds nothing wrong with them,
nothing scrolls sideways, and filter, languages and copying work by keyboard alone."""
import pytest
from selenium.webdriver.common.keys import Keys

import npm
from test_browser import api, browser, portal  # noqa: F401

RUN = """
const done = arguments[arguments.length - 1];
axe.run({resultTypes: ["violations"]}).then(found => done(found.violations.map(v => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 200)])), fault => done(String(fault)));
"""

# Few of the 14,000 elements of a page look different. Contrast, for which axe-core takes longest, is asked of the first of each kind: those that
# no rule of page.css tells apart. `whole` asks everything else of all elements.
RUN_BY_KIND = """
const [whole, done] = arguments;
const look = element => [element.tagName, element.className, element.getAttributeNames(), element.matches(":first-child"), element.matches(":checked + *")];
const kind = element => element.parentElement ? `${kind(element.parentElement)} > ${look(element)}` : "";
const tells = element => element.matches("a, button, input, summary, [role]") || [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
const firsts = new Map([...document.body.querySelectorAll("*")].filter(tells).reverse().map(element => [kind(element), element]));
const violations = async (what, options) => (await axe.run(what, {resultTypes: ["violations"], ...options})).violations;
(async () => [
  ...await violations({include: [...firsts.values()]}, whole ? {runOnly: ["color-contrast"]} : {}),
  ...whole ? await violations(document, {rules: {"color-contrast": {enabled: false}}}) : [],
])().then(found => done(found.map(v => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 200)])), fault => done(String(fault)));
"""


# Each width and each scheme once: what the schemes change does not depend on the width, and axe-core takes long for so large a page.
# What no look changes is asked in the first.
LOOKS = [(1300, "light"), (390, "dark")]
wide_and_narrow = pytest.mark.parametrize("page", LOOKS, indirect=True, ids=str)


@pytest.fixture(scope="module")
def axe():
    return (npm.installed("page") / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def page(browser, api, request):  # noqa: F811
    width, scheme = request.param
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    browser.get(f"{api.base}/docs")
    browser.whole = request.param == LOOKS[0]
    yield browser
    browser.execute_script("localStorage.clear()")
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def fits_and_bars_nobody(page, axe):
    assert page.execute_script("return document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
    page.set_script_timeout(120)
    page.execute_script(axe)
    assert page.execute_async_script(RUN_BY_KIND, page.whole) == []


@wide_and_narrow
def test_it_fits_and_bars_nobody(page, axe):
    fits_and_bars_nobody(page, axe)


@wide_and_narrow
def test_the_schemas_fit_and_bar_nobody(page, api, axe):  # noqa: F811
    page.get(f"{api.base}/docs/schemas")
    fits_and_bars_nobody(page, axe)


def pressed(page, *keys):
    for key in keys:
        page.switch_to.active_element.send_keys(key)
    return page.switch_to.active_element


@wide_and_narrow
def test_the_filter_is_reached_and_used_by_keyboard(page):
    """The skip link comes first, then the name of the service, then the filter; diacritics do not matter."""
    page.execute_script("document.activeElement.blur()")
    page.find_element("css selector", "body").send_keys(Keys.TAB)
    assert page.switch_to.active_element.get_attribute("class") == "skip"
    field = pressed(page, Keys.TAB, Keys.TAB)
    assert field.get_attribute("id") == "filter"
    field.send_keys("ho so nop tra lai")
    shown = page.execute_script("return [...document.querySelectorAll('main article:not([hidden])')].map(a => a.id)")
    assert "moveDossier" in shown and len(shown) < 5
    assert page.find_element("id", "found").text == f"{len(shown)} found"
    listed = page.execute_script("return [...document.querySelectorAll('nav div:not([hidden]) li:not([hidden]) a')].map(a => a.hash.slice(1))")
    assert set(listed) <= set(shown)


@wide_and_narrow
def test_a_language_is_chosen_by_keyboard_and_kept(page):
    def visible(kind):
        return page.execute_script("return document.querySelector(arguments[0]).checkVisibility()", f"#listUnits .summary.{kind}")
    assert visible("en") and visible("vi")
    page.find_element("id", "both").send_keys(Keys.ARROW_RIGHT)
    assert visible("vi") and not visible("en")
    page.refresh()
    assert visible("vi") and not visible("en")
    page.find_element("id", "vi").send_keys(Keys.ARROW_RIGHT)
    assert visible("en") and not visible("vi")


@wide_and_narrow
def test_a_line_of_curl_is_copied_by_keyboard(page):
    page.execute_script("navigator.clipboard.writeText = async words => { window.copied = words; }")
    page.find_element("css selector", "#listUnits button").send_keys(Keys.ENTER)
    assert page.execute_script("return window.copied") == 'curl "$api/v1/units"'


@pytest.mark.parametrize("page", LOOKS[:1], indirect=True, ids=str)
def test_a_schema_is_found_from_an_operation_and_leads_back(page):
    page.find_element("css selector", "#listUnits .rows a[href$=UnitPage]").send_keys(Keys.ENTER)
    assert page.execute_script("return location.pathname + location.hash") == "/docs/schemas#schema-UnitPage"
    assert page.execute_script("return document.getElementById('schema-UnitPage').checkVisibility()")
    page.find_element("id", "filter").send_keys("UNITPAGE")
    assert page.execute_script("return [...document.querySelectorAll('main article:not([hidden])')].map(a => a.id)") == ["schema-UnitPage"]
    page.find_element("css selector", "#schema-UnitPage .who a[href*=listUnits]").send_keys(Keys.ENTER)
    assert page.execute_script("return location.pathname + location.hash") == "/docs#listUnits"
