"""What answers one thing or one page reads no more where there is more of everything (growing.py).

In a database of its own beside the service's. Scans of whole tables are made dear, so that one is left only where no key serves.
"""
import subprocess

import growing
from service import PROGRAM, plain_environment

ROWS = 1200  # of everything
MOST = 1000  # rows read for one page of 20, with all that each item shows

# What still reads the whole of a round or table, and why. Each must do so: what was mended is taken from here.
WHOLE = {
    "obligation_list": "who owes a report follows from the periods of the units of all kinds that owe one; nothing stores it",
    "notification_list": "how a nominee came out follows from decisions, proposals and the state of the round together; nothing stores it",
    "register_list": "a register is one thing with all its declarations", "register_get": "a register is one thing with all its declarations",
    "round_list": "counts the round", "round_get": "counts the round",
    "report_list": "which reports are late follows from the cut-off, which may move, and PostgreSQL cannot know how rare they are",
}


def test_a_page_reads_no_more_where_there_is_more(service):
    socket = service.var / "socket"
    owner = f"host={socket} user=thidua_owner dbname=growth"
    admin = growing.Database(socket)
    assert not admin.run("CREATE DATABASE growth OWNER thidua_owner")
    environment = {**plain_environment(), "DATABASE_URL": owner, "DATABASE_OWNER_URL": owner}
    for arguments in (["migrate"], ["load", str(growing.ROOT / "campaigns/230-KH-UBND.json")]):
        done = subprocess.run([PROGRAM, *arguments], env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
    database = growing.Database(socket, "growth")
    growing.fill(database, units=ROWS, journal=2 * ROWS, keys=ROWS, webhooks=ROWS)
    database.run("SET enable_seqscan = off")
    measured = [(reading, growing.measure(database, reading)[1]) for reading in growing.readings(database, ["office"])]
    database.close()
    admin.run("DROP DATABASE growth WITH (FORCE)")
    admin.close()
    over = {reading.statement.name: f"{reading}: {rows} rows" for reading, rows in measured if rows > MOST}
    assert len(measured) > 150
    assert set(over) <= set(WHOLE), [told for name, told in over.items() if name not in WHOLE]
    assert set(WHOLE) <= set(over), f"mended: {set(WHOLE) - set(over)}"
