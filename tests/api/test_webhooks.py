"""The journal outward by webhooks: Standard Webhooks 1.0, CloudEvents 1.0 in structured mode; at least once, in order."""
import contextlib
import datetime
import json
import os
import re
import shutil
import socket
import stat
import subprocess
import threading
import time
import uuid

import pytest

from conftest import make_campaign, make_unit
from dossier_tools import PDF, make_pdf
from proxies import AROUND_NGINX, Running
from receiver import Receiver
from service import Client, Service, free_port, make_place, problem, serving, wait_until
from test_hanging import Host

PAUSES = {"THIDUA_WEBHOOK_RETRY_SECONDS": "1,1", "THIDUA_WEBHOOK_TIMEOUT_SECONDS": "3"}


@pytest.fixture
def start():
    """start(beside=None, **environment) → a running service that may send to 127.0.0.1."""
    made = []

    def begin(beside=None, **environment):
        made.append(Service(beside.var if beside else make_place(), **{"THIDUA_WEBHOOK_ALLOW": "127.0.0.1", **PAUSES, **environment}).start())
        return made[-1]

    yield begin
    for service in reversed(made):
        if service.process.poll() is None:
            assert service.stop() == 0
    for service in made:
        shutil.rmtree(service.var, ignore_errors=True)


@pytest.fixture(scope="module")
def sender():
    """One service for the tests of this file that need none of their own."""
    with serving(Service(make_place(), THIDUA_WEBHOOK_ALLOW="public, 127.0.0.1", **PAUSES)) as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_left(request):
    """Webhooks whose receiver ended with its test would be tried through all others."""
    yield
    if "sender" in request.fixturenames:
        request.getfixturevalue("sender").psql("DELETE FROM webhooks")


@pytest.fixture
def receiver():
    made = []

    def begin(answer=None):
        made.append(Receiver(answer))
        return made[-1]

    yield begin
    for one in made:
        one.close()


def subscribe(client, receiver, **fields):
    answer = client.post("/v1/webhooks", json={"url": receiver.url, **fields})
    assert answer.status_code == 201, answer.text
    return {**answer.json(), "path": answer.headers["Location"], "etag": answer.headers["ETag"]}


def etag(client, hook):
    return client.get(hook["path"]).headers["ETag"]


def deliveries(client, hook, **query):
    return client.get(f"{hook['path']}/deliveries", params=query).json()["items"]


def unit_path(unit):
    return f"/v1/units/{unit['id']}"


# ---- what is sent ----

def test_an_event_comes_signed_and_as_the_feed_shows_it(sender, receiver):
    admin, here = sender.key("admin"), receiver()
    hook = subscribe(admin, here)
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", hook["secret"])
    unit = make_unit(admin)
    message = here.await_subject(unit_path(unit))
    assert message.signed_by(hook["secret"]) == 1 and len(message.headers["webhook-signature"].split(" ")) == 1
    assert message.headers["Content-Type"] == "application/cloudevents+json; charset=utf-8"
    assert message.path == "/hook" and message.headers["User-Agent"].startswith("thidua/")
    shown = admin.get("/v1/events", params={"after": message.seq - 1, "limit": 1})
    assert message.event == shown.json()["items"][0] and message.body[:-1] in shown.content, "the same bytes"
    assert message.signed_by("whsec_" + "A" * 43 + "=") == 0
    wait_until(lambda: admin.get(hook["path"]).json()["delivery"]["position"] == message.seq)
    told = deliveries(admin, hook)[0]
    assert (told["seq"], told["message_id"], told["state"], told["attempts"], told["status"]) == (
        message.seq, message.id, "DELIVERED", 1, 204)


