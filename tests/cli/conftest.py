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
    """Run the command in an empty folder, on the lecturers' FAQ; with no setting but those given.

    ``FAQBOT_DATA=""`` leaves it to the command to find a FAQ.
    """

    def run(
        *arguments: str, stdin: str | bytes = "", **settings: str
    ) -> subprocess.CompletedProcess[str]:
        inherited = {
            name: value for name, value in os.environ.items() if "FAQBOT" not in name.upper()
        }
        settings = {"FAQBOT_DATA": str(PROJECT / "data")} | settings
        if not settings["FAQBOT_DATA"]:
            del settings["FAQBOT_DATA"]
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
