"""Lists under the API: cursors and filters in the query of a request."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Any

from aiohttp import web

from adapters.console.route import Parameter
from adapters.http import InvalidField
from bot.inbox_values import Narrowed, Place, Sort

MAX_PAGE = 200
MOST_VALUES = 50
"""Values of one filter."""

FILTERS = tuple(
    Parameter(name, does=f"Any of these, with commas between, at most {MOST_VALUES}{more}")
    for name, more in (
        ("channel", ""),
        ("language", ""),
        ("intent", ""),
        ("sentiment", ""),
        ("tag", ""),
        ("agent", "; `me` stands for whoever asks"),
    )
)
CURSOR = Parameter("cursor", does="Where to go on: the `next` of the page before")


def write_cursor(place: Place | None) -> str | None:
    """A place as an opaque word."""
    if place is None:
        return None
    parts = [place.sort.value, place.rank, place.at.isoformat(), place.conversation]
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


def read_cursor(request: web.Request, sort: Sort) -> Place | None:
    """The place that a request goes on from.

    Raises:
        InvalidField: it is no cursor of such a list.
    """
    given = request.query.get("cursor")
    if not given:
        return None
    try:
        parts: Any = json.loads(base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)))
        kind, rank, at, conversation = parts
        place = Place(Sort(kind), int(rank), datetime.fromisoformat(at), str(conversation))
    except (ValueError, TypeError, binascii.Error):
        raise InvalidField("cursor", "is none that a list has given") from None
    if place.sort is not sort or place.at.tzinfo is None:
        raise InvalidField("cursor", "belongs to a list in another order")
    return place


def filters(request: web.Request, user: str) -> Narrowed:
    """The filters of a request: values with commas between; `agent=me` stands for whoever asks.

    Raises:
        InvalidField: one has too many values.
    """

    def of(name: str) -> tuple[str, ...]:
        values = tuple(part for part in request.query.get(name, "").split(",") if part)
        if len(values) > MOST_VALUES:
            raise InvalidField(name, f"{len(values)} values are over the limit of {MOST_VALUES}")
        return values

    return Narrowed(
        channels=of("channel"),
        languages=of("language"),
        intents=of("intent"),
        sentiments=of("sentiment"),
        tags=of("tag"),
        agents=tuple(user if agent == "me" else agent for agent in of("agent")),
    )
