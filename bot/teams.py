"""Who works at the desk: agents with their languages, skills and presence; skills; teams and what they take. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.conversation import Handoff


class Presence(StrEnum):
    """Whether an agent is there."""

    ONLINE = "online"
    AWAY = "away"
    """At the desk's disposal for what they have, and given nothing new."""
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Agent:
    """A user of the console as the desk counts on them. `capacity` None is the one in the settings.

    `chosen` is what they set by hand, `state` what it comes to with their absences, `since` when that began.
    `connected_at` is when a console of theirs was last known to be open, `active_at` when they last did something,
    `assigned_at` when a conversation was last assigned to them.
    """

    user: str
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    capacity: int | None = None
    chosen: Presence = Presence.ONLINE
    state: Presence = Presence.OFFLINE
    since: datetime | None = None
    connected_at: datetime | None = None
    active_at: datetime | None = None
    assigned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Skill:
    """Something that an agent must know to help with these intents, or with calls for these reasons."""

    name: str
    intents: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Team:
    """Agents (`members`, by user id), and the calls for a human that are theirs.

    A call is theirs if its intent or its reason is among these, or both lists are empty, and its language is among
    these, or that list is empty. With all three empty only what is transferred comes to the team; the `default` team
    gets what no other takes. `first_answer` and `resolution` are targets in seconds of working time; None is the
    settings', 0 is none.
    """

    id: str
    name: str
    members: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    default: bool = False
    first_answer: int | None = None
    resolution: int | None = None


def base(code: str) -> str:
    """The language of a BCP 47 code without script and region: who speaks it can read them all."""
    return code.split("-", 1)[0].casefold()


def speaks(languages: Iterable[str], code: str) -> bool:
    """Whether a language is among these; one that is not known yet is anybody's."""
    return not code or base(code) in {base(language) for language in languages}


def team_for(teams: Sequence[Team], handoff: Handoff) -> Team | None:
    """The team whose a call is: by intent before by reason before by language alone, then the default one.

    None if no team takes it: then it is everybody's.
    """
    fits = [(rank, team.name, team.id, team) for team in teams if (rank := _fit(team, handoff)) is not None]
    if fits:
        return min(fits, key=lambda fit: fit[:3])[3]
    return next((team for team in sorted(teams, key=lambda team: team.id) if team.default), None)


def present_team(teams: Sequence[Team], handoff: Handoff) -> Team | None:
    """The team that a call was given to; if there is none or it is gone, the one that would be given it now."""
    return next((team for team in teams if team.id == handoff.team), None) or team_for(teams, handoff)


def _fit(team: Team, handoff: Handoff) -> int | None:
    """How closely a team names a call, 0 being the closest; None if it does not take it."""
    if not (team.intents or team.reasons or team.languages):
        return None
    if team.languages and not (handoff.language and speaks(team.languages, handoff.language)):
        return None
    if handoff.intent is not None and handoff.intent in team.intents:
        return 0 if team.languages else 1
    if handoff.reason in team.reasons:
        return 2 if team.languages else 3
    return None if team.intents or team.reasons else 4


def skills_for(skills: Iterable[Skill], handoff: Handoff) -> frozenset[str]:
    """The skills that a call asks for."""
    return frozenset(
        skill.name for skill in skills if handoff.intent in skill.intents or handoff.reason in skill.reasons
    )
