"""A dossier's papers as streamed PDF bodies (III.3): whole, exact, in bounded memory, or not at all."""
import base64
import concurrent.futures
import hashlib
import itertools
import os
import pathlib
import re
import socket
import urllib.parse

import pytest
import requests

from dossier_tools import PDF, Dossier, make_pdf
from service import problem, wait_until
from test_dossiers import award_round, dossier, nominator, unchanged  # noqa: F401 (fixtures)
from test_hygiene import others_ask

MIB = 1024 * 1024
LETTER = "documents/TO_TRINH"


def digest(content, algorithm="sha-256", colons=":"):
    return f"{algorithm}={colons}{base64.b64encode(hashlib.sha256(content).digest()).decode()}{colons}"


def random_pdf(size):
    """Bytes that differ everywhere, so that a chunk lost, doubled or out of order shows."""
    content = make_pdf(size=size)
    at = content.index(b"\x5a\x5a\x5a")
    fill = content.count(b"\x5a", at)
    noise = os.urandom(fill).replace(b"\n", b"-").replace(b"\r", b"-")
    return content[:at] + noise + content[at + fill:]


def raw(service, lines, client):
    """A socket on which a request's head was sent."""
    address = urllib.parse.urlsplit(service.base)
    connection = socket.create_connection((address.hostname, address.port), timeout=30)
    head = "\r\n".join([*lines, f"Host: {address.netloc}", f"Authorization: {client.headers['Authorization']}", "", ""])
    connection.sendall(head.encode())
    return connection


# ---- there and back ----

@pytest.mark.parametrize("size", [0, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 3 * MIB + 17])
def test_what_is_stored_comes_back_byte_for_byte(dossier, nominator, size):
    content = random_pdf(size) if size else make_pdf()
    stored = dossier.put(LETTER, content)
    sha256 = hashlib.sha256(content).hexdigest()
    assert stored.status_code == 201 and stored.headers["Location"] == f"{dossier.url}/{LETTER}"
    assert (stored.json()["sha256"], stored.json()["size"], stored.json()["kind"]) == (sha256, len(content), "TO_TRINH")
    read = nominator.get(f"{dossier.url}/{LETTER}")
    assert read.content == content and read.headers["ETag"] == f'"{sha256}"'
    assert read.headers["Content-Type"] == "application/pdf" and read.headers["Content-Length"] == str(len(content))
    assert re.fullmatch(r'attachment; filename="to-trinh-2024-[0-9a-f]{8}\.pdf"', read.headers["Content-Disposition"])
    head = nominator.head(f"{dossier.url}/{LETTER}")
    assert head.status_code == 200 and head.content == b""
    for name in ("ETag", "Content-Length", "Content-Type", "Content-Disposition"):
        assert head.headers[name] == read.headers[name]
    again = nominator.get(f"{dossier.url}/{LETTER}", headers={"If-None-Match": read.headers["ETag"]})
    assert again.status_code == 304 and again.content == b""


def test_a_connection_serves_on_after_a_stream(dossier, nominator):
    content = random_pdf(MIB)
    dossier.put(LETTER, content)
    for _ in range(5):
        assert nominator.get(f"{dossier.url}/{LETTER}").content == content
        assert nominator.get(dossier.url).status_code == 200


def test_chunked_uploads_and_uploads_that_ask_first(service, dossier, nominator):
    content = random_pdf(MIB)
    pieces = (content[at:at + 70000] for at in range(0, len(content), 70000))
    assert nominator.put(f"{dossier.url}/{LETTER}", data=pieces, headers=PDF).status_code == 201
    assert nominator.get(f"{dossier.url}/{LETTER}").content == content
    with raw(service, [f"PUT {dossier.url}/documents/MINUTES HTTP/1.1", "Content-Type: application/pdf",
                       f"Content-Length: {len(content)}", "Expect: 100-continue"], nominator) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(content)
        assert connection.recv(1000).startswith(b"HTTP/1.1 201 ")


