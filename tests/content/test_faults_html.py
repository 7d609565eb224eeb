"""What HTML means is kept, its marks are not, and neither are entities."""

import json
import time
from pathlib import Path

import pytest

from bot.content import export, load, markup
from bot.content.formats import Content
from tests.content.samples import entries_of, entry, long, reading, refusal


def read(folder: Path, *answers: str) -> Content:
    """Read a table of these answers."""
    rows = [{"question": f"質問{n}ですか", "answer": answer} for n, answer in enumerate(answers)]
    return reading(folder, "\n".join(map(json.dumps, rows)), "faq.jsonl")


@pytest.mark.fault(105)
@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            "<table><thead><tr><th>曜日</th><th>時間</th></tr></thead>"
            "<tbody><tr><td>月</td><td>9 時</td></tr></tbody></table>",
            "曜日\t時間\n月\t9 時",
        ),
        (
            "<table>\n <tr>\n  <td><p>月</p></td>\n  <td><p>9 時</p><p>から</p></td>\n </tr>\n"
            " <tr><td></td><td>10 時</td></tr>\n</table><p>以上</p>",
            "月\t9 時\n\nから\n\t10 時\n\n以上",
        ),
        ("<table><caption>表</caption><tr><td>a<td>b<tr><td>c<td>d</table>", "表\na\tb\nc\td"),
        (
            "<table><tr><th rowspan=2>曜日<th colspan='2'>時間<th>休み</tr>"
            "<tr><td>朝<td>夜<td>-</tr>"
            "<tr><td>月<td>9<td>18<td rowspan='3'>祝日</tr><tr><td>火<td>10</tr></table>",
            "曜日\t時間\t\t休み\n\t朝\t夜\t-\n月\t9\t18\t祝日\n火\t10",
        ),
        ("<p>10<sup>12</sup> 個、10<sup>-3</sup> 秒</p>", "10¹² 個、10⁻³ 秒"),
        ("<p>2<sup>n+1</sup> と x<sup>2k</sup> と x<sup>ab</sup></p>", "2ⁿ⁺¹ と x^(2k) と x^(ab)"),
        ("<p>H<sub>2</sub>O と V<sub>max</sub> と x<sub>q</sub></p>", "H₂O と Vₘₐₓ と x_q"),
        ("<p>The 5<sup>th</sup> A<sup>TM</sup> 本文<sup>※1</sup></p>", "The 5th ATM 本文※1"),
        ("<p>脚注<sup>１</sup>と <sup>a)</sup> 注</p>", "脚注¹と a) 注"),
        ("<ol><li>申し込む</li><li>待つ</li></ol>", "1. 申し込む\n2. 待つ"),
        (
            "<ol start='3'><li><p>甲</p></li><li value=7>乙</li><li>丙</li></ol>",
            "3. 甲\n7. 乙\n8. 丙",
        ),
        ("<ol reversed><li>甲<li>乙<li>丙</ol>終", "3. 甲\n2. 乙\n1. 丙\n\n終"),
        ("<ol type=a><li>甲</li></ol><ol type=I start=4><li>乙</li></ol>", "a. 甲\n\nIV. 乙"),
        (
            "<ol><li>甲<ol type='i'><li>子</li><li>丑</li></ol></li><li>乙</li></ol>",
            "1. 甲\n  i. 子\n  ii. 丑\n2. 乙",
        ),
        ("<ul><li>甲<ul><li>子</li></ul></li><li>乙</li></ul>", "甲\n子\n乙"),
        ("<ol><li>閉じない<li>一覧", "1. 閉じない\n2. 一覧"),
        ("<ol><li></li><li>二つ目</li></ol>", "2. 二つ目"),
        ("<ruby>明日<rp>(</rp><rt>あす</rt><rp>)</rp></ruby>です</p>", "明日（あす）です"),
        ("<ruby>明日<rp>（<rt>あす<rp>）</ruby>です</p>", "明日（あす）です"),
        ("<ruby>東<rt>とう<rb>京<rt>きょう</ruby>です</p>", "東（とう）京（きょう）です"),
        ("<p>彼は<q>はい</q>と言う</p>", "彼は「はい」と言う"),
    ],
)
def test_what_html_means_is_kept(html: str, expected: str) -> None:
    assert markup.looks_like_html(html) or "</" not in html
    assert expected == markup.to_text(html).text


@pytest.mark.fault(105)
@pytest.mark.parametrize(
    ("html", "expected", "struck"),
    [
        ("<p>料金は<del>千円</del>二千円です。</p>", "料金は二千円です。", "千円"),
        ("<s>千円</s>二千円", "二千円", "千円"),
        ("<strike>千円</strike>二千円", "二千円", "千円"),
        ("<span style='text-decoration: line-through'>千<b>円</b></span>二千円", "二千円", "千円"),
        ("<del>古い<del>もっと</del>話</del>今の話", "今の話", "古いもっと話"),
        ("<ul><li style='text-decoration-line:line-through'>甲<li>乙</ul>", "乙", "甲"),
        ("<del><p>一</p><p>二</p></del><p>三</p>", "三", "一二"),
    ],
)
def test_what_is_struck_out_is_left_out_with_a_note(
    tmp_path: Path, html: str, expected: str, struck: str
) -> None:
    content = read(tmp_path, html)
    assert [expected] == [each.answer for each in entries_of(content)]
    (note,) = map(str, content.notes)
    assert f":1:answer: what is struck out in answer was left out: '{struck}'." in note


