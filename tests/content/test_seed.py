"""The lecturers' own list is the origin of ``data/``."""

import html
import re
from dataclasses import replace
from pathlib import Path

from bot.content import Rules, export, load, plan_import, read_all, run_import
from bot.content.plan import identify
from tests.content.samples import PROJECT, SEED

DATA = PROJECT / "data"


def test_importing_the_list_again_finds_no_difference_from_data() -> None:
    plan = plan_import(DATA, read_all([SEED]).drafts, Rules(replace=True))
    assert plan.changes_nothing
    assert len(plan.unchanged) == 14


def test_importing_the_list_into_an_empty_folder_gives_our_files_but_for_other_wordings(
    tmp_path: Path,
) -> None:
    imported, ours = tmp_path / "imported", tmp_path / "ours"
    run_import(imported, read_all([SEED]).drafts, Rules())
    export(ours, [replace(entry, variants=()) for entry in load(DATA)])
    assert {file.name: file.read_bytes() for file in ours.iterdir()} == {
        file.name: file.read_bytes() for file in imported.iterdir()
    }


def test_our_files_are_as_an_export_writes_them(tmp_path: Path) -> None:
    export(tmp_path / "data", load(DATA))
    assert {file.name: file.read_bytes() for file in DATA.glob("*.yaml")} == {
        file.name: file.read_bytes() for file in (tmp_path / "data").iterdir()
    }


def test_ids_come_from_the_lecturers_names_and_talks_in_the_lists_order() -> None:
    expected = (
        [f"kawahara-{number}" for number in range(1, 6)]
        + [f"miyao-{number}" for number in range(1, 4)]
        + [f"sekine-{number}" for number in range(1, 3)]
        + [f"okazaki-{number}" for number in range(1, 5)]
    )
    assert expected == [entry.id for entry in load(DATA)]
    assert expected == [draft.entry.id for draft in identify(read_all([SEED]).drafts, ())]


def test_answers_are_the_lecturers_words_to_the_letter() -> None:
    """Compared with the raw list by other means: tags cut out, white space left out."""

    def letters(text: str) -> str:
        return re.sub(r"\s+", "", html.unescape(re.sub(r"</?p>", "", text)))

    cells = [line.split("\t") for line in SEED.read_text(encoding="utf-8").splitlines()]
    expected = {(letters(q), letters(a)) for q, a in filter(lambda c: len(c) == 2 and c[1], cells)}
    assert len(expected) == 14
    assert expected == {(letters(e.question), letters(e.answer)) for e in load(DATA)}


def test_paragraphs_and_links_stay() -> None:
    answer = {entry.id: entry for entry in load(DATA)}["okazaki-4"]
    address = "https://edge-llms-challenge.github.io/edge-llm-challenge.github.io/index"
    assert (address,) == answer.links
    paragraphs = answer.answer.split("\n\n")
    assert ["この辺が参考になると思います。", address] == paragraphs[1:]


def test_a_lecturer_is_stored_without_sensei_and_with_the_talk() -> None:
    expected = {
        ("河原 大輔", "日本語に強い大規模言語モデルの開発のためのコーパス構築"),
        ("宮尾 祐介", "大規模言語モデルのチューニングと評価"),
        ("関根 聡", "大規模言語モデルにおける安全性の実現と方向性"),
        ("岡崎 直観", "マルチモーダル基盤モデル"),
    }
    assert expected == {(entry.lecturer, entry.talk) for entry in load(DATA)}
