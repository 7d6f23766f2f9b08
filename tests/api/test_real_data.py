"""The real units of the province, before and after 1 July 2025 (domain, section 8): in through the CSV import, changed through the API.

The lists are read from the directory THIDUA_SHARED; without them these tests are skipped."""
import collections
import csv
import datetime
import io
import re
import unicodedata

import openpyxl
import pytest

from conftest import make_campaign
from service import SHARED
from words import LABELS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NOW = "2025-07-02T08:00:00+07:00"
UNITS, SUCCESSION = SHARED / "data/units_2024.tsv", SHARED / "data/succession_2025-07-01.tsv"
pytestmark = pytest.mark.skipif(not UNITS.exists(), reason=f"no lists of real units: {UNITS} is not there (set THIDUA_SHARED)")
BEFORE, AFTER = "2024-12-30", "2025-07-02"
BODIES = ["Văn phòng UBND tỉnh", "Sở Nội vụ", "Sở Tư pháp", "Sở Kế hoạch và Đầu tư", "Sở Tài chính", "Sở Công Thương",
          "Sở Nông nghiệp và Phát triển nông thôn", "Sở Giao thông vận tải", "Sở Xây dựng", "Sở Tài nguyên và Môi trường",
          "Sở Thông tin và Truyền thông", "Sở Lao động - Thương binh và Xã hội", "Sở Văn hóa, Thể thao và Du lịch",
          "Sở Khoa học và Công nghệ", "Sở Giáo dục và Đào tạo", "Sở Y tế", "Sở Ngoại vụ", "Thanh tra tỉnh", "Ban Dân tộc",
          "Ban Quản lý Khu kinh tế"]
LAW = {"province": "Nghị quyết 202/2025/QH15", "communes": "Nghị quyết sắp xếp đơn vị hành chính cấp xã năm 2025"}


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def as_csv():
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["gso_code", "agency_code", "name", "kind", "parent_gso_code", "parent_agency_code", "valid_from", "legal_basis"])
    for row in rows(UNITS):
        table.writerow([row["gso_code"], "", row["name"], row["tier"], row["parent_gso_code"], "", "2010-01-01", ""])
    for name in BODIES:
        table.writerow(["", "", name, "PROVINCIAL_BODY", "70", "", "2010-01-01", ""])
    return out.getvalue().encode()


class World:
    def __init__(self, service):
        self.service = service
        self.admin, self.anyone, self.auditor = service.key("admin"), service.anonymous(), service.key("auditor")
        made = self.admin.post("/v1/imports", params={"kind": "units"}, data=as_csv(), headers={"Content-Type": "text/csv"})
        assert made.status_code == 201, made.text
        self.report = made.json()
        self.old = self.report["ids"]["GSO"]
        self.reorganise()

    def reorganise(self):
        """12/6/2025–1/7/2025: the province joins Đồng Nai, the district tier ends, 111 communes become 40."""
        dong_nai = self.make({"name": "Tỉnh Đồng Nai", "kind": "PROVINCE", "valid_from": "1976-01-01",
                              "codes": [{"scheme": "GSO", "value": "75"}]})
        taking = collections.defaultdict(list)
        for row in rows(SUCCESSION):
            taking[row["new_gso_code"], row["new_name"]].append(row["old_gso_code"])
        self.new = {code: self.make({
            "name": name, "kind": "COMMUNE", "parent_id": dong_nai, "valid_from": "2025-07-01",
            "codes": [{"scheme": "GSO", "value": code}],
            "succeeds": {"kind": "MERGE", "legal_basis": LAW["communes"], "predecessors": [self.old[old] for old in olds]}})
            for (code, name), olds in taking.items()}
        self.dong_nai = dong_nai
        for row in rows(UNITS):
            if row["tier"] == "DISTRICT":
                self.end(row["gso_code"], "DISSOLVE", [], LAW["communes"])
        self.end("70", "MERGE", [dong_nai], LAW["province"], move_children_to=dong_nai)  # its offices

    def make(self, body):
        made = self.admin.post("/v1/units", json=body)
        assert made.status_code == 201, made.text
        return made.json()["id"]

    def end(self, code, kind, successors, law, **more):
        done = self.admin.post(f"/v1/units/{self.old[code]}/successions", headers={
            "If-Match": self.admin.get(f"/v1/units/{self.old[code]}").headers["ETag"]}, json={
                "kind": kind, "effective_on": "2025-07-01", "legal_basis": law, "successors": successors, **more})
        assert done.status_code == 201, done.text

    def listed(self, **query):
        items, cursor = [], None
        while True:
            page = self.anyone.get("/v1/units", params={"limit": 200, **query, **({"cursor": cursor} if cursor else {})}).json()
            items += page["items"]
            cursor = page["next"]
            if not cursor:
                return items