def test_chunks_with_short_extensions_may_pause(service, dossier, nominator):
    """As signed uploads have them. What stands between chunks is bounded by how much there is in them."""
    content, port = random_pdf(2 * MIB), service.port
    with raw(service, [f"PUT {dossier.url}/{LETTER} HTTP/1.1", "Content-Type: application/pdf", "Transfer-Encoding: chunked"], nominator) as connection:
        for at in range(0, len(content), 8192):
            piece = content[at:at + 8192]
            connection.sendall(b"%x;chunk-signature=%s\r\n%s\r\n" % (len(piece), b"0" * 64, piece))
            if at == MIB:
                others_ask(port, 0.4)
        connection.sendall(b"0\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 201 ")
    assert nominator.get(f"{dossier.url}/{LETTER}").content == content


@pytest.mark.parametrize("sizes", [[1], [1, 16000, 5, 16384, 16385, 3, 40000, 16383]], ids=["of one byte", "of many sizes"])
def test_a_paper_in_small_chunks_is_whole_and_costs_no_write_for_each(service, dossier, nominator, sizes):
    content = random_pdf(MIB)
    step, at, wire = itertools.cycle(sizes), 0, []
    while at < len(content):
        piece = content[at:at + next(step)]
        wire.append(b"%x\r\n%s\r\n" % (len(piece), piece))
        at += len(piece)
    writes = lambda: int(re.search(r"syscw: (\d+)", pathlib.Path(f"/proc/{service.process.pid}/io").read_text(encoding="ascii"))[1])
    before = writes()
    with raw(service, [f"PUT {dossier.url}/{LETTER} HTTP/1.1", "Content-Type: application/pdf", "Transfer-Encoding: chunked"], nominator) as connection:
        connection.sendall(b"".join(wire) + b"0\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 201 ")
    assert writes() - before < 1000
    assert nominator.get(f"{dossier.url}/{LETTER}").content == content


def test_replacing_keeps_the_old_version(service, dossier, nominator):
    first, second, third = make_pdf("một"), make_pdf("hai"), make_pdf("ba")
    made = dossier.put(LETTER, first)
    before = unchanged(service)
    problem(dossier.put(LETTER, second), 428, "version-required")
    problem(dossier.put(LETTER, second, '"1-0000000000000000"'), 412, "stale-version")
    problem(dossier.put(LETTER, second, '"%s"' % hashlib.sha256(second).hexdigest()), 412, "stale-version")
    assert unchanged(service) == before
    assert dossier.put(LETTER, second, made.headers["ETag"]).status_code == 200  # the dossier's version
    assert dossier.put(LETTER, third, nominator.get(f"{dossier.url}/{LETTER}").headers["ETag"]).status_code == 200  # its own
    assert nominator.get(f"{dossier.url}/{LETTER}").content == third
    items = nominator.get(dossier.url + "/documents").json()["items"]
    assert [(d["state"], nominator.get(d["href"]).content) for d in items] == [
        ("SUPERSEDED", first), ("SUPERSEDED", second), ("CURRENT", third)]
    assert [d["sha256"] for d in dossier.get().json()["documents"]] == [hashlib.sha256(third).hexdigest()]


def test_a_removed_document_is_missing_but_kept(dossier, nominator):
    made = dossier.put(LETTER).json()
    problem(nominator.delete(f"{dossier.url}/{LETTER}"), 428, "version-required")
    gone = nominator.delete(f"{dossier.url}/{LETTER}", headers={"If-Match": dossier.etag()})
    assert gone.status_code == 200 and "TO_TRINH" in [m["kind"] for m in gone.json()["missing"]]
    problem(nominator.get(f"{dossier.url}/{LETTER}"), 404, "not-found")
    assert nominator.get(made["href"]).status_code == 200
    problem(nominator.delete(f"{dossier.url}/{LETTER}", headers={"If-Match": dossier.etag()}), 404, "not-found")


