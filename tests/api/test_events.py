"""The journal outward: CloudEvents 1.0 as a feed and as server-sent events (WHATWG HTML, section 9.2)."""
import json
import pathlib
import resource
import shutil
import socket
import uuid

import pytest

from conftest import make_unit
from service import SANITIZED, Client, Service, make_place, problem, wait_until


def head(clients):
    """The number of the newest event, once everything committed so far has one."""
    auditor = clients["auditor"]
    wait_until(lambda: auditor.get("/v1/journal/head").json()["unsealed"] == 0)
    return auditor.get("/v1/journal/head").json()["seq"]


def events(client, after, **query):
    """All that the caller hears of, page by page."""
    found = []
    while after is not None:
        page = client.get("/v1/events", params={"after": after, "limit": 200, **query}).json()
        found += page["items"]
        after = page["next"]
    return found


class Stream:
    """One open event stream, read by blank-line separated blocks."""

    def __init__(self, client, path="/v1/events/stream", **headers):
        self.answer = client.get(path, stream=True, headers=headers)
        assert self.answer.status_code == 200, self.answer.text
        assert self.answer.headers["Content-Type"] == "text/event-stream"
        self.lines = self.answer.iter_lines(chunk_size=1, decode_unicode=True)
        self.block()  # "retry:", sent at once: the stream is open

    def block(self):
        fields = {}
        for line in self.lines:
            if not line:
                return fields
            name, _, value = line.partition(": ")
            fields[name] = value
        return None  # the server ended it

    def until(self, subject):
        """Reads on to the event about that resource; returns the numbers of all that came."""
        numbers = []
        while block := self.block():
            numbers.append(int(block["id"]))
            event = json.loads(block["data"])
            assert event["id"] == block["id"] and set(block) == {"id", "data"}, "a field `event` would keep it from onmessage"
            if event["subject"] == subject:
                return numbers
        raise AssertionError("the stream ended")

    def close(self):
        self.answer.close()


def test_an_event_says_what_happened_to_which_resource(clients, unit):
    start = head(clients)
    made = unit()
    head(clients)
    found = [e for e in events(clients["anyone"], start) if e["subject"] == f"/v1/units/{made['id']}"]
    assert len(found) == 1
    event = found[0]
    assert (event["specversion"], event["type"], event["datacontenttype"]) == ("1.0", "thidua.unit.created", "application/json")
    assert uuid.UUID(event["source"].removeprefix("urn:uuid:"))
    assert event["data"] == {"campaign": None, "year": None, "unit_id": made["id"], "unit_label": made["label"]}
    assert event["sequence"] == event["id"].zfill(19)  # CloudEvents extension "sequence": in lexicographic order
    assert made["name"] not in json.dumps(found)


def test_a_resource_has_one_name_however_its_path_was_written(clients, unit):
    """Whoever asks what was done to one finds all of it."""
    made = unit()
    path, spelled = f"/v1/units/{made['id']}", f"/v1/units/{made['id'].upper()}"
    assert clients["admin"].merge(spelled, {"valid_from": "2021-01-01", "name": "Tên khác"}, made["etag"]).status_code == 200
    told = lambda: [item["type"] for item in clients["auditor"].get("/v1/journal", params={"resource": path}).json()["items"]]
    wait_until(lambda: len(told()) == 2)
    assert sorted(told()) == ["unit.changed", "unit.created"]
    other = clients["auditor"].get("/v1/journal", params={"resource": spelled}).json()["items"]
    assert sorted(item["type"] for item in other) == sorted(told())


def test_an_auditor_hears_of_everything_without_gaps(clients, unit):
    start = head(clients)
    for _ in range(3):
        unit()
    last = head(clients)
    heard = [int(e["id"]) for e in events(clients["auditor"], start)]
    assert heard[:last - start] == list(range(start + 1, last + 1))


