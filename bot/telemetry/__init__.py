"""What operators see: which parts work, log lines and metrics.

``Metrics`` stands apart, in ``bot.telemetry.metrics``: its library takes 16 ms to load, which a
command that serves nothing shouldn't pay.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Literal

from bot.errors import FaqbotError
from bot.telemetry.log import EventLogger, configure, withhold
from bot.texts import Text, Texts

__all__ = ["Component", "EventLogger", "Health", "configure", "withhold"]

Status = Literal["ok", "degraded", "failing"]

_log = EventLogger("faqbot.health")


@dataclass(frozen=True, slots=True)
class Component:
    """One part and how it is.

    Attributes:
        name: Such as ``store``, ``workers`` or ``slack``.
        ok: Whether it works.
        since: Unix time, in seconds, from when on it has been so.
        message: What is wrong and what to do, for the operator; no member's words, no secret.
            Where the part works: a note on how, such as ``loading``.
        vital: Questions go unanswered or unsaved while it doesn't work.
    """

    name: str
    ok: bool
    since: float
    message: str = ""
    vital: bool = False

    @property
    def status(self) -> Status:
        """What members feel of it."""
        if self.ok:
            return "ok"
        return "failing" if self.vital else "degraded"


class Health:
    """Which parts work, and what that means for members: what HTTP's health answers from.

    They are known by the names under which they report. Safe to use from any thread.

    Args:
        texts: Words what is wrong, in the operator's language.
        clock: Returns Unix time, in seconds.
    """

    def __init__(self, texts: Texts | None = None, clock: Callable[[], float] = time.time) -> None:
        self._texts = texts or Texts("en")
        self._clock = clock
        self._lock = Lock()
        self._components: dict[str, Component] = {}

    def report(
        self,
        name: str,
        ok: bool,
        said: FaqbotError | Text | str = "",
        *,
        raised: BaseException | None = None,
        vital: bool = False,
        quietly: bool = False,
    ) -> bool:
        """Note how a part is, and log where that changes: it fails, why, or works again.

        Args:
            name: As in ``Component``; so are ``ok`` and ``vital``.
            ok: Whether it works.
            said: Becomes the message.
            raised: An error that nobody foresaw; logged each time, with where it was raised.
            vital: Whether questions go unanswered meanwhile.
            quietly: Log nothing: that a part hasn't begun yet is no failure.

        Returns:
            Whether this changes ``ok``.
        """
        known = self._components.get(name)
        if ok and not said and known is not None and known.ok and not known.message:
            return False  # that is said after each transaction
        texts = self._texts
        message = said.in_words(texts) if isinstance(said, FaqbotError) else texts(said)
        with self._lock:
            before = self._components.get(name)
            changed = before is None or before.ok != ok
            since = self._clock() if before is None or changed else before.since
            self._components[name] = Component(name, ok, since, message, vital)
        if quietly:
            return changed
        if not ok and (changed or raised or (before and before.message != message)):
            _log.error("part fails", raised, part=name, problem=str(said))
        elif ok and changed and before:  # what works from the beginning is no news
            _log.info("part works", part=name)
        return changed

    @property
    def components(self) -> tuple[Component, ...]:
        """Every part that ever reported, by name."""
        with self._lock:
            return tuple(sorted(self._components.values(), key=lambda each: each.name))

    @property
    def ok(self) -> bool:
        """Whether every part works; False before the first report."""
        return self.status == "ok"

    @property
    def status(self) -> Status:
        """The worst of the parts' states; ``failing`` before the first report."""
        found = {each.status for each in self.components}
        worst: tuple[Status, ...] = ("failing", "degraded", "ok")
        return next((each for each in worst if each in found), "failing")
