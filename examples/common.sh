# What the examples share. `role` says whose demo key is used ('' for none); every answer must have the status that is named.
set -euo pipefail
api=${THIDUA:-http://127.0.0.1:8080}
keys=${DEMO_KEYS:-var/demo-keys.json}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Role → key.
declare -A key
listed=$(python3 -c 'import json, sys; print(*map(" ".join, json.load(open(sys.argv[1])).items()), sep="\n")' "$keys")
while read -r role secret; do key[$role]=$secret; done <<<"$listed"
role=

# field NAME: of the last answer; items.0.id looks into lists.
field() {
    python3 -c '
import functools, json, sys
take = lambda value, name: value[int(name)] if isinstance(value, list) else value[name]
print(functools.reduce(take, sys.argv[2].split("."), json.load(open(sys.argv[1]))))' "$scratch/body" "$1"
}

# ask STATUS METHOD PATH [JSON] [OPTION OF CURL…]: the answer's body is what `field` reads and `$scratch/body` holds.
ask() {
    local wanted=$1 method=$2 path=$3 found type=application/json
    local -a more=()
    shift 3
    [ "$method" = PATCH ] && type=application/merge-patch+json
    if [[ ${1-} == '{'* ]]; then
        more=(-H "Content-Type: $type" -d "$1")
        shift
    fi
    [ -n "$role" ] && more+=(-H "Authorization: Bearer ${key[$role]}")
    echo >>"$scratch/calls"
    found=$(curl -sS -X "$method" "$api$path" -H 'Accept-Language: en' -D "$scratch/head" -o "$scratch/body" -w '%{http_code}' "${more[@]}" "$@")
    echo "$found $method $path"
    if [ "$found" != "$wanted" ]; then
        echo "$wanted was expected:" >&2
        cat "$scratch/body" >&2
        exit 1
    fi
}

# How many calls were made so far.
calls() { wc -l <"$scratch/calls"; }

# The header that names the version of the last answer (RFC 9110, If-Match); matching PATH reads it first.
version() {
    echo "If-Match: $(tr -d '\r' <"$scratch/head" | sed -n 's/^[Ee][Tt]ag: //p')"
}
matching() {
    ask 200 GET "$1" >/dev/null
    version
}

# new_body NAME [KIND]: a phòng, or a body of another kind, of the demo's huyện, whose key is that of the role `unit`. It was there until the end of 2025, and owes no
# report (V.1), so that no list of the demo waits for it. Its id is in `unit`, the huyện's in `top`.
new_body() {
    role=unit
    ask 200 GET /v1/me
    top=$(field unit_id)
    role=admin
    ask 201 POST /v1/units "{\"name\": \"$1 $RANDOM$RANDOM\", \"kind\": \"${2-DISTRICT_SUBUNIT}\", \"parent_id\": \"$top\", \"valid_from\": \"2024-01-01\", \"valid_to\": \"2026-01-01\"}"
    unit=$(field id)
}

# A PDF of no pages, different each time.
pdf() {
    printf '%%PDF-1.4\n%% %s\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%%%EOF\n' "$RANDOM$RANDOM" >"$1"
}
