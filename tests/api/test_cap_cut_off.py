"""III.2.b under all at once: rounds of two campaigns, two instances, and connections that break off at COMMIT.

Each caller repeats its request under its key until it is answered. Afterwards the journal, in the order of commits, is gone through by itself:
never more than 06, never more than was allocated, and what was told is what is so."""
import collections
import contextlib
import itertools
import json
import random
import uuid

import pytest

from award_tools import AwardRound, number
from proxies import CutSometimes
from service import ROLES, Client, Service, make_place, serving, wait_until
from test_two_instances import raced

PART = 0.1  # of commits that are cut off


@pytest.fixture(scope="module")
def cut_off():
    with contextlib.ExitStack() as running:
        behind = running.enter_context(serving(Service(make_place())))
        networks = [CutSometimes(behind) for _ in range(2)]
        pair = [running.enter_context(serving(behind.beside(**network.urls()))) for network in networks]
        yield behind, networks, pair
    for network in networks:
        network.stop()


def acts_of(held, caller):
    """What bears on who gets its places: (name, what it is about, act)."""
    evaluation, quota = held.sure_of_places(held.units), f"{held.round}/quota"
    drafts = [held.draft(units, evaluation=evaluation) for units in (held.units[:2], held.units[2:4], *([unit] for unit in held.units[4:]))]
    standing = drafts.pop(0)
    held.done(held.sign(standing, number()))
    revocation = {"kind": "REVOKE", "subject_id": standing.rsplit("/", 1)[1], "units": [held.units[0]], "ground": "FRAUD", "reason": "Kê khai gian dối"}
    revocations = [f"/v1/decisions/{held.done(held.chair.post('/v1/decisions', json=revocation))['id']}" for _ in range(2)]
    proposals = {path: f"/v1/proposals/{held.chair.get(path).json()['proposal_id']}" for path in drafts}
    etags = {path: held.etag(path) for path in (quota, *drafts, *revocations, *proposals.values())}

    def post(name, role, path, body, about=None):
        client = caller(role)
        return (name, about, lambda: client.post(path, json=body, headers=etags.get(about, {})))

    def allocates(slots):
        client = caller("home_affairs")
        return ("allocates", quota, lambda: client.put(quota, headers=etags[quota], json={
            "allocation": [{"group": "UNIT_UNDER_SO", "slots": slots}], "reason": "Điều chỉnh"}))

    return [
        *(post("signs", "chair_office", f"{path}/sign", {"number": number()}, path) for path in drafts * 4 + revocations * 4),
        *(post("cancels", "chair_office", f"{path}/cancel", {"reason": "Lập lại"}, path) for path in drafts[:1]),
        *(post("returns", "chair_office", f"{proposals[path]}/transitions", {"action": "return", "reason": "Xem lại"}, proposals[path]) for path in drafts[1:3]),
        *(post("drafts", "chair_office", "/v1/decisions", {"kind": "AWARD", "proposal_id": proposals[path].rsplit("/", 1)[1]}) for path in drafts),
        *(post("evaluates", "home_affairs", f"{held.round}/evaluations", {}) for _ in range(2)),
        *(post("overrides", "home_affairs", f"/v1/evaluations/{evaluation}/overrides",
               {"unit_id": unit, "decided": "OUT", "reason": "Rút", "legal_basis": "7/TB"}) for unit in held.units),
        *(allocates(slots) for slots in range(2, 7))]


def check(behind, held):
    """By what was written, in the order in which it was committed. Whose place a person decided may be signed beyond an allocation."""
    code, given, allocated = held.campaign.rsplit("/", 1)[1], set(), 6
    beyond = set(behind.psql(f"SELECT unit_id FROM standing_overrides WHERE campaign = '{code}' AND decided = 'SECURE' AND computed <> 'SECURE'").split())
    wait_until(lambda: behind.psql("SELECT count(*) FROM journal WHERE seq IS NULL") == "0")
    for line in behind.psql(f"SELECT after FROM journal WHERE campaign = '{code}' AND type IN ('decision.signed', 'quota.allocated') ORDER BY seq").splitlines():
        after = json.loads(line)
        if "allocation" in after:
            allocated = sum(share["slots"] for share in after["allocation"])
            assert len(given) <= allocated, "allocated less than was given"
        elif after["kind"] == "AWARD":
            units = {unit["unit_id"] for unit in after["units"]}
            assert not units & given, "awarded twice"
            given |= units
            assert len(given) <= 6 and (len(given) <= allocated or units <= beyond)
    count = len(given)
    kept = behind.psql(f"SELECT count(*), count(DISTINCT slot), count(DISTINCT unit_id), count(revoked_by) FROM awards WHERE campaign = '{code}'")
    assert kept == f"{count}|{count}|{count}|1"
    assert set(behind.psql(f"SELECT unit_id FROM awards WHERE campaign = '{code}'").split()) == given
    return count


def test_the_cap_holds_over_all_paths_while_commits_are_cut_off(cut_off):
    behind, networks, pair = cut_off
    clients, turns = {role: behind.key(role) for role in ROLES if role != "unit"}, itertools.count()

    def caller(role):
        client = Client(pair[next(turns) % 2].base, clients[role].key)
        client.headers["Idempotency-Key"] = f'"{uuid.uuid4()}"'
        return client

    rounds = [AwardRound(behind, clients, 9) for _ in range(2)]
    acts = [act for held in rounds for act in acts_of(held, caller)]
    random.Random(15).shuffle(acts)

    def until_known(act):
        """A repeat may come while the first is still under way."""
        return lambda: wait_until(lambda: "idempotency-key-in-flight" not in (answer := act()).text and [answer])[0]

    for network in networks:
        network.part = PART
    answers = raced([until_known(act) for _, _, act in acts])
    for network in networks:
        network.part = 0
    done = collections.Counter(name for (name, _, _), answer in zip(acts, answers) if answer.ok)
    odd = [(name, answer.text) for (name, _, _), answer in zip(acts, answers) if answer.status_code not in (200, 201, 409, 412, 422)]
    assert not odd and set(done) >= {"signs", "overrides", "evaluates"} and sum(network.count for network in networks) > 0, (odd, done)
    told = [about for (name, about, _), answer in zip(acts, answers) if name == "signs" and answer.ok]
    signed = behind.psql("SELECT id FROM decisions WHERE state = 'SIGNED'").split()
    asked = {about for name, about, _ in acts if name == "signs"}
    assert sorted(told) == sorted(path for path in (f"/v1/decisions/{one}" for one in signed) if path in asked), "told as it is, each once"
    assert all(check(behind, held) > 2 for held in rounds)
    verified = behind.command("verify")
    assert verified.returncode == 0, verified.stdout
