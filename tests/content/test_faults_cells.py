"""What cells of a workbook hold, as programs store it."""

import datetime
import zipfile
from pathlib import Path

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from bot.content import export, load
from bot.content.formats.shown import shown, shown_text
from tests.content.samples import entries_of, entry, reading, refusal
from tests.content.workbooks import (
    HEADER,
    ROW,
    STRICT_MAIN,
    STRICT_OFFICE,
    stored,
    text,
    workbook,
)


def answers(folder: Path, data: bytes) -> list[str]:
    """Return the answers in a workbook."""
    return [each.answer for each in entries_of(reading(folder, data, "faq.xlsx"))]


@pytest.mark.fault(100)
@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("一行目_x000D_\n二行目", "一行目\n二行目"),
        ("一行目_x000d_\n二行目", "一行目\n二行目"),
        ("左_x0009_右", "左\t右"),
        ("天気は_x2603_です", "天気は☃です"),
        ("絵文字_xD83D__xDE00_", "絵文字😀"),
        ("変数は _x005F_x0041_ です", "変数は _x0041_ です"),
        ("_x005f_x000D_", "_x000D_"),
        ("snake_x_case と _xyz_ と _x00G1_", "snake_x_case と _xyz_ と _x00G1_"),
        ("x005F_ はそのまま", "x005F_ はそのまま"),
    ],
)
@pytest.mark.parametrize("where", ["shared", "inline", "formula"])
def test_escapes_are_the_characters_they_stand_for(
    tmp_path: Path, where: str, inside: str, expected: str
) -> None:
    cell = {
        "shared": '<c t="s"><v>0</v></c>',
        "inline": text(inside),
        "formula": f'<c t="str"><f>A1</f><v xml:space="preserve">{inside}</v></c>',
    }[where]
    strings = [f'<t xml:space="preserve">{inside}</t>']
    assert [expected] == answers(tmp_path, stored(text("何ですか") + cell, strings=strings))


@pytest.mark.fault(100)
def test_escapes_are_read_across_the_runs_of_a_text_and_readings_are_not(
    tmp_path: Path,
) -> None:
    runs = "<r><rPr><b/></rPr><t>太字_x000D_</t></r><r><t>\n細字</t></r><rPh><t>ヨミ</t></rPh>"
    data = stored(text("何ですか") + '<c t="s"><v>0</v></c>', strings=[runs])
    assert ["太字\n細字"] == answers(tmp_path, data)


@pytest.mark.fault(100)
@pytest.mark.parametrize("code", ["_x000B_", "_x000C_"])
def test_every_way_to_break_a_line_breaks_it(tmp_path: Path, code: str) -> None:
    assert ["一行目\n二行目"] == answers(
        tmp_path, stored(text("何ですか") + text(f"一行目{code}二行目"))
    )


RAISED = '<r><rPr><vertAlign val="{}"/></rPr><t>{}</t></r>'
STRUCK = "<r><rPr><strike/></rPr><t>{}</t></r>"


@pytest.mark.fault(101)
@pytest.mark.parametrize("where", ["shared", "inline"])
def test_raised_and_lowered_digits_of_a_cell_stay_so(tmp_path: Path, where: str) -> None:
    runs = (
        f"<r><t>10</t></r>{RAISED.format('superscript', '12')}<r><t>個、CO</t></r>"
        f"{RAISED.format('subscript', '2')}<r><t>、</t></r>{RAISED.format('baseline', '3')}"
    )
    cell = {
        "shared": '<c t="s"><v>0</v></c>',
        "inline": f'<c t="inlineStr"><is>{runs}</is></c>',
    }[where]
    data = stored(text("何ですか") + cell, strings=[runs])
    assert ["10¹²個、CO₂、3"] == answers(tmp_path, data)


