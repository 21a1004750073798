"""The description beside a converted encoder: what it is, where it came from, and what its files must be."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import ModelError

FILE_NAME = "encoder.json"
CHUNK = 1 << 20

FETCH = "`babeldesk models fetch` repairs it"

Measure = TypeVar("Measure", int, str)

Kind = Literal["query", "passage"]

Variant = Literal["q4", "q8", "int8", "fp32"]
"""How the weights of the layers are stored and multiplied.

`q4`, `q8`: blocks of 4 or 8 bits against activations in blocks of 8 bits (`MatMulNBits`). `int8`: 7 bits per output
column against activations of 8 bits per tensor (`DynamicQuantizeMatMul`; the 8th bit would overflow AVX2's sums).
`fp32`: plain, to compare with. The word table is 4-bit in all of them (8-bit in `q8`), except in `fp32`.
"""


class FileEntry(BaseModel):
    """Size in bytes and sha256 of one file."""

    model_config = ConfigDict(frozen=True)

    size: int
    sha256: str


class Manifest(BaseModel):
    """`encoder.json`.

    `prefixes` goes before a text of each kind. `max_tokens` is the model's longest input, special tokens included.
    Of format 2 on, the graph gives the tokens' states too.
    `fingerprint` is the same exactly when the embeddings are meant to be the same: it covers the source's content, the
    variant, the prefixes and the recipe, and no byte that a newer library might write differently.
    """

    model_config = ConfigDict(frozen=True)

    format: Literal[2] = 2
    source: str
    variant: Variant
    fingerprint: Annotated[str, Field(min_length=16)]
    hidden: Annotated[int, Field(gt=0)]
    max_tokens: Annotated[int, Field(gt=2)]
    prefixes: Mapping[Kind, str]
    tokenizer: Literal["tokenizer.spm", "tokenizer.json"]
    files: Mapping[str, FileEntry]

    @classmethod
    def parse(cls, folder: Path, *, remedy: str = FETCH) -> Self:
        """Read the manifest of an encoder's folder; `remedy` tells people what to do about one that is not good.

        Raises:
            ModelError: there is none, or it is damaged or of another format.
        """
        path = folder / FILE_NAME
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise ModelError(f"{folder} holds no encoder ({error}); {remedy}") from error
        except ValidationError as error:
            raise ModelError(f"{path}: not a description of an encoder of this version: {error}") from error

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the manifest of an encoder's folder and check that the files are there and have their sizes.

        Raises:
            ModelError: as for `parse`, or a file is missing or cut.
        """
        manifest = cls.parse(folder)
        _compare(folder, {name: entry.size for name, entry in manifest.files.items()}, _size)
        return manifest

    def verify(self, folder: Path, *, remedy: str = FETCH) -> None:
        """Compare every file's sha256; it reads them whole.

        Raises:
            ModelError: a file differs; both sums are named.
        """
        _compare(folder, {name: entry.sha256 for name, entry in self.files.items()}, sha256, remedy)

    def write(self, folder: Path) -> None:
        """Write `encoder.json` into the folder."""
        (folder / FILE_NAME).write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")


def describe(folder: Path) -> dict[str, FileEntry]:
    """The entries of all files in a folder, by name."""
    return {
        path.name: FileEntry(size=path.stat().st_size, sha256=sha256(path))
        for path in sorted(folder.iterdir())
        if path.name != FILE_NAME
    }


def sha256(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _size(path: Path) -> int:
    return path.stat().st_size


def _compare(
    folder: Path, expected: Mapping[str, Measure], measure: Callable[[Path], Measure], remedy: str = FETCH
) -> None:
    for name, value in expected.items():
        try:
            actual = measure(folder / name)
        except OSError as error:
            raise ModelError(f"{folder}: {name} cannot be read ({error})") from error
        if actual != value:
            raise ModelError(
                f"{folder / name} is damaged: its {measure.__name__.strip('_')} is {actual}, expected {value}; {remedy}"
            )
