"""src/http/problem.def as data: every problem that a caller can be shown."""
import collections
import re

Problem = collections.namedtuple("Problem", "status type vi en")
ROW = re.compile(r'^PROBLEM\(\w+, (\d+), "([^"]+)", "([^"]+)", "([^"]+)"\)', re.M)


def problems(definitions):
    found = [Problem(*row) for row in ROW.findall(definitions)]
    if len(found) != len(re.findall(r"^PROBLEM\(", definitions, re.M)):
        raise ValueError("problem.def has a row that the page cannot read")
    return found
