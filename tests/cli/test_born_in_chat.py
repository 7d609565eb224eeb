"""What was published in chat, as the commands see it beside a running bot and without one."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.ask import Draft
from bot.domain.inbound import Person
from bot.store import Database
from tests.catalogue.test_chat import ENTRY, WORDING, publish
from tests.cli.conftest import PROJECT, Faqbot
from tests.store.conftest import url

__all__ = ["url"]

KAWAHARA = replace(
    ENTRY,
    entry="kawahara-90",
    lecturer="河原 大輔",
    talk="日本語に強い大規模言語モデルの開発のためのコーパス構築",
)
OTHER_WORDS = replace(WORDING, entry="kawahara-5", question="人工の文章を混ぜていますか")


@pytest.fixture
def published(url: str) -> Iterator[Database]:
    """A store that somebody holds open, as a running bot does."""
    database = Database.open(url)
    publish(database, KAWAHARA, OTHER_WORDS)
    yield database
    database.close()


def listed(faqbot: Faqbot, *arguments: str, **settings: str) -> dict[str, dict[str, object]]:
    done = faqbot("list", "--json", *arguments, **settings)
    assert (0, "") == (done.returncode, done.stderr)
    return {entry["id"]: entry for entry in json.loads(done.stdout)}


def test_the_list_has_what_was_published_and_says_where_it_was_born(
    faqbot: Faqbot, published: Database, url: str
) -> None:
    entries = listed(faqbot, FAQBOT_DATABASE_URL=url)
    assert ("chat", "file") == (entries["kawahara-90"]["origin"], entries["kawahara-5"]["origin"])
    assert "人工の文章を混ぜていますか" in str(entries["kawahara-5"]["variants"])
    shown = faqbot("list", FAQBOT_DATABASE_URL=url).stdout
    assert "  kawahara-90  チャットで公開\n" in shown
    assert "  kawahara-5\n" in shown

    alone = listed(faqbot, "--data", str(PROJECT / "data"), FAQBOT_DATABASE_URL=url)
    assert {"file"} == {entry["origin"] for entry in alone.values()}


def test_ask_finds_it_and_data_leaves_it_out(
    faqbot: Faqbot, published: Database, url: str, tmp_path: Path
) -> None:
    def found(*arguments: str) -> str:
        question = "録画は公開されますか"
        done = faqbot("ask", "--json", *arguments, question, FAQBOT_DATABASE_URL=url)
        assert done.stderr == ""
        hits = json.loads(done.stdout)["hits"]
        return str(hits[0]["id"]) if hits else ""

    assert "kawahara-90" == found()
    assert "kawahara-90" == found()  # from the cache
    assert "kawahara-90" != found("--data", str(PROJECT / "data"))
    published.transact(lambda tx: tx.drafts.withdraw("d1", Person("U9")))
    assert "kawahara-90" != found()


def test_check_eval_and_doctor_see_it(
    faqbot: Faqbot, published: Database, url: str, tmp_path: Path
) -> None:
    total = len(listed(faqbot, FAQBOT_DATABASE_URL=url))
    (tmp_path / "q.tsv").write_text("query\tids\n録画は公開されますか\tkawahara-90\n", "utf-8")
    assert 0 == faqbot("eval", "q.tsv", FAQBOT_DATABASE_URL=url).returncode
    assert str(total) in faqbot("check", FAQBOT_DATABASE_URL=url).stdout
    doctor = faqbot("doctor", "--offline", FAQBOT_DATABASE_URL=url, FAQBOT_HTTP__PORT="0").stdout
    assert f"{total} 件" in doctor


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A copy of the lecturers' FAQ that may be written to."""
    folder = tmp_path / "own"
    shutil.copytree(PROJECT / "data", folder)
    return folder


