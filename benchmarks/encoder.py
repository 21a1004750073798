"""The encoder's variants side by side: time of one message and of a batch, memory, size, and nearness to fp32.

    python -m benchmarks.encoder [rounds]
    python -m benchmarks.encoder cache [rounds]

Beside the variants of the full encoder stand those of the fast one. They take turns within each round, so that all
see the same machine. Times are relative to fp32's. The cosine is to
fp32's embedding of the same message, after the language's mean is subtracted, as the classifier does.

Last comes what a message costs that the cache before the encoder knows, relative to one that it has to read: the very
text, one with the same tokens, and one that it does not know. The second line of commands measures that alone.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import get_args

import numpy as np

from benchmarks.intents import PACK
from bot.pack_reader import read_pack
from bot.settings import BUILT_IN, read_settings
from nlu.batching import MicroBatcher
from nlu.encoder import Encoder
from nlu.encoder_cache import EncoderCache, Outcome
from nlu.means import means_for
from nlu.training.dataset import read_examples
from nlu.weights.fetch import fetch
from nlu.weights.identity import FAST
from nlu.weights.manifest import Variant
from nlu.weights.progress import on_stderr

FAST_VARIANTS: Sequence[Variant] = ("q4", "int8")
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
    variants = {str(variant): (BUILT_IN, variant) for variant in get_args(Variant)}
    variants |= {f"fast, {variant}": (FAST, variant) for variant in FAST_VARIANTS}
    with on_stderr() as progress:
        folders = {
            name: fetch(settings.data_dir, source=source, variant=variant, progress=progress).encoder
            for name, (source, variant) in variants.items()
        }
    encoders = {v: Encoder.open(folder, threads=settings.threads) for v, folder in folders.items()}
    means = means_for(encoders["q4"])
    embeddings = {v: means.centre(encoder.encode(texts), languages) for v, encoder in encoders.items()}
    single: dict[str, list[float]] = {v: [] for v in variants}
    batched: dict[str, list[float]] = {v: [] for v in variants}
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
    print(f"\nfp32: one message {statistics.median(single['fp32']) * 1000:.1f} ms, {settings.threads} threads\n")
    cached(rounds)


def cached(rounds: int) -> None:
    """The cache before the encoder that serves, on messages of the pack's training."""
    settings, pack = read_settings(), read_pack(PACK)
    with on_stderr() as progress:
        encoder = Encoder.open(fetch(settings.data_dir, progress=progress).encoder, threads=settings.threads)
    examples = read_examples(pack.examples, lambda _: pack.default_language)
    texts = [example.text for example in examples[:: max(1, len(examples) // rounds)]][:rounds]
    times, taken = asyncio.run(cache_times(encoder, texts))
    print("| the cache | one message | with the run |")
    print("| --- | --- | --- |")
    run = statistics.median(times["run"])
    for name, seconds in times.items():
        print(f"| {name} | {statistics.median(seconds) * 1e6:,.0f} µs | {statistics.median(seconds) / run:.4f} |")
    print(f"\n{len(texts)} messages take {taken / len(texts) / 1000:.0f} kB each, {settings.threads} threads")


async def cache_times(encoder: Encoder, texts: Sequence[str]) -> tuple[dict[str, list[float]], int]:
    """Seconds for each text by how it was found, all in turns; and the bytes that they take together."""
    outcomes: list[Outcome] = []
    names: dict[Outcome, str] = {"exact": "the very text", "normalised": "the same tokens", "miss": "not known"}
    times: dict[str, list[float]] = {"run": [], **{name: [] for name in names.values()}}
    async with MicroBatcher(encoder.read) as batcher:
        await batcher.read("warm up")
        cache = EncoderCache(encoder, batcher, max_bytes=2**30, count=outcomes.append)
        for text in texts:
            began = time.perf_counter()
            await batcher.read(text)
            times["run"].append(time.perf_counter() - began)
            for spelling in (text, text, f"{text} "):
                began = time.perf_counter()
                await cache.read(spelling)
                times[names[outcomes[-1]]].append(time.perf_counter() - began)
        return times, cache.size


def timed(encoder: Encoder, texts: Sequence[str]) -> float:
    began = time.perf_counter()
    encoder.encode(texts)
    return time.perf_counter() - began


def ratio(times: dict[str, list[float]], variant: str) -> str:
    return f"{statistics.median(times[variant]) / statistics.median(times['fp32']):.2f}"


if __name__ == "__main__":
    only_cache = sys.argv[1:2] == ["cache"]
    rounds = [int(argument) for argument in sys.argv[1 + only_cache :]]
    (cached if only_cache else main)(rounds[0] if rounds else 60)
