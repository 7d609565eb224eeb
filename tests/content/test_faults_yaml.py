"""Fault 22: YAML that builds, repeats or reinterprets."""

import time
from pathlib import Path

import pytest

from bot.content.readers import read
from tests.content.samples import PAYLOADS, entries_of, entry, payload_refusal, reading, refusal


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
def test_fault_22_what_no_entry_needs_is_refused_with_its_line(name: str, expected: str) -> None:
    assert payload_refusal(name).startswith(f"{name}:{expected}")


def test_fault_22_plain_words_stay_the_words_they_are() -> None:
    expected = entry(id="010", talk="no", question="1e3", answer="null", source="12:30:45")
    assert [expected] == entries_of(read(PAYLOADS / "22-plain-words.yaml"))


def test_fault_22_wrong_indentation_is_refused_with_its_line() -> None:
    found = payload_refusal("22-bad-indent.yaml")
    assert found.startswith("22-bad-indent.yaml:5: no valid YAML (")
    assert "Check the indentation" in found


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_fault_22_deep_nesting_is_refused_at_once(tmp_path: Path, opening: str) -> None:
    begun = time.process_time()
    found = refusal(tmp_path, f"entries:\n  {opening * 500}", "faq.yaml")
    assert found.startswith("faq.yaml:2: nesting deeper than 20 can't be used. Flatten it.")
    deepest = refusal(tmp_path, f"entries:\n  {opening * 500_000}", "faq.yaml")
    assert "nesting" in deepest  # libyaml has a limit of its own for brackets
    assert time.process_time() - begun < 2


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
def test_fault_22_another_shape_is_refused_with_its_line(
    tmp_path: Path, text: str, expected: str
) -> None:
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
