"""As many entries of a lecturer as are offered at once fit each platform's messages."""

from dataclasses import replace

from adapters.discord import render as discord
from adapters.slack import render as slack
from bot.domain.card import Card
from bot.domain.retrieval import Help, Topic
from bot.search.policy import MAX_OF_LECTURER
from bot.wording import Wording
from tests.fakes.faq import CURRICULUM, hit
from tests.fakes.slack_judge import message_error


def _card() -> Card:
    long = "コーパスの作り方について、" * 20
    entries = (
        replace(CURRICULUM, id=f"y-{n}", question=f"{n} 番: {long}") for n in range(MAX_OF_LECTURER)
    )
    card = Wording().reply(Help(Topic.ENTRIES, tuple(map(hit, entries))), "01JASK" * 4)
    assert card is not None
    assert MAX_OF_LECTURER + 1 == len(card.buttons)
    return card


def test_slack_takes_them() -> None:
    for message in slack.messages(_card()):
        assert message_error({"text": message.text, "blocks": list(message.blocks)}) is None


def test_discord_takes_them() -> None:
    drawn = discord.messages(_card())
    rows = [each["components"] for message in drawn for each in message.components]
    assert [5, 5, 5, 5, 5] == [len(row) for row in rows if isinstance(row, list)]
    assert all(len(message.content) <= 2000 for message in drawn)