def test_a_narrow_filter_still_says_how_far_it_looked(clients, unit):
    start = head(clients)
    mine = unit()
    unit()
    last = head(clients)
    page = clients["anyone"].get("/v1/events", params={"after": start, "unit_id": mine["id"]}).json()
    assert [e["data"]["unit_id"] for e in page["items"]] == [mine["id"]]
    assert page["through"] >= last
    looked = clients["anyone"].get("/v1/events", params={"after": start, "unit_id": mine["id"], "limit": 1}).json()
    assert looked["items"] == page["items"] and looked["through"] >= last, "beyond as many events as the page holds"
    first = clients["auditor"].get("/v1/events", params={"after": start, "limit": 1}).json()
    assert first["next"] == str(start + 1) == str(first["through"])
    assert events(clients["anyone"], start, type="thidua.unit.changed", unit_id=mine["id"]) == []


def test_filters_take_no_type_that_there_is_not(clients):
    for path, wrong, right in (("/v1/events", "thidua.decision.publish", "thidua.decision.published"), ("/v1/events", "unit.created", "thidua.unit.created"),
                               ("/v1/journal", "thidua.unit.created", "unit.created")):
        found = problem(clients["auditor"].get(path, params={"type": wrong}), 400, "invalid-query")
        assert found["errors"][0]["pointer"] == "type" and f'"{right}"' in found["errors"][0]["detail"]
        assert clients["auditor"].get(path, params={"type": right}).status_code == 200
    problem(clients["anyone"].get("/v1/events/stream", params={"type": "thidua.unit"}), 400, "invalid-query")


def test_who_was_given_something_hears_nothing_of_who_gave_it(service, clients, unit):
    """Domain, section 8: a transfer ends nobody, so that nobody stands for the giver; a merger does, and who took over hears what was its."""
    giver, merged, taker = (unit()["id"] for _ in range(3))
    start, told = head(clients), {}
    for body, kind in ((giver, "TRANSFER"), (merged, "MERGE")):
        told[kind] = service.key("unit", body).post("/v1/initiatives", json={
            "unit_id": body, "title": "Giải pháp", "summary": "Tóm tắt", "kind": "SOLUTION", "applied_from": "2024-03-01"}).headers["Location"]
        done = clients["admin"].post(f"/v1/units/{body}/successions", json={
            "kind": kind, "effective_on": "2025-07-01", "legal_basis": "NQ 1", "successors": [taker]})
        assert done.status_code == 201, done.text
    head(clients)
    heard = {event["subject"] for event in events(service.key("unit", taker), start)}
    assert told["MERGE"] in heard and told["TRANSFER"] not in heard


def test_restricted_events_reach_offices_only(service, clients, unit):
    """Personal data (domain, section 6): not even that there is a record."""
    bound = unit()
    own, start = service.key("unit", bound["id"]), head(clients)
    record = clients["home_affairs"].post("/v1/discipline-records", json={
        "unit_id": bound["id"], "person_name": "Người giả định", "position": "KEY_LEADER_HEAD", "regime": "CIVIL_SERVANT",
        "level": "KHIEN_TRACH", "decision_number": "7/QĐ-UBND", "decision_date": "2024-03-01", "effective_from": "2024-03-01"}).json()
    key = clients["admin"].post("/v1/keys", json={"name": "nghe", "roles": ["viewer"]}).json()
    head(clients)

    def hears(client, subject):
        return subject in {e["subject"] for e in events(client, start)}

    about = f"/v1/discipline-records/{record['id']}"
    assert [hears(clients[role], about) for role in ("home_affairs", "chair_office", "auditor")] == [True] * 3
    for client in (own, clients["anyone"], clients["viewer"], clients["admin"], clients["initiative_council"]):
        assert not hears(client, about)
    assert "Người giả định" not in json.dumps(events(clients["auditor"], start))
    about = f"/v1/keys/{key['id']}"
    assert [hears(clients[role], about) for role in ("admin", "auditor", "home_affairs", "viewer", "anyone")] == [
        True, True, False, False, False]


