"""THIDUA_TEMPORARY_MIB: uploads, papers, bundles and lists that are under way have a bound together, and who finds no room is told when to come again."""

import pytest

from conftest import make_unit
from dossier_tools import Dossier, Round, make_pdf
from service import Service, make_place, problem, serving, wait_until
from test_documents import raw
from test_metrics import Metrics

MIB = 1024 * 1024
MOST = 4
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def bounded():
    with serving(Service(make_place(), THIDUA_TEMPORARY_MIB=str(MOST))) as running:
        yield running


def held(service):
    return Metrics(service.key("auditor")).total("thidua_temporary_bytes")


def test_temporary_files_have_a_bound_together(bounded):
    own = make_unit(bounded.key("admin"))["id"]
    award_round = Round(bounded)
    award_round.register(own)
    dossier = Dossier(bounded.key("unit", own), award_round, own).complete(own)
    assert dossier.put("documents/TO_TRINH", make_pdf(size=2 * MIB), etag=dossier.etag()).status_code == 200
    asked = {"bundle": ("/bundle", "application/zip"), "paper": ("", "application/pdf"), "word": ("/minutes", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")}

    def ask(name):
        place, form = asked[name]
        return dossier.client.get(dossier.url + place, headers={"Accept": form})

    assert {ask(name).status_code for name in asked} == {200}
    known = {form: dossier.client.get(f"{dossier.url}/bundle", headers={"Accept": form}).headers["ETag"] for form in ("application/zip", "application/json")}
    assert len(set(known.values())) == 2
    wait_until(lambda: held(bounded) == 0)
    big = make_pdf(size=MOST * MIB - 1000)
    with raw(bounded, [f"PUT {dossier.url}/documents/MINUTES HTTP/1.1", "Content-Type: application/pdf", f"If-Match: {dossier.etag()}",
                       f"Content-Length: {len(big)}"], dossier.client) as slow:
        slow.sendall(big[:-1])
        wait_until(lambda: held(bounded) == len(big) - 1)
        no_room = Metrics(bounded.key("auditor")).total("thidua_no_room_total")
        upload = dossier.put("documents/TO_TRINH", make_pdf(size=2 * MIB), etag=dossier.etag())
        problem(upload, 507, "insufficient-storage")
        assert int(upload.headers["Retry-After"]) == 30
        for name in asked:
            refused = ask(name)
            assert "temporary files" in problem(refused, 503, "unavailable")["detail"] and int(refused.headers["Retry-After"]) == 30, name
        for form, etag in known.items():  # that nothing changed is found out without a file
            assert dossier.client.get(f"{dossier.url}/bundle", headers={"Accept": form, "If-None-Match": etag}).status_code == 304
        for form in ("text/csv", XLSX):  # CSV goes out without a file
            assert bounded.key("home_affairs").get("/v1/units", headers={"Accept": form}).status_code == (200 if form == "text/csv" else 503)
        assert dossier.get().status_code == 200, "what needs no file is answered"
        auditor = bounded.key("auditor")
        wait_until(lambda: Metrics(auditor).total("thidua_no_room_total") - no_room == 1 + len(asked) + 1)  # the upload, and each read that was refused
        slow.sendall(big[-1:])
        assert b" 200 " in slow.recv(65536).split(b"\r\n", 1)[0]
    wait_until(lambda: held(bounded) == 0)
    assert ask("paper").status_code == 200
    problem(ask("bundle"), 503, "unavailable")  # of itself it is larger now than all may be
    assert dossier.put("documents/MINUTES", make_pdf(), etag=dossier.etag()).status_code == 200
    assert ask("bundle").status_code == 200
    wait_until(lambda: held(bounded) == 0)


def test_what_a_workbook_gathers_counts_too(bounded):
    """Rows are gathered in a file and copied to another one before they are packed, to a tenth: only that counted."""
    assert "INSERT" in bounded.psql("""WITH made AS (INSERT INTO units (id) SELECT gen_random_uuid() FROM generate_series(1, 8000) RETURNING id)
        INSERT INTO unit_periods (unit_id, valid, name, kind) SELECT id, '[2020-01-01,)', 'Đơn vị ' || id, 'OTHER' FROM made""", user="postgres")
    admin = bounded.key("admin")
    refused = admin.get("/v1/units", headers={"Accept": XLSX})
    assert "temporary files" in problem(refused, 503, "unavailable")["detail"] and int(refused.headers["Retry-After"]) == 30
    wait_until(lambda: held(bounded) == 0)
    for form in ("text/csv", XLSX):
        assert admin.get("/v1/units", headers={"Accept": form}, params={"kind": "PROVINCIAL_BODY"}).status_code == 200
    assert admin.get("/v1/units", headers={"Accept": "text/csv"}).status_code == 200
    wait_until(lambda: held(bounded) == 0)


@pytest.mark.parametrize("form", ["text/csv", XLSX])
@pytest.mark.parametrize("most", [100, 40_000])
def test_a_file_that_may_not_grow_further_is_want_of_room(bounded, tmp_path, form, most):
    """ulimit -f, or LimitFSIZE= of a unit: the signal that comes with it ended the service, for all callers. A workbook is packed, so that
    there may be room for it where there was none for its rows: it came with as many as had found room, and no program could open it."""
    assert "INSERT" in bounded.psql("""WITH made AS (INSERT INTO units (id) SELECT gen_random_uuid() FROM generate_series(1, 300) RETURNING id)
        INSERT INTO unit_periods (unit_id, valid, name, kind) SELECT id, '[2020-01-01,)', 'Đơn vị ' || id, 'OTHER' FROM made""", user="postgres")
    other = Service(tmp_path, DATABASE_URL=bounded.urls()["DATABASE_URL"])
    other.around = ["prlimit", f"--fsize={most}"]
    admin = other.start().key("admin")
    refused = admin.get("/v1/units", headers={"Accept": form})
    assert "temporary files" in problem(refused, 503, "unavailable")["detail"] and int(refused.headers["Retry-After"]) == 30
    assert admin.get("/v1/units").status_code == 200 and other.stop() == 0
