"""What a route of the console is: from tables of these they are mounted, and described in OpenAPI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel

Access = Literal["anyone", "viewer", "agent", "supervisor", "admin"]
"""The least role that a route needs, as in `bot.conversation.Role`; `anyone` needs not even be signed in."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a route's query, with its JSON schema."""

    name: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    does: str = ""


def whole(name: str, lowest: int, highest: int, does: str = "") -> Parameter:
    """A whole number."""
    return Parameter(name, {"type": "integer", "minimum": lowest, "maximum": highest}, does)


def moment(name: str, does: str = "") -> Parameter:
    """An ISO 8601 time with its zone."""
    return Parameter(name, {"type": "string", "format": "date-time"}, does)


@dataclass(frozen=True, slots=True)
class Route:
    """One route: who may call it, what it takes and gives, and the name of its handler among its area's.

    `browser`: only for people who are signed in; no script's token opens it. `tagged`: it gives an ETag and knows
    `If-None-Match`. `matches`: it knows `If-Match`. `form`: it takes multipart/form-data with a file in `file`.
    `media`: other types than JSON that it may give.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    handler: str
    does: str
    access: Access
    takes: type[BaseModel] | None = None
    gives: type[BaseModel] | None = None
    status: int = 200
    query: tuple[str | Parameter, ...] = ()
    browser: bool = False
    tagged: bool = False
    matches: bool = False
    form: bool = False
    media: tuple[str, ...] = ()
