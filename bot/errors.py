"""The root of every error this project raises on purpose."""

from bot.texts import Text, Texts


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
        return f"{texts(self.said)} {texts(self.advised)}".strip()
