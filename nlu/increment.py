"""What was taught since a model was trained, added to it at once; the next training puts it in for good.

New sentences join the regression, and those next to them are weighed anew: one step of block coordinate descent from
the model as it stands. Their weights make up for what the model misses at the new ones and would spoil at the others,
solved among these alone. So a few sentences take a tenth of a second; what they say to sentences far off, to
temperatures and to the scope is for the training.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from bot.pack_examples import FEWEST, comparable
from bot.understanding import OUT_OF_SCOPE
from nlu.artifacts import Keys, Model
from nlu.intents import Classifier, Floats, Typical, gains, kernel
from nlu.ngrams import NgramScores, Vocabulary, count_ngrams

Ints = NDArray[np.intp]

MOST = 200
"""Sentences that are added or taken away at once, a second or two of reading; more wait for the training."""


NEIGHBOURS = 1000
"""Sentences of before that are weighed anew: those nearest to any of the new ones."""


TYPICAL_SCORE, TYPICAL_EXAMPLES, TYPICAL_LANGUAGES = "typical_score", "typical_examples", "typical_languages"
"""The names, among a model's figures, of what is `Typical` of its labels."""


class Lesson(Protocol):
    """An example."""

    @property
    def text(self) -> str:
        """The sentence."""
        ...

    @property
    def intent(self) -> str:
        """What it asks for."""
        ...

    @property
    def language(self) -> str:
        """Its language."""
        ...


def keys_of(examples: Iterable[Lesson]) -> Keys:
    """A number for each example, (examples,), by which a model knows what it was taught; 0 is none's."""
    return np.array([_key(example) for example in examples], np.uint64)


def _key(example: Lesson) -> int:
    said = f"{example.language}\0{example.intent}\0{comparable(example.text)}"
    return int.from_bytes(hashlib.sha256(said.encode("utf-8", "surrogatepass")).digest()[:8], "little")


@dataclass(frozen=True, slots=True)
class News:
    """What a pack teaches otherwise than a model has learned: examples that are new, and anchors (rows) of old ones.

    `texts` are those of the other anchors by row, as far as they are known; `labels` all intents that have examples.
    """

    added: Sequence[Lesson] = ()
    gone: Sequence[int] = ()
    texts: Mapping[int, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.added) + len(self.gone)


def news(model: Model, taught: Sequence[Lesson]) -> News:
    """What `taught`, all examples there are, has otherwise than a model has learned.

    Nothing if that is more than `MOST`, if the model does not say what it has learned, or if nothing is left to tell
    apart.
    """
    if not len(model.examples):
        return News()
    counted = Counter(example.intent for example in taught)
    present = {_key(example): example for example in taught if counted[example.intent] >= FEWEST}
    labels = tuple(sorted({example.intent for example in present.values()}))
    if len({*labels} - {OUT_OF_SCOPE}) < 2:  # noqa: PLR2004 - one intent leaves nothing to tell apart
        return News()
    known = set(model.examples.tolist())
    added = [example for key, example in present.items() if key not in known]
    anchors = model.examples[: len(model.classifier.anchors)].tolist()
    gone = [row for row, key in enumerate(anchors) if key and key not in present]
    if len(added) + len(gone) > MOST:
        return News()
    texts = {row: present[key].text for row, key in enumerate(anchors) if key in present}
    return News(added, gone, texts, labels)


def with_news(model: Model, new: News, encode: Callable[[Sequence[str]], Floats]) -> Model:
    """A model that has learned what is new; `encode` gives the embeddings (texts, hidden) of its encoder.

    What a sentence that is gone has said by its n-grams stays: its text is not known any more.
    """
    if not len(new):
        return model
    classifier = _relabelled(model.classifier, new.labels)
    texts = [example.text for example in new.added]
    meaning = np.empty((0, classifier.anchors.shape[1]), np.float32)
    if texts:
        centred = model.means.centre(encode(texts), [example.language for example in new.added])
        meaning = centred.astype(np.float16).astype(np.float32)  # as anchors are stored
    metadata = model.metadata
    settings = _Settings(
        float(metadata.settings["regularisation"] or 0),
        float(metadata.settings["writing"] or 0),
        Typical(*(metadata.quality[name] for name in (TYPICAL_SCORE, TYPICAL_EXAMPLES, TYPICAL_LANGUAGES))),
    )
    intents, languages = [e.intent for e in new.added], [e.language for e in new.added]
    lessons = _Added(texts, meaning, intents, languages)
    extended = _extended(classifier, lessons, np.array(new.gone, np.intp), new.texts, settings)
    return replace(model, classifier=extended)


class _Settings(NamedTuple):
    """How the model was trained."""

    regularisation: float
    writing: float
    typical: Typical


class _Added(NamedTuple):
    """New sentences: their texts, what they mean (n, hidden), and what for."""

    texts: Sequence[str]
    meaning: Floats
    intents: Sequence[str]
    languages: Sequence[str]


