"""/docs and /docs/schemas, the contract as pages for people: they hold what the contract holds, and their lines of curl run as they
stand. test_docs_browser.py opens them in a browser."""
import gzip
import html
import html.parser
import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import urllib.parse

import pytest

from conftest import PLAN_FILE
from contract import DOCUMENT, METHODS, OPERATIONS, resolve
from service import PROGRAM, ROOT, Service, make_place, serving

BY_ID = {operation["operationId"]: (method, path, operation) for (method, path), operation in OPERATIONS.items()}
CODE = {"code", "pre", "style", "script"}


class Reader(html.parser.HTMLParser):
    """What a reader sees outside of code, every link, and every id."""

    def __init__(self, text):
        super().__init__()
        self.open, self.prose, self.ids, self.targets = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.targets += [attributes["href"]] if "href" in attributes else []
        if tag in CODE:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in CODE:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open:
            self.prose.append(data)


@pytest.fixture(scope="module")
def page(service):
    return service.anonymous().get("/docs").text


@pytest.fixture(scope="module")
def schemas_page(service):
    return service.anonymous().get("/docs/schemas").text


def articles_of(page):
    return {found[1]: found[2] for found in re.finditer(r'<article id="([^"]+)">(.*?)</article>', page, re.S)}


@pytest.fixture(scope="module")
def articles(page):
    """What stands under each operation."""
    return articles_of(page)


@pytest.fixture(scope="module")
def lines(articles):
    """operationId → its line of curl, as it is copied."""
    found = {name: re.search(r"<pre class=curl><code>(.*?)</code></pre>", body, re.S) for name, body in articles.items()}
    return {name: html.unescape(re.sub(r"<[^>]+>", "", line[1])) for name, line in found.items() if line}


def test_every_operation_and_tag_is_said_in_vietnamese():
    vietnamese = re.compile("[À-ỹđĐ]")
    items = [*DOCUMENT["paths"].values(), *DOCUMENT.get("webhooks", {}).values()]
    silent = [item[method]["operationId"] for item in items for method in METHODS
              if method in item and not vietnamese.search(item[method].get("x-summary-vi", ""))]
    assert silent == [], "say in x-summary-vi what these do"
    assert [tag["name"] for tag in DOCUMENT["tags"] if not tag.get("x-name-vi")] == []


def test_the_page_says_each_operation_in_both_languages(articles):
    for name, (_, _, operation) in BY_ID.items():
        said = html.unescape(re.sub(r"<[^>]+>", "", articles[name]))
        assert operation["x-summary-vi"] in said and operation["summary"].replace("`", "") in said, name


def test_its_markdown_is_rendered(page, schemas_page):
    for text in (page, schemas_page):
        prose = "".join(Reader(text).prose)
        assert [mark for mark in ("**", "`", "|--", "](") if mark in prose] == []
        assert not re.search(r"^ *(?:[*#-]|\|.*\|$) ", prose, re.M)
    both = page + schemas_page
    assert "<strong>The facts are" in both and "<strong>kind</strong>" in both and "<th>columns (<strong>required</strong>)" in both


def test_every_link_leads_somewhere(page, schemas_page):
    """On its own page, or on the other one."""
    readers = {"/docs": Reader(page), "/docs/schemas": Reader(schemas_page)}
    there = {f"{path}#{anchor}" for path, reader in readers.items() for anchor in reader.ids} | {"/", "/openapi.yaml", "/openapi.json"}
    for path, reader in readers.items():
        assert len(reader.ids) == len(set(reader.ids)), "two of one id"
        assert {f"{path}{target}" if target.startswith("#") else target for target in reader.targets} <= there
    operations = {*BY_ID, *(f"tag-{tag['name']}" for tag in DOCUMENT["tags"])}
    schemas = {f"schema-{name}" for name in DOCUMENT["components"]["schemas"]}
    assert operations <= set(readers["/docs"].ids) and schemas <= set(readers["/docs/schemas"].ids), "cannot be linked to"
    for text, anchors in ((page, operations), (schemas_page, schemas)):
        side = re.search(r"<nav.*?</nav>", text, re.S)[0]
        assert anchors <= {target.rpartition("#")[2] for target in Reader(side).targets}, "not in the side list"


