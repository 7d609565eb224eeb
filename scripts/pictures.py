"""Draw the pictures of the README from what the product itself says: `make pictures`.

Each picture is the real output for a real question to the lecturers' FAQ: Slack's blocks, Discord's
message, the terminal chat as rich draws it, the page of `faqbot report` for eight invented weeks.
Only what the platforms themselves would draw around it is ours. docs/pictures/said.json keeps what
is said in them; a test compares it with what the product says now.

Needs Chromium, a Japanese font and pngquant (Debian: chromium, fonts-noto-cjk, pngquant).
"""

import asyncio
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME

from adapters.cli.past import Past, page
from adapters.console.app import PLACE, Chat
from adapters.console.outbound import WIDEST, Terminal
from adapters.discord.render import messages as discord_messages
from adapters.slack.render import messages as slack_messages
from bot.bootstrap import build
from bot.catalogue import word_lists
from bot.content import load
from bot.desk.learning import SHOWN
from bot.domain.ask import Asker, Draft, DraftKind, Escalation, Outcome, Stage, Vote, candidates
from bot.domain.card import Card
from bot.domain.inbound import Person, Place
from bot.domain.retrieval import Answer, Suggestions
from bot.gate import objections
from bot.search.meaning import Encoder, Meaning
from bot.search.searcher import Searcher
from bot.settings import CoreSettings
from bot.store import Asked, Learned
from bot.texts import Texts
from bot.usage import measure
from bot.wording import Organising, Wording

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs/pictures"
SAID = PICTURES / "said.json"

ON_SLACK = "古い学術書も学習に使える？"
ON_DISCORD = "お医者さんの試験の問題で評価するんですか"
FOR_LECTURERS = "勉強会の録画は、あとから見られますか。"
BY_OFFICE = "はい。開催から 1 週間ほどで、参加者のページに公開しています。"
"""An invented answer, so it is no lecturer's."""
IN_THE_TERMINAL = ("評価の点数が低いときはどうする？", "2", "+")

NOTHING_LEARNED = Learned(dict.fromkeys(Stage, 0), (), 0, 0, (), ())
TODAY = datetime(2026, 11, 27, 10, tzinfo=UTC)  # the same day nearly everywhere
ASKED = (
    "カリキュラム学習って検討してますか？",
    "合成データは使っていますか",
    "録画はありますか",
    "出版社とは組まないの？",
    "古い本も学習に使える？",
    "録画ってどこかで見られますか？",
    "日本語だと安全対策は弱くなりますか",
    "GPU は何枚使いましたか",
    "主語の省略、翻訳ではどうしてますか",
    "次の勉強会はいつですか？",
    "AA は形として見えてるんですか",
    "商用利用はできますか",
    "学習の終わりに質の高いデータを集中させる工夫はありますか",
)
"""What the report looks back on, over and over: what members of a study group would ask."""
WEEKLY = (6, 14, 11, 17, 9, 13, 21, 12)

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
SIZES = {"slack": 760, "organisers": 760, "discord": 760, "terminal": 725, "report": 1000}
"""Widths in pixels, each drawn twice as fine."""
REPORT_HEIGHT = 1160
"""As much of the page as its figures need; the others are drawn whole."""
LARGEST = 200_000


