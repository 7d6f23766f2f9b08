"""One thing is entered once, however it is spelt: numbers of documents, disciplinary decisions, bodies."""
import json
import pathlib
import uuid
from concurrent import futures

import pytest

from award_tools import AwardRound, number
from service import problem, wait_until
from test_contract import ROUTES
from test_instants import Sender

ROOT = pathlib.Path(__file__).resolve().parents[2]
ALIKE = {
    "blank": lambda text: text.replace("/", " / "), "no-break blank": lambda text: text.replace("/", "\u00a0/"), "thin blanks": lambda text: f"\u2009{text}\u202f",
    "case": str.lower, "a zero": lambda text: f"0{text}", "zeros": lambda text: f"000{text}", "eth": lambda text: text.replace("Đ", "\u00d0"),
    "small eth": lambda text: text.replace("Đ", "\u00f0"), "African D": lambda text: text.replace("Đ", "\u0189"), "en dash": lambda text: text.replace("-", "\u2013"),
    "hyphen": lambda text: text.replace("-", "\u2010"), "no-break hyphen": lambda text: text.replace("-", "\u2011"), "minus": lambda text: text.replace("-", "\u2212"),
    "division slash": lambda text: text.replace("/", "\u2215"),
    "full width": lambda text: "".join(chr(ord(c) + 0xfee0) if c in "0123456789QUBN/-" else c for c in text)}
FOREIGN = ["451/Q\u0410-UBND", "451/QĐ\u200b-UBND", "451/Q\u018a-UBND", "451/QD\u0335-UBND", "\u0664\u0665/QĐ-UBND", "451/QĐ_UBND", "451", "/QĐ", "451//QĐ", ""]
NUMBERS = [(key, name) for key, route in sorted(ROUTES.items()) for name, field in (route["body"] or {}).items() if field["type"] == "number_symbol"]


@pytest.fixture(scope="module")
def sender(service, clients):
    return Sender(service, clients)


def test_every_number_of_a_document_is_a_number_symbol():
    assert len(NUMBERS) >= 7 and not [(key, name) for key, route in ROUTES.items() for name, field in (route["body"] or {}).items()
                                      if name.endswith("number") and field["type"] == "text"]


@pytest.mark.parametrize("key, name", NUMBERS, ids=[f"{' '.join(key)} {name}" for key, name in NUMBERS])
def test_a_number_is_read_by_one_rule(sender, key, name):
    for text in FOREIGN:
        faults = problem(sender.send(key, "body", name, text), 422, "invalid")["errors"]
        assert any(e["pointer"] == f"/{name}" for e in faults), (text, faults)
    for way in ALIKE.values():
        answer = sender.send(key, "body", name, way("451/QĐ-UBND"))
        assert not any(e["code"] == "number_symbol" for e in answer.json().get("errors", [])), answer.text


def test_a_signed_number_stays_taken_in_every_spelling(service, clients):
    held, used = AwardRound(service, clients, 2), number()
    first, second = held.draft(held.units[:1]), held.draft(held.units[1:])
    held.done(held.sign(first, used))
    for name, way in ALIKE.items():
        assert problem(held.sign(second, way(used)), 409, "conflict")["errors"][0]["pointer"] == "/number", name


def test_a_number_is_stored_in_one_spelling(clients, unit):
    made = clients["home_affairs"].post("/v1/discipline-records", json=record(unit()["id"], decision_number="7 \uff0f q\u00f0\u2013ubnd"))
    assert made.status_code == 201 and made.json()["decision_number"] == "7/qđ-ubnd", made.text


# ---- discipline ----

def record(where, **changes):
    return {"unit_id": where, "person_name": "Nguyễn Văn Ẩn", "position": "OTHER", "regime": "CIVIL_SERVANT", "level": "KHIEN_TRACH",
            "decision_number": "71/QĐ-UBND", "decision_date": "2024-03-01", "effective_from": "2024-03-01", **changes}