def test_a_unit_hears_of_its_own_subtree(service, clients, unit, round_2024):
    parent = unit()
    child, other = unit(kind="PROVINCIAL_SUBUNIT", parent_id=parent["id"]), unit()
    campaign = round_2024.split("/")[3]
    below = service.key("unit", child["id"])
    above, stranger, start = service.key("unit", parent["id"]), service.key("unit", other["id"]), head(clients)
    made = below.post("/v1/dossiers", json={"campaign": campaign, "year": 2024, "nominator_unit_id": child["id"]})
    assert made.status_code == 201, made.text
    head(clients)
    about = made.headers["Location"]
    heard = {name: about in {e["subject"] for e in events(client, start)} for name, client in {
        "below": below, "above": above, "stranger": stranger, "anyone": clients["anyone"], "viewer": clients["viewer"],
        "home": clients["home_affairs"]}.items()}
    assert heard == {"below": True, "above": True, "stranger": False, "anyone": False, "viewer": False, "home": True}
    with_filter = Stream(above, f"/v1/events/stream?after={start}&campaign={campaign}")
    assert with_filter.until(about)
    with_filter.close()
    deaf = Stream(stranger, f"/v1/events/stream?after={start}")
    later = unit()
    assert head(clients) in deaf.until(f"/v1/units/{later['id']}")
    deaf.close()


def test_the_feed_and_single_questions_agree_on_who_is_concerned(service, clients, unit):
    """unit_reaches(), for many units at once, says what unit_within() says of each pair: above it, taken over from it, and both in turn."""
    top = unit()["id"]
    middle, sibling = (unit(parent_id=top)["id"] for _ in range(2))
    leaf, alone = unit(parent_id=middle)["id"], unit()["id"]
    heir = unit(parent_id=sibling, valid_from="2024-07-01", succeeds={"kind": "RENAME", "legal_basis": "NQ 1", "predecessors": [leaf]})["id"]
    units = [top, middle, sibling, leaf, alone, heir]
    listed = ",".join(units)
    agreed = service.psql(f"""SELECT count(*), count(*) FILTER (WHERE unit_within(a, b)), bool_and(unit_within(a, b) = (r.reach LIKE '%' || b || '%'))
        FROM unit_reaches('{{{listed},{units[0]}}}') r(a, reach), unnest('{{{listed}}}'::uuid[]) b""").strip().split("|")
    assert agreed == ["36", "14", "t"]
    assert service.psql(f"SELECT unit_id = '{(gone := uuid.uuid4())}' AND reach = '{gone}' FROM unit_reaches('{{{gone}}}')").strip() == "t", \
        "a unit that was withdrawn still has events"


def test_a_stream_brings_news_at_once_and_resumes_without_loss(clients, unit):
    auditor = clients["auditor"]
    stream = Stream(auditor)
    first = unit()
    last = stream.until(f"/v1/units/{first['id']}")[-1]
    stream.close()
    missed = [unit() for _ in range(5)]
    resumed = Stream(auditor, **{"Last-Event-ID": str(last)})
    numbers = resumed.until(f"/v1/units/{missed[-1]['id']}")
    assert numbers == list(range(last + 1, last + 1 + len(numbers)))
    live = unit()
    assert resumed.until(f"/v1/units/{live['id']}")[0] == numbers[-1] + 1
    resumed.close()


def test_a_stream_from_far_behind_gets_everything_in_order(clients):
    last = head(clients)
    stream = Stream(clients["auditor"], "/v1/events/stream?after=0")
    for number in range(1, last + 1):
        assert int(stream.block()["id"]) == number
    stream.close()