class Sources:
    """What the product says, and the HTML that shows it; made anew each time."""

    def __init__(self) -> None:
        data = ROOT / "data"
        self._entries = load(data)
        self._searcher = Searcher(self._entries, word_lists(data))
        self._searcher.add(Meaning(encoder=Encoder()))
        self._wording = Wording("ja")
        self.slack = [
            {"text": message.text, "blocks": list(message.blocks)}
            for message in slack_messages(self._card(ON_SLACK, "slack"))
        ]
        self.discord = [
            message.payload()
            for message in discord_messages(self._card(ON_DISCORD, "discord"), ON_DISCORD)
        ]
        self.terminal = Console(
            file=io.StringIO(), record=True, width=WIDEST, force_terminal=True, highlight=False
        )
        asyncio.run(self._chat())
        self.organisers = self._organisers()
        self.report = self._report()

    def said(self) -> dict[str, Any]:
        """Return all that is to be read in the pictures, as plain data."""
        shown = re.sub(r"<(style|title)>.*?</\1>", "", self.report, flags=re.DOTALL)
        words = re.sub(r"<[^>]*>", "\n", shown.partition('<h2 id="open">')[0])
        return {
            "slack": {"asked": ON_SLACK, "messages": self.slack},
            "discord": {"asked": ON_DISCORD, "messages": self.discord},
            "organisers": self.organisers,
            "terminal": self.terminal.export_text(clear=False).rstrip().splitlines(),
            "report": [line.strip() for line in words.splitlines() if line.strip()],
        }

    def _card(self, question: str, platform: str) -> Card:
        reply, _ = self._searcher.reply(question)
        card = self._wording.reply(
            reply, "ask", entries=self._entries, platform=platform, private=False
        )
        assert card is not None
        return card

    def _organisers(self) -> dict[str, Any]:
        """Return a question's card, and the draft that answers it, as Slack shows them."""
        words = Organising(self._wording)
        place = Place("slack", "T0", "C0", "1.0")
        asker = Asker("a1", "ask", Person("U0", "明美"), place, FOR_LECTURERS, 0.0)
        question = Escalation(
            "e1", FOR_LECTURERS, Stage.DRAFTED, 1, (asker, replace(asker, id="a2")), None,
            Person("U1", "事務局 佐藤"), 0.0, 0.0,
        )  # fmt: skip
        near = self._searcher.search(FOR_LECTURERS).hits[:SHOWN]
        address = "https://llm.example/archives/C0/p1"
        card = words.question(question, near=near, lecturer="", address=address)
        draft = Draft(
            "d1", 1, DraftKind.ENTRY, "office-1", "e1", "勉強会事務局", "", FOR_LECTURERS,
            BY_OFFICE, ("https://llm.example/videos",), (), Person("U1", "事務局 佐藤"),
        )  # fmt: skip
        found = objections(draft.as_entry(), [FOR_LECTURERS], self._entries, self._searcher.preview)
        drafted = words.draft(draft, "e1", found, second=False, in_files=False)
        return {
            name: [{"text": each.text, "blocks": list(each.blocks)} for each in slack_messages(of)]
            for name, of in (("question", card), ("draft", drafted))
        }

    async def _chat(self) -> None:
        """Converse with the real desk, and put what is typed where the line editor would."""
        console = self.terminal
        typed = iter(IN_THE_TERMINAL)
        console.print("[bold green]$[/] faqbot run")

        async def ask(prompt: str, text: str) -> str:
            line = next(typed, None)
            if line is None:
                raise EOFError
            console.print(f"{prompt}[bold]{line}[/]")
            return line

        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/faqbot.db"
            desk = build(self._searcher, CoreSettings(database_url=url))
            terminal = Terminal(console)
            service = asyncio.create_task(desk.run({PLACE.platform: terminal}))
            try:
                await Chat(desk, terminal, Person("member")).run(ask)
            finally:
                service.cancel()
                await asyncio.wait([service])
                desk.close()

    def _report(self) -> str:
        monday = TODAY - timedelta(TODAY.weekday())
        asked: list[Asked] = []
        for week, many in enumerate(WEEKLY):
            start = monday - timedelta(weeks=len(WEEKLY) - 1 - week)
            for _ in range(many):
                asked.append(self._asked(len(asked), start))
        questions = {entry.id: entry.question for entry in self._entries}
        usage = measure(asked, questions, TODAY.date())
        past = Past(
            Texts("ja"), self._entries, questions, asked, usage, NOTHING_LEARNED, 0, None, True
        )
        return page(past, (), {}, "ja", TODAY)  # what is open comes below the picture

    def _asked(self, number: int, start: datetime) -> Asked:
        text = ASKED[number * 5 % len(ASKED)]
        reply, ranking = self._searcher.reply(text)
        found = candidates(reply, ranking)
        taken = isinstance(reply, Answer) or (isinstance(reply, Suggestions) and number % 3 > 0)
        shown = found[0].entry if taken else None
        vote = Vote.USEFUL if number % 16 else Vote.WRONG
        return Asked(
            id=f"{number:05}",
            at=(start + timedelta(number % 5)).timestamp(),
            platform="discord" if number % 3 == 1 else "slack",
            text=text,
            escalated=False,
            outcome=Outcome(reply.outcome),
            candidates=found,
            shown=shown,
            votes=((shown, vote),) if shown and number % 2 == 0 else (),
        )


def html(sources: Sources) -> dict[str, str]:
    """Return each picture as a page of its own."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    environment.filters["plain"] = lambda text: re.sub(r"\\(.)", r"\1", text)
    environment.filters["lines"] = str.splitlines
    template = environment.get_template("pictures.html")
    # Not rich's SVG: it takes a Japanese character for as wide as a Latin one.
    terminal = sources.terminal.export_html(
        theme=SVG_EXPORT_THEME, clear=False, inline_styles=True, code_format="{code}"
    ).replace("│", "<i>│</i>")
    pages = {
        name: template.render(picture=name, said=getattr(sources, name), asked=asked)
        for name, asked in (("slack", ON_SLACK), ("discord", ON_DISCORD))
    }
    return pages | {
        "organisers": template.render(picture="organisers", said=sources.organisers, asked=""),
        "terminal": template.render(picture="terminal", said=terminal, asked=""),
        "report": sources.report,
    }


def draw(name: str, shown: str, chromium: str) -> Path:
    """Draw a page as a picture, as high as it is; of the report only the beginning."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, f"{name}.html")
        source.write_text(shown, encoding="utf-8")

        def run(*options: str, height: int = 400) -> str:
            command = [
                chromium, "--headless", "--no-sandbox", "--disable-gpu",
                "--hide-scrollbars", "--disable-lcd-text",
                "--force-device-scale-factor=2", f"--user-data-dir={folder}/profile",
                f"--window-size={SIZES[name]},{height}", *options, source.as_uri(),
            ]  # fmt: skip
            return subprocess.run(command, check=True, capture_output=True, text=True).stdout

        found = re.search(r'data-height="(\d+)"', run("--dump-dom"))
        path = PICTURES / f"{name}.png"
        run(f"--screenshot={path}", height=int(found[1]) if found else REPORT_HEIGHT)
    # A third of the size; 256 colours are enough for words.
    subprocess.run(["pngquant", "--force", "--ext", ".png", path], check=True)
    return path


def main() -> None:
    """Draw all pictures, and keep what is said in them."""
    chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if chromium is None or not shutil.which("pngquant"):
        sys.exit("Install Chromium, pngquant and a Japanese font first.")
    sources = Sources()
    for name, shown in html(sources).items():
        path = draw(name, shown, chromium)
        size = path.stat().st_size
        print(f"{path.relative_to(ROOT)}: {size:,} bytes")
        if size > LARGEST:
            sys.exit(f"{path.name} is larger than {LARGEST:,} bytes: show less.")
    SAID.write_text(
        json.dumps(sources.said(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
