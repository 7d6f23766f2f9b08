#!/bin/bash
# A round from its register to a published award, each step by the office whose step it is: the units of one sở, year 2025.
. "$(dirname "$0")/common.sh"
round=/v1/campaigns/230-KH-UBND/rounds/2025
role=admin
ask 201 POST /v1/units "{\"name\": \"Sở Ví dụ $RANDOM\", \"kind\": \"PROVINCIAL_BODY\", \"valid_from\": \"2020-01-01\"}"
top=$(field id)
ask 201 POST /v1/units "{\"name\": \"Văn phòng Ví dụ\", \"kind\": \"PROVINCIAL_SUBUNIT\", \"parent_id\": \"$top\", \"valid_from\": \"2020-01-01\"}"
unit=$(field id)
ask 201 POST /v1/keys "{\"name\": \"Sở Ví dụ\", \"roles\": [\"unit\"], \"unit_id\": \"$top\"}"
own=(-H "Authorization: Bearer $(field key)")

echo "The register (II.1) and the findings of the appraisers (III.1.a)"
role=home_affairs
ask 201 PUT "$round/contestants/$unit" '{"group": "UNIT_UNDER_SO", "on_assessed_list": false, "advises_par": true, "source_document": "12/QĐ-SNV"}'
finding='"score": "95", "result": "OUTSTANDING_LEADING", "reason": "Dẫn đầu khối", "evidence": []'
ask 201 PUT "$round/findings/$unit" "{\"contents\": [{\"content\": \"A\", $finding}, {\"content\": \"B\", $finding}, {\"content\": \"C\", $finding}, {\"content\": \"D\", $finding}]}"

echo "An initiative, recognised by the provincial council (III.1.c)"
role=
ask 201 POST /v1/initiatives "{\"unit_id\": \"$unit\", \"title\": \"Giải pháp\", \"summary\": \"Rút ngắn thời gian\", \"kind\": \"SOLUTION\", \"applied_from\": \"2025-03-01\"}" "${own[@]}"
initiative=/v1/initiatives/$(field id)
role=initiative_council
ask 200 PUT "$initiative/recognition" '{"council": "PROVINCIAL", "outcome": "RECOGNISED", "recognised_on": "2026-01-20", "decision_number": "88/QĐ-HĐSK"}' \
    -H "$(matching "$initiative")"

echo "The dossier with its three kinds of paper (III.3), up and down again"
role=
ask 201 POST /v1/dossiers "{\"campaign\": \"230-KH-UBND\", \"year\": 2025, \"nominator_unit_id\": \"$top\"}" "${own[@]}"
dossier=/v1/dossiers/$(field id)
ask 201 PUT "$dossier/nominations/$unit" '{}' "${own[@]}"
for place in documents/TO_TRINH documents/MINUTES "nominations/$unit/documents/REPORT"; do
    pdf "$scratch/paper.pdf"
    ask 201 PUT "$dossier/$place" -H 'Content-Type: application/pdf' --data-binary @"$scratch/paper.pdf" "${own[@]}"
    ask 200 GET "$dossier/$place" "${own[@]}"
    cmp "$scratch/body" "$scratch/paper.pdf"
done
pdf "$scratch/paper.pdf"
ask 201 POST "$dossier/nominations/$unit/evidence?title=Gi%E1%BA%A5y" -H 'Content-Type: application/pdf' --data-binary @"$scratch/paper.pdf" "${own[@]}"
ask 200 DELETE "$dossier/documents/$(field id)" -H "$(version)" "${own[@]}"
ask 200 GET "$dossier" "${own[@]}"
ask 200 POST "$dossier/transitions" '{"action": "lodge"}' -H "$(version)" "${own[@]}"
role=home_affairs
ask 200 POST "$dossier/transitions" '{"action": "accept", "received_at": "2025-12-20T09:00:00+07:00", "source": "Sổ công văn đến"}' -H "$(matching "$dossier")"

echo "What is known, up to today; then the engine"
for register in initiatives discipline proceedings scores awards; do
    ask 200 PUT "$round/registers/$register" "{\"complete\": true, \"complete_through\": \"$(TZ=Asia/Ho_Chi_Minh date +%F)\", \"source\": \"Rà soát\"}" \
        -H "$(matching "$round/registers/$register")"
done
ask 201 POST "$round/evaluations" '{}'
evaluation=$(field id)
ask 200 GET "/v1/evaluations/$evaluation/verdicts/$unit"
[ "$(field overall)" = ELIGIBLE ]
ask 200 GET "/v1/evaluations/$evaluation/standings"

echo "Submission, decision, award (III.2, III.4.b)"
ask 201 POST "$round/proposals" "{\"evaluation_id\": \"$evaluation\", \"letter_number\": \"1082/TTr-SNV\", \"units\": [{\"unit_id\": \"$unit\"}]}"
proposal=$(field id)
ask 200 POST "/v1/proposals/$proposal/transitions" '{"action": "submit"}' -H "$(matching "/v1/proposals/$proposal")"
role=chair_office
ask 201 POST /v1/decisions "{\"kind\": \"AWARD\", \"proposal_id\": \"$proposal\"}"
decision=/v1/decisions/$(field id)
ask 200 POST "$decision/sign" "{\"number\": \"$RANDOM$RANDOM/QĐ-UBND\"}" -H "$(matching "$decision")"
ask 200 POST "$decision/publish" -H "$(matching "$decision")"
role=
ask 200 GET "/v1/awards?year=2025&unit_id=$unit" # V.3: now for everybody
[ "$(field items.0.state)" = ACTIVE ]
