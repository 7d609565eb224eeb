"""What other FAQ programs export is read, and what a FAQ can't hold of it is named."""

import json
from pathlib import Path

import pytest

from bot.content import Headers
from bot.content.formats import read
from tests.content.samples import entries_of, reading, refusal
from tests.content.workbooks import workbook

AZURE = (
    "Question\tAnswer\tSource\tMetadata\tSuggestedQuestions\tIsContextOnly\tPrompts\tQnaId"
    "\tSourceDisplayName\n"
    "受付はいつですか\t九時からです。\\n正門へどうぞ。\tEditorial\ttopic:day\t[]\tFalse\t[]\t1\tEditorial\n"
    "何時に開きますか\t九時からです。\\n正門へどうぞ。\tEditorial\ttopic:day\t[]\tFalse\t[]\t1\tEditorial\n"
    '昼食はありますか\tはい。\thttps://example.jp/a.pdf\t\t[]\tFalse\t"[{""qnaId"":1}]"\t2\ta.pdf\n'
)


def notes(folder: Path, content: object) -> list[str]:
    """Return the notes with the folder left out."""
    return [str(note).replace(f"{folder}/", "") for note in content.notes]  # type: ignore[attr-defined]


def test_azures_rows_of_one_answer_are_one_entry_with_variants(tmp_path: Path) -> None:
    content = reading(tmp_path, AZURE, "kb.tsv")
    first, second = entries_of(content)
    assert ("受付はいつですか", ("何時に開きますか",), "九時からです。\n正門へどうぞ。") == (
        first.question,
        first.variants,
        first.answer,
    )
    assert ("昼食はありますか", "https://example.jp/a.pdf") == (second.question, second.source)
    assert [
        "kb.tsv: 'Metadata' is left out: a FAQ has no place for it (2 entries have one).",
        "kb.tsv: 'Prompts' is left out: a FAQ has no place for it (1 entries have one).",
        "kb.tsv: 'SourceDisplayName' is left out: a FAQ has no place for it (1 entries have one).",
    ] == sorted(notes(tmp_path, content))


def test_two_answers_under_one_number_of_azure_stay_two_entries(tmp_path: Path) -> None:
    text = "Question\tAnswer\tQnaId\n何\tはい\t1\n誰\tいいえ\t1\n"
    assert ["何", "誰"] == [e.question for e in entries_of(reading(tmp_path, text, "kb.tsv"))]


def test_qnabots_workbook_has_a_column_for_each_wording(tmp_path: Path) -> None:
    data = workbook(
        [
            (
                "qid",
                "question1",
                "question2",
                "question3",
                "answer",
                "topic",
                "cardtitle",
                "markdown",
            ),
            ("Food.001", "昼食は出ますか", "ご飯は", "", "はい。", "food", "", "**はい。**"),
            ("Food.002", "夕食は出ますか", "", "", "いいえ。", "", "", ""),
        ]
    )
    content = reading(tmp_path, data, "qna.xlsx")
    assert [
        ("Food.001", "昼食は出ますか", ("ご飯は",), "はい。"),
        ("Food.002", "夕食は出ますか", (), "いいえ。"),
    ] == [(e.id, e.question, e.variants, e.answer) for e in entries_of(content)]
    assert ["qna.xlsx:FAQ: 'topic'", "qna.xlsx:FAQ: 'markdown'"] == [
        note.split(" is left out")[0] for note in notes(tmp_path, content)
    ]


ITEM = {
    "qid": "Food.001",
    "type": "qna",
    "q": ["昼食は出ますか", "ご飯は"],
    "a": "はい。",
    "t": "",
    "l": "",
    "args": [""],
    "selected": False,
    "alt": {"markdown": "**はい。**", "ssml": ""},
    "r": {"title": "", "imageUrl": "", "buttons": [{"text": "", "value": ""}]},
    "clientFilterValues": "web",
}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", ["qna.json", "qna.txt"])
def test_qnabots_json_is_read_and_what_is_set_beyond_is_named(
    tmp_path: Path, indent: int | None, name: str
) -> None:
    items = [ITEM, {"qid": "Quiz.1", "type": "quiz", "question": "?"}]
    content = reading(tmp_path, json.dumps({"qna": items}, indent=indent), name)
    (found,) = entries_of(content)
    assert ("Food.001", "昼食は出ますか", ("ご飯は",), "はい。") == (
        found.id,
        found.question,
        found.variants,
        found.answer,
    )
    assert [
        f"{name}:qna:2: an item of the kind 'quiz' is left out: it is no question with an answer.",
        f"{name}:qna: 'alt.markdown' is left out: a FAQ has no place for it (1 entries have one).",
        f"{name}:qna: 'clientFilterValues' is left out: a FAQ has no place for it "
        "(1 entries have one).",
    ] == notes(tmp_path, content)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"qid": "a.1", "q": "何", "a": "はい"}, "qna.json:qna:1:q: q is not a list of texts"),
        ({"qid": "a.1", "q": ["何"], "a": 3}, "qna.json:qna:1:a: a is not a text"),
        ({"qid": "a.1", "q": ["何"]}, "qna.json:qna:1:answer: answer is empty."),
        ({"qid": "a 1", "q": ["何"], "a": "はい"}, "qna.json:qna:1:id: id 'a 1' can't be used."),
        ("何", "qna.json:qna:1: no JSON object"),
    ],
)
def test_an_item_of_qnabot_that_cannot_be_read_is_refused(
    tmp_path: Path, item: object, expected: str
) -> None:
    assert refusal(tmp_path, json.dumps({"qna": [item]}), "qna.json").startswith(expected)
    broken = '{"qna": [\n{"qid": "a"\n"q": []}]}'
    assert refusal(tmp_path, broken, "qna.json").startswith("qna.json:3: no JSON object")