@pytest.mark.fault(105)
@pytest.mark.parametrize(
    "html",
    ["<p hidden>裏</p>表", "<p style='display:none'>裏<p>表", "<video>再生できません</video>表"],
)
def test_what_no_reader_sees_is_left_out(html: str) -> None:
    assert "表" == markup.to_text(html).text


ELEMENTS = (
    "a abbr address article aside b bdi bdo blockquote button caption center cite code data dd "
    "details dfn dialog div dl dt em fieldset figcaption figure font footer form h1 h6 header "
    "hgroup i ins kbd label legend li main mark menu meter nav ol optgroup option output p pre "
    "progress q samp search section select slot small span strong sub summary sup table tbody td "
    "textarea tfoot th thead time tr tt u ul var acronym big nobr marquee"
)


@pytest.mark.fault(105)
@pytest.mark.parametrize("tag", ELEMENTS.split())
def test_every_element_of_html_is_markup(tmp_path: Path, tag: str) -> None:
    for html in (f"<{tag}>言葉</{tag}>", f'<{tag.upper()} class="x">言葉</{tag.upper()}>'):
        (found,) = entries_of(read(tmp_path, html))
        assert found.answer.strip("「」1. ") == "言葉"


VOID = "area base col embed hr input link meta source track wbr"


@pytest.mark.fault(105)
@pytest.mark.parametrize("tag", VOID.split())
def test_an_element_that_holds_nothing_is_markup_in_a_cell_of_html(
    tmp_path: Path, tag: str
) -> None:
    (found,) = entries_of(read(tmp_path, f"<b>言</b><{tag}><i>葉</i>"))
    assert found.answer.replace("\n", "") == "言葉"


@pytest.mark.fault(105)
@pytest.mark.parametrize(
    "text",
    [
        "系列の先頭に <s>、末尾に </s> を付けます。",
        "「<s>」と「</s>」は特別なトークンです。",
        "<unk> と <bos> と </think> を使います。",
        "<Map<K, V>> と a < b > c",
        "```html\n<p>段落</p>\n```\nと書きます。",
        "`<br>` と `</p>` と ``a`<hr/>`` を使います。",
        "「<br>」と「</p>」は HTML です。",
        "<Button/> と <Input /> を使います。",
    ],
)
def test_marks_of_other_kinds_stay(tmp_path: Path, text: str) -> None:
    content = read(tmp_path, text)
    assert ([text], ()) == ([each.answer for each in entries_of(content)], content.notes)


@pytest.mark.fault(105)
def test_a_tag_that_nothing_closes_is_markup_beside_other_html(tmp_path: Path) -> None:
    texts = ["<p>一<p>二", "<p class='x'>三", "a < b と <unk> と <s>"]
    content = read(tmp_path, *texts, "<div>四</div>")
    assert ["一\n\n二", "三", "a < b と <unk> と <s>", "四"] == [
        each.answer for each in entries_of(content)
    ]
    assert texts == [each.answer for each in entries_of(read(tmp_path, *texts))]


@pytest.mark.fault(105)
def test_entities_are_decoded_where_other_cells_are_html(tmp_path: Path) -> None:
    data = (
        "講師,質問,回答,言い換え,リンク\n"
        "A&amp;B,R&amp;D とは,研究&#12539;開発です。&copy=1,R&#38;D,https://a.jp/?b=1&amp;c=2\n"
        "A&amp;B,他には,<p>ありません。</p>,,\n"
    )
    first, second = entries_of(reading(tmp_path, data))
    assert ("A&B", "R&D とは", "研究・開発です。&copy=1", ("R&D",), ("https://a.jp/?b=1&c=2",)) == (
        first.lecturer,
        first.question,
        first.answer,
        first.variants,
        first.links,
    )
    assert second.answer == "ありません。"


@pytest.mark.fault(105)
def test_entities_elsewhere_stay_with_one_note(tmp_path: Path) -> None:
    content = read(tmp_path, "R&amp;D です。", "&lt;p&gt; と &nosuch; です。", "A & B; です。")
    assert ["R&amp;D です。", "&lt;p&gt; と &nosuch; です。", "A & B; です。"] == [
        each.answer for each in entries_of(content)
    ]
    (note,) = map(str, content.notes)
    assert note.endswith(
        "faq.jsonl:1:answer: '&amp;' was read as it is written. If it stands for another "
        "character, as in HTML, write that one."
    )
    assert () == read(tmp_path, "A & B; です。", "&nosuch; です。").notes


