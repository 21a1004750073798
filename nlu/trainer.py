"""Trains in a process of its own: the server's event loop, its memory and its threads are left alone."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path

from bot.errors import ModelError, PackError
from bot.ports_studio import Evaluation, Progress, Trained
from nlu import trained as records
from nlu.serving import model_store

WORKER = "nlu.training.worker"

STOP_SECONDS = 5.0
"""How long a process that is told to stop may take, before it is killed."""

LONGEST_LINE = 4_000_000
"""Bytes."""

TAIL = 20
"""Lines of what a process said last, which are told if it breaks down."""


class ProcessTrainer:
    """See `bot.ports_studio.Trainer`."""

    def __init__(self, data_dir: Path, pack: str, *, source: str, threads: int) -> None:
        self._data_dir = data_dir
        self._pack = pack
        self._source = source
        self._threads = threads

    async def train(self, folder: Path, progress: Progress) -> Trained:
        """Train on the pack in a folder. See `Trainer.train`."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", WORKER,
            "--data-dir", str(self._data_dir),
            "--source", self._source,
            "--threads", str(self._threads),
            "--pack", str(folder),
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

    async def evaluation(self, version: str) -> Evaluation | None:
        """What a version made of the tests when it was trained. See `Trainer.evaluation`."""
        folder = model_store(self._data_dir, self._pack).folder / version
        found = await asyncio.to_thread(records.read, folder)
        return None if found is None else found.evaluation


async def _followed(process: asyncio.subprocess.Process, progress: Progress) -> Trained:
    tail: deque[str] = deque(maxlen=TAIL)
    if process.stdout is None:
        raise ModelError("the training's process cannot be listened to")
    async for raw in process.stdout:
        line = raw.decode("utf-8", "replace").rstrip()
        told = _message(line)
        match told:
            case {"progress": [str(step), int(done), int(total)]}:
                progress(step, done, total)
            case {"trained": dict(found)}:
                return records.from_line(json.dumps(found))
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
