"""``faqbot run``: serves every platform whose tokens are set; without tokens, this terminal."""

import logging
import sys
import threading
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

import click

from adapters.cli.ask import answer, lines, require_utf8
from adapters.cli.config import SECTIONS, Config, exposed, pass_config
from adapters.cli.faq import Answerer, add_meaning, open_searcher
from adapters.cli.starting import starting, take_short_turns
from adapters.discord.settings import DiscordSettings
from adapters.slack.settings import SlackSettings
from adapters.web.settings import HttpSettings
from bot.errors import FaqbotError
from bot.search.searcher import Searcher
from bot.settings import CoreSettings, LimitSettings, LogSettings, RetentionSettings, SearchSettings
from bot.texts import Text

if TYPE_CHECKING:
    from adapters.cli.last_good import LastGood
    from adapters.web.process import Service
    from bot.desk.desk import Desk
    from bot.telemetry.health import Health


@click.command()
@pass_config
def command(config: Config) -> None:
    """Serve every platform whose tokens are set, in one process.

    Without tokens this terminal is the platform: a chat, or, where standard input is piped,
    an answer for each line.
    """
    config.sections(*SECTIONS.values())
    if config.section(SlackSettings).bot_token or config.section(DiscordSettings).token:
        for warning, remedy in exposed():
            print(config.texts.say("command.note", note=warning), remedy, sep=": ", file=sys.stderr)
        _serve(config)
        return
    for variable, meant in config.misnamed.items():
        text = Text("setting.misnamed", name=variable, meant=meant)
        print(config.texts.say("command.note", note=text), file=sys.stderr)
    require_utf8()
    searcher = open_searcher(config)
    if sys.stdin.isatty() and sys.stdout.isatty():
        _chat(config, searcher)
    else:
        add_meaning(config, searcher)
        answer(Answerer(searcher, config), lines(sys.stdin), sys.stdout)


def _serve(config: Config) -> None:
    """Serve the platforms until told to stop."""
    import asyncio
    from importlib.metadata import version

    with starting():
        from adapters.cli.last_good import LastGood
        from adapters.cli.reloading import Reloading, stamp
        from adapters.web.process import serve
        from adapters.web.server import listening
        from bot.telemetry import log

    log.configure(config.section(LogSettings).level.upper())
    process = log.EventLogger("faqbot.process")
    process.info("starting", version=version("faqbot"))
    path, kept = config.data_path, LastGood(config.data_path)
    with listening(config.section(HttpSettings)) as sockets:
        seen = stamp(path)
        with starting():
            searcher, broken = _open(config, kept)
            if broken:
                process.error("the last good faq is served", problem=str(broken))
            desk, services = _parts(config, searcher)
        take_short_turns()
        try:
            health = desk.health()
            _learn(config, searcher, health)
            with Reloading(path, searcher, health, seen=seen, kept=kept, broken=broken):
                asyncio.run(serve(desk, sockets, services))
        finally:
            desk.close()


def _learn(config: Config, searcher: Searcher, health: "Health") -> None:
    """Find entries by meaning too, once the encoder is loaded; questions needn't wait for it."""
    from bot.telemetry import log

    if config.section(SearchSettings).meaning == "off":
        return

    process = log.EventLogger("faqbot.process")

    def learn() -> None:
        try:
            add_meaning(config, searcher)
        except FaqbotError as error:
            health.report("meaning", False, Text("health.meaning"))
            process.error("search goes on by words alone", problem=str(error))
        except BaseException as error:  # noqa: BLE001 - by words alone it goes on
            health.report("meaning", False, Text("health.meaning"))
            process.error("search goes on by words alone", error)
        else:
            health.report("meaning", True)

    health.report("meaning", True, "loading")
    threading.Thread(target=learn, name="meaning", daemon=True).start()


def _open(config: Config, kept: "LastGood") -> tuple[Searcher, FaqbotError | None]:
    """Open the FAQ; where it can't be used, the last good one, and say why.

    Raises:
        FaqbotError: There is no last good one either.
    """
    try:
        return open_searcher(config), None
    except FaqbotError as error:
        copy = kept.serve()
        for lists in (config.data_path, copy) if copy else ():  # a list may be what is broken
            with suppress(FaqbotError):
                return open_searcher(config, copy, lists), error
        raise


def _parts(
    config: Config, searcher: Searcher
) -> "tuple[Desk, dict[str, AbstractAsyncContextManager[Service]]]":
    """Make the desk and the platforms whose tokens are set; nothing is connected yet."""
    from bot.bootstrap import build

    slack, discord = config.section(SlackSettings), config.section(DiscordSettings)
    organisers = {"slack": slack.organisers, "discord": discord.organisers}
    desk = build(
        searcher,
        config.section(CoreSettings),
        retention=config.section(RetentionSettings),
        limits=config.section(LimitSettings),
        organisers={name: channel for name, channel in organisers.items() if channel},
        watched={"slack": slack.watch, "discord": discord.watch},
    )
    services: dict[str, AbstractAsyncContextManager[Service]] = {}
    if slack.bot_token:
        from adapters.slack.app import Slack

        services["slack"] = Slack(slack, desk)
    if discord.token:
        from adapters.discord.app import Discord

        services["discord"] = Discord(discord, desk, alone=not slack.bot_token)
    return desk, services


def _chat(config: Config, searcher: Searcher) -> None:
    """Chat in this terminal."""
    import asyncio

    from prompt_toolkit.patch_stdout import StdoutProxy

    from adapters.cli.reloading import Reloading
    from adapters.console.app import serve
    from adapters.console.outbound import Terminal
    from bot.telemetry import log

    desk, _ = _parts(config, searcher)
    _learn(config, searcher, desk.health())
    try:
        # A chat is no place for a log of what goes well; what doesn't stands above the prompt.
        with (
            StdoutProxy(raw=True) as above,
            Reloading(config.data_path, searcher, desk.health()),
        ):
            log.configure(logging.ERROR, cast(TextIO, above) if sys.stderr.isatty() else None)
            asyncio.run(serve(desk, Path("var", "history"), Terminal()))
    finally:
        desk.close()
