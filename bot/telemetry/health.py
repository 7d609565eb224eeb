"""Which parts work: what ``/healthz`` and ``/readyz`` answer from."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock


@dataclass(frozen=True, slots=True)
class Component:
    """One part and how it is.

    Attributes:
        name: Such as ``store``, ``workers`` or ``slack``.
        ok: Whether it works.
        since: Unix time, in seconds, from when on it has been so.
        message: What is wrong and what to do, for the operator; no member's words, no secret.
    """

    name: str
    ok: bool
    since: float
    message: str = ""


class Health:
    """The parts that reported, by name. Safe to use from any thread."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = Lock()
        self._components: dict[str, Component] = {}

    def report(self, name: str, ok: bool, message: str = "") -> bool:
        """Note how a part is.

        Returns:
            Whether this changes ``ok``: the moment to write one line for the operator.
        """
        with self._lock:
            before = self._components.get(name)
            changed = before is None or before.ok != ok
            since = self._clock() if before is None or changed else before.since
            self._components[name] = Component(name, ok, since, message)
            return changed

    @property
    def components(self) -> tuple[Component, ...]:
        """Every part that ever reported, by name."""
        with self._lock:
            return tuple(sorted(self._components.values(), key=lambda each: each.name))

    @property
    def ok(self) -> bool:
        """Whether every part works; False before the first report."""
        components = self.components
        return bool(components) and all(each.ok for each in components)
