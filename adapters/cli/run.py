"""``faqbot run``: serves every platform whose tokens are set; without tokens, this terminal."""

import sys

import click

from adapters.cli.ask import answer, lines
from adapters.cli.config import Config, pass_config
from adapters.cli.faq import Answerer, open_searcher


@click.command()
@pass_config
def command(config: Config) -> None:
    """Serve every platform whose tokens are set, in one process.

    Without tokens this terminal is the platform: a chat, or, where standard input is piped,
    an answer for each line.
    """
    answerer = Answerer(open_searcher(config), config)
    answer(answerer, lines(sys.stdin), sys.stdout)
