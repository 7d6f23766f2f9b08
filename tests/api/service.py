"""The real service under test: the built program, a private PostgreSQL, HTTP and nothing else."""
import fcntl
import contextlib
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading

import requests

import contract

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("THIDUA_PROGRAM", str(ROOT / "build/src/thidua"))
SHARED = pathlib.Path(os.environ.get("THIDUA_SHARED", ROOT.parent / "shared"))
# Of the newest PostgreSQL, as the service chooses it; Debian's psql on PATH is a wrapper that takes twenty times as long.
POSTGRESQL = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
PSQL = str(POSTGRESQL / "psql")
ANSWERED = "that is all"
# What bears on plans in the service's own sessions.
PLANNED = " ".join(f"-c {name}={value}" for name, value in re.findall(
    r'SETTING\("(enable_\w+|jit)", "\'(\w+)\'"\)', (ROOT / "src/database/connect.c").read_text(encoding="utf-8")))
# A slow machine is no fault: what is not about a limit of time is given more of it than callers get.
PATIENCE = {"THIDUA_READ_SECONDS": "30", "THIDUA_IDLE_SECONDS": "300", "THIDUA_HEADER_SECONDS": "60", "THIDUA_BODY_SECONDS": "60",
            "THIDUA_LAME_DUCK_SECONDS": "0"}
SANITIZED = bool(os.environ.get("THIDUA_SANITIZED"))
ROLES = ["viewer", "unit", "home_affairs", "initiative_council", "chair_office", "auditor", "admin"]


class Client(requests.Session):
    """A caller with one key (or none). Every answer is held against openapi.yaml."""

    def __init__(self, base, key=None, language="en"):
        super().__init__()
        self.base, self.key = base, key
        self.trust_env = False
        self.headers["Accept-Language"] = language
        if key:
            self.headers["Authorization"] = f"Bearer {key}"

    def request(self, method, url, **kwargs):
        kwargs.setdefault("timeout", 90)
        response = super().request(method, self.base + url, **kwargs)
        if not kwargs.get("stream"):
            contract.check_response(response)
        return response

    def merge(self, url, body, etag):
        return self.patch(url, data=json.dumps(body), headers={
            "Content-Type": "application/merge-patch+json", "If-Match": etag})


def plain_environment():
    """The tests' own, without settings of the program: it refuses names THIDUA_… that are none of them."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("THIDUA_", "DATABASE_"))}


def empty_database(var):
    """Into `var`, what the first start of the service makes there: made once for all processes of a run, then copied."""
    made = pathlib.Path(os.environ["THIDUA_TEMPLATE"])
    with open(made / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (made / "whole").exists():
            subprocess.run([PROGRAM, "migrate"], env={**plain_environment(), "THIDUA_VAR": str(made)}, check=True, timeout=120)
            with open(made / "postgres/postgresql.conf", "a", encoding="utf-8") as settings:
                settings.write("fsync = off\n")  # no test cuts the machine's power
            (made / "whole").touch()
    subprocess.run(["cp", "-a", "--reflink=auto", str(made / "postgres"), str(var)], check=True)


def make_place():
    """A folder of its own. Started by root, PostgreSQL runs as another user, who must get in."""
    made = pathlib.Path(tempfile.mkdtemp(prefix="thidua-"))
    made.chmod(0o755)
    return made


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def database_urls(where):
    """How both roles reach a database, to `where` in libpq's words."""
    return {name: f"{where} dbname=thidua user={user}" for name, user in (("DATABASE_URL", "thidua_app"), ("DATABASE_OWNER_URL", "thidua_owner"))}


