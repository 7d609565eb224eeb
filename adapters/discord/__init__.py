"""Discord: events in, cards out.

``app.Discord`` serves it. Here are its settings, the section ``discord``: each command reads them.
"""

import re
from dataclasses import dataclass
from typing import ClassVar

from adapters.common import ChatSettings, is_quoted
from bot.domain.links import is_base
from bot.settings import Secret, SettingsError
from bot.texts import Text

API_URL = "https://discord.com/api/v10"

_ID = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True)
class DiscordSettings(ChatSettings):
    """How to reach Discord, and which channels matter.

    Attributes:
        token: The bot's. None: no Discord.
        organiser_role: Id of the role whose bearers may answer. None: whoever sees the organisers'
            channel.
        guilds: Ids of the servers that are served; empty: every one the bot is invited to.
        shards: The numbers of the shards that this process may serve; empty: all.
        shard_count: How many there are. None: as many as Discord recommends.
        lease: Seconds after which another process takes over a shard whose own isn't heard of.
        api_url: The REST API. Only a proxy or a test needs another.
    """

    VARIABLES: ClassVar = {"DISCORD_TOKEN": "token"}
    MEMBER: ClassVar = re.compile(r"[0-9]{5,20}")

    token: Secret | None = None
    organiser_role: str | None = None
    guilds: tuple[str, ...] = ()
    shards: tuple[int, ...] = ()
    shard_count: int | None = None
    lease: float = 15.0
    api_url: str = API_URL

    @property
    def served(self) -> bool:
        return self.token is not None

    def __post_init__(self) -> None:
        organisers = (self.organisers,) if self.organisers else ()
        role = (self.organiser_role,) if self.organiser_role else ()
        channel, server = Text("discord_setting.channel"), Text("discord_setting.server")
        problems = [
            *_token_problems(self.token),
            *_id_problems("FAQBOT_DISCORD__WATCH", channel, self.watch),
            *_id_problems("FAQBOT_DISCORD__ORGANISERS", channel, organisers),
            *_id_problems("FAQBOT_DISCORD__ORGANISER_ROLE", Text("discord_setting.role"), role),
            *_id_problems("FAQBOT_DISCORD__GUILDS", server, self.guilds),
        ]
        if self.shards and self.shard_count is None:
            problems.append(Text("discord_setting.shard_count"))
        elif not all(0 <= each < (self.shard_count or 1) for each in self.shards):
            last = str((self.shard_count or 1) - 1)
            problems.append(Text("discord_setting.shards", last=last))
        if self.shard_count is not None and self.shard_count < 1:
            problems.append(Text("discord_setting.no_shards"))
        if not 1.0 <= self.lease <= 60.0:
            problems.append(Text("discord_setting.lease"))
        if not is_base(self.api_url, slash=False):
            problems.append(Text("discord_setting.url"))
        if problems:
            raise SettingsError(*problems)


def _token_problems(token: Secret | None) -> list[Text]:
    """Say what is wrong with the token, without showing it."""
    if token is None:
        return []
    value = token.reveal()
    if value.lower().startswith("bot "):
        return [Text("discord_setting.bot")]
    if is_quoted(token):
        return [Text("setting.quoted", name="DISCORD_TOKEN")]
    if value.startswith(("xoxb-", "xapp-", "xoxp-")):
        return [Text("discord_setting.slack")]
    if _ID.fullmatch(value):
        return [Text("discord_setting.id")]
    return []


def _id_problems(name: str, kind: Text, ids: tuple[str, ...]) -> list[Text]:
    return [
        Text("discord_setting.wrong_id", name=name, given=repr(each), kind=kind)
        for each in ids
        if not _ID.fullmatch(each)
    ]
