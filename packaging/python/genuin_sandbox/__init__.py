"""A sandbox of the Genuin third-party REST API for tests.

With pytest, ask for the fixture `genuin`; elsewhere, start a `Sandbox`.
"""

from ._sandbox import Sandbox, SandboxError, Tenant

__all__ = ["Sandbox", "SandboxError", "Tenant"]
