#!/bin/bash
# What happened since: the feed page by page, and the stream from where one left off.
. "$(dirname "$0")/common.sh"
role=auditor
ask 200 GET /v1/journal/head
from=$(field seq)
role=admin
ask 201 POST /v1/keys '{"name": "nghe", "roles": ["viewer"]}'
id=$(field id)
role=auditor
until ask 200 GET "/v1/events?after=$from" && grep -q "/v1/keys/$id" "$scratch/body"; do sleep 0.2; done
ask 200 GET "/v1/journal?after=$from"
role=admin
ask 200 DELETE "/v1/keys/$id"
# A stream has no end of its own: who has read what they waited for hangs up, and who is cut off before asks again from where they were.
until grep -m 1 "/v1/keys/$id" < <(curl -sSN --max-time 60 "$api/v1/events/stream" -H "Last-Event-ID: $from" -H "Authorization: Bearer ${key[auditor]}" 2>/dev/null); do
    sleep 0.2
done
