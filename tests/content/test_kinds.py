"""A file that can't be read is named for what it is, whatever it is called."""

import io
import zipfile
from pathlib import Path

import pytest

from tests.content.samples import reading, refusal


def archive(name: str, text: str = "x") -> bytes:
    """Return a ZIP file of one member."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(name, text)
    return file.getvalue()


ODF = "application/vnd.oasis.opendocument."
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512


@pytest.mark.fault(103)
@pytest.mark.parametrize("name", ["faq.ods", "faq.xlsx", "faq.csv"])
def test_an_opendocument_spreadsheet_is_named_whatever_it_is_called(
    tmp_path: Path, name: str
) -> None:
    data = archive("mimetype", f"{ODF}spreadsheet")
    assert refusal(tmp_path, data, name).startswith(f"{name}: this is an OpenDocument spreadsheet")


@pytest.mark.fault(103)
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (archive("word/document.xml"), "this is a document of a word processor"),
        (archive("ppt/presentation.xml"), "this is a document of a word processor"),
        (archive("mimetype", f"{ODF}text"), "this is a document of a word processor"),
        (archive("xl/workbook.bin"), "this is a binary workbook (.xlsb)."),
        (archive("Index/Document.iwa"), "this is a document of Numbers"),
        (archive("faq.csv"), "this is a ZIP file, but no whole Excel workbook."),
        (OLE + "WordDocument".encode("utf-16-le"), "this is a document of an old Word"),
        (b"%PDF-1.7\n\xe2\xe3", "this is a PDF."),
        (b"\x89PNG\r\n\x1a\n\x00", "this is a picture."),
        (rb"{\rtf1\ansi FAQ\par}", "this is a document in RTF."),
        (
            b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook/>',
            "this is an XML document, such as an XML spreadsheet",
        ),
        (b'<?xml version="1.0"?><office:document/>', "this is an XML document"),
        (b'<?xml version="1.0"?><html><body>FAQ</body></html>', "this is an HTML page."),
        (b"<!DOCTYPE html><table><tr><td>FAQ</td></tr></table>", "this is an HTML page."),
        (b'\n<table border="1"><tr><td>FAQ</td></tr></table>', "this is an HTML page."),
    ],
)
def test_other_documents_are_named(tmp_path: Path, data: bytes, expected: str) -> None:
    assert refusal(tmp_path, data, "faq.xlsx").startswith(f"faq.xlsx: {expected}")


@pytest.mark.fault(114)
@pytest.mark.parametrize(
    "text",
    [
        '[{"question": "何ですか。", "answer": "はい。"}]',
        '\n[\n  {"question": "何ですか。",\n   "answer": "はい。"}\n]\n',
        '[["question", "answer"], ["何ですか。", "はい。"]]',
        "[]",
    ],
)
@pytest.mark.parametrize("name", ["faq.json", "faq.jsonl", "faq.txt"])
def test_a_json_array_is_named(tmp_path: Path, text: str, name: str) -> None:
    expected = "this is a JSON array. Write JSONL instead: one object a line"
    assert refusal(tmp_path, text, name).startswith(f"{name}: {expected}")


@pytest.mark.fault(114)
@pytest.mark.parametrize(
    "text",
    [
        '{\n  "question": "何ですか。",\n  "answer": "はい。"\n}\n',
        '{"entries": [\n  {"question": "何ですか。", "answer": "はい。"}\n]}\n',
        '{\n  "question": "何ですか。\n',
    ],
)
def test_one_json_object_over_several_lines_is_named(tmp_path: Path, text: str) -> None:
    expected = "faq.json: this is one JSON object over several lines. Write JSONL instead"
    assert refusal(tmp_path, text, "faq.json").startswith(expected)


@pytest.mark.fault(114)
@pytest.mark.parametrize("name", ["faq.json", "faq.yaml"])
def test_a_json_object_around_the_entries_is_named(tmp_path: Path, name: str) -> None:
    text = '{"title": "FAQ", "items": [{"question": "何ですか。", "answer": "はい。"}]}'
    expected = f"{name}: the entries are held within a JSON object. Write JSONL instead"
    assert refusal(tmp_path, text, name).startswith(expected)
    entry = '{"question": "何ですか。", "answer": "はい。", "links": ["https://a.jp/"]}'
    assert 1 == len(reading(tmp_path, entry, name).drafts)


@pytest.mark.fault(114)
@pytest.mark.parametrize("text", ["Q: 何ですか。\nA: はい。\n", "質問：何ですか。\n回答：はい。\n"])
def test_a_text_of_questions_and_answers_is_no_yaml(tmp_path: Path, text: str) -> None:
    expected = "faq.txt: this is no file of entries. Readable are YAML, CSV"
    assert refusal(tmp_path, text, "faq.txt").startswith(expected)


@pytest.mark.fault(114)
@pytest.mark.parametrize(
    "text",
    [
        "質問;回答\n何ですか。;はい。\n",
        '"id";"質問";"回答"\n;"a, b";はい。\n',
        "質問;回答;備考, その他\n何ですか。;はい。;\n",
        "Frage;Antwort\nWas?;Ja.\n",
    ],
)
def test_a_table_with_semicolons_is_named(tmp_path: Path, text: str) -> None:
    expected = "faq.csv: this is a table separated by semicolons. Save it as CSV UTF-8 with commas"
    assert refusal(tmp_path, text).startswith(expected)


@pytest.mark.fault(114)
def test_a_semicolon_within_a_header_or_cell_means_nothing(tmp_path: Path) -> None:
    found = refusal(tmp_path, "質問,回答,備考;その他\n何;か。,はい;。,\n")
    assert "semicolons" not in found
    assert "unknown column '備考;その他'." in found


def test_the_mark_of_a_file_that_excel_has_open_is_named(tmp_path: Path) -> None:
    found = refusal(tmp_path, b"\x05\x00S\x00a\x00t\x00o" + b" " * 150, "~$faq.xlsx")
    assert found.startswith("~$faq.xlsx: this is a mark that Excel keeps while a file is open.")
