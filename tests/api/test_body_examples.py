"""The bodies that openapi.yaml shows are what the service takes: each is sent, about things that exist, and rehearsed (dry_run).

What that takes is a small world that is made once; `about` says of some operations what else they are about than it. Where an example
can only be refused, NOT_HERE says by what and why."""
import random

import pytest

from award_tools import AwardRound, number, today
from conftest import PLAN, make_unit
from contract import OPERATIONS, resolve
from test_authorisation import World, about
from test_contract import ROUTES, examples_of

ROUND = "/v1/campaigns/{code}/rounds/{year}"
# Examples of steps that come later in a life than this world goes; the body itself is read.
NOT_HERE = {
    ("POST", f"{ROUND}/tie-decisions"): ("rule-refused", "needs units that tie at the cut-off: test_decided_by_people.py"),
    ("POST", "/v1/scores/{unit_id}/{year}/transitions"): ("impossible-transition", "approves a card, at the end of its life: test_scores.py"),
    ("POST", "/v1/scores/transitions"): ("impossible-transition", "the same: test_score_lists.py"),
    ("POST", "/v1/dossiers/transitions"): ("impossible-transition", "returns what was not lodged: test_dossier_lists.py"),
    ("PATCH", "/v1/awards/{id}"): ("conflict", "recovers what was revoked: test_decisions.py"),
}
BODIES = sorted(key for key in OPERATIONS.keys() & ROUTES.keys() if ROUTES[key]["body"] or ROUTES[key]["content_type"] == "text/csv")


def example_of(key):
    return next(iter(examples_of(resolve(OPERATIONS[key]["requestBody"])["content"][ROUTES[key]["content_type"]])))


