"""Talks come in the order of the event: files say where they come, imports write it."""

from pathlib import Path

import pytest

from bot.content import ContentError, Rules, export, load, merge, read_all, run_import
from bot.domain.entry import Entry
from tests.content.samples import SEED, entry

FILE = """\
{head}lecturer: 川島 綾
entries:
- id: {id}
  question: 質問 {id} は何ですか。
  answer: はい。
"""


def put(folder: Path, name: str, head: str = "") -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.yaml").write_text(FILE.format(head=head, id=f"{name}-1"), encoding="utf-8")


def listed(folder: Path) -> list[str]:
    return [each.id for each in load(folder)]


def of(name: str, talk: str) -> Entry:
    return entry(1, id=f"{name}-1", talk=talk, lecturer="川島 綾", question=f"{talk}はどこですか。")


def test_files_come_by_their_order_and_those_without_one_behind_them_by_name(
    tmp_path: Path,
) -> None:
    for name, head in (
        ("a", ""), ("b", "order: 10\n"), ("c", "order: 9\n"), ("d", "order: ９\n"),
        ("e", "order:\n"), ("f", "talk: 講演\norder: '0'\n"),
    ):  # fmt: skip
        put(tmp_path, name, head)
    assert ["f-1", "c-1", "d-1", "b-1", "a-1", "e-1"] == listed(tmp_path)


@pytest.mark.parametrize("order", ["first", "1.5", "-1", "[1]", "1234567", "いち"])
def test_an_order_that_is_no_whole_number_is_refused_with_its_line(
    tmp_path: Path, order: str
) -> None:
    put(tmp_path, "a", f"talk: 講演\norder: {order}\n")
    with pytest.raises(ContentError, match=r"a\.yaml:2: order is no number\. Write .*'order: 3'"):
        load(tmp_path)


def test_a_wide_colon_behind_order_is_named_and_an_order_twice_too(tmp_path: Path) -> None:
    put(tmp_path, "a", "order：3\n")
    with pytest.raises(ContentError, match=r"a\.yaml:1: .*character 6"):
        load(tmp_path)
    put(tmp_path, "a", "order: 3\norder: 4\n")
    with pytest.raises(ContentError, match=r"a\.yaml:2: "):
        load(tmp_path)


def test_an_order_belongs_to_the_file_and_not_to_an_entry(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("entries:\n- {id: a, question: 何, answer: はい, order: 3}\n")
    with pytest.raises(ContentError, match=r"a\.yaml:2: unknown"):
        load(tmp_path)


def test_a_list_imported_into_a_fresh_folder_keeps_its_talks_order(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run_import(data, read_all([SEED]).drafts, Rules())
    names = ["kawahara", "miyao", "sekine", "okazaki"]
    assert names == list(dict.fromkeys(id_.split("-")[0] for id_ in listed(data)))
    for number, name in enumerate(names, start=1):
        text = (data / f"{name}.yaml").read_text(encoding="utf-8")
        assert text.startswith(f"order: {number}\n")


def test_new_talks_come_behind_the_highest_order(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, "z", "order: 7\n")
    table = tmp_path / "new.csv"
    table.write_text(
        "id,lecturer,talk,question,answer\n"
        "n-1,中野 凛,夕方の部,いつですか,夕方です\n"
        "m-1,前田 悠,夜の部,いつまでですか,夜までです\n"
        "n-2,中野 凛,夕方の部,どこですか,講堂です\n",
        encoding="utf-8",
    )
    run_import(data, read_all([table]).drafts, Rules())
    assert ["z-1", "n-1", "n-2", "m-1"] == listed(data)
    written = {file.stem: file.read_text(encoding="utf-8")[:9] for file in data.iterdir()}
    assert {"z": "order: 7\n", "nakano": "order: 8\n", "maeda": "order: 9\n"} == written


def test_what_is_published_in_chat_gets_its_file_behind_the_others(tmp_path: Path) -> None:
    put(tmp_path, "z", "order: 2\n")
    merge(tmp_path, lambda entries: (*entries, of("b", "別の講演")), {})
    assert ["z-1", "b-1"] == listed(tmp_path)


@pytest.mark.parametrize("layout", ["lines", "one line"])
def test_a_changed_file_keeps_its_order(tmp_path: Path, layout: str) -> None:
    put(tmp_path, "a", "order: 2\n")
    put(tmp_path, "b", "order: 1\n")
    if layout == "one line":
        (tmp_path / "a.yaml").write_text(
            "# 手書き\norder: 2\n"
            "entries: [{id: a-1, lecturer: 川島 綾, question: 何, answer: はい}]\n"
        )
    change = tmp_path / "change.csv"
    change.write_text("id,question,answer\na-1,質問は何ですか。,いいえ。\n", encoding="utf-8")
    run_import(tmp_path, read_all([change]).drafts, Rules())
    assert ["b-1", "a-1"] == listed(tmp_path)
    assert "いいえ。" == load(tmp_path)[1].answer
    assert "order: 2\n" in (tmp_path / "a.yaml").read_text(encoding="utf-8")


def test_an_export_imported_again_changes_nothing_and_keeps_the_order(tmp_path: Path) -> None:
    data, out, again = tmp_path / "data", tmp_path / "out", tmp_path / "again"
    for number, name in enumerate(("m", "c", "x"), start=1):
        put(data, name, f"talk: 講演 {name}\norder: {number * 5}\n")
    before = {file: file.read_bytes() for file in data.iterdir()}
    entries = load(data)
    export(out, entries)
    assert run_import(data, read_all([out]).drafts, Rules(replace=True)).changes_nothing
    assert before == {file: file.read_bytes() for file in data.iterdir()}
    assert entries == load(out)
    run_import(again, read_all(sorted(out.iterdir())).drafts, Rules())
    assert entries == load(again)
    for suffix in ("yaml", "csv", "xlsx", "jsonl"):
        export(tmp_path / f"faq.{suffix}", entries)
        run_import(tmp_path / suffix, read_all([tmp_path / f"faq.{suffix}"]).drafts, Rules())
        assert entries == load(tmp_path / suffix)