def test_a_disciplinary_decision_is_recorded_once(clients, unit):
    home, where = clients["home_affairs"], unit()["id"]
    assert home.post("/v1/discipline-records", json=record(where)).status_code == 201
    for name, way in ALIKE.items():
        refused = home.post("/v1/discipline-records", json=record(where, decision_number=way("71/QĐ-UBND")))
        assert problem(refused, 409, "conflict")["errors"][0]["pointer"] == "/decision_number", name
    for person in ("NGUYỄN VĂN ẨN", "nguyen van an", "Nguye\u0302\u0303n Va\u0306n A\u0302\u0309n"):
        problem(home.post("/v1/discipline-records", json=record(where, person_name=person, decision_number="071/QĐ-UBND")), 409, "conflict")
    for other in ({"person_name": "Trần Thị Bình"}, {"decision_number": "72/QĐ-UBND"}, {"decision_date": "2024-02-29"}, {"unit_id": unit()["id"]}):
        made = home.post("/v1/discipline-records", json=record(where, **other))
        assert made.status_code == 201, made.text


def test_two_issuers_make_two_decisions_of_one_number(clients, unit):
    """Domain, section 7: a document is (issuer, number-symbol, issue date)."""
    home, where = clients["home_affairs"], unit()["id"]
    first = home.post("/v1/discipline-records", json=record(where, issued_by="UBND tỉnh Bình Phước"))
    assert first.status_code == 201 and first.json()["issued_by"] == "UBND tỉnh Bình Phước"
    for alike in ("ubnd tỉnh  Bình Phước ", "Ủy ban nhân dân tỉnh Bình Phước", "Chủ tịch UBND tỉnh Bình Phước", "UBND tỉnh Bình-Phước", None):
        refused = problem(home.post("/v1/discipline-records", json=record(where, issued_by=alike, decision_number="071/qđ-ubnd")), 409, "conflict")
        assert refused["errors"][0]["pointer"] == "/decision_number" and "issuer" in refused["errors"][0]["detail"], alike
    assert home.post("/v1/discipline-records", json=record(where, issued_by="UBND tỉnh Đồng Nai")).status_code == 201
    problem(home.post("/v1/discipline-records", json=record(where)), 409, "conflict")


def test_an_issuer_that_nobody_named_can_be_named_once(clients, unit):
    home, where = clients["home_affairs"], unit()["id"]
    made = home.post("/v1/discipline-records", json=record(where))
    path, etag = made.headers["Location"], made.headers["ETag"]
    assert made.json()["issued_by"] is None
    problem(home.post("/v1/discipline-records", json=record(where, issued_by="Huyện ủy Lộc Ninh")), 409, "conflict")
    named = home.merge(path, {"issued_by": "Tỉnh ủy", "reason": "Bổ sung"}, etag)
    assert named.status_code == 200 and named.json()["issued_by"] == "Tỉnh ủy"
    assert home.post("/v1/discipline-records", json=record(where, issued_by="Huyện ủy Lộc Ninh")).status_code == 201
    refused = problem(home.merge(path, {"issued_by": "Huyện ủy Lộc Ninh", "reason": "Sửa"}, named.headers["ETag"]), 409, "conflict")
    assert refused["errors"][0]["pointer"] == "/issued_by"


# ---- letters, reports, decisions of two issuers ----

def test_a_number_is_taken_by_its_issuer_alone(service, clients):
    """In 2025 the province was merged into another one, whose register has a 451/QĐ-UBND of its own."""
    held, used = AwardRound(service, clients, 3), number()
    drafts = [held.draft([unit]) for unit in held.units]
    signed = held.done(held.sign(drafts[0], used))
    issuer = "Ủy ban nhân dân thành phố Đồng Nai"  # whose Chair holds the authority today: the plan's issuer is no more
    assert signed["issued_by"] == issuer
    refused = problem(held.sign(drafts[1], used.lower(), issued_by=f"Chủ tịch {issuer.upper()}"), 409, "conflict")
    assert refused["errors"][0]["pointer"] == "/number" and "issued_by" in refused["errors"][0]["detail"]
    problem(held.sign(drafts[1], used, issued_by="UBND thành phố Đồng Nai"), 409, "conflict")
    assert held.done(held.sign(drafts[1], used, issued_by="UBND tỉnh Đồng Nai"))["issued_by"] == "UBND tỉnh Đồng Nai"
    problem(held.sign(drafts[2], used, issued_by="Ủy ban nhân dân tỉnh Đồng Nai"), 409, "conflict")


