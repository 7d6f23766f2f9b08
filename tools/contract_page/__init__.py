"""openapi.yaml as a page for people: nothing is loaded from elsewhere, any browser and paper can show it, and it can be read without
its script, which only filters, copies and marks where one is. page.html is the frame, page.css and page.js go into it as they are."""
import base64
import collections
import hashlib
import itertools
import json
import pathlib
import re

from .curl import curl, media_example
from .markdown import attribute, blocks, chapters, inline, text
from .values import Values

HERE = pathlib.Path(__file__).parent
METHODS = ("get", "put", "post", "patch", "delete")


def part(kind):
    """Without indentation and lines of comments, which nobody reads there."""
    lines = [line.strip() for line in (HERE / f"page.{kind}").read_text(encoding="utf-8").splitlines()]
    return "\n".join(line for line in lines if line and not re.match(r"//|/\*.*\*/$", line))


FRAME, STYLE, SCRIPT = part("html"), part("css"), part("js")


def digest(inside):
    return f"'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'"


# The page's own style and script and nothing else, also where it was saved to a disk.
POLICY = f"default-src 'none'; style-src {digest(STYLE)}; script-src {digest(SCRIPT)}; base-uri 'none'; form-action 'none'"


def slug(title):
    return re.sub(r"\W+", "-", title.lower()).strip("-")


def both(en, vi):
    """A word of the page itself: in English unless the reader chose Vietnamese."""
    return f"<b class=en>{en}</b><b class=vi lang=vi>{vi}</b>"


def short(path):
    """As the side list shows it: everything is under /v1, much of it in a round."""
    return path.replace("/v1/campaigns/{code}/rounds/{year}/", "…/").removeprefix("/v1") or "/v1"


