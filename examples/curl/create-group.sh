#!/bin/sh
# Logs in, creates a group, meets a 400 and the error 5026, and asks the sandbox why.
#
#   examples/curl/create-group.sh [BASE_URL]
set -eu
base=${1:-${GENUIN_BASE_URL:-http://127.0.0.1:4368}}
tenant=example-curl
good='{"type": 4, "community_id": "f2a05adb-93ce-4a19-b003-3523fa745667"}'
# the field has another name than the API's
mistaken='{"type": 4, "communityId": "f2a05adb-93ce-4a19-b003-3523fa745667"}'

# creates a group and prints the status, the code, and what a client should do: BODY [CURL OPTION...]
create() {
    body=$1
    shift
    answer=$(curl -sS -w '\n%{http_code}' "$base/api/thirdparty/group/create" -H "Authorization: Bearer $token" \
        -H 'Content-Type: application/json' -d "$body" "$@")
    status=${answer##*
}
    # trap 1: a number in a success, {"code":200, but a string in an error, {"code":"1099"
    code=$(printf '%s' "$answer" | sed -n 's/^{"code":"\{0,1\}\([0-9]*\).*/\1/p')
    # a gateway in front of the API answers 429, 502, 503 and 504 with a page in HTML
    code=${code:-none}
    # trap 2: 5026 comes as HTTP 500, but the video stays missing however often it is tried
    case $status/$code in
    200/*) todo="go on" ;;
    500/5026) todo="give up" ;;
    429/* | 5??/*) todo="try again" ;;
    *) todo="give up" ;;
    esac
    echo "HTTP $status, code $code: $todo"
}

# prints what was found and ends if it is not what was expected
expect() {
    echo "$2"
    [ "$1" = "$2" ] || { echo "expected: $1" >&2 && exit 1; }
}

# 1. log in; the token is in a header of the answer
token=$(curl -sS -f -o /dev/null -D - "$base/api/thirdparty/auth" -H 'Content-Type: application/json' \
    -d '{"api_key": "gnsb_'$tenant'", "api_secret": "gnsb-secret"}' |
    tr -d '\r' | sed -n 's/^gn-access-token: //p')

# 2. create a group
expect "HTTP 200, code 200: go on" "$(create "$good")"

# 3. a 400: forced by a header, then by a mistake
expect "HTTP 400, code 1099: give up" "$(create "$good" -H 'X-Sandbox-Scenario: 400')"
expect "HTTP 400, code 1099: give up" "$(create "$mistaken")"
journal=$(curl -sS -f "$base/_sandbox/v1/tenants/$tenant/requests/last")

# 4. the two kinds of HTTP 500
expect "HTTP 500, code 1099: try again" "$(create "$good" -H 'X-Sandbox-Scenario: 500')"
expect "HTTP 500, code 5026: give up" "$(create "$good" -H 'X-Sandbox-Scenario: 5026')"
for status in 429 502 503 504; do
    # a body of its own, so that it counts as no retry of another call
    body="${good%\}}, \"group\": {\"name\": \"Try $status again\"}}"
    expect "HTTP $status, code none: try again" "$(create "$body" -H "X-Sandbox-Scenario: $status")"
done

# 5. why it was refused: the journal has the reason, which the vendor does not tell
expect 'you sent "communityId" — did you mean "community_id"?' \
    "$(printf '%s' "$journal" | sed 's/.*"suggestion":"//; s/","patch".*//; s/\\"/"/g')"
