"""What goes to the archive of a dossier: one ZIP, whose metadata.json has the SHA-256 of each file."""
import hashlib
import io
import json
import zipfile

import jsonschema
import pytest

from contract import DOCUMENT
from dossier_tools import PDF, Dossier, Round, make_pdf
from service import problem
from test_papers import DOCX
from test_papers import PDF as PDF_TYPE

ZIP = "application/zip"


@pytest.fixture
def dossier(service, unit):
    """Of a commune below a district, with two pieces of evidence, a document of several pieces, and one that was replaced."""
    above = unit(kind="DISTRICT")["id"]
    own = unit(name="Xã Phú \"An\" & <Bình>", kind="COMMUNE", parent_id=above)["id"]
    held = Round(service)
    held.register(own)
    made = Dossier(service.key("unit", own), held, own).complete(own)
    made.above, made.unit, made.files = service.key("unit", above), own, {}
    assert made.put("documents/TO_TRINH", make_pdf("lại", 700_000), etag=made.etag()).status_code == 200
    for title in ("Giấy chứng nhận", "Ảnh"):
        assert made.client.post(f"{made.url}/nominations/{own}/evidence", params={"title": title}, data=make_pdf(title), headers=PDF).status_code == 201
    return made


def bundle(client, dossier):
    answer = client.get(f"{dossier.url}/bundle")
    assert answer.status_code == 200 and answer.headers["Content-Type"] == ZIP, answer.text
    packed = zipfile.ZipFile(io.BytesIO(answer.content))
    assert packed.testzip() is None
    return answer, packed, json.loads(packed.read("metadata.json"))


def test_it_holds_every_current_document_and_says_what_each_is(dossier):
    _, packed, metadata = bundle(dossier.client, dossier)
    schema = {"$ref": "#/components/schemas/Bundle", "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(schema).validate(metadata)
    assert packed.namelist() == ["metadata.json", *(f["name"] for f in metadata["files"] + metadata["papers"])]
    assert [(f["name"], f["unit_id"], f["title"]) for f in metadata["files"]] == [
        ("documents/0001-TO_TRINH.pdf", None, None), ("documents/0002-MINUTES.pdf", None, None),
        ("documents/0003-REPORT.pdf", dossier.unit, None), ("documents/0004-EVIDENCE.pdf", dossier.unit, "Giấy chứng nhận"),
        ("documents/0005-EVIDENCE.pdf", dossier.unit, "Ảnh")]
    listed = {d["sha256"]: d for d in dossier.get().json()["documents"]}
    for file in metadata["files"]:
        content = packed.read(file["name"])
        assert hashlib.sha256(content).hexdigest() == file["sha256"] and len(content) == file["size"]
        assert content == dossier.client.get(listed[file["sha256"]]["href"]).content
    assert sorted(f["sha256"] for f in metadata["files"]) == sorted(d["sha256"] for d in dossier.get().json()["documents"])
    assert metadata["withheld"] == []
    assert metadata["reports_left_out"] == 0
    for made in metadata["papers"]:
        content = packed.read(made["name"])
        assert hashlib.sha256(content).hexdigest() == made["sha256"] and len(content) == made["size"]
    assert metadata["nominations"][0]["unit_label"].startswith("Xã Phú \"An\" & <Bình>")


def test_its_papers_are_those_of_the_dossier(dossier):
    """As the same caller is given them one by one, byte by byte, whatever language it reads."""
    _, packed, metadata = bundle(dossier.client, dossier)
    places = {"LETTER": "", "MINUTES": "/minutes", "REPORT": f"/nominations/{dossier.unit}"}
    assert [(p["kind"], p["unit_id"]) for p in metadata["papers"]] == [
        pair for pair in (("LETTER", None), ("MINUTES", None), ("REPORT", dossier.unit)) for _ in range(2)]
    for made in metadata["papers"]:
        form = PDF_TYPE if made["name"].endswith(".pdf") else DOCX
        alone = dossier.client.get(dossier.url + places[made["kind"]], headers={"Accept": form, "Accept-Language": "en"})
        assert alone.status_code == 200 and alone.content == packed.read(made["name"])
    english = dossier.client.get(f"{dossier.url}/bundle", headers={"Accept-Language": "en"})
    assert english.content == dossier.client.get(f"{dossier.url}/bundle").content


def test_the_same_state_gives_the_same_bytes_and_another_does_not(dossier, clients):
    first, packed, _ = bundle(dossier.client, dossier)
    again, _, _ = bundle(clients["auditor"], dossier)
    assert first.content == again.content and first.headers["ETag"] == again.headers["ETag"]
    assert {i.date_time for i in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    known = dossier.client.get(f"{dossier.url}/bundle", headers={"If-None-Match": first.headers["ETag"]})
    assert known.status_code == 304 and known.content == b""
    assert dossier.client.merge(dossier.url, {"letter_number": "7/TTr-UBND"}, dossier.etag()).status_code == 200
    changed = dossier.client.get(f"{dossier.url}/bundle", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200 and changed.content != first.content


def test_it_says_no_more_than_the_dossier_says_to_the_same_caller(service, clients, unit, dossier):
    """Minutes are for whom the votes are for; who does not see the dossier does not learn of the bundle either."""
    whole, _, _ = bundle(clients["chair_office"], dossier)
    told, packed, metadata = bundle(dossier.above, dossier)
    assert [w["kind"] for w in metadata["withheld"]] == ["MINUTES"]
    assert "documents/0002-MINUTES.pdf" not in packed.namelist() and "documents/0001-TO_TRINH.pdf" in packed.namelist()
    assert {p["kind"] for p in metadata["papers"]} == {"LETTER", "REPORT"}
    assert told.headers["ETag"] != whole.headers["ETag"]
    path = f"{dossier.url}/bundle"
    problem(service.key("unit", unit()["id"]).get(path), 404, "not-found")
    problem(clients["viewer"].get(path), 403, "forbidden")
    problem(dossier.client.get(path, headers={"Accept": "application/json"}), 406, "not-acceptable")


def test_a_dossier_without_documents_has_one_too(service, unit):
    own = unit()["id"]
    held = Round(service)
    held.register(own)
    empty = Dossier(service.key("unit", own), held, own)
    _, packed, metadata = bundle(empty.client, empty)
    assert metadata["files"] == [] and {p["kind"] for p in metadata["papers"]} == {"LETTER", "MINUTES"}
    assert len(packed.namelist()) == 5


def test_what_is_too_much_for_one_file_is_refused_with_both_numbers(service, dossier):
    """A dossier holds more than a bundle may; no such one is made here, only its size in the database."""
    service.psql("ALTER TABLE documents DISABLE TRIGGER ALL")
    try:
        service.psql(f"UPDATE documents SET size = 600000000 WHERE dossier_id = '{dossier.id}' AND kind = 'TO_TRINH'")
    finally:
        service.psql("ALTER TABLE documents ENABLE TRIGGER ALL")
    found = problem(dossier.client.get(f"{dossier.url}/bundle"), 422, "too-much-work")
    assert str(512 * 1024 * 1024) in found["detail"] and "60000" in found["detail"]


def test_a_document_that_cannot_be_read_whole_is_no_bundle(service, dossier):
    """Rather none than one that lacks a page."""
    service.psql(f"DELETE FROM document_chunks c USING documents d WHERE d.id = c.document_id AND d.dossier_id = '{dossier.id}' AND c.number = 1")
    assert dossier.client.get(f"{dossier.url}/bundle").status_code >= 400
