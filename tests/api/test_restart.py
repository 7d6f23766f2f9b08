"""Start and stop beside a balancer and under systemd: whoever is let in is served."""
import concurrent.futures
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import uuid

import pytest
import requests

from proxies import example
from service import PROGRAM, Client, Service, free_port, problem, wait_until

UNIT = {"kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}
PAUSE = 0.01  # between a caller's requests: many come in every step of a restart, and the processors are left to who restarts


def at_port(service, port):
    service.environment["THIDUA_LISTEN"] = f"127.0.0.1:{port}"
    return service


def is_closed(service):
    """Its port."""
    try:
        socket.create_connection(("127.0.0.1", service.port), timeout=5).close()
    except ConnectionError:
        return True
    return False


def test_the_first_caller_finds_it_ready(var):
    """Before it listens a balancer knows that it is not there; afterwards no request fails."""
    port = free_port()
    service = at_port(Service(var), port)
    first, done = [], threading.Event()

    def ask():
        while not done.is_set() and not first:
            with contextlib.suppress(requests.ConnectionError):
                first.append(requests.get(f"http://127.0.0.1:{port}/v1/units", timeout=30).status_code)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(ask) for _ in range(2)]
        service.start()
        done.set()
        for one in asking:
            one.result()
    assert set(first) <= {200} and first
    assert service.stop() == 0


