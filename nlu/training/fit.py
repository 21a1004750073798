"""Trains the classifier on a dataset: embed, centre by language, fit, calibrate, tell what is in scope.

Everything is chosen from the dataset alone, by how well each example is told when it is left out, and is the same again
for the same seed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from bot.errors import ConfigurationError
from bot.model_versions import MadeBy
from bot.understanding import OUT_OF_SCOPE
from nlu.artifacts import EncoderOf, Keys, Metadata, Model
from nlu.embedding_cache import EmbeddingCache
from nlu.increment import TYPICAL_EXAMPLES, TYPICAL_LANGUAGES, TYPICAL_SCORE, keys_of
from nlu.intents import Classifier, Floats, LanguageMeans, Typical, gains, is_outside, joint, softmax
from nlu.lexicon import Lexicon, count_words, phrase_key
from nlu.means import Described, means_for
from nlu.training.augmentation.augmentation import Augmentation
from nlu.training.calibrate import calibration_error, fit_curve, fit_temperatures
from nlu.training.dataset import Dataset, Example
from nlu.training.points import WRITING, Writing
from nlu.training.provenance import code_version
from nlu.training.ridge import REGULARISATION, Ridge, fit_ridge
from nlu.training.scope import Trained, fit_scope
from nlu.training.tagging import train_tagger
from nlu.understander import Encodes
from nlu.weights.progress import Progress, silent

Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

MOST_EXACT, MOST_ANCHORS = 16_384, 12_288
"""Sentences that a model keeps all of; of more, so many are drawn, which the others are described by."""

MOST_STRANGERS = 12_288
"""Examples of languages left out as a whole, by which one temperature is fitted; of more, languages are drawn."""

OWN_MEAN_FROM = 100
"""Examples of a language from which their own mean says something; it then counts for half."""

LONGEST_PHRASE = 24
"""Characters; longer sentences fastText knows by itself."""


class Name(NamedTuple):
    """What an intent is called, in a language."""

    intent: str
    language: str
    text: str


class Encoder(Described, Encodes, Protocol):
    """What training needs of an encoder."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What a model says of examples left out: `probabilities` (n, intents + 1), and what would be right."""

    probabilities: Floats
    intent: Ints
    outside: Bools

    @property
    def confidence(self) -> Floats:
        best: Floats = self.probabilities.max(axis=1)
        return best

    @property
    def answered(self) -> Bools:
        answered: Bools = self.probabilities.argmax(axis=1) < self.probabilities.shape[1] - 1
        return answered

    @property
    def right(self) -> Bools:
        best = self.probabilities.argmax(axis=1)
        right: Bools = np.where(self.outside, ~self.answered, best == self.intent)
        return right

    def calibration_error(self) -> float:
        kept = self.answered & ~self.outside
        return calibration_error(self.confidence[kept], self.right[kept])


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a model comes from, for the record: the encoder, the pack if it is one's, the one before, who asked."""

    encoder_source: str
    pack: str | None = None
    pack_fingerprint: str | None = None
    encoder_variant: str | None = None
    parent: str | None = None
    made_by: MadeBy | None = None


