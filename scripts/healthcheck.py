"""Tell the container runtime whether the bot's process works: ends with 0 if so, else with 1.

The process answers for itself at ``/livez``: what a restart doesn't mend, a typing error in the FAQ
or a full disk, is no reason for one. It serves no HTTP where ``FAQBOT_HTTP__PORT`` is 0, and in the
console chat, which is what runs without a platform's token; then it is enough that the process
lives, and if it didn't, there would be no container to ask in.
"""

import http.client
import sys

from adapters.cli.config import Config, load_here
from adapters.discord import DiscordSettings
from adapters.slack import SlackSettings
from adapters.web import HttpSettings
from bot.errors import FaqbotError


def serves_http(config: Config) -> bool:
    """Whether the bot is to answer on its port."""
    tokens = config.section(SlackSettings).bot_token, config.section(DiscordSettings).token
    return config.section(HttpSettings).port != 0 and any(tokens)


def answers(settings: HttpSettings) -> bool:
    """Whether ``/livez`` says that the process works."""
    connection = http.client.HTTPConnection(settings.reached_at, settings.port, timeout=4)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException) as error:
        print(f"{settings.reached_at}:{settings.port}/livez: {error}", file=sys.stderr)
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    try:
        config = load_here()
        sys.exit(serves_http(config) and not answers(config.section(HttpSettings)))
    except FaqbotError as error:
        sys.exit(str(error))
