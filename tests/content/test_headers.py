"""Tables of others, whose headers an organiser leaves out or says what they mean."""

import json
from pathlib import Path

import pytest
from openpyxl import Workbook

from bot.content import Headers
from bot.content.formats import Content, read
from bot.errors import FaqbotError
from tests.content.samples import entries_of, refusal
from tests.content.workbooks import saved, workbook

TABLE = "No.,質問内容,回答,備考,カテゴリ\n1,何ですか。,はい。,急ぎ,一般\n"


def reading(
    folder: Path, data: str | bytes, name: str = "faq.csv", *, left_out: str = "", meant: str = ""
) -> Content:
    """Write a file and read it by what was said of its headers."""
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read(path, headers=Headers.of([left_out], meant.split()))


@pytest.mark.fault(4)
def test_an_unknown_column_is_refused_with_what_to_do_about_all_of_them(
    tmp_path: Path,
) -> None:
    number, inquiry, remark, category, missing = refusal(tmp_path, TABLE).split("\n")
    assert inquiry == (
        "faq.csv:1: unknown column '質問内容'. Did you mean 質問? Rename it, or read it as another "
        "column: --map question=質問内容, or leave it out: --ignore-columns 質問内容."
    )
    assert "unknown column '備考'. Rename it" in remark
    assert "--map COLUMN=カテゴリ" in category
    for each in (number, remark, category):
        assert each.endswith("--ignore-columns No.,備考,カテゴリ.")
    assert missing.startswith("faq.csv:1: no column question.")


@pytest.mark.fault(4)
def test_a_header_that_a_shell_would_take_apart_is_shown_in_quotes(
    tmp_path: Path,
) -> None:
    found = refusal(tmp_path, '質問,回答,"備考 (社内)\n内線"\n何,はい,x\n')
    assert "--ignore-columns '備考 (社内) 内線'." in found
    assert "\n" not in found


@pytest.mark.fault(4)
@pytest.mark.parametrize(
    "left_out", ["備考,カテゴリ,No.", "備考、ｶﾃｺﾞﾘ、Ｎｏ．", " 備考 , カテゴリ ,no."]
)
def test_columns_are_left_out_and_headers_mapped(tmp_path: Path, left_out: str) -> None:
    content = reading(tmp_path, TABLE, left_out=left_out, meant="質問=質問内容")
    assert [("何ですか。", "はい。")] == [(e.question, e.answer) for e in entries_of(content)]


@pytest.mark.fault(4)
def test_a_header_with_a_comma_is_left_out_as_a_whole(tmp_path: Path) -> None:
    found = refusal(tmp_path, '質問,回答,"部署,課",備考\n何,はい,x,y\n').split("\n")
    assert ["部署,課.", "備考."] == [line.rpartition("--ignore-columns ")[2] for line in found]
    content = reading(tmp_path, '質問,回答,"部署,課"\n何,はい,x\n', left_out="部署,課")
    assert ["はい"] == [e.answer for e in entries_of(content)]


@pytest.mark.fault(4)
def test_a_known_column_may_be_left_out_but_not_what_every_entry_needs(
    tmp_path: Path,
) -> None:
    content = reading(tmp_path, "質問,回答,更新日\n何,はい,先週\n", left_out="更新日")
    assert [""] == [e.updated for e in entries_of(content)]
    with pytest.raises(FaqbotError, match="no column answer"):
        reading(tmp_path, "質問,回答\n何,はい\n", left_out="回答")


@pytest.mark.fault(4)
def test_two_headers_for_one_column_are_refused_also_if_one_is_mapped(
    tmp_path: Path,
) -> None:
    with pytest.raises(FaqbotError, match="two columns for question"):
        reading(tmp_path, "質問,要約,回答\n何,何,はい\n", meant="question=要約")


@pytest.mark.fault(4)
def test_what_is_left_out_of_a_workbook_is_not_even_looked_at(tmp_path: Path) -> None:
    rows = [("要旨", "回答", "計算"), ("何", "はい", "=1+1"), ("他", "いいえ", "#N/A"), ("", "", 3)]
    content = reading(tmp_path, workbook(rows), "faq.xlsx", left_out="計算", meant="question=要旨")
    assert [("何", "はい"), ("他", "いいえ")] == [
        (e.question, e.answer) for e in entries_of(content)
    ]


@pytest.mark.fault(4)
def test_keys_of_jsonl_and_yaml_are_left_out_and_mapped_too(tmp_path: Path) -> None:
    line = json.dumps({"q": "何", "answer": "はい", "tags": ["a"], "n": 1})
    text = "owner: x\nentries:\n- {q: 何, answer: はい, tags: [a]}\n"
    for name, data in (("faq.jsonl", line), ("faq.yaml", text)):
        content = reading(tmp_path, data, name, left_out="tags,n,owner", meant="question=q")
        assert ["何"] == [e.question for e in entries_of(content)]


