"""Tell the container runtime whether the bot works: ends with 0 if so, else with 1.

The bot answers for itself at ``/healthz``. It serves no HTTP where ``FAQBOT_HTTP__PORT`` is 0, and
in the console chat, which is what runs without a platform's token; then it is enough that the
process lives, and if it didn't, there would be no container to ask in.
"""

import http.client
import os
import sys
from collections.abc import Mapping
from pathlib import Path

TOKENS = ("SLACK_BOT_TOKEN", "DISCORD_TOKEN")
FILES = (".env", "faqbot.toml")


def serves_http(environ: Mapping[str, str], folder: Path) -> bool:
    """Whether the bot is to answer on its port.

    Args:
        environ: The container's environment.
        folder: The bot's working directory; a settings file there may hold the tokens.
    """
    if environ.get("FAQBOT_HTTP__PORT") == "0":
        return False
    return any(environ.get(token) for token in TOKENS) or any(
        (folder / name).exists() for name in FILES
    )


def answers(port: int) -> bool:
    """Whether ``/healthz`` on this port says that all is well."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException) as error:
        print(f"127.0.0.1:{port}/healthz: {error}", file=sys.stderr)
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    if serves_http(os.environ, Path()):
        sys.exit(not answers(int(os.environ.get("FAQBOT_HTTP__PORT", "8080"))))
