"""How a customer feels across messages, and what follows from it. Pure, like the policy.

The bot says nothing about feelings: an apology from a machine soothes nobody, and under a neutral question it is
absurd. It calls a person sooner instead.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.conversation import Mood
from bot.pack import SentimentRules
from bot.understanding import Sentiment

URGENT_FOR = timedelta(hours=1)
"""How long an urgent message makes a call for a person urgent: what is said after it is mostly about the same thing."""


def felt(mood: Mood, sentiment: Sentiment | None, rules: SentimentRules, at: datetime) -> Mood:
    """The mood after one more message; a message of which no sentiment is known changes nothing."""
    if sentiment is None:
        return mood
    return replace(
        mood,
        negatives=mood.negatives + 1 if sentiment.label == "negative" else 0,
        angry=sentiment.anger >= rules.anger,
        urgent_at=at if sentiment.urgency >= rules.urgency else mood.urgent_at,
    )


def upset(mood: Mood, rules: SentimentRules) -> bool:
    """Whether the last message was angry, or the last few were all negative."""
    return mood.angry or mood.negatives >= rules.negative_in_a_row


def urgent(mood: Mood, at: datetime) -> bool:
    """Whether something urgent was said within the last `URGENT_FOR`."""
    return mood.urgent_at is not None and at - mood.urgent_at <= URGENT_FOR
