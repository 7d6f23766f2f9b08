"""A name server that is slow, or away: whoever has another way goes it, no event loop waits, and no stop does."""
import contextlib
import subprocess
import threading
import time
import uuid

import pytest

from conftest import make_unit
from service import Client, Service, database_urls, make_place, serving, wait_until
from test_hanging import Host
from test_webhook_receivers import first_attempt, receiving, sending

# Reads NAME ADDRESS SECONDS of each line of the file that it is told of; "-" is the address of a name that nobody knows.
RESOLVER = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int getaddrinfo(const char *name, const char *service, const struct addrinfo *wanted, struct addrinfo **found)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
    char known[100], address[100] = "";
    int seconds = 0;
    FILE *names = fopen(getenv("NAMES"), "r");
    while (name && names && fscanf(names, "%99s %99s %d", known, address, &seconds) == 3 && strcmp(known, name) != 0)
        address[0] = '\0';
    if (names)
        fclose(names);
    if (address[0])
        sleep((unsigned)seconds);
    return address[0] == '-' ? EAI_AGAIN : real(address[0] ? address : name, service, wanted, found);
}
"""


class Names:
    def __init__(self, folder):
        self.file, self.resolver = folder / "names", folder / "resolver.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", str(self.resolver)], input=RESOLVER, text=True, check=True, timeout=60)

    def say(self, **answers):
        """name → address, or (address, seconds until it is told)"""
        lines = [f"{name}.test {answer} 0" if isinstance(answer, str) else f"{name}.test {answer[0]} {answer[1]}" for name, answer in answers.items()]
        self.file.with_suffix(".new").write_text("\n".join(lines) + "\n")
        self.file.with_suffix(".new").rename(self.file)


@pytest.fixture
def names(tmp_path):
    return Names(tmp_path)


@contextlib.contextmanager
def served_by(service, names, hosts, port, **more):
    """Another service over that database, which looks names up in `names`."""
    urls = database_urls(f"host={hosts} port={port}")
    with serving(service.beside(LD_PRELOAD=str(names.resolver), NAMES=str(names.file), **urls, **more)) as other:
        yield other


def cut_off(service):
    service.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'thidua%'", user="postgres")


def write(client):
    key = str(uuid.uuid4())
    unit = {"name": f"Đơn vị {key}", "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}
    wait_until(lambda: client.post("/v1/units", json=unit, headers={"Idempotency-Key": key}).status_code == 201, seconds=30)


@contextlib.contextmanager
def answering(client, within=2.0):
    """Meanwhile no call waits that needs no database."""
    over, worst = threading.Event(), [0.0]

    def ask():
        while not over.is_set():
            began = time.monotonic()
            assert client.get("/healthz").status_code == 200
            worst[0] = max(worst[0], time.monotonic() - began)
            time.sleep(0.05)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield
    finally:
        over.set()
        asking.join()
    assert worst[0] < within, worst


def test_a_name_that_nobody_tells_any_more_is_reached_as_before(service, names):
    with contextlib.closing(Host(leads_to=str(service.var / "socket/.s.PGSQL.5432"))) as host:
        names.say(database="127.0.0.1")
        with served_by(service, names, "database.test", host.port) as other:
            admin = Client(other.base, service.key("admin").key)
            names.say(database=("-", 20))
            cut_off(service)
            with answering(other.anonymous()):
                wait_until(lambda: admin.get("/v1/units", params={"q": "x"}).status_code == 200, seconds=10)
                write(admin)
            began = time.monotonic()
            assert other.stop() == 0 and time.monotonic() - began < 5
            names.say(database="127.0.0.1")
            other.start()


def test_a_name_that_means_another_machine_is_followed(service, names):
    """As after a failover by DNS. The old machine is silent; what waits for it is ended when the same database is reached by another address."""
    way = str(service.var / "socket/.s.PGSQL.5432")
    before = Host(leads_to=way, address="127.0.0.2")
    with contextlib.closing(before), contextlib.closing(Host(leads_to=way, address="127.0.0.3", port=before.port)) as after:
        names.say(database="127.0.0.2")
        with served_by(service, names, "database.test", before.port) as other:
            admin = Client(other.base, service.key("admin").key)
            names.say(database="127.0.0.3")
            before.frozen.set()
            write(admin)
            wait_until(lambda: admin.get("/v1/units", params={"q": "x"}).status_code == 200, seconds=30)
            assert after.asked


def test_a_host_whose_name_takes_long_holds_up_nobody_beside_one_that_answers(service, names):
    """Neither one of the primary's, nor a standby's: event loops ask them again and again."""
    with contextlib.closing(Host(leads_to=str(service.var / "socket/.s.PGSQL.5432"))) as host:
        names.say(database="127.0.0.1", gone=("127.0.0.9", 20))
        with served_by(service, names, "gone.test,database.test", f"{host.port},{host.port}",
                       THIDUA_READ_URL=f"host=gone.test port={host.port} dbname=thidua user=thidua_app") as other:
            cut_off(service)
            with answering(other.anonymous()):
                wait_until(lambda: other.anonymous().get("/v1/units", params={"q": "x"}).status_code == 200, seconds=10)
                time.sleep(6)  # longer than the longest pause between attempts
            began = time.monotonic()
            assert other.stop() == 0 and time.monotonic() - began < 5
            other.start()


def test_a_start_says_which_name_could_not_be_looked_up(service, names):
    for answer, reason in (("-", "Temporary failure in name resolution"), (("-", 20), "the name server does not answer")):
        names.say(database=answer)
        url = "host=database.test dbname=thidua user=thidua_app"
        done = Service(make_place(), LD_PRELOAD=str(names.resolver), NAMES=str(names.file), DATABASE_URL=url).command("serve")
        assert done.returncode == 1 and f"the name database.test could not be looked up: {reason}" in done.stderr, done.stderr


# ---- of webhooks ----

# Asked for NAME.test, answers with the first address at every odd look-up and with the second at every even one.
CHANGING = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

int getaddrinfo(const char *name, const char *service, const struct addrinfo *wanted, struct addrinfo **found)
{
    static atomic_uint asked;
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
    const char *end = name ? strstr(name, ".test") : NULL;
    return real(end && !end[5] ? getenv(atomic_fetch_add(&asked, 1) % 2 ? "SECOND" : "FIRST") : name, service, wanted, found);
}
"""


