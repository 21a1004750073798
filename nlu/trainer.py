"""Trains in a process of its own."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from bot.model_versions import MadeBy
from bot.ports_studio import Evaluation, Progress, Trained
from nlu import trained as records
from nlu.serving import model_store
from nlu.worker_process import result_of

WORKER = "nlu.training.worker"


class ProcessTrainer:
    """See `bot.ports_studio.Trainer`."""

    def __init__(self, data_dir: Path, pack: str, *, source: str, threads: int) -> None:
        self._data_dir = data_dir
        self._pack = pack
        self._source = source
        self._threads = threads

    async def train(self, folder: Path, progress: Progress, by: MadeBy | None = None) -> Trained:
        """Train on the pack in a folder. See `Trainer.train`."""
        arguments = [
            "--data-dir", str(self._data_dir),
            "--source", self._source,
            "--threads", str(self._threads),
            "--pack", str(folder),
        ]  # fmt: skip
        if by is not None:
            arguments += ["--by", json.dumps([by.how, by.who, by.revision])]
        return records.from_line(json.dumps(await result_of(WORKER, arguments, progress)))

    async def evaluation(self, version: str) -> Evaluation | None:
        """What a version made of the tests when it was trained. See `Trainer.evaluation`."""
        folder = model_store(self._data_dir, self._pack).folder / version
        found = await asyncio.to_thread(records.read, folder)
        return None if found is None else found.evaluation