def test_a_letter_submits_one_proposal(service, clients):
    held = AwardRound(service, clients, 3)
    def propose(unit, **letter):
        return held.home.post(f"{held.round}/proposals", json={"evaluation_id": evaluation, "units": [{"unit_id": unit}], **letter})
    evaluation, letter = held.sure_of_places(held.units), {"letter_number": "1082/TTr-SNV", "letter_date": "2024-12-30"}
    first = held.done(propose(held.units[0], **letter))
    for way in ALIKE.values():
        refused = problem(propose(held.units[1], letter_number=way("1082/TTr-SNV"), letter_date="2024-12-30"), 409, "conflict")
        assert refused["errors"][0]["pointer"] == "/letter_number" and refused["clause"] == "III.4.b"
    for other in ({"letter_date": "2024-12-29"}, {"letter_number": "1083/TTr-SNV"}):
        assert propose(held.units[1], **{**letter, **other}).status_code == 201
    undated = "/v1/proposals/" + held.done(propose(held.units[2], letter_number="01082/ttr-snv"))["id"]
    refused = problem(held.move(held.home, undated, "submit", letter_date="2024-12-30", reason="Muộn"), 409, "conflict")
    assert refused["errors"][0]["pointer"] == "/letter_date"
    held.done(held.move(held.home, f"/v1/proposals/{first['id']}", "withdraw"))
    assert propose(held.units[0], **letter).status_code == 201


def test_a_letter_of_a_nominator_goes_with_one_dossier(clients, unit):
    """III.3.a. Another nominator's letter of that number is another letter."""
    home, letter = clients["home_affairs"], {"letter_number": "15/TTr-SYT", "letter_date": "2024-12-18"}
    owners = [unit(kind="PROVINCIAL_BODY")["id"] for _ in range(2)]
    def dossier(owner, year=2024):
        made = home.post("/v1/dossiers", json={"campaign": "230-KH-UBND", "year": year, "nominator_unit_id": owner})
        assert made.status_code == 201, made.text
        return made.headers["Location"], made.headers["ETag"]
    first, second = dossier(owners[0]), dossier(owners[0])
    done = home.merge(first[0], letter, first[1])
    assert done.status_code == 200, done.text
    refused = problem(home.merge(second[0], {**letter, "letter_number": "015/ttr \u2013 syt".replace(" ", "")}, second[1]), 409, "conflict")
    assert refused["errors"][0]["pointer"] == "/letter_number"
    assert home.merge(*[dossier(owners[1])[0], letter, '"1"']).status_code in (200, 412)
    gone = home.post(f"{first[0]}/transitions", json={"action": "withdraw", "reason": "Lập lại"}, headers={"If-Match": done.headers["ETag"]})
    assert gone.status_code == 200, gone.text
    assert home.merge(second[0], letter, second[1]).status_code == 200


def test_a_document_is_the_report_of_one_year(clients, unit):
    home, owner = clients["home_affairs"], unit(kind="PROVINCIAL_BODY")["id"]
    put = lambda year, **changes: home.put(f"/v1/campaigns/230-KH-UBND/rounds/{year}/reports/{owner}", json={
        "document_number": "15/BC-SYT", "document_date": "2024-12-20", **changes}, headers={"If-None-Match": "*"})
    assert put(2024).status_code == 201
    refused = problem(put(2025, document_number="0015/bc\u2010syt"), 409, "conflict")
    assert refused["errors"][0]["pointer"] == "/document_number"
    assert put(2025, document_date="2024-12-21").status_code == 201


# ---- sentences that name documents ----

