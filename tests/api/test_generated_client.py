"""What a team does in its first afternoon: a client is generated from openapi.yaml, compiled strictly, and leads a whole round."""
import json
import os

import npm
from award_tools import make_campaign, today

WHO = ("admin", "home_affairs", "initiative_council", "chair_office")


def built():
    """tests/npm/contract with what is generated from the contract as it stands; compiled anew where that is older."""
    place = npm.installed("contract")
    made = place / "built/round.js"
    sources = [place.parents[2] / "openapi.yaml", *place.glob("*.ts"), *place.glob("*.json"), *place.glob("*.mjs")]
    if not made.exists() or made.stat().st_mtime < max(path.stat().st_mtime for path in sources if path.name != "generated.ts"):
        npm.run("npm", "run", "--silent", "build", cwd=place)
    return place


def test_a_generated_client_leads_a_round_from_its_register_to_the_published_award(service, clients):
    keys = {who.upper(): clients[who].key for who in WHO}
    campaign = make_campaign(service).rsplit("/", 1)[1]
    told = npm.run("node", "built/round.js", cwd=built(), env={
        **os.environ, **keys, "BASE": service.base, "CAMPAIGN": campaign, "YEAR": "2024", "TODAY": today()})
    awarded = json.loads(told)
    award = clients["anyone"].get(f"/v1/awards/{awarded['award']}").json()
    assert (award["unit_id"], award["decision_id"], award["state"]) == (awarded["unit"], awarded["decision"], "ACTIVE")
