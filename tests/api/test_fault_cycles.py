"""The short form of tests/fault/run: one cycle of each kind of fault under writers that remember every acknowledged answer."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fault"))
import cycles  # noqa: E402


def test_no_acknowledged_write_is_lost_doubled_or_half_done_by_any_fault():
    counts = cycles.run(len(cycles.KINDS))
    assert counts["cycles"] == len(cycles.KINDS) and counts["acknowledged"] >= 20 * len(cycles.KINDS)
