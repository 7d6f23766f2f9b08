"""What is not a body of ours: each gets the problem that names the field and the rule; nothing is written, the log has one line."""
import json
import re

import pytest

from service import problem, wait_until
from test_contract import ROUTES
from test_instants import Sender

JSON = {"Content-Type": "application/json"}
GOOD = {"name": "Đơn vị", "kind": "OTHER", "valid_from": "2020-01-01"}


def text(**changes):
    return json.dumps({**GOOD, **changes})


MALFORMED = {  # not JSON as RFC 8259 has it, or ambiguous (section 4: names should be unique)
    "nothing": b"", "not JSON": b"{", "two values": b"{} {}", "a list": b"[]", "a number": b"1", "a comment": b'{/* */"name": "x"}',
    "a comma too many": b'{"name": "x",}', "single quotes": b"{'name': 'x'}", "a name twice": b'{"name": "a", "name": "b"}',
    "bad UTF-8": b'{"name": "\xc3\x28"}', "overlong UTF-8": b'{"name": "\xc0\xaf"}', "half a surrogate": b'{"name": "\\ud800"}',
    "NUL in a name": b'{"na\\u0000me": "x"}', "NUL byte": b'{"name": "a\x00b"}', "escaped NUL": b'{"name": "a\\u0000b"}', "infinity": b'{"name": 1e400}', "NaN": b'{"name": NaN}',
    "too deep": b'{"name":' + b"[" * 100 + b"]" * 100 + b"}", "too many values": b'{"codes": [' + b"1," * 60000 + b"1]}"}
WRONG = {  # JSON, but not what the table of the route says
    "unknown field": (text(colour="red"), "/colour", "unknown"), "wrong type": (text(name=7), "/name", "type"),
    "null": (text(name=None), "/name", "type"), "a real": ('{"name": "x", "kind": "OTHER", "valid_from": 2020.5}', "/valid_from", "type"),
    "empty": (text(name=""), "/name", "too_short"), "too long": (text(name="x" * 201), "/name", "too_long"),
    "a control character": (text(name="a\x07b"), "/name", "control_character"), "another": (text(name="a\u0085b"), "/name", "control_character"),
    "marks in a row": (text(name="a" + "\u0301" * 31), "/name", "combining_marks"),
    "marks once they are taken apart": (text(name="\u0f40" + "\u0f73" * 31), "/name", "combining_marks"),
    "no such day": (text(valid_from="2024-02-30"), "/valid_from", None), "a day in words": (text(valid_from="hôm nay"), "/valid_from", None),
    "no such choice": (text(kind="KINGDOM"), "/kind", None), "not a UUID": (text(parent_id="7"), "/parent_id", None),
    "too many": (text(codes=[{"scheme": "GSO", "value": "70"}] * 11), "/codes", "count"),
    "inside a list": (text(codes=[{"scheme": "GSO"}]), "/codes/0/value", "required")}


@pytest.fixture
def unwritten(service):
    """Nothing may have been written when the test ends, and each request must have its one line in the log."""
    count = lambda: service.psql("SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE'")
    before = count()
    yield
    assert count() == before


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_not_json_is_refused_as_such(service, clients, unwritten, name):
    answer = clients["admin"].post("/v1/units", data=MALFORMED[name], headers=JSON)
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json" and answer.json()["errors"], answer.text
    wait_until(lambda: any(answer.headers["X-Request-Id"] in line for line in service.log))
    assert sum(answer.headers["X-Request-Id"] in line for line in service.log) == 1


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_named_with_its_place(clients, unwritten, name):
    body, pointer, code = WRONG[name]
    refused = problem(clients["admin"].post("/v1/units", data=body.encode(), headers=JSON), 422, "invalid")
    assert pointer in [e["pointer"] for e in refused["errors"]], refused
    assert code is None or code in [e["code"] for e in refused["errors"]], refused


@pytest.mark.parametrize("language, of", [("vi", "(lỗi 1/2)"), ("en", "(fault 1 of 2)")])
def test_who_shows_one_text_has_the_first_fault(clients, unwritten, language, of):
    """RFC 9457 section 3.1.4: many clients know `detail`, and no `errors` of ours."""
    sent = lambda body: problem(clients["admin"].post("/v1/units", data=body, headers={**JSON, "Accept-Language": language}), 422, "invalid")
    refused = sent(text(name=7))
    assert refused["detail"] == f'"/name": {refused["errors"][0]["detail"]}'
    refused = sent(text(name=7, kind="KINGDOM"))
    first = refused["errors"][0]
    assert len(refused["errors"]) == 2 and refused["detail"] == f'"{first["pointer"]}": {first["detail"]} {of}'


