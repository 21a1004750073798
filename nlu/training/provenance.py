"""Which code trains a model: told in its metadata, so that a result can be traced to what made it."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from nlu.artifacts import Code

ROOT = Path(__file__).parents[2]
"""The checkout's folder, if the code runs from one."""

PATIENCE = 5
"""Seconds that git may take; without its word a model is as good."""


@cache
def code_version(root: Path = ROOT) -> Code:
    """The installed version and, from a checkout, the commit with `-dirty` if files differ from it. Never fails."""
    try:
        installed = version("babeldesk")
    except PackageNotFoundError:
        installed = "unknown"
    return Code(version=installed, commit=_commit(root))


def _commit(root: Path) -> str | None:
    # Only this very folder: an installed package may lie in somebody else's checkout.
    if not (root / ".git").exists():
        return None
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(  # noqa: S603 - a fixed command
            ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],  # noqa: S607 - whichever git there is
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        return done.stdout.strip() or None
    return None