NAMED = [("12/Q\u00d0-UBND", "12/QĐ-UBND"), ("230 /KH\u2013UBND", "230/KH-UBND"), ("Biên bản (15\u2215BB-H\u0189TĐKT), ngày 3/3/2025", "Biên bản (15/BB-HĐTĐKT), ngày 3/3/2025"),
         ("230/KH-UBND ngày 15", "230/KH-UBND ngày 15"), ("230/KH-UBND\u00a0ngày 15", "230/KH-UBND\u00a0ngày 15"), ("Công văn 7 và 8", "Công văn 7 và 8"),
         ("Theo 1/NQ\u2010H\u00d0ND; 2/NQ-HĐND.", "Theo 1/NQ-HĐND; 2/NQ-HĐND."), ("chưa có số – sẽ bổ sung", "chưa có số – sẽ bổ sung")]


@pytest.mark.parametrize("written, stored", NAMED, ids=[stored for _, stored in NAMED])
def test_a_sentence_names_documents_in_one_spelling(clients, unit, written, stored):
    made = clients["admin"].post("/v1/units", json={"name": f"Sở {uuid.uuid4().hex}", "kind": "OTHER", "valid_from": "2020-01-01", "legal_basis": written})
    assert made.status_code == 201 and made.json()["legal_basis"] == stored, made.text


# ---- one-line texts that no field describes ----

LINES = [("  Hai   chữ\u00a0 ", "Hai chữ"), ("Ho\u0300a", "Hòa"), ("một\u00a0khối", "một\u00a0khối")]
BROKEN = {"a\nb": "line_break", "a\tb": "line_break", "a\u2028b": "line_break", "a\ufffdb": "broken_character", "a\ufdd0b": "broken_character", "a\U0001fffe": "broken_character"}


def rules(name, title):
    return {"name": name, "version": 1, "document": {
        "valid_from": "2024-07-10", "facts": {"x": {"type": "boolean"}}, "quota": title, "criteria": {"id": "x"}, "deep": [{"title": title}]}}


def test_texts_of_a_document_are_read_as_all_texts_of_one_line(clients):
    """FIELD_JSON: its feature knows the shape, and its texts are no different from others."""
    for text, code in BROKEN.items():
        faults = problem(clients["home_affairs"].post("/v1/criteria-sets", json=rules("x", text)), 422, "invalid")["errors"]
        assert {("/document/quota", code), ("/document/deep/0/title", code)} <= {(e["pointer"], e["code"]) for e in faults}, text


def test_texts_of_a_document_are_stored_as_they_were_read(clients):
    rule_set = json.loads((ROOT / "campaigns/230-KH-UBND.json").read_text())["criteria_set"]
    rule_set["name"] = f"dong-{uuid.uuid4().hex[:8]}"
    spread = json.loads(json.dumps(rule_set, ensure_ascii=False).replace("thi đua", " thi  đua"))
    assert spread != rule_set
    made = clients["home_affairs"].post("/v1/criteria-sets", json={"document": spread})
    assert made.status_code == 201, made.text
    assert clients["home_affairs"].get(made.headers["Location"]).json()["document"] == rule_set


@pytest.mark.parametrize("written, stored", LINES)
def test_the_command_line_reads_a_name_as_the_interface_does(service, clients, written, stored):
    mark = uuid.uuid4().hex[:6]
    done = service.command("key", "create", "--name", f" {mark} {written}", "--role", "viewer")
    assert done.returncode == 0, done.stderr
    assert service.psql(f"SELECT name FROM keys WHERE name LIKE '{mark}%'") == f"{mark} {stored}"


@pytest.mark.parametrize("text", [*BROKEN, " ", "x" * 121])
def test_the_command_line_refuses_a_name_that_the_interface_refuses(service, text):
    done = service.command("key", "create", "--name", text, "--role", "viewer")
    assert done.returncode == 2 and "--name" in done.stderr and ("holds" in done.stderr or "must have 1 to 120" in done.stderr)


