#!/bin/sh
# What a partner's client does, as calls with curl: logs in, creates a community and a group in it, posts a video,
# changes the group, and brings users and a moderator. Prints each answer; ends with the first call that is no
# success. It can be run again and again.
#
#   docs/partner-flow.sh [BASE_URL]
#
# Without BASE_URL it takes that of GENUIN_BASE_URL, or else http://127.0.0.1:4368.
set -eu
api="${1:-${GENUIN_BASE_URL:-http://127.0.0.1:4368}}/api/thirdparty"

# prints the answer to a call: method, path, body
call() {
    curl --silent --show-error --fail-with-body --request "$1" "$api$2" --data "$3" \
        --header "Authorization: Bearer $token" --header "Content-Type: application/json"
}

# prints the first string of a key in an answer
value_of() {
    printf '%s' "$2" | sed "s/^.*\"data\":{//; s/^.*\"$1\":\"\([^\"]*\)\".*$/\1/"
}

# the token is in a header of the answer
token=$(curl --silent --show-error --fail --output /dev/null --dump-header - "$api/auth" \
    --header "Content-Type: application/json" \
    --data '{"api_key":"demo-key","api_secret":"demo-secret"}' |
    tr -d '\r' | sed -n 's/^gn-access-token: //p')

# a handle can be used once
community=$(call POST /community/create '{
    "handle": "partner-'"$(date +%s)-$$"'", "name": "Partners", "type": 1,
    "actions": [{"action_id": 2, "access_type_id": 3}], "categories": {"existing": [1]}
}')
echo "$community"
community_id=$(value_of community_id "$community")

group=$(call POST /group/create '{
    "type": 4,
    "community_id": "'"$community_id"'",
    "group": {"name": "Tech Conversations", "members": [{"phone_number": "919876543210"}]}
}')
echo "$group"
chat_id=$(value_of chat_id "$group")

call POST /conversation/reply '{
    "chat_id": "'"$chat_id"'", "video_name": "first.mp4", "thumbnail_name": "first.jpg", "link": "",
    "duration": "8", "size": "5", "aspect_ratio": "16:9", "resolution": "688x1220"
}'
echo

call PATCH "/update_conversation/$chat_id" '{
    "name": "Tech Talks",
    "members_added": [{"user_id": "0badcafe-1111-4222-8333-444455556666"}]
}'
echo

call POST /community/add_users '{
    "communities": ["'"$community_id"'"],
    "users": [{"user_id": "0badcafe-1111-4222-8333-444455556666"}, {"phone_number": "919437243350"}]
}'
echo

call POST /community/add_moderators '{
    "community_id": "'"$community_id"'",
    "users": ["0badcafe-1111-4222-8333-444455556666"]
}'
echo
