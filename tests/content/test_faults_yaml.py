"""YAML that builds, repeats or reinterprets."""

import time
from pathlib import Path

import pytest

from bot.content import ContentError
from bot.content.formats import read
from bot.texts import Texts
from tests.content.samples import (
    PAYLOADS,
    entries_of,
    entry,
    long,
    payload_refusal,
    reading,
    refusal,
)


@pytest.mark.fault(22)
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("22-tag.yaml", "3: the tag tag:yaml.org,2002:python/object/apply:os.system can't be"),
        ("22-alias-bomb.yaml", "1: the anchor &a can't be used. Remove it."),
        ("22-alias.yaml", "6: the alias *unknown can't be used. Write the text out."),
        ("22-doubled-key.yaml", "6: two values for answer. Remove one."),
        ("22-unknown-key.yaml", "5: unknown key 'anwser'. Did you mean answer?"),
        ("22-two-documents.yaml", "2: a second document can't be used. Write one document a file."),
    ],
)
def test_what_no_entry_needs_is_refused_with_its_line(name: str, expected: str) -> None:
    assert payload_refusal(name).startswith(f"{name}:{expected}")


@pytest.mark.fault(22)
def test_plain_words_stay_the_words_they_are() -> None:
    expected = entry(id="010", talk="no", question="1e3", answer="null", source="12:30:45")
    assert [expected] == entries_of(read(PAYLOADS / "22-plain-words.yaml"))


@pytest.mark.fault(22)
def test_wrong_indentation_is_refused_with_its_line() -> None:
    expected = (
        "22-bad-indent.yaml:5: answer isn't in line with the keys above. "
        "Begin the line with 2 blanks."
    )
    assert expected == payload_refusal("22-bad-indent.yaml")


@pytest.mark.fault(22)
def test_what_the_parser_refuses_is_shown_with_its_line(tmp_path: Path) -> None:
    found = refusal(tmp_path, "lecturer: 河原\nentries: [{id: a-1]\n", "faq.yaml")
    assert found.startswith("faq.yaml:2: no valid YAML (")
    assert "Check the indentation" in found


