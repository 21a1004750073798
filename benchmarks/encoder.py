"""The encoder's variants side by side: time of one message and of a batch, memory, size, and nearness to fp32.

    python -m benchmarks.encoder [rounds]

Variants take turns within each round, so that all see the same machine. Times are relative to fp32's. The cosine is to
fp32's embedding of the same message, after the language's mean is subtracted, as the classifier does.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import get_args

import numpy as np

from benchmarks.intents import PACK
from bot.pack_reader import read_pack
from bot.settings import read_settings
from nlu.encoder import Encoder
from nlu.means import built_in_means
from nlu.training.dataset import read_examples
from nlu.weights.fetch import fetch
from nlu.weights.manifest import Variant
from nlu.weights.progress import on_stderr

BATCH = 16
_MEMORY = """
import sys, psutil
from pathlib import Path
from nlu.encoder import Encoder
before = psutil.Process().memory_info().rss
encoder = Encoder.open(Path(sys.argv[1]))
for text in ["where is my order?"] * 20:
    encoder.encode([text])
print((psutil.Process().memory_info().rss - before) / 2**20)
"""


def main(rounds: int) -> None:
    settings, pack = read_settings(), read_pack(PACK)
    examples = read_examples(pack.tests, lambda _: pack.default_language)
    examples = examples[:: len(examples) // 200]
    texts, languages = [e.text for e in examples], [e.language for e in examples]
    variants: Sequence[Variant] = get_args(Variant)
    with on_stderr() as progress:
        folders = {v: fetch(settings.data_dir, variant=v, progress=progress).encoder for v in variants}
    encoders = {v: Encoder.open(folder, threads=settings.threads) for v, folder in folders.items()}
    _, means = built_in_means()
    embeddings = {v: means.centre(encoder.encode(texts), languages) for v, encoder in encoders.items()}
    single: dict[Variant, list[float]] = {v: [] for v in variants}
    batched: dict[Variant, list[float]] = {v: [] for v in variants}
    for number in range(rounds):
        for variant, encoder in encoders.items():
            single[variant].append(timed(encoder, [texts[number % len(texts)]]))
            batched[variant].append(timed(encoder, texts[:BATCH]) / BATCH)
    print(f"| variant | one message | of {BATCH} messages, each | memory | on disk | cosine |")
    print("| --- | --- | --- | --- | --- | --- |")
    for variant in variants:
        cosine = (embeddings[variant] * embeddings["fp32"]).sum(axis=1)
        memory = subprocess.run(
            [sys.executable, "-c", _MEMORY, str(folders[variant])], check=True, capture_output=True, text=True
        )
        size = sum(file.stat().st_size for file in folders[variant].iterdir()) / 2**20
        print(
            f"| {variant} | {ratio(single, variant)} | {ratio(batched, variant)} "
            f"| {float(memory.stdout):.0f} MB | {size:.0f} MB | {np.mean(cosine):.4f} |"
        )
    print(f"\nfp32: one message {statistics.median(single['fp32']) * 1000:.1f} ms, {settings.threads} threads")


def timed(encoder: Encoder, texts: Sequence[str]) -> float:
    began = time.perf_counter()
    encoder.encode(texts)
    return time.perf_counter() - began


def ratio(times: dict[Variant, list[float]], variant: Variant) -> str:
    return f"{statistics.median(times[variant]) / statistics.median(times['fp32']):.2f}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
