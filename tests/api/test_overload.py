"""The short form of tests/fault/overload: ten times as many callers as can be served, slow ones, and connections that say nothing."""
import pathlib
import sys

import pytest

from service import SANITIZED

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fault"))
import crowds  # noqa: E402


@pytest.mark.plain
def test_ten_times_as_many_callers_as_can_be_served_are_answered_right():
    crowds.run(1.5, 500, bounded=not SANITIZED)
