"""Values that callers should not send, and requests made of them from openapi.yaml: what test_fuzz.py sends.

Everything comes from one random.Random, so that a seed makes the same requests again."""
import base64
import copy
import json
import re
import string
import urllib.parse

from contract import merged, resolve

ODD_TEXTS = [
    "", " ", "\t\n", "a", "x" * 501, "x" * 20000, "é" * 120, "e\u0301" * 300, "\u0000", "a\u0000b", "\ud800", "\udfff\ud800", "a\ud83d",
    "\U0010ffff", "\ufffe", "\ufffd", "\ufeff", "\u200b", "\u202eabc", "\u0085", "\x7f", "\x1b[2J", "\u1100\u1161\u11a8", "ﬁ", "Ⅷ", "𝟠",
    "Hoà Hòa", "Đồng Xoài", "'; DROP TABLE units; --", "%", "_", "\\", "\\\\", "%s%n%d", "${x}", "{{x}}", "<script>alert(1)</script>",
    "../../etc/passwd", "null", "true", "[]", "{}", '"', "'", "0", "-1", "-0", "00", "+1", "1e5", "0x10", "NaN", "Infinity", "-infinity",
    "9" * 30, "1.005", "0.001", "99999999.99", "-0.00", "1,5", ".5", "5.", "２０２４", "٢٠٢٤", "0000-00-00", "0000-01-01", "0001-01-01",
    "2024-02-30", "2023-02-29", "1900-01-01", "2999-12-31", "9999-12-31", "10000-01-01", "-0001-01-01", "2024-1-1", "2024-12-31 ", "today",
    "2024-12-31T24:00:00Z", "2024-12-31T23:59:60Z", "9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00", "0000-01-01T00:00:00Z", "2024-12-30t17:30:00z", "2024-12-30T17:30:00", "2024-12-30T17:30:00+99:99",
    "2024-12-30T17:30:00+16:00", "2024-12-30T17:30:00-23:59", "1910-12-31T00:00:00Z", "1944-12-31", "1945-01-01", "9998-12-31", "9999-01-01",
    "00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "{00000000-0000-0000-0000-000000000000}",
    "000.00.04.H10", "H10.58", "25195", "230/KH-UBND", "15/2024/QĐ-UBND", "^(a+)+$", "(" * 50, "a" * 64 + "\n"]
ODD_NUMBERS = [0, -1, 1, 2**15, 2**31 - 1, 2**31, 2**53 + 1, 2**63 - 1, -2**63, 2000, 2024, 2999, 9999, 100000, 0.5, -0.0, 1e300]
RAW_NUMBERS = ["1e400", "-1e400", "9" * 40, "-9223372036854775809", "1E-999", "0.1e1", "2024.0"]  # as no dumper writes them
ODD_OTHERS = [None, True, False, [], {}, [[]], [None], {"a": {}}, {"": 0}, [{}] * 300, ["x"] * 2000]
ODD_HEADERS = {
    "If-Match": ["", "*", "1", '"1"', '"999999999999999999999"', 'W/"1"', '"1", "2"', '"', '"-1"', '"1-0000"', '"é"', "x" * 500],
    "If-None-Match": ["", "*", '"x"', 'W/"x"', '"' * 9, "x" * 3000],
    "Idempotency-Key": ['"k"', "", "a b", "x" * 255, "x" * 256, '"\t"'],
    "Accept": ["text/csv", "text/html", "application/json;q=0", "*/*;q=0", "text/*", ",,,", "x" * 900, "application/problem+json"],
    "Accept-Language": ["vi", "en", "xx", "", "*", "en;q=0", "vi-VN,en", "," * 300],
    "Accept-Encoding": ["gzip", "gzip;q=0", "br", "*", "identity;q=0", "gzip;q=x"],
    "Prefer": ["return=minimal", "wait=10", ";;;", '"'],
    "traceparent": ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "x", "00-" + "0" * 60],
    "X-Request-Id": ["a", "x" * 65, "a b", "../"],
    "Last-Event-ID": ["0", "-1", "x", "9" * 30, "999999999999999999"],
    "Origin": ["null", "https://portal.example", "x"],
    "Repr-Digest": ["sha-256=:AAAA:", "x", "sha-256=:" + "A" * 43 + "=:"],
    "Range": ["bytes=0-10", "bytes=-1", "x"],
    "Expect": ["100-continue", "200-ok"],
    "Authorization": ["Bearer", "Bearer ", "Bearer thd_x", "Basic dTpw", "Bearer a.b.c", "Bearer " + "x" * 3000, ""]}
