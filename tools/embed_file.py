#!/usr/bin/env python3
"""Turn one text file into a C array: embed_file.py OUT INCLUDE SYMBOL FILE."""
import sys

out, include, symbol, path = sys.argv[1:]
data = open(path, "rb").read()
with open(out, "w", encoding="utf-8") as file:
    file.write(f'#include "{include}"\nconst char {symbol}_text[] = {{\n')
    for start in range(0, len(data), 20):
        file.write("    " + ", ".join(str(b) if b < 128 else str(b - 256) for b in data[start:start + 20]) + ",\n")
    file.write(f"    0}};\nconst size_t {symbol}_length = {len(data)};\n")
