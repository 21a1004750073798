"""Makes `nlu/data/sentiment.npz`: the head that tells sentiment, anger and urgency.

    python -m nlu.training.sentiment [--compare]

It belongs to the encoder of the settings and has to be made anew for another: for a built-in one it goes into the
package, for any other into the data folder. It says how good the head is, on languages that were left out of training
and on the sentences held out; with `--compare` also how other heads do. The same encoder and sentences make the same
head.
"""

from __future__ import annotations

import sys

import numpy as np

from bot.errors import BabeldeskError
from bot.settings import read_settings
from nlu.embedding_cache import EmbeddingCache
from nlu.encoder import Encoder
from nlu.intents import LanguageMeans
from nlu.means import means_for
from nlu.sentiment import SURFACE, made_for
from nlu.training.sentiment.compare import HEADS
from nlu.training.sentiment.fit import calibration, left_out, ridge_with
from nlu.training.sentiment.head import Sentences, embedded, fit_head
from nlu.training.sentiment.report import HEADER, figures, table
from nlu.training.sentiment.sentences import FOLDER, TESTS
from nlu.weights.identity import BUILT_INS, shipped_file
from nlu.weights.store import locate


def main(*, compare: bool) -> None:
    """Train, report and write the head."""
    settings = read_settings()
    encoder = Encoder.open(locate(settings.data_dir, source=settings.encoder).encoder, threads=settings.threads)
    cache = EmbeddingCache(settings.data_dir / "cache" / "sentiment", encoder.fingerprint)
    train, test = embedded(encoder, cache, FOLDER, TESTS)
    means = means_for(encoder)
    model, logits = fit_head(encoder.fingerprint, train, means)
    _say("each language left out of training:")
    _say(*table(logits, train.targets, train.languages))
    _say("held-out sentences:")
    _say(*table(model.logits(test.features(means)), test.targets, test.languages))
    if compare:
        _compare(train, means)
    source, shipped = settings.encoder, settings.encoder in BUILT_INS
    target = shipped_file("sentiment", source) if shipped else made_for(encoder.fingerprint, settings.data_dir)
    model.save(target)
    _say(f"{target}: {target.stat().st_size} bytes, for the encoder {encoder.fingerprint[:16]}")


def _compare(train: Sentences, means: LanguageMeans) -> None:
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
