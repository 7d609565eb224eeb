"""What was born in chat goes into the files: once, readable in a diff, and nothing else changes."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.content import ContentError, Rules, canonical, export, load, merge, plan_import, read_all
from bot.domain.ask import Draft, DraftKind
from bot.domain.entry import Entry
from bot.domain.inbound import Person
from bot.published import published
from bot.texts import Texts
from tests.catalogue.test_chat import ENTRY, WORDING
from tests.content.test_round_trip import LISTS, ROWS

FILE = """\
# 運営の覚え書き
lecturer: 山田 太郎
talk: 合成データ入門
entries:
# いちばん聞かれる
- id: a-1
  question: |-
    合成データは使いますか
  answer: |-
    はい。
  variants:
    - AI の文は使いますか  # 田中さんより
"""


def drafted(
    number: int, kind: DraftKind, entry: str, texts: Mapping[str, str], lists: Mapping[str, object]
) -> Draft:
    return Draft(
        id=f"d{number}",
        version=1,
        kind=kind,
        entry=entry,
        escalation="",
        lecturer=texts["lecturer"],
        talk=texts["talk"],
        question=texts["question"],
        answer=texts["answer"],
        links=lists["links"],  # type: ignore[arg-type]
        variants=lists["variants"],  # type: ignore[arg-type]
        author=Person("U1", texts["source"]),
        replied=Person("U2", texts["updated"]),
        approver=Person("U3", texts["talk"]),
        permalink=f"https://example.slack.com/archives/C9/p{number}",
        published_at=1.79e9,
    )


IDS = st.sampled_from(["a-0", "a-1", "a-2", "b-0", "b-1", "c-0"])
DRAFTS = st.lists(
    st.tuples(st.sampled_from(list(DraftKind)), IDS, ROWS, LISTS), min_size=1, max_size=4
).map(lambda found: [drafted(number, *each) for number, each in enumerate(found)])


def file_entries(found: list[tuple[dict[str, str], dict[str, tuple[str, ...]]]]) -> list[Entry]:
    entries = []
    for number, (texts, lists) in enumerate(found):
        try:
            entries.append(canonical(Entry(f"a-{number}", **texts, **lists)))  # type: ignore[arg-type]
        except ContentError:
            continue  # no file could hold it
    return entries


FILES = st.lists(st.tuples(ROWS, LISTS), min_size=1, max_size=3).map(file_entries).filter(len)


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize("examples", [50, pytest.param(1_000, marks=pytest.mark.long)])
def test_export_then_import_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, examples: int
) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(files=FILES, drafts=DRAFTS)
    def changes_nothing(files: list[Entry], drafts: list[Draft]) -> None:
        data, copy = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("copy")
        export(data, files)
        for file in data.iterdir():
            lines = file.read_text(encoding="utf-8").replace("\n- id: ", "\n# 覚え書き\n- id: ")
            file.write_text(lines, encoding="utf-8")
        before = load(data)
        chat = published(drafts, Texts("ja"))
        whole = chat.on_top_of(before)
        export(copy, whole, chat.remarks)

        merge(data, chat.on_top_of, chat.remarks)
        assert {each.id: each for each in whole} == {each.id: each for each in load(data)}
        assert load(data) == chat.on_top_of(load(data))

        after = content(data)
        assert len(files) == b"".join(after.values()).count("\n# 覚え書き\n- id: ".encode())
        merge(data, chat.on_top_of, chat.remarks)
        assert after == content(data)
        for tree in (data, copy):
            assert plan_import(data, read_all([tree]).drafts, Rules(replace=True)).changes_nothing

    changes_nothing()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "山田.yaml").write_text(FILE, encoding="utf-8")
    return folder


def test_the_diff_is_one_that_an_organiser_merges_as_it_is(data: Path) -> None:
    drafts = (
        replace(ENTRY, talk="合成データ入門", approver=Person("U9", "鈴木"), published_at=1.79e9),
        replace(WORDING, approver=Person("U9", "鈴木"), published_at=1.79e9),
    )
    chat = published(drafts, Texts("ja"))
    merge(data, chat.on_top_of, chat.remarks)
    origin = "チャットで公開（記入: 山田, 公開: 鈴木） https://example.slack.com/archives/C9/p5"
    day = chat.entries[0].updated
    assert {
        "山田.yaml": f"""\
{FILE}\
    - 機械が作った文は？  # {day} {origin}

- id: a-9
  question: |-
    録画は公開されますか
  answer: |-
    はい。
    来週です。
  links:
    - https://example.org/a
  source: '{origin}'
  updated: '{day}'
"""
    } == {name: text.decode() for name, text in content(data).items()}


def test_a_new_talk_gets_a_file_of_its_own(data: Path) -> None:
    chat = published((replace(ENTRY, lecturer="岡崎 直観", talk="別の講演"),), Texts("ja"))
    merge(data, chat.on_top_of, chat.remarks)
    assert {"山田.yaml", "okazaki.yaml"} == content(data).keys()
    assert FILE == content(data)["山田.yaml"].decode()


def test_an_edit_in_the_file_leads_from_then_on(data: Path) -> None:
    chat = published((ENTRY, WORDING), Texts("ja"))
    merge(data, chat.on_top_of, chat.remarks)
    file = data / "山田.yaml"
    text = file.read_text(encoding="utf-8").replace("来週です。", "再来週です。")
    file.write_text(text, encoding="utf-8")
    merge(data, chat.on_top_of, chat.remarks)
    assert text == file.read_text(encoding="utf-8")
