"""The checks themselves: what they accept and what they refuse."""

from __future__ import annotations

import json
import pathlib
import re
import tempfile
import unittest
from collections.abc import Callable

import commands
import links
import markdown


class Links(unittest.TestCase):
    def found(self, text: str, page: str = "docs/page.md") -> list[str]:
        texts = {page: text, "README.md": "# The `sandbox`, in short\n# Two\n# Two\n"}
        return [line.split(": ", 1)[1] for line in links.problems(texts)]

    def test_what_leads_somewhere_is_accepted(self) -> None:
        for link in [
            "[a](../README.md)",
            "[a](../README.md#the-sandbox-in-short)",
            "[a](../README.md#two-1)",
            "[a](#own)\n\n## Own",
            "[a](../src)",
            "[a](https://example.com/a_(b) \"title\")",
            "[a]: ../Cargo.toml",
            "<https://example.com>",
            "<a href=\"../README.md\">a</a>",
            "[a](http://localhost:4368/)",
            "`[a](nowhere.md)`",
            "```\n[a](nowhere.md)\n```",
            "~~~~ md\n```\n[a](nowhere.md)\n~~~~",
        ]:
            self.assertEqual(self.found(link), [], link)

    def test_what_leads_nowhere_is_named_with_its_reason(self) -> None:
        for link, why in [
            ("[a](nowhere.md)", "nowhere.md: no such file"),
            ("![a](nowhere.png)", "nowhere.png: no such file"),
            ("[a [b]](nowhere.md)", "nowhere.md: no such file"),
            ("[a]: nowhere.md", "nowhere.md: no such file"),
            ("<img src=\"nowhere.png\">", "nowhere.png: no such file"),
            ("[a](../README.md#three)", "../README.md#three: README.md has no heading for #three"),
            ("[a](#none)", "#none: docs/page.md has no heading for #none"),
            ("# Head\n\n```\n# none\n```\n[a](#none)", "#none: docs/page.md has no heading for #none"),
            ("[a](../../x.md)", "../../x.md: leads out of the repository"),
            ("[a](/README.md)", "/README.md: begins with / (write it from the folder of the page)"),
            ("[a]()", ": is empty"),
            ("[a](../src#x)", "../src#x: has an anchor, but is not a Markdown page of the repository"),
            ("[a](http://example.com)", "http://example.com: should be https:// and a host"),
            ("<https://>", "https://: should be https:// and a host"),
            ("[a](ftp://example.com)", "ftp://example.com: has the scheme ftp"),
        ]:
            self.assertEqual(self.found(link), [why], link)


class Addresses(unittest.TestCase):
    def test_one_with_a_question_mark_is_quoted_since_zsh_looks_for_a_file(self) -> None:
        for page in markdown.pages():
            blocks, lines = markdown.split(page, (markdown.ROOT / page).read_text())
            commands_of = [block for block in blocks if block.kind in ("sh", "console", "yaml")]
            for part in [*commands_of, *commands.spans(page, lines)]:
                self.assertFalse(has_bare_query(part.text), part.name)

    def test_quotes_of_either_kind_are_seen(self) -> None:
        for command, expected in [
            ("curl a/b?last=5", True),
            ("curl 'a' b?c_d=1 'e'", True),
            ("curl 'a?b=1'", False),
            ('curl "$A/b?c=1" >d', False),
            ("ls a?", False),
        ]:
            self.assertEqual(has_bare_query(command), expected, command)


