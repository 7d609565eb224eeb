"""Border types to JSON and back.

What an earlier version wrote is read, and what this one writes an earlier one reads, so that both
can work on one database while a new version is rolled out. In JSON, ``about`` is ``ask``.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from bot.domain.card import Button, Card, Credit, Kind, Link, Outgoing, Part, Quote, Say, Small
from bot.domain.inbound import QUESTION, Action, Form, FormKind, MessageRef, Place, Press, Question

Item = Question | Press | Form

UNREADABLE = (msgspec.DecodeError, KeyError)
"""What reading raises of a row that no version wrote which this one knows."""

_ITEMS: Mapping[str, type[Item]] = {"question": Question, "press": Press, "form": Form}
_PARTS: Mapping[str, type[Part]] = {
    "say": Say, "quote": Quote, "credit": Credit, "small": Small, "link": Link,
}  # fmt: skip
TAGS = {type_: tag for tag, type_ in (*_ITEMS.items(), *_PARTS.items())}
"""What stands for a type; of what came in it is kept in a column of its own."""


class _Button(msgspec.Struct, rename={"about": "ask"}):
    label: str
    action: Action
    about: str
    argument: str = ""


class _Row(msgspec.Struct, omit_defaults=True):
    """An ``Outgoing`` with its card taken apart: each part stands behind the tag of its type."""

    id: str
    to: Place
    kind: Kind
    edits: str | None
    parts: list[tuple[str, msgspec.Raw]]
    buttons: tuple[_Button, ...]
    ping: str | None
    opens: str = ""


def encode(item: Item) -> str:
    """Return what came in as JSON."""
    data: dict[str, Any] = msgspec.to_builtins(item)
    if not isinstance(item, Question):
        data["ask"] = data.pop("about")
    if isinstance(item, Form) and item.kind is FormKind.QUESTION:
        data["text"] = data.pop("fields")[QUESTION]
        del data["kind"]
    return _json(data)


def decode_item(kind: str, payload: str) -> Item:
    """Read what ``encode`` wrote for an inbox row."""
    data: dict[str, Any] = msgspec.json.decode(payload)
    if "ask" in data:
        data["about"] = data.pop("ask")
    if kind == "form" and "text" in data:
        data |= {"kind": FormKind.QUESTION, "fields": {QUESTION: data.pop("text")}}
    return msgspec.convert(data, type=_ITEMS[kind])


def encode_place(place: Place) -> str:
    """Return a place as JSON, without its handle: that is good for one answer only."""
    return _json(replace(place, handle=None))


def decode_place(payload: str) -> Place:
    """Read what ``encode_place`` wrote."""
    return msgspec.json.decode(payload, type=Place)


def encode_ref(ref: MessageRef) -> str:
    """Return a message as JSON, without the handle of its place."""
    return _json(replace(ref, place=replace(ref.place, handle=None)))


def decode_ref(payload: str) -> MessageRef:
    """Read what ``encode_ref`` wrote."""
    return msgspec.json.decode(payload, type=MessageRef)


def encode_outgoing(outgoing: Outgoing) -> str:
    """Return an outgoing card as JSON."""
    card = outgoing.card
    parts = [(TAGS[type(part)], msgspec.Raw(msgspec.json.encode(part))) for part in card.parts]
    buttons = tuple(_Button(b.label, b.action, b.about, b.argument) for b in card.buttons)
    to, kind, edits = outgoing.to, outgoing.kind, outgoing.edits
    return _json(_Row(outgoing.id, to, kind, edits, parts, buttons, card.ping, outgoing.opens))


def decode_outgoing(payload: str) -> Outgoing:
    """Read what ``encode_outgoing`` wrote."""
    row = msgspec.json.decode(payload, type=_Row)
    parts = tuple(msgspec.json.decode(raw, type=_PARTS[tag]) for tag, raw in row.parts)
    buttons = tuple(Button(b.label, b.action, b.about, b.argument) for b in row.buttons)
    card = Card(parts, buttons, row.ping)
    return Outgoing(row.id, row.to, card, row.kind, row.edits, row.opens)


def _json(what: object) -> str:
    return msgspec.json.encode(what).decode()
