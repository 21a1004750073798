"""Intents of MASSIVE told in every language by a classifier that was taught in English only.

    python -m benchmarks.nlu.languages DATA_FOLDER [--ids N] [--withheld FILE]

Trained on the English train split; tested on N sentences of the dev split in each locale, the same ones. In one run:
embeddings of the encoder as it is published with a logistic regression, Babeldesk's classifier on the same embeddings
centred by language, and on the encoder as it is shipped. `--withheld` is an alignment made with
`python -m nlu.training.align DATA_FOLDER --withhold --out FILE`, measured on the locales and scenarios that had no part
in it. Means of the locales come from their train split, as the shipped ones do.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bot.settings import read_settings
from nlu.encoder import Encoder
from nlu.intents import Floats, kernel
from nlu.training.parallel import ENGLISH, Withheld, draw_withheld, read_massive
from nlu.training.points import Writing
from nlu.training.ridge import fit_ridge
from nlu.weights.adaptation import Adaptation
from nlu.weights.convert import convert
from nlu.weights.identity import BUILT_IN_PREFIXES, adaptations
from nlu.weights.pinned import E5_SMALL
from nlu.weights.progress import silent
from nlu.weights.sources import Loaded, Source, pretrained
from nlu.weights.store import models_folder

MEAN_OF = 100
"""Train sentences of a locale that its mean is taken of."""


@dataclass(frozen=True, slots=True)
class Data:
    """English training sentences, and those to test on by locale, in the same order everywhere."""

    train: Sequence[str]
    intents: NDArray[np.str_]
    tests: Mapping[str, Sequence[str]]
    gold: NDArray[np.str_]
    scenarios: NDArray[np.str_]
    means: Mapping[str, Sequence[str]]
    withheld: Withheld


def read(folder: Path, ids: int) -> Data:
    """Read MASSIVE."""
    train, dev = read_massive(folder, "train"), read_massive(folder, "dev")
    common = sorted(set.intersection(*(set(rows) for rows in dev.values())), key=int)
    chosen = [common[i] for i in np.sort(np.random.default_rng(1).permutation(len(common))[:ids])]
    english, tests = list(train[ENGLISH].values()), dev[ENGLISH]
    return Data(
        train=[row["text"] for row in english],
        intents=np.array([row["intent"] for row in english]),
        tests={locale: [rows[number]["text"] for number in chosen] for locale, rows in dev.items()},
        gold=np.array([tests[number]["intent"] for number in chosen]),
        scenarios=np.array([tests[number]["scenario"] for number in chosen]),
        means={locale: [row["text"] for row in rows.values()][::50][:MEAN_OF] for locale, rows in train.items()},
        withheld=draw_withheld(list(train), sorted({row["scenario"] for row in english})),
    )


@dataclass(frozen=True, slots=True)
class Embedded:
    """Embeddings (n, hidden) of the same."""

    train: Floats
    tests: Mapping[str, Floats]
    means: Mapping[str, Floats]


def embed(data: Data, *changes: Adaptation) -> Embedded:
    """Embed everything with the published encoder and what is changed of it."""
    settings = read_settings()
    models = models_folder(settings.data_dir)

    def load() -> Loaded:
        bert, vocabulary = pretrained(models, silent)
        for change in changes:
            bert = change.applied(bert)
        return bert, vocabulary

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "encoder"
        digest = changes[-1].digest if changes else E5_SMALL.sha256
        convert(Source("benchmark", digest, BUILT_IN_PREFIXES, load), target, "q4", silent)
        encoder = Encoder.open(target, threads=settings.threads)
        return Embedded(
            encoder.encode(data.train),
            {locale: encoder.encode(texts) for locale, texts in data.tests.items()},
            {locale: encoder.encode(texts).mean(axis=0) for locale, texts in data.means.items()},
        )


def by_logistic_regression(data: Data, embedded: Embedded) -> dict[str, NDArray[np.bool_]]:
    """Whether each sentence is told right, by locale, without any centring."""
    model = LogisticRegression(C=100, max_iter=300, tol=1e-2).fit(embedded.train, data.intents)
    return {locale: model.predict(rows) == data.gold for locale, rows in embedded.tests.items()}


def by_ridge(data: Data, embedded: Embedded) -> dict[str, NDArray[np.bool_]]:
    """The same by Babeldesk's classifier on embeddings centred by language."""

    def centred(rows: Floats, locale: str) -> Floats:
        difference = rows - embedded.means[locale]
        unit: Floats = difference / np.linalg.norm(difference, axis=1, keepdims=True)
        return unit

    labels, targets = np.unique(data.intents, return_inverse=True)
    points = centred(embedded.train, ENGLISH)
    writing, everything = Writing.of(data.train), np.arange(len(points))
    weights = fit_ridge(writing.points(points), everything, np.eye(len(labels), dtype=np.float32)[targets]).weights
    ngrams = writing.scores(everything, weights)

    def told(rows: Floats, locale: str) -> NDArray[np.bool_]:
        scores = kernel(centred(rows, locale) @ points.T) @ weights + ngrams.score(data.tests[locale])
        right: NDArray[np.bool_] = labels[scores.argmax(axis=1)] == data.gold
        return right

    return {locale: told(rows, locale) for locale, rows in embedded.tests.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--ids", type=int, default=500)
    parser.add_argument("--withheld", type=Path)
    arguments = parser.parse_args()
    data = read(arguments.data, arguments.ids)
    published, shipped = embed(data), embed(data, *adaptations())
    rows = {
        "published, logistic regression": by_logistic_regression(data, published),
        "published, centred": by_ridge(data, published),
        "shipped": by_ridge(data, shipped),
    }
    others = sorted(set(data.tests) - {ENGLISH})
    print(f"| encoder | en | mean of {len(others)} others | worst |\n| --- | --- | --- | --- |")
    for name, right in rows.items():
        means = {locale: right[locale].mean() for locale in others}
        worst = min(means, key=lambda locale: means[locale])
        print(
            f"| {name} | {right[ENGLISH].mean():.3f} | {np.mean(list(means.values())):.3f} "
            f"| {worst} {means[worst]:.3f} |"
        )
    if arguments.withheld is not None:
        rows["withheld"] = by_ridge(data, embed(data, Adaptation.open(arguments.withheld)))
        report_withheld(data, rows)


def report_withheld(data: Data, rows: Mapping[str, Mapping[str, NDArray[np.bool_]]]) -> None:
    """Print accuracy where nothing, the scenario, the locale, or both had no part in the alignment."""
    hidden = np.isin(data.scenarios, sorted(data.withheld.scenarios))
    seen = sorted(set(data.tests) - data.withheld.locales - {ENGLISH})
    print("\n| encoder | neither withheld | scenarios | locales | both |\n| --- | --- | --- | --- | --- |")
    for name in ("published, centred", "withheld"):
        right = rows[name]
        cells = [
            np.mean([right[locale][mask].mean() for locale in locales])
            for locales, mask in (
                (seen, ~hidden),
                (seen, hidden),
                (sorted(data.withheld.locales), ~hidden),
                (sorted(data.withheld.locales), hidden),
            )
        ]
        print(f"| {name} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |")
    print(f"\nwithheld: {', '.join(sorted(data.withheld.locales | data.withheld.scenarios))}")


if __name__ == "__main__":
    main()
