"""What stands between: nginx and HAProxy as operators put them before the service, real ones, each on a free port of this machine with a
configuration of its own; and, between the service and PostgreSQL, a network that breaks at a chosen moment."""
import pathlib
import random
import re
import socket
import subprocess
import tempfile
import threading
import time

from service import ROOT, database_urls, free_port

EXAMPLES = ROOT / "packaging/examples"
# Around what is inside its `http`.
AROUND_NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{example}
}}
"""
NGINX = AROUND_NGINX.replace("{example}", """    # So that nobody waits long for who says nothing more.
    keepalive_timeout 200ms;
    client_header_timeout 1s;
    client_body_timeout 1s;
    client_max_body_size 100m;
    upstream thidua {{
        server 127.0.0.1:{service};
        keepalive 8;
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://thidua;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_request_buffering {buffering};
        }}
    }}""")
HAPROXY = """
global
    log stdout format raw local0
defaults
    mode http
    log global
    option httplog
    option http-keep-alive
    http-reuse always
    timeout connect 5s
    timeout client 10s
    timeout http-request 1s
    timeout http-keep-alive 200ms
    timeout server 20s
frontend front
    bind 127.0.0.1:{port}
    default_backend thidua
backend thidua
    server one 127.0.0.1:{service}
"""


class Running:
    """A running nginx or HAProxy on that port; `configure` makes its configuration for the folder that it is given."""

    def __init__(self, kind, port, configure):
        self.kind, self.port, self.folder = kind, port, pathlib.Path(tempfile.mkdtemp(prefix="thidua-proxy-"))
        self.folder.chmod(0o777)  # nginx' workers run as another user
        self.access = self.folder / "access.log"
        configuration = self.folder / "configuration"
        configuration.write_text(configure(self.folder), encoding="ascii")
        command = ["/usr/sbin/haproxy", "-db", "-f"] if kind == "haproxy" else ["/usr/sbin/nginx", "-e", str(self.folder / "error.log"), "-c"]
        self.output = open(self.access if kind == "haproxy" else self.folder / "output", "wb")
        self.process = subprocess.Popen([*command, str(configuration)], stdout=self.output, stderr=subprocess.STDOUT)
        self.wait()

    def wait(self):
        for _ in range(500):
            assert self.process.poll() is None, (self.folder / "output").read_text() if (self.folder / "output").exists() else self.access.read_text()
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("the proxy does not listen")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)
        self.output.close()


class Proxy(Running):
    """Before the service's port; requests() tells how many requests it has seen end."""

    def __init__(self, kind, service_port):
        port = free_port()
        super().__init__(kind, port, lambda folder: (HAPROXY if kind == "haproxy" else NGINX).format(
            folder=folder, port=port, service=service_port, buffering="off" if kind == "nginx, unbuffered" else "on"))

    def requests(self):
        """Lines of its log with the status of an answer."""
        return len(re.findall(r'(?m)^.*(?:" \d{3} \d+ "|/\d+ \d{3} \d+ ).*$', self.access.read_text(errors="replace")))


def example(kind, services, certificate=None):
    """The proxy of packaging/examples before two services, as its file stands there but for addresses and the certificate, which is in a folder.
    Without a certificate it speaks plain HTTP."""
    port = free_port()
    text = (EXAMPLES / f"{kind}.{'conf' if kind == 'nginx' else 'cfg'}").read_text(encoding="utf-8")
    for address, service in zip(("10.0.0.5:8080", "10.0.0.6:8080"), services):
        assert address in text
        text = text.replace(address, service.base.removeprefix("http://"))
    if not certificate:
        text = re.sub(r"(bind :443) ssl .*", r"\1", text).replace("    http-response set-header Strict-Transport-Security max-age=31536000\n", "")
        text = re.sub(r"(listen 443) ssl http2", r"\1", re.sub(r"(?m)^ +ssl_.*\n", "", text))
    text = re.sub(r"(listen |bind :)443", lambda found: f"{found[1].replace(':', '127.0.0.1:').replace('listen ', 'listen 127.0.0.1:')}{port}", text)
    text = text.replace("/etc/ssl", str(certificate))
    return Running(kind, port, lambda folder: AROUND_NGINX.format(folder=folder, example=text) if kind == "nginx" else text)


class CutAtCommit:
    """Between a service and the PostgreSQL of another one. cut() chooses whose transaction, by words in it, and what its COMMIT meets."""

    COMMIT = b"\0transaction_commit\0"  # a Bind of the prepared statement; in its Parse no zero stands before the name

    def __init__(self, service):
        self.place = str(service.var / "socket/.s.PGSQL.5432")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.words = self.muted = None
        self.sent = self.gone = self.away = False
        self.met = threading.Event()
        self.open = []
        threading.Thread(target=self.accept, daemon=True).start()

    def urls(self):
        return database_urls(f"host=127.0.0.1 port={self.port}")

    def cut(self, words, sent, away=False):
        """`sent`: PostgreSQL gets COMMIT and answers, which nobody hears. `away`: from then on nobody is let through."""
        self.words, self.sent, self.gone = words.encode(), sent, away
        self.met.clear()

    def accept(self):
        try:
            while True:
                client, _ = self.listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.place)
                self.open += [client, server]
                if self.away:
                    self.close(client, server)
                threading.Thread(target=self.forth, args=(client, server), daemon=True).start()
                threading.Thread(target=self.back, args=(client, server), daemon=True).start()
        except OSError:
            pass

    @staticmethod
    def close(*sockets):
        for sock in sockets:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def forth(self, client, server):
        recent = b""
        try:
            while data := client.recv(65536):
                recent = (recent + data)[-65536:]
                if self.words and self.words in recent and self.COMMIT in data:
                    self.words = None
                    if not self.sent:
                        self.break_off(client, server)
                        return
                    self.muted = server
                server.sendall(data)
        except OSError:
            pass
        self.close(client, server)

    def break_off(self, client, server):
        self.away = self.gone
        self.close(client, server, *(self.open if self.away else []))
        self.met.set()

    def back(self, client, server):
        try:
            while data := server.recv(65536):
                if server is not self.muted:
                    client.sendall(data)
                elif data[-1:] in (b"T", b"E", b"I"):  # ReadyForQuery ends with the state of the transaction
                    self.break_off(client, server)
        except OSError:
            pass

    def stop(self):
        self.close(self.listener, *self.open)
        self.listener.close()


class CutSometimes(CutAtCommit):
    """Breaks off such a part of all COMMITs, half of them after they were sent."""

    def __init__(self, service):
        super().__init__(service)
        self.part, self.count, self.dice = 0, 0, random.Random(15)

    def forth(self, client, server):
        try:
            while data := client.recv(65536):
                if self.COMMIT in data and self.dice.random() < self.part:
                    self.count += 1
                    if self.count % 2:
                        break
                    server.sendall(data)
                    self.close(client)
                    return
                server.sendall(data)
        except OSError:
            pass
        self.close(client, server)

    def back(self, client, server):
        try:
            while data := server.recv(65536):
                client.sendall(data)
        except OSError:
            pass
        self.close(client, server)
