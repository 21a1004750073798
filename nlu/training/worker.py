"""`python -m nlu.training.worker`: trains a pack's next version and measures it beside the one that serves.

It is started by `nlu.trainer`, and tells it of its progress and its result as `nlu.training.telling` does.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.errors import ModelError
from bot.model_versions import MadeBy
from bot.pack import Pack
from bot.pack_examples import FEWEST
from bot.pack_reader import read_pack
from bot.ports_studio import Trained
from bot.settings import Settings, read_settings
from nlu import measured
from nlu import trained as records
from nlu.artifacts import Metadata, Model
from nlu.model_store import ModelStore
from nlu.serving import examples_fingerprint, model_store
from nlu.training.compare import WORSE, compare
from nlu.training.dataset import read_dataset
from nlu.training.pack_tests import PackTests, evaluation_of, measurement_of
from nlu.training.predictions import Predictions
from nlu.training.run import train_version
from nlu.training.telling import Telling, alone, run_and_tell
from nlu.weights.manifest import Manifest
from nlu.weights.store import locate


class _Clock:
    """How long each part took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - began, 2)


def train(settings: Settings, folder: Path, tell: Telling, by: MadeBy | None = None) -> Trained:
    """Train on the pack in a folder, unless that has been done; measure it beside the version that serves.

    `by` is who had it trained, for the record.

    Raises:
        PackError: the examples are wrong; the message lists every finding.
        ModelError: the models are not fetched, or a folder cannot be written.
    """
    clock = _Clock()
    pack = read_pack(folder, complete=False)
    store = model_store(settings.data_dir, pack.name)
    with alone(store.folder):
        if (known := _known(settings, store, pack)) is not None:
            return known
        with clock.part("training"):
            model, version = train_version(settings, pack, progress=tell, by=by)
        with clock.part("measuring"):
            found = _measured(settings, store, pack, model, version, tell)
        done = Trained(
            version=version,
            worse=found.worse,
            evaluation=found.evaluation,
            before=found.before,
            left_out=model.metadata.quality.get("left_out_accuracy"),
            examples=model.metadata.examples,
            passed_over=_passed_over(pack),
            seconds=clock.seconds,
        )
        records.keep(store.folder / version, done)
        return done


def _known(settings: Settings, store: ModelStore, pack: Pack) -> Trained | None:
    """What another process has just made of the same examples, against the same version."""
    fingerprint = examples_fingerprint(pack.examples)
    serving = next(iter(store.promoted()), None)
    encoder = Manifest.parse(locate(settings.data_dir, source=settings.encoder).encoder).fingerprint
    for name, metadata in store.versions().items():
        if not isinstance(metadata, Metadata) or metadata.pack_fingerprint != fingerprint or metadata.kind != "frozen":
            continue
        same = metadata.encoder.fingerprint == encoder and metadata.entities == pack.entities
        if same and serving in {name, metadata.parent}:
            return records.read(store.folder / name)
    return None


def _measured(settings: Settings, store: ModelStore, pack: Pack, model: Model, version: str, tell: Telling) -> Trained:
    tests = PackTests(settings, pack, tell)
    if not tests.examples:
        return Trained(version)
    mine = tests.judged_by(model)
    measured.keep(store.folder / version, measurement_of(mine))
    others = _of_serving(store, tests)
    if others is None:
        return Trained(version, evaluation=evaluation_of(mine))
    figures = compare(mine, others)["accuracy"]
    worse = None
    if figures["verdict"] == WORSE:
        worse = (
            f"it tells {figures['this']:.1%} of the pack's {len(mine)} tests right, the version that serves "
            f"{figures['other']:.1%}"
        )
    return Trained(version, worse, evaluation_of(mine), evaluation_of(others))


def _of_serving(store: ModelStore, tests: PackTests) -> Predictions | None:
    """What the version that serves makes of the tests; None if there is none that this encoder reads for."""
    serving = next(iter(store.promoted()), None)
    if serving is None:
        return None
    try:
        model = store.version(serving, encoder_fingerprint=tests.fingerprint)
    except ModelError:
        return None
    found = tests.judged_by(model)
    # On the very tests that the new one was measured on: so the two can be compared message by message.
    measured.keep(store.folder / serving, measurement_of(found))
    return found


def _passed_over(pack: Pack) -> tuple[str, ...]:
    dataset = read_dataset(pack.examples, lambda _: pack.default_language)
    counts = Counter(example.intent for example in dataset.examples)
    return tuple(intent for intent in pack.intents if counts[intent] < FEWEST)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, and tell of it; 0 if it went well."""
    parser = argparse.ArgumentParser(prog="nlu.training.worker")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--by", type=json.loads)
    given = parser.parse_args(arguments)

    def work(tell: Telling) -> Mapping[str, Any]:
        settings = read_settings().model_copy(
            update={
                "data_dir": given.data_dir,
                "encoder_source": given.source,
                "encoder_variant": "full",
                "encoder_threads": given.threads,
            }
        )
        by = None if given.by is None else MadeBy(*given.by)
        done: Mapping[str, Any] = json.loads(records.to_line(train(settings, given.pack, tell, by)))
        return done

    return run_and_tell(work)


if __name__ == "__main__":
    sys.exit(main())
