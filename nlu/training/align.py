"""Aligns the built-in encoder across languages: a sentence's embedding moves to that of its English translation.

    python -m nlu.training.align DATA_FOLDER [--withhold] [--out FILE]

Makes `nlu/data/alignment.npz`, low-rank updates of the encoder's upper layers, from parallel sentences without any
label; afterwards the language means have to be made anew (`python -m nlu.training.means`). About an hour on two cores.
With `--withhold`, six scenarios and eight locales of MASSIVE take no part, for `benchmarks/nlu/languages.py`.

The teacher is the encoder as it was, reading English; the student learns which English sentences are near which, from
any language (relational distillation: the teacher's similarities to a bank of sentences, as a distribution), and where
the original lies (cosine). So what English embeddings meant stays true: retrieval and earlier measurements hold.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, inject_adapter_in_model
from torch import Tensor, nn

from bot.settings import read_settings
from nlu.tokenizer import Tokenizer, open_tokenizer
from nlu.training.deep.activations import Activations, make_activations
from nlu.training.deep.frozen import through, without_words
from nlu.training.network import pool, to_torch
from nlu.training.parallel import Pair, Withheld, draw_withheld, massive_pairs, read_massive, tatoeba_pairs
from nlu.weights.adaptation import LINEARS, Adaptation, Update
from nlu.weights.bert import Bert
from nlu.weights.identity import BUILT_IN_PREFIXES
from nlu.weights.pinned import E5_SMALL
from nlu.weights.progress import Progress, on_stderr
from nlu.weights.sources import pretrained
from nlu.weights.store import locate, models_folder

ALIGNMENT = Path(__file__).parent.parent / "data" / "alignment.npz"
Ints = NDArray[np.intp]

LONGEST = 48
"""Tokens of a sentence that are read; requests and single sentences are seldom longer."""


@dataclass(frozen=True, slots=True)
class AlignmentSettings:
    """How to align; the defaults are the one setting that was tried.

    `layers` upper layers are trained by updates of `rank`. `temperature` and `bank`, the number of further English
    sentences, make the teacher's distribution; `cosine` is the weight of the distance to the original.
    """

    layers: int = 3
    rank: int = 32
    rate: float = 1e-3
    batch: int = 256
    epochs: float = 1.5
    temperature: float = 0.07
    bank: int = 3072
    cosine: float = 2.0
    massive_each: int = 9
    tatoeba_each: int = 200
    seed: int = 0


def align(
    bert: Bert, tokenizer: Tokenizer, pairs: Sequence[Pair], settings: AlignmentSettings, work: Path, progress: Progress
) -> Adaptation:
    """Train low-rank updates of an encoder's upper layers on parallel sentences; `work` takes a gigabyte meanwhile."""
    torch.manual_seed(settings.seed)
    frozen = len(bert.layers) - settings.layers
    texts = sorted({pair.text for pair in pairs} | {pair.english for pair in pairs})
    place = {text: index for index, text in enumerate(texts)}
    tokens = tokenizer.encode([BUILT_IN_PREFIXES["query"] + text for text in texts], LONGEST)
    lower, upper = replace(bert, layers=bert.layers[:frozen]), without_words(replace(bert, layers=bert.layers[frozen:]))
    with make_activations(lower, tokens, work, "alignment", "cpu", progress) as states:
        english = np.array(sorted({place[pair.english] for pair in pairs}))
        lengths = np.array([len(row) for row in tokens])
        teacher = _Teacher(to_torch(upper), states, english, lengths, progress)
        sources = np.array([place[pair.text] for pair in pairs])
        targets = np.searchsorted(english, [place[pair.english] for pair in pairs])
        student = inject_adapter_in_model(_lora(settings.rank), to_torch(upper))
        _train(student, states, sources, targets, lengths, teacher, settings, progress)
    return _adaptation(student, frozen, len(bert.layers))


def _lora(rank: int) -> LoraConfig:
    return LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=["query", "key", "value", "dense"], lora_dropout=0.0)


class _Teacher:
    """Centred embeddings (sentences, hidden) of the English sentences by the encoder as it was, and their mean."""

    def __init__(
        self,
        network: Any,
        states: Activations,
        english: Ints,
        lengths: Ints,
        progress: Progress,
    ) -> None:
        embeddings = torch.empty(len(english), network.config.hidden_size)
        order = np.argsort(lengths[english], kind="stable")
        with torch.inference_mode():
            for start in range(0, len(order), 256):
                rows = order[start : start + 256]
                x, mask = states.read(english[rows])
                embeddings[rows] = pool(through(network, x, mask), mask, "mean")
                progress("embed the English sentences", start + len(rows), len(order))
        self.mean = embeddings.mean(0)
        self.embeddings = nn.functional.normalize(embeddings - self.mean, dim=-1)


