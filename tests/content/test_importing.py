"""What an import adds, changes and removes, and when it is refused."""

from pathlib import Path

import pytest

from bot.content import ContentError, Plan, Rules, export, load, read_all, run_import
from bot.content.plan import diff
from tests.content.samples import PAYLOADS, entry, reading

ALL = Rules(replace=True)


def planned(folder: Path, csv: str, existing: int = 3, *, whole: bool = False) -> Plan:
    """Return what importing a table into an FAQ of some entries would do."""
    faq = [entry(number, source="配布資料") for number in range(1, existing + 1)]
    return diff(faq, reading(folder, csv).drafts, whole=whole)


def imported(folder: Path, csv: str, rules: Rules) -> Plan:
    """Import a table into the folder ``data``."""
    path = folder / "import.csv"
    path.write_text(csv, encoding="utf-8")
    return run_import(folder / "data", read_all([path]).drafts, rules)


def refused(folder: Path, csv: str, rules: Rules) -> str:
    """Return why importing a table into the folder ``data`` is refused; it must stay as it is."""
    before = load(folder / "data")
    with pytest.raises(ContentError) as caught:
        imported(folder, csv, rules)
    assert before == load(folder / "data")
    return str(caught.value).replace(f"{folder}/", "")


def test_an_entry_without_an_id_is_known_again_by_lecturer_and_question(tmp_path: Path) -> None:
    plan = planned(tmp_path, "講師,質問,回答\n河原 大輔 先生,質問　２は何ですか？,新しい回答。\n")
    (change,) = plan.changed
    assert "kawahara-2" == change.after.id
    assert ("question", "answer") == change.fields


def test_the_same_question_to_another_lecturer_is_another_entry(tmp_path: Path) -> None:
    plan = planned(tmp_path, "講師,質問,回答\n宮尾 祐介,質問 2 は何ですか。,回答。\n")
    assert ["miyao-1"] == [added.id for added in plan.added]


def test_a_new_entry_gets_the_lecturers_next_free_number(tmp_path: Path) -> None:
    csv = (
        "id,講師,質問,回答\n,河原 大輔,一つ目,はい\n"
        "kawahara-4,河原 大輔,二つ目,はい\n,河原 大輔,三つ目,はい\n"
    )
    plan = planned(tmp_path, csv)
    assert ["kawahara-5", "kawahara-4", "kawahara-6"] == [added.id for added in plan.added]


def test_two_lecturers_of_one_family_name_get_names_of_their_own(tmp_path: Path) -> None:
    csv = "講師,質問,回答\n河原 花子,一つ目,はい\n髙橋,二つ目,はい\n髙橋,三つ目,はい\n"
    first, second, third = planned(tmp_path, csv).added
    assert "kawahara-hanako-1" == first.id
    assert second.id.startswith("lecturer-")
    assert second.id.removesuffix("-1") == third.id.removesuffix("-2")


def test_columns_that_a_file_lacks_stay_as_they_are(tmp_path: Path) -> None:
    csv = "id,question,answer\nkawahara-1,質問 1 は何ですか。,https://example.jp/ を参照。\n"
    (change,) = planned(tmp_path, csv).changed
    assert ("answer", "links") == change.fields
    assert ("配布資料", "河原 大輔") == (change.after.source, change.after.lecturer)
    assert ("https://example.jp/",) == change.after.links


def test_links_stay_where_a_file_has_no_column_for_them(tmp_path: Path) -> None:
    faq = [entry(1, links=("https://example.jp/",))]
    csv = "id,question,answer\nkawahara-1,質問 1 は何ですか。,回答 1 です。\n"
    assert diff(faq, reading(tmp_path, csv).drafts, whole=False).changes_nothing


def test_columns_that_a_file_leaves_empty_are_emptied(tmp_path: Path) -> None:
    csv = "id,question,answer,source\nkawahara-1,質問 1 は何ですか。,回答 1 です。,\n"
    (change,) = planned(tmp_path, csv).changed
    assert ("source",) == change.fields


