"""What ``faqbot doctor`` finds."""

from dataclasses import dataclass

from bot.errors import FaqbotError
from bot.texts import Text


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

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
