"""A streamed answer that cannot go on: its receiver notices, and nobody else does."""
import contextlib
import os
import re
import socket
import time

import pytest

from conftest import make_unit
from dossier_tools import Dossier, Round, make_pdf
from service import Client, until_closed, wait_until
from test_documents import raw

MIB = 1024 * 1024
REST_SECONDS = 1.5  # a connection that waits for longer gives its memory back (src/http/transport/resting.c)


@pytest.fixture(scope="module")
def paper(fresh_service):
    """A paper of 2 MiB of which a piece is gone, as a database gives it whose disk has lost a block."""
    own = make_unit(fresh_service.key("admin"))["id"]
    award_round = Round(fresh_service)
    award_round.register(own)
    dossier = Dossier(fresh_service.key("unit", own), award_round, own)
    assert dossier.put("documents/TO_TRINH", make_pdf(size=2 * MIB)).status_code == 201
    removed = fresh_service.psql("SET session_replication_role = replica; DELETE FROM document_chunks WHERE number = 5 RETURNING number", user="postgres")
    assert "5" in removed.split(), removed
    return dossier


def to_the_end(connection):
    """Head and body of what comes until the server closes."""
    came = until_closed(connection)
    connection.close()
    return came.partition(b"\r\n\r\n")[::2]


def connections(service):
    held, count = f"/proc/{service.process.pid}/fd", 0
    for name in os.listdir(held):
        with contextlib.suppress(FileNotFoundError):  # closed since it was listed
            count += os.readlink(f"{held}/{name}").startswith("socket:")
    return count


@contextlib.contextmanager
def nobody_else_notices(service):
    """The connection is closed at once, and the service goes on when whoever rests gives memory back."""
    before = connections(service)
    yield
    wait_until(lambda: connections(service) <= before, seconds=5)
    time.sleep(REST_SECONDS)
    with Client(service.base) as other:
        assert other.get("/v1/units").status_code == 200
    assert service.process.poll() is None


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("more", [[], ["Range: bytes=0-9"], ["Accept-Encoding: gzip"]], ids=["whole", "range", "gzip"])
def test_a_paper_that_cannot_be_read_to_its_end_comes_shorter_than_announced(fresh_service, paper, version, more):
    with nobody_else_notices(fresh_service):
        head, body = to_the_end(raw(fresh_service, [f"GET {paper.url}/documents/TO_TRINH HTTP/{version}", *more], paper.client))
    assert b" 200 " in head.split(b"\r\n")[0] and b"chunked" not in head
    assert MIB < len(body) == 5 * 256 * 1024 < int(re.search(rb"(?i)content-length: (\d+)", head)[1])


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_an_event_stream_ends_at_once_and_in_order(fresh_service, version):
    """HTTP/1.0, which nginx speaks where nothing else is configured, has no chunks: there the end of the connection is the end."""
    admin = fresh_service.key("admin")
    key = admin.post("/v1/keys", json={"name": "nghe", "roles": ["auditor"]}).json()
    admin.get("/v1/me")  # on a connection of its own, which stays
    with nobody_else_notices(fresh_service):
        stream = raw(fresh_service, [f"GET /v1/events/stream HTTP/{version}", "Connection: close"], Client(fresh_service.base, key["key"]))
        assert stream.recv(4096, socket.MSG_PEEK)
        assert admin.delete(f"/v1/keys/{key['id']}").status_code in (200, 204)
        stream.settimeout(10)
        _, body = to_the_end(stream)
    assert body.endswith(b"0\r\n\r\n" if version == "1.1" else b"\n\n")
