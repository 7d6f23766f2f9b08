#!/usr/bin/env python3
"""openapi.yaml as the program carries it: itself, the same as JSON, and as a page for people. embed_contract.py OUT.c openapi.yaml"""
import json
import pathlib
import sys

import yaml

from contract_page import page


class Texts(yaml.SafeLoader):
    """Days and instants of examples stay the text that they are."""


Texts.yaml_implicit_resolvers = {first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
                                 for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def array(name, text):
    data = text.encode()
    yield f"static const char {name}_text[] = {{\n"
    for start in range(0, len(data), 40):
        yield "    " + ", ".join(str(b if b < 128 else b - 256) for b in data[start:start + 40]) + ",\n"
    yield f"    0}};\nconst struct contract contract_{name} = {{{name}_text, {len(data)}}};\n"


def main(out, path):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    document = yaml.load(text, Loader=Texts)
    with open(out, "w", encoding="utf-8") as file:
        file.write('#include "operate/contract.h"\n')
        file.writelines(array("yaml", text))
        file.writelines(array("json", json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"))
        file.writelines(array("page", page(document)))


main(*sys.argv[1:])
