"""A small change to a pretrained encoder, kept beside the code: which layers stay, and low-rank updates of these.

`W + B A` per matrix (Hu et al. 2021, «LoRA»), B (outputs, rank), A (rank, inputs): an eighth of the weights that it
changes. `nlu.training.align` and `nlu.training.fast` make the ones that come with Babeldesk (see NOTICE).
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bot.errors import ModelError
from nlu.weights.bert import Bert, Linear
from nlu.weights.blocks import dense, quantise

LINEARS = ("query", "key", "value", "attention_output", "inner", "outer")
"""The matrices of a layer by the names of `Layer`'s fields."""


@dataclass(frozen=True, slots=True)
class Update:
    """`down` is (rank, inputs), `up` (outputs, rank): the matrix changes by their product."""

    down: NDArray[np.float16]
    up: NDArray[np.float16]

    def applied(self, weight: NDArray[np.float32]) -> NDArray[np.float32]:
        """The changed matrix (outputs, inputs)."""
        changed: NDArray[np.float32] = weight + self.up.astype(np.float32) @ self.down.astype(np.float32)
        return changed


@dataclass(frozen=True, slots=True)
class Adaptation:
    """What to make of an encoder.

    `base` is the digest of the weights that this was trained on. `layers` are the base's layers that stay, in order;
    `updates` go by (position in `layers`, name of the matrix).
    """

    base: str
    layers: tuple[int, ...]
    updates: Mapping[tuple[int, str], Update]

    def applied(self, bert: Bert) -> Bert:
        """The adapted encoder; changed matrices have eight bits, since the changes are smaller than a step of four."""
        layers = [bert.layers[index] for index in self.layers]
        for (position, name), update in self.updates.items():
            linear: Linear = getattr(layers[position], name)
            weight = quantise(update.applied(dense(linear.weight)), 8)
            changed: Mapping[str, Any] = {name: Linear(weight, linear.bias)}
            layers[position] = replace(layers[position], **changed)
        return replace(bert, layers=tuple(layers))

    def save(self, path: Path) -> None:
        """Write one compressed NumPy file."""
        arrays: dict[str, Any] = {
            f"{position}.{name}.down": update.down for (position, name), update in self.updates.items()
        }
        arrays |= {f"{position}.{name}.up": update.up for (position, name), update in self.updates.items()}
        np.savez_compressed(path, base=np.array(self.base), layers=np.array(self.layers, np.int64), **arrays)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read such a file.

        Raises:
            ModelError: it is missing or damaged.
        """
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                updates: dict[tuple[int, str], Update] = {}
                for key in arrays.files:
                    if key.endswith(".down"):
                        position, name, _ = key.split(".")
                        updates[int(position), name] = Update(arrays[key], arrays[f"{position}.{name}.up"])
                return cls(str(arrays["base"]), tuple(int(index) for index in arrays["layers"]), updates)
        except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise ModelError(f"{path} is missing or damaged: {error}") from error

    @property
    def digest(self) -> str:
        """A sha256 over what `applied` depends on."""
        digest = hashlib.sha256(f"{self.base}{self.layers}".encode())
        for (position, name), update in sorted(self.updates.items()):
            digest.update(f"{position}.{name}".encode())
            digest.update(update.down.tobytes() + update.up.tobytes())
        return digest.hexdigest()
