"""The pytest plugin as a user of the installed wheel sees it."""

from __future__ import annotations

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any, Callable

import pytest

from genuin_sandbox import Sandbox, SandboxError, Tenant
from genuin_sandbox._sandbox import find_binary

pytest_plugins = "pytester"

COMMUNITY = "f2a05adb-93ce-4a19-b003-3523fa745667"


WITHOUT_TOKEN = "found 0\ncalls without an accepted token:\nanonymous/.*\n.*unknown token"


def create(tenant: Tenant, **changes: Any) -> tuple[int, dict[str, Any]]:
    body = {"type": 4, "community_id": COMMUNITY, **changes}
    request = urllib.request.Request(
        f"{tenant.url}/api/thirdparty/group/create",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {tenant.token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_group_is_created(genuin: Tenant) -> None:
    status, answer = create(genuin, group={"name": "Ünïcode"})
    assert (status, answer["code"]) == (200, 200)
    assert answer["data"]["group"]["group_name"] == "Ünïcode"
    genuin.verify({"outcome": "ok", "body": {"group.name": "Ünïcode"}}, exactly=1)
    assert [call["outcome"] for call in genuin.requests()] == ["ok"]


@pytest.mark.parametrize("round", [1, 2])
def test_each_test_has_a_tenant_of_its_own(genuin: Tenant, round: int) -> None:
    chat_id = "456e7890-b12c-4c23-89ef-126314214567"
    assert create(genuin, chat_id=chat_id)[0] == 200
    assert create(genuin, chat_id=chat_id)[0] == 400
    assert len(genuin.requests()) == 2


def test_verify_says_what_is_wrong(genuin: Tenant) -> None:
    create(genuin)
    with pytest.raises(AssertionError, match="^expected exactly 2 matching calls, found 1"):
        genuin.verify(exactly=2)
    with pytest.raises(AssertionError, match="expected outcome video-not-found, found ok"):
        genuin.verify({"outcome": 5026})
    genuin.verify(max=1)
    genuin.verify(min=1, wait_ms=10)
    with pytest.raises(SandboxError, match='unknown key "outcom"; did you mean "outcome"'):
        genuin.verify({"outcom": "ok"})
    genuin.reset()
    genuin.token = "mistaken"
    create(genuin)
    with pytest.raises(AssertionError, match=WITHOUT_TOKEN) as failed:
        genuin.verify()
    assert str(failed.value).count("\nanonymous/") == 1
    genuin.reset()
    with pytest.raises(AssertionError, match="found 0$"):
        genuin.verify()


def test_outcomes_are_forced_and_reset(genuin: Tenant) -> None:
    genuin.force("2x500, ok*")
    assert [create(genuin)[0] for _ in range(3)] == [500, 500, 200]
    genuin.force(5026, hits=1, ttl="1m")
    assert [create(genuin)[0] for _ in range(2)] == [500, 200]
    genuin.force("outage")
    genuin.reset()
    assert (create(genuin)[0], len(genuin.requests())) == (200, 1)
    with pytest.raises(SandboxError, match="unknown outcome"):
        genuin.force("no-such")


@pytest.mark.parametrize("scenario", ["2x500, ok*", "2x500", "flaky-twice"])
def test_what_is_forced_again_acts_again(genuin: Tenant, scenario: str) -> None:
    # used up, then used in part, then not at all
    for calls in [3, 1, 0, 2]:
        genuin.force(scenario)
        assert [create(genuin)[0] for _ in range(calls)] == [500, 500, 200][:calls]


def test_a_sandbox_takes_options_and_stops() -> None:
    with Sandbox.start(["--scenario", "5026", "--seed", "7"]) as sandbox:
        assert create(sandbox.tenant("qa"))[0] == 500
        url = sandbox.url
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url)
    sandbox.stop()


def test_a_sandbox_that_cannot_start_says_why() -> None:
    with pytest.raises(SandboxError, match="did not start: .*--sed"):
        Sandbox.start(["--sed", 7])
    with pytest.raises(TypeError, match=r"""a list, such as .*, not the text '--seed 7'$"""):
        Sandbox.start("--seed 7")


def test_a_sandbox_that_ended_says_how() -> None:
    with Sandbox.start() as sandbox:
        tenant = sandbox.tenant("qa")
        assert sandbox._process
        sandbox._process.kill()
        sandbox._process.wait()
        with pytest.raises(SandboxError, match="^the sandbox ended by SIGKILL: no reason given$"):
            tenant.reset()


def test_a_program_that_forgets_to_stop_its_sandbox_ends_it() -> None:
    program = "from genuin_sandbox import Sandbox; sandbox = Sandbox.start(); print(sandbox.url)"
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True)
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(done.stdout.strip())


