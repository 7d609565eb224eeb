"""Who may import whom: the import contracts of ``pyproject.toml``, run as a test."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def lint_imports(project: Path) -> subprocess.CompletedProcess[str]:
    """Check a project's contracts, in a process of its own: import-linter changes ``sys.path``."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the code and its contracts that a test may spoil."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in ("bot", "adapters"):
        shutil.copytree(ROOT / package, tmp_path / package)
    return tmp_path


def test_every_import_keeps_to_the_contracts() -> None:
    done = lint_imports(ROOT)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "imported", "contract"),
    [
        ("bot/errors.py", "adapters.cli", "Adapters stand on the bot"),
        ("bot/errors.py", "bot.domain.entry", "Layers of the bot"),
        ("adapters/console/__init__.py", "adapters.cli.main", "Layers of the adapters"),
        ("adapters/console/__init__.py", "bot.search", "Chat adapters speak to the desk only"),
        ("bot/settings.py", "slack_sdk", "The bot knows no platform"),
        ("bot/search/__init__.py", "sqlalchemy", "Only the store speaks SQL"),
        ("bot/search/__init__.py", "asyncio", "The core is synchronous"),
    ],
)
def test_an_import_that_breaks_a_contract_is_found(
    project: Path, module: str, imported: str, contract: str
) -> None:
    with (project / module).open("a", encoding="utf-8") as source:
        source.write(f"\nimport {imported}\n")

    done = lint_imports(project)

    assert done.returncode == 1
    assert f"{contract} BROKEN" in done.stdout


def test_a_start_of_both_platforms_loads_nothing_it_can_do_without() -> None:
    """Each of these takes as long as a dozen of our own modules."""
    started = (
        "import sys, bot.bootstrap, adapters.cli.run, bot.catalogue, "
        "adapters.discord.app, adapters.slack.app, adapters.web.process; print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", started], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()

    assert "sqlalchemy" in loaded
    needless = {"alembic", "openpyxl", "rich", "sqlalchemy.dialects.postgresql", "yaml"}
    assert needless.isdisjoint(loaded)
