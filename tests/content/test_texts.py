"""HTML to text, addresses in texts, keys of questions, judging a format."""

import contextlib
import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content import markup
from bot.content.plan import slugs_for
from bot.domain import links
from bot.domain.text import clean, question_key, windows_form
from tests.content.samples import entries_of, reading, refusal


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
    words, found, unsafe, _ = markup.to_text(text)
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
        ("資料は https://example.jp/a.pdfにあります", ("https://example.jp/a.pdf",)),
        ("||https://example.jp/a|b||", ("https://example.jp/a|b",)),
        ("https:// や https://で始まるもの、mailto: だけ", ()),
        ("宛先は mailto:faq@example.jp です", ("mailto:faq@example.jp",)),
        ("https://example.jp/（英語）と「https://example.jp/」", ("https://example.jp/",)),
        ("https://example.jp/users/<名前> と https://example.jp/?q=<語>", ()),
        ("https://example.jp/… や https://example.jp/... です", ()),
        (
            "https://example.jp/a… と https://example.jp/b...",
            ("https://example.jp/a", "https://example.jp/b"),
        ),
        ("https://example.jp（英語）と https://example.jp(仮)", ("https://example.jp",)),
    ],
)
def test_addresses_in_a_text_end_where_the_sentence_goes_on(
    text: str, expected: tuple[str, ...]
) -> None:
    assert expected == links.addresses(text)


@pytest.mark.fault(107)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://ja.example.org/wiki/形態素解析 を読む", "https://ja.example.org/wiki/形態素解析"),
        ("https://example.jp/案内/2026.html です", "https://example.jp/案内/2026.html"),
        ("https://example.jp/wiki/解析_(言語)、ほか", "https://example.jp/wiki/解析_(言語)"),
        ("https://example.jp/wiki/A_(言語学) も", "https://example.jp/wiki/A_(言語学)"),
        ("（https://example.jp/案内）の通り", "https://example.jp/案内"),
        ("「詳細はhttps://example.jp/案内」とあります", "https://example.jp/案内"),
        ("[案内](https://example.jp/案内)です", "https://example.jp/案内"),
        ("https://example.jp/案内。", "https://example.jp/案内"),
        ("https://example.jp/?q=質問&lang=日本語 で", "https://example.jp/?q=質問&lang=日本語"),
        ("https://example.jp/100%割引 を", "https://example.jp/100%割引"),
        ("snake_case は https://example.jp/t/aGk_。", "https://example.jp/t/aGk_"),
        ("_題_ は\nhttps://example.jp/__ です", "https://example.jp/__"),
        ("_詳しくは https://example.jp/a_b_ と", "https://example.jp/a_b"),
        ("__https://example.jp/a__", "https://example.jp/a"),
        ("https://example.jp/a-東京/ です", "https://example.jp/a-東京/"),
        ("https://example.jp/p#概要 に", "https://example.jp/p#概要"),
        ("https://例え.jp/ です", "https://例え.jp/"),
        ("https://例え.jp/道　です", "https://例え.jp/道"),
    ],
)
def test_an_address_is_whole_also_where_it_isnt_ascii(text: str, expected: str) -> None:
    assert (expected,) == links.addresses(text)


@pytest.mark.fault(106)
@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("https://example.jp/form?a=b|c", "https://example.jp/form?a=b|c"),
        ("https://example.jp/wiki/Hey!", "https://example.jp/wiki/Hey!"),
        ("https://example.jp/%E9%81%93/道", "https://example.jp/%E9%81%93/%E9%81%93"),
        ("https://例え.jp:8080/?q=道#道",
         "https://xn--r8jz45g.jp:8080/?q=%E9%81%93#%E9%81%93"),
        ("HTTPS://Ｅｘａｍｐｌｅ.例え.jp", "https://example.xn--r8jz45g.jp"),
        ("https://道@example.jp/", "https://%E9%81%93@example.jp/"),
        ("mailto:faq@例え.jp?subject=質問",
         "mailto:faq@xn--r8jz45g.jp?subject=%E8%B3%AA%E5%95%8F"),
        ("http://[::1]:80/道", "http://[::1]:80/%E9%81%93"),
    ],
)  # fmt: skip
def test_an_address_leads_to_all_of_itself_in_ascii(address: str, leads_to: str) -> None:
    assert leads_to == links.target(address)


@settings(max_examples=1_000, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["https://", "mailto:", "a.jp", "/", "@", "(", ")", "。", "道", "_", "（", "）", " "]
        ),
        max_size=30,
    ).map("".join)
)
def test_any_text_has_addresses_in_order_that_lead_somewhere(text: str) -> None:
    found = list(links.spans(text))
    assert found == sorted(found)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(found))
    for address in links.addresses(text):
        assert links.is_address(address)
        assert links.target(address).isascii()


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


