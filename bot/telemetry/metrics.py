"""Figures for ``/metrics``. Labels have few values: never a name, an id or a text."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

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
        self.loop_lag = Histogram(
            "faqbot_loop_lag_seconds", "How late the event loop woke up.",
            buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip

    def exposition(self) -> bytes:
        """Return every figure in Prometheus' text format."""
        return generate_latest(self.registry)
