#!/bin/bash
# Access keys: made, shown once, turned without a gap, revoked at once.
. "$(dirname "$0")/common.sh"
role=admin
ask 201 POST /v1/keys '{"name": "Cổng thông tin", "roles": ["viewer"]}'
id=$(field id) first=$(field key)
matched=$(matching "/v1/keys/$id")
role=
ask 200 POST "/v1/keys/$id/rotate" '{"overlap_hours": 1}' -H "$matched" -H "Authorization: Bearer $first"
second=$(field key)
for secret in "$first" "$second"; do
    ask 200 GET /v1/me -H "Authorization: Bearer $secret"
done
role=admin
ask 200 DELETE "/v1/keys/$id"
ask 200 GET /v1/keys
role=
ask 401 GET /v1/me -H "Authorization: Bearer $second"