def test_texts_of_a_plan_are_read_as_all_texts_of_one_line(service, tmp_path):
    plan = json.loads((ROOT / "campaigns/79-KH-UBND-MAU.json").read_text())
    plan["code"], plan["criteria_set"]["name"] = f"MAU-{uuid.uuid4().hex[:6]}", f"mau-{uuid.uuid4().hex[:6]}"
    file = tmp_path / "plan.json"
    def load(**changes):
        file.write_text(json.dumps({**plan, **changes}, ensure_ascii=False))
        return service.command("load", str(file))
    for text in BROKEN:
        done = load(issuer=text, title={**plan["title"], "vi": text})
        assert done.returncode == 1 and "/issuer holds" in done.stderr and "/title/vi holds" in done.stderr, text
    days = tmp_path / "days.json"
    days.write_text(json.dumps({"public_holidays": {"years": [2031], "days": [{"date": "2031-01-01", "kind": "OFF", "vi": "Tết\nDương lịch", "en": "x", "document": "1/QH"}]}}))
    done = service.command("load", str(days))
    assert done.returncode == 1 and "/days/0/vi holds a line feed" in done.stderr, done.stderr
    done = load(**{"issuer": "  UBND   tỉnh Mẫu "})
    assert done.returncode == 0, done.stderr
    assert service.psql(f"SELECT plan ->> 'issuer' FROM campaigns WHERE code = '{plan['code']}'") == "UBND tỉnh Mẫu"
    assert "unchanged" in load(issuer="UBND tỉnh Mẫu").stdout


# ---- bodies ----

@pytest.fixture
def entered(clients, unit):
    """(a body that is known, a maker of others like it)"""
    parent = unit()["id"]
    body = {"name": f"Phòng Cải cách hành chính {uuid.uuid4().hex[:6]}", "kind": "PROVINCIAL_SUBUNIT", "parent_id": parent,
            "valid_from": "2020-01-01", "valid_to": "2024-12-31"}
    assert clients["admin"].post("/v1/units", json=body).status_code == 201
    return body, lambda **changes: clients["admin"].post("/v1/units", json={**body, **changes})


RESPELT = {  # a name, other spellings of the same one, other names
    "Phòng Cải cách hành chính": (["PHÒNG CẢI CÁCH HÀNH CHÍNH", "phong cai cach hanh chinh", "Pho\u0300ng Ca\u0309i ca\u0301ch ha\u0300nh chi\u0301nh",
                                   "Phòng  Cải cách\u00a0hành chính"], ["Phòng Cải cách hành chinh", "Phòng Cai cách hành chính", "Phòng Cải cách"]),
    "Xã Lộc Thạnh": (["xa loc thanh", "XA LOC THANH", "Xã Lôc\u0323 Thanḥ"], ["Xã Lộc Thành", "Xã Lộc Thanh", "Xã Lốc Thạnh"]),
    "Xã Hòa Thủy": (["Xã Hoà Thuỷ", "XÃ HOÀ THỦY", "Xã Hoa\u0300 Thuy\u0309"], ["Xã Hóa Thủy", "Xã Hoa Thủy", "Xã Hòa Thúy"]),
    "Sở Lao động - Thương binh và Xã hội": (["Sở Lao động \u2013 Thương binh và Xã hội", "Sở Lao động-Thương binh và Xã hội", "Sở Lao động, Thương binh và Xã hội."],
                                            ["Sở Lao đông - Thương binh và Xã hội", "Sở Lao động"]),
    "Xa Tan Loi": (["Xã Tân Lợi", "Xã Tân Lôi", "XA TAN LOI"], ["Xa Tan Loi 2"]),
}


@pytest.mark.parametrize("name", RESPELT)
def test_a_name_is_the_same_in_another_spelling_but_not_with_other_diacritics(service, clients, unit, name):
    """In 2024 one district had a Xã Lộc Thạnh and a Xã Lộc Thành. What is written without diacritics may be either."""
    parent, (same, others) = unit()["id"], RESPELT[name]
    make = lambda text: clients["admin"].post("/v1/units", json={"name": text, "kind": "OTHER", "parent_id": parent, "valid_from": "2020-01-01"})
    assert make(name).status_code == 201
    for text in same:
        assert problem(make(text), 409, "conflict")["errors"][0]["code"] == "unit_entered_twice", text
    for text in others:
        made = make(text)
        assert made.status_code == 201, (text, made.text)
    alike = [f"SELECT same_name('{a}', '{b}')" for text in same for a, b in ((name, text), (text, name))]
    assert set(service.psql(f"SELECT string_agg(x::text, ' ') FROM ({' UNION ALL '.join(alike)}) t(x)").split()) == {"true"}


