"""The way from a fresh clone to a running bot: what the scripts say, and what they leave alone."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


class Machine:
    """A machine whose interpreters are drawn by the test; bash and make are the real ones."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.venv = folder / "venv"
        self.bin.mkdir()
        for tool in ("bash", "cat", "chmod", "make", "mkdir", "rm", "sh", "touch"):
            real = shutil.which(tool)
            assert real, tool
            (self.bin / tool).symlink_to(real)

    def script(self, path: Path, *lines: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(("#!/bin/sh", *lines, "")), encoding="utf-8")
        path.chmod(0o755)

    def python(self, name: str, version: str, *, ensurepip: bool = True) -> None:
        """Put a fake interpreter on the path. It makes a virtual environment of a single file."""
        major, minor = version.split(".")
        self.script(
            self.bin / name,
            'case "$*" in',
            f"  *version_info?:2?*) echo {version} ;;",
            f"  *'< (3, 11)'*) exit {int((int(major), int(minor)) < (3, 11))} ;;",
            f"  *ensurepip*) exit {int(not ensurepip)} ;;",
            '  *"-m venv --clear "*)',
            '     rm -rf "$4"; mkdir -p "$4/bin"',
            f'     echo "echo {name}" > "$4/bin/python"; chmod +x "$4/bin/python" ;;',
            "esac",
        )

    def run(self, *command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command that sees nothing but this machine."""
        return subprocess.run(
            command,
            cwd=ROOT,
            env={"PATH": str(self.bin)},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    def make_venv(self) -> subprocess.CompletedProcess[str]:
        return self.run(str(ROOT / "scripts/make_venv.sh"), str(self.venv))

    def made_by(self) -> str:
        """Return the name of the interpreter that the environment was made by."""
        return self.run("sh", str(self.venv / "bin/python")).stdout.strip()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_ci_without_postgresql_and_apt_says_what_to_install(machine: Machine) -> None:
    (machine.bin / "dirname").symlink_to(str(shutil.which("dirname")))
    machine.script(machine.bin / "ls", "exit 2")  # PostgreSQL isn't where Debian puts it either
    done = machine.run(str(ROOT / ".ci/run"))
    assert (1, "") == (done.returncode, done.stdout)
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert "PostgreSQL" in line


def test_without_python_one_line_says_what_to_install(machine: Machine) -> None:
    done = machine.make_venv()

    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("error: Python 3.11 or newer is needed, and there is none:")
    assert not machine.venv.exists()


def test_an_old_python_is_named_with_its_version(machine: Machine) -> None:
    machine.python("python3", "3.9")

    done = machine.make_venv()

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "Python 3.11 or newer is needed, and python3 is 3.9:" in done.stderr
    assert not machine.venv.exists()


def test_without_ensurepip_the_line_names_the_package_of_that_version(machine: Machine) -> None:
    machine.python("python3", "3.12", ensurepip=False)

    done = machine.make_venv()

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "apt-get install python3.12-venv" in done.stderr
    assert not machine.venv.exists()


def test_a_newer_python_is_found_behind_an_old_one(machine: Machine) -> None:
    machine.python("python3", "3.9")
    machine.python("python3.12", "3.12")

    assert machine.make_venv().returncode == 0
    assert machine.made_by() == "python3.12"


def test_a_whole_python_is_found_behind_one_without_ensurepip(machine: Machine) -> None:
    machine.python("python3", "3.13", ensurepip=False)
    machine.python("python3.11", "3.11")

    assert machine.make_venv().returncode == 0
    assert machine.made_by() == "python3.11"


def test_an_interrupted_environment_is_made_anew(machine: Machine) -> None:
    machine.python("python3", "3.11")
    machine.script(machine.venv / "bin/python", "echo interrupted")
    (machine.venv / "lib").mkdir()

    assert machine.make_venv().returncode == 0
    assert machine.made_by() == "python3"
    assert not (machine.venv / "lib").exists()


def test_a_finished_environment_is_kept(machine: Machine) -> None:
    machine.python("python3", "3.11")
    machine.script(machine.venv / "bin/python", "echo kept")
    (machine.venv / ".installed").touch()

    assert machine.make_venv().returncode == 0
    assert machine.made_by() == "kept"


def test_an_environment_whose_interpreter_has_gone_is_made_anew(machine: Machine) -> None:
    machine.python("python3", "3.11")
    (machine.venv / "bin").mkdir(parents=True)
    (machine.venv / "bin/python").symlink_to(machine.bin / "python3.10")
    (machine.venv / ".installed").touch()

    assert machine.make_venv().returncode == 0
    assert machine.made_by() == "python3"


def test_make_run_hands_standard_input_and_output_to_the_bot_alone(machine: Machine) -> None:
    """The installation prints on standard error and reads nothing of what was piped."""
    machine.script(
        machine.venv / "bin/python",
        'echo noise from "$@"',
        "cat",
    )
    machine.script(machine.venv / "bin/faqbot", 'while read -r line; do echo "$1: $line"; done')
    (machine.venv / ".installed-dev").touch()

    done = machine.run("make", "run", f"VENV={machine.venv}", stdin="一つ目\n二つ目\n")

    assert done.returncode == 0, done.stderr
    assert done.stdout == "run: 一つ目\nrun: 二つ目\n"
    assert "noise from -m pip" in done.stderr
    assert "install --no-deps --require-hashes -r requirements.lock" in done.stderr
    assert (machine.venv / ".installed").exists()


def test_a_second_make_run_installs_nothing(machine: Machine) -> None:
    machine.script(machine.venv / "bin/python", "exit 1")
    machine.script(machine.venv / "bin/faqbot", "echo served")
    os.utime(machine.venv / "bin/python", (0, 0))
    (machine.venv / ".installed").touch()

    done = machine.run("make", "run", f"VENV={machine.venv}")

    assert (done.returncode, done.stdout, done.stderr) == (0, "served\n", "")


def test_an_installation_that_fails_leaves_no_mark(machine: Machine) -> None:
    """Otherwise the next run would trust what is half there."""
    machine.script(machine.venv / "bin/python", "exit 1")
    (machine.venv / ".installed-dev").touch()

    done = machine.run("make", "run", f"VENV={machine.venv}")

    assert done.returncode == 2
    assert not (machine.venv / ".installed").exists()
    assert not (machine.venv / ".installed-dev").exists()