def test_a_lame_duck_serves_on_and_says_that_it_ends(var):
    """/readyz is 503 while everything else is served; then the port is closed. An upload under way comes to its end."""
    service = Service(var, THIDUA_LAME_DUCK_SECONDS="2").start()
    key = service.key("admin").key
    body = b'{"name": "T\xc3\xaan", "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}'
    upload = socket.create_connection(("127.0.0.1", service.port), timeout=30)
    upload.sendall(b"POST /v1/units HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + key.encode() +
                   b"\r\nContent-Type: application/json\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body[:10])
    service.process.send_signal(signal.SIGTERM)
    wait_until(lambda: any('"stopping"' in line for line in service.log))
    with Client(service.base) as balancer:
        problem(balancer.get("/readyz"), 503, "unavailable")
        assert balancer.get("/healthz").status_code == 200
        told = balancer.get("/v1/units")
        assert (told.status_code, told.headers["Connection"]) == (200, "close")
    assert Client(service.base, key).post("/v1/units", json={"name": "Cuối", "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}).status_code == 201

    wait_until(lambda: is_closed(service), seconds=20)
    upload.sendall(body[10:])
    assert upload.recv(4096).startswith(b"HTTP/1.1 201")
    upload.close()
    assert service.process.wait(timeout=30) == 0


def test_no_accepted_request_fails_while_instances_are_restarted_in_turn(var):
    """Callers leave an instance whose /readyz is 503, as a balancer does, and try another where they are let in nowhere."""
    one, two = (at_port(Service(var, THIDUA_LAME_DUCK_SECONDS="1"), free_port()).start() for _ in range(2))
    bases, ready, failed, count, done = [one.base, two.base], {}, [], [0], threading.Event()

    def probe():
        while not done.is_set():
            for base in bases:
                try:
                    ready[base] = requests.get(f"{base}/readyz", timeout=5).status_code == 200
                except requests.ConnectionError:
                    ready[base] = False
            done.wait(0.1)

    def call():
        while not done.is_set():
            done.wait(PAUSE)
            base = next((b for b in bases if ready.get(b)), None)
            if not base:
                continue
            try:
                status = requests.get(f"{base}/v1/units", params={"q": str(count[0])}, timeout=10).status_code
                count[0] += 1
                if status != 200:
                    failed.append(status)
            except requests.ConnectionError as error:
                failed.append(repr(error))

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(probe), *(pool.submit(call) for _ in range(3))]
        for service in (one, two):
            wait_until(lambda: all(ready.get(base) for base in bases))
            assert service.stop() == 0
            service.start()
        wait_until(lambda: all(ready.get(base) for base in bases))
        done.set()
        for task in asking:
            task.result()
    assert failed == [] and count[0] > 20
    assert one.stop() == 0 and two.stop() == 0


class Callers:
    """Through a proxy: one reads, one writes, and one listens, each without a second try but for the stream, which is resumed when it ends."""

    def __init__(self, base, key):
        self.base, self.headers = base, {"Authorization": f"Bearer {key}"}
        self.failed, self.read, self.made, self.heard, self.streams = [], 0, [], [], 0
        self.done = threading.Event()
        self.threads = [threading.Thread(target=self.go_on, args=(one,)) for one in (self.read_once, self.write_once, self.listen_once)]
        for thread in self.threads:
            thread.start()

    def go_on(self, once):
        with requests.Session() as session:
            session.headers.update(self.headers)
            while not self.done.is_set():
                try:
                    once(session)
                except (requests.RequestException, AssertionError) as error:
                    self.failed.append(f"{once.__name__}: {error!r}")
                self.done.wait(PAUSE)

    def read_once(self, session):
        answer = session.get(f"{self.base}/v1/units", params={"q": str(self.read)}, timeout=30)
        assert answer.status_code == 200, answer.text
        self.read += 1

    def write_once(self, session):
        answer = session.post(f"{self.base}/v1/units", json={"name": f"Đơn vị {uuid.uuid4()}", **UNIT}, timeout=30)
        assert answer.status_code == 201, answer.text
        self.made.append(answer.headers["Location"])

    def listen_once(self, session):
        last = {"Last-Event-ID": self.heard[-1]["id"]} if self.heard else {}
        with session.get(f"{self.base}/v1/events/stream", params={} if last else {"after": "0"}, headers=last, stream=True, timeout=30) as answer:
            assert answer.status_code == 200, answer.text
            self.streams += 1
            for line in answer.iter_lines(chunk_size=1):  # which fails where the stream is cut off instead of ended
                if line.startswith(b"data: "):
                    self.heard.append(json.loads(line.removeprefix(b"data: ")))
                if self.done.is_set():
                    return

    def go_further(self):
        """Each of them did something since."""
        before = self.read, len(self.made), len(self.heard)
        wait_until(lambda: self.failed or all(now > then for now, then in zip((self.read, len(self.made), len(self.heard)), before)))

    def end(self):
        wait_until(lambda: self.failed or self.heard[-1]["subject"] == self.made[-1] or {event["subject"] for event in self.heard} >= set(self.made))
        self.done.set()
        for thread in self.threads:
            thread.join()


def is_back(kind, front, name, service):
    """Else the proxy would have none when the next one goes."""
    before = len(service.log)

    def taken():
        if kind == "haproxy":
            return f"\nServer thidua_back/{name} is UP, " in front.access.read_text()
        return any('"route":"/v1/units"' in line for line in service.log[before:])
    return taken


@pytest.mark.parametrize("kind", ["haproxy", "nginx"])
def test_behind_a_proxy_nothing_fails_while_instances_are_restarted_in_turn(var, kind):
    """Each as packaging/examples has it: reads and writes are answered, an upload under way is finished, and a stream ends in order."""
    services = [at_port(Service(var, THIDUA_LAME_DUCK_SECONDS="1"), free_port()).start() for _ in range(2)]
    front = example(kind, services)
    key = services[0].key("admin").key
    body = json.dumps({"name": "Tải lên", "confirm_duplicate": True, **UNIT}).encode()
    callers = Callers(f"http://127.0.0.1:{front.port}", key)
    try:
        for name, service in zip(("one", "two"), services):
            callers.go_further()
            uploads = [socket.create_connection(("127.0.0.1", front.port), timeout=30) for _ in range(2)]  # to both of them
            for upload in uploads:
                upload.sendall(b"POST /v1/units HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + key.encode() +
                               b"\r\nContent-Type: application/json\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body[:10])
            service.process.send_signal(signal.SIGTERM)
            wait_until(lambda service=service: is_closed(service))
            for upload in uploads:
                upload.sendall(body[10:])
                assert upload.recv(4096).startswith(b"HTTP/1.1 201")
                upload.close()
            assert service.process.wait(timeout=30) == 0
            service.start()
            wait_until(is_back(kind, front, name, service))
            callers.go_further()
        callers.end()
    finally:
        callers.done.set()
        front.stop()
        statuses = [service.stop() for service in services]
        shutil.rmtree(front.folder, ignore_errors=True)
    assert callers.failed == [] and statuses == [0, 0]
    numbers = [int(event["id"]) for event in callers.heard]
    assert callers.streams > 1 and numbers == list(range(numbers[0], numbers[-1] + 1)), "no event twice, and none left out"


# ---- systemd ----

def test_systemd_is_told_when_it_is_ready_alive_and_stopping(var):
    """sd_notify(3), Type=notify with WatchdogSec."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        path = os.path.join(var, "notify")
        manager.bind(path)
        os.chmod(path, 0o777)
        manager.settimeout(30)
        service = Service(var)
        service.environment.update(NOTIFY_SOCKET=path, WATCHDOG_USEC="600000")
        service.start()
        told = []
        while told.count(b"READY=1") < 1 or told.count(b"WATCHDOG=1") < 3:  # a start may take longer than three turns of the watchdog
            told.append(manager.recv(100))
        assert b"STOPPING=1" not in told
        assert service.stop() == 0
        manager.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                told.append(manager.recv(100))
        assert told[-1] in (b"STOPPING=1", b"WATCHDOG=1") and [told.count(once) for once in (b"READY=1", b"STOPPING=1")] == [1, 1]


@pytest.mark.parametrize("loops", ["1", "3"])
def test_a_socket_that_systemd_holds_is_taken_and_outlives_the_service(var, loops):
    """sd_listen_fds(3): who comes between two runs waits in the socket, and is refused never."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        base = f"http://127.0.0.1:{held.getsockname()[1]}"

        def serve():
            service = Service(var, THIDUA_LOOPS=loops)
            service.process = subprocess.Popen(["/bin/sh", "-c", f'LISTEN_PID=$$ LISTEN_FDS=1 exec "{PROGRAM}" serve'], env=service.environment,
                                               stderr=subprocess.DEVNULL, pass_fds=(3,), preexec_fn=lambda: os.dup2(held.fileno(), 3))
            return service

        for _ in range(2):
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                early = [pool.submit(requests.get, f"{base}/v1/units", timeout=60) for _ in range(4)]
                service = serve()
                assert [answer.result().status_code for answer in early] == [200] * 4
            service.process.terminate()
            assert service.process.wait(timeout=60) == 0


@pytest.mark.parametrize("loops", [1, 2])
def test_each_of_two_sockets_is_taken_from_or_the_start_refused(var, loops):
    """Each event loop takes from one socket. Of one that no loop has, callers would wait without an answer: the kernel lets them in."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("::1", 0), family=socket.AF_INET6) as other:
        def hand_over():
            os.dup2(one.fileno(), 63)
            os.dup2(other.fileno(), 4)
            os.dup2(63, 3)

        process = subprocess.Popen(["/bin/sh", "-c", f'LISTEN_PID=$$ LISTEN_FDS=2 exec "{PROGRAM}" serve'], stderr=subprocess.PIPE, text=True,
                                   env=Service(var, THIDUA_LOOPS=str(loops)).environment, pass_fds=(3, 4), preexec_fn=hand_over)
        told = next(line for line in map(json.loads, process.stderr) if line["event"] in ("cannot_listen", "listening"))
        if loops == 2:
            for base in (f"http://127.0.0.1:{one.getsockname()[1]}", f"http://[::1]:{other.getsockname()[1]}"):
                assert requests.get(f"{base}/healthz", timeout=60).status_code == 200
            process.terminate()
        else:
            assert told["event"] == "cannot_listen" and "THIDUA_LOOPS" in told["way_out"]
        assert process.wait(timeout=60) == 2 - loops
