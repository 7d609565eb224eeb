"""Encodings, headers, rows and quotes of CSV and TSV."""

import time
from pathlib import Path

import pytest

from bot.content.formats import Content, read
from tests.content.samples import (
    HEADER,
    PAYLOADS,
    entries_of,
    entry,
    long,
    payload_refusal,
    reading,
    refusal,
)
from tests.content.workbooks import workbook

GOOD = [
    entry(id="a-1", talk="", question="合成データは使いますか。", answer="使います。"),
]


@pytest.mark.fault(1)
def test_a_byte_order_mark_is_no_part_of_the_first_header() -> None:
    content = read(PAYLOADS / "01-utf8-bom.csv")
    assert GOOD == entries_of(content)
    assert () == content.notes


@pytest.mark.fault(2)
@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("02-cp932.csv", "CP932 (Shift_JIS)"),
        ("02-utf16le.tsv", "UTF-16-LE"),
        ("02-utf16be.tsv", "UTF-16-BE"),
    ],
)
def test_other_encodings_are_detected_and_said(name: str, encoding: str) -> None:
    content = read(PAYLOADS / name)
    assert GOOD == entries_of(content)
    assert (f"{PAYLOADS / name}: read as {encoding}.",) == tuple(map(str, content.notes))


@pytest.mark.fault(3)
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "03-damaged-utf8.csv",
            "03-damaged-utf8.csv:3: byte 0xE6, number 104 of the file, is no text in UTF-8 or any "
            "other encoding tried. Save the file as UTF-8; in Excel: CSV UTF-8.",
        ),
        (
            "03-damaged-utf8-that-cp932-accepts.csv",
            "03-damaged-utf8-that-cp932-accepts.csv:2: byte 0x87, number 53 of the file, is no "
            "text in UTF-8 or any other encoding tried. "
            "Save the file as UTF-8; in Excel: CSV UTF-8.",
        ),
        (
            "03-utf8-below-cp932.csv",
            "03-utf8-below-cp932.csv:2: byte 0x89, number 33 of the file, is no text in UTF-8 or "
            "any other encoding tried. Save the file as UTF-8; in Excel: CSV UTF-8.",
        ),
        (
            "03-latin1.csv",
            "03-latin1.csv:2: byte 0xE7, number 37 of the file, is no text in UTF-8 or any other "
            "encoding tried. Save the file as UTF-8; in Excel: CSV UTF-8.",
        ),
        (
            "03-cut-utf16.tsv",
            "03-cut-utf16.tsv:2: byte 0x02, number 113 of the file, is no text in UTF-16-LE or any "
            "other encoding tried. Save the file as UTF-8; in Excel: CSV UTF-8.",
        ),
    ],
)
def test_undecodable_bytes_are_refused_with_line_and_byte(name: str, expected: str) -> None:
    assert expected == payload_refusal(name)


@pytest.mark.fault(4)
def test_japanese_headers_in_any_order_are_known() -> None:
    expected = entry(
        id="",
        talk="コーパス",
        question="合成データは使いますか。",
        answer="使います。",
        variants=("合成データの予定は",),
        links=("https://example.jp/",),
        source="配布資料",
        updated="2025-04-01",
    )
    assert [expected] == entries_of(read(PAYLOADS / "04-japanese-headers.csv"))


@pytest.mark.fault(4)
def test_an_unknown_header_is_refused_with_the_nearest_known_one() -> None:
    first, second = payload_refusal("04-unknown-header.csv").split("\n")
    assert "04-unknown-header.csv:1: unknown column 'anwser'. Did you mean answer?" in first
    assert "04-unknown-header.csv:1: no column answer." in second
    assert "expected id, lecturer, talk, question, answer" in second
    assert "found id, lecturer, question, anwser." in second


@pytest.mark.fault(4)
def test_a_table_without_headers_is_refused() -> None:
    assert "no column question and answer." in payload_refusal("04-no-headers.csv")


@pytest.mark.fault(5)
def test_two_headers_for_one_column_are_refused() -> None:
    expected = (
        "05-header-twice.csv:1: two columns for answer (found: lecturer, question, answer, 回答). "
        "Remove or rename one, or leave it out by --ignore-columns."
    )
    assert expected == payload_refusal("05-header-twice.csv")


@pytest.mark.fault(6)
@pytest.mark.parametrize(
    ("name", "cells"), [("06-too-few-cells.csv", 3), ("06-too-many-cells.csv", 5)]
)
def test_a_row_that_does_not_fit_the_header_is_refused(name: str, cells: int) -> None:
    assert payload_refusal(name).startswith(f"{name}:3: {cells} cells, the header has 4.")