@pytest.mark.fault(101)
def test_words_struck_out_in_a_cell_are_left_out_with_a_note(tmp_path: Path) -> None:
    runs = f"<r><t>料金は</t></r>{STRUCK.format('千円')}<r><t>二千円です。</t></r>"
    kept = '<r><rPr><strike val="0"/></rPr><t>はい。</t></r>'
    data = stored(
        text("いくらですか") + '<c t="s"><v>0</v></c>',
        text("今もですか") + '<c t="s"><v>1</v></c>',
        strings=[runs, kept],
    )
    content = reading(tmp_path, data, "faq.xlsx")
    assert ["料金は二千円です。", "はい。"] == [each.answer for each in entries_of(content)]
    (note,) = map(str, content.notes)
    assert ":FAQ:2:answer: what is struck out in answer was left out: '千円'." in note


@pytest.mark.fault(101)
def test_a_cell_that_is_empty_as_all_of_it_is_struck_out_is_told_so(tmp_path: Path) -> None:
    cell = f'<c t="inlineStr"><is>{STRUCK.format("はい。")}</is></c>'
    found = refusal(tmp_path, stored(text("何ですか") + cell), "faq.xlsx")
    said = "answer is empty: what is struck out in answer was left out: 'はい。'."
    assert f"faq.xlsx:FAQ:2:answer: {said}" == found


@pytest.mark.fault(101)
def test_a_row_struck_out_as_a_whole_is_no_entry(tmp_path: Path) -> None:
    styles = (
        "<fonts><font/><font><strike/></font></fonts>"
        '<cellXfs><xf fontId="0"/><xf fontId="1" numFmtId="1"/></cellXfs>'
    )
    old = '<c t="inlineStr" s="1"><is><t>古い質問ですか</t></is></c><c s="1"><v>5</v></c>'
    data = stored(old, text("何ですか") + text("はい。"), styles=styles)
    content = reading(tmp_path, data, "faq.xlsx")
    assert ["はい。"] == [each.answer for each in entries_of(content)]
    assert ["'古い質問ですか'.", "'5'."] == [str(n).rpartition(": ")[2] for n in content.notes]


@pytest.mark.fault(100)
def test_what_looks_like_an_escape_survives_an_export(tmp_path: Path) -> None:
    entries = [entry(answer="_x000D_ と _x005F_ と _x005F_x000D_", variants=("_x0041_",))]
    export(tmp_path / "faq.xlsx", entries)
    with zipfile.ZipFile(tmp_path / "faq.xlsx") as archive:
        strings = "".join(archive.read(name).decode() for name in archive.namelist())
    assert "_x005F_x000D_ と _x005F_x005F_ と _x005F_x005F_x005F_x000D_<" in strings
    assert entries == list(load(tmp_path / "faq.xlsx"))


