"""What a value is, in a few words: types, bounds, and named schemas as links."""
from .markdown import text

RANGES = [("minLength", "maxLength", " characters"), ("minItems", "maxItems", " items"), ("minimum", "maximum", "")]
OTHERS = {"exclusiveMinimum": "> {}", "exclusiveMaximum": "< {}", "pattern": "{}", "default": "default {}", "format": "{}"}


def span(schema, least, most, what):
    low, high = schema.get(least), schema.get(most)
    if low == high:
        return f"{low}{what}"
    return f"{low} to {high}{what}" if None not in (low, high) else f"≤ {high}{what}" if low is None else f"≥ {low}{what}"


class Values:
    def __init__(self, document):
        self.document = document

    def resolve(self, node):
        while isinstance(node, dict) and "$ref" in node:
            found = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            node = found
        return node

    def type_of(self, schema, whole=False):
        """Named schemas are links. Of a page, where it is the whole answer, also what it lists."""
        words = self.name_of(schema)
        return words + (self.listed(schema) if whole else "")

    def name_of(self, schema):
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            return f'<a href="#schema-{name}">{name}</a>'
        for word, between in (("oneOf", " or "), ("anyOf", " or "), ("allOf", " with ")):
            if word in schema:
                return between.join(self.type_of(part) for part in schema[word])
        if "items" in schema:
            return "list of " + self.type_of(schema.get("items", {})) + self.bounds(schema)
        return self.plain_type(schema) + self.bounds(schema)

    def plain_type(self, schema):
        if "enum" in schema or "const" in schema:
            return " | ".join(f"<code>{text(value)}</code>" for value in schema.get("enum", [schema.get("const")]))
        kind = schema.get("type")
        values = schema.get("additionalProperties")
        if isinstance(values, dict) and values and "properties" not in schema:
            return "object of " + self.type_of(values)
        return " or ".join(kind) if isinstance(kind, list) else kind or ("object" if "properties" in schema else "any value")

    def bounds(self, schema):
        said = [span(schema, *bound) for bound in RANGES if bound[0] in schema or bound[1] in schema]
        said += [text(words.format(schema[name])) for name, words in OTHERS.items() if name in schema]
        if schema.get("x-happened"):
            said.append("not ahead of now")
        return f" <small>{', '.join(said)}</small>" if said else ""

    def listed(self, schema):
        """Of a page: what its items are."""
        lists = [self.type_of(member) for path, member, _ in self.members(schema) if path == "items" and "items" in member]
        return f": <code>items</code> {lists[-1]}" if lists else ""

    def members(self, schema, prefix=""):
        """(path, schema, required) of every member, those of nested objects too."""
        schema = self.resolve(schema) if not prefix else schema
        for part in schema.get("allOf", []):
            yield from self.members(self.resolve(part), prefix)
        for name, member in schema.get("properties", {}).items():
            yield prefix + name, member, name in schema.get("required", [])
            inner = member.get("items", member)
            if "$ref" not in inner:
                yield from self.members(inner, f"{prefix}{name}{'[]' if inner is not member else ''}.")