def test_only_the_whole_faq_removes_entries(tmp_path: Path) -> None:
    csv = "id,question,answer\nkawahara-1,質問 1 は何ですか。,回答 1 です。\n"
    assert planned(tmp_path, csv).changes_nothing
    removed = planned(tmp_path, csv, whole=True).removed
    assert ["kawahara-2", "kawahara-3"] == [entry.id for entry in removed]


def test_changes_stay_in_their_file_and_new_talks_get_one_of_their_own(tmp_path: Path) -> None:
    export(tmp_path / "data", [entry(1), entry(2)])
    (tmp_path / "data" / "kawahara.yaml").rename(tmp_path / "data" / "1-corpus.yaml")
    csv = (
        "id,lecturer,talk,question,answer\n"
        "kawahara-1,河原 大輔,コーパスの構築,質問 1 は何ですか。,新しい回答。\n"
        "kawahara-3,河原 大輔,コーパスの構築,質問 3 は何ですか。,回答。\n"
        "kawahara-4,河原 大輔,別の講演,質問 4 は何ですか。,回答。\n"
        "kawahara-5,河原 大輔,もう一つの講演,質問 5 は何ですか。,回答。\n"
        "guest-1,招待 講師,コーパスの構築,質問 6 は何ですか。,回答。\n"
    )
    imported(tmp_path, csv, Rules())
    found = {
        file.name: [line[6:] for line in file.read_text().splitlines() if line[:6] == "- id: "]
        for file in sorted((tmp_path / "data").iterdir())
    }
    assert {
        "1-corpus.yaml": ["kawahara-1", "kawahara-2", "kawahara-3", "guest-1"],
        "kawahara.yaml": ["kawahara-4"],
        "kawahara-2.yaml": ["kawahara-5"],
    } == found


def test_a_file_whose_entries_all_vanish_is_removed(tmp_path: Path) -> None:
    export(tmp_path / "data", [entry(1), entry(2, talk="別の講演"), *map(entry, range(3, 9))])
    csv = "id,question,answer\n" + "".join(
        f"kawahara-{n},質問 {n} は何ですか。,回答 {n} です。\n" for n in (1, *range(3, 9))
    )
    assert ["kawahara-2"] == [gone.id for gone in imported(tmp_path, csv, ALL).removed]
    assert ["kawahara.yaml"] == [file.name for file in (tmp_path / "data").iterdir()]


@pytest.mark.fault(8)
def test_an_entry_rewritten_under_its_id_is_a_change(tmp_path: Path) -> None:
    export(tmp_path / "data", [entry(1), entry(2)])
    csv = (
        "id,question,answer\nkawahara-1,まったく別の質問ですか。,別の回答。\n"
        "kawahara-2,質問 2 は何ですか。,別の回答。\n"
    )
    rewritten, answered = imported(tmp_path, csv, Rules()).changed
    assert (("question", "answer"), True) == (rewritten.fields, rewritten.rewritten)
    assert (("answer",), False) == (answered.fields, answered.rewritten)
    assert "まったく別の質問ですか。" == load(tmp_path / "data")[0].question


def test_another_tables_numbers_replace_no_entries_unless_that_is_meant(tmp_path: Path) -> None:
    first = [("入会の方法は", "窓口へ。"), ("会費は", "6,000 円です。"), ("割引は", "あります。")]
    second = [("駐車場は", "北側です。"), ("駐輪場は", "左です。"), ("更衣室は", "地下です。")]
    one, two = (
        "番号,質問,回答\n" + "".join(f'{n},{q},"{a}"\n' for n, (q, a) in enumerate(rows, start=1))
        for rows in (first, second)
    )
    imported(tmp_path, one, Rules())
    found = refused(tmp_path, two, Rules())
    assert found.startswith("3 entries would get another question and another answer")
    assert not imported(tmp_path, one.replace("あります", "ございます"), Rules()).renumbered
    assert 3 == imported(tmp_path, two, Rules(allow_removals=True)).renumbered


