"""Runs the commands in the docs against a real sandbox and compares what they print.

Each page gets a sandbox of its own, on a free port, which stands for port 4368. The blocks of a page run one
after another, in an empty folder, as for a reader who pastes them:

- `sh`: a script; every command in it must succeed. A block of the kind `… answer` after it, such as
  `json answer`, is what it prints.
- `console`: after `$ ` a command, and below it what that prints. `$ ` goes on in lines that begin with `> `.

A command in the text or in a table, such as `genuin-sandbox outcomes`, is run after the blocks of its page, in a
sandbox of its own and beside the files that the docs name. Ours may end with 1 too, where the answer is no.

In what is shown, `…` stands for any text. An answer in JSON is compared without white space.
"""

from __future__ import annotations

import os
import pathlib
import re
import select
import subprocess
import sys
import tempfile
import time

import markdown
from markdown import Block, Span

# the port that the docs name
PORT = "4368"

# how long a command may take
TIMEOUT_S = 60

# with what a code span begins, after variables, that is a command; what only names a program is none
PROGRAMS = re.compile(
    r"(?:[A-Z_]+=\S+ )*(?:genuin-sandbox|cargo|curl|docker|git|go|java|npm|npx|pip|pytest|python3?"
    r"|(?:benches|packaging|tests)/[\w/.-]+) (?!ready on )"
)

# what a sandbox prints when it is ready
READY = f"genuin-sandbox ready on http://127.0.0.1:{PORT} (…)"

# why some commands are not run: the name as in Block.name or Span.name, and the reason
NOT_RUN_FILE = pathlib.Path(__file__).with_name("not-run.txt")


class Wrong(Exception):
    """A block does not do what the page says."""


def matches(shown: str, printed: str, kind: str) -> bool:
    if kind == "json":
        shown, printed = (re.sub(r"\s+", "", text) for text in (shown, printed))
    else:
        shown, printed = (
            "\n".join(line.rstrip() for line in text.strip("\n").splitlines()) for text in (shown, printed)
        )
    pattern = ".*?".join(re.escape(part) for part in shown.split("…"))
    return re.fullmatch(pattern, printed, re.DOTALL) is not None


