"""``unanswered``, ``stats``, ``report``: run beside a bot that members talk to."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bot.content.exporting import export
from tests.cli.conftest import Faqbot
from tests.fakes.faq import CURRICULUM, FAQ, HALLUCINATION, SYNTHETIC
from tests.platforms.memory_driver import MemoryChat

HOSTILE = "<script>alert(1)</script> & \"円周率\" とは <img src=x onerror='x'>"
SETTINGS = {"FAQBOT_DATABASE_URL": "sqlite:///faqbot.db", "FAQBOT_DATA": "faq.yaml"}


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[MemoryChat]:
    """A bot that runs, and has the database, while the commands look."""
    export(tmp_path / "faq.yaml", FAQ)
    chat = MemoryChat(tmp_path)
    await chat.start()
    yield chat
    await chat.stop()


@pytest.fixture
async def talked(chat: MemoryChat) -> MemoryChat:
    """Four questions: answered and useful, answered wrongly, taken from candidates, declined."""
    await chat.says("明美", "合成データは使っていますか")
    await chat.sees()
    await chat.presses("健太", "役に立った")
    await chat.says("健太", "カリキュラム学習は検討していますか")
    await chat.sees()
    await chat.presses("明美", "違う")
    await chat.says("明美", "ハルシネーションの評価とは何なのか")
    await chat.sees()
    await chat.presses("明美", "1.")
    await chat.says("明美", HOSTILE)
    await chat.sees()
    await chat.submits("明美")
    await chat.says("健太", f"{HOSTILE}？")
    await chat.sees()
    return chat


async def run(faqbot: Faqbot, *arguments: str, **settings: str) -> str:
    done = await asyncio.to_thread(faqbot, *arguments, **(SETTINGS | settings))
    assert (0, "") == (done.returncode, done.stderr)
    return done.stdout


async def test_unanswered_lists_what_the_faq_lacks(faqbot: Faqbot, talked: MemoryChat) -> None:
    declined, wrong = json.loads(await run(faqbot, "unanswered", "--json"))

    assert {
        "question", "asked", "times", "platforms", "outcomes", "nearest", "escalated",
    } == set(declined)  # fmt: skip
    assert (f"{HOSTILE}？", 2, True) == (
        declined["question"], declined["times"], declined["escalated"],
    )  # fmt: skip
    assert ["declined"] == declined["outcomes"]
    assert ("カリキュラム学習は検討していますか", ["voted wrong"], ["memory"], False) == (
        wrong["question"], wrong["outcomes"], wrong["platforms"], wrong["escalated"],
    )  # fmt: skip
    assert {"id", "question", "confidence"} == set(wrong["nearest"])
    assert (CURRICULUM.id, CURRICULUM.question) == (
        wrong["nearest"]["id"], wrong["nearest"]["question"],
    )  # fmt: skip


async def test_unanswered_is_readable_and_names_nobody(faqbot: Faqbot, talked: MemoryChat) -> None:
    shown = await run(faqbot, "unanswered")

    assert "memory  declined, for the lecturers  2 times\n" in shown
    assert "memory  voted wrong\n    カリキュラム学習は検討していますか\n" in shown
    assert re.search(rf"^    \d\.\d\d {CURRICULUM.id}  カリキュラム学習は", shown, re.MULTILINE)
    assert shown.endswith("\n2 unanswered, asked 3 times in all\n")
    assert "明美" not in shown


async def test_stats_counts_and_shows_no_words(faqbot: Faqbot, talked: MemoryChat) -> None:
    stats = json.loads(await run(faqbot, "stats", "--json", "--days", "1"))

    assert {
        "asked": 5, "searched": 5, "answered": 2, "taken": 1, "none_taken": 0, "declined": 2,
        "escalated": 1, "votes": {"useful": 1, "wrong": 1}, "platforms": {"memory": 5}, "by": "day",
    }.items() <= stats.items()  # fmt: skip
    assert {
        "answered": 0.4, "taken": 0.2, "none_taken": 0.0, "declined": 0.4, "escalated": 0.2,
    } == stats["shares"]  # fmt: skip
    assert 5 == sum(period["asked"] for period in stats["periods"])
    assert {"id": SYNTHETIC.id, "shown": 1, "useful": 1, "wrong": 0} in stats["entries"]
    assert {"id": HALLUCINATION.id, "shown": 1, "useful": 0, "wrong": 0} in stats["entries"]
    assert ["sato-2"] == stats["never"]

    text = await run(faqbot, "stats")

    assert "answered at once         2   40.0%\n" in text
    assert f"  {SYNTHETIC.id}     1     1     0  合成データは使っていますか。\n" in text
    assert text.endswith("\nnever shown: 1\n  sato-2\n")
    assert "円周率" not in text


class Reader(HTMLParser):
    """Notes what a browser would load or run, and the tags that stay open."""

    VOID = frozenset({"meta", "br", "rect"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        self.words += data


async def test_a_report_is_one_page_that_loads_and_runs_nothing(
    faqbot: Faqbot, talked: MemoryChat, tmp_path: Path
) -> None:
    assert "Written to r.html.\n" == await run(faqbot, "report", "r.html")

    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(page)
    assert [] == reader.open
    assert set() == reader.tags & {"script", "img", "link", "iframe", "object", "base", "form"}
    assert set() == reader.attributes & {"src", "onerror", "style"}
    assert "url(" not in page
    assert "@import" not in page
    assert f"{HOSTILE}？" in reader.words
    assert "2 回" in reader.words
    assert "山田 花子 先生「コーパスの作り方」" in reader.words
    assert "明美" not in page


async def test_a_report_in_english_where_the_locale_says_so(
    faqbot: Faqbot, talked: MemoryChat, tmp_path: Path
) -> None:
    await run(faqbot, "report", "r.htm", FAQBOT_LOCALE="en")
    page = (tmp_path / "r.htm").read_text(encoding="utf-8")
    assert '<html lang="en">' in page
    assert "Unanswered questions" in page


def test_without_a_database_nothing_was_asked_and_none_is_made(
    faqbot: Faqbot, tmp_path: Path
) -> None:
    never = "No question has been asked yet.\n"
    assert never == faqbot("unanswered").stdout
    assert never == faqbot("stats").stdout
    assert "No question in the last 7 days.\n" == faqbot("stats", "--days", "7").stdout
    assert [] == json.loads(faqbot("unanswered", "--json").stdout)
    assert 0 == json.loads(faqbot("stats", "--json").stdout)["asked"]
    assert f"{never}Written to r.html.\n" == faqbot("report", "r.html").stdout
    assert "まだありません" in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert ["r.html"] == [each.name for each in tmp_path.iterdir()]


@pytest.mark.parametrize("command", [["unanswered"], ["stats"], ["report", "r.html"]])
@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:///broken.db", "SQLite のファイルではありません"),
        ("sqlite:///.", "を使えません"),
        ("mysql://u@h/n", "FAQBOT_DATABASE_URL"),
        ("nonsense", "FAQBOT_DATABASE_URL"),
    ],
)
def test_an_unusable_database_is_one_line_and_ends_with_2(
    faqbot: Faqbot, tmp_path: Path, command: list[str], url: str, says: str
) -> None:
    (tmp_path / "broken.db").write_text("no database" * 100)

    done = faqbot(*command, FAQBOT_DATABASE_URL=url)

    assert (2, "") == (done.returncode, done.stdout)
    assert says in done.stderr
    assert 1 == len(done.stderr.splitlines())
    assert not (tmp_path / "r.html").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["report", "r.pdf"], "must end in .html or .htm"),
        (["report"], "FILE"),
        (["report", "nowhere/r.html"], "nowhere/r.html"),
        (["stats", "--days", "0"], "--days"),
    ],
)
def test_wrong_use_is_one_line_and_ends_with_2(
    faqbot: Faqbot, arguments: list[str], says: str, tmp_path: Path
) -> None:
    done = faqbot(*arguments)

    assert 2 == done.returncode
    assert says in done.stderr
    assert 1 == len(done.stderr.splitlines())
    assert [] == list(tmp_path.iterdir())
