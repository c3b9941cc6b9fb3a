"""The command genuin-sandbox: hands over to the binary."""

from __future__ import annotations

import os
import subprocess
import sys

from ._sandbox import SandboxError, find_binary


def main() -> int:
    try:
        binary = find_binary()
    except SandboxError as error:
        print(f"error: {error}", file=sys.stderr)
        return 125
    command = [binary, *sys.argv[1:]]
    if os.name == "nt":
        return subprocess.call(command)
    # this process becomes the binary, so that signals and the exit code are its own
    os.execv(binary, command)


if __name__ == "__main__":
    sys.exit(main())
