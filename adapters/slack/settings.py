"""Slack's settings: the section ``slack``."""

import re
from dataclasses import dataclass

from bot.settings import Secret

_QUOTED_OR_BLANK = re.compile(r"[\s\"'`“”‘’]")
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{2,}")
_BASE_URL = re.compile(r"https?://[^/\s]+/(?:.*/)?")


@dataclass(frozen=True)
class SlackSettings:
    """How to reach Slack, and which channels matter.

    Attributes:
        bot_token: Acts as the bot; starts with ``xoxb-``. None: no Slack.
        app_token: Opens Socket Mode; starts with ``xapp-``. None: Slack comes by HTTP.
        signing_secret: Proves that a request over HTTP comes from Slack.
        watch: Ids of the channels whose questions are answered without a mention.
        organisers: Id of the channel that unanswered questions go to.
        api_url: The Web API. Only a proxy or a test needs another.
    """

    bot_token: Secret | None = None
    app_token: Secret | None = None
    signing_secret: Secret | None = None
    watch: tuple[str, ...] = ()
    organisers: str | None = None
    api_url: str = "https://slack.com/api/"

    def __post_init__(self) -> None:
        problems = [
            *_token_problems("SLACK_BOT_TOKEN", self.bot_token, "xoxb-"),
            *_token_problems("SLACK_APP_TOKEN", self.app_token, "xapp-"),
            *_secret_problems("SLACK_SIGNING_SECRET", self.signing_secret),
            *_channel_problems("FAQBOT_SLACK__WATCH", self.watch),
            *_channel_problems(
                "FAQBOT_SLACK__ORGANISERS", (self.organisers,) if self.organisers else ()
            ),
        ]
        if not _BASE_URL.fullmatch(self.api_url):
            problems.append("FAQBOT_SLACK__API_URL must be an http(s) address that ends with /.")
        one_more = "SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP)"
        if self.bot_token and not (self.app_token or self.signing_secret):
            problems.append(f"SLACK_BOT_TOKEN needs one more: set {one_more} as well.")
        if not self.bot_token and (self.app_token or self.signing_secret):
            problems.append("SLACK_BOT_TOKEN is missing: copy it from OAuth & Permissions.")
        if problems:
            raise ValueError("\n".join(problems))


def _token_problems(name: str, token: Secret | None, prefix: str) -> list[str]:
    """Say what is wrong with a token, without showing it."""
    if token is None:
        return []
    value = token.reveal()
    if _QUOTED_OR_BLANK.search(value):
        return [f"{name} has a quotation mark or a blank in it: write the token alone."]
    if value.startswith(prefix):
        return []
    other = {"xoxb-": "a bot token", "xapp-": "an app-level token", "xoxp-": "a user token"}
    kind = next((kind for start, kind in other.items() if value.startswith(start)), None)
    found = f", but holds {kind}" if kind else ""
    return [f"{name} must start with {prefix}{found}."]


def _secret_problems(name: str, secret: Secret | None) -> list[str]:
    if secret is None:
        return []
    value = secret.reveal()
    if _QUOTED_OR_BLANK.search(value):
        return [f"{name} has a quotation mark or a blank in it: write the secret alone."]
    if value.startswith(("xoxb-", "xapp-", "xoxp-")):
        return [f"{name} holds a token: copy Signing Secret from Basic Information."]
    return []


def _channel_problems(name: str, channels: tuple[str, ...]) -> list[str]:
    return [
        f"{name}: {channel!r} is no channel id; it looks like C0123ABCD and stands at the end "
        "of the channel's details."
        for channel in channels
        if not _CHANNEL_ID.fullmatch(channel)
    ]
