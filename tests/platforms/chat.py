"""What the conformance table needs of a platform: members, what they do, what they see."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Shown:
    """One reply as members see it; a long one is one, however many messages it takes.

    Attributes:
        text: All its words.
        buttons: The labels, in order.
        thread: The driver's name of the conversation it stands in.
        only_for: Who alone sees it; None: everybody.
    """

    text: str
    buttons: tuple[str, ...] = ()
    thread: str = ""
    only_for: str | None = None


class Chat(Protocol):
    """Members on one platform, and what they see. Names are people's, such as 明美.

    Attributes:
        browsing: What the bot says of browsing there.
    """

    browsing: str

    async def says(self, who: str, text: str, *, thread: str | None = None) -> str:
        """Ask the bot by a mention; return the thread that the message is in or begins."""
        ...

    async def overhears(self, who: str, text: str, *, thread: str | None = None) -> str:
        """Say something in the watched channel; return its thread.

        ``@健太`` in it mentions that member, ``@係`` a group, ``@全員`` everybody, and ``@FAQ`` the
        bot.
        """
        ...

    async def points_at(self, who: str, by: str, text: str) -> str:
        """Let the bot answer what somebody else says, by that message's menu.

        Returns:
            The thread that the message begins.
        """
        ...

    async def commands(self, who: str, text: str) -> None:
        """Ask in private, by the command."""
        ...

    async def presses(self, who: str, label: str) -> None:
        """Press the newest button whose label begins so."""
        ...

    async def submits(self, who: str, text: str | None = None) -> str:
        """Press the newest 講師に聞く, change the form's words if given, and send it.

        Returns:
            The words that the form was filled with.
        """
        ...

    async def redelivers(self) -> None:
        """Let the platform deliver the last message once more."""
        ...

    async def edits(self, text: str) -> None:
        """Change the words of the last message."""
        ...

    async def deletes(self) -> None:
        """Delete the last message."""
        ...

    async def restarts(self, *, before_replying_to: tuple[str, str] | None = None) -> None:
        """End the bot and start it anew, on the same store.

        Args:
            before_replying_to: Who says what; it is accepted, then the bot ends at once.
        """
        ...

    async def sees(self) -> tuple[Shown, ...]:
        """Wait until nothing is under way; return all replies so far, oldest first."""
        ...

    async def organisers_see(self) -> tuple[Shown, ...]:
        """The same for the organisers' channel."""
        ...


def whispered(replies: tuple[Shown, ...]) -> list[tuple[str, str]]:
    """Return who alone was told what, in order."""
    return [(each.only_for, each.text) for each in replies if each.only_for]