def test_documents_cannot_be_changed_in_the_database(service, dossier):
    made = dossier.put(LETTER).json()
    for change in ("UPDATE documents SET sha256 = repeat('0', 64)", "DELETE FROM documents",
                   "UPDATE document_chunks SET bytes = 'x'", "DELETE FROM document_chunks"):
        assert "permission denied" in service.psql(change, user="thidua_app")
    stored = service.psql("SELECT encode(sha256(string_agg(bytes, ''::bytea ORDER BY number)), 'hex') FROM document_chunks "
                          f"WHERE document_id = '{made['id']}'")
    assert stored == made["sha256"]


def test_evidence_is_added_until_the_dossier_is_decided(service, clients, dossier, nominator):
    url = f"{dossier.url}/nominations/{nominator.below}/evidence"
    problem(nominator.post(url, data=make_pdf(), headers=PDF), 404, "not-found")  # not nominated yet
    dossier.complete(nominator.below).move("lodge")
    first = nominator.post(url, params={"title": "Quyết định công nhận sáng kiến"}, data=make_pdf("một"), headers=PDF)
    second = nominator.post(url, data=make_pdf("hai"), headers=PDF)
    assert first.status_code == second.status_code == 201 and first.json()["title"] == "Quyết định công nhận sáng kiến"
    assert clients["auditor"].get(first.headers["Location"]).content == make_pdf("một")
    gone = nominator.delete(second.headers["Location"], headers={"If-Match": dossier.etag()})
    assert [d["id"] for d in gone.json()["documents"] if d["kind"] == "EVIDENCE"] == [first.json()["id"]]
    dossier.move("withdraw", reason="Rút")
    before = unchanged(service)
    problem(nominator.post(url, data=make_pdf(), headers=PDF), 409, "conflict")
    assert unchanged(service) == before


def test_a_report_needs_its_nomination(service, dossier, nominator):
    before = unchanged(service)
    problem(dossier.put(f"nominations/{nominator.below}/documents/REPORT"), 404, "not-found")
    assert unchanged(service) == before


# ---- what is no whole PDF is not stored ----

@pytest.mark.parametrize("content, code", [
    (b"GIF89a" + make_pdf()[5:], "pdf"), (b"<html>" * 200 + make_pdf(), "pdf"), (make_pdf()[:-8], "pdf_truncated"),
    (random_pdf(MIB)[:500000], "pdf_truncated"), (b"", "pdf"), (b"%PDF", "pdf")],
    ids=["a picture", "too far in", "no end", "half", "empty", "short"])
def test_what_is_no_whole_pdf_is_refused(service, dossier, content, code):
    before = unchanged(service)
    answer = dossier.client.put(f"{dossier.url}/{LETTER}", data=content, headers=PDF)
    assert problem(answer, 422, "invalid")["errors"][0]["code"] == code
    assert unchanged(service) == before


def test_the_wrong_media_type_is_415(service, dossier):
    before = unchanged(service)
    for media_type in ("application/json", "application/pdfx", "image/png"):
        answer = dossier.client.put(f"{dossier.url}/{LETTER}", data=make_pdf(), headers={"Content-Type": media_type})
        problem(answer, 415, "unsupported-media-type")
    assert unchanged(service) == before


@pytest.mark.parametrize("field", ["Repr-Digest", "Digest"])
def test_an_announced_digest_is_checked(service, dossier, field):
    content, other = make_pdf("một"), make_pdf("hai")
    before = unchanged(service)
    for wrong in (digest(other), digest(other, "SHA-256", ""), "sha-256=:no base64!:", "sha-256=::", f"{digest(content)}, {digest(other)}"):
        found = problem(dossier.put(LETTER, content, **{field: wrong}), 422, "invalid")
        assert found["errors"][0]["code"] == "digest"
    assert unchanged(service) == before
    right = digest(content, "SHA-256", "") if field == "Digest" else "sha-512=:AAAA:, " + digest(content)
    assert dossier.put(LETTER, content, **{field: right}).status_code == 201


def test_26_mib_are_refused_before_they_are_sent(service, dossier, nominator):
    before = unchanged(service)
    with raw(service, [f"PUT {dossier.url}/{LETTER} HTTP/1.1", "Content-Type: application/pdf",
                       f"Content-Length: {26 * MIB}"], nominator) as connection:
        assert connection.recv(1000).startswith(b"HTTP/1.1 413 ")
    assert unchanged(service) == before


