"""Uploads whose COMMIT is lost, before or after PostgreSQL got it: the caller hears what is true, a repeat is right, and what lies there is whole."""
import base64
import hashlib
import uuid

import pytest

from conftest import make_unit
from dossier_tools import PDF, Dossier, Round, make_pdf
from proxies import CutAtCommit
from service import Client, Service, make_place, problem, serving, wait_until

SIZE = 900_000  # several chunks
FATES = {"kept, not heard of": ({"sent": True}, None), "not kept": ({"sent": False}, "unavailable"),
         "kept, nobody knows": ({"sent": True, "away": True}, "outcome-unknown"), "not kept, nobody knows": ({"sent": False, "away": True}, "outcome-unknown")}


class Ways:
    """Two instances on one PostgreSQL, of which one is behind a network that breaks."""

    def __init__(self, behind, cut, service):
        self.behind, self.proxy, self.service = behind, cut, service

    def elsewhere(self, client):
        return Client(self.behind.base, client.key)

    def back(self):
        self.proxy.away = False
        wait_until(lambda: self.service.anonymous().get("/readyz").status_code == 200)


@pytest.fixture(scope="module")
def ways():
    with serving(Service(make_place())) as behind:
        cut = CutAtCommit(behind)
        with serving(behind.beside(**cut.urls())) as service:
            yield Ways(behind, cut, service)
            verified = behind.command("verify")
            assert verified.returncode == 0, verified.stdout
        cut.stop()


@pytest.fixture(scope="module")
def dossier(ways):
    own = make_unit(ways.service.key("admin"))["id"]
    award_round = Round(ways.service)
    award_round.register(own)
    made = Dossier(ways.service.key("unit", own), award_round, own)
    assert made.client.put(f"{made.url}/nominations/{own}", json={}).status_code == 201
    made.evidence = f"{made.url}/nominations/{own}/evidence"
    return made


def is_told(answer, unknown):
    if unknown:
        problem(answer, 503, unknown)
    else:
        assert answer.status_code in (200, 201), answer.text


def stored(ways, dossier):
    """Documents, and chunks that belong to none."""
    kept = ways.behind.psql(f"SELECT count(*) FROM documents WHERE dossier_id = '{dossier.url.rsplit('/', 1)[1]}'")
    assert ways.behind.psql("SELECT count(*) FROM document_chunks c WHERE NOT EXISTS (SELECT FROM documents d WHERE d.id = c.document_id)") == "0"
    assert ways.behind.psql("SELECT count(*) FROM documents d WHERE size <> (SELECT sum(octet_length(bytes)) FROM document_chunks c WHERE c.document_id = d.id)") == "0"
    return int(kept)


@pytest.mark.parametrize("fate", FATES)
@pytest.mark.parametrize("evidence", [False, True], ids=["component", "evidence"])
def test_with_a_key_an_upload_is_stored_once(ways, dossier, fate, evidence):
    how, unknown = FATES[fate]
    content = make_pdf(uuid.uuid4().hex, size=SIZE)
    digest = hashlib.sha256(content)
    headers = {**PDF, "Idempotency-Key": f'"{uuid.uuid4()}"', "Repr-Digest": f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"}
    path = f"{dossier.evidence}?title=Giay" if evidence else f"{dossier.url}/documents/TO_TRINH"
    if not evidence and (now := dossier.client.get(path)).status_code == 200:
        headers["If-Match"] = now.headers["ETag"]
    before = stored(ways, dossier)
    ways.proxy.cut(digest.hexdigest(), **how)
    told = dossier.client.request("POST" if evidence else "PUT", path, data=content, headers=headers)
    assert ways.proxy.met.is_set()
    is_told(told, unknown)
    assert stored(ways, dossier) - before == how["sent"]
    ways.back()
    answers = [client.request("POST" if evidence else "PUT", path, data=content, headers=headers) for client in (ways.elsewhere(dossier.client), dossier.client)]
    assert stored(ways, dossier) - before == 1
    assert answers[0].status_code in (200, 201) and answers[1].headers["Idempotency-Replayed"] == "true"
    assert ("Idempotency-Replayed" in answers[0].headers) == how["sent"] and answers[0].content == answers[1].content
    read = ways.elsewhere(dossier.client).get(answers[0].json()["href"])
    assert read.content == content and read.headers["ETag"] == f'"{digest.hexdigest()}"'


@pytest.mark.parametrize("fate", FATES)
def test_a_file_of_many_rows_is_taken_whole_and_once(ways, fate):
    how, unknown = FATES[fate]
    name, admin = uuid.uuid4().hex, ways.service.key("admin")
    text = "name,kind,valid_from\n" + "".join(f"Đơn vị {name} {row},PROVINCIAL_BODY,2020-01-01\n" for row in range(200))
    headers = {"Content-Type": "text/csv", "Idempotency-Key": f'"{name}"'}
    ways.proxy.cut(name, **how)
    told = admin.post("/v1/imports?kind=units", data=text.encode(), headers=headers)
    assert ways.proxy.met.is_set()
    is_told(told, unknown)
    kept = f"SELECT count(*) FROM unit_periods WHERE name LIKE 'Đơn vị {name} %'"
    assert ways.behind.psql(kept) == ("200" if how["sent"] else "0")
    ways.back()
    assert [client.post("/v1/imports?kind=units", data=text.encode(), headers=headers).status_code for client in (ways.elsewhere(admin), admin)] == [201, 201]
    assert ways.behind.psql(kept) == "200"
