"""Whatever is in a file, it gives entries or an explained refusal."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content import ContentError
from bot.content.formats import read_source
from bot.content.source import Source
from bot.domain import text
from tests.content.samples import SEED
from tests.content.workbooks import workbook

# Each format's own words, so that most cases get past the first line.
OPENINGS = {
    "symposium": "河原 大輔 先生「コーパス」\t\n",
    "yaml": "talk: コーパス\nlecturer: 河原 大輔\nentries:\n",
    "jsonl": '{"question": "何", "answer": "はい"}\n',
    "csv": "id,lecturer,question,answer\n",
    "tsv": "質問\t回答\t言い換え\n",
}
GOOD = {"faq.xlsx": workbook(), "faq.txt": SEED.read_bytes()}
WORDS = st.sampled_from(
    [
        *(
            '"',
            '""',
            ",",
            "\t",
            "\n",
            "\r",
            "\r\n",
            " ",
            "'",
            "=",
            "\x00",
            "\u202e",
            "\u2028",
            "\ufeff",
        ),
        *("{", "}", "[", "]", ":", ": ", "- ", "- id: a-1\n", "  question: ", "  answer: |-\n    "),
        *('"id": ', '"answer": ', '"\\ud800"', '"x"', "null", "1", "true", "NaN", "#", "&a ", "*a"),
        *(
            "!!str",
            "<p>",
            "</p>",
            "<a href='javascript:x'>",
            "<!--",
            "<![",
            "先生「」\t",
            "質問",
            "回答",
        ),
        *(
            "a-1,河原,何,はい\n",
            "何\tはい\n",
            "\ud800",
            "\uffff",
            "---\n",
            "%YAML 9\n",
            "? ",
            "|",
            ">",
        ),
    ]
)


def _accepted_or_explained(name: str, data: bytes) -> None:
    try:
        content = read_source(Source(name, name[name.rfind(".") :], data))
    except ContentError as error:
        lines = str(error).split("\n")
        if not all(line.startswith((f"{name}:", "... and ")) for line in lines):
            raise
        return
    for draft in content.drafts:
        entry = draft.entry
        assert not text.is_blank(entry.question)
        assert not text.is_blank(entry.answer)
        for value in (*entry.wordings, entry.answer, entry.lecturer, entry.talk, *entry.links):
            assert value == text.clean(value)
            assert text.unstorable(value) is None


@pytest.mark.parametrize("format_", OPENINGS)
@settings(max_examples=1_000, deadline=None)
@given(words=st.lists(WORDS, max_size=25))
def test_any_text_behind_a_good_beginning(format_: str, words: list[str]) -> None:
    data = (OPENINGS[format_] + "".join(words)).encode("utf-8", "surrogatepass")
    _accepted_or_explained(f"faq.{format_}", data)


@pytest.mark.parametrize("name", ["faq.csv", "faq"])
@settings(max_examples=1_000, deadline=None)
@given(data=st.binary(max_size=300) | st.text(max_size=200).map(lambda t: t.encode("utf-16")))
def test_any_bytes(name: str, data: bytes) -> None:
    _accepted_or_explained(name, data)


@pytest.mark.parametrize("name", ["faq.xlsx", "faq.txt"])
@settings(max_examples=1_000, deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 20_000), st.binary(min_size=1, max_size=4)), min_size=1, max_size=5
    )
)
def test_any_damage_to_a_good_file(name: str, changes: list[tuple[int, bytes]]) -> None:
    damaged = bytearray(GOOD[name])
    for at, data in changes:
        at %= len(damaged)
        damaged[at : at + len(data)] = data
    _accepted_or_explained(name, bytes(damaged))
