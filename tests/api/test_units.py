import json
import uuid

import pytest

from service import problem


def test_created_unit_is_read_back_and_its_etag_gives_304(clients, unit):
    made = unit(name="Thành phố Đồng Xoài thử", kind="DISTRICT")
    read = clients["anyone"].get(f"/v1/units/{made['id']}")
    assert read.status_code == 200 and read.json()["name"] == "Thành phố Đồng Xoài thử"
    assert read.headers["ETag"] == made["etag"]
    again = clients["anyone"].get(f"/v1/units/{made['id']}", headers={"If-None-Match": made["etag"]})
    assert again.status_code == 304 and not again.content


def test_blanks_beyond_one_are_nothing_to_search_for(clients, unit):
    word = f"Hoa{uuid.uuid4().hex[:8]}"
    made = unit(name=f"Sở {word} bình")
    for sought in (word, f"{word} ", f"  {word}", f"sở  {word}   binh ", f"\t{word}\n", f"{word}\u00a0"):
        found = clients["anyone"].get("/v1/units", params={"q": sought}).json()["items"]
        assert [u["id"] for u in found] == [made["id"]], repr(sought)


def test_search_needs_no_diacritics_and_ignores_tone_placement(clients, unit):
    """Domain, section 8: "dong xoai" finds Đồng Xoài; Hoà and Hòa are alike."""
    mark = uuid.uuid4().hex[:8]
    made = unit(name=f"Xã Hoà Đồng {mark}", kind="COMMUNE")
    for words in (f"hoa dong {mark}", f"Hòa Đồng {mark}", f"HOÀ ĐỒNG {mark}"):
        items = clients["anyone"].get("/v1/units", params={"q": words}).json()["items"]
        assert [item["id"] for item in items] == [made["id"]], words


def test_every_violation_is_named_at_once_and_nothing_is_written(service, clients):
    before = service.psql("SELECT count(*) FROM units")
    body = {"kind": "KINGDOM", "valid_from": "2024-02-30", "colour": "red"}
    found = problem(clients["admin"].post("/v1/units", json=body), 422, "invalid")
    assert {(e["pointer"], e["code"]) for e in found["errors"]} == {
        ("/name", "required"), ("/kind", "choice"), ("/valid_from", "date"), ("/colour", "unknown")}
    assert service.psql("SELECT count(*) FROM units") == before


def test_a_unit_that_is_not_there_is_404(clients):
    problem(clients["anyone"].get(f"/v1/units/{uuid.uuid4()}"), 404, "not-found")
    problem(clients["anyone"].get("/v1/units/not-a-uuid"), 404, "not-found")


# QĐ 20/2020/QĐ-TTg; QCVN 102:2016/BTTTT, still met in files; General Statistics Office. `(H16)` at the end of the plan is
# no agency code by meaning, though it has the form of one inside its parentheses.
@pytest.mark.parametrize("scheme, good, bad", [
    ("AGENCY",
     ["H10", "H10.58", "H10.58.1A", "H10.58.001", "H10" + ".00" * 8, "H10" + ".000" * 8],
     ["", "H1", "h10", "H10.", "H10.5", "H10.1234", "H10..58", "H10.5a", "(H16)", "H100", "H10" + ".00" * 9]),
    ("AGENCY_LEGACY", ["000.00.04.H10"], ["000.00.04.h10", "00.00.04.H10", "H10", "000.00.04.H10 "]),
    ("GSO", ["70", "689", "25195"], ["7", "2519", "251950", "7O", ""]),
])
def test_a_code_has_the_form_of_its_scheme(service, scheme, good, bad):
    for value in good + bad:
        assert service.psql(f"SELECT code_is_valid('{scheme}', '{value}')").strip() == ("t" if value in good else "f"), value


def test_a_name_that_many_bodies_have_is_looked_up_among_those_of_one(service):
    """Thousands of bodies have a "Văn phòng". Each new one read those of all others."""
    asked = "SELECT unit_has_twin('Văn phòng thử', 'OTHER', gen_random_uuid(), '[2020-01-01,)', NULL)"
    told = service.psql(f"""BEGIN; SET LOCAL session_replication_role = replica;
        CREATE TEMP TABLE made AS SELECT gen_random_uuid() AS id, gen_random_uuid() AS parent FROM generate_series(1, 3000);
        INSERT INTO units (id) SELECT id FROM made UNION ALL SELECT parent FROM made;
        INSERT INTO unit_periods (unit_id, valid, name, kind, parent_id) SELECT id, '[2020-01-01,)', 'Văn phòng thử', 'OTHER', parent FROM made; ANALYZE unit_periods;
        {asked}; EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {asked}; ROLLBACK""", user="postgres")
    assert "[" in told, told
    plan = json.loads(told[told.index("["):told.rindex("]") + 1])[0]["Plan"]
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 40, plan


def test_a_code_is_found_in_letters_of_either_case(clients, unit):
    code = f"Z{uuid.uuid4().int % 100:02}.{uuid.uuid4().hex[:2].upper()}.{uuid.uuid4().hex[:3].upper()}"
    made = unit(codes=[{"scheme": "AGENCY", "value": code}])
    for spelled in (code, code.lower(), f" {code}"):
        for more in ({}, {"q": made["name"]}, {"sort": "valid_from"}):
            found = clients["anyone"].get("/v1/units", params={"code": spelled, **more}).json()["items"]
            assert [item["id"] for item in found] == [made["id"]], (spelled, more)
