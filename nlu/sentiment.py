"""How a message feels and whether it can wait: a small head over the embedding that intents are told from.

NumPy only. `python -m nlu.training.sentiment` makes the heads. Each belongs to one encoder; for another, there is no
sentiment until the command has been run for it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import regex
import structlog

from bot.errors import ModelError
from bot.understanding import Sentiment
from nlu.intents import Floats, LanguageMeans, softmax
from nlu.weights.identity import BUILT_INS, shipped_file

log = structlog.get_logger(__name__)

LABELS = ("negative", "neutral", "positive")
OUTPUTS = (*LABELS, "anger", "urgency")

REMEDY = "python -m nlu.training.sentiment"

SURFACE = ("capitals", "exclamation marks", "questions", "glad emoji", "sad emoji", "angry emoji")
"""What is seen of a text without reading it, in any language."""

SURFACE_WEIGHT = 0.3
"""Of the surface beside an embedding of length one."""

FEWEST_LETTERS = 6
"""Of a script with case; fewer, such as in "OK" or "DHL", shout nothing."""

_CAPITALS = regex.compile(r"\p{Lu}")
_CASED = regex.compile(r"[\p{Lu}\p{Ll}]")
_EXCLAMATION = regex.compile(r"[!！]")
_QUESTION = regex.compile(r"[?？؟]")
_GLAD = regex.compile("[😀-😇😉-😍😗-😚🤗🤩🥰🥳👍👏👌🙏💪🎉🎊🔥🏆❤💕-💟🌹✨⭐🌟🙂]")
_SAD = regex.compile("[😐-😒😓-😖😞😟😢😥-😭😰😱😩🙁☹🙄💔👎🤢🤮]")
_ANGRY = regex.compile("[😠-😡😤🤬👿💢🖕]")


@dataclass(frozen=True, slots=True)
class SentimentModel:
    """Kernel ridge regression on the outputs; the calibration is part of the weights.

    `anchors` (anchors, features) are sentences as `features_of` sees them, `weights` (anchors, 5) and `constants` (5,)
    what nearness to each says. The outputs are those of `OUTPUTS`: the first three are logits of one distribution, the
    last two of one chance each. `means` are subtracted from the embeddings by language. `encoder` is the fingerprint of
    the encoder that the head reads.
    """

    encoder: str
    means: LanguageMeans
    anchors: Floats
    weights: Floats
    constants: Floats

    @classmethod
    def open(cls, file: Path) -> Self:
        """Read a head from its file.

        Raises:
            ModelError: it is missing, damaged, or no such file.
        """
        try:
            with file.open("rb") as opened, np.load(opened, allow_pickle=False) as data:
                names = tuple(str(name) for name in data["outputs"])
                means = LanguageMeans(
                    tuple(str(code) for code in data["languages"]),
                    data["means"].astype(np.float32),
                    data["fallback"].astype(np.float32),
                )
                parts = (data[name].astype(np.float32) for name in ("anchors", "weights", "constants"))
                model = cls(str(data["encoder"]), means, *parts)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ModelError(f"{file}: is no sentiment model: {error}") from error
        count, features = len(model.anchors), len(model.means.fallback) + len(SURFACE)
        shapes = (model.anchors.shape, model.weights.shape, model.constants.shape)
        if names != OUTPUTS or shapes != ((count, features), (count, len(OUTPUTS)), (len(OUTPUTS),)):
            raise ModelError(f"{file}: is a sentiment model of another version; make it anew: {REMEDY}")
        return model

    def save(self, file: Path) -> None:
        """Write the head to its file, the anchors in half precision; the same bytes for the same head."""
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            file,
            encoder=np.array(self.encoder),
            outputs=np.array(OUTPUTS),
            languages=np.array(self.means.languages, dtype=np.str_),
            means=self.means.means.astype(np.float16),
            fallback=self.means.fallback.astype(np.float32),
            anchors=self.anchors.astype(np.float16),
            weights=self.weights.astype(np.float32),
            constants=self.constants.astype(np.float32),
        )

    def score(self, embeddings: Floats, languages: Sequence[str], texts: Sequence[str]) -> list[Sentiment]:
        """What some messages feel like; `embeddings` (n, hidden) are theirs, of length one, not centred."""
        if not texts:
            return []
        logits = self.logits(features_of(embeddings, languages, texts, self.means))
        shares = softmax(logits[:, : len(LABELS)])
        chances = 1 / (1 + np.exp(-logits[:, len(LABELS) :]))
        return [
            Sentiment(LABELS[int(share.argmax())], float(share[2] - share[0]), float(anger), float(urgency))
            for share, (anger, urgency) in zip(shares, chances, strict=True)
        ]

    def logits(self, features: Floats) -> Floats:
        """The calibrated logits (n, 5) of what `features_of` gives (n, hidden + 6)."""
        logits: Floats = nearness(features, self.anchors) @ self.weights + self.constants
        return logits


def features_of(embeddings: Floats, languages: Sequence[str], texts: Sequence[str], means: LanguageMeans) -> Floats:
    """Embeddings (n, hidden) centred by language, beside the weighted surface of their texts (n, hidden + 6)."""
    return np.hstack([means.centre(embeddings, languages), SURFACE_WEIGHT * surface(texts)])


def nearness(one: Floats, other: Floats) -> Floats:
    """The radial basis function exp(-|x - y|²) of each row of one with each of the other (n, m)."""
    squares = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1) - 2 * one @ other.T
    near: Floats = np.exp(-np.maximum(squares, 0))
    return near


def surface(texts: Sequence[str]) -> Floats:
    """The `SURFACE` of some texts (n, 6), each from 0 to 1."""
    rows = [_surface(text) for text in texts]
    return np.array(rows, np.float32).reshape(len(rows), len(SURFACE))


def _surface(text: str) -> list[float]:
    cased = len(_CASED.findall(text))
    capitals = len(_CAPITALS.findall(text)) / cased if cased >= FEWEST_LETTERS else 0.0
    return [
        max(0.0, capitals - 0.3) / 0.7,  # a capital here and there, or an order's number, is no shouting
        min(len(_EXCLAMATION.findall(text)), 3) / 3,
        min(len(_QUESTION.findall(text)), 2) / 2,
        float(_GLAD.search(text) is not None),
        float(_SAD.search(text) is not None),
        float(_ANGRY.search(text) is not None),
    ]


def made_for(encoder: str, data_dir: Path) -> Path:
    """Where the head for another encoder is kept; `encoder` is its fingerprint."""
    return data_dir / "sentiment" / f"{encoder[:16]}.npz"


def sentiment_for(encoder: str, data_dir: Path) -> SentimentModel | None:
    """The head for the encoder with this fingerprint; None, with a warning, if none was made for it.

    Raises:
        ModelError: its file is damaged.
    """
    shipped = (shipped_file("sentiment", source) for source in BUILT_INS)
    for file in (*shipped, made_for(encoder, data_dir)):
        if file.exists():
            model = SentimentModel.open(file)
            if model.encoder == encoder:
                return model
    log.warning("no sentiment: no head was made for this encoder", encoder=encoder[:16], remedy=REMEDY)
    return None
