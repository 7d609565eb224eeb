"""``faqbot ask`` and the piped ``faqbot run``: the contract with those who call them."""

import json
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import PROJECT, Faqbot

SEEDED = [
    entry
    for file in sorted((PROJECT / "data").glob("*.yaml"))
    for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["entries"]
]


def test_a_piped_question_gets_the_lecturers_own_words(faqbot: Faqbot) -> None:
    done = faqbot("run", stdin="カリキュラム学習は検討していますか\n")

    assert done.returncode == 0
    answer = next(entry["answer"] for entry in SEEDED if entry["id"] == "kawahara-4")
    assert answer in done.stdout
    assert "河原 大輔 先生「日本語に強い大規模言語モデルの開発のためのコーパス構築」" in done.stdout
    assert "一致した言葉: カリキュラム学習" in done.stdout


def test_every_question_in_its_own_words_gets_its_own_answer(faqbot: Faqbot) -> None:
    asked = "".join(" ".join(entry["question"].split()) + "\n" for entry in SEEDED)

    done = faqbot("ask", "--json", stdin=asked)

    replies = [json.loads(line) for line in done.stdout.splitlines()]
    expected = [(entry["id"], entry["answer"]) for entry in SEEDED]
    assert expected == [(r["answer"]["id"], r["answer"]["answer"]) for r in replies]
    assert {"answer"} == {reply["outcome"] for reply in replies}


@pytest.mark.parametrize(
    ("question", "outcomes"),
    [
        ("円周率とは", {"decline"}),
        ("kjhsdkhkashfk", {"decline"}),
        ("おはようございます", {"help"}),
        ("ありがとうございました", {"help"}),
        ("もう少し詳しく教えてください", {"help"}),
        ("講師は誰ですか", {"help"}),
        ("？", {"help"}),
        ("👍", {"help"}),
        ("", {"help"}),
    ],
)
def test_what_the_faq_does_not_answer_is_declined_or_helped(
    faqbot: Faqbot, question: str, outcomes: set[str]
) -> None:
    done = faqbot("ask", "--json", question)

    reply = json.loads(done.stdout)
    assert reply["outcome"] in outcomes
    assert reply["answer"] is None
    assert [] == reply["candidates"]


def test_a_lecturers_name_gets_help_with_their_entries(faqbot: Faqbot) -> None:
    done = faqbot("ask", "--json", "関根先生")

    reply = json.loads(done.stdout)
    assert ("help", None) == (reply["outcome"], reply["answer"])
    assert ["sekine-1", "sekine-2"] == [each["id"] for each in reply["candidates"]]


def test_who_asks_what_there_is_reads_which_command_lists_it(faqbot: Faqbot) -> None:
    done = faqbot("ask", "一覧")

    assert "岡崎 直観 先生「マルチモーダル基盤モデル」: 4 件" in done.stdout
    assert "faqbot list" in done.stdout


def test_a_json_line_has_the_fields_of_the_contract(faqbot: Faqbot) -> None:
    done = faqbot("ask", "--json", "--limit", "3", "カリキュラム学習は検討していますか")

    reply = json.loads(done.stdout)
    assert {"query", "outcome", "confidence", "answer", "candidates", "hits", "matched"} <= set(
        reply
    )
    assert {"id", "lecturer", "talk", "question", "answer", "links"} == set(reply["answer"])
    assert "河原 大輔" == reply["answer"]["lecturer"]
    assert 3 == len(reply["hits"])
    assert {"id", "score", "confidence"} == set(reply["hits"][0])
    assert reply["confidence"] == reply["hits"][0]["confidence"]
    assert 0 < reply["confidence"] <= 1
    assert {"query": "カリキュラム学習", "entry": "カリキュラム学習", "via": "same"} in reply[
        "matched"
    ]


def test_suggestions_carry_two_or_three_candidates(faqbot: Faqbot) -> None:
    done = faqbot("ask", "--json", "合成データの評価はどうですか")

    reply = json.loads(done.stdout)
    assert "suggestions" == reply["outcome"]
    assert 2 <= len(reply["candidates"]) <= 3
    assert {"id", "lecturer", "talk", "question", "confidence"} == set(reply["candidates"][0])
    assert reply["matched"]


def test_every_line_gets_one_reply_in_order_even_an_empty_one(faqbot: Faqbot) -> None:
    done = faqbot("ask", "--json", stdin="合成データは使っていますか\n\n顔文字はどう処理されますか")

    replies = [json.loads(line) for line in done.stdout.splitlines()]
    assert ["合成データは使っていますか", "", "顔文字はどう処理されますか"] == [
        r["query"] for r in replies
    ]


def test_the_same_question_gives_the_same_bytes(faqbot: Faqbot) -> None:
    first = faqbot("ask", "--json", "安全性の評価について")
    second = faqbot("ask", "--json", "安全性の評価について")

    assert first.stdout == second.stdout


def test_another_file_can_be_searched_without_a_database(faqbot: Faqbot, tmp_path: Path) -> None:
    faq = tmp_path / "faq.tsv"
    faq.write_text("質問\t回答\n猫の名前は？\tタマです。\n", encoding="utf-8")

    done = faqbot("ask", "--data", str(faq), "猫の名前を教えて")

    assert 0 == done.returncode
    assert "タマです。" in done.stdout
    assert not (tmp_path / "var").exists()


def test_english_words_where_the_locale_says_so(faqbot: Faqbot) -> None:
    done = faqbot("ask", "円周率とは", FAQBOT_LOCALE="en")

    assert "FAQ" in done.stdout
    assert done.stdout.isascii()


def test_ask_imports_no_platform_and_no_database(faqbot: Faqbot, tmp_path: Path) -> None:
    """Start-up time is what these imports would cost."""
    hook = tmp_path / "sitecustomize.py"
    hook.write_text(
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sorted(sys.modules), file=open('modules', 'w')))\n"
    )

    faqbot("ask", "LLM", PYTHONPATH=str(tmp_path))

    loaded = {name.split(".")[0] for name in (tmp_path / "modules").read_text().split()}
    assert "sudachipy" in loaded
    assert set() == loaded & {"slack_bolt", "slack_sdk", "discord", "aiohttp", "sqlalchemy"}
