"""The e-commerce pack's own tests, which no model was trained on: Babeldesk beside a TF-IDF and linear SVM peer.

    python -m benchmarks.intents [tests.jsonl …]

The peer has the same training data, character n-grams (2 to 5, within words) and scikit-learn's LinearSVC. Both see
one message at a time, without a conversation, and out-of-scope messages count as an intent of their own. For the
languages at the end of the table there is no training example.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from bot.pack_reader import read_pack
from bot.settings import read_settings
from nlu.serving import open_model
from nlu.training.dataset import read_dataset, read_examples
from nlu.training.evaluate import evaluate, predicted_intent
from nlu.training.run import train_pack
from nlu.understander import parse

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
        opened, _ = open_model(fresh.data_dir, source=fresh.encoder_source, threads=fresh.threads, pack=pack)
    began = time.perf_counter()
    peer = make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True), LinearSVC())
    peer.fit([e.text for e in data], [e.intent for e in data])
    peer_took = time.perf_counter() - began

    texts, gold = [e.text for e in tests], np.array([e.intent for e in tests])
    languages = np.array([e.language for e in tests])
    ours = np.array([predicted_intent(result) for result in parse(opened.interpreter, opened.encoder, texts)]) == gold
    theirs = np.array(peer.predict(texts)) == gold
    taught = sorted({e.language for e in data})
    untaught = sorted(set(languages.tolist()) - set(taught))
    print("| language | tests | Babeldesk | TF-IDF + SVM |\n| --- | --- | --- | --- |")
    for group, name in ((taught, "mean of the taught"), (untaught, "mean of the untaught")):
        rows = [
            (int((languages == code).sum()), ours[languages == code].mean(), theirs[languages == code].mean())
            for code in group
        ]
        for code, (count, mine, other) in zip(group, rows, strict=True):
            print(f"| {code} | {count} | {mine:.3f} | {other:.3f} |")
        if rows:
            print(f"| **{name}** | | **{np.mean([r[1] for r in rows]):.3f}** | {np.mean([r[2] for r in rows]):.3f} |")
    report = evaluate(opened.interpreter, opened.encoder, tests)
    print(
        f"\ncalibration error {report['ece']:.3f}; out of scope: recall {report['oos']['recall']:.3f}, "
        f"precision {report['oos']['precision']:.3f}, AUROC {report['oos']['auroc']:.3f}"
    )
    print("answered / wrong: " + ", ".join(f"{c:.0%} / {e:.1%}" for c, e in report["risk_coverage"][7::3]))
    print(f"training on {len(data)} examples: {took:.1f} s (the peer {peer_took:.1f} s)")


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
