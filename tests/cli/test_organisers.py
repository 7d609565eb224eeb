"""What organisers read of the commands: Japanese, or English where the settings say so."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from bot.content import export
from bot.domain.entry import Entry
from tests.cli.conftest import Faqbot

FAQ = (
    Entry("sato-1", "佐藤 一郎", "評価", "評価に使うデータは公開しますか。", "はい、公開します。"),
    Entry("sato-2", "佐藤 一郎", "評価", "講演の資料はどこにありますか。", "ウェブにあります。"),
)


@pytest.fixture
def faqbot(faqbot: Faqbot) -> Faqbot:
    """The command, left to find the FAQ of its folder."""
    return partial(faqbot, FAQBOT_DATA="")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The FAQ in the folder where the command looks for it."""
    export(tmp_path / "data", FAQ)
    return tmp_path / "data"


def test_check_says_that_all_is_well_and_which_files_it_does_not_read(
    faqbot: Faqbot, data: Path
) -> None:
    for name in ("講演.xlsx", "メモ.txt", "README.md", "LICENSE", "stopwords.txt", ".gitkeep"):
        (data / name).touch()
    (data / "古い版").mkdir()

    done = faqbot("check")

    well, unread = done.stdout.splitlines()
    assert well.startswith("項目 2 件、同義語 ")
    assert well.endswith(" 組: 問題ありません")
    assert unread.startswith("読まないファイル")
    assert "メモ.txt, 古い版/, 講演.xlsx" in unread
    assert "README" not in unread
    assert (0, "") == (done.returncode, done.stderr)


def test_check_says_what_an_import_would_of_the_files(faqbot: Faqbot, data: Path) -> None:
    file = next(data.glob("*.yaml"))
    text = file.read_text(encoding="utf-8") + "- id: c-1\n  question: 何\n  answer: C# と #faq\n"
    file.write_text(text, encoding="utf-8")

    done = faqbot("check")

    assert f"{file.name}:{text.count(chr(10))}: 「#faq」は YAML のコメントになり" in done.stderr
    assert done.stderr.startswith("注意: ")


def test_check_reads_each_file_of_the_faq_once(data: Path) -> None:
    """Read twice, what it notes could be of other words than what it judges."""
    code = (
        "import sys; from adapters.cli.main import main; opened = [];"
        "sys.addaudithook(lambda what, of: what == 'open' and opened.append(str(of[0])));"
        "sys.argv[1:] = ['check'];\n"
        "try: main()\n"
        "finally: print(*sorted(each for each in opened if each.endswith('.yaml')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=data.parent,
        env={**os.environ, "FAQBOT_SEARCH__MEANING": "off"},
        capture_output=True,
        text=True,
        check=True,
    )
    files = [str(Path("data") / each.name) for each in sorted(data.iterdir())]
    assert files == done.stdout.splitlines()[-1].split()


def test_check_shows_each_finding_on_one_line_also_where_a_question_has_line_breaks(
    faqbot: Faqbot, tmp_path: Path
) -> None:
    question = "LLM の\n評価に使うデータは\n公開しますか。"
    twice = (
        Entry("sato-1", "", "", question, "はい。"),
        Entry("sato-2", "", "", question, "いいえ。"),
    )
    export(tmp_path / "data", twice)

    done = faqbot("check")

    *findings, total = done.stdout.splitlines()
    same = "同じ質問: sato-2 ↔ sato-1: どちらにも「LLM の 評価に使うデータは 公開しますか。」"
    assert findings[0].startswith(same)
    assert f"見直したいところが {len(findings)} 件あります" in total
    assert 1 == done.returncode


def test_a_word_list_that_cannot_be_used_is_explained_in_japanese(
    faqbot: Faqbot, data: Path
) -> None:
    (data / "synonyms.txt").write_text("# 分野の言葉\nコーパス\n", encoding="utf-8")

    done = faqbot("check")

    expected = (
        "エラー: data/synonyms.txt:2: 言葉が一つしかありません。コンマで区切って二つ以上書くか"
    )
    assert done.stderr.startswith(expected)
    assert 2 == done.returncode