class Page:
    def __init__(self, document, problems):
        self.document, self.all_problems = document, problems
        self.values = Values(document)
        self.resolve = self.values.resolve

    def tags(self):
        """(tag, [(path, method, item)]) in the contract's order; webhooks stand with their tag, with a path of their own name."""
        found = {tag["name"]: (tag, []) for tag in self.document["tags"]}
        described = itertools.chain(self.document["paths"].items(), self.document.get("webhooks", {}).items())
        for path, item in described:
            for method in METHODS:
                if method in item:
                    found[item[method]["tags"][0]][1].append((path, method, item))
        return [(tag, operations) for tag, operations in found.values() if operations]

    # The side list

    def navigation(self):
        yield '<ul class=chapters><li><a href="#start">' + both("Start", "Bắt đầu") + "</a>"
        for title, _ in self.chapters:
            if title:
                yield f'<li><a href="#{slug(title)}">{text(title)}</a>'
        yield "".join(f'<li><a href="#{anchor}">{words}</a>' for anchor, words in TAIL.items()) + "</ul>"
        for tag, operations in self.tags():
            yield f'<div><h2><a href="#tag-{tag["name"]}">{tag_name(tag)}</a></h2><ul>'
            for path, method, item in operations:
                yield f'<li><a href="#{item[method]["operationId"]}">{badge(method)}<span>{text(short(path)).replace("/", "<wbr>/")}</span></a>'
            yield "</ul></div>"

    # What comes before the operations

    def introduction(self):
        for title, body in self.chapters:
            if title:
                yield section(slug(title), text(title)) + f"{body}</section>"
            else:
                yield f"<div class=lead>{body}</div>" + section("start", both("Start", "Bắt đầu")) + f"{START}{self.usual_words()}</section>"

    def usual_words(self):
        names = ", ".join(f"<code>{name}</code>" for name in self.usual)
        return f"<p>Nearly every answer has the header fields {names}; those of an operation are named with it." if names else ""

    # Operations

    def operations(self):
        for tag, operations in self.tags():
            name = tag["name"]
            yield f'<section class=tag id="tag-{name}">{heading(2, f"tag-{name}", tag_name(tag))}<p>{inline(tag.get("description", ""))}'
            for path, method, item in operations:
                yield from self.operation(path, method, item)
            yield "</section>"

    def operation(self, path, method, item):
        operation = item[method]
        yield (f'<article id="{operation["operationId"]}"><h3><a class=anchor href="#{operation["operationId"]}">{badge(method)}'
               f'<code>{text(path)}</code></a></h3><div class=text>')
        yield from summary(operation)
        yield blocks(operation.get("description"), operation["operationId"])
        yield from self.callers(operation)
        yield from self.parameters(item, operation)
        yield from self.body(operation)
        yield from self.answers(operation)
        yield "</div><div class=aside>"
        yield from self.aside(path, method, item)
        yield "</div></article>"

    def callers(self, operation):
        roles = "".join(f"<code>{role}</code> " for role in operation.get("x-roles", []))
        security = operation.get("security")
        free = security is not None and (security == [] or {} in security)
        anyone = both("anyone", "ai cũng được")
        who = f"{anyone}{both(', more with a key of', ', và nhiều hơn với khóa của') if roles else ''} {roles}" if free else roles
        yield f"<p class=who>{both('Who may call:', 'Ai được gọi:')} {who}"

    def parameters(self, item, operation):
        """Those of many operations are described once, and only named here."""
        given = item.get("parameters", []) + operation.get("parameters", [])
        shared = [p["$ref"].rsplit("/", 1)[1] for p in given if "$ref" in p]
        if given:
            yield f"<h4>{both('Parameters', 'Tham số')}</h4>"
        if shared:
            components = self.document["components"]["parameters"]
            yield "<p class=shared>" + " ".join(
                f'<a{" class=r" if components[key].get("required") and components[key]["in"] != "path" else ""} href="#parameter-{key}"><code>{text(components[key]["name"])}</code></a>' for key in shared)
        if len(given) > len(shared):
            yield "<ul class=rows>" + "".join(self.parameter(p) for p in given if "$ref" not in p) + "</ul>"

    def parameter(self, p, place=""):
        return entry(p["name"], self.values.type_of(p.get("schema", {})), p.get("description", ""), p.get("required"), f" <i>{p['in']}</i>", place)

    def shared_parameters(self):
        yield section("parameters", TAIL["parameters"]) + "<ul class=rows>"
        for key, p in self.document["components"].get("parameters", {}).items():
            yield self.parameter(p, f' id="parameter-{key}"')
        yield "</ul></section>"

    def body(self, operation):
        for kind, media in self.resolve(operation.get("requestBody", {})).get("content", {}).items():
            yield f"<h4>{both('Body', 'Nội dung gửi')} <code>{kind}</code></h4>"
            schema = media.get("schema", {})
            if kind.endswith("json"):
                yield self.schema(schema)

    def answers(self, operation):
        yield f"<h4>{both('Answers', 'Trả lời')}</h4><ul class=rows>"
        refusals = []
        for status, response in operation["responses"].items():
            response, status = self.resolve(response), str(status)
            content = response.get("content", {})
            if "application/problem+json" in content:
                refusals.append(status)
                continue
            kinds = "<br>".join(f"<code>{kind}</code>" + (f" {self.values.type_of(media['schema'], whole=True)}" if kind.endswith("json") else "") for kind, media in content.items())
            headers = ", ".join(f"<code>{name}</code>" for name in response.get("headers", {}) if name not in self.usual)
            yield (f"<li><b>{status}</b> {inline(response.get('description', ''))}<p>{kinds}"
                   + (f"<br><small>{both('Header fields', 'Trường tiêu đề')} {headers}</small>" if headers else ""))
        if refusals:
            known = {problem.status for problem in self.all_problems}
            named = " ".join(f'<a href="#problem-{status}">{status}</a>' if status in known else f'<a href="#problems">{both("any other", "khác")}</a>' for status in refusals)
            yield f"<li>{both('Refusals', 'Từ chối')} {named}"
        yield "</ul>"

    def usual_headers(self):
        """The header fields of nearly every answer are named once, at the start."""
        described = [response for item in self.document["paths"].values() for method in METHODS if method in item
                     for response in map(self.resolve, item[method]["responses"].values()) if "headers" in response]
        counted = collections.Counter(name for response in described for name in response["headers"])
        return [name for name, times in counted.items() if times > 0.8 * len(described)]

    def aside(self, path, method, item):
        operation = item[method]
        if path.startswith("/"):
            line = curl(self.resolve, path, method, item)
            yield f"<pre class=curl><code>{whole_words(text(line))}</code></pre>"
        for status, response in operation["responses"].items():
            for kind, media in self.resolve(response).get("content", {}).items():
                if kind != "application/problem+json":
                    yield self.answer_example(operation, status, media)

    def answer_example(self, operation, status, media):
        """Its own; or where that of its schema stands, for many answers show one schema."""
        own = "example" in media or "examples" in media
        if own:
            return self.example(media_example(self.resolve, media), f"{EXAMPLE} {status}", f'{operation["operationId"]} {status}')
        name = media.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
        return f'<p class=example><a href="#schema-{name}">{EXAMPLE} {status}</a>' if name and self.resolve(media["schema"]).get("examples") else ""

    def example(self, value, words, name):
        if value is None:
            return ""
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1, default=str)
        return f'<details><summary>{words}</summary><pre tabindex=0 role=group aria-label="{attribute(name)}">{text(shown)}</pre></details>'

    # Problems and codes

    def problems(self):
        yield section("problems", TAIL["problems"])
        yield ("<p>A refusal is an RFC 9457 document, <code>application/problem+json</code>. Its <code>type</code> is "
               '<code>urn:thidua:problem:</code> and one of these words, its <code>title</code> says it in the language of the caller, '
               'and its <code>errors</code> name each thing that is wrong: <a href="#schema-Problem">Problem</a>.'
               "<table class=problems><tr><th>status<th>type<th>title")
        for status, rows in itertools.groupby(self.all_problems, lambda problem: problem.status):
            for number, problem in enumerate(rows):
                place = f' id="problem-{status}"' if number == 0 else ""
                yield (f'<tr{place}><td>{status}<td><code>{problem.type}</code>'
                       f"<td><span class=en>{text(problem.en)}</span> <span class=vi lang=vi>{text(problem.vi)}</span>")
        yield "</table>"
        yield from self.codes()
        yield "</section>"

    def codes(self):
        """The words of `errors[].code`, where the contract lists them."""
        errors = self.resolve(self.document["components"]["schemas"]["Problem"]["properties"]["errors"]["items"])
        code = self.resolve(errors["properties"]["code"])
        if "enum" in code:
            yield '<section id="codes">' + heading(3, "codes", both("Codes of errors", "Mã của từng lỗi")) + blocks(code.get("description"))
            yield "<ul class=codes>" + "".join(f'<li id="code-{text(name)}"><code>{text(name)}</code>' for name in code["enum"]) + "</ul></section>"

    # Schemas

    def schema(self, schema):
        rows = list(self.values.members(schema))
        if not rows:
            return f"<p class=type>{self.values.type_of(schema, whole=True)}"
        return "<ul class=rows>" + "".join(entry(path, self.values.type_of(member), member.get("description", ""), required) for path, member, required in rows) + "</ul>"

    def schemas(self):
        yield section("schemas", TAIL["schemas"])
        for name, schema in self.document["components"]["schemas"].items():
            anchor = f"schema-{name}"
            yield f'<article id="{anchor}">{heading(3, anchor, text(name))}<div class=text>'
            shown_above = '<p><a href="#problems">Listed above</a>' if name in ("ProblemType", "ErrorCode") else self.schema(schema)
            yield f"{blocks(schema.get('description'), name)}{shown_above}</div>"
            yield f"<div class=aside>{self.example(schema.get('examples', [None])[0], EXAMPLE, f'{name}, example')}</div></article>"
        yield "</section>"

    def write(self):
        info, self.usual = self.document["info"], self.usual_headers()
        self.chapters = list(chapters(info["description"]))
        parts = {"policy": POLICY, "style": STYLE, "script": SCRIPT, "title": text(info["title"]), "version": text(info["version"])}
        parts |= {name: "\n".join(getattr(self, name)()) for name in ("navigation", "introduction", "operations", "shared_parameters", "problems", "schemas")}
        return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], FRAME)


