"""The command, run as an operator runs it: as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]

Faqbot = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def faqbot(tmp_path: Path) -> Faqbot:
    """Run the command in an empty folder, with no setting but those given."""

    def run(
        *arguments: str, stdin: str | bytes = "", **settings: str
    ) -> subprocess.CompletedProcess[str]:
        inherited = {
            name: value for name, value in os.environ.items() if "FAQBOT" not in name.upper()
        }
        done = subprocess.run(
            [Path(sys.executable).parent / "faqbot", *arguments],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            cwd=tmp_path,
            env=inherited | settings,
            timeout=60,
            check=False,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    return run
