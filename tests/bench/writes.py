#!/usr/bin/python3
"""Writes: what one costs alone, and what an item of a bulk write costs as the list grows.

A scratch service with a PostgreSQL of its own. Times are those of this machine and its load; processor time of the service
and of PostgreSQL, statements and round trips are what can be compared between two runs.
"""
import contextlib
import itertools
import json
import pathlib
import time
import uuid

from house import ROOT, ROUND, options_of, running, scratch
from service import Service

CODE = "230-KH-UBND"
JSON = {"Content-Type": "application/json"}
DEAREST = """SELECT round(total_exec_time::numeric, 1), calls, left(regexp_replace(query, E'\\s+', ' ', 'g'), 150) FROM pg_stat_statements
    ORDER BY total_exec_time DESC LIMIT 12"""
ISSUED = itertools.count(1)


def cpu_seconds(pids):
    """Of all threads that live, to the nanosecond."""
    total = 0
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a connection that has ended since
            for task in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
                total += int(task.read_text(encoding="ascii").split()[0])
    return total / 1e9


def children(pid):
    return [int(child) for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children") for child in task.read_text(encoding="ascii").split()]


class Bench:
    def __init__(self, directory):
        self.service = Service(directory / "var", now="2025-02-01T08:00:00+07:00")
        (directory / "var").mkdir(mode=0o755)
        self.count_statements()
        self.service.start()
        assert self.service.command("load", str(ROOT / f"campaigns/{CODE}.json")).returncode == 0
        self.home, self.admin = self.service.key("home_affairs"), self.service.key("admin")

    def count_statements(self):
        assert self.service.command("migrate").returncode == 0
        with open(self.service.var / "postgres/postgresql.conf", "a", encoding="utf-8") as settings:
            settings.write("shared_preload_libraries = 'pg_stat_statements'\npg_stat_statements.track = top\n")

    def units(self, count):
        """Contestants of one cluster that nothing was written of yet: those of an earlier list compete elsewhere."""
        ids = [str(uuid.uuid4()) for _ in range(count)]
        names = ", ".join(f"'{unit}'" for unit in ids)
        told = self.service.psql(f"""
            INSERT INTO units (id) SELECT unnest(ARRAY[{names}]::uuid[]);
            INSERT INTO unit_periods (unit_id, valid, name, kind)
                SELECT unnest(ARRAY[{names}]::uuid[]), '[2010-01-01,)', 'Đơn vị đo ' || gen_random_uuid(), 'PROVINCIAL_BODY';
            INSERT INTO contestants (campaign, year, unit_id, group_name, cluster, on_assessed_list)
                SELECT '{CODE}', 2024, unnest(ARRAY[{names}]::uuid[]), 'SO_BAN_NGANH', 'Khối {ids[0]}', true""")
        assert "ERROR" not in told, told
        return ids

    def cost(self, write):
        """Seconds, and processor seconds of the service and of PostgreSQL."""
        server = int((self.service.var / "postgres/postmaster.pid").read_text(encoding="ascii").split()[0])
        watched = ([self.service.process.pid], [server, *children(server)])
        before, start = [cpu_seconds(pids) for pids in watched], time.monotonic()
        write()
        took = time.monotonic() - start
        return took, *[cpu_seconds(pids) - known for pids, known in zip(watched, before)]

    # ---- lists ----

    def findings(self, count):
        return self.home, f"{ROUND}/findings", {"findings": [
            {"unit_id": unit, "contents": [{"content": c, "score": f"{60 + n % 40}.5", "result": "OUTSTANDING", "reason": "x"} for c in "AB"]}
            for n, unit in enumerate(self.units(count))]}

    def reports(self, count):
        return self.home, f"{ROUND}/reports", {"reports": [
            {"unit_id": unit, "document_number": f"{next(ISSUED)}/BC-SYT", "document_date": "2024-12-02", "summary": "Tóm tắt"}
            for unit in self.units(count)]}

    def discipline(self, count):
        return self.home, "/v1/discipline-records/batch", {"records": [
            {"unit_id": unit, "person_name": "A B", "position": "KEY_LEADER_HEAD", "regime": "CIVIL_SERVANT", "level": "CANH_CAO",
             "decision_number": f"{next(ISSUED)}/QĐ-KL", "decision_date": "2024-05-06", "issued_by": "UBND",
             "effective_from": "2024-05-06"} for unit in self.units(count)]}

    def successions(self, count):
        return self.admin, "/v1/units/successions", {"successions": [
            {"unit_id": unit, "kind": "MERGE", "effective_on": "2025-01-01", "legal_basis": "NQ 1", "successors": [heir]}
            for unit, heir in zip(self.units(count), self.units(count))]}

    def bulk(self, kinds, counts, dearest):
        print("| list | items | ms an item | service ms | PostgreSQL ms | statements an item |")
        print("|---|---:|---:|---:|---:|---:|")
        for kind in kinds:
            for count in counts:
                client, path, body = getattr(self, kind)(count)
                self.service.psql("SELECT pg_stat_statements_reset()", user="postgres")
                answers = []
                cost = self.cost(lambda: answers.append(client.post(path, data=json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(), headers=JSON, timeout=600)))
                assert answers[0].status_code == 201, answers[0].text[:500]
                calls = int(self.service.psql("SELECT sum(calls) FROM pg_stat_statements WHERE userid = 'thidua_app'::regrole", user="postgres"))
                print(f"| {kind} | {count} | " + " | ".join(f"{1000 * seconds / count:.2f}" for seconds in cost) + f" | {calls / count:.1f} |", flush=True)
                if dearest:
                    print(self.service.psql(DEAREST, user="postgres"))


def main():
    options = options_of("writes", __doc__)
    options.add_argument("--items", type=int, nargs="+", default=[10, 100, 1000], help="lengths of lists")
    options.add_argument("--kinds", nargs="+", default=["findings", "reports", "discipline", "successions"])
    options.add_argument("--dearest", action="store_true", help="after each list: milliseconds, calls and text of what took longest in PostgreSQL")
    options = options.parse_args()
    with scratch("writes") as directory:
        bench = Bench(directory)
        with running(bench.service):
            bench.service.psql("CREATE EXTENSION IF NOT EXISTS pg_stat_statements", user="postgres")
            bench.bulk(options.kinds, options.items, options.dearest)


if __name__ == "__main__":
    main()
