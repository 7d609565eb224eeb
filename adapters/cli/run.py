"""``faqbot run``: serves every platform whose tokens are set; without tokens, this terminal."""

import logging
import sys
from pathlib import Path

import click

from adapters.cli.ask import answer, lines
from adapters.cli.config import Config, pass_config
from adapters.cli.faq import Answerer, open_searcher
from bot.settings import CoreSettings


@click.command()
@pass_config
def command(config: Config) -> None:
    """Serve every platform whose tokens are set, in one process.

    Without tokens this terminal is the platform: a chat, or, where standard input is piped,
    an answer for each line.
    """
    searcher = open_searcher(config)
    if sys.stdin.isatty() and sys.stdout.isatty():
        import asyncio

        from adapters.console.app import serve
        from adapters.console.drawing import draw
        from adapters.console.outbound import Terminal
        from bot.bootstrap import build
        from bot.telemetry import log

        log.configure(logging.WARNING)  # a chat is no place for a log of what goes well
        desk = build(searcher, config.section(CoreSettings))
        try:
            asyncio.run(serve(desk, Path("var", "history"), Terminal(draw)))
        finally:
            desk.close()
    else:
        answer(Answerer(searcher, config), lines(sys.stdin), sys.stdout)
