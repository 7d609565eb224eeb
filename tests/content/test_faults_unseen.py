"""What of a workbook isn't to be seen in its cells."""

from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from tests.content.samples import entries_of, reading
from tests.content.workbooks import HEADER, ROW, SHEET, edited, saved, stored, text, workbook


@pytest.mark.fault(115)
def test_a_hidden_sheet_is_read_with_a_note_that_names_it(tmp_path: Path) -> None:
    book = Workbook()
    for title, state in (("公開", "visible"), ("下書き", "hidden"), ("控え", "veryHidden")):
        sheet = book.create_sheet(title)
        sheet.append(HEADER)
        sheet.append(("", ROW[1], f"{title}の質問ですか。", "はい。"))
        sheet.sheet_state = state
    book.remove(book.worksheets[0])
    content = reading(tmp_path, saved(book), "faq.xlsx")
    assert 3 == len(entries_of(content))
    notes = [str(note).replace(f"{tmp_path}/", "") for note in content.notes]
    said = (
        "Excel hides this sheet; its entries were read (1). If they aren't meant, delete it first."
    )
    assert [f"faq.xlsx:下書き: {said}", f"faq.xlsx:控え: {said}"] == notes


@pytest.mark.fault(115)
def test_hidden_rows_and_columns_are_read_with_a_note(tmp_path: Path) -> None:
    def hide(sheet: Worksheet) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[9].hidden = True
        sheet.column_dimensions["D"].hidden = True
        sheet.column_dimensions["H"].hidden = True

    rows = [HEADER, ROW, ("a-2", "河原 大輔", "二つ目ですか。", "いいえ。")]
    content = reading(tmp_path, workbook(rows, hide), "faq.xlsx")
    assert ["使います。", "いいえ。"] == [each.answer for each in entries_of(content)]
    first, second = map(str, content.notes)
    assert "faq.xlsx:FAQ: Excel hides rows that were read (3)." in first
    assert "faq.xlsx:FAQ: Excel hides column D, which was read." in second


@pytest.mark.fault(115)
@pytest.mark.parametrize(
    ("words", "link", "expected"),
    [
        ("資料はこちら", "https://example.jp/a?b=1#c", ("https://example.jp/a?b=1#c",)),
        ("お問い合わせ", "mailto:faq@example.jp", ("mailto:faq@example.jp",)),
        ("https://example.jp を見る", "https://example.jp/", ("https://example.jp",)),
        ("faq@example.jp へ", "mailto:faq@example.jp", ()),
        ("社内資料", "file:///C:/secret.docx", ()),
    ],
)
def test_the_address_behind_words_is_kept_with_a_note(
    tmp_path: Path, words: str, link: str, expected: tuple[str, ...]
) -> None:
    data = workbook(
        [HEADER, (*ROW[:3], words)], lambda sheet: setattr(sheet["D2"], "hyperlink", link)
    )
    content = reading(tmp_path, data, "faq.xlsx")
    assert [(words, expected)] == [(each.answer, each.links) for each in entries_of(content)]
    notes = " ".join(map(str, content.notes))
    assert ("FAQ: addresses behind words were added to links (1)." in notes) == (link in expected)
    assert ("was left out" in notes) == link.startswith("file:")


@pytest.mark.fault(115)
def test_words_in_the_column_of_links_are_what_they_lead_to(tmp_path: Path) -> None:
    data = workbook(
        [(*HEADER, "リンク"), (*ROW, "募集要項")],
        lambda sheet: setattr(sheet["E2"], "hyperlink", "https://example.jp/guide"),
    )
    (found,) = entries_of(reading(tmp_path, data, "faq.xlsx"))
    assert ("https://example.jp/guide",) == found.links


@pytest.mark.fault(115)
def test_a_link_made_by_a_formula_or_over_many_cells_is_kept(tmp_path: Path) -> None:
    formula = '<c t="str"><f>HYPERLINK("https://example.jp/x","資料")</f><v>資料</v></c>'
    (found,) = entries_of(reading(tmp_path, stored(text("何ですか") + formula), "faq.xlsx"))
    assert ("資料", ("https://example.jp/x",)) == (found.answer, found.links)
    rows = [HEADER, ROW, ("a-2", "河原 大輔", "二つ目ですか。", "いいえ。")]
    data = workbook(rows, lambda sheet: setattr(sheet["D2"], "hyperlink", "https://example.jp/"))
    data = edited(data, SHEET, 'ref="D2"', 'ref="D2:D3"')
    for each in entries_of(reading(tmp_path, data, "faq.xlsx")):
        assert ("https://example.jp/",) == each.links


@pytest.mark.fault(115)
def test_a_formula_that_several_cells_share_links_each_of_them(tmp_path: Path) -> None:
    first = 'HYPERLINK("https://example.jp/x","資料")'
    cells = (f'<f t="shared" ref="B2:B3" si="0">{first}</f>', '<f t="shared" si="0"/>')
    rows = [text(f"質問{n}ですか") + f'<c t="str">{f}<v>資料</v></c>' for n, f in enumerate(cells)]
    found = entries_of(reading(tmp_path, stored(*rows), "faq.xlsx"))
    assert [("https://example.jp/x",)] * 2 == [each.links for each in found]


@pytest.mark.fault(115)
@pytest.mark.parametrize("formula", ['HYPERLINK("https://example.jp/"&C2,"資料")', "HYPERLINK(C2)"])
def test_a_link_that_a_formula_puts_together_is_never_a_part_of_it(
    tmp_path: Path, formula: str
) -> None:
    cell = f'<c t="str"><f>{formula.replace("&", "&amp;")}</f><v>資料</v></c>'
    content = reading(tmp_path, stored(text("何ですか") + cell), "faq.xlsx")
    assert [("資料", ())] == [(each.answer, each.links) for each in entries_of(content)]
    (note,) = map(str, content.notes)
    assert f":FAQ:2:answer: the address of the link is made by a formula ({formula})" in note


@pytest.mark.fault(115)
def test_a_link_whose_formula_shows_the_address_needs_no_note(tmp_path: Path) -> None:
    cell = '<c t="str"><f>HYPERLINK(C2)</f><v>https://example.jp/x</v></c>'
    content = reading(tmp_path, stored(text("何ですか") + cell), "faq.xlsx")
    assert [("https://example.jp/x",)] == [each.links for each in entries_of(content)]
    assert () == content.notes


@pytest.mark.fault(115)
@pytest.mark.parametrize("what", ["comment", "chart", "nothing"])
def test_comments_and_shapes_beside_the_cells_are_noted(tmp_path: Path, what: str) -> None:
    def put(sheet: Worksheet) -> None:
        if what == "comment":
            sheet["D2"].comment = Comment("要確認", "事務局")
        else:
            sheet.add_chart(BarChart(), "F2")

    data = workbook([HEADER, ROW], put)
    if what == "nothing":  # as Google's sheets have it
        anchor = r"(?s)<(\w+:)?(one|two)CellAnchor.*CellAnchor>"
        data = edited(data, "xl/drawings/drawing1.xml", anchor, "")
    content = reading(tmp_path, data, "faq.xlsx")
    assert [ROW[3]] == [each.answer for each in entries_of(content)]
    said = [str(note).rpartition("faq.xlsx:")[2] for note in content.notes]
    expected = "FAQ: comments, shapes and pictures were not read. If they are needed, write them "
    assert [f"{expected}into cells."] * (what != "nothing") == said