@pytest.mark.parametrize("names, twice", [
    (["Xã Lộc Thạnh", "Xã Lộc Thành", "XÃ LỘC THẠNH", "xã lộc  thành"], [4, 5]), (["Xã Lộc Thạnh", "Xã Lộc Thành", "xa loc thanh"], [4]),
    (["xa loc thanh", "Xã Lộc Thạnh", "Xã Lộc Thành"], [3, 4]), (["Xã Hoà", "Xã Hóa", "Xã Hòa"], [4])])
def test_twins_in_a_file_are_those_that_are_refused_singly(clients, names, twice):
    mark = uuid.uuid4().hex[:6]
    data = ("name,kind,valid_from\n" + "".join(f"{name} {mark},OTHER,2021-01-01\n" for name in names)).encode()
    refused = clients["admin"].post("/v1/imports", data=data, headers={"Content-Type": "text/csv"}, params={"kind": "units"})
    assert [e["pointer"] for e in problem(refused, 422, "invalid")["errors"]] == [f"/rows/{row}/name" for row in twice]
    for row, name in enumerate(names, 2):
        made = clients["admin"].post("/v1/units", json={"name": f"{name} {mark}", "kind": "OTHER", "valid_from": "2021-01-01"})
        assert made.status_code == (409 if row in twice else 201), made.text


def test_a_body_entered_twice_is_refused_unless_it_is_confirmed(entered, unit):
    body, make = entered
    for again in ({}, {"name": body["name"].upper()}, {"valid_from": "2024-12-31", "valid_to": None},
                  {"confirm_duplicate": False}):
        refused = problem(make(**again), 409, "conflict")
        assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [("/name", "unit_entered_twice")] and "confirm_duplicate" in refused["errors"][0]["detail"]
    for other in ({"name": f"{body['name']} khác"}, {"name": body["name"].replace("hành chính", "hanh chinh")}, {"kind": "OTHER"}, {"parent_id": unit()["id"]}, {"parent_id": None},
                  {"valid_from": "2025-01-01", "valid_to": None}, {"confirm_duplicate": True}):
        made = make(**other)
        assert made.status_code == 201 and "confirm_duplicate" not in made.json(), made.text


def test_a_file_with_a_body_twice_is_refused_unless_it_is_confirmed(clients, unit):
    admin, mark = clients["admin"], uuid.uuid4().hex[:6]
    unit(name=f"Sở Một {mark}", kind="PROVINCIAL_BODY")
    rows = [f"Sở Một {mark}", f"Sở Hai {mark}", f"Sở Ba {mark}", f"SỞ HAI {mark}"]
    data = ("name,kind,valid_from\n" + "".join(f"{name},PROVINCIAL_BODY,2021-01-01\n" for name in rows)).encode()
    send = lambda **more: admin.post("/v1/imports", data=data, headers={"Content-Type": "text/csv"}, params={"kind": "units", **more})
    found = [(e["pointer"], e["code"]) for e in problem(send(), 422, "invalid")["errors"]]
    assert found == [("/rows/2/name", "twice"), ("/rows/5/name", "twice")]
    assert send(confirm_duplicate="true").json()["created"] == 4


# ---- a change that makes a body one like another ----

