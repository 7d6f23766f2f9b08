"""nginx and HAProxy as operators put them before the service: real ones, each on a free port of this machine with a configuration of its own."""
import pathlib
import re
import socket
import subprocess
import tempfile
import time

NGINX = """
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
    # So that nobody waits long for who says nothing more.
    keepalive_timeout 200ms;
    client_header_timeout 1s;
    client_body_timeout 1s;
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
    }}
}}
"""
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


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Proxy:
    """A running proxy before the service's port; requests() tells how many requests it has seen end."""

    def __init__(self, kind, service_port):
        self.folder, self.port = pathlib.Path(tempfile.mkdtemp(prefix="thidua-proxy-")), free_port()
        self.folder.chmod(0o777)  # nginx' workers run as another user
        self.access = self.folder / "access.log"
        configuration = self.folder / "configuration"
        values = {"folder": self.folder, "port": self.port, "service": service_port, "buffering": "off" if kind == "nginx, unbuffered" else "on"}
        configuration.write_text((HAPROXY if kind == "haproxy" else NGINX).format(**values), encoding="ascii")
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

    def requests(self):
        """Lines of its log with the status of an answer."""
        return len(re.findall(r'(?m)^.*(?:" \d{3} \d+ "|/\d+ \d{3} \d+ ).*$', self.access.read_text(errors="replace")))

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)
        self.output.close()
