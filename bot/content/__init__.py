"""Files in and out: readers, writers, the difference between two FAQs, and the data folder."""

from bot.content.errors import ContentError
from bot.content.loading import load, snapshot

__all__ = ["ContentError", "load", "snapshot"]
