"""From weights of any source to an encoder's folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from bot.errors import ModelError
from nlu.encoder import Encoder
from nlu.tokenizer import JSON, SENTENCEPIECE, open_tokenizer
from nlu.weights import graph, reference, unigram
from nlu.weights.bert import Bert
from nlu.weights.manifest import Manifest, Variant, describe
from nlu.weights.progress import Progress
from nlu.weights.sources import Source, fingerprint
from nlu.weights.vocabulary import Vocabulary, write_sentencepiece

FAITHFUL = 0.98
"""Least cosine between a converted encoder's embedding and that of the 32-bit arithmetic on the source's weights.

Every variant passes it on healthy kernels (the worst, int8, by 0.996); a wrong one falls far below.
"""

PROBES = (
    "Where is my order #4711? It hasn't arrived yet :(",
    "¿Dónde está mi pedido? Добрый день, верните деньги!",
    "我的包裹在哪里？ 注文をキャンセルしたいです。 주문 취소해 주세요",
    "أين طلبي؟ मेरा ऑर्डर कहाँ है १२३ พัสดุของฉันอยู่ที่ไหน",
    "ＦＵＬＬ ｗｉｄｔｈ ½ ﬁne Ⅳ e\u0301 tiê\u0301ng Viê\u0323t \u200b👍🏽",
)
"""What a conversion is checked with: many scripts, and what normalisation changes."""


def convert(source: Source, folder: Path, variant: Variant, progress: Progress, *, faithful: float = FAITHFUL) -> None:
    """Write an encoder's folder and check it; the folder appears whole or not at all.

    `faithful` is the least cosine that passes the check.

    Raises:
        ModelError: what ONNX Runtime computes is not what the weights mean.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".converting-", dir=folder.parent))
    try:
        step = f"convert {source.name}"
        bert, vocabulary = source.load()
        # The last of the steps is all that follows the weights.
        total = len(bert.layers) + 2
        graph.write(bert, work, variant, lambda done: progress(step, done, total))
        tokenizer = _write_tokenizer(vocabulary, work)
        Manifest(
            source=source.name,
            variant=variant,
            fingerprint=fingerprint(source, variant),
            hidden=bert.hidden,
            max_tokens=len(bert.positions),
            prefixes=source.prefixes,
            tokenizer=tokenizer.name,
            files=describe(work),
        ).write(work)
        _check(bert, work, faithful)
        for path in [*work.iterdir(), work]:
            _sync(path)
        work.chmod(0o755)
        work.rename(folder)
        _sync(folder.parent)
        progress(step, total, total)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write_tokenizer(tokenizer: Vocabulary | Path, folder: Path) -> Path:
    """Write it as a SentencePiece model if that gives the same tokens, else as it came."""
    target = folder / SENTENCEPIECE
    if isinstance(tokenizer, Vocabulary):
        write_sentencepiece(tokenizer, target)
        return target
    if tokenizer.name == JSON and (vocabulary := unigram.read(tokenizer)):
        write_sentencepiece(vocabulary, target)
        limit = 512
        if open_tokenizer(target).encode(PROBES, limit) == open_tokenizer(tokenizer).encode(PROBES, limit):
            return target
        target.unlink()
    target = folder / tokenizer.name
    shutil.copyfile(tokenizer, target)
    return target


def _check(bert: Bert, folder: Path, faithful: float) -> None:
    encoder = Encoder.open(folder)
    for text, tokens, embedding in zip(PROBES, encoder.tokens(PROBES), encoder.encode(PROBES), strict=True):
        cosine = float(embedding @ reference.embed(bert, tokens))
        if not cosine >= faithful:
            raise ModelError(
                f"the converted encoder is wrong on this machine: cosine {cosine:.4f} with the exact embedding of "
                f"{text!r}, expected at least {faithful}; another variant may work"
            )


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
