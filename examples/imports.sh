#!/bin/bash
# Units as CSV: rehearsed, refused with every bad row named, then written as a whole.
. "$(dirname "$0")/common.sh"
role=admin
code=$((RANDOM % 90 + 10)).$((RANDOM % 900 + 100)).$((RANDOM % 900 + 100))
heading=gso_code,agency_code,name,kind,parent_gso_code,parent_agency_code,valid_from,legal_basis
printf '%s\n,H%s,Sở Nhập,PROVINCIAL_BODY,,,2024-01-01,\n,H%s.01,Phòng Nhập,PROVINCIAL_SUBUNIT,,H%s,2024-01-01,\n' "$heading" "$code" "$code" "$code" \
    >"$scratch/good.csv"
printf '%s\n,H%s,,KINGDOM,,,hôm nay,\n' "$heading" "$code" >"$scratch/bad.csv"
csv=(-H 'Content-Type: text/csv')
ask 422 POST '/v1/imports?kind=units' "${csv[@]}" --data-binary @"$scratch/bad.csv"
python3 -m json.tool --no-ensure-ascii "$scratch/body"
ask 200 POST '/v1/imports?kind=units&dry_run=true' "${csv[@]}" --data-binary @"$scratch/good.csv"
ask 201 POST '/v1/imports?kind=units' "${csv[@]}" --data-binary @"$scratch/good.csv"
[ "$(field created)" = 2 ]

echo "Entered by mistake: withdrawn while nothing rests on them, so that nothing is owed"
for mistaken in "$code.01" "$code"; do
    ask 200 GET "/v1/units?code=H$mistaken"
    place=/v1/units/$(field items.0.id)
    ask 204 DELETE "$place" -H "$(matching "$place")"
done
