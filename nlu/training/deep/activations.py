"""The frozen layers run once: what they make of each text, kept on disk, so that an epoch costs the upper ones only."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bot.errors import ConfigurationError
from nlu.training.deep.frozen import frozen_layers, way_of
from nlu.weights.bert import Bert
from nlu.weights.progress import Progress

Ints = NDArray[np.intp]

RUN_TOKENS = 2048
"""Tokens, padding included, of one run through the frozen layers; more make it no faster."""

RUNS_BETWEEN_NOTES = 40
"""Runs after which it is noted how far they are; a kill costs no more than these."""

ITEM = 2
"""Bytes of a value in half precision."""

VALUES, NOTE = "activations.f16", "activations.json"


class Activations:
    """Hidden states in half precision, the tokens of all texts one after another in a file.

    Text i has the rows from `starts[i]` to `starts[i + 1]` of `hidden` values each. They are read and not mapped: what
    a mapping has touched counts as this process's memory.
    """

    def __init__(self, file: Path, hidden: int, starts: Ints) -> None:
        self._file = file.open("rb", buffering=0)
        self._hidden = hidden
        self._starts = starts

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, texts: Ints) -> tuple[Tensor, Tensor]:
        """States (texts, longest, hidden) in single precision, zero where a text has ended, and the mask of tokens."""
        lengths = self._starts[texts + 1] - self._starts[texts]
        states = np.zeros((len(texts), int(lengths.max()), self._hidden), np.float32)
        width = self._hidden * ITEM
        for row, (text, length) in enumerate(zip(texts.tolist(), lengths.tolist(), strict=True)):
            content = os.pread(self._file.fileno(), length * width, int(self._starts[text]) * width)
            states[row, :length] = np.frombuffer(content, np.float16).reshape(length, self._hidden)
        mask = np.arange(states.shape[1])[None, :] < lengths[:, None]
        return torch.from_numpy(states), torch.from_numpy(mask)


def make_activations(
    frozen: Bert, tokens: Sequence[Sequence[int]], folder: Path, fingerprint: str, device: str, progress: Progress
) -> Activations:
    """Run the frozen layers on every text, or go on where an earlier run stopped.

    `fingerprint` names the layers and the texts; what is there of another one, or was computed in another way, is made
    anew. Takes two bytes for each of a token's dimensions: 100,000 short sentences need about a gigabyte for an encoder
    of 384.

    Raises:
        ConfigurationError: the folder cannot be written, or the disk is full.
    """
    lengths = np.array([len(ids) for ids in tokens])
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.intp)
    runs = list(_runs(lengths))
    fingerprint = f"{fingerprint} by {way_of(device)}"
    done = _done(folder, fingerprint)
    width = frozen.hidden * ITEM
    try:
        with (folder / VALUES).open("r+b" if done else "wb", buffering=0) as file:
            run = frozen_layers(frozen, folder, device) if done < len(runs) else None
            for number, texts in enumerate(runs[done:], done + 1):
                assert run is not None  # noqa: S101 - for the type checker: there are runs left
                kept, mask = run([tokens[text] for text in texts])
                for row, text in enumerate(texts):
                    os.pwrite(file.fileno(), kept[row][mask[row]].tobytes(), int(starts[text]) * width)
                if number % RUNS_BETWEEN_NOTES == 0 or number == len(runs):
                    os.fsync(file.fileno())
                    _note(folder, fingerprint, number)
                progress("run the frozen layers", number, len(runs))
    except OSError as error:
        size = int(starts[-1]) * width / 1e6
        raise ConfigurationError(
            f"{folder}: the frozen layers' {size:.0f} MB cannot be written: {error.strerror}"
        ) from error
    return Activations(folder / VALUES, frozen.hidden, starts)


def _runs(lengths: Ints) -> Iterator[list[int]]:
    """Texts of like length together, in an order that depends on nothing else."""
    run: list[int] = []
    for text in np.argsort(lengths, kind="stable").tolist():
        if run and (len(run) + 1) * int(lengths[text]) > RUN_TOKENS:
            yield run
            run = []
        run.append(text)
    if run:
        yield run


def _done(folder: Path, fingerprint: str) -> int:
    """Runs that an earlier process finished on the same; 0 if there is nothing of use."""
    try:
        note = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        return int(note["done"]) if note["fingerprint"] == fingerprint and (folder / VALUES).is_file() else 0
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _note(folder: Path, fingerprint: str, done: int) -> None:
    work = folder / f".{NOTE}"
    work.write_text(json.dumps({"fingerprint": fingerprint, "done": done}), encoding="utf-8")
    work.replace(folder / NOTE)
