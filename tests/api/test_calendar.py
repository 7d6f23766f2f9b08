"""GET …/calendar.ics: the deadlines of a round, as python3-icalendar reads them (RFC 5545)."""
import datetime
import re
import uuid

import icalendar
import pytest

from conftest import PLAN, make_campaign, make_unit
from dossier_tools import Dossier, Round
from service import problem
from test_papers import paper, text_of as words_of

ZONE = datetime.timezone(datetime.timedelta(hours=7))
REPORT = {"document_number": "15/BC-UBND", "document_date": "2024-12-20"}
ODD = 'Sở "Lạ"; một, hai\\ba – ' + "Ủy ban nhân dân về việc đẩy mạnh cải cách hành chính " * 2 + "🏅🏅🏅"


def text_of(client, round_, **headers):
    answer = client.get(f"{round_}/calendar.ics", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return answer.content.decode()


def entries(client, round_, **headers):
    """Every entry, after what holds for the text of any calendar."""
    text = text_of(client, round_, **headers)
    lines = text.encode().split(b"\r\n")
    assert lines.pop() == b"" and not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode()  # no character is cut
        assert (len(line) - len(line.rstrip(b"\\"))) % 2 == 0, line  # nor an escape
    calendar = icalendar.Calendar.from_ical(text)
    assert not calendar.errors and calendar["VERSION"] == "2.0" and calendar["PRODID"] and "METHOD" not in calendar
    assert calendar["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"
    zones = {zone["TZID"] for zone in calendar.walk("VTIMEZONE")}
    found = calendar.walk("VEVENT")
    for event in found:
        assert not event.errors and len({*event} & {"UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "SUMMARY", "DESCRIPTION"}) == 7
        assert not event.walk("VALARM") and uuid.UUID(event["UID"]) and event["DTSTART"].params.get("TZID") in (None, *zones)
        assert event["DTSTAMP"].dt.utcoffset() == event["LAST-MODIFIED"].dt.utcoffset() == datetime.timedelta(0)
    assert len({event["UID"] for event in found}) == len(found)
    return found


def kinds(found):
    return {str(event["CATEGORIES"].to_ical(), "utf-8"): event for event in found}


def hold_conference(clients, round_, day):
    home = clients["home_affairs"]
    answer = home.merge(round_, {"conference_on": day}, home.get(round_).headers["ETag"])
    assert answer.status_code == 200, answer.text


def test_every_deadline_of_the_round_is_an_entry(clients, round_2024):
    hold_conference(clients, round_2024, "2025-03-20")
    round_ = clients["anyone"].get(round_2024).json()
    found = kinds(entries(clients["anyone"], round_2024))
    board = clients["anyone"].get(f"{round_2024}/board").json()["deadlines"]
    assert list(found) == [d["kind"] for d in board]
    for deadline in board:
        event = found[deadline["kind"]]
        start = event["DTSTART"].dt
        day = start.astimezone(ZONE).date() if isinstance(start, datetime.datetime) else start
        assert str(day) == deadline["due_on"]
        assert f"({deadline['clause']})" in event["SUMMARY"] and deadline["clause"] in event["DESCRIPTION"]
    for kind, member in (("DOSSIERS", "submission_deadline"), ("REPORTS", "report_deadline")):
        assert found[kind]["DTSTART"].dt == datetime.datetime.fromisoformat(round_[member])
    for kind in ("PROPOSAL", "CONFERENCE"):
        assert type(found[kind]["DTSTART"].dt) is datetime.date and found[kind]["DTSTART"].params["VALUE"] == "DATE"


def test_the_plan_is_quoted_with_its_own_clauses(service, clients):
    quoted = "chậm nhất; %strước%s, ngày\\16/11 " + ODD
    cut_offs = {**PLAN["cut_offs"], "dossier": {**PLAN["cut_offs"]["dossier"], "month_day": "11-16", "quote": quoted % ("*", "*")}}
    round_ = make_campaign(service, cut_offs=cut_offs) + "/rounds/2025"
    found = kinds(entries(clients["anyone"], round_))["DOSSIERS"]
    assert quoted % ("", "") in str(found["DESCRIPTION"])  # what is in italics there
    assert found["DTSTART"].dt == datetime.datetime(2025, 11, 15, 23, 59, 59, tzinfo=ZONE)


def test_what_hangs_on_the_conference_moves_with_it_and_nothing_else(clients, round_2024):
    anyone = clients["anyone"]
    before = kinds(entries(anyone, round_2024))
    assert set(before) == {"DOSSIERS", "REPORTS"}
    seen = []
    for day in ("2025-03-20", "2025-04-02", "2025-03-20"):
        hold_conference(clients, round_2024, day)
        seen.append(kinds(entries(anyone, round_2024)))
        assert {kind: seen[-1][kind].to_ical() for kind in before} == {kind: before[kind].to_ical() for kind in before}
    for kind, days in (("PROPOSAL", ["2025-03-10", "2025-03-23", "2025-03-10"]), ("CONFERENCE", ["2025-03-20", "2025-04-02", "2025-03-20"])):
        moves = [s[kind] for s in seen]
        assert [str(m["DTSTART"].dt) for m in moves] == days and len({m["UID"] for m in moves}) == 1
        numbers = [m["SEQUENCE"] for m in moves]
        assert numbers == sorted(set(numbers)) and [m["LAST-MODIFIED"].dt for m in moves] == sorted(m["LAST-MODIFIED"].dt for m in moves)
    hold_conference(clients, round_2024, None)
    assert set(kinds(entries(anyone, round_2024))) == {"DOSSIERS", "REPORTS"}


def test_cut_offs_of_a_plan_move_by_loading_it_again(service, clients):
    path = make_campaign(service)
    before = kinds(entries(clients["anyone"], f"{path}/rounds/2024"))["REPORTS"]
    moved = {**PLAN["cut_offs"], "yearly_report": {**PLAN["cut_offs"]["yearly_report"], "month_day": "12-20"}}
    make_campaign(service, code=path.rsplit("/", 1)[1], cut_offs=moved)
    after = kinds(entries(clients["anyone"], f"{path}/rounds/2024"))["REPORTS"]
    assert after["UID"] == before["UID"] and after["SEQUENCE"] > before["SEQUENCE"]
    assert after["DTSTART"].dt == datetime.datetime(2024, 12, 19, 23, 59, 59, tzinfo=ZONE)


def test_the_days_before_the_conference_move_by_loading_the_plan_again(service, clients):
    """RFC 5545, section 3.8.7.3: LAST-MODIFIED is of the last move, whichever it was."""
    path, days = make_campaign(service), {**PLAN["cut_offs"]["proposal"], "calendar_days": -12}
    round_, code = f"{path}/rounds/2024", path.rsplit("/", 1)[1]
    hold_conference(clients, round_, "2025-03-20")
    answer = service.psql("UPDATE rounds SET conference_moved_at = conference_moved_at - interval '1 hour', "
                          f"cut_offs_moved_at = cut_offs_moved_at - interval '1 hour' WHERE campaign = '{code}' AND year = 2024")
    assert answer == "UPDATE 1", answer
    before = kinds(entries(clients["anyone"], round_))["PROPOSAL"]
    make_campaign(service, code=code, cut_offs={**PLAN["cut_offs"], "proposal": days})
    after = kinds(entries(clients["anyone"], round_))["PROPOSAL"]
    assert [str(event["DTSTART"].dt) for event in (before, after)] == ["2025-03-10", "2025-03-08"]
    assert after["SEQUENCE"] > before["SEQUENCE"] and after["LAST-MODIFIED"].dt - before["LAST-MODIFIED"].dt >= datetime.timedelta(minutes=59)


def test_where_the_plan_asks_nobody_for_a_report_it_has_no_day(service, clients):
    nobody = {**PLAN["cut_offs"], "yearly_report": {**PLAN["cut_offs"]["yearly_report"], "owed_by": []}}
    path = make_campaign(service, cut_offs=nobody) + "/rounds/2025"
    assert set(kinds(entries(clients["anyone"], path))) == {"DOSSIERS"}
    assert [d["kind"] for d in clients["anyone"].get(f"{path}/board").json()["deadlines"]] == ["DOSSIERS", "PROPOSAL", "CONFERENCE"]


def test_it_is_read_like_any_other_resource(clients, round_2024):
    anyone, path = clients["anyone"], f"{round_2024}/calendar.ics"
    plain = {"Accept-Encoding": "identity"}
    first = anyone.get(path, headers=plain)
    assert first.headers["Cache-Control"] == "public, no-cache" and "Accept-Language" in first.headers["Vary"]
    again = anyone.get(path, headers={**plain, "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.content
    head = anyone.head(path, headers=plain)
    assert head.headers["Content-Length"] == str(len(first.content)) and head.headers["ETag"] == first.headers["ETag"]
    assert anyone.get(path).content == first.content, "nothing in it may move by itself"
    for accepted in ("text/calendar", "text/*", "*/*"):
        assert anyone.get(path, headers={"Accept": accepted}).status_code == 200
    problem(anyone.get(path, headers={"Accept": "application/json"}), 406, "not-acceptable")
    problem(anyone.get(path.replace("/2024/", "/1999/")), 404, "not-found")
    problem(anyone.get("/v1/campaigns/KHONG-CO/rounds/2024/calendar.ics"), 404, "not-found")
    hold_conference(clients, round_2024, "2025-05-05")
    assert anyone.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize("language, summary, clause", [
    ("vi", "Hạn nộp hồ sơ khen thưởng năm 2024 (III.4.a)", "Mục III.4.a của 230/KH-UBND"),
    ("en", "Due: award dossiers of 2024 (III.4.a)", "Clause III.4.a of 230/KH-UBND")])
def test_it_is_in_the_language_that_is_wanted(clients, round_2024, language, summary, clause):
    answer = clients["anyone"].get(f"{round_2024}/calendar.ics", headers={"Accept-Language": language})
    assert answer.headers["Content-Language"] == language
    found = kinds(entries(clients["anyone"], round_2024, **{"Accept-Language": language}))
    assert found["DOSSIERS"]["SUMMARY"] == summary and found["DOSSIERS"]["DESCRIPTION"].startswith(clause)
    assert PLAN["title"][language] in found["DOSSIERS"]["DESCRIPTION"]
    other = entries(clients["anyone"], round_2024, **{"Accept-Language": {"vi": "en", "en": "vi"}[language]})
    assert {e["UID"] for e in other} == {e["UID"] for e in found.values()}


@pytest.mark.parametrize("language, summary, moves, index", [
    ("vi", "Hội nghị của đợt xét năm 2024 (III.4.b)", "Ngày này đổi khi ngày hội nghị đổi.", "chỉ số"),
    ("en", "Conference of the round of 2024 (III.4.b)", "It moves with the conference.", "index")])
def test_the_conference_is_called_by_no_plans_own_purpose(service, clients, language, summary, moves, index):
    """III.4.b of plan 230 counts from the one that announces the index. That stands in what the plan is quoted with, and nowhere else."""
    cut_offs = {**PLAN["cut_offs"], "proposal": {**PLAN["cut_offs"]["proposal"], "quote": "chậm nhất 10 ngày trước Hội nghị"}}
    round_, anyone = make_campaign(service, cut_offs=cut_offs) + "/rounds/2024", service.anonymous(language)
    missing = anyone.get(round_).json()["proposal_deadline_missing"]
    hold_conference(clients, round_, "2025-03-20")
    found = kinds(entries(anyone, round_, **{"Accept-Language": language}))
    assert found["CONFERENCE"]["SUMMARY"] == summary
    assert found["PROPOSAL"]["DESCRIPTION"].endswith(moves) and moves not in found["CONFERENCE"]["DESCRIPTION"]
    refused = problem(clients["home_affairs"].merge(round_, {"conference_on": "2024-12-01"}, clients["home_affairs"].get(round_).headers["ETag"]), 422,
                      "rule-refused")["detail"]
    said = [missing[language], refused, *(str(event[part]) for event in found.values() for part in ("SUMMARY", "DESCRIPTION"))]
    assert not [text for text in said if index in text.lower()], said


def test_it_names_the_plan_as_papers_do(service, clients):
    """However many blanks there are about the signs in the plan's own head."""
    round_ = make_campaign(service, printed_number="45 / KH - UBND") + "/rounds/2024"
    assert "của 45/KH-UBND" in kinds(entries(clients["anyone"], round_, **{"Accept-Language": "vi"}))["DOSSIERS"]["DESCRIPTION"]
    assert "Kế hoạch số 45/KH-UBND" in words_of(paper(clients["auditor"], round_).content)


def test_a_unit_also_sees_what_it_has_still_to_hand_in(service, clients):
    held = Round(service)
    round_ = f"/v1/campaigns/{held.campaign}/rounds/2024"
    own, stranger = (make_unit(clients["admin"], name=f"{ODD} {uuid.uuid4().hex[:8]}") for _ in range(2))
    client, other = service.key("unit", own["id"]), service.key("unit", stranger["id"])

    def owed(reader):
        return sorted(str(e["SUMMARY"]) for e in entries(reader, round_) if e["CLASS"] == "PRIVATE")

    label = own["name"]
    assert owed(client) == [f"Not filed yet: yearly report of 2024 (V.1): {label}"]
    dossier = Dossier(client, held, own["id"])
    assert owed(client) == [f"Not filed yet: yearly report of 2024 (V.1): {label}", f"Not lodged yet: award dossier of 2024 (III.4.a): {label}"]
    assert client.get(f"{round_}/calendar.ics").headers["Cache-Control"] == "private, no-cache"
    assert len(owed(other)) == 1 and label not in owed(other)[0]
    for role in ("anyone", "viewer", "home_affairs", "auditor", "admin"):
        assert owed(clients[role]) == [], role
    assert client.put(f"{round_}/reports/{own['id']}", json=REPORT).status_code == 201
    assert owed(client) == [f"Not lodged yet: award dossier of 2024 (III.4.a): {label}"]
    held.sql(f"UPDATE dossiers SET state = 'WITHDRAWN' WHERE id = '{dossier.id}'")
    assert owed(client) == []


def test_long_lines_are_folded_between_characters(service, clients):
    """Every length of a text around the fold, with characters of one to four octets."""
    for length in range(1, 12):
        title = dict.fromkeys(("vi", "en"), "x" * length + "ộ🏅é,;\\" * 40)
        path = make_campaign(service, title=title)
        found = kinds(entries(clients["anyone"], f"{path}/rounds/2024"))["DOSSIERS"]
        assert title["en"] in found["DESCRIPTION"]
        assert not re.search("[\x00-\x08\x0b-\x1f]", str(found["DESCRIPTION"]))