@pytest.mark.parametrize("member", ["name", "kind", "parent_id"])
def test_a_change_that_makes_a_twin_is_refused_unless_it_is_confirmed(entered, clients, member):
    body, make = entered
    admin, change = clients["admin"], {member: body[member]}
    made = make(**{member: {"name": f"{body['name']} cũ", "kind": "OTHER", "parent_id": None}[member]}, valid_to=None)
    where, etag = f"/v1/units/{made.json()['id']}", made.headers["ETag"]
    for day in ("2020-01-01", "2024-12-31"):
        refused = problem(admin.merge(where, {"valid_from": day, **change}, etag), 409, "conflict")
        assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [(f"/{member}", "unit_entered_twice")]
    assert admin.get(where).headers["ETag"] == etag, "nothing was written"
    problem(admin.merge(where, {"valid_from": "2024-12-31", "confirm_duplicate": True}, etag), 422, "invalid")
    done = admin.merge(where, {"valid_from": "2025-01-01", **change}, etag)
    assert done.status_code == 200, ("the other one is gone by then", done.text)
    done = admin.merge(where, {"valid_from": "2024-12-31", **change, "confirm_duplicate": True}, done.headers["ETag"])
    assert done.status_code == 200 and "confirm_duplicate" not in done.json(), done.text
    done = admin.merge(where, {"valid_from": "2024-12-31", **change, "legal_basis": "Quyết định"}, done.headers["ETag"])
    assert done.status_code == 200, ("it is what it is: nobody is asked twice", done.text)


def test_a_body_is_no_twin_of_itself(clients, unit):
    made = unit(name=f"Sở Nội vụ {uuid.uuid4().hex[:6]}")
    for name in (made["name"].upper(), made["name"]):
        made = clients["admin"].merge(f"/v1/units/{made['id']}", {"valid_from": "2021-01-01", "name": name}, clients["admin"].get(f"/v1/units/{made['id']}").headers["ETag"]).json()
        assert made["name"] == name


# ---- at the same time ----

def writers(service, unit):
    """way → a write that makes a body of the name that it is given"""
    admins = {name: service.key("admin") for name in ("post", "change", "file")}
    change, base = unit(kind="OTHER", valid_from="2021-01-01"), {"kind": "OTHER", "valid_from": "2021-01-01"}
    data = lambda name: f"name,kind,valid_from\n{name},OTHER,2021-01-01\n".encode()
    return {"post": lambda name: admins["post"].post("/v1/units", json={"name": name, **base}),
            "change": lambda name: admins["change"].merge(f"/v1/units/{change['id']}", {"valid_from": "2021-01-01", "name": name}, change["etag"]),
            "file": lambda name: admins["file"].post("/v1/imports", data=data(name), headers={"Content-Type": "text/csv"}, params={"kind": "units"})}


def waiting(service):
    return int(service.psql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))


@pytest.mark.parametrize("first, second", [(a, b) for a in ("post", "change", "file") for b in ("post", "change", "file") if a != b or a == "post"])
def test_of_two_who_enter_the_same_body_at_once_one_succeeds(service, unit, first, second):
    """All writes wait for one that holds the names; then both go on at once."""
    mark = uuid.uuid4().hex[:6]
    write = writers(service, unit)
    with futures.ThreadPoolExecutor(2) as pool, service.holding("SELECT unit_names_hold()") as let_go:
        made = [pool.submit(write[way], name) for way, name in ((first, f"Xã Lộc Thạnh {mark}"), (second, f"XA LOC  THANH {mark}"))]
        wait_until(lambda: waiting(service) == 2)
        let_go()
        codes = sorted(answer.result().status_code for answer in made)
    assert codes[0] in (200, 201) and codes[1] in (409, 422), codes
    assert service.psql(f"SELECT count(*) FROM unit_periods WHERE plain = 'xa loc thanh {mark}'") == "1"


def test_who_waits_for_a_body_that_is_given_up_enters_it(service, clients, unit):
    name = f"Sở Nội vụ {uuid.uuid4().hex[:6]}"
    with futures.ThreadPoolExecutor(1) as pool, service.holding(f"SELECT unit_is_single('{name}', 'OTHER', NULL, '[2021-01-01,)', NULL)") as let_go:
        made = pool.submit(clients["admin"].post, "/v1/units", json={"name": name, "kind": "OTHER", "valid_from": "2021-01-01"})
        other = service.key("admin").post("/v1/units", json={"name": f"{name} khác", "kind": "OTHER", "valid_from": "2021-01-01"})
        assert other.status_code == 201, "who enters another one waits for nobody"
        wait_until(lambda: waiting(service) == 1)
        let_go()
        assert made.result().status_code == 201, made.result().text
