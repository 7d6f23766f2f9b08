"""`thidua evaluate`: a round from the command line, stored as the interface stores it."""
import json
import random

import pytest

from test_packed_facts import AS_OF, Round


@pytest.fixture(scope="module")
def made(service, clients, unit):
    there = Round(service, clients, unit)
    there.finding(there.units[0], random.Random(2))
    return there


def code(made):
    return made.campaign.rsplit("/", 1)[1]


def test_it_judges_and_stores_what_the_interface_would(service, made):
    done = service.command("evaluate", "--campaign", code(made), "--year", "2024", "--as-of", AS_OF, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    by_http = made.evaluate()
    assert (told["evaluation"]["input_hash"], told["evaluation"]["result_hash"], told["verdicts"]) == by_http
    stored = made.clients["auditor"].get(f"/v1/evaluations/{told['evaluation']['id']}").json()
    assert stored == told["evaluation"] and stored["created_by"] == "thidua evaluate"
    assert made.ok("auditor", "POST", f"/v1/evaluations/{stored['id']}/replay").json()["identical"] is True


def test_the_table_names_every_unit_and_what_stands_in_its_way(service, made):
    done = service.command("evaluate", "--campaign", code(made), "--year", "2024")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 4 and lines[3].startswith("3 contestants, evaluation ")
    assert all(" III.1.b " in line for line in lines[:3])  # on the list, and no index yet


def test_what_cannot_be_done_says_why_and_stores_nothing(service, made):
    before = service.psql("SELECT count(*) FROM evaluations")
    for arguments, status, word in ((["--campaign", code(made)], 2, "--year"), (["--campaign", code(made), "--year", "24"], 2, "year"),
                                    (["--campaign", "NO-SUCH", "--year", "2024"], 1, "no round of 2024 for --campaign NO-SUCH"),
                                    (["--campaign", code(made), "--year", "2026"], 1, "rule-refused"), (["--what"], 2, "unknown option"),
                                    (["--campaign", code(made), "--year", "2024", "--group", "NOPE"], 1, "unknown_group: The plan's groups are"),
                                    (["--campaign", "NO-SUCH", "--year", "2024", "--group", "XA"], 1, "no round of 2024"),
                                    (["--campaign", code(made), "--year", "2024", "--as-of", "2999-01-01T00:00:00+07:00"], 1, "has not come"),
                                    (["--campaign", code(made), "--year", "2024", "--as-of", "today"], 2, "--as-of")):
        done = service.command("evaluate", *arguments)
        assert (done.returncode, done.stdout) == (status, "") and word in done.stderr, done.stderr
    assert service.psql("SELECT count(*) FROM evaluations") == before