MEDIA = ["application/json", "application/merge-patch+json", "application/pdf", "text/csv", "text/plain", "application/json; charset=latin1",
         "application/json;charset=utf-8", "multipart/form-data; boundary=x", "APPLICATION/JSON", "application/", "x", ""]

DEPTH_MOST = 4


class Raw(str):
    """Stands in the body as it is, without quotation marks."""


def dumped(random, value):
    """JSON of the value, now and then in a form that no library writes."""
    def plain(part):
        if isinstance(part, Raw):
            return f"<<raw {part}>>"
        if isinstance(part, dict):
            return {name: plain(member) for name, member in part.items()}
        return [plain(item) for item in part] if isinstance(part, list) else part
    text = json.dumps(plain(value), ensure_ascii=random.random() < 0.5, indent=random.choice([None, None, 1]))
    text = re.sub(r'"<<raw (.*?)>>"', r"\1", text)
    return text.encode("utf-8", "surrogatepass")


def broken(random, data):
    """Bytes that are nearly that body."""
    at = random.randrange(len(data) + 1)
    return random.choice([
        data[:at], data[at:], data + data, b"\xef\xbb\xbf" + data, data[:at] + b"\xc3" + data[at:], data[:at] + b"\x00" + data[at:],
        data[:at] + b"\xed\xa0\x80" + data[at:], data.replace(b":", b",", 1), data.replace(b"{", b"[", 1), data.replace(b'"', b"'"),
        b"[" * random.choice([31, 33, 5000]), b'{"a":' * 40 + b"1" + b"}" * 40, data[:-1] + b', "a": 1, "a": 2}', b"", b"null", b"[]", b'"x"', b"0",
        data.decode("utf-8", "replace").encode("utf-16"), b" " * 300000, data[:-1] + b"," + b" " * 1000 + b"}"])


def odd(random):
    kind = random.random()
    if kind < 0.6:
        return random.choice(ODD_TEXTS)
    if kind < 0.8:
        return random.choice(ODD_NUMBERS)
    return Raw(random.choice(RAW_NUMBERS)) if kind < 0.85 else copy.deepcopy(random.choice(ODD_OTHERS))


def text_of(random, schema, longest=5000):
    """A string as the schema has it, often at its very edge."""
    formatted = {"uuid": ODD_TEXTS[-13], "date": random.choice(["2024-01-01", "2024-12-30", "2025-07-01", "1945-01-01", "9998-12-31", "0001-01-01", "9999-12-31"]),
                 "date-time": random.choice(["2024-12-30T23:59:59+07:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2025-01-20T08:00:00.123456Z", "2025-01-20T08:00:00.9999999-15:59", "2025-01-20T08:00:00+16:00"])}
    if schema.get("format") in formatted:
        return formatted[schema["format"]]
    if "pattern" in schema:
        return random.choice(["1", "10.50", "a", "A1", "H10", "thd_" + "a" * 43])
    least, most = schema.get("minLength", 0), min(schema.get("maxLength", 500), longest)
    length = random.choice([least, most, random.randint(least, min(most, least + 20))])
    return "".join(random.choices(random.choice([string.ascii_letters, "ĐđƠơ ờ", "0123456789", "e\u0301", "🜁𠀀"]), k=length))