def test_a_stream_ends_when_keys_are_revoked(service, clients):
    """Revocation takes effect at once: the client comes back, and is then refused."""
    key = clients["admin"].post("/v1/keys", json={"name": "nghe", "roles": ["auditor"]}).json()
    listener = Client(service.base, key["key"])
    stream = Stream(listener)
    assert clients["admin"].delete(f"/v1/keys/{key['id']}").status_code in (200, 204)
    while stream.block() is not None:
        pass
    problem(listener.get("/v1/events/stream"), 401, "unauthenticated")


@pytest.mark.parametrize("year", [2400, 2500, 9998])
def test_a_stream_goes_on_whose_key_expires_in_centuries(service, clients, unit, year):
    """Nanoseconds until then need not fit into 63 bits: 292 years do."""
    key = clients["admin"].post("/v1/keys", json={"name": "nghe", "roles": ["viewer"], "expires_at": f"{year}-01-01T00:00:00Z"}).json()
    stream = Stream(Client(service.base, key["key"]))
    for _ in range(2):
        stream.until(f"/v1/units/{unit()['id']}")
    stream.close()


@pytest.mark.parametrize("query", ["after=-1", "after=x", "unit_id=1", "colour=red", "limit=0", "limit=201"])
def test_what_a_feed_cannot_be_asked(clients, query):
    problem(clients["anyone"].get(f"/v1/events?{query}"), 400, "invalid-query")


@pytest.mark.parametrize("beyond", [1, 10**8, 10**17], ids=str)
def test_a_number_beyond_the_newest_event_is_refused_with_the_newest(clients, beyond):
    """As after a restore from a backup: whoever went on from there would hear of nothing, and not notice."""
    last = head(clients)
    ask = clients["anyone"].get
    for language in ("en", "vi"):
        for path, query, sent in (("", "after", None), ("", "cursor", None), ("/stream", "after", None), ("/stream", None, "Last-Event-ID")):
            answer = ask(f"/v1/events{path}", params={query: last + beyond} if query else {},
                         headers={"Accept-Language": language, **({sent: str(last + beyond)} if sent else {})})
            (error,) = problem(answer, 400, "invalid-query")["errors"]
            assert (error["pointer"], error["code"]) == (sent or query, "ahead") and str(last) in error["detail"]
    problem(ask("/v1/events", params={"after": last + beyond}, headers={"Accept": "text/csv"}), 400, "invalid-query")
    page = ask("/v1/events", params={"after": last}).json()
    assert (page["items"], page["through"], page["next"]) == ([], last, None)
    Stream(clients["anyone"], **{"Last-Event-ID": str(last)}).close()


def resident_kib(process):
    lines = pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1])


@pytest.mark.plain
def test_a_thousand_listeners_hear_of_one_event_and_do_not_hinder_the_stop():
    """Each costs its connection and little more: what is formatted for one is there only while it is sent."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a login's 1024 would not do
    service = Service(make_place()).start()
    port = service.port
    admin, sockets = service.key("admin"), []
    make_unit(admin)
    before = resident_kib(service.process)
    for _ in range(1000):
        sockets.append(socket.create_connection(("127.0.0.1", port), timeout=60))
        sockets[-1].sendall(b"GET /v1/events/stream HTTP/1.1\r\nHost: thidua\r\n\r\n")

    def read_until(sock, wanted):
        text = b""
        while wanted not in text:
            more = sock.recv(65536)
            assert more, text
            text += more

    for sock in sockets:
        read_until(sock, b"retry: 2000")
    metrics = service.anonymous().get("/metrics").text
    assert "\nthidua_event_listeners 1000" in metrics
    for _ in range(3):
        made = make_unit(admin)
        for sock in sockets:
            read_until(sock, made["id"].encode())
    each = (resident_kib(service.process) - before) / 1000
    assert SANITIZED or each < 48, f"{each} KiB a listener"
    assert service.stop() == 0
    for sock in sockets:
        while sock.recv(65536):
            pass
        sock.close()
    shutil.rmtree(service.var, ignore_errors=True)
