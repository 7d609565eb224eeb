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
        pinged: Who is notified by it; None: nobody.
    """

    text: str
    buttons: tuple[str, ...] = ()
    thread: str = ""
    only_for: str | None = None
    pinged: str | None = None


class Chat(Protocol):
    """Members on one platform, and what they see. Names are people's, such as 明美.

    What organisers do they do in their channel: 講師 and 運営 are in it, nobody else is.

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

    async def sees(self, *, settled: bool = True) -> tuple[Shown, ...]:
        """Wait until nothing is under way; return all replies so far, oldest first.

        Args:
            settled: Wait; what can't be delivered would let that take for ever.
        """
        ...

    async def organisers_see(self) -> tuple[Shown, ...]:
        """The same for the organisers' channel."""
        ...

    async def sees_direct(self, who: str, *, settled: bool = True) -> tuple[Shown, ...]:
        """The same for what somebody got by direct message."""
        ...

    async def organiser_presses(
        self, who: str, label: str, *, about: str = "", argument: str = ""
    ) -> dict[str, str] | None:
        """Press the newest button of the organisers' channel whose label begins so.

        Args:
            who: Whoever presses it; anybody may try.
            label: How the label begins.
            about: What the button is forged to be about.
            argument: What the button is forged to carry.

        Returns:
            What the form that opened is filled with, by the field's name; None where none did.
        """
        ...

    async def organisers_press(self, label: str, *who: str) -> None:
        """Let people press the newest such button at the same moment; it opens no form."""
        ...

    async def organiser_submits(self, who: str, **fields: str) -> str:
        """Send the form that somebody opened last; what isn't given stays as it was filled in.

        Returns:
            What is wrong with it; empty where it was taken.
        """
        ...

    async def organiser_replies(self, who: str, text: str, *, mention: bool = False) -> None:
        """Reply in the thread of the newest question's card, with a mention of the bot or not."""
        ...

    async def organiser_edits(self, text: str) -> None:
        """Change the words of the last such reply."""
        ...

    async def forgets(self, who: str) -> None:
        """Let somebody have all that is kept of them deleted."""
        ...

    async def leaves_organisers(self, who: str) -> None:
        """Take somebody out of the organisers' channel."""
        ...

    async def asks_for_another_reviewer(self) -> None:
        """End the bot and start it anew with ``FAQBOT_LEARNING__REVIEW=other``."""
        ...

    async def shuts(self, *, direct: bool = False) -> None:
        """Take away where members ask: nothing can be posted there any more.

        Args:
            direct: Nor by direct message.
        """
        ...

    async def shuts_organisers(self) -> None:
        """Take the bot out of the organisers' channel."""
        ...

    async def invites_to_organisers(self) -> None:
        """Let the bot into the organisers' channel again."""
        ...


def whispered(replies: tuple[Shown, ...]) -> list[tuple[str, str]]:
    """Return who alone was told what, in order."""
    return [(each.only_for, each.text) for each in replies if each.only_for]
