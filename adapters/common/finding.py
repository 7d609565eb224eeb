"""What ``faqbot doctor`` finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: What was looked at, such as ``slack: scopes``.
        ok: Whether it is as it should be.
        detail: How it is, in one line.
        remedy: What to do about it; empty where it is fine.
    """

    what: str
    ok: bool
    detail: str
    remedy: str = ""