def test_a_member_that_there_is_not_is_answered_with_those_there_are(clients, unwritten):
    body = text(colour="red", codes=[{"scheme": "GSO", "value": "70", "valu": "70"}])
    for language, sentence in (("vi", "Không có trường này. Các trường dùng được: %s."), ("en", "There is no such field. Known ones: %s.")):
        refused = problem(clients["admin"].post("/v1/units", data=body.encode(), headers={**JSON, "Accept-Language": language}), 422, "invalid")
        said = {e["pointer"]: e["detail"] for e in refused["errors"]}
        assert said["/codes/0/valu"] == sentence % '"scheme", "value"'
        assert said["/colour"].startswith(sentence.split("%")[0] + '"name", ') and '"valid_from"' in said["/colour"]


@pytest.mark.parametrize("media", ["application/json", "application/json-patch+json", "application/merge-patch", "text/plain", None])
def test_a_patch_is_a_merge_patch(clients, unit, media):
    """RFC 7396; RFC 5789 section 2.2: 415, and what would be taken."""
    made = unit()
    path, body = f"/v1/units/{made['id']}", json.dumps({"valid_from": "2021-01-01", "name": "Tên mới"})
    answer = clients["admin"].patch(path, data=body.encode(), headers={"Content-Type": media, "If-Match": made["etag"]})
    refused = problem(answer, 415, "unsupported-media-type")
    assert "application/merge-patch+json" in refused["errors"][0]["detail"] and answer.headers["Accept-Patch"] == "application/merge-patch+json"
    for good in ("application/merge-patch+json", "Application/Merge-Patch+JSON; charset=utf-8"):
        answer = clients["admin"].patch(path, data=body.encode(), params={"dry_run": "true"}, headers={"Content-Type": good, "If-Match": made["etag"]})
        assert answer.status_code == 200, answer.text


# UTR 36: in a legal record nothing may look like nothing, or read otherwise than it is stored.
UNSEEN = [" ", "\n\t", "\u00a0", "\u2003\u3000", "\u200b", "\u200c\u200d\u2060\ufeff", "\u00ad", "\u2028", "\u2800", "\u3164", "\ufe0f", "\U000e0041"]
TURNING = [chr(c) for c in (*range(0x202a, 0x202f), *range(0x2066, 0x206a))]


@pytest.mark.parametrize("language, unseen, turning", [("vi", "không nhìn thấy", "đổi hướng"), ("en", "nobody sees", "turn the direction")])
def test_what_nobody_sees_or_reads_otherwise_is_no_text(clients, unwritten, language, unseen, turning):
    def refused(name):
        answer = clients["admin"].post("/v1/units", data=text(name=name).encode(), headers={**JSON, "Accept-Language": language})
        (error,) = problem(answer, 422, "invalid")["errors"]
        return error
    for name in UNSEEN:
        error = refused(name)
        assert (error["pointer"], error["code"]) == ("/name", "unseen") and unseen in error["detail"], error
    for sign in TURNING:
        for name in (sign, f"Sở {sign}ab{sign}"):
            error = refused(name)
            assert (error["pointer"], error["code"]) == ("/name", "bidi_control") and turning in error["detail"], error


def test_a_text_of_nothing_but_marks_takes_no_longer_to_refuse_than_another(clients, unwritten):
    """To bring a row of combining marks to NFC takes the square of its length: what one body has room for took a worker a minute."""
    marks = "a" + "\u0301" * 60000 + "\u0323" * 60000
    seconds = lambda: float(re.search(r"^process_cpu_seconds_total (.*)$", clients["admin"].get("/metrics").text, re.M)[1])
    used = seconds()
    problem(clients["admin"].post("/v1/units", data=json.dumps({**GOOD, "name": marks}, ensure_ascii=False).encode(), headers=JSON), 422, "invalid")
    for column in ("name", "kind"):
        row = {**GOOD, column: marks}
        file = ",".join(row) + "\n" + ",".join(row.values()) + "\n"
        problem(clients["admin"].post("/v1/imports?kind=units", data=file.encode(), headers={"Content-Type": "text/csv"}), 422, "invalid")
    assert seconds() - used < 5


def test_texts_that_may_be_left_out_and_those_in_lists_are_held_to_the_same(clients, unwritten):
    put = clients["home_affairs"].put("/v1/score-frames/thuc/2024", json={
        "tier": "SO", "nodes": [{"code": "1", "text_vi": "\u200b", "text_en": "\u202eenO", "kind": "NORMAL", "maximum": "1"}]})
    found = {(e["pointer"], e["code"]) for e in problem(put, 422, "invalid")["errors"]}
    assert {("/nodes/0/text_vi", "unseen"), ("/nodes/0/text_en", "bidi_control")} <= found