def test_an_import_is_refused_with_a_line_a_problem_also_where_a_question_has_line_breaks(
    faqbot: Faqbot, data: Path, tmp_path: Path
) -> None:
    row = '佐藤 一郎,"資料は\nどこに\nありますか。",はい。\n'
    (tmp_path / "new.csv").write_text("講師,質問,回答\n" + row * 2, encoding="utf-8")

    done = faqbot("import", "new.csv")

    nothing, problem = done.stderr.splitlines()
    assert "何も取り込んでいません。FAQ は元のままです。" == nothing
    assert "エラー: new.csv:5 と new.csv:2: 同じ質問「資料は どこに" in problem
    assert ("", 2) == (done.stdout, done.returncode)


def test_eval_speaks_japanese_and_its_columns_stand_below_one_another(
    faqbot: Faqbot, data: Path, tmp_path: Path
) -> None:
    rows = ("評価のデータは公開されますか\tsato-1\t言い換え", "明日の天気は\t-\t無関係")
    queries = "\n".join(("query\tids\tkind", *rows))
    (tmp_path / "queries.tsv").write_text(queries, encoding="utf-8")

    done = faqbot("eval", "queries.tsv")

    assert done.stdout.startswith("質問 2 件（答えのあるもの 1 件、ないもの 1 件）\n")
    assert "  答えなし: 見つからないと返答" in done.stdout
    assert 0 == done.returncode
    english = faqbot("eval", "queries.tsv", FAQBOT_LOCALE="en")
    assert english.stdout.startswith("2 queries, 1 answerable, 1 that nothing answers\n")


def test_a_query_file_that_cannot_be_used_is_explained_in_japanese(
    faqbot: Faqbot, data: Path, tmp_path: Path
) -> None:
    (tmp_path / "queries.tsv").write_text("query\tids\n資料は\tsato-9\n", encoding="utf-8")

    done = faqbot("eval", "queries.tsv")

    expected = "エラー: queries.tsv:2: FAQ に sato-9 という項目はありません。"
    assert done.stderr.startswith(expected)
    assert faqbot("eval", "missing.tsv").stderr.startswith(
        "エラー: missing.tsv を読めません（見つか"
    )


@pytest.mark.parametrize(
    ("encoding", "separator"),
    [("utf-8-sig", ","), ("cp932", ","), ("cp932", "\t"), ("utf-16", "\t")],
)
def test_eval_reads_queries_as_excel_saves_them(
    faqbot: Faqbot, data: Path, tmp_path: Path, encoding: str, separator: str
) -> None:
    rows = [("query", "ids"), ("資料はどこですか", "sato-2"), ("", ""), ("今日の天気は", "-")]
    text = "".join(f"{separator.join(row)}\r\n" for row in rows)
    (tmp_path / "queries.csv").write_bytes(text.encode(encoding))

    done = faqbot("eval", "queries.csv")

    assert done.stdout.startswith("質問 2 件（答えのあるもの 1 件、ないもの 1 件）")


def test_english_is_the_second_language_of_import_check_list_and_export(
    faqbot: Faqbot, data: Path, tmp_path: Path
) -> None:
    (tmp_path / "bad.csv").write_text("質問,回答\n,はい。\n", encoding="utf-8")
    en = {"FAQBOT_LOCALE": "en"}

    assert "all well\n" in faqbot("check", **en).stdout
    assert faqbot("list", **en).stdout.endswith("\n2 entries\n")
    assert "2 entries written to faq.csv.\n" == faqbot("export", "faq.csv", **en).stdout
    assert (
        "Nothing was imported.\nerror: bad.csv:2:question: question is empty. Write the question, "
        "or remove the row; of merged cells fill each.\n"
    ) == faqbot("import", "bad.csv", **en).stderr


def test_an_error_is_in_the_language_of_the_settings_file(faqbot: Faqbot, tmp_path: Path) -> None:
    (tmp_path / "faqbot.toml").write_text('locale = "en"\n', encoding="utf-8")

    assert "error: No such command 'impotr'. Did you mean import?" in faqbot("impotr").stderr
