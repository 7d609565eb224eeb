"""The commands that the bot registers: only when they changed, as Discord limits it."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from importlib import resources

from adapters.discord.api import Api
from adapters.discord.backlog import Notebook
from adapters.discord.render import Json
from bot.domain.ports import PlatformError
from bot.telemetry import EventLogger

RETRY = 600.0
"""Seconds between two tries to register."""

Commands = Sequence[Json]

log = EventLogger("faqbot.discord")


def commands() -> Commands:
    """Read ``commands.yaml``."""
    import yaml  # 7 ms: time enough while Discord is being connected

    text = (resources.files("adapters.discord") / "commands.yaml").read_text(encoding="utf-8")
    loaded: Commands = yaml.safe_load(text)
    return loaded


async def register(api: Api, guilds: tuple[str, ...], notebook: Notebook) -> None:
    """Register the commands where something changed; where that fails, try again later.

    Args:
        api: Signed in.
        guilds: Ids of the servers that are served; there commands appear at once. Empty: all.
        notebook: Remembers what was registered.
    """
    own = commands()
    wanted: dict[str, Commands] = dict.fromkeys(guilds or ("",), own)
    # Where the bot served before it has no commands any more.
    wanted |= {guild: () for guild in notebook.kept.registered if guild not in wanted}
    while True:
        done = [await _register(api, notebook, *each) for each in wanted.items()]
        if all(done):
            return
        await asyncio.sleep(RETRY)


async def _register(api: Api, notebook: Notebook, guild: str, wanted: Commands) -> bool:
    """Register at one place; return False where it failed."""
    known = notebook.kept.registered
    mark = _hash([str(api.signed_in.application_id), *wanted])
    if known.get(guild) == mark:
        return True
    try:
        await api.register(wanted, guild)
    except PlatformError as error:
        log.error("commands not registered", guild=guild, problem=str(error))
        return False
    log.info("commands registered", guild=guild or "everywhere")
    notebook.note(registered={**notebook.kept.registered, guild: mark})
    return True


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
