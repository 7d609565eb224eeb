"""What a text may be, whatever file it comes from."""

import json
import time
from pathlib import Path

import pytest

from bot.content import ContentError, markup
from bot.content.formats import read
from tests.content.samples import (
    HEADER,
    entries_of,
    long,
    payload_refusal,
    reading,
    refusal,
)


def _line(**fields: object) -> str:
    values = {"id": "a-1", "lecturer": "河原 大輔", "question": "質問ですか。", "answer": "はい。"}
    return json.dumps(values | fields) + "\n"


@pytest.mark.fault(10)
def test_empty_question_answer_and_lecturer_are_refused_with_their_rows() -> None:
    found = [line.split(". ")[0] for line in payload_refusal("10-empty-cells.csv").split("\n")]
    assert [
        "10-empty-cells.csv:2:question: question is empty",
        "10-empty-cells.csv:3:answer: answer is empty",
        "10-empty-cells.csv:4:lecturer: lecturer is empty",
    ] == found


@pytest.mark.fault(10)
@pytest.mark.parametrize("blank", ["", " ", "\u3000", "\u200b", "\u200b\u00a0\ufeff", "\u200d"])
def test_nothing_visible_is_empty(tmp_path: Path, blank: str) -> None:
    found = refusal(tmp_path, _line(answer=blank), "faq.jsonl")
    assert found.startswith("faq.jsonl:1:answer: answer is empty.")


@pytest.mark.fault(104)
@pytest.mark.parametrize("lost", ["?", "????", "\ufffd\ufffd", "???、????。", " ?\n?？ "])
@pytest.mark.parametrize("column", ["question", "answer", "lecturer", "talk", "variants"])
def test_a_cell_whose_characters_were_lost_is_refused(
    tmp_path: Path, lost: str, column: str
) -> None:
    value = [lost] if column == "variants" else lost
    found = refusal(tmp_path, _line(**{column: value}), "faq.jsonl")
    assert found.startswith(f"faq.jsonl:1:{column}: {column} holds question marks only")
    assert "as UTF-8" in found


@pytest.mark.fault(104)
@pytest.mark.parametrize("text", ["LLM?", "1 + 1 = ?", "はい", "―", "👍", "2024?"])
def test_a_question_mark_behind_something_is_a_question(tmp_path: Path, text: str) -> None:
    content = reading(tmp_path, _line(question=text, answer=text), "faq.jsonl")
    assert ([(text, text)], ()) == (
        [(e.question, e.answer) for e in entries_of(content)],
        content.notes,
    )


@pytest.mark.fault(104)
def test_a_single_lost_character_is_remarked(tmp_path: Path) -> None:
    content = reading(tmp_path, _line(answer="デー\ufffdです。"), "faq.jsonl")
    (note,) = map(str, content.notes)
    assert "faq.jsonl:1:answer: answer holds the mark of a lost character (U+FFFD)." in note


@pytest.mark.fault(104)
def test_a_character_for_private_use_is_remarked(tmp_path: Path) -> None:
    data = "講師,質問,回答\n".encode("cp932") + b"\xf0\x40\x93\x63," + "何,はい\n".encode("cp932")
    content = reading(tmp_path, data)
    assert ["\ue000田"] == [each.lecturer for each in entries_of(content)]
    assert any(
        "faq.csv:2:lecturer: lecturer holds a character for private use (U+E000)" in str(note)
        for note in content.notes
    )


def test_a_file_may_do_without_the_column_of_lecturers(tmp_path: Path) -> None:
    content = reading(tmp_path, "質問,回答\n質問ですか。,はい。\n")
    assert [("", "はい。")] == [(e.lecturer, e.answer) for e in entries_of(content)]


def test_a_lecturer_may_be_given_for_the_whole_file(tmp_path: Path) -> None:
    data = "質問,回答\n質問ですか。,はい。\n"
    content = reading(tmp_path, data, lecturer="河原 大輔 先生")
    assert ["河原 大輔"] == [e.lecturer for e in entries_of(content)]


@pytest.mark.fault(11)
@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (20_001, "answer has 20,001 characters, it may have 20,000."),
        (131_073, "answer has 131,073 characters, a cell may have 131,072."),
        (1_000_000, "answer has 1,000,000 characters, a cell may have 131,072."),
    ],
)
def test_a_long_answer_is_refused_with_limit_and_length(
    tmp_path: Path, length: int, expected: str
) -> None:
    data = f"{HEADER}a-1,河原 大輔,質問ですか。,{'あ' * length}\n"
    assert refusal(tmp_path, data).startswith(f"faq.csv:2:answer: {expected}")


