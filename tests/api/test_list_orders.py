"""Every page of a list is read off an index in its order: without one, all pages of a long list together cost its square."""
import re
import sys

import pytest

from service import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import embed_statements  # noqa: E402

STATEMENTS = {statement.name: statement.code for file in sorted(ROOT.glob("src/*/*.sql")) if not file.stem.endswith("_functions")
              for statement in embed_statements.statements(file)}
LISTS = {name: order[1] for name, text in STATEMENTS.items() if (order := re.search(r"ORDER BY ([^\n]*) LIMIT \$\d+::integer \+ 1", text))}
SORTED = {  # of which there are few, or whose order is in no table
    "award_list": "off decisions_published in its order, and of each decision by id",
    "round_award_list": "by the date of the decision; at most the cap",
    "notification_list": "by the date of the decision; the nominees of one round",
    "obligation_list": "off unit_periods_name, and of units of one name by label",
    "succession_list": "of one unit"}


def plan(service, name):
    """Of parameters that it does not know, and only with a sort or a walk through the whole table where there is no other way."""
    statement = STATEMENTS[name]
    parameters = ", ".join(["NULL"] * max(int(n) for n in re.findall(r"\$(\d+)", statement)))
    return service.psql("SET enable_sort = off; SET enable_incremental_sort = off; SET enable_seqscan = off; SET enable_bitmapscan = off; "
                        f"SET plan_cache_mode = force_generic_plan; PREPARE list AS {statement}; EXPLAIN (COSTS OFF) EXECUTE list({parameters})")


def test_all_lists_are_looked_at():
    assert len(LISTS) >= 20 and {"key_list", "unit_list", "dossier_list", "journal_list", "verdict_page"} <= set(LISTS) and set(SORTED) <= set(LISTS)
    assert {"unit_list_reversed", "unit_list_by_start", "dossier_list_reversed", "journal_list_newest"} <= set(LISTS)


@pytest.mark.parametrize("name", [name for name in LISTS if re.sub("_(reversed|counted)$", "", name) not in SORTED])
def test_a_page_is_read_off_an_index_in_its_order(service, name):
    told = plan(service, name)
    # A Merge Append has a sort key too, and sorts nothing.
    assert "Index" in told and not re.search(rf"Sort\n +Sort Key: {re.escape(LISTS[name])}\n", told), told
