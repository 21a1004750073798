"""The encoder that a model brings along, in the folder `encoder/` of its own: what fine-tuning made for it alone.

A model that has one is served with it and with no other, whatever encoder is installed.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from bot.errors import ModelError
from nlu.weights.manifest import FILE_NAME, Manifest

FOLDER = "encoder"

REMEDY = "promote another version, or train it again"


def bring(encoder: Path, model: Path, *, fingerprint: str, hidden: int) -> None:
    """Put the files of an encoder into a model's folder: by hard links where that can be, else as copies.

    Raises:
        ModelError: it is no encoder, is damaged, or is not the one with this fingerprint.
        OSError: the files cannot be written.
    """
    manifest = Manifest.parse(encoder)
    manifest.verify(encoder)
    _compare(encoder, manifest, fingerprint, hidden)
    target = model / FOLDER
    target.mkdir()
    shutil.copy2(encoder / FILE_NAME, target)  # no link: it may be written again in its place
    for name in manifest.files:
        if Path(name).name != name:
            raise ModelError(f"{encoder / FILE_NAME} names a file outside of its folder: {name}")
        _link(encoder / name, target / name)


def check(model: Path, *, fingerprint: str, hidden: int) -> Path:
    """The folder of a model's own encoder, every file of it compared with its sha256.

    Raises:
        ModelError: it is missing or damaged, or is not the one with this fingerprint.
    """
    folder = model / FOLDER
    manifest = Manifest.parse(folder, remedy=REMEDY)
    manifest.verify(folder, remedy=REMEDY)
    _compare(folder, manifest, fingerprint, hidden)
    return folder


def _compare(folder: Path, manifest: Manifest, fingerprint: str, hidden: int) -> None:
    if (manifest.fingerprint, manifest.hidden) != (fingerprint, hidden):
        raise ModelError(
            f"{folder} is not the encoder that the model was trained on: it is {manifest.fingerprint[:12]} with "
            f"{manifest.hidden} dimensions, not {fingerprint[:12]} with {hidden}"
        )


def _link(source: Path, target: Path) -> None:
    source = source.resolve()
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target)
