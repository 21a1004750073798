"""Makes `nlu/data/language_means.npz`: the mean embedding of each language.

    python -m nlu.training.means MASSIVE_FOLDER

The folder holds MASSIVE 1.1 as one gzipped JSON Lines file a locale (`text`, `split`), CC BY 4.0. From each locale the
same sentences of `train` are taken, so that the means differ by language and not by content.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import numpy as np

from bot.settings import read_settings
from nlu.encoder import Encoder
from nlu.language_codes import language_code
from nlu.weights.store import locate

SENTENCES = 800
"""Sentences of each locale; their mean is within about 0.01 of the whole set's."""


def main(folder: Path) -> None:
    """Compute and write the means."""
    settings = read_settings()
    encoder = Encoder.open(locate(settings.data_dir).encoder, threads=settings.threads)
    codes: list[str] = []
    means = []
    for file in sorted(folder.glob("*.jsonl.gz")):
        code = language_code(file.name.split(".", 1)[0])
        if code is None:
            continue
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        texts = [row["text"] for row in rows if row["split"] == "train"]
        texts = texts[:: max(1, len(texts) // SENTENCES)][:SENTENCES]
        means.append(encoder.encode(texts).mean(axis=0))
        codes.append(code)
        print(f"{code} {len(texts)}", file=sys.stderr, flush=True)  # noqa: T201 - a command's progress
    target = Path(__file__).parent.parent / "data" / "language_means.npz"
    np.savez_compressed(
        target,
        encoder=np.array(encoder.fingerprint),
        languages=np.array(codes),
        means=np.stack(means).astype(np.float16),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
