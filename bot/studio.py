"""Everything through which admins teach the bot, put together."""

from __future__ import annotations

from dataclasses import dataclass

from bot.evaluations import Evaluations
from bot.ports import Clock, Understander
from bot.ports_studio import Neighbours, Trainer
from bot.training import Training
from bot.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Studio:
    """The workspace, and what reads it; without a model that can be trained, there is no `training`."""

    workspace: Workspace
    understander: Understander
    clock: Clock
    training: Training | None = None
    trainer: Trainer | None = None
    neighbours: Neighbours | None = None
    evaluations: Evaluations | None = None
