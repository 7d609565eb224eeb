"""``unanswered``, ``stats``, ``report``: run beside a bot that members talk to."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import date
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bot.content.exporting import export
from bot.domain.inbound import Form, Person, Place
from bot.store.database import Database
from bot.store.retention import DAY
from bot.texts import read as read_texts
from tests.cli.conftest import PROJECT, Faqbot
from tests.fakes.faq import CURRICULUM, FAQ, HALLUCINATION, SYNTHETIC
from tests.platforms.memory_driver import MemoryChat
from tests.store.samples import ask, keep, later

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
        "code", "question", "wordings", "asked", "times", "done", "platforms", "outcomes",
        "nearest", "escalated",
    } == set(declined)  # fmt: skip
    assert (f"{HOSTILE}？", 2, 0, True) == (
        declined["question"], declined["times"], declined["done"], declined["escalated"],
    )  # fmt: skip
    assert ["declined"] == declined["outcomes"]
    assert [f"{HOSTILE}？"] == declined["wordings"]
    assert ("カリキュラム学習は検討していますか", ["voted wrong"], ["memory"], False) == (
        wrong["question"], wrong["outcomes"], wrong["platforms"], wrong["escalated"],
    )  # fmt: skip
    assert {"id", "question", "confidence"} == set(wrong["nearest"])
    assert (CURRICULUM.id, CURRICULUM.question) == (
        wrong["nearest"]["id"], wrong["nearest"]["question"],
    )  # fmt: skip


async def test_unanswered_is_readable_and_names_nobody(faqbot: Faqbot, talked: MemoryChat) -> None:
    shown = await run(faqbot, "unanswered", FAQBOT_LOCALE="en")

    assert re.search(r"^\w{5}  2×  [\d-]{10}  memory  declined, for the lecturers$", shown, re.M)
    assert "memory  voted wrong\n    カリキュラム学習は検討していますか\n" in shown
    assert re.search(rf"^    shown: \d\.\d\d {CURRICULUM.id}  カリキュラム学習は", shown, re.M)
    assert "\n2 unanswered, asked 3 times in all\n" in shown
    assert "明美" not in shown


async def test_organisers_read_japanese_unless_they_choose_english(
    faqbot: Faqbot, talked: MemoryChat
) -> None:
    unanswered, stats = await run(faqbot, "unanswered"), await run(faqbot, "stats")

    assert "  2 回  " in unanswered
    assert "memory  「違う」と評価された\n" in unanswered
    assert "未回答の質問は 2 種類、合わせて 3 件です。" in unanswered
    assert re.search(r"^  回答できた +2   40\.0%$", stats, re.M)
    assert not re.search(r"[a-z]{3,} [a-z]{3,}", re.sub("memory|<.*>|faqbot.*", "", unanswered))


async def test_a_line_is_marked_as_done_beside_the_bot_and_comes_back_when_asked_again(
    faqbot: Faqbot, talked: MemoryChat
) -> None:
    async def lines(*options: str) -> list[tuple[str, int, int]]:
        found = json.loads(await run(faqbot, "unanswered", "--json", *options))
        return [(each["outcomes"][0], each["times"], each["done"]) for each in found]

    first, _ = json.loads(await run(faqbot, "unanswered", "--json"))
    full_width = str.translate(first["code"].upper(), {n: n + 0xFEE0 for n in range(33, 127)})

    said = await run(faqbot, "unanswered", "--done", full_width)

    assert "対応済みにしました: <script>" in said
    assert [("voted wrong", 1, 0)] == await lines()
    assert [("voted wrong", 1, 0), ("declined", 0, 2)] == await lines("--all")
    assert "対応済みが 2 件" in await run(faqbot, "unanswered")
    assert 2 == json.loads(await run(faqbot, "stats", "--json"))["done"]

    await talked.says("次郎", HOSTILE)
    await talked.sees()

    assert [("declined", 1, 2), ("voted wrong", 1, 0)] == await lines()
    assert "1 回  対応済み 2 回" in await run(faqbot, "unanswered")

    await run(faqbot, "unanswered", "--undo", first["code"])

    assert [("declined", 3, 0), ("voted wrong", 1, 0)] == await lines()


async def test_a_code_that_names_no_line_is_refused_and_nothing_is_marked(
    faqbot: Faqbot, talked: MemoryChat
) -> None:
    first, _ = json.loads(await run(faqbot, "unanswered", "--json"))
    wrong = ("unanswered", "--done", first["code"], "--done", "3")

    done = await asyncio.to_thread(faqbot, *wrong, **SETTINGS)

    assert (2, "") == (done.returncode, done.stdout)
    assert "「3」" in done.stderr
    assert 1 == len(done.stderr.splitlines())
    assert 2 == len(json.loads(await run(faqbot, "unanswered", "--json")))


async def test_stats_counts_and_shows_no_words(faqbot: Faqbot, talked: MemoryChat) -> None:
    stats = json.loads(await run(faqbot, "stats", "--json", "--days", "1"))

    assert {
        "asked": 5, "searched": 5, "answered": 1, "taken": 1, "wrong": 1, "none_taken": 0,
        "declined": 2, "lecturers": 0, "escalated": 1, "unanswered": 3, "done": 0, "unsearched": 0,
        "votes": {"useful": 1, "wrong": 1}, "platforms": {"memory": 5}, "by": "day",
    }.items() <= stats.items()  # fmt: skip
    assert {
        "answered": 0.2, "taken": 0.2, "wrong": 0.2, "none_taken": 0.0, "declined": 0.4,
        "lecturers": 0.0, "escalated": 0.2,
    } == stats["shares"]  # fmt: skip
    assert 5 == sum(period["asked"] for period in stats["periods"])
    assert 2 == sum(period["answered"] for period in stats["periods"])
    assert {"id": SYNTHETIC.id, "shown": 1, "useful": 1, "wrong": 0} in stats["entries"]
    assert {"id": HALLUCINATION.id, "shown": 1, "useful": 0, "wrong": 0} in stats["entries"]
    assert ["sato-2"] == stats["never"]

    text = await run(faqbot, "stats", FAQBOT_LOCALE="en")

    assert re.search(r"^  answered +2   40\.0%\n    answered at once +1   20\.0%$", text, re.M)
    assert f"  {SYNTHETIC.id}     1     1     0  合成データは使っていますか。\n" in text
    assert text.endswith("\nnever shown: 1\n  sato-2\n")
    assert "円周率" not in text


async def test_the_list_the_figures_and_the_page_count_alike(
    faqbot: Faqbot, talked: MemoryChat, tmp_path: Path
) -> None:
    """Also with a form that came without a question to the bot, and a line that is done."""
    where = talked.platform.posted[-1].place
    await talked.desk.receive(Form("f9", "", "予算はいくらですか", Person("U9", "次郎"), where))
    await talked.sees()
    listed = json.loads(await run(faqbot, "unanswered", "--json"))
    await run(faqbot, "unanswered", "--done", listed[0]["code"])

    every = json.loads(await run(faqbot, "unanswered", "--json", "--all"))
    stats = json.loads(await run(faqbot, "stats", "--json"))
    await run(faqbot, "report", "r.html")
    reader = read(tmp_path / "r.html")

    assert 4 == stats["unanswered"] == sum(each["times"] + each["done"] for each in every)
    assert stats["asked"] == 6 == stats["unanswered"] + stats["answered"] + stats["taken"]
    assert "未回答4 件 うち対応済み 2 件" in reader.words
    assert (
        "未回答の質問は 2 種類、合わせて 2 件です。対応済みの 2 件は除いています。" in reader.words
    )
    assert re.search(r"未回答467%", reader.words)


def test_what_an_operator_typed_in_the_terminal_is_counted_on_request_only(
    faqbot: Faqbot, tmp_path: Path
) -> None:
    export(tmp_path / "faq.yaml", FAQ)
    database = Database.open(f"sqlite:///{tmp_path / 'faqbot.db'}")
    keep(database, ask("a1", text="本当の質問"))
    keep(database, ask("a2", place=Place("console", "local", "terminal"), text="試しの質問"))
    database.close()

    def said(*arguments: str) -> str:
        done = faqbot(*arguments, **SETTINGS)
        assert (0, "") == (done.returncode, done.stderr)
        return done.stdout

    for command in (["unanswered"], ["stats"], ["report", "r.html"]):
        assert "1 件は数えていません" in said(*command)
    assert "試しの質問" not in said("unanswered") + (tmp_path / "r.html").read_text("utf-8")
    assert {"slack": 1} == json.loads(said("stats", "--json"))["platforms"]

    for command in (["unanswered"], ["stats"], ["report", "r.html"]):
        assert "数えていません" not in said(*command, "--with-terminal")
    assert "試しの質問" in said("unanswered", "--with-terminal")
    assert "試しの質問" in (tmp_path / "r.html").read_text("utf-8")
    stats = json.loads(said("stats", "--json", "--with-terminal"))
    assert {"console": 1, "slack": 1} == stats["platforms"]


def test_a_mark_is_for_all_wordings_however_the_list_was_cut(
    faqbot: Faqbot, tmp_path: Path
) -> None:
    export(tmp_path / "faq.yaml", FAQ)
    database = Database.open(f"sqlite:///{tmp_path / 'faqbot.db'}")
    later(database, -9 * DAY, lambda tx: tx.asks.add(ask("a1", text="録画は公開されますか")))
    keep(database, ask("a2", text="録画って公開されますか？"))
    keep(database, ask("a3", place=Place("console", "local", "terminal"), text="試しの質問"))
    database.close()

    def listed(*options: str) -> dict[str, tuple[str, int]]:
        found = json.loads(faqbot("unanswered", "--json", *options, **SETTINGS).stdout)
        return {each["question"]: (each["code"], each["times"]) for each in found}

    recent = listed("--days", "7", "--with-terminal")
    assert {"録画って公開されますか？": ("a2", 1), "試しの質問": ("a3", 1)} == recent
    assert {"録画って公開されますか？": ("a2", 2)} == listed()

    done = faqbot("unanswered", "--done", "a2", "--done", "a3", **SETTINGS)

    assert 2 == len(done.stdout.splitlines())
    assert {} == listed("--with-terminal")


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
        self.words += data if data.strip() else ""


def read(page: Path) -> Reader:
    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    assert [] == reader.open
    return reader


async def test_a_report_is_one_page_that_loads_and_runs_nothing(
    faqbot: Faqbot, talked: MemoryChat, tmp_path: Path
) -> None:
    assert "r.html に書き出しました。\n" == await run(faqbot, "report", "r.html")

    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    reader = read(tmp_path / "r.html")
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


async def test_a_report_holds_the_answers_and_the_questions_lead_to_them(
    faqbot: Faqbot, talked: MemoryChat, tmp_path: Path
) -> None:
    await run(faqbot, "report", "r.html")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")

    assert "使っています。*品質* の &lt;確認&gt; には @everyone も参加できます。" in page
    (anchor,) = set(re.findall(r'<a href="#(e\d+)">カリキュラム学習は', page))
    row = page[page.index(f'<tr id="{anchor}">') :]
    assert CURRICULUM.question in row[: row.index("</tr>")]
    assert CURRICULUM.answer in unescape(row[: row.index("</tr>")])


async def test_a_report_labels_each_day_and_shows_its_values(
    faqbot: Faqbot, talked: MemoryChat, tmp_path: Path
) -> None:
    await run(faqbot, "report", "r.html")
    words = read(tmp_path / "r.html").words
    today = date.today()
    day = f"{today.year}年{today.month}月{today.day}日: 質問 5 件、うち回答できた 2 件"
    assert f"{day}52{today.month}/{today.day}{today.year}" in re.sub(r"\s(?=52)", "", words)


def test_every_word_of_the_report_is_used() -> None:
    """``tests/texts`` sees only that the table is."""
    template = (PROJECT / "adapters/cli/report.html").read_text(encoding="utf-8")
    source = (PROJECT / "adapters/cli/report.py").read_text(encoding="utf-8")
    keys = read_texts(PROJECT / "bot/texts/ja.toml")
    said = {*re.findall(r'say\("(\w*[a-z])"', template + source), "by_day", "by_week", "gone"}
    assert said == {key.removeprefix("report.") for key in keys if key.startswith("report.")}


def test_without_a_database_nothing_was_asked_and_none_is_made(
    faqbot: Faqbot, tmp_path: Path
) -> None:
    never = "まだ質問は寄せられていません。\n"
    assert never == faqbot("unanswered").stdout
    assert never == faqbot("stats").stdout
    assert "No question has been asked yet.\n" == faqbot("stats", FAQBOT_LOCALE="en").stdout
    assert "最近 7 日間に寄せられた質問はありません。\n" == faqbot("stats", "--days", "7").stdout
    assert 2 == faqbot("unanswered", "--done", "abcde").returncode
    assert [] == json.loads(faqbot("unanswered", "--json").stdout)
    assert 0 == json.loads(faqbot("stats", "--json").stdout)["asked"]
    assert f"{never}r.html に書き出しました。\n" == faqbot("report", "r.html").stdout
    assert "まだありません" in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert ["r.html"] == [each.name for each in tmp_path.iterdir()]


@pytest.mark.parametrize("command", [["unanswered"], ["stats"], ["report", "r.html"]])
@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:///broken.db", "is no SQLite database"),
        ("sqlite:///.", "can't be used"),
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
        (["report", "r.pdf"], "ファイル名は .html, .htm で終わる"),
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
