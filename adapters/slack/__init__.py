"""Slack: events in, cards out.

``app.Slack`` serves it. Here are its settings, the section ``slack``: each command reads them.
"""

import re
from dataclasses import dataclass
from typing import ClassVar

from adapters.common import ChatSettings, is_quoted
from bot.domain.links import is_base
from bot.settings import Secret, SettingsError
from bot.texts import Text

PATH = "/slack/events"
"""Where Slack sends its requests, if it comes by HTTP."""

_GROUP_ID = re.compile(r"S[A-Z0-9]{2,}")
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{2,}")
_KINDS = {
    "xoxb-": "slack_setting.bot",
    "xapp-": "slack_setting.app",
    "xoxp-": "slack_setting.user",
}


@dataclass(frozen=True)
class SlackSettings(ChatSettings):
    """How to reach Slack, and which channels matter.

    Attributes:
        bot_token: Acts as the bot; starts with ``xoxb-``. None: no Slack.
        app_token: Opens Socket Mode; starts with ``xapp-``. None: Slack comes by HTTP.
        signing_secret: Proves that a request over HTTP comes from Slack.
        organiser_group: Id of the user group whose members may answer. None: whoever is in the
            organisers' channel.
        api_url: The Web API. Only a proxy or a test needs another.
    """

    VARIABLES: ClassVar = {
        "SLACK_BOT_TOKEN": "bot_token",
        "SLACK_APP_TOKEN": "app_token",
        "SLACK_SIGNING_SECRET": "signing_secret",
    }
    BEGINS: ClassVar = {"xoxb-": "SLACK_BOT_TOKEN", "xapp-": "SLACK_APP_TOKEN"}
    MEMBER: ClassVar = re.compile(r"[UW][A-Z0-9]{1,30}")

    bot_token: Secret | None = None
    app_token: Secret | None = None
    signing_secret: Secret | None = None
    organiser_group: str | None = None
    api_url: str = "https://slack.com/api/"

    @property
    def served(self) -> bool:
        return self.bot_token is not None

    def __post_init__(self) -> None:
        problems = [
            *_token_problems("SLACK_BOT_TOKEN", self.bot_token, "xoxb-"),
            *_token_problems("SLACK_APP_TOKEN", self.app_token, "xapp-"),
            *_token_problems("SLACK_SIGNING_SECRET", self.signing_secret),
            *_channel_problems("FAQBOT_SLACK__WATCH", self.watch),
            *_channel_problems(
                "FAQBOT_SLACK__ORGANISERS", (self.organisers,) if self.organisers else ()
            ),
        ]
        if self.organiser_group and not _GROUP_ID.fullmatch(self.organiser_group):
            name, group = "FAQBOT_SLACK__ORGANISER_GROUP", repr(self.organiser_group)
            problems.append(Text("slack_setting.group", name=name, group=group))
        if not is_base(self.api_url, slash=True):
            problems.append(Text("slack_setting.url"))
        if self.bot_token and not (self.app_token or self.signing_secret):
            problems.append(Text("slack_setting.one_more"))
        if not self.bot_token and (self.app_token or self.signing_secret):
            problems.append(Text("slack_setting.no_bot_token"))
        if problems:
            raise SettingsError(*problems)


def _token_problems(name: str, token: Secret | None, prefix: str = "") -> list[Text]:
    """Say what is wrong with a token, or a secret without a prefix; neither is shown."""
    if token is None:
        return []
    if is_quoted(token):
        return [Text("setting.quoted", name=name)]
    value = token.reveal()
    kind = next((kind for start, kind in _KINDS.items() if value.startswith(start)), None)
    if not prefix:
        return [Text("slack_setting.token_as_secret", name=name)] if kind else []
    if value.startswith(prefix):
        return []
    if kind is None:
        return [Text("slack_setting.start", name=name, prefix=prefix)]
    return [Text("slack_setting.holds", name=name, prefix=prefix, kind=Text(kind))]


def _channel_problems(name: str, channels: tuple[str, ...]) -> list[Text]:
    return [
        Text("slack_setting.channel", name=name, channel=repr(channel))
        for channel in channels
        if not _CHANNEL_ID.fullmatch(channel)
    ]
