"""The little Markdown that openapi.yaml uses, as HTML: paragraphs, lists, tables, `code`, **strong**, *emphasis*, [links](#x)."""
import html
import json
import re

SPAN = re.compile(r"`(?P<code>[^`]+)`|\*\*(?P<strong>.+?)\*\*|(?<![\w*])\*(?P<em>[^\s*][^*]*?)\*(?![\w*])|\[(?P<words>[^\]]+)\]\((?P<to>(?:https?:|/|#)[^)\s]+)\)", re.S)
# A paragraph that opens with a title of its own: "Header fields. A list may stand …".
TITLE = re.compile(r"(?m)^([A-Z][a-z]+(?: [a-z]+){0,2})(?: \(([^)]*)\))?\.\s+(?=[A-Z])")


def text(value):
    return html.escape(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str), quote=False)


def attribute(value):
    return html.escape(value)


def inline(words):
    parts, end = [], 0
    for span in SPAN.finditer(words or ""):
        parts.append(text(words[end:span.start()]))
        end = span.end()
        if span["code"]:
            parts.append(f"<code>{text(span['code'])}</code>")
        elif span["to"]:
            parts.append(f'<a href="{attribute(span["to"])}">{inline(span["words"])}</a>')
        else:
            tag = "strong" if span["strong"] else "em"
            parts.append(f"<{tag}>{inline(span['strong'] or span['em'])}</{tag}>")
    return "".join(parts) + text((words or "")[end:])


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def table(lines, name):
    """In a box that scrolls by itself, by keyboard too: a phone is narrower than most tables."""
    head, rows = cells(lines[0]), [cells(line) for line in lines[2:]]
    return (f'<div class="scroll" role="region" tabindex="0" aria-label="{attribute(name)}"><table><tr>' + "".join(f"<th>{inline(cell)}" for cell in head)
            + "".join("<tr>" + "".join(f"<td>{inline(cell)}" for cell in row) for row in rows) + "</table></div>")


def block(part, name):
    lines = part.split("\n")
    if len(lines) > 2 and lines[0].startswith("|"):
        return table(lines, f"Table: {name}")
    if re.match(r"[*-] ", part):
        items = re.split(r"(?m)^[*-] ", part)[1:]
        return "<ul>" + "".join(f"<li>{inline(item.strip())}" for item in items) + "</ul>"
    opening = re.search(r"(?m)^[*-] ", part)
    if opening:  # a list right under the line that announces it
        return block(part[:opening.start()].rstrip(), name) + block(part[opening.start():], name)
    return f"<p>{inline(part)}</p>"


def blocks(words, name=""):
    return "".join(block(part, name) for part in re.split(r"\n\s*\n", (words or "").strip()) if part)


def chapters(words):
    """(title, blocks) of a long text whose paragraphs open with titles; the first has none."""
    parts = TITLE.split(words.strip())
    yield None, blocks(parts[0])
    for title, aside, body in zip(parts[1::3], parts[2::3], parts[3::3]):
        yield title, blocks(f"{aside}. {body}" if aside else body, title)