@pytest.mark.fault(11)
def test_the_longest_answer_is_read(tmp_path: Path) -> None:
    data = f"{HEADER}a-1,河原 大輔,質問ですか。,{'あ' * 20_000}\n"
    assert [20_000] == [len(e.answer) for e in entries_of(reading(tmp_path, data))]


@pytest.mark.fault(11, 17)
def test_a_file_over_10_mb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    with path.open("wb") as file:
        file.truncate(10 * 1024 * 1024 + 1)
    with pytest.raises(ContentError, match=r"the file is larger than 10 MB\. Split it\."):
        read(path)


@pytest.mark.fault(11)
def test_more_entries_than_allowed_are_refused(tmp_path: Path) -> None:
    rows = "".join(f"{n},x,q{n},a\n" for n in range(20_001))
    found = refusal(tmp_path, "id,lecturer,question,answer\n" + rows)
    assert "faq.csv:20002: more than 20,000 entries. Split the file." == found


@pytest.mark.fault(12)
@pytest.mark.parametrize(
    ("char", "name"),
    [("\x00", "NUL"), ("\ud800", "U+D800"), ("\udfff", "U+DFFF"), ("\uffff", "U+FFFF")],
)
def test_what_cannot_be_stored_is_refused_with_row_and_column(
    tmp_path: Path, char: str, name: str
) -> None:
    found = refusal(tmp_path, _line(question=f"質問{char}ですか"), "faq.jsonl")
    assert found.startswith(f"faq.jsonl:1:question: question holds {name}")


@pytest.mark.fault(12)
def test_nul_in_a_csv_is_refused_with_row_and_column(tmp_path: Path) -> None:
    found = refusal(tmp_path, f"{HEADER}a-1,河原 大輔,質問\x00ですか。,はい。\n")
    assert found.startswith("faq.csv:2:question: question holds NUL")


@pytest.mark.fault(12)
def test_marks_that_reverse_reading_are_removed_with_a_warning(tmp_path: Path) -> None:
    content = reading(tmp_path, _line(answer="表示\u202eは逆\x07"), "faq.jsonl")
    assert ["表示は逆"] == [e.answer for e in entries_of(content)]
    expected = "faq.jsonl:1:answer: marks that reverse the reading order were removed."
    assert [expected] == [str(note).replace(f"{tmp_path}/", "") for note in content.notes]


@pytest.mark.fault(14)
def test_of_html_only_text_and_safe_links_are_left(tmp_path: Path) -> None:
    html = (
        "<p onclick='steal()'>はい。<!-- メモ --><script>alert(1)</script></p>"
        "<style>p { color: red }</style>"
        "<p><a href='https://example.jp/a'>資料</a>と<a href='javascript:alert(1)'>罠</a>"
        "<img src='https://tracker.example/pixel.gif' alt=''>&amp;<br>質問は"
        "<a href='mailto:faq@example.jp'>こちら</a></p>"
    )
    content = reading(tmp_path, _line(answer=html), "faq.jsonl")
    (found,) = entries_of(content)
    assert "はい。\n\n資料と罠&\n質問はこちら" == found.answer
    assert ("https://example.jp/a", "mailto:faq@example.jp") == found.links
    (note,) = content.notes
    assert str(note).endswith("the link 'javascript:alert(1)' was left out: not http(s) or mailto.")


@pytest.mark.fault(14)
def test_html_nested_200000_deep_is_read_without_recursion() -> None:
    html = "<b>" * 200_000 + "深い" + "</b>" * 200_000
    assert ("深い", (), (), ()) == markup.to_text(html)


