#!/bin/bash
# People decide beside the engine (II.2, III.2.b): the order of two units that are alike in everything, and a place otherwise than
# computed. Both stand beside what was computed, with their reasons, and are inputs of what is computed next. Year 2025.
. "$(dirname "$0")/common.sh"
round=/v1/campaigns/230-KH-UBND/rounds/2025

# of UNIT NAME: that member of the unit's row in the standings read last.
of() {
    python3 -c '
import json, sys
print(next(item[sys.argv[3]] for item in json.load(open(sys.argv[1]))["items"] if item["unit_id"] == sys.argv[2]))' "$scratch/body" "$1" "$2"
}

role=unit
ask 200 GET /v1/me
ask 201 POST /v1/dossiers "{\"campaign\": \"230-KH-UBND\", \"year\": 2025, \"nominator_unit_id\": \"$(field unit_id)\"}"
dossier=/v1/dossiers/$(field id)
places=(documents/TO_TRINH documents/MINUTES)

echo "Two units with the same scores, each eligible as in round.sh"
score=$((RANDOM % 30 + 60)).$((RANDOM % 90 + 10))
units=()
for name in "Phòng Một" "Phòng Hai"; do
    new_body "$name"
    units+=("$unit") places+=("nominations/$unit/documents/REPORT")
    role=home_affairs
    ask 201 PUT "$round/contestants/$unit" '{"group": "UNIT_UNDER_HUYEN", "on_assessed_list": false, "advises_par": true, "source_document": "12/QĐ-SNV"}'
    finding="\"score\": \"$score\", \"result\": \"OUTSTANDING_LEADING\", \"reason\": \"Dẫn đầu khối\", \"evidence\": []"
    ask 201 PUT "$round/findings/$unit" "{\"contents\": [{\"content\": \"A\", $finding}, {\"content\": \"B\", $finding}, {\"content\": \"C\", $finding}, {\"content\": \"D\", $finding}]}"
    role=unit
    ask 201 POST /v1/initiatives "{\"unit_id\": \"$unit\", \"title\": \"Giải pháp\", \"summary\": \"Rút ngắn thời gian\", \"kind\": \"SOLUTION\", \"applied_from\": \"2025-03-01\"}"
    initiative=/v1/initiatives/$(field id)
    role=initiative_council
    ask 200 PUT "$initiative/recognition" '{"council": "PROVINCIAL", "outcome": "RECOGNISED", "recognised_on": "2026-01-20", "decision_number": "88/QĐ-HĐSK"}' \
        -H "$(version)"
    role=unit
    ask 201 PUT "$dossier/nominations/$unit" '{}'
done
for place in "${places[@]}"; do
    pdf "$scratch/paper.pdf"
    ask 201 PUT "$dossier/$place" -H 'Content-Type: application/pdf' --data-binary @"$scratch/paper.pdf"
done
ask 200 POST "$dossier/transitions" '{"action": "lodge"}' -H "$(version)"
role=home_affairs
ask 200 POST "$dossier/transitions" '{"action": "accept", "received_at": "2025-12-20T09:00:00+07:00", "source": "Sổ công văn đến"}' -H "$(version)"
for register in initiatives discipline proceedings scores awards; do
    ask 200 PUT "$round/registers/$register" "{\"complete\": true, \"complete_through\": \"$(TZ=Asia/Ho_Chi_Minh date +%F)\", \"source\": \"Rà soát\"}" \
        -H "$(matching "$round/registers/$register")"
done

echo "No key of the standings tells them apart: they share a rank, until somebody draws lots"
one=${units[0]} two=${units[1]}
ask 201 POST "$round/evaluations" '{}'
evaluation=$(field id)
ask 200 GET "/v1/evaluations/$evaluation/standings"
[ "$(of "$one" rank)" = "$(of "$two" rank)" ]
ask 201 POST "$round/tie-decisions" "{\"units\": [\"$two\", \"$one\"], \"method\": \"LOT\", \"reason\": \"Bốc thăm công khai trước Hội đồng\", \"document\": \"15/BB-HĐTĐKT\"}"
decision=$(field id)
ask 200 GET "$round/tie-decisions/$decision"
ask 201 POST "$round/evaluations" '{}'
evaluation=$(field id)
grep -q "$decision" "$scratch/body" # what it was computed from names the lots
ask 200 GET "/v1/evaluations/$evaluation/standings"
[ "$(of "$two" rank)" -lt "$(of "$one" rank)" ]

echo "The second one withdraws: it stays where it was computed, and is proposed by nobody"
computed=$(of "$two" status)
ask 201 POST "/v1/evaluations/$evaluation/overrides" "{\"unit_id\": \"$two\", \"decided\": \"OUT\", \"reason\": \"Đơn vị xin rút\", \"legal_basis\": \"12/CV-SVD\"}"
ask 200 GET "/v1/evaluations/$evaluation/overrides/$(field id)"
ask 422 POST "$round/proposals" "{\"evaluation_id\": \"$evaluation\", \"letter_number\": \"1/TTr-SNV\", \"units\": [{\"unit_id\": \"$two\"}]}"

echo "Taken back by another one that says what was computed; nothing is ever deleted"
ask 201 POST "/v1/evaluations/$evaluation/overrides" "{\"unit_id\": \"$two\", \"decided\": \"$computed\", \"reason\": \"Đơn vị rút lại đơn\", \"legal_basis\": \"13/CV-SVD\"}"
ask 200 GET "/v1/evaluations/$evaluation/overrides"
[ "$(field items.1.in_force)" = True ]
role=auditor
ask 200 POST "/v1/evaluations/$evaluation/replay"
[ "$(field identical)" = True ]

echo "The dossier is withdrawn, so that no list of the demo waits for these two"
role=unit
ask 200 POST "$dossier/transitions" '{"action": "withdraw", "reason": "Hết ví dụ"}' -H "$(matching "$dossier")"
