"""Standard input and output that are closed, full, or in another encoding."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import PROJECT, Faqbot

DATA = str(PROJECT / "data")


def through_a_shell(folder: Path, redirected: str) -> subprocess.CompletedProcess[str]:
    """Run a command with streams as a shell sets them."""
    command = Path(sys.executable).parent / "faqbot"
    return subprocess.run(
        ["/bin/sh", "-c", f'"{command}" {redirected}'],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "FAQBOT_DATA": DATA, "FAQBOT_SEARCH__MEANING": "off"},
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("command", ["list", "list --json", "ask LLM", "check", "export x.csv"])
def test_a_full_disk_behind_the_output_is_one_line_and_ends_with_2(
    tmp_path: Path, command: str
) -> None:
    done = through_a_shell(tmp_path, f"{command} >/dev/full")

    assert 2 == done.returncode
    (line,) = done.stderr.splitlines()
    assert line.startswith("エラー: 出力を書けません（ディスクの空きがありません）。")


@pytest.mark.parametrize("command", ["ask", "ask --json", "run"])
def test_a_closed_standard_input_asks_nothing(tmp_path: Path, command: str) -> None:
    done = through_a_shell(tmp_path, f"{command} <&-")

    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)


def test_a_closed_standard_output_stops_no_command(tmp_path: Path) -> None:
    done = through_a_shell(tmp_path, "export x.csv >&-")

    assert (0, "") == (done.returncode, done.stderr)
    assert (tmp_path / "x.csv").exists()


@pytest.mark.parametrize("encoding", ["cp932", "iso8859-1"])
@pytest.mark.parametrize(
    "arguments", [("list",), ("list", "--json"), ("stats",), ("check",), ("doctor", "--offline")]
)
def test_an_output_that_cannot_hold_the_words_is_refused_by_every_command(
    faqbot: Faqbot, arguments: tuple[str, ...], encoding: str
) -> None:
    done = faqbot(*arguments, PYTHONIOENCODING=encoding)

    assert (2, "") == (done.returncode, done.stdout)
    (line,) = done.stderr.splitlines()
    assert "faqbot speaks UTF-8." in line


def test_help_is_shown_in_any_encoding(faqbot: Faqbot) -> None:
    done = faqbot("--help", PYTHONIOENCODING="iso8859-1")

    assert (0, "") == (done.returncode, done.stderr)
    assert "doctor" in done.stdout


def test_a_byte_order_mark_is_no_part_of_the_first_question(faqbot: Faqbot) -> None:
    done = faqbot("ask", "--json", stdin="\ufeff円周率とは\n\ufeff円周率とは\n")

    queries = [json.loads(line)["query"] for line in done.stdout.splitlines()]
    assert ["円周率とは", "\ufeff円周率とは"] == queries