@pytest.mark.fault(22)
def test_what_the_parser_says_is_said_in_japanese_too(tmp_path: Path) -> None:
    path = tmp_path / "faq.yaml"
    path.write_text("lecturer: 河原\nentries: [{id: a-1]\n", encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        read(path)
    found = caught.value.in_words(Texts("ja"))
    assert f"{path}:2: YAML として読めません（「,」か「}}」が見つかりません）。" in found


ENTRY = "lecturer: 河原 大輔\nentries:\n- id: a-1\n"


@pytest.mark.fault(22)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lecturer：河原\nentries: []\n", "1: a full-width colon (：), character 9 of"),
        (f"{ENTRY}  question：何\n  answer: はい\n", "4: a full-width colon (：), character 11 of"),
        (f"{ENTRY}  質問： 何\n  回答: はい\n", "4: a full-width colon (：), character 5 of"),
        (f"{ENTRY}  question: 何\n  answer: はい\n  source：本\n", "6: a full-width colon (：), "),
        (f"{ENTRY}  question:何\n  answer: はい\n", "4: no blank behind the colon, character 11"),
        (f"{ENTRY}  question: 何\n  answer:はい\n", "5: no blank behind the colon, character 9"),
        (f"{ENTRY}  question:　何\n  answer: はい\n", "4: a full-width blank, character 12"),
        (f"{ENTRY}　question: 何\n  answer: はい\n", "4: a full-width blank, character 1"),
        (f"{ENTRY}　question: 何\n", "4: a full-width blank, character 1"),
        (
            f"{ENTRY}　question: |-\n    何\n  answer: |-\n    はい\n",
            "4: a full-width blank, character 1",
        ),
        (f"{ENTRY}  question: |-\n　　何\n  answer: はい\n", "5: a full-width blank, character 1"),
        (f"{ENTRY}  question: |-\n\t何\n  answer: はい\n", "5: a tab, character 1 of the line"),
        ("entries:\n-　id: a-1\n  question: 何\n", "2: a full-width blank, character 2"),
        ("entries:\n-id: a-1\n  question: 何\n", "2: no blank behind the '-', character 1"),
        (
            f"{ENTRY}  question: |-\n  何\n  answer: はい\n",
            "5: the text isn't indented (character 3 of the line: 何). Below 'question: |-'",
        ),
        (
            f"{ENTRY}  question: 何\n  answer: |-\n    はい。\n\n- 一つ目\n- 二つ目\n",
            "8: the text isn't indented (character 1 of the line: -). Below 'answer: |-'",
        ),
        (
            f"{ENTRY}  question: 何\n  answer: |-\n    はい。\n   いいえ。\n",
            "7: the line that begins with い, character 4, is indented less than the one above.",
        ),
        (f"{ENTRY}    question: 何\n  answer: はい\n", "4: question isn't in line with the keys"),
        (f"{ENTRY}  question: 本: 何\n", "4: a ': ' within the text, character 14 of the line."),
        ("entries:\n－ id: a-1\n  question: 何\n", "2: a full-width －, character 1 of the line."),
        ("entries:\nー id: a-1\n  question: 何\n", "2: a full-width ー, character 1 of the line."),
        ("entries:\n－ id: a-1\n－ id: a-2\n", "2: a full-width －, character 1 of the line."),
        ("＃ メモ\nentries: []\n", "1: a full-width ＃, character 1 of the line. Write '#' in"),
        (f"{ENTRY}  question: ｜-\n    何\n  answer: はい\n", "4: a full-width ｜-, character 13"),
        (f"{ENTRY}  question: |ー\n    何\n  answer: はい\n", "4: a full-width |ー, character 13"),
        (f'{ENTRY}  question: "何\n  answer: はい\n', "4: the quote opened here is never closed."),
        (f"{ENTRY}  variants:\n  -何\n  answer: はい\n", "5: no blank behind the '-', character 3"),
        (
            f"{ENTRY}\xa0\xa0question: 何\n  answer: はい\n",
            "4: a no-break blank (U+00A0), character 1",
        ),
        (
            f"{ENTRY}  question:\xa0何\n  answer: はい\n",
            "4: a no-break blank (U+00A0), character 12",
        ),
        (
            f"{ENTRY}  question: 何\n  answer: **はい**です\n",
            "5: a text can't begin with *, character 11",
        ),
        (f"{ENTRY}  question: 何\n  answer: &はい\n", "5: a text can't begin with &, character 11"),
        (
            f"{ENTRY}  question: 何\n  answer: @事務局\n",
            "5: a text can't begin with @, character 11",
        ),
        (
            f"{ENTRY}  question: `x` は\n  answer: はい\n",
            "4: a text can't begin with `, character 13",
        ),
        (
            f"{ENTRY}  question: 何\n  answer: > 引用\n",
            "5: a text can't begin with >, character 11",
        ),
        (
            f"{ENTRY}  question: 何\n  answer: - はい\n",
            "5: a text can't begin with -, character 11",
        ),
        (
            f"{ENTRY}  question: [仮] 何\n  answer: はい\n",
            "4: a text can't begin with [, character 13",
        ),
        (
            f'{ENTRY}  question: "何"とは\n  answer: はい\n',
            "4: a text can't begin with \", character 13",
        ),
        (
            f"{ENTRY}  question: 何\n  answer: #faq へ\n",
            "5: a text can't begin with #, character 11",
        ),
    ],
)
def test_a_slip_of_typing_is_named_in_its_own_line_with_its_character(
    tmp_path: Path, text: str, expected: str
) -> None:
    """The parser alone names a later line, or takes the slip for a part of the text."""
    found = refusal(tmp_path, text, "faq.yaml").split("\n")
    assert found[0].startswith(f"faq.yaml:{expected}")
    assert len(found) == text.count("－ id") or len(found) == 1


@pytest.mark.fault(22)
def test_what_may_begin_so_is_no_slip_beside_one(tmp_path: Path) -> None:
    text = (
        "entries:\n- id: \"a-1\"  # 一つ目\n  question: '何'\n  links: [https://a.jp/]  # 仮\n"
        "  variants:  # 仮\n  - 何か\n  answer: |-  # 仮\n    はい\n  source: 注: 本\n"
    )
    found = refusal(tmp_path, text, "faq.yaml")
    assert found.startswith("faq.yaml:9: a ': ' within the text, character 12 of the line.")
    assert "\n" not in found


@pytest.mark.fault(22)
def test_what_yaml_takes_for_a_comment_behind_a_text_is_noted(tmp_path: Path) -> None:
    text = f"{ENTRY}  question: C# と #タグ は  \n  answer: '#1 です' # 仮\n  source: 本 # 仮\n"
    content = reading(tmp_path, text, "faq.yaml")
    assert [("C# と", "#1 です")] == [(e.question, e.answer) for e in entries_of(content)]
    (note,) = map(str, content.notes)
    assert "faq.yaml:4: '#タグ は' is a comment to YAML and isn't read." in note