def test_events_come_in_order_without_gaps_also_while_many_write(sender, receiver):
    """The position is one over the journal's gapless numbers. It begins where the answer says: asked later it may have moved on, over the
    event of the webhook's own making."""
    auditor, here = sender.key("auditor"), receiver()
    first = subscribe(auditor, here)["delivery"]["position"]
    admins = [sender.key("admin") for _ in range(4)]
    threads = [threading.Thread(target=lambda a=a: [make_unit(a) for _ in range(15)]) for a in admins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_until(lambda: len({s for s in here.subjects() if s.startswith("/v1/units/")}) == 60)
    numbers = list(dict.fromkeys(message.seq for message in here.messages))  # an answer that came too late has its event sent again
    assert numbers == list(range(first + 1, first + 1 + len(numbers)))


def test_a_webhook_can_begin_in_the_past(sender, receiver):
    admin, here = sender.key("admin"), receiver()
    unit = make_unit(admin)
    wait_until(lambda: admin.get("/v1/journal/head").json()["unsealed"] == 0)
    head = admin.get("/v1/journal/head").json()["seq"]
    subscribe(admin, here, after=0, types=["thidua.unit.created"])
    here.await_subject(unit_path(unit))
    numbers = [message.seq for message in here.messages]
    assert numbers == sorted(set(numbers)) and numbers[0] < head
    later = receiver()
    hook = subscribe(admin, later, after=2**60)
    assert admin.get(hook["path"]).json()["delivery"]["position"] <= admin.get("/v1/journal/head").json()["seq"]


def test_filters_by_type_campaign_and_unit(sender, receiver):
    admin = sender.key("admin")
    campaign = make_campaign(sender).rsplit("/", 1)[1]
    boxes = {name: receiver() for name in ("prefix", "exact", "unit", "campaign", "none")}
    chosen = make_unit(admin)
    wait_until(lambda: admin.get("/v1/journal/head").json()["unsealed"] == 0)  # its making is past
    subscribe(admin, boxes["prefix"], types=["thidua.unit.*"])
    subscribe(admin, boxes["exact"], types=["thidua.unit.changed", "thidua.decision.published"])
    subscribe(admin, boxes["unit"], unit_id=chosen["id"])
    subscribe(admin, boxes["campaign"], campaign=campaign)
    subscribe(admin, boxes["none"], types=["thidua.public_holidays.*"])
    other = make_unit(admin)
    assert admin.merge(unit_path(chosen), {"valid_from": "2021-01-01", "name": f"Tên mới {uuid.uuid4().hex[:8]}"}, chosen["etag"]).status_code == 200
    home = sender.key("home_affairs")
    url = f"/v1/campaigns/{campaign}/rounds/2024"
    assert home.merge(url, {"conference_on": "2099-03-20"}, home.get(url).headers["ETag"]).status_code == 200
    last = make_unit(admin)
    boxes["prefix"].await_subject(unit_path(last))
    boxes["unit"].await_subject(unit_path(chosen))
    boxes["exact"].await_subject(unit_path(chosen))
    boxes["campaign"].await_subject(url)
    assert {m.event["type"] for m in boxes["prefix"].messages} == {"thidua.unit.created", "thidua.unit.changed"}
    assert boxes["prefix"].subjects() == [unit_path(other), unit_path(chosen), unit_path(last)]
    assert boxes["exact"].subjects() == boxes["unit"].subjects() == [unit_path(chosen)]
    assert {m.event["data"]["campaign"] for m in boxes["campaign"].messages} == {campaign}
    assert boxes["none"].messages == []


def test_no_restricted_event_reaches_who_could_not_read_it(sender, receiver):
    """Personal data (domain, section 6): a webhook hears of what its key may read in /v1/events, whatever its filters say."""
    admin, home = sender.key("admin"), sender.key("home_affairs")
    own, other = make_unit(admin), make_unit(admin)
    boxes, clients = {}, {"viewer": sender.key("viewer"), "unit": sender.key("unit", own["id"]), "admin": admin, "home": home,
                          "stranger": sender.key("unit", other["id"]), "auditor": sender.key("auditor")}
    for name, client in clients.items():
        boxes[name] = receiver()
        subscribe(client, boxes[name], types=["thidua.discipline.*", "thidua.unit.*", "thidua.dossier.*"])
    record = home.post("/v1/discipline-records", json={
        "unit_id": own["id"], "person_name": "Người giả định", "position": "KEY_LEADER_HEAD", "regime": "CIVIL_SERVANT",
        "level": "KHIEN_TRACH", "decision_number": "7/QĐ-UBND", "decision_date": "2024-03-01", "effective_from": "2024-03-01"})
    dossier = clients["unit"].post("/v1/dossiers", json={
        "campaign": make_campaign(sender).rsplit("/", 1)[1], "year": 2024, "nominator_unit_id": own["id"]})
    assert (record.status_code, dossier.status_code) == (201, 201)
    last = unit_path(make_unit(admin))
    heard = {}
    for name, box in boxes.items():
        box.await_subject(last)
        assert "Người giả định" not in "".join(m.body.decode() for m in box.messages)
        heard[name] = [record.headers["Location"] in box.subjects(), dossier.headers["Location"] in box.subjects()]
    assert heard == {"viewer": [False, False], "unit": [False, True], "stranger": [False, False], "admin": [False, False],
                     "home": [True, True], "auditor": [True, True]}


def test_a_test_passes_every_filter_of_its_own_webhook_and_reaches_no_other(sender, receiver):
    viewer, mine, theirs = sender.key("viewer"), receiver(), receiver()
    hook = subscribe(viewer, mine, types=["thidua.decision.published"])
    subscribe(sender.key("viewer"), theirs)
    assert viewer.post(f"{hook['path']}/test").status_code == 200
    message = mine.await_subject(hook["path"])
    assert message.event["type"] == "thidua.webhook.tested" and message.signed_by(hook["secret"]) == 1
    unit = make_unit(sender.key("admin"))
    theirs.await_subject(unit_path(unit))
    assert hook["path"] not in theirs.subjects()


# ---- what goes wrong ----

def test_a_failed_event_is_tried_again_with_the_same_id_and_before_the_next(sender, receiver):
    admin, answers = sender.key("admin"), iter([500, 503])
    here = receiver(lambda message: next(answers, 204))
    hook = subscribe(admin, here, types=["thidua.unit.created"])
    first, second = make_unit(admin), make_unit(admin)
    here.await_subject(unit_path(second))
    assert here.subjects() == [unit_path(first)] * 3 + [unit_path(second)]
    assert len({m.id for m in here.messages[:3]}) == 1 and here.messages[3].id != here.messages[0].id
    logged = [event for event in map(json.loads, sender.log) if event["event"] == "webhook_attempt_failed" and event["webhook"] == hook["path"].rsplit("/", 1)[1]]
    assert [(event["seq"], event["status"], event["level"]) for event in logged] == [(here.messages[0].seq, status, "warning") for status in ("500", "503")]
    assert all(later.at - before.at >= 0.9 for before, later in zip(here.messages, here.messages[1:3])), "pauses of a second"
    wait_until(lambda: deliveries(admin, hook)[0]["seq"] == here.messages[3].seq)
    assert [(d["state"], d["attempts"]) for d in deliveries(admin, hook)] == [("DELIVERED", 1), ("DELIVERED", 3)]
    shown = admin.get(hook["path"]).json()["delivery"]
    assert (shown["failures"], shown["failing_since"], shown["last_error"], shown["last_status"]) == (0, None, None, 204)


def test_what_is_never_taken_is_parked_and_the_next_has_its_turn(sender, receiver):
    """Given up after all pauses; visible; sent again by hand under the same id."""
    admin, refused = sender.key("admin"), set()
    here = receiver(lambda message: 500 if message.event["subject"] in refused else 204)
    hook = subscribe(admin, here, types=["thidua.unit.created"])
    paused = admin.merge(hook["path"], {"state": "PAUSED"}, hook["etag"])
    bad, good = make_unit(admin), make_unit(admin)
    refused.add(unit_path(bad))
    assert here.messages == []
    assert admin.merge(hook["path"], {"state": "ACTIVE"}, paused.headers["ETag"]).status_code == 200
    wait_until(lambda: deliveries(admin, hook, state="PENDING"))
    failing = admin.get(hook["path"]).json()["delivery"]
    assert failing["failures"] >= 1 and failing["last_status"] == 500 and failing["last_error"] == "the receiver refused it"
    wait_until(lambda: deliveries(admin, hook, state="PARKED"))
    again = make_unit(admin)
    here.await_subject(unit_path(again))
    parked = deliveries(admin, hook, state="PARKED")
    assert parked[-1]["attempts"] == 3 and parked[-1]["status"] == 500 and parked[-1]["message_id"] == here.messages[0].id
    assert here.subjects()[:3] == [unit_path(bad)] * 3
    wait_until(lambda: "webhook_parked" in "".join(sender.log))
    # What had come due meanwhile was parked with it, untried, or sent where it was not overdue yet; what comes now is sent.
    assert [(p["attempts"], p["error"]) for p in parked[:-1]] == (
        [] if unit_path(good) in here.subjects() else [(0, "the webhook had failed for too long")])
    assert admin.get(hook["path"]).json()["delivery"]["parked"] == len(parked)
    # Still refused: one attempt, parked again. Then taken.
    count = len(here.messages)
    assert admin.post(f"{hook['path']}/deliveries/{parked[-1]['seq']}/resend").json()["state"] == "PENDING"
    wait_until(lambda: deliveries(admin, hook, state="PARKED")[-1:] and deliveries(admin, hook, state="PARKED")[-1]["attempts"] == 4)
    assert here.subjects()[count:] == [unit_path(bad)]
    refused.clear()
    for one in parked:
        assert admin.post(f"{hook['path']}/deliveries/{one['seq']}/resend").status_code == 200
    wait_until(lambda: {d["state"] for d in deliveries(admin, hook)} == {"DELIVERED"})
    assert set(here.subjects()) >= {unit_path(bad), unit_path(good), unit_path(again)}
    assert here.messages[-1].id in {p["message_id"] for p in parked}
    problem(admin.post(f"{hook['path']}/deliveries/999999999/resend"), 404, "not-found")


def test_a_resend_that_its_owner_may_not_read_says_nothing_of_how_soon_the_receiver_answers(sender, receiver):
    """Nothing is sent, so there is nothing to measure: as one that is slow it would wait among those."""
    owner, here = sender.key("viewer"), receiver()
    hook = subscribe(owner, here)
    seq = sender.psql("SELECT min(seq) FROM journal WHERE type = 'key.created'")
    assert "INSERT" in sender.psql(f"INSERT INTO webhook_deliveries (webhook_id, seq, state, attempts) VALUES ('{hook['id']}', {seq}, 'PARKED', 1)", user="postgres")
    for slow in ("f", "t"):
        assert "UPDATE" in sender.psql(f"UPDATE webhooks SET slow = '{slow}' WHERE id = '{hook['id']}'", user="postgres")
        tried = deliveries(owner, hook)[0]["attempts"]
        assert owner.post(f"{hook['path']}/deliveries/{seq}/resend").status_code == 200
        wait_until(lambda: deliveries(owner, hook)[0]["attempts"] == tried + 1)
        assert deliveries(owner, hook)[0]["error"] == "the owner's key may not read this event"
        assert sender.psql(f"SELECT slow FROM webhooks WHERE id = '{hook['id']}'") == slow
    assert here.messages == []


def test_of_a_receiver_that_is_always_away_so_many_parked_events_are_kept(sender, receiver):
    """The newest thousand, and what somebody has asked for again; the feed still has all of them."""
    admin, here = sender.key("admin"), receiver()
    hook = subscribe(admin, here, types=["thidua.unit.created"])
    paused = admin.merge(hook["path"], {"state": "PAUSED"}, hook["etag"])
    assert paused.status_code == 200
    sender.psql(f"""INSERT INTO webhook_deliveries (webhook_id, seq, state, attempts, resend)
        SELECT '{hook["id"]}', 1000000 + i, 'PARKED', 0, i = 1 FROM generate_series(1, 1500) i""", user="postgres")
    count = f"SELECT count(*), min(seq) FILTER (WHERE NOT resend), bool_or(resend) FROM webhook_deliveries WHERE webhook_id = '{hook['id']}' AND state = 'PARKED'"
    wait_until(lambda: sender.psql(count) == "1001|1000501|t", seconds=30)
    assert admin.get(hook["path"]).json()["delivery"]["parked"] == 1001


def test_what_somebody_has_in_hand_holds_up_nobody_who_forgets(sender, receiver):
    """The schedule: somebody who asks for an event again has it, and the dispatcher is about to forget it with others."""
    admin, here = sender.key("admin"), receiver()
    hook = subscribe(admin, here, types=["thidua.unit.created"])
    assert admin.merge(hook["path"], {"state": "PAUSED"}, hook["etag"]).status_code == 200
    parked = "INSERT INTO webhook_deliveries (webhook_id, seq, state, attempts) SELECT '{}', 2000000 + i, 'PARKED', 0 FROM generate_series({}, {}) i"
    left = f"SELECT count(*), min(seq) FROM webhook_deliveries WHERE webhook_id = '{hook['id']}' AND state = 'PARKED'"
    sender.psql(parked.format(hook["id"], 1, 1000), user="postgres")
    with sender.holding(f"SELECT FROM webhook_deliveries WHERE webhook_id = '{hook['id']}' AND seq = 2000003 FOR UPDATE") as release:
        sender.psql(parked.format(hook["id"], 1001, 1005), user="postgres")
        wait_until(lambda: sender.psql(left) == "1001|2000003", seconds=30)
        release()
    wait_until(lambda: sender.psql(left) == "1000|2000006", seconds=30)


def test_what_is_not_wanted_any_more_is_tried_no_longer(sender, receiver):
    """A change of the filters also frees a webhook that was stuck at an event."""
    admin, here = sender.key("admin"), receiver(lambda message: 500)
    hook = subscribe(admin, here, types=["thidua.unit.created"])
    make_unit(admin)
    wait_until(lambda: [d["state"] for d in deliveries(admin, hook)] == ["PENDING"])
    here.answer = lambda message: 204
    assert admin.merge(hook["path"], {"types": ["thidua.unit.changed"]}, etag(admin, hook)).status_code == 200
    unit = make_unit(admin)
    assert admin.merge(unit_path(unit), {"valid_from": "2021-01-01", "name": f"Tên mới {uuid.uuid4().hex[:8]}"}, unit["etag"]).status_code == 200
    here.await_subject(unit_path(unit))
    wait_until(lambda: [(d["state"], d["attempts"]) for d in deliveries(admin, hook)] == [("DELIVERED", 1)])


def test_whoever_changes_a_webhook_has_it_tried_at_once(sender, receiver):
    """Also where the next attempt is an hour away."""
    admin, here = sender.key("admin"), receiver()
    hook = subscribe(admin, here, types=["thidua.unit.created"])
    away = f"UPDATE webhooks SET failures = 9, failing_since = now(), next_attempt_at = now() + interval '1 hour' WHERE id = '{hook['id']}'"
    assert sender.psql(away, user="postgres") == "UPDATE 1"
    unit = make_unit(admin)
    assert admin.merge(hook["path"], {"description": "Đã sửa máy nhận"}, etag(admin, hook)).status_code == 200
    here.await_subject(unit_path(unit))


def test_a_webhook_whose_owner_has_ended_is_not_taken_up(sender, receiver):
    """It would be, again and again, for as long as there is something to send."""
    admin, gone, other = sender.key("admin"), receiver(), receiver()
    owner = sender.key("viewer")
    hook = subscribe(owner, gone)
    subscribe(admin, other)
    assert admin.delete(f"/v1/keys/{owner.get('/v1/me').json()['key_id']}").status_code == 200
    other.await_subject(unit_path(make_unit(admin)))
    taken = f"SELECT timed_at, leased_by FROM webhooks WHERE id = '{hook['id']}'"  # by every lease and its end
    before = sender.psql(taken)
    for _ in range(3):
        other.await_subject(unit_path(make_unit(admin)))
    assert sender.psql(taken) == before and admin.get(hook["path"]).json()["state"] == "UNOWNED"


def test_retry_after_is_honoured(sender, receiver):
    admin, answers = sender.key("admin"), iter([(429, {"Retry-After": "3"})])
    here = receiver(lambda message: next(answers, 204))
    subscribe(admin, here, types=["thidua.unit.created"])
    make_unit(admin)
    wait_until(lambda: len(here.messages) == 2)
    assert here.messages[1].at - here.messages[0].at >= 3


def test_no_receiver_asks_for_more_than_a_day(sender, receiver):
    """RFC 9110, section 10.2.3. What is asked for in years would never come. A pause is up to a fifth longer."""
    admin, here = sender.key("admin"), receiver(lambda message: (503, {"Retry-After": "100000000"}))
    hook = subscribe(admin, here, types=["thidua.unit.created"])
    make_unit(admin)
    wait_until(lambda: admin.get(hook["path"]).json()["delivery"]["failures"] == 1)
    assert sender.psql(f"SELECT next_attempt_at - now() BETWEEN interval '23 hours' AND interval '29 hours' FROM webhooks WHERE id = '{hook['id']}'") == "t"


@pytest.mark.parametrize("back", ["10 minutes", "1 day", "20 years"])
def test_a_clock_that_is_set_back_keeps_no_event_waiting(sender, receiver, back):
    """What was set by the clock of before lies in the future then: pauses and leases are no instants, and are over."""
    admin, here = sender.key("admin"), receiver()
    hook = subscribe(admin, here)
    done = sender.psql(f"""SET session_replication_role = replica; UPDATE webhooks SET next_attempt_at = now() + interval '{back}',
        timed_at = now() + interval '{back}', leased_by = gen_random_uuid(), leased_until = now() + interval '{back}' WHERE id = '{hook["id"]}'""", user="postgres")
    assert done.endswith("UPDATE 1"), done
    here.await_subject(unit_path(make_unit(admin)))


@pytest.mark.parametrize("jump", ["10 years", "-10 years"], ids=["ahead", "back"])
def test_a_clock_that_jumps_parks_no_event_early_and_keeps_none_for_ever(sender, receiver, jump):
    """While the webhook fails. Ahead, all pauses seem to be over; back, what was noted lies in the future, and would hold the next event up for years."""
    admin, here = sender.key("admin"), receiver(lambda message: 500)
    hook = subscribe(admin, here, types=["thidua.unit.created"])
    assert admin.merge(hook["path"], {"state": "PAUSED"}, hook["etag"]).status_code == 200
    bad = make_unit(admin)
    done = sender.psql(f"""SET session_replication_role = replica; UPDATE webhooks SET failures = 1, failing_since = now() - interval '{jump}',
        due_from = now() - interval '{jump}', timed_at = now() - interval '{jump}', next_attempt_at = now() - interval '{jump}', state = 'ACTIVE' WHERE id = '{hook["id"]}';
        UPDATE journal SET at = now() - interval '{jump}' WHERE resource = '{unit_path(bad)}'""", user="postgres")
    assert done.endswith("UPDATE 1"), done
    wait_until(lambda: deliveries(admin, hook, state="PARKED"))
    parked = deliveries(admin, hook, state="PARKED")[-1]
    assert parked["message_id"] == here.messages[0].id and parked["attempts"] == len(here.messages) >= 2, parked


def test_410_ends_a_webhook_until_it_is_woken(sender, receiver):
    admin, answers = sender.key("admin"), iter([410])
    here = receiver(lambda message: next(answers, 204))
    hook = subscribe(admin, here, types=["thidua.unit.created"])
    unit = make_unit(admin)
    wait_until(lambda: admin.get(hook["path"]).json()["state"] == "GONE")
    make_unit(admin)
    told = sender.psql(f"SELECT type, actor_name FROM journal WHERE resource = '{hook['path']}' ORDER BY id DESC LIMIT 1")
    assert told == "webhook.gone|thidua" and len(here.messages) == 1
    assert admin.merge(hook["path"], {"state": "ACTIVE"}, etag(admin, hook)).json()["state"] == "ACTIVE"
    wait_until(lambda: len(here.messages) == 3)
    assert here.subjects()[:2] == [unit_path(unit)] * 2, "what was not taken comes again"


def test_redirects_are_not_followed(sender, receiver):
    inside, admin = receiver(), sender.key("admin")
    here = receiver(lambda message: (307, {"Location": inside.url}))
    hook = subscribe(admin, here, types=["thidua.unit.created"])
    make_unit(admin)
    wait_until(lambda: deliveries(admin, hook, state="PARKED"))
    assert deliveries(admin, hook)[0]["error"] == "redirects are not followed" and deliveries(admin, hook)[0]["status"] == 307
    assert inside.messages == []


ENDLESS = {"body": (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n", b"x" * 65536),
           "head": (b"HTTP/1.1 200 OK\r\n", b"a: b\r\n" * 10000),
           "fields behind a body in chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"a: b\r\n" * 10000)}


@pytest.mark.parametrize("what", ENDLESS)
def test_an_answer_without_end_is_not_read(sender, receiver, what):
    """Only the status counts: all of the answer is bounded and discarded."""
    listener = socket.create_server(("127.0.0.1", 0))
    sent, admin, (begin, more) = [], sender.key("admin"), ENDLESS[what]

    def flood():
        sock, _ = listener.accept()
        sock.settimeout(20)
        sock.recv(65536)
        sock.sendall(begin)
        try:
            while True:
                sent.append(sock.send(more))
        except OSError:
            sock.close()

    thread = threading.Thread(target=flood, daemon=True)
    thread.start()
    answer = admin.post("/v1/webhooks", json={"url": f"http://127.0.0.1:{listener.getsockname()[1]}/", "types": ["thidua.unit.created"]})
    make_unit(admin)
    hook = {"path": answer.headers["Location"]}
    wait_until(lambda: [d["state"] for d in deliveries(admin, hook)] == ["DELIVERED"])
    thread.join(20)
    assert not thread.is_alive() and sum(sent) < 100 * 1024 * 1024
    listener.close()


@pytest.mark.parametrize("answer, said", [
    (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200000, "the receiver's answer is too long"), (b"220 mail.example ESMTP\r\n", "the receiver does not answer by HTTP"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "the receiver does not answer by HTTP")], ids=["one line", "another protocol", "broken"])
def test_what_is_no_answer_is_named_as_the_receivers_fault(sender, answer, said):
    """A line of more than libcurl keeps was told as 'Out of memory', which sends an operator to look for it here."""
    listener, admin = socket.create_server(("127.0.0.1", 0)), sender.key("admin")

    def tell():
        sock, _ = listener.accept()
        with sock, contextlib.suppress(OSError):
            sock.recv(65536)
            sock.sendall(answer)

    threading.Thread(target=tell, daemon=True).start()
    made = admin.post("/v1/webhooks", json={"url": f"http://127.0.0.1:{listener.getsockname()[1]}/", "types": ["thidua.unit.created"]})
    make_unit(admin)
    assert wait_until(lambda: deliveries(admin, {"path": made.headers["Location"]}))[0]["error"] == said
    listener.close()


def test_a_slow_receiver_holds_nobody_else_up(sender, receiver):
    admin, held = sender.key("admin"), threading.Event()
    slow, quick = receiver(lambda message: held.wait(30) and 204), receiver()
    hook = subscribe(admin, slow, types=["thidua.unit.created"])
    subscribe(admin, quick, types=["thidua.unit.created"])
    for _ in range(5):
        unit = make_unit(admin)
        quick.await_subject(unit_path(unit), seconds=2)
    assert len(set(slow.subjects())) == 1
    wait_until(lambda: admin.get(hook["path"]).json()["delivery"]["last_error"] == "the receiver did not answer in time")
    held.set()
    slow.await_subject(unit_path(unit))


def test_more_slow_receivers_than_are_sent_to_at_once_hold_no_quick_one_up(sender, receiver):
    """Each answers, and has many events to come: they would have all that is under way for as long as they are behind."""
    slow, quick = [receiver(lambda message: time.sleep(1.2) or 204) for _ in range(70)], receiver()
    keys = [sender.key("admin") for _ in range(4)]
    for i, one in enumerate(slow):
        subscribe(keys[i % 4], one, types=["thidua.unit.created"])
    units = [unit_path(make_unit(keys[0]))]
    wait_until(lambda: all(units[0] in one.subjects() for one in slow))  # since then they are known to be slow
    units += [unit_path(make_unit(keys[0])) for _ in range(15)]
    subscribe(keys[0], quick, types=["thidua.unit.created"])
    for _ in range(3):
        quick.await_subject(unit_path(make_unit(keys[0])), seconds=5)
    for one in slow:
        assert one.subjects() == units[:len(one.messages)], "in order"
        assert len(one.messages) < len(units)


def test_many_that_hang_for_the_first_time_hold_nobody_up_for_as_long_as_they_hang(start, receiver):
    """More than are sent to at once, of which nobody knew that they are slow."""
    service, quick = start(THIDUA_WEBHOOK_TIMEOUT_SECONDS="60"), [receiver() for _ in range(10)]
    keys = [service.key("admin") for _ in range(6)]
    with socket.create_server(("127.0.0.1", 0), backlog=128) as silent:  # the kernel takes connections, nobody reads from them
        for number in range(110):
            url = quick[number // 11].url if number % 11 == 10 else f"http://127.0.0.1:{silent.getsockname()[1]}/{number}"
            answer = keys[number % 6].post("/v1/webhooks", json={"url": url, "types": ["thidua.unit.created"]})
            assert answer.status_code == 201, answer.text
        unit = unit_path(make_unit(keys[0]))
        for one in quick:
            one.await_subject(unit, seconds=20)
        assert service.stop() == 0


def test_a_dead_receiver_gets_everything_when_it_is_back(start, receiver):
    """Nothing is lost while it is away, and the order is kept."""
    service = start(THIDUA_WEBHOOK_RETRY_SECONDS="1,1,1,1,1,1,1,1,1,1,1,1")
    admin = service.key("admin")
    port = socket.create_server(("127.0.0.1", 0))
    number = port.getsockname()[1]
    port.close()
    hook = admin.post("/v1/webhooks", json={"url": f"http://127.0.0.1:{number}/hook", "types": ["thidua.unit.created"]})
    units = [unit_path(make_unit(admin)) for _ in range(5)]
    wait_until(lambda: admin.get(hook.headers["Location"]).json()["delivery"]["failures"] >= 1)
    here = receiver()
    relay = socket.create_server(("127.0.0.1", number))

    def forward():
        while True:
            try:
                sock, _ = relay.accept()
            except OSError:
                return
            with sock, socket.create_connection(here.server.server_address) as inner:
                inner.sendall(sock.recv(1 << 20))
                sock.sendall(inner.recv(1 << 20))

    threading.Thread(target=forward, daemon=True).start()
    here.await_subject(units[-1])
    assert list(dict.fromkeys(here.subjects())) == units
    relay.close()


# ---- killed ----

def test_nothing_is_lost_when_the_service_is_killed(start, receiver):
    """kill -9 while events are on their way: each comes at least once, first comings in order, none is missing."""
    quick = {"THIDUA_WEBHOOK_TIMEOUT_SECONDS": "1"}  # a dead instance's lease is over 5 seconds later
    service, here = start(**quick), receiver(lambda message: time.sleep(0.01) or 204)
    admin = service.key("admin")
    secret = subscribe(admin, here, types=["thidua.unit.created"])["secret"]
    made = []
    for round_ in range(2):
        made += [unit_path(make_unit(admin)) for _ in range(20)]
        wait_until(lambda: len(set(here.subjects())) > 20 * round_ + 3)
        service.process.kill()
        service.process.wait()
        service = start(beside=service, **quick)
        admin = Client(service.base, admin.key)
    here.await_subject(made[-1], seconds=30)
    assert list(dict.fromkeys(here.subjects())) == made
    assert all(message.signed_by(secret) == 1 for message in here.messages), "the same secret after a restart"
    ids = {}
    for message in here.messages:
        assert ids.setdefault(message.event["id"], message.id) == message.id


def test_a_stop_waits_for_no_receiver(start, receiver):
    held = threading.Event()
    service, here = start(THIDUA_WEBHOOK_TIMEOUT_SECONDS="60"), receiver(lambda message: held.wait(60) and 204)
    admin = service.key("admin")
    subscribe(admin, here, types=["thidua.unit.created"])
    make_unit(admin)
    wait_until(lambda: here.messages)
    began = time.monotonic()
    assert service.stop() == 0 and time.monotonic() - began < 10
    held.set()
    start(beside=service)
    wait_until(lambda: len(here.messages) == 2, seconds=10)  # the lease was given back


def test_nothing_is_lost_when_postgresql_is_killed(start, receiver):
    service, here = start(), receiver()
    admin = service.key("admin")
    subscribe(admin, here, types=["thidua.unit.created"])
    made = [unit_path(make_unit(admin)) for _ in range(5)]
    service.postgresql("stop", "-m", "immediate")
    wait_until(lambda: service.anonymous().get("/readyz").status_code == 503)
    service.postgresql("start")
    wait_until(lambda: service.anonymous().get("/readyz").status_code == 200)
    made.append(unit_path(make_unit(admin)))
    here.await_subject(made[-1], seconds=30)
    assert list(dict.fromkeys(here.subjects())) == made


# ---- targets ----

@pytest.mark.parametrize("url", [
    "https://10.1.2.3/", "https://172.16.0.1/", "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data",
    "https://100.64.0.1/", "https://0.0.0.0/", "https://224.0.0.1/", "https://255.255.255.255/", "https://127.0.0.2/", "https://[::1]/",
    "https://[::]/", "https://[fe80::1]/", "https://[fc00::1]/", "https://[fd12::1]/", "https://[ff02::1]/", "https://[::ffff:10.0.0.1]/",
    "https://[::ffff:7f00:2]/", "https://[64:ff9b::a00:1]/", "https://[2002:a00:1::]/", "https://[2001:db8::1]/", "https://0x7f.2/",
    "https://2130706434/", "https://0177.0.0.2/", "http://8.8.8.8/", "http://receiver.example/", "ftp://receiver.example/", "file:///etc/passwd",
    "https://user:secret@receiver.example/", "https://receiver.example/#part", "receiver.example", "https://", "https:///x", "gopher://127.0.0.1/",
    "https://①②.34.5.6/", "https://bộ.example/", "https://receiver.example/sở",
])
def test_what_no_webhook_may_be_sent_to(sender, url):
    found = problem(sender.key("viewer").post("/v1/webhooks", json={"url": url}), 422, "invalid")
    assert found["errors"][0]["pointer"] == "/url", found


@pytest.mark.parametrize("url", ["https://8.8.8.8/", "https://[2606:4700::1111]/", "https://receiver.example:8443/a?b=c", "https://xn--b-cnm.example/s%E1%BB%9F", "http://127.0.0.1:9/"])
def test_what_a_webhook_may_be_sent_to(sender, url):
    answer = sender.key("viewer").post("/v1/webhooks", json={"url": url}, params={"dry_run": "true"})
    assert answer.status_code == 201, answer.text


def test_a_name_that_leads_to_a_private_address_is_refused_when_it_is_known(start, receiver):
    """Judged for the socket, after the name was resolved: also where the name led elsewhere before (DNS rebinding)."""
    service, here = start(THIDUA_WEBHOOK_ALLOW="public,10.0.0.0/8", http_proxy="http://127.0.0.1:1", https_proxy="http://127.0.0.1:1"), receiver()
    admin = service.key("admin")
    port = here.server.server_port
    hook = subscribe(admin, here, url=f"https://localhost:{port}/", types=["thidua.unit.created"])
    make_unit(admin)
    wait_until(lambda: deliveries(admin, hook, state="PARKED"))
    told = deliveries(admin, hook)[0]
    assert (told["error"], told["status"]) == ("the target's address is not allowed", None) and here.messages == []


def test_the_operators_list_is_asked_again_before_each_attempt(start, receiver):
    service, here = start(THIDUA_WEBHOOK_ALLOW="localhost", http_proxy="http://127.0.0.1:1"), receiver()
    admin = service.key("admin")
    hook = subscribe(admin, here, url=here.url.replace("127.0.0.1", "localhost"), types=["thidua.unit.created"])
    unit = make_unit(admin)
    here.await_subject(unit_path(unit))  # a listed name may be private and by http; a proxy of the environment is not used
    problem(admin.post("/v1/webhooks", json={"url": "https://receiver.example/"}), 422, "invalid")
    wait_until(lambda: deliveries(admin, hook))
    assert service.stop() == 0
    service = start(beside=service, THIDUA_WEBHOOK_ALLOW="public")
    admin = Client(service.base, admin.key)
    make_unit(admin)
    wait_until(lambda: deliveries(admin, hook, state="PARKED"))
    assert deliveries(admin, hook)[0]["error"] == "the target is not allowed" and len(here.messages) == 1


def certificate_of(place):
    """A key and a certificate for 127.0.0.1, for which no authority vouches."""
    key, certificate = (str(place / name) for name in ("key.pem", "cert.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "1", "-subj",
                    "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return key, certificate


def certified(place):
    """A receiver by https, and its certificate."""
    import ssl
    key, certificate = certificate_of(place)
    here = Receiver()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    here.server.socket = context.wrap_socket(here.server.socket, server_side=True)
    here.url = here.url.replace("http:", "https:")
    return here, certificate


@contextlib.contextmanager
def trusting(certificate, place, **more):
    """A service on a machine whose authorities vouch for the certificate."""
    known, all_ = "/etc/ssl/certs/ca-certificates.crt", place / "all.crt"
    all_.write_bytes(b"".join(open(name, "rb").read() for name in (known, certificate)))
    service = Service(make_place(), THIDUA_WEBHOOK_ALLOW="127.0.0.1, localhost", **{**PAUSES, **more})
    service.around = ["unshare", "--mount", "sh", "-c", f'mount --bind {all_} {known} && exec "$@"', "sh"]
    with serving(service):
        yield service


changes_authorities = pytest.mark.skipif(os.geteuid() != 0, reason="changes the authorities of this machine, in a mount namespace of its own")


def test_a_certificate_that_nobody_vouches_for_is_refused(sender, tmp_path):
    here, _ = certified(tmp_path)
    admin = sender.key("admin")
    hook = subscribe(admin, here, types=["thidua.unit.created"])
    make_unit(admin)
    wait_until(lambda: [d for d in deliveries(admin, hook) if "certificate" in d["error"]])
    assert here.messages == []
    here.close()


@changes_authorities
def test_a_certificate_of_an_authority_of_the_machine_is_taken_for_its_name_alone(tmp_path):
    here, certificate = certified(tmp_path)
    with trusting(certificate, tmp_path) as service:
        admin = service.key("admin")
        hook = subscribe(admin, here, url=here.url.replace("127.0.0.1", "localhost"), types=["thidua.unit.created"])
        secret = subscribe(admin, here, types=["thidua.unit.created"])["secret"]
        units = [unit_path(make_unit(admin)) for _ in range(3)]
        assert here.await_subject(units[-1]).signed_by(secret) == 1 and here.subjects() == units
        wait_until(lambda: [d for d in deliveries(admin, hook) if "certificate" in d["error"]])
        assert here.subjects() == units, "nothing by the other name"
    here.close()


# A receiver that speaks HTTP/2 too, as nearly all do.
NGINX = """
    server {{
        listen 127.0.0.1:{port} ssl http2;
        listen unix:{folder}/socket ssl http2;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        location / {{ return 204; }}
    }}
"""


@changes_authorities
def test_a_connection_that_fell_silent_is_not_used_again(tmp_path):
    """As where a machine on the way has forgotten it. By HTTP/2 every further attempt went there, until the event was parked."""
    key, certificate = certificate_of(tmp_path)
    port = free_port()
    there = Running("nginx", port, lambda folder: AROUND_NGINX.format(folder=folder, example=NGINX.format(port=port, folder=folder, certificate=certificate, key=key)))
    way = {"leads_to": str(there.folder / "socket")}
    with contextlib.closing(Host(**way)) as before, trusting(certificate, tmp_path, THIDUA_WEBHOOK_RETRY_SECONDS="1,1,1,1") as service:
        admin = service.key("admin")
        answer = admin.post("/v1/webhooks", json={"url": f"https://127.0.0.1:{before.port}/", "types": ["thidua.unit.created"]})
        hook = {"path": answer.headers["Location"]}
        make_unit(admin)
        wait_until(lambda: [d["state"] for d in deliveries(admin, hook)] == ["DELIVERED"])
        before.frozen.set()
        before.close()  # who comes now finds another way
        with contextlib.closing(Host(**way, port=before.port)):
            make_unit(admin)
            wait_until(lambda: [d["state"] for d in deliveries(admin, hook)] == ["DELIVERED"] * 2, seconds=15)
            assert (deliveries(admin, hook)[0]["attempts"], len(before.asked)) == (2, 1), "the first went the old way"
    there.stop()


# ---- secrets, owners ----

def test_after_a_rotation_both_secrets_sign_for_a_while(sender, receiver):
    admin, here = sender.key("admin"), receiver()
    hook = subscribe(admin, here, types=["thidua.unit.created"])
    path = f"{hook['path']}/rotate-secret"
    problem(admin.post(path, json={}), 428, "version-required")
    rotated = admin.post(path, json={"overlap_hours": 2}, headers={"If-Match": hook["etag"]})
    assert rotated.status_code == 200 and rotated.headers["Cache-Control"] == "no-store" and rotated.json()["previous_secret_until"]
    old, new = hook["secret"], rotated.json()["secret"]
    message = here.await_subject(unit_path(make_unit(admin)))
    assert old != new and (message.signed_by(old), message.signed_by(new)) == (1, 1)
    problem(admin.post(path, json={}, headers={"If-Match": hook["etag"]}), 412, "stale-version")
    at_once = admin.post(path, json={"overlap_hours": 0}, headers={"If-Match": rotated.headers["ETag"]})
    assert at_once.json()["previous_secret_until"] is None
    message = here.await_subject(unit_path(make_unit(admin)))
    assert [message.signed_by(s) for s in (old, new, at_once.json()["secret"])] == [0, 0, 1]


def test_no_secret_is_stored_or_told(sender, receiver):
    """Derived, so that a copy of the database signs nothing."""
    admin, here = sender.key("admin"), receiver()
    hook = subscribe(admin, here)
    rotated = admin.post(f"{hook['path']}/rotate-secret", json={}, headers={"If-Match": hook["etag"]}).json()
    here.await_subject(hook["path"])
    dump = sender.psql("SELECT string_agg(w::text, ' ') FROM webhooks w") + sender.psql("SELECT string_agg(j::text, ' ') FROM journal j")
    dump += sender.psql("SELECT string_agg(d::text, ' ') FROM webhook_deliveries d") + "".join(sender.log) + admin.get(hook["path"]).text
    for secret in (hook["secret"], rotated["secret"]):
        assert secret.removeprefix("whsec_") not in dump
    file = sender.var / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and file.stat().st_size >= 32


def test_under_another_key_a_webhook_waits_for_a_new_secret(start, receiver, tmp_path):
    """An instance that would sign wrongly sends nothing, says so, and what happened meanwhile is not lost."""
    service, here = start(), receiver()
    admin = service.key("admin")
    hook = subscribe(admin, here, types=["thidua.unit.created"])
    assert service.stop() == 0
    (tmp_path / "other.key").write_bytes(os.urandom(32))
    service = start(beside=service, THIDUA_SECRET_KEY=str(tmp_path / "other.key"))
    admin = Client(service.base, admin.key)
    unit = make_unit(admin)
    wait_until(lambda: "webhooks_of_another_secret_key" in "".join(service.log))
    assert here.messages == [] and admin.get(hook["path"]).json()["delivery"]["failures"] == 0
    rotated = admin.post(f"{hook['path']}/rotate-secret", json={}, headers={"If-Match": etag(admin, hook)}).json()
    assert rotated["previous_secret_until"] is None, "the one before can sign no more"
    message = here.await_subject(unit_path(unit))
    assert [message.signed_by(s) for s in (hook["secret"], rotated["secret"])] == [0, 1]


def test_without_a_key_of_secrets_there_are_no_webhooks(start, tmp_path):
    """Several instances with keys of their own would sign differently: beside a database of others it must be given."""
    one = start()
    two = Service(tmp_path, **one.urls()).start()
    viewer = Client(two.base, one.key("viewer").key)
    problem(viewer.post("/v1/webhooks", json={"url": "https://receiver.example/"}), 409, "conflict")
    assert viewer.get("/v1/webhooks").json()["items"] == []
    assert two.stop() == 0


def test_a_repeated_creation_is_answered_with_the_same_secret(sender, receiver):
    viewer, here = sender.key("viewer"), receiver()
    answers = [viewer.post("/v1/webhooks", json={"url": here.url}, headers={"Idempotency-Key": "w-1"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json() and len(viewer.get("/v1/webhooks").json()["items"]) == 1


def test_a_revoked_key_hears_of_nothing_more(sender, receiver):
    admin, here = sender.key("admin"), receiver()
    key = admin.post("/v1/keys", json={"name": "nghe", "roles": ["viewer"]}).json()
    hook = subscribe(Client(sender.base, key["key"]), here, types=["thidua.unit.created"])
    first = make_unit(admin)
    here.await_subject(unit_path(first))
    assert admin.delete(f"/v1/keys/{key['id']}").status_code == 200
    marker, there = make_unit(admin), receiver()
    subscribe(admin, there, types=["thidua.unit.created"], after=here.messages[-1].seq)
    there.await_subject(unit_path(marker))
    make_unit(admin)
    wait_until(lambda: len(there.messages) == 2)
    assert here.subjects() == [unit_path(first)]
    assert admin.get(hook["path"]).json()["state"] == "UNOWNED"


def test_an_expired_key_hears_of_nothing_more(sender, receiver):
    admin, here = sender.key("admin"), receiver()
    key = admin.post("/v1/keys", json={"name": "nghe", "roles": ["viewer"]}).json()
    hook = subscribe(Client(sender.base, key["key"]), here, types=["thidua.unit.created"])
    sender.psql(f"UPDATE keys SET expires_at = now() WHERE id = '{key['id']}'")
    there = receiver()
    subscribe(admin, there, types=["thidua.unit.created"])
    there.await_subject(unit_path(make_unit(admin)))
    make_unit(admin)
    wait_until(lambda: len(there.messages) == 2)
    assert here.messages == [] and admin.get(hook["path"]).json()["state"] == "UNOWNED"


def test_of_a_unit_hear_those_where_it_stands_when_it_is_sent(sender, receiver):
    """Moved: who is above it now, and no more who was. Taken over: who took over, too. What a key was not sent by then, it gets no more."""
    admin, campaign = sender.key("admin"), make_campaign(sender).rsplit("/", 1)[1]
    day = lambda ago: (datetime.date.today() - datetime.timedelta(days=ago)).isoformat()
    units = {name: make_unit(admin) for name in ("before", "after")}
    units["it"] = make_unit(admin, kind="PROVINCIAL_SUBUNIT", parent_id=units["before"]["id"])
    keys, here, hooks = {}, {}, {}

    def listen(name):
        keys[name], here[name] = sender.key("unit", units[name]["id"]), receiver()
        hooks[name] = subscribe(keys[name], here[name], campaign=campaign)

    def happens(doer):
        """Something about it; who heard of it, once everybody has heard of something later."""
        answer = keys[doer].put(f"{dossier}/documents/TO_TRINH", data=make_pdf(str(uuid.uuid4())),
                                headers={**PDF, "If-Match": keys[doer].get(dossier).headers["ETag"]})
        assert answer.status_code in (200, 201), answer.text
        already = {name: len(one.messages) for name, one in here.items()}
        for name, client in keys.items():
            assert client.post(f"{hooks[name]['path']}/test").status_code == 200
        wait_until(lambda: all(any(message.event["type"] == "thidua.webhook.tested" for message in one.messages[already[name]:]) for name, one in here.items()))
        seq = int(sender.psql(f"SELECT max(seq) FROM journal WHERE resource LIKE '{dossier}%' AND type LIKE 'document.%'"))
        return seq, {name for name, one in here.items() if seq in [message.seq for message in one.messages]}

    for name in units:
        listen(name)
    made = keys["it"].post("/v1/dossiers", json={"campaign": campaign, "year": 2024, "nominator_unit_id": units["it"]["id"]})
    assert made.status_code == 201, made.text
    dossier = made.headers["Location"]
    first, heard = happens("it")
    assert heard == {"before", "it"}
    moved = admin.merge(f"/v1/units/{units['it']['id']}", {"valid_from": day(20), "parent_id": units["after"]["id"]}, units["it"]["etag"])
    assert moved.status_code == 200, moved.text
    assert happens("it")[1] == {"after", "it"}
    assert keys["before"].post(f"{hooks['before']['path']}/deliveries/{first}/resend").status_code == 200
    found = wait_until(lambda: [d for d in deliveries(keys["before"], hooks["before"]) if d["seq"] == first and d["error"]])
    assert found[0]["error"] == "the owner's key may not read this event"
    units["heir"] = make_unit(admin, valid_from=day(10), succeeds={"kind": "MERGE", "legal_basis": "1/NQ", "predecessors": [units["it"]["id"]]})
    listen("heir")
    assert happens("heir")[1] == {"after", "it", "heir"}


def test_each_key_sees_and_changes_its_own(sender, receiver):
    """An admin may stop anybody's, but not turn it elsewhere: the events of an office are not the operator's."""
    viewer, other, admin, auditor = (sender.key(role) for role in ("viewer", "viewer", "admin", "auditor"))
    hook = subscribe(viewer, receiver())
    assert [h["id"] for h in viewer.get("/v1/webhooks").json()["items"]] == [hook["id"]]
    assert other.get("/v1/webhooks").json()["items"] == []
    for client in (admin, auditor):
        assert hook["id"] in {h["id"] for h in client.get("/v1/webhooks", params={"limit": 200}).json()["items"]}
    for client in (other, auditor):
        problem(client.merge(hook["path"], {"state": "PAUSED"}, hook["etag"]), 404, "not-found")
        problem(client.delete(hook["path"], headers={"If-Match": hook["etag"]}), 404, "not-found")
    problem(other.get(hook["path"]), 404, "not-found")
    problem(other.get(f"{hook['path']}/deliveries"), 404, "not-found")
    for change in ({"url": "https://mine.example/"}, {"types": None}, {"state": "PAUSED", "unit_id": None}):
        problem(admin.merge(hook["path"], change, hook["etag"]), 403, "forbidden")
    problem(admin.post(f"{hook['path']}/rotate-secret", json={}, headers={"If-Match": hook["etag"]}), 403, "forbidden")
    assert viewer.get(hook["path"]).json()["url"] == hook["url"]
    paused = admin.merge(hook["path"], {"state": "PAUSED"}, hook["etag"])
    assert paused.json()["state"] == "PAUSED"
    assert admin.delete(hook["path"], headers={"If-Match": paused.headers["ETag"]}).status_code == 204
    problem(viewer.get(hook["path"]), 404, "not-found")
    told = sender.psql(f"SELECT string_agg(type, ' ' ORDER BY id) FROM journal WHERE resource = '{hook['path']}'")
    assert told == "webhook.created webhook.changed webhook.deleted"


def test_only_the_owner_sees_more_of_a_url_than_its_host(sender):
    """Paths and queries of webhooks let in whoever knows them."""
    viewer, admin, auditor = (sender.key(role) for role in ("viewer", "admin", "auditor"))
    url = "https://receiver.example:8443/hooks/T0P-S3CRET?token=S3CRET"
    made = viewer.post("/v1/webhooks", json={"url": url})
    path, etag = made.headers["Location"], made.headers["ETag"]
    assert made.json()["url"] == viewer.get(path).json()["url"] == viewer.get("/v1/webhooks").json()["items"][0]["url"] == url
    shown = [client.get(path).json() for client in (admin, auditor)]
    shown += [item for client in (admin, auditor) for item in client.get("/v1/webhooks", params={"limit": 200}).json()["items"]
              if item["id"] == made.json()["id"]]
    assert [item["url"] for item in shown] == ["https://receiver.example:8443"] * 4
    assert viewer.merge(path, {"url": url + "&more"}, etag).json()["url"] == url + "&more"
    changed = viewer.post(f"{path}/rotate-secret", json={}, headers={"If-Match": viewer.get(path).headers["ETag"]})
    assert changed.json()["url"] == url + "&more"
    assert admin.merge(path, {"state": "PAUSED"}, admin.get(path).headers["ETag"]).json()["url"] == "https://receiver.example:8443"
    assert viewer.post(f"{path}/test").json()["url"] == url + "&more"
    viewer.delete(path, headers={"If-Match": viewer.get(path).headers["ETag"]}).raise_for_status()
    assert sender.psql(f"SELECT count(*), count(*) FILTER (WHERE coalesce(before::text, '') || coalesce(after::text, '') ~ 'S3CRET') "
                       f"FROM journal WHERE resource = '{path}'") == "6|0"


def test_refused_bodies_and_the_bound(sender):
    viewer = sender.key("viewer")
    fine = {"url": "https://receiver.example/"}
    for change, pointer in (({"types": ["unit.created"]}, "/types/0"), ({"types": ["thidua.unit.created; --"]}, "/types/0"),
                            ({"types": []}, "/types"), ({"campaign": "NONE"}, "/campaign"),
                            ({"unit_id": "00000000-0000-4000-8000-000000000000"}, "/unit_id"), ({"secret": "whsec_x"}, "/secret")):
        found = problem(viewer.post("/v1/webhooks", json={**fine, **change}), 422, "invalid")
        assert found["errors"][0]["pointer"] == pointer
    assert viewer.get("/v1/webhooks").json()["items"] == []
    for _ in range(20):
        assert viewer.post("/v1/webhooks", json=fine).status_code == 201
    problem(viewer.post("/v1/webhooks", json=fine), 409, "conflict")
    hook = viewer.get("/v1/webhooks").json()["items"][0]
    problem(viewer.merge(f"/v1/webhooks/{hook['id']}", {"state": "GONE"}, '"1"'), 422, "invalid")
    for one in viewer.get("/v1/webhooks").json()["items"]:
        assert viewer.delete(f"/v1/webhooks/{one['id']}", headers={"If-Match": '"1"'}).status_code == 204


def test_a_type_that_nothing_ever_has_is_refused_with_those_that_there_are(sender):
    """Who subscribes to thidua.decision.publish would wait for thidua.decision.published for ever."""
    viewer = sender.key("viewer")
    fine = {"url": "https://receiver.example/"}
    for wrong, hint in (("thidua.decision.publish", "thidua.decision.published"), ("thidua.decision.nonsense", "thidua.decision.signed"),
                        ("thidua.dossier", "thidua.dossier.*"), ("thidua.decisions.*", "thidua.decision.*"), ("thidua", "thidua.unit.*"),
                        ("*", "thidua.unit.*"), ("thidua.unit.*.*", "thidua.unit.created"), ("thidua.unit*", "thidua.unit.*")):
        found = problem(viewer.post("/v1/webhooks", json={**fine, "types": ["thidua.unit.created", wrong]}), 422, "invalid")
        assert [(e["pointer"], e["code"]) for e in found["errors"]] == [("/types/1", "unknown_type")], wrong
        assert hint in found["errors"][0]["detail"], found
    hook = viewer.post("/v1/webhooks", json={**fine, "types": ["thidua.*", "thidua.unit.*", "thidua.decision.published"]})
    assert hook.status_code == 201
    path = f"/v1/webhooks/{hook.json()['id']}"
    refused = problem(viewer.merge(path, {"types": ["thidua.unit.create"]}, hook.headers["ETag"]), 422, "invalid")
    assert refused["errors"][0]["pointer"] == "/types/0" and viewer.get(path).json()["types"] == hook.json()["types"]
    assert viewer.merge(path, {"types": None}, hook.headers["ETag"]).json()["types"] is None


def test_deliveries_by_page_and_state_and_the_history_is_bounded(sender, receiver):
    admin, here = sender.key("admin"), receiver()
    hook = subscribe(admin, here, types=["thidua.unit.created"])
    for _ in range(105):
        unit = make_unit(admin)
    here.await_subject(unit_path(unit))
    wait_until(lambda: deliveries(admin, hook, limit=1)[0]["seq"] == here.messages[-1].seq)
    found, query = [], {"limit": 60, "state": "DELIVERED"}
    while query:
        page = admin.get(f"{hook['path']}/deliveries", params=query).json()
        found += page["items"]
        query = page["next"] and {**query, "cursor": page["next"]}
    assert sum(d["attempts"] for d in found) == len([m for m in here.messages if m.seq >= found[-1]["seq"]])
    assert [d["seq"] for d in found] == sorted({m.seq for m in here.messages}, reverse=True)[:len(found)] and 100 <= len(found) <= 101
    assert deliveries(admin, hook, state="PENDING") == []
    problem(admin.get(f"{hook['path']}/deliveries", params={"state": "LOST"}), 400, "invalid-query")


def test_metrics_tell_of_webhooks(sender):
    text = sender.key("auditor").get("/metrics").text
    for name, kind in (("delivered_total", "counter"), ("failed_total", "counter"), ("parked", "gauge"), ("lag", "gauge")):
        assert f"# TYPE thidua_webhook_{name} {kind}\n" in text and re.search(rf"\nthidua_webhook_{name} \d+\n", text)


def test_numbers_that_were_passed_over_are_no_backlog(start, receiver):
    service, away = start(THIDUA_WEBHOOK_RETRY_SECONDS="600"), receiver(lambda message: 503)
    auditor = service.key("auditor")
    hook = subscribe(auditor, away)
    make_unit(service.key("admin"))
    wait_until(lambda: away.messages)
    assert service.command("restored").returncode == 0
    make_unit(service.key("admin"))
    behind = f"SELECT count(*) FROM journal WHERE seq > (SELECT position FROM webhooks WHERE id = '{hook['id']}')"
    wait_until(lambda: service.psql("SELECT count(*) FROM journal WHERE seq IS NULL") == "0")
    assert int(service.psql(behind)) >= 3
    wait_until(lambda: f"\nthidua_webhook_lag {service.psql(behind)}\n" in auditor.get("/metrics").text)


def test_webhooks_that_want_nothing_of_a_long_journal_take_turns_with_the_others(start, receiver):
    """Each looked through all that its filter passes by before anything was done for the next one, or an answer was taken."""
    service, quick = start(), receiver()
    keys = [service.key("admin") for _ in range(5)]
    assert "INSERT" in service.psql("INSERT INTO journal (actor_kind, actor_name, actor_roles, request_id, type, resource, restricted, after)"
                                    " SELECT 'SERVICE', 'thidua', '{}', 'x', 'webhook.gone', '/v1/webhooks/x', false, '{}' FROM generate_series(1, 8000)")
    wait_until(lambda: int(service.psql("SELECT count(*) FROM journal WHERE seq IS NOT NULL")) > 8000)
    for i in range(80):
        subscribe(keys[i % 4], quick, types=["thidua.scorecard.published"], after=0)
    subscribe(keys[4], quick, types=["thidua.unit.created"])
    unit = unit_path(make_unit(keys[4]))
    taken = []  # on, at once: what has come meanwhile waits until each of them has read what it asks for

    def arrived():
        taken.append(int(service.psql("SELECT count(*) FROM webhooks WHERE leased_by IS NOT NULL")))
        return unit in quick.subjects() and len(taken) >= 10
    wait_until(arrived, seconds=60)
    assert 0 < max(taken) <= 8 + 8 + 1, "eight of the quick, eight of the slow, and the delivery"
    assert int(service.psql("SELECT max(position) FROM webhooks WHERE types = '{thidua.scorecard.published}'")) < 6000