class ExampleWorld(World):
    """World, the end of a round, and a card at each step that an example is about."""

    def __init__(self, service, clients):
        super().__init__(service, clients)
        self.held = held = AwardRound(service, clients, 4)
        place = f"{held.campaign}/rounds/{held.year}"
        for name, client in (("held", held.unit_client), ("anyone", clients["anyone"])):
            self.callers[name] = client
        decision = held.draft(held.units[:1])
        held.done(held.sign(decision, number()))
        held.publish(decision)
        award = held.auditor.get("/v1/awards", params={"campaign": held.campaign.rsplit("/", 1)[1]}).json()["items"][0]["id"]
        self.code = str(random.randrange(10000, 99999))
        ward = make_unit(held.admin, kind="COMMUNE", codes=[{"scheme": "GSO", "value": self.code}])["id"]
        fresh, scored = (make_unit(held.admin)["id"] for _ in range(2))
        self.done(held.home.put(f"{self.round}/contestants/{fresh}", json={"group": "SO_BAN_NGANH", "on_assessed_list": True}))
        frame = self.frame(held.home)
        self.callers["scored"], self.callers["fresh"] = service.key("unit", scored), service.key("unit", fresh)
        self.submit(scored, frame)
        rules = {"name": f"v-{self.unit[:8]}", "version": 1}
        self.done(held.admin.post("/v1/criteria-sets", json=about(example_of(("POST", "/v1/criteria-sets")), rules)))
        # Operation → where it is sent, and names in its body; {} and the world's own place where they do.
        self.about = {
            ("POST", "/v1/keys/{id}/rotate"): (f"/v1/keys/{held.unit_client.get('/v1/me').json()['key_id']}/rotate", {}),
            ("PATCH", "/v1/awards/{id}"): (f"/v1/awards/{award}", {}),
            ("PUT", "/v1/awards/{id}/certificate"): (f"/v1/awards/{award}/certificate", {"issued_on": today()}),
            ("PUT", f"{ROUND}/reports/{{unit_id}}/confirmation"): (f"{self.round}/reports/{self.unit}/confirmation", {"confirmed_on": today()}),
            ("POST", "/v1/proposals/{id}/transitions"): (held.proposal(held.units[3:]) + "/transitions", {}),
            ("POST", "/v1/decisions"): ("/v1/decisions", {"proposal_id": held.submitted(held.units[1:2]).rsplit("/", 1)[1]}),
            ("POST", "/v1/decisions/{id}/sign"): (held.draft(held.units[2:3]) + "/sign", {"number": number()}),
            ("POST", "/v1/decisions/{id}/cancel"): (held.draft(held.units[2:3]) + "/cancel", {}),
            ("PUT", "/v1/dossiers/{id}/nominations/{unit_id}/notification"): (
                f"{held.dossier}/nominations/{held.units[0]}/notification", {"notified_on": today(), "reason": None}),  # of an award
            ("POST", f"{ROUND}/notifications"): (f"{place}/notifications", {  # the same
                "id": held.dossier.rsplit("/", 1)[1], "version": "*", "unit_id": held.units[0], "notified_on": today(), "reason": None}),
            # Other tests may have made a unit of the example's name or code.
            ("POST", "/v1/units"): ("/v1/units", {"name": f"Sở số {self.code}", "value": f"H10.{self.code[:3]}.{self.code[3:]}"}),
            ("PATCH", "/v1/units/{id}"): (self.path("/v1/units/{id}"), {"name": f"Sở số {self.code}"}),
            ("POST", "/v1/units/{id}/successions"): (f"/v1/units/{self.unit}/successions", {"successors": [ward]}),
            ("POST", "/v1/units/successions"): ("/v1/units/successions", {"unit_id": self.unit, "successors": [ward]}),
            ("POST", f"{ROUND}/findings"): (f"{self.round}/findings", {"unit_id": fresh}),
            ("POST", f"{ROUND}/reports"): (f"{self.round}/reports", {"unit_id": fresh}),
            ("POST", "/v1/criteria-sets"): ("/v1/criteria-sets", {"name": f"{rules['name']}-2"}),
            ("POST", "/v1/criteria-sets/{name}/{version}/impact"): (f"/v1/criteria-sets/{PLAN['criteria_set']['name']}/1/impact", {}),
            ("PUT", "/v1/campaigns/{code}/criteria-set"): (f"{self.campaign}/criteria-set", {"name": PLAN["criteria_set"]["name"], "version": 1}),
            ("PUT", "/v1/criteria-sets/{name}/{version}"): (f"/v1/criteria-sets/{rules['name']}/1", rules),
            ("PUT", "/v1/score-frames/{name}/{year}"): (f"/v1/score-frames/{frame}-2/2024", {}),
            ("PUT", "/v1/scores/{unit_id}/{year}"): (f"/v1/scores/{fresh}/2024", {"frame": frame}),
            ("PUT", "/v1/scores/{unit_id}/{year}/appraisal"): (f"/v1/scores/{scored}/2024/appraisal", {}),
            ("POST", "/v1/scores/transitions"): ("/v1/scores/transitions", {"unit_id": scored, "version": "*"}),
            ("POST", "/v1/dossiers/transitions"): ("/v1/dossiers/transitions", {"id": self.ids["dossiers"], "version": "*"}),
            ("POST", "/v1/scores/appraisals"): ("/v1/scores/appraisals", {"unit_id": scored, "version": "*"}),
        }
        # Last: it names the newest evaluation of the round.
        self.about["POST", f"{ROUND}/proposals"] = (f"{place}/proposals", {
            "evaluation_id": held.sure_of_places(held.units[3:]), "unit_id": held.units[3]})

    def frame(self, home):
        """Leaves for the codes that the examples of scores have."""
        name, leaf = f"v-{self.unit[:8]}", {"text_vi": "Tiêu chí", "kind": "NORMAL", "maximum": "10"}
        nodes = [{"code": group, "text_vi": "Nhóm", "kind": "NORMAL", "maximum": "10"} for group in "123"]
        nodes += [{**leaf, "code": "1.1", "parent": "1"}, {**leaf, "code": "2.2", "parent": "2", "kind": "SURVEY"}, {**leaf, "code": "3.1", "parent": "3"}]
        self.done(home.put(f"/v1/score-frames/{name}/2024", json={"tier": "SO", "nodes": nodes}))
        return name

    def submit(self, unit, frame):
        path, own = f"/v1/scores/{unit}/2024", self.callers["scored"]
        self.done(own.put(path, json={"frame": frame, "leaves": [{"code": "1.1", "self_points": "4"}, {"code": "3.1", "self_points": "4"}]}))
        self.done(own.post(f"{path}/transitions", json={"action": "submit"}, headers={"If-Match": own.get(path).headers["ETag"]}))

    def message(self, key):
        """(path, query, arguments of a request) of the operation's example."""
        path, names = self.about.get(key, (self.path(key[1]), {}))
        query = {"dry_run": "true"} if "dry_run" in ROUTES[key]["query"] else {}
        if ROUTES[key]["content_type"] == "text/csv":
            text = example_of(key).replace("25195", self.code)
            return path, {**query, "kind": "contestants", "campaign": self.values["code"], "year": "2024", "on": "2024-12-31"}, {
                "data": text.encode(), "headers": {"Content-Type": "text/csv"}}
        body = self.body(ROUTES[key], key)
        return path, query, {**body, "json": about(body["json"], names)}

    @staticmethod
    def version(client, path):
        """Of what is changed: what lies there, or what the last part is a step of."""
        for place in (path, path.rsplit("/", 1)[0]):
            there = client.get(place)
            if there.status_code == 200 and "items" not in there.json():
                return {"If-Match": there.headers["ETag"]}
        return {}

    def answers(self, key):
        """To one caller after another, until one is told yes."""
        path, query, message = self.message(key)
        for client in self.callers.values():
            headers = {**message["headers"], **self.version(client, path)}
            answer = client.request(key[0], path, params=query, **{**message, "headers": headers})
            yield answer
            if answer.status_code < 300:
                return


@pytest.fixture(scope="module")
def world(service, clients):
    return ExampleWorld(service, clients)


def test_the_table_names_operations_that_are_there():
    assert NOT_HERE.keys() <= set(BODIES)


@pytest.mark.parametrize("key", BODIES, ids=" ".join)
def test_what_the_contract_shows_is_taken(key, world):
    before, answers = world.written(), list(world.answers(key))
    told = [a.json()["type"].rsplit(":", 1)[1] if a.status_code >= 300 else "taken" for a in answers]
    wanted = NOT_HERE.get(key, ("taken",))[0]
    assert wanted in told, "\n".join(f"{kind}: {a.text}" for kind, a in zip(told, answers) if kind not in ("unauthenticated", "forbidden"))
    assert world.written() == before, "only rehearsed, or stored nowhere"