@pytest.mark.fault(109)
@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ＬＬＭ とは？", "llmとは", True),
        ("はい、そうですか。", "はいそうですか", True),
        ("C# とは", "C とは", False),
        ("C++ とは", "C とは", False),
        ("使いますか", "使えますか", False),
        ("受付は9〜17時ですか", "受付は9～17時ですか", True),
        ("−5度", "－5度", True),
        ("評価‖生成", "評価∥生成", True),
        ("甲—乙モデル", "甲―乙モデル", True),
        ("¢と£と¬と¦", "￠と￡と￢と￤", True),
        ("¥100", "￥100", True),
        ("¥100", "\\100", True),
        ("木·花", "木・花", True),
        ("«題»", "≪題≫", True),
        ("‾a¯", "￣a￣", True),
        ("\ufa10本", "塚本", True),
        ("葛\U000e0100城", "葛城", True),
        ("コード", "コド", False),
        ("甲-乙", "甲乙", False),
    ],
)
def test_questions_that_differ_in_marks_only_share_a_key(one: str, other: str, same: bool) -> None:
    assert same == (question_key(one) == question_key(other))


@pytest.mark.fault(109)
@settings(max_examples=1_000, deadline=None)
@given(st.text(st.characters(codec="cp932", include_characters="¢£¬‖−〜"), max_size=30))
def test_a_text_read_as_shift_jis_by_either_table_is_the_same(text: str) -> None:
    saved = text.encode("cp932")
    with contextlib.suppress(UnicodeDecodeError):
        read = saved.decode("shift_jis")
        assert windows_form(read) == windows_form(saved.decode("cp932"))
        assert question_key(read) == question_key(text)


@pytest.mark.fault(108)
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("か\u3099 ハ\u309a", "が パ"),
        ("e\u0301 и\u0306 α\u0301 a\u0323\u0302", "é й ά ậ"),
        ("\u1112\u1161\u11ab", "한"),
        ("大\ufa10 \ufa19 \ufa1b \ufa26 \U0002f800", "大\ufa10 \ufa19 \ufa1b \ufa26 \U0002f800"),
        ("葛\U000e0100 辻\ufe00 〈\u2329 Ω\u2126", "葛\U000e0100 辻\ufe00 〈\u2329 Ω\u2126"),
    ],
)
def test_accents_and_voicing_marks_join_and_all_else_stays(given: str, kept: str) -> None:
    assert kept == clean(given) == clean(clean(given))


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
    "text",
    [
        "河原 大輔 先生「コーパス」\t\n何ですか。\tはい。\n",
        "\n\n河原 大輔先生「コーパス」\n何ですか。\tはい。\n",
        "# 覚え書き\nentries:\n- 質問: 何ですか。\n  回答: はい。\n",
        "---\nentries: [{question: 何ですか。, answer: はい。}]\n",
        '{"question": "何ですか。", "answer": "はい。"}\n',
        "question,answer\n何ですか。,はい。\n",
        '"質問","回答"\n何ですか。,はい。\n',
        "質問\t回答\n何ですか。\tはい。\n",
    ],
)
def test_the_first_line_tells_the_format_of_a_file_without_a_suffix(
    tmp_path: Path, text: str
) -> None:
    content = reading(tmp_path, text, "faq")
    assert [("何ですか。", "はい。")] == [(e.question, e.answer) for e in entries_of(content)]
    assert () == content.notes


def test_a_name_that_says_otherwise_is_noted(tmp_path: Path) -> None:
    (note,) = reading(tmp_path, "question\tanswer\n何\tはい\n").notes
    assert str(note).endswith("faq.csv: read as TSV, which its content is.")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("令和8年4月1日", "2026-04-01"),
        ("令和元年５月１日", "2019-05-01"),
        ("R8.4.1", "2026-04-01"),
        ("平成31年4月30日", "2019-04-30"),
        ("2026年4月1日", "2026-04-01"),
    ],
)
def test_dates_of_an_era_are_read_as_a_table_of_a_city_has_them(
    tmp_path: Path, written: str, meant: str
) -> None:
    (found,) = entries_of(reading(tmp_path, f"質問,回答,更新日\n何,はい,{written}\n"))
    assert meant == found.updated


@pytest.mark.parametrize("written", ["8年4月1日", "令和8年4月31日", "2026", "令和2026年4月1日"])
def test_what_is_no_date_of_an_era_is_refused(tmp_path: Path, written: str) -> None:
    assert "is no date" in refusal(tmp_path, f"質問,回答,更新日\n何,はい,{written}\n")