TAIL = {"parameters": both("Shared parameters", "Tham số dùng chung"), "problems": both("Problems and codes", "Các lỗi và mã"),
        "schemas": both("Schemas", "Cấu trúc dữ liệu")}
EXAMPLE = both("Example", "Ví dụ")
START = """<p>This page is made of <a href="/openapi.yaml">openapi.yaml</a> (<a href="/openapi.json">JSON</a>), and so describes the service that shows it.
Each operation has a line of <code>curl</code>. Set these once; a key is shown when it is made (<a href="#createKey">createKey</a>):
<pre class=curl><code>api=<span id="origin">http://127.0.0.1:8080</span> key=thd_…</code></pre>
<p>Any other variable, such as <code>$id</code>, is the id of what you mean. <code>$etag</code> is the <code>ETag</code> of what you read: <code>curl -i</code> shows it."""


def badge(method):
    return f'<span class="m {method}">{method.upper()}</span> '


def whole_words(line):
    """An option with its value, or an address, is not broken where it fits on a line of its own."""
    return re.sub(r"""(?<= )(-[HX] (?:\w+|"[^"]+"|'[^']+')|-[\w-]+|"[^" ]+")(?= |$)""", r"<span>\1</span>", line)


def heading(level, anchor, words):
    return f'<h{level}><a class=anchor href="#{anchor}">{words}</a></h{level}>'


def section(anchor, words):
    return f'<section id="{anchor}">{heading(2, anchor, words)}'


def tag_name(tag):
    vi = tag.get("x-name-vi")
    en = tag["name"].replace("-", " ").capitalize()
    return f"<span class=en>{en}</span>" + (f" <span class=vi lang=vi>{text(vi)}</span>" if vi else "")


def summary(operation):
    en, vi = operation.get("summary", ""), operation.get("x-summary-vi")
    yield f'<p class="summary{" en" if vi else ""}">{inline(en)}'
    if vi:
        yield f'<p class="summary vi" lang=vi>{inline(vi)}'


def entry(name, kind, meaning, required=False, where="", place=""):
    return f"<li{place}><code>{text(name)}</code>{where} <span{' class=r' if required else ''}>{kind}</span>" + (f"<p>{inline(meaning)}" if meaning else "")


def page(document, problems):
    return Page(document, problems).write()
