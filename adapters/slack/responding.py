"""Answers to an interaction by its ``response_url``: five of them, within thirty minutes."""

from typing import Literal

from aiohttp import ClientSession
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.slack.errors import PLATFORM, translated, unreachable, wait_of
from adapters.slack.render import Message
from bot.domain.ports import Gone, PlatformError, RateLimited


class Responding:
    """Answers who pressed, commanded or chose, where the bot itself may not post."""

    def __init__(self, session: ClientSession) -> None:
        self._session = session

    async def respond(
        self,
        handle: str,
        message: Message,
        to: Literal["ephemeral", "in_channel"],
        *,
        replace: bool = False,
    ) -> None:
        """Show a message.

        Args:
            handle: The ``response_url``, and behind ``#`` the thread that it belongs in.
            message: What is shown.
            to: The one person only, or everybody in the channel.
            replace: Put it in the place of the message that the button is on.

        Raises:
            Gone: The handle was used too often, or is too old.
            PlatformError: It wasn't shown, or nobody knows.
        """
        url, _, thread = handle.partition("#")
        webhook = AsyncWebhookClient(url, session=self._session, retry_handlers=[])
        body = {
            "text": message.text,
            "blocks": list(message.blocks) or None,
            "response_type": to,
            "replace_original": replace,
            "thread_ts": thread or None,
        }
        with translated():
            response = await webhook.send_dict(body)
        match response.status_code:
            case 429:
                raise RateLimited(PLATFORM, wait_of(response.headers))
            case 403 | 404 | 410:
                raise Gone(PLATFORM, "The answer came too late to be shown privately.")
            case status if status >= 500:
                raise unreachable(f"HTTP {status}")
            case status if status >= 400:
                raise PlatformError(PLATFORM, f"Slack refuses (HTTP {status}).")
