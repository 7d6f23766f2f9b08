#!/usr/bin/python3
"""The core stays pure: no clock, locale, environment, streams or floats.

Usage: purity.py SOURCE_ROOT ARCHIVE…
"""
import pathlib
import re
import subprocess
import sys

# Everything of libc (and of the compiler's hardening and sanitizers) that the core may call.
ALLOWED = re.compile(
    r"""^(
    (mem|str)(cpy|cmp|chr|rchr|len|set|move|spn|cspn|ncmp) | __mem\w+_chk | malloc | malloc_usable_size | free | abort | bsearch | qsort(_r)?
    | vsnprintf | __vsnprintf_chk | snprintf | __snprintf_chk | __stack_chk_fail | __tls_get_addr
    | fwrite | stderr                                   # arena.c: the last words when memory is exhausted
    | __(add|mul|div|udiv|mod|umod|sub)\w*[td]i\d       # 128-bit integer arithmetic
    | __muloti4 | _GLOBAL_OFFSET_TABLE_ | __(asan|ubsan|sanitizer)_\w+ | __start_\w+ | __stop_\w+
    )$""",
    re.X,
)
BANNED_CALLS = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|atoi|atol|strtok|localtime|gmtime|gets)\s*\(")
FLOATS = re.compile(r"\b(float|double)\b")
PURE = ("src/base/pure/",)


def undefined_symbols(archives):
    listing = subprocess.run(["nm", "--undefined-only", *archives], capture_output=True, text=True, check=True).stdout
    defined = subprocess.run(["nm", "--defined-only", *archives], capture_output=True, text=True, check=True).stdout
    own = {line.split()[-1] for line in defined.splitlines() if len(line.split()) == 3}
    wanted = {line.split()[-1] for line in listing.splitlines() if line.split()[:1] == ["U"]}
    return sorted(wanted - own)


def without_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/|\"(\\.|[^\"\\])*\"", " ", text, flags=re.S)


def source_faults(root):
    files = [path for folder in ("src", "include") for path in sorted((root / folder).rglob("*.[ch]"))]
    for path in files:
        place = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        code = without_comments(text)
        for call in BANNED_CALLS.finditer(code):
            yield f"{place}: {call.group(1)} is banned"
        if place.startswith(("src/engine/", "src/domain/", *PURE, "include/thidua/")) and FLOATS.search(code):
            yield f"{place}: no floats in the core"
        if place.startswith(("src/engine/", "src/domain/", *PURE)) and not place.startswith("src/engine/json/") and re.search(r"#include\s*<(time|locale|math|jansson|gnutls)", text):
            yield f"{place}: the core is libc without clock, locale and floats"


def main():
    root, archives = pathlib.Path(sys.argv[1]), sys.argv[2:]
    faults = list(source_faults(root))
    faults += [f"undefined symbol {name}" for name in undefined_symbols(archives) if not ALLOWED.match(name)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
