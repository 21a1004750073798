"""The state of a conversation: who owns it, which language it speaks, which flow is under way.

Pure values; every change is made by `bot.policy` and returned as a new value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from bot.messages import Address, Sender
from bot.understanding import Hints


class Owner(StrEnum):
    """Who answers the customer. Only the bot's own conversations get bot answers."""

    BOT = "bot"
    QUEUE = "queue"
    AGENT = "agent"
    CLOSED = "closed"


CONFIRM = "?"
"""Stands in `FlowState.asking` for the question whether everything is right."""


@dataclass(frozen=True, slots=True)
class FlowState:
    """A flow under way: what is filled, what is being asked, and how often the answer could not be read."""

    flow: str
    slots: Mapping[str, str] = field(default_factory=dict)
    asking: str | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Mood:
    """How the customer feels: negative messages in a row, whether the last was angry, when the last urgent one came."""

    negatives: int = 0
    angry: bool = False
    urgent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """The customer was asked, at `at`, for a `score` or then for a `comment`."""

    stage: Literal["score", "comment"]
    at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """A waiting conversation is offered to an agent until then."""

    agent: str
    name: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Snooze:
    """A conversation is put off by somebody, until a time or, with None, until the customer writes."""

    by: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation at one address. `seq` is the number of history entries; `version` guards against lost updates.

    `flows` is a stack: the last is under way, the ones before were interrupted. `clarifying` holds the intents that
    were offered in a "did you mean". `rephrased` says that the customer was already asked to rephrase.

    For the list of conversations: `intent` and `sentiment` are those of the customer's last message that was read.
    `waiting_since` is when a customer who is to be answered by a person began to wait; `urgent` that they cannot wait.
    `survey` is the question under way about how it was, `rating` the id of the latest answer to it.
    `unanswered_since` is when the customer began to wait for a person's next words. `told_place` is the place in the
    queue that the customer was told last, and `told_place_at` when.
    """

    id: str
    address: Address
    customer: str
    created_at: datetime
    updated_at: datetime
    owner: Owner = Owner.BOT
    agent: str | None = None
    agent_name: str | None = None
    handoff: str | None = None
    language: str = ""
    pinned: str | None = None
    locale: str | None = None
    spoken: Mapping[str, float] = field(default_factory=dict)
    flows: tuple[FlowState, ...] = ()
    clarifying: tuple[str, ...] = ()
    rephrased: bool = False
    told_waiting: bool = False
    told_language: str | None = None
    mood: Mood = field(default_factory=Mood)
    last_reference: str | None = None
    intent: str | None = None
    sentiment: str | None = None
    waiting_since: datetime | None = None
    urgent: bool = False
    survey: Survey | None = None
    rating: str | None = None
    offer: Offer | None = None
    snoozed: Snooze | None = None
    unanswered_since: datetime | None = None
    told_place: int | None = None
    told_place_at: datetime | None = None
    seq: int = 0
    version: int = 0

    @property
    def flow(self) -> FlowState | None:
        """The flow under way."""
        return self.flows[-1] if self.flows else None

    @property
    def due_at(self) -> datetime | None:
        """When something of it is to happen by itself: an offer lapses, or a snooze is over."""
        if self.offer is not None:
            return self.offer.until
        return self.snoozed.until if self.snoozed is not None else None

    def hints(self, default: str) -> Hints:
        """What is known of the customer's language, for the model."""
        return Hints(spoken=self.spoken, locale=self.locale, pinned=self.pinned, default=default)


@dataclass(frozen=True, slots=True)
class Customer:
    """A person, with one or more identities on channels."""

    id: str
    name: str | None
    created_at: datetime
    identities: tuple[tuple[str, Sender], ...] = ()
    """Pairs of channel and sender."""


class HandoffState(StrEnum):
    """Where a request for a human stands."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Handoff:
    """A request for a human. `reason` is one of `bot.policy.Reason`; `slots` is what a flow had collected."""

    id: str
    conversation: str
    reason: str
    opened_at: datetime
    state: HandoffState = HandoffState.WAITING
    language: str = ""
    intent: str | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    urgent: bool = False
    """Whether what the customer wrote cannot wait; such requests stand first in the queue."""
    agent: str | None = None
    agent_name: str | None = None
    claimed_at: datetime | None = None
    team: str | None = None
    """The team whose it is, by id."""
    answered_at: datetime | None = None
    """When an agent first wrote to the customer."""
    done_at: datetime | None = None
    outcome: str | None = None
    """`given_back`, `closed` or `cancelled`."""


class Role(StrEnum):
    """What a user of the console may do; each role may also do what the ones before it may."""

    VIEWER = "viewer"
    """Reads conversations, the queue, problems and figures."""
    AGENT = "agent"
    """Takes, answers, gives back and closes conversations."""
    SUPERVISOR = "supervisor"
    """Acts on conversations that others have, tries deliveries again, reads the audit log."""
    ADMIN = "admin"
    """Everything: users, models."""

    def includes(self, other: Role) -> bool:
        """Whether who has this role may do what `other` may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)


@dataclass(frozen=True, slots=True)
class User:
    """Someone who signs in to the console; `password_hash` is argon2's encoded form. A disabled user cannot sign in."""

    id: str
    name: str
    display_name: str
    role: Role
    password_hash: str
    created_at: datetime
    disabled_at: datetime | None = None

    @property
    def answers(self) -> bool:
        """Whether they may have conversations."""
        return self.role.includes(Role.AGENT) and self.disabled_at is None


@dataclass(frozen=True, slots=True)
class SignIn:
    """A signed-in browser: only the SHA-256 of its cookie's token is stored; `browser` is its `User-Agent`.

    `used_at` is a recent use, not the very last one. `ended_at` says when it was signed out.
    """

    token_hash: str
    user: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime
    browser: str = ""
    ended_at: datetime | None = None

    @property
    def id(self) -> str:
        """What the sign-in is called where its hash would be too much to tell."""
        return self.token_hash[:16]

    def valid(self, at: datetime) -> bool:
        """Whether it is neither expired nor signed out."""
        return self.ended_at is None and at < self.expires_at
