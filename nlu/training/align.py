"""Aligns the built-in encoder across languages: a sentence's embedding moves to that of its English translation.

    python -m nlu.training.align DATA_FOLDER [--withhold] [--out FILE]

Makes `nlu/data/alignment.npz`, low-rank updates of the encoder's upper layers, from parallel sentences without any
label; afterwards the language means have to be made anew (`python -m nlu.training.means`). Half an hour to an hour on
two cores. With `--withhold`, six scenarios and eight locales of MASSIVE take no part, for
`benchmarks/nlu/languages.py`.

The teacher is the encoder as it was, reading English; the student reads the translation, or the English sentence
mistyped (see `nlu.training.distillation`). So what English embeddings meant stays true: retrieval and earlier
measurements hold.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bot.settings import read_settings
from nlu.tokenizer import Tokenizer, open_tokenizer
from nlu.training.deep.activations import Activations, make_activations
from nlu.training.deep.frozen import through, without_words
from nlu.training.distillation import DistillationSettings, Ints, Lessons, Targets, distil, updates_of, with_updates
from nlu.training.network import pool, to_torch
from nlu.training.parallel import (
    Pair,
    Withheld,
    draw_withheld,
    massive_pairs,
    noised_pairs,
    read_massive,
    tatoeba_pairs,
)
from nlu.weights.adaptation import Adaptation
from nlu.weights.bert import Bert
from nlu.weights.identity import BUILT_IN_PREFIXES
from nlu.weights.pinned import E5_SMALL
from nlu.weights.progress import Progress, on_stderr
from nlu.weights.sources import pretrained
from nlu.weights.store import locate, models_folder

ALIGNMENT = Path(__file__).parent.parent / "data" / "alignment.npz"

LONGEST = 48
"""Tokens of a sentence that are read; requests and single sentences are seldom longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignmentSettings(DistillationSettings):
    """How to align; the defaults are what is shipped.

    `layers` upper layers learn. `massive_each` and `tatoeba_each` say how many sentences there are of each original and
    of each language, `noised` how many of them come mistyped too.
    """

    layers: int = 3
    massive_each: int = 7
    tatoeba_each: int = 400
    noised: float = 0.25


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
        targets = Targets.of(_embedded(to_torch(upper), states, english, lengths, progress))
        lessons = Lessons(
            states=states,
            lengths=lengths,
            texts=np.array([place[pair.text] for pair in pairs]),
            targets=np.searchsorted(english, [place[pair.english] for pair in pairs]),
        )
        student = with_updates(to_torch(upper), settings.rank)
        distil(student, lessons, targets, settings, progress, "align")
    return Adaptation(E5_SMALL.sha256, tuple(range(len(bert.layers))), updates_of(student, frozen))


def _embedded(network: Any, states: Activations, texts: Ints, lengths: Ints, progress: Progress) -> Tensor:
    """Embeddings (texts, hidden) of some texts' states."""
    embeddings = torch.empty(len(texts), network.config.hidden_size)
    order = np.argsort(lengths[texts], kind="stable")
    with torch.inference_mode():
        for start in range(0, len(order), 256):
            rows = order[start : start + 256]
            x, mask = states.read(texts[rows])
            embeddings[rows] = pool(through(network, x, mask), mask, "mean")
            progress("embed the English sentences", start + len(rows), len(order))
    return embeddings


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
    pairs += noised_pairs(pairs, settings.noised, settings.seed)
    models = locate(app.data_dir)
    tokenizer = open_tokenizer(next(models.encoder.glob("tokenizer.*")))
    with tempfile.TemporaryDirectory(dir=app.data_dir) as work, on_stderr() as progress:
        bert, _ = pretrained(models_folder(app.data_dir), progress)
        align(bert, tokenizer, pairs, settings, Path(work), progress).save(arguments.out)


if __name__ == "__main__":
    main()
