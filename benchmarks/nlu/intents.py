"""Intents on public English test sets: Babeldesk beside what one would use instead, all trained in this run.

    python -m benchmarks.nlu.intents DATA_FOLDER [--encoder FOLDER]

`DATA_FOLDER` holds `banking77/` (train, test) and `clinc150/` (train, test, oos_train, oos_test) as gzipped JSON Lines
with `text` and `intent`. The peers: TF-IDF of character n-grams (1 to 5) with a linear SVM, logistic regression on the
same encoder's embeddings as they are, and fastText's supervised classifier. A peer's out-of-scope score is its highest
score (fastText: probability), and its threshold the one that refuses as many of its training examples, left out by
cross-validation, as Babeldesk's does. BANKING77 is told once more with slips in a fifth of the words, as keyboards make
them (`nlu.training.augmentation.noise`). Times are ratios; embedding is timed apart, once.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import fasttext
import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from bot.settings import read_settings
from bot.understanding import OUT_OF_SCOPE
from nlu.encoder import Encoded, Encoder
from nlu.training.augmentation.noise import with_typos
from nlu.training.calibrate import calibration_error
from nlu.training.dataset import Dataset, Example
from nlu.training.fit import Origin, fit
from nlu.weights.store import locate

DRAWS, SHOTS = 5, 10
TIMED = 200
Strings = NDArray[np.str_]


@dataclass(frozen=True)
class Rows:
    """Sentences and their intents; out-of-scope ones are named as Babeldesk names them."""

    texts: list[str]
    intents: Strings

    def __add__(self, other: Rows) -> Rows:
        return Rows(self.texts + other.texts, np.concatenate([self.intents, other.intents]))

    def picked(self, rows: Sequence[int]) -> Rows:
        """Some of them."""
        return Rows([self.texts[i] for i in rows], self.intents[list(rows)])


@dataclass(frozen=True)
class Answers:
    """What a classifier says of test rows: the best intent, how sure it is, whether it refuses (none, if it cannot)."""

    best: Strings
    sureness: NDArray[np.float64]
    refused: NDArray[np.bool_] | None = None
    outside: NDArray[np.float64] | None = None


Train = Callable[[Rows], Callable[[list[str]], Answers]]


class Remembering:
    """An encoder that reads every sentence once, so that training can be timed without it."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder, self.hidden, self.fingerprint = encoder, encoder.hidden, encoder.fingerprint
        self._known: dict[str, NDArray[np.float32]] = {}
        self.seconds = 0.0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embeddings (texts, hidden)."""
        missing = sorted({text for text in texts if text not in self._known}, key=len)
        began = time.perf_counter()
        for start in range(0, len(missing), 256):
            piece = missing[start : start + 256]
            self._known.update(zip(piece, self.encoder.encode(piece), strict=True))
        self.seconds += time.perf_counter() - began
        return np.stack([self._known[text] for text in texts])

    def read(self, texts: Sequence[str]) -> list[Encoded]:
        """The same with the states of the tokens, which nothing here asks for twice."""
        return self.encoder.read(texts)


def read(file: Path) -> Rows:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    names = [OUT_OF_SCOPE if row["intent"] in {None, "oos"} else row["intent"] for row in rows]
    return Rows([row["text"] for row in rows], np.array(names))


def babeldesk(encoder: Remembering, rows: Rows) -> Callable[[list[str]], Answers]:
    where = Path("benchmark")
    examples = [
        Example(t, str(i), "en", where, n) for n, (t, i) in enumerate(zip(rows.texts, rows.intents, strict=True))
    ]
    model = fit(Dataset(tuple(examples)), encoder, Origin("benchmark"))
    intents = np.array([*(label for label in model.classifier.labels if label != OUT_OF_SCOPE)])

    def answer(texts: list[str]) -> Answers:
        codes = ["en"] * len(texts)
        chances = model.classifier.probabilities(texts, model.means.centre(encoder.encode(texts), codes), codes)
        inside, outside = chances[:, :-1], chances[:, -1]
        sure = inside.max(axis=1).astype(np.float64)
        return Answers(intents[inside.argmax(axis=1)], sure, outside > sure, outside.astype(np.float64))

    return answer


def tfidf_svm(rows: Rows) -> Callable[[list[str]], Answers]:
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5), sublinear_tf=True)
    model = make_pipeline(vectors, LinearSVC()).fit(rows.texts, rows.intents)
    return lambda texts: _scored(model.classes_, model.decision_function(texts))


def logistic(encoder: Remembering, rows: Rows) -> Callable[[list[str]], Answers]:
    model = LogisticRegression(C=30, max_iter=300).fit(encoder.encode(rows.texts), rows.intents)
    return lambda texts: _scored(model.classes_, model.predict_proba(encoder.encode(texts)))


def fasttext_supervised(rows: Rows) -> Callable[[list[str]], Answers]:
    names = sorted(set(rows.intents.tolist()))
    lines = [
        f"__label__{names.index(i)} {t.casefold()}" for t, i in zip(rows.texts, rows.intents.tolist(), strict=True)
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(line.replace("\n", " ") for line in lines) + "\n")
        file.flush()
        # Its defaults learn almost nothing from sets this small.
        settings: dict[str, Any] = {"lr": 0.5, "epoch": 50, "wordNgrams": 2, "minn": 2, "maxn": 5, "dim": 100}
        model = fasttext.train_supervised(file.name, thread=2, verbose=0, **settings)

    def answer(texts: list[str]) -> Answers:
        found = [model.predict(text.casefold().replace("\n", " "), k=1) for text in texts]
        best = np.array([names[int(labels[0].removeprefix("__label__"))] for labels, _ in found])
        return Answers(best, np.array([float(chances[0]) for _, chances in found]))

    return answer


def _scored(classes: Strings, scores: NDArray[np.float64]) -> Answers:
    return Answers(classes[scores.argmax(axis=1)], scores.max(axis=1))


def refused_by(train: Train, rows: Rows, share: float) -> float:
    """The score below which a peer refuses that share of training examples in scope, from five folds."""
    inside = np.flatnonzero(rows.intents != OUT_OF_SCOPE)
    folds = np.random.default_rng(0).integers(5, size=len(inside))
    scores = np.concatenate(
        [train(rows.picked(inside[folds != n]))(rows.picked(inside[folds == n]).texts).sureness for n in range(5)]
    )
    return float(np.quantile(scores, share))


def banking(peers: dict[str, Train], train: Rows, test: Rows) -> dict[str, float]:
    """Prints accuracies; returns seconds of training."""
    took, lines = {}, []
    slips = [with_typos(text, "en", Random(text)) for text in test.texts]
    for name, learn in peers.items():
        began = time.perf_counter()
        answer = learn(train)
        took[name] = time.perf_counter() - began
        full = answer(test.texts)
        shots = []
        for draw in range(DRAWS):
            random = np.random.default_rng(draw)
            rows = [
                i for intent in np.unique(train.intents)
                for i in random.permutation(np.flatnonzero(train.intents == intent))[:SHOTS]
            ]  # fmt: skip
            shots.append((learn(train.picked(rows))(test.texts).best == test.intents).mean())
        right = full.best == test.intents
        mistyped = answer(slips).best == test.intents
        shipped, ece = "–", "–"
        if full.refused is not None:
            shipped = f"{(right & ~full.refused).mean():.3f}"
            ece = f"{calibration_error(full.sureness[~full.refused].astype(np.float32), right[~full.refused]):.3f}"
        few = f"{np.mean(shots):.3f} ± {np.std(shots):.3f}"
        lines.append(f"| {name} | {right.mean():.3f} | {shipped} | {mistyped.mean():.3f} | {few} | {ece} |")
    print("\nBANKING77\n\n| | all examples | of these answered | mistyped | ten an intent | calibration error |")
    print("| --- | --- | --- | --- | --- | --- |\n" + "\n".join(lines))
    return took


def clinc(peers: dict[str, Train], train: Rows, test: Rows) -> None:
    lines, share = [], None
    known = test.intents != OUT_OF_SCOPE
    for name, learn in peers.items():
        answers = learn(train)(test.texts)
        right = answers.best == test.intents
        refused, outside, ece = answers.refused, answers.outside, "–"
        if refused is not None and outside is not None:
            share = refused[known].mean()
            kept = known & ~refused
            ece = f"{calibration_error(answers.sureness[kept].astype(np.float32), right[kept]):.3f}"
        else:
            # A peer learns out-of-scope as one more intent; beside that, it refuses what it scores low.
            outside = -np.where(answers.best == OUT_OF_SCOPE, -np.inf, answers.sureness)
            outside[np.isinf(outside)] = outside[np.isfinite(outside)].max() + 1
            refused = outside > -refused_by(learn, train, share or 0.02)
        lines.append(
            f"| {name} | {right[known].mean():.3f} | {(right & ~refused)[known].mean():.3f} "
            f"| {refused[~known].mean():.3f} | {roc_auc_score(~known, outside):.3f} | {ece} |"
        )
    print("\nCLINC150\n\n| | in scope | in scope, refusals wrong | out-of-scope recall | AUROC | calibration error |")
    print("| --- | --- | --- | --- | --- | --- |\n" + "\n".join(lines))


def head_share(encoder: Remembering, rows: Rows, texts: list[str]) -> float:
    """Seconds of a message's classification as a share of its encoder pass; the tenth percentile of each."""
    answer = babeldesk(encoder, rows)
    encoder.encode(texts)
    passes, heads = [], []
    for text in texts:
        began = time.perf_counter()
        encoder.encoder.encode([text])
        between = time.perf_counter()
        answer([text])
        passes.append(between - began)
        heads.append(time.perf_counter() - between)
    return float(np.percentile(heads, 10) / np.percentile(passes, 10))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--encoder", type=Path, help="a converted encoder's folder; else the installed one")
    arguments = parser.parse_args()
    settings = read_settings()
    folder = arguments.encoder or locate(settings.data_dir, source=settings.encoder).encoder
    encoder = Remembering(Encoder.open(folder, threads=settings.threads))
    peers: dict[str, Train] = {
        "Babeldesk": lambda rows: babeldesk(encoder, rows),
        "logistic regression on the encoder": lambda rows: logistic(encoder, rows),
        "TF-IDF and linear SVM": tfidf_svm,
        "fastText": fasttext_supervised,
    }
    banking_train, banking_test = (read(arguments.data / "banking77" / f"{n}.jsonl.gz") for n in ("train", "test"))
    encoder.encode(banking_train.texts)
    embedding = encoder.seconds
    encoder.encode(banking_test.texts)
    took = banking(peers, banking_train, banking_test)
    clinc150 = {
        n: read(arguments.data / "clinc150" / f"{n}.jsonl.gz") for n in ("train", "test", "oos_train", "oos_test")
    }
    for rows in clinc150.values():
        encoder.encode(rows.texts)
    clinc(peers, clinc150["train"] + clinc150["oos_train"], clinc150["test"] + clinc150["oos_test"])
    print(f"\nTraining on {len(banking_train.texts)} examples, as a multiple of TF-IDF and linear SVM:")
    own = took["TF-IDF and linear SVM"]
    print(
        ", ".join(f"{name} {seconds / own:.1f}" for name, seconds in took.items())
        + f"; embedding {embedding / own:.1f}"
    )
    share = head_share(encoder, banking_train, banking_test.texts[:TIMED])
    print(f"Classifying one message with {len(banking_train.texts)} examples: {share:.2f} of its encoder pass")


if __name__ == "__main__":
    main()
