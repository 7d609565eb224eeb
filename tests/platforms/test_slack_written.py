"""A reply on Slack reads as whoever wrote it sees it, from what the composer sends of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapters.discord import render as discord
from adapters.discord.written import seen as seen_on_discord
from adapters.slack.written import plain, written
from bot.domain.card import Card, Credit, Quote
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import BOT, Fault
from tests.platforms.conformance_learning import asked, reply_becomes
from tests.platforms.slack_driver import ORGANISERS, PEOPLE, SlackChat

Block = dict[str, Any]


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as made:
        yield made


@pytest.fixture
async def chat(fake: FakeSlack, tmp_path: Path) -> AsyncIterator[SlackChat]:
    async with SlackChat(fake, tmp_path) as chat:
        yield chat


def text(words: str, **style: bool) -> Block:
    return {"type": "text", "text": words, **({"style": style} if style else {})}


def link(url: str, words: str = "") -> Block:
    return {"type": "link", "url": url, **({"text": words} if words else {})}


def group(kind: str, *elements: Block, **more: object) -> Block:
    return {"type": f"rich_text_{kind}", "elements": list(elements), **more}


def points(*items: Block | str, style: str = "bullet", **more: object) -> Block:
    """Make a list as the composer sends it."""
    elements = (text(each) if isinstance(each, str) else each for each in items)
    sections = [group("section", each) for each in elements]
    return group("list", *sections, style=style, **{"indent": 0, "border": 0, **more})


def rich(*groups: Block) -> list[Block]:
    return [{"type": "rich_text", "block_id": "b", "elements": list(groups)}]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<@U0FAQBOT> こんにちは", "こんにちは"),
        ("<@U0FAQBOT|faq>こんにちは", "こんにちは"),
        ("<!channel> <!here|@here> <!subteam^S1|@講師>質問", "質問"),
        ("<https://example.jp/x>を見て", "https://example.jp/xを見て"),
        ("<mailto:a@example.jp|a@example.jp>", "a@example.jp"),
        ("<http://example.jp|example.jp>", "example.jp"),
        ("<https://example.jp/x|資料>を見て", "資料（https://example.jp/x）を見て"),
        ("<https://example.jp/x|example.jp>", "example.jp（https://example.jp/x）"),
        ("<mailto:a@example.jp|事務局>へ", "事務局（a@example.jp）へ"),
        ("<#C1|faq> と <#C2|> と <#C3>", "#faq と   と"),
        ("`<@U1> <https://example.jp/x> &lt;@U1&gt;`", "`<@U1> https://example.jp/x <@U1>`"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2 &amp;lt;", "1 < 2 && 3 > 2 &lt;"),
    ],
)
def test_markup_is_taken_off(written: str, read: str) -> None:
    assert plain(written) == read


REPLIES = {
    "bold, italics, struck": (
        "*必ず* 2*3*4 を _読んで_ ~古い~ *_両方_*",
        rich(
            group(
                "section", text("必ず", bold=True), text(" 2*3*4 を "), text("読んで", italic=True),
                text(" "), text("古い", strike=True), text(" "),
                text("両方", bold=True, italic=True),
            )
        ),
        "必ず 2*3*4 を 読んで 古い 両方",
    ),
    "numbers, letters, bullets": (
        "手順です：\n1. 開く\n    a. 左\n    b. 右\n2. 押す\n\n以上です。",
        rich(
            group("section", text("手順です：\n")),
            points("開く", style="ordered"),
            points("左", "右", style="ordered", indent=1),
            points("押す", style="ordered", offset=1),
            group("section", text("\n以上です。")),
        ),
        "手順です：\n1. 開く\n    a. 左\n    b. 右\n2. 押す\n\n以上です。",
    ),
    "numbers of a long list": (
        "    aa. 二七\n        xl. 四十",
        rich(
            points("二七", style="ordered", indent=1, offset=26),
            points("四十", style="ordered", indent=2, offset=39),
        ),
        "aa. 二七\n        xl. 四十",
    ),
    "bullets in bullets": (
        "• 一\n    ◦ 二\n        ▪︎ 三\n• *四*\n行",
        rich(
            points("一"), points("二", indent=1), points("三", indent=2),
            points(text("四\n行", bold=True)),
        ),
        "• 一\n    ◦ 二\n        ▪ 三\n• 四\n  行",
    ),
    "quote": (
        "&gt; 一行目\n&gt; *二行目*\nその答えです。",
        rich(
            group("quote", text("一行目\n"), text("二行目", bold=True)),
            group("section", text("その答えです。")),
        ),
        "> 一行目\n> 二行目\nその答えです。",
    ),
    "a list in a quote": (
        "&gt; • 一\n&gt; • 二",
        rich(points("一", "二", border=1)),
        "> • 一\n> • 二",
    ),
    "code block": (
        "```for x in y:\n    print(&lt;x&gt;)```",
        rich(group("preformatted", text("for x in y:\n    print(<x>)"), border=0)),
        "```\nfor x in y:\n    print(<x>)\n```",
    ),
    "code": (
        "`pip install -U x` と `*.py`",
        rich(
            group(
                "section", text("pip install ", code=True), text("-U x", code=True, bold=True),
                text(" と "), text("*.py", code=True),
            )
        ),
        "`pip install -U x` と `*.py`",
    ),
    "links": (
        "<https://a.jp/x?a=1&amp;b=2|資料> <https://a.jp> <http://a.jp|a.jp> "
        "<mailto:a@a.jp|a@a.jp>",
        rich(
            group(
                "section", link("https://a.jp/x?a=1&b=2", "資料"), text(" "), link("https://a.jp"),
                text(" "), link("http://a.jp", "a.jp"), text(" "), link("mailto:a@a.jp", "a@a.jp"),
            )
        ),
        "資料（https://a.jp/x?a=1&b=2） https://a.jp a.jp a@a.jp",
    ),
    "emoji": (
        ":beers: :wave::skin-tone-4: :our-logo: :odd:",
        rich(
            group(
                "section", {"type": "emoji", "name": "beers", "unicode": "1f37b"}, text(" "),
                {"type": "emoji", "name": "wave", "unicode": "1f44b-1f3fd", "skin_tone": 4},
                text(" "), {"type": "emoji", "name": "our-logo"},
                text(" "), {"type": "emoji", "name": "odd", "unicode": "no code"},
            )
        ),
        "🍻 👋🏽 :our-logo: :odd:",
    ),
    "what looks like markup": (
        "&lt;@U0KENJI&gt; &amp;amp; # 1. 見出し",
        rich(group("section", text("<@U0KENJI> &amp; # 1. 見出し"))),
        "<@U0KENJI> &amp; # 1. 見出し",
    ),
}  # fmt: skip


@pytest.mark.parametrize("of", REPLIES)
def test_what_is_written_stays_as_it_was_and_its_marks_go(of: str) -> None:
    said, blocks, seen = REPLIES[of]
    assert written(said, blocks) == seen


def test_what_the_blocks_say_in_a_way_that_is_not_known_is_read_from_the_text() -> None:
    blocks = rich(group("section", text("前 "), {"type": "canvas", "id": "F1"}))
    assert written("前 キャンバス", blocks) == "前 キャンバス"
    assert written("前 &amp; 後", [{"type": "rich_text", "elements": [None]}, "?"]) == "前 & 後"


@pytest.mark.parametrize("of", REPLIES)
async def test_a_reply_becomes_the_answer_that_members_see(
    fake: FakeSlack, chat: SlackChat, of: str
) -> None:
    said, blocks, seen = REPLIES[of]
    await asked(chat)
    await replies(fake, said, blocks)
    await reply_becomes(chat, seen)


@pytest.mark.parametrize(
    "words", [*(seen for _, _, seen in REPLIES.values()), "**x** [a](http://b)"]
)
def test_it_reads_the_same_on_discord(words: str) -> None:
    (drawn,) = discord.messages(Card((Quote(words), Credit("佐藤 先生", ""))))
    assert seen_on_discord(str(drawn.embeds[0]["description"]), {}) == words


@pytest.mark.parametrize("slack", ["answers", "refuses", "is slow"])
@pytest.mark.parametrize("composed", [True, False], ids=["blocks", "text"])
async def test_whom_and_what_a_reply_names_stands_in_the_answer(
    fake: FakeSlack, chat: SlackChat, composed: bool, slack: str
) -> None:
    kenta, asker = PEOPLE["健太"], {"type": "user", "user_id": BOT}
    await asked(chat)
    if slack != "answers":
        slow = Fault(delay=4.0, after_effect=True) if slack == "is slow" else None
        fake.fail("users.info", slow or Fault(error="ratelimited"), times=9)
        fake.fail("conversations.info", slow or Fault(error="channel_not_found"), times=9)
    blocks = rich(
        group(
            "section", asker, text(" "), {"type": "user", "user_id": kenta}, text(" "),
            {"type": "channel", "channel_id": "C0FAQ"}, text(" "),
            {"type": "channel", "channel_id": "C0GENERAL"}, text(" "),
            {"type": "usergroup", "usergroup_id": "S0STAFF"}, text(" "),
            {"type": "broadcast", "range": "here"},
        )
    )  # fmt: skip
    said = f"<@{BOT}> <@{kenta}> <#C0FAQ|faq> <#C0GENERAL|> <!subteam^S0STAFF|@係> <!here>"
    await replies(fake, said, blocks if composed else [])
    await chat.organisers_see()
    form = await chat.organiser_presses("講師", "この返信を回答にする")
    assert form is not None
    name = "@健太" if slack == "answers" else ""
    where = "#general" if slack == "answers" else "https://event.example/archives/C0GENERAL"
    assert form["answer"].split() == [*name.split(), "#faq", where, "@係", "@here"]


async def replies(fake: FakeSlack, said: str, blocks: list[Block]) -> None:
    """Let a lecturer reply below the newest card."""
    card = next(each for each in reversed(fake.messages)
                if (each.channel, each.user, each.thread) == (ORGANISERS, BOT, None))  # fmt: skip
    await fake.says(PEOPLE["講師"], said, channel=ORGANISERS, thread=card.ts, blocks=blocks)