@pytest.fixture(scope="module")
def world(fresh_service):
    return World(fresh_service)


def test_all_units_of_2024_came_in(world):
    assert world.report["created"] == 123 + 20
    kinds = collections.Counter(unit["kind"] for unit in world.listed(on=BEFORE))
    # Đồng Nai existed beside it
    assert kinds == {"PROVINCE": 2, "DISTRICT": 11, "COMMUNE": 111, "PROVINCIAL_BODY": 20}


def test_the_two_worlds(world):
    kinds = collections.Counter(unit["kind"] for unit in world.listed(on=AFTER))
    assert (kinds["PROVINCE"], kinds["DISTRICT"], kinds["COMMUNE"]) == (1, 0, 40)
    for unit in world.listed(on=AFTER, kind="COMMUNE"):
        assert unit["parent_id"] == world.dong_nai and unit["valid_from"] == "2025-07-01"
    before = world.listed(on=BEFORE, kind="COMMUNE")
    assert {unit["valid_to"] for unit in before} == {"2025-06-30"}
    assert {unit["id"] for unit in before} == {world.old[row["gso_code"]] for row in rows(UNITS) if row["tier"] == "COMMUNE"}


def test_a_reused_code_means_the_body_that_held_it_on_the_day(world):
    """25195 was Phường Tân Phú and is Phường Bình Phước; so with every code that was used again."""
    assert [u["name"] for u in world.listed(code="25195", on=BEFORE)] == ["Phường Tân Phú"]
    assert [u["name"] for u in world.listed(code="25195", on=AFTER)] == ["Phường Bình Phước"]
    reused = [row for row in rows(SUCCESSION) if row["code_reused"] == "1"]
    assert len(reused) == 40
    for row in reused:
        old, new = (world.listed(code=row["old_gso_code"], on=day) for day in (BEFORE, AFTER))
        assert ([u["name"] for u in old], [u["name"] for u in new]) == ([row["old_name"]], [row["new_name"]])
        assert old[0]["id"] != new[0]["id"]


def test_doubled_names_stay_apart(world):
    """A name is never a key: "Xã Tân Lợi (Huyện Đồng Phú)"."""
    communes = world.listed(on=BEFORE, kind="COMMUNE")
    names = collections.Counter(re.sub("^(Phường|Xã|Thị trấn) ", "", unit["name"]) for unit in communes)
    assert sum(count == 2 for count in names.values()) == 7
    assert len({unit["label"] for unit in communes}) == 111
    twins = world.listed(on=BEFORE, q="Xã Tân Lợi")
    assert sorted(unit["label"] for unit in twins) == ["Xã Tân Lợi (Huyện Hớn Quản)", "Xã Tân Lợi (Huyện Đồng Phú)"]


def test_the_new_an_loc_holds_nothing_of_the_old_one(world):
    """Names migrate: the old Phường An Lộc went into Phường Bình Long; the new one took the place of three others."""
    old, new = world.old["25324"], world.new["25333"]
    assert world.anyone.get(f"/v1/units/{old}", params={"on": BEFORE}).json()["name"] == "Phường An Lộc"
    assert world.anyone.get(f"/v1/units/{new}", params={"on": AFTER}).json()["name"] == "Phường An Lộc"
    history = world.anyone.get(f"/v1/units/{new}/history").json()
    assert {s["predecessor_unit_label"].split(" (")[0] for s in history["predecessors"]} == {"Phường Phú Thịnh", "Xã Thanh Phú", "Xã Thanh Lương"}
    assert old not in {s["predecessor_unit_id"] for s in history["predecessors"]}
    holders = world.anyone.get(f"/v1/units/{old}/history").json()["holders_now"]
    assert [h["unit_label"].split(" (")[0] for h in holders] == ["Phường Bình Long"]
    found = world.listed(q="phường an lộc", on=AFTER, kind="COMMUNE")
    assert [u["id"] for u in found] == [new, old] and "matched_former_name" not in found[0], "the body of the day first, then the one of then"
    assert found[1]["matched_former_name"] == {"name": "Phường An Lộc", "valid_from": "2010-01-01", "valid_to": "2025-06-30"}
    assert found[1]["holders_now"] == holders and not found[1]["exists"]
    for path in ("scores", "initiatives", "discipline-records"):
        assert world.auditor.get(f"/v1/{path}", params={"unit_id": new}).json()["items"] == []


def test_every_old_commune_has_its_holder_now(world):
    for row in rows(SUCCESSION):
        holders = world.anyone.get(f"/v1/units/{world.old[row['old_gso_code']]}/history").json()["holders_now"]
        assert [h["unit_id"] for h in holders] == [world.new[row["new_gso_code"]]], row


