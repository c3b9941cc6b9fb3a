"""Checks that every link in the Markdown files leads somewhere.

A link within the repository must name a file or folder that exists and, after `#`, a heading of that page. A link to
the outside is checked by its form alone.
"""

from __future__ import annotations

import os
import re
import sys
import urllib.parse

import markdown

INLINE = re.compile(r"!?\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(\s*<?([^\s<>()]*(?:\([^\s()]*\)[^\s<>()]*)*)>?(?:\s+\"[^\"]*\")?\s*\)")
DEFINITION = re.compile(r"^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s+\"[^\"]*\")?\s*$")
HTML = re.compile(r"<(?:a|img)\b[^>]*?\b(?:href|src)=\"([^\"]*)\"")
AUTOLINK = re.compile(r"<((?:https?|mailto):[^>\s]*)>")


def without_code(line: str) -> str:
    """A line without its code spans, in which no link is one."""
    return re.sub(r"(`+)(?:(?!\1).)+?\1", lambda span: " " * len(span[0]), line)


def links(lines: list[str]) -> list[tuple[int, str]]:
    """Line numbers and targets."""
    found = []
    for number, line in enumerate(lines, 1):
        plain = without_code(line)
        for pattern in (INLINE, DEFINITION, HTML, AUTOLINK):
            found += [(number, match[1]) for match in pattern.finditer(plain)]
    return found


def anchors(lines: list[str]) -> set[str]:
    """The anchors of a page, as GitHub makes them of its headings, and those set by hand."""
    known: set[str] = set()
    for line in lines:
        known.update(re.findall(r"<a\s+(?:id|name)=\"([^\"]+)\"", line))
        heading = re.match(r"^ {0,3}#{1,6}\s+(.*?)(?:\s+#+)?\s*$", line)
        if not heading:
            continue
        text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading[1])
        text = re.sub(r"[^\w\- ]", "", text.replace("`", "").lower()).replace(" ", "-")
        name, count = text, 0
        while name in known:
            count += 1
            name = f"{text}-{count}"
        known.add(name)
    return known


def problem(page: str, target: str, read: dict[str, list[str]]) -> str | None:
    """What is wrong with a link, if anything is."""
    if re.match(r"^[a-z][a-z0-9+.-]*:", target, re.IGNORECASE):
        return outside(target)
    path, _, anchor = target.partition("#")
    file = page
    if path:
        path = urllib.parse.unquote(path)
        if path.startswith("/"):
            return "begins with / (write it from the folder of the page)"
        file = os.path.normpath(os.path.join(os.path.dirname(page), path))
        if file.startswith(".."):
            return "leads out of the repository"
        if not (markdown.ROOT / file).exists():
            return "no such file"
    elif not anchor:
        return "is empty"
    if anchor:
        if file not in read:
            return "has an anchor, but is not a Markdown page of the repository"
        if urllib.parse.unquote(anchor) not in anchors(read[file]):
            return f"{file} has no heading for #{anchor}"
    return None


def outside(target: str) -> str | None:
    parts = urllib.parse.urlsplit(target)
    if parts.scheme == "mailto":
        return None if "@" in parts.path else "is no mail address"
    if parts.scheme not in ("http", "https"):
        return f"has the scheme {parts.scheme}"
    host = parts.hostname or ""
    local = host in ("localhost", "127.0.0.1", "::1")
    if not local and (parts.scheme != "https" or "." not in host):
        return "should be https:// and a host"
    return None


def problems(texts: dict[str, str]) -> list[str]:
    read = {page: markdown.split(page, text)[1] for page, text in texts.items()}
    found = []
    for page, lines in read.items():
        for number, target in links(lines):
            why = problem(page, target, read)
            if why:
                found.append(f"{page}:{number}: {target}: {why}")
    return found


def main() -> int:
    texts = {page: (markdown.ROOT / page).read_text() for page in markdown.pages()}
    found = problems(texts)
    for line in found:
        print(f"error: {line}", file=sys.stderr)
    count = sum(len(links(markdown.split(page, text)[1])) for page, text in texts.items())
    print(f"{count} links in {len(texts)} pages, {len(found)} wrong")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