@pytest.mark.fault(101)
@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        (0.375, "h:mm", "9:00"),
        (0.375, "hh:mm;@", "09:00"),
        (0.375, "[$-F400]h:mm:ss\\ AM/PM", "9:00:00"),
        (0.75, "h:mm AM/PM", "6:00 PM"),
        (0.75, "[$-411]AM/PM h:mm", "午後 6:00"),
        (0.4375, 'h"時"mm"分"', "10時30分"),
        (1.0625, "[h]:mm", "25:30"),
        (0.0703125, "[m]", "101"),
        (0.00104745370370370, "mm:ss.0", "01:30.5"),
        (0.999999, "h:mm:ss", "0:00:00"),
        (45748.375, "yyyy/m/d h:mm", "2025/4/1 9:00"),
        (45748.375, 'm"月"d"日"(aaa) h"時"', "4月1日(火) 9時"),
        (45748, 'yyyy"年"m"月"d"日"', "2025年4月1日"),
        (45748, '[$-411]ggge"年"m"月"d"日";@', "令和7年4月1日"),
        (43586, '[$-ja-JP-x-gannen]ggge"年"', "令和元年"),
        (32516, "[$-411]ge.m.d", "H1.1.8"),
        (45748, "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "2025年4月1日"),
        (45748, "d-mmm-yy", "1-Apr-25"),
        (0.00001, "General", "0.00001"),
        (1.25e-7, "General", "0.000000125"),
        (1.2345678e-9, "General", "1.23457E-09"),
        (1 / 3, "General", "0.333333333"),
        (0.1 + 0.2, "General", "0.3"),
        (1e20, "General", "1E+20"),
        (123456789012, "General", "123456789012"),
        (0.00001, "0.00E+00", "1.00E-05"),
        (0.000016, "0.0000%", "0.0016%"),
        (3, '"第"0"回"', "第3回"),
        (1500, '#,##0"円"', "1,500円"),
        (1500, "[$¥-411]#,##0;[Red]\\-[$¥-411]#,##0", "¥1,500"),
        (-1500, "#,##0_);[Red]\\(#,##0\\)", "(1,500)"),
        (5, "0_ ", "5"),
        (1600012, "[<=999]000;[<=9999]000\\-00;000\\-0000", "160-0012"),
        (9012345678, "000-0000-0000", "090-1234-5678"),
        (1234567, '#,##0,"千円"', "1,235千円"),
        (1234567, '0.00,,"百万円"', "1.23百万円"),
        (45748, 'ggge"年"m"月"', "令和7年4月"),
        (45748, "m/d\\([$-411]ddd\\)", "4/1(火)"),
        (45748, "[$-ja-JP]dddd", "火曜日"),
        (0, '#,##0;-#,##0;"なし"', "なし"),
        (12, 'G/標準"名"', "12名"),
        (1.005, "0.00", "1.01"),
        (2.50, "0.##", "2.5"),
        (-0.5, "h:mm", None),
        (60, "yyyy/m/d", None),
        (3_000_000, "yyyy/m/d", None),
        (0.5, "# ?/?", None),
        (123, "[DBNum1]0", None),
        (45748, "[$-411]mmmm", None),
        (45748, 'bbbb"年"', None),
    ],
)
def test_a_number_is_what_excel_shows_or_nothing(
    value: float, code: str, expected: str | None
) -> None:
    assert expected == shown(value, code)


@pytest.mark.fault(101)
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('@"様"', "河原様"),
        ('#,##0;-#,##0;0;"「"@"」"', "「河原」"),
        (";;;", ""),
        ('#,##0"円"', "河原"),
        ("yyyy/m/d;@", "河原"),
        ('_ * #,##0_ ;_ * "-"_ ;_ @_ ', " 河原 "),
    ],
)
def test_a_text_is_what_excel_shows(code: str, expected: str) -> None:
    assert expected == shown_text("河原", code)


@pytest.mark.fault(101)
@pytest.mark.parametrize("where", ["shared", "inline", "formula"])
def test_what_a_format_puts_around_a_text_is_read(tmp_path: Path, where: str) -> None:
    styles = (
        "<numFmts><numFmt numFmtId='176' formatCode='@&quot;です。&quot;'/></numFmts>"
        "<cellXfs><xf numFmtId='0'/><xf numFmtId='176'/></cellXfs>"
    )
    cell = {
        "shared": '<c t="s" s="1"><v>0</v></c>',
        "inline": '<c t="inlineStr" s="1"><is><t>無料</t></is></c>',
        "formula": '<c t="str" s="1"><f>A9</f><v>無料</v></c>',
    }[where]
    data = stored(text("いくらですか") + cell, strings=["<t>無料</t>"], styles=styles)
    assert ["無料です。"] == answers(tmp_path, data)


@pytest.mark.fault(101)
@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        (datetime.time(13, 5), "h:mm", "13:05"),
        (datetime.timedelta(hours=30, minutes=5), "[h]:mm:ss", "30:05:00"),
        (datetime.datetime(2025, 4, 1, 9, 30), 'm"月"d"日" h:mm', "4月1日 9:30"),
        (datetime.date(2025, 4, 1), "yyyy-mm-dd", "2025-04-01"),
    ],
)
def test_times_and_durations_in_a_workbook_are_read_as_shown(
    tmp_path: Path, value: object, code: str, expected: str
) -> None:
    def form(sheet: Worksheet) -> None:
        sheet["D2"].number_format = code

    assert [expected] == answers(tmp_path, workbook([HEADER, (*ROW[:3], value)], form))


