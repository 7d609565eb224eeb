"""Cards become messages that Slack accepts, with the lecturer's words as they were written."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack import render
from adapters.slack.render import home_view, sheet_view
from bot.domain.card import (
    Button,
    Card,
    Choice,
    Credit,
    Field,
    Link,
    Pages,
    Quote,
    Say,
    Sheet,
    Small,
)
from bot.domain.entry import Entry
from bot.domain.inbound import Action, Place
from bot.domain.text import shortened
from bot.wording import Wording
from tests.fakes.slack_judge import message_error, units, view_faults

WHERE = Place("slack", "T0", "C0", "1.2", handle="https://hooks.example/x")


def test_an_answer_stands_apart_with_name_talk_and_links() -> None:
    card = Card(
        (
            Quote("合成データを使いました。"),
            Credit("河原 先生", "LLM の評価", ("https://example.jp",)),
        ),
        (Button("役に立った", Action.USEFUL, "01JASK", "0"),),
    )
    (message,) = render.messages(card)
    assert message.blocks == (
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_quote",
                    "elements": [{"type": "text", "text": "合成データを使いました。"}],
                }
            ],
        },
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "text", "text": "河原 先生", "style": {"bold": True}},
                        {"type": "text", "text": " · LLM の評価"},
                    ],
                }
            ],
        },
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [{"type": "link", "url": "https://example.jp"}],
                }
            ],
        },
        {
            "type": "actions",
            "elements": [
                {
                    "type": "button",
                    "text": {"type": "plain_text", "text": "役に立った", "emoji": False},
                    "action_id": "faq:useful:0",
                    "value": "01JASK:0",
                }
            ],
        },
    )


@pytest.mark.fault(90)
@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("資料は https://example.jp/a_(b) です。", ["https://example.jp/a_(b)"]),
        ("（https://example.jp/a）を見てください", ["https://example.jp/a"]),
        ("(see https://example.jp/a.) も", ["https://example.jp/a"]),
        ("[docs.jp](https://evil.example)", ["https://evil.example"]),
        ("mailto:a@example.jp、http://b.example/?q=1&r=2。", ["mailto:a@example.jp",
                                                             "http://b.example/?q=1&r=2"]),
        ("https:// だけ、javascript:alert(1)、*太字*", []),
    ],
)  # fmt: skip
def test_addresses_in_an_answer_are_links_that_show_where_they_lead(
    text: str, links: list[str]
) -> None:
    (message,) = render.messages(Card((Quote(text),)))
    elements = list(_elements(message.blocks[0]))
    assert [each["url"] for each in elements if each["type"] == "link"] == links
    assert "".join(each.get("text") or each["url"] for each in elements) == text
    assert not [each for each in elements if each["type"] == "link" and "text" in each]


@pytest.mark.fault(106)
def test_a_line_of_links_is_shown_as_given_and_leads_to_all_of_it() -> None:
    given = {
        "https://ja.example.org/wiki/形態素解析": "https://ja.example.org/wiki/"
        "%E5%BD%A2%E6%85%8B%E7%B4%A0%E8%A7%A3%E6%9E%90",
        "https://例え.jp/": "https://xn--r8jz45g.jp/",
        "https://example.org/wiki/Hey!": "https://example.org/wiki/Hey!",
        "https://example.jp/form?entry=a|b": "https://example.jp/form?entry=a|b",
        "https://example.jp/a(b)(": "https://example.jp/a(b)(",
        "https://example.jp/案内。html": "https://example.jp/%E6%A1%88%E5%86%85%E3%80%82html",
        "mailto:faq@example.jp": "mailto:faq@example.jp",
    }
    (message,) = render.messages(Card((Quote("はい。"), Credit("河原", "", tuple(given)))))
    elements = list(_elements(message.blocks[-1]))
    shown = {e.get("text", e["url"]): e["url"] for e in elements if e["type"] == "link"}
    assert given == shown
    assert "\n".join(given) == "".join(each.get("text") or each["url"] for each in elements)
    assert message_error(_payload(message)) is None


@pytest.mark.parametrize("length", [6, 60, 320])
def test_where_links_lead_counts_for_what_a_message_holds(length: int) -> None:
    """An address in Japanese is nine times as long as it is shown."""
    links = [f"https://ja.example.org/{n}/{'あ' * length}" for n in range(9000 // length)]
    card = Card((Quote("\n".join(links)), Credit("河原", "", tuple(links))))
    drawn = [[e for b in m.blocks for e in _elements(b)] for m in render.messages(card)]
    sizes = [sum(units(e.get("text", "") + e.get("url", "")) for e in each) for each in drawn]
    assert max(sizes) <= 9500
    shown = [e["text"] for each in drawn for e in each if e["type"] == "link"]
    assert [*links, *links] == shown


@pytest.mark.fault(107)
def test_a_part_of_an_address_is_no_link() -> None:
    whole, cut = "https://example.jp/a", "https://example.jp/" + "x" * 4000
    drawn = render.messages(Card((Quote(f"{whole} と {cut}"), Credit("河原", "", (cut,)))))
    elements = [e for m in drawn for b in m.blocks for e in _elements(b)]
    assert [whole] == [each["url"] for each in elements if each["type"] == "link"]


@pytest.mark.fault(33)
@pytest.mark.parametrize("text", ["<!channel> <@U0KENJI> & @everyone", "*a* _b_ ~c~ `d` <x|y>"])
def test_nothing_that_somebody_wrote_is_markup(text: str) -> None:
    card = Card((Say(text), Quote(text), Credit(text, text), Small(text)))
    (message,) = render.messages(card)
    for block in message.blocks:
        assert "mrkdwn" not in str(block)
        assert "'user'" not in str(block)
    assert "<" not in message.text


def test_the_one_person_to_notify_is_mentioned_first() -> None:
    (message,) = render.messages(Card((Say("回答が届きました。"),), ping="U0AKEMI"))
    first = next(_elements(message.blocks[0]))
    assert first == {"type": "user", "user_id": "U0AKEMI"}
    assert message.text == "<@U0AKEMI> 回答が届きました。"


def test_a_long_answer_comes_whole_in_parts_with_the_buttons_last() -> None:
    answer = "".join(f"{n} 番目の文です。" for n in range(3000))
    card = Card((Quote(answer), Credit("河原 先生", "")), (Button("違う", Action.WRONG, "a", "0"),))
    drawn = render.messages(card)
    assert len(drawn) > 1
    assert [message_error(_payload(message)) for message in drawn] == [None] * len(drawn)
    quotes = [e["text"] for m in drawn for b in m.blocks if "quote" in str(b) for e in _elements(b)]
    assert "".join(quotes) == answer
    assert ["actions" in str(message.blocks) for message in drawn].index(True) == len(drawn) - 1


def test_a_label_that_is_too_long_is_shortened() -> None:
    (message,) = render.messages(Card((Say("?"),), (Button("長" * 200, Action.CHOOSE, "a", "0"),)))
    assert message_error(_payload(message)) is None


TEXT = st.text(st.sampled_from("あ。\n *_~`<>&@😀") | st.characters(exclude_categories=["Cs"]))
ANY_TEXT = st.builds(lambda text, times: text * times, TEXT, st.sampled_from([1, 50, 400]))
PART = (
    st.builds(Say, ANY_TEXT)
    | st.builds(Quote, ANY_TEXT)
    | st.builds(Small, ANY_TEXT)
    | st.builds(Credit, TEXT, ANY_TEXT, st.just(("https://example.jp/x",) * 3))
)
BUTTON = st.builds(
    Button, TEXT.map(lambda text: f"答{text}"), st.sampled_from(Action), st.just("a")
)


@pytest.mark.fault(51)
@settings(max_examples=300, deadline=None)
@given(
    st.lists(PART, min_size=1, max_size=5).map(tuple),
    st.lists(BUTTON, max_size=5).map(tuple),
    st.none() | st.just("U0AKEMI"),
)
def test_slack_accepts_whatever_is_drawn(
    parts: tuple[Say | Quote | Small | Credit, ...], buttons: tuple[Button, ...], ping: str | None
) -> None:
    card = Card((Say("始め"), *parts), buttons, ping)
    drawn = render.messages(card)
    assert [message_error(_payload(message)) for message in drawn] == [None] * len(drawn)
    assert [message_error({"text": message.text}) for message in drawn] == [None] * len(drawn)
    assert view_faults(sheet_view(Sheet("FAQ", "閉じる", parts=card.parts), WHERE)) == []


@pytest.mark.parametrize("text", ["", "合成データは？", "長い。" * 5000])
def test_the_form_is_a_modal_that_slack_accepts(text: str) -> None:
    assert view_faults(sheet_view(Wording("ja").form("01JASK", text), WHERE)) == []


def test_of_a_long_question_the_form_holds_what_it_has_room_for_and_shows_that_it_is_cut() -> None:
    view = sheet_view(Wording("ja").form("01JASK", "前置きです。" + "問" * 5000), WHERE)
    filled = str(_blocks(view)[0]["element"]["initial_value"])
    assert (len(filled), filled.endswith("問…")) == (3000, True)


def test_a_form_is_drawn_as_the_version_before_drew_it() -> None:
    """While a new version is rolled out, a form of the one may be sent to the other."""
    assert sheet_view(Wording("ja").form("01JASK", "締め切りは？"), WHERE) == {
        "type": "modal",
        "callback_id": "faq:form",
        "private_metadata": '{"ask":"01JASK","workspace":"T0","channel":"C0","thread":"1.2",'
        '"handle":"https://hooks.example/x"}',
        "title": {"type": "plain_text", "text": "講師に聞く", "emoji": False},
        "submit": {"type": "plain_text", "text": "送る", "emoji": False},
        "close": {"type": "plain_text", "text": "やめる", "emoji": False},
        "blocks": [
            {
                "type": "input",
                "block_id": "question",
                "label": {"type": "plain_text", "text": "講師への質問", "emoji": False},
                "hint": {
                    "type": "plain_text",
                    "text": "質問は運営を通じて講師に届きます。お名前も運営に伝わります。",
                    "emoji": False,
                },
                "element": {
                    "type": "plain_text_input",
                    "action_id": "text",
                    "multiline": True,
                    "max_length": 3000,
                    "initial_value": "締め切りは？",
                },
            }
        ],
    }


@pytest.mark.parametrize(
    ("text", "chosen", "typed"),
    [("河原", "河原", ""), ("新任", "", "新任"), ("", "", ""), ("長" * 200, "", "長" * 200)],
)
def test_a_field_with_choices_lets_choose_or_type(text: str, chosen: str, typed: str) -> None:
    """What Slack's list has no room for is typed."""
    names = ("河原", "佐藤", "長" * 100, "長" * 200, *map(str, range(200)))
    choices = tuple(Choice(each, f"{each} 先生") for each in names)
    field = Field("lecturer", "講師", text=text, choices=choices)
    view = sheet_view(Sheet("回答", "やめる", "送る", fields=(field,)), WHERE)
    assert view_faults(view) == []
    choice, other = (block["element"] for block in _blocks(view))
    assert choice.get("initial_option", {"value": ""})["value"] == chosen
    assert other.get("initial_value", "") == typed


