"""The root of every error this project raises on purpose."""


class FaqbotError(Exception):
    """A fault that a person can mend.

    Args:
        message: What went wrong, in one line.
        remedy: What to do about it, in one line; empty where the message says it all.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()
