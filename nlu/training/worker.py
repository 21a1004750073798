"""`python -m nlu.training.worker`: trains a pack's next version and measures it beside the one that serves.

It is started by `nlu.trainer` and tells it, a line of JSON each, of its progress and of its result. It ends at once
when its standard input does: then nobody waits for it any more.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from bot.errors import BabeldeskError, ModelError, PackError
from bot.logs import configure_logs
from bot.pack import Pack
from bot.pack_examples import FEWEST
from bot.pack_reader import read_pack
from bot.ports_studio import Evaluation, Share, Trained
from bot.settings import Settings, read_settings
from bot.understanding import OUT_OF_SCOPE
from nlu import trained as records
from nlu.artifacts import Metadata, Model
from nlu.embedding_cache import EmbeddingCache
from nlu.encoder import Encoder
from nlu.entities import EntityFinder
from nlu.language import LanguageIdentifier
from nlu.model_store import ModelStore
from nlu.segments import segments
from nlu.serving import examples_fingerprint, model_store
from nlu.text import comparable
from nlu.training.compare import WORSE, compare
from nlu.training.dataset import Example, read_dataset, read_examples
from nlu.training.evaluate_run import embedded
from nlu.training.folds import Remembering
from nlu.training.predictions import Predictions, predict
from nlu.training.run import train_version
from nlu.understander import Interpreter
from nlu.weights.manifest import Manifest
from nlu.weights.store import locate, locate_language

NICE = 10
"""How far it stands back behind those who wait for an answer."""

STDIN = 0
"""The file descriptor."""

EVERY = 0.2
"""Seconds between two lines of progress."""


class _Clock:
    """How long each part took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - began, 2)


class _Telling:
    """Progress for whoever started us, not more often than can be seen."""

    def __init__(self) -> None:
        self._last = 0.0
        self._step = ""

    def __call__(self, step: str, done: int, total: int, *, note: str = "") -> None:  # noqa: ARG002 - the signature
        now = time.monotonic()
        if step != self._step or done == total or now - self._last >= EVERY:
            self._last, self._step = now, step
            _say({"progress": [step, done, total]})


def train(settings: Settings, folder: Path, tell: _Telling) -> Trained:
    """Train on the pack in a folder, unless that has been done; measure it beside the version that serves.

    Raises:
        PackError: the examples are wrong; the message lists every finding.
        ModelError: the models are not fetched, or a folder cannot be written.
    """
    clock = _Clock()
    pack = read_pack(folder, complete=False)
    store = model_store(settings.data_dir, pack.name)
    with _alone(store.folder):
        if (known := _known(settings, store, pack)) is not None:
            return known
        with clock.part("training"):
            model, version = train_version(settings, pack, progress=tell)
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


def _measured(settings: Settings, store: ModelStore, pack: Pack, model: Model, version: str, tell: _Telling) -> Trained:
    examples = _tests(pack)
    if not examples:
        return Trained(version)
    encoder = Encoder.open(locate(settings.data_dir, source=settings.encoder).encoder, threads=settings.threads)
    texts = [example.text for example in examples]
    parts = [part for text in texts for part in segments(text)]
    cache = EmbeddingCache(settings.data_dir / "cache" / "tests", encoder.fingerprint)
    remembering = Remembering(encoder, embedded([*texts, *parts], encoder, cache, tell))
    tell("measuring", 0, 2)
    mine = predict(_interpreter(settings, model, pack), remembering, examples)
    tell("measuring", 1, 2)
    others = _of_serving(settings, store, pack, encoder, remembering, examples)
    tell("measuring", 2, 2)
    if others is None:
        return Trained(version, evaluation=_shares(mine))
    figures = compare(mine, others)["accuracy"]
    worse = None
    if figures["verdict"] == WORSE:
        worse = (
            f"it tells {figures['this']:.1%} of the pack's {len(examples)} tests right, the version that serves "
            f"{figures['other']:.1%}"
        )
    return Trained(version, worse, _shares(mine), _shares(others))


def _of_serving(
    settings: Settings,
    store: ModelStore,
    pack: Pack,
    encoder: Encoder,
    remembering: Remembering,
    examples: Sequence[Example],
) -> Predictions | None:
    """What the version that serves makes of the tests; None if there is none that this encoder reads for."""
    serving = next(iter(store.promoted()), None)
    if serving is None:
        return None
    try:
        model = store.version(serving, encoder_fingerprint=encoder.fingerprint)
    except ModelError:
        return None
    reads: Encoder | Remembering = remembering if model.encoder is None else Encoder.open(model.encoder)
    return predict(_interpreter(settings, model, pack), reads, examples)


def _interpreter(settings: Settings, model: Model, pack: Pack) -> Interpreter:
    """What tells intents only: to find every date and number of thousands of tests takes most of the time."""
    languages = LanguageIdentifier(locate_language(settings.data_dir), pack.languages, model.lexicon)
    return Interpreter(replace(model, tagger=None), languages, EntityFinder({}))


def _tests(pack: Pack) -> tuple[Example, ...]:
    """The pack's tests without those that are taught by now, which would measure nothing, and those of no intent."""
    if not pack.tests:
        return ()
    taught = {
        (example.language, comparable(example.text))
        for example in read_dataset(pack.examples, lambda _: pack.default_language).examples
    }
    return tuple(
        example
        for example in read_examples(pack.tests, lambda _: pack.default_language)
        if (example.language, comparable(example.text)) not in taught
        and (example.intent in pack.intents or example.intent == OUT_OF_SCOPE)
    )


def _shares(predictions: Predictions) -> Evaluation:
    right = predictions.right
    return Evaluation(
        Share(len(predictions), int(right.sum())),
        _by([str(name) for name in predictions.gold], list(right)),
        _by([str(code) for code in predictions.languages], list(right)),
    )


def _by(keys: Sequence[str], right: Sequence[bool]) -> Mapping[str, Share]:
    asked, hits = Counter(keys), Counter(key for key, hit in zip(keys, right, strict=True) if hit)
    return {key: Share(asked[key], hits[key]) for key in sorted(asked)}


def _passed_over(pack: Pack) -> tuple[str, ...]:
    dataset = read_dataset(pack.examples, lambda _: pack.default_language)
    counts = Counter(example.intent for example in dataset.examples)
    return tuple(intent for intent in pack.intents if counts[intent] < FEWEST)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One training of a pack at a time, whatever process it is in; the system lets go should we be killed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".training").open("w")
    except OSError as error:
        raise ModelError(f"{folder} cannot be written: {error.strerror}") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _say(message: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _end_with_parent() -> None:
    # Not `sys.stdin`: its lock, held by a thread that waits, aborts the interpreter when it ends.
    while os.read(STDIN, 1024):
        pass
    os._exit(1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, and tell of it; 0 if it went well."""
    parser = argparse.ArgumentParser(prog="nlu.training.worker")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--pack", type=Path, required=True)
    given = parser.parse_args(arguments)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(OSError):
        os.nice(NICE)
    configure_logs("WARNING")
    try:
        settings = read_settings().model_copy(
            update={
                "data_dir": given.data_dir,
                "encoder_source": given.source,
                "encoder_variant": "full",
                "encoder_threads": given.threads,
            }
        )
        done = train(settings, given.pack, _Telling())
    except BabeldeskError as error:
        _say({"wrong": str(error), "kind": "pack" if isinstance(error, PackError) else "model"})
        return 1
    _say({"trained": json.loads(records.to_line(done))})
    return 0


if __name__ == "__main__":
    sys.exit(main())