@pytest.mark.fault(14)
@pytest.mark.parametrize("piece", ["<a ", '<a x="', "<!--", "</p", "<p a='>", "<![CDATA[", "<?"])
def test_broken_markup_takes_no_quadratic_time(piece: str) -> None:
    """The standard library's parser alone needs up to two minutes for these."""
    begun = time.process_time()
    markup.to_text(piece * (131_072 // len(piece)) + "</p>")
    assert time.process_time() - begun < long()


@pytest.mark.fault(15)
@pytest.mark.parametrize(
    "answer",
    [
        "<!channel> と <@U0123> と @everyone へ",
        "<https://example.jp|資料> を *太字* と _斜体_ で",
        "```python\nif a < b:\n    print('<p>')\n```",
        "<#C0123|general> :smile: <t:1700000000:R> ||秘密||",
    ],
)
def test_chat_markup_in_an_answer_is_kept_as_written(tmp_path: Path, answer: str) -> None:
    content = reading(tmp_path, _line(answer=answer), "faq.jsonl")
    assert [answer] == [e.answer for e in entries_of(content)]


@pytest.mark.fault(15)
def test_chat_markup_inside_html_is_kept_as_written(tmp_path: Path) -> None:
    data = _line(answer="<p>ping <!channel> <@U0123> <https://example.jp|x></p>")
    expected = "ping <!channel> <@U0123> <https://example.jp|x>"
    assert [expected] == [e.answer for e in entries_of(reading(tmp_path, data, "faq.jsonl"))]


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("id", "河原 1", "id '河原 1' can't be used. Use letters a-z"),
        ("updated", "2025-02-31", "'2025-02-31' is no date. Write it as 2025-04-01."),
        ("updated", "先週", "'先週' is no date. Write it as 2025-04-01."),
        ("links", ["javascript:alert(1)"], "'javascript:alert(1)' is no whole http"),
        ("links", ["https://example.jp/ 参照"], "'https://example.jp/ 参照' is no whole http"),
        ("links", ["https://a.jp/、https://b.jp/"], "'https://a.jp/、https://b.jp/' is no whole"),
        ("links", ["https://a.jp/;mailto:a@b.jp"], "'https://a.jp/;mailto:a@b.jp' is no whole"),
        ("variants", [f"言い換え{n}" for n in range(201)], "201 variants, an entry may have 200."),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_with_its_column(
    tmp_path: Path, field: str, value: object, expected: str
) -> None:
    found = refusal(tmp_path, _line(**{field: value}), "faq.jsonl")
    assert found.startswith(f"faq.jsonl:1:{field}: {expected}")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("faq.jsonl", '{"question": "何", "answer": 5}'),
        ("faq.yaml", "entries:\n- question: 何\n  answer: [はい]\n"),
    ],
)
def test_a_value_that_is_no_text_isnt_said_to_be_empty_too(
    tmp_path: Path, name: str, text: str
) -> None:
    (found,) = refusal(tmp_path, text, name).split("\n")
    assert "empty" not in found


@pytest.mark.parametrize(
    "link",
    ["https://a.jp/1,2", "https://a.jp/?to=https://b.jp/", "https://a.jp/2025*/https://b.jp"],
)
def test_a_link_with_another_within_is_one(tmp_path: Path, link: str) -> None:
    content = reading(tmp_path, _line(links=[link]), "faq.jsonl")
    assert [(link,)] == [each.links for each in entries_of(content)]


@pytest.mark.parametrize(
    "moment", ["2025/4/1 9:30", "2025-04-01T09:30:00.123Z", "2025-04-01 23:59:59 +0900"]
)
def test_a_date_may_have_a_time(tmp_path: Path, moment: str) -> None:
    content = reading(tmp_path, _line(updated=moment), "faq.jsonl")
    assert ["2025-04-01"] == [each.updated for each in entries_of(content)]


@pytest.mark.fault(10)
def test_every_problem_of_a_file_is_reported_at_once_up_to_twenty(tmp_path: Path) -> None:
    rows = "".join(f"a-{n},河原 大輔,質問{n}ですか。,\n" for n in range(25))
    found = refusal(tmp_path, HEADER + rows).split("\n")
    assert len(found) == 21
    assert "... and 5 more problems." == found[-1]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"question": "何"', "1: no JSON object on this line (Expecting ',' delimiter"),
        ('{"question": "何", "anwser": "はい"}', "1: unknown key 'anwser'. Did you mean answer?"),
        ('{"answer": "はい", "回答": "いいえ"}', "1:answer: two values for answer. Remove one."),
        ('{"id": 10}', '1:id: id is not a text in "quotes". Write a text in "quotes".'),
        ('{"variants": "別"}', '1:variants: variants is not a list of texts such as ["..."].'),
        ('{"links": [1]}', '1:links: links is not a list of texts such as ["..."].'),
        ('{"answer": ' + "[" * 100_000, "1: nested too deeply. Write one flat object a line."),
        ("{}\n[]", "2: no JSON object on this line. Write one object a line."),
    ],
)
def test_a_line_of_jsonl_that_is_no_entry_is_refused(
    tmp_path: Path, line: str, expected: str
) -> None:
    assert f"faq.jsonl:{expected}" in refusal(tmp_path, line, "faq.jsonl")
