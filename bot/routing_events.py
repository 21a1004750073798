"""What routing does to a conversation: part of the vocabulary of `bot.policy`. Pure values.

`by` and `by_name` are who did it. `force` is set for those who may move conversations that are not theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Offered:
    """A waiting conversation is offered to an agent, who has it once they claim it before `until`."""

    agent: str
    name: str
    until: datetime


@dataclass(frozen=True, slots=True)
class OfferLapsed:
    """The agent did not take up the offer in time."""

    agent: str


@dataclass(frozen=True, slots=True)
class PlaceChanged:
    """The customer is to hear their place in the queue, from 1."""

    place: int


@dataclass(frozen=True, slots=True)
class Assigned:
    """Somebody gives a conversation to an agent."""

    agent: str
    name: str
    by: str
    by_name: str
    force: bool = False


@dataclass(frozen=True, slots=True)
class Transferred:
    """Somebody gives a conversation to a team, in whose queue it waits."""

    team: str
    name: str
    by: str
    by_name: str
    force: bool = False


@dataclass(frozen=True, slots=True)
class Released:
    """The agent who has the conversation went offline without answering the customer."""

    agent: str


@dataclass(frozen=True, slots=True)
class PutOff:
    """Somebody snoozes a conversation until a time, or, with None, until the customer writes."""

    by: str
    by_name: str
    until: datetime | None = None
    force: bool = False


@dataclass(frozen=True, slots=True)
class Woken:
    """A snoozed conversation comes back: its time has come, or somebody (`by_name`) brings it back."""

    by_name: str | None = None


RoutingEvent = Offered | OfferLapsed | PlaceChanged | Assigned | Transferred | Released | PutOff | Woken