class Service:
    """One running thidua, what it writes being in `var`. `now` fixes its clock (RFC 3339)."""

    def __init__(self, var, now=None, **environment):
        self.var = pathlib.Path(var)
        self.environment = plain_environment()
        self.environment.update(THIDUA_VAR=str(var), THIDUA_LISTEN="127.0.0.1:0", THIDUA_LOG="json", **{**PATIENCE, **environment})
        if now:
            self.environment["THIDUA_NOW"] = now
        self.process = None
        self.log = []
        self._admin = None
        self.around = []  # what starts the program, if not we

    def start(self):
        own = "DATABASE_URL" not in self.environment
        if own and "THIDUA_TEMPLATE" in os.environ and not (self.var / "postgres").exists():
            empty_database(self.var)
        self.process = subprocess.Popen([*self.around, PROGRAM, "serve"], env=self.environment, stderr=subprocess.PIPE, text=True)
        listening = queue.Queue()
        self._follower = threading.Thread(target=self._follow, args=(listening,), daemon=True)
        self._follower.start()
        event = listening.get(timeout=120)
        assert event, f"the service did not start: {self.log}"
        self.port = event["port"]
        self.base = f"http://127.0.0.1:{self.port}"
        with Client(self.base) as client:
            wait_until(lambda: client.get("/readyz").status_code == 200)
        return self

    def await_lanes(self, count):
        """Until each of so many connections for quick reads has prepared its statements: the port opens with the first. Before anything was read.
        One that still prepares stands behind a lock on any table, like a read that nobody asked for."""
        done = "SELECT count(*), count(DISTINCT query) FROM pg_stat_activity WHERE application_name = 'thidua reads' AND state = 'idle'"
        wait_until(lambda: self.psql(done, user="postgres") == f"{count}|1")  # the last statement is the same
        return self

    def _follow(self, listening):
        for line in self.process.stderr:
            self.log.append(line)
            event = json.loads(line) if line.startswith("{") else {}
            if event.get("event") == "listening":
                listening.put(event)
        listening.put(None)

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        status = self.process.wait(timeout=120)
        self._follower.join(timeout=30)
        if status > 0:  # a sanitizer's report, or why the service gave up: pytest shows it beside what failed
            print("".join(line for line in self.log if not line.startswith("{")) or self.log[-20:])
        return status

    def urls(self):
        return database_urls(f"host={self.var / 'socket'}")

    def beside(self, **environment):
        """Another one on the same database, by another way where one is given."""
        return Service(make_place(), **{**self.urls(), "THIDUA_SECRET_KEY": str(self.var / "secret.key"), **environment})

    def command(self, *arguments, timeout=120):
        return subprocess.run([PROGRAM, *arguments], env=self.environment, capture_output=True, text=True, timeout=timeout)

    def first_key(self):
        """A fresh key of an administrator by the command, which needs no key."""
        done = self.command("key", "create", "--name", "test first", "--role", "admin")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def key(self, role, unit=None):
        """A client with a fresh key of that role. Over HTTP, in a tenth of the command's time."""
        self._admin = self._admin or self.first_key()
        made = Client(self.base, self._admin).post("/v1/keys", json={"name": f"test {role}", "roles": [role], "unit_id": unit})
        assert made.status_code == 201, made.text
        return Client(self.base, made.json()["key"])

    def anonymous(self, language="en"):
        return Client(self.base, language=language)

    def postgresql(self, action, *arguments):
        """pg_ctl on the private cluster: start, stop …"""
        as_owner = ["runuser", "-u", (self.var / "postgres").owner(), "--"] if os.geteuid() == 0 else []
        options = f"-c listen_addresses= -c unix_socket_directories={self.var / 'socket'} -c max_connections=200"
        more = ["-o", options, "-l", str(self.var / "postgres/server.log")] if action == "start" else []
        subprocess.run([*as_owner, str(POSTGRESQL / "pg_ctl"), action, "-w", "-s", "-D", str(self.var / "postgres"), *more, *arguments],
                       check=True, timeout=60, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def psql_place(self):
        """The directory of the private cluster's socket, as the cluster tells it."""
        return (self.var / "postgres/postmaster.pid").read_text(encoding="utf-8").splitlines()[4]

    def psql(self, sql, user="thidua_owner"):
        """For checking from outside what the database holds or refuses."""
        done = subprocess.run([PSQL, "-h", str(self.var / "socket"), "-U", user, "-d", "thidua", "-AtXc", sql],
                              capture_output=True, text=True, timeout=60, env={**os.environ, "PGOPTIONS": PLANNED})
        return done.stdout.strip() if done.returncode == 0 else done.stderr

    @contextlib.contextmanager
    def asking(self):
        """psql for hundreds of questions: ask(sql) gives the rows as text. To start a process for each takes longer than they do."""
        command = [PSQL, "-h", str(self.var / "socket"), "-U", "thidua_owner", "-d", "thidua", "-AtXq"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env={**os.environ, "PGOPTIONS": PLANNED}) as process:
            def ask(sql):
                process.stdin.write(f"{sql};\n\\echo {ANSWERED}\n")
                process.stdin.flush()
                lines = list(iter(process.stdout.readline, f"{ANSWERED}\n"))
                assert process.poll() is None, lines
                return "".join(lines).strip()
            yield ask
            process.stdin.close()

    @contextlib.contextmanager
    def holding(self, sql):
        """A transaction beside the service that has run `sql` and keeps its locks until what is yielded is called."""
        command = [PSQL, "-h", str(self.var / "socket"), "-U", "thidua_owner", "-d", "thidua", "-AtXq", "-v", "ON_ERROR_STOP=1"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
            def say(text):
                other.stdin.write(text)
                other.stdin.flush()
            say(f"BEGIN; {sql}; SELECT 'held';\n")
            while other.stdout.readline().strip() != "held":
                assert other.poll() is None, "psql ended"
            try:
                yield lambda: say("COMMIT;\n")
            finally:
                other.stdin.close()


@contextlib.contextmanager
def serving(service):
    """As long as it is needed. It must end well, and its folder goes with it."""
    try:
        yield service.start()
    finally:
        assert service.stop() == 0, service.log[-5:]
        shutil.rmtree(service.var, ignore_errors=True)


def postmaster_family(data):
    """The postmaster of that directory and its children."""
    postmaster = int((pathlib.Path(data) / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
    found = [postmaster]
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended
            if int((process / "stat").read_text().rsplit(")", 1)[1].split()[1]) == postmaster:
                found.append(int(process.name))
    return found


def until_closed(sock):
    """Everything that comes until the other side closes, or resets, the connection."""
    text = b""
    try:
        while more := sock.recv(65536):
            text += more
    except ConnectionResetError:
        pass
    return text


def wait_until(condition, seconds=90, pause=0.1):
    """Await an event that only shows from outside, and return what the condition says then; fails after a generous bound. `pause` is the
    longest between two looks: more where the event is known to be far, or a look costs much."""
    import time
    began = time.monotonic()
    while (waited := time.monotonic() - began) < seconds:
        if met := condition():
            return met
        time.sleep(min(max(waited / 10, 0.02), pause))  # many ask by a process of psql, which costs as much as the pause
    raise AssertionError("did not happen in time")


def problem(response, status, kind):
    """The response is that problem, whole and well-formed (RFC 9457)."""
    assert response.headers["Content-Type"] == "application/problem+json", response.text
    body = response.json()
    assert (response.status_code, body["type"]) == (status, f"urn:thidua:problem:{kind}"), response.text
    assert body["status"] == status and body["title"] and body["instance"].startswith("urn:thidua:request:")
    assert body.get("detail") or "errors" not in body, "who shows one text has none"
    return body
