"""What Prometheus is told. Labelled by channel, never by customer or text."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 2, 5, 10)


class Metrics:
    """One registry with everything that is counted; built once by the composition root."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        by_channel = ["channel"]
        self.received = Counter("babeldesk_received", "Events stored.", by_channel, registry=registry)
        self.repeated = Counter("babeldesk_repeated", "Events given again.", by_channel, registry=registry)
        self.turns = Counter(
            "babeldesk_turns", "Turns, by who owns the conversation after.", ["channel", "owner"], registry=registry
        )
        self.turns_failed = Counter(
            "babeldesk_turns_failed", "Tries of a turn that failed.", by_channel, registry=registry
        )
        self.turn_seconds = Histogram(
            "babeldesk_turn_seconds", "A turn, model included.", by_channel, buckets=_SECONDS, registry=registry
        )
        self.understand_seconds = Histogram(
            "babeldesk_understand_seconds", "The model's part of a turn.", buckets=_SECONDS, registry=registry
        )
        self.encoder_cache = Counter(
            "babeldesk_encoder_cache",
            "Texts for the encoder: known as they are, by their tokens, or not.",
            ["outcome"],
            registry=registry,
        )
        self.handoffs = Counter("babeldesk_handoffs", "Calls for a human.", ["channel", "reason"], registry=registry)
        self.offers = Counter(
            "babeldesk_offers", "Conversations offered to agents: made, or lapsed.", ["outcome"], registry=registry
        )
        self.sla_open = Gauge(
            "babeldesk_sla_open", "Running clocks of open handoffs.", ["clock", "state"], registry=registry
        )
        self.sla_stopped = Counter(
            "babeldesk_sla_stopped",
            "Clocks that came to an end: met, or breached.",
            ["clock", "state"],
            registry=registry,
        )
        self.delivered = Counter("babeldesk_delivered", "Messages the platform took.", by_channel, registry=registry)
        self.delivery_retries = Counter(
            "babeldesk_delivery_retries", "Deliveries put off.", by_channel, registry=registry
        )
        self.dead_letters = Counter("babeldesk_dead_letters", "Deliveries given up.", by_channel, registry=registry)
        self.shadow = Counter(
            "babeldesk_shadow", "Messages that a challenger was given.", ["outcome"], registry=registry
        )
        self.waiting = Gauge("babeldesk_inbox_waiting", "Events that wait for their turn.", registry=registry)

    def render(self) -> bytes:
        """The text that a scraper reads."""
        return generate_latest(self.registry)
