#!/bin/bash
# The administrative reform index of a year (III.1.b): the frame, the units' own points, the appraiser's, approval by one decision and
# publication. Each step is one call for all cards, whatever their number: all of them take it, or none.
. "$(dirname "$0")/common.sh"
new_body "Xã Chấm điểm" COMMUNE
first=$unit
new_body "Xã Chấm điểm" COMMUNE
frame=vi-du-$RANDOM$RANDOM

# The two cards in the version that the last answer shows: what the next step names.
cards() {
    python3 -c '
import json, sys
print(json.dumps([{name: item[name] for name in ("unit_id", "version")}
                  for item in json.load(open(sys.argv[1]))["items"] if item["unit_id"] in sys.argv[2:]]))' "$scratch/body" "$first" "$unit"
}

role=home_affairs
ask 201 PUT "/v1/score-frames/$frame/2024" '{"tier": "XA", "legal_basis": "451/QĐ-UBND", "nodes": [
    {"code": "1", "text_vi": "Công tác chỉ đạo điều hành", "kind": "NORMAL", "maximum": "71.50"}]}'
ask 200 GET "/v1/score-frames/$frame/2024"

role=unit
for one in "$first" "$unit"; do
    ask 201 PUT "/v1/scores/$one/2024" "{\"frame\": \"$frame\", \"leaves\": [{\"code\": \"1\", \"self_points\": \"70.00\", \"self_proof\": \"12/KH-SNV\"}]}"
done
role=
ask 404 GET "/v1/scores/$unit/2024" # nobody else knows of it before publication
role=unit
ask 200 GET "/v1/scores?year=2024&state=SELF_DRAFT"
ask 200 POST /v1/scores/transitions "{\"year\": 2024, \"action\": \"submit\", \"scores\": $(cards)}"

role=home_affairs
appraisals=$(cards | python3 -c 'import json, sys; print(json.dumps([
    {**card, "leaves": [{"code": "1", "appraised_points": "64.35", "comment": "Thiếu báo cáo quý IV"}]} for card in json.load(sys.stdin)]))')
ask 200 POST /v1/scores/appraisals "{\"year\": 2024, \"appraisals\": $appraisals}"
ask 200 POST /v1/scores/transitions "{\"year\": 2024, \"action\": \"appraise\", \"scores\": $(cards)}"
ask 200 POST /v1/scores/transitions "{\"year\": 2024, \"action\": \"finalise\", \"scores\": $(cards)}"
role=chair_office
ask 200 POST /v1/scores/transitions "{\"year\": 2024, \"action\": \"approve\", \"decision_number\": \"310/QĐ-UBND\", \"decision_date\": \"2025-02-10\", \"scores\": $(cards)}"
role=home_affairs
ask 200 POST /v1/scores/transitions "{\"year\": 2024, \"action\": \"publish\", \"scores\": $(cards)}"
role=
ask 200 GET "/v1/scores/$unit/2024"
[ "$(field appraised.index)" = 90.00 ] # 64,35/71,50 is exactly 90 %
