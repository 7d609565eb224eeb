"""Figures for ``/metrics``. Labels have few values: never a name, an id or a text."""

import platform
from importlib.metadata import version

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)

from bot.domain.inbound import Action, Form, MessageRef, Press, Question

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The figures of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.received = Counter(
            "faqbot_received_total", "Questions, presses and forms committed.",
            ("platform", "kind"), registry=self.registry,
        )  # fmt: skip
        self.questions = Counter(
            "faqbot_questions_total", "Questions by what became of them.",
            ("platform", "outcome"), registry=self.registry,
        )  # fmt: skip
        self.step_seconds = Histogram(
            "faqbot_step_seconds", "Time that one step of a question takes.",
            ("step",), buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.sent = Counter(
            "faqbot_sent_total", "Cards by what became of sending them.",
            ("platform", "result"), registry=self.registry,
        )  # fmt: skip
        self.waiting = Gauge(
            "faqbot_waiting", "Rows that wait.", ("queue",), registry=self.registry
        )
        self.oldest = Gauge(
            "faqbot_oldest_seconds", "For how long a row waits that could be taken.",
            ("queue",), registry=self.registry,
        )  # fmt: skip
        self.loop_lag = Histogram(
            "faqbot_loop_lag_seconds", "How late the event loop woke up.",
            buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.votes = Counter(
            "faqbot_votes_total", "Votes on answers.",
            ("platform", "vote"), registry=self.registry,
        )  # fmt: skip
        self.escalations = Gauge(
            "faqbot_escalations", "Questions that wait for a lecturer in the whole store; "
            "counted every ten minutes.", ("state",), registry=self.registry,
        )  # fmt: skip
        self.entries = Gauge("faqbot_entries", "Entries that are searched.", registry=self.registry)
        self.meaning = Gauge(
            "faqbot_meaning_ready", "1 once entries are found by meaning too, 0 until then.",
            registry=self.registry,
        )  # fmt: skip
        build = Info("faqbot_build", "What runs.", registry=self.registry)
        build.info({"version": version("faqbot"), "python": platform.python_version()})
        ProcessCollector(registry=self.registry)

    def count(self, item: Question | Press | Form) -> None:
        """Count what was committed, and the vote that it is."""
        match item:
            case Question(ref=MessageRef(place)) | Press(on=MessageRef(place)) | Form(where=place):
                platform = place.platform
        self.received.labels(platform, type(item).__name__.lower()).inc()
        if isinstance(item, Press) and item.action in (Action.USEFUL, Action.WRONG):
            self.votes.labels(platform, item.action.value).inc()

    def exposition(self) -> bytes:
        """Return every figure in Prometheus' text format."""
        return generate_latest(self.registry)