@pytest.mark.fault(8)
def test_the_same_id_in_two_imported_files_is_refused(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(f"id,question,answer\nx-1,質問 {name},回答\n")
    with pytest.raises(ContentError, match=r"b\.csv:2:id: id x-1 is taken already, at .*a\.csv:2"):
        read_all([tmp_path / "a.csv", tmp_path / "b.csv"])


@pytest.mark.fault(9)
def test_the_same_question_twice_is_refused_with_both_rows(tmp_path: Path) -> None:
    drafts = read_all([PAYLOADS / "09-same-question.csv"]).drafts
    with pytest.raises(ContentError) as caught:
        run_import(tmp_path / "data", drafts, Rules())
    name = PAYLOADS / "09-same-question.csv"
    expected = (
        f"{name}:3 and {name}:2: the same question twice: LLM とは何ですか。 "
        "Remove one, or --allow-duplicates."
    )
    assert expected == str(caught.value)
    plan = run_import(tmp_path / "data", drafts, Rules(allow_duplicates=True))
    assert len(plan.added) == 2


@pytest.mark.fault(9)
def test_a_question_that_words_another_entry_is_refused(tmp_path: Path) -> None:
    export(tmp_path / "data", [entry(1, variants=("言い換えた質問ですか？",))])
    csv = "id,lecturer,question,answer\nmiyao-1,宮尾 祐介,言い換えた質問ですか,はい\n"
    found = refused(tmp_path, csv, Rules())
    assert found.startswith("import.csv:2 and the FAQ's kawahara-1: the same question twice: ")
    assert "lecturer" not in found


@pytest.mark.fault(9)
@pytest.mark.parametrize("lecturers", [("河原 大輔", None), (None, "河原 大輔")])
def test_what_is_known_but_for_its_lecturer_is_told_so(
    tmp_path: Path, lecturers: tuple[str | None, ...]
) -> None:
    """Imported with --lecturer and again without it, or the other way round."""
    file = tmp_path / "import.csv"
    file.write_text("question,answer\nいつですか。,三月です。\n")
    once, again = (read_all([file], lecturer=lecturer).drafts for lecturer in lecturers)
    run_import(tmp_path / "data", once, Rules())
    with pytest.raises(ContentError, match="Only one has a lecturer"):
        run_import(tmp_path / "data", again, Rules())


@pytest.mark.fault(9)
def test_two_rows_for_one_entry_never_overwrite_each_other(tmp_path: Path) -> None:
    export(tmp_path / "data", [entry(1)])
    csv = "lecturer,question,answer\n" + "".join(
        f"河原 大輔,質問 1 は何ですか。,{answer}\n" for answer in ("甲", "乙")
    )
    found = refused(tmp_path, csv, Rules())
    assert found.startswith("import.csv:3 and import.csv:2: the same question twice: ")
    imported(tmp_path, csv, Rules(allow_duplicates=True))
    expected = [("kawahara-1", "甲"), ("kawahara-2", "乙")]
    assert expected == [(kept.id, kept.answer) for kept in load(tmp_path / "data")]


@pytest.mark.fault(9)
def test_duplicates_that_are_there_already_stop_no_other_import(tmp_path: Path) -> None:
    export(tmp_path / "data", [entry(1), entry(2, question=entry(1).question)])
    csv = "id,lecturer,question,answer\nmiyao-1,宮尾 祐介,別の質問,はい\n"
    assert imported(tmp_path, csv, Rules()).added


@pytest.mark.fault(25)
def test_no_entries_are_refused_without_a_flag(tmp_path: Path) -> None:
    drafts = read_all([PAYLOADS / "25-header-only.csv"]).drafts
    export(tmp_path / "data", [entry(1)])
    for rules in (Rules(), ALL):
        with pytest.raises(ContentError, match=r"There are no entries\. .*--allow-removals"):
            run_import(tmp_path / "data", drafts, rules)
    run_import(tmp_path / "data", drafts, Rules(replace=True, allow_removals=True))
    assert () == load(tmp_path / "data")


@pytest.mark.fault(25)
@pytest.mark.parametrize(("kept", "allowed"), [(6, False), (7, True)])
def test_more_than_30_percent_vanish_only_with_a_flag(
    tmp_path: Path, kept: int, allowed: bool
) -> None:
    export(tmp_path / "data", [entry(number) for number in range(1, 11)])
    csv = "id,question,answer\n" + "".join(
        f"kawahara-{n},質問 {n} は何ですか。,回答 {n} です。\n" for n in range(1, kept + 1)
    )
    if allowed:
        imported(tmp_path, csv, ALL)
    else:
        found = refused(tmp_path, csv, ALL)
        assert found.startswith("4 entries (40% of the FAQ) would be removed. Check the file;")
        imported(tmp_path, csv, Rules(replace=True, allow_removals=True))
    assert kept == len(load(tmp_path / "data"))


def test_a_folder_can_be_imported(tmp_path: Path) -> None:
    export(tmp_path / "from", [entry(1), entry(2, talk="別の講演")])
    run_import(tmp_path / "data", read_all([tmp_path / "from"]).drafts, Rules())
    assert load(tmp_path / "from") == load(tmp_path / "data")


def test_a_folder_without_yaml_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="no YAML files in this folder"):
        read_all([tmp_path])


