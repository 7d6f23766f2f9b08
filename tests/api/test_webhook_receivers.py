"""Receivers of webhooks that trickle or stall: each attempt ends in bounded time, and what became of it is told."""
import contextlib
import socket
import threading
import time

import pytest

from conftest import make_unit
from service import Service, make_place, serving, wait_until

SECONDS = 2


@contextlib.contextmanager
def sending(**environment):
    with serving(Service(make_place(), THIDUA_WEBHOOK_TIMEOUT_SECONDS=str(SECONDS), THIDUA_WEBHOOK_RETRY_SECONDS="1,1,1,1", **environment)) as service:
        yield service


@pytest.fixture(scope="module")
def sender():
    with sending(THIDUA_WEBHOOK_ALLOW="127.0.0.1") as service:
        yield service


def trickled(text, pause):
    """Piece by piece, until the other side is tired of it."""
    def answer(sock):
        for piece in text:
            sock.sendall(piece)
            time.sleep(pause)
    return answer


def bytes_of(text):
    return (bytes([byte]) for byte in text)


def endlessly(first, piece):
    yield first
    while True:
        yield piece


LATE, TOO_LONG = "the receiver did not answer in time", "the receiver's answer is too long"
ANSWERS = {  # what the receiver does once it was sent something, and what is made of that: None for delivered
    "a head byte by byte": (lambda: trickled(bytes_of(b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 1000), 0.2), LATE),
    "a status line byte by byte": (lambda: trickled(bytes_of(b"HTTP/1.1 " + b"2" * 1000), 0.2), LATE),
    "100 Continue for ever": (lambda: trickled(endlessly(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), 0.2), LATE),
    "100 Continue for ever, fast": (lambda: trickled(endlessly(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000), 0), TOO_LONG),
    "nothing": (lambda: lambda sock: time.sleep(SECONDS + 1), LATE),
    "a body byte by byte": (lambda: trickled(endlessly(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x"), 0.2), None),
    "a body whose length it does not say": (lambda: trickled([b"HTTP/1.1 200 OK\r\n\r\n", b"", b""], SECONDS), None),
    "less of a body than it says": (lambda: trickled([b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx"], 0), None),
    "100 Continue, then 204": (lambda: trickled([b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n"], 0.2), None),
    "a refusal without end": (lambda: trickled(endlessly(b"HTTP/1.1 500 No\r\nContent-Length: 1000\r\n\r\n", b"x"), 0.2), "the receiver refused it"),
}


@contextlib.contextmanager
def receiving(answer, host="127.0.0.1", port=0):
    """The URL of one that answers so, and how many connections it took."""
    taken = []

    def serve(sock):
        with sock, contextlib.suppress(OSError):
            sock.recv(65536)
            answer(sock)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                sock, _ = listener.accept()
                taken.append(sock)
                threading.Thread(target=serve, args=(sock,), daemon=True).start()

    with socket.create_server((host, port), backlog=128) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1], taken
        listener.shutdown(socket.SHUT_RDWR)


def first_attempt(client, path):
    """What became of the first event: (its state, the status, the error)."""
    attempted = lambda: [d for d in client.get(f"{path}/deliveries").json()["items"] if d["attempts"]]
    found = wait_until(attempted, seconds=SECONDS + 18)[-1]
    return found["state"], found["status"], found["error"]


@pytest.mark.parametrize("name", ANSWERS)
def test_what_trickles_has_an_end(sender, name):
    admin, (make, said) = sender.key("admin"), ANSWERS[name]
    with receiving(make()) as (port, _):
        made = admin.post("/v1/webhooks", json={"url": f"http://127.0.0.1:{port}/", "types": ["thidua.unit.created"]})
        make_unit(admin)
        state, status, error = first_attempt(admin, made.headers["Location"])
    assert error == said and (state == "DELIVERED") == (said is None), (state, status, error)
    assert (status is None) == (said in (LATE, TOO_LONG)), status
    sender.psql("DELETE FROM webhooks")
