"""Who changed what, and when: entries of the audit log. Pure values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from bot.conversation import User

__all__ = ["COMMAND_LINE", "SERVER", "Actor", "AuditEntry", "AuditFilter", "Audited", "JsonValue", "difference"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something: a user by id and name, `token` names the API token that spoke for them.

    Without an id it was no user: a command in the terminal, or the server itself.
    """

    id: str | None
    name: str
    token: str | None = None

    @classmethod
    def of(cls, user: User, token: str | None = None) -> Actor:
        """A user of the console."""
        return cls(user.id, user.name, token)


COMMAND_LINE = Actor(None, "command line")
SERVER = Actor(None, "server")


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A change that somebody made.

    `action` is an area and a verb, as in `user.change`; `target` is the id or name of what was changed. `before` and
    `after` are JSON, hold only what changed, and never a secret; None where there was nothing, or nothing is left.
    """

    at: datetime
    actor: Actor
    action: str
    target: str
    before: Mapping[str, JsonValue] | None = None
    after: Mapping[str, JsonValue] | None = None


@dataclass(frozen=True, slots=True)
class Audited:
    """An entry that is stored; later ones have a larger `seq`."""

    seq: int
    entry: AuditEntry


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries to list; None means any.

    `actor` is a user's id; `action` is a whole action or an area (`user` finds `user.add`); `since` is the first
    moment, `until` the first one after; `before` pages by `seq`.
    """

    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 50


def difference(
    before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]
) -> tuple[dict[str, JsonValue], dict[str, JsonValue]]:
    """Only what is not the same in both; a key that one of them lacks counts as null."""
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return {key: before.get(key) for key in keys}, {key: after.get(key) for key in keys}
