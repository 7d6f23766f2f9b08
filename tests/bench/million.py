#!/usr/bin/python3
"""Evaluations at scale: a million contestants from PostgreSQL to stored verdicts, against COPY of the same rows.

A scratch service with a database of its own. A few dozen contestants are written through the public interface (the demo data:
invented figures), and their packed facts are then copied under new unit ids, so that what is judged is as large and as
varied as the real thing. Measured in one run: a plain binary COPY out of the packed facts and a plain binary COPY of the
verdicts into a table with the same index, both by psql on this machine; the evaluation by one HTTP request; quick
reads meanwhile; peak resident memory of the service. The round of 1,000, which is ranked too, is held against single-row
writes through the same interface.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "api"))

from service import PROGRAM, Client, Service, make_place, serving, wait_until  # noqa: E402

PLAN = ROOT / "campaigns/230-KH-UBND.json"


def load_plan(service, code):
    plan = {**json.loads(PLAN.read_text(encoding="utf-8")), "code": code}
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(plan, file)
        file.flush()
        done = service.command("load", file.name)
    assert done.returncode == 0, done.stderr


def fill(service, code, count, scattered=False):
    """A round of `count` contestants whose facts are those of the demo's under other ids; checks of single rows are off meanwhile. Facts lie
    in the order of units, by which the packer goes where it packs all anew, or as units came, as it leaves them where it keeps up with that."""
    load_plan(service, code)
    sql = f"""
    BEGIN;
    SET LOCAL session_replication_role = replica;
    CREATE TEMP TABLE made ON COMMIT DROP AS
        SELECT gen_random_uuid() AS id, i % (SELECT count(*) FROM packed_facts WHERE campaign = '230-KH-UBND') AS template
        FROM generate_series(1, {count}) i;
    CREATE TEMP TABLE templates ON COMMIT DROP AS
        SELECT row_number() OVER () - 1 AS template, p.*, c.group_name, c.on_assessed_list, c.advises_par, c.source_document
        FROM packed_facts p JOIN contestants c USING (campaign, year, unit_id) WHERE p.campaign = '230-KH-UBND';
    INSERT INTO units (id) SELECT id FROM made;
    INSERT INTO unit_stamps (unit_id, stamp, packed) SELECT id, 0, 0 FROM made;
    INSERT INTO unit_periods (unit_id, valid, name, kind) SELECT id, '[2020-01-01,)', 'Đơn vị thử', 'PROVINCIAL_BODY' FROM made;
    INSERT INTO contestants (campaign, year, unit_id, group_name, on_assessed_list, advises_par, source_document)
        SELECT '{code}', 2024, id, group_name, on_assessed_list, advises_par, source_document FROM made JOIN templates USING (template);
    INSERT INTO contestant_labels SELECT '{code}', 2024, id, 'Đơn vị thử', group_name FROM made JOIN templates USING (template);
    INSERT INTO packed_facts (campaign, year, unit_id, stamp, layout, facts)
        SELECT '{code}', 2024, id, 0, layout, decode(replace(encode(facts, 'hex'), encode(convert_to(unit_id::text, 'UTF8'), 'hex'),
                                                             encode(convert_to(id::text, 'UTF8'), 'hex')), 'hex')
        FROM made JOIN templates USING (template){"" if scattered else " ORDER BY id"};
    COMMIT;
    VACUUM ANALYZE units, unit_stamps, contestants, packed_facts"""
    for statement in (sql.rsplit(";", 1)):
        psql(service, statement)


def psql(service, sql, user="postgres"):
    done = subprocess.run(["psql", "-h", str(service.var / "socket"), "-U", user, "-d", "thidua", "-AtXq", "-v", "ON_ERROR_STOP=1"],
                          input=sql, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def timed(action):
    start = time.monotonic()
    action()
    return time.monotonic() - start


def peak_rss(service, reset=False):
    """Peak resident MB of the service since the last reset."""
    status = pathlib.Path(f"/proc/{service.process.pid}")
    if reset:
        (status / "clear_refs").write_text("5")
    line = next(l for l in (status / "status").read_text().splitlines() if l.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


class Reads:
    """Quick reads one after another, from the outside, while something else goes on."""

    def __init__(self, service, unit):
        self.client, self.path, self.times, self.on = service.anonymous(), f"/v1/units/{unit}", [], True
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        while self.on:
            self.times.append(timed(lambda: self.client.get(self.path).raise_for_status()))
            time.sleep(0.005)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.on = False
        self.thread.join()

    def told(self):
        ordered = sorted(self.times)
        return (f"{len(ordered)} reads, p50 {1000 * ordered[len(ordered) // 2]:.1f} ms, p99 {1000 * ordered[len(ordered) * 99 // 100]:.1f} ms,"
                f" longest {1000 * ordered[-1]:.0f} ms")


def evaluate(client, code):
    """Seconds, and the evaluation."""
    start = time.monotonic()
    response = client.post(f"/v1/campaigns/{code}/rounds/2024/evaluations", json={}, timeout=3600)
    assert response.status_code == 201, response.text
    return time.monotonic() - start, response.json()


def copies(service, code, evaluation, scratch):
    """Seconds of COPY out of the facts and of COPY in of the verdicts, and their megabytes."""
    out, verdicts = scratch / "facts", scratch / "verdicts"
    facts = timed(lambda: psql(service, f"\\copy (SELECT unit_id, facts FROM packed_facts WHERE campaign = '{code}' AND year = 2024)"
                                        f" TO '{out}' (FORMAT binary)"))
    psql(service, f"\\copy (SELECT * FROM verdicts WHERE evaluation_id = '{evaluation}' ORDER BY unit_id) TO '{verdicts}' (FORMAT binary)")
    psql(service, "CREATE TABLE bench_verdicts (LIKE verdicts INCLUDING ALL)")
    stored = timed(lambda: psql(service, f"\\copy bench_verdicts FROM '{verdicts}' (FORMAT binary)"))
    psql(service, "DROP TABLE bench_verdicts")
    sizes = [each.stat().st_size / 1e6 for each in (out, verdicts)]
    out.unlink()
    verdicts.unlink()
    return facts, stored, sizes


def growth(service, client, sizes, scattered, scratch):
    print(f"{'contestants':>12} {'evaluation':>11} {'us each':>8} {'COPY out':>9} {'COPY in':>8} {'ratio':>6} {'peak MB':>8}")
    for size in sizes:
        code = f"B{size}"
        fill(service, code, size, scattered)
        if size < 100000:
            evaluate(client, code)  # once to warm: the first evaluation of a process compiles the rules
        psql(service, "CHECKPOINT")
        peak_rss(service, reset=True)
        with Reads(service, psql(service, "SELECT id FROM units LIMIT 1")) as reads:
            seconds, made = evaluate(client, code)
        peak = peak_rss(service)
        assert made["counts"]["contestants"] == size and made["state"] == "DONE"
        psql(service, "CHECKPOINT")
        facts, stored, megabytes = copies(service, code, made["id"], scratch)
        ratio = seconds / (facts + stored)
        print(f"{size:>12} {seconds:>10.3f}s {1e6 * seconds / size:>8.1f} {facts:>8.3f}s {stored:>7.3f}s {ratio:>6.2f} {peak:>8.0f}", flush=True)
    print(f"facts {megabytes[0]:.0f} MB out, verdicts {megabytes[1]:.0f} MB in; quick reads meanwhile: {reads.told()}")
    counts = {name: count for name, count in made["counts"].items() if name != "contestants"}
    print(f"outcomes {counts}")
    return ratio


def single_row_writes(client, code, service, count=40):
    unit = psql(service, f"SELECT unit_id FROM contestants WHERE campaign = '{code}' AND group_name = 'SO_BAN_NGANH' LIMIT 1")
    path = f"/v1/campaigns/{code}/rounds/2024/contestants/{unit}"
    times = []
    for i in range(count):
        tag = client.get(path).headers["ETag"]
        start = time.monotonic()
        response = client.put(path, json={"group": "SO_BAN_NGANH", "on_assessed_list": i % 2 == 0}, headers={"If-Match": tag})
        times.append(time.monotonic() - start)
        assert response.status_code == 200, response.text
    return statistics.median(times)


def provincial_round(service, client):
    code = "B1000"
    write = single_row_writes(client, code, service)
    # The writes changed one contestant, whose facts are the tables' now: let the packer take notice.
    wait_until(lambda: psql(service, "SELECT count(*) FROM unit_stamps WHERE packed <> stamp") == "0", 60)
    whole = statistics.median(evaluate(client, code)[0] for _ in range(9))
    print(f"round of 1,000 evaluated, ranked, stored, answered: {1000 * whole:.1f} ms; a single-row write: {1000 * write:.1f} ms")
    print(f"ratio single-row-writes {whole / write:.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contestants", type=int, default=1000000, help="of the largest round")
    parser.add_argument("--scattered", action="store_true", help="packed facts that lie in no order")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="thidua-bench-files-") as scratch, serving(Service(make_place(), THIDUA_WRITE_SECONDS="3600")) as service:
        assert service.command("load", str(PLAN)).returncode == 0
        keys = service.var / "demo-keys.json"
        subprocess.run(["/usr/bin/python3", str(ROOT / "demo/load.py"), PROGRAM, service.base, str(keys)], env=service.environment,
                       check=True, stdout=subprocess.DEVNULL)
        wait_until(lambda: psql(service, "SELECT count(*) FROM unit_stamps WHERE packed <> stamp") == "0", 60)
        client = Client(service.base, json.loads(keys.read_text())["home_affairs"])
        sizes = [size for size in (1000, 10000, 100000) if size < options.contestants] + [options.contestants]
        ratio = growth(service, client, sizes, options.scattered, pathlib.Path(scratch))
        if 1000 in sizes:
            provincial_round(service, client)
        print(f"ratio copy {ratio:.2f}")


if __name__ == "__main__":
    main()
