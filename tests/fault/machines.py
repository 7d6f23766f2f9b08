"""Three machines as packaging/examples/patroni.yml and etcd.env have them: on each PostgreSQL, Patroni and etcd, all on addresses of their
own on loopback, as an ordinary user."""
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys

import requests

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "api"))
from proxies import EXAMPLES  # noqa: E402
from service import POSTGRESQL, PSQL, wait_until  # noqa: E402

TAKES_WRITES = "target_session_attrs=read-write"
NETWORK = "127.15.0."  # instead of the examples' 10.0.0.
ORDINARY = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}


class Node:
    """One machine. It can be killed, stopped and continued as a whole, as if its power or its network were gone."""

    def __init__(self, place, number):
        self.name, self.address, self.place = f"node{number}", f"{NETWORK}1{number}", place / f"node{number}"
        self.data = self.place / "postgresql/15/thidua"
        self.processes = []
        for folder in ("postgresql/15", "run", "etcd"):
            (self.place / folder).mkdir(parents=True)
        for configuration in ("patroni.yml", "etcd.env"):
            (self.place / configuration).write_text(self.adapted((EXAMPLES / configuration).read_text(encoding="utf-8")), encoding="utf-8")
        for made in [self.place, *self.place.rglob("*")]:
            if ORDINARY:
                subprocess.run(["chown", "postgres:postgres", made], check=True)
            made.chmod(0o700)

    def adapted(self, text):
        """Lines with one address name the machine itself, those with several name all."""
        lines = [line.replace("10.0.0.11", self.address) if line.count("10.0.0.") == 1 else line for line in text.splitlines()]
        text = re.sub(r"(?m)^(name: |ETCD_NAME=)node1$", rf"\g<1>{self.name}", "\n".join(lines) + "\n")
        for of_operators, here in (("10.0.0.0/24", "127.0.0.0/8"), ("10.0.0.", NETWORK), ("/usr/lib/postgresql/15/bin", POSTGRESQL),
                                   ("/var/lib/postgresql", self.place / "postgresql"), ("/var/run/postgresql", self.place / "run"), ("/var/lib/etcd", self.place / "etcd")):
            text = text.replace(of_operators, str(here))
        return text

    def spawn(self, name, command, **environment):
        with open(self.place / f"{name}.log", "ab") as log:
            self.processes.append(subprocess.Popen(command, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                                   env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **environment}, **ORDINARY))

    def start(self):
        told = dict(line.split("=", 1) for line in (self.place / "etcd.env").read_text(encoding="utf-8").splitlines() if line.startswith("ETCD_"))
        self.processes = []
        self.spawn("etcd", ["/usr/bin/etcd"], **told)
        self.spawn("patroni", ["/usr/bin/patroni", str(self.place / "patroni.yml")])

    def family(self):
        """Patroni first, which would start a PostgreSQL anew; then PostgreSQL, whose processes are at home in its data."""
        found = [process.pid for process in reversed(self.processes) if process.poll() is None]
        for process in sorted(pathlib.Path("/proc").glob("[0-9]*"), key=lambda process: int(process.name)):
            with contextlib.suppress(OSError):  # it has ended
                if os.readlink(process / "cwd") == str(self.data):
                    found.append(int(process.name))
        return found

    def signal(self, number):
        for _ in range(2):  # who was started meanwhile
            for process in self.family():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, number)

    def kill(self):
        self.signal(signal.SIGKILL)
        for process in self.processes:
            process.wait(timeout=30)
        wait_until(lambda: not self.family(), seconds=30)

    def stop(self):
        """As the machine's systemd does before it goes down: Patroni stops PostgreSQL, then etcd ends."""
        for process in reversed(self.processes):
            process.terminate()
            process.wait(timeout=90)

    def ask(self, path, **more):
        """Patroni's answer; None where there is none."""
        with contextlib.suppress(requests.RequestException):
            return requests.request("POST" if more else "GET", f"http://{self.address}:8008{path}", timeout=2 if not more else 30, **more)
        return None

    def psql(self, sql):
        return psql(self.address, sql, "thidua")


def psql(hosts, sql, database, more=""):
    url = f"postgresql://postgres:SUPERUSER-PASSWORD@{hosts}/{database}{more}"
    done = subprocess.run([PSQL, url, "-AtXqc", sql], capture_output=True, text=True, timeout=60, env={**os.environ, "PGCONNECT_TIMEOUT": "3"}, check=False)
    return done.stdout.strip() if done.returncode == 0 else done.stderr


class Cluster:
    def __init__(self, place):
        self.nodes = [Node(place, number) for number in (1, 2, 3)]

    def start(self):
        for node in self.nodes:
            node.start()
        wait_until(self.is_whole, seconds=180)
        self.psql("CREATE ROLE thidua_owner LOGIN PASSWORD 'owner'; CREATE ROLE thidua_app LOGIN PASSWORD 'app'", database="postgres")
        self.psql("CREATE DATABASE thidua OWNER thidua_owner ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0", database="postgres")

    def hosts(self):
        return ",".join(node.address for node in self.nodes)

    def url(self, user, password):
        """What docs/operation.md recommends: all hosts, and the one of them that takes writes."""
        return f"postgresql://{user}:{password}@{self.hosts()}/thidua?{TAKES_WRITES}"

    def psql(self, sql, database="thidua"):
        return psql(self.hosts(), sql, database, f"?{TAKES_WRITES}")

    def members(self):
        for node in self.nodes:
            answer = node.ask("/cluster")
            if answer is not None and answer.status_code == 200:
                return {member["name"]: member for member in answer.json()["members"]}
        return {}

    def role(self, *roles):
        members = self.members()
        return next((node for node in self.nodes if members.get(node.name, {}).get("role") in roles), None)

    def primary(self):
        return wait_until(lambda: self.role("leader"), seconds=60)

    def standby(self):
        """The one for which commits wait."""
        return wait_until(lambda: self.role("sync_standby"), seconds=60)

    def is_whole(self):
        """Each is there and follows, so that any one may go."""
        members = self.members().values()
        return sorted(member["role"] for member in members) == ["leader", "replica", "sync_standby"] and \
            all(member["state"] in ("running", "streaming") for member in members) and len({member.get("timeline") for member in members}) == 1 and \
            self.psql("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'", database="postgres") == "2"

    def kill(self):
        for node in self.nodes:
            node.signal(signal.SIGCONT)
            node.kill()
