"""The judge: what people asked, and how often each was answered, by the fakes' own lists."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import islice

from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_state import BOT as DISCORD_BOT
from tests.fakes.discord_state import LOADING, SILENT, Interaction, Post
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import BOT as SLACK_BOT
from tests.fakes.slack_api import Said

APOLOGIES = ("エラーのため", "システムの停止中", "保存できませんでした")
"""How a card begins that says that a question couldn't be answered."""


@dataclass(frozen=True)
class Verdict:
    """What became of the questions.

    Attributes:
        asked: How many messages and commands had to be answered.
        lost: Those without a reply.
        doubled: Those with more than one, and posts that belong to no question.
        sorry: How many were told that they couldn't be answered.
        dropped: Commands whose process ended before it had kept them: Discord sends them to nobody
            else, and who sent them sees that it failed. They aren't among those asked.
    """

    asked: int = 0
    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    sorry: int = 0
    dropped: int = 0

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(
            self.asked + other.asked, self.lost + other.lost, self.doubled + other.doubled,
            self.sorry + other.sorry, self.dropped + other.dropped,
        )  # fmt: skip


@dataclass
class Ledger:
    """Reads the lists on and on, so that they may be shortened behind it.

    Whatever a person wrote is a question; a message is answered in its thread or by a reply to it,
    a command in the place of its promise.

    Attributes:
        slack, discord: Where people and the bot talk.
        seconds: How long each first reply to a message took, by platform.
    """

    slack: FakeSlack
    discord: FakeDiscord
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"slack": [], "discord": []})
    _questions: dict[str, str] = field(default_factory=dict)
    _commands: dict[str, Interaction] = field(default_factory=dict)
    _unanswered: set[str] = field(default_factory=set)
    _answers: Counter[str] = field(default_factory=Counter)
    _parts: Counter[tuple[str, int]] = field(default_factory=Counter)
    _replies: set[str] = field(default_factory=set)
    _promised: dict[str, Post] = field(default_factory=dict)
    _strays: list[str] = field(default_factory=list)
    _sorry: set[str] = field(default_factory=set)
    _read: Counter[str] = field(default_factory=Counter)

    def open(self) -> set[str]:
        """Return the ids of the messages and interactions without an answer."""
        self.collect()
        return self._unanswered

    def collect(self, *, keep: int | None = None) -> None:
        """Read what is new.

        Args:
            keep: How many messages stay in each list; None: all. Through more and more of them the
                fakes would search in vain, and a load test would measure that.
        """
        messages, posts = self.slack.messages, self.discord.world.posts
        for said in messages[self._read["slack"] :]:
            self._on_slack(said)
        interactions = self.discord.world.interactions
        for sent in islice(interactions.values(), self._read["interactions"], None):
            self._commands[sent.id] = sent
            self._unanswered.add(sent.id)
        promises = {
            each.original: key for key in self._unanswered if (each := self._commands.get(key))
        }
        for post in posts[self._read["discord"] :]:
            if post.id in promises:
                self._promised[promises[post.id]] = post
            else:
                self._on_discord(post)
        for key, post in tuple(self._promised.items()):
            if not post.flags & LOADING:
                self._answered(key, post.words)
                self._replies.add(post.id)
                del self._promised[key]
        if keep is not None:
            del messages[:-keep]
            del posts[:-keep]
        self._read["slack"], self._read["discord"] = len(messages), len(posts)
        self._read["interactions"] = len(interactions)

    def verdict(self, kept: Collection[str]) -> Verdict:
        """Judge all that was asked.

        Args:
            kept: The ids of the interactions that the bot has committed. Nothing is promised to
                others, as nobody delivers them again.
        """
        self.collect()
        dropped = {key for key in self._unanswered if key in self._commands and key not in kept}
        lost = sorted(self._unanswered - dropped)
        doubled = [each for each, times in self._answers.items() if times > 1]
        uneven = [
            f"{self._named(each)}: part {part} {times} times"
            for (each, part), times in self._parts.items()
            if times != 1 and each not in doubled
        ]
        return Verdict(
            asked=len(self._questions) + len(self._commands) - len(dropped),
            lost=tuple(map(self._named, lost)),
            doubled=(*map(self._named, doubled), *uneven, *self._strays),
            sorry=len(self._sorry),
            dropped=len(dropped),
        )

    def _on_slack(self, said: Said) -> None:
        if said.user != SLACK_BOT:
            self._questions[said.ts] = said.user
            self._unanswered.add(said.ts)
            return
        if said.only_for is not None:
            return
        part = (said.metadata or {}).get("event_payload", {}).get("part", 1)
        if said.thread not in self._questions:
            self._strays.append(f"slack {said.ts} in thread {said.thread}")
        elif part == 1:
            self._answered(said.thread, said.words)
            if self._answers[said.thread] == 1:
                self.seconds["slack"].append(float(said.ts) - float(said.thread))
        else:
            self._parts[said.thread, part] += 1

    def _on_discord(self, post: Post) -> None:
        if post.author != DISCORD_BOT:
            self._questions[post.id] = self.discord.api.names.get(post.author, post.author)
            self._unanswered.add(post.id)
            return
        if post.only_for is not None or post.flags & ~SILENT:
            return
        # A reply to it, or the first message of the thread on it.
        key = post.reply_to or post.channel
        if key in self._questions:
            self._answered(key, post.words)
            self._replies.add(post.id)
            if self._answers[key] == 1:
                self.seconds["discord"].append(_moment(post.id) - _moment(key))
        elif key not in self._replies:  # else it is a further part
            self._strays.append(f"discord {post.id} in channel {post.channel}")

    def _answered(self, key: str, words: str) -> None:
        self._answers[key] += 1
        self._unanswered.discard(key)
        if words.startswith(APOLOGIES):
            self._sorry.add(key)

    def _named(self, key: str) -> str:
        command = self._commands.get(key)
        who = self.discord.api.names.get(command.user, "") if command else self._questions[key]
        return f"{key} by {who}: {self._answers[key]} replies"


def _moment(snowflake: str) -> float:
    """Return when something was said, in seconds."""
    return (int(snowflake) >> 22) / 1000
