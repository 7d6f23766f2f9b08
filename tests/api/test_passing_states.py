"""PostgreSQL in a passing state of its own: the caller is told to come again, never that the service has a fault."""
import json

import pytest

from conftest import make_unit
from receiver import Receiver
from service import Client, Service, make_place, problem, serving, wait_until
from test_metrics import Metrics

UNIT = {"name": "Đơn vị thử", "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}
# SQLSTATE → least Retry-After. Of PostgreSQL's appendix A every class that tells of the server and not of a statement.
STATES = {"53100": 10, "53200": 1, "53300": 1, "53400": 1, "53000": 1, "57014": 1, "57P01": 1, "57P02": 1, "57P03": 1, "57P04": 1, "57P05": 1, "57000": 1,
          "08000": 1, "08003": 1, "08006": 1, "08P01": 1, "25006": 1, "55P03": 1, "55006": 1, "58000": 1, "58030": 10, "40002": 1, "40003": 1}


@pytest.fixture(scope="module")
def refusing():
    """A service whose database refuses what is written to some tables, and what is read of units, with the SQLSTATE that it is told."""
    with serving(Service(make_place(), THIDUA_WEBHOOK_ALLOW="127.0.0.1", THIDUA_WEBHOOK_TIMEOUT_SECONDS="1")) as service:
        told = service.psql("""
            CREATE TABLE refusing (sqlstate text); GRANT SELECT ON refusing TO thidua_app;
            CREATE FUNCTION refuse_now() RETURNS boolean LANGUAGE plpgsql AS $$ DECLARE s text := (SELECT sqlstate FROM public.refusing);
                BEGIN IF s IS NOT NULL THEN RAISE EXCEPTION USING ERRCODE = s; END IF; RETURN true; END $$;
            CREATE FUNCTION refuse_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM refuse_now(); RETURN NEW; END';
            CREATE TRIGGER refusing BEFORE INSERT ON units FOR EACH ROW EXECUTE FUNCTION refuse_row();
            CREATE TRIGGER refusing BEFORE INSERT OR UPDATE ON webhook_deliveries FOR EACH ROW EXECUTE FUNCTION refuse_row();
            ALTER TABLE unit_periods ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON unit_periods USING (refuse_now()) WITH CHECK (true)""")
        assert "ERROR" not in told, told
        yield service


def refuse_with(service, sqlstate):
    service.psql(f"TRUNCATE refusing; INSERT INTO refusing SELECT '{sqlstate}' WHERE '{sqlstate}' <> ''", user="postgres")


def logged(service, event):
    return [line for line in map(json.loads, service.log) if line["event"] == event]


def test_each_is_503_with_retry_after_and_one_line_of_the_log_a_minute(refusing):
    admin = refusing.key("admin")
    made = make_unit(admin)
    before = refusing.psql("SELECT count(*) FROM units")
    auditor = refusing.key("auditor")
    no_room = Metrics(auditor).total("thidua_no_room_total")
    for sqlstate, least in STATES.items():
        refuse_with(refusing, sqlstate)
        answers = [admin.post("/v1/units", json=UNIT) for _ in range(3)]
        answers.append(refusing.anonymous().get(f"/v1/units/{made['id']}", params={"on": "2024-01-01"}))
        for answer in answers:
            problem(answer, 503, "unavailable")
            assert int(answer.headers["Retry-After"]) >= least, sqlstate
    refuse_with(refusing, "")
    # The alert ThiduaDiskFull stands on it, whatever status the caller was told.
    wait_until(lambda: Metrics(auditor).total("thidua_no_room_total") - no_room == 4)  # those of 53100 alone
    assert refusing.psql("SELECT count(*) FROM units") == before
    assert admin.post("/v1/units", json=UNIT).status_code == 201
    assert logged(refusing, "statement_failed") == []
    reasons = [line["reason"] for line in logged(refusing, "database_refuses")]
    assert len(reasons) == len(set(reasons)) and "The disk of the database is full: try again later." in reasons


def test_an_upload_for_which_there_is_no_room_is_507(refusing):
    """RFC 4918 section 11.5; a table of rows is an upload like a paper (test_documents.py)."""
    admin, auditor = refusing.key("admin"), refusing.key("auditor")
    no_room = Metrics(auditor).total("thidua_no_room_total")
    refuse_with(refusing, "53100")
    try:
        answer = admin.post("/v1/imports", params={"kind": "units"}, data="name,kind,valid_from\nSở Một,PROVINCIAL_BODY,2020-01-01\n".encode(),
                            headers={"Content-Type": "text/csv"})
    finally:
        refuse_with(refusing, "")
    problem(answer, 507, "insufficient-storage")
    assert int(answer.headers["Retry-After"]) >= 10
    wait_until(lambda: Metrics(auditor).total("thidua_no_room_total") - no_room == 1)


def test_an_event_whose_delivery_cannot_be_recorded_is_not_sent_without_pause(refusing):
    """It is sent again, for nobody knows otherwise that it came; but not as often as its receiver takes it, nor told of each time."""
    admin = refusing.key("admin")
    receiver = Receiver(lambda message: refuse_with(refusing, "53100") or 204)
    try:
        assert admin.post("/v1/webhooks", json={"url": receiver.url, "types": ["thidua.unit.*"]}).status_code == 201
        make_unit(admin)
        wait_until(lambda: logged(refusing, "background_refused"))
        receiver.answer = lambda message: 204
        refuse_with(refusing, "")
        wait_until(lambda: refusing.psql("SELECT count(*) FROM webhook_deliveries WHERE state = 'DELIVERED'") == "1")
    finally:
        refuse_with(refusing, "")
        receiver.close()
    first, second = receiver.messages
    assert first.id == second.id and second.at - first.at > 3
    (told,) = logged(refusing, "background_refused")
    assert (told["thread"], told["statement"], told["refused"]) == ("webhooks", "webhook_delivered", 1) and "53100" in told["reason"]


def test_a_statement_that_the_database_refuses_stops_no_instance(refusing):
    """As after a migration by a newer program: who asks for it is told 503, and everybody else is served."""
    refusing.psql("ALTER TABLE public_holidays RENAME TO public_holidays_of_another", user="postgres")
    try:
        other = Service(refusing.var).start()  # and so it is ready
        made = make_unit(Client(other.base, refusing.key("admin").key))
        assert other.anonymous().get(f"/v1/units/{made['id']}").status_code == 200
        statements = {line["statement"] for line in logged(other, "statements_refused")}
        assert statements == {"holiday_list"}
        problem(other.anonymous().get("/v1/public-holidays"), 503, "unavailable")
        assert other.anonymous().get("/v1/units").status_code == 200
        assert other.stop() == 0
    finally:
        refusing.psql("ALTER TABLE public_holidays_of_another RENAME TO public_holidays", user="postgres")


@pytest.mark.parametrize("sqlstate", ["22012", "42883", "XX000", "P0001"])
def test_what_is_no_passing_state_stays_a_fault(refusing, sqlstate):
    admin = refusing.key("admin")
    refuse_with(refusing, sqlstate)
    try:
        problem(admin.post("/v1/units", json=UNIT), 500, "internal")
    finally:
        refuse_with(refusing, "")
    assert logged(refusing, "statement_failed")[-1]["sqlstate"] == sqlstate
