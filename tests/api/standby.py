"""A streaming standby beside the private PostgreSQL of a service under test."""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess

from service import POSTGRESQL, PSQL, postmaster_family


class Standby:
    """Copied from the primary of `service`, which it follows. Where what is read stands in the way of replay, it gives way at once."""

    SETTINGS = ("max_standby_streaming_delay=0", "listen_addresses=", "fsync=off")

    def __init__(self, service, place):
        self.primary = service.var / "socket"
        self.owner = (service.var / "postgres").owner()
        self.place = pathlib.Path(place)
        shutil.chown(self.place, self.owner)
        self.data = self.place / "postgres"
        self.url = f"host={self.place} dbname=thidua user=thidua_app"
        with open(service.var / "postgres/pg_hba.conf", "a", encoding="utf-8") as rules:
            rules.write("local replication all peer map=thidua\n")
        service.psql("SELECT pg_reload_conf()", user="postgres")

    def run(self, program, *arguments, check=True):
        as_owner = ["runuser", "-u", self.owner, "--"] if os.geteuid() == 0 else []
        subprocess.run([*as_owner, str(POSTGRESQL / program), *map(str, arguments)], check=check, timeout=120, cwd="/",
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def copy(self):
        self.run("pg_basebackup", "-h", self.primary, "-U", "postgres", "-D", self.data, "-R", "-c", "fast", "-X", "stream", "--no-sync")

    def control(self, action, *arguments):
        self.run("pg_ctl", action, "-w", "-s", "-D", self.data, *arguments)

    def start(self):
        settings = " ".join(f"-c {setting}" for setting in (*self.SETTINGS, f"unix_socket_directories={self.place}"))
        self.control("start", "-o", settings, "-l", self.place / "log")
        return self

    def stop(self):
        self.control("stop", "-m", "immediate")

    def psql(self, sql):
        """Again, where it was in the way of replay."""
        fault = "conflict with recovery"
        while "conflict with recovery" in fault:
            done = subprocess.run([PSQL, "-h", str(self.place), "-U", "postgres", "-d", "thidua", "-AtXc", sql], capture_output=True, text=True, timeout=60)
            fault = done.stderr
        assert done.returncode == 0, fault
        return done.stdout.strip()

    def refused(self, scripts):
        """name of a script → the SQLSTATE of each of its statements that fails."""
        script = "\n".join(f"\\warn script {name}\n{text}\nDEALLOCATE ALL;" for name, text in scripts.items())
        done = subprocess.run([PSQL, "-h", str(self.place), "-U", "postgres", "-d", "thidua", "-AtXq", "-v", "VERBOSITY=sqlstate"],
                              input=script, capture_output=True, text=True, timeout=60, check=True)
        found = {}
        for line in done.stderr.splitlines():
            said, state = line.split()[-2:]
            if said == "script":
                found[state] = states = []
            else:
                states.append(state)
        return found

    def signal(self, number):
        """To all its processes."""
        for process in postmaster_family(self.data):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)

    def remove(self):
        if (self.data / "postmaster.pid").exists():
            self.signal(signal.SIGCONT)
            self.run("pg_ctl", "stop", "-w", "-s", "-D", self.data, "-m", "immediate", check=False)
        shutil.rmtree(self.place, ignore_errors=True)
