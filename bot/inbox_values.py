"""How agents look at many conversations: views, filters, order and places in a list. Pure values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from bot.conversation import Conversation, Owner


class View(StrEnum):
    """A part of all conversations that people work through."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    """Waiting for a person, and not snoozed."""
    TAKEN = "taken"
    """With an agent."""
    WAITING_FOR_CUSTOMER = "waiting_for_customer"
    """With an agent who has answered, and not snoozed."""
    BOT = "bot"
    CLOSED = "closed"
    ALL = "all"


class Sort(StrEnum):
    """In which order they are listed."""

    WAITING = "waiting"
    """Urgent ones first, then who has waited longest, then who is not waiting, by the time of the last change; what is
    snoozed last."""
    LATEST = "latest"
    """The latest change first."""


class Rank(IntEnum):
    """Where a conversation stands among those that wait; smaller goes first."""

    URGENT = 0
    WAITING = 1
    IDLE = 2
    SNOOZED = 3


def rank(conversation: Conversation) -> Rank:
    """Where a conversation stands; what is put off waits for nobody, and what is only offered still waits."""
    if conversation.snoozed is not None:
        return Rank.SNOOZED
    if conversation.waiting_since is None:
        return Rank.IDLE
    return Rank.URGENT if conversation.urgent else Rank.WAITING


def since(conversation: Conversation) -> datetime:
    """What conversations of one rank are sorted by: since when it waits, or its last change if it does not."""
    if conversation.snoozed is not None:
        return conversation.updated_at
    return conversation.waiting_since or conversation.updated_at


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which conversations count: any of the given values of each kind; an empty tuple asks for nothing of its kind."""

    channels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    sentiments: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a sorted list: the sorting values of the conversation that stands there.

    What changes elsewhere in the list moves no place, so pages never repeat or skip what has stayed where it was.
    """

    sort: Sort
    rank: int
    at: datetime
    conversation: str


def place_of(conversation: Conversation, sort: Sort) -> Place:
    """Where a conversation stands in a list."""
    if sort is Sort.LATEST:
        return Place(sort, 0, conversation.updated_at, conversation.id)
    return Place(sort, rank(conversation), since(conversation), conversation.id)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page of a list; `user` is whose `View.MINE` it is, `after` the place of the page before's last one."""

    view: View = View.ALL
    user: str = ""
    narrowed: Narrowed = Narrowed()
    sort: Sort = Sort.LATEST
    after: Place | None = None
    limit: int = 50


def in_view(view: View, conversation: Conversation, user: str) -> bool:  # noqa: PLR0911 - a table of views
    """Whether a conversation belongs to a view."""
    match view:
        case View.MINE:
            return conversation.owner is Owner.AGENT and conversation.agent == user
        case View.UNASSIGNED:
            return conversation.owner is Owner.QUEUE and conversation.snoozed is None
        case View.TAKEN:
            return conversation.owner is Owner.AGENT
        case View.WAITING_FOR_CUSTOMER:
            return conversation.owner is Owner.AGENT and rank(conversation) is Rank.IDLE
        case View.BOT:
            return conversation.owner is Owner.BOT
        case View.CLOSED:
            return conversation.owner is Owner.CLOSED
        case View.ALL:
            return True
