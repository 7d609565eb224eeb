"""Examines the Discord side: token, intents, channels, permissions; and prints the invite link."""

import asyncio
from collections.abc import Iterator

import discord

from adapters.common import Finding
from adapters.discord import DiscordSettings, gateway
from adapters.discord.errors import Fatal, closed, translated
from adapters.discord.gateway import Connection
from bot.domain.ports import PlatformError
from bot.texts import Text

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
        text = Text("doctor.not_set_up", document="docs/operators/discord.md")
        return (Finding("discord", True, text),)
    found = [Finding("discord: settings", True, Text("doctor.token"))]
    if offline:
        return tuple(found)
    gateway.prepare(settings.api_url)
    client = Connection(content=bool(settings.watch))
    try:
        async with asyncio.timeout(PATIENCE):
            await client.sign_in(settings.token)
            found.append(Finding("discord: token", True, f"@{client.user}"))
            link = discord.utils.oauth_url(
                client.application_id or 0, permissions=PERMISSIONS, scopes=_SCOPES
            )
            found.append(Finding("discord: invite link", True, link))
            with translated():
                await _connect(client)
            found.append(Finding("discord: connection", True, Text("doctor.discord_connected")))
            found += _servers(client, settings)
    except Fatal as error:
        found.append(Finding.of("discord: token", error))
    except discord.ConnectionClosed as end:
        found.append(Finding.of("discord: connection", closed(end.code)))
    except PlatformError as error:
        found.append(Finding.of("discord: connection", error))
    except TimeoutError:
        text = client.trouble or Text("doctor.discord_silent")
        remedy = Text("doctor.look_at_network")
        found.append(Finding("discord: connection", False, text, remedy))
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


def _servers(client: discord.Client, settings: DiscordSettings) -> Iterator[Finding]:
    """Look whether the bot is where it shall serve, and what it may do in each channel."""
    if not client.guilds:
        text, remedy = Text("doctor.discord_nowhere"), Text("doctor.open_link")
        yield Finding("discord: servers", False, text, remedy)
    for wanted in settings.guilds:
        what, guild = f"discord: server {wanted}", client.get_guild(int(wanted))
        if guild is None:
            text, remedy = Text("doctor.discord_outside"), Text("doctor.open_link_or_correct")
            yield Finding(what, False, text, remedy)
        else:
            yield Finding(what, True, guild.name)
    organisers = (settings.organisers,) if settings.organisers else ()
    for number in dict.fromkeys((*settings.watch, *organisers)):
        yield _channel(client, number, posting=number in organisers)
    for number in organisers:
        yield from _organisers(client, number, settings)


def _organisers(
    client: discord.Client, number: str, settings: DiscordSettings
) -> Iterator[Finding]:
    """Look who may answer for the lecturers, and whether what they reply to cards is read."""
    channel = client.get_channel(int(number))
    if not isinstance(channel, discord.abc.GuildChannel):
        return
    what, guild = "discord: who may answer", channel.guild
    if settings.organiser_role is not None:
        role = guild.get_role(int(settings.organiser_role))
        if role is None:
            remedy = Text("doctor.discord_correct_role")
            yield Finding(what, False, Text("doctor.discord_no_role"), remedy)
        else:
            yield Finding(what, True, f"@{role.name}")
    elif channel.permissions_for(guild.default_role).view_channel:
        text = Text("doctor.discord_everybody", name=channel.name)
        yield Finding(what, True, text, Text("doctor.discord_hide_channel"))
    else:
        yield Finding(what, True, Text("doctor.discord_who_sees", name=channel.name))
    flags = client.application_flags
    if not (flags.gateway_message_content or flags.gateway_message_content_limited):
        text = Text("doctor.discord_call")
        yield Finding("discord: replies", True, text, Text("doctor.discord_to_read"))


def _channel(client: discord.Client, number: str, *, posting: bool) -> Finding:
    """Look at a channel of the settings; ``posting``: it takes messages, not only threads."""
    what = f"discord: channel {number}"
    channel = client.get_channel(int(number))
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        remedy = Text("doctor.discord_show_channel")
        return Finding(what, False, Text("doctor.discord_no_channel"), remedy)
    if posting and not isinstance(channel, discord.abc.Messageable):
        text = Text("doctor.discord_no_messages", name=channel.name)
        return Finding(what, False, text, Text("doctor.discord_text_channel"))
    allowed = channel.permissions_for(channel.guild.me)
    lacking = [name for name, needed in PERMISSIONS if needed and not getattr(allowed, name)]
    if lacking:
        names = ", ".join(name.replace("_", " ").title() for name in lacking)
        text = Text("doctor.discord_lacks", name=channel.name, names=names)
        return Finding(what, False, text, Text("doctor.discord_permit"))
    return Finding(what, True, Text("doctor.channel", name=channel.name))
