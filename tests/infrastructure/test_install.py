"""The installation takes the lock as it is, whatever else the package index holds."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
# In the place of setuptools, which the index would have to hold otherwise.
BACKEND = """\
import pathlib, shutil

def build_editable(folder, config_settings=None, metadata_directory=None):
    assert config_settings == {"editable_mode": "compat"}, config_settings
    return pathlib.Path(shutil.copy("faqbot-1.0-py3-none-any.whl", folder)).name
"""


def wheel(folder: Path, name: str, version: str, *needs: str, extra: str = "") -> Path:
    """Make a wheel with one empty module."""
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    metadata += [f"Requires-Dist: {need}" for need in needs]
    if extra:
        metadata += ["Provides-Extra: extra", f'Requires-Dist: {extra}; extra == "extra"']
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": "",
        f"{info}/METADATA": "\n".join(metadata) + "\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
        archive.writestr(f"{info}/RECORD", "".join(f"{file},,\n" for file in files))
    return path


class Machine:
    """A machine with a fresh clone, and an index where a locked package has a newer version.

    Another package names the locked one with an extra, and the newer one needs something for that
    extra that no lock knows: pip's resolver would look at it, and stop.
    """

    def __init__(self, folder: Path) -> None:
        self.clone, self.index = folder / "clone", folder / "index"
        self.venv = self.clone / "venv"
        self.clone.mkdir()
        self.index.mkdir()
        locked = (
            wheel(self.index, "asker", "1.0", "locked[extra]>=1"),
            wheel(self.index, "helper", "1.0"),
            wheel(self.index, "locked", "1.0", extra="helper"),
        )
        wheel(self.index, "locked", "2.0", extra="stranger>=1")
        wheel(self.index, "stranger", "1.0")
        pins = (
            f"{path.name.split('-')[0]}==1.0 "
            f"--hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"
            for path in locked
        )
        (self.clone / "requirements.lock").write_text("".join(pins), encoding="utf-8")
        (self.clone / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
        (self.clone / "backend.py").write_text(BACKEND, encoding="utf-8")
        wheel(self.clone, "faqbot", "1.0", "asker", "locked[extra]")
        shutil.copy(ROOT / "Makefile", self.clone)
        (self.clone / "scripts").mkdir()
        shutil.copy(ROOT / "scripts/make_venv.sh", self.clone / "scripts")

    def take_newest_pip(self) -> None:
        """Put the pip of the development lock into the environment; a venv brings an older one."""
        self.run(sys.executable, "-m", "venv", "--without-pip", str(self.venv))
        here = Path(sysconfig.get_path("purelib"))
        (there,) = self.venv.glob("lib/python*/site-packages")
        for folder in [here / "pip", *here.glob("pip-*.dist-info")]:
            shutil.copytree(folder, there / folder.name)
        (self.venv / ".installed-dev").touch()  # made by an installation that came to its end

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command that reaches this index alone."""
        inherited = {n: v for n, v in os.environ.items() if not n.startswith("PIP_")}
        return subprocess.run(
            command,
            cwd=self.clone,
            env=inherited
            | {
                "PIP_CONFIG_FILE": os.devnull,
                "PIP_NO_INDEX": "1",
                "PIP_FIND_LINKS": str(self.index),
                "PYTHON": sys.executable,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def installed(self) -> set[str]:
        """Return what was installed, beside pip and setuptools."""
        done = self.run(str(self.venv / "bin/python"), "-m", "pip", "freeze", "--exclude-editable")
        return {line for line in done.stdout.splitlines() if "@" not in line}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.fault(128)
@pytest.mark.parametrize("pip", ["the interpreter's", "the newest"])
def test_make_installs_the_lock_though_a_newer_version_came_out(machine: Machine, pip: str) -> None:
    if pip == "the newest":
        machine.take_newest_pip()
    done = machine.run("make", "venv/.installed", "VENV=venv")

    assert done.returncode == 0, done.stderr
    assert {"asker==1.0", "helper==1.0", "locked==1.0"} <= machine.installed()
    assert (machine.venv / ".installed").exists()


@pytest.mark.fault(128)
def test_the_image_installs_the_lock_though_a_newer_version_came_out(
    machine: Machine,
) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    (install,) = re.findall(r"/opt/faqbot/bin/(pip .*requirements\.lock)", dockerfile)
    assert "/opt/faqbot/bin/pip check" in dockerfile
    machine.run(sys.executable, "-m", "venv", str(machine.venv))

    done = machine.run(str(machine.venv / "bin/python"), "-m", *install.split())

    assert done.returncode == 0, done.stderr
    assert {"asker==1.0", "helper==1.0", "locked==1.0"} == machine.installed()


def test_a_lock_that_lacks_what_a_package_needs_is_not_taken_for_installed(
    machine: Machine,
) -> None:
    """Nothing is resolved any more, so it is checked instead."""
    lock = machine.clone / "requirements.lock"
    kept = [line for line in lock.read_text().splitlines(True) if not line.startswith("locked")]
    lock.write_text("".join(kept))

    machine.take_newest_pip()

    done = machine.run("make", "venv/.installed", "VENV=venv")

    assert done.returncode == 2
    assert "requires locked, which is not installed" in done.stderr
    assert not (machine.venv / ".installed").exists()
