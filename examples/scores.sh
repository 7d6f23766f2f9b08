#!/bin/bash
# The administrative reform index of a unit (III.1.b): its frame, the unit's own points, the appraiser's, approval and publication.
. "$(dirname "$0")/common.sh"
new_body "Xã Chấm điểm" COMMUNE
card=/v1/scores/$unit/2024
frame=vi-du-$RANDOM$RANDOM

role=home_affairs
ask 201 PUT "/v1/score-frames/$frame/2024" '{"tier": "XA", "legal_basis": "451/QĐ-UBND", "nodes": [
    {"code": "1", "text_vi": "Công tác chỉ đạo điều hành", "kind": "NORMAL", "maximum": "71.50"}]}'
ask 200 GET "/v1/score-frames/$frame/2024"

role=unit
ask 201 PUT "$card" "{\"frame\": \"$frame\", \"leaves\": [{\"code\": \"1\", \"self_points\": \"70.00\", \"self_proof\": \"12/KH-SNV\"}]}"
ask 200 POST "$card/transitions" '{"action": "submit"}' -H "$(version)"
role=
matched=$(version)
ask 404 GET "$card" # nobody else knows of it before publication

role=home_affairs
ask 200 PUT "$card/appraisal" '{"leaves": [{"code": "1", "appraised_points": "64.35", "comment": "Thiếu báo cáo quý IV"}]}' -H "$matched"
ask 200 POST "$card/transitions" '{"action": "appraise"}' -H "$(version)"
ask 200 POST "$card/transitions" '{"action": "finalise"}' -H "$(version)"
role=chair_office
ask 200 POST "$card/transitions" '{"action": "approve", "decision_number": "310/QĐ-UBND", "decision_date": "2025-02-10"}' -H "$(version)"
role=home_affairs
ask 200 POST "$card/transitions" '{"action": "publish"}' -H "$(version)"
role=
ask 200 GET "$card"
[ "$(field appraised.index)" = 90.00 ] # 64,35/71,50 is exactly 90 %
