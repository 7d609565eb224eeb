"""What is shipped may be shipped: every package's licence is one that is known."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def licences(packages: Path) -> subprocess.CompletedProcess[str]:
    """List them, with what lies in a folder in the place of what is installed."""
    return subprocess.run(
        [sys.executable, "scripts/licences.py"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(packages)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_every_licence_is_known(tmp_path: Path) -> None:
    done = licences(tmp_path)

    assert (0, "") == (done.returncode, done.stderr)
    assert "slack-bolt\tMIT" in done.stdout
    assert len(done.stdout.splitlines()) > 30


def test_a_package_that_changes_its_licence_is_found(tmp_path: Path) -> None:
    changed = tmp_path / "jinja2-99.dist-info"
    changed.mkdir()
    text = (
        "Metadata-Version: 2.4\nName: jinja2\nVersion: 99\nLicense-Expression: MIT AND BUSL-1.1\n"
    )
    (changed / "METADATA").write_text(text)

    done = licences(tmp_path)

    assert (1, "error: jinja2: MIT AND BUSL-1.1 isn't known\n") == (done.returncode, done.stderr)
