"""The manifest asks for what the listeners and calls need, and for nothing more."""

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import adapters.slack
from adapters.slack.app import listen
from adapters.slack.doctor import manifest, scopes
from adapters.slack.listeners import EVENTS

HISTORY = {"channels:history", "groups:history", "im:history", "mpim:history"}
EVENT_SCOPES = {
    "app_mention": {"app_mentions:read"},
    "app_home_opened": set(),
    "member_joined_channel": {"channels:read", "groups:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "message.mpim": {"mpim:history"},
}
METHOD_SCOPES = {
    "auth_test": set(),
    "apps_connections_open": set(),
    "chat_postMessage": {"chat:write"},
    "chat_postEphemeral": {"chat:write"},
    "chat_update": {"chat:write"},
    "chat_delete": {"chat:write"},
    "conversations.history": HISTORY,
    "conversations.replies": HISTORY,
    "conversations_info": {"channels:read", "groups:read"},
    "conversations_members": {"channels:read", "groups:read"},
    "conversations_open": {"im:write"},
    "usergroups_users_list": {"usergroups:read"},
    "users_info": {"users:read"},
    "views_open": set(),
    "views_publish": set(),
}


class Registered:
    """Notes what listeners are registered for."""

    def __init__(self) -> None:
        self.by_kind: dict[str, list[object]] = {}

    def __getattr__(self, kind: str) -> Callable[[object], Callable[[object], None]]:
        def register(constraint: object) -> Callable[[object], None]:
            self.by_kind.setdefault(kind, []).append(constraint)
            return lambda listener: None

        return register


def registered(kind: str) -> set[str]:
    """Return the exact names that listeners are registered for."""
    app: Any = Registered()
    listen(app, app)
    return {each for each in app.by_kind[kind] if isinstance(each, str)}


def called() -> set[str]:
    """Return every method of the Web API that the adapter calls."""
    names: set[str] = set()
    for file in Path(adapters.slack.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("client"):
                names.add(node.attr)
            if isinstance(node, ast.Constant) and re.fullmatch(
                r"conversations\.\w+", str(node.value)
            ):
                names.add(str(node.value))
    return {name for name in names if "_" in name or "." in name} - {
        "on_message_listeners", "message_receiver", "message_processor", "is_connected",
        "api_call", "wss_uri", "socket_mode_request_listeners", "send_socket_mode_response",
    }  # fmt: skip


def test_the_events_are_those_that_are_listened_to() -> None:
    events = manifest()["settings"]["event_subscriptions"]["bot_events"]
    assert set(events) == set(EVENT_SCOPES)
    assert {event.partition(".")[0] for event in events} == set(EVENTS)


def test_the_commands_and_shortcuts_are_those_that_are_listened_to() -> None:
    features = manifest()["features"]
    assert {each["command"] for each in features["slash_commands"]} == registered("command")
    assert {each["callback_id"] for each in features["shortcuts"]} == registered("shortcut")
    assert {each["type"] for each in features["shortcuts"]} == {"message"}


def test_the_scopes_are_those_that_events_commands_and_calls_need() -> None:
    assert called() == set(METHOD_SCOPES)
    needed = {"commands"}.union(*EVENT_SCOPES.values(), *METHOD_SCOPES.values())
    assert scopes() == needed


def test_buttons_the_home_tab_and_direct_messages_are_switched_on() -> None:
    features, settings = manifest()["features"], manifest()["settings"]
    assert settings["interactivity"]["is_enabled"]
    assert settings["socket_mode_enabled"]
    assert features["app_home"]["home_tab_enabled"]
    assert features["app_home"]["messages_tab_enabled"]
    assert not features["app_home"]["messages_tab_read_only_enabled"]


def test_the_texts_of_the_manifest_are_within_slacks_limits() -> None:
    loaded = manifest()
    (command,) = loaded["features"]["slash_commands"]
    (shortcut,) = loaded["features"]["shortcuts"]
    lengths = [
        (loaded["display_information"]["name"], 35),
        (loaded["display_information"]["description"], 140),
        (loaded["features"]["bot_user"]["display_name"], 80),
        (command["description"], 100),
        (command["usage_hint"], 1000),
        (shortcut["name"], 24),
        (shortcut["description"], 150),
    ]
    assert [text for text, limit in lengths if not 0 < len(text) <= limit] == []