def test_an_export_goes_back_into_git_once(
    faqbot: Faqbot, published: Database, url: str, own: Path
) -> None:
    settings = {"FAQBOT_DATABASE_URL": url, "FAQBOT_DATA": str(own)}

    def git(*arguments: str) -> str:
        who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
        command = ["git", *who, *arguments]
        return subprocess.run(command, cwd=own, capture_output=True, check=True, text=True).stdout

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "before")
    before = listed(faqbot, **settings)
    done = faqbot("export", str(own), **settings)
    assert (0, "") == (done.returncode, done.stderr)
    assert "うち 1 件は、チャットで公開された項目です。" in done.stdout
    changed = git("diff", "--stat")
    assert "1 file changed" in changed
    assert "deletion" not in changed
    new = git("diff", "-U0").replace("\\ No newline at end of file", "")
    assert "+    - 人工の文章を混ぜていますか  # " in new
    assert "+- id: kawahara-90" in new

    git("commit", "-qam", "after")
    assert 0 == faqbot("export", str(own), **settings).returncode
    done = faqbot("import", str(own), **settings)
    assert (0, "") == (done.returncode, done.stderr)
    assert "" == git("status", "--porcelain")
    after = listed(faqbot, **settings)
    assert "file" == after["kawahara-90"]["origin"]
    assert {**before["kawahara-90"], "origin": "file"} == after["kawahara-90"]
    assert before["kawahara-5"] == after["kawahara-5"]


def test_an_export_elsewhere_unpublishes_nothing(
    faqbot: Faqbot, published: Database, url: str, tmp_path: Path
) -> None:
    before = listed(faqbot, FAQBOT_DATABASE_URL=url)
    for place in ("copy", "faq.xlsx", "faq.csv", "faq.yaml"):
        assert 0 == faqbot("export", place, FAQBOT_DATABASE_URL=url).returncode
        there = listed(faqbot, "--data", place)
        assert before.keys() == there.keys()
        assert before["kawahara-90"]["source"] == there["kawahara-90"]["source"]
    assert before == listed(faqbot, FAQBOT_DATABASE_URL=url)


def test_an_import_gives_no_id_away_that_chat_has(
    faqbot: Faqbot, published: Database, url: str, own: Path, tmp_path: Path
) -> None:
    settings = {"FAQBOT_DATABASE_URL": url, "FAQBOT_DATA": str(own)}
    publish(published, taken := replace(KAWAHARA, id="d7", escalation="", entry="kawahara-6"))
    assert isinstance(taken, Draft)
    table = tmp_path / "new.tsv"
    table.write_text(
        "lecturer\tquestion\tanswer\n河原 大輔\t次の発表はいつですか\t春です。\n"
        "河原 大輔\t録画は公開されますか\tまもなくです。\n",
        encoding="utf-8",
    )
    assert 0 == faqbot("import", str(table), **settings).returncode
    entries = listed(faqbot, **settings)
    assert "春です。" == entries["kawahara-7"]["answer"]
    answers = {entries[id_]["answer"] for id_ in ("kawahara-6", "kawahara-90")}
    assert "まもなくです。" in answers  # the same question of the same lecturer: the file leads


def test_an_export_without_the_store_is_refused_and_ask_goes_on_with_a_note(
    faqbot: Faqbot, tmp_path: Path
) -> None:
    (tmp_path / "faqbot.db").write_text("no database", encoding="utf-8")
    broken = {"FAQBOT_DATABASE_URL": "sqlite:///faqbot.db"}
    done = faqbot("export", "copy", **broken)
    assert (2, 1) == (done.returncode, len(done.stderr.splitlines()))
    assert not (tmp_path / "copy").exists()
    done = faqbot("ask", "合成データは使っていますか", **broken)
    assert 0 == done.returncode
    assert "ファイルの項目だけを使います" in done.stderr
    assert done.stdout


def test_a_bot_runs_on_a_folder_that_it_may_not_write_to(faqbot: Faqbot, own: Path) -> None:
    for path in (*own.iterdir(), own):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        done = faqbot("run", stdin="合成データは使っていますか\n", FAQBOT_DATA=str(own))
    finally:
        own.chmod(0o755)
    assert (0, "") == (done.returncode, done.stderr)
    assert "合成" in done.stdout
    assert os.access(own, os.W_OK)
