"""An outside opinion on what webhooks bring: signatures by the npm library `standardwebhooks`, events by `cloudevents`."""
import functools
import json
import subprocess

import pytest

import npm
from conftest import make_unit
from receiver import Receiver
from test_webhooks import sender, subscribe, unit_path  # noqa: F401

place = functools.cache(lambda: npm.installed("events"))


def judge(*messages):
    lines = "".join(json.dumps({"secret": secret, "headers": headers, "body": body}) + "\n" for secret, headers, body in messages)
    done = subprocess.run(["node", "verify.mjs"], cwd=place(), input=lines, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def delivered(sender):  # noqa: F811
    """Two messages, before and in the overlap of a rotation, and the secrets."""
    receiver, admin = Receiver(), sender.key("admin")
    hook = subscribe(admin, receiver, types=["thidua.unit.created"])
    first = receiver.await_subject(unit_path(make_unit(admin, name="Sở Thử nghiệm Đồng Xoài")))
    rotated = admin.post(f"{hook['path']}/rotate-secret", json={}, headers={"If-Match": hook["etag"]}).json()
    second = receiver.await_subject(unit_path(make_unit(admin)))
    receiver.close()
    return {"first": first, "second": second, "old": hook["secret"], "new": rotated["secret"]}


def parts(message, **changes):
    return {**{name.lower(): value for name, value in message.headers.items()}, **changes}, message.body.decode()


def test_the_published_library_verifies_signatures_and_reads_the_event(delivered):
    first, second = delivered["first"], delivered["second"]
    found = judge((delivered["old"], *parts(first)), (delivered["old"], *parts(second)), (delivered["new"], *parts(second)))
    assert [f.get("fault") for f in found] == [None] * 3
    assert found[0]["verified"] == first.event and found[1]["verified"] == second.event
    event = found[0]["event"]
    assert {name: event[name] for name in ("specversion", "id", "source", "type", "subject", "sequence", "data")} == {
        name: first.event[name] for name in ("specversion", "id", "source", "type", "subject", "sequence", "data")}


def test_the_published_library_refuses_what_was_touched(delivered):
    first, old, new = delivered["first"], delivered["old"], delivered["new"]
    headers, body = parts(first)
    found = judge((new, headers, body), (old, headers, body.replace("created", "changed")), (old, {**headers, "webhook-id": "msg_1"}, body),
                  (old, {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) - 1)}, body))
    assert [f["fault"].rpartition(": ")[2] for f in found] == ["No matching signature found"] * 4
