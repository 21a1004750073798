"""When the bot answers by itself, as it stands in `pack.yml`, and how that is changed. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.pack_edit import Changed, must_match
from bot.revisions import Snapshot
from bot.yamledit import YamlEdit

FILE = "pack.yml"

PLACES = 4
"""Decimals that are written."""


def thresholds(now: Snapshot) -> dict[str, float | None]:
    """The thresholds that count; `answer` is None where `max_error` is given, and the other way round."""
    found = now.pack.thresholds
    return {
        "answer": None if found.max_error is not None else found.answer,
        "clarify": found.clarify,
        "max_error": found.max_error,
    }


def put_thresholds(now: Snapshot, wanted: Mapping[str, float | None], tag: str | None) -> Changed:
    """Set them, and leave every other line of the file as it is; what is None is taken out.

    Raises:
        Stale: they were changed in the meantime.
    """
    must_match("the thresholds", thresholds(now), dict(wanted), tag)
    edit = YamlEdit(now.texts[FILE])
    for name, value in wanted.items():
        path = ("thresholds", name)
        if value is not None:
            edit.put(path, round(value, PLACES))
        elif edit.has(path):
            edit.remove(path)
    return {FILE: edit.text}
