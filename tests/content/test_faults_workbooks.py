"""Excel workbooks."""

import datetime
import io
import resource
import time
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.content.samples import entries_of, entry, long, payload_refusal, reading, refusal
from tests.content.workbooks import HEADER, ROW, SHEET, edited, saved, workbook

GOOD = entry(id="a-1", talk="", question="合成データは使いますか。", answer="使います。")


@pytest.mark.fault(16)
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("16-really-csv.xlsx", "this is CSV text, not an Excel workbook. Rename it to .csv"),
        ("16-old.xls", "this is an old .xls workbook. Open it in Excel and save it as"),
        ("16-password.xlsx", "this is a password-protected workbook. Open it in Excel and save"),
        ("16-other-zip.xlsx", "this is a ZIP file, but no whole Excel workbook. Open it"),
    ],
)
def test_what_is_no_workbook_is_refused_with_what_it_is(name: str, expected: str) -> None:
    assert payload_refusal(name).startswith(f"{name}: {expected}")


@pytest.mark.fault(16)
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_workbook_is_refused(tmp_path: Path, kept: float) -> None:
    data = workbook()
    found = refusal(tmp_path, data[: int(len(data) * kept)], "faq.xlsx")
    assert found.startswith("faq.xlsx: this is a ZIP file, but no whole Excel workbook.")


@pytest.mark.fault(16)
def test_a_workbook_in_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    """A flag in the directory of the archive says so."""
    data = bytearray(workbook())
    for at in [at for at in range(len(data)) if data[at : at + 4] == b"PK\x01\x02"]:
        data[at + 8] |= 1
    found = refusal(tmp_path, bytes(data), "faq.xlsx")
    assert found.startswith("faq.xlsx: this is a ZIP file, but no whole Excel workbook.")


@pytest.mark.fault(16)
def test_a_workbook_by_another_name_is_read(tmp_path: Path) -> None:
    content = reading(tmp_path, workbook(), "faq.csv")
    assert [GOOD] == entries_of(content)
    assert str(content.notes[0]).endswith(
        "faq.csv: read as an Excel workbook, which its content is."
    )


@pytest.mark.fault(17)
def test_a_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(SHEET, "w") as member,
    ):
        for _ in range(60):
            member.write(b" " * 1024 * 1024)
    expected = (
        "faq.xlsx: it unpacks to 60 MB, 50 MB are allowed. "
        "Copy the rows with entries into a new workbook."
    )
    assert expected == refusal(tmp_path, bomb.getvalue(), "faq.xlsx")


