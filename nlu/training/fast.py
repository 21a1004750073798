"""Makes the fast encoder: some layers of the built-in one, taught to say what all of them say.

    python -m nlu.training.fast DATA_FOLDER [--out FILE]

Makes `nlu/data/fast.npz`, low-rank updates of the layers that stay; needs the built-in encoder to be fetched.
Afterwards its language means (`python -m nlu.training.means DATA_FOLDER`) and its sentiment head (`python -m
nlu.training.sentiment`) have to be made with `BABELDESK_ENCODER_VARIANT=fast`. Half an hour to an hour on two cores.

The teacher is the built-in encoder as it is served, reading the same text (see `nlu.training.distillation`):
sentences of MASSIVE train and Tatoeba in all their languages, as they are and as people mistype them. No label is used.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from bot.settings import read_settings
from nlu.encoder import Encoder
from nlu.tokenizer import Tokenizer, open_tokenizer
from nlu.training.align import LONGEST
from nlu.training.deep.activations import make_activations
from nlu.training.deep.frozen import without_words
from nlu.training.distillation import DistillationSettings, Lessons, Targets, distil, updates_of, with_updates
from nlu.training.network import to_torch
from nlu.training.parallel import Withheld, massive_pairs, noised_pairs, tatoeba_pairs
from nlu.weights.adaptation import Adaptation
from nlu.weights.bert import Bert
from nlu.weights.identity import BUILT_IN_PREFIXES, built_in_digest
from nlu.weights.progress import Progress, on_stderr
from nlu.weights.sources import built_in
from nlu.weights.store import locate, models_folder

FAST_FILE = Path(__file__).parent.parent / "data" / "fast.npz"


@dataclass(frozen=True, slots=True, kw_only=True)
class FastSettings(DistillationSettings):
    """Which layers stay, in order, and what they learn from; the defaults are what is shipped."""

    rank: int = 48
    layers: tuple[int, ...] = (0, 2, 4, 6, 8, 11)
    massive_each: int = 3
    tatoeba_each: int = 400
    noised: float = 0.25


def shorten(
    bert: Bert,
    tokenizer: Tokenizer,
    texts: Sequence[str],
    teacher: Tensor,
    settings: FastSettings,
    work: Path,
    progress: Progress,
) -> Adaptation:
    """Train the layers that stay so that they give the teacher's embeddings (texts, hidden) of the texts.

    `work` takes ten kilobytes a text meanwhile. The result is a change of the built-in encoder, whatever `bert` is.
    """
    torch.manual_seed(settings.seed)
    kept = replace(bert, layers=tuple(bert.layers[index] for index in settings.layers))
    tokens = tokenizer.encode([BUILT_IN_PREFIXES["query"] + text for text in texts], LONGEST)
    lengths = np.array([len(row) for row in tokens])
    rows = np.arange(len(texts))
    with make_activations(replace(kept, layers=()), tokens, work, "fast", "cpu", progress) as states:
        student = with_updates(to_torch(without_words(kept)), settings.rank)
        lessons = Lessons(states=states, lengths=lengths, texts=rows, targets=rows)
        distil(student, lessons, Targets.of(teacher), settings, progress, "distil")
    return Adaptation(built_in_digest(), settings.layers, updates_of(student, 0))


def main() -> None:
    """Make the fast encoder of the built-in one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder with massive/ and tatoeba_laser/")
    parser.add_argument("--out", type=Path, default=FAST_FILE, help="the file to write")
    arguments = parser.parse_args()
    settings, app = FastSettings(), read_settings()
    pairs = [
        *massive_pairs(arguments.data, settings.massive_each, Withheld(), settings.seed),
        *tatoeba_pairs(arguments.data, settings.tatoeba_each, Withheld(), settings.seed),
    ]
    pairs += noised_pairs(pairs, settings.noised, settings.seed)
    texts = sorted({pair.text for pair in pairs})
    folder = locate(app.data_dir).encoder
    encoder = Encoder.open(folder, threads=app.threads)
    with tempfile.TemporaryDirectory(dir=app.data_dir) as work, on_stderr() as progress:
        teacher = torch.empty(len(texts), encoder.hidden)
        for start in range(0, len(texts), 1024):
            piece = texts[start : start + 1024]
            teacher[start : start + len(piece)] = torch.from_numpy(encoder.encode(piece))
            progress("embed the sentences", start + len(piece), len(texts))
        bert, _ = built_in(models_folder(app.data_dir), progress).load()
        tokenizer = open_tokenizer(next(folder.glob("tokenizer.*")))
        shorten(bert, tokenizer, texts, teacher, settings, Path(work), progress).save(arguments.out)


if __name__ == "__main__":
    main()
