"""What tests/fault/soak says of its samples: it is too long to run here, but it must not call anything flat."""
import copy
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fault"))
import mixed_load  # noqa: E402

MIB = mixed_load.MIB


def sample(at):
    """Sixteen of them: rows come evenly, and a table that is swept stays as it is."""
    return {"memory": 12 * MIB, "of PostgreSQL": 160 * MIB, "descriptors": 65, "forgotten": dict.fromkeys(mixed_load.FORGOTTEN, 3),
            "tables": {"journal": ((at + 1) * 4 * MIB, (at + 1) * 3000), "idempotency_answers": (3 * MIB, 500 - 20 * at)}}


GROWN = {
    "memory": lambda at, now: now.update(memory=(12 + at) * MIB), "of PostgreSQL": lambda at, now: now.update({"of PostgreSQL": (160 + 8 * at) * MIB}),
    "descriptors": lambda at, now: now.update(descriptors=65 + 3 * at),
    "idempotency_answers": lambda at, now: now["tables"].update(idempotency_answers=((3 + at) * MIB, 500)),
    "kept answers": lambda at, now: now["forgotten"].update({"kept answers that expired": 40 * at}),
}


def test_what_is_flat_is_called_so():
    assert mixed_load.verdict([sample(at) for at in range(16)]) == []


@pytest.mark.parametrize("what", GROWN)
def test_what_grows_is_named(what):
    samples = [copy.deepcopy(sample(at)) for at in range(16)]
    for at, now in enumerate(samples):
        GROWN[what](at, now)
    found = mixed_load.verdict(samples)
    assert len(found) == 1 and what in found[0], found
