"""Export, then import: nothing changes, in any format, whatever the texts hold."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from bot.content import ContentError, Rules, export, load, plan_import, read_all
from bot.content.formats import read, read_source, render
from bot.content.markup import protect
from bot.content.problems import Findings, Where
from bot.content.rows import Row, drafts
from bot.content.source import Source
from bot.domain.entry import Entry
from tests.content.samples import entries_of, entry

SUFFIXES = [".yaml", ".csv", ".tsv", ".xlsx", ".jsonl"]

# What formats give a meaning to; whole words of it are likelier to hurt than single characters.
PIECES = st.sampled_from(
    [
        *("=", "+", "-", "@", "＝", "－", "'", '"', '""', ","),
        *("\t", "\n", "\n\n", "\r\n", " ", "  ", "\u3000"),
        *("<p>", "</p>", "<br>", "<!-- x -->", "<script>", "</pre>", "<pre>", "&lt;", "&amp;", "<"),
        *("# ", ": ", "- ", "|-", "---", "{", "[", "*a", "&a", "!!str", "%", "null", "no", "010"),
        *("_x000D_", "x005F_", "_x0041_", "\u00a0", "\u200d", "👍🏽", "が", "か\u3099"),
        *("髙", "\ufeff", "\x07", "質問ですか。", "https://example.jp/a", "<!channel>"),
        *("```", "\\n", "\\", "$x$", "\U0001f469"),
    ]
)
TEXTS = st.one_of(
    st.lists(PIECES, min_size=1, max_size=8).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
)
LINKS = st.sampled_from(["https://example.jp/", "http://example.jp/a?b=c#d", "mailto:a@example.jp"])
ROWS = st.fixed_dictionaries(
    {
        "lecturer": TEXTS,
        "talk": TEXTS | st.just(""),
        "question": TEXTS,
        "answer": TEXTS,
        "source": TEXTS | st.just(""),
        "updated": st.dates().map(str) | st.just(""),
    }
)
LISTS = st.fixed_dictionaries(
    {"variants": st.lists(TEXTS, max_size=3).map(tuple), "links": st.lists(LINKS).map(tuple)}
)


def gated(rows: list[tuple[dict[str, str], dict[str, tuple[str, ...]]]]) -> list[Entry]:
    """Return the entries that the text gate makes of arbitrary texts; some it refuses."""
    made = []
    for number, (texts, lists) in enumerate(rows):
        # Protected: else the gate would take the markup off that writers have to deal with.
        shielded = {column: protect(texts[column]) for column in ("question", "answer")}
        row = Row(Where("any"), texts | shielded | {"id": f"a-{number}"}, lists)
        made += [draft.entry for draft in drafts([row], None, Findings())]
    return made


ENTRIES = st.lists(st.tuples(ROWS, LISTS), min_size=1, max_size=3).map(gated).filter(len)


@pytest.mark.fault(27)
@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("examples", [200, pytest.param(1_000, marks=pytest.mark.long)])
def test_export_then_import_changes_nothing(suffix: str, examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.filter_too_much],
    )
    @given(entries=ENTRIES)
    def changes_nothing(entries: list[Entry]) -> None:
        data = render(Path(f"faq{suffix}"), entries)
        assert entries == entries_of(read_source(Source(f"faq{suffix}", suffix, data)))

    changes_nothing()


@settings(max_examples=100, deadline=None)
@given(entries=ENTRIES)
def test_export_to_a_folder_then_loading_it_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Entry]
) -> None:
    folder = tmp_path_factory.mktemp("faq")
    export(folder, entries)
    assert sorted(entries, key=lambda e: e.id) == sorted(load(folder), key=lambda e: e.id)


def test_exporting_a_folder_over_itself_leaves_every_byte(tmp_path: Path) -> None:
    text = "# 運営の覚え書き\nentries: [{id: a-1, lecturer: 河原, question: 何, answer: はい}]\n"
    (tmp_path / "自由な名前.yaml").write_text(text, encoding="utf-8")
    export(tmp_path, load(tmp_path))
    assert text == (tmp_path / "自由な名前.yaml").read_text(encoding="utf-8")
    assert ["自由な名前.yaml"] == [file.name for file in tmp_path.iterdir()]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_exported_file_is_no_change_to_the_faq(tmp_path: Path, suffix: str) -> None:
    data = tmp_path / "data"
    export(data, [entry(1), entry(2, links=("https://example.jp/",)), entry(3, variants=("別",))])
    file = tmp_path / f"faq{suffix}"
    export(file, load(data))
    assert plan_import(data, read_all([file]).drafts, Rules(replace=True)).changes_nothing


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_entries_without_lecturers_stay_without(tmp_path: Path, suffix: str) -> None:
    entries = [entry(1, lecturer=""), entry(2, lecturer="")]
    path = tmp_path / f"faq{suffix}"
    export(path, entries)
    assert entries == entries_of(read(path))


@pytest.mark.fault(27)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_table_that_could_not_be_read_again_is_not_written(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(ContentError, match="kawahara-2 has no lecturer, others have one"):
        export(tmp_path / f"faq{suffix}", [entry(1), entry(2, lecturer="")])


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "'=1+1", "''-1", '=HYPERLINK("http://a.jp")']
WIDE = ["＝1+1", "＋1", "－1", "＠SUM(1,1)", "'＝1", "−1", "﹦1"]


@pytest.mark.fault(27)
@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_a_csv_runs_as_a_formula(formula: str) -> None:
    entries = [entry(question=formula, answer=formula, variants=(formula, "別"), source=formula)]
    data = render(Path("faq.csv"), entries)
    cells = [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for cell in row]
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]
    assert entries == entries_of(read_source(Source("faq.csv", ".csv", data)))


@pytest.mark.fault(111)
@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
@pytest.mark.parametrize("formula", WIDE)
def test_no_cell_begins_with_a_full_width_sign_of_a_formula(
    tmp_path: Path, formula: str, suffix: str
) -> None:
    entries = [entry(question=formula, answer=formula, variants=(formula, "別"), source=formula)]
    data = render(Path(f"faq{suffix}"), entries)
    delimiter = "," if suffix == ".csv" else "\t"
    table = csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=delimiter)
    assert not [cell for row in table for cell in row if cell[:1] in set("＝＋－＠−﹦")]
    export(tmp_path / f"faq{suffix}", entries)
    assert entries == list(load(tmp_path / f"faq{suffix}"))


@pytest.mark.fault(27)
@pytest.mark.parametrize("formula", FORMULAS)
def test_every_cell_of_a_workbook_is_text(formula: str) -> None:
    entries = [entry(question=formula, answer=formula)]
    data = render(Path("faq.xlsx"), entries)
    sheet = load_workbook(io.BytesIO(data)).worksheets[0]
    types = {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert {"s"} == types
    assert entries == entries_of(read_source(Source("faq.xlsx", ".xlsx", data)))


@pytest.mark.fault(27)
def test_a_cell_too_long_for_excel_is_refused_with_its_place() -> None:
    variants = tuple(f"{number}{'あ' * 1_800}" for number in range(20))
    with pytest.raises(ContentError) as caught:
        render(Path("faq.xlsx"), [entry(1), entry(2, variants=variants)])
    expected = (
        "faq.xlsx:FAQ:3:variants: kawahara-2: 36,049 characters, a cell of Excel holds 32,767. "
        "Export to .csv or .yaml instead."
    )
    assert expected == str(caught.value)


@pytest.mark.fault(27)
def test_nothing_is_left_of_an_export_that_fails(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").mkdir()
    with pytest.raises(ContentError, match=r"the suffix \.pdf names no format"):
        export(tmp_path / "faq.pdf", [entry()])
    with pytest.raises(ContentError, match="can't be written"):
        export(tmp_path / "missing" / "faq.csv", [entry()])
    assert ["faq.csv"] == [file.name for file in tmp_path.iterdir()]


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
def test_a_table_begins_with_the_mark_by_which_excel_knows_utf8(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"faq{suffix}"
    export(path, [entry()])
    assert path.read_bytes().startswith(b"\xef\xbb\xbfid")
    assert [entry()] == entries_of(read(path))


def test_yaml_shows_long_texts_as_blocks() -> None:
    entries = [entry(question="何ですか。", answer="一つ目。\n\n二つ目: はい。", variants=("別",))]
    expected = """\
talk: コーパスの構築
lecturer: 河原 大輔
entries:
- id: kawahara-1
  question: |-
    何ですか。
  answer: |-
    一つ目。

    二つ目: はい。
  variants:
    - 別
"""
    assert expected == render(Path("faq.yaml"), entries).decode()
