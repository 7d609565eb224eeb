"""A process that serves Discord alone: what ``faqbot run`` does with nothing but its token set."""

import asyncio
import os

from adapters.cli.config import load_here
from adapters.cli.faq import open_searcher
from adapters.discord.app import Discord
from adapters.discord.settings import DiscordSettings
from adapters.web.process import serve
from adapters.web.settings import HttpSettings
from bot.bootstrap import build
from bot.settings import CoreSettings, Secret
from bot.telemetry import log
from tests.fakes.discord_state import TOKEN, WATCHED


def main() -> None:
    log.configure(int(os.environ.pop("LOG_LEVEL", "20")))
    settings = DiscordSettings(
        token=Secret(TOKEN), watch=(WATCHED,), api_url=os.environ.pop("DISCORD_API")
    )
    config = load_here()
    desk = build(
        open_searcher(config),
        config.section(CoreSettings),
        watched={"discord": settings.watch},
        in_flight=2.0,
    )
    try:
        asyncio.run(serve(desk, config.section(HttpSettings), {"discord": Discord(settings, desk)}))
    finally:
        desk.close()


if __name__ == "__main__":
    main()