@pytest.mark.fault(105)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".yaml", ".jsonl"])
def test_an_export_keeps_entities_and_what_looks_like_html(tmp_path: Path, suffix: str) -> None:
    entries = [entry(1, answer="R&amp;D と &lt;"), entry(2, answer="<p>は段落です</p>")]
    export(tmp_path / f"faq{suffix}", entries)
    assert entries == list(load(tmp_path / f"faq{suffix}"))


@pytest.mark.fault(105)
@pytest.mark.parametrize(
    "piece", ["<sup>a", "<ol><li>a", "<table><tr><td>a", "<del>a", "<s>", "&amp"]
)
def test_broken_markup_takes_no_quadratic_time(piece: str) -> None:
    begun = time.process_time()
    markup.to_text(piece * (131_072 // len(piece)) + "</sup>" * 5_000 + "</p>")
    assert time.process_time() - begun < long()


@pytest.mark.fault(105)
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("手順:\n1. 申し込む\n2. <b>待つ</b>\n\n以上", "手順:\n1. 申し込む\n2. 待つ\n\n以上"),
        ('一行目 <a href="https://a.jp">資料</a>\r\n二行目', "一行目 資料\n二行目"),
        ("<p>一行目\n続き</p>\n<p>二段落</p>", "一行目 続き\n\n二段落"),
        ("一行目<br>\n二行目", "一行目\n二行目"),
        ('一行目<br class="sp">\n二行目', "一行目\n二行目"),
        ("一行目</br>二行目<br></br>三行目", "一行目\n二行目\n三行目"),
        ("一段落<p/>二段落<hr />三段落", "一段落\n\n二段落\n\n三段落"),
        ("|曜日|時|\n|--|--|\n|月|9<br>10|", "|曜日|時|\n|--|--|\n|月|9\n10|"),
        ("一行目<br> \r\n二行目\r\n三行目<br>\n<br>\n四行目", "一行目\n二行目\n三行目\n\n四行目"),
        ("`<p>` は<br>段落です", "`<p>` は\n段落です"),
    ],
)
def test_lines_that_were_broken_by_hand_stay_apart_beside_a_tag_for_a_word(
    written: str, expected: str
) -> None:
    assert markup.looks_like_html(written)
    assert expected == markup.to_text(written).text


@pytest.mark.fault(105)
@pytest.mark.parametrize(
    "picture",
    ['<img src="a.png" alt="地図">', "<iframe src='https://a.jp'></iframe>", "<math>x</math>"],
)
def test_a_picture_that_is_left_out_is_noted(tmp_path: Path, picture: str) -> None:
    content = read(tmp_path, f"<p>次のとおりです。{picture}</p>", "<p>色<!-- <img src=b> --></p>")
    assert ["次のとおりです。", "色"] == [each.answer for each in entries_of(content)]
    (note,) = map(str, content.notes)
    assert ":1:answer: a picture, a film or a formula in answer was left out" in note


@pytest.mark.fault(105)
def test_an_answer_of_nothing_but_a_picture_is_refused_as_such(tmp_path: Path) -> None:
    found = refusal(tmp_path, "質問,回答\n何ですか,<img src=a.png>\n")
    assert found.startswith("faq.csv:2:answer: answer is empty: a picture, a film or a formula in")


@pytest.mark.fault(105)
def test_entities_that_were_escaped_twice_stay_with_a_note(tmp_path: Path) -> None:
    content = read(tmp_path, "<p>はい。</p>", "<p>R&amp;amp;D です。</p>")
    assert "R&amp;D です。" == entries_of(content)[1].answer
    (note,) = map(str, content.notes)
    assert ":2:answer: '&amp;' was read as it is written." in note


@pytest.mark.fault(105)
def test_a_blank_in_an_address_is_no_reason_to_leave_it_out(tmp_path: Path) -> None:
    content = read(tmp_path, '<p><a href="https://a.jp/申込 書.pdf">申込書</a></p>')
    assert ("https://a.jp/申込%20書.pdf",) == entries_of(content)[0].links
    assert () == content.notes


@pytest.mark.fault(105, 106)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".yaml", ".jsonl"])
def test_html_is_read_in_every_column_and_kept_out_of_none(tmp_path: Path, suffix: str) -> None:
    line = {
        "講師": "<b>河原 大輔</b>",
        "講演": "コーパスの<br>構築",
        "質問": "<i>E. coli</i> ですか",
        "回答": "はい。",
        "言い換え": ["<span>大腸菌</span>ですか"],
        "リンク": ['<a href="https://a.jp/1">一</a>、<a href="https://a.jp/2">二</a>'],
        "出典": "<em>予稿集</em>",
    }
    (found,) = entries_of(reading(tmp_path, json.dumps(line), "faq.jsonl"))
    assert (
        "河原 大輔",
        "コーパスの 構築",
        "E. coli ですか",
        ("大腸菌ですか",),
        ("https://a.jp/1", "https://a.jp/2"),
        "予稿集",
    ) == (found.lecturer, found.talk, found.question, found.variants, found.links, found.source)
    entries = [entry(1, talk="<br> とは", variants=("</p> は要りますか",), source="<b>本</b>")]
    export(tmp_path / f"out{suffix}", entries)
    assert entries == list(load(tmp_path / f"out{suffix}"))