def schemas_in(node):
    """The schemas that it names itself, or by way of a shared answer; what is refused is the same for all."""
    if isinstance(node, list):
        return set().union(*map(schemas_in, node))
    if not isinstance(node, dict):
        return set()
    if "$ref" in node:
        home, _, name = node["$ref"].rpartition("/")
        return {name} if home == "#/components/schemas" else schemas_in(resolve(node))
    return set().union(*(schemas_in(part) for key, part in node.items() if key not in ("example", "examples", "application/problem+json")))


def test_a_schema_leads_back_to_those_that_use_it(schemas_page):
    articles, tried = articles_of(schemas_page), 0
    for name, (_, _, operation) in BY_ID.items():
        for schema in schemas_in(operation):
            assert f'<a href="/docs#{name}">{name}</a>' in articles[f"schema-{schema}"], (name, schema)
            tried += 1
    for name, inside in DOCUMENT["components"]["schemas"].items():
        for schema in schemas_in(inside):
            assert f'<a href="#schema-{name}">{name}</a>' in articles[f"schema-{schema}"], (name, schema)
    assert tried > 100


def test_the_example_of_each_schema_is_shown(schemas_page):
    articles = articles_of(schemas_page)
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert ("<details>" in articles[f"schema-{name}"]) == ("examples" in schema), name


def test_an_example_is_shown_with_its_operation_or_with_what_it_names(articles):
    for name, (_, _, operation) in BY_ID.items():
        for status, response in operation["responses"].items():
            media = resolve(response).get("content", {}).get("application/json", {})
            if status.startswith("2") and ("example" in media or "examples" in media):
                assert re.search(rf'<details>.*?{status}|Ví dụ</b> {status}: <a href="#\w+">|list of[^<]*<a href="/docs/schemas#schema-', articles[name], re.S), (name, status)


def items_of(schema):
    """The schema of a page's items, wherever its `properties` stand."""
    schema = resolve(schema)
    for part in schema.get("allOf", []):
        found = items_of(part)
        if found:
            return found
    return schema.get("properties", {}).get("items", {}).get("items")


def test_lists_say_what_they_list(articles):
    tried = 0
    for name, (_, _, operation) in BY_ID.items():
        media = resolve(operation["responses"].get("200", {})).get("content", {}).get("application/json", {})
        item = items_of(media.get("schema", {}))
        if item and "$ref" in item:
            named = item["$ref"].rsplit("/", 1)[1]
            assert f'<code>items</code> list of <a href="/docs/schemas#schema-{named}">{named}</a>' in articles[name], name
            tried += 1
    assert tried > 5


def test_every_problem_is_in_the_catalogue(page):
    rows = re.findall(r'^PROBLEM\(\w+, (\d+), "([^"]+)", "([^"]+)", "([^"]+)"\)', (ROOT / "src/http/problem.def").read_text(encoding="utf-8"), re.M)
    catalogue = html.unescape(re.sub(r"</?(?:span|code)[^>]*>", "", re.search(r'<section id="problems">.*?</section>', page, re.S)[0]))
    assert len(rows) > 25
    assert [row for row in rows if f"<td>{row[0]}<td>{row[1]}<td>{row[3]} {row[2]}" not in catalogue] == []


def test_every_code_is_in_the_catalogue(page, schemas_page):
    errors = resolve(DOCUMENT["components"]["schemas"]["Problem"]["properties"]["errors"]["items"])
    codes = resolve(errors["properties"]["code"]).get("enum", [])
    assert len(codes) > 100 and 'href="/docs/schemas#codes"' in page
    assert [code for code in codes if f'<li id="code-{code}"><code>{code}</code>' not in schemas_page] == []


