"""The log on standard error: whole lines, and never a reason to wait."""
import fcntl
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
import uuid

import pytest
import requests

from service import PROGRAM, Service, make_place, wait_until

ROOM = 4096  # of the pipe: about fifteen lines


def test_a_log_that_nobody_reads_stops_nobody():
    service = Service(make_place(), THIDUA_LOOPS="2").start()
    assert service.stop() == 0  # its PostgreSQL is made; now the same with a pipe of our own
    process = subprocess.Popen([PROGRAM, "serve"], env=service.environment, stderr=subprocess.PIPE)
    try:
        fcntl.fcntl(process.stderr, fcntl.F_SETPIPE_SZ, ROOM)
        port = None
        while port is None:
            event = json.loads(process.stderr.readline())
            port = event.get("port") if event["event"] == "listening" else None
        with requests.Session() as client:
            client.trust_env = False
            ask = lambda: client.get(f"http://127.0.0.1:{port}/healthz", timeout=10).status_code
            assert {ask() for _ in range(200)} == {200}  # ten times what the pipe holds, and nobody reads
            lines = []
            reader = threading.Thread(target=lambda: lines.extend(process.stderr))
            reader.start()
            # Answered before its line is written: the last of these is told of at the latest when the service stops.
            assert {ask() for _ in range(20)} == {200}
    finally:
        process.terminate()
        process.wait(timeout=60)
        shutil.rmtree(service.var, ignore_errors=True)
    reader.join(timeout=60)
    events = [json.loads(line) for line in lines]  # every line whole
    lost = sum(event["lines"] for event in events if event["event"] == "log_lines_lost")
    kept = sum(event["event"] == "request" and event["route"] == "/healthz" for event in events)
    assert lost >= 100 and lost + kept >= 220


TRACE = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"


@pytest.mark.parametrize("sent, logged", [
    (f"00-{TRACE}-01", f"00-{TRACE}-01"), (f"cc-{TRACE}-00-what-is-not-known-yet", f"cc-{TRACE}-00"), (f"00-{TRACE}-01-x", None), (f"cc-{TRACE}-00x", None),
    (f"ff-{TRACE}-01", None), (f"00-{'0' * 32}-{TRACE[33:]}-01", None), (f"00-{TRACE[:32]}-{'0' * 16}-01", None), (f"00-{TRACE.upper()}-01", None), (f"00-{TRACE}", None)])
def test_a_request_is_logged_with_its_trace(service, sent, logged):
    """W3C Trace Context, sections 3.2.2 and 4.3: what is no traceparent is ignored, and later versions are read as far as they are known."""
    name = uuid.uuid4().hex
    answer = service.anonymous().get("/healthz", headers={"traceparent": sent, "X-Request-Id": name})
    assert (answer.status_code, answer.headers["X-Request-Id"]) == (200, name)
    line = json.loads(wait_until(lambda: next((line for line in service.log if name in line), None)))
    assert (line["request_id"], line.get("traceparent")) == (name, logged)


def test_an_answer_says_how_long_its_stages_took(clients):
    """W3C Server Timing: reads by the loop have a total; of what a worker did, the stages are the total."""
    def told(answer):
        return {name: float(took) for name, took in re.findall(r"(\w+);dur=(\d+\.\d)(?:, |$)", answer.headers["Server-Timing"])}
    assert list(told(clients["anyone"].get("/healthz"))) == ["total"]
    body = {"name": "Đơn vị thử", "kind": "PROVINCIAL_BODY", "valid_from": "2024-01-01", "confirm_duplicate": True}
    stages = told(clients["admin"].post("/v1/units?dry_run=true", json=body))
    assert list(stages) == ["receive", "queue", "work", "total"] and stages["work"] > 0
    assert abs(2 * stages["total"] - sum(stages.values())) < 0.5  # each is rounded


def test_what_its_client_takes_to_send_is_told_as_receiving(service, clients):
    admin, body, waits = clients["admin"], b'{"name": "", "kind": "KINGDOM"}', 0.5
    head = ["POST /v1/units HTTP/1.1", "Host: thidua", f"Authorization: {admin.headers['Authorization']}", "Content-Type: application/json",
            f"Content-Length: {len(body)}", "Connection: close", "", ""]
    with socket.create_connection(("127.0.0.1", service.port), timeout=60) as sender, sender.makefile("rb") as answer:
        sender.sendall("\r\n".join(head).encode())
        time.sleep(waits)  # it is what is measured
        sender.sendall(body)
        told = re.search(rb"Server-Timing: receive;dur=([\d.]+), queue;dur=([\d.]+)", answer.read())
    assert float(told[1]) >= 1000 * waits - 1 > float(told[2]), told


def test_a_log_that_is_closed_is_no_number_of_a_connection(service):
    """Some supervisors close all three: lines went into whatever had the number next, as a connection to PostgreSQL."""
    with subprocess.Popen(["sh", "-c", 'exec "$0" serve <&- >&- 2>&-', PROGRAM], env=service.environment) as process:
        try:
            wait_until(lambda: len(os.listdir(f"/proc/{process.pid}/task")) > 8)
            assert {os.readlink(f"/proc/{process.pid}/fd/{number}") for number in (0, 1, 2)} == {"/dev/null"}
        finally:
            process.terminate()
        process.wait(timeout=60)
    assert subprocess.run(["sh", "-c", 'exec "$0" version >&-', PROGRAM], stderr=subprocess.DEVNULL, timeout=60).returncode == 1