@pytest.mark.fault(4)
def test_a_header_that_no_file_has_is_remarked(tmp_path: Path) -> None:
    headers = Headers.of(["備考,カテゴリー"], ["source=典拠", "question=質問内容"])
    (tmp_path / "faq.csv").write_text(TABLE.replace("カテゴリ", "source").replace("No.", "講演"))
    read(tmp_path / "faq.csv", headers=headers)
    assert [
        "--ignore-columns: no file has a column 'カテゴリー'. Check how it is written.",
        "--map: no file has a column '典拠'. Check how it is written.",
    ] == [*map(str, headers.not_found())]


@pytest.mark.fault(4)
@pytest.mark.parametrize("pair", ["質問内容", "question", "question=", "title=質問内容", "=x"])
def test_a_pair_that_is_none_is_refused(pair: str) -> None:
    with pytest.raises(FaqbotError) as caught:
        Headers.of([], [pair])
    assert f"--map {pair}: this is no column and header." in str(caught.value)
    assert "columns are id, lecturer, talk" in str(caught.value)


@pytest.mark.parametrize("name", ["faq.csv", "faq.xlsx"])
def test_below_a_title_the_row_of_unknown_headers_is_the_one_that_is_explained(
    tmp_path: Path, name: str
) -> None:
    rows = [
        ("体育館のよくあるご質問（2026 年度）", None, None),
        (None, None, "作成: 広報"),
        ("分類", "ご質問の内容", "回答（そのまま掲載）"),
        ("施設", "駐車場はありますか。", "あります。"),
    ]
    lines = "".join(",".join(cell or "" for cell in row) + "\n" for row in rows)
    data = workbook(rows) if name == "faq.xlsx" else lines.encode()
    place = "faq.xlsx:FAQ:3" if name == "faq.xlsx" else "faq.csv:3"
    kind, inquiry, answer, missing = refusal(tmp_path, data, name).split("\n")
    assert kind.startswith(f"{place}: unknown column '分類'.")
    assert kind.endswith("--ignore-columns 分類.")
    assert "Did you mean ご質問?" in inquiry
    assert "--map question=ご質問の内容" in inquiry
    assert "--map answer='回答（そのまま掲載）'" in answer
    assert missing.startswith(f"{place}: no column question and answer.")


def test_a_form_with_its_questions_as_headers_is_told_which_are_question_and_answer(
    tmp_path: Path,
) -> None:
    table = "タイムスタンプ,お名前,質問を書いてください。,回答（担当者）\n1,匿名,何,はい\n"
    stamp, name, inquiry, who, _ = refusal(tmp_path, table).split("\n")
    for each in (stamp, name):
        assert each.endswith("--ignore-columns タイムスタンプ,お名前.")
    assert "--map question=" in inquiry
    assert "--map lecturer=" in who


def test_a_sheet_of_something_else_is_not_explained_beside_one_of_questions(
    tmp_path: Path,
) -> None:
    book = Workbook()
    for title, row in (("名簿", ("氏名", "役割")), ("FAQ", ("質問内容", "回答"))):
        sheet = book.create_sheet(title)
        sheet.append(row)
        sheet.append(("あ", "い"))
    found = refusal(tmp_path, saved(book), "faq.xlsx")
    assert "faq.xlsx:FAQ:1: unknown column '質問内容'." in found
    assert "氏名" not in found


@pytest.mark.parametrize("numbers", ["１２", "11"])
def test_where_numbers_are_no_ids_the_remedy_is_to_leave_them_out(
    tmp_path: Path, numbers: str
) -> None:
    first, second = numbers
    table = f"番号,質問,回答\n{first},何ですか。,はい。\n{second},いつですか。,今。\n"
    assert "--ignore-columns No." in refusal(tmp_path, table).splitlines()[-1]


@pytest.mark.parametrize("header", ["Q,A", "Ｑ,Ａ", " q , a ,リンク", "講師,Q,A"])
def test_q_and_a_are_question_and_answer_in_a_table(tmp_path: Path, header: str) -> None:
    count = header.count(",")
    cells = {1: "何ですか。,はい。", 2: "何ですか。,はい。,"}[count]
    cells = "河原 大輔,何ですか。,はい。" if header.startswith("講師") else cells
    (found,) = entries_of(reading(tmp_path, f"{header}\n{cells}\n"))
    assert ("何ですか。", "はい。") == (found.question, found.answer)


@pytest.mark.fault(5)
@pytest.mark.parametrize("header", ["Q,A,質問", "title,body,question"])
def test_two_headers_for_one_column_are_refused_in_other_programs_tables_too(
    tmp_path: Path, header: str
) -> None:
    found = refusal(tmp_path, f"{header}\n何ですか。,はい。,どれですか。\n")
    assert found.startswith("faq.csv:1: two columns for question")