def test_every_name_is_found_without_its_diacritics(world):
    for row in rows(UNITS):
        plain = "".join(c for c in unicodedata.normalize("NFD", row["name"]) if not unicodedata.combining(c))
        words = plain.replace("đ", "d").replace("Đ", "D").lower()
        assert world.old[row["gso_code"]] in {u["id"] for u in world.listed(q=words, on=BEFORE)}, words


def test_every_name_is_found_by_its_abbreviation_and_first_where_it_is_spelt_so(world):
    short = {"Thành phố": "TP.", "Thị xã": "TX.", "Thị trấn": "TT.", "Huyện": "H.", "Phường": "P.", "Xã": "X.", "Tỉnh": "T."}
    for row in rows(UNITS):
        full = next(full for full in short if row["name"].startswith(full))
        for blank in ("", " "):
            found = world.listed(q=row["name"].replace(full, short[full] + blank, 1), on=BEFORE)
            same = [u for u in found if u["name"] == row["name"]]
            assert world.old[row["gso_code"]] in {u["id"] for u in same} and found[:len(same)] == same, row["name"]


def test_every_former_name_finds_the_body_and_who_holds_its_duties(world):
    for row in rows(SUCCESSION):
        (found,) = [u for u in world.listed(q=row["old_name"], on=AFTER) if u["id"] == world.old[row["old_gso_code"]]]
        assert found["matched_former_name"]["name"] == row["old_name"] and [h["unit_id"] for h in found["holders_now"]] == [world.new[row["new_gso_code"]]]


def test_a_years_contestants_come_in_by_their_codes_of_the_time(world):
    """Read on 30/12/2024 the codes mean the bodies of then, though 40 of them mean others today (domain, section 8)."""
    campaign, home = make_campaign(world.service).rsplit("/", 1)[1], world.service.key("home_affairs")
    lines = ["gso_code,unit_id,group,on_assessed_list"]
    lines += [f"{row['gso_code']},,{ {'DISTRICT': 'HUYEN', 'COMMUNE': 'XA'}[row['tier']]},true" for row in rows(UNITS) if row["tier"] != "PROVINCE"]
    lines += [f",{unit['id']},SO_BAN_NGANH,true" for unit in world.listed(on=BEFORE, kind="PROVINCIAL_BODY")]
    where = {"kind": "contestants", "campaign": campaign, "year": 2024}
    made = home.post("/v1/imports", params={**where, "on": BEFORE}, data="\n".join(lines).encode(), headers={"Content-Type": "text/csv"})
    assert made.status_code == 201 and made.json()["created"] == 11 + 111 + 20, made.text
    entered = {item["resource"].rsplit("/", 1)[1] for item in made.json()["made"]}
    assert {world.old[row["gso_code"]] for row in rows(UNITS) if row["tier"] != "PROVINCE"} <= entered
    today = home.post("/v1/imports", params={**where, "on": AFTER}, data="\n".join(lines).encode(), headers={"Content-Type": "text/csv"})
    assert today.status_code == 422 and {e["code"] for e in today.json()["errors"]} == {"no_unit", "rule-refused"}, (
        "codes that ended with their bodies, and such as mean a body now that the year did not know")


def test_the_whole_province_in_either_kind_of_table(world):
    """123 units of the list, 20 bodies and Đồng Nai, as they were: none left out over the pages, no name changed on the way."""
    names = sorted([row["name"] for row in rows(UNITS)] + BODIES + ["Tỉnh Đồng Nai"])
    ask = {"url": "/v1/units", "params": {"on": BEFORE}}
    text = world.anyone.get(**ask, headers={"Accept": "text/csv"}).content.decode("utf-8-sig")
    assert sorted(row["Name"] for row in csv.DictReader(io.StringIO(text, newline=""))) == names
    sheet = openpyxl.load_workbook(io.BytesIO(world.anyone.get(**ask, headers={"Accept": XLSX}).content)).worksheets[0]
    shown = [[cell.value for cell in row] for row in sheet.iter_rows()]
    at = {heading: index for index, heading in enumerate(shown[0])}
    assert sorted(row[at["Name"]] for row in shown[1:]) == names
    by_code = {row["gso_code"]: row["name"] for row in rows(UNITS)}
    assert {code: name for code, name in ((row[at["Codes"]], row[at["Name"]]) for row in shown[1:]) if code} == {
        f"{LABELS['CodeScheme']['GSO']['en']}: {code}": name for code, name in {**by_code, "75": "Tỉnh Đồng Nai"}.items()}
    assert {row[at["From"]] for row in shown[1:]} == {datetime.datetime(2010, 1, 1), datetime.datetime(1976, 1, 1)}


def test_the_journal_of_it_all_is_whole(world):
    assert world.service.command("verify").stdout.startswith("intact")
