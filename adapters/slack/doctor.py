"""Examines the Slack side: tokens, scopes, Socket Mode, clock, channels; and what it should be."""

import time
from email.utils import parsedate_to_datetime
from functools import cache
from importlib import resources
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.common import Finding
from adapters.slack import SlackSettings, payloads
from adapters.slack.api import (
    APP_SETTING,
    REQUEST_LIMIT,
    answered,
    missing_scope,
    translated,
    web_client,
)
from bot.domain.ports import Gone, PlatformError
from bot.settings import Secret
from bot.texts import Text

CLOCK_TOLERANCE = 120.0
"""Seconds; Slack's signatures are good for five minutes."""


async def examine(settings: SlackSettings, *, offline: bool) -> tuple[Finding, ...]:
    """Look at everything that can be looked at; nothing is changed.

    Args:
        settings: Validated, so the tokens are of the right kind.
        offline: Don't ask Slack.
    """
    if settings.bot_token is None:
        return (
            Finding("slack", True, Text("doctor.not_set_up", document="docs/operators/slack.md")),
        )
    way = "Socket Mode" if settings.app_token else "HTTP (/slack/events)"
    found = [Finding("slack: settings", True, Text("doctor.tokens", way=way))]
    if offline:
        return tuple(found)
    timeout = aiohttp.ClientTimeout(total=REQUEST_LIMIT)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        client = web_client(session, settings.api_url, settings.bot_token.reveal())
        bot = await _bot(client)
        found += bot
        if settings.app_token is not None:
            found.append(await _socket_mode(client, settings.app_token))
        if bot[0].ok:  # without the token nothing is shown
            channels = (*settings.watch, *((settings.organisers,) if settings.organisers else ()))
            found += [await _channel(client, each) for each in dict.fromkeys(channels)]
            if settings.organiser_group is not None:
                found.append(await _group(client, settings.organiser_group))
    return tuple(found)


async def _bot(client: AsyncWebClient) -> list[Finding]:
    """Look at the bot's token: whose it is, what it may do, and how late it is there."""
    try:
        with translated():
            response = await client.auth_test()
    except PlatformError as error:
        return [Finding.of("slack: bot token", error)]
    found = [Finding("slack: bot token", True, f"@{response.get('user')} ({response.get('team')})")]
    missing = lacking(response.headers.get("x-oauth-scopes"))
    if missing:
        found.append(Finding.of("slack: scopes", missing_scope(", ".join(missing))))
    else:
        found.append(Finding("slack: scopes", True, Text("doctor.scopes")))
    stamp = response.headers.get("Date")
    if stamp is not None:
        off = abs(parsedate_to_datetime(stamp).timestamp() - time.time())
        fine = off < CLOCK_TOLERANCE
        remedy = "" if fine else Text("doctor.set_clock")
        seconds = f"{off:.0f}"
        found.append(Finding("slack: clock", fine, Text("doctor.clock", seconds=seconds), remedy))
    return found


async def _socket_mode(client: AsyncWebClient, token: Secret) -> Finding:
    """Look whether a Socket Mode connection would be let in."""
    what = "slack: Socket Mode"
    try:
        with translated(APP_SETTING):
            await client.apps_connections_open(app_token=token.reveal())
    except PlatformError as error:
        return Finding.of(what, error, Text("doctor.switch_socket_mode_on"))
    return Finding(what, True, Text("doctor.works"))


async def _channel(client: AsyncWebClient, channel: str) -> Finding:
    """Look whether the bot can post in a channel of the settings."""
    what = f"slack: channel {channel}"
    invite = Text("doctor.slack_invite")
    try:
        call = client.conversations_info(channel=channel)
        info = (await answered(call, payloads.ChannelInfo)).channel
    except Gone:
        return Finding(what, False, Text("doctor.slack_no_channel"), invite)
    except PlatformError as error:
        return Finding.of(what, error, invite)
    if info.is_archived:
        text = Text("doctor.slack_archived", name=info.name)
        return Finding(what, False, text, Text("doctor.slack_other_channel"))
    if not info.is_member:
        return Finding(what, False, Text("doctor.slack_outside", name=info.name), invite)
    if info.is_read_only:
        text = Text("doctor.slack_read_only", name=info.name)
        return Finding(what, False, text, Text("doctor.slack_let_post"))
    return Finding(what, True, Text("doctor.channel", name=info.name))


async def _group(client: AsyncWebClient, group: str) -> Finding:
    """Look who is in the user group that may answer for the lecturers."""
    what, remedy = f"slack: user group {group}", Text("doctor.slack_correct_group")
    try:
        call = client.usergroups_users_list(usergroup=group)
        count = len((await answered(call, payloads.GroupMembers)).users)
    except Gone:
        return Finding(what, False, Text("doctor.slack_no_group"), remedy)
    except PlatformError as error:
        return Finding.of(what, error, remedy)
    members = Text("doctor.slack_group", count=str(count))
    return Finding(what, count > 0, members, "" if count else remedy)


def manifest() -> dict[str, Any]:
    """Read ``manifest.yaml``, which operators paste into Slack."""
    import yaml  # 7 ms: time enough when Slack has answered

    text = (resources.files("adapters.slack") / "manifest.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def lacking(granted: str | None) -> tuple[str, ...]:
    """Return the scopes that a token lacks.

    Args:
        granted: The header ``x-oauth-scopes`` of any answer; None where Slack doesn't tell.
    """
    if granted is None:
        return ()
    return tuple(sorted(scopes() - {each.strip() for each in granted.split(",")}))


@cache
def scopes() -> frozenset[str]:
    """Return the scopes that the bot's token needs."""
    return frozenset(manifest()["oauth_config"]["scopes"]["bot"])
