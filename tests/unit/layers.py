#!/usr/bin/python3
"""Arrows between folders of src point one way, and each library has one home.

Usage: layers.py BUILD_ROOT SOURCE_ROOT [--report]

An arrow goes from whoever needs a symbol to the object that defines it, as nm shows them, and from whoever includes a
header to its folder. The test fails
  * when an arrow leads to a folder that LAYERS does not allow,
  * when folders form a circle, or objects of one folder a circle of more than KNOT_MOST,
  * when a table of routes or constraints, or a whole feature, is named by nobody,
  * when a library's header is included outside its home.
A folder that LAYERS does not name is a feature. Features may use one another, in one direction only.
"""
import collections
import json
import pathlib
import re
import subprocess
import sys

KNOT_MOST = 4
# What each layer may use besides itself, from the lowest to the highest. FEATURE stands for every folder not named here.
LAYERS = {
    "base": [],
    "engine": ["base"],
    "domain": ["base"],
    "http": ["base", "domain"],
    "paper": ["base"],
    "database": ["base"],
    "handler": ["base", "domain", "http", "paper", "database"],
    "FEATURE": ["base", "domain", "engine", "http", "paper", "database", "handler", "FEATURE"],
    "app": ["base", "domain", "engine", "http", "paper", "database", "handler", "FEATURE"],
}
# Generated sources that are made of files of many folders, or of none of src. Others belong to the folder of their .sql file.
GENERATED = {"statements.c": "app", "schema.c": "app", "contract.c": "operate"}


# How the name of a library's header begins → the files and folders that may include it.
HOMES = {
    "microhttpd.h": ["http/transport"],
    "libpq-fe.h": ["database/private.h"],
    "zlib.h": ["http"],
    "csv.h": ["http/sheet/text.c"],
    "zip.h": ["http/sheet/parts.c", "paper/docx.c", "handler/table/archive.c"],
    "libxml/": ["paper/docx.h", "paper/metadata.c"],
    "pango/": ["paper/pdf.h"],
    "cairo": ["paper/pdf.h"],
    "expat.h": ["http/sheet/parts.h"],
    "utf8proc.h": ["http/input/field.c", "paper/paper.c", "paper/spelling.c"],
    "xlsxwriter.h": ["handler/table/book.c"],
    "rhonabwy.h": ["identity"],
    "curl/": ["identity/jwks.c", "webhooks"],
    "uuid/": ["http/transport", "identity", "webhooks"],
    "gnutls/": ["base/sha256.c", "handler/idempotency.c", "dossiers/documents.c", "webhooks/secret.c"],
    "jansson.h": ["engine/json", "http", "handler", "identity", "proposals", "app/command"],
}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)


def layer_of(folder):
    return folder if folder in LAYERS else "FEATURE"


def built_objects(build, root):
    """Path of the object → (folder, source), of everything that is compiled for the program."""
    objects = {}
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        if not entry["output"].startswith("src/"):
            continue
        source = (pathlib.Path(entry["directory"]) / entry["file"]).resolve()
        place = source.relative_to(root / "src" if source.is_relative_to(root / "src") else build / "src")
        objects[build / entry["output"]] = (GENERATED.get(place.as_posix(), place.parts[0]), place.as_posix())
    return objects


def symbols(paths, which):
    """Path of the object → the global symbols that it defines, or that it needs."""
    listing = subprocess.run(["nm", "--print-file-name", "--extern-only", which, *map(str, paths)], capture_output=True, text=True, check=True).stdout
    found = collections.defaultdict(set)
    for line in listing.splitlines():
        name, _, rest = line.partition(":")
        symbol = rest.split()[-1]
        if not symbol.startswith("__odr_asan."):  # AddressSanitizer's twin of a global
            found[pathlib.Path(name)].add(symbol)
    return found


