"""``unanswered``, ``stats`` and their use of the store: run beside a bot that members talk to."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from bot.content import export
from bot.domain.inbound import Place
from bot.store import Database
from bot.store.schema import DAY
from tests.cli.conftest import HOSTILE, SETTINGS, Faqbot, run
from tests.fakes.faq import CURRICULUM, FAQ, HALLUCINATION, SYNTHETIC
from tests.platforms.memory_driver import MemoryChat
from tests.store.samples import ask, keep, later


async def test_unanswered_lists_what_the_faq_lacks(faqbot: Faqbot, talked: MemoryChat) -> None:
    declined, wrong = json.loads(await run(faqbot, "unanswered", "--json"))

    assert {
        "code", "state", "question", "wordings", "asked", "times", "done", "platforms", "outcomes",
        "nearest", "escalated",
    } == set(declined)  # fmt: skip
    assert (f"{HOSTILE}？", 2, 0, True) == (
        declined["question"], declined["times"], declined["done"], declined["escalated"],
    )  # fmt: skip
    assert ["declined"] == declined["outcomes"]
    assert [f"{HOSTILE}？"] == declined["wordings"]
    assert ("カリキュラム学習は検討していますか", ["voted wrong"], ["memory"], False) == (
        wrong["question"], wrong["outcomes"], wrong["platforms"], wrong["escalated"],
    )  # fmt: skip
    assert {"id", "question", "confidence"} == set(wrong["nearest"])
    assert (CURRICULUM.id, CURRICULUM.question) == (
        wrong["nearest"]["id"], wrong["nearest"]["question"],
    )  # fmt: skip


@pytest.mark.fault(95)
async def test_two_forms_on_one_question_are_two_in_the_forms_own_words(
    faqbot: Faqbot, chat: MemoryChat, tmp_path: Path
) -> None:
    await chat.says("明美", "貸切バスの手配についておたずねします")
    await chat.sees()
    forms = {"明美": "貸切バスは何台ですか", "健太": "昼食の弁当は有料ですか"}
    for who, words in forms.items():
        await chat.submits(who, words)
        await chat.sees()

    listed = json.loads(await run(faqbot, "unanswered", "--json"))
    stats = json.loads(await run(faqbot, "stats", "--json"))
    shown = await run(faqbot, "unanswered")
    await run(faqbot, "report", "r.html")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")

    assert set(forms.values()) == {each["question"] for each in listed}
    assert [(1, True)] * 2 == [(each["times"], each["escalated"]) for each in listed]
    assert (2, 2) == (stats["unanswered"], stats["asked"])
    for words in forms.values():
        assert words in shown
        assert words in page
    assert "おたずねします" not in shown + page + json.dumps(listed, ensure_ascii=False)


async def test_unanswered_is_readable_and_names_nobody(faqbot: Faqbot, talked: MemoryChat) -> None:
    shown = await run(faqbot, "unanswered", FAQBOT_LOCALE="en")

    assert re.search(
        r"^\w{5}  2×  [\d-]{10}  memory  declined, for the lecturers  open$", shown, re.M
    )
    assert "memory  voted wrong  open\n    カリキュラム学習は検討していますか\n" in shown
    assert re.search(rf"^    shown: \d\.\d\d {CURRICULUM.id}  カリキュラム学習は", shown, re.M)
    assert "\n2 unanswered, asked 3 times in all\n" in shown
    assert "明美" not in shown


async def test_organisers_read_japanese_unless_they_choose_english(
    faqbot: Faqbot, talked: MemoryChat
) -> None:
    unanswered, stats = await run(faqbot, "unanswered"), await run(faqbot, "stats")

    assert "  2 回  " in unanswered
    assert "memory  「違う」と評価された  未対応\n" in unanswered
    assert "未回答の質問は 2 種類、合わせて 3 件です。" in unanswered
    assert re.search(r"^  回答できた +2   40\.0%$", stats, re.M)
    assert not re.search(r"[a-z]{3,} [a-z]{3,}", re.sub("memory|<.*>|faqbot.*", "", unanswered))


async def test_a_line_is_marked_as_done_beside_the_bot_and_comes_back_when_asked_again(
    faqbot: Faqbot, talked: MemoryChat
) -> None:
    async def lines(*options: str) -> list[tuple[str, int, int]]:
        found = json.loads(await run(faqbot, "unanswered", "--json", *options))
        return [(each["outcomes"][0], each["times"], each["done"]) for each in found]

    first, _ = json.loads(await run(faqbot, "unanswered", "--json"))
    full_width = str.translate(first["code"].upper(), {n: n + 0xFEE0 for n in range(33, 127)})

    said = await run(faqbot, "unanswered", "--done", full_width)

    assert "対応済みにしました: <script>" in said
    assert [("voted wrong", 1, 0)] == await lines()
    assert [("voted wrong", 1, 0), ("declined", 0, 2)] == await lines("--all")
    assert "対応済みが 2 件" in await run(faqbot, "unanswered")
    assert 2 == json.loads(await run(faqbot, "stats", "--json"))["done"]

    await talked.says("次郎", HOSTILE)
    await talked.sees()

    assert [("declined", 1, 2), ("voted wrong", 1, 0)] == await lines()
    assert "1 回  対応済み 2 回" in await run(faqbot, "unanswered")

    await run(faqbot, "unanswered", "--undo", first["code"])

    assert [("declined", 3, 0), ("voted wrong", 1, 0)] == await lines()


async def test_a_code_that_names_no_line_is_refused_and_nothing_is_marked(
    faqbot: Faqbot, talked: MemoryChat
) -> None:
    first, _ = json.loads(await run(faqbot, "unanswered", "--json"))
    wrong = ("unanswered", "--done", first["code"], "--done", "3")

    done = await asyncio.to_thread(faqbot, *wrong, **SETTINGS)

    assert (2, "") == (done.returncode, done.stdout)
    assert "「3」" in done.stderr
    assert 1 == len(done.stderr.splitlines())
    assert 2 == len(json.loads(await run(faqbot, "unanswered", "--json")))


async def test_stats_counts_and_shows_no_words(faqbot: Faqbot, talked: MemoryChat) -> None:
    stats = json.loads(await run(faqbot, "stats", "--json", "--days", "1"))

    assert {
        "asked": 5, "searched": 5, "answered": 1, "taken": 1, "wrong": 1, "none_taken": 0,
        "declined": 2, "lecturers": 0, "escalated": 1, "unanswered": 3, "done": 0, "unsearched": 0,
        "votes": {"useful": 1, "wrong": 1}, "platforms": {"memory": 5}, "by": "day",
    }.items() <= stats.items()  # fmt: skip
    assert {
        "answered": 0.2, "taken": 0.2, "wrong": 0.2, "none_taken": 0.0, "declined": 0.4,
        "lecturers": 0.0, "escalated": 0.2,
    } == stats["shares"]  # fmt: skip
    assert 5 == sum(period["asked"] for period in stats["periods"])
    assert 2 == sum(period["answered"] for period in stats["periods"])
    assert {"id": SYNTHETIC.id, "shown": 1, "useful": 1, "wrong": 0} in stats["entries"]
    assert {"id": HALLUCINATION.id, "shown": 1, "useful": 0, "wrong": 0} in stats["entries"]
    assert ["sato-2"] == stats["never"]

    text = await run(faqbot, "stats", FAQBOT_LOCALE="en")

    assert re.search(r"^  answered +2   40\.0%\n    answered at once +1   20\.0%$", text, re.M)
    assert f"  {SYNTHETIC.id}     1     1     0  合成データは使っていますか。\n" in text
    assert text.endswith("\nnever shown: 1\n  sato-2\n")
    assert "円周率" not in text


def test_what_an_operator_typed_in_the_terminal_is_counted_on_request_only(
    faqbot: Faqbot, tmp_path: Path
) -> None:
    export(tmp_path / "faq.yaml", FAQ)
    database = Database.open(f"sqlite:///{tmp_path / 'faqbot.db'}")
    keep(database, ask("a1", text="本当の質問"))
    keep(database, ask("a2", place=Place("console", "local", "terminal"), text="試しの質問"))
    database.close()

    def said(*arguments: str) -> str:
        done = faqbot(*arguments, **SETTINGS)
        assert (0, "") == (done.returncode, done.stderr)
        return done.stdout

    for command in (["unanswered"], ["stats"], ["report", "r.html"]):
        assert "1 件は数えていません" in said(*command)
    assert "試しの質問" not in said("unanswered") + (tmp_path / "r.html").read_text("utf-8")
    assert {"slack": 1} == json.loads(said("stats", "--json"))["platforms"]

    for command in (["unanswered"], ["stats"], ["report", "r.html"]):
        assert "数えていません" not in said(*command, "--with-terminal")
    assert "試しの質問" in said("unanswered", "--with-terminal")
    assert "試しの質問" in (tmp_path / "r.html").read_text("utf-8")
    stats = json.loads(said("stats", "--json", "--with-terminal"))
    assert {"console": 1, "slack": 1} == stats["platforms"]


def test_a_mark_is_for_all_wordings_however_the_list_was_cut(
    faqbot: Faqbot, tmp_path: Path
) -> None:
    export(tmp_path / "faq.yaml", FAQ)
    database = Database.open(f"sqlite:///{tmp_path / 'faqbot.db'}")
    later(database, -9 * DAY, lambda tx: tx.asks.add(ask("a1", text="録画は公開されますか")))
    keep(database, ask("a2", text="録画って公開されますか？"))
    keep(database, ask("a3", place=Place("console", "local", "terminal"), text="試しの質問"))
    database.close()

    def listed(*options: str) -> dict[str, tuple[str, int]]:
        found = json.loads(faqbot("unanswered", "--json", *options, **SETTINGS).stdout)
        return {each["question"]: (each["code"], each["times"]) for each in found}

    recent = listed("--days", "7", "--with-terminal")
    assert {"録画って公開されますか？": ("a2", 1), "試しの質問": ("a3", 1)} == recent
    assert {"録画って公開されますか？": ("a2", 2)} == listed()

    done = faqbot("unanswered", "--done", "a2", "--done", "a3", **SETTINGS)

    assert 2 == len(done.stdout.splitlines())
    assert {} == listed("--with-terminal")


def test_without_a_database_nothing_was_asked_and_none_is_made(
    faqbot: Faqbot, tmp_path: Path
) -> None:
    never = "まだ質問は寄せられていません。\n"
    assert never == faqbot("unanswered").stdout
    assert never == faqbot("stats").stdout
    assert "No question has been asked yet.\n" == faqbot("stats", FAQBOT_LOCALE="en").stdout
    assert "最近 7 日間に寄せられた質問はありません。\n" == faqbot("stats", "--days", "7").stdout
    assert 2 == faqbot("unanswered", "--done", "abcde").returncode
    assert [] == json.loads(faqbot("unanswered", "--json").stdout)
    assert 0 == json.loads(faqbot("stats", "--json").stdout)["asked"]
    assert f"{never}r.html に書き出しました。\n" == faqbot("report", "r.html").stdout
    assert "まだありません" in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert ["r.html"] == [each.name for each in tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["unanswered"], 0),
        (["unanswered", "--json"], 0),
        (["stats"], 0),
        (["report", "r.html"], 0),
        (["forget", "slack:U0AKEMI"], 0),
        (["db", "backup", "b.db"], 2),
        (["db", "copy", "sqlite:///c.db"], 2),
    ],
)
def test_a_path_that_leads_to_no_database_is_named_with_what_to_mend(
    faqbot: Faqbot, tmp_path: Path, command: list[str], code: int
) -> None:
    """Nothing was ever asked, said who had typed the path wrongly."""
    done = faqbot(*command, FAQBOT_DATABASE_URL="sqlite:///vra/faqbot.db")

    assert code == done.returncode
    (line,) = done.stderr.splitlines()
    assert "データベース vra/faqbot.db はまだありません。" in line
    assert "FAQBOT_DATABASE_URL を直してください。" in line
    assert not (tmp_path / "vra").exists()


@pytest.mark.parametrize("command", [["unanswered"], ["stats"], ["report", "r.html"]])
@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:///broken.db", "SQLite のファイルではありません"),
        ("sqlite:///.", "を使えません"),
    ],
)
def test_an_unusable_database_is_one_line_and_ends_with_2(
    faqbot: Faqbot, tmp_path: Path, command: list[str], url: str, says: str
) -> None:
    (tmp_path / "broken.db").write_text("no database" * 100)

    done = faqbot(*command, FAQBOT_DATABASE_URL=url)

    assert (2, "") == (done.returncode, done.stdout)
    assert says in done.stderr
    assert 1 == len(done.stderr.splitlines())
    assert not (tmp_path / "r.html").exists()
