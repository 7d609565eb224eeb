"""What the adapter uses of discord.py that discord.py doesn't promise to keep, named once."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import discord
import pytest
from discord import gateway, http
from discord.webhook import async_

ADAPTER = Path(__file__).parents[2] / "adapters" / "discord"
ALLOWED = {"api.py", "gateway.py"}
"""The only files that may know what isn't in discord.py's documents."""

PARTS = {
    # gateway.py
    "Client._schedule_event": (discord.Client, ("_schedule_event",)),
    "Client.http": (discord.Client(intents=discord.Intents.none()), ("http", "ws", "dispatch")),
    "DiscordWebSocket": (
        gateway.DiscordWebSocket,
        ("from_client", "identify", "poll_event", "close", "DEFAULT_GATEWAY"),
    ),
    "HTTPClient": (http.HTTPClient, ("request", "get_bot_gateway")),
    "VoiceClient": (discord.VoiceClient, ("warn_nacl", "warn_dave")),
    "ReconnectWebSocket": (gateway.ReconnectWebSocket(None), ("resume",)),
    # api.py
    "Route": (http.Route("GET", "/"), ("BASE", "channel_id")),
    "async_context": (async_.async_context.get(), ("request",)),
}


@pytest.mark.parametrize("name", PARTS)
def test_discord_py_has_what_the_adapter_takes_from_behind_its_door(name: str) -> None:
    part, wanted = PARTS[name]
    lacking = [each for each in wanted if not hasattr(part, each)]
    assert not lacking, (
        f"discord.py {discord.__version__}: {name} lacks {lacking}; "
        "adapters/discord/{gateway,api}.py must find another way"
    )


@pytest.mark.parametrize(
    ("function", "wanted"),
    [
        (discord.Client._schedule_event, {"coro", "event_name"}),
        (gateway.DiscordWebSocket.from_client,
         {"client", "shard_id", "gateway", "sequence", "session", "resume"}),
        (http.HTTPClient.request, {"route", "kwargs"}),
        (http.Route, {"method", "path", "parameters"}),
        (type(async_.async_context.get()).request, {"route", "session", "payload", "params"}),
    ],
    ids=["_schedule_event", "from_client", "request", "Route", "webhook request"],
)  # fmt: skip
def test_discord_py_takes_what_the_adapter_hands_it(function: object, wanted: set[str]) -> None:
    taken = set(inspect.signature(function).parameters)  # type: ignore[arg-type]
    assert wanted <= taken, f"discord.py {discord.__version__}: no {wanted - taken} any more"


def test_discord_py_notes_when_a_heartbeat_was_answered() -> None:
    """Without ``_keep_alive`` and its figures a connection that is dead would pass for alive."""
    socket = gateway.DiscordWebSocket(None, loop=None)  # type: ignore[arg-type]
    for attribute in ("_keep_alive", "sequence", "session_id"):
        assert hasattr(socket, attribute), attribute
    socket._max_heartbeat_timeout = 60.0
    keep_alive = gateway.KeepAliveHandler(ws=socket, interval=41.25, shard_id=None)
    keep_alive._last_send = keep_alive._last_ack - 1
    before = keep_alive._last_ack
    keep_alive.ack()
    assert keep_alive._last_ack > before
    assert keep_alive.interval == 41.25


def test_no_other_file_of_the_adapter_reaches_behind_discord_pys_door() -> None:
    files = [file for file in ADAPTER.glob("*.py") if file.name not in ALLOWED]
    assert files
    reaching = {file.name: list(_behind(file)) for file in files}
    assert {name: found for name, found in reaching.items() if found} == {}


def test_the_search_for_such_files_finds_those_that_may() -> None:
    for name in ALLOWED:
        assert list(_behind(ADAPTER / name))


def _behind(file: Path) -> Iterator[str]:
    """Yield what a file takes from a module of discord.py, or from behind an underscore."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.ImportFrom(module=str(module)) if module.startswith("discord."):
                yield f"from {module}"
            case ast.Import(names=names):
                yield from (each.name for each in names if each.name.startswith("discord."))
            case ast.Attribute(value=value, attr=attribute):
                own = isinstance(value, ast.Name) and value.id in ("self", "cls")
                hidden = attribute.startswith("_") and not attribute.endswith("__")
                if attribute in ("http", "ws") or (hidden and not own):
                    yield f".{attribute}"
