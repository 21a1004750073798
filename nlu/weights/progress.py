"""How far a long step is: a bar on a terminal, a line per step anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars


class Progress(Protocol):
    """Told again and again how much of a step is done; `done` reaches `total` once, at the end."""

    def __call__(self, step: str, done: int, total: int, *, note: str = "") -> None:
        """`done` of `total` units of the step named `step`; `note` are figures of its own."""
        ...


def silent(step: str, done: int, total: int, *, note: str = "") -> None:
    """Show nothing."""


@contextmanager
def on_stderr() -> Iterator[Progress]:
    """Show progress on stderr for as long as the context lasts."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn()
    with Bars(*columns, console=Console(stderr=True)) as bars:
        yield _Bars(bars)


class _Bars:
    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: str, done: int, total: int, *, note: str = "") -> None:
        if step not in self._tasks:
            self._tasks[step] = self._bars.add_task(step, total=total)
        described = f"{step}  {note}" if note else step
        self._bars.update(self._tasks[step], completed=done, description=described)


class _Lines:
    def __init__(self) -> None:
        self._begun: set[str] = set()

    def __call__(self, step: str, done: int, total: int, *, note: str = "") -> None:
        if step not in self._begun:
            self._begun.add(step)
            print(f"{step} …", file=sys.stderr, flush=True)  # noqa: T201 - this is a command's output
        if done >= total:
            print(f"{step}: {note or 'done'}", file=sys.stderr, flush=True)  # noqa: T201 - as above