@pytest.mark.parametrize("entries", [0, 1, 90, 400])
def test_every_page_of_the_home_tab_is_within_slacks_limits(entries: int) -> None:
    seen: list[str] = []
    page = 0
    while True:
        view = home_view(_pages(entries, page), Wording("ja").privacy())
        assert view_faults(view) == []
        seen += [b["accessory"]["value"] for b in _blocks(view) if "accessory" in b]
        following = [e for b in _blocks(view) for e in b.get("elements", []) if _turns(e, "next")]
        if not following:
            break
        page = int(following[0]["value"])
    assert sorted(seen) == sorted(f"e{n}" for n in range(entries))


def test_where_nothing_else_will_do_there_is_only_the_choice() -> None:
    field = Field("entry", "項目", choices=(Choice("a", "あ"),), typed=False)
    view = sheet_view(Sheet("追加", "やめる", "送る", fields=(field,)), WHERE)
    assert view_faults(view) == []
    assert ["static_select"] == [block["element"]["type"] for block in _blocks(view)]


def test_a_link_shows_its_words_and_leads_to_its_address() -> None:
    (message,) = render.messages(Card((Link("質問を見る", "https://event.example/archives/C0"),)))
    assert message_error(_payload(message)) is None
    section = message.blocks[0]["elements"][0]  # type: ignore[index]
    assert section["elements"] == [
        {"type": "link", "url": "https://event.example/archives/C0", "text": "質問を見る"}
    ]


def test_a_label_is_cut_without_halving_an_emoji() -> None:
    assert shortened("😀" * 40, 75) == "😀" * 37 + "…"
    assert units(shortened("😀" * 40, 75)) == 75


def _pages(entries: int, page: int) -> Pages:
    talks = [(f"講演 {n}" if n % 3 else "", "河原" if n % 2 else "") for n in range(14)]
    every = (
        Entry(f"e{n}", talks[n // 30][1], talks[n // 30][0], "質問" * 50, "回答")
        for n in range(entries)
    )
    return Wording("ja").pages(tuple(every), page)


def _payload(message: render.Drawn) -> dict[str, object]:
    return {"text": message.text, "blocks": list(message.blocks)}


def _blocks(view: dict[str, Any]) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = view["blocks"]
    return blocks


def _turns(element: dict[str, Any], way: str) -> bool:
    return element.get("action_id") == f"home:page:{way}"


def _elements(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for group in block["elements"]:
        yield from group["elements"]
