"""What the modules that train in a process of their own have in common: they tell, and they end with their parent."""

from __future__ import annotations

import fcntl
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bot.errors import BabeldeskError, ModelError, PackError
from bot.logs import configure_logs

NICE = 10
"""How far it stands back behind those who wait for an answer."""

STDIN = 0
"""The file descriptor."""

EVERY = 0.2
"""Seconds between two lines of progress."""


class Telling:
    """Progress for whoever started us, not more often than can be seen."""

    def __init__(self) -> None:
        self._last = 0.0
        self._step = ""

    def __call__(self, step: str, done: int, total: int, *, note: str = "") -> None:  # noqa: ARG002 - the signature
        """Tell how much of a step is done."""
        now = time.monotonic()
        if step != self._step or done == total or now - self._last >= EVERY:
            self._last, self._step = now, step
            say({"progress": [step, done, total]})


def run_and_tell(work: Callable[[Telling], Mapping[str, Any]]) -> int:
    """Do some work, and tell what it gives or what is wrong; 0 if it went well."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(OSError):
        os.nice(NICE)
    configure_logs("WARNING")
    try:
        done = work(Telling())
    except BabeldeskError as error:
        say({"wrong": str(error), "kind": "pack" if isinstance(error, PackError) else "model"})
        return 1
    say({"done": done})
    return 0


def say(message: Mapping[str, object]) -> None:
    """Tell something, in a line."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One training of a pack at a time, whatever process it is in; the system lets go should we be killed.

    Raises:
        ModelError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".training").open("w")
    except OSError as error:
        raise ModelError(f"{folder} cannot be written: {error.strerror}") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _end_with_parent() -> None:
    # Not `sys.stdin`: its lock, held by a thread that waits, aborts the interpreter when it ends.
    while os.read(STDIN, 1024):
        pass
    os._exit(1)
