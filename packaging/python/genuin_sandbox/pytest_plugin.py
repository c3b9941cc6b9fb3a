"""The pytest plugin: one sandbox for the session, a tenant with its own token for each test."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import warnings
from typing import TYPE_CHECKING, Generator, Sequence, Union

import pytest

if TYPE_CHECKING:
    import pluggy

from ._sandbox import Sandbox, SandboxError, Tenant

if not hasattr(pytest, "StashKey"):
    raise pytest.UsageError(
        f"genuin-sandbox needs pytest 7 or newer, and this is {pytest.__version__}; "
        "update it, or start without the plugin: pytest -p no:genuin_sandbox"
    )

_TENANT = pytest.StashKey[Tenant]()

# names this run where others may use the same sandbox
_RUN_VARIABLE = "GENUIN_SANDBOX_RUN"


@pytest.fixture(scope="session")
def genuin_sandbox_options() -> Sequence[Union[str, float]]:
    """Options of `genuin-sandbox serve` for the session; override this fixture to give some."""
    return ()


@pytest.fixture(scope="session")
def genuin_sandbox(
    request: pytest.FixtureRequest, genuin_sandbox_options: Sequence[Union[str, float]]
) -> Sandbox:
    """The sandbox of the session: the one that GNSB_URL names, or one on a free port."""
    url = os.environ.get("GNSB_URL")
    if url and genuin_sandbox_options:
        warnings.warn(f"GNSB_URL names a sandbox: its options are used, not {genuin_sandbox_options!r}")
    sandbox = Sandbox.at(url) if url else Sandbox.start(genuin_sandbox_options)
    # not at the end of the fixture: after that, the report of the last test reads its calls
    request.config.add_cleanup(sandbox.stop)
    return sandbox


@pytest.fixture(scope="session")
def _genuin_run(genuin_sandbox: Sandbox) -> str:
    """What keeps this session's tenants apart from those of others; nothing where there are no others."""
    if genuin_sandbox.is_own:
        return ""
    return os.environ.get(_RUN_VARIABLE) or secrets.token_hex(4)


@pytest.fixture
def genuin(request: pytest.FixtureRequest, genuin_sandbox: Sandbox, _genuin_run: str) -> Tenant:
    """The test's own tenant, empty at its start: `genuin.url`, `genuin.token`, `genuin.verify(…)`."""
    tenant = genuin_sandbox.tenant(_tenant_name(request.node.nodeid, _genuin_run))
    # a repeated test starts anew, and with the same ids
    tenant.reset()
    request.node.stash[_TENANT] = tenant
    return tenant


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pluggy.Result[pytest.TestReport], None]:
    """Show the calls of a test that failed, or whose fixtures did."""
    outcome = yield
    report = outcome.get_result()
    tenant = item.stash.get(_TENANT, None)
    if tenant is None or not report.failed:
        return
    try:
        calls = tenant.describe_requests()
    except SandboxError as error:
        calls = f"cannot be read: {error}"
    report.sections.append((f"Genuin calls of tenant {tenant.name}", calls or "none"))


def _tenant_name(test: str, run: str) -> str:
    """A readable name that no other test has and that is the same in every run of that name."""
    readable = [(run, 12), (test.rpartition("::")[2], 38 if run else 40)]
    words = [re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:most] for text, most in readable]
    # the whole of both, of which the words may show a part
    digest = hashlib.sha256(f"{run}\0{test}".encode() if run else test.encode()).hexdigest()[:10]
    return "-".join(word for word in [*words, digest] if word)
