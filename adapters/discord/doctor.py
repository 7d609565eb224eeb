"""Examines the Discord side: token, intents, channels, permissions; and prints the invite link."""

import asyncio
from collections.abc import Iterator

import discord
from discord.http import Route

from adapters.common.finding import Finding
from adapters.discord import quiet
from adapters.discord.client import Connection
from adapters.discord.errors import translated
from adapters.discord.settings import DiscordSettings
from adapters.discord.supervise import closed, token_fatal
from bot.domain.ports import PlatformError

PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    embed_links=True,
    read_message_history=True,
)
"""All that the bot needs; what the invite link asks for."""
PATIENCE = 20.0
"""Seconds to wait until Discord has described the servers."""

_SCOPES = ("bot", "applications.commands")


async def examine(settings: DiscordSettings, *, offline: bool) -> tuple[Finding, ...]:
    """Look at everything that can be looked at; nothing is changed.

    Args:
        settings: Validated.
        offline: Don't ask Discord.
    """
    if settings.token is None:
        return (Finding("discord", True, "not set up; docs/operators/discord.md says how"),)
    found = [Finding("discord: settings", True, "a token is set")]
    if settings.organisers is None:
        advice = "no channel for unanswered questions (FAQBOT_DISCORD__ORGANISERS)"
        found.append(Finding("discord: organisers", True, advice))
    if offline:
        return tuple(found)
    quiet.library()
    Route.BASE = settings.api_url
    client = Connection(content=bool(settings.watch))
    try:
        async with asyncio.timeout(PATIENCE):
            with translated():
                await client.login(settings.token.reveal())
            found += _application(client)
            with translated():
                await _connect(client)
            found.append(Finding("discord: connection", True, "let in, with what it asks to read"))
            found += _servers(client, settings)
    except discord.LoginFailure:
        refusal = token_fatal()
        found.append(Finding("discord: token", False, refusal.message, refusal.remedy))
    except discord.ConnectionClosed as end:
        refusal = closed(end.code)
        found.append(Finding("discord: connection", False, refusal.message, refusal.remedy))
    except PlatformError as error:
        found.append(Finding("discord: connection", False, error.message, error.remedy))
    except TimeoutError:
        remedy = "Look at Discord's status page, and at this machine's network."
        found.append(Finding("discord: connection", False, "Discord doesn't answer.", remedy))
    finally:
        await client.close()
    return tuple(found)


async def _connect(client: discord.Client) -> None:
    """Connect until the servers are known.

    Raises:
        discord.DiscordException: Discord doesn't let the bot in.
    """
    connecting = asyncio.create_task(client.connect(reconnect=False))
    ready = asyncio.create_task(client.wait_until_ready())
    try:
        await asyncio.wait((connecting, ready), return_when=asyncio.FIRST_COMPLETED)
        if connecting.done():
            await connecting
    finally:
        for task in (connecting, ready):
            task.cancel()
        await asyncio.gather(connecting, ready, return_exceptions=True)


def _application(client: discord.Client) -> Iterator[Finding]:
    yield Finding("discord: token", True, f"@{client.user}")
    link = discord.utils.oauth_url(
        client.application_id or 0, permissions=PERMISSIONS, scopes=_SCOPES
    )
    yield Finding("discord: invite link", True, link)


def _servers(client: discord.Client, settings: DiscordSettings) -> Iterator[Finding]:
    """Look whether the bot is where it shall serve, and what it may do in each channel."""
    if not client.guilds:
        yield Finding("discord: servers", False, "the bot is in none", "Open the invite link.")
    for wanted in settings.guilds:
        guild = client.get_guild(int(wanted))
        detail = guild.name if guild else "the bot isn't in it"
        remedy = "" if guild else "Open the invite link, or correct FAQBOT_DISCORD__GUILDS."
        yield Finding(f"discord: server {wanted}", guild is not None, detail, remedy)
    organisers = (settings.organisers,) if settings.organisers else ()
    for number in dict.fromkeys((*settings.watch, *organisers)):
        yield _channel(client, number)


def _channel(client: discord.Client, number: str) -> Finding:
    what = f"discord: channel {number}"
    channel = client.get_channel(int(number))
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        remedy = "Let the bot's role see the channel, or correct the id in the settings."
        return Finding(what, False, "the bot doesn't see it", remedy)
    allowed = channel.permissions_for(channel.guild.me)
    lacking = [name for name, needed in PERMISSIONS if needed and not getattr(allowed, name)]
    if lacking:
        names = ", ".join(name.replace("_", " ").title() for name in lacking)
        remedy = "Give the bot's role these permissions in the channel's settings."
        return Finding(what, False, f"#{channel.name}: lacks {names}", remedy)
    return Finding(what, True, f"#{channel.name}")