def example_of(random, schema, depth=0):
    """A value as the schema has it."""
    schema = resolve(schema)
    if "enum" in schema:
        return random.choice(schema["enum"])
    if "const" in schema:
        return schema["const"]
    for word in ("oneOf", "anyOf"):
        if word in schema:
            return example_of(random, random.choice(schema[word]), depth)
    if "allOf" in schema:
        return example_of(random, merged([resolve(part) for part in schema["allOf"]]), depth)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = random.choice(kind) if isinstance(kind, list) else kind
    if kind == "object":
        needed = schema.get("required", [])
        made = {name: example_of(random, member, depth + 1) for name, member in schema.get("properties", {}).items()
                if name in needed or random.random() < 0.5 / (1 + depth)}
        if isinstance(schema.get("additionalProperties"), dict) and depth < DEPTH_MOST:
            made.update({name: example_of(random, schema["additionalProperties"], depth + 1) for name in random.choice([[], ["A"], ["A", "on_list"]])})
        return made
    if kind == "array":
        least = schema.get("minItems", 0)
        most = min(schema.get("maxItems", 5), 40 if depth < 2 else 3) if depth < DEPTH_MOST else least  # a schema may hold itself
        return [example_of(random, schema.get("items", {}), depth + 1) for _ in range(random.choice([least, most, min(most, least + 1)]))]
    if kind == "integer":
        least, most = schema.get("minimum", -5), schema.get("maximum", 2**31)
        return random.choice([least, most, random.randint(least, most)])
    if kind == "number":
        return random.choice([0, 1.5, -1])
    return {"boolean": random.random() < 0.5, "null": None}.get(kind) if kind in ("boolean", "null") else text_of(random, schema, 5000 if depth < 3 else 100)


def places(value, path=()):
    yield path
    if isinstance(value, (dict, list)):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(part, (*path, name))


def mutated(random, value):
    """The value with one thing about it changed."""
    value = copy.deepcopy(value)
    *way, last = random.choice([path for path in places(value) if path] or [(None,)])
    if last is None:
        return random.choice([odd(random), {"x": odd(random)}])
    holder = value
    for step in way:
        holder = holder[step]
    act = random.random()
    if act < 0.65:
        holder[last] = odd(random)
    elif act < 0.8:
        del holder[last]
    elif isinstance(holder, list):
        holder.insert(last, random.choice([copy.deepcopy(holder[last]), odd(random)]))
    else:
        holder[random.choice(["colour", "", "a/b~c", "\u0000", "id", "version", "x" * 300, "__proto__", last.upper(), last + " "])] = odd(random)
    return value


def forged_cursor(random):
    """As the service writes them, but never written by it."""
    keys = [random.choice(["2024-01-01", "infinity", "-infinity", "294277-01-01", "1", "99999999999", "-1", "x", "", None, "00000000-0000-0000-0000-000000000000",
                           "\u0000", "epoch", "now", "NaN", "230-KH-UBND"]) for _ in range(random.choice([0, 1, 2, 2, 3]))]
    text = json.dumps(random.choice([keys, keys, keys, keys[:1] and keys[0], {"a": 1}, [keys]]))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def odd_text_in_url(random):
    text = random.choice(ODD_TEXTS)[:1000]
    coded = urllib.parse.quote(text.encode("utf-8", "surrogatepass"), safe=random.choice(["", "/", "'\"<>"][:2]))
    return random.choice([coded, coded, coded, "%", "%0", "%zz", "%c3", "%ff%fe", "%2e%2e", "%2F", "+", "%00", coded.lower()])


def parameter(random, declared):
    """name=value of a query: what the contract knows, what it does not, and what it would not take."""
    if not declared or random.random() < 0.1:
        return f"{odd_text_in_url(random)}={odd_text_in_url(random)}"
    one = random.choice(declared)
    if one["name"] == "cursor" and random.random() < 0.7:
        return f"cursor={forged_cursor(random)}"
    if random.random() < 0.5:
        return f"{one['name']}={odd_text_in_url(random)}"
    value = example_of(random, one["schema"])
    value = {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value
    # Thirteen of them stay within the 32 KiB of a head: beyond, libmicrohttpd answers by itself, with a page of its own.
    return f"{one['name']}={urllib.parse.quote(str(value)[:200], safe='')}"