@pytest.mark.fault(22)
def test_an_escape_that_is_none_is_no_open_quote(tmp_path: Path) -> None:
    found = refusal(tmp_path, f'{ENTRY}  question: 何\n  answer: "C:\\path"\n', "faq.yaml")
    assert found.startswith("faq.yaml:5: no valid YAML (found unknown escape character).")


@pytest.mark.fault(12, 22)
def test_a_control_character_is_refused_with_its_line(tmp_path: Path) -> None:
    found = refusal(tmp_path, f"{ENTRY}  question: 何\n  answer: は\x0bい\n", "faq.yaml")
    assert found.startswith("faq.yaml:5: no valid YAML (control characters are not allowed).")


@pytest.mark.fault(22)
def test_what_looks_like_a_slip_within_a_text_is_text(tmp_path: Path) -> None:
    answer = "answer：はい\n　　字下げした段落\n- 一つ目\nquestion:何\n\n  source：本"
    block = answer.replace("\n", "\n    ").replace("    \n", "\n")
    text = f'{ENTRY}  question: "question：何\n    answer：何"\n  answer: |-\n    {block}\n'
    (found,) = entries_of(reading(tmp_path, text, "faq.yaml"))
    assert ("question：何 answer：何", answer) == (found.question, found.answer)


@pytest.mark.fault(22)
@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_deep_nesting_is_refused_at_once(tmp_path: Path, opening: str) -> None:
    begun = time.process_time()
    found = refusal(tmp_path, f"entries:\n  {opening * 500}", "faq.yaml")
    assert found.startswith("faq.yaml:2: nesting deeper than 20 can't be used. Flatten it.")
    deepest = refusal(tmp_path, f"entries:\n  {opening * 500_000}", "faq.yaml")
    assert "nesting" in deepest  # libyaml has a limit of its own for brackets
    assert time.process_time() - begun < long()


@pytest.mark.fault(22)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- id: a-1\n", "faq.yaml:1: the file is no mapping."),
        ("entries: 質問\n", "faq.yaml:1: entries is no list."),
        ("entries:\n- 質問\n", "faq.yaml:2: the entry is no mapping."),
        ("lecturer: [河原]\nentries: []\n", "faq.yaml:1: lecturer is no text."),
        ("entries:\n- variants: 言い換え\n", "faq.yaml:2: variants is no list."),
        ("event: 大会\nentries: []\n", "faq.yaml:1: unknown key 'event'."),
        ("entries:\n- [1]: 質問\n", "faq.yaml:2: a key is no text."),
    ],
)
def test_another_shape_is_refused_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    assert refusal(tmp_path, text, "faq.yaml").startswith(expected)


def test_an_entry_may_have_another_lecturer_and_talk_than_its_file(tmp_path: Path) -> None:
    text = (
        "talk: コーパス\nlecturer: 河原 大輔\nentries:\n"
        "- {id: a-1, 質問: 一つ目ですか。, 回答: はい。}\n"
        '- {id: a-2, lecturer: 宮尾 祐介, talk: "", question: 二つ目ですか。, answer: はい。}\n'
    )
    found = entries_of(reading(tmp_path, text, "faq.yaml"))
    expected = [("河原 大輔", "コーパス"), ("宮尾 祐介", "")]
    assert expected == [(e.lecturer, e.talk) for e in found]


@pytest.mark.fault(126)
@pytest.mark.parametrize("form", ["in one entry", "in many entries", "at the top"])
def test_a_file_of_unknown_keys_is_refused_about_as_fast_as_it_is_read(
    tmp_path: Path, form: str
) -> None:
    lines = ["entries:", "- question: 何ですか。", "  answer: はい。"] if form[:2] == "in" else []
    size = 0
    while size < 3_000_000:
        number = len(lines)
        dash = {"in one entry": " ", "in many entries": "-"}.get(form)
        lines.append(
            f"{dash} anwser{number}: 値{number}" if dash else f"anwser{number}: 値{number}"
        )
        size += len(lines[-1].encode()) + 1
    text = "\n".join(lines) + "\n"
    begun = time.process_time()
    found = refusal(tmp_path, text, "faq.yaml").split("\n")
    assert time.process_time() - begun < long()
    assert len(found) == 21
    assert "anwser" in found[0]
    assert found[-1].endswith(" more problems.")


@pytest.mark.fault(126)
def test_a_slip_above_many_unknown_keys_is_still_what_is_said(tmp_path: Path) -> None:
    rows = "".join(f"- anwser{n}: 値\n" for n in range(1_000))
    text = f"entries:\n- question： 何ですか。\n  answer: はい。\n{rows}"
    assert refusal(tmp_path, text, "faq.yaml").startswith("faq.yaml:2: a full-width colon")
