"""The versions of a pack's model: listed, promoted, rolled back, challenged, and never lost while they serve."""

from __future__ import annotations

import json
import multiprocessing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import ModelError
from bot.settings import BUILT_IN
from nlu.artifacts import Metadata, Model
from nlu.model_store import KEPT, Current, ModelStore
from nlu.training.fit import Origin, fit
from tests.nlu import small_shop as shop
from tests.nlu.small_shop import TOPICS, Words

FINGERPRINT = Words().fingerprint


@pytest.fixture(scope="module")
def model() -> Model:
    return fit(shop.dataset(*TOPICS), Words(), Origin(BUILT_IN))


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "store")


def made(store: ModelStore, model: Model, count: int) -> list[str]:
    """As many versions, the oldest first."""
    times = [datetime(2026, 11, 24, 10, minute, tzinfo=UTC) for minute in range(count)]
    return [
        store.add(replace(model, metadata=model.metadata.model_copy(update={"created_at": time}))) for time in times
    ]


def test_all_versions_are_listed_the_latest_first(store: ModelStore, model: Model) -> None:
    assert store.versions() == {}
    first, second, third = made(store, model, 3)
    store.promote(second)
    (store.folder / first / "metadata.json").write_text("{}")
    (store.folder / "notes").mkdir()  # somebody's own, and no version

    listed = store.versions()

    assert list(listed) == [third, second, first]
    assert isinstance(listed[second], Metadata)
    assert isinstance(listed[first], ModelError)


def test_the_beginning_of_a_name_is_enough(store: ModelStore, model: Model) -> None:
    first, second = made(store, model, 2)

    assert store.named(first) == first
    assert store.named(second[:15]) == second
    for unclear, reason in (("2026", "all begin with '2026'"), ("1999", "no version is called '1999'"), ("", "no ver")):
        with pytest.raises(ModelError, match=reason):
            store.named(unclear)


@pytest.mark.parametrize("name", ["..", ".", "../store", "/etc", ".lock"])
def test_nothing_outside_of_the_store_is_a_version(store: ModelStore, model: Model, name: str) -> None:
    (version,) = made(store, model, 1)
    store.promote(version)

    with pytest.raises(ModelError, match="no version is called"):
        store.named(name)


def test_rolling_back_goes_one_version_further_each_time(store: ModelStore, model: Model) -> None:
    versions = made(store, model, 3)
    for version in versions:
        store.promote(version)

    assert store.rollback() == versions[1]
    assert store.rollback() == versions[0]
    with pytest.raises(ModelError, match="no version served before"):
        store.rollback()

    assert store.promoted() == (versions[0],)
    assert set(store.versions()) == set(versions)  # what was rolled back may be looked at, and promoted again
    store.promote(versions[2])
    assert store.promoted() == (versions[2], versions[0])


def test_a_challenger_is_not_forgotten_however_old_it_is(store: ModelStore, model: Model) -> None:
    versions = made(store, model, KEPT + 3)
    store.promote(versions[0])
    store.promote(versions[1])
    store.challenge(versions[0])
    for version in versions[2:]:
        store.promote(version)

    assert versions[0] in store.versions()
    assert versions[1] not in store.versions()
    assert store.current().challenger == versions[0]


def test_a_challenger_that_is_promoted_challenges_no_more(store: ModelStore, model: Model) -> None:
    first, second = made(store, model, 2)
    store.promote(first)
    store.challenge(second)

    store.promote(second)

    assert store.current() == Current((second, first))


def test_a_challenger_that_serves_again_after_a_rollback_challenges_no_more(store: ModelStore, model: Model) -> None:
    first, second = made(store, model, 2)
    store.promote(first)
    store.promote(second)
    store.challenge(first)

    store.rollback()

    assert store.current() == Current((first,))


def test_the_serving_version_cannot_challenge_itself(store: ModelStore, model: Model) -> None:
    (version,) = made(store, model, 1)
    store.promote(version)

    with pytest.raises(ModelError, match="serves already"):
        store.challenge(version)
    with pytest.raises(ModelError, match="holds no model"):
        store.challenge("nothing-like-it")


