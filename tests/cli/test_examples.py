"""The workflow that organisers copy does what it says."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import PROJECT

WORKFLOW = yaml.safe_load(
    (PROJECT / "docs/organisers/examples/faq-check.yml").read_text(encoding="utf-8")
)
STEPS = {
    step["run"].split()[1]: step["run"]
    for step in WORKFLOW["jobs"]["check"]["steps"]
    if step.get("run", "").startswith("faqbot")
}
SHELL = shutil.which("bash")


def run(step: str, folder: Path, meaning: str = "off") -> subprocess.CompletedProcess[str]:
    """Run a step as GitHub does: in bash, which stops at the first failure."""
    assert SHELL is not None
    commands = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        [SHELL, "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[step]],
        cwd=folder,
        env=os.environ | {"PATH": commands, "FAQBOT_SEARCH__MEANING": meaning},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    shutil.copytree(PROJECT / "data", tmp_path / "data")
    return tmp_path


def test_the_example_workflow_passes_a_good_faq(repository: Path) -> None:
    (repository / "queries.tsv").write_text(
        "query\tids\n合成データは使っていますか\tkawahara-5\n駐車場はありますか\t-\n",
        encoding="utf-8",
    )

    for step in ("check", "eval"):
        done = run(step, repository, meaning="on")
        assert 0 == done.returncode, done.stdout + done.stderr


def test_the_example_workflow_stops_at_a_duplicate(repository: Path) -> None:
    shutil.copy(repository / "data/sekine.yaml", repository / "data/other.yaml")

    assert 0 != run("check", repository).returncode


def test_the_example_workflow_stops_at_an_entry_that_is_not_found(repository: Path) -> None:
    (repository / "queries.tsv").write_text(
        "query\tids\n合成データは使っていますか\tsekine-2\n", encoding="utf-8"
    )

    done = run("eval", repository)

    assert "3 位までに正解があるのは" in done.stderr
    assert 1 == done.returncode
