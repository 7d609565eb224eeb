"""A YAML file is changed where its entries change; all else keeps its place, to the byte."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.content import Rules, export, load, merge, plan_import, read_all, run_import
from bot.domain.entry import Entry

FILE = """\
# 運営の覚え書き
talk: コーパス
lecturer: 河原 大輔

# 1 日目
entries:
# いちばん聞かれる
- id: a-1
  question: |-
    合成データは # 使いますか

    # これは質問の一部
  # 講師に確認済み
  answer: |-
    はい。

  variants:
    - AI のデータは使いますか  # 田中さんより
    - "合成データの割合は"
  # 項目 1 の終わり

# 2 番め
- id: a-2
  answer: "いいえ。"   # 短い
  question: 公開しますか
  talk: ''
- id: a-3
  question: 何年かかりますか
  answer: 三年です。
# おわり

# 付録は次回
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "河原.yaml").write_text(FILE, encoding="utf-8")
    return folder


def text(data: Path) -> str:
    return (data / "河原.yaml").read_text(encoding="utf-8")


def changed(data: Path, **values: object) -> str:
    """Change the first entry, as an import or an export would, and return the file."""

    def on_top_of(entries: Sequence[Entry]) -> list[Entry]:
        first, *others = entries
        return [replace(first, **values), *others]  # type: ignore[arg-type]

    wanted = on_top_of(load(data))
    merge(data, on_top_of, {("a-1", "新しい言い方"): "2026-11-29 公開: 鈴木"})
    assert wanted == list(load(data))
    return text(data)


def test_a_new_variant_is_one_line_with_its_remark(data: Path) -> None:
    old = load(data)[0].variants
    after = changed(data, variants=(*old, "新しい言い方"))
    line = '    - "合成データの割合は"\n'
    new = "    - 新しい言い方  # 2026-11-29 公開: 鈴木\n"
    assert FILE.replace(line, line + new) == after


def test_a_first_variant_stands_behind_the_answer(data: Path) -> None:
    def on_top_of(entries: Sequence[Entry]) -> list[Entry]:
        first, second, third = entries
        return [first, replace(second, variants=("公開は: いつ",)), third]

    merge(data, on_top_of, {})
    line = '  answer: "いいえ。"   # 短い\n'
    assert FILE.replace(line, line + "  variants:\n    - '公開は: いつ'\n") == text(data)


def test_a_changed_answer_leaves_the_comments_around_it(data: Path) -> None:
    after = changed(data, answer="はい。\n\n二割です。", links=("https://example.org/a",))
    assert (
        FILE.replace("    はい。\n\n", "    はい。\n\n    二割です。\n\n", 1).replace(
            "  # 項目 1 の終わり", "  links:\n    - https://example.org/a\n  # 項目 1 の終わり"
        )
        == after
    )


def test_a_removed_variant_takes_only_its_list_with_it(data: Path) -> None:
    after = changed(data, variants=())
    assert "variants" not in after
    assert "  # 項目 1 の終わり" in after


def test_a_new_entry_stands_behind_the_last_one(data: Path) -> None:
    new = Entry("a-4", "河原 大輔", "コーパス", "次はいつ", "来年です。", source="チャットで公開")
    merge(data, lambda entries: [*entries, new], {})
    block = (
        "\n- id: a-4\n  question: |-\n    次はいつ\n  answer: |-\n    来年です。\n"
        "  source: チャットで公開\n"
    )
    assert FILE.replace("# おわり\n", f"# おわり\n{block}") == text(data)
    assert new == load(data)[-1]
    before = text(data)
    merge(data, lambda entries: [*entries[:-1], new], {})
    assert before == text(data)


def test_an_import_keeps_comments_too(data: Path, tmp_path: Path) -> None:
    table = tmp_path / "new.tsv"
    table.write_text("id\tquestion\tanswer\na-3\t何年かかりますか\t四年です。\n", encoding="utf-8")
    run_import(data, read_all([table]).drafts, Rules())
    new = "  answer: |-\n    四年です。\n"
    assert FILE.replace("  answer: 三年です。\n", new) == text(data)


def test_a_removed_entry_takes_the_comment_right_above_it(data: Path) -> None:
    export(data, [entry for entry in load(data) if entry.id != "a-2"])
    start, end = FILE.index("# 2 番め"), FILE.index("- id: a-3")
    assert FILE[:start] + FILE[end:] == text(data)


def test_what_is_not_laid_out_in_lines_is_written_anew(data: Path) -> None:
    file = data / "河原.yaml"
    file.write_text("# 覚え書き\nentries: [{id: a-1, question: 何, answer: はい}]\n", "utf-8")
    merge(data, lambda entries: [replace(entries[0], answer="いいえ")], {})
    assert "# 覚え書き\nentries:\n- id: a-1\n" in text(data)
    assert "いいえ" == load(data)[0].answer


def test_one_file_is_amended_as_a_folder_is(tmp_path: Path) -> None:
    file = tmp_path / "faq.yaml"
    file.write_text(FILE, encoding="utf-8")
    entries = load(file)
    export(file, entries)
    assert FILE == file.read_text(encoding="utf-8")
    export(file, [*entries, Entry("a-4", "宮尾 祐介", "", "次はいつ", "来年です。")])
    assert file.read_text(encoding="utf-8").startswith(FILE[: FILE.index("# 付録")])
    assert 4 == len(load(file))


def test_what_was_amended_is_no_change_to_itself(data: Path) -> None:
    changed(data, answer="はい、{二割} です。", variants=("新しい言い方", "- 記号", "# 記号"))
    drafts = read_all([data]).drafts
    assert plan_import(data, drafts, Rules(replace=True)).changes_nothing
