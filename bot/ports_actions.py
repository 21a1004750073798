"""The owner's systems, which flows call, as a Protocol. Part of `bot.ports`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ActionCall:
    """A flow asks the owner's system to do something; `key` is the same on every retry of the same call."""

    name: str
    slots: Mapping[str, str]
    key: str
    conversation: str
    language: str


@dataclass(frozen=True, slots=True)
class ActionResult:
    """`outcome` is one that the flow declares, or `unavailable`; `values` fill the reply's placeholders."""

    outcome: str
    values: Mapping[str, str] = field(default_factory=dict)


UNAVAILABLE = "unavailable"
"""The outcome of an action that could not be carried out; a human takes over with what was collected."""


class Actions(Protocol):
    """The owner's systems, which flows call."""

    async def run(self, call: ActionCall) -> ActionResult:
        """Carry out an action; failures come back as `unavailable`, never as an exception."""
        ...
