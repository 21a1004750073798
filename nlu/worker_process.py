"""A module that runs in a process of its own and tells, a line of JSON each, of its progress and of its result.

The server's event loop, its memory and its threads are left alone.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from bot.errors import ModelError, PackError
from bot.ports_studio import Progress

STOP_SECONDS = 5.0
"""How long a process that is told to stop may take, before it is killed."""

LONGEST_LINE = 4_000_000
"""Bytes."""

TAIL = 20
"""Lines of what a process said last, which are told if it breaks down."""


async def result_of(module: str, arguments: Sequence[str], progress: Progress) -> Mapping[str, Any]:
    """Run a module; what it tells as its `done`. Cancelling it stops the process.

    Raises:
        PackError: the pack is wrong; the message lists every finding.
        ModelError: it failed; the message says why.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments,
        # It ends by itself when its standard input does, so that none is left behind should we be killed.
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=LONGEST_LINE,
    )  # fmt: skip
    try:
        return await _followed(process, progress)
    finally:
        await _stopped(process)


async def _followed(process: asyncio.subprocess.Process, progress: Progress) -> Mapping[str, Any]:
    tail: deque[str] = deque(maxlen=TAIL)
    if process.stdout is None:
        raise ModelError("the process cannot be listened to")
    async for raw in process.stdout:
        line = raw.decode("utf-8", "replace").rstrip()
        told = _message(line)
        match told:
            case {"progress": [str(step), int(done), int(total)]}:
                progress(step, done, total)
            case {"done": dict(found)}:
                return found
            case {"wrong": str(reason), "kind": "pack"}:
                raise PackError(reason)
            case {"wrong": str(reason)}:
                raise ModelError(reason)
            case _:
                tail.append(line)
    code = await process.wait()
    said = " | ".join(tail) or "it said nothing"
    raise ModelError(f"the training's process ended with code {code}: {said}")


def _message(line: str) -> object:
    if not line.startswith("{"):
        return None
    try:
        return json.loads(line)
    except ValueError:
        return None


async def _stopped(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
