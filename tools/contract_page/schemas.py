"""/docs/schemas: what is sent and answered, each named schema once, with those who send or answer it."""
import collections

from .frame import EXAMPLE, START, TAIL, Page, both, heading, section
from .markdown import blocks, text

NAMED = "#/components/schemas/"


class Schemas(Page):
    path, title = "/docs/schemas", "the schemas of the HTTP interface"

    def __init__(self, document):
        super().__init__(document)
        self.named = document["components"]["schemas"]
        self.users = self.who_uses()

    def navigation(self):
        yield f'<ul class=chapters><li><a href="#start">{START}</a>' + "".join(f'<li><a href="#{anchor}">{words}</a>' for anchor, words in TAIL.items()) + "</ul>"
        yield f'<div><h2><a href="#schemas">{TAIL["schemas"]}</a></h2><ul>'
        yield "".join(f'<li><a href="#schema-{name}">{text(name)}</a>' for name in self.named) + "</ul></div>"

    def contents(self):
        yield section("schemas", TAIL["schemas"])
        yield f'<p>{both("What is sent and answered.", "Những gì được gửi và trả lời.")} <a href="#start">{both("The operations", "Các thao tác")}</a>'
        for name, schema in self.named.items():
            anchor = f"schema-{name}"
            yield f'<article id="{anchor}">{heading(3, anchor, text(name))}<div class=text>{blocks(schema.get("description"), name)}{self.meaning(name, schema)}'
            yield self.used_by(name)
            yield f"</div><div class=aside>{self.example(schema.get('examples', [None])[0], EXAMPLE, f'{name}, example')}</div></article>"
        yield "</section>"

    def meaning(self, name, schema):
        """The types of problems are listed with their titles beside the operations; each code of an error can be linked to."""
        if name == "ProblemType":
            return f'<p><a href="#problems">{TAIL["problems"]}</a>'
        if name == "ErrorCode":
            return '<ul class=codes id="codes">' + "".join(f'<li id="code-{text(code)}"><code>{text(code)}</code>' for code in schema["enum"]) + "</ul>"
        return self.schema(schema)

    def used_by(self, name):
        links = " ".join(f'<a href="#{anchor}">{text(words)}</a>' for anchor, words in self.users[name].items())
        return f"<p class=who>{both('Used by:', 'Dùng trong:')} {links}" if links else ""

    def who_uses(self):
        """name of a schema → {anchor: words} of the operations and schemas that name it. A problem is named by all."""
        users = collections.defaultdict(dict)
        for _, operations in self.tagged():
            for _, method, item in operations:
                operation = item[method]["operationId"]
                for name in self.names_in([item.get("parameters"), item[method]]):
                    users[name][operation] = operation
        for schema, inside in self.named.items():
            for name in self.names_in(inside):
                users[name][f"schema-{schema}"] = schema
        return users

    def names_in(self, node):
        """The schemas that it names itself, also by way of a shared answer or parameter."""
        if isinstance(node, list):
            for part in node:
                yield from self.names_in(part)
        elif isinstance(node, dict) and "$ref" in node:
            if node["$ref"].startswith(NAMED):
                yield node["$ref"].removeprefix(NAMED)
            else:
                yield from self.names_in(self.resolve(node))
        elif isinstance(node, dict):
            for key, part in node.items():
                if key not in ("example", "examples", "application/problem+json"):
                    yield from self.names_in(part)
