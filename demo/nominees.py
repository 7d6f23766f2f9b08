"""The nominees of the demo round: real bodies, invented figures, so that every outcome of a criterion can be seen.

Each step looks at what is there first, so loading again, or after being cut off, does no harm."""
from decimal import Decimal

ROUND = "/v1/campaigns/230-KH-UBND/rounds/2024"
INVENTED = "Số liệu giả định, chỉ để trình diễn"
FRAME = [("1", "Công tác chỉ đạo, điều hành", "10.00"), ("2", "Cải cách thể chế", "10.00"), ("3", "Cải cách thủ tục hành chính", "20.00"),
         ("4", "Cải cách tổ chức bộ máy", "10.00"), ("5", "Cải cách chế độ công vụ", "15.00"), ("6", "Cải cách tài chính công", "10.00"),
         ("7", "Xây dựng chính quyền điện tử, chính quyền số", "15.00"), ("8", "Tác động của cải cách hành chính", "10.00")]
# Body, points lost in field 3, how far the index has come, and what else there is to see.
NOMINEES = [
    ("Sở Y tế", "3.45", "approved", None),  # 96,55 %
    ("Sở Giáo dục và Đào tạo", "10.00", "approved", None),  # exactly 90 %: passes (III.1.b)
    ("Sở Tài chính", "10.05", "approved", None),  # 89,95 %: fails though it prints as 90,0
    ("Sở Tư pháp", "4.20", "approved", "discipline"),  # III.1.d
    ("Huyện Lộc Ninh", "5.10", "approved", None),
    ("Thành phố Đồng Xoài", "4.75", "approved", "proceedings"),  # deferred, not refused
    ("Huyện Đồng Phú", "6.00", "final", None),  # no approved index yet: open, not failed
]
BELOW = ("Sở Y tế", "Văn phòng Sở Y tế")  # nominated by its parent; not on the list of assessed units: III.1.b does not apply


