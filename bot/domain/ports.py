"""What the desk needs of the search and of a platform, and the errors a platform may raise."""

from collections.abc import Callable, Hashable, Sequence
from typing import Protocol

from bot.domain.card import Outgoing
from bot.domain.entry import Entry
from bot.domain.inbound import Circle, MessageRef
from bot.domain.retrieval import Ranking, Reply
from bot.errors import FaqbotError
from bot.texts import Text

Search = Callable[[str, int], Ranking]
"""Finds the best entries for a text, at most so many."""


class Faq(Protocol):
    """The entries and the search in them. Synchronous; safe to use from several threads."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, in order."""
        ...

    def reply(self, text: str, addressed: bool, *, below: bool = False) -> tuple[Reply, Ranking]:
        """Decide what to say to a question, and from what.

        Args:
            text: What was said.
            addressed: It was said to the bot; False where it was overheard.
            below: It was said below a reply of the bot's, without calling it.
        """
        ...

    def entry(self, entry_id: str) -> Entry | None:
        """Return an entry by its id; None where there is none."""
        ...

    def complete(self, text: str, limit: int) -> tuple[Entry, ...]:
        """Return entries that fit what is being typed."""
        ...

    def preview(self, entries: Sequence[Entry]) -> Search:
        """Return a search over other entries, as it would be."""
        ...

    def gather(self, wordings: Sequence[str]) -> Sequence[Hashable]:
        """Label wordings: those with the same label ask the same."""
        ...


class Platform(Protocol):
    """A chat platform, as the desk sees it; each adapter implements it."""

    name: str
    whispers: bool
    """A message can be shown to one person of a channel though they sent no command there."""
    room: int
    """What one field of a form takes, in UTF-16 units."""

    overhears: bool
    """What is said below the organisers' cards reaches the bot without a mention of it."""

    circle: Circle
    """Who may answer for the lecturers, as it was set."""

    async def send(self, outgoing: Outgoing) -> MessageRef:
        """Deliver a card, as one message or several in order; return the first.

        Raises:
            PlatformError: It wasn't delivered, or its fate is unknown (``Unreachable``).
        """
        ...

    async def find(self, outgoing: Outgoing) -> MessageRef | None:
        """Look whether an earlier ``send`` of the same outgoing took effect after all."""
        ...

    def address(self, ref: MessageRef) -> str | None:
        """Return where a browser shows a message, or, without one, a place.

        Returns:
            Empty where nobody else sees it, as a direct message, or it isn't one that can be shown;
            None where it isn't known yet.
        """
        ...

    async def called(self, person: str) -> str:
        """Return what a person is called there, by their id; empty where that isn't known."""
        ...

    async def organises(self, person: str) -> bool:
        """Whether somebody may answer for the lecturers: who is in ``circle``.

        Raises:
            PlatformError: The platform couldn't be asked.
        """
        ...


class PlatformError(FaqbotError):
    """A platform refused or failed; ``platform`` says which."""

    def __init__(self, platform: str, message: Text | str, remedy: Text | str = "") -> None:
        super().__init__(message, remedy)
        self.platform = platform


class RateLimited(PlatformError):
    """Wait ``retry_after`` seconds, then send again."""

    def __init__(self, platform: str, retry_after: float) -> None:
        who, seconds = platform.capitalize(), f"{retry_after:.0f}"
        super().__init__(platform, Text("platform.wait", platform=who, seconds=seconds))
        self.retry_after = retry_after


class NotAllowed(PlatformError):
    """The bot lacks a scope or permission; ``needed`` names it. Retrying doesn't help."""

    def __init__(self, platform: str, needed: Text | str, remedy: Text | str = "") -> None:
        who = platform.capitalize()
        super().__init__(platform, Text("platform.needs", platform=who, needed=needed), remedy)
        self.needed = needed


class Gone(PlatformError):
    """The channel, thread, message or interaction is no more. Retrying doesn't help."""


class Unreachable(PlatformError):
    """No answer, a broken one, or a server fault: the message may have been delivered or not.

    Args:
        platform: Its name.
        what: What came instead of an answer, such as ``HTTP 502``.
    """

    def __init__(self, platform: str, what: Text | str) -> None:
        said = Text("platform.silent", platform=platform.capitalize(), what=what)
        super().__init__(platform, said, Text("platform.again"))
