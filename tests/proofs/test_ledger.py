"""The judge sees what is lost, what is doubled, and what nobody asked for."""

from dataclasses import replace

import pytest

from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_state import BOT as DISCORD_BOT
from tests.fakes.discord_state import GENERAL, LOADING, Interaction, Post, snowflake
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import BOT as SLACK_BOT
from tests.fakes.slack_api import Said
from tests.proofs.ledger import Ledger


@pytest.fixture
async def ledger() -> Ledger:
    return Ledger(FakeSlack(), FakeDiscord())


def _asked(ledger: Ledger, ts: str) -> Said:
    return ledger.slack.add(Said(ts, "C0", "U0AKEMI", "合成データは？"))


def _replied(ledger: Ledger, ts: str, thread: str, part: int = 1) -> None:
    metadata = {"event_payload": {"id": "card", "part": part}}
    ledger.slack.add(Said(ts, "C0", SLACK_BOT, "はい", thread, metadata=metadata))


async def test_a_question_with_one_reply_of_two_parts_is_answered(ledger: Ledger) -> None:
    _asked(ledger, "1.0")
    _replied(ledger, "1.5", "1.0")
    _replied(ledger, "1.6", "1.0", part=2)
    verdict = ledger.verdict(())
    assert (verdict.asked, verdict.lost, verdict.doubled) == (1, (), ())
    assert ledger.seconds["slack"] == [0.5]


async def test_a_question_without_a_reply_is_lost(ledger: Ledger) -> None:
    _asked(ledger, "1.0")
    assert ledger.open() == {"1.0"}
    assert len(ledger.verdict(()).lost) == 1


@pytest.mark.parametrize("part", [1, 2])
async def test_a_second_reply_and_a_part_twice_are_doubled(ledger: Ledger, part: int) -> None:
    _asked(ledger, "1.0")
    _replied(ledger, "2.0", "1.0")
    _replied(ledger, "3.0", "1.0", part)
    if part == 2:
        _replied(ledger, "4.0", "1.0", part)
    assert len(ledger.verdict(()).doubled) == 1


async def test_a_second_reply_is_seen_when_the_first_has_left_the_list(ledger: Ledger) -> None:
    _asked(ledger, "1.0")
    _replied(ledger, "2.0", "1.0")
    ledger.collect(keep=1)
    assert len(ledger.slack.messages) == 1
    _replied(ledger, "3.0", "1.0")
    assert len(ledger.verdict(()).doubled) == 1


async def test_what_nobody_asked_for_is_doubled(ledger: Ledger) -> None:
    _replied(ledger, "2.0", "1.0")
    ledger.discord.world.add(Post(snowflake(), GENERAL, DISCORD_BOT, "はい"))
    assert len(ledger.verdict(()).doubled) == 2


async def test_on_discord_a_reply_or_a_message_in_the_thread_answers_once(ledger: Ledger) -> None:
    world = ledger.discord.world
    asked = world.add(Post(snowflake(), GENERAL, "1", "合成データは？"))
    first = Post(snowflake(), GENERAL, DISCORD_BOT, "はい", reply_to=asked.id)
    world.add(first)
    world.add(Post(snowflake(), GENERAL, DISCORD_BOT, "続き", reply_to=first.id))
    verdict = ledger.verdict(())
    assert (verdict.asked, verdict.lost, verdict.doubled) == (1, (), ())
    world.add(replace(first, id=snowflake(), channel=asked.id, reply_to=None))
    assert len(ledger.verdict(()).doubled) == 1


async def test_a_command_is_answered_in_the_place_of_its_promise(ledger: Ledger) -> None:
    world = ledger.discord.world
    promise = world.add(Post(snowflake(), GENERAL, DISCORD_BOT, flags=LOADING))
    sent = Interaction("9", "token", GENERAL, "1", original=promise.id)
    world.interactions["token"] = sent
    before, kept = ledger.verdict(()), ledger.verdict({"9"})
    assert (before.asked, before.dropped, len(kept.lost)) == (0, 1, 1)
    promise.flags = 0
    after = ledger.verdict({"9"})
    assert (after.asked, after.lost, after.doubled) == (1, (), ())
