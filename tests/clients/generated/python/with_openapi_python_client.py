"""The five steps with the client of openapi-python-client."""

import json
import os
from typing import Literal

import httpx
from genuin.api.authentication import auth
from genuin.api.groups import create_group
from genuin.client import AuthenticatedClient, Client
from genuin.models.auth_request import AuthRequest
from genuin.models.bad_request_error import BadRequestError
from genuin.models.create_group_answer import CreateGroupAnswer
from genuin.models.create_group_request import CreateGroupRequest
from genuin.models.create_group_request_type import CreateGroupRequestType
from genuin.models.requested_group import RequestedGroup
from genuin.models.member_by_phone import MemberByPhone
from genuin.models.video_not_found_error import VideoNotFoundError

base_url = os.environ["GENUIN_BASE_URL"]
tenant = "generated-openapi-python-client"
login = auth.sync_detailed(
    client=Client(base_url=base_url), body=AuthRequest(api_key=f"gnsb_{tenant}", api_secret="gnsb-secret")
)
client = AuthenticatedClient(base_url=base_url, token=login.headers["gn-access-token"])

group = CreateGroupRequest(
    type_=CreateGroupRequestType.VALUE_4,
    community_id="f2a05adb-93ce-4a19-b003-3523fa745667",
    group=RequestedGroup(name="Tech Conversations", members=[MemberByPhone(phone_number="919876543210")]),
)
created = create_group.sync(client=client, body=group)
assert isinstance(created, CreateGroupAnswer)
# the type of the code is the number itself
code: Literal[200] = created.code
assert code == 200

refused = create_group.sync(client=client.with_headers({"X-Sandbox-Scenario": "400"}), body=group)
assert isinstance(refused, BadRequestError)
text: Literal["1099"] = refused.code
assert text == "1099"

missing = create_group.sync(client=client.with_headers({"X-Sandbox-Scenario": "5026"}), body=group)
assert isinstance(missing, VideoNotFoundError)
permanent: Literal["5026"] = missing.code
assert permanent == "5026"

calls = httpx.get(f"{base_url}/_sandbox/v1/tenants/{tenant}/requests?last=3").json()["requests"]
assert [call["outcome"] for call in calls] == ["ok", "bad-request", "video-not-found"], calls
assert json.loads(calls[0]["body"])["group"]["members"] == [{"phone_number": "919876543210"}], calls[0]