def console(text: str) -> list[tuple[str, str]]:
    """The commands of a `console` block, each with what is shown below it."""
    commands: list[tuple[str, str]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            commands.append((line[2:], ""))
        elif not commands:
            raise Wrong("the first line of a console block begins with `$ `")
        elif line.startswith("> ") and not commands[-1][1]:
            commands[-1] = (f"{commands[-1][0]}\n{line[2:]}", "")
        else:
            commands[-1] = (commands[-1][0], f"{commands[-1][1]}{line}\n")
    return commands


class Sandbox:
    """A sandbox for one page, and the folder and variables of its commands."""

    def __init__(self, binary: str, folder: pathlib.Path, files: tuple[str, ...] = ()) -> None:
        for name in files:
            os.symlink(markdown.ROOT / name, folder / name)
        os.mkdir(folder / "bin")
        os.symlink(binary, folder / "bin" / "genuin-sandbox")
        self.folder = folder
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GNSB_")}
        self.environment = {**clean, "PATH": f"{folder}/bin:{clean['PATH']}", "USER": "ann", "HOME": str(folder)}
        log = open(folder / "log", "w")
        self.server = subprocess.Popen(
            ["genuin-sandbox", "--listen", "127.0.0.1:0"],
            cwd=folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert self.server.stdout
        ready = self.server.stdout.readline()
        found = re.search(r"127\.0\.0\.1:(\d+)", ready)
        if not found:
            raise Wrong(f"the sandbox did not start: {(folder / 'log').read_text()}")
        self.port = found[1]
        self.environment["GNSB_URL"] = f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.server.terminate()
        if self.server.wait() != 0:
            raise Wrong(f"the sandbox ended with {self.server.returncode}")

    def run(self, script: str, codes: tuple[int, ...] = (0,)) -> str:
        """Run a script, which must end with one of these codes; return what it prints, on stderr too."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script.replace(PORT, self.port)],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT_S,
        )
        printed = done.stdout.replace(self.port, PORT)
        if done.returncode not in codes:
            raise Wrong(f"ends with {done.returncode}:\n{printed}")
        return printed

    def start(self, script: str, shown: str) -> None:
        """Run a command that serves until it has printed what is shown, then stop it."""
        environment = {**self.environment, "GNSB_LISTEN": "127.0.0.1:0"}
        server = subprocess.Popen(
            ["bash", "-c", f"exec {script}"],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert server.stdout and server.stderr
        printed = ""
        try:
            ends = time.monotonic() + TIMEOUT_S
            for _ in shown.splitlines():
                if not select.select([server.stdout], [], [], ends - time.monotonic())[0]:
                    break
                printed += server.stdout.readline()
        finally:
            server.terminate()
            log = server.communicate()[1]
        # it took a free port
        printed = re.sub(r"(127\.0\.0\.1:)\d+", rf"\g<1>{PORT}", printed)
        if not matches(shown, printed, "text"):
            raise Wrong(f"printed:\n{printed}{log}")


def check(sandbox: Sandbox, block: Block, answer: Block | None) -> None:
    if block.kind == "sh":
        printed = sandbox.run(block.text)
        if answer and not matches(answer.text, printed, answer.kind):
            raise Wrong(f"printed:\n{printed}")
        return
    for command, shown in console(block.text):
        if " ready on " in shown:
            sandbox.start(command, shown)
            continue
        # a console shows failures too, with the exit code where it matters
        printed = sandbox.run(f"{{ {command}\n}} || true")
        if not matches(shown, printed, "text"):
            raise Wrong(f"`{command}` printed:\n{printed}")


def check_span(sandbox: Sandbox, command: str) -> None:
    if command.startswith("genuin-sandbox --") and "--help" not in command:
        # where no command is named, it serves
        sandbox.start(command, READY)
        return
    sandbox.run(command, codes=(0, 1) if command.startswith("genuin-sandbox ") else (0,))


def not_run() -> dict[str, str]:
    """The commands that are not run, with the reasons."""
    lines = NOT_RUN_FILE.read_text().splitlines()
    pairs = (line.split(" | ") for line in lines if line and not line.startswith("#"))
    return {name: why for name, why in pairs}


def spans(page: str, lines: list[str]) -> list[Span]:
    """The commands in the text of a page."""
    return [span for span in markdown.spans(page, lines) if PROGRAMS.match(span.text)]


def stale(skipped: dict[str, str], named: dict[str, list[str]]) -> list[str]:
    """The entries whose page has no such command. One whose page is not there hides nothing."""
    known = {name for page in named.values() for name in page}
    return [name for name in skipped if name not in known and name.partition(": ")[0] in named]


def check_page(binary: str, page: str, skipped: dict[str, str]) -> tuple[int, list[str]]:
    """Run the commands of a page; return how many blocks and spans ran, and what is wrong."""
    blocks, lines = markdown.split(page, (markdown.ROOT / page).read_text())
    ran, wrong = check_blocks(binary, page, [block for block in blocks if block.name not in skipped])
    tried = [span for span in spans(page, lines) if span.name not in skipped]
    if tried:
        with tempfile.TemporaryDirectory() as folder:
            sandbox = Sandbox(binary, pathlib.Path(folder), files=("scenarios", "fixtures"))
            for span in tried:
                try:
                    check_span(sandbox, span.text)
                except (Wrong, subprocess.TimeoutExpired) as error:
                    wrong.append(f"{page}:{span.line}: `{span.text}` {error}")
            sandbox.stop()
    return ran + len(tried), wrong


def check_blocks(binary: str, page: str, blocks: list[Block]) -> tuple[int, list[str]]:
    """Run blocks of a page, one after another; return how many ran, and what is wrong."""
    ran, wrong = 0, []
    with tempfile.TemporaryDirectory() as folder:
        sandbox: Sandbox | None = None
        for block, following in zip(blocks, [*blocks[1:], None]):
            if block.kind not in ("sh", "console"):
                continue
            sandbox = sandbox or Sandbox(binary, pathlib.Path(folder))
            answer = following if following and following.note == "answer" else None
            try:
                check(sandbox, block, answer)
            except (Wrong, subprocess.TimeoutExpired) as error:
                wrong.append(f"{page}:{block.line}: {error}")
            ran += 1
        if sandbox:
            sandbox.stop()
    return ran, wrong


def main(binary: str) -> int:
    skipped = not_run()
    pages = [page for page in markdown.pages() if page == "README.md" or page.startswith("docs/")]
    named = {}
    for page in pages:
        blocks, lines = markdown.split(page, (markdown.ROOT / page).read_text())
        named[page] = [part.name for part in [*blocks, *spans(page, lines)]]
    wrong = [f"not-run.txt: there is no command {name!r}" for name in stale(skipped, named)]
    total = 0
    for page in pages:
        ran, more = check_page(binary, page, skipped)
        total += ran
        wrong += more
    for name, why in skipped.items():
        if name.partition(": ")[0] in named:
            print(f"not run: {name} ({why})")
    for line in wrong:
        print(f"error: {line}", file=sys.stderr)
    print(f"{total} blocks and commands in {len(pages)} pages, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
