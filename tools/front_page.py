"""The front page: web/ as one file. Its modules become one script, each in a scope of its own, so that the page's
Content-Security-Policy can name style and script by their digests and let nothing else run."""
import base64
import hashlib
import re

IMPORT = re.compile(r'^import \{ ([^}]+) \} from "\./([\w.-]+)";\n', re.M)
EXPORT = re.compile(r"^export (?=(?:async )?function (\w+)|const (\w+) =|class (\w+))", re.M)
COMMENT = re.compile(r"^ *// .*\n|(?<=[;,{}]) // .*$", re.M)


def digest(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def dense(text):
    """Without what only who writes the page reads. No text in it goes over several lines."""
    return re.sub(r"^\s+", "", COMMENT.sub("", text), flags=re.M)


def scope(name):
    return f"in_{name.removesuffix('.js')}"


def module(name, text):
    """`import` takes from the scopes of modules before, `export` gives to those behind."""
    exported = ["".join(names) for names in EXPORT.findall(text)]
    body = IMPORT.sub(lambda found: f"const {{ {found[1].replace(' as ', ': ')} }} = {scope(found[2])};\n", EXPORT.sub("", text))
    if re.search(r"^(?:import|export)\b", body, re.M):
        raise SystemExit(f"web/{name}: an import or export in a form that this build does not know")
    return f"const {scope(name)} = (() => {{\n{body}return {{ {', '.join(exported)} }};\n}})();\n"


def ordered(folder, name, done):
    """A module stands behind those that it imports."""
    if name in done:
        return
    text = (folder / name).read_text(encoding="utf-8")
    done[name] = None
    for _, other in IMPORT.findall(text):
        if done.get(other, "") is None:
            raise SystemExit(f"web/{name} and web/{other} import each other")
        ordered(folder, other, done)
    done[name] = done.pop(name) or module(name, text)


def script(folder):
    modules = {}
    ordered(folder, "main.js", modules)
    return dense("".join(modules.values()))


def front_page(folder):
    """The page, and the policy that is sent with it."""
    style, code = dense((folder / "style.css").read_text(encoding="utf-8")), script(folder)
    policy = (f"default-src 'none'; style-src {digest(style)}; script-src {digest(code)}; connect-src 'self'; img-src data:; "
              "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'")
    parts = {"policy": policy, "style": style, "script": code}
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], (folder / "index.html").read_text(encoding="utf-8")), policy
