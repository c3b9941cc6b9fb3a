"""What the client does with the answers of Create Group."""

import os

import httpx
import pytest
from genuin_client import GenuinClient, GenuinError

BASE_URL = os.environ.get("GENUIN_BASE_URL", "http://127.0.0.1:4368")
TENANT = "example-python"
GROUP = {"type": 4, "community_id": "f2a05adb-93ce-4a19-b003-3523fa745667"}


@pytest.fixture(scope="module")
def client() -> GenuinClient:
    return GenuinClient(BASE_URL, f"gnsb_{TENANT}", "gnsb-secret")


def test_a_group_is_created(client: GenuinClient) -> None:
    group = client.create_group(GROUP)
    assert group["community"]["handle"] == "tech_community"


@pytest.mark.parametrize(
    ("scenario", "status", "code", "retryable"),
    [("400", 400, "1099", False), ("500", 500, "1099", True), ("5026", 500, "5026", False)],
)
def test_an_error_says_whether_to_try_again(
    client: GenuinClient, scenario: str, status: int, code: str, retryable: bool
) -> None:
    with pytest.raises(GenuinError) as error:
        client.create_group(GROUP, headers={"X-Sandbox-Scenario": scenario})
    assert (error.value.status, error.value.code, error.value.retryable) == (status, code, retryable)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_the_page_of_a_gateway_is_an_error_to_try_again(client: GenuinClient, status: int) -> None:
    # a body of its own, so that it counts as no retry of another call
    group = {**GROUP, "group": {"name": f"Try {status} again"}}
    with pytest.raises(GenuinError) as error:
        client.create_group(group, headers={"X-Sandbox-Scenario": str(status)})
    assert (error.value.status, error.value.code, error.value.retryable) == (status, "", True)


def test_the_journal_says_why_a_call_was_refused(client: GenuinClient) -> None:
    with pytest.raises(GenuinError):
        client.create_group({"type": 4, "communityId": GROUP["community_id"]})
    call = httpx.get(f"{BASE_URL}/_sandbox/v1/tenants/{TENANT}/requests/last").json()
    [finding] = call["findings"]
    assert (call["outcome"], finding["pointer"], finding["message"]) == ("bad-request", "/community_id", "is missing")
    assert finding["suggestion"] == 'you sent "communityId" — did you mean "community_id"?'