def link_graph(objects):
    """Source → {source that it needs: one symbol for which it needs it}."""
    homes = {}
    for path, names in symbols(objects, "--defined-only").items():
        for name in names:
            homes[name] = objects[path][1]
    graph = {source: {} for _, source in objects.values()}
    for path, names in symbols(objects, "--undefined-only").items():
        source = objects[path][1]
        for name in sorted(names):
            if homes.get(name, source) != source:
                graph[source].setdefault(homes[name], name)
    return graph


def circles(graph):
    """The strongly connected components of more than one node (Tarjan), the largest first."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph[node]:
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            found.append(sorted(stack[at:]))
            del stack[at:]

    for node in graph:
        if node not in index:
            visit(node)
    return sorted((circle for circle in found if len(circle) > 1), key=len, reverse=True)


def includes(root):
    """(file, header) of every #include in src."""
    for path in sorted((root / "src").rglob("*.[ch]")):
        for header in INCLUDE.findall(path.read_text(encoding="utf-8")):
            yield path.relative_to(root / "src").as_posix(), header


def folder_of_header(header, root):
    made_of = header.removesuffix(".h") if header.endswith(".sql.h") else header
    return header.split("/")[0] if (root / "src" / made_of).is_file() else None


def arrows_of(graph, folders, root):
    """(folder, folder that it needs, why) of everything that leads out of a folder."""
    for source, needs in sorted(graph.items()):
        for other, symbol in sorted(needs.items()):
            if folders[source] != folders[other]:
                yield folders[source], folders[other], f"{source} needs {symbol} of {other}"
    for source, header in includes(root):
        mine, theirs = source.split("/")[0], folder_of_header(header, root)
        if theirs and mine != theirs:
            yield mine, theirs, f"{source} includes {header}"


def folder_graph(arrows):
    """Folder → {folder that it needs: why}."""
    graph = collections.defaultdict(dict)
    for mine, theirs, why in arrows:
        graph[mine].setdefault(theirs, why)
        graph[theirs]
    return graph


def faults_of_arrows(arrows):
    for mine, theirs, why in arrows:
        if layer_of(theirs) not in LAYERS[layer_of(mine)]:
            yield f"{why}: {mine} may not use {theirs}"
    graph = folder_graph(arrows)
    for circle in circles(graph):
        yield f"a circle spans the folders {', '.join(circle)}:"
        for mine in circle:
            for theirs, why in sorted(graph[mine].items()):
                if theirs in circle:
                    yield f"    {mine} → {theirs}: {why}"


def faults_of_knots(graph):
    for circle in circles(graph):
        if len(circle) > KNOT_MOST:
            yield f"a knot of {len(circle)} objects, at most {KNOT_MOST} are allowed: {', '.join(circle)}"


def faults_of_tables(objects):
    """Tables that were forgotten: whoever defines them is linked, but nobody reads them."""
    needed = set().union(*symbols(objects, "--undefined-only").values())
    for path, names in sorted(symbols(objects, "--defined-only").items()):
        for name in sorted(names - needed):
            if name.endswith(("_routes", "_constraints", "_feature")):
                yield f"{objects[path][1]}: nobody names {name}"


def faults_of_homes(root):
    for source, header in includes(root):
        for library, homes in HOMES.items():
            if header.startswith(library) and not any(source == home or source.startswith(home + "/") for home in homes):
                yield f"{source}: only {', '.join(homes)} may include {header}"


def report(graph, arrows):
    knots = circles(graph)
    print(f"{len(graph)} objects; largest knot: {len(knots[0]) if knots else 1}")
    for knot in knots:
        print(f"    {', '.join(knot)}")
    for folder, needs in sorted(folder_graph(arrows).items()):
        print(f"{folder}: {' '.join(sorted(needs)) or '-'}")


def main():
    build, root = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    objects = built_objects(build, root)
    graph, folders = link_graph(objects), {source: folder for folder, source in objects.values()}
    arrows = list(arrows_of(graph, folders, root))
    if "--report" in sys.argv:
        report(graph, arrows)
    faults = [*faults_of_arrows(arrows), *faults_of_knots(graph), *faults_of_tables(objects), *faults_of_homes(root)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
