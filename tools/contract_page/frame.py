"""What the pages have in common: the frame with its style and script, how a section and a member look, and where a link leads."""
import base64
import hashlib
import itertools
import json
import pathlib
import re

from .markdown import attribute, inline, text
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


def both(en, vi):
    """A word of the page itself: in English unless the reader chose Vietnamese."""
    return f"<b class=en>{en}</b><b class=vi lang=vi>{vi}</b>"


TAIL = {"parameters": both("Shared parameters", "Tham số dùng chung"), "problems": both("Problems and codes", "Các lỗi và mã"),
        "schemas": both("Schemas", "Cấu trúc dữ liệu")}
START, EXAMPLE = both("Start", "Bắt đầu"), both("Example", "Ví dụ")


def heading(level, anchor, words):
    return f'<h{level}><a class=anchor href="#{anchor}">{words}</a></h{level}>'


def section(anchor, words):
    return f'<section id="{anchor}">{heading(2, anchor, words)}'


def entry(name, kind, meaning, required=False, where="", place=""):
    return f"<li{place}><code>{text(name)}</code>{where} <span{' class=r' if required else ''}>{kind}</span>" + (f"<p>{inline(meaning)}" if meaning else "")


def lines(parts):
    return "\n".join(filter(None, parts))


def written(example):
    return example if isinstance(example, str) else json.dumps(example, ensure_ascii=False, indent=1, default=str)


class Page:
    """One of the pages: `path` is where it is served, and its `title` stands in the browser's tab. What stands on it and in its side
    list, subclasses say in `navigation` and `contents`."""

    def __init__(self, document):
        self.document = document
        self.values = Values(document)
        self.resolve = self.values.resolve

    def tagged(self):
        """(tag, [(path, method, item)]) in the contract's order; webhooks stand with their tag, with a path of their own name."""
        found = {tag["name"]: (tag, []) for tag in self.document["tags"]}
        described = itertools.chain(self.document["paths"].items(), self.document.get("webhooks", {}).items())
        for path, item in described:
            for method in METHODS:
                if method in item:
                    found[item[method]["tags"][0]][1].append((path, method, item))
        return [(tag, operations) for tag, operations in found.values() if operations]

    def schema(self, schema):
        rows = list(self.values.members(schema))
        if not rows:
            return f"<p class=type>{self.values.type_of(schema, whole=True)}"
        return "<ul class=rows>" + "".join(entry(path, self.values.type_of(member), member.get("description", ""), required) for path, member, required in rows) + "</ul>"

    def example(self, value, words, name):
        if value is None:
            return ""
        return f'<details><summary>{words}</summary><pre tabindex=0 role=group aria-label="{attribute(name)}">{text(written(value))}</pre></details>'

    def write(self):
        info = self.document["info"]
        parts = {"policy": POLICY, "style": STYLE, "script": SCRIPT, "service": text(info["title"]), "version": text(info["version"]),
                 "title": self.title, "navigation": lines(self.navigation()), "contents": lines(self.contents())}
        return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], FRAME)