def test_a_failed_test_shows_its_calls_and_has_the_same_ids(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def genuin_sandbox_options():
            return ["--clock", "2024-09-24T09:13:31Z"]
        """
    )
    pytester.makepyfile(
        test_partner=f"""
        import json, pytest, urllib.error, urllib.request

        def create(genuin, body):
            headers = {{"Authorization": "Bearer " + genuin.token, "Content-Type": "application/json"}}
            url = genuin.url + "/api/thirdparty/group/create"
            data = json.dumps(body).encode()
            return urllib.request.urlopen(urllib.request.Request(url, data=data, headers=headers))

        def test_right(genuin):
            answer = json.load(create(genuin, {{"type": 4, "community_id": "{COMMUNITY}"}}))
            print("ANSWER", answer["data"]["chat_id"], answer["data"]["latest_message_at"])

        def test_wrong(genuin):
            create(genuin, {{"type": 4, "communityId": "{COMMUNITY}"}})

        def test_without_a_call(genuin):
            assert False

        def test_with_a_wrong_token(genuin):
            genuin.token = "mistaken"
            create(genuin, {{"type": 4}})

        def test_without_a_match(genuin):
            genuin.verify()

        @pytest.fixture
        def a_group(genuin, request):
            if request.param == "setup":
                create(genuin, {{"type": 5}})
            yield
            create(genuin, {{"type": 6}})

        @pytest.mark.parametrize("a_group", ["setup", "teardown"], indirect=True)
        def test_with(a_group):
            pass
        """
    )
    runs = [pytester.runpytest_subprocess("-rP", "-p", "no:cacheprovider") for _ in range(2)]
    for run in runs:
        run.assert_outcomes(passed=2, failed=4, errors=2)
        run.stdout.no_fnmatch_line("*_sandbox.py*")
        for fixture in ["setup", "teardown"]:
            run.stdout.fnmatch_lines([f"* Genuin calls of tenant test-with-{fixture}-* *", "test-with-*/1 *"])
        run.stdout.fnmatch_lines(
            ["* Genuin calls of tenant test-wrong-* *", "*did you mean*community_id*"]
        )
        run.stdout.fnmatch_lines(["* Genuin calls of tenant test-without-a-call-* *", "none"])
        run.stdout.fnmatch_lines(
            [
                "* Genuin calls of tenant test-with-a-wrong-token-* *",
                "calls without an accepted token:",
                "anonymous/*",
                "*unknown token*",
                "* Genuin calls of tenant test-without-a-match-* *",
                "none",
            ]
        )
    answers = [[line for line in run.outlines if line.startswith("ANSWER")] for run in runs]
    assert answers[0] == answers[1] and "1727169211000" in answers[0][0]


def test_an_old_pytest_is_an_error_without_a_traceback() -> None:
    program = "import pytest; del pytest.StashKey; pytest.main([])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "ERROR: genuin-sandbox needs pytest 7 or newer, and this is " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_running_sandbox_is_used_if_a_variable_names_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile("def test_url(genuin_sandbox): print('URL', genuin_sandbox.url)")
    with Sandbox.start() as sandbox:
        monkeypatch.setenv("GNSB_URL", sandbox.url)
        run = pytester.runpytest_subprocess("-rP", "-p", "no:cacheprovider")
        run.stdout.fnmatch_lines([f"URL {sandbox.url}"])
        run.assert_outcomes(passed=1, warnings=0)
        pytester.makeconftest(
            """
            import pytest

            @pytest.fixture(scope="session")
            def genuin_sandbox_options():
                return ["--seed", 7]
            """
        )
        run = pytester.runpytest_subprocess("-p", "no:cacheprovider")
        run.assert_outcomes(passed=1, warnings=1)
        run.stdout.fnmatch_lines(["*GNSB_URL names a sandbox: its options are used, not *'--seed', 7*"])
        assert create(sandbox.tenant("qa"))[0] == 200, "it still runs"


def test_runs_that_share_a_sandbox_have_tenants_of_their_own(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile("def test_that_creates(genuin): print('TENANT', genuin.name)")

    def name() -> str:
        run = pytester.runpytest_subprocess("-rP", "-p", "no:cacheprovider")
        run.assert_outcomes(passed=1)
        [line] = [line for line in run.outlines if line.startswith("TENANT ")]
        return line.removeprefix("TENANT ")

    own = name()
    assert re.fullmatch("test-that-creates-[0-9a-f]{10}", own)
    with Sandbox.start() as sandbox:
        monkeypatch.setenv("GNSB_URL", sandbox.url)
        first, second = name(), name()
        for random in (first, second):
            assert re.fullmatch("[0-9a-f]{8}-test-that-creates-[0-9a-f]{10}", random)
        # another digest too, where the words show only a part of the name
        assert first.split("-")[0] != second.split("-")[0] and first[-10:] != second[-10:]
        named = {}
        for run in ["Ann's", "x" * 100, "x" * 101, "…"]:
            monkeypatch.setenv("GENUIN_SANDBOX_RUN", run)
            named[run] = name()
            assert name() == named[run]
        assert named["Ann's"].startswith("ann-s-test-that-creates-")
        assert len({own, first, second, *named.values()}) == 7
        # a sandbox of one's own has the same names, whatever the run is called
        monkeypatch.delenv("GNSB_URL")
        assert name() == own


@pytest.mark.parametrize(("content", "mode"), [("", 0o644), ("no program", 0o755), (None, 0)])
def test_a_binary_that_cannot_be_run_is_one_line(
    content: str | None, mode: int, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary = tmp_path / "binary"
    if content is not None:
        binary.write_text(content)
        binary.chmod(mode)
    monkeypatch.setenv("GENUIN_SANDBOX_BINARY", str(binary))
    calls: list[Callable[[], object]] = [Sandbox.start, Sandbox.at("http://127.0.0.1:1").tenant("qa").reset]
    for call in calls:
        with pytest.raises(SandboxError) as error:
            call()
        assert re.search(f"(cannot run|names) '?{binary}'?[,:] ", str(error.value)), error.value
        assert "\n" not in str(error.value) and error.value.__suppress_context__ is (content is not None)


def test_a_binary_that_is_named_without_its_folder_stays_the_same(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "named").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GENUIN_SANDBOX_BINARY", "named")
    assert find_binary() == str(tmp_path / "named")
    monkeypatch.chdir("/")
    assert find_binary() == str(tmp_path / "named")


def command() -> str:
    return str(pathlib.Path(sys.executable).parent / "genuin-sandbox")


def test_the_command_is_the_binary() -> None:
    line = [command(), "exec", "--", "sh", "-c", "exit 7"]
    assert subprocess.run(line, check=False).returncode == 7
    with subprocess.Popen(
        [command(), "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout and server.stdout.readline().startswith("genuin-sandbox ready on ")
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0


def test_another_binary_can_be_named(tmp_path: pathlib.Path) -> None:
    other = tmp_path / "other"
    other.write_text("#!/bin/sh\necho other $1\n")
    other.chmod(0o755)
    line = [command(), "status"]
    plain = tmp_path / "plain"
    plain.write_text("#!/bin/sh\n")
    text = tmp_path / "text"
    text.write_text("no program")
    text.chmod(0o755)
    orphan = tmp_path / "orphan"
    orphan.write_text("#!/no/such/shell\n")
    orphan.chmod(0o755)
    for binary, code, output in [
        (str(other), 0, "other status\n"),
        (str(plain), 126, f"error: cannot run {plain}: Permission denied\n"),
        (str(text), 126, f"error: cannot run {text}: Exec format error\n"),
        (str(orphan), 127, f"error: cannot run {orphan}: No such file or directory\n"),
        (
            str(tmp_path / "none"),
            127,
            f"error: GENUIN_SANDBOX_BINARY names '{tmp_path}/none', which is not a file\n",
        ),
        (
            command(),
            126,
            f"error: GENUIN_SANDBOX_BINARY names the launcher '{command()}'; name the binary itself\n",
        ),
    ]:
        environment = {**os.environ, "GENUIN_SANDBOX_BINARY": binary}
        done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout + done.stderr) == (code, output)
