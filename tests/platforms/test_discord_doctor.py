"""What ``faqbot doctor`` finds on the Discord side."""

import functools
from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.common import Finding
from adapters.discord import DiscordSettings, doctor
from adapters.discord.doctor import PERMISSIONS, examine
from adapters.discord.gateway import Connection
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_gateway import CONTENT
from tests.fakes.discord_state import FORUM, GUILD, ORGANISERS, ORGANISERS_ROLE, WATCHED
from tests.platforms.discord_bench import FAST, settings


@pytest.fixture
async def fake(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeDiscord]:
    # Discord describes the servers at once: for more of them it needn't be waited.
    monkeypatch.setattr(doctor, "Connection", functools.partial(Connection, timing=FAST))
    async with FakeDiscord() as made:
        yield made


async def test_all_is_well_and_the_invite_link_asks_for_exactly_what_is_needed(
    fake: FakeDiscord,
) -> None:
    found = await examine(settings(fake, watch=(WATCHED,), guilds=(GUILD,)), offline=False)
    assert [each for each in found if not each.ok] == []
    link = str(_named(found, "discord: invite link").detail)
    assert f"permissions={PERMISSIONS.value}" in link
    assert "scope=bot+applications.commands" in link
    said = str(_named(found, f"discord: channel {WATCHED}").detail)
    assert said == "#watched: the bot can post there"


@pytest.mark.parametrize(
    ("fault", "values", "what", "detail", "remedy"),
    [
        ({"token": "another"}, {}, "token", "", "Reset Token"),
        ({"down": True}, {}, "connection", "", ""),
        pytest.param(
            {"granted": 0},
            {"watch": (WATCHED,)},
            "connection",
            "",
            "Message Content Intent",
            marks=pytest.mark.fault(56),
        ),
        pytest.param(
            {"permissions": 1 << 10},
            {},
            f"channel {ORGANISERS}",
            ": lacks Send Messages",
            "",
            marks=pytest.mark.fault(57),
        ),
        ({}, {"organisers": "123"}, "channel 123", "", ""),
        pytest.param(
            {},
            {"organisers": FORUM, "watch": (FORUM,)},
            f"channel {FORUM}",
            "",
            "text channel",
            marks=pytest.mark.fault(94),
        ),
    ],
    ids=["token", "unreachable", "intent", "permissions", "no channel", "forum"],
)
async def test_a_problem_is_named_with_its_remedy(
    fake: FakeDiscord,
    fault: dict[str, Any],
    values: dict[str, Any],
    what: str,
    detail: str,
    remedy: str,
) -> None:
    for name, value in fault.items():
        setattr(fake.api if hasattr(fake.api, name) else fake.gateway, name, value)
    found = await examine(settings(fake, **values), offline=False)
    (problem,) = [each for each in found if not each.ok]
    assert problem.what == f"discord: {what}"
    assert detail in str(problem.detail)
    assert remedy in str(problem.remedy)


async def test_offline_nobody_is_asked(fake: FakeDiscord) -> None:
    found = await examine(settings(fake), offline=True)
    assert all(each.ok for each in found)
    assert fake.api.requests == []
    (unset,) = await examine(DiscordSettings(), offline=False)
    assert "docs/operators/discord.md" in str(unset.detail)


@pytest.mark.fault(89)
@pytest.mark.parametrize(
    ("role", "hidden", "ok", "said"),
    [
        (None, True, True, "who sees #organisers"),
        (None, False, True, "everybody on the server, as everybody sees #organisers"),
        (ORGANISERS_ROLE, False, True, "@運営"),
        ("404", True, False, "the server has no such role"),
    ],
)
async def test_it_is_said_who_may_answer(
    fake: FakeDiscord, role: str | None, hidden: bool, ok: bool, said: str
) -> None:
    if not hidden:
        fake.world.channels[ORGANISERS].overwrites = []
    found = await examine(settings(fake, organiser_role=role), offline=False)
    who = _named(found, "discord: who may answer")
    assert (who.ok, str(who.detail)) == (ok, said)
    advised = said.startswith(("everybody", "the server"))
    assert ("FAQBOT_DISCORD__ORGANISER_ROLE" in str(who.remedy)) is advised


@pytest.mark.fault(56)
@pytest.mark.parametrize("granted", [0, CONTENT])
async def test_that_organisers_must_mention_the_bot_is_said(
    fake: FakeDiscord, granted: int
) -> None:
    fake.gateway.granted = granted
    found = await examine(settings(fake), offline=False)
    assert all(each.ok for each in found)
    said = [each for each in found if each.what == "discord: replies"]
    assert len(said) == (0 if granted else 1)
    assert all("Message Content Intent" in str(each.remedy) for each in said)


def _named(found: tuple[Finding, ...], what: str) -> Finding:
    return next(each for each in found if each.what == what)