def _train(
    student: Any,
    states: Activations,
    sources: Ints,
    targets: Ints,
    lengths: Ints,
    teacher: _Teacher,
    settings: AlignmentSettings,
    progress: Progress,
) -> None:
    random = np.random.default_rng(settings.seed)
    parameters = [parameter for parameter in student.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=settings.rate, weight_decay=0.01)
    steps = max(1, int(len(sources) * settings.epochs / settings.batch))
    warm = min(max(20, steps // 20), steps)

    def rate(step: int) -> float:
        decay = 0.5 * (1 + np.cos(np.pi * min(1, step / steps)))
        return float(min(1, (step + 1) / warm) * max(0.02, decay))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    student.train()
    batches = _batches(lengths[sources], settings.batch, random)
    for step, rows in zip(range(steps), batches, strict=False):
        x, mask = states.read(sources[rows])
        embeddings = nn.functional.normalize(pool(through(student, x, mask), mask, "mean") - teacher.mean, dim=-1)
        others = random.integers(0, len(teacher.embeddings), settings.bank)
        loss = alignment_loss(embeddings, teacher.embeddings[targets[rows]], teacher.embeddings[others], settings)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
        progress(f"align (loss {loss.item():.2f})" if step % 25 == 0 else "align", step + 1, steps)


def alignment_loss(student: Tensor, originals: Tensor, bank: Tensor, settings: AlignmentSettings) -> Tensor:
    """The distance of embeddings (n, hidden) to their originals' (n, hidden), and of what they are near in the bank.

    All have length one. The divergence is Kullback and Leibler's, of the teacher's softmax over cosines to the batch's
    originals and the bank (m, hidden).
    """
    near = torch.cat([originals, bank]).T
    wanted = torch.softmax(originals @ near / settings.temperature, dim=1)
    found = torch.log_softmax(student @ near / settings.temperature, dim=1)
    divergence = nn.functional.kl_div(found, wanted, reduction="batchmean")
    return divergence + settings.cosine * (1 - (student * originals).sum(1).mean())


def _batches(lengths: Ints, size: int, random: np.random.Generator) -> Iterator[Ints]:
    """Endless batches of sentences of like length, so that little is padded, in random order."""
    while True:
        order = random.permutation(len(lengths))
        for start in range(0, len(order), size * 32):
            chunk = order[start : start + size * 32]
            chunk = chunk[np.argsort(lengths[chunk] + random.random(len(chunk)), kind="stable")]
            batches = [chunk[at : at + size] for at in range(0, len(chunk), size)]
            for index in random.permutation(len(batches)):
                yield batches[index]


def _adaptation(student: Any, frozen: int, layers: int) -> Adaptation:
    updates: dict[tuple[int, str], Update] = {}
    for index, layer in enumerate(student.encoder.layer):
        attention = layer.attention
        modules = (
            attention.self.query,
            attention.self.key,
            attention.self.value,
            attention.output.dense,
            layer.intermediate.dense,
            layer.output.dense,
        )
        for name, module in zip(LINEARS, modules, strict=True):
            down, up = module.lora_A["default"].weight, module.lora_B["default"].weight * module.scaling["default"]
            updates[frozen + index, name] = Update(
                down.detach().numpy().astype(np.float16), up.detach().numpy().astype(np.float16)
            )
    return Adaptation(E5_SMALL.sha256, tuple(range(layers)), updates)


def main() -> None:
    """Align the built-in encoder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder with massive/ and tatoeba_laser/")
    parser.add_argument("--withhold", action="store_true", help="leave out six scenarios and eight locales")
    parser.add_argument("--out", type=Path, default=ALIGNMENT, help="the file to write")
    arguments = parser.parse_args()
    settings, app = AlignmentSettings(), read_settings()
    withheld = Withheld()
    if arguments.withhold:
        rows = read_massive(arguments.data, "train")
        withheld = draw_withheld(list(rows), sorted({row["scenario"] for row in rows["en-US"].values()}))
    pairs = [
        *massive_pairs(arguments.data, settings.massive_each, withheld, settings.seed),
        *tatoeba_pairs(arguments.data, settings.tatoeba_each, withheld, settings.seed),
    ]
    models = locate(app.data_dir)
    tokenizer = open_tokenizer(next(models.encoder.glob("tokenizer.*")))
    with tempfile.TemporaryDirectory(dir=app.data_dir) as work, on_stderr() as progress:
        bert, _ = pretrained(models_folder(app.data_dir), progress)
        align(bert, tokenizer, pairs, settings, Path(work), progress).save(arguments.out)


if __name__ == "__main__":
    main()
