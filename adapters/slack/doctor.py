"""Examines the Slack side: tokens, scopes, Socket Mode, clock, channels."""

import time
from email.utils import parsedate_to_datetime

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.common.finding import Finding
from adapters.slack import manifest, payloads, quiet
from adapters.slack.errors import APP_SETTING, missing_scope, translated
from adapters.slack.outbound import data_of
from adapters.slack.settings import SlackSettings
from bot.domain.ports import PlatformError
from bot.settings import Secret

CLOCK_TOLERANCE = 120.0
"""Seconds; Slack's signatures are good for five minutes."""
REQUEST_LIMIT = 10.0


async def examine(settings: SlackSettings, *, offline: bool) -> tuple[Finding, ...]:
    """Look at everything that can be looked at; nothing is changed.

    Args:
        settings: Validated, so the tokens are of the right kind.
        offline: Don't ask Slack.
    """
    if settings.bot_token is None:
        return (Finding("slack", True, "not set up; docs/operators/slack.md says how"),)
    way = "Socket Mode" if settings.app_token else "HTTP at /slack/events"
    found = [Finding("slack: settings", True, f"tokens are set; events come by {way}")]
    if settings.organisers is None:
        advice = "no channel for unanswered questions (FAQBOT_SLACK__ORGANISERS)"
        found.append(Finding("slack: organisers", True, advice))
    if offline:
        return tuple(found)
    logger = quiet.libraries()
    timeout = aiohttp.ClientTimeout(total=REQUEST_LIMIT)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        client = AsyncWebClient(
            token=settings.bot_token.reveal(),
            base_url=settings.api_url,
            session=session,
            logger=logger,
            retry_handlers=[],
        )
        bot = await _bot(client)
        found += bot
        if settings.app_token is not None:
            found.append(await _socket_mode(client, settings.app_token))
        if all(each.ok for each in bot):
            channels = (*settings.watch, *((settings.organisers,) if settings.organisers else ()))
            found += [await _channel(client, each) for each in dict.fromkeys(channels)]
    return tuple(found)


async def _bot(client: AsyncWebClient) -> list[Finding]:
    """Look at the bot's token: whose it is, what it may do, and how late it is there."""
    try:
        with translated():
            response = await client.auth_test()
    except PlatformError as error:
        return [Finding("slack: bot token", False, error.message, error.remedy)]
    who, where = response.get("user"), response.get("team")
    found = [Finding("slack: bot token", True, f"@{who} in {where}")]
    lacking = manifest.lacking(response.headers.get("x-oauth-scopes"))
    if lacking:
        missing = missing_scope(", ".join(lacking))
        found.append(Finding("slack: scopes", False, missing.message, missing.remedy))
    else:
        found.append(Finding("slack: scopes", True, "all that are needed"))
    stamp = response.headers.get("Date")
    if stamp is not None:
        off = abs(parsedate_to_datetime(stamp).timestamp() - time.time())
        fine = off < CLOCK_TOLERANCE
        remedy = "" if fine else "Set this machine's clock (NTP); Slack's signatures expire by it."
        found.append(Finding("slack: clock", fine, f"{off:.0f} s from Slack's", remedy))
    return found


async def _socket_mode(client: AsyncWebClient, token: Secret) -> Finding:
    """Look whether a Socket Mode connection would be let in."""
    what = "slack: Socket Mode"
    try:
        with translated(APP_SETTING):
            await client.apps_connections_open(app_token=token.reveal())
    except PlatformError as error:
        remedy = error.remedy or "Switch it on under Settings, Socket Mode."
        return Finding(what, False, error.message, remedy)
    return Finding(what, True, "on")


async def _channel(client: AsyncWebClient, channel: str) -> Finding:
    """Look whether the bot is in a channel of the settings."""
    what = f"slack: channel {channel}"
    invite = "Write /invite @FAQ in that channel, or correct the id in the settings."
    try:
        with translated():
            response = await client.conversations_info(channel=channel)
    except PlatformError as error:
        return Finding(what, False, error.message, error.remedy or invite)
    info = payloads.read(data_of(response), payloads.ChannelInfo).channel
    if info.is_archived:
        return Finding(what, False, f"#{info.name} is archived", "Choose another channel.")
    if not info.is_member:
        return Finding(what, False, f"the bot isn't in #{info.name}", invite)
    return Finding(what, True, f"#{info.name}")
