"""The order of the labels by their codes, for looking one up: order_labels.py label.def OUTPUT.

Prints the numbers of the rows, which stand in the file by vocabulary. Rows of one code keep the order of the file.
"""
import pathlib
import re
import sys

text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
codes = re.findall(r'^LABEL\("\w+", "([^"]+)", ', text, re.M)
if len(codes) != len(re.findall(r"^LABEL\(", text, re.M)):
    sys.exit(f"{sys.argv[1]}: a row in a form that this build does not know")
rows = sorted(range(len(codes)), key=lambda row: codes[row].encode())
pathlib.Path(sys.argv[2]).write_text("".join(f"{row},\n" for row in rows), encoding="ascii")
