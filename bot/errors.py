"""The root of every error this project raises on purpose."""

import errno

from bot.texts import Text, Texts, if_known


class FaqbotError(Exception):
    """A fault that a person can mend.

    Args:
        message: What went wrong, in one line; a ``Text`` may say what to do about it too.
        remedy: What to do about it, in one line; empty where the message says it all.
    """

    def __init__(self, message: Text | str, remedy: Text | str = "") -> None:
        super().__init__(message, remedy)
        self.said = message
        self.advised = remedy
        self.message = str(message)
        self.remedy = str(remedy)

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()

    def in_words(self, texts: Texts) -> str:
        """Return what went wrong and what to do, in the reader's language."""
        return in_a_row(texts(self.said), texts(self.advised))


def in_a_row(first: str, second: str) -> str:
    """Set two sentences side by side: with a blank between them, but not behind 「。」."""
    blank = "" if first.endswith("。") else " "
    return f"{first}{blank}{second}".strip()


def reason(error: OSError | UnicodeError) -> Text | str:
    """Return why a file couldn't be read or written."""
    if isinstance(error, UnicodeError):
        return Text("reason.encoding")
    name = errno.errorcode.get(error.errno or 0, "")
    return if_known(f"reason.{name}") or error.strerror or str(error)
