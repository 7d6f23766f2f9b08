#!/bin/bash
# Many writes in one call, all or none: findings, yearly reports on paper, discipline records, and what became of units.
. "$(dirname "$0")/common.sh"
round=/v1/campaigns/230-KH-UBND/rounds/2025
role=admin
units=()
for name in Một Hai Ba; do
    ask 201 POST /v1/units "{\"name\": \"Sở Gộp $name $RANDOM\", \"kind\": \"PROVINCIAL_BODY\", \"valid_from\": \"2025-01-01\"}"
    units+=("$(field id)")
done
# list TEXT: the items of a list, with @ for the unit of each and # for a number.
list() {
    for i in "${!units[@]}"; do
        printf '%s' "${1//@/${units[i]}}" | sed "s/#/$((RANDOM * 10 + i))/"
        [ "$i" = 2 ] || printf ', '
    done
}
role=home_affairs
for unit in "${units[@]}"; do
    ask 201 PUT "$round/contestants/$unit" '{"group": "SO_BAN_NGANH", "on_assessed_list": false}'
done

echo "Findings (III.1.a): what is wrong is named where it stands, and nothing is written"
found='{"unit_id": "@", "contents": [{"content": "A", "score": "95", "result": "OUTSTANDING", "reason": "Số liệu của sở"}]}'
ask 422 POST "$round/findings" "{\"findings\": [$(list "$found"), {\"unit_id\": \"${units[0]}\", \"contents\": []}]}"
python3 -m json.tool --no-ensure-ascii "$scratch/body"
[ "$(field errors.0.pointer)" = /findings/3/contents ]
ask 201 POST "$round/findings?dry_run=true" "{\"findings\": [$(list "$found")]}"
ask 201 POST "$round/findings" "{\"findings\": [$(list "$found")]}"
tag=$(field items.1.version) # of what is there, to write over it
again="{\"findings\": [{\"unit_id\": \"${units[1]}\", \"version\": \"$tag\", \"contents\": [{\"content\": \"A\", \"score\": \"96\", \"result\": \"OUTSTANDING\", \"reason\": \"Sửa\"}]}]}"
ask 200 POST "$round/findings" "$again"
ask 409 POST "$round/findings" "$again"
[ "$(field errors.0.code)" = stale-version ]

echo "Yearly reports that came on paper (V.1); sent twice by the same key, they are entered once"
paper='{"unit_id": "@", "document_number": "#/BC-S", "document_date": "2025-11-20", "received_at": "2025-11-21T08:30:00+07:00", "source": "Sổ công văn đến"}'
reports="{\"reports\": [$(list "$paper")]}"
once=(-H "Idempotency-Key: \"$RANDOM$RANDOM$RANDOM\"")
ask 201 POST "$round/reports" "$reports" "${once[@]}"
ask 201 POST "$round/reports" "$reports" "${once[@]}"
grep -qi '^idempotency-replayed: true' "$scratch/head"

echo "Decisions on persons (III.1.d), as a file"
printf 'unit_id,person_name,position,regime,level,decision_number,decision_date,effective_from\n' >"$scratch/records.csv"
for unit in "${units[@]}"; do
    printf '%s,(họ và tên),Khác,CIVIL_SERVANT,KHIEN_TRACH,%s/QĐ-S,2025-05-06,2025-05-06\n' "$unit" "$RANDOM$RANDOM" >>"$scratch/records.csv"
done
ask 201 POST '/v1/imports?kind=discipline_records' -H 'Content-Type: text/csv' --data-binary @"$scratch/records.csv"
[ "$(field created)" = 3 ]

echo "Two merge into the third, which ends a month later: in the order of the list"
merge='"kind": "MERGE", "effective_on": "2026-03-01", "legal_basis": "12/NQ-HĐND", "successors": ["'${units[2]}'"]'
ask 201 POST /v1/units/successions "{\"successions\": [{\"unit_id\": \"${units[0]}\", $merge}, {\"unit_id\": \"${units[1]}\", $merge},
    {\"unit_id\": \"${units[2]}\", \"kind\": \"DISSOLVE\", \"effective_on\": \"2026-04-01\", \"legal_basis\": \"13/NQ-HĐND\"}]}"
[ "$(field items.2.successions.2.kind)" = DISSOLVE ]
