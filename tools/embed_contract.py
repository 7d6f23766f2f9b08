#!/usr/bin/env python3
"""What the program carries for people: openapi.yaml, the same as JSON and as pages, and the front page.
embed_contract.py OUT.c openapi.yaml problem.def web/index.html"""
import gzip
import hashlib
import json
import pathlib
import sys

import yaml

from contract_page import POLICY, pages
from contract_page.problems import problems
from front_page import front_page


class Texts(yaml.SafeLoader):
    """Days and instants of examples stay the text that they are."""


Texts.yaml_implicit_resolvers = {first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
                                 for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def array(name, data):
    yield f"static const char {name}[] = {{\n"
    for start in range(0, len(data), 40):
        yield "    " + ", ".join(str(b if b < 128 else b - 256) for b in data[start:start + 40]) + ",\n"
    yield "    0};\n"


def contract(name, media_type, text, content_security_policy=None):
    """The text, the same in gzip, and the digest that tells one version from another."""
    data = text.encode()
    packed = gzip.compress(data, 9, mtime=0)
    yield from array(f"{name}_text", data)
    yield from array(f"{name}_gzip", packed)
    yield f"const struct contract contract_{name} = {{\n"
    yield f"    .media_type = {json.dumps(media_type)},\n    .text = {name}_text,\n    .length = {len(data)},\n"
    yield f"    .gzip = {name}_gzip,\n    .gzip_length = {len(packed)},\n"
    yield f"    .etag = \"{hashlib.sha256(data).hexdigest()[:16]}\",\n"
    if content_security_policy:
        yield f"    .content_security_policy = {json.dumps(content_security_policy)},\n"
    yield "};\n"


def main(out, path, definitions, front):
    text, definitions = (pathlib.Path(name).read_text(encoding="utf-8") for name in (path, definitions))
    document = yaml.load(text, Loader=Texts)
    front, policy = front_page(pathlib.Path(front).parent)
    with open(out, "w", encoding="utf-8") as file:
        file.write('#include "operate/contract.h"\n')
        file.writelines(contract("yaml", "application/yaml; charset=utf-8", text))
        file.writelines(contract("json", "application/json", json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"))
        shown = pages(document, problems(definitions))
        for name, path in (("page", "/docs"), ("schemas", "/docs/schemas")):
            file.writelines(contract(name, "text/html; charset=utf-8", shown[path], f"{POLICY}; frame-ancestors 'none'"))
        file.writelines(contract("front", "text/html; charset=utf-8", front, f"{policy}; frame-ancestors 'none'"))


main(*sys.argv[1:])
