"""Entities of a message: what a pack declares, and the kinds that every language has."""

from nlu.entities.finder import EntityFinder
from nlu.entities.kinds import KINDS
from nlu.entities.overlap import resolve_overlaps

__all__ = ["KINDS", "EntityFinder", "resolve_overlaps"]
