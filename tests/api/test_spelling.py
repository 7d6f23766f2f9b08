"""JSON out has one spelling, whoever made it. Every answer of every test is held to it (contract.check_spelling); here is what
that alone would not show: lists that no test reads, other codings, conditions, replays, streams."""
import gzip
import json

import pytest

from conftest import make_unit
from contract import OPERATIONS, check_spelling, spelled
from test_events import Stream, head

LISTS = sorted(path for method, path in OPERATIONS if method == "GET" and "{" not in path and not path.endswith("/stream"))


@pytest.mark.parametrize("path", LISTS)
def test_every_read_without_a_parameter(clients, unit, path):
    unit(name="Sở \"A: B\", \\ C  và D")
    answer = clients["auditor"].get(path)
    if not answer.headers["Content-Type"].endswith("json"):
        return
    check_spelling(answer)
    again = clients["auditor"].get(path, headers={"Accept-Encoding": "identity"})
    assert int(again.headers["Content-Length"]) == len(again.content)
    told = clients["auditor"].head(path, headers={"Accept-Encoding": "identity"})
    if path not in ("/v1/me", "/v1/keys", "/v1/journal", "/v1/journal/head", "/v1/events"):  # they tell of this very caller, or of what it made
        assert told.headers["Content-Length"] == again.headers["Content-Length"]
    if "no-store" not in answer.headers["Cache-Control"] and path not in (
            "/v1/keys", "/v1/journal", "/v1/journal/head", "/v1/events"):  # what others do, and a day that comes near, may add to these
        assert clients["auditor"].get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_the_whole_text_is_what_its_own_members_say(clients, unit):
    """Byte for byte: what another program writes of it in the same order."""
    made = unit(name="Đơn vị \"một: hai\", ba")
    for path in (f"/v1/units/{made['id']}", "/v1/units", f"/v1/units/{made['id']}/history", "/v1/campaigns", "/v1/vocabulary"):
        text = clients["auditor"].get(path).text
        assert text == json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")) + "\n"


def test_problems_too(clients):
    for path in ("/v1/units/x", "/v1/nothing", "/v1/units?limit=0"):
        check_spelling(clients["anyone"].get(path))


def test_a_replay_is_the_same_bytes(clients):
    body = {"name": "Đơn vị viết một lần", "kind": "OTHER", "valid_from": "2020-01-01", "confirm_duplicate": True}
    first, second = (clients["admin"].post("/v1/units", json=body, headers={"Idempotency-Key": "one-spelling"}) for _ in "ab")
    assert second.headers["Idempotency-Replayed"] == "true" and second.content == first.content
    assert second.headers["ETag"] == first.headers["ETag"]
    assert first.content == clients["admin"].get(first.headers["Location"]).content


def test_packed_and_plain_are_the_same_text(clients):
    plain = clients["auditor"].get("/v1/vocabulary", headers={"Accept-Encoding": "identity"})
    packed = clients["auditor"].get("/v1/vocabulary", headers={"Accept-Encoding": "gzip"}, stream=True)
    assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed.raw.read(decode_content=False)) == plain.content


def test_events_of_the_stream(service, clients):
    after = head(clients)
    stream = Stream(service.key("auditor"), f"/v1/events/stream?after={after}")
    try:
        made = make_unit(clients["admin"])
        told = [stream.block()["data"]]
        while made["id"] not in told[-1]:
            told.append(stream.block()["data"])
        assert all(spelled(event) for event in told)
    finally:
        stream.close()
