"""openapi.yaml as a page for people: no scripts, nothing loaded from elsewhere, readable by any browser and on paper."""
import base64
import hashlib
import html
import json

METHODS = ("get", "put", "post", "patch", "delete")
BOUNDS = ("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "pattern", "default", "format")
STYLE = """
:root { color-scheme: light dark; --line: #8886; --soft: #8882; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1rem; max-width: 60rem; }
code, pre { font: 0.9em/1.4 ui-monospace, monospace; }
pre { background: var(--soft); padding: 0.6rem; overflow-x: auto; border-radius: 4px; }
table { border-collapse: collapse; width: 100%; } th, td { border-bottom: 1px solid var(--line); padding: 0.2rem 0.6rem 0.2rem 0; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; } th, td.word { white-space: nowrap; } td:first-child { min-width: 10rem; }
section { border-top: 1px solid var(--line); margin-top: 2rem; } h3 { overflow-wrap: anywhere; }
h3 code { font-size: 1em; } .method { font-weight: 700; } .soft { opacity: 0.8; } summary { cursor: pointer; } nav ul { columns: 22rem; padding-left: 1.2rem; } nav li { overflow-wrap: anywhere; break-inside: avoid; }
@media print { details { display: block; } }
"""
# The page's own style and nothing else, also where it was saved to a disk.
POLICY = f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; base-uri 'none'; form-action 'none'"


class Page:
    def __init__(self, document):
        self.document, self.parts = document, []

    def resolve(self, node):
        while isinstance(node, dict) and "$ref" in node:
            found = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node

    def add(self, *parts):
        self.parts += parts

    def paragraphs(self, text):
        for part in (text or "").strip().split("\n\n"):
            if part:
                self.add(f"<p>{text_of(part)}</p>")

    def type_of(self, schema):
        """What a value is, in a few words; named schemas as links."""
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            return f'<a href="#schema-{name}">{name}</a>'
        for word, between in (("oneOf", " or "), ("anyOf", " or "), ("allOf", " with ")):
            if word in schema:
                return between.join(self.type_of(part) for part in schema[word])
        kind = schema.get("type")
        if kind == "array":
            return "list of " + self.type_of(schema.get("items", {}))
        words = " or ".join(kind) if isinstance(kind, list) else kind or ("object" if "properties" in schema else "any value")
        if "enum" in schema or "const" in schema:
            words = " | ".join(f"<code>{text(value)}</code>" for value in schema.get("enum", [schema.get("const")]))
        bounds = ", ".join(f"{name} {text(schema[name])}" for name in BOUNDS if name in schema)
        return words + (f' <span class="soft">({bounds})</span>' if bounds else "")

    def members(self, schema, prefix=""):
        """(path, schema, required) of every member, those of nested objects too."""
        for part in schema.get("allOf", []):
            yield from self.members(self.resolve(part), prefix)
        for name, member in schema.get("properties", {}).items():
            yield prefix + name, member, name in schema.get("required", [])
            inner = member.get("items", member) if member.get("type") == "array" else member
            if "$ref" not in inner:
                yield from self.members(inner, f"{prefix}{name}{'[]' if inner is not member else ''}.")

    def member_table(self, schema):
        rows = list(self.members(schema))
        if not rows:
            self.add(f"<p>{self.type_of(schema)}</p>")
            return
        self.add("<table><tr><th>member<th>value<th>meaning")
        for path, member, required in rows:
            self.add(f"<tr><td><code>{text(path)}</code>{' *' if required else ''}<td>{self.type_of(member)}<td>{text_of(member.get('description', ''))}")
        self.add("</table>")

    def example(self, media):
        examples = [media["example"]] if "example" in media else [self.resolve(e)["value"] for e in media.get("examples", {}).values()]
        for value in examples[:1]:
            shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2, default=str)
            self.add(f"<details><summary>Example</summary><pre>{text(shown)}</pre></details>")

    def parameters(self, item, operation):
        found = [self.resolve(p) for p in item.get("parameters", []) + operation.get("parameters", [])]
        if found:
            self.add("<table><tr><th>parameter<th>in<th>value<th>meaning")
        for p in found:
            self.add(f"<tr><td><code>{text(p['name'])}</code>{' *' if p.get('required') else ''}<td class=word>{p['in']}<td>{self.type_of(p['schema'])}"
                     f"<td>{text_of(p.get('description', ''))}")
        if found:
            self.add("</table>")

    def body(self, operation):
        for kind, media in self.resolve(operation.get("requestBody", {})).get("content", {}).items():
            self.add(f"<h4>Body <code>{kind}</code></h4>")
            if kind.endswith("json"):
                self.member_table(self.resolve(media["schema"]))
            self.example(media)

    def responses(self, operation):
        self.add("<h4>Answers</h4>")
        for status, response in operation["responses"].items():
            response = self.resolve(response)
            content = response.get("content", {})
            kinds = ", ".join(f"<code>{kind}</code>" + (f" {self.type_of(media['schema'])}" if kind.endswith("json") else "")
                              for kind, media in content.items())
            self.add(f"<p><strong>{status}</strong> {text_of(response.get('description', ''))} {kinds}</p>")
            for media in content.values():
                self.example(media)

    def operation(self, path, method, item):
        operation = item[method]
        roles = operation.get("x-roles", [])
        self.add(f'<section id="{operation["operationId"]}"><h3><code><span class="method">{method.upper()}</span> {text(path)}</code></h3>'
                 f"<p>{text_of(operation.get('summary', ''))}.</p>")
        self.paragraphs(operation.get("description"))
        free = {} in operation.get("security", []) or operation.get("security") == []
        self.add(f"<p class=soft>Who may call: {'anyone' + (', and more with a key' if roles else '') if free else ', '.join(roles)}</p>")
        self.parameters(item, operation)
        self.body(operation)
        self.responses(operation)
        self.add("</section>")

    def by_tag(self):
        found = {tag["name"]: (tag.get("description", ""), []) for tag in self.document["tags"]}
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    found[item[method]["tags"][0]][1].append((path, method, item))
        return found

    def write(self):
        info, tags = self.document["info"], self.by_tag()
        self.add('<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
                 f"<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">"
                 f"<title>{text(info['title'])} {info['version']}: the HTTP interface</title><style>{STYLE}</style></head><body><main>"
                 f"<h1>{text(info['title'])} {info['version']}</h1>")
        self.paragraphs(info["description"])
        self.add('<p>This page is made of <a href="/openapi.yaml">openapi.yaml</a> (<a href="/openapi.json">JSON</a>). * is required.</p>',
                 '<nav aria-label="Operations">')
        for tag, (meaning, operations) in tags.items():
            self.add(f"<h2>{tag}</h2><p>{text_of(meaning)}</p><ul>")
            self.add(*(f'<li><a href="#{item[method]["operationId"]}"><code>{method.upper()} {text(path)}</code></a>' for path, method, item in operations))
            self.add("</ul>")
        self.add("</nav>")
        for _, operations in tags.values():
            for operation in operations:
                self.operation(*operation)
        self.add("<h2>Schemas</h2>")
        for name, schema in self.document["components"]["schemas"].items():
            self.add(f'<section id="schema-{name}"><h3>{name}</h3>')
            self.paragraphs(schema.get("description"))
            self.member_table(schema)
            self.add("</section>")
        self.add("</main></body></html>\n")
        return "\n".join(self.parts)


def text(value):
    return html.escape(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))


def text_of(words):
    """Words with `code` in them."""
    parts = text(words).split("`")
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts)) if len(parts) % 2 else "`".join(parts)


def page(document):
    return Page(document).write()
