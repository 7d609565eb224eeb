"""Reads what a platform sends, as far as the bot needs it; other fields are ignored."""

from typing import TypeVar

import msgspec

T = TypeVar("T")


class Malformed(ValueError):
    """Data that no platform would send; the message holds the path to the fault, no content."""


def read(data: object, shape: type[T]) -> T:
    """Read decoded JSON.

    Args:
        data: Such as a payload's body; None where there is none.
        shape: A ``msgspec.Struct``.

    Raises:
        Malformed: It hasn't that shape.
    """
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        raise Malformed(str(error)) from None