def test_more_than_25_mib_in_chunks_are_refused(service, dossier, nominator):
    content = make_pdf(size=25 * MIB + 5000)
    before = unchanged(service)
    pieces = (content[at:at + MIB] for at in range(0, len(content), MIB))
    problem(nominator.put(f"{dossier.url}/{LETTER}", data=pieces, headers=PDF), 413, "body-too-large")
    assert unchanged(service) == before


def test_an_interrupted_upload_stores_nothing(service, dossier, nominator):
    content, before = random_pdf(2 * MIB), unchanged(service)
    cut_off = lambda: sum('"method":"PUT"' in line and '"status":0' in line for line in list(service.log))
    already = cut_off()
    for framing in (f"Content-Length: {len(content)}", "Transfer-Encoding: chunked"):
        with raw(service, [f"PUT {dossier.url}/{LETTER} HTTP/1.1", "Content-Type: application/pdf", framing],
                 nominator) as connection:
            # Chunked: the first chunk is whole and ends like a PDF, only the last one never comes.
            chunk = b"%x\r\n%s\r\n" % (len(content), content)
            connection.sendall(chunk if "chunked" in framing else content[:MIB])
    wait_until(lambda: cut_off() == already + 2)
    assert unchanged(service) == before
    assert nominator.get(dossier.url).json()["documents"] == []


def test_a_paper_for_which_the_database_has_no_room_is_507(service, dossier):
    """RFC 4918 section 11.5: nothing is stored, and it may be sent again later."""
    service.psql("""CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$;
                    CREATE TRIGGER full_disk BEFORE INSERT ON document_chunks FOR EACH ROW EXECUTE FUNCTION full_disk()""")
    try:
        refused = dossier.put(LETTER, random_pdf(MIB))
    finally:
        service.psql("DROP FUNCTION full_disk CASCADE")
    problem(refused, 507, "insufficient-storage")
    assert int(refused.headers["Retry-After"]) >= 10
    assert dossier.put(LETTER, random_pdf(MIB)).status_code == 201


def test_of_concurrent_uploads_one_is_stored(service, dossier, nominator):
    """The schedule: all find the place empty, then each fills it."""
    papers = [random_pdf(MIB + n) for n in range(4)]

    def put(content):
        return requests.put(f"{service.base}{dossier.url}/{LETTER}", data=content, timeout=60,
                            headers={**PDF, "Authorization": nominator.headers["Authorization"]}).status_code
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(put, papers))
    assert sorted(codes) == [201, 428, 428, 428]
    assert nominator.get(f"{dossier.url}/{LETTER}").content == papers[codes.index(201)]
    assert len(nominator.get(dossier.url + "/documents").json()["items"]) == 1


# ---- clients that go away ----

def test_readers_that_go_away_break_nothing(service, dossier, nominator):
    """The service never touches a request that has ended, nor keeps one that nobody waits for."""
    content = random_pdf(8 * MIB)
    dossier.put(LETTER, content)
    for n in range(40):
        connection = raw(service, [f"GET {dossier.url}/{LETTER} HTTP/1.1"], nominator)
        if n % 4:
            connection.recv(1 << (n % 20))
        if n % 3 == 0:  # reset instead of an orderly end
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        connection.close()
    assert nominator.get(f"{dossier.url}/{LETTER}").content == content
    wait_until(lambda: re.search(r"^thidua_client_connections (\d+)", service.anonymous().get("/metrics").text, re.M)
               and int(re.search(r"^thidua_client_connections (\d+)", service.anonymous().get("/metrics").text, re.M)[1]) < 30)
    assert service.process.poll() is None


# ---- memory: constant, whatever is carried ----

def resident(service, field="VmRSS"):
    with open(f"/proc/{service.process.pid}/status", encoding="ascii") as status:
        return int(re.search(rf"^{field}:\s+(\d+) kB", status.read(), re.M)[1])


