"""HTML to text, addresses in texts, keys of questions, judging a format."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content import ContentError, markup
from bot.content.errors import Findings
from bot.content.matching import slugs_for
from bot.content.source import Source, judge
from bot.domain import links
from bot.domain.keys import question_key


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>一。</p> <p>二。</p>", "一。\n\n二。"),
        ("一<br>二<br/>三<BR />四", "一\n二\n三\n四"),
        ("<ul><li>甲</li><li>乙</li></ul><div>丙</div>", "甲\n乙\n\n丙"),
        ("<b>太</b>字と <i>斜</i>体</p>", "太字と 斜体"),
        ("<pre>a\n\n\n  b &lt;p&gt;</pre>", "a\n\n\n  b <p>"),
        ("A &amp; B &lt; C&nbsp;D</p>", "A & B < C\u00a0D"),
        ("前<!-- <p>隠す</p> -->後</p>", "前後"),
        ("前<!-- 閉じない<p>", "前"),
        ("<custom>残す</custom></p>", "<custom>残す</custom>"),
        ("<head><title>題</title></head><body>本文</body>", "本文"),
        ("<![if !supportLists]>一<![endif]><![>二</p>", "一二"),
        ("<p>1 < 2 かつ 3 > 2</p>", "1 < 2 かつ 3 > 2"),
    ],
)
def test_html_reads_as_its_text(html: str, expected: str) -> None:
    assert markup.looks_like_html(html)
    assert expected == markup.to_text(html)[0]


@pytest.mark.parametrize(
    "text",
    ["a < b", "<p> タグとは何ですか。", "List<String> と Map<K, V>", "->", "<3", "<https://a.jp>"],
)
def test_a_text_with_angle_brackets_of_its_own_is_no_html(text: str) -> None:
    assert not markup.looks_like_html(text)
    assert text == markup.protect(text)


@settings(max_examples=1_000, deadline=None)
@given(st.text(st.sampled_from("<>/!-&;apbr pre\n \"'="), max_size=30))
def test_a_protected_text_reads_as_itself(text: str) -> None:
    if markup.looks_like_html(text):
        assert text == markup.to_text(markup.protect(text))[0]


@settings(max_examples=1_000, deadline=None)
@given(st.text(max_size=200) | st.text(st.sampled_from("<>/!-&;?[]apbr \"'="), max_size=50))
def test_any_text_can_be_read_as_html(text: str) -> None:
    words, found, unsafe = markup.to_text(text)
    assert len(words) <= 2 * len(text)
    assert not set(found) & set(unsafe)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("詳しくは https://example.jp/a。", ("https://example.jp/a",)),
        ("https://example.jp/を参照", ("https://example.jp/",)),
        (
            "（https://example.jp/a(b)）と(http://example.jp/c).",
            ("https://example.jp/a(b)", "http://example.jp/c"),
        ),
        (
            "「https://example.jp/?q=1#s」、https://example.jp/?q=1#s",
            ("https://example.jp/?q=1#s",),
        ),
        ("ftp://example.jp javascript:alert(1)", ()),
    ],
)
def test_addresses_in_a_text_end_where_the_sentence_goes_on(
    text: str, expected: tuple[str, ...]
) -> None:
    assert expected == links.addresses(text)


@pytest.mark.parametrize(
    ("link", "safe"),
    [
        ("https://example.jp/", True),
        ("HTTP://example.jp", True),
        ("mailto:faq@example.jp", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.jp", False),
        ("https://", False),
        ("https://a.jp b", False),
        ("mailto:nobody", False),
    ],
)
def test_only_whole_http_and_mail_addresses_are_safe(link: str, safe: bool) -> None:
    assert safe == links.is_address(link)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ＬＬＭ とは？", "llmとは", True),
        ("はい、そうですか。", "はいそうですか", True),
        ("C# とは", "C とは", False),
        ("C++ とは", "C とは", False),
        ("使いますか", "使えますか", False),
    ],
)
def test_questions_that_differ_in_marks_only_share_a_key(one: str, other: str, same: bool) -> None:
    assert same == (question_key(one) == question_key(other))


@pytest.mark.parametrize(
    ("lecturer", "expected"),
    [
        ("河原 大輔", "kawahara"),
        ("伊藤純一", "itou"),
        ("John Smith", "john"),
        ("ジョン・スミス", "jon"),
        ("👍", "lecturer-aa3e72b0"),
        ("", "faq"),
    ],
)
def test_a_lecturers_short_name_is_the_family_names_reading(lecturer: str, expected: str) -> None:
    assert expected == next(slugs_for(lecturer))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("河原 大輔 先生「コーパス」\t\n質問\t回答\n", "symposium"),
        ("\n\n河原 大輔先生「コーパス」\n", "symposium"),
        ("# 覚え書き\ntalk: コーパス\n", "yaml"),
        ("---\nentries: []\n", "yaml"),
        ('{"question": "何, ですか"}\n', "jsonl"),
        ("question,answer\n", "csv"),
        ('"質問","回答"\n', "csv"),
        ("質問\t回答, リンク\n", "tsv"),
    ],
)
def test_the_first_line_tells_the_format(text: str, expected: str) -> None:
    assert (expected, text) == judge(Source("faq", "", text.encode()), Findings())


def test_a_name_that_says_otherwise_is_noted() -> None:
    findings = Findings()
    judge(Source("faq.csv", ".csv", b"question\tanswer\n"), findings)
    assert ["faq.csv: read as TSV, which its content is."] == [*map(str, findings.notes)]


@settings(max_examples=1_000, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_format_or_an_explained_refusal(data: bytes) -> None:
    with contextlib.suppress(ContentError):
        format_, text = judge(Source("faq", "", data), Findings())
        assert format_ == "xlsx" or text
