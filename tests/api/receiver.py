"""A receiver of webhooks on 127.0.0.1, as somebody else would write it: keeps what came, answers as it is told, and verifies
signatures by the Standard Webhooks specification with nothing of the service's own."""
import base64
import hashlib
import hmac
import http.server
import json
import threading
import time

from contract import spelled
from service import wait_until


class Message:
    def __init__(self, path, headers, body):
        self.path, self.headers, self.body, self.at = path, headers, body, time.monotonic()
        self.id, self.event = headers["webhook-id"], json.loads(body)
        self.seq = int(self.event["id"])
        assert body.endswith(b"\n") and spelled(body[:-1].decode()), body

    def signed_by(self, secret):
        """How many of its signatures are by this secret."""
        assert abs(int(self.headers["webhook-timestamp"]) - time.time()) < 60
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        content = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        wanted = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        return [hmac.compare_digest(given, wanted) for given in self.headers["webhook-signature"].split(" ")].count(True)


class Receiver:
    """`answer(message)` → status, or (status, headers); 204 where it is not given. Blocks as long as it likes."""

    def __init__(self, answer=None):
        self.answer, self.messages, lock = answer or (lambda message: 204), [], threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                message = Message(self.path, self.headers, self.rfile.read(int(self.headers["Content-Length"])))
                with lock:
                    receiver.messages.append(message)
                answer = receiver.answer(message)
                status, headers = answer if isinstance(answer, tuple) else (answer, {})
                try:
                    self.send_response(status)
                    for name, value in {"Content-Length": "0", **headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                except OSError:
                    pass  # the sender has gone

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request, client_address):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def subjects(self):
        return [message.event["subject"] for message in list(self.messages)]

    def await_subject(self, subject, seconds=20):
        wait_until(lambda: subject in self.subjects(), seconds)
        return next(message for message in self.messages if message.event["subject"] == subject)
