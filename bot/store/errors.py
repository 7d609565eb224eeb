"""What the store raises."""

from bot.errors import FaqbotError


class StoreError(FaqbotError):
    """The database can't be opened, or a write wasn't committed."""


class StaleClaim(Exception):
    """The row was claimed anew, edited or closed since: whatever was made of it is dropped."""
