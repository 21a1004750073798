"""Makes `nlu/data/language_means*.npz`: the mean embedding of each language by a built-in encoder.

    python -m nlu.training.means DATA_FOLDER

From each locale of MASSIVE the same sentences of `train` are taken, so that the means differ by language and not by
content. A language that only Tatoeba has gets the English mean, moved by the mean difference between its sentences and
their English originals. See `nlu.training.parallel` for the data.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bot.errors import ConfigurationError
from bot.language_codes import language_code
from bot.settings import read_settings
from nlu.encoder import Encoder
from nlu.intents import Floats
from nlu.training.parallel import Withheld, read_massive, tatoeba_pairs
from nlu.weights.identity import BUILT_INS, shipped_file
from nlu.weights.store import locate

SENTENCES = 400
"""Sentences of each locale; their mean lies near the whole set's (of 800, within about 0.01)."""

TATOEBA_SENTENCES = 100
FEWEST = 50
"""Sentences of a language from which their mean says more than the fall-back."""


def main(folder: Path) -> None:
    """Compute and write the means."""
    settings = read_settings()
    if settings.encoder not in BUILT_INS:
        raise ConfigurationError(f"{settings.encoder} is no built-in encoder; a training makes its means from the data")
    encoder = Encoder.open(locate(settings.data_dir, source=settings.encoder).encoder, threads=settings.threads)
    means = dict(_massive_means(encoder, folder))
    means |= {code: mean for code, mean in _tatoeba_means(encoder, folder, means["en"]) if code not in means}
    np.savez_compressed(
        shipped_file("language_means", settings.encoder),
        encoder=np.array(encoder.fingerprint),
        languages=np.array(list(means)),
        means=np.stack(list(means.values())).astype(np.float16),
    )


def _massive_means(encoder: Encoder, folder: Path) -> Iterator[tuple[str, Floats]]:
    for locale, rows in read_massive(folder, "train").items():
        texts = [row["text"] for row in rows.values()]
        texts = texts[:: max(1, len(texts) // SENTENCES)][:SENTENCES]
        code = language_code(locale)
        if code is not None:
            _tell(code, len(texts))
            yield code, encoder.encode(texts).mean(axis=0)


def _tatoeba_means(encoder: Encoder, folder: Path, english: Floats) -> Iterator[tuple[str, Floats]]:
    pairs = [pair for pair in tatoeba_pairs(folder, TATOEBA_SENTENCES, Withheld(), seed=0) if pair.text != pair.english]
    for code in sorted({pair.language for pair in pairs}):
        mine = [pair for pair in pairs if pair.language == code]
        if len(mine) < FEWEST:
            continue
        _tell(code, len(mine))
        moved = encoder.encode([pair.text for pair in mine]) - encoder.encode([pair.english for pair in mine])
        yield code, english + moved.mean(axis=0)


def _tell(code: str, count: int) -> None:
    print(f"{code} {count}", file=sys.stderr, flush=True)  # noqa: T201 - a command's progress


if __name__ == "__main__":
    main(Path(sys.argv[1]))
