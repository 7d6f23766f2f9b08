"""Receivers by https with whom something is wrong: each is told by its name, in bounded time, and tried again."""
import datetime
import ipaddress
import socket
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from conftest import make_unit
from receiver import Receiver
from service import wait_until
from test_webhooks import changes_authorities, deliveries, subscribe, trusting, unit_path

DAY, NOW = datetime.timedelta(days=1), datetime.datetime.utcnow()


def name(text):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def certificate(subject, key, issuer, issuer_key, begins, ends, *extensions):
    made = x509.CertificateBuilder(name(issuer), name(subject), key.public_key(), x509.random_serial_number(), begins, ends)
    for extension in extensions:
        made = made.add_extension(extension, critical=False)
    return made.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """issue(host, begins, ends, own=False) → a file with a certificate and its key, by an authority that the service's machine trusts."""
    place = tmp_path_factory.mktemp("authority")
    key = ec.generate_private_key(ec.SECP256R1())
    (place / "ca.pem").write_bytes(certificate("Thử", key, "Thử", key, NOW - 900 * DAY, NOW + 900 * DAY,
                                               x509.BasicConstraints(ca=True, path_length=None)))

    def issue(host, begins, ends, own=False):
        mine = ec.generate_private_key(ec.SECP256R1())
        named = x509.DNSName(host) if host[0].isalpha() else x509.IPAddress(ipaddress.ip_address(host))
        pem = certificate("receiver", mine, "receiver" if own else "Thử", mine if own else key, NOW + begins * DAY, NOW + ends * DAY,
                          x509.SubjectAlternativeName([named]))
        path = place / f"{host} {begins} {ends} {own}.pem"
        path.write_bytes(pem + mine.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return path

    issue.certificate = place / "ca.pem"
    return issue


@pytest.fixture(scope="module")
def sender(authority, tmp_path_factory):
    with trusting(authority.certificate, tmp_path_factory.mktemp("trusting"), THIDUA_WEBHOOK_TIMEOUT_SECONDS="2") as service:
        yield service


def by_https(pem):
    here = Receiver()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    here.server.socket = context.wrap_socket(here.server.socket, server_side=True, do_handshake_on_connect=False)
    here.url = here.url.replace("http:", "https:")
    return here


def named(sender, url):
    """What the delivery says, when every attempt has failed."""
    admin = sender.key("admin")
    hook = subscribe(admin, type("there", (), {"url": url}), types=["thidua.unit.created"])
    make_unit(admin)
    parked = wait_until(lambda: deliveries(admin, hook, state="PARKED"))[0]
    assert parked["attempts"] == 3 and parked["status"] is None, "one, and two more"
    told = [line for line in sender.log if "webhook_attempt_failed" in line and hook["id"] in line]
    assert told and all(parked["error"] in line for line in told)
    return parked["error"]


@changes_authorities
@pytest.mark.parametrize("host, begins, ends, own, said", [
    ("127.0.0.1", -20, -1, False, "has expired"), ("127.0.0.1", 2, 20, False, "is not yet in force"),
    ("other.example", -1, 20, False, "is for another host"), ("127.0.0.2", -1, 20, False, "is for another host"),
    ("127.0.0.1", -1, 20, True, "vouches for"), ("127.0.0.1", -20, -1, True, "vouches for")])
def test_what_is_wrong_with_a_certificate_is_named(sender, authority, host, begins, ends, own, said):
    here = by_https(authority(host, begins, ends, own))
    error = named(sender, here.url)
    assert said in error and "certificate" in error and here.messages == []
    here.close()


@changes_authorities
def test_a_good_certificate_is_taken(sender, authority):
    here, admin = by_https(authority("127.0.0.1", -1, 20)), sender.key("admin")
    subscribe(admin, here, types=["thidua.unit.created"])
    here.await_subject(unit_path(make_unit(admin)))
    here.close()


def silent(sock, held):
    held.append(sock)


def hangs_up(sock, held):
    sock.recv(16)
    sock.close()


def speaks_plainly(sock, held):
    sock.recv(65536)
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    held.append(sock)


@changes_authorities
@pytest.mark.parametrize("does, said", [(silent, "did not agree on TLS in time"), (hangs_up, "did not agree on TLS"),
                                        (speaks_plainly, "did not agree on TLS")])
def test_a_handshake_that_does_not_come_to_its_end_is_named_and_bounded(sender, does, said):
    listener, held = socket.create_server(("127.0.0.1", 0)), []

    def take():
        while True:
            try:
                does(listener.accept()[0], held)
            except OSError:
                return

    threading.Thread(target=take, daemon=True).start()
    assert named(sender, f"https://127.0.0.1:{listener.getsockname()[1]}/") == f"the receiver {said}"
    listener.close()


@changes_authorities
def test_who_agrees_and_says_nothing_is_told_apart(sender, authority):
    free = threading.Event()
    here = by_https(authority("127.0.0.1", -1, 20))
    here.answer = lambda message: free.wait(60) and 204
    assert named(sender, here.url) == "the receiver did not answer in time"
    free.set()
    here.close()
