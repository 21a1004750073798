"""Makes `nlu/data/chat_languages.ftz`: fastText's opinion of chat messages, some of them in Latin letters.

    python -m nlu.training.language DATA_FOLDER [TARGET]

The folder holds `massive/` (MASSIVE 1.1, one gzipped JSON Lines file a locale), `tatoeba_laser/` and `ms_chitchat/`.
With one thread and one seed the same data give the same file, byte for byte, on the same platform.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random

import fasttext

from bot.errors import BabeldeskError
from nlu.language_models import CHAT_MODEL, Card
from nlu.training.language_data import Sentence, read_sentences, training_lines
from nlu.weights.manifest import sha256

SETTINGS: Mapping[str, int | float | str] = {
    "dim": 24,
    "minn": 1,
    "maxn": 5,
    "minCount": 20,
    "bucket": 160_000,
    "epoch": 6,
    "lr": 0.5,
    "loss": "softmax",
}
"""Of fastText's supervised training.

On sentences kept from it, 16 dimensions, 200,000 buckets and 3 epochs were right on as many of MASSIVE's, but on 0.003
fewer of tatoeba's, and took romanised Hindi for Arabic.
"""

LABEL = "__label__"


def train_chat_model(
    sentences: Iterable[Sentence], target: Path, *, seed: int = 0, settings: Mapping[str, int | float | str] = SETTINGS
) -> Card:
    """Train, quantise and write the model and, beside it, its card."""
    by_label = training_lines(sentences, seed)
    lines = [f"{LABEL}{label} {line}" for label, texts in by_label.items() for line in texts]
    Random(seed).shuffle(lines)  # noqa: S311 - no secret
    content = "\n".join([*lines, ""]).encode()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "lines.txt"
        file.write_bytes(content)
        model = fasttext.train_supervised(input=str(file), thread=1, seed=seed, verbose=0, label=LABEL, **settings)
        model.quantize(qnorm=True, dsub=2)
        written = Path(folder) / target.name
        model.save_model(str(written))
        target.write_bytes(written.read_bytes())
    card = Card(
        sha256=sha256(target),
        seed=seed,
        settings=settings,
        data_sha256=hashlib.sha256(content).hexdigest(),
        lines={label: len(texts) for label, texts in by_label.items()},
    )
    target.with_suffix(".json").write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return card


def main(folder: Path, target: Path = CHAT_MODEL) -> None:
    """Train on everything."""
    card = train_chat_model(read_sentences(folder), target)
    print(f"{target}: {len(card.lines)} labels, {sum(card.lines.values())} lines, {target.stat().st_size} bytes")  # noqa: T201


if __name__ == "__main__":
    try:
        main(*map(Path, sys.argv[1:3]))
    except BabeldeskError as error:
        sys.exit(str(error))
