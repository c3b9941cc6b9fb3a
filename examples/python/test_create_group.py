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
    [
        ("400", 400, "1099", False),
        ("500", 500, "1099", True),
        ("5026", 500, "5026", False),
        # these are a gateway's, and no JSON
        ("429", 429, "", True),
        ("502", 502, "", True),
        ("503", 503, "", True),
        ("504", 504, "", True),
    ],
)
def test_an_error_says_whether_to_try_again(
    client: GenuinClient, scenario: str, status: int, code: str, retryable: bool
) -> None:
    with pytest.raises(GenuinError) as error:
        client.create_group(GROUP, headers={"X-Sandbox-Scenario": scenario})
    assert (error.value.status, error.value.code, error.value.retryable) == (status, code, retryable)


def test_the_journal_says_why_a_call_was_refused(client: GenuinClient) -> None:
    with pytest.raises(GenuinError):
        client.create_group({"type": 4, "communityId": GROUP["community_id"]})
    call = httpx.get(f"{BASE_URL}/_sandbox/v1/tenants/{TENANT}/requests/last").json()
    [finding] = call["findings"]
    assert (call["outcome"], finding["pointer"], finding["message"]) == ("bad-request", "/community_id", "is missing")
    assert finding["suggestion"] == 'you sent "communityId" — did you mean "community_id"?'