@pytest.mark.fault(6)
def test_a_cell_below_a_blank_header_is_refused(tmp_path: Path) -> None:
    data = "lecturer,question,answer,\n河原 大輔,質問ですか。,はい。,メモ\n"
    expected = "faq.csv:2: a cell in a column without a name. Name it, or empty it."
    assert expected == refusal(tmp_path, data)


@pytest.mark.fault(6)
def test_blank_rows_and_blank_columns_mean_nothing(tmp_path: Path) -> None:
    data = "lecturer,question,answer,\n\n,,,\n河原 大輔,質問ですか。,はい。,\n"
    assert ["はい。"] == [e.answer for e in entries_of(reading(tmp_path, data))]


@pytest.mark.fault(7)
def test_an_unclosed_quote_is_refused_with_its_opening_line() -> None:
    expected = (
        "07-unclosed-quote.csv:4: the quote opened here is never closed. "
        "Close it; a quote inside a quoted cell is written twice."
    )
    assert expected == payload_refusal("07-unclosed-quote.csv")


@pytest.mark.fault(7)
def test_the_opening_line_is_found_behind_closed_and_doubled_quotes(
    tmp_path: Path,
) -> None:
    data = (
        HEADER + 'a-1,河原 大輔,"一行目\n""二""行目",5" です\na-2,"河原 ""大輔""",\n"開く ""x""\n'
    )
    assert refusal(tmp_path, data).startswith("faq.csv:2: ") is False
    data = HEADER + 'a-1,"河原\n大輔","質問\n""二""行目","開く ""x""\nまだ\n'
    assert refusal(tmp_path, data).startswith("faq.csv:4: the quote opened here is never closed.")


@pytest.mark.fault(7)
def test_quotes_are_words_in_a_tsv_that_quotes_nothing(tmp_path: Path) -> None:
    rows = [('"注意"とは何ですか', '5"以下'), ('"だけ', "はい")]
    data = "質問\t回答\r\n" + "".join(f"{q}\t{a}\r\n" for q, a in rows)
    content = reading(tmp_path, data, "faq.tsv")
    assert rows == [(each.question, each.answer) for each in entries_of(content)]
    assert [2, 3] == [draft.where.row for draft in content.drafts]
    for broken in ('"何"か\t"はい"\n', '何\t"一\n二\n'):
        assert "quote" in refusal(tmp_path, f"質問\t回答\n{broken}", "faq.tsv")


@pytest.mark.fault(7)
def test_text_behind_a_closing_quote_is_refused_with_its_row() -> None:
    assert payload_refusal("07-text-after-quote.csv").startswith(
        "07-text-after-quote.csv:2: this row can't be read"
    )


@pytest.mark.fault(8)
def test_the_same_id_twice_is_refused_with_both_rows() -> None:
    expected = (
        "08-same-id.csv:3:id: id a-1 is taken already, at 08-same-id.csv:2. "
        "Give one of them another id, or leave it empty."
    )
    assert expected == payload_refusal("08-same-id.csv")


@pytest.mark.fault(13)
def test_every_kind_of_line_break_is_read_alike() -> None:
    first, second = entries_of(read(PAYLOADS / "13-mixed-line-breaks.csv"))
    assert "一行目\n二行目\n三行目\n四行目" == first.answer
    assert "二つ目ですか。" == second.question


ROWS = [("駐車場はありますか。", "はい、無料です。"), ("受付は何時からですか。", "九時からです。")]
TABLE = "".join(f"{question},{answer}\r\n" for question, answer in [("質問", "回答"), *ROWS])


def rows(content: Content) -> list[tuple[str, str]]:
    """Return the questions and answers of a file."""
    return [(each.question, each.answer) for each in entries_of(content)]


@pytest.mark.fault(113)
@pytest.mark.parametrize(
    "data",
    [
        TABLE + "\x1a",
        TABLE + "\r\n\x1a\x1a\r\n",
        "sep=,\r\n" + TABLE,
        '"sep=,"\r\n' + TABLE,
        "SEP=;\n" + TABLE.replace(",", ";"),
        "sep=|\n" + TABLE.replace(",", "|"),
        "sep=\t\n" + TABLE.replace(",", "\t"),
        "\ufeff\ufeff" + TABLE,
        "\ufeff\ufeff\ufeff" + TABLE.replace("質問,回答", '"質問","回答"'),
        "\ufeffsep=,\n" + TABLE,
        TABLE.replace("質問,回答", '"質\n問","回答\r\n"'),
        TABLE.replace("質問,回答", '"質問\n（一文で）","回答\n（公開用）"'),
        TABLE.replace("質問,回答", '"Question\n質問","Answer\n回答"'),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "utf-16"])
