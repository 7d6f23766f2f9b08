#!/bin/bash
# Events sent to a URL: a signature verified, what was delivered, sent again, the secret turned, the end. The receiver is on this
# machine, where a service sends only if it is told so (THIDUA_WEBHOOK_ALLOW), as ./run tells it while it listens on loopback.
. "$(dirname "$0")/common.sh"

# What a receiver has to do: take the bytes as they came, and answer at once. This one keeps them in a folder a message.
mkdir "$scratch/received"
python3 -c '
import http.server, itertools, pathlib, sys
place, numbers = pathlib.Path(sys.argv[1]), itertools.count(1)
class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        taken = place / "next"
        taken.mkdir()
        (taken / "body").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
        for name in ("id", "timestamp", "signature"):
            (taken / name).write_text(self.headers["webhook-" + name])
        taken.rename(place / str(next(numbers)))
        self.send_response(204)
        self.end_headers()
server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
print(server.server_port, flush=True)
server.serve_forever()' "$scratch/received" >"$scratch/port" 2>/dev/null &
receiver=$!
trap 'kill $receiver; rm -rf "$scratch"' EXIT
until [ -s "$scratch/port" ]; do sleep 0.1; done

# received N: waits for the message.
received() {
    for _ in $(seq 300); do [ -d "$scratch/received/$1" ] || sleep 0.1; done
    echo "received $(<"$scratch/received/$1/id")"
}

# signed_by N SECRET (Standard Webhooks 1.0). An old timestamp is somebody who sends again what they once saw.
signed_by() {
    secret=$2 python3 -c '
import base64, hashlib, hmac, os, pathlib, sys, time
read = lambda name: (pathlib.Path(sys.argv[1]) / name).read_bytes()
key = base64.b64decode(os.environ["secret"].removeprefix("whsec_"))
signed = hmac.new(key, b".".join(map(read, ("id", "timestamp", "body"))), hashlib.sha256).digest()
wanted = b"v1," + base64.b64encode(signed)
good = [hmac.compare_digest(given, wanted) for given in read("signature").split(b" ")]  # two while a secret is being replaced
sys.exit(0 if any(good) and abs(time.time() - int(read("timestamp"))) < 300 else 1)' "$scratch/received/$1"
}

role=auditor
ask 201 POST /v1/webhooks "{\"url\": \"http://127.0.0.1:$(<"$scratch/port")/thidua\", \"types\": [\"thidua.decision.*\"], \"description\": \"Ví dụ\"}"
hook=/v1/webhooks/$(field id) first=$(field secret) # shown this once
ask 200 POST "$hook/test" # an event that passes every filter
received 1
signed_by 1 "$first"

echo "What became of it, and once more: the same webhook-id"
until ask 200 GET "$hook/deliveries?state=DELIVERED" && grep -q '"seq"' "$scratch/body"; do sleep 0.2; done
ask 200 POST "$hook/deliveries/$(field items.0.seq)/resend"
received 2
signed_by 2 "$first"
cmp "$scratch/received/1/id" "$scratch/received/2/id"

echo "A new secret: for an hour each event is signed by both, so that the receiver can change in its own time"
ask 200 POST "$hook/rotate-secret" '{"overlap_hours": 1}' -H "$(matching "$hook")"
second=$(field secret)
ask 200 POST "$hook/test"
received 3
for secret in "$first" "$second"; do signed_by 3 "$secret"; done
if signed_by 1 "$second"; then exit 1; fi

echo "Paused, nothing is sent and nothing lost; then away with it"
ask 200 PATCH "$hook" '{"state": "PAUSED"}' -H "$(matching "$hook")"
ask 200 GET /v1/webhooks
ask 204 DELETE "$hook" -H "$(matching "$hook")"
ask 404 GET "$hook"
