"""What the tests of dossiers and of documents share: a round with contestants, papers, and the steps of a dossier's life."""
from conftest import make_campaign

PDF = {"Content-Type": "application/pdf"}


def make_pdf(text="Tờ trình", size=0):
    """A small valid PDF of one empty page, padded by a comment to `size` bytes."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"]
    out = b"%PDF-1.7\n% " + text.encode() + b"\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    tail = b"".join(b"%010d 00000 n \n" % place for place in places)
    fixed = len(out) + 200 + len(tail)
    if size > fixed:
        out += b"%" + b"\x5a" * (size - fixed) + b"\n"
    start = len(out)
    end = b"xref\n0 4\n0000000000 65535 f \n" + tail
    end += b"trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
    return out + end


class Round:
    """An award round of its own campaign, so that tests never meet."""

    def __init__(self, service, year=2024):
        self.service, self.year = service, year
        self.campaign = make_campaign(service).rsplit("/", 1)[1]
        self.home = service.key("home_affairs")

    def sql(self, text):
        answer = self.service.psql(text)
        assert "ERROR" not in answer, answer
        return answer

    def register(self, unit_id):
        """Enters the unit into the register of contestants, in the group of its kind."""
        group = {"PROVINCIAL_BODY": "SO_BAN_NGANH", "PROVINCIAL_SUBUNIT": "UNIT_UNDER_SO", "DISTRICT": "HUYEN",
                 "DISTRICT_SUBUNIT": "UNIT_UNDER_HUYEN", "COMMUNE": "XA"}[
                     self.home.get(f"/v1/units/{unit_id}", params={"on": f"{self.year}-12-01"}).json()["kind"]]
        made = self.home.put(f"/v1/campaigns/{self.campaign}/rounds/{self.year}/contestants/{unit_id}", json={
            "group": group, "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV"})
        assert made.status_code == 201, made.text


class Dossier:
    """A dossier in the hands of one client."""

    def __init__(self, client, award_round, nominator, **fields):
        self.client, self.round, self.nominator = client, award_round, nominator
        made = client.post("/v1/dossiers", json={"campaign": award_round.campaign, "year": award_round.year,
                                                 "nominator_unit_id": nominator, **fields})
        assert made.status_code == 201, made.text
        self.url, self.id = made.headers["Location"], made.json()["id"]

    def get(self, client=None):
        return (client or self.client).get(self.url)

    def etag(self):
        """As it stands; the auditor's view would do as well: the version leads."""
        return self.get().headers["ETag"]

    def nominate(self, unit_id, **body):
        return self.client.put(f"{self.url}/nominations/{unit_id}", json=body)

    def put(self, path, content=None, etag=None, **headers):
        if etag:
            headers["If-Match"] = etag
        return self.client.put(f"{self.url}/{path}", data=content or make_pdf(), headers={**PDF, **headers})

    def move(self, action, client=None, etag=None, **body):
        return (client or self.client).post(f"{self.url}/transitions", json={"action": action, **body},
                                            headers={"If-Match": etag or self.etag()})

    def complete_nominee(self, unit_id, **votes):
        assert self.nominate(unit_id, **votes).status_code == 201
        assert self.put(f"nominations/{unit_id}/documents/REPORT").status_code == 201

    def complete(self, *units, **votes):
        """Nominates, and hands in every component of III.3."""
        for unit_id in units:
            self.complete_nominee(unit_id, **votes)
        assert self.put("documents/TO_TRINH").status_code == 201
        assert self.put("documents/MINUTES").status_code == 201
        return self