def _relabelled(classifier: Classifier, labels: tuple[str, ...]) -> Classifier:
    """The same with these labels: of those that it did not know it says nothing yet."""
    if labels == classifier.labels:
        return classifier
    places = {label: place for place, label in enumerate(classifier.labels)}
    kept = [row for row, label in enumerate(labels) if label in places]
    old = [places[labels[row]] for row in kept]

    def columns(weights: NDArray[Any]) -> NDArray[Any]:
        made = np.zeros((len(weights), len(labels)), weights.dtype)
        made[:, kept] = weights[:, old]
        return made

    known = np.ones(len(labels), np.float32)
    known[kept] = classifier.gains[old]
    ngrams = replace(classifier.ngrams, weights=columns(classifier.ngrams.weights))
    return replace(classifier, labels=labels, weights=columns(classifier.weights), gains=known, ngrams=ngrams)


def _extended(
    classifier: Classifier, added: _Added, gone: Ints, texts: Mapping[int, str], settings: _Settings
) -> Classifier:
    """With new anchors and without those that are `gone`; those next to them are weighed anew."""
    changed: Floats = np.concatenate([classifier.anchors[gone], added.meaning])
    near = _nearest(classifier.anchors, changed, gone)
    # What those beside have said so far they go on to say, also without what is gone.
    missing: Floats = kernel(classifier.anchors[near] @ classifier.anchors[gone].T) @ classifier.weights[gone]
    weights = classifier.weights.copy()
    weights[gone] = 0
    classifier = replace(classifier, weights=weights)
    targets = np.array([classifier.labels.index(intent) for intent in added.intents], np.intp)
    if added.texts:
        _, scores = classifier.scores(added.texts, added.meaning)
        wanted: Floats = np.eye(len(classifier.labels), dtype=np.float32)[targets] * classifier.gains
        missing = np.concatenate([missing, wanted - scores])
    meaning: Floats = np.concatenate([classifier.anchors[near], added.meaning])
    spelt = _spelt(classifier.ngrams.vocabulary, [*(texts.get(row, "") for row in near.tolist()), *added.texts])
    gram = kernel(meaning @ meaning.T)
    gram += settings.writing * (spelt @ spelt.T).toarray()
    gram[np.diag_indices(len(gram))] += settings.regularisation
    inverse = np.linalg.inv(gram)
    change: Floats = (inverse @ missing).astype(np.float32)
    # What the new ones would score if left out, as `nlu.training.ridge` has it.
    own = 1 - change[len(near) :][np.arange(len(targets)), targets] / np.diag(inverse)[len(near) :]
    larger = _gains_of_new(classifier, added, own.astype(np.float32), settings.typical)
    weights[near] += change[: len(near)]
    spoken = classifier.ngrams.weights + settings.writing * (spelt.T @ change)
    kept = np.delete(np.arange(len(weights)), gone)
    outside = np.array([intent == OUT_OF_SCOPE for intent in added.intents], np.bool_)
    return replace(
        classifier,
        anchors=np.concatenate([classifier.anchors[kept], added.meaning]),
        weights=np.concatenate([weights[kept], change[len(near) :]]) * larger,
        gains=classifier.gains * larger,
        ngrams=NgramScores(classifier.ngrams.vocabulary, (spoken * larger).astype(np.float16)),
        anchors_in_scope=np.concatenate([classifier.anchors_in_scope[kept], ~outside]),
    )


def _gains_of_new(classifier: Classifier, added: _Added, own: Floats, typical: Typical) -> Floats:
    """By how much the scores of labels are to be larger that the classifier knew nothing of, (labels,)."""
    larger = np.ones(len(classifier.labels), np.float32)
    for label, known in enumerate(np.any(classifier.weights, axis=0)):
        rows = [row for row, intent in enumerate(added.intents) if intent == classifier.labels[label]]
        if rows and not known and classifier.labels[label] != OUT_OF_SCOPE:
            own_score, count, languages = (
                np.array([told], np.float32)
                for told in (own[rows].mean(), len(rows), len({added.languages[row] for row in rows}))
            )
            (larger[label],) = gains(own_score, count, languages, typical)
    return larger


def _nearest(anchors: Floats, changed: Floats, gone: Ints) -> Ints:
    """The anchors (up to `NEIGHBOURS`,) that are nearest to any of the changed sentences, ascending; none is gone."""
    nearness = (anchors @ changed.T).max(axis=1)
    nearness[gone] = -np.inf
    count = min(NEIGHBOURS, len(nearness) - len(gone))
    return np.sort(np.argpartition(nearness, len(nearness) - count)[len(nearness) - count :])


def _spelt(vocabulary: Vocabulary, texts: Sequence[str]) -> csr_array:
    """The n-gram vectors of texts, sparse (texts, buckets); that of "" is zero."""
    found = [vocabulary.vector(count_ngrams(text)) for text in texts]
    ends = np.cumsum([0, *(len(places) for places, _ in found)])
    places = np.concatenate([places for places, _ in found])
    values = np.concatenate([values for _, values in found])
    return csr_array((values, places, ends), shape=(len(texts), len(vocabulary.buckets)))
