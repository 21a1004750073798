"""What the routes of teams, skills, agents and presence take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from adapters.console.views import Body, View
from bot.roster import MAX_CAPACITY

PresenceName = Literal["online", "away", "offline"]
Names = list[str]
Target = Field(default=None, ge=0, le=31_536_000)
"""Seconds, at most a year of them."""


class TeamView(View):
    """A team, and the calls for a human that it takes; targets in seconds, null for the settings', 0 for none."""

    id: str
    name: str
    members: list[str]
    intents: list[str]
    reasons: list[str]
    languages: list[str]
    default: bool
    first_answer: int | None
    resolution: int | None


class TeamsView(View):
    """All teams, by name."""

    items: list[TeamView]


class SkillView(View):
    """A skill, and the intents and reasons of calls that ask for it."""

    name: str
    intents: list[str]
    reasons: list[str]


class SkillsView(View):
    """All skills, by name."""

    items: list[SkillView]


class PresenceView(View):
    """Whether an agent is there: `chosen` by hand, and what it comes to with their absence; `since` when."""

    state: PresenceName
    chosen: PresenceName
    since: datetime | None


class AgentView(View):
    """A user: what they can do as an agent, whether they are there, and how much they have.

    `answers` is false of viewers and of who is disabled: they are given no conversations.
    `capacity` is null for the settings'; `room` is what is left of the one that counts, never below 0.
    """

    id: str
    name: str
    answers: bool
    login: str
    """By which they sign in, and notes call them."""
    languages: list[str]
    skills: list[str]
    capacity: int | None
    presence: PresenceView
    teams: list[str]
    conversations: int
    offers: int
    snoozed: int
    room: int


class AgentsView(View):
    """All users, by name."""

    items: list[AgentView]


class TeamBody(Body):
    """A new team."""

    name: str = Field(min_length=1, max_length=100)
    members: Names = Field(default=[], max_length=1000)
    intents: Names = Field(default=[], max_length=1000)
    reasons: Names = Field(default=[], max_length=100)
    languages: Names = Field(default=[], max_length=200)
    default: bool = False
    first_answer: int | None = Target
    resolution: int | None = Target


class TeamChangeBody(Body):
    """What to change of a team; what is left out stays."""

    name: str = Field(default="", min_length=1, max_length=100)
    members: Names = Field(default=[], max_length=1000)
    intents: Names = Field(default=[], max_length=1000)
    reasons: Names = Field(default=[], max_length=100)
    languages: Names = Field(default=[], max_length=200)
    default: bool = False
    first_answer: int | None = Target
    resolution: int | None = Target


class SkillBody(Body):
    """A new skill."""

    name: str = Field(min_length=1, max_length=100, pattern=r"^[^/]+$")
    intents: Names = Field(default=[], max_length=1000)
    reasons: Names = Field(default=[], max_length=100)


class SkillChangeBody(Body):
    """What asks for a skill from now on."""

    intents: Names = Field(max_length=1000)
    reasons: Names = Field(max_length=100)


class AgentBody(Body):
    """What to change of what an agent can do; what is left out stays. A null `capacity` is the settings'."""

    languages: Names = Field(default=[], max_length=200)
    skills: Names = Field(default=[], max_length=1000)
    capacity: int | None = Field(default=None, ge=0, le=MAX_CAPACITY)


class PresenceBody(Body):
    """Presence as it is set by hand."""

    state: PresenceName


class AssignBody(Body):
    """Whom to give a conversation to: a user's id."""

    agent: str = Field(min_length=1, max_length=200)


class TransferBody(Body):
    """Which team to give a conversation to: its id."""

    team: str = Field(min_length=1, max_length=200)


class SnoozeBody(Body):
    """Until when to put a conversation off, with a time zone; null: until the customer writes."""

    until: AwareDatetime | None
