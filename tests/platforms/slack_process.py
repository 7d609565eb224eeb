"""The bot as a process of its own, on Slack: ``python -m tests.platforms.slack_process …``."""

import argparse
import asyncio
import logging
import sys

from adapters.slack.app import Slack
from adapters.slack.settings import SlackSettings
from adapters.slack.supervise import Timing
from adapters.web.process import serve
from adapters.web.settings import HttpSettings
from bot.bootstrap import build
from bot.settings import CoreSettings, Secret
from bot.telemetry import log
from tests.fakes.faq import FAQ
from tests.fakes.search import PairSearch
from tests.fakes.slack_api import APP_TOKEN, BOT_TOKEN, SECRET

FAST = Timing(ping=1.0, look=0.1, patience=2.0, probe=5.0, wait=0.05)


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--api", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--socket", action="store_true")
    parser.add_argument("--in-flight", type=float, default=1.0)
    given = parser.parse_args()
    log.configure(logging.INFO)
    settings = SlackSettings(
        bot_token=Secret(BOT_TOKEN),
        app_token=Secret(APP_TOKEN) if given.socket else None,
        signing_secret=Secret(SECRET),
        api_url=given.api,
        organisers="C0ORGANISERS",
    )
    desk = build(
        PairSearch(FAQ),
        CoreSettings(database_url=given.database),
        organisers={"slack": "C0ORGANISERS"},
        in_flight=given.in_flight,
    )
    try:
        asyncio.run(
            serve(desk, HttpSettings(port=given.port), {"slack": Slack(settings, desk, FAST)})
        )
    finally:
        desk.close()


if __name__ == "__main__":
    sys.exit(main())
