#!/bin/bash
# Rules as data: another version of the criteria set, drafted, checked, compared, tried against past verdicts, published.
. "$(dirname "$0")/common.sh"
role=home_affairs
ask 200 GET /v1/campaigns/230-KH-UBND
name=$(field criteria_set.name) version=$(field criteria_set.version)
ask 200 GET "/v1/criteria-sets/$name/$version"
document() { # NEXT VERSION: the same rules under another number
    python3 -c '
import json, sys
rules = json.load(open(sys.argv[1]))["document"]
rules["version"] = int(sys.argv[2])
print(json.dumps({"document": rules}, ensure_ascii=False))' "$scratch/body" "$1"
}
next=$((RANDOM % 9000 + 100))
document $next >"$scratch/draft.json"
ask 200 POST /v1/criteria-sets/check -H 'Content-Type: application/json' --data-binary @"$scratch/draft.json"
[ "$(field publishable)" = True ]
ask 201 POST /v1/criteria-sets -H 'Content-Type: application/json' --data-binary @"$scratch/draft.json"
ask 200 GET "/v1/criteria-sets/$name/diff?from=$version&to=$next"
ask 200 POST "/v1/criteria-sets/$name/$next/impact" '{}'
ask 200 POST "/v1/criteria-sets/$name/$next/publish" -H "$(matching "/v1/criteria-sets/$name/$next")"
ask 409 PUT "/v1/criteria-sets/$name/$next" -H 'Content-Type: application/json' --data-binary @"$scratch/draft.json" \
    -H "$(matching "/v1/criteria-sets/$name/$next")" # a published version never changes
