"""The container's health check, run as the container runtime runs it."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

HEALTHCHECK = Path(__file__).parents[2] / "scripts/healthcheck.py"


def health(folder: Path, **environ: str) -> int:
    """Return the exit code of the check in this folder and environment."""
    return subprocess.run(
        [sys.executable, HEALTHCHECK], cwd=folder, env=environ, capture_output=True, check=False
    ).returncode


class Bot(HTTPServer):
    """Answers ``/livez`` on loopback as the bot does, with the status that the test sets."""

    status = 200


class Handler(BaseHTTPRequestHandler):
    server: Bot

    def do_GET(self) -> None:
        self.send_response(self.server.status if self.path == "/livez" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep standard error free for the tests' own output."""


@pytest.fixture
def bot() -> Iterator[Bot]:
    with Bot(("127.0.0.1", 0), Handler) as bot:
        thread = threading.Thread(target=bot.serve_forever, args=(0.01,))
        thread.start()
        yield bot
        bot.shutdown()
        thread.join()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_a_bot_with_a_token_is_as_healthy_as_it_says(
    tmp_path: Path, bot: Bot, status: int, code: int
) -> None:
    bot.status = status
    port = str(bot.server_port)

    assert health(tmp_path, DISCORD_TOKEN="x", FAQBOT_HTTP__PORT=port) == code


def test_a_bot_with_a_token_that_does_not_answer_is_unhealthy(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens: a connection is refused
        port = str(taken.getsockname()[1])

        assert health(tmp_path, SLACK_BOT_TOKEN="x", FAQBOT_HTTP__PORT=port) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".env", "DISCORD_TOKEN=x\nFAQBOT_HTTP__PORT={port}\n"),
        ("faqbot.toml", '[discord]\ntoken = "x"\n[http]\nport = {port}\n'),
    ],
)
def test_token_and_port_may_lie_in_a_file(tmp_path: Path, bot: Bot, name: str, text: str) -> None:
    (tmp_path / name).write_text(text.format(port=bot.server_port))
    assert health(tmp_path) == 0
    bot.status = 503
    assert health(tmp_path) == 1


def test_a_bot_without_http_is_healthy_while_it_lives(tmp_path: Path) -> None:
    assert health(tmp_path, DISCORD_TOKEN="x", FAQBOT_HTTP__PORT="0") == 0


def test_the_console_chat_is_healthy_while_it_lives(tmp_path: Path) -> None:
    assert health(tmp_path) == 0