def test_what_programs_put_around_a_table_means_nothing(
    tmp_path: Path, data: str, encoding: str
) -> None:
    if encoding == "cp932":
        data = data.replace("\ufeff", "")
    assert ROWS == rows(reading(tmp_path, data.encode(encoding)))


@pytest.mark.fault(113)
@pytest.mark.parametrize(
    "above",
    [
        "よくある質問一覧,\n,\n",
        "よくある質問一覧\n\n",
        "表 1\n",
        "FAQ: 2025 年度\n",
        "作成日,2025-04-01\n担当,事務局\n\n",
        "# 一覧\n",
        "- 公開用 -\n",
    ],
)
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_rows_above_the_header_are_passed_over_with_a_note(
    tmp_path: Path, above: str, delimiter: str
) -> None:
    data = (above + TABLE).replace(",", delimiter)
    content = reading(tmp_path, data, "faq.csv" if delimiter == "," else "faq.tsv")
    assert ROWS == rows(content)
    assert "faq" in str(content.notes[0])
    assert str(content.notes[0]).endswith(":1: a row above the header was not read.")
    first = content.drafts[0].where.row
    assert first == above.count("\n") + 2


@pytest.mark.fault(113)
def test_blanks_between_cells_in_quotes_mean_nothing(tmp_path: Path) -> None:
    data = '"質問", "回答"\n"何ですか。",  "はい、\n「""そう""」です。"\n"では", いいえ\n'
    assert [("何ですか。", 'はい、\n「"そう"」です。'), ("では", "いいえ")] == [
        (each.question, each.answer) for each in entries_of(reading(tmp_path, data))
    ]
    data = '質問,回答\n何ですか。, "はい" です。\n'
    assert ['"はい" です。'] == [each.answer for each in entries_of(reading(tmp_path, data))]


@pytest.mark.fault(113)
@pytest.mark.parametrize("name", ["faq.csv", "faq.xlsx"])
def test_the_header_again_is_no_entry(tmp_path: Path, name: str) -> None:
    lines = [("質問", "回答"), ("何ですか。", "はい。"), ("質問", "回答"), ("では。", "いいえ。")]
    text = "\ufeff".join("".join(f"{q},{a}\n" for q, a in lines[at : at + 2]) for at in (0, 2))
    data = workbook(lines) if name == "faq.xlsx" else text
    assert ["はい。", "いいえ。"] == [e.answer for e in entries_of(reading(tmp_path, data, name))]


@pytest.mark.fault(113)
def test_a_fault_below_a_title_is_shown_on_its_own_line(tmp_path: Path) -> None:
    data = "sep=,\n一覧\n質問,回答\n何ですか。,はい。\n何ですか。\n"
    assert refusal(tmp_path, data).startswith("faq.csv:5: 1 cells, the header has 2.")
    data = '一覧\n"質\n問",回答\n何ですか。,"はい。\n'
    assert refusal(tmp_path, data).startswith("faq.csv:4: the quote opened here is never closed.")


@pytest.mark.fault(113)
def test_what_stands_in_an_answer_is_no_header(tmp_path: Path) -> None:
    text = "entries:\n- question: 何\n  answer: |-\n    例は次のとおりです。\n    質問,回答\n"
    (found,) = entries_of(reading(tmp_path, text, "faq.yaml"))
    assert found.answer == "例は次のとおりです。\n質問,回答"


@pytest.mark.fault(114)
def test_semicolons_below_a_title_are_named(tmp_path: Path) -> None:
    data = "よくある質問\n質問;回答\n何ですか。;はい、そうです。\n"
    expected = "faq.csv: this is a table separated by semicolons."
    assert refusal(tmp_path, data).startswith(expected)


@pytest.mark.fault(126)
@pytest.mark.parametrize(
    "data",
    [
        ",".join(f"列{number}" for number in range(200_000)) + "\n",
        "question,answer\n" + "何,\n" * 300_000,
        "\n".join(f'{{"key{number}": "x"}}' for number in range(100_000)),
    ],
)
def test_a_table_of_nothing_but_faults_is_refused_about_as_fast_as_it_is_read(
    tmp_path: Path, data: str
) -> None:
    begun = time.process_time()
    assert refusal(tmp_path, data).endswith(" more problems.")
    assert time.process_time() - begun < long()
