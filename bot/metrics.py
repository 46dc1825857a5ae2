"""The figures for Prometheus: health and delivery as they are when asked for, answers to people as they were given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Final

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.delivery import Figures
from bot.health import Health

GAUGES: Final[dict[str, tuple[str, Callable[[Health], float | None]]]] = {
    "redress_started": ("1 once clicks are taken", lambda h: h.is_started),
    "redress_ending": ("1 while the bot drains", lambda h: h.is_ending),
    "redress_intake_open": ("1 while the way in from Slack works", lambda h: h.socket_age is not None),
    "redress_socket_age_seconds": ("since the last sign of life of the way in", lambda h: h.socket_age),
    "redress_tick_age_seconds": ("since the tick of this bot last did its work", lambda h: h.tick_age),
    "redress_courier_age_seconds": ("since the courier last looked for messages to send", lambda h: h.courier_age),
    "redress_record_answers": ("1 while the database answers", lambda h: h.record_fault is None),
    "redress_disk_free_bytes": ("room on the disk of the data folder", lambda h: h.free_bytes),
    "redress_deadlines_overdue": ("deadlines that are due and have not fired", lambda h: h.overdue),
    "redress_deadlines_stuck": ("1 when the same ones have not fired for minutes", lambda h: h.is_stuck),
    "redress_deadlines_set_aside": ("deadlines that failed and are tried again later", lambda h: h.set_aside),
    "redress_outbox_pending": ("messages that may be sent and are not yet", lambda h: h.pending),
    "redress_outbox_oldest_pending_age_seconds": ("how long the oldest of them waits", lambda h: h.oldest_pending_age),
    "redress_stale_cards": ("posted cards that show an older state than the record has", lambda h: h.stale_cards),
    "redress_stale_cards_age_seconds": (
        "how long one of them has, while Slack took messages",
        lambda h: h.stale_cards_age,
    ),
    "redress_outbox_uncertain": ("messages of which nobody can tell whether they are shown", lambda h: h.uncertain),
    "redress_outbox_failed": ("messages that could not be delivered", lambda h: h.failed),
    "redress_slack_refuses": ("1 while Slack takes no messages", lambda h: h.slack_refuses is not None),
    "redress_problems": ("what is not well, counted: /healthz names it", lambda h: len(h.problems)),
}
"""Each figure with its help and where it comes from; left out while there is nothing to tell."""

COURIER: Final = {
    "posted": "messages shown", "refreshed": "cards rewritten", "gone": "cards that are deleted or never change again",
    "found": "messages in doubt that were found",
    "limited": "answers 429", "ambiguous": "calls whose outcome is unknown", "unreachable": "calls that did not arrive",
    "uncertain": "messages left in doubt", "undelivered": "messages that went to the fallback", "faults": "errors of ours",
}  # fmt: skip

ANSWER_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
"""Slack waits three seconds."""


class Metrics(Collector):
    """The figures of health and delivery, taken when they are asked for."""

    def __init__(self, look: Callable[[], Health], figures: Figures) -> None:
        self._look, self._figures = look, figures

    def collect(self) -> Iterator[Metric]:
        health = self._look()
        for name, (said, of) in GAUGES.items():
            value = of(health)
            if value is not None:
                yield GaugeMetricFamily(name, said, value=float(value))
        for name, value in asdict(self._figures).items():
            yield CounterMetricFamily(f"redress_courier_{name}", COURIER[name], value=float(value))

    def describe(self) -> Iterator[Metric]:
        return iter(())


class Registry(CollectorRegistry):
    """A registry of our own, so that libraries can't add to what we publish."""

    def __init__(self) -> None:
        super().__init__(auto_describe=False)
        ProcessCollector(registry=self)
        self._answers = Histogram(
            "redress_answer_seconds",
            "from a payload in hand to the answer, by kind (click, submission, command …) and outcome",
            ("kind", "outcome"),
            buckets=ANSWER_BUCKETS,
            registry=self,
        )

    def answered(self, kind: str, outcome: str, seconds: float) -> None:
        """Count an answer to a person: done, refused, wrong_fields, too_late or fault."""
        self._answers.labels(kind, outcome).observe(seconds)