WINDOWS = {"〜": "～", "−": "－", "‖": "∥", "—": "―", "¢": "￠", "£": "￡", "¬": "￢", "¥": "\\"}


@pytest.mark.fault(109)
@pytest.mark.parametrize(("ours", "theirs"), WINDOWS.items())
def test_what_windows_saved_in_shift_jis_is_unchanged(
    tmp_path: Path, ours: str, theirs: str
) -> None:
    text = f"値は{ours}5{ours}ですか"
    faq = [entry(1, question=text, answer=f"はい{ours}。", variants=(f"{ours}か", "別の聞き方"))]
    csv = f"講師,質問,回答,言い換え\n河原 大輔,{text},はい{ours}。,{ours}か\n"
    saved = csv.replace(ours, theirs).encode("cp932")
    path = tmp_path / "windows.csv"
    path.write_bytes(saved)
    plan = diff(faq, read_all([path]).drafts, whole=False)
    assert ((), ()) == (plan.added, plan.duplicates)
    ((changed),) = plan.changed
    assert (("variants",), (f"{ours}か",)) == (changed.fields, changed.after.variants)


@pytest.mark.fault(109)
def test_what_somebody_changed_besides_is_taken_from_the_file(tmp_path: Path) -> None:
    faq = [entry(1, question="受付は9〜17時ですか", answer="はい。")]
    (tmp_path / "windows.csv").write_bytes(
        "講師,質問,回答\n河原 大輔,受付は9～17時ですか,いいえ。\n".encode("cp932")
    )
    plan = diff(faq, read_all([tmp_path / "windows.csv"]).drafts, whole=False)
    (change,) = plan.changed
    assert ("受付は9〜17時ですか", ("answer",)) == (change.after.question, change.fields)


@pytest.mark.fault(109)
@pytest.mark.parametrize(("lost", "mark"), [("𠮷", "??"), ("ñ", "?"), ("👍🏽", "????")])
def test_a_question_mark_for_what_shift_jis_lacks_is_unchanged(
    tmp_path: Path, lost: str, mark: str
) -> None:
    fields = {
        "lecturer": f"{lost}田 太郎",
        "answer": f"はい、{lost}〜です。",
        "variants": (f"{lost}か",),
    }
    ours = entry(1, **fields)
    export(tmp_path / "faq.csv", [ours])
    text = (tmp_path / "faq.csv").read_text(encoding="utf-8-sig").replace("〜", "～")
    (tmp_path / "faq.csv").write_bytes(text.replace(lost, mark).encode("cp932"))
    plan = diff([ours], read_all([tmp_path / "faq.csv"]).drafts, whole=False)
    assert ((ours,), ()) == (plan.unchanged, plan.changed)
    (tmp_path / "faq.csv").write_bytes(text.replace(lost, "?!?").encode("cp932"))
    plan = diff([ours], read_all([tmp_path / "faq.csv"]).drafts, whole=False)
    ((changed),) = plan.changed
    assert ("lecturer", "answer", "variants") == changed.fields


@pytest.mark.fault(109)
def test_an_export_writes_the_characters_that_there_are(tmp_path: Path) -> None:
    one, other = (entry(1, question=f"9{mark}17時ですか") for mark in "〜～")
    export(tmp_path / "faq", [one])
    export(tmp_path / "faq", [other])
    assert (other,) == load(tmp_path / "faq")
