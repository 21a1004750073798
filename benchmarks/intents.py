"""The e-commerce pack's own tests, which no model was trained on: Babeldesk beside a TF-IDF and linear SVM peer.

    python -m benchmarks.intents [tests.jsonl …]

The peer has the same training data, character n-grams (2 to 5, within words) and scikit-learn's LinearSVC. Both see
one message at a time, without a conversation, and out-of-scope messages count as an intent of their own. For the
languages at the end of the table there is no training example. The last two columns are the same messages with slips in
a fifth of the words, as each script's keyboard makes them (`nlu.training.augmentation.noise`). At the end, what it
takes to understand a message as a whole (language, intent, entities, sentiment), as a multiple of its encoder pass
alone, both on one thread and in turns.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from bot.pack_reader import read_pack
from bot.settings import read_settings
from nlu.serving import Opened, open_model
from nlu.training.augmentation.noise import with_typos
from nlu.training.dataset import read_dataset, read_examples
from nlu.training.evaluate import evaluate, predicted_intent
from nlu.training.run import train_pack
from nlu.understander import parse

TIMED = 500
PACK = Path(__file__).parent.parent / "packs" / "ecommerce"


def main(files: list[Path]) -> None:
    pack, settings = read_pack(PACK), read_settings()
    data = read_dataset(pack.examples, lambda _: pack.default_language).examples
    tests = read_examples(files or pack.tests, lambda _: pack.default_language)
    with tempfile.TemporaryDirectory() as folder:
        # The embedding cache is left out, so that the time is that of a first training.
        fresh = settings.model_copy(update={"data_dir": Path(folder)})
        (fresh.data_dir / "models").symlink_to((settings.data_dir / "models").absolute())
        began = time.perf_counter()
        train_pack(fresh, pack)
        took = time.perf_counter() - began
        opened, _ = open_model(fresh.data_dir, source=fresh.encoder, threads=1, pack=pack)
    began = time.perf_counter()
    peer = make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True), LinearSVC())
    peer.fit([e.text for e in data], [e.intent for e in data])
    peer_took = time.perf_counter() - began

    texts, gold = [e.text for e in tests], np.array([e.intent for e in tests])
    slips = [with_typos(e.text, e.language, Random(e.text)) for e in tests]
    languages = np.array([e.language for e in tests])
    columns = [
        told(written) == gold
        for written in (texts, slips)
        for told in (lambda messages: _told(opened, messages), lambda messages: np.array(peer.predict(messages)))
    ]
    taught = sorted({e.language for e in data})
    untaught = sorted(set(languages.tolist()) - set(taught))
    print("| language | tests | Babeldesk | TF-IDF + SVM | mistyped: Babeldesk | TF-IDF + SVM |")
    print("| --- | --- | --- | --- | --- | --- |")
    for group, name in ((taught, "mean of the taught"), (untaught, "mean of the untaught")):
        rows = np.array([[right[languages == code].mean() for right in columns] for code in group])
        for code, row in zip(group, rows, strict=True):
            print(f"| {code} | {(languages == code).sum()} | {_figures(row)} |")
        if group:
            print(f"| **{name}** | | {_figures(rows.mean(axis=0))} |")
    report = evaluate(opened.interpreter, opened.encoder, tests)
    print(
        f"\ncalibration error {report['ece']:.3f}; out of scope: recall {report['oos']['recall']:.3f}, "
        f"precision {report['oos']['precision']:.3f}, AUROC {report['oos']['auroc']:.3f}"
    )
    print("answered / wrong: " + ", ".join(f"{c:.0%} / {e:.1%}" for c, e in report["risk_coverage"][7::3]))
    print(f"training on {len(data)} examples: {took:.1f} s (the peer {peer_took:.1f} s)")
    print("understanding a message: " + _whole(opened, texts[:: max(1, len(texts) // TIMED)]))


def _told(opened: Opened, messages: list[str]) -> NDArray[np.str_]:
    return np.array([predicted_intent(result) for result in parse(opened.interpreter, opened.encoder, messages)])


def _whole(opened: Opened, texts: list[str]) -> str:
    """How long it takes against the encoder pass alone: the ratios of the medians and of the tenth percentiles."""
    passes, wholes = [], []
    with threadpool_limits(1, user_api="blas"):  # as in the server
        for text in texts:
            began = time.perf_counter()
            opened.encoder.encode([text])
            between = time.perf_counter()
            parse(opened.interpreter, opened.encoder, [text])
            passes.append(between - began)
            wholes.append(time.perf_counter() - between)
    median, best = (np.percentile(wholes, p) / np.percentile(passes, p) for p in (50, 10))
    return f"{median:.2f} of its encoder pass (tenth percentiles: {best:.2f})"


def _figures(row: NDArray[np.float64]) -> str:
    return " | ".join(f"{figure:.3f}" for figure in row)


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