@pytest.mark.parametrize("first, second", [("127.0.0.2", "127.0.0.1"), ("127.0.0.1", "127.0.0.2")])
def test_a_name_that_changes_between_looks_reaches_no_private_address(tmp_path, first, second):
    """127.0.0.2 stands for an address that may be reached, 127.0.0.1 for one inside. What is judged is what is connected to."""
    resolver = str(tmp_path / "resolver.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", resolver], input=CHANGING, text=True, check=True, timeout=60)
    hang_up = lambda sock: None
    with contextlib.ExitStack() as stack:
        port, outside = stack.enter_context(receiving(hang_up, "127.0.0.2"))
        _, inside = stack.enter_context(receiving(hang_up, "127.0.0.1", port))
        service = stack.enter_context(sending(THIDUA_WEBHOOK_ALLOW="public, 127.0.0.2/32", LD_PRELOAD=resolver, FIRST=first, SECOND=second))
        admin = service.key("admin")
        paths = [admin.post("/v1/webhooks", json={"url": f"https://name{number}.test:{port}/", "types": ["thidua.unit.created"]}).headers["Location"]
                 for number in range(16)]
        make_unit(admin)
        errors = [first_attempt(admin, path)[2] for path in paths]
        wait_until(lambda: all(any(d["attempts"] > 2 for d in admin.get(f"{path}/deliveries").json()["items"]) for path in paths))
    assert inside == []
    assert outside and "the target's address is not allowed" in errors, "both were tried"
