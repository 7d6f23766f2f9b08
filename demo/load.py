#!/usr/bin/env python3
"""Fill a running service with demo data: real units, invented figures, labelled so. Runs again without harm.

load.py PROGRAM BASE_URL KEYS_FILE: makes one key a role with PROGRAM (kept in KEYS_FILE as role → key), then goes through
the public interface like any other client.
"""
import csv
import datetime
import json
import os
import pathlib
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

from nominees import BELOW, INVENTED, NOMINEES, ROUND, enter_nominees

ROOT = pathlib.Path(__file__).resolve().parent.parent
HOME_AFFAIRS, DEMO_UNIT, OFFICE = "Sở Nội vụ", "Huyện Lộc Ninh", "Văn phòng UBND tỉnh"
OUTSIDER = "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh"  # no contestant, so it competes with nobody
APPRAISER = "home_affairs_of_another_body"  # beside the keys of the roles
BODIES = [
    OFFICE, HOME_AFFAIRS, "Sở Tư pháp", "Sở Kế hoạch và Đầu tư", "Sở Tài chính", "Sở Công Thương",
    "Sở Nông nghiệp và Phát triển nông thôn", "Sở Giao thông vận tải", "Sở Xây dựng", "Sở Tài nguyên và Môi trường",
    "Sở Thông tin và Truyền thông", "Sở Lao động - Thương binh và Xã hội", "Sở Văn hóa, Thể thao và Du lịch",
    "Sở Khoa học và Công nghệ", "Sở Giáo dục và Đào tạo", "Sở Y tế", "Sở Ngoại vụ", "Thanh tra tỉnh", "Ban Dân tộc",
    "Ban Quản lý Khu kinh tế"]
FROM = {"valid_from": "2024-01-01", "legal_basis": "Danh mục đơn vị hành chính và cơ quan năm 2024"}


