#!/bin/bash
# Units: entered, renamed from a day on, merged into another; their history and who they became. Both had ended before the reports of
# 2024 were due, so that nothing is owed.
. "$(dirname "$0")/common.sh"
role=admin
tag=$RANDOM$RANDOM
ask 201 POST /v1/units "{\"name\": \"Ban Mẫu $tag\", \"kind\": \"PROVINCIAL_BODY\", \"valid_from\": \"2020-01-01\"}"
old=$(field id)
ask 201 POST /v1/units "{\"name\": \"Sở Mẫu $tag\", \"kind\": \"PROVINCIAL_BODY\", \"valid_from\": \"2024-03-01\", \"valid_to\": \"2024-12-01\"}"
new=$(field id)

ask 428 PATCH "/v1/units/$old" "{\"valid_from\": \"2022-01-01\", \"name\": \"Ban Mẫu mới $tag\"}"
ask 200 PATCH "/v1/units/$old" "{\"valid_from\": \"2022-01-01\", \"name\": \"Ban Mẫu mới $tag\"}" -H "$(matching "/v1/units/$old")"
ask 200 GET "/v1/units/$old?on=2021-06-01"
[ "$(field name)" = "Ban Mẫu $tag" ]
ask 200 GET "/v1/units/$old/history"

ask 201 POST "/v1/units/$old/successions" "{\"kind\": \"MERGE\", \"effective_on\": \"2024-03-01\", \"legal_basis\": \"123/NQ-HĐND\", \"successors\": [\"$new\"]}" \
    -H "$(matching "/v1/units/$old")"
role=
ask 200 GET "/v1/units/$old/successions"
ask 200 GET "/v1/units?q=so%20mau%20$tag" # search needs no diacritics
[ "$(field items.0.id)" = "$new" ]