def parts(line):
    """(method, path with query, header fields, body) of a line of curl, as a shell and curl understand it."""
    words = shlex.split(line)
    assert words.pop(0) == "curl" and "\n" not in line
    given = {"-X": None, "-H": [], "--json": None, "-d": None, "--data-binary": None}
    target = None
    while words:
        word = words.pop(0)
        if word == "-H":
            given[word].append(words.pop(0))
        elif word in given:
            given[word] = words.pop(0)
        elif not word.startswith("-"):
            assert target is None, line
            target = word
    body = given["--json"] or given["-d"] or given["--data-binary"]
    fields = dict(field.split(": ", 1) for field in given["-H"])
    if given["--json"]:
        fields["Content-Type"] = "application/json"
    return given["-X"] or ("POST" if body else "GET"), target.removeprefix("$api"), fields, body


@pytest.mark.parametrize("name", sorted(BY_ID))
def test_each_line_of_curl_is_its_operation(lines, name):
    """The method, the path, what must stand in the head and the query, and a body that fits."""
    method, path, operation = BY_ID[name]
    said, target, fields, body = parts(lines[name])
    assert said == method
    target, _, query = target.partition("?")
    assert re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/{}]+", re.escape(path)), target)
    needs_key = "security" not in operation or (operation["security"] and {} not in operation["security"])
    assert fields.pop("Authorization", None) == ("Bearer $key" if needs_key else None)
    content = resolve(operation.get("requestBody", {})).get("content", {})
    assert (body is not None) == bool(content) and fields.pop("Content-Type", None) in (content or {None})
    required = [p for p in map(resolve, operation["parameters"]) if p.get("required")]
    assert set(fields) == {p["name"] for p in required if p["in"] == "header"}
    assert {p["name"] for p in required if p["in"] == "query"} <= set(urllib.parse.parse_qs(query))
    if body and not body.startswith("@"):
        json.loads(body)


@pytest.fixture(scope="module")
def demo():
    """A service with the demo, as ./run shows it, and the demo's keys."""
    with serving(Service(make_place())) as running:
        keys = running.var / "demo-keys.json"
        assert running.command("load", str(PLAN_FILE)).returncode == 0
        subprocess.run(["/usr/bin/python3", str(ROOT / "demo/load.py"), PROGRAM, running.base, keys], env=running.environment,
                       capture_output=True, check=True, timeout=120)
        with open(keys, encoding="utf-8") as file:
            yield running, json.load(file)


def plain(name):
    """Whether its line needs nothing that only the caller knows: no id, no version, nothing to send."""
    method, path, _ = BY_ID[name]
    return method == "GET" and not re.search(r"\{(\w*id|document)\}", path) and path != "/v1/events/stream"


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
@pytest.mark.parametrize("name", sorted(filter(plain, BY_ID)))
def test_a_line_of_curl_runs_as_it_stands(lines, demo, name):
    running, keys = demo
    roles = BY_ID[name][2].get("x-roles", [])
    key = keys["auditor" if "auditor" in roles or not roles else "home_affairs" if "home_affairs" in roles else roles[0]]
    with tempfile.TemporaryDirectory(prefix="thidua-curl-") as here:
        done = subprocess.run(["bash", "-c", lines[name].replace("curl ", "curl -sS --fail-with-body --max-time 30 ", 1)], cwd=here,
                              env={**os.environ, "api": running.base, "key": key}, capture_output=True, check=False)
        assert done.returncode == 0, (lines[name], done.stdout[-600:], done.stderr)
        assert done.stdout or os.listdir(here)


def test_the_pages_weigh_little(service):
    """Each is one file without anything beside it. Who reads of operations carries 400 bytes for each, and only who
    reads of schemas the rest."""
    page, schemas, contract = (len(gzip.compress(service.anonymous().get(path).content, 9)) for path in ("/docs", "/docs/schemas", "/openapi.yaml"))
    assert page <= 400 * len(OPERATIONS) and page + schemas < 1.4 * contract