class Client:
    """One key. `put` and `post` that find the thing already there leave it as it is."""

    def __init__(self, base, key=None):
        self.base, self.key = base, key

    def ask(self, method, path, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        if data:
            headers.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
            return (json.loads(text) if text else None), answer.headers.get("ETag")

    def get(self, path, **query):
        return self.ask("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def put_new(self, path, body, **headers):
        try:
            self.ask("PUT", path, body, **headers)
        except urllib.error.HTTPError as refusal:
            if refusal.code != 428:  # it is there, and only its ETag would let us replace it
                sys.exit(f"PUT {path}: {refusal.code} {refusal.read().decode()}")


def make_key(program, role, unit=None):
    done = subprocess.run([program, "key", "create", "--name", f"demo {role}", "--role", role, *(["--unit", unit] if unit else [])],
                          capture_output=True, text=True, check=True)
    return done.stdout.strip()


def make_units(admin):
    """(kind, name, GSO code or None) → id, of units.tsv and the provincial bodies."""
    by_code, made = {}, {}

    def make(kind, name, parent, code=None):
        query = {"on": "2024-12-30", "code": code} if code else {"on": "2024-12-30", "q": name, "kind": kind}
        found = [u for u in admin.get("/v1/units", **query)[0]["items"] if u["name"] == name and u["parent_id"] == parent]
        if found:
            return found[0]["id"]
        codes = [{"scheme": "GSO", "value": code}] if code else []
        return admin.ask("POST", "/v1/units", {"name": name, "kind": kind, "parent_id": parent, "codes": codes, **FROM})[0]["id"]

    with open(ROOT / "demo/units.tsv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            by_code[row["gso_code"]] = made[row["tier"], row["name"], row["gso_code"]] = make(
                row["tier"], row["name"], by_code.get(row["parent_gso_code"]), row["gso_code"])
    for name in BODIES:
        made["PROVINCIAL_BODY", name, None] = make("PROVINCIAL_BODY", name, by_code["70"])
    made["MASS_ORGANISATION", OUTSIDER, None] = make("MASS_ORGANISATION", OUTSIDER, by_code["70"])
    for parent, name in ((HOME_AFFAIRS, "Phòng Cải cách hành chính"), BELOW):
        made["PROVINCIAL_SUBUNIT", name, None] = make("PROVINCIAL_SUBUNIT", name, made["PROVINCIAL_BODY", parent, None])
    return made


def enter_contestants(home, another, units):
    """Nobody registers their own unit or its rivals: for the groups of Sở Nội vụ and its division it is an appraiser of another body."""
    groups = {"PROVINCIAL_BODY": "SO_BAN_NGANH", "DISTRICT": "HUYEN", "PROVINCIAL_SUBUNIT": "UNIT_UNDER_SO"}
    for (kind, _, _), unit in units.items():
        if kind in groups:
            below = kind == "PROVINCIAL_SUBUNIT"
            by = home if kind == "DISTRICT" else another
            by.put_new(f"{ROUND}/contestants/{unit}", {
                "group": groups[kind], "advises_par": below, "on_assessed_list": not below, "source_document": INVENTED,
                "members_total": 20, "members_women": 12})


def of_home_affairs(units):
    """Nobody acts on their own unit: another body's appraiser has to act for these."""
    return [units["PROVINCIAL_BODY", HOME_AFFAIRS, None], units["PROVINCIAL_SUBUNIT", "Phòng Cải cách hành chính", None]]


def record_findings(appraiser, units):
    """Invented scores that fall from unit to unit: the nominees lead their group (III.1.a), the rest come behind."""
    leading = [name for name, *_ in NOMINEES] + [BELOW[1]]
    for kind in ("PROVINCIAL_BODY", "DISTRICT", "PROVINCIAL_SUBUNIT"):
        rivals = [(name, unit) for (of_kind, name, _), unit in units.items() if of_kind == kind and unit not in of_home_affairs(units)]
        rivals.sort(key=lambda rival: leading.index(rival[0]) if rival[0] in leading else len(leading))
        for place, (name, unit) in enumerate(rivals):
            result = "OUTSTANDING_LEADING" if name in leading else "OUTSTANDING" if place < 8 else "NOT_OUTSTANDING"
            appraiser.put_new(f"{ROUND}/findings/{unit}", {"contents": [
                {"content": content, "score": f"{97 - 2 * place - number}.{25 * number:02d}", "result": result,
                 "reason": INVENTED, "evidence": []} for number, content in enumerate("ABCD")]})


def file_reports(home, another, units):
    """All but two districts have reported, one of them on the cut-off day itself (V.1: late)."""
    owing = [unit for (kind, _, _), unit in units.items() if kind in ("DISTRICT", "PROVINCIAL_BODY")]
    for number, unit in enumerate(owing[2:], start=1):
        received = "2024-12-31T08:00:00+07:00" if number == 1 else f"2024-12-{10 + number % 18:02d}T09:00:00+07:00"
        by = another if unit in of_home_affairs(units) else home
        by.put_new(f"{ROUND}/reports/{unit}", {"document_number": f"{number}/BC-DEMO", "document_date": "2024-12-09",
                                               "summary": INVENTED, "received_at": received, "source": INVENTED})


def settle_round(home):
    """By somebody outside: the days hold for all, but places and registers bear on every contestant."""
    found, etag = home.get(ROUND)
    if not found["conference_on"]:
        home.ask("PATCH", ROUND, {"conference_on": "2025-03-20"}, If_Match=etag, Content_Type="application/merge-patch+json")
    quota, etag = home.get(f"{ROUND}/quota")
    if quota["version"] == 0:
        home.ask("PUT", f"{ROUND}/quota", {"reason": INVENTED, "allocation": [
            {"group": "SO_BAN_NGANH", "slots": 3}, {"group": "HUYEN", "slots": 2}, {"group": "UNIT_UNDER_SO", "slots": 1}]},
            If_Match=etag)
    dated = next(deadline for deadline in home.get(f"{ROUND}/board")[0]["deadlines"] if deadline["due_on"])
    today = (datetime.date.fromisoformat(dated["due_on"]) - datetime.timedelta(days=dated["days_left"])).isoformat()  # by the service's clock
    for register in ("initiatives", "discipline", "scores", "proceedings", "awards"):
        shown, etag = home.get(f"{ROUND}/registers/{register}")
        if not shown["declarations"]:
            home.ask("PUT", f"{ROUND}/registers/{register}",
                     {"complete": True, "complete_through": today, "source": INVENTED}, If_Match=etag)


def main(program, base, keys_file):
    path = pathlib.Path(keys_file)
    keys = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if "admin" not in keys:
        keys["admin"] = make_key(program, "admin")
    units = make_units(Client(base, keys["admin"]))
    bound = {"home_affairs": units["PROVINCIAL_BODY", HOME_AFFAIRS, None],
             "unit": next(unit for (_, name, _), unit in units.items() if name == DEMO_UNIT)}
    for role in ("home_affairs", "chair_office", "initiative_council", "auditor", "viewer", "unit"):
        if role not in keys:
            keys[role] = make_key(program, role, bound.get(role))
    if APPRAISER not in keys:
        keys[APPRAISER] = make_key(program, "home_affairs", units["MASS_ORGANISATION", OUTSIDER, None])
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(keys, file, indent=1)
    home, another = Client(base, keys["home_affairs"]), Client(base, keys[APPRAISER])
    enter_contestants(home, another, units)
    record_findings(another, units)
    file_reports(home, another, units)
    enter_nominees(Client(base, keys["admin"]), {role: Client(base, key) for role, key in keys.items()},
                   {name: unit for (_, name, _), unit in units.items()}, lambda key: Client(base, key))
    settle_round(another)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
