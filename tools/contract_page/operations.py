"""/docs: how to begin, every operation, and the problems that a caller can be shown."""
import collections
import itertools
import re

from .curl import curl, media_example
from .frame import EXAMPLE, METHODS, START, TAIL, Page, both, entry, heading, section, written
from .markdown import blocks, chapters, inline, text


def slug(title):
    return re.sub(r"\W+", "-", title.lower()).strip("-")


def short(path):
    """As the side list shows it: everything is under /v1, much of it in a round."""
    return path.replace("/v1/campaigns/{code}/rounds/{year}/", "…/").removeprefix("/v1") or "/v1"


class Operations(Page):
    path, title = "/docs", "the HTTP interface"

    def __init__(self, document, problems):
        super().__init__(document)
        self.all_problems = problems
        self.chapters = list(chapters(document["info"]["description"]))
        self.shown = {}  # example → the operation that shows it
        self.usual, self.usual_refusals = self.usual_headers(), self.usual_statuses()

    def contents(self):
        for part in (self.introduction, self.operations, self.shared_parameters, self.problems):
            yield from part()

    # The side list

    def navigation(self):
        yield '<ul class=chapters><li><a href="#start">' + START + "</a>"
        for title, _ in self.chapters:
            if title:
                yield f'<li><a href="#{slug(title)}">{text(title)}</a>'
        yield "".join(f'<li><a href="#{anchor}">{words}</a>' for anchor, words in TAIL.items()) + "</ul>"
        for tag, operations in self.tagged():
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
                yield f"<div class=lead>{body}</div>" + section("start", START) + f"{SETTING_OUT}{self.usual_words()}</section>"

    def usual_words(self):
        names = ", ".join(f"<code>{name}</code>" for name in self.usual)
        return (f"<p>Nearly every answer has the header fields {names}; those of an operation are named with it."
                f"<p>Nearly every operation may be refused with {self.problem_links(self.usual_refusals)}; what else one is refused with is named with it.")

    # Operations

    def operations(self):
        for tag, operations in self.tagged():
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
        for status, given in operation["responses"].items():
            response, status = self.resolve(given), str(status)
            content = response.get("content", {})
            if "application/problem+json" in content:
                refusals += [status] if status not in self.usual_refusals else []
                continue
            kinds = "<br>".join(f"<code>{kind}</code>" + (f" {self.values.type_of(media['schema'], whole=True)}" if kind.endswith("json") else "") for kind, media in content.items())
            headers = ", ".join(f"<code>{name}</code>" for name in given.get("headers", {}) if name not in self.usual)
            yield (f"<li><b>{status}</b> {inline(response.get('description', ''))}<p>{kinds}"
                   + (f"<br><small>{both('Header fields', 'Trường tiêu đề')} {headers}</small>" if headers else ""))
        if refusals:
            yield f"<li>{both('Refusals', 'Từ chối')} {self.problem_links(refusals)}"
        yield "</ul>"

    def problem_links(self, statuses):
        known = {problem.status for problem in self.all_problems}
        return " ".join(f'<a href="#problem-{status}">{status}</a>' if status in known else f'<a href="#problems">{both("any other", "khác")}</a>' for status in statuses)

    def described(self):
        return [item[method] for item in self.document["paths"].values() for method in METHODS if method in item]

    def usual_headers(self):
        """The header fields of nearly every answer are named once, at the start."""
        answers = [response for operation in self.described() for response in map(self.resolve, operation["responses"].values()) if "headers" in response]
        counted = collections.Counter(name for response in answers for name in response["headers"])
        return [name for name, times in counted.items() if times > 0.8 * len(answers)]

    def usual_statuses(self):
        """So are the refusals of nearly every operation."""
        described = self.described()
        counted = collections.Counter(str(status) for operation in described for status, response in operation["responses"].items()
                                      if "application/problem+json" in self.resolve(response).get("content", {}))
        return sorted(status for status, times in counted.items() if times > 0.8 * len(described))

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
        """Its own; that of a named schema, or of what a list lists, stands with the schema. What an operation above has shown is not
        shown again."""
        if "example" not in media and "examples" not in media or self.lists_named(media.get("schema", {})):
            return ""
        example, name = media_example(self.resolve, media), operation["operationId"]
        first = self.shown.setdefault(written(example), name)
        if first == name:
            return self.example(example, f"{EXAMPLE} {status}", f"{name} {status}")
        return f'<p class=who>{EXAMPLE} {status}: <a href="#{first}">{first}</a>'

    def lists_named(self, schema):
        """Whether an answer is a list of what has an example with its schema."""
        items = {path: member for path, member, _ in self.values.members(schema)}.get("items", {}).get("items", {})
        return any("$ref" in part and "examples" in self.resolve(part) for part in [items, *items.get("allOf", [])])

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
        yield f'<p><a href="#codes">{both("Codes of errors", "Mã của từng lỗi")}</a></section>'


SETTING_OUT = """<p>This page is made of <a href="/openapi.yaml">openapi.yaml</a> (<a href="/openapi.json">JSON</a>), and so describes the service that shows it.
Each operation has a line of <code>curl</code>. Set these once; a key is shown when it is made (<a href="#createKey">createKey</a>):
<pre class=curl><code>api=<span id="origin">http://127.0.0.1:8080</span> key=thd_…</code></pre>
<p>Any other variable, such as <code>$id</code>, is the id of what you mean. <code>$etag</code> is the <code>ETag</code> of what you read: <code>curl -i</code> shows it."""


def badge(method):
    return f'<span class="m {method}">{method.upper()}</span> '


def whole_words(line):
    """An option with its value, or an address, is not broken where it fits on a line of its own."""
    return re.sub(r"""(?<= )(-[HX] (?:\w+|"[^"]+"|'[^']+')|-[\w-]+|"[^" ]+")(?= |$)""", r"<span>\1</span>", line)


def tag_name(tag):
    vi = tag.get("x-name-vi")
    en = tag["name"].replace("-", " ").capitalize()
    return f"<span class=en>{en}</span>" + (f" <span class=vi lang=vi>{text(vi)}</span>" if vi else "")


def summary(operation):
    en, vi = operation.get("summary", ""), operation.get("x-summary-vi")
    yield f'<p class="summary{" en" if vi else ""}">{inline(en)}'
    if vi:
        yield f'<p class="summary vi" lang=vi>{inline(vi)}'


