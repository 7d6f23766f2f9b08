"""The demo data: loaded through the public interface, and loading it again changes nothing."""
import json
import os
import subprocess

from conftest import PLAN_FILE
from service import PROGRAM, ROOT, Client, Service, make_place, serving

ROUND = "/v1/campaigns/230-KH-UBND/rounds/2024"


def test_the_demo_loads_and_loads_again():
    with serving(Service(make_place())) as service:
        keys = service.var / "demo-keys.json"
        states = []
        assert service.command("load", str(PLAN_FILE)).returncode == 0
        for _ in range(2):
            done = subprocess.run(["/usr/bin/python3", str(ROOT / "demo/load.py"), PROGRAM, service.base, keys],
                                  env=service.environment, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, done.stderr
            states.append((service.psql("SELECT count(*) FROM journal"), open(keys, encoding="utf-8").read()))
        assert states[0] == states[1]
        assert os.stat(keys).st_mode & 0o077 == 0
        held = json.loads(states[0][1])
        auditor = Client(service.base, held["auditor"])
        shown = auditor.get(ROUND).json()
        assert (shown["counts"]["contestants"], shown["counts"]["findings"], shown["quota"]["allocated"]) == (33, 31, 6)
        assert shown["proposal_deadline"] == "2025-03-10"
        late = auditor.get(f"{ROUND}/obligations", params={"status": "FILED_LATE"}).json()["items"]
        assert len(late) == 1
        assert len(auditor.get(f"{ROUND}/obligations", params={"status": "OVERDUE"}).json()["items"]) == 2
        own = Client(service.base, held["unit"]).get(f"{ROUND}/obligations").json()["items"]
        assert [item["unit_label"] for item in own] == ["Huyện Lộc Ninh"]
        made = Client(service.base, held["home_affairs"]).post(f"{ROUND}/evaluations", json={}).json()
        assert made["counts"] == {"contestants": 33, "ELIGIBLE": 4, "INELIGIBLE": 27, "DEFERRED": 1, "PENDING": 1}
        verdicts = auditor.get(f"/v1/evaluations/{made['id']}/verdicts", params={"limit": 200}).json()["items"]
        assert {c["result"] for v in verdicts for c in v["criteria"]} == {"PASS", "FAIL", "PENDING", "NOT_APPLICABLE", "DEFERRED"}
        standings = auditor.get(f"/v1/evaluations/{made['id']}/standings").json()["items"]
        assert {s["unit_label"] for s in standings if s["status"] == "SECURE"} == {
            "Huyện Lộc Ninh", "Sở Y tế", "Sở Giáo dục và Đào tạo", "Văn phòng Sở Y tế (Sở Y tế)"}
