"""Builds the wheel: the package, and the binary that GENUIN_SANDBOX_BINARY names.

A build backend (PEP 517) with no dependencies, so that `pip wheel packaging/python` needs no network. The
same input gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import os
import pathlib
import re
import struct
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PACKAGE = "genuin_sandbox"

# which machines an ELF file can be for, by its e_machine
ELF_MACHINES = {62: "x86_64", 183: "aarch64"}


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    binary = _binary()
    version = _version()
    executable = "genuin-sandbox.exe" if binary[:2] == b"MZ" else "genuin-sandbox"
    files = {f"{PACKAGE}/bin/{executable}": binary}
    for path in sorted((HERE / PACKAGE).iterdir()):
        if path.suffix == ".py" or path.name == "py.typed":
            files[f"{PACKAGE}/{path.name}"] = path.read_bytes()

    info = f"{PACKAGE}-{version}.dist-info"
    platforms = _platforms(binary)
    files[f"{info}/METADATA"] = _metadata(version).encode()
    for name in ("LICENSE-APACHE", "LICENSE-MIT"):
        files[f"{info}/licenses/{name}"] = (ROOT / name).read_bytes()
    files[f"{info}/WHEEL"] = _wheel(platforms).encode()
    files[f"{info}/entry_points.txt"] = (
        "[console_scripts]\ngenuin-sandbox = genuin_sandbox.__main__:main\n\n"
        "[pytest11]\ngenuin_sandbox = genuin_sandbox.pytest_plugin\n"
    ).encode()
    files[f"{info}/RECORD"] = _record(files, f"{info}/RECORD").encode()

    name = f"{PACKAGE}-{version}-py3-none-{'.'.join(platforms)}.whl"
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / name, "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path)
            entry.compress_type = zipfile.ZIP_DEFLATED
            mode = 0o755 if "/bin/" in path else 0o644
            entry.external_attr = (0o100000 | mode) << 16
            wheel.writestr(entry, content)
    return name


def build_sdist(sdist_directory, config_settings=None):
    raise SystemExit("there is no source package: the wheel carries a binary, which cargo builds")


def _binary() -> bytes:
    path = os.environ.get("GENUIN_SANDBOX_BINARY")
    if not path:
        raise SystemExit("GENUIN_SANDBOX_BINARY is not set: name the binary that the wheel carries")
    # pip runs this in the package's folder, and leaves the variable with the folder that it was started in
    started_in = pathlib.Path(os.environ.get("PWD") or ROOT)
    places = [started_in / path, ROOT / path]
    found = next((place for place in places if place.is_file()), None)
    if not found:
        looked = " or ".join(dict.fromkeys(str(place) for place in places))
        raise SystemExit(f"GENUIN_SANDBOX_BINARY names no file: there is no {looked}")
    return found.read_bytes()


def _version() -> str:
    manifest = (ROOT / "Cargo.toml").read_text()
    return re.search(r'^version = "([^"]+)"$', manifest, re.MULTILINE)[1]


def _platforms(binary: bytes) -> list[str]:
    """The platforms whose pip may install the wheel: those that the binary runs on."""
    if binary[:2] == b"MZ":
        return ["win_amd64"]
    if binary[:4] == b"\xcf\xfa\xed\xfe":
        arm = struct.unpack_from("<I", binary, 4)[0] == 0x0100000C
        return ["macosx_11_0_arm64" if arm else "macosx_10_12_x86_64"]
    if binary[:4] != b"\x7fELF":
        raise SystemExit("GENUIN_SANDBOX_BINARY names a file that is no program")
    machine = ELF_MACHINES[struct.unpack_from("<H", binary, 18)[0]]
    if _needs_libraries(binary):
        # it may need a newer libc than others have: for this machine only
        return [f"linux_{machine}"]
    return [f"manylinux2014_{machine}", f"manylinux_2_17_{machine}", f"musllinux_1_1_{machine}"]


def _needs_libraries(elf: bytes) -> bool:
    """Whether a 64-bit ELF file names a dynamic loader (PT_INTERP)."""
    table = struct.unpack_from("<Q", elf, 32)[0]
    size, count = struct.unpack_from("<HH", elf, 54)
    kinds = (struct.unpack_from("<I", elf, table + index * size)[0] for index in range(count))
    return 3 in kinds


def _metadata(version: str) -> str:
    project = (HERE / "pyproject.toml").read_text()
    summary = re.search(r'^description = "([^"]+)"$', project, re.MULTILINE)[1]
    python = re.search(r'^requires-python = "([^"]+)"$', project, re.MULTILINE)[1]
    pytest = re.search(r'^pytest = \["([^"]+)"\]$', project, re.MULTILINE)[1]
    readme = (HERE / "README.md").read_text()
    return (
        f"Metadata-Version: 2.4\nName: genuin-sandbox\nVersion: {version}\nSummary: {summary}\n"
        "License-Expression: MIT OR Apache-2.0\nLicense-File: LICENSE-APACHE\n"
        f"License-File: LICENSE-MIT\nRequires-Python: {python}\nProvides-Extra: pytest\n"
        f'Requires-Dist: {pytest}; extra == "pytest"\nClassifier: Framework :: Pytest\n'
        f"Classifier: Typing :: Typed\nDescription-Content-Type: text/markdown\n\n{readme}"
    )


def _wheel(platforms: list[str]) -> str:
    tags = "".join(f"Tag: py3-none-{platform}\n" for platform in platforms)
    return f"Wheel-Version: 1.0\nGenerator: genuin-sandbox\nRoot-Is-Purelib: false\n{tags}"


def _record(files: dict[str, bytes], record: str) -> str:
    lines = []
    for path, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(content)}\n")
    return "".join(lines) + f"{record},,\n"
