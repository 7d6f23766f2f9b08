"""PostgreSQL on another machine: every connection is encrypted, and the server is who it says (libpq's sslmode=verify-full)."""
import datetime
import os
import shutil

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from conftest import make_unit
from service import Service, database_urls, free_port, make_place, serving


def certify(place, name):
    """A key and a certificate of its own for `localhost`, in PEM."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.timezone.utc)
    title = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    made = (x509.CertificateBuilder().subject_name(title).issuer_name(title).public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(names, critical=False).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256()))
    (place / f"{name}.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (place / f"{name}.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return str(place / f"{name}.crt")


@pytest.fixture(scope="module")
def remote():
    """A PostgreSQL that takes TCP, and that with TLS only."""
    service = Service(make_place()).start()
    assert service.stop() == 0
    data = service.var / "postgres"
    service.right, service.wrong = certify(data, "server"), certify(data, "stranger")
    for name in ("server.crt", "server.key"):
        shutil.chown(data / name, data.owner(), data.group())
        os.chmod(data / name, 0o600)
    for name in (service.right, service.wrong):
        shutil.copy(name, service.var)
        os.chmod(service.var / os.path.basename(name), 0o644)
    hba = data / "pg_hba.conf"
    hba.write_text("hostssl all all 127.0.0.1/32 trust\n" + hba.read_text(encoding="utf-8"), encoding="utf-8")
    service.port = free_port()
    service.postgresql("start", "-o", f"-c listen_addresses=127.0.0.1 -c port={service.port} -c ssl=on")
    yield service
    service.postgresql("stop")
    shutil.rmtree(service.var, ignore_errors=True)


def beside(remote, host="localhost", root="server.crt"):
    return remote.beside(**database_urls(f"host={host} port={remote.port} sslmode=verify-full sslrootcert={remote.var / root}"))


def test_every_connection_is_encrypted(remote, monkeypatch):
    with serving(beside(remote)) as service:
        make_unit(service.key("admin"))
        ask = "SELECT count(*) > 3, bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name LIKE 'thidua%'"
        monkeypatch.setenv("PGPORT", str(remote.port))  # which names the socket, too
        assert remote.psql(ask, user="postgres") == "t|t"


@pytest.mark.parametrize("host, root", [("localhost", "stranger.crt"), ("127.0.0.1", "server.crt")])
def test_a_server_that_proves_not_who_it_is_gets_no_word(remote, host, root):
    done = beside(remote, host, root).command("verify")
    assert done.returncode == 1 and "certificate" in done.stderr, done.stderr
    assert len(done.stderr.splitlines()) == 1
