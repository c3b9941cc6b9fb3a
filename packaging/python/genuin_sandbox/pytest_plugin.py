"""The pytest plugin: one sandbox for the session, a tenant with its own token for each test."""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING, Generator, Iterator, Sequence

import pytest

if TYPE_CHECKING:
    import pluggy

from ._sandbox import Sandbox, SandboxError, Tenant

_TENANT = pytest.StashKey[Tenant]()


@pytest.fixture(scope="session")
def genuin_sandbox_options() -> Sequence[str]:
    """Options of `genuin-sandbox serve` for the session; override this fixture to give some."""
    return ()


@pytest.fixture(scope="session")
def genuin_sandbox(genuin_sandbox_options: Sequence[str]) -> Iterator[Sandbox]:
    """The sandbox of the session: the one that GNSB_URL names, or one on a free port."""
    url = os.environ.get("GNSB_URL")
    with Sandbox.at(url) if url else Sandbox.start(genuin_sandbox_options) as sandbox:
        yield sandbox


@pytest.fixture
def genuin(request: pytest.FixtureRequest, genuin_sandbox: Sandbox) -> Tenant:
    """The test's own tenant, empty at its start: `genuin.url`, `genuin.token`, `genuin.verify(…)`."""
    tenant = genuin_sandbox.tenant(_tenant_name(request.node.nodeid))
    # a repeated test starts anew, and with the same ids
    tenant.reset()
    request.node.stash[_TENANT] = tenant
    return tenant


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pluggy.Result[pytest.TestReport], None]:
    """Show the calls of a test that failed."""
    outcome = yield
    report = outcome.get_result()
    tenant = item.stash.get(_TENANT, None)
    if tenant is None or report.when != "call" or not report.failed:
        return
    try:
        calls = tenant.describe_requests()
    except SandboxError as error:
        calls = f"cannot be read: {error}"
    report.sections.append((f"Genuin calls of tenant {tenant.name}", calls or "none"))


def _tenant_name(test: str) -> str:
    """A readable name that no other test has and that is the same in every run."""
    words = re.sub(r"[^a-z0-9]+", "-", test.rpartition("::")[2].lower()).strip("-")
    digest = hashlib.sha256(test.encode()).hexdigest()[:10]
    return f"{words[:40]}-{digest}".lstrip("-")
