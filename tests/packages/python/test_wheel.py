"""What the wheel says about itself: the machines it is for, its parts, its bytes."""

from __future__ import annotations

import importlib.util
import pathlib
import struct
import zipfile
from typing import Any

import pytest

BACKEND = pathlib.Path(__file__).parents[3] / "packaging" / "python" / "build_backend.py"


def backend() -> Any:
    spec = importlib.util.spec_from_file_location("build_backend", BACKEND)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def elf(machine: int, segments: list[int]) -> bytes:
    """The head of a 64-bit ELF file with these program headers."""
    head = bytearray(64)
    head[:4] = b"\x7fELF"
    struct.pack_into("<H", head, 18, machine)
    struct.pack_into("<Q", head, 32, 64)
    struct.pack_into("<HH", head, 54, 56, len(segments))
    return bytes(head) + b"".join(struct.pack("<I", kind).ljust(56, b"\0") for kind in segments)


def macho(machine: int) -> bytes:
    return b"\xcf\xfa\xed\xfe" + struct.pack("<I", machine)


STATIC = "manylinux2014_{0}.manylinux_2_17_{0}.musllinux_1_1_{0}"


@pytest.mark.parametrize(
    ("binary", "platform", "why"),
    [
        (elf(62, [1, 1]), STATIC.format("x86_64"), "static"),
        (elf(183, [6, 1]), STATIC.format("aarch64"), "static, for arm64"),
        (elf(62, [6, 3, 1]), "linux_x86_64", "needs this machine's libc"),
        (macho(0x0100000C), "macosx_11_0_arm64", "Apple's own processors"),
        (macho(0x01000007), "macosx_10_12_x86_64", "Intel Macs"),
        (b"MZ\x90", "win_amd64", "Windows"),
    ],
)
def test_a_wheel_is_for_the_machines_of_its_binary(
    binary: bytes, platform: str, why: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "binary"
    file.write_bytes(binary)
    monkeypatch.setenv("GENUIN_SANDBOX_BINARY", str(file))
    name = backend().build_wheel(tmp_path)
    assert name.endswith(f"-py3-none-{platform}.whl"), why
    first = (tmp_path / name).read_bytes()
    backend().build_wheel(tmp_path)
    assert (tmp_path / name).read_bytes() == first, "the same input, the same bytes"

    with zipfile.ZipFile(tmp_path / name) as wheel:
        assert wheel.testzip() is None
        programs = [entry for entry in wheel.infolist() if "/bin/" in entry.filename]
        assert [wheel.read(entry) for entry in programs] == [binary]
        assert programs[0].external_attr >> 16 == 0o100755
        assert programs[0].filename.endswith(".exe") == (platform == "win_amd64")
        names = wheel.namelist()
        record = wheel.read(names[-1]).decode()
        assert [line.split(",")[0] for line in record.splitlines()] == names
        assert "genuin_sandbox/py.typed" in names
        [metadata] = [name for name in names if name.endswith("/METADATA")]
        assert b'\nRequires-Dist: pytest>=7; extra == "pytest"\n' in wheel.read(metadata)


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "GENUIN_SANDBOX_BINARY is not set"), (b"#!/bin/sh\n", "names a file that is no program")],
)
def test_a_wheel_without_a_program_is_not_built(
    content: bytes | None, why: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GENUIN_SANDBOX_BINARY", raising=False)
    if content is not None:
        file = tmp_path / "binary"
        file.write_bytes(content)
        monkeypatch.setenv("GENUIN_SANDBOX_BINARY", str(file))
    with pytest.raises(SystemExit, match=why):
        backend().build_wheel(tmp_path)
