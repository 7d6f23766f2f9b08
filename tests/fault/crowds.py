"""More callers than can be served: ten times as many as workers and their queue can take, beside others that are slow on purpose, and
thousands that only hold a connection.

What must hold: nobody is answered wrong. Who is refused is told when to come again, reads go on, memory is bounded, what was acknowledged is
there once, and when the crowd has gone the next write is taken at once. `run` is the long form (tests/fault/overload); ./check runs a short
one (tests/api/test_overload.py)."""
import collections
import contextlib
import dataclasses
import json
import pathlib
import re
import resource
import selectors
import socket
import statistics
import sys
import threading
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "api"))
from service import Client, Service, make_place, serving, wait_until  # noqa: E402

MIB = 1 << 20
WORKERS, QUEUE, TIMES = 4, 32, 10
SETTINGS = {"THIDUA_WORKERS": str(WORKERS), "THIDUA_QUEUE_LENGTH": str(QUEUE), "THIDUA_ADDRESS_RATE_PER_MINUTE": "10", "THIDUA_HEADER_SECONDS": "2",
            "THIDUA_BODY_SECONDS": "2", "THIDUA_SEND_SECONDS": "3", "THIDUA_IDLE_SECONDS": "300", "THIDUA_CONNECTIONS": "16384", "THIDUA_CONNECTIONS_PER_ADDRESS": "16384"}
OWN_KIB = 24  # the most memory that one connection may cost
SOME_MIB = 48  # and all the work beside it
EXPECTED = {"write": {201, 503}, "read without a key": {200, 429}}


def connect(service, room=None):
    """`room`: how many bytes may lie at the client, agreed on at the start."""
    sock = socket.socket()
    if room:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    sock.settimeout(30)
    sock.connect(("127.0.0.1", service.port))
    sock.setblocking(False)
    return sock


