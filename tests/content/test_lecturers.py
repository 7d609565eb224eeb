"""A lecturer is one person, however the name is written."""

from pathlib import Path

import pytest

from bot.content import Plan, Rules, export, load, run_import
from bot.content.plan import diff
from tests.content.samples import entry, reading, refusal


def planned(folder: Path, *names: str, **faq: str) -> Plan:
    """Return what importing an entry of each of these lecturers would do."""
    rows = "".join(f"{name},新しい質問 {n}。,はい。\n" for n, name in enumerate(names))
    drafts = reading(folder, f"講師,質問,回答\n{rows}").drafts
    return diff([entry(1, **faq), entry(2, **faq)], drafts, whole=False)


@pytest.mark.fault(117)
@pytest.mark.parametrize(
    "name",
    [
        "河原大輔先生",
        "河原大輔",
        "河原　大輔 先生",
        "河原 大輔先生",
        " 河 原 大 輔 ",
        "河原　　大輔",
    ],
)
def test_blanks_and_the_title_make_no_other_person(tmp_path: Path, name: str) -> None:
    plan = planned(tmp_path, name)
    assert [("kawahara-3", "河原 大輔")] == [(e.id, e.lecturer) for e in plan.added]


@pytest.mark.fault(117)
def test_an_entry_is_known_again_by_a_name_without_blanks(tmp_path: Path) -> None:
    csv = "講師,質問,回答\n河原大輔先生,質問 2 は何ですか。,新しい回答。\n"
    (change,) = diff([entry(1), entry(2)], reading(tmp_path, csv).drafts, whole=False).changed
    assert ("kawahara-2", ("answer",)) == (change.after.id, change.fields)


@pytest.mark.fault(117)
def test_that_a_name_was_read_as_another_is_said_once(tmp_path: Path) -> None:
    plan = planned(tmp_path, "河原大輔先生", "河原大輔", "河原 大輔")
    (note,) = map(str, plan.notes)
    assert note.startswith("lecturer 河原大輔: taken for 河原 大輔")


@pytest.mark.fault(117)
def test_a_new_lecturer_is_spelt_with_the_blank_that_one_row_has(tmp_path: Path) -> None:
    plan = planned(tmp_path, "関根聡先生", "関根 聡 先生", "関根聡")
    assert ["関根 聡"] * 3 == [e.lecturer for e in plan.added]
    assert len({e.id.rpartition("-")[0] for e in plan.added}) == 1


@pytest.mark.fault(117)
@pytest.mark.parametrize(
    ("name", "near"),
    [("河原 大助", "河原 大輔"), ("川原大輔", "河原 大輔"), ("河原", "河原 大輔")],
)
def test_a_new_lecturer_with_nearly_a_known_name_is_remarked(
    tmp_path: Path, name: str, near: str
) -> None:
    plan = planned(tmp_path, name)
    assert [name] == [e.lecturer for e in plan.added]
    (note,) = map(str, plan.notes)
    assert note.startswith(f"{name} is a new lecturer, but nearly {near}.")


@pytest.mark.fault(117)
def test_two_new_lecturers_with_nearly_the_same_name_are_remarked(
    tmp_path: Path,
) -> None:
    (note,) = map(str, planned(tmp_path, "岡崎 直観", "岡崎 直寛").notes)
    assert note.startswith("岡崎 直寛 is a new lecturer, but nearly 岡崎 直観.")


def test_a_title_in_common_makes_no_two_names_alike(tmp_path: Path) -> None:
    names = ("佐藤コーチ", "伊藤コーチ", "佐藤コ一チ", "高橋一郎コーチ", "高橋一朗コーチ")
    misspelt, near = map(str, planned(tmp_path, *names).notes)
    assert misspelt.startswith("佐藤コ一チ is a new lecturer, but nearly 佐藤コーチ.")
    assert near.startswith("高橋一朗コーチ is a new lecturer, but nearly 高橋一郎コーチ.")


@pytest.mark.fault(117)
@pytest.mark.parametrize("name", ["河原 花子", "宮尾 祐介", "大輔 一郎", "Ada Lovelace"])
def test_another_name_is_another_person_without_a_remark(tmp_path: Path, name: str) -> None:
    plan = planned(tmp_path, name)
    assert ([name], ()) == ([e.lecturer for e in plan.added], plan.notes)


@pytest.mark.fault(117)
def test_a_title_alone_is_no_name(tmp_path: Path) -> None:
    found = refusal(tmp_path, "講師,質問,回答\n先生,何,はい\n")
    assert found.startswith("faq.csv:2:lecturer: lecturer is empty.")


def test_two_spellings_that_an_faq_has_already_stay_as_they_are(tmp_path: Path) -> None:
    """Else an exported file would change what it is imported into."""
    faq = [entry(1), entry(2, lecturer="河原大輔", talk="別の講演")]
    for name in ("faq.csv", "faq.yaml"):
        export(tmp_path / name, faq)
        export(tmp_path / "data", faq)
        again = reading(tmp_path, (tmp_path / name).read_bytes(), name).drafts
        assert run_import(tmp_path / "data", again, Rules()).changes_nothing


def test_an_export_into_a_folder_spells_names_to_the_letter(tmp_path: Path) -> None:
    export(tmp_path / "data", [entry(1), entry(2)])
    respelt = [entry(1, lecturer="河原大輔"), entry(2, lecturer="河原大輔")]
    export(tmp_path / "data", respelt)
    assert respelt == [*load(tmp_path / "data")]


FORMS = [
    ("大塚 一郎", "大\ufa10 一郎"),
    ("神谷 福子", "\ufa19谷 \ufa1b子"),
    ("葛 都", "葛\U000e0100 \ufa26"),
]


@pytest.mark.fault(108)
@pytest.mark.parametrize(("name", "form"), FORMS)
def test_a_name_keeps_its_kanji_and_is_the_same_lecturer(
    tmp_path: Path, name: str, form: str
) -> None:
    plan = planned(tmp_path, form, f"{form}先生".replace(" ", ""), lecturer=name)
    assert [form, form] == [each.lecturer for each in plan.added]
    assert ["kawahara-3", "kawahara-4"] == [each.id for each in plan.added]
    assert [f"lecturer {form.replace(' ', '')}: taken for {form}"] == [
        str(note).split(" (")[0].split(".")[0].split(",")[0] for note in plan.notes
    ]


@pytest.mark.fault(108)
@pytest.mark.parametrize(("name", "form"), FORMS)
def test_an_entry_is_known_again_by_either_form_of_the_name(
    tmp_path: Path, name: str, form: str
) -> None:
    csv = f"講師,質問,回答\n{form},質問 2 は何ですか。,新しい回答。\n"
    faq = [entry(1, lecturer=name), entry(2, lecturer=name)]
    (change,) = diff(faq, reading(tmp_path, csv).drafts, whole=False).changed
    assert ("kawahara-2", form) == (change.after.id, change.after.lecturer)


@pytest.mark.fault(108)
def test_every_compatibility_kanji_is_kept_in_every_format(tmp_path: Path) -> None:
    kanji = "".join(
        map(chr, (*range(0xF900, 0xFA6E), *range(0xFA70, 0xFADA), *range(0x2F800, 0x2FA1E)))
    )
    one = entry(1, lecturer="大\ufa10 一郎", talk="\ufa26の話", answer=f"{kanji}葛\U000e0100。")
    for name in ("faq", "faq.yaml", "faq.csv", "faq.tsv", "faq.xlsx", "faq.jsonl"):
        export(tmp_path / name, [one])
        assert (one,) == load(tmp_path / name)