def forget_peak(service):
    with open(f"/proc/{service.process.pid}/clear_refs", "w", encoding="ascii") as file:
        file.write("5")  # VmHWM starts anew


def transfer(service, dossier, content):
    answers = []  # 503: the workers are busy with the others for longer than a write may wait; it is asked again as it is told
    wait_until(lambda: answers.append(dossier.put(LETTER, content)) or answers[-1].status_code != 503, seconds=120)
    assert answers[-1].status_code == 201, answers[-1].text
    seen = hashlib.sha256()
    with requests.get(f"{service.base}{dossier.url}/{LETTER}", stream=True, timeout=60,
                      headers={"Authorization": dossier.client.headers["Authorization"]}) as answer:
        for piece in answer.iter_content(65536):
            seen.update(piece)
    return seen.hexdigest()


@pytest.mark.memory
@pytest.mark.parametrize("at_once, room_kib", [(1, 2 * 1024), (8, 8 * 2 * 1024)])
def test_a_transfer_of_25_mib_adds_at_most_2_mib(service, nominator, award_round, at_once, room_kib):
    content = random_pdf(25 * MIB - 4096)
    small = [Dossier(nominator, award_round, nominator.top) for _ in range(at_once)]
    big = [Dossier(nominator, award_round, nominator.top) for _ in range(at_once)]
    for one in big + small:  # a session of its own for each: requests.Session is not for several threads
        one.client = service.anonymous()
        one.client.headers["Authorization"] = nominator.headers["Authorization"]
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        list(pool.map(lambda one: transfer(service, one, make_pdf()), small))  # connections and threads are up
        before = resident(service)
        forget_peak(service)
        found = list(pool.map(lambda one: transfer(service, one, content), big))
    assert found == [hashlib.sha256(content).hexdigest()] * at_once
    added = resident(service, "VmHWM") - before
    print(f"{at_once} at once: {added} KiB added at the peak")
    assert added <= room_kib


# ---- how much there may be ----

def hold(service, dossier, nominator, size, count=1):
    """As many replaced documents, by the nominator's key, as if they had come."""
    by = service.psql(f"SELECT DISTINCT recorded_by FROM documents WHERE dossier_id = '{dossier.id}'")
    made = service.psql("INSERT INTO documents (dossier_id, kind, unit_id, sha256, recorded_by, superseded_at, size) "
                        f"SELECT '{dossier.id}', 'EVIDENCE', '{nominator.below}', repeat('0', 64), '{by}', clock_now(), {size} "
                        f"FROM generate_series(1, {count})")
    assert made == f"INSERT 0 {count}"


def test_the_documents_of_a_dossier_are_bounded(service, dossier, nominator):
    """Documents are never deleted: what was replaced counts too."""
    first, second = make_pdf(), make_pdf(size=MIB)
    assert dossier.put(LETTER, first).status_code == 201
    hold(service, dossier, nominator, 2048 * MIB - len(first) - len(second))
    beyond = problem(dossier.put(LETTER, make_pdf(size=MIB + 1000), etag=dossier.etag()), 409, "conflict")
    assert re.search(r"have 214748\d{4} bytes; at most 2147483648", beyond["detail"])
    assert dossier.put(LETTER, second, etag=dossier.etag()).status_code == 200
    problem(dossier.put(LETTER, first, etag=dossier.etag()), 409, "conflict")


def test_a_key_uploads_so_many_documents_a_day(service, dossier, nominator):
    assert dossier.put(LETTER).status_code == 201
    hold(service, dossier, nominator, 1, 998)
    assert dossier.put(LETTER, etag=dossier.etag()).status_code == 200
    refused = dossier.put(LETTER, etag=dossier.etag())
    assert "1000 documents" in problem(refused, 429, "too-many-requests")["detail"] and int(refused.headers["Retry-After"]) > 60
    service.psql(f"UPDATE documents SET recorded_at = recorded_at - interval '1 day' WHERE dossier_id = '{dossier.id}'")
    assert dossier.put(LETTER, etag=dossier.etag()).status_code == 200