@pytest.mark.fault(101)
def test_a_moment_in_a_format_of_its_own_is_refused_with_the_format(
    tmp_path: Path,
) -> None:
    data = workbook(
        [HEADER, (*ROW[:3], 45748.5)],
        lambda sheet: setattr(sheet["D2"], "number_format", "[$-411]mmmm"),
    )
    found = refusal(tmp_path, data, "faq.xlsx")
    assert found.startswith("faq.xlsx:FAQ:2:answer: a number shown by the format '[$-411]mmmm'.")
    assert "\n" not in found


@pytest.mark.fault(101)
def test_dates_count_from_1904_in_a_book_that_says_so(tmp_path: Path) -> None:
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="31"/><xf numFmtId="46"/></cellXfs>'
    for cell, expected in (
        ('<c s="1"><v>44286</v></c>', "2025年4月1日"),
        ('<c s="2"><v>1.5</v></c>', "36:00:00"),
    ):
        book = '<workbookPr date1904="1"/>'
        assert [expected] == answers(tmp_path, stored(text("何") + cell, styles=styles, book=book))


@pytest.mark.fault(101)
def test_the_column_updated_is_a_date_whatever_its_format_leaves_out(
    tmp_path: Path,
) -> None:
    data = workbook(
        [(*HEADER, "更新日"), (*ROW, datetime.datetime(2025, 4, 1, 9, 30))],
        lambda sheet: setattr(sheet["E2"], "number_format", 'm"月"d"日" h:mm'),
    )
    assert ["2025-04-01"] == [
        each.updated for each in entries_of(reading(tmp_path, data, "faq.xlsx"))
    ]


@pytest.mark.fault(102)
@pytest.mark.parametrize("result", ["<v></v>", "<v/>", ""])
def test_an_empty_result_of_a_formula_is_an_empty_text(tmp_path: Path, result: str) -> None:
    empty = f'<c t="str"><f>IF(A9="","",A9)</f>{result}</c>'
    data = stored(text("何ですか") + text("はい。"), empty + empty, empty)
    assert ["はい。"] == answers(tmp_path, data)
    found = refusal(tmp_path, stored(text("何ですか") + empty), "faq.xlsx")
    assert found.startswith("faq.xlsx:FAQ:2:answer: answer is empty.")


@pytest.mark.fault(102)
@pytest.mark.parametrize("number", ["2", "２", "②"])
def test_rows_numbered_in_advance_are_blank(tmp_path: Path, number: str) -> None:
    rows = [("番号", *HEADER[1:]), ("1", *ROW[1:]), (number, None, " ", None)]
    assert [ROW[3]] == answers(tmp_path, workbook(rows))
    table = f"番号,質問,回答\n1,何ですか。,はい。\n{number},, \n"
    assert ["はい。"] == [e.answer for e in entries_of(reading(tmp_path, table))]
    rows[2] = (number, None, "二つ目ですか。", None)
    assert ":FAQ:3:answer: answer is empty." in refusal(tmp_path, workbook(rows), "faq.xlsx")
    found = refusal(tmp_path, f"entries:\n- id: '{number}'\n", "faq.yaml")
    assert ":2:question: question is empty." in found  # there, it has been begun
    rows[2] = ("まとめ", None, None, None)
    assert ":FAQ:3:answer: answer is empty." in refusal(tmp_path, workbook(rows), "faq.xlsx")


@pytest.mark.fault(103)
def test_strict_open_xml_is_read(tmp_path: Path) -> None:
    data = stored(
        text("いつですか") + '<c s="1" t="d"><v>2025-04-01T09:00:00</v></c>',
        '<c t="s"><v>0</v></c>' + text("はい。"),
        strings=["<t>空きは_x000D_\nありますか</t>"],
        styles='<cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs>',
        main=STRICT_MAIN,
        office=STRICT_OFFICE,
    )
    assert ["2025/4/1 9:00", "はい。"] == answers(tmp_path, data)


@pytest.mark.fault(103)
@pytest.mark.parametrize(
    "styles", ["<fills><fill/></fills>", "<fonts><font><nonsense/></font></fonts>"]
)
def test_styles_that_are_of_no_concern_cannot_be_wrong(tmp_path: Path, styles: str) -> None:
    assert ["はい。"] == answers(tmp_path, stored(text("何") + text("はい。"), styles=styles))
