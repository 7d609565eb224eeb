"""Discord's settings: the section ``discord``."""

import re
from dataclasses import dataclass

from bot.settings import Secret

API_URL = "https://discord.com/api/v10"

_QUOTED_OR_BLANK = re.compile(r"[\s\"'`“”‘’]")
_ID = re.compile(r"[0-9]{1,20}")
_BASE_URL = re.compile(r"https?://[^/\s]+(?:/[^/\s]+)*")


@dataclass(frozen=True)
class DiscordSettings:
    """How to reach Discord, and which channels matter.

    Attributes:
        token: The bot's. None: no Discord.
        watch: Ids of the channels and forums whose questions are answered without a mention.
        organisers: Id of the channel that unanswered questions go to.
        guilds: Ids of the servers that are served; empty: every one the bot is invited to.
        api_url: The REST API. Only a proxy or a test needs another.
    """

    token: Secret | None = None
    watch: tuple[str, ...] = ()
    organisers: str | None = None
    guilds: tuple[str, ...] = ()
    api_url: str = API_URL

    def __post_init__(self) -> None:
        organisers = (self.organisers,) if self.organisers else ()
        problems = [
            *_token_problems(self.token),
            *_id_problems("FAQBOT_DISCORD__WATCH", "channel", self.watch),
            *_id_problems("FAQBOT_DISCORD__ORGANISERS", "channel", organisers),
            *_id_problems("FAQBOT_DISCORD__GUILDS", "server", self.guilds),
        ]
        if not _BASE_URL.fullmatch(self.api_url):
            problems.append(
                "FAQBOT_DISCORD__API_URL must be an http(s) address that doesn't end with /."
            )
        if problems:
            raise ValueError("\n".join(problems))


def _token_problems(token: Secret | None) -> list[str]:
    """Say what is wrong with the token, without showing it."""
    if token is None:
        return []
    value = token.reveal()
    if value.lower().startswith("bot "):
        return ["DISCORD_TOKEN starts with Bot: write the token alone."]
    if _QUOTED_OR_BLANK.search(value):
        return ["DISCORD_TOKEN has a quotation mark or a blank in it: write the token alone."]
    if value.startswith(("xoxb-", "xapp-", "xoxp-")):
        return ["DISCORD_TOKEN holds a Slack token: copy the one under Bot, Reset Token."]
    if _ID.fullmatch(value):
        return ["DISCORD_TOKEN holds an id: copy the token under Bot, Reset Token."]
    return []


def _id_problems(name: str, kind: str, ids: tuple[str, ...]) -> list[str]:
    return [
        f"{name}: {each!r} is no {kind} id; it looks like 1234567890123456789. Switch on "
        f"Developer Mode in Discord, then right-click the {kind} and choose Copy ID."
        for each in ids
        if not _ID.fullmatch(each)
    ]
