"""Search: names and what is sought are folded by one function, what is spelt as written comes first, and former names find their body."""
import re
import unicodedata
import uuid

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

BLANKS = " \u00a0\u1680\u2000\u2003\u2009\u200a\u202f\u205f\u3000\t"
DASHES = "-\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\uff0d\u058a"
APOSTROPHES = "'\u2019\u2018\u02bc\u02b9\u0060\u00b4\u2032\uff07"
SHORT = {"Thành phố": "TP", "Thị xã": "TX", "Thị trấn": "TT", "Huyện": "H", "Phường": "P", "Xã": "X", "Tỉnh": "T"}

FOUND = {  # a name, what finds it
    "Thành phố Đồng Xoài": ["TP. Đồng Xoài", "TP.Đồng Xoài", "tp dong xoai", "T.P. Đồng Xoài", "Tp Đồng Xoài", "thành  phố đồng\u00a0xoài", "Thanh pho Dong Xoai", "đồng xoài",
                            "TP \u00d0ồng Xoài", "DONG-XOAI", "T.P Dong Xoai"],
    "Thị xã Phước Long": ["TX. Phước Long", "TX Phước Long", "T.X. Phước Long", "tx.phuoc long", "thi x", "Thị xã, Phước Long"],
    "Thị trấn Lộc Ninh": ["TT. Lộc Ninh", "TT Loc Ninh", "tt.loc nynh"],
    "TX. Bình Long": ["Thị xã Bình Long", "thi xa binh long", "TX Bình Long"],
    "Huyện Bù Gia Mập": ["H. Bù Gia Mập", "H.Bu Gia Map", "h bu gia map", "Huiện Bù Gia Mập"],
    "Phường Tân Phú": ["P. Tân Phú", "P.Tân Phú", "P Tân Phú", "p. tan phu", "phường  tân phú."],
    "Phường 1": ["P.1", "P. 1", "p 1", "phuong 1", "Phường-1"],
    "P. Tân Đồng": ["Phường Tân Đồng", "phuong tan dong", "P.Tân Đồng"],
    "Xã Lộc Thạnh": ["X. Lộc Thạnh", "X.Loc Thanh", "x loc thanh", "Xã Lộc Thành"],
    "Tỉnh Bình Phước": ["T. Bình Phước", "T.Binh Phuoc", "tinh binh phuoc"],
    "Sở Y tế": ["Sở I tế", "so y te", "so  i  te", "SỞ Y TẾ"],
    "Xã Mỹ Lý": ["Xã Mĩ Lí", "xa mi ly", "X. My Li"],
    "Phường Hoà Thuỷ": ["Phường Hòa Thủy", "P. Hòa Thuỷ", "hoa thuy"],
    "Xã Đắk R'lấp": ["Xã Đắk R\u2019lấp", "dak r`lap", "Dak Rlap", "Đắk R' Lấp", "dak r\u02bclap"],
    "Sở Lao động - Thương binh và Xã hội": ["Sở Lao động \u2013 Thương binh và Xã hội", "so lao dong thuong binh va xa hoi", "lao động, thương binh", "Lao động-Thương binh",
                                            "(Lao động) \u2014 \u201cThương binh\u201d"],
    "Sở Văn hóa, Thể thao và Du lịch": ["van hoa the thao", "Văn hoá  Thể thao", "văn hóa ; thể thao"],
    "Trung  tâm   đôi  ": ["trung tâm đôi", "Trung  tâm   đôi", "trung\u2003tam doi"],
    "Nhà máy % _ \\ 100": ["nha may 100", "máy % _ \\ 100"],
}
NOT_FOUND = {  # abbreviations are whole words, and what is not alike stays apart
    "Huyện Phú Riềng": ["P. Riềng", "Phường Riềng", "H. P. Phú Riềng"], "Khu phố Ấp": ["Ấp Phường", "Ấphường"], "Trường THPT số 3": ["THPT Tỉnh", "Trường Thị trấn"],
    "Xã Tân Lợi": ["Tân Lập", "Phường Tân Lợi", "T_n Lợi", "T%n Lợi", "Xã%Lợi"]}


