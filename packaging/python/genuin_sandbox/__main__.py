"""The command genuin-sandbox: hands over to the binary."""

from __future__ import annotations

import os
import subprocess
import sys

from ._sandbox import BinaryError, cannot_run, find_binary


def main() -> int:
    try:
        binary = find_binary()
        try:
            return run([binary, *sys.argv[1:]])
        except OSError as error:
            raise cannot_run(binary, error) from None
    except BinaryError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.code


def run(command: list[str]) -> int:
    """Become the binary, so that signals and the exit code are its own; where that cannot be, wait for it."""
    if os.name == "nt":
        return subprocess.call(command)
    os.execv(command[0], command)


if __name__ == "__main__":
    sys.exit(main())