def fit(
    dataset: Dataset,
    encoder: Encoder,
    origin: Origin,
    *,
    seed: int = 0,
    replies: Iterable[tuple[str, str]] = (),
    names: Iterable[Name] = (),
    cache: EmbeddingCache | None = None,
    progress: Progress = silent,
    learned: frozenset[str] = frozenset(),
    augmentation: Augmentation | None = None,
    means: LanguageMeans | None = None,
) -> Model:
    """Train a model.

    `replies` are (language, text) of what the bot says, whose words tell languages too. `names` are what intents are
    called, beside their labels: something like one more example of each, which counts where there are few.

    `learned` are texts that the encoder was fine-tuned on. It tells them apart better than anything it has not seen, so
    that temperature, scope and quality are measured on the others, if there are any. The same holds for examples of
    which an `augmentation` has copies to learn too. `means` are known language means of the encoder, where these are
    not the built-in ones.

    Raises:
        ConfigurationError: the dataset has fewer than two intents, or an intent with a single example.
    """
    examples = _checked(dataset)
    labels = dataset.intents
    outside = is_outside(labels)
    named = _names(labels, names)
    made = augmentation or Augmentation()
    entries: list[Example | Name] = [*examples, *made.copies, *named]
    languages = np.array([entry.language for entry in entries])
    targets = np.array([labels.index(entry.intent) for entry in entries])
    taught = np.arange(len(targets)) < len(examples)
    honest = _honest([entry.text for entry in entries], taught, outside[targets], learned | made.copied)
    embeddings = _embed([entry.text for entry in entries], encoder, cache, progress)
    progress("fitting", 0, 3)
    known = means_for(encoder) if means is None else means
    means = _mixed_means(known, embeddings[taught], languages[taught].tolist())
    centred = means.centre(embeddings, languages.tolist())
    chosen = _anchors(len(examples), len(made.copies), len(named), seed)
    writing = Writing.of([entry.text for entry in entries])
    ridge = fit_ridge(writing.points(centred), chosen, _wanted(targets, len(labels)))
    own = _own_scores(ridge.left_out(), targets, honest, len(labels))
    counted: Floats = np.bincount(targets[taught], minlength=len(labels)).astype(np.float32)
    spoken: Floats = np.array([len({*languages[taught & (targets == n)]}) for n in range(len(labels))], np.float32)
    typical = Typical(*(float(np.median(of[~outside])) for of in (own, counted, spoken)))
    larger: Floats = np.where(outside, np.float32(1), gains(own, counted, spoken, typical))
    ridge = ridge.scaled(larger)
    progress("fitting", 1, 3)
    left_out = ridge.left_out()[:, ~outside]
    intent = np.cumsum(~outside)[targets] - 1  # its column among the intents; meaningless for out-of-scope
    inside = honest & ~outside[targets]
    alien = _strangers(ridge, languages, inside, seed)
    strangers = None if alien is None else (alien[0][:, ~outside], intent[alien[1]])
    temperatures = fit_temperatures(left_out[inside], intent[inside], languages[inside].tolist(), strangers)
    progress("fitting", 2, 3)
    divisors = temperatures.of(languages.tolist())
    scope, chances = fit_scope(Trained(centred, targets, honest, chosen, outside), ridge, divisors)
    progress("fitting", 3, 3)
    told = _Told(joint(softmax(left_out / divisors), chances)[honest], intent[honest], outside[targets[honest]])
    classifier = Classifier(
        labels=labels,
        # Half precision changes no decision and halves the file; what is saved is what was made.
        anchors=centred[chosen].astype(np.float16).astype(np.float32),
        weights=ridge.weights,
        gains=larger,
        ngrams=writing.scores(chosen, ridge.weights),
        anchors_in_scope=~outside[targets[chosen]],
        temperatures=temperatures,
        scope=scope,
        curve=fit_curve(told.confidence, told.right, told.answered),
    )
    tagged = train_tagger(dataset, encoder, seed=seed, progress=progress)
    tagger, slot_f1 = tagged or (None, None)
    metadata = Metadata(
        created_at=datetime.now(UTC),
        code=code_version(),
        seed=seed,
        settings={
            "regularisation": REGULARISATION,
            "writing": WRITING,
            "anchors": len(chosen),
            "own_mean_from": OWN_MEAN_FROM,
        },
        encoder=EncoderOf(
            source=origin.encoder_source,
            variant=origin.encoder_variant,
            fingerprint=encoder.fingerprint,
            hidden=encoder.hidden,
        ),
        labels=labels,
        languages=dict(sorted(Counter(example.language for example in examples).items())),
        entities=dataset.entities,
        tagged=tagger.entities if tagger is not None else (),
        data_fingerprint=dataset.fingerprint,
        pack=origin.pack,
        pack_fingerprint=origin.pack_fingerprint,
        quality={
            "left_out_accuracy": round(float(told.right.mean()), 4),
            "left_out_calibration_error": round(told.calibration_error(), 4),
            "temperature": round(temperatures.fallback, 4),
            TYPICAL_SCORE: round(typical.score, 4),
            TYPICAL_EXAMPLES: typical.examples,
            TYPICAL_LANGUAGES: typical.languages,
            **({} if slot_f1 is None else {"left_out_slot_f1": round(slot_f1, 4)}),
        },
        parent=origin.parent,
        made_by=origin.made_by,
        augmentation=tuple(trial.to_json() for trial in made.trials),
    )
    lexicon = lexicon_of(examples, replies)
    return Model(metadata, classifier, means, lexicon, tagger=tagger, examples=_keys(examples, chosen))


def _keys(examples: Sequence[Example], chosen: Ints) -> Keys:
    """Of what was taught, the anchors first. See `Model.examples`."""
    keys = keys_of(examples)
    anchors = np.zeros(len(chosen), np.uint64)
    anchors[chosen < len(keys)] = keys[chosen[chosen < len(keys)]]
    return np.concatenate([anchors, np.delete(keys, chosen[chosen < len(keys)])])


def _own_scores(left_out: Floats, targets: Ints, honest: Bools, labels: int) -> Floats:
    """What each label scores (labels,) for its own examples on average when they are left out."""
    counted = np.bincount(targets[honest], minlength=labels)
    summed = np.bincount(targets[honest], left_out[honest, targets[honest]], minlength=labels)
    own: Floats = (summed / np.maximum(counted, 1)).astype(np.float32)
    return own


def _honest(texts: Sequence[str], taught: Bools, outside: Bools, learned: frozenset[str]) -> Bools:
    """Which entries say how well the model does: customers' sentences that the encoder was not tuned on, if any are."""
    honest: Bools = taught & np.array([text not in learned for text in texts])
    return honest if (honest & ~outside).any() else taught


