"""The five steps with the client of openapi-generator."""

import json
import os
import urllib.request

from openapi_client import ApiClient, AuthenticationApi, Configuration, GroupsApi
from openapi_client.exceptions import BadRequestException, ServiceException
from openapi_client.models.auth_request import AuthRequest
from openapi_client.models.bad_request_error import BadRequestError
from openapi_client.models.create_group_request import CreateGroupRequest
from openapi_client.models.requested_group import RequestedGroup
from openapi_client.models.member_by_phone import MemberByPhone
from openapi_client.models.requested_member import RequestedMember
from openapi_client.models.video_not_found_or_server_error import VideoNotFoundOrServerError

base_url = os.environ["GENUIN_BASE_URL"]
tenant = "generated-openapi-generator"
configuration = Configuration(host=base_url)
client = ApiClient(configuration)
login = AuthenticationApi(client).auth_with_http_info(AuthRequest(api_key=f"gnsb_{tenant}", api_secret="gnsb-secret"))
assert login.headers
configuration.access_token = login.headers["gn-access-token"]

groups = GroupsApi(client)
member = RequestedMember(MemberByPhone(phone_number="919876543210"))
group = CreateGroupRequest(
    type=4,
    community_id="f2a05adb-93ce-4a19-b003-3523fa745667",
    group=RequestedGroup(name="Tech Conversations", members=[member]),
)
code: int = groups.create_group(group).code
assert code == 200

try:
    groups.create_group(group, _headers={"X-Sandbox-Scenario": "400"})
    raise AssertionError("a forced 400 succeeds")
except BadRequestException as error:
    assert isinstance(error.data, BadRequestError)
    text: str = error.data.code
    assert (error.status, text) == (400, "1099")

try:
    groups.create_group(group, _headers={"X-Sandbox-Scenario": "5026"})
    raise AssertionError("a missing video is found")
except ServiceException as error:
    assert isinstance(error.data, VideoNotFoundOrServerError)
    text = error.data.code
    assert (error.status, text) == (500, "5026")

with urllib.request.urlopen(f"{base_url}/_sandbox/v1/tenants/{tenant}/requests?last=3") as answer:
    calls = json.load(answer)["requests"]
assert [call["outcome"] for call in calls] == ["ok", "bad-request", "video-not-found"], calls
assert json.loads(calls[0]["body"])["group"]["members"] == [{"phone_number": "919876543210"}], calls[0]
