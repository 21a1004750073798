"""Which of several overlapping entities stand."""

from __future__ import annotations

from collections.abc import Iterable

from bot.understanding import Entity


def resolve_overlaps(*groups: Iterable[Entity]) -> tuple[Entity, ...]:
    """Entities of which none overlap, in the order of their offsets.

    An entity of an earlier group stands before any of a later one; within a group the longest stands, and of equally
    long ones the one that comes first.
    """
    kept: list[Entity] = []
    for group in groups:
        for entity in sorted(group, key=lambda entity: entity.start - entity.end):
            if all(entity.end <= other.start or other.end <= entity.start for other in kept):
                kept.append(entity)
    return tuple(sorted(kept, key=lambda entity: entity.start))