def test_a_document_of_rules_holds_no_such_texts_either(clients, unwritten):
    """What the service reads by itself, not by the table of the route: titles and citations of it are printed."""
    document = {"titles": [{"vi": "a\u202eb", "en": "x"}, {"vi": "\u200b", "en": ""}], "a\x1b": 1, "fine": "Đ\u200b"}
    found = {(e["pointer"], e["code"]) for e in problem(clients["home_affairs"].post("/v1/criteria-sets", json={
        "name": "unseen", "version": 1, "document": document}), 422, "invalid")["errors"]}
    assert {("/document/titles/0/vi", "bidi_control"), ("/document/titles/1/vi", "unseen"), ("/document/a\x1b", "control_character")} <= found
    assert not any("fine" in pointer or pointer.endswith("/en") for pointer, _ in found), found


def test_texts_with_such_characters_among_others_are_taken(clients):
    """A blank that does not break, a joiner, a mark of direction: of use in some language, and they turn nothing round."""
    for name in ("Sở\u00a0Y tế", "क्\u200dष", "a\u200fb", "\U0001f469\u200d\U0001f4bb"):
        made = clients["admin"].post("/v1/units", json={**GOOD, "name": name})
        assert made.status_code == 201 and made.json()["name"] == name, made.text


def test_everything_wrong_is_named_at_once_in_both_languages(service, clients, unwritten):
    body = {"name": "", "kind": "KINGDOM", "colour": "red"}
    found = {}
    for language in ("vi", "en"):
        answer = clients["admin"].post("/v1/units", json=body, headers={"Accept-Language": language})
        found[language] = problem(answer, 422, "invalid")["errors"]
        assert {e["pointer"] for e in found[language]} == {"/name", "/kind", "/colour", "/valid_from"}
    assert [e["detail"] for e in found["vi"]] != [e["detail"] for e in found["en"]]


@pytest.mark.parametrize("media", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "application/jsonx", None])
def test_a_body_of_another_kind_is_refused(clients, unwritten, media):
    answer = clients["admin"].post("/v1/units", data=text().encode(), headers={"Content-Type": media} if media else {"Content-Type": ""})
    problem(answer, 415, "unsupported-media-type")


def test_a_body_that_is_too_large_is_refused_before_it_is_read(clients, unwritten):
    problem(clients["admin"].post("/v1/units", data=b'{"name": "' + b"x" * 300000 + b'"}', headers=JSON), 413, "body-too-large")


def test_a_decimal_is_never_a_real(clients, unwritten):
    """64.35 as a JSON number would already be another number (domain, section 4)."""
    made = clients["home_affairs"].put("/v1/score-frames/thuc/2024", json={
        "tier": "SO", "nodes": [{"code": "1", "text_vi": "Một", "kind": "NORMAL", "maximum": 64.35}]})
    assert problem(made, 422, "invalid")["errors"][0]["pointer"] == "/nodes/0/maximum"
    made = clients["home_affairs"].put("/v1/score-frames/thuc/2024", json={
        "tier": "SO", "nodes": [{"code": "1", "text_vi": "Một", "kind": "NORMAL", "maximum": "64.355"}]})
    assert problem(made, 422, "invalid")["errors"][0]["pointer"] == "/nodes/0/maximum"


# ---- texts of one line ----

LINES = [(key, name) for key, route in sorted(ROUTES.items()) for name, field in (route["body"] or {}).items() if field["type"] == "line"]


@pytest.fixture(scope="module")
def sender(service, clients):
    return Sender(service, clients)


def test_names_titles_and_labels_are_of_one_line():
    assert not [(key, name) for key, route in ROUTES.items() for name, field in (route["body"] or {}).items()
                if name in ("name", "title", "signed_by", "person_name", "source", "scope") and field["type"] == "text"]


@pytest.mark.parametrize("key, name", LINES, ids=[f"{' '.join(key)} {name}" for key, name in LINES])
def test_a_text_of_one_line_has_no_other_line_and_no_lost_character(sender, key, name):
    for value, code in (("a\nb", "line_break"), ("a\tb", "line_break"), ("a\u2028b", "line_break"), ("a\ufffd", "broken_character"),
                        ("a\ufdd0", "broken_character"), ("a\U0001ffff", "broken_character")):
        faults = problem(sender.send(key, "body", name, value), 422, "invalid")["errors"]
        assert (f"/{name}", code) in [(e["pointer"], e["code"]) for e in faults], (value, faults)


def test_a_text_of_one_line_is_trimmed_and_squeezed(clients):
    made = clients["admin"].post("/v1/units", json={**GOOD, "name": "  Sở\u00a0\u00a0Kế  hoạch \u3000 một\u2003", "confirm_duplicate": True})
    assert made.status_code == 201 and made.json()["name"] == "Sở Kế hoạch một", made.text
    long = clients["admin"].post("/v1/units", json={**GOOD, "name": f"{' ' * 150}{'x' * 200}{' ' * 150}", "confirm_duplicate": True})
    assert long.status_code == 201, long.text
