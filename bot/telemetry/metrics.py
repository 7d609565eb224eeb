"""Figures for ``/metrics``. Labels have few values: never a name, an id or a text."""

import platform
from functools import partial
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
        counter = partial(Counter, registry=self.registry)
        gauge = partial(Gauge, registry=self.registry)
        histogram = partial(Histogram, buckets=BUCKETS, registry=self.registry)
        self.received = counter(
            "faqbot_received_total", "Questions, presses and forms committed.", ("platform", "kind")
        )
        self.questions = counter(
            "faqbot_questions_total", "Questions by what became of them.", ("platform", "outcome")
        )
        self.step_seconds = histogram(
            "faqbot_step_seconds", "Time that one step of a question takes.", ("step",)
        )
        self.sent = counter(
            "faqbot_sent_total", "Cards by what became of sending them.", ("platform", "result")
        )
        self.waiting = gauge("faqbot_waiting", "Rows that wait.", ("queue",))
        self.oldest = gauge(
            "faqbot_oldest_seconds", "For how long a row waits that could be taken.", ("queue",)
        )
        self.loop_lag = histogram("faqbot_loop_lag_seconds", "How late the event loop woke up.")
        self.votes = counter("faqbot_votes_total", "Votes on answers.", ("platform", "vote"))
        self.escalations = gauge(
            "faqbot_escalations",
            "Questions that wait for a lecturer in the whole store; counted every ten minutes.",
            ("state",),
        )
        self.entries = gauge("faqbot_entries", "Entries that are searched.")
        self.meaning = gauge(
            "faqbot_meaning_ready", "1 once entries are found by meaning too, 0 until then."
        )
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
