"""Makes `nlu/data/sentiment.npz`: the head that tells sentiment, anger and urgency.

    python -m nlu.training.sentiment [--compare]

It belongs to the encoder of the settings and has to be made anew for another: for the built-in one it goes into the
package, for any other into the data folder. It says how good the head is, on languages that were left out of training
and on the sentences held out; with `--compare` also how other heads do. The same encoder and sentences make the same
head.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.errors import BabeldeskError
from bot.settings import read_settings
from nlu.encoder import Encoder
from nlu.intents import Floats, LanguageMeans
from nlu.means import means_for
from nlu.sentiment import SURFACE, built_in, features_of, made_for
from nlu.training.cache import EmbeddingCache
from nlu.training.sentiment.compare import HEADS
from nlu.training.sentiment.fit import calibration, fit, left_out, ridge_with, targets_of
from nlu.training.sentiment.report import HEADER, figures, table
from nlu.training.sentiment.sentences import FOLDER, TESTS, read_sentences
from nlu.weights.identity import BUILT_IN
from nlu.weights.store import locate


@dataclass(frozen=True, slots=True)
class _Data:
    """The sentences of a folder, embedded."""

    languages: NDArray[np.str_]
    texts: list[str]
    targets: Floats
    embeddings: Floats

    def features(self, means: LanguageMeans) -> Floats:
        return features_of(self.embeddings, list(self.languages), self.texts, means)


def main(*, compare: bool) -> None:
    """Train, report and write the head."""
    settings = read_settings()
    encoder = Encoder.open(locate(settings.data_dir, source=settings.encoder_source).encoder, threads=settings.threads)
    cache = EmbeddingCache(settings.data_dir / "cache" / "sentiment", encoder.fingerprint)
    train, test = _embedded(encoder, cache)
    means = means_for(encoder)
    features, targets = train.features(means), train.targets
    outputs = left_out(ridge_with(), features, targets, train.languages)
    factors, constants = calibration(outputs, targets)
    _say("each language left out of training:")
    _say(*table(outputs * factors + constants, targets, train.languages))
    model = fit(encoder.fingerprint, means, features, targets, factors, constants)
    _say("held-out sentences:")
    _say(*table(model.logits(test.features(means)), test.targets, test.languages))
    if compare:
        _compare(train, means)
    target = built_in() if settings.encoder_source == BUILT_IN else made_for(encoder.fingerprint, settings.data_dir)
    model.save(target)
    _say(f"{target}: {target.stat().st_size} bytes, for the encoder {encoder.fingerprint[:16]}")


def _embedded(encoder: Encoder, cache: EmbeddingCache) -> tuple[_Data, _Data]:
    parts = [read_sentences(folder) for folder in (FOLDER, TESTS)]
    texts = [sentence.text for part in parts for _, sentence in part]
    known = cache.read()
    missing = [text for text in texts if text not in known]
    known.update(zip(missing, encoder.encode(missing), strict=True))
    if missing:
        cache.write({text: known[text] for text in texts})
    train, test = (
        _Data(
            np.array([language for language, _ in part]),
            [sentence.text for _, sentence in part],
            targets_of([sentence for _, sentence in part]),
            np.stack([known[sentence.text] for _, sentence in part]),
        )
        for part in parts
    )
    return train, test


def _compare(train: _Data, means: LanguageMeans) -> None:
    """Other heads, and this one with less to see, each with every language left out once."""
    hidden = train.embeddings.shape[1]
    raw = LanguageMeans((), np.zeros((0, hidden), np.float32), np.zeros(hidden, np.float32))
    centred = train.features(means)
    trials = {name: (head, centred) for name, head in HEADS.items()}
    trials["in use, not centred"] = (ridge_with(), train.features(raw))
    trials["in use, without the surface"] = (ridge_with(), centred[:, : -len(SURFACE)])
    _say("other heads:", f"{'':32s}{HEADER}")
    for name, (head, features) in trials.items():
        outputs = left_out(head, features, train.targets, train.languages)
        factors, constants = calibration(outputs, train.targets)
        _say(f"{name:32s}{figures(outputs * factors + constants, train.targets)}")


def _say(*lines: str) -> None:
    for line in lines:
        print(line, flush=True)  # noqa: T201 - a command's report


if __name__ == "__main__":
    try:
        main(compare="--compare" in sys.argv[1:])
    except BabeldeskError as error:
        sys.exit(str(error))
