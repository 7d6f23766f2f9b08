#!/usr/bin/python3
"""Official papers: what one costs as PDF and as a Word document, by the length of its list, on one core.

Processor time of the fastest of several turns, from the first block to the last byte; KiB of the whole process at the most. A paper of
20 pages shall take 150 ms at the most.
"""
import re
import subprocess
import tempfile

from house import ROOT, options_of

PRINT = ROOT / "build" / "tests" / "paper" / "print"
NAME = "Phòng Nội vụ, Ủy ban nhân dân huyện Lộc Ninh"


def pages(path):
    return int(re.search(r"^Pages: +(\d+)", subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout, re.M)[1])


def main():
    options = options_of("papers", __doc__, turns=10)
    options.add_argument("--rows", type=int, nargs="+", default=[6, 200, 385, 2000], metavar="N", help="length of the list")
    options = options.parse_args()
    print("| rows | pages | PDF ms | PDF KiB | peak KiB | DOCX ms | DOCX KiB | peak KiB |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for rows in options.rows:
            cells = []
            for form in ("pdf", "docx"):
                path = f"{folder}/paper.{form}"
                said = subprocess.run([PRINT, form, str(rows), NAME, path, str(options.turns)], capture_output=True, text=True, check=True).stdout.split()
                cells += [said[2], f"{int(said[0]) / 1024:.0f}", said[4]]
            print(f"| {rows} | {pages(f'{folder}/paper.pdf')} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
