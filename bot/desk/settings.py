"""The desk's settings: the sections ``retention`` and ``limits``."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta


@dataclass(frozen=True)
class RetentionSettings:
    """How long words are kept.

    Attributes:
        days: For unanswered questions; answered ones lose theirs within a day or two.
    """

    days: Annotated[int, Meta(ge=1)] = 90


@dataclass(frozen=True)
class LimitSettings:
    """How much may be asked.

    Attributes:
        member: Questions a minute from one member.
        channel: Questions a minute in one channel.
    """

    member: Annotated[int, Meta(ge=1)] = 60
    channel: Annotated[int, Meta(ge=1)] = 600