class Caller:
    """Asks again as soon as it is answered."""

    def __init__(self, service, kind, key):
        self.sock, self.kind, self.key, self.answer = connect(service), kind, key, b""

    def ask(self):
        self.began, self.name = time.monotonic(), f"Đơn vị {uuid.uuid4().hex}"
        if self.kind == "write":
            body = json.dumps({"name": self.name, "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}).encode()
            self.sock.sendall(f"POST /v1/units HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {self.key}\r\nContent-Type: application/json\r\n"
                              f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        else:
            self.sock.sendall(b"GET /v1/units?limit=1 HTTP/1.1\r\nHost: a\r\n\r\n")

    def hear(self):
        """(status, head) where the answer is whole."""
        part = self.sock.recv(65536)
        if not part:
            raise ConnectionResetError
        self.answer += part
        head, end, body = self.answer.partition(b"\r\n\r\n")
        if not end or len(body) < int(re.search(rb"content-length: (\d+)", head, re.I)[1]):
            return None
        self.answer = b""
        return int(head[9:12]), head


@dataclasses.dataclass
class Found:
    statuses: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    acknowledged: set = dataclasses.field(default_factory=set)
    wrong: list = dataclasses.field(default_factory=list)
    seconds: float = 0

    def note(self, caller, status, head):
        self.statuses[caller.kind, status] += 1
        if status not in EXPECTED[caller.kind]:
            self.wrong.append((caller.kind, head))
        elif status in (503, 429) and not re.search(rb"\r\nretry-after: [1-9]\d*\r\n", head, re.I):
            self.wrong.append(("no Retry-After", head))
        elif status == 201:
            self.acknowledged.add(caller.name)

    def rate(self, kind, status):
        return self.statuses[kind, status] / self.seconds


def flood(callers, seconds):
    """All ask for so long; whoever has asked is heard to the end."""
    found, chosen, began = Found(), selectors.DefaultSelector(), time.monotonic()
    for caller in callers:
        chosen.register(caller.sock, selectors.EVENT_READ, caller)
        caller.ask()
    while chosen.get_map():
        for key, _ in chosen.select(60) or [(None, None)]:
            assert key, "nobody is answered"
            try:
                heard = key.data.hear()
            except OSError:
                found.wrong.append((key.data.kind, "cut off"))
                chosen.unregister(key.data.sock)
                continue
            if heard:
                found.note(key.data, *heard)
                if time.monotonic() - began < seconds:
                    key.data.ask()
                else:
                    chosen.unregister(key.data.sock)
    found.seconds = time.monotonic() - began
    for caller in callers:
        caller.sock.close()
    return found


class Slow:
    """Those that never end: a byte of a head or of a body now and then, or one taken of an answer. Whoever is cut off comes back."""
    BEGINNINGS = {"headers": b"GET /v1/units HTTP/1.1\r\nHost: a\r\nX-A: ",
                  "bodies": b"POST /v1/units HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n{",
                  "readers": b"GET /openapi.json HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n" * 64}  # more than buffers hold

    def __init__(self, service, key, each):
        self.service, self.key, self.cut = service, key.encode(), collections.Counter()
        self.first = self.begin("readers")
        self.held = [(kind, self.begin(kind)) for kind in self.BEGINNINGS for _ in range(each)]
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.go_on)

    def begin(self, kind):
        sock = connect(self.service, room=4096)
        sock.sendall(self.BEGINNINGS[kind].replace(b"%s", self.key))
        return sock

    def step(self, kind, sock):
        """False where it was cut off."""
        try:
            if kind != "readers":
                sock.send(b"a")
            with contextlib.suppress(BlockingIOError):
                return sock.recv(16) != b""
        except OSError:
            return False
        return True

    def go_on(self):
        while not self.ended.wait(0.5):
            for place, (kind, sock) in enumerate(self.held):
                if not self.step(kind, sock):
                    sock.close()
                    self.cut[kind] += 1
                    self.held[place] = kind, self.begin(kind)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        """That a reader was cut off shows only behind all that is on its way to it: one of them reads on to that end."""
        self.ended.set()
        self.thread.join()
        self.first.settimeout(5)
        with contextlib.suppress(TimeoutError):
            with contextlib.suppress(ConnectionResetError):
                while self.first.recv(1 << 20):
                    pass
            self.cut["readers"] += 1
        for _, sock in [*self.held, ("", self.first)]:
            sock.close()


class Watch:
    """One caller that reads by its key, and the memory of the service, while the crowd is there."""

    def __init__(self, service, key):
        self.service, self.client, self.path = service, Client(service.base, key), "/v1/units?limit=1"
        self.times, self.most, self.wrong, self.ended = [], 0, [], threading.Event()
        self.thread = threading.Thread(target=self.look)

    def look(self):
        while not self.ended.wait(0.05):
            began = time.monotonic()
            answer = self.client.get(self.path)
            self.times.append(time.monotonic() - began)
            if answer.status_code != 200:
                self.wrong.append(answer.text)
            self.most = max(self.most, memory(self.service))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def memory(service):
    status = pathlib.Path(f"/proc/{service.process.pid}/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+)", status)[1]) * 1024


def recovers(service, key):
    """Seconds until a write is taken."""
    began = time.monotonic()
    body = {"kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}
    name = f"Đơn vị {uuid.uuid4().hex}"
    wait_until(lambda: Client(service.base, key).post("/v1/units", json={"name": name, **body}).status_code == 201, seconds=30)
    return time.monotonic() - began, name


def kept_once(service, acknowledged):
    """What was acknowledged is there once, and nothing else."""
    names = service.psql("SELECT name FROM unit_periods").splitlines()
    assert len(names) == len(set(names)), "a write was made twice"
    assert set(names) == acknowledged, (len(set(names) - acknowledged), "were not acknowledged", len(acknowledged - set(names)), "were lost")
    verified = service.command("verify")
    assert verified.returncode == 0, verified.stderr


def press(service, key, seconds, connections, tell, bounded):
    writers = lambda count: [Caller(service, "write", key) for _ in range(count)]  # noqa: E731
    before = flood(writers(2 * WORKERS), max(seconds / 10, 0.5))
    base = memory(service)
    tell(f"capacity: {before.rate('write', 201):,.0f} writes a second by {2 * WORKERS} callers, memory {base / MIB:.1f} MiB")
    idle = [connect(service) for _ in range(connections)]
    count = TIMES * (WORKERS + QUEUE)
    tell(f"{connections:,} connections that say nothing: memory {memory(service) / MIB:.1f} MiB")
    each = max(connections // 100, 10)
    with Slow(service, key, each) as slow, Watch(service, key) as watch:
        crowd = flood(writers(count) + [Caller(service, "read without a key", None) for _ in range(20)], seconds)
    after, name = recovers(service, key)
    for sock in idle:
        sock.close()
    times = sorted(watch.times)
    tell(f"{count} writers and 20 readers without a key for {crowd.seconds:.0f} s: " + ", ".join(
        f"{kind} {status}: {number:,}" for (kind, status), number in sorted(crowd.statuses.items())))
    tell(f"{each} each of slow headers, bodies and readers, cut off: {dict(slow.cut)}")
    tell(f"reads by key meanwhile: {len(times)}, median {1000 * statistics.median(times):.1f} ms, longest {1000 * times[-1]:.0f} ms; memory at most {watch.most / MIB:.1f} MiB")
    tell(f"the next write was taken after {after:.2f} s, memory {memory(service) / MIB:.1f} MiB")
    wrong = before.wrong + crowd.wrong + watch.wrong
    assert not wrong, (len(wrong), wrong[:3])
    assert crowd.statuses["write", 201] and crowd.statuses["write", 503] and crowd.statuses["read without a key", 429], "no overload"
    assert seconds < 10 or set(slow.cut) == set(Slow.BEGINNINGS), "some that were slow were let be"
    limit = base + SOME_MIB * MIB + OWN_KIB * 1024 * (connections + count + 3 * each)
    assert not bounded or watch.most < limit, f"{watch.most / MIB:.1f} MiB of memory, where {limit / MIB:.1f} may be"
    kept_once(service, before.acknowledged | crowd.acknowledged | {name})


def run(seconds, connections, tell=lambda line: None, bounded=True):
    """`bounded`: whether memory is judged; a sanitizer takes its own."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    assert hard >= connections * 1.1 + 1000, f"{hard} open files are too few for {connections} connections"
    try:
        with serving(Service(make_place(), **SETTINGS)) as service:
            press(service, service.key("admin").key, seconds, connections, tell, bounded)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
