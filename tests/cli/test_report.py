"""``report``: one page, looked at as a browser would."""

import json
import re
from datetime import date
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

from bot.domain.inbound import Form, Person
from bot.texts import read as read_texts
from tests.cli.conftest import HOSTILE, PROJECT, Faqbot, run
from tests.fakes.faq import CURRICULUM
from tests.platforms.memory_driver import MemoryChat


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


async def test_a_report_of_one_day_names_it_once(
    faqbot: Faqbot, talked: MemoryChat, tmp_path: Path
) -> None:
    await run(faqbot, "report", "r.html")
    words = read(tmp_path / "r.html").words
    assert re.search(r"\d年\d+月\d+日にメンバーから寄せられた質問", words)
    assert not re.search(r"日から\d+年", words)


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
    source = (PROJECT / "adapters/cli/past.py").read_text(encoding="utf-8")
    keys = read_texts(PROJECT / "bot/texts/ja.toml")
    said = {*re.findall(r'say\("(\w*[a-z])"', template + source), "by_day", "by_week", "gone"}
    assert said == {key.removeprefix("report.") for key in keys if key.startswith("report.")}


async def test_the_list_the_figures_and_the_page_count_alike(
    faqbot: Faqbot, talked: MemoryChat, tmp_path: Path
) -> None:
    """Also with a form that came without a question to the bot, and a line that is done."""
    where = talked.platform.posted[-1].place
    await talked.desk.receive(
        Form.of_question("f9", "", "予算はいくらですか", Person("U9", "次郎"), where)
    )
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