@pytest.mark.fault(17)
def test_a_high_ratio_is_refused(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(SHEET, " " * 2 * 1024 * 1024)
    found = refusal(tmp_path, bomb.getvalue(), "faq.xlsx")
    assert found.startswith("faq.xlsx: it unpacks to more than 100 times its size.")


@pytest.mark.fault(17)
def test_too_many_members_are_refused(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w") as archive:
        for number in range(501):
            archive.writestr(f"{number}.xml", "")
    found = refusal(tmp_path, bomb.getvalue(), "faq.xlsx")
    assert found.startswith("faq.xlsx: 501 files inside, 500 are allowed.")


@pytest.mark.fault(18)
@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("XFD1048576", "faq.xlsx:FAQ:20001: more than 20,000 rows."),
        ("A20001", "faq.xlsx:FAQ:20001: more than 20,000 rows."),
        ("XFD2", "faq.xlsx:FAQ:2: more than 64 columns."),
    ],
)
def test_a_far_cell_is_refused_at_little_cost(tmp_path: Path, cell: str, expected: str) -> None:
    data = workbook(change=lambda sheet: sheet.__setitem__(cell, "遠い"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    assert refusal(tmp_path, data, "faq.xlsx").startswith(expected)
    assert time.process_time() - begun < long()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024


@pytest.mark.fault(19)
def test_rows_beyond_a_stale_dimension_are_read(tmp_path: Path) -> None:
    rows = [HEADER, *[(f"a-{n}", "河原 大輔", f"質問{n}ですか。", "はい。") for n in range(5)]]
    data = edited(workbook(rows), SHEET, r'<dimension ref="[^"]+"', '<dimension ref="A1:D2"')
    assert len(entries_of(reading(tmp_path, data, "faq.xlsx"))) == 5


@pytest.mark.fault(20)
def test_a_formula_without_a_stored_result_is_refused(tmp_path: Path) -> None:
    data = workbook([HEADER, (*ROW[:3], '="使い" & "ます。"')])
    expected = (
        "faq.xlsx:FAQ:2:D: a formula without a stored result. "
        "If it is a text, begin the cell with '; else replace it by its value (paste as values), "
        "or save the file in Excel."
    )
    assert expected == refusal(tmp_path, data, "faq.xlsx")


@pytest.mark.fault(20)
def test_a_formula_counts_by_its_stored_result(tmp_path: Path) -> None:
    data = workbook([HEADER, (*ROW[:3], '="使い" & "ます。"')])
    data = edited(data, SHEET, r"</f><v ?/?>(</v>)?", "</f><v>使います。</v>")
    data = edited(data, SHEET, r'<c r="D2"', '<c r="D2" t="str"')
    assert [GOOD] == entries_of(reading(tmp_path, data, "faq.xlsx"))


@pytest.mark.fault(20)
@pytest.mark.parametrize(
    ("value", "format_", "expected"),
    [
        (1, "000", "001"),
        (2024, "General", "2024"),
        (0.1, "General", "0.1"),
        (1234567, "#,##0", "1,234,567"),
        (0.256, "0.0%", "25.6%"),
        (-3, "0.00", "-3.00"),
        (True, "General", "TRUE"),
        (datetime.datetime(2025, 4, 1), "yyyy/mm/dd", "2025-04-01"),
    ],
)
def test_numbers_and_dates_are_read_as_displayed(
    tmp_path: Path, value: object, format_: str, expected: str
) -> None:
    data = workbook(
        [HEADER, (*ROW[:3], value)],
        lambda sheet: setattr(sheet["D2"], "number_format", format_),
    )
    assert [expected] == [e.answer for e in entries_of(reading(tmp_path, data, "faq.xlsx"))]


@pytest.mark.fault(20)
def test_a_number_in_a_format_of_its_own_is_refused(tmp_path: Path) -> None:
    data = workbook(
        [HEADER, (*ROW[:3], 3)], lambda sheet: setattr(sheet["D2"], "number_format", "# ?/?")
    )
    found = refusal(tmp_path, data, "faq.xlsx").split("\n")[0]
    assert found.startswith("faq.xlsx:FAQ:2:answer: a number shown by the format '# ?/?'.")


@pytest.mark.fault(20)
def test_an_error_value_is_refused(tmp_path: Path) -> None:
    data = workbook([HEADER, (*ROW[:3], "#N/A")])
    expected = (
        "faq.xlsx:FAQ:2:answer: the cell shows the error #N/A. If it is a text that begins with "
        "=, + or -, begin the cell with '; else mend the formula."
    )
    assert expected == refusal(tmp_path, data, "faq.xlsx")


@pytest.mark.fault(20)
def test_a_merged_cell_is_refused_where_it_leaves_one_empty(tmp_path: Path) -> None:
    rows = [HEADER, ROW, ("a-2", "河原 大輔", "二つ目ですか。", "はい。")]
    data = workbook(rows, lambda sheet: sheet.merge_cells("B2:B3"))
    found = refusal(tmp_path, data, "faq.xlsx")
    assert found.startswith("faq.xlsx:FAQ:3:lecturer: lecturer is empty.")


def test_talks_that_merged_cells_leave_out_are_noted(tmp_path: Path) -> None:
    header = ("講演", "質問", "回答")
    talks = ("", "施設", "", "", "安全")
    rows = [(talk, f"質問 {n} ですか。", "はい。") for n, talk in enumerate(talks)]
    content = reading(tmp_path, workbook([header, *rows]), "faq.xlsx")
    (note,) = content.notes
    assert "faq.xlsx:FAQ:4:talk: talk is empty in 2 entries from here on" in str(note)


@pytest.mark.fault(20)
def test_hidden_rows_are_read(tmp_path: Path) -> None:
    data = workbook(change=lambda sheet: setattr(sheet.row_dimensions[2], "hidden", True))
    assert [GOOD] == entries_of(reading(tmp_path, data, "faq.xlsx"))


@pytest.mark.fault(20)
def test_every_sheet_with_the_columns_is_read_and_the_others_are_named(
    tmp_path: Path,
) -> None:
    book = Workbook()
    book.worksheets[0].title = "メモ"
    book.worksheets[0]["A1"] = "覚え書き"
    for title, number in (("一日目", 1), ("二日目", 2)):
        sheet = book.create_sheet(title)
        sheet.append(HEADER)
        sheet.append((f"a-{number}", *ROW[1:2], f"質問{number}ですか。", "はい。"))
    content = reading(tmp_path, saved(book), "faq.xlsx")
    assert ["a-1", "a-2"] == [e.id for e in entries_of(content)]
    assert ["一日目", "二日目"] == [draft.where.sheet for draft in content.drafts]
    assert str(content.notes[0]).endswith(
        "read sheet 一日目, 二日目; without columns question and answer, so not read: メモ."
    )


@pytest.mark.fault(4)
def test_a_workbook_without_the_columns_is_refused_sheet_by_sheet(tmp_path: Path) -> None:
    data = workbook([("id", "question", "anwser"), ("a-1", "質問ですか。", "はい。")])
    unknown, missing = refusal(tmp_path, data, "faq.xlsx").split("\n")
    assert unknown.startswith("faq.xlsx:FAQ:1: unknown column 'anwser'. Did you mean answer?")
    assert missing.startswith("faq.xlsx:FAQ:1: no column answer.")


@pytest.mark.fault(25)
def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, workbook([]), "faq.xlsx") == (
        "faq.xlsx: the workbook is empty. Fill it in."
    )


@pytest.mark.fault(21)
@pytest.mark.parametrize("member", [SHEET, "xl/workbook.xml", "[Content_Types].xml"])
def test_xml_entities_are_refused(tmp_path: Path, member: str) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
    data = edited(workbook(), member, r"^(<\?xml[^>]*\?>)?\s*", bomb)
    found = refusal(tmp_path, data, "faq.xlsx")
    assert found.startswith("faq.xlsx: the workbook defines XML entities, which none needs.")
