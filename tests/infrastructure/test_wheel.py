"""The wheel, in a new environment: it works in any folder, with no repository in sight."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SOURCES = ("adapters", "bot", "data", "faqbot.py", "pyproject.toml", "README.md", "LICENSE")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: building leaves folders behind."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name,
                source / name,
                symlinks=True,
                ignore=shutil.ignore_patterns("__pycache__"),
            )
        else:
            shutil.copy(ROOT / name, source)
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", built, source)
    (path,) = built.iterdir()
    return path


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel; its dependencies are those of this environment."""
    venv = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    (packages,) = venv.glob("lib/python*/site-packages")
    # A line of a .pth file is a path; .pth files there, such as the repository's, are not read.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    pip("--python", venv, "install", "--no-deps", "--no-index", "--no-compile", wheel)
    return venv


@pytest.fixture
def run(environment: Path, tmp_path: Path) -> Run:
    """Run a program of that environment in an empty folder, without any setting."""

    def run(program: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [environment / "bin" / program, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            timeout=60,
            check=False,
        )

    return run


def pip(*arguments: str | Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments],
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        check=True,
    )


def test_an_empty_folder_becomes_a_faq_that_grows_and_answers(run: Run, tmp_path: Path) -> None:
    nothing = run("faqbot", "ask", "カリキュラム学習は検討していますか")
    assert (2, "") == (nothing.returncode, nothing.stdout)
    assert 1 == len(nothing.stderr.splitlines())
    assert "faqbot init" in nothing.stderr
    assert run("faqbot", "init").returncode == 0

    (tmp_path / "cats.csv").write_text(
        "質問,回答,講師\n猫の名前は何ですか。,タマです。,山田 太郎\n", encoding="utf-8"
    )
    assert run("faqbot", "import", "cats.csv").returncode == 0

    asked = json.loads(run("faqbot", "ask", "--json", "猫の名前を教えて").stdout)
    assert "タマです。" == asked["answer"]["answer"]
    checked = run("faqbot", "check")
    assert (0, "") == (checked.returncode, checked.stderr)
    spoken = run("faqbot", "run", stdin="カリキュラム学習は検討していますか\n本は使いますか\n")
    assert (0, "") == (spoken.returncode, spoken.stderr)
    assert (
        "河原 大輔 先生「日本語に強い大規模言語モデルの開発のためのコーパス構築」" in spoken.stdout
    )
    module = run("python", "-m", "faqbot", "list")
    assert (0, "") == (module.returncode, module.stderr)
    assert "タマ" in (tmp_path / "data" / "yamada.yaml").read_text(encoding="utf-8")


def test_an_import_into_an_empty_folder_makes_the_faq_there(
    run: Run, environment: Path, tmp_path: Path
) -> None:
    (tmp_path / "cats.csv").write_text(
        "質問,回答,講師\n猫の名前は何ですか。,タマです。,山田 太郎\n", encoding="utf-8"
    )
    before = set(environment.rglob("*.yaml"))

    done = run("faqbot", "import", "cats.csv")

    assert done.returncode == 0
    assert "data/" in done.stderr
    assert "タマです。" in run("faqbot", "ask", "猫の名前は").stdout
    assert before == set(environment.rglob("*.yaml"))


def test_the_wheel_says_who_it_is_and_holds_the_licences_of_what_it_ships(
    run: Run, wheel: Path
) -> None:
    assert f"{PYPROJECT['version']}\n" == run("faqbot", "--version").stdout
    names = zipfile.ZipFile(wheel).namelist()
    licences = [name for name in names if "/licenses/" in name]
    assert len(licences) == len(PYPROJECT["license-files"])
    for needed in (
        "bot/py.typed",
        "adapters/py.typed",
        "bot/search/lists/synonyms-everyday.txt",
        "adapters/cli/template/sample/kawahara.yaml",
    ):
        assert needed in names
    assert not [name for name in names if name.startswith(("tests/", "data/", "scripts/"))]


def test_everything_that_lies_beside_the_code_is_in_the_wheel(wheel: Path) -> None:
    """A new list, text or style sheet must be named in pyproject.toml."""
    shipped = set(zipfile.ZipFile(wheel).namelist())
    files = [
        path.relative_to(ROOT).as_posix()
        for folder in ("bot", "adapters")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]

    assert len(files) > 100
    assert [name for name in files if name not in shipped] == []
