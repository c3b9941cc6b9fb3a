"""A sandbox in a container of the test's own, on a free port, gone when the tests have ended.

It needs a container engine and the image: `docker build -t genuin-sandbox .`
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import HttpWaitStrategy

TENANT = "example-containers-python"
GROUP = {"type": 4, "community_id": "f2a05adb-93ce-4a19-b003-3523fa745667"}


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    sandbox = DockerContainer("genuin-sandbox").with_exposed_ports(4368)
    with sandbox.waiting_for(HttpWaitStrategy(4368, "/readyz")):
        yield f"http://{sandbox.get_container_host_ip()}:{sandbox.get_exposed_port(4368)}"


@pytest.fixture(scope="module")
def http(base_url: str) -> httpx.Client:
    credentials = {"api_key": f"gnsb_{TENANT}", "api_secret": "gnsb-secret"}
    answer = httpx.post(f"{base_url}/api/thirdparty/auth", json=credentials)
    # the token is in a header, not in the body
    return httpx.Client(base_url=base_url, headers={"Authorization": f"Bearer {answer.headers['gn-access-token']}"})


def create(http: httpx.Client, body: dict[str, Any], scenario: str = "ok") -> tuple[int, Any]:
    answer = http.post("/api/thirdparty/group/create", json=body, headers={"X-Sandbox-Scenario": scenario})
    return answer.status_code, answer.json()["code"]


def test_a_group_is_created(http: httpx.Client) -> None:
    # a number, but in errors a string
    assert create(http, GROUP) == (200, 200)


def test_a_call_is_refused(http: httpx.Client) -> None:
    assert create(http, GROUP, "400") == (400, "1099")


def test_a_missing_video_stays_missing(http: httpx.Client) -> None:
    # HTTP 500, but not to be tried again
    assert create(http, GROUP, "5026") == (500, "5026")


def test_the_journal_says_why_a_call_was_refused(http: httpx.Client) -> None:
    http.post("/api/thirdparty/group/create", json={"type": 4, "communityId": GROUP["community_id"]})
    call = http.get(f"/_sandbox/v1/tenants/{TENANT}/requests/last").json()
    assert call["findings"][0]["suggestion"] == 'you sent "communityId" — did you mean "community_id"?'