def test_a_challenge_ends_when_told(store: ModelStore, model: Model) -> None:
    first, second = made(store, model, 2)
    store.promote(first)
    store.challenge(second)
    assert store.current() == Current((first,), second)

    store.challenge(None)

    assert store.current() == Current((first,))


def test_who_chose_by_hand_is_forgotten_when_training_promotes(store: ModelStore, model: Model) -> None:
    first, second = made(store, model, 2)

    store.promote(first, chosen_for="these examples")
    assert store.current().chosen_for == "these examples"
    store.challenge(second)
    assert store.current().chosen_for == "these examples"
    store.promote(second)
    assert store.current().chosen_for is None


def test_a_version_that_nothing_needs_is_removed(store: ModelStore, model: Model) -> None:
    first, second, third, fourth = made(store, model, 4)
    for version in (first, second, third):
        store.promote(version)
    (store.folder / fourth / "metadata.json").write_text("{}")  # damaged ones most of all

    store.remove(fourth)
    store.remove(first)

    assert set(store.versions()) == {second, third}
    assert store.current() == Current((third, second))
    assert {path.name for path in store.folder.iterdir()} == {".lock", "current.json", second, third}


def test_what_serves_challenges_or_was_there_before_is_not_removed(store: ModelStore, model: Model) -> None:
    first, second, third = versions = made(store, model, 3)
    store.promote(first)
    store.promote(second)
    store.challenge(third)
    before = store.current()

    for version, reason in ((second, "serves"), (third, "runs in shadow"), (first, "a rollback leads to it")):
        with pytest.raises(ModelError, match=reason):
            store.remove(version)
    for version in (second, third):
        with pytest.raises(ModelError):
            store.remove(version, force=True)

    assert store.current() == before
    assert set(store.versions()) == set(versions)
    store.remove(first, force=True)
    assert store.current() == Current((second,), third)
    assert set(store.versions()) == {second, third}


def test_what_is_no_version_is_not_removed(store: ModelStore, model: Model) -> None:
    (version,) = made(store, model, 1)
    store.promote(version)
    (store.folder / "notes").mkdir()

    for name in ("notes", "nothing", ".."):
        with pytest.raises(ModelError, match="holds no model"):
            store.remove(name)

    assert (store.folder / "notes").is_dir()


def test_a_version_that_cannot_be_deleted_is_told_of(
    store: ModelStore, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = made(store, model, 2)
    store.promote(second)

    def refused(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("nlu.model_store.shutil.rmtree", refused)
    with pytest.raises(ModelError, match=f"{first} cannot be removed: Read-only file system"):
        store.remove(first)


def test_the_list_of_versions_of_before_is_read(store: ModelStore, model: Model) -> None:
    versions = made(store, model, 2)
    (store.folder / "current.json").write_text(json.dumps(versions))

    assert store.current() == Current(tuple(versions))


def test_a_store_that_cannot_be_written_is_left_as_it_is(
    store: ModelStore, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = made(store, model, 2)
    store.promote(first)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(ModelError, match=r"current\.json cannot be written: No space left on device"):
        store.promote(second)

    assert store.promoted() == (first,)


def promote_and_challenge(folder: Path, mine: list[str]) -> None:
    """What one of many processes does."""
    store = ModelStore(folder)
    for name in mine:
        store.promote(name)
        store.challenge(mine[0] if name != mine[0] else None)


def test_processes_that_promote_at_once_lose_no_version(store: ModelStore, model: Model) -> None:
    versions = made(store, model, KEPT)
    context = multiprocessing.get_context("spawn")
    parts = [versions[:2], versions[2:4], versions[4:]]
    processes = [context.Process(target=promote_and_challenge, args=(store.folder, part * 5)) for part in parts]

    for process in processes:
        process.start()
    for process in processes:
        process.join(60)

    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert set(store.promoted()) == set(versions)
    served, problem = store.open(encoder_fingerprint=FINGERPRINT)
    assert (served.version, problem) == (store.promoted()[0], None)
