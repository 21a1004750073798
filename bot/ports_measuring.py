"""What measuring versions on the pack's tests needs from the outside, as a small Protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from bot.measuring import Difference, Measurement
from bot.ports_studio import Progress


class Measurer(Protocol):
    """Measures versions, and compares them, in a process of its own; what was measured is kept beside each version."""

    async def measured(self, version: str) -> Measurement | None:
        """What is known of a version; None if it was never measured."""
        ...

    async def measure(self, version: str, folder: Path, progress: Progress) -> Measurement:
        """Measure a version on the tests of the pack in a folder. Cancelling it stops the process.

        Raises:
            PackError: the tests are wrong, or there are none.
            ModelError: there is no such version, or it cannot be used; the message says why.
        """
        ...

    async def difference(self, this: str, other: str) -> Difference:
        """How sure it is that two versions differ, from what was measured.

        Raises:
            ModelError: one of them was never measured, or they have no test in common.
        """
        ...
