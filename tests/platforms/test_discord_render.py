"""Cards as Discord messages: every word is there, as written, and within Discord's limits."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord.api import thread_name
from adapters.discord.inbound import Below, Handle, Interaction, Way, decode, encode
from adapters.discord.render import escape, escaped_parts, messages, plain_messages
from adapters.discord.views import form, page
from bot.domain.card import (
    Button,
    Card,
    Choice,
    Credit,
    Field,
    Link,
    Quote,
    Say,
    Sheet,
    Small,
)
from bot.domain.entry import Entry
from bot.domain.inbound import Action, FormKind
from bot.wording import Wording
from tests.fakes.discord_state import Json, Post, World, shown, units

USEFUL = Button("役に立った", Action.USEFUL, "01JASK", "0")
TEXT = st.text(
    st.one_of(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")),
              st.sampled_from("*_~`|<>[]()#-+:\\\n 。、@1.")), max_size=60,
)  # fmt: skip


def test_an_answer_stands_apart_from_the_bots_words() -> None:
    (message,) = messages(
        Card(
            (Say("回答です。"), Quote("はい。"), Credit("河原 先生", "評価", ("https://a.jp/x",)),
             Small("一致した言葉: 評価")),
            (USEFUL,),
        )
    )  # fmt: skip
    (embed,) = message.embeds
    assert message.content == "回答です。"
    assert embed["author"] == {"name": "河原 先生"}
    assert embed["description"] == "はい。"
    assert embed["fields"] == [{"name": "🔗", "value": "https://a.jp/x"}]
    assert embed["footer"] == {"text": "評価\n一致した言葉: 評価"}
    assert message.components == (
        {"type": 1, "components": [{"type": 2, "style": 2, "label": "役に立った",
                                    "custom_id": "faq:useful:01JASK:0"}]},
    )  # fmt: skip


def test_several_answers_keep_their_order() -> None:
    parts = (
        Say("一つ目"),
        Quote("甲"),
        Credit("河原", ""),
        Say("二つ目"),
        Quote("乙"),
        Small("注"),
    )
    (message,) = messages(Card(parts))
    assert message.content == "一つ目"
    assert [each.get("description") for each in message.embeds] == ["甲", "二つ目", "乙"]
    assert message.embeds[-1]["footer"] == {"text": "注"}


def test_small_print_without_an_embed_is_a_line_of_its_own() -> None:
    (message,) = messages(Card((Say("はい"), Small("長いので切りました"))))
    assert message.content == "はい\n-# 長いので切りました"


@pytest.mark.fault(33)
@pytest.mark.parametrize(
    ("written", "escaped"),
    [
        ("*a* _b_ ~~c~~ `d` ||e||", r"\*a\* \_b\_ \~\~c\~\~ \`d\` \|\|e\|\|"),
        ("<@123> <#1> <t:1:R> <:x:1>", r"\<@123> \<#1> \<t\:1:R> \<\:x:1>"),
        ("[文書](https://evil.example/)", r"\[文書\](<https://evil.example/>)"),
        ("# 見出し\n-# 小\n- 点\n1. 一\n> 引用", "\\# 見出し\n\\-# 小\n\\- 点\n1\\. 一\n\\> 引用"),
        ("https://a.jp/b_c_d を見る", "https://a.jp/b_c_d を見る"),
        ("https://a.jp/b_cを見る。", "<https://a.jp/b_c>を見る。"),
        ("(https://a.jp/b)", "(<https://a.jp/b>)"),
        ("https://a.jp/<id>_x", r"https:\//a.jp/\<id>\_x"),
        ("HTTP://a.jp/… と https://", r"HTTP:\//a.jp/… と https:\//"),
        (":smile: 12:30", r"\:smile: 12:30"),
        ("C#と#tag、5-3", "C#と#tag、5-3"),
    ],
)
def test_markup_is_shown_as_written_and_links_work(written: str, escaped: str) -> None:
    assert escape(written) == escaped


WHOLE = (
    "https://ja.example.org/wiki/形態素解析",
    "https://例え.jp/",
    "https://example.org/wiki/Hey!",
    "https://example.jp/form?entry=a|b",
    "https://example.jp/a(b)(",
    "https://example.jp/案内。html",
    "https://example.jp/a_b",
)
# As Discord's client finds them: in angle brackets, or up to a blank without a mark at the end.
_AUTOLINK = re.compile(r"<(https?://[^\s>]+)>|(?<![\w<])(https?://[^\s<]+[^<.,:;\"'\])\s])")


def _clicked(text: str) -> list[str]:
    return [bracketed or bare for bracketed, bare in _AUTOLINK.findall(text)]


@pytest.mark.fault(106)
def test_a_line_of_links_is_shown_as_given_and_leads_to_all_of_it() -> None:
    card = Card((Quote("はい。"), Credit("河原", "", (*WHOLE, "mailto:f_q@example.jp"))))
    (message,) = messages(card)
    ((field,),) = (embed["fields"] for embed in message.embeds)  # type: ignore[misc]
    assert list(WHOLE) == _clicked(field["value"])
    assert [*WHOLE, "mailto:f_q@example.jp"] == shown(field["value"]).split("\n")
    (plain,) = plain_messages(card)
    assert list(WHOLE) == _clicked(plain.content)


@pytest.mark.fault(106)
def test_an_address_longer_than_a_field_stays_whole() -> None:
    links = tuple(f"https://example.jp/{n}/" + "x" * 1900 for n in range(4))
    drawn = messages(Card((Quote("はい。"), Credit("河原", "評価", links))))
    for message in drawn:
        World().check(message.payload())
    assert list(links) == _clicked("\n".join(_shown(message.payload()) for message in drawn))


@pytest.mark.fault(107)
def test_a_part_of_an_address_is_no_link() -> None:
    whole, cut = "https://example.jp/a", "https://example.jp/" + "x" * 5000
    drawn = messages(Card((Quote(f"{whole} と {cut}"),)))
    assert [whole] == _clicked("\n".join(str(e["description"]) for m in drawn for e in m.embeds))


@pytest.mark.fault(107)
@pytest.mark.parametrize(
    ("written", "escaped"),
    [
        ("詳しくは https://a.jp/案内_二 を", "詳しくは <https://a.jp/案内_二> を"),
        ("（https://a.jp/案内）の_通り", "（<https://a.jp/案内>）の\\_通り"),
        ("https://a.jp/a.pdfにあります", "<https://a.jp/a.pdf>にあります"),
    ],
)
def test_addresses_in_a_text_are_whole(written: str, escaped: str) -> None:
    assert escape(written) == escaped


@pytest.mark.fault(33)
@given(TEXT)
@settings(max_examples=1000, deadline=None)
def test_what_is_shown_is_what_was_written(text: str) -> None:
    assert shown(escape(text)).removeprefix("-# ") == text.removeprefix("-# ")


@pytest.mark.fault(33)
@given(TEXT)
@settings(max_examples=300, deadline=None)
def test_no_markup_is_left(text: str) -> None:
    without_links = re.sub(r"<?https?://\S+", "", escape(text))
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_~`|\[\]<]", without_links)


@given(st.text(max_size=40), st.integers(1, 400), st.integers(10, 4096))
@settings(max_examples=300, deadline=None)
def test_escaped_parts_fit_and_lose_nothing(text: str, times: int, limit: int) -> None:
    whole = (text + "*。") * times
    parts = list(escaped_parts(whole, limit))
    assert all(0 < units(part) <= limit for part in parts)


@pytest.mark.fault(68)
@given(st.lists(st.one_of(
    st.builds(Say, TEXT.map(lambda t: t * 40 + "。")),
    st.builds(Quote, st.integers(1, 3000).map(lambda n: "長い*答え*です。😀"[: n % 9] * n + "。")),
    st.builds(Credit, TEXT, TEXT.map(lambda t: t * 30), st.lists(
        st.integers(1, 900).map(lambda n: "https://a.jp/" + "x" * n), max_size=8).map(tuple)),
    st.builds(Small, TEXT.map(lambda t: t * 40 + "。")),
), min_size=1, max_size=8), st.integers(0, 7))  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_every_message_is_one_that_discord_takes(parts: list[object], count: int) -> None:
    buttons = tuple(Button("役" * 75, Action.CHOOSE, "01JASK", str(n)) for n in range(count))
    card = Card((Say("はじめ"), *parts), buttons)  # type: ignore[arg-type]
    drawn = messages(card)
    for message in drawn:
        World().check(message.payload())
    assert sum(len(row["components"]) for m in drawn for row in m.components) == count  # type: ignore[arg-type,misc]


@pytest.mark.fault(68)
def test_a_long_answer_is_whole() -> None:
    answer = "測れることと、測れないことがあります。" * 900
    drawn = messages(Card((Quote(answer), Credit("河原 先生", "評価")), (USEFUL,)))
    whole = "".join(_shown(message.payload()) for message in drawn)
    assert answer in whole.replace("\n", "").replace("河原 先生", "")
    assert len(drawn) > 1


def test_a_long_question_that_reaches_the_organisers_is_whole() -> None:
    drawn = messages(Card((Say("質問です。" * 900), Quote("円周率とは"))))
    assert all(units(message.content) <= 2000 for message in drawn)
    assert "".join(m.content.replace("\n", "") for m in drawn) == "質問です。" * 900


def test_plain_text_has_every_word_without_markup() -> None:
    (message,) = plain_messages(
        Card((Quote("*はい*"), Credit("河原", "評価", ("https://a.jp/x",))))
    )
    assert message.content == "\\*はい\\*\n\n河原\n評価\nhttps://a.jp/x"


def test_the_form_fits_whatever_the_question() -> None:
    field = Field("question", "名" * 60, "注" * 120, "前置きです。" + "問" * 5000, lines=True)
    drawn = form(Sheet("題" * 60, "やめる", "送る", about="01JASK", fields=(field,)))
    (label,) = drawn["components"]  # type: ignore[misc]
    assert drawn["custom_id"] == "faq:form:01JASK"
    assert units(str(drawn["title"])) <= 45
    assert units(label["label"]) <= 45
    assert units(label["description"]) <= 100
    assert len(label["component"]["value"]) == 4000
    assert label["component"]["value"].endswith("問…"), "the end is missing, and it shows"


def test_a_form_of_several_fields_has_what_discord_has_room_for() -> None:
    choices = tuple(Choice(str(number), "講演" * 60) for number in range(30))
    fields = (
        Field("lecturer", "講師", choices=choices),
        Field("talk", "講演", choices=choices, typed=False, needed=False),
        Field("note", "備考", spare=True),
        *(Field(f"more{number}", "続き", lines=True) for number in range(4)),
    )
    kind = FormKind.ANSWER
    drawn = form(Sheet("回答", "やめる", "送る", kind, "01JASK" + "x" * 100, fields=fields))
    labels: list[Any] = drawn["components"]  # type: ignore[assignment]
    assert len(str(drawn["custom_id"])) == 100
    assert str(drawn["custom_id"]).startswith("faq:form:answer:01JASK")
    assert [each["component"]["custom_id"] for each in labels] == [
        "lecturer", "talk", "more0", "more1", "more2",
    ]  # fmt: skip
    typed, chosen = labels[0]["component"], labels[1]["component"]
    assert (typed["type"], typed["style"], typed["required"]) == (4, 1, True)
    assert (chosen["type"], len(chosen["options"]), chosen["required"]) == (3, 25, False)
    assert all(units(each["label"]) <= 100 for each in chosen["options"])


def test_the_list_has_every_question_once_with_its_lecturer_and_talk() -> None:
    entries = tuple(
        Entry(f"e{n}", f"_河原{n // 30}_" * 9, "*評価*" * 40, f"*質問 {n}*" + "_" * 90, "")
        for n in range(90)
    )
    wording = Wording("ja")
    listed: list[Any] = []
    number, count = 0, 1
    while number < count:
        pages = wording.pages(entries, number)
        drawn = page(pages)
        World().check(drawn)
        rows: list[Any] = drawn["components"]  # type: ignore[assignment]
        listed += rows[0]["components"][0]["options"]
        turns = [button["custom_id"] for button in rows[1]["components"]]
        around = [each for each in (number - 1, number + 1) if 0 <= each < pages.count]
        assert turns == [f"faq-list:page:{each}" for each in around]
        number, count = number + 1, pages.count
    assert [each["value"] for each in listed] == [entry.id for entry in entries]
    assert all(each["description"].startswith("_河原") for each in listed)
    assert count > 1


def test_a_question_of_several_paragraphs_is_one_line_of_the_list() -> None:
    entry = Entry("e1", "", "", "長い前置きです。\n\n公開しますか。", "はい。")
    drawn: Any = page(Wording("ja").pages((entry,), 0))
    ((option,), (talk,)) = drawn["components"][0]["components"][0]["options"], drawn["embeds"]
    assert option["label"] == "1. 長い前置きです。 公開しますか。"
    assert talk["description"] == "1\\. 長い前置きです。 公開しますか。"


def test_an_empty_list_is_only_the_introduction() -> None:
    drawn = page(Wording("ja").pages((), 3))
    assert (drawn["embeds"], drawn["components"]) == ([], [])


def test_a_link_is_a_line_or_stands_below_what_is_quoted() -> None:
    link = Link("質問した場所", "https://discord.com/channels/1/2/3")
    (alone,) = messages(Card((Say("投稿できませんでした。"), link)))
    (below,) = messages(Card((Quote("はい"), link)))
    shown = "[質問した場所](<https://discord.com/channels/1/2/3>)"
    assert alone.content.splitlines()[-1] == shown
    assert below.embeds[-1] == {"description": shown}


@pytest.mark.parametrize(
    "handle",
    [
        *(Below(way, "12") for way in Way),
        Interaction("1", "b-c", True, "a: b"),
        Interaction("1", "t", False),
        Interaction("1", "t", False, on="12"),
    ],
)
def test_a_handle_comes_back_as_it_went(handle: Handle) -> None:
    assert decode(encode(handle)) == handle


def test_a_handle_of_the_version_before_is_read() -> None:
    """They wait in the outbox while the bot is updated."""
    assert decode("pressed:1:b-c:") == Interaction("1", "b-c", False)
    assert decode("awaited:1:b-c:a: b") == Interaction("1", "b-c", True, "a: b")
    assert decode("reply:12") == Below(Way.REPLY, "12")


@pytest.mark.parametrize("text", [None, "", "later:1", "awaited:1"])
def test_a_handle_of_another_version_is_none(text: str | None) -> None:
    assert decode(text) is None


def test_an_interaction_token_does_not_show_itself() -> None:
    assert "secret" not in repr(Interaction("1", "secret", True))


@pytest.mark.parametrize(("text", "name"), [("", "FAQ"), ("😀" * 80, "😀" * 50), ("題", "題")])
def test_a_thread_name_fits(text: str, name: str) -> None:
    assert thread_name(text) == name


def _shown(payload: Json) -> str:
    post = Post("1", "1", "1", str(payload["content"]), payload["embeds"])
    return post.words
