"""Starts a sandbox and speaks to it with the commands of its own binary."""

from __future__ import annotations

import atexit
import errno
import functools
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
from types import TracebackType
from typing import IO, Any, Callable, Mapping, Optional, Sequence, Union

# pytest shows the line of the test that called, not those of this file
__tracebackhide__ = True

# names another binary than the one in this package
BINARY_VARIABLE = "GENUIN_SANDBOX_BINARY"

# the most calls that the sandbox lists at once
MAX_CALLS = 1000

# holds the calls without an accepted token
ANONYMOUS = "anonymous"


class SandboxError(Exception):
    """The sandbox cannot be started or reached, or a command was wrong."""


class BinaryError(SandboxError):
    """There is no binary, or it cannot be run."""

    def __init__(self, why: str, code: int) -> None:
        super().__init__(why)
        #: what a shell would end with: 127 if there is none, 126 if it cannot be run
        self.code = code


def cannot_run(binary: str, error: OSError) -> BinaryError:
    """Say in one line why the system does not run a binary."""
    # the system says so, too, if the interpreter or the loader that the file names is missing
    code = 127 if error.errno == errno.ENOENT else 126
    return BinaryError(f"cannot run {binary}: {error.strerror or error}", code)


def find_binary() -> str:
    """Return the path of the binary: the one that GENUIN_SANDBOX_BINARY names, or this package's."""
    named = os.environ.get(BINARY_VARIABLE)
    if named:
        path = _absolute(named)
        if not os.path.isfile(path):
            raise BinaryError(f"{BINARY_VARIABLE} names {named!r}, which is not a file", 127)
        # the launcher would run itself again and again
        if os.path.realpath(path) == os.path.realpath(sys.argv[0]):
            raise BinaryError(f"{BINARY_VARIABLE} names the launcher {named!r}; name the binary itself", 126)
        return path
    name = "genuin-sandbox.exe" if os.name == "nt" else "genuin-sandbox"
    own = pathlib.Path(__file__).parent / "bin" / name
    if not own.is_file():
        raise BinaryError(
            f"this package has no binary ({own} is missing); install its wheel for this platform, "
            f"or set {BINARY_VARIABLE} to the path of a binary that you built",
            127,
        )
    return str(own)


@functools.lru_cache(maxsize=None)
def _absolute(path: str) -> str:
    """Return where a path is, even if the program changes its folder later.

    A bare name would be looked up in PATH, where the launcher is.
    """
    return os.path.abspath(path)


class Tenant:
    """A tenant of a sandbox: its own copy of the data, its own calls, its own overrides."""

    def __init__(self, url: str, name: str, end: Callable[[], str] = str) -> None:
        self.name = name
        # says how the sandbox ended, if it did
        self._end = end
        #: base URL of the vendor's API, for the client under test
        self.url = url
        #: token for the client under test
        self.token = f"gnsb_{name}"
        # options for the calls after the last reset
        self._since: list[str] = []

    def requests(self) -> list[dict[str, Any]]:
        """Return the newest 1000 calls, oldest first; what an entry holds is in the docs."""
        answer = json.loads(self._run("requests", "--json", "--last", str(MAX_CALLS)))
        requests: list[dict[str, Any]] = answer["requests"]
        return requests

    def verify(
        self,
        match: Optional[Mapping[str, Any]] = None,
        *,
        exactly: Optional[int] = None,
        min: Optional[int] = None,
        max: Optional[int] = None,
        wait_ms: int = 0,
    ) -> None:
        """Check how many calls match; without a bound, at least one must.

        `match` is written as in a scenario's rule, such as `{"outcome": "ok"}`. Raises an
        AssertionError that says how many calls match and how the closest one differs.
        """
        arguments = ["--match", json.dumps(match or {}), "--wait-ms", str(wait_ms)]
        for flag, bound in (("--exactly", exactly), ("--min", min), ("--max", max)):
            if bound is not None:
                arguments += [flag, str(bound)]
        done = self._start("verify", *arguments)
        if done.returncode == 1 and done.stdout:
            # not the command's own note: who reads the report may find no sandbox at its address
            raise AssertionError(done.stdout.rstrip() + self._calls_without_token())
        _checked(done)

    def force(
        self, scenario: Union[str, int], *, hits: Optional[int] = None, ttl: Optional[str] = None
    ) -> None:
        """Force an outcome, a line such as "2x500, ok*", or a scenario for the calls that follow.

        It starts with the first step, however often the same was forced before.
        """
        # an override alone goes on with the step where the tenant was, and does nothing after the last
        self._run("reset", "--what", "scenarios")
        arguments = ["set", str(scenario), "--replace"]
        if hits is not None:
            arguments += ["--hits", str(hits)]
        if ttl is not None:
            arguments += ["--ttl", ttl]
        self._run("override", *arguments)

    def reset(self) -> None:
        """Forget state, calls, overrides and clock."""
        self._run("reset")
        newest = json.loads(self._run("requests", "--json", "--last", "1", tenant=ANONYMOUS))
        self._since = ["--since", newest["next"]]

    def describe_requests(self, last: int = 20) -> str:
        """Return the newest calls as text, each with why it was refused; it is empty if there are none.

        Calls without an accepted token follow, those since the last reset.
        """
        return (self._listed(self.name, last) + self._calls_without_token(last)).strip()

    def _calls_without_token(self, last: int = 20) -> str:
        calls = self._listed(ANONYMOUS, last, *self._since)
        return f"\ncalls without an accepted token:\n{calls}" if calls else ""

    def _listed(self, tenant: str, last: int, *since: str) -> str:
        """Return calls of a tenant as text, which is empty if there are none."""
        command = ["requests", "--last", str(last), *since]
        if not json.loads(self._run(*command, "--json", tenant=tenant))["requests"]:
            return ""
        calls = self._run(*command, tenant=tenant)
        # how to ask for later calls
        return calls.rpartition("\n(")[0] or calls

    def _start(self, *arguments: str, tenant: str = "") -> subprocess.CompletedProcess[str]:
        binary = find_binary()
        line = [binary, *arguments, "--url", self.url, "--tenant", tenant or self.name]
        try:
            done = subprocess.run(line, capture_output=True, text=True, encoding="utf-8", check=False)
        except OSError as error:
            raise cannot_run(binary, error) from None
        end = self._end() if done.returncode else ""
        if end:
            raise SandboxError(end)
        return done

    def _run(self, *arguments: str, tenant: str = "") -> str:
        return _checked(self._start(*arguments, tenant=tenant))


