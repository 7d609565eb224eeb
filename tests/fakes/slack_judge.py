"""Judges what a bot sends to Slack as Slack would: by its documented limits and shapes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = Mapping[str, object]

_ID = re.compile(r"[UW][A-Z0-9]+")


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def message_error(message: Json) -> str | None:
    """Return the error that Slack would answer to a message with, None where it accepts it."""
    text, blocks = message.get("text"), message.get("blocks")
    if not text and not blocks:
        return "no_text"
    if text is not None and (not isinstance(text, str) or units(text) > 40_000):
        return "msg_too_long"
    if blocks is None:
        return None
    if not isinstance(blocks, list) or len(blocks) > 50 or list(block_faults(blocks, 50)):
        return "invalid_blocks"
    if sum(units(each) for each in shown(blocks)) > 9500:
        return "msg_blocks_too_long"
    if not text:
        return "no_text"  # Slack takes it; a screen reader reads nothing
    return None


def view_faults(view: Json) -> list[str]:
    """Return what Slack would refuse about a modal or a Home tab."""
    faults: list[str] = []
    blocks = view.get("blocks")
    if view.get("type") not in ("modal", "home") or not isinstance(blocks, list):
        return ["neither a modal nor a Home tab with blocks"]
    if view["type"] == "modal":
        for key in ("title", "submit", "close"):
            if key in view or key == "title":
                faults += _text_faults(view.get(key), 24, {"plain_text"}, key)
        if units(str(view.get("private_metadata", ""))) > 3000:
            faults.append("private_metadata too long")
        if units(str(view.get("callback_id", ""))) > 255:
            faults.append("callback_id too long")
        has_input = any(block.get("type") == "input" for block in blocks)
        if has_input and "submit" not in view:
            faults.append("an input without a submit button")
    return [*faults, *block_faults(blocks, 100)]


def block_faults(blocks: Sequence[Json], limit: int) -> Iterator[str]:
    """Yield what is wrong with the blocks of a message or a view."""
    if not 0 < len(blocks) <= limit:
        yield f"{len(blocks)} blocks"
    names = [str(value) for key, value in _walk(blocks) if key == "block_id"]
    # What is filled in comes back by block, so an id may stand in several of them.
    others = [block for block in blocks if block.get("type") != "input"]
    actions = [str(value) for key, value in _walk(others) if key == "action_id"]
    for ids in (names, actions):
        if len(set(ids)) != len(ids):
            yield "an id twice"
        if any(not 0 < units(each) <= 255 for each in ids):
            yield "an id of wrong length"
    for block in blocks:
        match block.get("type"):
            case "rich_text":
                yield from _rich_text_faults(block)
            case "section":
                yield from _text_faults(block.get("text"), 3000, {"plain_text", "mrkdwn"})
                if "accessory" in block:
                    yield from _element_faults(block["accessory"])
            case "header":
                yield from _text_faults(block.get("text"), 150, {"plain_text"})
            case "context":
                elements = _list(block.get("elements"))
                if not 0 < len(elements) <= 10:
                    yield f"{len(elements)} context elements"
                for element in elements:
                    yield from _text_faults(element, 3000, {"plain_text", "mrkdwn"})
            case "actions":
                elements = _list(block.get("elements"))
                if not 0 < len(elements) <= 25:
                    yield f"{len(elements)} action elements"
                for element in elements:
                    yield from _element_faults(element)
            case "input":
                yield from _text_faults(block.get("label"), 2000, {"plain_text"})
                if "hint" in block:
                    yield from _text_faults(block["hint"], 2000, {"plain_text"})
                yield from _field_faults(block.get("element"))
            case other:
                yield f"a block of type {other}"


def shown(blocks: Sequence[Json]) -> Iterator[str]:
    """Yield every text that blocks show."""
    return (str(value) for key, value in _walk(blocks) if key in ("text", "url")
            and isinstance(value, str))  # fmt: skip


def _element_faults(element: object) -> Iterator[str]:
    if not isinstance(element, dict) or element.get("type") != "button":
        yield "an element that is no button"
        return
    yield from _text_faults(element.get("text"), 75, {"plain_text"})
    if not element.get("action_id"):
        yield "a button without an action_id"
    if not 0 < units(str(element.get("value", "-"))) <= 2000:
        yield "a button's value of wrong length"
    if element.get("style", "danger") not in ("primary", "danger"):
        yield "a button of no style"
    if "confirm" in element:
        asked = element["confirm"]
        for name, limit in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
            yield from _text_faults(asked.get(name), limit, {"plain_text"}, f"confirm {name}")


def _field_faults(field: object) -> Iterator[str]:
    match field:
        case {"type": "plain_text_input"}:
            if units(field.get("initial_value", "")) > field.get("max_length", 3000):
                yield "initial_value longer than max_length"
        case {"type": "external_select"} if field.get("action_id"):
            return
        case {"type": "static_select", "options": [*options]} if 0 < len(options) <= 100:
            yield from option_faults(options)
            if field.get("initial_option", options[0]) not in options:
                yield "an initial_option that is none of the options"
        case _:
            yield "an input without a field"


def option_faults(options: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield what is wrong with what may be chosen."""
    if len(options) > 100:
        yield f"{len(options)} options"
    for option in options:
        yield from _text_faults(option.get("text"), 75, {"plain_text"})
        if not 0 < units(option["value"]) <= 150:
            yield "an option's value of wrong length"


def _text_faults(text: object, limit: int, kinds: set[str], name: str = "text") -> Iterator[str]:
    if not isinstance(text, dict) or text.get("type") not in kinds:
        yield f"{name} is no text object"
    elif not 0 < units(str(text.get("text", ""))) <= limit:
        yield f"{name} of wrong length"


def _rich_text_faults(block: Json) -> Iterator[str]:
    groups = _list(block.get("elements"))
    if not groups:
        yield "an empty rich_text"
    for group in groups:
        if group.get("type") not in ("rich_text_section", "rich_text_quote"):
            yield f"a rich text group of type {group.get('type')}"
        elements = _list(group.get("elements"))
        if not elements:
            yield "an empty rich text group"
        for element in elements:
            match element.get("type"):
                case "text":
                    if not element.get("text"):
                        yield "an empty text"
                case "link":
                    url = str(element.get("url", ""))
                    if not url.startswith(("http://", "https://", "mailto:")) or units(url) > 3000:
                        yield "a link that leads nowhere"
                case "user":
                    if not _ID.fullmatch(str(element.get("user_id", ""))):
                        yield "a mention of nobody"
                case other:
                    yield f"a rich text element of type {other}"


def _list(value: object) -> list[dict[str, object]]:
    return value if isinstance(value, list) else []


def _walk(value: object) -> Iterator[tuple[str, object]]:
    """Yield every key with its value, at any depth."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key), inner
            yield from _walk(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _walk(inner)
