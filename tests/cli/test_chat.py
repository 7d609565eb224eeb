"""The terminal chat as a person meets it: the command in a terminal of its own."""

import os
import pty
import re
import select
import sqlite3
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.domain.ask import Ask, Outcome
from bot.domain.inbound import Place
from bot.store import Database
from tests.cli.conftest import Faqbot

ENTRY = """\
- id: {id}
  lecturer: 山田 太郎
  question: {question}
  answer: {answer}
"""
CORPUS = ENTRY.format(
    id="a-1", question="合成データは使っていますか。", answer="検証を続けています。"
)
CHART = ENTRY.format(id="a-2", question="グラフの横軸は何ですか。", answer="学習量です。")
_CONTROL = re.compile(rb"\x1b(?:\[[0-9;?]*[A-Za-z]|[=>])|\x1b\][^\x1b\x07]*(?:\x07|\x1b\\\\)")


class Screen:
    """A terminal that a command runs in; the newest process of it."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process = process
        self._master = master
        self._shown = b""

    def types(self, line: str) -> None:
        os.write(self._master, f"{line}\r".encode())

    def shows(self, text: str, seconds: float = 30.0) -> bool:
        """Wait for a text; what stands before it isn't looked at again."""
        deadline = time.monotonic() + seconds
        while text not in (shown := self._text()):
            if not select.select([self._master], [], [], max(deadline - time.monotonic(), 0))[0]:
                return False
            try:
                self._shown += os.read(self._master, 65_536)
            except OSError:  # the command has ended, and nothing of it is left
                return text in self._text()
        self._shown = shown.partition(text)[2].encode()
        return True

    def _text(self) -> str:
        return _CONTROL.sub(b"", self._shown).decode(errors="replace")


@contextmanager
def terminal(folder: Path, command: str = "run", **settings: str) -> Iterator[Screen]:
    """Run a command in a terminal of 80 columns."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (50, 80))
    inherited = {name: value for name, value in os.environ.items() if "FAQBOT" not in name}
    inherited["FAQBOT_SEARCH__MEANING"] = "off"
    process = subprocess.Popen(
        [Path(sys.executable).parent / "faqbot", command],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=folder,
        env=inherited | {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"} | settings,
        start_new_session=True,
    )
    os.close(slave)
    try:
        yield Screen(process, master)
    finally:
        process.kill()
        process.wait()
        os.close(master)


def test_the_chat_honours_the_settings_and_follows_the_faq(tmp_path: Path) -> None:
    faq = tmp_path / "faq.yaml"
    faq.write_text(f"entries:\n{CORPUS}", encoding="utf-8")
    (tmp_path / "var").mkdir()
    database = Database.open(f"sqlite:///{tmp_path / 'var' / 'faqbot.db'}")
    place = Place("slack", "T1", "C1")
    old = Ask("old", "slack:T1:C1:1", place, "slack:T1:C1:1", "U1", "昔の質問", Outcome.DECLINE)
    database.transact(lambda tx: tx.asks.add(old))
    database.close()
    with sqlite3.connect(tmp_path / "var" / "faqbot.db") as connection:
        connection.execute("UPDATE asks SET created_at = created_at - 6 * 86400")

    with terminal(
        tmp_path,
        FAQBOT_DATA="faq.yaml",
        FAQBOT_LIMITS__MEMBER="1",
        FAQBOT_RETENTION__DAYS="5",
        FAQBOT_SLACK__ORGANISERS="C0123ABCD",
    ) as screen:
        assert screen.shows("質問>")
        screen.types("合成データは使っていますか")
        assert screen.shows("検証を続けています。")
        for _ in range(2):
            screen.types("合成データは使っていますか")
            assert screen.shows("短い時間にたくさんの質問をいただいています。")

        faq.write_text(f"entries:\n{CORPUS}{CHART}", encoding="utf-8")
        deadline = time.monotonic() + 30
        screen.types("/list")
        while not screen.shows("2. グラフの横軸は何ですか。", 1):
            assert time.monotonic() < deadline
            screen.types("/list")

        screen.types("!")
        assert screen.shows("講師への質問>")
        screen.types("横軸の単位は何ですか")
        assert screen.shows("質問を保存しました。運営に届き次第お知らせします。")
        screen.types("exit")
        assert screen.process.wait(30) == 0

    with sqlite3.connect(tmp_path / "var" / "faqbot.db") as connection:
        assert [(None,)] == connection.execute("SELECT text FROM asks WHERE id = 'old'").fetchall()


def test_a_faq_that_breaks_is_told_above_the_prompt(tmp_path: Path) -> None:
    faq = tmp_path / "faq.yaml"
    faq.write_text(f"entries:\n{CORPUS}", encoding="utf-8")

    with terminal(tmp_path, FAQBOT_DATA="faq.yaml") as screen:
        assert screen.shows("質問>")
        faq.write_text("entries: [", encoding="utf-8")
        assert screen.shows("part=content")
        assert screen.shows("質問>")
        screen.types("合成データは使っていますか")
        assert screen.shows("検証を続けています。")


def test_who_asks_nothing_is_told_what_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "faq.yaml").write_text(f"entries:\n{CORPUS}", encoding="utf-8")

    with terminal(tmp_path, "ask", FAQBOT_DATA="faq.yaml") as screen:
        assert screen.shows("質問を 1 行ずつ入力してください（Ctrl-D で終わります）。")
        screen.types("合成データは使っていますか")
        assert screen.shows("検証を続けています。")


@pytest.mark.parametrize("encoding", ["ascii", "euc_jp", "cp932"])
def test_a_terminal_of_another_encoding_gets_one_line(tmp_path: Path, encoding: str) -> None:
    with terminal(tmp_path, PYTHONIOENCODING=encoding) as screen:
        assert screen.shows("error: ")
        assert screen.shows(f"is {encoding} here, and faqbot speaks UTF-8.")
        assert 2 == screen.process.wait(30)
        assert not screen.shows("Traceback", 1)


@pytest.mark.parametrize(
    "settings",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "euc_jp"},
    ],
)
@pytest.mark.parametrize("arguments", [("run",), ("ask",), ("ask", "合成データは？")])
def test_a_pipe_of_another_encoding_gets_one_line(
    faqbot: Faqbot, arguments: tuple[str, ...], settings: dict[str, str]
) -> None:
    done = faqbot(*arguments, stdin="合成データは？\n", **settings)

    assert (2, "") == (done.returncode, done.stdout)
    (line,) = done.stderr.splitlines()
    assert "faqbot speaks UTF-8." in line


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp"])
def test_piped_lines_in_another_encoding_are_refused_by_their_number(
    faqbot: Faqbot, encoding: str
) -> None:
    asked = "グラフの横軸は何ですか"
    done = faqbot("run", stdin=f"{asked}\n".encode() + f"{asked}\n".encode(encoding))

    assert 2 == done.returncode
    assert done.stdout  # the line before it is answered
    (line,) = done.stderr.splitlines()
    assert "標準入力の 2 行目が UTF-8 ではなく" in line


def test_piped_questions_are_not_recorded(faqbot: Faqbot, tmp_path: Path) -> None:
    faqbot("run", stdin="合成データは使っていますか\n")
    faqbot("ask", "合成データは使っていますか")

    assert [] == list(tmp_path.rglob("*.db"))
