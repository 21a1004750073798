"""What the memory store holds: plain dictionaries of frozen values, copied as a whole for each transaction."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from bot.api_tokens import ApiToken
from bot.audit import AuditEntry
from bot.comparison import Comparison
from bot.conversation import Conversation, Customer, Handoff, SignIn, User
from bot.desk_values import DeskEvent, DeskLink, DeskReply, DeskThread, LinkCode
from bot.errors import InvalidInput
from bot.messages import Delivery, Message
from bot.outcomes import Turn
from bot.ports import FailedTurn, OutboxItem, Received
from bot.ports_inbox import Attribute, CannedReply, Mention, Merge, Rating
from bot.review import Label
from bot.revisions import Revision
from bot.runs import Run
from bot.teams import Agent, Skill, Team


@dataclass(frozen=True, slots=True)
class Parcel:
    """An outbox row; `seq` counts them in the order of adding, `dead_at` says when it failed for good."""

    seq: int
    item: OutboxItem
    dead_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HeldThread:
    """A row of a handoff's thread."""

    thread: DeskThread
    holder: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A row of what was done in a thread."""

    event: DeskEvent
    status: Literal["waiting", "owing", "done"] = "waiting"
    attempts: int = 0
    due_at: datetime | None = None
    reply: DeskReply | None = None
    wrote: tuple[str, int] | None = None


@dataclass(slots=True)
class State:
    """Everything that is stored. What has been committed is never changed, only replaced."""

    customers: dict[str, Customer] = field(default_factory=dict)
    identities: dict[tuple[str, str], str] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    messages: dict[str, tuple[Message, ...]] = field(default_factory=dict)
    seen: dict[tuple[str, str], int] = field(default_factory=dict)
    waiting: dict[int, Received] = field(default_factory=dict)
    failures: dict[int, FailedTurn] = field(default_factory=dict)
    parcels: dict[str, Parcel] = field(default_factory=dict)
    sent: dict[str, Delivery] = field(default_factory=dict)
    moved: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """When something last came `in` or went `out`, by that and the channel."""
    handoffs: dict[str, Handoff] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    sign_ins: dict[str, SignIn] = field(default_factory=dict)
    tokens: dict[str, ApiToken] = field(default_factory=dict)
    audit: dict[int, AuditEntry] = field(default_factory=dict)
    comparisons: dict[tuple[str, str, str], Comparison] = field(default_factory=dict)
    tags: dict[str, tuple[str, ...]] = field(default_factory=dict)
    mentions: dict[tuple[str, str, int], Mention] = field(default_factory=dict)
    profiles: dict[str, str] = field(default_factory=dict)
    merges: dict[str, Merge] = field(default_factory=dict)
    attributes: dict[tuple[str, str], Attribute] = field(default_factory=dict)
    canned: dict[str, CannedReply] = field(default_factory=dict)
    ratings: dict[str, Rating] = field(default_factory=dict)
    read_marks: dict[tuple[str, str], int] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    skills: dict[str, Skill] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    dues: dict[str, datetime] = field(default_factory=dict)
    turns: dict[tuple[str, int], Turn] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)

    def profile(self, customer: str) -> str:
        """The customer whom this one is shown as."""
        return self.profiles.get(customer, customer)

    revisions: dict[tuple[str, int], Revision] = field(default_factory=dict)
    pack_texts: dict[str, str] = field(default_factory=dict)
    desk_threads: dict[tuple[str, str], HeldThread] = field(default_factory=dict)
    desk_events: dict[int, DeskRow] = field(default_factory=dict)
    desk_links: dict[tuple[str, str], DeskLink] = field(default_factory=dict)
    desk_codes: dict[str, LinkCode] = field(default_factory=dict)
    training_runs: dict[tuple[str, int], Run] = field(default_factory=dict)

    def copied(self) -> State:
        """The same values in dictionaries of their own."""
        return State(**{part.name: dict(getattr(self, part.name)) for part in fields(self)})

    def frozen(self) -> State:
        """The same values in dictionaries that refuse changes."""
        views: dict[str, Any] = {part.name: MappingProxyType(getattr(self, part.name)) for part in fields(self)}
        return State(**views)

    def check_references(self) -> None:
        """Do what foreign keys do.

        Raises:
            InvalidInput: something refers to what is not stored.
        """
        for conversation in self.conversations.values():
            if conversation.customer not in self.customers:
                raise InvalidInput(f"conversation {conversation.id!r}: there is no customer {conversation.customer!r}")
        owners = {
            *self.messages,
            *self.tags,
            *(rating.conversation for rating in self.ratings.values()),
            *(handoff.conversation for handoff in self.handoffs.values()),
            *(comparison.conversation for comparison in self.comparisons.values()),
            *self.dues,
            *(conversation for conversation, _ in self.turns),
            *(held.thread.conversation for held in self.desk_threads.values()),
            *(row.wrote[0] for row in self.desk_events.values() if row.wrote is not None),
        }
        for unknown in owners - self.conversations.keys():
            raise InvalidInput(f"there is no conversation {unknown!r}")
        for unknown in {handoff for handoff, _ in self.desk_threads} - self.handoffs.keys():
            raise InvalidInput(f"there is no handoff {unknown!r}")
        for user, place in [*self.read_marks, *((user, place) for user, place, _ in self.mentions)]:
            if user not in self.users or place not in self.conversations:
                raise InvalidInput(f"there is no user {user!r} or no conversation {place!r}")
        holders = {sign_in.user for sign_in in self.sign_ins.values()} | {token.user for token in self.tokens.values()}
        holders |= self.agents.keys() | {link.user for link in self.desk_links.values()}
        for unknown in holders - self.users.keys():
            raise InvalidInput(f"there is no user {unknown!r}")
