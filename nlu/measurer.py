"""Measures versions on the pack's tests, and compares them, in a process of its own."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from pathlib import Path

from pydantic import TypeAdapter

from bot.errors import ModelError
from bot.measuring import Difference, Measurement
from bot.ports_studio import Progress
from nlu import measured as records
from nlu.model_store import ModelStore
from nlu.serving import model_store
from nlu.worker_process import result_of

WORKER = "nlu.training.measuring"

KEPT = 32
"""Measurements that are kept in memory: a list of all versions asks for each."""

_DIFFERENCE = TypeAdapter(Difference)


class ProcessMeasurer:
    """See `bot.ports_measuring.Measurer`."""

    def __init__(self, data_dir: Path, pack: str, *, source: str, threads: int) -> None:
        self._data_dir = data_dir
        self._pack = pack
        self._source = source
        self._threads = threads
        self._known: OrderedDict[str, tuple[int, Measurement]] = OrderedDict()

    @property
    def _store(self) -> ModelStore:
        return model_store(self._data_dir, self._pack)

    async def measured(self, version: str) -> Measurement | None:
        """What is known of a version. See `Measurer.measured`."""
        return await asyncio.to_thread(self._read, version)

    def _read(self, version: str) -> Measurement | None:
        folder = self._store.folder / version
        try:
            changed = (folder / records.FILE).stat().st_mtime_ns
        except OSError:
            return None
        known = self._known.get(version)
        if known is None or known[0] != changed:
            found = records.read(folder)
            if found is None:
                return None
            self._known[version] = known = (changed, found)
            self._known.move_to_end(version)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return known[1]

    async def measure(self, version: str, folder: Path, progress: Progress) -> Measurement:
        """Measure a version. See `Measurer.measure`."""
        arguments = [
            "measure", version,
            "--data-dir", str(self._data_dir),
            "--source", self._source,
            "--threads", str(self._threads),
            "--pack", str(folder),
        ]  # fmt: skip
        await result_of(WORKER, arguments, progress)
        found = await self.measured(version)
        if found is None:  # somebody removed the version meanwhile
            raise ModelError(f"what {version} makes of the tests was not kept")
        return found

    async def difference(self, this: str, other: str) -> Difference:
        """How sure it is that two versions differ. See `Measurer.difference`."""
        folders = [str(self._store.folder / version) for version in (this, other)]
        return _DIFFERENCE.validate_python(await result_of(WORKER, ["compare", *folders], _quiet))


def _quiet(step: str, done: int, total: int) -> None:
    """A comparison is done in a few seconds."""