class Sandbox:
    """A running sandbox.

    Started by `Sandbox.start()` on a free port, and stopped by `stop()` or at the end of a `with`
    block; or one that runs already, with `Sandbox.at(url)`.
    """

    def __init__(
        self, url: str, process: Optional[subprocess.Popen[str]] = None, log: Optional[IO[str]] = None
    ) -> None:
        self.url = url
        self._process = process
        self._log = log

    @classmethod
    def start(cls, options: Sequence[Union[str, float]] = ()) -> Sandbox:
        """Start a sandbox with further options of `genuin-sandbox serve`, and wait until it is ready."""
        if isinstance(options, str):
            raise TypeError(f'the options are a list, such as ["--seed", "7"], not the text {options!r}')
        binary = find_binary()
        command = [binary, "serve", "--listen", "127.0.0.1:0", "--log-format", "text"]
        # the tests read the calls from the journal
        command += ["--log", "warn", *map(str, options)]
        log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
            )
        except OSError as error:
            log.close()
            raise cannot_run(binary, error) from None
        sandbox = cls("", process, log)
        # a program that forgets to stop it can still end
        atexit.register(sandbox.stop)
        ready = _first_line(process)
        if " ready on " not in ready:
            process.kill()
            process.wait()
            why = sandbox._log_end() or "no reason given"
            sandbox.stop()
            raise SandboxError(f"the sandbox did not start: {why}")
        sandbox.url = ready.split(" ready on ")[1].split(" ")[0]
        return sandbox

    @classmethod
    def at(cls, url: str) -> Sandbox:
        """Use a sandbox that runs already; it is not stopped."""
        return cls(url.rstrip("/"))

    @property
    def is_own(self) -> bool:
        """Whether it was started here, so that nobody else makes calls to it."""
        return self._process is not None

    def tenant(self, name: str) -> Tenant:
        """Return a tenant: 1 to 63 of a-z, 0-9 and -, not starting with -."""
        return Tenant(self.url, name, self._end)

    def _end(self) -> str:
        """Say how the sandbox ended, if it was started here and ended by itself."""
        code = self._process.poll() if self._process else None
        if code is None:
            return ""
        how = f"with exit code {code}" if code >= 0 else f"by {signal.Signals(-code).name}"
        return f"the sandbox ended {how}: {self._log_end() or 'no reason given'}"

    def _log_end(self) -> str:
        if self._log is None:
            return ""
        self._log.seek(0)
        return self._log.read().strip()[-4096:]

    def stop(self) -> None:
        """Stop the sandbox, if it was started here."""
        if self._process is None:
            return
        atexit.unregister(self.stop)
        self._process.terminate()
        self._process.wait()
        for file in (self._process.stdout, self._log):
            if file:
                file.close()
        self._process = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.stop()


def _first_line(process: subprocess.Popen[str]) -> str:
    stdout: Optional[IO[str]] = process.stdout
    return stdout.readline() if stdout else ""


def _checked(done: subprocess.CompletedProcess[str]) -> str:
    if done.returncode != 0:
        raise SandboxError((done.stderr or done.stdout).strip().removeprefix("error: "))
    return done.stdout
