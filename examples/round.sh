#!/bin/bash
# A round from its register to a published award, each step by the office whose step it is: one phòng of the demo's huyện, year 2025.
# No call only reads an ETag: `version` is the one of the last answer, which is what the next write has to match.
. "$(dirname "$0")/common.sh"
round=/v1/campaigns/230-KH-UBND/rounds/2025
new_body "Phòng Ví dụ"

echo "The register (II.1) and the findings of the appraisers (III.1.a)"
role=home_affairs
ask 201 PUT "$round/contestants/$unit" '{"group": "UNIT_UNDER_HUYEN", "on_assessed_list": false, "advises_par": true, "source_document": "12/QĐ-SNV"}'
finding='"score": "95", "result": "OUTSTANDING_LEADING", "reason": "Dẫn đầu khối", "evidence": []'
ask 201 PUT "$round/findings/$unit" "{\"contents\": [{\"content\": \"A\", $finding}, {\"content\": \"B\", $finding}, {\"content\": \"C\", $finding}, {\"content\": \"D\", $finding}]}"

echo "An initiative, recognised by the provincial council (III.1.c)"
role=unit
ask 201 POST /v1/initiatives "{\"unit_id\": \"$unit\", \"title\": \"Giải pháp\", \"summary\": \"Rút ngắn thời gian\", \"kind\": \"SOLUTION\", \"applied_from\": \"2025-03-01\"}"
role=initiative_council
ask 200 PUT "/v1/initiatives/$(field id)/recognition" \
    '{"council": "PROVINCIAL", "outcome": "RECOGNISED", "recognised_on": "2026-01-20", "decision_number": "88/QĐ-HĐSK"}' -H "$(version)"

echo "The dossier with its three kinds of paper (III.3): each of them changes the dossier, and answers with its ETag"
role=unit
ask 201 POST /v1/dossiers "{\"campaign\": \"230-KH-UBND\", \"year\": 2025, \"nominator_unit_id\": \"$top\"}"
dossier=/v1/dossiers/$(field id)
ask 201 PUT "$dossier/nominations/$unit" '{}' -H "$(version)"
for place in documents/TO_TRINH documents/MINUTES "nominations/$unit/documents/REPORT"; do
    pdf "$scratch/paper.pdf"
    ask 201 PUT "$dossier/$place" -H 'Content-Type: application/pdf' -H "$(version)" --data-binary @"$scratch/paper.pdf"
done
ask 200 POST "$dossier/transitions" '{"action": "lodge"}' -H "$(version)"
role=home_affairs
ask 200 POST "$dossier/transitions" '{"action": "accept", "received_at": "2025-12-20T09:00:00+07:00", "source": "Sổ công văn đến"}' -H "$(version)"

echo "What is known, up to today; then the engine"
ask 200 POST "$round/registers" "{\"declarations\": [$(for register in initiatives discipline proceedings scores awards; do
    printf '%s{"register": "%s", "complete": true, "complete_through": "%s", "source": "Rà soát"}' "${comma-}" "$register" "$(TZ=Asia/Ho_Chi_Minh date +%F)"
    comma=,
done)]}"
ask 201 POST "$round/evaluations" '{}'
evaluation=$(field id)
ask 200 GET "/v1/evaluations/$evaluation/verdicts/$unit"
[ "$(field overall)" = ELIGIBLE ]

echo "Submission, decision, award (III.2, III.4.b). The round follows by itself: PROPOSED, then DECIDED"
ask 201 POST "$round/proposals" "{\"evaluation_id\": \"$evaluation\", \"letter_number\": \"$RANDOM$RANDOM/TTr-SNV\", \"units\": [{\"unit_id\": \"$unit\"}]}"
proposal=$(field id)
ask 200 POST "/v1/proposals/$proposal/transitions" '{"action": "submit"}' -H "$(version)"
role=chair_office
ask 201 POST /v1/decisions "{\"kind\": \"AWARD\", \"proposal_id\": \"$proposal\"}"
decision=/v1/decisions/$(field id)
ask 200 POST "$decision/sign" "{\"number\": \"$RANDOM$RANDOM/QĐ-UBND\"}" -H "$(version)"
ask 200 POST "$decision/publish" -H "$(version)"
role=
ask 200 GET "/v1/awards?year=2025&unit_id=$unit" # V.3: now for everybody
[ "$(field items.0.state)" = ACTIVE ]
echo "$(calls) calls"