def lexicon_of(examples: Sequence[Example], replies: Iterable[tuple[str, str]] = ()) -> Lexicon:
    """The words of the examples and of what the bot says itself, and short sentences that only one language has."""
    # Out-of-scope texts are in any language, and requests for a language are often in that one.
    telling = [e for e in examples if e.intent not in {OUT_OF_SCOPE, "change_language"}]
    seen: dict[str, set[str]] = {}
    for example in telling:
        key = phrase_key(example.text)
        if key and len(key) <= LONGEST_PHRASE:
            seen.setdefault(key, set()).add(example.language)
    phrases = {key: next(iter(found)) for key, found in sorted(seen.items()) if len(found) == 1}
    return Lexicon(count_words([*((e.language, e.text) for e in telling), *replies]), phrases)


def _checked(dataset: Dataset) -> Sequence[Example]:
    counts = Counter(example.intent for example in dataset.examples)
    if len(set(counts) - {OUT_OF_SCOPE}) < 2:  # noqa: PLR2004 - one intent leaves nothing to tell apart
        raise ConfigurationError(f"training needs at least two intents; there is {', '.join(counts)}")
    single = [intent for intent, count in counts.items() if count < 2]  # noqa: PLR2004 - one to learn, one to test
    if single:
        raise ConfigurationError(f"training needs two examples of each intent; there is one of {', '.join(single)}")
    return dataset.examples


def _embed(texts: Sequence[str], encoder: Encoder, cache: EmbeddingCache | None, progress: Progress) -> Floats:
    known = cache.read() if cache is not None else {}
    missing = sorted({text for text in texts if text not in known}, key=len)
    # In pieces, so that progress can be shown.
    for start in range(0, len(missing), 256):
        piece = missing[start : start + 256]
        known.update(zip(piece, encoder.encode(piece), strict=True))
        progress("reading the examples", start + len(piece), len(missing))
    if cache is not None and missing:
        cache.write({text: known[text] for text in texts})
    return np.stack([known[text] for text in texts])


def _mixed_means(known: LanguageMeans, embeddings: Floats, languages: Sequence[str]) -> LanguageMeans:
    """The known means, half-way to the dataset's own where it has enough examples of a language."""
    means = dict(zip(known.languages, known.means, strict=True))
    rows = np.array(languages)
    for code in sorted(set(languages)):
        mine = embeddings[rows == code]
        if len(mine) >= OWN_MEAN_FROM or not known.languages:
            own = mine.mean(axis=0)
            means[code] = (own + means[code]) / 2 if code in means else own
    codes = tuple(means)
    stacked: Floats = np.stack([means[code] for code in codes]).astype(np.float32)
    fallback = known.fallback if known.languages else stacked.mean(axis=0)
    return LanguageMeans(codes, stacked, fallback)


def _names(labels: Sequence[str], names: Iterable[Name]) -> list[Name]:
    """What the intents are called: their labels read as words, and what was given for them."""
    spelt = [Name(label, "en", words) for label in labels if (words := label.replace("_", " ").strip())]
    given = {name for name in names if name.intent in labels and name.text.strip()}
    return [name for name in (*spelt, *sorted(given)) if name.intent != OUT_OF_SCOPE]


def _anchors(examples: int, copies: int, names: int, seed: int) -> Ints:
    """The positions of the sentences that the model keeps, in order: all names, and as many examples as it may.

    Copies come in where there is room left.
    """
    most = examples + copies if examples + copies <= MOST_EXACT else MOST_ANCHORS
    random = np.random.default_rng(seed)
    drawn = np.arange(examples)
    if examples > most:
        drawn = np.sort(random.permutation(examples)[:most])
    more = np.sort(random.permutation(copies)[: most - len(drawn)]) + examples
    return np.concatenate([drawn, more, np.arange(examples + copies, examples + copies + names)])


def _strangers(ridge: Ridge, languages: NDArray[np.str_], kept: Bools, seed: int) -> tuple[Floats, Ints] | None:
    """Scores of the kept examples as of a language never seen, and which they are; None for a single language.

    A language with most of the examples is passed over: without it, little would be left to learn from.
    """
    groups = [np.flatnonzero(languages == code) for code in np.unique(languages)]
    groups = [group for group in groups if 2 * len(group) <= len(languages) and kept[group].any()]
    if sum(map(len, groups)) > MOST_STRANGERS:
        drawn = [groups[place] for place in np.random.default_rng([seed, 2]).permutation(len(groups))]
        before = np.cumsum([0, *map(len, drawn)])[:-1]
        groups = [group for group, seen in zip(drawn, before, strict=True) if seen < MOST_STRANGERS]
    scores = [ridge.left_out_together(group)[kept[group]] for group in groups]
    return (np.concatenate(scores), np.concatenate([group[kept[group]] for group in groups])) if groups else None


def _wanted(targets: Ints, labels: int) -> Floats:
    wanted: Floats = np.eye(labels, dtype=np.float32)[targets]
    return wanted
