"""What Discord sends with commands, menus and forms, read from payloads as they come."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.common import Malformed, read
from adapters.discord.inbound import Command, Component, Submission
from adapters.discord.written import first_line, plain, seen

FOLDER = Path(__file__).parents[1] / "payloads" / "discord"


def payload(name: str) -> dict[str, object]:
    loaded: dict[str, object] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("name", ["modal_submit_label", "modal_submit_row"])
def test_a_form_is_read_in_either_shape(name: str) -> None:
    given = read(payload(name), Submission)
    assert given.fields == {"text": "円周率とは何ですか"}
    assert given.custom_id == "faq:form:01kb6f0v9r0000000000000000"


def test_what_is_being_typed_is_focused() -> None:
    (option,) = read(payload("command_autocomplete"), Command).options
    assert (option.value, option.focused) == ("合成", True)


def test_options_are_found_by_name() -> None:
    given = read(payload("command_private"), Command)
    assert (given.option("question"), given.option("private")) == ("合成データは？", True)
    assert given.option("other") is None


def test_the_message_that_a_command_was_chosen_on_comes_with_it() -> None:
    given = read(payload("message_command"), Command)
    assert given.resolved.messages[given.target_id].content == "合成データは使いましたか？"


def test_the_chosen_option_of_a_menu_is_read() -> None:
    assert read(payload("select"), Component).values == ("kawahara-1",)


@pytest.mark.fault(64)
@pytest.mark.parametrize("data", [None, {}, {"name": 1}, {"name": "faq", "options": "x"}])
def test_what_discord_would_not_send_is_named_without_its_content(
    data: dict[str, object] | None,
) -> None:
    with pytest.raises(Malformed) as fault:
        read(data, Command)
    assert "x" not in str(fault.value).split()


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("<@1> <@!1> <@&1>合成データは？", "合成データは？"),
        ("<#12> の <:smile:1><a:b:2>", "の"),
        ("</faq:123> の使い方", "/faq の使い方"),
        ("a < b かつ b > c", "a < b かつ b > c"),
    ],
)
def test_markup_for_mentions_and_emoji_is_taken_off(written: str, read_as: str) -> None:
    assert plain(written) == read_as


@pytest.fixture
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as there:
        there.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_utc")
@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("<t:1763980000>", "2025-11-24 10:26 UTC"),
        ("<t:1763980000:R>に", "2025-11-24 10:26 UTCに"),
        ("<t:1763980000:D>、<t:1763980000:t>", "2025-11-24、10:26 UTC"),
        ("<t:99999999999999999999>", "<t:99999999999999999999>"),
    ],
)
def test_a_date_becomes_words(written: str, read_as: str) -> None:
    assert plain(written) == read_as


@pytest.mark.parametrize(
    "code", ["`<@1>`", "```\n<#12> @here\n```", "``<t:1763980000> `x` ``", "`</faq:1> <:smile:1>`"]
)
def test_what_stands_in_code_is_left_as_it_is(code: str) -> None:
    assert plain(f"<@1>{code} と書きます") == f"{code} と書きます"


def test_a_thread_is_named_after_the_first_line_that_says_something() -> None:
    assert first_line("<@1>\n\n  合成データは？ \n詳しく") == "合成データは？"
    assert first_line("<@1>") == ""


REPLIES = {
    "bold and others": (
        "**必ず** *一度* ***両方*** __下線__ ~~古い~~ ||答え|| _英語_ LLM**は** **__二重__**",
        "必ず 一度 両方 下線 古い 答え 英語 LLMは 二重",
    ),
    "formulas and names": (
        "2*3*4 a**2**b x_y_z __init__ a || b || c * d * e 5 ** 2 ** 3 これは*1 で*2 です",
        "2*3*4 a**2**b x_y_z __init__ a || b || c * d * e 5 ** 2 ** 3 これは*1 で*2 です",
    ),
    "lists": (
        "手順です：\n1. **開く**\n2. 押す\n   - 左\n* 右\n* 上",
        "手順です：\n1. 開く\n2. 押す\n   - 左\n* 右\n* 上",
    ),
    "heading": (
        "# 見出し\n-# 小さく\n#タグ\n### 三\n本文 # 一",
        "見出し\n小さく\n#タグ\n三\n本文 # 一",
    ),
    "quotes": ("> **問い**\n答え\n>>> 一\n# 二", "> 問い\n答え\n> 一\n> 二"),
    "code block": (
        "```py\n# **x**\nprint(f'{a}_{b}_')\n```\n**後**",
        "```py\n# **x**\nprint(f'{a}_{b}_')\n```\n後",
    ),
    "code": ("`**kwargs` と **`*args` です** と `\\*`", "`**kwargs` と `*args` です と `\\*`"),
    "links": (
        "[資料](https://a.jp/x_y_z) [**太字**](<https://a.jp>) <https://a.jp/b> https://a.jp/_c_d_ "
        "[括弧](https://a.jp/x_(y)) [https://a.jp](https://a.jp)",
        "資料（https://a.jp/x_y_z） 太字（https://a.jp） https://a.jp/b https://a.jp/_c_d_ "
        "括弧（https://a.jp/x_(y)） https://a.jp",
    ),
    "escaped": (r"\*そのまま\* \# 1 \<@1> C:\Users", "*そのまま* # 1 <@1> C:\\Users"),
    "open marks": (
        "**閉じない *これも ~~ ` [角](括弧) [ ]",
        "**閉じない *これも ~~ ` [角](括弧) [ ]",
    ),
}


@pytest.mark.parametrize("of", REPLIES)
def test_what_is_written_stays_as_it_was_and_its_marks_go(of: str) -> None:
    written, read_as = REPLIES[of]
    assert seen(written, {}) == read_as


@pytest.mark.parametrize("mark", ["**", "*a", "_", "__", "||", "~~", "`", "[", "\\", "**a `", "> "])
def test_marks_without_end_take_no_time(mark: str) -> None:
    began = time.process_time()
    seen(mark * (4000 // len(mark)), {})
    assert time.process_time() - began < 10.0
