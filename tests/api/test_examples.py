"""README's five minutes with curl and the scripts of examples/, run as they stand on the demo data of ./run."""
import json
import re
import subprocess

import pytest

from conftest import PLAN_FILE
from service import PROGRAM, ROOT, Client, Service, make_place, serving

ROUND = "/v1/campaigns/230-KH-UBND/rounds/2024"
SCRIPTS = sorted(path.name for path in (ROOT / "examples").glob("*.sh") if path.name != "common.sh")


@pytest.fixture(scope="module")
def demo():
    with serving(Service(make_place(), THIDUA_WEBHOOK_ALLOW="public,127.0.0.1")) as service:
        files = [str(PLAN_FILE), str(ROOT / "campaigns/law/VN-public-holidays.json")]
        assert service.command("load", *files).returncode == 0
        service.demo_keys = str(service.var / "demo-keys.json")
        done = subprocess.run(["/usr/bin/python3", str(ROOT / "demo/load.py"), PROGRAM, service.base, service.demo_keys],
                              env=service.environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        with open(service.demo_keys, encoding="utf-8") as file:
            service.held = {role: Client(service.base, key) for role, key in json.load(file).items()}
        service.owed = owed(service)
        yield service


def owed(demo):
    """What the lists of the demo wait for: reports by year, and what the board of its round shows as overdue."""
    home, found = demo.held["auditor"], {}
    for year in (2024, 2025):
        place, items = f"/v1/campaigns/230-KH-UBND/rounds/{year}", []
        path = f"{place}/obligations?limit=200"
        while path:
            answer = home.get(path)
            items += [item["unit_id"] for item in answer.json()["items"] if item["report"]["status"] in ("OPEN", "OVERDUE")]
            following = answer.json()["next"]
            path = following and f"{place}/obligations?limit=200&cursor={following}"
        found[year] = sorted(items), home.get(f"{place}/board").json()["overdue"]
    return found


# From its end to its beginning, then as it is listed: they run in any order, and twice.
@pytest.mark.parametrize("script", [*reversed(SCRIPTS), *SCRIPTS])
def test_an_example_runs(demo, script):
    done = subprocess.run(["bash", str(ROOT / "examples" / script)], capture_output=True, text=True, timeout=300,
                          env={**demo.environment, "THIDUA": demo.base, "DEMO_KEYS": demo.demo_keys, "no_proxy": "*"})
    assert done.returncode == 0, done.stdout + done.stderr
    before, demo.owed = demo.owed, owed(demo)
    assert demo.owed == before, "it leaves what owes a report"
    if script == "round.sh":
        told = int(re.search(r"^(\d+) calls$", done.stdout, re.M)[1])
        assert told == len(re.findall(r"^\d{3} [A-Z]+ /", done.stdout, re.M)) <= 22


def test_run_lets_webhooks_come_to_this_machine_where_the_demo_listens_on_loopback():
    """As the fixture does, which stands for ./run."""
    text = (ROOT / "run").read_text(encoding="utf-8")
    lines = text[text.index("allow_webhooks_here() {"):text.index("start_service() {")]
    for listen, database, told in (("127.0.0.1:8080", "", "public,127.0.0.1"), ("[::1]:8080", "", "public,127.0.0.1"), ("0.0.0.0:8080", "", ""),
                                   ("10.1.2.3:80", "", ""), ("127.0.0.1:8080", "host=db", "")):
        done = subprocess.run(["bash", "-c", f"{lines}\nallow_webhooks_here; printf %s \"${{THIDUA_WEBHOOK_ALLOW-}}\""], capture_output=True, text=True,
                              timeout=60, env={"THIDUA_LISTEN": listen, **({"DATABASE_URL": database} if database else {})})
        assert done.stdout == told, (listen, database, done.stderr)


def test_an_example_fails_where_the_answer_is_another(demo, tmp_path):
    """Else none of them would show anything."""
    script = tmp_path / "wrong.sh"
    script.write_text(f'. "{ROOT}/examples/common.sh"\nask 200 GET /v1/me\necho not reached\n')
    done = subprocess.run(["bash", str(script)], capture_output=True, text=True, timeout=60,
                          env={**demo.environment, "THIDUA": demo.base, "DEMO_KEYS": demo.demo_keys, "no_proxy": "*"})
    assert done.returncode != 0 and "not reached" not in done.stdout


def tour():
    """The commands of README's tour: what defines `key`, `api` and `show` first, then each on its own."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"^## Five minutes with curl\n+```sh\n(.*?)^```", text, re.S | re.M)[1]
    lines = [line for line in block.replace("\\\n", " ").splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return lines[:3], lines[3:]


def test_the_readme_tour_is_true(demo, tmp_path):
    """Every request is answered as README promises: with success but for the refusal that it shows."""
    prelude, commands = tour()
    assert prelude[0].startswith("key()") and prelude[1].startswith("api=") and prelude[2].startswith("show()") and len(commands) >= 18
    evaluation = demo.held["home_affairs"].post(f"{ROUND}/evaluations", json={}).json()["id"]
    sure = [s["unit_id"] for s in demo.held["auditor"].get(f"/v1/evaluations/{evaluation}/standings").json()["items"] if s["status"] == "SECURE"]
    proposal = demo.held["home_affairs"].post(f"{ROUND}/proposals", json={
        "evaluation_id": evaluation, "letter_number": "1/TTr-SNV", "units": [{"unit_id": sure[0]}]}).json()["id"]
    ready = "\n".join(prelude).replace("var/demo-keys.json", demo.demo_keys).replace("http://127.0.0.1:8080", demo.base)
    for command in commands:
        asked = command.replace("evaluations/ID", f"evaluations/{evaluation}").replace("proposals/ID", f"proposals/{proposal}")
        asked = asked.replace("ID OF A BODY", sure[0]).replace("NAME/VERSION", "230-KH-UBND/1").replace("build/src/thidua", PROGRAM)
        asked = re.sub(r"^curl ", "curl -sS --max-time 5 -w '%{stderr}status %{http_code}\\n' ", asked)
        done = subprocess.run(["bash", "-c", f"{ready}\n{asked}"], cwd=tmp_path, env=demo.environment, capture_output=True, timeout=120)
        told = done.stderr.decode()
        if command.startswith("show"):  # JSON, or json.tool would have failed
            kind = json.loads(done.stdout).get("type") if done.returncode == 0 else None
            assert done.returncode == 0 and str(kind).startswith("urn:thidua:problem:") == ("KINGDOM" in command), (command, told, done.stdout[:500])
        if not command.startswith("curl"):
            assert done.returncode == 0, (command, told)
            continue
        status = int(re.search(r"status (\d+)", told)[1])
        assert done.returncode == (28 if "events/stream" in command else 0), (command, told)  # 28: a stream has no end of its own
        assert 200 <= status < 300, (command, status, done.stdout[:500])
