"""What every adapter has: payloads read, tokens looked at, and what the commands know of it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import msgspec

from bot.domain.text import is_blank
from bot.errors import FaqbotError
from bot.settings import Secret
from bot.texts import Text

T = TypeVar("T")

TYPED = ":typed"
"""What follows a field's name where something else than its choices may be typed."""

_OF_THE_PROXY = ("InvalidURL", "ClientProxyConnectionError", "ClientHttpProxyError")
"""Errors of aiohttp's, by name: to import it takes longer than most commands."""
_QUOTED_OR_BLANK = re.compile(r"[\s\"'`“”‘’]")


class Malformed(ValueError):
    """Data that no platform would send; the message holds the path to the fault, no content."""


def read(data: object, shape: type[T]) -> T:
    """Read what a platform sends, as far as the bot needs it; other fields are ignored.

    Args:
        data: Decoded JSON, such as a payload's body; None where there is none.
        shape: A ``msgspec.Struct``.

    Raises:
        Malformed: It hasn't that shape.
    """
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        raise Malformed(str(error)) from None


def failure(error: Exception) -> Text | str:
    """Return what came instead of a platform's answer; of a proxy, where it was named."""
    kind = type(error).__name__
    return Text("platform.proxy", kind=kind) if kind in _OF_THE_PROXY else kind


def filled_in(inputs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return what a form's fields hold, by their names, in order.

    Args:
        inputs: Names and values; what is typed beside a choice comes after it, and goes before it.
    """
    fields: dict[str, str] = {}
    for given, value in inputs:
        name = given.removesuffix(TYPED)
        fields[name] = fields.get(name, "") if is_blank(value) else value
    return fields


def is_quoted(secret: Secret) -> bool:
    """Whether a secret was copied with quotes around it, or a blank: no platform's has any."""
    return _QUOTED_OR_BLANK.search(secret.reveal()) is not None


@dataclass(frozen=True)
class ChatSettings:
    """The settings that every platform has; of its class, what the commands know of the platform.

    Attributes:
        VARIABLES: Names that others made usual for its secrets, and the setting each stands for.
        BEGINS: How a token begins that belongs into one of them.
        MEMBER: How its ids of members look.
        watch: Ids of the channels whose questions are answered without a mention.
        organisers: Id of the channel that unanswered questions go to.
    """

    VARIABLES: ClassVar[Mapping[str, str]]
    BEGINS: ClassVar[Mapping[str, str]] = {}
    MEMBER: ClassVar[re.Pattern[str]]

    watch: tuple[str, ...] = ()
    organisers: str | None = None

    @property
    def served(self) -> bool:
        """Whether the bot's token is set."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that ``faqbot doctor`` looked at.

    Attributes:
        what: What was looked at, such as ``slack: scopes``; the same in every language.
        ok: Whether it is as it should be.
        detail: How it is, in one line.
        remedy: What to do about it; empty where it is fine. Where it is fine and there is one all
            the same, it is a remark.
    """

    what: str
    ok: bool
    detail: Text | str
    remedy: Text | str = ""

    @classmethod
    def of(cls, what: str, error: FaqbotError, remedy: Text | str = "") -> "Finding":
        """Return what an error tells; ``remedy`` is for one that has none."""
        return cls(what, False, error.said, error.advised or remedy)
