#!/usr/bin/python3
"""A kind of leaf stands wherever it must: in the catalogue, in the contract and in the oracle.

Usage: catalogue.py SOURCE_ROOT
"""
import pathlib
import re
import sys

import yaml


def main():
    root = pathlib.Path(sys.argv[1])
    catalogue = re.findall(r"^LEAF_KIND\((\w+)\)", (root / "src/engine/leaf/kinds.def").read_text(encoding="utf-8"), re.M)
    contract = yaml.safe_load((root / "openapi.yaml").read_text(encoding="utf-8"))
    sys.path.insert(0, str(root / "tests" / "oracle"))
    from leaf_kinds import KINDS
    told = {"openapi.yaml, schema Leaf": contract["components"]["schemas"]["Leaf"]["properties"]["kind"]["enum"],
            "openapi.yaml, schema RuleLeaf": list(contract["components"]["schemas"]["RuleLeaf"]["discriminator"]["mapping"]),
            "tests/oracle/leaf_kinds.py": list(KINDS)}
    faults = [f"{place}: {', '.join(sorted(set(kinds) ^ set(catalogue)))}: stands only there, or only in src/engine/leaf/kinds.def"
              for place, kinds in told.items() if set(kinds) != set(catalogue)]
    print("\n".join(faults))
    return 1 if faults or not catalogue else 0


if __name__ == "__main__":
    sys.exit(main())