@pytest.mark.parametrize("header", ["Question,Answer", "question,answer", "问题,答案"])
def test_difys_annotations_are_read(tmp_path: Path, header: str) -> None:
    content = reading(tmp_path, f"\ufeff{header}\n何ですか。,はい。\n", "annotations-ja-JP.csv")
    assert [("何ですか。", "はい。", ())] == [
        (e.question, e.answer, content.notes) for e in entries_of(content)
    ]


def test_a_help_centers_articles_are_read_as_text(tmp_path: Path) -> None:
    text = (
        "id,title,body,html_url,locale,draft,label_names,updated_at\n"
        '42,参加の手順,"<p>申し込みます。</p><ol><li>甲</li><li>乙</li></ol>",'
        "https://example.zendesk.com/hc/ja/articles/42,ja,false,event,2025-04-01T09:00:00Z\n"
    )
    content = reading(tmp_path, text, "articles.csv")
    (found,) = entries_of(content)
    assert ("42", "参加の手順", "申し込みます。\n\n1. 甲\n2. 乙") == (
        found.id,
        found.question,
        found.answer,
    )
    assert found.source == "https://example.zendesk.com/hc/ja/articles/42"
    assert ["'locale'", "'label_names'", "'updated_at'"] == [
        note.split(": ")[1].split(" is")[0] for note in notes(tmp_path, content)
    ]


TAG = """\
---
aliases: ["await", "async"]
embed:
    title: "Why asynchronous?"
    image:
        url: https://example.com/a.png
restricted_to: ["helpers"]
---
**Asynchronous** code waits *elsewhere*.

```py
await thing()
```
"""


def test_a_tag_in_markdown_is_an_entry_verbatim(tmp_path: Path) -> None:
    content = reading(tmp_path, TAG, "async-await.md")
    (found,) = entries_of(content)
    assert ("Why asynchronous?", ("await", "async")) == (found.question, found.variants)
    assert found.answer == TAG.split("---\n")[2].strip()
    assert ["'embed.image.url'", "'restricted_to'"] == [
        note.split(": ")[1].split(" is")[0] for note in notes(tmp_path, content)
    ]


@pytest.mark.parametrize("text", ["本文です。\n---\n続き\n", "---\n---\n本文です。\n---\n続き\n"])
def test_a_tag_without_a_title_is_asked_by_its_name(tmp_path: Path, text: str) -> None:
    (found,) = entries_of(reading(tmp_path, text, "off-topic_names.md"))
    assert ("off topic names", "本文です。\n---\n続き") == (found.question, found.answer)


def test_answers_of_a_form_are_read_by_what_their_headers_are_said_to_mean(tmp_path: Path) -> None:
    path = tmp_path / "responses.csv"
    path.write_text(
        "タイムスタンプ,メールアドレス,講師へのご質問をお書きください,ご回答\n"
        "2025/04/01 9:00:00,a@example.jp,何ですか。,はい。\n"
    )
    headers = Headers.of(
        ["タイムスタンプ,メールアドレス"],
        ["question=講師へのご質問をお書きください", "answer=ご回答"],
    )
    assert ["何ですか。"] == [e.question for e in entries_of(read(path, headers=headers))]


def test_what_an_organiser_says_of_a_header_counts_more_than_the_program(tmp_path: Path) -> None:
    path = tmp_path / "kb.tsv"
    path.write_text(AZURE)
    headers = Headers.of(["Prompts"], ["talk=Metadata"])
    content = read(path, headers=headers)
    assert ["topic:day", ""] == [e.talk for e in entries_of(content)]
    assert not [note for note in notes(tmp_path, content) if "Prompts" in note]


def test_a_page_of_many_questions_in_markdown_is_one_entry_and_said_to_be(tmp_path: Path) -> None:
    page = "# 手引き\n\n## 活動日は\n水曜です。\n\n## 駐車場は\nありません。\n"
    content = reading(tmp_path, page, "faq.md")
    assert page.strip() == content.drafts[0].entry.answer
    assert "3 headings, but a file is read as one entry." in str(content.notes[0])


@pytest.mark.parametrize("rule", ["|---|---|", "--- | ---", "  | :-- | --: |"])
def test_a_table_in_markdown_is_said_to_be_one_entry(tmp_path: Path, rule: str) -> None:
    page = f"| 質問 | 回答 |\n{rule}\n| 何ですか。 | はい。 |\n"
    content = reading(tmp_path, page, "faq.md")
    assert page.strip() == content.drafts[0].entry.answer
    assert "there is a table, but a file is read as one entry." in str(content.notes[0])
    assert () == reading(tmp_path, "一つ目\n---\na | b\n- | x\n", "tag.md").notes
