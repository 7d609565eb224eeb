"""``faqbot run``: serves every platform whose tokens are set; without tokens, this terminal."""

import gc
import itertools
import logging
import signal
import sys
from contextlib import AbstractAsyncContextManager, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

import click

from adapters.cli.config import Config, exposed, pass_config
from adapters.cli.faq import answer, open_catalogue
from adapters.cli.streams import lines, require_utf8
from adapters.discord import DiscordSettings
from adapters.slack import SlackSettings
from adapters.web import HttpSettings
from bot.catalogue import Catalogue
from bot.errors import FaqbotError
from bot.settings import (
    CoreSettings,
    LearningSettings,
    LimitSettings,
    LogSettings,
    RetentionSettings,
    SettingsError,
)
from bot.texts import Text

if TYPE_CHECKING:
    from adapters.web.process import Service
    from bot.desk.desk import Desk

CHAT_EVERY = 5
"""Looks at the FAQ's files for each at what is published in chat: the desk says when that changes.
"""
END = 9.5
"""Seconds from a signal to the end: a supervisor kills after ten."""


@click.command()
@pass_config
def run(config: Config) -> None:
    """Serve every platform whose tokens are set, in one process.

    Without tokens this terminal is the platform: a chat, or, where standard input is piped,
    an answer for each line.
    """
    if faults := config.faults():
        raise SettingsError(*itertools.chain(*faults.values()))
    if any(chat.served for chat in config.chats().values()):
        for warning, remedy in exposed():
            print(config.texts.say("command.note", note=warning), remedy, sep=": ", file=sys.stderr)
        _serve(config)
        return
    gc.enable()
    for variable, meant in config.misnamed.items():
        config.note(Text("setting.misnamed", name=variable, meant=meant))
    require_utf8()
    if sys.stdin.isatty() and sys.stdout.isatty():
        _chat(config, open_catalogue(config, serving=True))
    else:
        catalogue = open_catalogue(config)
        catalogue.add_meaning()
        answer(config, catalogue.searcher, lines(sys.stdin))


def _serve(config: Config) -> None:
    """Serve the platforms until told to stop."""
    import asyncio
    from importlib.metadata import version

    from adapters.cli.doctor import organisers
    from adapters.web.process import serve
    from adapters.web.server import listening
    from bot.telemetry import EventLogger, configure

    # Until the platforms are served, which ends in order: the first process of a container would
    # ignore the signal that it doesn't handle, go on to serve, and be killed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    configure(config.section(LogSettings).level.upper())
    EventLogger("faqbot.process").info("starting", version=version("faqbot"))
    with listening(config.section(HttpSettings)) as sockets:
        catalogue = open_catalogue(config, serving=True, last_good=True)
        desk, services = _parts(config, catalogue)
        for each in organisers(config.chats()):
            if not each.ok:  # nobody else will ever find out: no card goes there
                desk.health().report(each.what, False, FaqbotError(each.detail, each.remedy))
        settle()
        following = catalogue.following(desk.health(), chat_every=CHAT_EVERY)
        try:
            with ExitStack() as beside:
                asyncio.run(
                    serve(
                        desk,
                        sockets,
                        services,
                        # To load the encoder takes its time, which the start needn't share.
                        started=lambda: beside.enter_context(following),
                        stopping=_end_in_time,
                    )
                )
        finally:
            desk.close()


def _end_in_time() -> None:
    """End the process soon, whatever hangs in it by then; what hangs is written to the log."""
    import faulthandler

    faulthandler.dump_traceback_later(END, exit=True)


def settle() -> None:
    """Let the collector pass over what is there to stay.

    To look through a large FAQ takes it a tenth of a second.
    """
    gc.freeze()
    gc.enable()


def _parts(
    config: Config, catalogue: Catalogue
) -> "tuple[Desk, dict[str, AbstractAsyncContextManager[Service]]]":
    """Make the desk and the platforms whose tokens are set; nothing is connected yet."""
    from bot.bootstrap import build

    chats = config.chats()
    desk = build(
        catalogue.searcher,
        config.section(CoreSettings),
        retention=config.section(RetentionSettings),
        limits=config.section(LimitSettings),
        organisers={name: chat.organisers for name, chat in chats.items()},
        watched={name: chat.watch for name, chat in chats.items()},
        learning=config.section(LearningSettings),
        published=catalogue.wake,
        in_files=catalogue.leads,
    )
    desk.metrics.meaning.set_function(lambda: float(catalogue.searcher.by_meaning))
    services: dict[str, AbstractAsyncContextManager[Service]] = {}
    if chats["slack"].served:
        from adapters.slack.app import Slack

        services["slack"] = Slack(config.section(SlackSettings), desk)
    if chats["discord"].served:
        from adapters.discord.app import Discord

        services["discord"] = Discord(config.section(DiscordSettings), desk, alone=not services)
    return desk, services


def _chat(config: Config, catalogue: Catalogue) -> None:
    """Chat in this terminal."""
    import asyncio

    from prompt_toolkit.patch_stdout import StdoutProxy

    from adapters.console.app import serve
    from adapters.console.outbound import Terminal
    from bot.telemetry import configure

    desk, _ = _parts(config, catalogue)
    try:
        # A chat is no place for a log of what goes well; what doesn't stands above the prompt.
        with StdoutProxy(raw=True) as above:
            configure(logging.ERROR, cast(TextIO, above) if sys.stderr.isatty() else None)
            with catalogue.following(desk.health(), chat_every=CHAT_EVERY):
                asyncio.run(serve(desk, Path("var", "history"), Terminal()))
    finally:
        desk.close()