def pdf(title):
    """A small valid PDF whose document information says what it is: invented."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
               b"<</Title<feff%s>>>" % f"{title}. {INVENTED}".encode("utf-16-be").hex().encode()]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + (b"xref\n0 5\n0000000000 65535 f \n" + table + b"trailer<</Size 5/Root 1 0 R/Info 4 0 R>>\n"
                  b"startxref\n%d\n%%%%EOF\n" % len(out))


class Nomination:
    """One nominator's way to the decision: `own` is its key, the others are those of the offices."""

    def __init__(self, units, name, own, offices):
        self.units, self.name, self.unit, self.own, self.offices = units, name, units[name], own, offices
        self.card = f"/v1/scores/{self.unit}/2024"

    def move(self, who, path, action, **body):
        etag = who.get(path)[1]
        return who.ask("POST", f"{path}/transitions", {"action": action, **body}, If_Match=etag)[0]

    def score(self, lost, until):
        frame = "huyen" if self.name.startswith(("Huyện", "Thành phố")) else "so"
        leaves = [(code, str(Decimal(most) - Decimal(lost if code == "3" else 0))) for code, _, most in FRAME]
        self.own.put_new(self.card, {"frame": frame, "leaves": [{"code": c, "self_points": p} for c, p in leaves]})
        home, chair = self.offices["home_affairs_of_another_body"], self.offices["chair_office"]
        state = home.get(self.card)[0]["state"]
        if state == "SELF_DRAFT":
            state = self.move(self.own, self.card, "submit")["state"]
        if state == "SELF_SUBMITTED":
            home.ask("PUT", f"{self.card}/appraisal", {"leaves": [{"code": c, "appraised_points": p} for c, p in leaves]},
                     If_Match=home.get(self.card)[1])
            state = self.move(home, self.card, "appraise")["state"]
        if state == "APPRAISED":
            state = self.move(home, self.card, "finalise")["state"]
        if state == "FINAL" and until == "approved":
            self.move(chair, self.card, "approve", decision_number="310/QĐ-UBND", decision_date="2025-02-10")

    def innovate(self, names):
        council = self.offices["initiative_council"]
        for name in names:
            held = council.get("/v1/initiatives", unit_id=self.units[name])[0]["items"]
            made = held[0] if held else self.own.ask("POST", "/v1/initiatives", {
                "unit_id": self.units[name], "title": f"Rút ngắn thời gian giải quyết thủ tục tại {name}", "summary": INVENTED,
                "kind": "SOLUTION", "applied_from": "2024-03-01"})[0]
            if not made["recognitions"]:
                path = f"/v1/initiatives/{made['id']}"
                council.ask("PUT", f"{path}/recognition", {
                    "council": "PROVINCIAL", "outcome": "RECOGNISED", "recognised_on": "2025-01-20", "decision_number": "88/QĐ-HĐSK"},
                    If_Match=council.get(path)[1])

    def nominate(self, names):
        """Lodged today, but received by Sở Nội vụ on paper in time: it alone may record that (III.4.a)."""
        home = self.offices["home_affairs_of_another_body"]
        held = self.own.get("/v1/dossiers", campaign="230-KH-UBND", year=2024, nominator_unit_id=self.unit)[0]["items"]
        made = held[0] if held else self.own.ask("POST", "/v1/dossiers", {
            "campaign": "230-KH-UBND", "year": 2024, "nominator_unit_id": self.unit})[0]
        path = f"/v1/dossiers/{made['id']}"
        if made["state"] == "DRAFT":
            self.own.ask("PATCH", path, {"letter_number": "1/TTr-DEMO", "letter_date": "2024-12-18", "minutes_date": "2024-12-16"},
                         If_Match=self.own.get(path)[1], Content_Type="application/merge-patch+json")
            papers = {"documents/TO_TRINH": "Tờ trình", "documents/MINUTES": "Biên bản họp"}
            for name in names:
                self.own.put_new(f"{path}/nominations/{self.units[name]}", {
                    "votes_for": 8, "votes_against": 0, "votes_abstain": 0, "members_present": 8, "members_total": 9,
                    "confirmed_by": INVENTED, "confirmed_on": "2024-12-17"})
                papers[f"nominations/{self.units[name]}/documents/REPORT"] = f"Báo cáo thành tích của {name}"
            for place, title in papers.items():
                self.own.put_new(f"{path}/{place}", pdf(title), Content_Type="application/pdf")
            made = self.move(self.own, path, "lodge")
        if made["state"] == "LODGED":
            self.move(home, path, "accept", received_at="2024-12-20T09:00:00+07:00", source=f"Sổ công văn đến. {INVENTED}")

    def trouble(self, kind):
        home = self.offices["home_affairs_of_another_body"]
        if kind == "discipline" and not home.get("/v1/discipline-records", unit_id=self.unit)[0]["items"]:
            home.ask("POST", "/v1/discipline-records", {
                "unit_id": self.unit, "person_name": "Nhân vật giả định", "position": "KEY_LEADER_DEPUTY", "regime": "CIVIL_SERVANT",
                "level": "KHIEN_TRACH", "decision_number": "7/QĐ-DEMO", "decision_date": "2024-05-02", "effective_from": "2024-05-02"})
        if kind == "proceedings" and not home.get("/v1/proceedings", unit_id=self.unit)[0]["items"]:
            home.ask("POST", "/v1/proceedings", {"unit_id": self.unit, "kind": "INSPECTION", "opened_on": "2025-02-20", "subject": INVENTED})


def enter_frames(home):
    for name, tier in (("so", "SO"), ("huyen", "HUYEN")):
        home.put_new(f"/v1/score-frames/{name}/2024", {"tier": tier, "legal_basis": INVENTED, "nodes": [
            {"code": code, "text_vi": text, "kind": "NORMAL", "maximum": most} for code, text, most in FRAME]})


def is_done(home, unit):
    """Acceptance of the dossier is the last step."""
    held = home.get("/v1/dossiers", campaign="230-KH-UBND", year=2024, nominator_unit_id=unit)[0]["items"]
    return any(dossier["state"] not in ("DRAFT", "LODGED") for dossier in held)


def enter_nominees(admin, offices, units, client):
    """`client(key)` makes a client; `units` is name → id. Each nominator gets a key for as long as this takes."""
    enter_frames(offices["home_affairs_of_another_body"])
    for name, lost, until, kind in NOMINEES:
        if is_done(offices["home_affairs_of_another_body"], units[name]):
            continue
        made = admin.ask("POST", "/v1/keys", {"name": f"demo nominator {name}", "roles": ["unit"], "unit_id": units[name]})[0]
        nominees = [name] + ([BELOW[1]] if name == BELOW[0] else [])
        nomination = Nomination(units, name, client(made["key"]), offices)
        nomination.score(lost, until)
        nomination.innovate(nominees)
        nomination.trouble(kind)
        nomination.nominate(nominees)
        admin.ask("DELETE", f"/v1/keys/{made['id']}")
