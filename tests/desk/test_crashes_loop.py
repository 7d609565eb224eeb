"""Killed anywhere in the learning loop and started anew, the bot loses and doubles nothing."""

import signal
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from tests.desk.crashing import ended
from tests.desk.crashing_loop import (
    ANSWER,
    ASKERS,
    LINE,
    QUESTIONS,
    REPLY,
    main,
    named,
    sent_to,
    shown,
)
from tests.fakes.faq import SYNTHETIC, published

Said = tuple[str, str, str, tuple[str, ...]]

STEPS = [
    "after form q1", "before card", "after card", "after reply", "after form q2", "after answer",
    "before draft", "after draft", "after publish", "before told", "after told",
    "after publish again", "after closing", "after withdraw", "after wording",
    "before edit", "after edit",
]  # fmt: skip
"""Named for what was received, and for the cards that went out."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[Said]:
    """What was said, where nothing was killed."""
    folder = tmp_path_factory.mktemp("whole")
    assert ended(main, folder) == 0
    said = _said(folder)
    kinds = Counter(kind for kind, *_ in said)
    assert {"decline": 4, "card": 3, "draft": 3, "told": 4} == {
        kind: kinds[kind] for kind in kinds if kind != "line"
    }
    told = {to: text for kind, to, text, _ in said if kind == "told"}
    for name, words in (("q1", REPLY), ("q2", REPLY), ("q3", LINE), ("q4", SYNTHETIC.answer)):
        assert words in told[ASKERS[name].id]
    for asker in ASKERS.values():
        assert [("line", asker.id, "質問を運営に送りました。", ())] == [
            each for each in said if each[:2] == ("line", asker.id)
        ]
    shown_now = "\n".join(text for kind, _, text, _ in said if kind in ("card", "draft"))
    for state in (
        "同じ質問: 2 人", "対応しない（講師 さん）", "公開済み（講師 さん）", "公開しました。",
        "運営 さんが書き直しました。", "運営 さんが公開を取り下げました。", ANSWER,
    ):  # fmt: skip
        assert state in shown_now
    return said


def _said(folder: Path) -> list[Said]:
    """Return each message as it stands now: its kind, whom it is for, its words and buttons."""
    assert max(Counter(each.id for each in sent_to(folder / "posted")).values()) == 1
    (variant,) = published(f"sqlite:///{folder / 'faqbot.db'}")
    assert (variant.entry, variant.question) == (SYNTHETIC.id, QUESTIONS["q4"])
    connection = sqlite3.connect(folder / "faqbot.db")
    assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
    connection.close()
    return sorted(
        (
            named(each),
            each.card.ping or each.to.private_to or "",
            "\n".join(str(getattr(part, "text", "")) for part in each.card.parts),
            tuple(button.label for button in each.card.buttons),
        )
        for each in shown(folder / "posted").values()
    )


def _but_for_waiting(said: list[Said]) -> list[Said]:
    """Leave out, once for each asker, that their question waits: it does where its card was cut."""
    waits = "質問を保存しました。運営に届き次第お知らせします。"
    waiting = [("line", asker.id, waits, ()) for asker in ASKERS.values()]
    return sorted((Counter(said) - Counter(waiting)).elements())


@pytest.mark.fault(129)
def test_a_kill_at_each_step_of_the_loop_loses_and_doubles_nothing(
    tmp_path: Path, whole: list[Said]
) -> None:
    for step in STEPS:
        assert (step, ended(main, tmp_path, step)) == (step, -signal.SIGKILL)
    assert ended(main, tmp_path) == 0
    assert whole == _but_for_waiting(_said(tmp_path))


@pytest.mark.long
@pytest.mark.fault(129)
@pytest.mark.timeout(900)
@pytest.mark.parametrize("start", range(8))
def test_a_kill_at_any_step_of_the_loop_loses_and_doubles_nothing(
    tmp_path: Path, whole: list[Said], start: int
) -> None:
    """Each instant before and behind a commit, a card and an acknowledgement, one in eight here."""
    number = start + 1
    while True:
        folder = tmp_path / str(number)
        folder.mkdir()
        code = ended(main, folder, "", number)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        assert ended(main, folder) == 0
        assert (number, whole) == (number, _but_for_waiting(_said(folder)))
        number += 8
