"""The real time and real ids."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime


class SystemClock:
    """`Clock` by the machine's clock."""

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)


def new_id() -> str:
    """A random id, 32 hexadecimal digits."""
    return uuid.uuid4().hex
