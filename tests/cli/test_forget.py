"""``faqbot forget``: what a member wrote and who they are goes, beside a running bot."""

import asyncio
import re
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.inbound import Form, Person
from bot.store import Database
from tests.catalogue.test_chat import ENTRY, publish
from tests.cli.conftest import HOSTILE, SETTINGS, Faqbot, run
from tests.platforms.conformance_learning import answers, asked
from tests.platforms.memory_driver import CHANNEL, MemoryChat

FORGOTTEN = "(本人の希望により削除されました)"


def stored(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("faqbot.db*"))


async def card(chat: MemoryChat, words: str) -> str:
    """Return the first card of the organisers' channel, once it says something."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        shown = (await chat.organisers_see())[0]
        if words in shown.text:
            break
        await asyncio.sleep(0.1)
    return shown.text


@pytest.mark.fault(85)
async def test_words_and_name_go_also_from_the_card(
    faqbot: Faqbot, talked: MemoryChat, tmp_path: Path
) -> None:
    assert HOSTILE in await card(talked, HOSTILE)

    said = await run(faqbot, "forget", "明美")

    assert "明美 に関する記録を消しました。" in said
    assert re.search(r"^  質問の文章と質問者 +3$", said, re.M)
    assert re.search(r"^  講師への質問の文章と名前 +1$", said, re.M)
    assert "カード 1 枚" in said
    assert FORGOTTEN in await card(talked, FORGOTTEN)
    questions = await run(faqbot, "unanswered")
    assert HOSTILE in questions  # 健太 asked it too
    await talked.stop()
    database = Database.open(SETTINGS["FAQBOT_DATABASE_URL"].replace("///", f"///{tmp_path}/"))
    database.close()
    assert "明美".encode() not in stored(tmp_path)
    await talked.start()

    again = await asyncio.to_thread(faqbot, "forget", "明美", **SETTINGS)
    assert (2, "") == (again.returncode, again.stdout)
    assert "明美 に関する記録はありません" in again.stderr


@pytest.mark.fault(85)
async def test_a_card_that_others_wait_for_stands_with_their_words(
    faqbot: Faqbot, chat: MemoryChat
) -> None:
    for who in ("明美", "健太"):
        await chat.says(who, f"円周率の最後の桁は？{'！' * (who == '健太')}")
        await chat.sees()
        await chat.submits(who)
    assert "円周率の最後の桁は？" in await card(chat, "同じ質問: 2 人")

    await run(faqbot, "forget", "明美")

    shown = await card(chat, "桁は？！")
    assert ("桁は？！" in shown, "明美" in shown) == (True, False)
    assert "非公開の質問" not in shown


@pytest.mark.fault(85)
async def test_who_could_not_be_told_the_answer_still_stands_on_the_card(
    faqbot: Faqbot, chat: MemoryChat
) -> None:
    for who in ("明美", "健太"):
        await asked(chat, who)
    await answers(chat)
    await chat.shuts(direct=True)
    await chat.organiser_presses("講師", "公開する")
    assert "お知らせできなかった方: 明美、健太" in await card(chat, "お知らせできなかった方")

    await run(faqbot, "forget", "明美")

    shown = await card(chat, "健太 さんから")
    assert "お知らせできなかった方: 健太" in shown


@pytest.mark.fault(85)
async def test_a_card_names_what_is_near_as_the_bot_did(faqbot: Faqbot, chat: MemoryChat) -> None:
    for who in ("明美", "健太"):
        await chat.says(who, "ハルシネーションの評価とは何なのか")
        await chat.sees()
        await chat.presses(who, "どれでもない")
        await chat.sees()
        await chat.submits(who)
        await chat.sees()

    def named(shown: str) -> list[str]:
        return [each for each in shown.splitlines() if "近い項目" in each or "答える方" in each]

    before = named(await card(chat, "同じ質問: 2 人"))
    assert before

    await run(faqbot, "forget", "明美")

    assert before == named(await card(chat, "健太 さんから"))


@pytest.mark.fault(85)
async def test_a_card_that_waits_for_the_organisers_channel_goes_too(
    faqbot: Faqbot, chat: MemoryChat, tmp_path: Path
) -> None:
    def waiting() -> list[tuple[int, bool]]:
        found = connection.execute("SELECT attempts, payload LIKE '%桁%' FROM outbox").fetchall()
        return [(attempts, bool(kept)) for attempts, kept in found]

    chat.platform.closed.add("organisers")
    words, place = "円周率の最後の桁は？", replace(CHANNEL, private_to="明美")
    form = Form.of_question("f", "", words, Person("明美", "明美"), place)
    connection = sqlite3.connect(tmp_path / "faqbot.db")
    await chat.desk.receive(form)
    async with asyncio.timeout(10):
        while (1, True) not in waiting():  # noqa: ASYNC110  # nothing rings
            await asyncio.sleep(0.05)

    await run(faqbot, "forget", "明美")

    assert not any(kept for _, kept in waiting())
    connection.close()


@pytest.mark.fault(85)
def test_a_published_name_stays_unless_they_ask(faqbot: Faqbot, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'faqbot.db'}"
    database = Database.open(url)
    publish(database, ENTRY)
    database.close()
    settings = {"FAQBOT_DATABASE_URL": url}

    kept = faqbot("forget", "slack:U7", **settings)
    assert 0 == kept.returncode
    assert "slack:U7 に関する記録はありません。何も変更していません。" in kept.stdout
    assert "--names" in kept.stdout
    assert "記入: 山田" in faqbot("list", "--json", **settings).stdout

    gone = faqbot("forget", "slack:U7", "--names", **settings)
    assert (0, "") == (gone.returncode, gone.stderr)
    assert re.search(r"公開した項目・言い方に残っていた名前 +1$", gone.stdout, re.M)
    listed = faqbot("list", "--json", **settings).stdout
    assert "記入" not in listed
    assert "公開: 鈴木" in listed


def test_what_is_no_id_and_who_is_unknown(faqbot: Faqbot, tmp_path: Path) -> None:
    for wrong in ("slack:明美", "discord:abc", "teams:1"):
        done = faqbot("forget", wrong)
        assert (2, 1) == (done.returncode, len(done.stderr.splitlines()))
        assert wrong in done.stderr
    done = faqbot("forget", "discord:123456789012345678")
    assert (0, 1) == (done.returncode, len(done.stderr.splitlines()))  # there is no database yet
    assert "何も変更していません" in done.stdout
    assert 2 == faqbot("forget", "U1").returncode
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("member", ["", " ", ":"])
async def test_nobody_is_forgotten_where_a_script_leaves_the_member_empty(
    faqbot: Faqbot, chat: MemoryChat, member: str
) -> None:
    """Who was forgotten has an empty id from then on: the same command took others' rows again."""
    await chat.says("明美", "合成データは使っていますか")
    await chat.sees()
    await run(faqbot, "forget", "明美")

    done = await asyncio.to_thread(faqbot, "forget", member, **SETTINGS)

    assert (2, "") == (done.returncode, done.stdout)
    assert "はメンバーの ID ではありません。" in done.stderr