def has_bare_query(command: str) -> bool:
    """Whether an address with a query is not in quotes."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", command)
    return re.search(r"\S\?\w+=", bare) is not None


class OwnApi(unittest.TestCase):
    def test_its_page_has_every_call_and_no_other(self) -> None:
        page = (markdown.ROOT / "docs/api.md").read_text()
        document = json.loads((markdown.ROOT / "openapi/sandbox.openapi.json").read_text())
        known = [
            (method.upper(), re.compile(re.sub(r"{\w+}", "[^/]+", path.removeprefix("/_sandbox/v1"))))
            for path, methods in document["paths"].items()
            for method in methods
        ]
        written = calls(page)
        for method, pattern in known:
            self.assertTrue(any(method == it and pattern.fullmatch(path) for it, path in written), (method, pattern))
        for method, path in written:
            self.assertTrue(any(method == it and pattern.fullmatch(path) for it, pattern in known), (method, path))

    def test_calls_are_read_from_the_first_column(self) -> None:
        table = "| a | |\n| `GET`, `PUT /tenants/{t}/a` `{b}`, `/c/{d}` | `GET /no` |\n| `GET /e?f=`, `/g` | |\n| `key` | |"
        expected = [(it, f"/tenants/{{t}}/{path}") for path in ("a", "c/{d}") for it in ("GET", "PUT")]
        self.assertEqual(calls(table), [*expected, ("GET", "/e"), ("GET", "/g")])


def calls(page: str) -> list[tuple[str, str]]:
    """The calls that tables have in their first column: `GET`, `PUT /tenants/{t}/a`, `/b` are four."""
    found = []
    for row in re.findall(r"^\| (.*?) \|", page, re.MULTILINE):
        methods: list[str] = []
        tenant, is_complete = "", False
        for method, path in re.findall(r"`(GET|PUT|POST|DELETE)?(?: ?(/[^`?]*))?[^`]*`", row):
            if method:
                methods = [method] if is_complete else [*methods, method]
                tenant, is_complete = "", False
            if path and methods:
                is_complete = True
                whole = path if path.startswith("/tenants") else tenant + path
                tenant = "/tenants/{t}" if whole.startswith("/tenants/{t}/") else ""
                found += [(method, whole) for method in methods]
    return found


class Commands(unittest.TestCase):
    def test_dots_stand_for_any_text(self) -> None:
        for shown, printed, kind, same in [
            ("a … d", "a b\nc d", "text", True),
            ("a\nb", "a  \nb\n\n", "text", True),
            ("a", "a b", "text", False),
            ("a.c", "abc", "text", False),
            ('{"a": 1, … "d":4}', '{"a":1,"b":{"c":2},"d":4}\n', "json", True),
            ('{"a":1}', '{"a":1,"b":2}', "json", False),
            ("", "something", "text", False),
        ]:
            self.assertEqual(commands.matches(shown, printed, kind), same, (shown, printed))

    def test_a_console_block_has_commands_and_what_they_print(self) -> None:
        text = "$ one \\\n> two\nout\n> out\n$ three"
        self.assertEqual(commands.console(text), [("one \\\ntwo", "out\n> out\n"), ("three", "")])
        with self.assertRaises(commands.Wrong):
            commands.console("out")

    def test_blocks_have_a_kind_and_a_note(self) -> None:
        text = "a\n```sh\nb\n\nc\n```\n\n- d\n\n  ````json answer\n  ```\n  {}\n  ````\n"
        blocks, lines = markdown.split("p.md", text)
        self.assertEqual(
            [(block.line, block.kind, block.note, block.text) for block in blocks],
            [(2, "sh", "", "b\n\nc"), (10, "json", "answer", "```\n{}")],
        )
        self.assertEqual([line for line in lines if line], ["a", "- d"])
        self.assertEqual(blocks[0].name, "p.md: b")
        with self.assertRaises(ValueError):
            markdown.split("p.md", "```sh\n")

    def test_a_command_that_is_not_run_exists(self) -> None:
        named = {"a.md": [markdown.Block("a.md", 1, "sh", "", "one\ntwo").name, markdown.Span("a.md", 1, "ls x").name]}
        skipped = {"a.md: one": "why", "a.md: two": "why", "a.md: ls x": "why", "b.md: one": "its page is not there"}
        self.assertEqual(commands.stale(skipped, named), ["a.md: two"])

    def test_commands_in_text_and_tables_are_told_from_other_code(self) -> None:
        text = (
            "`genuin-sandbox` prints `genuin-sandbox ready on x`, then\n| a | `A=b/c pip wheel\nx` | `cargo b \\| c` |\n"
            "`` packaging/npm/build `x` `` `--flag x` `verify x` `curl`\n```sh\ncurl x\n```\n`open\n\ncurl x`\n"
        )
        found = commands.spans("p.md", markdown.split("p.md", text)[1])
        self.assertEqual(
            [(span.line, span.text) for span in found],
            [(2, "A=b/c pip wheel x"), (3, "cargo b | c"), (4, "packaging/npm/build `x`")],
        )


class Runs(unittest.TestCase):
    """With a stand-in for the program, which serves what these tests need."""

    def check(self, kind: str, text: str, answer: str | None = None) -> str | None:
        block = markdown.Block("p.md", 1, kind, "", text)
        following = None if answer is None else markdown.Block("p.md", 9, "text", "answer", answer)
        return self.wrong(lambda sandbox: commands.check(sandbox, block, following))

    def wrong(self, check: Callable[[commands.Sandbox], None], programs: str = "/bin") -> str | None:
        sandbox = commands.Sandbox.__new__(commands.Sandbox)
        sandbox.port, sandbox.folder = "5000", markdown.ROOT
        sandbox.environment = {"PATH": f"{programs}:/usr/bin:/bin"}
        try:
            check(sandbox)
        except commands.Wrong as error:
            return str(error)
        return None

    def test_a_script_must_succeed_in_every_line(self) -> None:
        self.assertIsNone(self.check("sh", "true\necho a"))
        self.assertEqual(self.check("sh", "echo a\nfalse\ntrue"), "ends with 1:\na\n")
        self.assertEqual(self.check("sh", "false | true"), "ends with 1:\n")

    def test_a_command_in_the_text_may_answer_no_but_must_be_understood(self) -> None:
        for command, code, ends in [
            ("genuin-sandbox verify", 0, None),
            ("genuin-sandbox verify", 1, None),
            ("genuin-sandbox verify", 2, "ends with 2:\n"),
            ("cargo run", 0, None),
            ("cargo run", 1, "ends with 1:\n"),
        ]:
            with tempfile.TemporaryDirectory() as folder:
                program = pathlib.Path(folder, command.split()[0])
                program.write_text(f"#!/bin/sh\nexit {code}\n")
                program.chmod(0o755)
                self.assertEqual(self.wrong(lambda sandbox: commands.check_span(sandbox, command), folder), ends)

    def test_the_shown_answer_must_be_the_printed_one(self) -> None:
        self.assertIsNone(self.check("sh", "echo a 4368", "a 4368"))
        self.assertEqual(self.check("sh", "echo a", "b"), "printed:\na\n")
        self.assertIsNone(self.check("console", "$ echo a >&2\na\n$ echo b; false\nb"))
        self.assertEqual(self.check("console", "$ echo a"), "`echo a` printed:\na\n")

    def test_a_server_is_stopped_when_it_is_ready(self) -> None:
        serve = "$ bash -c 'echo it is ready on 127.0.0.1:77; exec sleep 1000'\nit is ready on 127.0.0.1:4368"
        self.assertIsNone(self.check("console", serve))
        wrong = self.check("console", serve.replace("1:4368", "2:4368"))
        self.assertEqual(wrong, "printed:\nit is ready on 127.0.0.1:4368\n")


if __name__ == "__main__":
    unittest.main()