def listed(client, **query):
    items, cursor = [], None
    while True:
        answer = client.get("/v1/units", params={"limit": 200, **query, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        items, cursor = items + answer.json()["items"], answer.json()["next"]
        if not cursor:
            return items


@pytest.mark.parametrize("name", FOUND)
def test_a_name_is_found_in_other_spellings(clients, unit, name):
    parent = unit()["id"]
    made = unit(name=name, kind="OTHER", parent_id=parent)
    for sought in [name, *FOUND[name]]:
        assert [u["id"] for u in listed(clients["anyone"], q=sought, parent_id=parent)] == [made["id"]], sought


@pytest.mark.parametrize("name", NOT_FOUND)
def test_abbreviations_are_whole_words_and_nothing_stands_for_any_letter(clients, unit, name):
    parent = unit()["id"]
    unit(name=name, kind="OTHER", parent_id=parent)
    for sought in NOT_FOUND[name]:
        assert listed(clients["anyone"], q=sought, parent_id=parent) == [], sought


def test_who_types_on_finds_at_every_letter(clients, unit):
    """A letter at the end may be the beginning of a word and no abbreviation yet."""
    parent = unit()["id"]
    made = unit(name="Phường Phú Thịnh, Thị xã Xuân Hòa", kind="OTHER", parent_id=parent)
    for sought in ("Phường Phú Thịnh, Thị xã Xuân Hòa", "phuong phu thinh, thi xa xuan hoa", "P. Phú Thịnh, TX. Xuân Hoà"):
        for length in range(1, len(sought) + 1):
            assert [u["id"] for u in listed(clients["anyone"], q=sought[:length], parent_id=parent)] == [made["id"]], sought[:length]


# ---- the property: whatever is done to a name finds it ----

def plain(text):
    return "".join(c for c in unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D")) if not unicodedata.combining(c))


def old_tones(text):
    return re.sub("([oO])([\u0300\u0301\u0303\u0309\u0323])([aAeE])(?![a-zA-Z])", r"\1\3\2", unicodedata.normalize("NFD", text))


def shortened(text, mark):
    for full, short in SHORT.items():
        text = re.sub(rf"(?<!\S){full}(?!\S)", short + mark, text)
    return text


WORDS = ["Thành phố", "Thị xã", "Thị trấn", "Huyện", "Phường", "Xã", "Tỉnh", "Sở", "Hoà", "Hòa", "Thuý", "Mỹ", "Lý", "Y", "tế", "Quý", "Đồng", "Xoài", "Lộc", "Thạnh", "Thành",
         "R'lấp", "H'leo", "Ấp", "1", "12", "-", "và", "X", "P", "lớp", "Đắk", "nghiệp", "Nguyễn", "thương-binh", "(cũ)", "Ngãi,"]
names = st.lists(st.one_of(st.sampled_from(WORDS), st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyạếởờữ", min_size=1, max_size=5)), min_size=1, max_size=6).filter(
    lambda words: any(c.isalnum() for word in words for c in word)).map(" ".join)
WAYS = [str.upper, str.lower, str.title, plain, old_tones, lambda text: unicodedata.normalize("NFD", text), lambda text: text.replace("y", "i"), lambda text: text.replace("i", "y"),
        lambda text: text.replace("Y", "I"), lambda text: f"  {text} ", lambda text: f"{text}.", lambda text: text.replace(" ", ", "), lambda text: text.replace(" ", "  "),
        *(lambda text, c=c: text.replace(" ", c) for c in BLANKS), *(lambda text, c=c: text.replace("-", c) for c in DASHES if c != "\u00ad"),
        *(lambda text, c=c: text.replace("'", c) for c in APOSTROPHES), lambda text: text.replace("Đ", "\u00d0"),
        lambda text: "".join(chr(ord(c) + 0xfee0) if "!" <= c <= "~" and c != "-" else c for c in text)]


@pytest.fixture(scope="module")
def ask(service):
    with service.asking() as asked:
        yield asked


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(names, st.sampled_from(["", ".", ". ", None]), st.lists(st.sampled_from(WAYS), max_size=4))
def test_any_respelling_of_a_name_finds_it(ask, name, mark, ways):
    sought = name if mark is None else shortened(name, mark)
    for way in ways:
        sought = way(sought)
    quoted = [text.replace("'", "''") for text in (name, sought)]
    for stored, asked in (quoted, quoted[::-1]):
        told = ask(f"SELECT search_form('{stored}') LIKE s.folded OR search_form('{stored}') LIKE s.typed FROM sought('{asked}') s")
        assert told == "t", (stored, asked, told)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=40))
@example("0\u00af:0")  # compatibility makes a blank and a mark of a sign that stands alone
def test_what_is_folded_has_no_sign_of_like_and_no_blank_beyond_one(ask, text):
    quoted = text.replace("'", "''").replace("\0", "")
    if any(0xd800 <= ord(c) < 0xe000 for c in quoted):
        return
    folded = ask(f"SELECT '<' || search_form('{quoted}') || '>'")
    assert folded[0] == "<" and folded[-1] == ">" and not re.search(r"[%_\\\t\n]|  |< | >", folded), folded


# ---- what comes first ----

def test_who_types_diacritics_gets_exact_ones_first_over_all_pages(clients, unit):
    parent = unit()["id"]
    names = ["Xã Lộc Thạnh", "Xã Lộc Thành", "Xã Lộc Thanh", "Xã Lóc Thanh", "Xã Lộc Thạnh 2", "X. Lộc Thạnh 3", "Xã Lọc Thạnh"]
    for name in names:
        unit(name=name, kind="OTHER", parent_id=parent)
    for sought, first, second in (("lộc thạnh", {"Xã Lộc Thạnh", "Xã Lộc Thạnh 2", "X. Lộc Thạnh 3"}, set()), ("Xã Lộc Thành", {"Xã Lộc Thành"}, set()),
                                  ("LỘC THANH", {"Xã Lộc Thanh"}, {"Xã Lộc Thạnh", "Xã Lộc Thành", "Xã Lộc Thạnh 2", "X. Lộc Thạnh 3"}),
                                  ("loc thạnh", set(), {"Xã Lộc Thạnh", "Xã Lọc Thạnh", "Xã Lộc Thạnh 2", "X. Lộc Thạnh 3"}),
                                  ("X. Lộc Thạnh", {"Xã Lộc Thạnh", "Xã Lộc Thạnh 2", "X. Lộc Thạnh 3"}, set()), ("loc thanh", set(names), set())):
        whole = [u["name"] for u in listed(clients["anyone"], q=sought, parent_id=parent)]
        assert set(whole) == set(names) and set(whole[:len(first)]) == first, (sought, whole)
        assert set(whole[len(first):len(first) + len(second)]) == second, (sought, whole)
        for limit in (1, 2, 3):
            assert [u["name"] for u in listed(clients["anyone"], q=sought, parent_id=parent, limit=limit)] == whole


def test_the_list_is_in_the_order_of_plain_names(clients, unit):
    """i and y are alike to find a name, not to sort it."""
    parent = unit()["id"]
    for name in ("Sở Y tế", "Sở Công Thương", "Sở Xây dựng", "Sở Nội vụ"):
        unit(name=name, parent_id=parent)
    for query in ({}, {"q": "so"}, {"limit": 1}, {"q": "so", "limit": 1}):
        assert [u["name"] for u in listed(clients["anyone"], parent_id=parent, **query)] == ["Sở Công Thương", "Sở Nội vụ", "Sở Xây dựng", "Sở Y tế"]


# ---- former names ----

def changed(clients, made, **body):
    answer = clients["admin"].merge(f"/v1/units/{made['id']}", body, clients["admin"].get(f"/v1/units/{made['id']}").headers["ETag"])
    assert answer.status_code == 200, answer.text


def test_a_former_name_finds_the_body_and_says_so(clients, unit):
    mark, ask = uuid.uuid4().hex[:8], clients["anyone"]
    made = unit(name=f"Sở Giao thông {mark}", valid_from="2010-01-01")
    changed(clients, made, valid_from="2015-01-01", kind="OTHER")
    changed(clients, made, valid_from="2020-01-01", name=f"Sở Xây dựng {mark}")
    (found,) = listed(ask, q=f"giao thong {mark}")
    assert found["id"] == made["id"] and found["name"] == f"Sở Xây dựng {mark}" and found["exists"] and "holders_now" not in found
    assert found["matched_former_name"] == {"name": f"Sở Giao thông {mark}", "valid_from": "2010-01-01", "valid_to": "2019-12-31"}
    (found,) = listed(ask, q=f"Sở Xây dựng {mark}")
    assert "matched_former_name" not in found
    (found,) = listed(ask, q=f"giao thong {mark}", on="2016-01-01")
    assert found["name"] == f"Sở Giao thông {mark}" and "matched_former_name" not in found
    assert listed(ask, q=f"xay dung {mark}", on="2016-01-01") == [], "a name that is yet to come is no former one"
    assert [u["id"] for u in listed(ask, q=mark)] == [made["id"]] and "matched_former_name" not in listed(ask, q=mark)[0], "a unit is listed once"


def test_a_body_that_ended_is_found_with_todays_holders(clients, unit):
    mark, ask, admin = uuid.uuid4().hex[:8], clients["anyone"], clients["admin"]
    old, gone = unit(name=f"Phường An Lộc {mark}", kind="COMMUNE"), unit(name=f"Ban Dân tộc {mark}")
    answer = admin.post("/v1/units", json={"name": f"Phường Bình Long {mark}", "kind": "COMMUNE", "valid_from": "2025-07-01",
                                           "succeeds": {"kind": "MERGE", "legal_basis": "Nghị quyết", "predecessors": [old["id"]]}})
    assert answer.status_code == 201, answer.text
    holder, new = answer.json(), unit(name=f"P. An Lộc {mark}", kind="COMMUNE", valid_from="2025-07-01")
    ended = admin.post(f"/v1/units/{gone['id']}/successions", json={"kind": "DISSOLVE", "effective_on": "2025-07-01", "legal_basis": "Nghị quyết", "successors": []},
                       headers={"If-Match": admin.get(f"/v1/units/{gone['id']}").headers["ETag"]})
    assert ended.status_code == 201, ended.text
    for limit in (1, 200):
        first, second = listed(ask, q=f"an loc {mark}", limit=limit)
        assert first["id"] == new["id"] and not {"matched_former_name", "holders_now"} & set(first), "names of the day come first"
        assert (second["id"], second["exists"], second["valid_to"]) == (old["id"], False, "2025-06-30")
        assert second["matched_former_name"] == {"name": f"Phường An Lộc {mark}", "valid_from": "2020-01-01", "valid_to": "2025-06-30"}
        assert second["holders_now"] == [{"unit_id": holder["id"], "unit_label": holder["label"]}]
    (found,) = listed(ask, q=f"ban dan toc {mark}")
    assert found["holders_now"] == [], "it was dissolved into nothing"
    assert [u["id"] for u in listed(ask, q=f"an loc {mark}", on="2024-01-01")] == [old["id"]]
    assert [u["id"] for u in listed(ask, q=f"phường an lộc {mark}", kind="PROVINCIAL_BODY")] == []
    assert mark in ask.get("/v1/units", params={"q": f"an loc {mark}"}, headers={"Accept": "text/csv"}).text.split("Bình Long")[1]
    assert old["id"] not in {u["id"] for u in listed(ask, kind="COMMUNE")}, "without words, only those of the day"


def test_search_is_by_the_index(service, unit):
    unit()
    told = service.psql("SET enable_seqscan = off; SET enable_indexscan = off; EXPLAIN SELECT * FROM unit_names_found('giao thong', current_date)")
    assert "Bitmap Index Scan on unit_periods_search" in told, told
