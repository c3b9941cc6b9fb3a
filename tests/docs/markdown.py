"""Reads Markdown: its code blocks, and its text without them."""

from __future__ import annotations

import dataclasses
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


@dataclasses.dataclass(frozen=True)
class Block:
    page: str
    line: int
    # the first word after the fence, such as `sh`
    kind: str
    # what follows it
    note: str
    text: str

    @property
    def name(self) -> str:
        """How the block is named in lists: its page and its first line."""
        return f"{self.page}: {self.text.splitlines()[0] if self.text else ''}"


@dataclasses.dataclass(frozen=True)
class Span:
    """A code span, such as `ls`."""

    page: str
    line: int
    text: str

    @property
    def name(self) -> str:
        return f"{self.page}: {self.text}"


def pages() -> list[str]:
    """The Markdown files of the repository, those not yet committed included."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.md"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted(name for name in listed.splitlines() if (ROOT / name).exists())


def split(page: str, text: str) -> tuple[list[Block], list[str]]:
    """Return the code blocks of a page, and its lines with those of blocks made empty."""
    blocks: list[Block] = []
    lines: list[str] = []
    fence: re.Match[str] | None = None
    inside: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        mark = re.match(r"^( *)(`{3,}|~{3,})\s*(\S*)\s*(.*?)\s*$", line)
        if fence is None and mark:
            fence, start, inside = mark, number, []
            lines.append("")
        elif fence is not None and mark and mark[2].startswith(fence[2]) and not mark[3]:
            body = "\n".join(inside)
            blocks.append(Block(page, start, fence[3], fence[4], body))
            fence = None
            lines.append("")
        elif fence is not None:
            indent = len(fence[1])
            inside.append(line[indent:] if line[:indent].isspace() else line)
            lines.append("")
        else:
            lines.append(line)
    if fence is not None:
        raise ValueError(f"{page}:{start}: the code block does not end")
    return blocks, lines


def spans(page: str, lines: list[str]) -> list[Span]:
    """Return the code spans of lines without blocks. One may go on in the next line."""
    text = "\n".join(lines)
    found = re.finditer(r"(?<!`)(`+)(?!`)((?:(?!\n\n).)+?)(?<!`)\1(?!`)", text, re.DOTALL)
    return [
        # in a table, a line in a span is escaped
        Span(page, text.count("\n", 0, span.start()) + 1, " ".join(span[2].split()).replace("\\|", "|"))
        for span in found
    ]
